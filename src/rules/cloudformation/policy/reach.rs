//! Statements whose actions are about none of their resources.

use super::{Kind, Statement, table};
use crate::check::{Node, Report};
use crate::rules::cloudformation::statement::STATEMENT;
use crate::rules::cloudformation::written;

pub(super) fn judge(statement: &Statement<'_, '_>, report: &mut Report) {
    if statement.kind == Kind::Trust {
        return;
    }
    let (Some(actions), Some(resource)) = (statement.node.get("Action"), statement.node.get("Resource")) else {
        return;
    };
    let resources: Option<Vec<String>> = resource.one_or_more().iter().map(|it| arn(statement, it)).collect();
    let Some(resources) = resources.filter(|all| !all.is_empty()) else { return };
    let actions = actions.one_or_more();
    if statement.kind == Kind::Identity && of_nothing(&actions, &resource, report) {
        return;
    }
    let mut about: Vec<&str> = Vec::new();
    for action in &actions {
        let Some((prefix, name)) = action.text().and_then(|text| text.split_once(':')) else { return };
        let Some(service) = table::service(prefix) else { return };
        let meant = service.actions(name);
        // What it is about is not known, or all of a service: that is meant in general.
        if meant.is_empty() || name == "*" {
            return;
        }
        for action in meant {
            let own = service.about(action);
            // What AWS lists as about nothing in particular may still be allowed by an ARN: `logs:DescribeLogGroups`.
            if own.is_empty() {
                return;
            }
            about.extend(own);
        }
    }
    let Some(first) = actions.first() else { return };
    let name = first.text().unwrap_or_default();
    let more = actions.len() - 1;
    let subject = if more == 0 { format!("`{name}` does") } else { format!("`{name}` and {more} more do") };
    about.sort_unstable();
    about.dedup();
    if resources.iter().any(|own| about.iter().any(|arn| table::may_meet(own, arn))) {
        return;
    }
    let wanted: Vec<String> = about.iter().take(3).map(|arn| format!("`arn:aws:{arn}`")).collect();
    let of = if more == 0 { "it is about" } else { "they are about" };
    report
        .at(&STATEMENT, &resource, format!("{subject} nothing here: {of} {}", wanted.join(", ")))
        .label("none of these")
        .also(first, "the action")
        .help("name what the action is about, or allow what there is to do with this");
}

/// Services whose actions without a resource type are allowed by `*` alone, as their pages of the reference say.
const STRICT: [&str; 12] = [
    "acm",
    "autoscaling",
    "ec2",
    "ecr",
    "eks",
    "elasticloadbalancing",
    "kms",
    "route53",
    "s3",
    "secretsmanager",
    "sqs",
    "ssm",
];

/// Whether an action lists or describes: of others, AWS' own policies name resources where the reference has none.
fn is_look(name: &str) -> bool {
    let is_one = ["List", "Describe", "GetAuthorizationToken"].iter().any(|begin| name.starts_with(begin));
    is_one && !name.contains(['*', '?'])
}

/// Whether a statement about named resources has actions that are about none: they are not allowed by it.
fn of_nothing(actions: &[Node<'_>], resource: &Node<'_>, report: &mut Report) -> bool {
    let is_idle = |action: &&Node<'_>| {
        let parts = action.text().and_then(|text| text.split_once(':'));
        let Some((prefix, name)) = parts.filter(|(prefix, name)| STRICT.contains(prefix) && is_look(name)) else {
            return false;
        };
        let Some(service) = table::service(prefix) else { return false };
        let meant = service.actions(name);
        !meant.is_empty() && meant.iter().all(|action| service.about(action).is_empty())
    };
    let idle: Vec<_> = actions.iter().filter(is_idle).collect();
    let Some(first) = idle.first() else { return false };
    let name = first.text().unwrap_or_default();
    let message = match idle.len() - 1 {
        0 => format!("`{name}` is not allowed by this: it knows no resources"),
        more => format!("`{name}` and {more} more are not allowed by this: they know no resources"),
    };
    let draft = report.at(&STATEMENT, *first, message).warning();
    draft.label("allowed by `Resource: \"*\"` alone").also(resource, "and this names some");
    draft.help("move it to a statement of its own with `Resource: \"*\"`, or leave it out");
    idle.len() == actions.len()
}

/// What a resource says, without `arn:` and the partition; `*` where a part is not known, and none where nothing is.
fn arn(statement: &Statement<'_, '_>, node: &Node<'_>) -> Option<String> {
    let text = written(node)?;
    let is_sub = !text.is_at(node);
    let mut text = text.text()?;
    let mut whole = String::new();
    while is_sub && let Some((before, after)) = text.split_once("${") {
        let (name, rest) = after.split_once('}')?;
        // An ARN may stand for all of it.
        if whole.is_empty() && before.is_empty() {
            return None;
        }
        let is_known = name.starts_with("AWS::") || statement.template.resource(name.split('.').next()?).is_some();
        let is_plain = is_known || !before.is_empty() || !whole.is_empty();
        whole.push_str(before);
        whole.push_str(if is_plain { "*" } else { return None });
        text = rest;
    }
    whole.push_str(text);
    let rest = whole.strip_prefix("arn:")?;
    let (_, rest) = rest.split_once(':')?;
    // Variables of IAM itself.
    let mut plain = String::new();
    let mut left = rest;
    while let Some((before, after)) = left.split_once("${") {
        plain.push_str(before);
        plain.push('*');
        left = after.split_once('}')?.1;
    }
    plain.push_str(left);
    Some(plain).filter(|arn| arn.split(':').count() >= 4)
}
