//! Updates that AWS refuses, whatever the values are.

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
pub(super) fn minor(text: &str) -> Option<u32> {
    text.strip_prefix("1.")?.parse().ok()
}

/// Why AWS refuses an update of properties that change together, and the first of them.
pub(super) fn together<'a>(kind: &str, changed: &[&str], pair: &Pair<'_, 'a>) -> Option<(String, Option<Node<'a>>)> {
    let has = |name: &str| changed.contains(&name);
    match kind {
        "AWS::EKS::Nodegroup" if has("LaunchTemplate") && (has("Version") || has("ReleaseVersion")) => {
            let version = if has("Version") { "Version" } else { "ReleaseVersion" };
            Some((
                format!("its `{version}` and its `LaunchTemplate` cannot change together"),
                pair.new.property("LaunchTemplate").or_else(|| pair.new.property(version)),
            ))
        }
        "AWS::DynamoDB::Table" if has("GlobalSecondaryIndexes") => {
            let names = |node: Option<Node<'a>>| -> Vec<&'a str> {
                let items = node.map(|it| it.items()).unwrap_or_default();
                items.iter().filter_map(|it| it.text_at(["IndexName"])).collect()
            };
            let property = pair.new.property("GlobalSecondaryIndexes");
            let (old, new) = (names(pair.old.property("GlobalSecondaryIndexes")), names(property));
            let gone = old.iter().filter(|it| !new.contains(it)).count();
            let come = new.iter().filter(|it| !old.contains(it)).count();
            (gone + come > 1).then(|| ("one update makes or deletes one index only".to_owned(), property))
        }
        _ => None,
    }
}
