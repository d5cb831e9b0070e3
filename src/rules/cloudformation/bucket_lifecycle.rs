//! When the objects of a bucket move to other storage, and when they go.

use super::number;
use crate::check::cfn::Resource;
use crate::check::{Node, Report, View, rule};

rule! {
    BUCKET_LIFECYCLE = Error "cfn/bucket-lifecycle";
    summary: "a bucket's lifecycle is one that S3 refuses";
    explanation: "Objects go to infrequent access after 30 days at the earliest, to colder storage later than to warmer, to each storage class once, and expire after the last move; days are positive, and a rule does something. S3 refuses any other lifecycle, and CloudFormation rolls the bucket back (docs.aws.amazon.com, \"Transitioning objects using Amazon S3 Lifecycle\").";
    wrong: "
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              LifecycleConfiguration: {Rules: [{Status: Enabled, Transitions: [{StorageClass: GLACIER, TransitionInDays: 90}], ExpirationInDays: 60}]}
    ";
    right: "
        Resources:
          Logs:
            Type: AWS::S3::Bucket
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              LifecycleConfiguration: {Rules: [{Status: Enabled, Transitions: [{StorageClass: GLACIER, TransitionInDays: 90}], ExpirationInDays: 365}]}
    ";
}

/// From warm to cold; objects only move down. `Glacier` is an old name.
const CLASSES: [&str; 7] =
    ["STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "Glacier", "DEEP_ARCHIVE"];
/// Storage with a minimum of days before it.
const INFREQUENT: [&str; 2] = ["STANDARD_IA", "ONEZONE_IA"];
const INFREQUENT_DAYS: i64 = 30;

/// What a rule can do.
const ACTIONS: [&str; 10] = [
    "AbortIncompleteMultipartUpload",
    "ExpirationDate",
    "ExpirationInDays",
    "ExpiredObjectDeleteMarker",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionExpirationInDays",
    "NoncurrentVersionTransition",
    "NoncurrentVersionTransitions",
    "Transition",
    "Transitions",
];

/// A move to another storage class.
struct Move<'a> {
    class: &'a str,
    days: i64,
    node: Node<'a>,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for bucket in view.resources_of("AWS::S3::Bucket") {
        let rules = bucket.property("LifecycleConfiguration").and_then(|it| it.get("Rules"));
        for rule in rules.iter().flat_map(Node::items) {
            judge(bucket, &rule, report);
        }
    }
}

fn judge(bucket: &Resource<'_>, rule: &Node<'_>, report: &mut Report) {
    let is_rule = rule.get("Status").is_some();
    if is_rule && !ACTIONS.iter().any(|action| rule.get(action).is_some()) {
        report
            .at(&BUCKET_LIFECYCLE, rule, format!("a rule for the lifecycle of `{}` does nothing", bucket.id))
            .help("let it move or expire objects, or remove it");
    }
    let expires = rule.get("ExpirationInDays");
    moves(bucket, rule, ("Transition", "Transitions"), expires, report);
    let expires = rule
        .get("NoncurrentVersionExpirationInDays")
        .or_else(|| rule.at(["NoncurrentVersionExpiration", "NoncurrentDays"]));
    moves(bucket, rule, ("NoncurrentVersionTransition", "NoncurrentVersionTransitions"), expires, report);
}

fn moves(
    bucket: &Resource<'_>,
    rule: &Node<'_>,
    (one, several): (&str, &str),
    expires: Option<Node<'_>>,
    report: &mut Report,
) {
    let several = rule.list([several]);
    let all = rule.get(one).into_iter().chain(several);
    let moves: Vec<Move<'_>> = all
        .filter_map(|it| {
            let node = it.get("TransitionInDays")?;
            Some(Move { class: it.text_at(["StorageClass"])?, days: number(&node)?, node })
        })
        .collect();
    for Move { class, days, node } in &moves {
        if INFREQUENT.contains(class) && *days < INFREQUENT_DAYS {
            report
                .at(&BUCKET_LIFECYCLE, node, format!("objects of `{}` move to `{class}` after {days} days", bucket.id))
                .help(format!("S3 moves objects to `{class}` after {INFREQUENT_DAYS} days at the earliest"));
        }
    }
    for (at, later) in moves.iter().enumerate() {
        for earlier in moves.iter().take(at) {
            let coldness = |it: &Move<'_>| CLASSES.iter().position(|class| *class == it.class);
            let (Some(a), Some(b)) = (coldness(earlier), coldness(later)) else { continue };
            let (warm, cold) = if a < b { (earlier, later) } else { (later, earlier) };
            if a == b || cold.days <= warm.days {
                let message = if a == b {
                    format!("objects of `{}` move to `{}` twice", bucket.id, cold.class)
                } else {
                    let (cold, warm) = (cold.class, warm.class);
                    format!("objects of `{}` move to `{cold}` no later than to `{warm}`", bucket.id)
                };
                report
                    .at(&BUCKET_LIFECYCLE, &cold.node, message)
                    .also(&warm.node, "the other move")
                    .help("move objects to warmer storage first, and to colder storage days later");
            }
        }
    }
    let Some((days, node)) = expires.and_then(|node| Some((number(&node)?, node))) else { return };
    if days < 1 {
        let draft = report.at(&BUCKET_LIFECYCLE, &node, format!("objects of `{}` expire after {days} days", bucket.id));
        draft.help("write a number of days that is at least 1");
    } else if let Some(late) = moves.iter().find(|it| it.days >= days) {
        let message = format!("objects of `{}` expire before they move to `{}`", bucket.id, late.class);
        report
            .at(&BUCKET_LIFECYCLE, &node, message)
            .label(format!("gone after {days} days"))
            .also(&late.node, format!("moved after {}", late.days))
            .help("let objects expire later, or leave the move out");
    }
}
