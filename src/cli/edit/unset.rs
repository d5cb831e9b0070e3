//! `platc unset ENV PATH`.

use std::sync::Arc;

use serde_json::Value as Json;

use super::judge::Typed;
use super::shown::{self, Drawing};
use super::{Desk, Early, Opened, refused};
use crate::cli::args::{Global, Unset};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::environment::edit::Edited;
use crate::environment::shape::Shape as _;
use crate::environment::{Content, Tree};
use crate::finding::Findings;
use crate::schema::{Instance, ListMerge, Shape};
use crate::source::Span;
use crate::yaml::path::{Path, Step};

const SOURCE: &str = "unset";

pub(in crate::cli) fn run(args: &Unset, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, false)?;
    super::ended(unset(args, &session, printer))
}

fn unset(args: &Unset, session: &Session, printer: &mut Printer) -> Result<Exit, Early> {
    let desk = Desk::open(session, printer)?;
    let Opened { entry, environment, place, mut edited } =
        desk.open_layer(&args.environment, args.layer.as_deref(), printer)?;
    let file = session.sources.add(SOURCE, args.path.as_str());
    let span = Span::new(file, 0, args.path.len());
    let path = desk.path(&args.path, SOURCE);
    // A key that the schema does not know can still be taken out.
    let is_there = |path: &Path| edited.sets(path);
    let path =
        match path.and_then(|path| if is_there(&path) { Ok(path) } else { desk.known(&path, span).map(|()| path) }) {
            Ok(path) => path,
            Err(finding) => {
                let mut findings = Findings::default();
                findings.push(*finding);
                return Err(refused(findings, session, printer));
            }
        };
    let secret = desk.holds_secret(&path);
    if !edited.sets(&path) {
        let said = match environment.root.at_in(&path, desk.shape()) {
            Some(tree) => {
                let word = shown::word(&environment.root, &path, desk.shape(), secret);
                format!("it is {word}, from {}", shown::origin(tree, &session.sources))
            }
            None => "no layer sets it".to_owned(),
        };
        printer.status(&format!("`{path}` is not set in `{}`: {said}", place.files));
        return Ok(desk.nothing(session, printer)?);
    }
    let (Some(before), _) = desk.through(&place.layer, session.disk.as_ref(), None) else {
        return Ok(Exit::Findings);
    };
    edited.unset(&path).map_err(|stopped| desk.stopped(&stopped, &place))?;
    drop_bare_items(&desk, &place, &mut edited, &path)?;
    let files: Vec<_> = edited.changed().collect();
    let (after, _) = desk.through(&place.layer, &desk.patched(&files), None);
    if !after.is_some_and(|after| is_same_but(&before, &after, std::slice::from_ref(&path), desk.shape())) {
        return Err(Failure::new(format!(
            "`{path}` cannot be taken out of `{}` without changing more than it",
            place.files
        ))
        .help("edit the file by hand")
        .into());
    }
    let judged = desk.judge(&files, &[Typed { path: span, value: span, secret }]);
    if judged.news.has_errors() {
        return Err(refused(judged.news, session, printer));
    }
    let report = Report::new(judged.news, &session.sources);
    report.say(printer);
    let drawing = Drawing { session, shape: desk.shape() };
    desk.deliver(&files, &drawing, &report, args.dry_run, printer)?;
    if let Some(root) = judged.roots.get(&entry.name) {
        let said = match root.at_in(&path, desk.shape()) {
            Some(tree) => {
                let from = shown::origin(tree, &session.sources);
                format!("`{path}` is {} then, from {from}", shown::word(root, &path, desk.shape(), secret))
            }
            None => format!("`{path}` is set nowhere then"),
        };
        printer.status(&said);
    }
    super::say_others(&judged.changed, &entry, printer);
    Ok(report.exit())
}

/// An item of which only its keys are left says nothing where a layer below has it.
pub(super) fn drop_bare_items(
    desk: &Desk<'_>,
    place: &super::Place,
    edited: &mut Edited<'_, Shape<'_>>,
    path: &Path,
) -> Result<(), Failure> {
    for (at, step) in path.steps().iter().enumerate().rev() {
        let Step::Item(_) = step else { continue };
        let item: Path = path.steps()[..=at].iter().cloned().collect();
        if at + 1 == path.steps().len() || !edited.sets(&item) || !edited.is_bare(&item) {
            continue;
        }
        let mut without = edited.clone();
        without.unset(&item).map_err(|stopped| desk.stopped(&stopped, place))?;
        let files: Vec<_> = without.changed().collect();
        let (below, _) = desk.through(&place.layer, &desk.patched(&files), None);
        if below.is_some_and(|below| below.at_in(&item, desk.shape()).is_some()) {
            *edited = without;
        }
    }
    Ok(())
}

/// Whether two environments are the same but for some values; maps and lists that these leave empty count as nothing.
pub(super) fn is_same_but(a: &Tree, b: &Tree, paths: &[Path], shape: Shape<'_>) -> bool {
    let (mut a, mut b) = (a.to_json(), b.to_json());
    for path in paths {
        take(&mut a, path.steps(), shape);
        take(&mut b, path.steps(), shape);
    }
    a == b
}

/// Takes a value out, and what held nothing but it and the keys of its item.
fn take(json: &mut Json, path: &[Step], shape: Shape<'_>) {
    let Some((step, rest)) = path.split_first() else { return };
    match (json, step) {
        (Json::Object(entries), Step::Key(key)) => {
            let Some(below) = entries.get_mut(&**key) else { return };
            take(below, rest, shape.property(key));
            let is_empty = match &*below {
                Json::Object(entries) => entries.is_empty(),
                Json::Array(items) => items.is_empty(),
                _ => false,
            };
            if rest.is_empty() || is_empty {
                entries.remove(&**key);
            }
        }
        (Json::Array(items), Step::Item(named)) => {
            let is_meant = |item: &Json| {
                named.iter().all(|(key, word)| match item.get(&**key) {
                    Some(Json::String(text)) => **text == **word,
                    Some(value) => value.to_string().as_str() == &**word,
                    None => shape.item().property(key).default_word().as_ref() == Some(word),
                })
            };
            let Some(at) = items.iter().position(is_meant) else { return };
            take(&mut items[at], rest, shape.item());
            let is_bare = items[at].as_object().is_some_and(|entries| entries.len() <= named.len());
            if rest.is_empty() || is_bare {
                items.remove(at);
            }
        }
        _ => {}
    }
}

/// All single values of an environment, and lists that are taken as a whole, with their paths.
pub(super) fn leaves(tree: &Tree, shape: Shape<'_>, path: &Path, found: &mut Vec<Path>) {
    match (&tree.content, shape.list_merge()) {
        (Content::Map(entries), _) if !entries.is_empty() => {
            for (key, value) in entries {
                leaves(value, shape.property(key), &path.key(key), found);
            }
        }
        (Content::List(items), ListMerge::ByKeys(keys)) if !items.is_empty() => {
            for item in items {
                let word = |key: &Arc<str>| {
                    let own = item.get(key).map(|value| word_of(value));
                    own.or_else(|| shape.item().property(key).default_word()).map(|word| (key.clone(), word))
                };
                let named: Option<Vec<_>> = keys.iter().map(word).collect();
                let Some(named) = named else { continue };
                leaves(item, shape.item(), &path.join(Step::Item(named)), found);
            }
        }
        _ => found.push(path.clone()),
    }
}

fn word_of(tree: &Tree) -> Arc<str> {
    match tree.to_json() {
        Json::String(text) => text.into(),
        other => other.to_string().into(),
    }
}
