//! Giving keys the names that the schema has for them now (`x-platc-renamed-to`), in all layers of a project at once.
//! Whatever is renamed, every environment has to hold what it held, under the new names: that is tried before anything is
//! written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value as Json};

use super::edit::{Edited, Stopped};
use super::load::Loader;
use super::shape::Shape;
use super::{Content, Tree};
use crate::disk::{Disk, EntryKind, Patched};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::project::Entry;
use crate::source::Sources;
use crate::yaml::path::{Path, Step};
use crate::yaml::{self, Node};

/// Keys that are renamed at most: each is a reading of its file.
const MOST: usize = 10_000;

/// A file with the new names.
#[derive(Debug)]
pub struct Renamed {
    /// Relative to the project.
    pub path: Utf8PathBuf,
    pub before: Arc<str>,
    pub text: String,
    /// Old and new names.
    pub names: Vec<(Path, Path)>,
}

/// How the project is read.
#[derive(Clone, Copy)]
pub struct Renamer<'a, S> {
    pub shape: S,
    pub disk: &'a dyn Disk,
    pub sources: &'a Sources,
    pub limits: &'a Limits,
    /// All environments of the project.
    pub all: &'a [Entry],
}

/// One old name in a file.
type Old = (Vec<Step>, Vec<Step>);

impl<S: Shape> Renamer<'_, S> {
    /// The files that change: with all new names or, where some environment would become another one, with those that go.
    /// `None` if any environment cannot be loaded.
    pub fn run(&self) -> Option<Vec<Renamed>> {
        let (layers, before) = self.layers(self.disk)?;
        let all = self.renamed(&layers, None);
        if all.is_empty() || self.is_kept(&before, &all) {
            return Some(all.into_values().collect());
        }
        // Each name by itself, in all layers.
        let names: BTreeSet<String> = all.values().flat_map(|file| &file.names).map(|(old, _)| words(old)).collect();
        let mut kept = BTreeSet::new();
        for name in names {
            kept.insert(name.clone());
            if !self.is_kept(&before, &self.renamed(&layers, Some(&kept))) {
                kept.remove(&name);
            }
        }
        Some(self.renamed(&layers, Some(&kept)).into_values().collect())
    }

    /// All layers of all environments, and what those make.
    fn layers(&self, disk: &dyn Disk) -> Option<(BTreeSet<Utf8PathBuf>, Vec<Tree>)> {
        let loader = Loader::new(self.shape, disk, self.sources, self.limits);
        let (mut layers, mut roots) = (BTreeSet::new(), Vec::new());
        for entry in self.all {
            let mut findings = Findings::default();
            let environment = loader.load(entry, None, &mut findings).filter(|_| !findings.has_errors())?;
            layers.extend(environment.layers.iter().map(|layer| layer.path.clone()));
            roots.push((*environment.root).clone());
        }
        Some((layers, roots))
    }

    /// The files with the names that are wanted, or with all.
    fn renamed(
        &self,
        layers: &BTreeSet<Utf8PathBuf>,
        wanted: Option<&BTreeSet<String>>,
    ) -> BTreeMap<Utf8PathBuf, Renamed> {
        let mut done: BTreeMap<Utf8PathBuf, Renamed> = BTreeMap::new();
        for layer in layers {
            let mut findings = Findings::default();
            let opened = Edited::open(layer, self.shape, self.disk, self.sources, self.limits, &mut findings);
            let Ok(mut edited) = opened else { continue };
            let mut names: BTreeMap<Utf8PathBuf, Vec<(Path, Path)>> = BTreeMap::new();
            // Each once, so that two names that lead to each other come to an end.
            let mut seen = BTreeSet::new();
            for _ in 0..MOST {
                let next = edited.files.iter().find_map(|file| {
                    let mut olds = Vec::new();
                    old_names(&file.root, self.shape, &mut Vec::new(), &mut olds);
                    let is_open = |(old, _): &Old| {
                        wanted.is_none_or(|wanted| wanted.contains(&words(&path_of(old))))
                            && !seen.contains(&(file.path.clone(), old.clone()))
                    };
                    olds.into_iter().find(is_open).map(|old| (file.path.clone(), old))
                });
                let Some((file, (old, new))) = next else { break };
                seen.insert((file.clone(), old.clone()));
                let mut tried = edited.clone();
                let result: Result<(), Stopped> = tried.rename(&file, &old, &new);
                if result.is_ok() && self.is_plain_file(&file) {
                    names.entry(file).or_default().push((path_of(&old), path_of(&new)));
                    edited = tried;
                }
            }
            for file in edited.changed() {
                let names = names.remove(&file.path).unwrap_or_default();
                let before = Arc::clone(self.sources.get(file.before).text());
                let renamed = Renamed { path: file.path.clone(), before, text: file.text.clone(), names };
                done.insert(file.path.clone(), renamed);
            }
        }
        done
    }

    /// Whether every environment holds under the new names what it held.
    fn is_kept(&self, before: &[Tree], files: &BTreeMap<Utf8PathBuf, Renamed>) -> bool {
        let texts = files.iter().map(|(path, file)| (path.clone(), file.text.clone().into_bytes())).collect();
        let patched = Patched::new(self.disk, texts);
        let Some((_, after)) = self.layers(&patched) else { return false };
        let done: BTreeSet<String> = files.values().flat_map(|file| &file.names).map(|(old, _)| words(old)).collect();
        before.len() == after.len()
            && before.iter().zip(&after).all(|(before, after)| {
                let (mut wanted, mut found) = (json(before), json(after));
                let (mut free, mut seen) = (Vec::new(), BTreeSet::new());
                for _ in 0..MOST {
                    let mut olds = Vec::new();
                    old_keys(&wanted, self.shape, &mut Vec::new(), &mut olds);
                    let Some((old, new)) =
                        olds.into_iter().find(|(old, _)| done.contains(&words(&path_of(old))) && !seen.contains(old))
                    else {
                        break;
                    };
                    seen.insert(old.clone());
                    let Some(value) = take(&mut wanted, &old) else { break };
                    // Where both names were set, in different layers, the nearer layer wins now.
                    if get(&wanted, &new).is_some() {
                        free.push(new);
                    } else if !put(&mut wanted, &new, value) {
                        return false;
                    }
                }
                for path in free {
                    take(&mut wanted, &path);
                    take(&mut found, &path);
                }
                wanted == found
            })
    }

    /// A link leads to a file that has another name, under which it would not be looked at.
    fn is_plain_file(&self, path: &Utf8Path) -> bool {
        let folder = path.parent().unwrap_or(Utf8Path::new(""));
        let entries = self.disk.list(folder).unwrap_or_default();
        entries.iter().any(|entry| Some(entry.name.as_str()) == path.file_name() && entry.kind == EntryKind::File)
    }
}

/// The path to a key's new name: a key beside it, or a path from the root. `None` where neither is one.
pub fn new_place(old: &[Step], name: &str) -> Option<Vec<Step>> {
    let path: Path = name.parse().ok()?;
    match path.steps() {
        [Step::Key(_)] => Some([&old[..old.len() - 1], path.steps()].concat()),
        // No item can be named from the root without saying which.
        steps if old.iter().chain(steps).all(|step| matches!(step, Step::Key(_))) => Some(steps.to_vec()),
        _ => None,
    }
}

/// The old names in a file.
fn old_names<S: Shape>(node: &Node, shape: S, way: &mut Vec<Step>, found: &mut Vec<Old>) {
    match &node.content {
        yaml::Content::Scalar { .. } => {}
        yaml::Content::List(items) => {
            for (at, item) in items.iter().enumerate() {
                way.push(Step::Index(at));
                old_names(item, shape.item(), way, found);
                way.pop();
            }
        }
        yaml::Content::Map(entries) => {
            for entry in entries {
                let below = shape.property(&entry.key.text);
                way.push(Step::Key(Arc::clone(&entry.key.text)));
                note(below, way, found);
                old_names(&entry.value, below, way, found);
                way.pop();
            }
        }
    }
}

/// The same in an environment.
fn old_keys<S: Shape>(json: &Json, shape: S, way: &mut Vec<Step>, found: &mut Vec<Old>) {
    match json {
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                way.push(Step::Index(at));
                old_keys(item, shape.item(), way, found);
                way.pop();
            }
        }
        Json::Object(entries) => {
            for (key, value) in entries {
                let below = shape.property(key);
                way.push(Step::Key(key.as_str().into()));
                note(below, way, found);
                old_keys(value, below, way, found);
                way.pop();
            }
        }
        _ => {}
    }
}

fn note<S: Shape>(shape: S, way: &[Step], found: &mut Vec<Old>) {
    if let Some(new) = shape.renamed_to().and_then(|name| new_place(way, &name)) {
        found.push((way.to_vec(), new));
    }
}

fn path_of(way: &[Step]) -> Path {
    way.iter().cloned().collect()
}

/// A path as the schema has it: whichever item it leads through.
fn words(path: &Path) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) => Step::Key(Arc::clone(key)),
        Step::Index(_) | Step::Item(_) => Step::Index(0),
    };
    path.steps().iter().map(step).collect::<Path>().to_string()
}

fn json(tree: &Tree) -> Json {
    match &tree.content {
        Content::Null => Json::Null,
        Content::Bool(value) => Json::Bool(*value),
        // With the author's digits.
        Content::Number(number) => Json::Array(vec![Json::Null, Json::String(number.to_string())]),
        Content::String(text) => Json::String(text.to_string()),
        Content::List(items) => Json::Array(items.iter().map(|item| json(item)).collect()),
        Content::Map(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.to_string(), json(value))).collect::<Map<_, _>>())
        }
    }
}

fn get<'j>(json: &'j Json, way: &[Step]) -> Option<&'j Json> {
    way.iter().try_fold(json, |json, step| match step {
        Step::Key(key) => json.get(&**key),
        Step::Index(at) => json.get(*at),
        Step::Item(_) => None,
    })
}

/// Takes a value out of an environment, with maps that held nothing else.
fn take(json: &mut Json, way: &[Step]) -> Option<Json> {
    let (step, rest) = way.split_first()?;
    match (json, step) {
        (Json::Object(entries), Step::Key(key)) if rest.is_empty() => entries.remove(&**key),
        (Json::Object(entries), Step::Key(key)) => {
            let below = entries.get_mut(&**key)?;
            let taken = take(below, rest);
            if below.as_object().is_some_and(Map::is_empty) {
                entries.remove(&**key);
            }
            taken
        }
        (Json::Array(items), Step::Index(at)) => take(items.get_mut(*at)?, rest),
        _ => None,
    }
}

fn put(json: &mut Json, way: &[Step], value: Json) -> bool {
    let Some((step, rest)) = way.split_first() else { return false };
    match (json, step) {
        (Json::Object(entries), Step::Key(key)) if rest.is_empty() => {
            entries.insert(key.to_string(), value);
            true
        }
        (Json::Object(entries), Step::Key(key)) => {
            put(entries.entry(key.to_string()).or_insert_with(|| Json::Object(Map::new())), rest, value)
        }
        (Json::Array(items), Step::Index(at)) => items.get_mut(*at).is_some_and(|item| put(item, rest, value)),
        _ => false,
    }
}
