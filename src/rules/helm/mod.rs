//! Rules about the values of Helm charts that are known for something.

mod flapping;
mod replication;

use camino::Utf8Path;

use crate::check::{Check, Node, View};

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&flapping::FLAPPING], flapping::check),
    Check::tree(&[&replication::REPLICATION], replication::check),
];

/// The values that a chart gets, in the order in which they apply: by what installs it, or else by a folder of its name.
fn values<'a>(view: &View<'a>, chart: &str) -> Vec<Vec<Node<'a>>> {
    let releases = view.releases().iter().filter(|it| it.chart_name() == chart);
    let mut found: Vec<Vec<Node<'a>>> = releases.map(|release| release.values.clone()).collect();
    let all: Vec<_> = view.releases().iter().flat_map(|release| &release.values).map(Node::place).collect();
    for document in view.values_files() {
        let folders = document.path.parent().into_iter().flat_map(Utf8Path::components);
        if folders.into_iter().any(|folder| folder.as_str() == chart) && !all.contains(&document.root().place()) {
            found.push(vec![document.root()]);
        }
    }
    found
}

/// What is set at a path of keys, with a point between them; the last one to set it wins.
fn set<'a>(values: &[Node<'a>], path: &str) -> Option<Node<'a>> {
    let below = |root: &Node<'a>| path.split('.').try_fold(*root, |node, key| node.get(key));
    values.iter().rev().find_map(below)
}
