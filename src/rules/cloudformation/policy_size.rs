//! How long policies of IAM are.

use crate::check::cfn::{self, Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    POLICY_SIZE = Error "cfn/policy-size";
    summary: "a policy is longer than IAM takes";
    explanation: "A managed policy has at most 6,144 characters, the policies within a role 10,240 together, and who may take the role is said in 2,048; white space does not count (docs.aws.amazon.com, \"IAM and AWS STS quotas\"). Functions are counted with the least that they can give. Policies that list every resource grow with the environment until one of these is reached, first in the largest.";
    wrong: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Statement:
                  - Effect: Allow
                    Action: s3:GetObject
                    Resource: [{% for bucket in range(300) %}'arn:aws:s3:::bucket-{{ bucket }}/*', {% endfor %}]
    ";
    right: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument: {Statement: [{Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws:s3:::bucket-*/*'}]}
    ";
}

const MANAGED: usize = 6_144;
const INLINE: usize = 10_240;
/// The quota of an account that has not asked for more.
const TRUST: usize = 2_048;

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        for policy in template.resources_of("AWS::IAM::ManagedPolicy") {
            let document = policy.property("PolicyDocument");
            demand(
                document.as_ref(),
                MANAGED,
                &format!("the managed policy `{}`", policy.id),
                "split it into several",
                report,
            );
        }
        for role in template.resources_of("AWS::IAM::Role") {
            let trust = role.property("AssumeRolePolicyDocument");
            let help = "name fewer principals, or match them with a condition; if the account's quota was raised, acknowledge this";
            demand(trust.as_ref(), TRUST, &format!("the trust policy of `{}`", role.id), help, report);
            inline(role, template, report);
        }
    }
}

fn demand(document: Option<&Node<'_>>, most: usize, what: &str, help: &str, report: &mut Report) {
    let Some(document) = document else { return };
    let size = size(document.value);
    if size > most {
        report
            .at(&POLICY_SIZE, document, format!("{what} has {size} characters of at most {most}"))
            .label("this document, without white space")
            .help(help);
    }
}

/// The policies within a role: its own, and those that other resources put into it.
fn inline(role: &Resource<'_>, template: &Template<'_>, report: &mut Report) {
    let own = role.property("Policies");
    let own = own.iter().flat_map(Node::items).filter_map(|policy| policy.get("PolicyDocument"));
    let is_for = |policy: &&Resource<'_>| {
        let named = policy.property("RoleName").into_iter().chain(policy.property("Roles"));
        named.flat_map(|node| node.one_or_more()).any(|node| node.text_at(["Ref"]) == Some(role.id))
    };
    let others = ["AWS::IAM::RolePolicy", "AWS::IAM::Policy"].into_iter().flat_map(|kind| {
        let policies: Vec<_> = template.resources_of(kind).filter(is_for).collect();
        policies.into_iter().filter_map(|policy| policy.property("PolicyDocument"))
    });
    let documents: Vec<Node<'_>> = own.chain(others).collect();
    let total: usize = documents.iter().map(|document| size(document.value)).sum();
    let Some(largest) = documents.iter().max_by_key(|document| size(document.value)).filter(|_| total > INLINE) else {
        return;
    };
    report
        .at(&POLICY_SIZE, largest, format!("the policies of `{}` have {total} characters of at most {INLINE}", role.id))
        .label("the longest of them")
        .help("move some into managed policies");
}

/// The characters of a policy as IAM counts them, with the least that functions can give.
fn size(value: &Value) -> usize {
    match value {
        Value::Null => 4,
        Value::Bool(value) => value.to_string().len(),
        Value::Number(number) => number.to_string().len(),
        Value::String(text) => quoted(text),
        Value::List(items) => 2 + items.iter().map(size).sum::<usize>() + items.len().saturating_sub(1),
        Value::Map(entries) => match entries.as_slice() {
            [(name, argument)] if name.starts_with("Fn::") || &**name == "Ref" => function(name, argument),
            entries => {
                let all: usize = entries.iter().map(|(key, value)| quoted(key) + 1 + size(value)).sum();
                2 + all + entries.len().saturating_sub(1)
            }
        },
    }
}

fn quoted(text: &str) -> usize {
    2 + text.chars().filter(|letter| !letter.is_whitespace()).count()
}

fn function(name: &str, argument: &Value) -> usize {
    match (name, argument) {
        ("Fn::Sub", Value::String(text)) => substituted(text),
        ("Fn::Sub", Value::List(parts)) => parts.first().and_then(Value::as_str).map_or(2, substituted),
        ("Ref", Value::String(name)) => 2 + least(name),
        ("Fn::If", Value::List(parts)) => parts.iter().skip(1).map(size).min().unwrap_or(0),
        _ => 0,
    }
}

fn substituted(text: &str) -> usize {
    let names: Vec<&str> = cfn::variables(text).collect();
    let written: usize = names.iter().map(|name| name.chars().count() + "${}".len()).sum();
    quoted(text).saturating_sub(written) + names.iter().map(|name| least(name)).sum::<usize>()
}

/// The fewest characters that a name can stand for.
fn least(name: &str) -> usize {
    match name {
        "AWS::AccountId" => "012345678901".len(),
        "AWS::Partition" => "aws".len(),
        "AWS::Region" => "us-east-1".len(),
        "AWS::URLSuffix" => "amazonaws.com".len(),
        "AWS::NoValue" => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Value, size};

    #[test]
    fn white_space_is_not_counted_and_functions_count_the_least() {
        let text = |text: &str| Value::String(Arc::from(text));
        let map = |key: &str, value| Value::Map(vec![(Arc::from(key), value)]);
        assert_eq!(size(&map("Sid", text("a b\n c"))), r#"{"Sid":"abc"}"#.len());
        assert_eq!(size(&Value::List(vec![text("a"), text("b")])), r#"["a","b"]"#.len());
        let arn = map("Fn::Sub", text("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Name}"));
        assert_eq!(size(&arn), r#""arn:aws:iam::012345678901:role/x""#.len());
        assert_eq!(size(&map("Fn::GetAtt", text("Role.Arn"))), 0);
    }
}
