//! What an environment's errors put in doubt: what is made without reading it can still be judged.

use std::sync::Arc;

use super::Tree;
use super::reads::Reads;
use crate::finding::codes::schema::UNKNOWN_KEY;
use crate::finding::{Finding, Findings, Rule};
use crate::yaml::path::{Path, Step};

/// All that is in doubt.
#[derive(Debug)]
pub struct Doubts(Vec<Doubt>);

/// Errors without a path that are looked for in all values: more would take long, and would leave little.
const MOST: usize = 20;

/// A value that is wrong, or one that is missing.
#[derive(Debug)]
struct Doubt {
    /// The values around it, from the root.
    around: Vec<Arc<Tree>>,
    /// Nothing if it is missing.
    value: Option<Arc<Tree>>,
    /// What was meant may be missing in the map around it.
    misses: bool,
}

impl Doubts {
    /// What the errors of an environment are about: those of its schema, by their paths, and others, by their places.
    /// `None` where one could be about anything.
    pub fn of(root: &Arc<Tree>, of_schema: &[(Path, Finding)], others: &Findings) -> Option<Self> {
        let of_schema = of_schema.iter().filter(|(_, finding)| finding.is_error());
        let others: Vec<_> = others.iter().filter(|finding| finding.is_error()).collect();
        if others.len() > MOST {
            return None;
        }
        let by_path = of_schema.map(|(path, finding)| Doubt::at(root, path, finding.rule));
        let doubts = by_path.chain(others.into_iter().map(|finding| Doubt::told(root, finding)));
        doubts.collect::<Option<_>>().map(Self)
    }

    /// Whether what has read this depends on none of it.
    pub fn spare(&self, reads: &Reads) -> bool {
        !self.0.iter().any(|doubt| doubt.concerns(reads))
    }
}

impl Doubt {
    fn at(root: &Arc<Tree>, path: &Path, rule: &'static Rule) -> Option<Self> {
        let (last, way) = path.steps().split_last()?;
        let mut around = vec![Arc::clone(root)];
        for step in way {
            let next = Arc::clone(child(around.last()?, step)?);
            around.push(next);
        }
        let value = child(around.last()?, last).cloned();
        let misses = value.is_none() || rule == &UNKNOWN_KEY;
        Some(Self { around, value, misses })
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

    fn concerns(&self, reads: &Reads) -> bool {
        self.around.iter().chain(&self.value).any(|tree| reads.is_taken(tree))
            || self.value.as_ref().is_some_and(|value| reads.is_touched(value))
            || self.misses && self.around.last().is_some_and(|map| reads.is_searched(map))
    }
}

fn child<'a>(tree: &'a Arc<Tree>, step: &Step) -> Option<&'a Arc<Tree>> {
    match step {
        Step::Key(key) => tree.get(key),
        Step::Index(index) => tree.as_list()?.get(*index),
        Step::Item(_) => None,
    }
}

fn children(tree: &Tree) -> Vec<&Arc<Tree>> {
    tree.as_map()
        .map(|map| map.values().collect())
        .or_else(|| Some(tree.as_list()?.iter().collect()))
        .unwrap_or_default()
}
