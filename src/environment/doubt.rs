//! What an environment's errors put in doubt: what is made without reading it can still be judged.

use std::sync::Arc;

use super::Tree;
use super::acknowledge::ACKNOWLEDGE;
use super::layer::{EXTENDS, PLATC};
use super::reads::Reads;
use crate::finding::codes::project::UNREAD_LAYER;
use crate::finding::codes::schema::UNKNOWN_KEY;
use crate::finding::{Finding, Findings, Rule};
use crate::limits::Limits;
use crate::project::outside::OUTSIDE;
use crate::source::{FileId, Sources, Span};
use crate::yaml::path::{Path, Step};
use crate::yaml::{self, Node, read};

/// What is in doubt.
#[derive(Debug)]
pub enum Doubts {
    /// Each value could be another one.
    All,
    Some(Vec<Doubt>),
}

/// Errors without a path that are looked for in all values: more would take long, and would leave little.
const MOST: usize = 20;

/// A value that is wrong, or one that is missing.
#[derive(Debug)]
pub struct Doubt {
    /// The values around it, from the root.
    around: Vec<Arc<Tree>>,
    /// Nothing if it is missing.
    value: Option<Arc<Tree>>,
    /// What was meant may be missing in the map around it.
    misses: bool,
}

impl Doubts {
    /// What the errors of an environment are about: those of its schema, by their paths, and others, by their places.
    /// `None` where one could be about anything. A file that is not read as a layer, and may be meant as one, could change
    /// all values, and nothing else.
    pub fn of(
        root: &Arc<Tree>,
        of_schema: &[(Path, Finding)],
        unsure: &[(Path, Arc<Tree>)],
        others: &Findings,
        layers: &Layers<'_>,
    ) -> Option<Self> {
        let of_schema = of_schema.iter().filter(|(_, finding)| finding.is_error());
        let others: Vec<_> = others.iter().filter(|finding| finding.is_error()).collect();
        // Of all that is there nothing is known where the root is unsure.
        if others.len() > MOST || unsure.iter().any(|(path, _)| path.is_root()) {
            return None;
        }
        let (unread, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|finding| finding.rule == &UNREAD_LAYER);
        let unsure = unsure.iter().map(|(path, _)| Some(vec![Doubt::standing(root, path)]));
        let by_path = of_schema.map(|(path, finding)| Doubt::at(root, path, finding.rule));
        let told = |finding: &Finding| match Doubt::told(root, finding) {
            Some(doubt) => Some(vec![doubt]),
            None => layers.doubts(root, finding),
        };
        let doubts = by_path.map(|doubt| Some(vec![doubt?])).chain(unsure).chain(others.into_iter().map(told));
        let doubts = doubts.collect::<Option<Vec<_>>>()?;
        Some(if unread.is_empty() { Self::Some(doubts.into_iter().flatten().collect()) } else { Self::All })
    }

    /// Whether what has read this depends on none of it.
    pub fn spare(&self, reads: &Reads) -> bool {
        match self {
            Self::All => reads.are_none(),
            Self::Some(doubts) => !doubts.iter().any(|doubt| doubt.concerns(reads)),
        }
    }
}

/// The files of an environment's layers: what a place in one of them is about.
pub struct Layers<'a> {
    pub files: Vec<FileId>,
    pub sources: &'a Sources,
    pub limits: &'a Limits,
}

impl Layers<'_> {
    /// The value at whose key an error stands, though it is not in the environment; nothing where it is about none.
    /// `None` if that cannot be told.
    fn doubts(&self, root: &Arc<Tree>, finding: &Finding) -> Option<Vec<Doubt>> {
        let place = finding.primary.span;
        if !self.files.contains(&place.file) {
            return None;
        }
        let file = read::read(self.sources, place.file, self.limits, &mut Findings::default())?;
        let path = written_at(&file, place);
        match path.steps().first()? {
            Step::Key(key) if [ACKNOWLEDGE, OUTSIDE].contains(&&**key) => Some(Vec::new()),
            Step::Key(key) if [EXTENDS, PLATC].contains(&&**key) => None,
            _ => Some(vec![Doubt::on_way(root, &path)]),
        }
    }
}

/// The path of the value that a place is in, down to the first list.
fn written_at(file: &Node, place: Span) -> Path {
    let (mut path, mut node) = (Path::root(), file);
    while let yaml::Content::Map(entries) = &node.content {
        let begun = entries.partition_point(|entry| entry.key.span.start <= place.start);
        let Some(entry) = begun.checked_sub(1).and_then(|last| entries.get(last)) else { break };
        path.push(Step::Key(Arc::clone(&entry.key.text)));
        if place.start < entry.key.span.end {
            break;
        }
        node = &entry.value;
    }
    path
}

impl Doubt {
    fn at(root: &Arc<Tree>, path: &Path, rule: &'static Rule) -> Option<Self> {
        let steps = path.steps().len();
        let (around, value) = descend(root, path);
        let misses = value.is_none() || rule == &UNKNOWN_KEY;
        (steps > 0 && around.len() == steps).then_some(Self { around, value, misses })
    }

    /// The value that an error which knows no path stands at.
    fn told(root: &Arc<Tree>, finding: &Finding) -> Option<Self> {
        let place = finding.primary.span;
        let mut open = vec![vec![Arc::clone(root)]];
        while let Some(around) = open.pop() {
            for value in around.last().into_iter().flat_map(|tree| children(tree)) {
                if value.origin.value == place {
                    return Some(Self { value: Some(Arc::clone(value)), around: around.clone(), misses: false });
                }
                open.push(around.iter().chain([value]).cloned().collect());
            }
        }
        None
    }

    /// What stands at a path.
    fn standing(root: &Arc<Tree>, path: &Path) -> Self {
        let (around, value) = descend(root, path);
        Self { around, value, misses: false }
    }

    /// What stands, or should stand, at a path.
    fn on_way(root: &Arc<Tree>, path: &Path) -> Self {
        let (around, value) = descend(root, path);
        Self { around, value, misses: true }
    }

    fn concerns(&self, reads: &Reads) -> bool {
        self.around.iter().chain(&self.value).any(|tree| reads.is_taken(tree))
            || self.value.as_ref().is_some_and(|value| reads.is_touched(value))
            || self.misses && self.around.last().is_some_and(|map| reads.is_searched(map))
    }
}

/// The values around a path, from the root as far as there are any, and the one that stands there.
fn descend(root: &Arc<Tree>, path: &Path) -> (Vec<Arc<Tree>>, Option<Arc<Tree>>) {
    let mut around = vec![Arc::clone(root)];
    for step in path.steps() {
        let Some(next) = around.last().and_then(|last| child(last, step)).cloned() else { return (around, None) };
        around.push(next);
    }
    let value = around.pop();
    (around, value)
}

fn child<'a>(tree: &'a Arc<Tree>, step: &Step) -> Option<&'a Arc<Tree>> {
    match step {
        Step::Key(key) => tree.get(key),
        Step::Index(index) => tree.as_list()?.get(*index),
        Step::Item(_) => None,
    }
}

/// The value that stands at a path.
pub fn at(root: &Arc<Tree>, path: &Path) -> Option<Arc<Tree>> {
    descend(root, path).1
}

/// What lies right below a value.
pub fn children(tree: &Tree) -> Vec<&Arc<Tree>> {
    tree.as_map()
        .map(|map| map.values().collect())
        .or_else(|| Some(tree.as_list()?.iter().collect()))
        .unwrap_or_default()
}
