//! A schema with keywords that are wrong: what does not depend on them can still be judged, and nothing is written.

use std::sync::Arc;

use super::node::{NodeId, SchemaNode};
use super::shape::Shape;
use crate::environment::{Content, Tree};
use crate::finding::Findings;
use crate::finding::codes::schema::{BAD_KEYWORD, UNKNOWN_KEYWORD};
use crate::source::Span;
use crate::yaml::path::{Path, Step};

/// More mistakes, and larger schemas with one, are not worth the search.
const MOST: usize = 50;
const NODES: usize = 20_000;

/// Where keywords are wrong, by the findings from one on; nothing if anything else is.
pub(super) fn wrong_keywords(findings: &Findings, from: usize) -> Option<Vec<Span>> {
    let errors = || findings.iter().skip(from).filter(|finding| finding.is_error());
    let is_tolerable = errors().all(|it| it.rule == &BAD_KEYWORD || it.rule == &UNKNOWN_KEYWORD);
    (is_tolerable && errors().count() <= MOST).then(|| errors().map(|it| it.primary.span).collect())
}

/// Marks the schemas that the wrong keywords stand in, and those that ask them whether they hold. What they describe may
/// have been a secret.
pub(super) fn mark(wrong: &[Span], nodes: &mut [SchemaNode]) {
    if wrong.is_empty() {
        return;
    }
    for place in wrong {
        let holds = |node: &SchemaNode| {
            node.span.file == place.file && node.span.start <= place.start && place.end <= node.span.end
        };
        let around = nodes.iter().enumerate().filter(|(_, node)| holds(node));
        let innermost = around.min_by_key(|(_, node)| node.span.end - node.span.start).map(|(at, _)| at);
        // Without a schema around it, it could be about anything.
        let node = innermost.unwrap_or_default();
        (nodes[node].broken, nodes[node].secret) = (true, true);
    }
    let are_few = nodes.len() <= NODES;
    let asks =
        |node: &SchemaNode| node.tests.iter().chain(&node.inner_tests).any(|test| !are_few || reaches(*test, nodes));
    let askers: Vec<usize> = (0..nodes.len()).filter(|at| asks(&nodes[*at])).collect();
    for at in askers {
        nodes[at].broken = true;
    }
}

/// Whether a schema takes in one that is broken.
fn reaches(from: NodeId, nodes: &[SchemaNode]) -> bool {
    let mut seen = vec![false; nodes.len()];
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        let at = id.0 as usize;
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        let node = &nodes[at];
        if node.broken {
            return true;
        }
        open.extend(node.in_place().chain(node.below()).chain(node.inner_tests.iter().copied()));
    }
    false
}

/// The values of an environment of which it is not known what the schema says, the outermost of each.
pub(super) fn doubtful(shape: Shape<'_>, root: &Arc<Tree>) -> Vec<(Path, Arc<Tree>)> {
    let mut found = Vec::new();
    walk(shape, root, &mut Path::root(), &mut found);
    found
}

fn walk(shape: Shape<'_>, tree: &Arc<Tree>, path: &mut Path, found: &mut Vec<(Path, Arc<Tree>)>) {
    if shape.is_broken() {
        found.push((path.clone(), Arc::clone(tree)));
        return;
    }
    match &tree.content {
        Content::Map(entries) => {
            for (key, below) in entries {
                walk(shape.property(key), below, &mut path.key(key), found);
            }
        }
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(shape.item(), item, &mut path.join(Step::Index(index)), found);
            }
        }
        _ => {}
    }
}
