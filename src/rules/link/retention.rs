//! What charts promise to keep in a bucket, and the day on which the bucket lets go of it.

use std::collections::BTreeMap;

use super::bucket::names_bucket;
use super::values;
use crate::check::cfn::Template;
use crate::check::{Node, Report, View, rule};

rule! {
    RETENTION = Error "link/retention";
    summary: "a bucket deletes what a chart promises to keep for longer";
    explanation: "A lifecycle rule of S3 deletes objects by their age, whatever they are: backups of Velero before their `ttl` ends, logs of Loki and traces of Tempo before their retention does. Nobody notices until they are needed. Judged for buckets that a template makes and a chart's values name, by rules about all of their objects; where the values name several buckets, the one that keeps longest counts. What an operator of Prometheus keeps on its disk is no promise about a bucket.";
    wrong: "
        --- # logs/template.yaml
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              BucketName: prod-logs
              LifecycleConfiguration: {Rules: [{Id: expire, Status: Enabled, ExpirationInDays: 30}]}
        --- # loki/values.yaml
        loki:
          storage: {type: s3, bucketNames: {chunks: prod-logs}}
          limits_config: {retention_period: 2160h}
    ";
    right: "
        --- # logs/template.yaml
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              BucketName: prod-logs
              LifecycleConfiguration: {Rules: [{Id: expire, Status: Enabled, ExpirationInDays: 97}]}
        --- # loki/values.yaml
        loki:
          storage: {type: s3, bucketNames: {chunks: prod-logs}}
          limits_config: {retention_period: 2160h}
    ";
}

/// Keys under which charts say how long they keep what they put into their bucket.
const KEYS: [&str; 7] = [
    "block_retention",
    "blocks_retention_period",
    "compactor_blocks_retention_period",
    "retention",
    "retentionPeriod",
    "retention_period",
    "ttl",
];

/// How long a bucket keeps its objects, in days, and where that is said; none where it keeps them for ever.
type Kept<'a> = Option<(i64, Node<'a>)>;

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let buckets = buckets(view);
    if buckets.values().all(Option::is_none) {
        return;
    }
    for (_, values) in values(view) {
        let mut named: Vec<Kept<'_>> = Vec::new();
        values.walk(&mut |node| {
            let name = node.text().filter(|_| names_bucket(node));
            named.extend(name.map(|name| buckets.get(name).copied().flatten()));
        });
        let all: Option<Vec<(i64, Node<'_>)>> = named.into_iter().collect();
        let Some((days, place)) = all.and_then(|all| all.into_iter().max_by_key(|(days, _)| *days)) else { continue };
        for promise in KEYS.iter().flat_map(|key| values.under(key)).filter(|node| !is_of_disk(node)) {
            let Some(hours) = promise.text().and_then(hours).filter(|hours| *hours > days * 24) else { continue };
            let text = promise.text().unwrap_or_default();
            let message = format!("`{text}` are promised here, and the bucket deletes after {days} days");
            let draft = report.at(&RETENTION, promise, message).label("gone before that");
            draft.also(place, "deleted by this rule of the bucket");
            draft.help(format!("keep objects for more than {} days, or promise less", hours / 24));
        }
    }
}

/// The buckets of the tree whose names are written out.
fn buckets<'a>(view: &View<'a>) -> BTreeMap<&'a str, Kept<'a>> {
    let made = view.templates().iter().filter(|it| !it.is_transformed()).flat_map(Template::resources);
    let made = made.filter(|resource| resource.kind == "AWS::S3::Bucket");
    let named = |bucket: &crate::check::cfn::Resource<'a>| {
        let name = bucket.property("BucketName")?.text()?;
        let rules = bucket.property("LifecycleConfiguration").map(|it| it.list(["Rules"])).unwrap_or_default();
        Some((name, rules.iter().filter_map(expiry).min_by_key(|(days, _)| *days)))
    };
    made.filter_map(named).collect()
}

/// The days after which a rule deletes all objects of a bucket.
fn expiry<'a>(rule: &Node<'a>) -> Kept<'a> {
    let is_of_some = ["Prefix", "Filter", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"]
        .iter()
        .any(|key| rule.get(key).is_some_and(|it| it.text() != Some("")));
    let days = rule.get("ExpirationInDays")?;
    let is_on = rule.text_at(["Status"]) == Some("Enabled") && !is_of_some;
    Some((days.integer()?, days)).filter(|_| is_on)
}

/// Whether a retention is that of a program's own disk.
fn is_of_disk(node: &Node<'_>) -> bool {
    node.around().any(|it| matches!(it.key(), Some("prometheus" | "prometheusSpec" | "alertmanager" | "server")))
}

/// A time as Go and Prometheus write it, in whole hours: `720h0m0s`, `90d`, `2w`. None for zero, which means for ever.
pub(in crate::rules) fn hours(text: &str) -> Option<i64> {
    let (mut total, mut rest) = (0_i64, text);
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: i64 = rest.get(..end)?.parse().ok()?;
        rest = rest.get(end..)?;
        let unit = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        let hours = match rest.get(..unit)? {
            "y" => 365 * 24,
            "w" => 7 * 24,
            "d" => 24,
            "h" => 1,
            "m" | "s" | "ms" => 0,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(hours)?)?;
        rest = rest.get(unit..)?;
    }
    (total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn times_are_read_in_hours() {
        assert_eq!(["720h0m0s", "90d", "2w", "1y"].map(hours), [Some(720), Some(2160), Some(336), Some(8760)]);
        assert_eq!(["0s", "", "30", "d", "1 d", "99999999999999999999d", "five"].map(hours), [None; 7]);
    }
}
