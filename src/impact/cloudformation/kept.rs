//! How long resources keep data: what is older than it is kept from now on is deleted, though the resource stays.

use super::super::differs::differences;
use crate::check::cfn::Resource;
use crate::check::{Node, Pair};

/// Which data go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shorter {
    /// For sure, if there are any.
    Yes,
    /// The time is one that only deployment knows.
    Perhaps,
}

/// A property that says how long data are kept, and what it comes to where it is not set: none, if they are kept for ever.
struct Keeping {
    kind: &'static str,
    property: &'static str,
    unset: Option<i64>,
}

const fn keeping(kind: &'static str, property: &'static str, unset: Option<i64>) -> Keeping {
    Keeping { kind, property, unset }
}

/// Those that are applied to what is there already, by the documentation of the services. A rule of the Recycle Bin is
/// none: it is applied to what is deleted afterwards.
const KEEPING: [Keeping; 14] = [
    keeping("AWS::APS::Workspace", "WorkspaceConfiguration.RetentionPeriodInDays", Some(150)),
    keeping("AWS::CloudTrail::EventDataStore", "RetentionPeriod", Some(366)),
    keeping("AWS::DocDB::DBCluster", "BackupRetentionPeriod", Some(1)),
    keeping("AWS::ElastiCache::CacheCluster", "SnapshotRetentionLimit", Some(0)),
    keeping("AWS::ElastiCache::ReplicationGroup", "SnapshotRetentionLimit", Some(0)),
    keeping("AWS::Events::Archive", "RetentionDays", None),
    keeping("AWS::Kinesis::Stream", "RetentionPeriodHours", Some(24)),
    keeping("AWS::Logs::LogGroup", "RetentionInDays", None),
    keeping("AWS::MemoryDB::Cluster", "SnapshotRetentionLimit", Some(0)),
    keeping("AWS::Neptune::DBCluster", "BackupRetentionPeriod", Some(1)),
    keeping("AWS::RDS::DBCluster", "BackupRetentionPeriod", Some(1)),
    keeping("AWS::RDS::DBInstance", "BackupRetentionPeriod", Some(1)),
    keeping("AWS::Redshift::Cluster", "AutomatedSnapshotRetentionPeriod", Some(1)),
    keeping("AWS::SQS::Queue", "MessageRetentionPeriod", Some(345_600)),
];

/// The property of buckets that deletes objects.
const LIFECYCLE: &str = "LifecycleConfiguration";

/// The property by which data are kept for a shorter time than they were.
pub(super) fn shorter<'a>(pair: &Pair<'_, 'a>) -> Option<(&'static str, Shorter)> {
    if pair.new.kind == "AWS::S3::Bucket" {
        return Some((LIFECYCLE, expired(pair)?));
    }
    let Keeping { property, unset, .. } = KEEPING.iter().find(|it| it.kind == pair.new.kind)?;
    let days = |of: &Resource<'a>| match of.properties().and_then(|it| it.along(property)) {
        Some(set) => number(&set).map(Some).ok_or(()),
        None => Ok(*unset),
    };
    let how = match (days(pair.old), days(pair.new)) {
        (Ok(old), Ok(new)) => {
            let for_ever = |it: Option<i64>| it.unwrap_or(i64::MAX);
            (for_ever(new) < for_ever(old)).then_some(Shorter::Yes)?
        }
        _ => Shorter::Perhaps,
    };
    Some((property, how))
}

fn number(node: &Node<'_>) -> Option<i64> {
    node.integer().or_else(|| node.text()?.parse().ok())
}

/// Objects that a bucket's rules delete now, and did not before.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html>
fn expired<'a>(pair: &Pair<'_, 'a>) -> Option<Shorter> {
    let rules = |of: &Resource<'a>| of.property(LIFECYCLE).map(|it| it.list(["Rules"])).unwrap_or_default();
    let configured = pair.new.property(LIFECYCLE)?;
    let (old, new) = (rules(pair.old), rules(pair.new));
    if new.is_empty() && configured.get("Rules").is_none_or(|it| it.items().is_empty() && !it.entries().is_empty()) {
        return Some(Shorter::Perhaps);
    }
    let is_versioned = pair.new.node.text_at(["Properties", "VersioningConfiguration", "Status"]) == Some("Enabled");
    let expires_versions = new.iter().any(|rule| is_on(rule) && VERSIONS.iter().any(|key| rule.along(key).is_some()));
    let shorter = |rule: &Node<'_>| -> Option<Shorter> {
        if old.iter().any(|was| differences(Some(*was), Some(*rule)).is_empty()) {
            return None;
        }
        match rule.text_at(["Status"]) {
            Some("Enabled") => {}
            Some(_) => return None,
            None => return Some(Shorter::Perhaps),
        }
        // What expires of a bucket with versions is kept as one of them, as long as those are.
        let is_kept = is_versioned && !expires_versions;
        let keys = CURRENT.iter().filter(|_| !is_kept).chain(&VERSIONS);
        let deletes = keys.filter(|key| rule.along(key).is_some());
        deletes.filter_map(|key| of_rule(rule, key, &old)).min()
    };
    new.iter().filter_map(shorter).min()
}

/// Where a rule says when objects go.
const CURRENT: [&str; 2] = ["ExpirationInDays", "ExpirationDate"];

/// The same of versions that are not the current ones.
const VERSIONS: [&str; 2] = ["NoncurrentVersionExpirationInDays", "NoncurrentVersionExpiration.NoncurrentDays"];

/// How many of those stay, however old they are.
const SPARED: &str = "NoncurrentVersionExpiration.NewerNoncurrentVersions";

/// What a rule selects objects by.
const FILTERS: [&str; 4] = ["Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"];

fn is_on(rule: &Node<'_>) -> bool {
    rule.text_at(["Status"]).is_none_or(|it| it == "Enabled")
}

/// Whether no rule before took away what this one does.
fn of_rule(rule: &Node<'_>, key: &str, old: &[Node<'_>]) -> Option<Shorter> {
    let same_time = if VERSIONS.contains(&key) { &VERSIONS[..] } else { &CURRENT[..] };
    let now = rule.along(key)?;
    let spared = |of: &Node<'_>| of.along(SPARED).map_or(Some(0), |it| number(&it));
    let mut is_open = number(&now).is_none() && now.text().is_none();
    let took = |was: &Node<'_>| {
        let time = same_time.iter().find_map(|key| was.along(key));
        let is_as_long = time.is_some_and(|was| match (number(&was), number(&now)) {
            (Some(was), Some(now)) => was <= now,
            _ => was.value.is_same(now.value),
        });
        let is_spared = spared(was).zip(spared(rule)).is_some_and(|(was, now)| was <= now);
        was.text_at(["Status"]) == Some("Enabled") && is_as_long && is_spared && selects_all_of(was, rule)
    };
    let is_unread = |was: &Node<'_>| {
        let time = same_time.iter().find_map(|key| was.along(key));
        was.get("Status").is_none_or(|it| it.text().is_none())
            || time.is_some_and(|it| number(&it).is_none() && it.text().is_none())
    };
    is_open |= old.iter().any(is_unread);
    if old.iter().any(took) {
        return None;
    }
    Some(if is_open { Shorter::Perhaps } else { Shorter::Yes })
}

/// Whether one rule is about all objects that another one is about.
fn selects_all_of(wide: &Node<'_>, narrow: &Node<'_>) -> bool {
    FILTERS.iter().all(|key| match (wide.get(key), narrow.get(key)) {
        (None, _) => true,
        (Some(wide), Some(narrow)) if *key == "Prefix" => {
            wide.text().zip(narrow.text()).is_some_and(|(wide, narrow)| narrow.starts_with(wide))
        }
        (Some(wide), narrow) => {
            wide.text() == Some("") || narrow.is_some_and(|narrow| wide.value.is_same(narrow.value))
        }
    })
}
