//! Which lines took away what stood in the tree before. The revision that the tree was made of knows of which values each place
//! was made, and by which decisions it stood there. Those that are others now are tried: the revision is rendered once more with
//! one of them as it is now, and what makes the place go is a cause. Where none does, the template that said it was edited.

mod place;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::Old;
use super::baseline::{Baseline, Revision};
use super::edited;
use crate::artifact::Artifact;
use crate::check::{Standing, Stood, Then};
use crate::disk::{Budget, Disk as _};
use crate::environment::load::Environment;
use crate::finding::Findings;
use crate::pipeline::{Compiler, Inputs, Options, Unjudged};
use crate::source::{FileId, Span};
use crate::template::{ArtifactMap, Reason, Source};
use crate::value::Value;
use crate::yaml::path::Step;
use place::{Change, Places};

/// Lines that are named for one place.
const SHOWN: usize = 3;

/// Places below one that are asked what they were made of.
const WITHIN: usize = 32;

/// Values that are tried for one place.
const TRIED: usize = 8;

/// Renders after which no more values are tried than those that went to a place.
const RENDERED: usize = 64;

/// The last commit, of which a golden tree may have been made.
const HEAD: &str = "HEAD";

/// A revision, rendered with some values as they are now.
struct Trial<'c, 'a> {
    compiler: &'c Compiler<'a>,
    made: &'c Unjudged,
    places: Places<'c>,
    /// What was tried already, by the changes.
    known: BTreeMap<Vec<Change>, Option<Vec<Artifact>>>,
}

impl Baseline<'_> {
    /// Shows the revision that a tree was made of, beside what the environment is now.
    pub(super) fn look_at(&self, now: &Environment, standing: &Standing, look: &mut dyn FnMut(Option<&dyn Then>)) {
        let shown = self.made_before(now, |past, _, made, _| {
            let places = Places::of(&now.root, &made.environment.root);
            look(Some(&Earlier {
                baseline: self,
                past,
                made,
                places,
                standing,
                edited: RefCell::default(),
                texts: RefCell::default(),
            }));
        });
        if shown.is_none() {
            look(None);
        }
    }

    /// An environment as the revision makes it that the tree was made of. `None` where nothing tells which that is.
    fn made_before<T>(
        &self,
        now: &Environment,
        look: impl FnOnce(&Revision, &Compiler<'_>, &Unjudged, &str) -> T,
    ) -> Option<T> {
        let revision = match self.known.get()? {
            (_, Old::Revision(revision)) => revision,
            (_, Old::Golden) => HEAD,
            _ => return None,
        };
        let opened = self.past.get_or_init(|| Revision::open(revision, self.session).ok().flatten());
        let past @ Revision { disk, sources, project, shared } = opened.as_ref()?;
        let entry = project.environments.iter().find(|entry| entry.name == now.name)?;
        let limits = &self.session.limits;
        let disk = Budget::new(disk, limits);
        let options = Options { check: false, ..Options::default() };
        let compiler = Compiler::new(shared, options, Inputs { disk: &disk, sources, limits })?;
        let mut unheard = Findings::default();
        let before = compiler.environment(entry, &mut unheard)?;
        let made = compiler.unjudged(before, &mut unheard)?;
        Some(look(past, &compiler, &made, revision))
    }

    /// For each place. `None` where nothing tells what the tree was made of.
    pub(super) fn causes(&self, now: &Environment, standing: &Standing, stood: &[Stood]) -> Option<Vec<Vec<Span>>> {
        self.made_before(now, |past, compiler, made, revision| {
            self.each_cause(now, standing, stood, (past, compiler, made, revision))
        })
    }

    fn each_cause(
        &self,
        now: &Environment,
        standing: &Standing,
        stood: &[Stood],
        (past, compiler, made, revision): (&Revision, &Compiler<'_>, &Unjudged, &str),
    ) -> Vec<Vec<Span>> {
        let places = Places::of(&made.environment.root, &now.root);
        let mut trial = Trial { compiler, made, places, known: BTreeMap::new() };
        let mut maps: BTreeMap<Utf8PathBuf, Option<ArtifactMap>> = BTreeMap::new();
        let causes = |stood: &Stood| {
            let Stood { file, .. } = stood;
            let map = maps.entry(file.clone()).or_insert_with(|| {
                // A golden tree may be of another commit.
                let is_of_revision = is_made(made, standing, file);
                if is_of_revision { compiler.map(made, file) } else { None }
            });
            let Some(map) = map else { return Vec::new() };
            let changes = trial.changes(map, stood);
            if changes.is_empty() {
                return self.of_templates(map, stood, past, revision);
            }
            let mut shown: Vec<Span> = Vec::new();
            for change in &changes {
                let span = change.now.unwrap_or_else(|| self.quote(change.was, past, revision));
                // A list and its item may go by the same line.
                if shown.len() < SHOWN && !shown.contains(&span) {
                    shown.push(span);
                }
            }
            shown
        };
        stood.iter().map(causes).collect()
    }

    /// Where the templates said it that are not what they were.
    fn of_templates(&self, map: &ArtifactMap, stood: &Stood, past: &Revision, revision: &str) -> Vec<Span> {
        let ArtifactMap::Documents(all) = map else { return Vec::new() };
        let origins = all.get(stood.document);
        let Some(said) = origins.and_then(|all| all.at(&stood.path).or_else(|| all.around(&stood.path))) else {
            return Vec::new();
        };
        let limit = self.session.limits.file_bytes;
        let is_edited = |span: &&Span| {
            let source = past.sources.get(span.file);
            let now = self.session.disk.read(source.path(), limit);
            now.ok().as_deref() != Some(source.text().as_bytes())
        };
        let places = std::iter::once(&said.template).chain(said.via.iter().rev());
        places.filter(is_edited).take(1).map(|span| self.quote(*span, past, revision)).collect()
    }

    /// A place in a file of the revision, as git calls it: `main:templates/a.yaml.j2`.
    fn quote(&self, span: Span, past: &Revision, revision: &str) -> Span {
        let mut quoted = self.quoted.lock().unwrap_or_else(PoisonError::into_inner);
        let file = *quoted.entry(span.file).or_insert_with(|| {
            let source = past.sources.get(span.file);
            let path = Utf8PathBuf::from(format!("{revision}:{}", source.path()));
            let file: FileId = self.session.sources.add(path, Arc::clone(source.text()));
            for range in source.hidden() {
                self.session.sources.get(file).hide(range);
            }
            file
        });
        Span { file, ..span }
    }
}

/// What a revision was, beside what there is now.
struct Earlier<'e> {
    baseline: &'e Baseline<'e>,
    past: &'e Revision,
    made: &'e Unjudged,
    /// From the environment as it is now to the one before.
    places: Places<'e>,
    standing: &'e Standing,
    /// Which files have another text now.
    edited: RefCell<BTreeMap<FileId, bool>>,
    /// Edited templates, by their paths.
    texts: RefCell<BTreeMap<Utf8PathBuf, Option<Rc<Known>>>>,
}

/// A template of now, and what it was.
struct Known {
    file: FileId,
    text: Rc<edited::Text>,
}

impl Earlier<'_> {
    /// A template by its path, if both sides have it.
    fn known(&self, path: &Utf8Path, file: Option<FileId>) -> Option<Rc<Known>> {
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        let session = self.baseline.session;
        let limit = session.limits.file_bytes;
        let was = || String::from_utf8(self.past.disk.read(path, limit).ok()?).ok();
        let now = || {
            if let Some(file) = file {
                return Some((file, Arc::clone(session.sources.get(file).text())));
            }
            let text: Arc<str> = String::from_utf8(session.disk.read(path, limit).ok()?).ok()?.into();
            Some((session.sources.add(path, Arc::clone(&text)), text))
        };
        let known = was().and_then(|was| {
            let (file, text) = now()?;
            Some(Rc::new(Known { file, text: Rc::new(edited::Text::new(text, &was)) }))
        });
        self.texts.borrow_mut().insert(path.to_owned(), known.clone());
        known
    }
}

impl Then for Earlier<'_> {
    fn knows(&self, file: &Utf8Path) -> bool {
        // What is new was not made; a golden tree may be of another commit.
        !self.standing.files.contains_key(file) || is_made(self.made, self.standing, file)
    }

    fn is_other(&self, source: &Source) -> bool {
        self.places.is_other(source)
    }

    fn is_edited(&self, place: Span) -> bool {
        let mut edited = self.edited.borrow_mut();
        *edited.entry(place.file).or_insert_with(|| {
            let session = self.baseline.session;
            let now = session.sources.get(place.file);
            let was = self.past.disk.read(now.path(), session.limits.file_bytes);
            was.ok().as_deref() != Some(now.text().as_bytes())
        })
    }

    fn leads(&self, place: Span) -> Option<Span> {
        let path = self.baseline.session.sources.get(place.file).path().to_owned();
        let known = self.known(&path, Some(place.file))?;
        let import = |name: &str| edited::candidates(&path, name).find_map(|path| self.known(&path, None));
        let (file, range) = edited::lead(&known.text, &place.range(), &|name| Some(Rc::clone(&import(name)?.text)))?;
        let file = match file {
            Some(name) => import(&name)?.file,
            None => place.file,
        };
        Some(Span::new(file, range.start, range.end))
    }

    fn span(&self, source: &Source) -> Span {
        self.places.item(source).unwrap_or_else(|| source.span())
    }
}

impl Trial<'_, '_> {
    /// The values of which a place was made and by which it stood there, that are others now, and that make it go.
    fn changes(&mut self, map: &ArtifactMap, stood: &Stood) -> Vec<Change> {
        let (sources, absent) = made_of(map, stood);
        let mut all: Vec<Change> = Vec::new();
        let changed = sources.iter().filter_map(|source| self.places.change(source));
        let came = absent.iter().filter_map(|path| self.places.came(path));
        for change in changed.chain(came) {
            if !all.contains(&change) {
                all.push(change);
            }
        }
        all.truncate(TRIED);
        let alone: Vec<Change> =
            all.iter().filter(|change| self.goes_with(std::slice::from_ref(*change), stood)).cloned().collect();
        if !alone.is_empty() {
            return alone;
        }
        // Perhaps it takes several, or it went through what nothing tells the values of.
        let several = self.needed(all, stood);
        if !several.is_empty() {
            return several;
        }
        if self.known.len() > RENDERED {
            return Vec::new();
        }
        let all = self.places.changes(TRIED + 1);
        if all.len() > TRIED { Vec::new() } else { self.needed(all, stood) }
    }

    /// Of changes that make a place go together, those that it takes.
    fn needed(&mut self, mut changes: Vec<Change>, stood: &Stood) -> Vec<Change> {
        if changes.is_empty() || !self.goes_with(&changes, stood) {
            return Vec::new();
        }
        let mut at = 0;
        while at < changes.len() && changes.len() > 1 {
            let mut fewer = changes.clone();
            fewer.remove(at);
            if self.goes_with(&fewer, stood) { changes = fewer } else { at += 1 }
        }
        changes
    }

    /// Whether a place goes with these changes, and nothing else.
    fn goes_with(&mut self, changes: &[Change], stood: &Stood) -> bool {
        let rendered = self.known.entry(changes.to_vec()).or_insert_with(|| {
            let root = self.places.with(changes);
            let environment = Environment { root, ..self.made.environment.clone() };
            self.compiler.rendered(&environment)
        });
        // What does not render tells nothing.
        let Some(rendered) = rendered else { return false };
        let was = value(&self.made.artifacts, stood);
        if let (Some(was), Some(Step::Index(_))) = (was, stood.path.steps().last()) {
            return !has_item(rendered, stood, was);
        }
        match (was, value(rendered, stood)) {
            (Some(was), Some(now)) => !is_kept(was, now),
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}

/// Whether the list of an item has it, or one of its name, at whatever place.
fn has_item(rendered: &[Artifact], stood: &Stood, was: &Value) -> bool {
    let mut list = stood.clone();
    list.path.pop();
    let Some(Value::List(items)) = value(rendered, &list) else { return false };
    let names = ["name", "key", "Key"];
    let name = |of: &Value| names.iter().find_map(|key| of.get(key)?.as_str().map(str::to_owned));
    items.iter().any(|item| match name(was) {
        Some(own) => name(item) == Some(own),
        None => item.is_same(was),
    })
}

/// The same name, or whatever is there by that name.
fn is_kept(was: &Value, now: &Value) -> bool {
    match (was, now) {
        (Value::Map(_), Value::Map(_)) | (Value::List(_), Value::List(_)) => true,
        _ => was.is_same(now),
    }
}

fn value<'v>(artifacts: &'v [Artifact], stood: &Stood) -> Option<&'v Value> {
    let artifact = artifacts.iter().find(|artifact| artifact.path == stood.file)?;
    let mut value = artifact.body.documents().get(stood.document)?;
    for step in stood.path.steps() {
        value = match (value, step) {
            (Value::Map(_), Step::Key(key)) => value.get(key)?,
            (Value::List(items), Step::Index(index)) => items.get(*index)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Whether the revision makes the file as it stood, byte for byte.
fn is_made(made: &Unjudged, standing: &Standing, path: &Utf8Path) -> bool {
    let file = made.files.iter().find(|file| file.path == path);
    file.is_some_and(|file| standing.files.get(path).is_some_and(|bytes| **bytes == *file.bytes))
}

/// The values that a place was made of, the ones that decided it, and the paths that they asked for in vain.
fn made_of(map: &ArtifactMap, stood: &Stood) -> (Vec<Source>, Vec<Arc<str>>) {
    let whole = map.whole(stood.document);
    let mut reasons: Vec<&Reason> = Vec::new();
    let mut sources: Vec<Source> = Vec::new();
    if let ArtifactMap::Documents(all) = map
        && let Some(origins) = all.get(stood.document)
        && let Some(said) = origins.at(&stood.path).or_else(|| origins.around(&stood.path))
    {
        sources.extend(said.key_data().chain(said.data()).cloned());
        reasons.extend(origins.reasons(said));
        // An item is what is in it.
        if matches!(stood.path.steps().last(), Some(Step::Index(_))) {
            for said in origins.within(&stood.path).take(WITHIN) {
                sources.extend(said.data().cloned());
                reasons.extend(origins.reasons(said));
            }
        }
    }
    sources.extend(whole.named_by.iter().cloned());
    reasons.extend(&whole.reasons);
    sources.extend(reasons.iter().flat_map(|reason| reason.sources.iter().cloned()));
    let absent = reasons.iter().flat_map(|reason| reason.absent.iter().map(|it| Arc::clone(&it.path))).collect();
    (sources, absent)
}
