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

/// Storage that can grow only, by type.
const GROWING: [(&str, &str); 3] = [
    ("AWS::EC2::Volume", "Size"),
    ("AWS::MSK::Cluster", "BrokerNodeGroupInfo.StorageInfo.EBSStorageInfo.VolumeSize"),
    ("AWS::RDS::DBInstance", "AllocatedStorage"),
];

/// Why AWS refuses an update by the values before and now, with both.
pub(super) fn refused<'a>(pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    // Instances of a cluster have its storage and its version.
    if pair.new.property("DBClusterIdentifier").is_some() && pair.new.kind == "AWS::RDS::DBInstance" {
        return None;
    }
    shrunk(pair).or_else(|| upgraded(pair))
}

fn shrunk<'a>(pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    let (_, path) = GROWING.iter().find(|(kind, _)| *kind == pair.new.kind)?;
    let (old, new) = (pair.old.properties()?.along(path)?, pair.new.properties()?.along(path)?);
    let number = |it: Node<'_>| it.integer().or_else(|| it.text()?.parse().ok());
    let name = path.rsplit('.').next().unwrap_or(path);
    (number(new)? < number(old)?).then(|| (format!("its `{name}` cannot become smaller"), new, old))
}

/// A database that goes back to an older version, or to the next major one without its leave.
fn upgraded<'a>(pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    if !matches!(pair.new.kind, "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster") {
        return None;
    }
    let engine = pair.new.property("Engine")?.text()?;
    if pair.old.property("Engine")?.text()? != engine {
        return None;
    }
    let (old, new) = (pair.old.property("EngineVersion")?, pair.new.property("EngineVersion")?);
    let (from, to) = (major(engine, old.text()?)?, major(engine, new.text()?)?);
    if to < from {
        return Some(("its `EngineVersion` cannot go back".to_owned(), new, old));
    }
    let leave = pair.new.property("AllowMajorVersionUpgrade");
    let is_refused = leave.is_none_or(|it| it.boolean() == Some(false) || it.text() == Some("false"));
    let why = || "its `EngineVersion` is another major one, and `AllowMajorVersionUpgrade` is not `true`".to_owned();
    (to > from && is_refused).then(|| (why(), new, old))
}

/// The major part of a version, as the engine counts them; none of engines that count otherwise.
fn major(engine: &str, version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    let (first, second) = (parts.next()??, parts.next().flatten());
    match engine {
        "postgres" | "aurora-postgresql" if first >= 10 => Some((first, 0)),
        "mysql" | "mariadb" | "aurora-mysql" => Some((first, second?)),
        _ => None,
    }
}
