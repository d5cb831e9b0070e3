//! Updates that AWS refuses, whatever the values are.

use super::eks;
use super::same::{Same, same};
use crate::check::{Change, Node, Pair};
use crate::value::Value;

/// Why AWS refuses an update of properties that change together, and the first of them.
pub(super) fn together<'a>(kind: &str, changed: &[&str], pair: &Pair<'_, 'a>) -> Option<(String, Option<Node<'a>>)> {
    let has = |name: &str| changed.contains(&name);
    match kind {
        "AWS::EKS::Nodegroup" => eks::together(changed, pair),
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

/// Properties that AWS does not change and that replace nothing either, each with what it is where nothing is written.
const FIXED: [(&str, &str, &str); 11] = [
    ("AWS::Cognito::UserPool", "AliasAttributes", ""),
    ("AWS::Cognito::UserPool", "UsernameAttributes", ""),
    ("AWS::Cognito::UserPool", "UsernameConfiguration", ""),
    ("AWS::EC2::Volume", "AvailabilityZone", ""),
    ("AWS::EC2::Volume", "Encrypted", "false"),
    ("AWS::EC2::Volume", "KmsKeyId", ""),
    ("AWS::EC2::Volume", "SnapshotId", ""),
    ("AWS::KMS::Key", "KeySpec", "SYMMETRIC_DEFAULT"),
    ("AWS::KMS::Key", "KeyUsage", "ENCRYPT_DECRYPT"),
    ("AWS::KMS::Key", "MultiRegion", "false"),
    ("AWS::KMS::Key", "Origin", "AWS_KMS"),
];

/// A property that stays as it is, whatever the template says; and whether it is another one for sure.
pub(super) fn fixed<'a>(pair: &Pair<'_, 'a>) -> Option<(&'static str, bool, Option<Node<'a>>, Option<Node<'a>>)> {
    let own = FIXED.iter().filter(|(kind, ..)| *kind == pair.new.kind);
    let changed = own.filter_map(|(_, property, default)| {
        let (old, new) = (pair.old.property(property), pair.new.property(property));
        let default = Value::String((*default).into());
        let or_default = |it: Option<Node<'a>>| it.map_or_else(|| default.clone(), |it| it.value.clone());
        let found = same(Some(&or_default(old)), Some(&or_default(new)));
        (found != Same::Yes).then_some((*property, found == Same::No, old, new))
    });
    changed.max_by_key(|(_, is_sure, ..)| *is_sure)
}

/// Versions that only go forward, by type.
const FORWARD: [(&str, &str); 7] = [
    ("AWS::Elasticsearch::Domain", "ElasticsearchVersion"),
    ("AWS::ElastiCache::CacheCluster", "EngineVersion"),
    ("AWS::ElastiCache::ReplicationGroup", "EngineVersion"),
    ("AWS::MSK::Cluster", "KafkaVersion"),
    ("AWS::MemoryDB::Cluster", "EngineVersion"),
    ("AWS::OpenSearchService::Domain", "EngineVersion"),
    ("AWS::Redshift::Cluster", "ClusterVersion"),
];

fn backward<'a>(pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    let (_, property) = FORWARD.iter().find(|(kind, _)| *kind == pair.new.kind)?;
    let (old, new) = (pair.old.property(property)?, pair.new.property(property)?);
    // `OpenSearch_2.11` has its engine before it.
    let parts = |text: &str| -> Option<(String, Vec<u32>)> {
        let (engine, version) = text.rsplit_once('_').unwrap_or(("", text));
        let numbers = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        Some((engine.to_owned(), numbers))
    };
    let ((engine, from), (other, to)) = (parts(old.text()?)?, parts(new.text()?)?);
    (engine == other && to < from).then(|| (format!("its `{property}` cannot go back"), new, old))
}

/// Attributes of an identity pool's schema that are others now, or are gone.
fn attributes<'a>(pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    if pair.new.kind != "AWS::Cognito::UserPool" {
        return None;
    }
    let (old, new) = (pair.old.property("Schema")?, pair.new.property("Schema")?);
    let is_kept = |it: &Node<'_>| {
        let named = |other: &Node<'_>| other.text_at(["Name"]) == it.text_at(["Name"]);
        new.items().iter().find(|other| named(other)).is_some_and(|now| now.value.is_same(it.value))
    };
    let other = old.items().into_iter().find(|it| !is_kept(it))?;
    let name = other.text_at(["Name"]).unwrap_or("an attribute");
    Some((format!("attributes of its `Schema` stay as they are once they are made, and `{name}` changes"), new, old))
}

/// Why AWS refuses an update by the values before and now, with both.
pub(super) fn refused<'a>(change: &Change<'a>, pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    // Instances of a cluster have its storage and its version.
    if pair.new.property("DBClusterIdentifier").is_some() && pair.new.kind == "AWS::RDS::DBInstance" {
        return None;
    }
    let own = shrunk(pair).or_else(|| upgraded(pair)).or_else(|| backward(pair)).or_else(|| attributes(pair));
    own.or_else(|| suspended(pair)).or_else(|| eks::refused(change, pair))
}

/// Versions of a bucket whose objects are locked, which S3 keeps.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html>
fn suspended<'a>(pair: &Pair<'_, 'a>) -> Option<(String, Node<'a>, Node<'a>)> {
    let lock = pair.old.property("ObjectLockEnabled").filter(|_| pair.new.kind == "AWS::S3::Bucket")?;
    let status = |of: Option<Node<'a>>| of?.get("Status");
    let (old, new) =
        (status(pair.old.property("VersioningConfiguration"))?, status(pair.new.property("VersioningConfiguration"))?);
    let is_locked = lock.boolean() == Some(true) || lock.text() == Some("true");
    let is_suspended = new.text() == Some("Suspended") && old.text() == Some("Enabled");
    let why = "the versions of a bucket with `ObjectLockEnabled` cannot be suspended";
    (is_locked && is_suspended).then(|| (why.to_owned(), new, old))
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
