//! Places in two states of an environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::environment::{Content, Origin, Tree};
use crate::source::Span;
use crate::template::Source;

/// From a map or list to what is in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(Arc<str>),
    /// The position, and the name if the items have such.
    Item(usize, Option<Arc<str>>),
}

/// A value that is another one now, or is there no more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    path: Vec<Step>,
    pub(super) was: Span,
    /// Where it is set now, if it is.
    pub(super) now: Option<Span>,
}

impl Change {
    /// Of two lists that items went out of, or came into: where those stand.
    fn of_items(self, old: &Tree, new: &Tree) -> Self {
        let (Content::List(olds), Content::List(news)) = (&old.content, &new.content) else { return self };
        if olds.len().saturating_mul(news.len()) > PAIRS {
            return self;
        }
        let name = |item: &Tree| match &item.get("name")?.content {
            Content::String(name) => Some(Arc::clone(name)),
            _ => None,
        };
        let is_it = |one: &Tree, other: &Tree| match (name(one), name(other)) {
            (Some(one), Some(other)) => one == other,
            _ => one.is_same_as(other),
        };
        let missing = |from: &[Arc<Tree>], of: &[Arc<Tree>]| {
            of.iter().find(|item| !from.iter().any(|other| is_it(other, item))).map(|item| item.origin.value)
        };
        match (missing(news, olds), missing(olds, news)) {
            (Some(gone), None) => Self { was: gone, now: None, ..self },
            (None, Some(come)) => Self { now: Some(come), ..self },
            (Some(_), Some(_)) | (None, None) => self,
        }
    }
}

/// Pairs of items that are compared; of longer lists the whole is named.
const PAIRS: usize = 250_000;

/// An environment before and now.
pub(super) struct Places<'t> {
    old: &'t Arc<Tree>,
    new: &'t Arc<Tree>,
    /// Of each node of the old one, by where it lies in memory: what it lies in, and how.
    around: BTreeMap<usize, (usize, Step)>,
}

impl<'t> Places<'t> {
    pub(super) fn of(old: &'t Arc<Tree>, new: &'t Arc<Tree>) -> Self {
        let mut around = BTreeMap::new();
        let mut open = vec![old];
        while let Some(tree) = open.pop() {
            for (step, below) in below(tree) {
                around.entry(address(below)).or_insert((address(tree), step));
                open.push(below);
            }
        }
        Self { old, new, around }
    }

    /// How a node differs, if it does.
    pub(super) fn change(&self, source: &Source) -> Option<Change> {
        let mut path = Vec::new();
        let mut at = address(&source.tree);
        while at != address(self.old) {
            let (outer, step) = self.around.get(&at)?;
            path.push(step.clone());
            at = *outer;
        }
        path.reverse();
        if let Some(item) = self.fallen(&path) {
            return Some(item);
        }
        // An item that went took all with it.
        let gone = (1..=path.len()).find(|length| follow(self.new, &path[..*length]).is_none());
        if let Some(length) = gone {
            let was = follow(self.old, &path[..length])?;
            path.truncate(length);
            return Some(Change { path, was: was.origin.key.unwrap_or(was.origin.value), now: None });
        }
        let now = follow(self.new, &path)?;
        let is_same = match source {
            Source { is_key: true, .. } => true,
            Source { is_shape: true, tree, .. } => has_shape_of(tree, now),
            Source { tree, .. } => tree.is_same_as(now),
        };
        (!is_same).then(|| {
            let whole = Change { path, was: source.span(), now: Some(now.origin.value) };
            if source.is_key { whole } else { whole.of_items(&source.tree, now) }
        })
    }

    /// An item without a name of a list of which only it is there no more: those behind it stand where it stood.
    fn fallen(&self, path: &[Step]) -> Option<Change> {
        let (Step::Item(_, None), list) = path.split_last()? else { return None };
        let item = follow(self.old, path)?;
        let (old, new) = (follow(self.old, list)?, follow(self.new, list)?);
        let whole = Change { path: list.to_vec(), was: old.origin.value, now: Some(new.origin.value) };
        Some(whole.of_items(old, new)).filter(|it| it.now.is_none() && it.was == item.origin.value)
    }

    /// All that differs, as deep as it can be told, but no more than some.
    pub(super) fn changes(&self, most: usize) -> Vec<Change> {
        let mut found = Vec::new();
        let mut open = vec![(Vec::new(), self.old, self.new)];
        while let Some((path, old, new)) = open.pop() {
            if found.len() >= most {
                break;
            }
            if old.is_same_as(new) {
                continue;
            }
            let with = |step: Step| path.iter().cloned().chain([step]).collect::<Vec<_>>();
            let (Content::Map(olds), Content::Map(news)) = (&old.content, &new.content) else {
                let whole = Change { path, was: old.origin.value, now: Some(new.origin.value) };
                found.push(whole.of_items(old, new));
                continue;
            };
            for (key, was) in olds {
                let path = with(Step::Key(Arc::clone(key)));
                match news.get(key) {
                    Some(now) => open.push((path, was, now)),
                    None => found.push(Change { path, was: was.origin.key.unwrap_or(was.origin.value), now: None }),
                }
            }
            for (key, now) in news.iter().filter(|(key, _)| !olds.contains_key(*key)) {
                let path = with(Step::Key(Arc::clone(key)));
                found.push(Change { path, was: old.origin.value, now: Some(now.origin.value) });
            }
        }
        found.sort();
        found
    }

    /// Of a list of the old one that differs, the item that the new one has not.
    pub(super) fn item(&self, source: &Source) -> Option<Span> {
        let is_list = matches!(source.tree.content, Content::List(_)) && !source.is_key;
        let change = self.change(source).filter(|_| is_list)?;
        follow(self.new, &change.path).map(|_| change.was)
    }

    /// Whether a node differs; of what is no part of the environment nobody knows.
    pub(super) fn is_other(&self, source: &Source) -> bool {
        self.change(source).is_some()
    }

    /// A value that was not there and is now, by the path by which it was asked for.
    pub(super) fn came(&self, path: &str) -> Option<Change> {
        let path: Vec<Step> = path.split('.').map(|key| Step::Key(key.into())).collect();
        let now = follow(self.new, &path)?;
        let there = (0..path.len()).rev().find_map(|length| follow(self.old, &path[..length]))?;
        let is_new = follow(self.old, &path).is_none();
        is_new.then(|| Change { path, was: there.origin.value, now: Some(now.origin.value) })
    }

    /// The old environment with some values as they are now.
    pub(super) fn with(&self, changes: &[Change]) -> Arc<Tree> {
        let mut root = Arc::clone(self.old);
        for change in changes {
            // Places of now lie in files that the old one knows nothing of.
            let now = follow(self.new, &change.path).map(|tree| planted(tree, self.old.origin));
            root = replaced(&root, &change.path, now);
        }
        root
    }
}

fn address(tree: &Arc<Tree>) -> usize {
    Arc::as_ptr(tree).addr()
}

fn below(tree: &Arc<Tree>) -> Vec<(Step, &Arc<Tree>)> {
    match &tree.content {
        Content::Map(map) => map.iter().map(|(key, below)| (Step::Key(Arc::clone(key)), below)).collect(),
        Content::List(items) => {
            let names = names(items);
            let name = |at: usize| names.as_ref().and_then(|names| names.get(at).cloned());
            items.iter().enumerate().map(|(at, below)| (Step::Item(at, name(at)), below)).collect()
        }
        _ => Vec::new(),
    }
}

/// The names of a list's items, if each has its own.
fn names(items: &[Arc<Tree>]) -> Option<Vec<Arc<str>>> {
    let name = |item: &Arc<Tree>| match &item.get("name")?.content {
        Content::String(name) => Some(Arc::clone(name)),
        _ => None,
    };
    let names: Vec<Arc<str>> = items.iter().map(name).collect::<Option<_>>()?;
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    (sorted.len() == names.len()).then_some(names)
}

fn follow<'t>(root: &'t Arc<Tree>, path: &[Step]) -> Option<&'t Arc<Tree>> {
    path.iter().try_fold(root, |tree, step| match step {
        Step::Key(key) => tree.get(key),
        Step::Item(at, name) => tree.as_list()?.get(position(tree, *at, name.as_ref())?),
    })
}

fn position(list: &Tree, at: usize, name: Option<&Arc<str>>) -> Option<usize> {
    let known = names(list.as_list()?);
    match (name, known) {
        (Some(name), Some(known)) => known.iter().position(|it| it == name),
        _ => Some(at),
    }
}

/// The same keys, or as many items.
fn has_shape_of(old: &Tree, new: &Tree) -> bool {
    match (&old.content, &new.content) {
        (Content::Map(old), Content::Map(new)) => old.len() == new.len() && old.keys().all(|key| new.contains_key(key)),
        (Content::List(old), Content::List(new)) => old.len() == new.len(),
        _ => old.is_same_as(new),
    }
}

/// A tree with another value at a path, or none.
fn replaced(tree: &Arc<Tree>, path: &[Step], value: Option<Arc<Tree>>) -> Arc<Tree> {
    let Some((step, rest)) = path.split_first() else { return value.unwrap_or_else(|| Arc::clone(tree)) };
    let content = match (&tree.content, step) {
        (Content::Map(map), Step::Key(key)) => {
            let mut map: IndexMap<_, _> = map.clone();
            match (rest.is_empty(), value) {
                (true, None) => drop(map.shift_remove(key)),
                (true, Some(value)) => drop(map.insert(Arc::clone(key), value)),
                (false, value) => {
                    if let Some(below) = map.get_mut(key) {
                        *below = replaced(below, rest, value);
                    }
                }
            }
            Content::Map(map)
        }
        (Content::List(items), Step::Item(at, name)) => {
            let mut items = items.clone();
            if let Some(at) = position(tree, *at, name.as_ref()).filter(|at| *at < items.len()) {
                match (rest.is_empty(), value) {
                    (true, None) => drop(items.remove(at)),
                    (true, Some(value)) => items[at] = value,
                    (false, value) => items[at] = replaced(&items[at], rest, value),
                }
            }
            Content::List(items)
        }
        _ => return Arc::clone(tree),
    };
    Arc::new(Tree { content, ..Tree::clone(tree) })
}

/// A copy in which all is said to stand at one place.
fn planted(tree: &Tree, origin: Origin) -> Arc<Tree> {
    let content = match &tree.content {
        Content::List(items) => Content::List(items.iter().map(|item| planted(item, origin)).collect()),
        Content::Map(map) => {
            Content::Map(map.iter().map(|(key, below)| (Arc::clone(key), planted(below, origin))).collect())
        }
        other => other.clone(),
    };
    Arc::new(Tree::new(content, origin))
}
