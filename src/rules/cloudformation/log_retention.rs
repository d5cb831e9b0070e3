//! How long log groups keep what is written to them.

use super::number;
use crate::check::{Report, View, rule};

rule! {
    LOG_RETENTION = Error "cfn/log-retention";
    summary: "a log group keeps its logs for a number of days that AWS does not know";
    explanation: "Retention is one of the numbers that CloudWatch Logs offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days. It refuses any other, such as 10, 31 or 360. Without a number logs stay for ever.";
    wrong: "
        Resources:
          Logs: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Properties: {RetentionInDays: 45}}
    ";
    right: "
        Resources:
          Logs: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Properties: {RetentionInDays: 60}}
    ";
}

/// docs.aws.amazon.com, `PutRetentionPolicy`.
const DAYS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for group in view.resources_of("AWS::Logs::LogGroup") {
        let Some(node) = group.property("RetentionInDays") else { continue };
        let Some(days) = number(&node).filter(|days| !DAYS.contains(days)) else { continue };
        let after = DAYS.into_iter().find(|known| *known > days);
        let before = DAYS.into_iter().rev().find(|known| *known < days);
        let near: Vec<String> = before.into_iter().chain(after).map(|known| format!("`{known}`")).collect();
        report
            .at(&LOG_RETENTION, &node, format!("`{}` cannot keep logs for {days} days", group.id))
            .help(format!("CloudWatch Logs offers {}", near.join(" and ")));
    }
}
