//! Versions of Kubernetes that a cluster of EKS is led to.

use crate::check::{Change, Node, Pair};

/// A step of a cluster's Kubernetes version that EKS does not take.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) old: Node<'a>,
    pub(crate) new: Node<'a>,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// The steps of clusters that lead back, or too far. `minor` reads a version.
pub(crate) fn steps<'a>(change: &Change<'a>, minor: impl Fn(&str) -> Option<u32>) -> Vec<Step<'a>> {
    let step = |pair: Pair<'_, 'a>| {
        if pair.new.kind != "AWS::EKS::Cluster" || pair.old.kind != pair.new.kind {
            return None;
        }
        let (old, new) = (pair.old.property("Version")?, pair.new.property("Version")?);
        let (from, to) = (minor(old.text()?)?, minor(new.text()?)?);
        (to < from || to > from + 1).then_some(Step { old, new, from, to })
    };
    change.resources().into_iter().filter_map(step).collect()
}

/// The number of `1.35`.
pub(in crate::impact) fn minor(text: &str) -> Option<u32> {
    text.strip_prefix("1.")?.parse().ok()
}
