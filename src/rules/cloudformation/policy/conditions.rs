//! Operators and keys of conditions.

use super::{Statement, UNKNOWN, table};
use crate::check::{Node, Report};
use crate::finding::suggest::nearest;
use crate::rules::cloudformation::statement::STATEMENT;
use crate::value::Value;

/// docs.aws.amazon.com, "IAM JSON policy elements: Condition operators".
const OPERATORS: [&str; 28] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
    "StringEqualsIfExists",
];

/// docs.aws.amazon.com, "AWS global condition context keys".
const GLOBAL: [&str; 52] = [
    "AssumedRoot",
    "CalledVia",
    "CalledViaFirst",
    "CalledViaLast",
    "ChatbotSourceArn",
    "CurrentTime",
    "Ec2InstanceSourceVpc",
    "Ec2InstanceSourcePrivateIPv4",
    "EpochTime",
    "FederatedProvider",
    "MultiFactorAuthAge",
    "MultiFactorAuthPresent",
    "PrincipalAccount",
    "PrincipalArn",
    "PrincipalIsAWSService",
    "PrincipalOrgID",
    "PrincipalOrgPaths",
    "PrincipalServiceName",
    "PrincipalServiceNamesList",
    "PrincipalTag/*",
    "PrincipalType",
    "Referer",
    "RequestTag/*",
    "RequestedRegion",
    "ResourceAccount",
    "ResourceOrgID",
    "ResourceOrgPaths",
    "ResourceTag/*",
    "SecureTransport",
    "SignInSessionArn",
    "SourceAccount",
    "SourceArn",
    "SourceIdentity",
    "SourceIp",
    "SourceOrgID",
    "SourceOwner",
    "SourceOrgPaths",
    "SourceVpc",
    "SourceVpcArn",
    "SourceVpce",
    "TagKeys",
    "TokenIssueTime",
    "UserAgent",
    "ViaAWSService",
    "VpceAccount",
    "VpceMultiRegion",
    "VpceOrgID",
    "VpceOrgPaths",
    "VpcSourceIp",
    "userid",
    "username",
    "IsMcpServiceAction",
];

pub(super) fn judge(statement: &Statement<'_, '_>, report: &mut Report) {
    let Some(condition) = statement.node.get("Condition") else { return };
    if !matches!(condition.value, Value::Map(_)) {
        if condition.text().is_some() || matches!(condition.value, Value::List(_)) {
            report
                .at(&STATEMENT, &condition, "a condition is a map of operators")
                .help("write `Condition: {StringEquals: {aws:SourceAccount: …}}`");
        }
        return;
    }
    for (operator, keys) in condition.entries() {
        // A function chooses what stands here.
        if operator.starts_with("Fn::") || operator == "Ref" {
            return;
        }
        judge_operator(operator, &keys, report);
        if keys.text().is_some() || matches!(keys.value, Value::List(_)) {
            report
                .at(&STATEMENT, &keys, format!("`{operator}` wants a map of condition keys"))
                .help("write the key that is compared, and behind it the value");
            continue;
        }
        for (key, values) in keys.entries().into_iter().filter(|(key, _)| !key.starts_with("Fn::") && *key != "Ref") {
            judge_key(key, &values, report);
            judge_wildcards(operator, key, &values, report);
        }
    }
}

fn judge_operator(operator: &str, node: &Node<'_>, report: &mut Report) {
    let plain = ["ForAnyValue:", "ForAllValues:"].iter().find_map(|set| operator.strip_prefix(set)).unwrap_or(operator);
    let plain = plain.strip_suffix("IfExists").unwrap_or(plain);
    if OPERATORS.contains(&plain) {
        return;
    }
    let draft = report.at(&STATEMENT, node, format!("IAM knows no operator `{operator}`")).about_key();
    draft.help(match nearest(plain, OPERATORS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "see \"IAM JSON policy elements: Condition operators\" on docs.aws.amazon.com".to_owned(),
    });
}

fn judge_key(key: &str, node: &Node<'_>, report: &mut Report) {
    let Some((prefix, name)) = key.split_once(':') else {
        let draft = report.at(&STATEMENT, node, format!("`{key}` is no condition key")).about_key();
        draft.help("a key has the service before it, `aws:SourceAccount`, `s3:prefix`");
        return;
    };
    // What an identity provider says stands behind its host.
    if prefix.contains(['.', '/', '$', '{']) || name.contains(['$', '{']) {
        return;
    }
    let known: Vec<&str> = match (prefix, table::service(prefix)) {
        ("aws" | "AWS", _) => GLOBAL.to_vec(),
        (_, Some(service)) if !service.keys.is_empty() => service.keys.clone(),
        _ => return,
    };
    let folded = name.to_ascii_lowercase();
    if known.iter().any(|known| table::matches(&known.to_ascii_lowercase(), &folded)) {
        return;
    }
    let message = format!("there is no condition key `{key}`");
    match nearest(name, known.iter().copied()) {
        Some(near) => {
            let near = near.trim_end_matches('*');
            report.at(&STATEMENT, node, message).about_key().help(format!("did you mean `{prefix}:{near}`?"))
        }
        None => {
            report.at(&UNKNOWN, node, message).about_key().help("a condition on a key that there is not never holds")
        }
    };
}

/// Wildcards where they are letters like others.
fn judge_wildcards(operator: &str, key: &str, values: &Node<'_>, report: &mut Report) {
    let is_exact = matches!(operator, "StringEquals" | "StringEqualsIgnoreCase" | "StringNotEquals");
    let name = key.rsplit(':').next().unwrap_or_default();
    let is_name = key.to_ascii_lowercase().starts_with("aws:") || matches!(name, "sub" | "aud");
    if !is_exact || !is_name || key.to_ascii_lowercase().starts_with("aws:requesttag") {
        return;
    }
    for value in values.one_or_more() {
        let written = value.get("Fn::Sub").unwrap_or(value);
        if written.text().is_some_and(|text| text.contains('*')) {
            let like = if operator == "StringNotEquals" { "StringNotLike" } else { "StringLike" };
            report
                .at(&STATEMENT, &written, format!("`*` is a letter like others to `{operator}`"))
                .label("nothing is called that")
                .help(format!("write `{like}`"));
        }
    }
}
