//! Policies of IAM that it refuses, and statements that can never allow or deny what they name.

use super::choices;
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    STATEMENT = Error "cfn/iam-statement";
    summary: "a policy that IAM refuses, or a statement that does nothing";
    explanation: "A policy's `Version` is 2012-10-17, or 2008-10-17 for the language before it; `Effect` is `Allow` or `Deny`, in this spelling; and IAM refuses elements that it does not know, such as `Actions` (docs.aws.amazon.com, \"IAM JSON policy elements reference\"). A service as principal has the name of one, `ec2.amazonaws.com`. Actions of S3 are about objects, `s3:GetObject`, or about buckets, `s3:ListBucket`: the first do nothing on the ARN of a bucket, which needs `/*` behind it, and the second nothing on that of objects. An action that is allowed for one of several resources is not reported.";
    wrong: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws:s3:::logs'}]
    ";
    right: "
        Resources:
          Policy:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws:s3:::logs/*'}]
    ";
}

const ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"];

/// Actions that have only objects, and only buckets, as resources
/// (docs.aws.amazon.com, "Actions, resources, and condition keys for Amazon S3").
const OF_OBJECTS: [&str; 10] = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectTagging",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:AbortMultipartUpload",
    "s3:RestoreObject",
];
const OF_BUCKETS: [&str; 5] = [
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketLocation",
    "s3:GetBucketVersioning",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        for properties in template.resources().iter().filter_map(Resource::properties) {
            properties.walk(&mut |node| {
                let Some(statements) = node.get("Statement") else { return };
                let statements: Vec<Node<'_>> = statements
                    .one_or_more()
                    .iter()
                    .flat_map(|it| choices(Some(it)).unwrap_or_default())
                    .flatten()
                    .filter(is_statement)
                    .collect();
                if !statements.is_empty() {
                    judge_version(node, report);
                }
                for statement in statements {
                    judge(template, &statement, report);
                }
            });
        }
    }
}

/// Not a statement of another language: rules of a firewall have some as well.
fn is_statement(node: &Node<'_>) -> bool {
    let effect = node.text_at(["Effect"]).map(str::to_ascii_lowercase);
    matches!(effect.as_deref(), Some("allow" | "deny"))
}

fn judge_version(document: &Node<'_>, report: &mut Report) {
    let Some(version) = document.get("Version") else { return };
    if let Some(text) = version.text().filter(|text| !matches!(*text, "2012-10-17" | "2008-10-17")) {
        report
            .at(&STATEMENT, &version, format!("IAM knows no version `{text}` of policies"))
            .label("the version of the language, not of the policy")
            .help("write `2012-10-17`");
    }
}

fn judge(template: &Template<'_>, statement: &Node<'_>, report: &mut Report) {
    for (key, value) in statement.entries() {
        if ELEMENTS.contains(&key) || key.starts_with("Fn::") {
            continue;
        }
        let draft = report.at(&STATEMENT, &value, format!("a statement of IAM has no `{key}`"));
        draft.about_key();
        if let Some(help) = suggest::did_you_mean(key, ELEMENTS) {
            draft.help(help);
        }
    }
    if let Some(effect) = statement.get("Effect")
        && let Some(text) = effect.text().filter(|text| !matches!(*text, "Allow" | "Deny"))
    {
        let wanted = if text.eq_ignore_ascii_case("allow") { "Allow" } else { "Deny" };
        report
            .at(&STATEMENT, &effect, format!("`{text}` is no effect"))
            .label("case matters here")
            .help(format!("write `{wanted}`"));
    }
    let services = statement.at(["Principal", "Service"]);
    for service in services.iter().flat_map(Node::one_or_more) {
        if let Some(text) = service.text().filter(|text| is_nearly_a_service(text)) {
            let draft = report.at(&STATEMENT, &service, format!("`{text}` is no service that can be a principal"));
            let service = service_of(text).unwrap_or(text);
            draft.help(format!("did you mean `{service}.amazonaws.com`?"));
        }
    }
    reach(template, statement, report);
}

/// `ec2`, `ec2.amazonaws`, `ec2.amazonaws.org`, `ec2.aws.com`; not what partitions of AWS call theirs.
fn is_nearly_a_service(text: &str) -> bool {
    if !text.contains('.') {
        return !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    }
    let is_one = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"].iter().any(|end| text.ends_with(end));
    !is_one && service_of(text).is_some()
}

/// What stands before nearly the domain of AWS: `pods.eks` of `pods.eks.amazon.com`.
fn service_of(text: &str) -> Option<&str> {
    let domains = ["amazonaws.com", "aws.com", "amazon.com", "amazonaws"];
    let is_domain = |domain: &str| domains.contains(&domain) || suggest::nearest(domain, ["amazonaws.com"]).is_some();
    let points = text.match_indices('.').map(|(at, _)| at).filter(|at| *at > 0);
    points.map(|at| (&text[..at], &text[at + 1..])).find(|(_, domain)| is_domain(domain)).map(|(service, _)| service)
}

/// Actions that none of the statement's resources is for.
fn reach(template: &Template<'_>, statement: &Node<'_>, report: &mut Report) {
    let (Some(actions), Some(resource)) = (statement.get("Action"), statement.get("Resource")) else { return };
    let kinds: Option<Vec<Kind>> = resource.one_or_more().iter().map(|it| kind(template, it)).collect();
    let Some(kinds) = kinds.filter(|kinds| !kinds.is_empty()) else { return };
    let actions = actions.one_or_more();
    let kind = |needs, known: &[&str], wanted: &str, help: &str, report: &mut Report| {
        let named = |action: &&Node<'_>| action.text().is_some_and(|text| known.contains(&text));
        let mut idle = actions.iter().filter(named);
        let Some(first) = idle.next().filter(|_| !kinds.contains(&needs)) else { return };
        let more = idle.count();
        let name = first.text().unwrap_or_default();
        let message = match more {
            0 => format!("`{name}` does nothing here: it is about {wanted}"),
            _ => format!("`{name}` and {more} more do nothing here: they are about {wanted}"),
        };
        let label = if needs == Kind::Object { "no objects among them" } else { "no bucket among them" };
        report.at(&STATEMENT, &resource, message).label(label).also(first, "the action").help(help);
    };
    kind(Kind::Object, &OF_OBJECTS, "objects", "for the objects of a bucket, add `/*` behind its ARN", report);
    kind(Kind::Bucket, &OF_BUCKETS, "buckets", "add the ARN of the bucket itself, without `/*`", report);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bucket,
    Object,
    /// Of another service.
    Other,
}

/// What a resource is; `None` if it cannot be known, or may be both.
fn kind(template: &Template<'_>, node: &Node<'_>) -> Option<Kind> {
    let is_bucket = |id: &str| template.resource(id).is_some_and(|it| it.kind == "AWS::S3::Bucket");
    if let Some(of) = node.get("Fn::GetAtt") {
        let parts: Vec<&str> = of.items().iter().filter_map(Node::text).collect();
        let (id, attribute) = match (of.text(), parts.as_slice()) {
            (Some(text), _) => text.split_once('.')?,
            (None, [id, attribute]) => (*id, *attribute),
            _ => return None,
        };
        return (attribute == "Arn" && is_bucket(id)).then_some(Kind::Bucket);
    }
    let text = super::written(node)?;
    let text = text.text()?;
    if let Some((id, rest)) = text.strip_prefix("${").and_then(|text| text.split_once(".Arn}"))
        && is_bucket(id)
    {
        return of_rest(rest);
    }
    let arn = text.replace("${AWS::Partition}", "aws");
    let arn: Vec<&str> = arn.splitn(6, ':').collect();
    match arn.as_slice() {
        ["arn", partition, "s3", "", "", rest] if !partition.is_empty() && !rest.is_empty() => {
            of_rest(&without_variables(rest, |name| name.starts_with("AWS::") || is_bucket(name))?)
        }
        ["arn", _, service, ..] if !service.contains(['*', '$', '?']) && !service.starts_with("s3") => {
            Some(Kind::Other)
        }
        _ => None,
    }
}

/// What stands behind a bucket's name, or with it.
fn of_rest(rest: &str) -> Option<Kind> {
    match rest.split_once('/') {
        Some(_) => Some(Kind::Object),
        None if rest.contains('*') => None,
        None => Some(Kind::Bucket),
    }
}

/// `${Name}/*` as `x/*`; nothing where a variable may stand for more than a part of a bucket's name.
fn without_variables(rest: &str, is_plain: impl Fn(&str) -> bool) -> Option<String> {
    let mut text = String::new();
    let mut left = rest;
    let mut is_known = true;
    while let Some((before, after)) = left.split_once("${") {
        let (name, after) = after.split_once('}')?;
        is_known &= is_plain(name);
        text.push_str(before);
        text.push('x');
        left = after;
    }
    text.push_str(left);
    (is_known || text.contains('/')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::is_nearly_a_service;

    #[test]
    fn services_as_principals() {
        for text in [
            "ec2",
            "ec2.amazonaws",
            "lambda.amazonaws.co",
            "eks.aws.com",
            "ecs-tasks.amazonaw.com",
            "pods.eks.amazon.com",
        ] {
            assert!(is_nearly_a_service(text), "{text}");
        }
        for text in [
            "ec2.amazonaws.com",
            "ec2.amazonaws.com.cn",
            "delivery.logs.amazonaws.com",
            "logs.eu-central-1.amazonaws.com",
            "ec2.c2s.ic.gov",
            "example.org",
            "${Service}",
        ] {
            assert!(!is_nearly_a_service(text), "{text}");
        }
    }
}
