//! Editing a layer: which of its files a value belongs to, and the text of that file with the value set or taken out.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::draft::{around, has, is_same, is_word, named};
use super::layer::{self, Absent};
use super::shape::{ListMerge, Shape};
use crate::disk::Disk;
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};
use crate::yaml::edit::{self, Draft, Editor, Refusal, Splice};
use crate::yaml::path::{Path, Step};
use crate::yaml::{self, Node};

/// A file of a layer under change.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the project.
    pub path: Utf8PathBuf,
    /// The file as it stands, without its byte order mark.
    pub before: FileId,
    pub text: String,
    pub root: Node,
    /// The changes so far, the first first, each with the number of the value that it was made for.
    pub steps: Vec<(usize, Vec<Splice>)>,
}

/// The files of a layer under change.
#[derive(Clone)]
pub struct Edited<'a, S> {
    shape: S,
    sources: &'a Sources,
    limits: &'a Limits,
    pub files: Vec<File>,
    /// The number of the value that is being set.
    pub value: usize,
}

/// Why a layer was left as it is.
#[derive(Debug)]
pub enum Stopped {
    /// There is no such layer.
    Absent(Absent),
    /// A file is no YAML; findings tell it.
    Unread,
    /// The text at a place of a file cannot be edited.
    Refused(Span, &'static str),
    /// No file is the one that the value belongs to.
    WhichFile,
}

/// How far a path leads in a file.
struct Way {
    /// By keys and positions.
    steps: Vec<Step>,
    /// How many steps of the path it is.
    known: usize,
}

impl<'a, S: Shape> Edited<'a, S> {
    /// Reads the files of a layer, or one of them.
    pub fn open(
        path: &Utf8Path,
        shape: S,
        disk: &dyn Disk,
        sources: &'a Sources,
        limits: &'a Limits,
        findings: &mut Findings,
    ) -> Result<Self, Stopped> {
        let mut files = Vec::new();
        for path in layer::files(path, disk).map_err(Stopped::Absent)? {
            let read = crate::disk::text::load(disk, &path, limits.file_bytes, sources, findings);
            let before = read.ok_or(Stopped::Unread)?;
            let root = yaml::read::read(sources, before, limits, findings).ok_or(Stopped::Unread)?;
            let text = sources.get(before).text().to_string();
            files.push(File { path, before, text, root, steps: Vec::new() });
        }
        Ok(Self { shape, sources, limits, files, value: 0 })
    }

    /// Whether some file says something at a path.
    pub fn sets(&self, path: &Path) -> bool {
        self.files.iter().any(|file| self.way(file, path.steps()).known == path.steps().len())
    }

    /// The file that says something at a path.
    pub fn file_of(&self, path: &Path) -> Option<&File> {
        self.files.iter().find(|file| self.way(file, path.steps()).known == path.steps().len())
    }

    /// Whether an item holds nothing but the keys that tell it from others.
    pub fn is_bare(&self, item: &Path) -> bool {
        let Some(Step::Item(named)) = item.steps().last() else { return false };
        self.files.iter().all(|file| {
            let way = self.way(file, item.steps());
            let node = node_at(&file.root, &way.steps).filter(|_| way.known == item.steps().len());
            node.is_none_or(|node| match &node.content {
                yaml::Content::Map(entries) => {
                    entries.iter().all(|entry| named.iter().any(|(key, _)| *key == entry.key.text))
                }
                _ => false,
            })
        })
    }

    /// Sets a value as an overlay does: a map merges with what is there, a list as the schema says.
    pub fn set(&mut self, path: &Path, draft: &Draft) -> Result<(), Stopped> {
        self.assign(path.steps(), draft)
    }

    /// Takes a value out of all files that set it, and what holds nothing else.
    pub fn unset(&mut self, path: &Path) -> Result<(), Stopped> {
        for at in 0..self.files.len() {
            let way = self.way(&self.files[at], path.steps());
            if way.known == path.steps().len() {
                self.apply(at, |editor| editor.remove(&[&way.steps]))?;
            }
        }
        Ok(())
    }

    /// Gives a key another name, or moves its entry to another place of the same file.
    pub fn rename(&mut self, file: &Utf8Path, old: &[Step], new: &[Step]) -> Result<(), Stopped> {
        let Some(at) = self.files.iter().position(|it| it.path == file) else { return Ok(()) };
        let siblings = old[..old.len() - 1] == new[..new.len() - 1];
        if let (true, Some(Step::Key(name))) = (siblings, new.last()) {
            return self.apply(at, |editor| editor.rename(old, name));
        }
        let Some(Step::Key(name)) = new.last() else { return Ok(()) };
        let mut moved = None;
        self.apply(at, |editor| {
            let splices = editor.rename(old, name)?;
            moved = Some(());
            Ok(splices)
        })?;
        let renamed: Vec<Step> = old[..old.len() - 1].iter().cloned().chain([Step::Key(Arc::clone(name))]).collect();
        let file = &self.files[at];
        let lines = Editor::new(&file.text, &file.root).entry_lines(&renamed).map_err(Stopped::from)?;
        self.apply(at, |editor| editor.remove(&[&renamed]))?;
        self.insert(at, new, &lines)
    }

    fn assign(&mut self, path: &[Step], draft: &Draft) -> Result<(), Stopped> {
        let found = self.files.iter().position(|file| self.way(file, path).known == path.len());
        let Some(at) = found else {
            let at = self.choose(path)?;
            return self.insert(at, path, draft);
        };
        let way = self.way(&self.files[at], path).steps;
        let Some(node) = node_at(&self.files[at].root, &way) else { return Ok(()) };
        let shape = shape_at(self.shape, path);
        match (draft, &node.content, shape.list_merge()) {
            (Draft::Map(entries), yaml::Content::Map(_), _) => {
                for (key, value) in entries {
                    self.assign(&[path, &[Step::Key(Arc::clone(key))]].concat(), value)?;
                }
                Ok(())
            }
            (Draft::List(items), yaml::Content::List(_), ListMerge::ByKeys(keys)) => {
                for item in items {
                    match named(item, &keys, shape.item()) {
                        Some(step) => self.assign(&[path, &[step]].concat(), item)?,
                        None => self.apply(at, |editor| editor.insert_item(&way, item))?,
                    }
                }
                Ok(())
            }
            (Draft::List(items), yaml::Content::List(_), ListMerge::Set) => {
                for item in items {
                    let known = node_at(&self.files[at].root, &way);
                    let is_there = known.is_some_and(|list| list_items(list).iter().any(|it| is_same(item, it)));
                    if !is_there {
                        self.apply(at, |editor| editor.insert_item(&way, item))?;
                    }
                }
                Ok(())
            }
            (Draft::List(items), yaml::Content::List(old), ListMerge::Replace)
                if !items.is_empty() && items.iter().all(is_word) && old.iter().any(|it| has(items, it)) =>
            {
                self.list(at, &way, items)
            }
            _ if is_same(draft, node) => Ok(()),
            _ => self.apply(at, |editor| editor.replace(&way, draft)),
        }
    }

    /// Makes a list hold these items, letting those that stay keep their lines.
    fn list(&mut self, at: usize, way: &[Step], items: &[Draft]) -> Result<(), Stopped> {
        let old = node_at(&self.files[at].root, way).map(list_items).unwrap_or_default();
        let stays = |item: &Draft| old.iter().any(|it| is_same(item, it));
        let kept: Vec<_> = old.iter().filter(|it| has(items, it)).collect();
        let ordered: Vec<_> = items.iter().filter(|item| stays(item)).collect();
        let new_last = items.iter().skip_while(|item| stays(item)).all(|item| !stays(item));
        let in_order = kept.len() == ordered.len() && kept.iter().zip(&ordered).all(|(it, item)| is_same(item, it));
        if !in_order || !new_last {
            return self.apply(at, |editor| editor.replace(way, &Draft::List(items.to_vec())));
        }
        let added: Vec<_> = items.iter().filter(|item| !stays(item)).cloned().collect();
        let gone: Vec<Vec<Step>> = (0..old.len())
            .filter(|index| !has(items, &old[*index]))
            .map(|index| [way, &[Step::Index(index)]].concat())
            .collect();
        for item in &added {
            self.apply(at, |editor| editor.insert_item(way, item))?;
        }
        if gone.is_empty() {
            return Ok(());
        }
        self.apply(at, |editor| editor.remove(&gone.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }

    /// Puts a value where a file says nothing yet, with all that has to stand around it.
    fn insert(&mut self, at: usize, path: &[Step], draft: &Draft) -> Result<(), Stopped> {
        let way = self.way(&self.files[at], path);
        let Some((step, rest)) = path[way.known..].split_first() else { return Ok(()) };
        let shape = shape_at(self.shape, &path[..way.known]);
        match step {
            Step::Key(key) => {
                let (key, draft) = match draft {
                    // Its own key stands in the lines.
                    Draft::Lines(_) if rest.is_empty() => (key, draft.clone()),
                    _ => (key, around(rest, draft, shape.property(key))),
                };
                let node = node_at(&self.files[at].root, &way.steps);
                let behind = node.and_then(|node| nearest(node, key, shape));
                self.apply(at, |editor| editor.insert_entry(&way.steps, behind.as_deref(), key, &draft))
            }
            Step::Item(_) | Step::Index(_) => match around(&path[way.known..], draft, shape) {
                Draft::List(items) => {
                    items.iter().try_for_each(|item| self.apply(at, |editor| editor.insert_item(&way.steps, item)))
                }
                _ => Ok(()),
            },
        }
    }

    /// The file that a new value belongs to: the one that says most around it, then the environment's own, then the only
    /// one, then one of that name.
    fn choose(&self, path: &[Step]) -> Result<usize, Stopped> {
        let depth = |file: &File| self.way(file, path).known;
        let deepest = self.files.iter().map(depth).max().unwrap_or(0);
        let siblings = |file: &File| {
            let way = self.way(file, path);
            node_at(&file.root, &way.steps).map_or(0, |node| match &node.content {
                yaml::Content::Map(entries) => entries.len(),
                yaml::Content::List(items) => items.len(),
                yaml::Content::Scalar { .. } => 0,
            })
        };
        let most = |files: &mut dyn Iterator<Item = (usize, &File)>| {
            files.max_by_key(|(at, file)| (siblings(file), usize::MAX - at)).map(|(at, _)| at)
        };
        if deepest > 0 {
            let mut deep = self.files.iter().enumerate().filter(|(_, file)| depth(file) == deepest);
            return most(&mut deep).ok_or(Stopped::WhichFile);
        }
        let is_named = |file: &File, name: &str| file.path.file_stem() == Some(name);
        let own = self.files.iter().position(|file| is_named(file, "environment"));
        let same_name = match path.first() {
            Some(Step::Key(key)) => self.files.iter().position(|file| is_named(file, key)),
            _ => None,
        };
        let only = (self.files.len() == 1).then_some(0);
        own.or(only).or(same_name).ok_or(Stopped::WhichFile)
    }

    fn apply(
        &mut self,
        at: usize,
        edit: impl FnOnce(&Editor<'_>) -> Result<Vec<Splice>, Refusal>,
    ) -> Result<(), Stopped> {
        let file = &mut self.files[at];
        let splices = edit(&Editor::new(&file.text, &file.root))?;
        let text = edit::spliced(&file.text, &splices);
        let mut findings = Findings::default();
        let root = yaml::read::read_text(&text, file.before, self.limits, &mut findings);
        let Some(root) = root.filter(|_| !findings.has_errors()) else {
            let place = splices.first().map_or(0, |splice| splice.range.start.min(file.text.len()));
            let why = "what stands around it, such as an anchor, needs it as it is";
            return Err(Stopped::Refused(Span::new(file.before, place, place), why));
        };
        (file.text, file.root) = (text, root);
        file.steps.push((self.value, splices));
        Ok(())
    }

    fn way(&self, file: &File, path: &[Step]) -> Way {
        let (mut node, mut shape) = (&file.root, self.shape);
        let mut steps = Vec::with_capacity(path.len());
        for step in path {
            let next = match (&node.content, step) {
                (yaml::Content::Map(entries), Step::Key(key)) => {
                    entries.iter().find(|entry| entry.key.text == *key).map(|entry| (step.clone(), &entry.value))
                }
                (yaml::Content::List(items), Step::Item(named)) => {
                    let at = items.iter().position(|item| is_meant(item, named, shape));
                    at.map(|at| (Step::Index(at), &items[at]))
                }
                (yaml::Content::List(items), Step::Index(at)) => items.get(*at).map(|item| (step.clone(), item)),
                _ => None,
            };
            let Some((step, below)) = next else { break };
            shape = match &step {
                Step::Key(key) => shape.property(key),
                _ => shape.item(),
            };
            node = below;
            steps.push(step);
        }
        Way { known: steps.len(), steps }
    }

    /// The whole texts of the files that have changed.
    pub fn changed(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.text != **self.sources.get(file.before).text())
    }
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.at, refusal.why)
    }
}

impl File {
    /// Where a place of the new text is in the one that stands; for what is new, the number of the value that it was
    /// written for.
    pub fn old_place(&self, at: usize) -> Result<usize, usize> {
        self.steps.iter().rev().try_fold(at, |at, (value, splices)| {
            let (mut added, mut removed) = (0, 0);
            for splice in splices {
                let start = splice.range.start + added - removed;
                if at < start {
                    break;
                }
                if at < start + splice.text.len() {
                    return Err(*value);
                }
                added += splice.text.len();
                removed += splice.range.len();
            }
            Ok(at + removed - added)
        })
    }
}

/// What the schema says of a place.
pub fn shape_at<S: Shape>(shape: S, path: &[Step]) -> S {
    path.iter().fold(shape, |shape, step| match step {
        Step::Key(key) => shape.property(key),
        Step::Item(_) | Step::Index(_) => shape.item(),
    })
}

fn node_at<'n>(root: &'n Node, way: &[Step]) -> Option<&'n Node> {
    way.iter().try_fold(root, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Index(at) => list_items(node).get(*at),
        Step::Item(_) => None,
    })
}

fn list_items(node: &Node) -> &[Node] {
    match &node.content {
        yaml::Content::List(items) => items,
        _ => &[],
    }
}

/// Whether an item has these keys; one that it does not set is what the schema says.
fn is_meant<S: Shape>(item: &Node, named: &[(Arc<str>, Arc<str>)], list: S) -> bool {
    let word = |key: &Arc<str>| match item.get(key).map(|value| &value.content) {
        Some(yaml::Content::Scalar { text, .. }) => Some(Arc::clone(text)),
        Some(_) => None,
        None => list.item().property(key).default_word(),
    };
    let unnamed_as_usual = match list.list_merge() {
        ListMerge::ByKeys(keys) => keys.iter().all(|key| {
            let is_named = named.iter().any(|(name, _)| name == key);
            is_named || item.get(key).is_none() || word(key) == list.item().property(key).default_word()
        }),
        ListMerge::Replace | ListMerge::Set => true,
    };
    unnamed_as_usual && named.iter().all(|(key, value)| word(key).as_ref() == Some(value))
}

/// The sibling that a new key stands behind: the last one before it in the order of the schema, else the first one after it.
fn nearest<S: Shape>(map: &Node, key: &Arc<str>, shape: S) -> Option<Arc<str>> {
    let order = shape.order();
    let at = order.iter().position(|name| name == key)?;
    let is_there = |name: &&Arc<str>| map.get(name).is_some();
    let before = order[..at].iter().rev().find(is_there);
    before.or_else(|| order[at + 1..].iter().find(is_there)).cloned()
}
