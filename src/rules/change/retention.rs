//! Times that things are kept for, and become much shorter.

use super::protection::documents;
use crate::check::{Change, Node, Report, rule};
use crate::impact::{Difference, differences};
use crate::rules::link::hours;
use crate::value::Value;

rule! {
    RETENTION = Warning "change/retention";
    summary: "what is kept is kept for half as long, or less";
    explanation: "Logs, traces, backups and versions are deleted by their age, and with a shorter time those that are older than it go at once: the next compaction, or S3 within a day. Nobody gets them back. A time that is suddenly a small part of what it was is most often a unit taken for another, days for hours. Judged when it changes, by the keys under which CloudFormation, Velero, Loki, Tempo and Prometheus say it.";
    wrong: "
        --- # before/velero/values.yaml
        schedules: {daily: {schedule: 0 1 * * *, template: {ttl: 720h0m0s}}}
        --- # after/velero/values.yaml
        schedules: {daily: {schedule: 0 1 * * *, template: {ttl: 30h0m0s}}}
    ";
    right: "
        --- # before/velero/values.yaml
        schedules: {daily: {schedule: 0 1 * * *, template: {ttl: 720h0m0s}}}
        --- # after/velero/values.yaml
        schedules: {daily: {schedule: 0 1 * * *, template: {ttl: 672h0m0s}}}
    ";
}

/// Keys under which a text says it: `720h0m0s`, `90d`.
const TIMES: [&str; 8] = [
    "block_retention",
    "blocks_retention_period",
    "compactor_blocks_retention_period",
    "defaultBackupTTL",
    "retention",
    "retentionPeriod",
    "retention_period",
    "ttl",
];

/// Keys under which a number says it.
const NUMBERS: [&str; 10] = [
    "BackupRetentionPeriod",
    "Days",
    "DeleteAfterDays",
    "ExpirationInDays",
    "MessageRetentionPeriod",
    "NoncurrentDays",
    "PendingWindowInDays",
    "RetentionInDays",
    "RetentionPeriodValue",
    "SnapshotRetentionLimit",
];

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for (old, new) in documents(change) {
        if old.value.is_same(new.value) {
            continue;
        }
        let mut open = differences(Some(old.root()), Some(new.root()));
        while let Some(it) = open.pop() {
            match it {
                Difference { old: Some(was), new: Some(now) }
                    if is_list(&was) && was.items().len() == now.items().len() =>
                {
                    let pairs = was.items().into_iter().zip(now.items());
                    open.extend(pairs.flat_map(|(old, new)| differences(Some(old), Some(new))));
                }
                Difference { old: Some(was), new: Some(now) } => judge(change, &was, &now, report),
                _ => {}
            }
        }
    }
}

fn is_list(node: &Node<'_>) -> bool {
    matches!(node.value, Value::List(_))
}

fn judge(change: &Change<'_>, was: &Node<'_>, now: &Node<'_>, report: &mut Report) {
    let Some(key) = now.key() else { return };
    let time = |node: &Node<'_>| {
        let number = || node.integer().or_else(|| node.text()?.parse().ok());
        if NUMBERS.contains(&key) {
            return number();
        }
        node.text().filter(|_| TIMES.contains(&key)).and_then(hours)
    };
    let (Some(before), Some(after)) = (time(was), time(now)) else { return };
    // What is kept for less than a day is a cache.
    let is_cache = TIMES.contains(&key) && before < 24;
    if is_cache || after <= 0 || after > before / 2 {
        return;
    }
    let shown = |node: &Node<'_>| match node.value {
        Value::Number(number) => number.to_string(),
        _ => node.text().unwrap_or_default().to_owned(),
    };
    let (old, new) = (shown(was), shown(now));
    report
        .at(&RETENTION, now, format!("`{key}` goes from `{old}` to `{new}`: what is older is deleted"))
        .label("this much is kept from now on")
        .beside(change.was(was), "and this much so far")
        .help(format!("is it meant, and the unit the right one? else leave it at `{old}`"));
}
