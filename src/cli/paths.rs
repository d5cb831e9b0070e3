//! Places of an environment as one types them: a path, or a pattern with `*` for any key or item and `**` for any number.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ask::Asked;
use super::exit::Failure;
use super::glob::Globs;
use crate::environment::{Content, Tree};
use crate::finding::suggest::did_you_mean;
use crate::schema::{ListMerge, Shape};
use crate::yaml::path::{Path, Step};

/// A place that is there. Items are named by their keys, where the schema gives them some.
#[derive(Clone)]
pub(super) struct Found<'a> {
    pub(super) path: Path,
    pub(super) tree: Arc<Tree>,
    pub(super) shape: Shape<'a>,
}

/// A place that is not there: the path, and the nearest that is.
pub(super) struct Unset<'a> {
    pub(super) path: Path,
    pub(super) parent: Found<'a>,
}

pub(super) enum Meant<'a> {
    There(Vec<Found<'a>>),
    /// The schema knows it, and no layer sets it.
    Unset(Unset<'a>),
}

pub(super) fn root<'a>(asked: &Asked<'a>) -> Found<'a> {
    Found { path: Path::root(), tree: Arc::clone(&asked.environment.root), shape: asked.schema.shape() }
}

/// The one place that a path leads to.
pub(super) fn find_one<'a>(asked: &Asked<'a>, typed: &str) -> Result<Found<'a>, Failure> {
    match find(asked, typed)? {
        Meant::There(mut found) if found.len() == 1 => Ok(found.remove(0)),
        Meant::There(found) => {
            let help = "`platc explain` takes patterns; here one part is shown";
            Err(Failure::new(format!("`{typed}` leads to {} places", found.len())).help(help))
        }
        Meant::Unset(Unset { path, .. }) => {
            Err(Failure::new(format!("`{}` does not set `{path}`", asked.environment.name))
                .help("`platc explain` tells what the schema says of it"))
        }
    }
}

/// The places that a path or a pattern leads to.
pub(super) fn find<'a>(asked: &Asked<'a>, typed: &str) -> Result<Meant<'a>, Failure> {
    // `[*]` is any item.
    let dotted = typed.replace("[*]", ".*");
    let path: Path = dotted.parse().map_err(|error| {
        let help = "write keys with points between them, and an item by its keys: `pools[name=general].size`";
        Failure::new(format!("`{typed}` is no path: {error}")).help(help)
    })?;
    let is_pattern = path.steps().iter().any(|step| matches!(step, Step::Key(key) if key.contains('*')));
    if is_pattern {
        let mut found = Matches::default();
        matching(&root(asked), path.steps(), &mut found)?;
        let found = found.all;
        if found.is_empty() {
            return Err(Failure::new(format!("no value of `{}` matches `{typed}`", asked.environment.name))
                .help("`*` is one key or item, `**` any number of them"));
        }
        return Ok(Meant::There(found));
    }
    let mut at = root(asked);
    for (depth, step) in path.steps().iter().enumerate() {
        match below(&at).into_iter().find(|below| leads(&at, below, step)) {
            Some(next) => at = next,
            None => return missing(asked, at, step, &path, depth),
        }
    }
    Ok(Meant::There(vec![at]))
}

fn missing<'a>(asked: &Asked<'a>, at: Found<'a>, step: &Step, path: &Path, depth: usize) -> Result<Meant<'a>, Failure> {
    let is_map = !matches!(at.tree.content, Content::List(_));
    if let Step::Key(key) = step
        && is_map
        && (at.shape.known_keys().any(|known| known == key))
    {
        let steps = at.path.steps().iter().chain(&path.steps()[depth..]).cloned();
        return Ok(Meant::Unset(Unset { path: steps.collect(), parent: at }));
    }
    let names: Vec<String> =
        below(&at).iter().filter_map(|below| Some(below.path.steps().last()?.to_string())).collect();
    let word = step.to_string();
    let known = at.shape.known_keys().map(|key| Step::Key(Arc::clone(key)).to_string());
    let names: Vec<String> = names.into_iter().chain(known).collect();
    let whole = |name: &str| {
        let point = if name.starts_with('[') || at.path.is_root() { "" } else { "." };
        format!("{}{point}{name}", at.path)
    };
    let nearest = did_you_mean(&word, names.iter().map(String::as_str))
        .or_else(|| elsewhere(asked, step).map(|path| format!("did you mean `{path}`?")));
    let help = nearest.unwrap_or_else(|| match names.first() {
        Some(first) => format!("what is there begins with `{}`; `platc show` has all", whole(first)),
        None => "there is nothing below it".to_owned(),
    });
    Err(Failure::new(format!("`{}` has no `{path}`", asked.environment.name)).help(help))
}

/// A place elsewhere whose last key is this one, if there is only one.
fn elsewhere(asked: &Asked<'_>, step: &Step) -> Option<Path> {
    let pattern = [Step::Key("**".into()), step.clone()];
    let mut found = Matches::default();
    matching(&root(asked), &pattern, &mut found).ok()?;
    if let [only] = &found.all[..] { Some(only.path.clone()) } else { None }
}

/// All places right below one.
pub(super) fn below<'a>(at: &Found<'a>) -> Vec<Found<'a>> {
    match &at.tree.content {
        Content::Map(entries) => {
            let below = |(key, tree): (&Arc<str>, &Arc<Tree>)| Found {
                path: at.path.key(key),
                tree: Arc::clone(tree),
                shape: at.shape.property(key),
            };
            entries.iter().map(below).collect()
        }
        Content::List(items) => {
            let shape = at.shape.item();
            let name = |index: usize, item: &Arc<Tree>| match at.shape.list_merge() {
                ListMerge::ByKeys(keys) => {
                    let named = keys.iter().filter_map(|key| Some((Arc::clone(key), item.get(key)?.to_word())));
                    let named: Vec<_> = named.collect();
                    if named.is_empty() { Step::Index(index) } else { Step::Item(named) }
                }
                ListMerge::Replace | ListMerge::Set => Step::Index(index),
            };
            let below = |(index, item): (usize, &Arc<Tree>)| Found {
                path: at.path.join(name(index, item)),
                tree: Arc::clone(item),
                shape,
            };
            items.iter().enumerate().map(below).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a step leads to this place below.
fn leads(at: &Found<'_>, below: &Found<'_>, step: &Step) -> bool {
    match step {
        Step::Index(index) => {
            at.tree.as_list().and_then(|items| items.get(*index)).is_some_and(|it| Arc::ptr_eq(it, &below.tree))
        }
        Step::Item(named) => {
            named.iter().all(|(key, word)| below.tree.get(key).is_some_and(|it| it.to_word() == *word))
        }
        Step::Key(_) => below.path.steps().last() == Some(step),
    }
}

/// Places that a pattern leads to, each once, in the order in which they were found.
#[derive(Default)]
struct Matches<'a> {
    all: Vec<Found<'a>>,
    known: BTreeSet<Path>,
}

fn matching<'a>(at: &Found<'a>, pattern: &[Step], found: &mut Matches<'a>) -> Result<(), Failure> {
    let Some((step, rest)) = pattern.split_first() else {
        if found.known.insert(at.path.clone()) {
            found.all.push(at.clone());
        }
        return Ok(());
    };
    match step {
        Step::Key(key) if &**key == "**" => {
            matching(at, rest, found)?;
            for below in below(at) {
                matching(&below, pattern, found)?;
            }
        }
        Step::Key(key) if key.contains('*') => {
            let globs = Globs::parse(&[key.to_string()])?;
            let is_item = |below: &Found<'_>| !matches!(below.path.steps().last(), Some(Step::Key(_)));
            for below in below(at) {
                let name = below.path.steps().last().map(ToString::to_string).unwrap_or_default();
                if (&**key == "*" && is_item(&below)) || globs.matches(camino::Utf8Path::new(&name)) {
                    matching(&below, rest, found)?;
                }
            }
        }
        step => {
            if let Some(below) = below(at).into_iter().find(|below| leads(at, below, step)) {
                matching(&below, rest, found)?;
            }
        }
    }
    Ok(())
}

/// Visits all leaves of a place, in order.
pub(super) fn leaves(at: &Found<'_>, visit: &mut impl FnMut(&Path, &Arc<Tree>)) {
    let all = below(at);
    if all.is_empty() {
        return visit(&at.path, &at.tree);
    }
    for below in &all {
        leaves(below, visit);
    }
}
