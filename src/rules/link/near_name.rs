//! Names of things that templates make, wherever a text is such a name, and the slip that leads to nothing.

use std::collections::BTreeMap;

use super::kinds::{self, Kind};
use super::values;
use crate::check::cfn::Template;
use crate::check::{Node, Report, Signs, View, rule};
use crate::glob;
use crate::rules::near::near_of;

rule! {
    NEAR_NAME = Error "link/near-name";
    summary: "something is named that nothing makes, by a name that is nearly one that a template makes";
    explanation: "An ARN, a dynamic reference (`{{resolve:ssm:…}}`), a property or a chart's value names a bucket, a function, a hosted zone, a key alias, a log group, a parameter, a queue, a role, a secret of Secrets Manager, a table or a topic as text, and nobody compares it with what the stacks make: what is named wrong is missed at deployment, or when it is first used. A name is told if it differs from exactly one that a template makes by one letter of a word, or by one part that stands elsewhere (`prod-karpenter-node`, `karpenter-prod-node`). Others may be made elsewhere, and nothing is said of them. Name under `outside` what other tools make by a name that is nearly one of these.";
    wrong: "
        --- # role/template.yaml
        Resources:
          Role: {Type: AWS::IAM::Role, Properties: {RoleName: prod-shop-reader, AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}}}
        --- # account.yaml
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: shop
          namespace: shop
          annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::012345678901:role/prod-shop-raeder'}
    ";
    right: "
        --- # role/template.yaml
        Resources:
          Role: {Type: AWS::IAM::Role, Properties: {RoleName: prod-shop-reader, AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}}}
        --- # account.yaml
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: shop
          namespace: shop
          annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::012345678901:role/prod-shop-reader'}
    ";
}

/// Properties that name a thing of a kind, or a list of such.
static PROPERTIES: &[(&str, &str, &Kind)] = &[
    ("AWS::CloudTrail::Trail", "S3BucketName", &kinds::BUCKET),
    ("AWS::EC2::FlowLog", "LogGroupName", &kinds::LOG_GROUP),
    ("AWS::IAM::InstanceProfile", "Roles", &kinds::ROLE),
    ("AWS::IAM::ManagedPolicy", "Roles", &kinds::ROLE),
    ("AWS::IAM::Policy", "Roles", &kinds::ROLE),
    ("AWS::IAM::RolePolicy", "RoleName", &kinds::ROLE),
    ("AWS::Lambda::EventSourceMapping", "FunctionName", &kinds::FUNCTION),
    ("AWS::Lambda::Permission", "FunctionName", &kinds::FUNCTION),
    ("AWS::Logs::LogStream", "LogGroupName", &kinds::LOG_GROUP),
    ("AWS::Logs::MetricFilter", "LogGroupName", &kinds::LOG_GROUP),
    ("AWS::Logs::SubscriptionFilter", "LogGroupName", &kinds::LOG_GROUP),
    ("AWS::Route53::RecordSet", "HostedZoneName", &kinds::HOSTED_ZONE),
    ("AWS::Route53::RecordSetGroup", "HostedZoneName", &kinds::HOSTED_ZONE),
    ("AWS::S3::BucketPolicy", "Bucket", &kinds::BUCKET),
];

/// Keys of Helm values, and of objects of controllers, that say what they name.
static KEYS: &[(&str, &Kind)] = &[
    ("dynamodbTableName", &kinds::TABLE),
    ("dynamodb_table_name", &kinds::TABLE),
    ("logGroupName", &kinds::LOG_GROUP),
    ("log_group_name", &kinds::LOG_GROUP),
    ("queueName", &kinds::QUEUE),
    ("sqsQueueName", &kinds::QUEUE),
];

/// What ARNs name: their service, what the resource begins with, and where the name ends.
static ARNS: &[(&str, &str, &str, &Kind)] = &[
    ("dynamodb", "table/", "/", &kinds::TABLE),
    ("kms", "alias/", "", &kinds::KEY_ALIAS),
    ("lambda", "function:", ":", &kinds::FUNCTION),
    ("logs", "log-group:", ":", &kinds::LOG_GROUP),
    ("s3", "", "/", &kinds::BUCKET),
    ("secretsmanager", "secret:", ":", &kinds::STORED_SECRET),
    ("sns", "", ":", &kinds::TOPIC),
    ("sqs", "", "", &kinds::QUEUE),
    ("ssm", "parameter", "", &kinds::PARAMETER),
];

/// What the tree makes of one kind.
struct Made<'a> {
    names: BTreeMap<&'a str, Node<'a>>,
    /// Of names that are only known at deployment, what is known.
    patterns: Vec<String>,
}

/// What the tree makes of all kinds, and what may be said of a name.
struct Ground<'v, 'a> {
    view: &'v View<'a>,
    made: BTreeMap<&'static str, Made<'a>>,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(ground) = Ground::of(view) else { return };
    for document in view.meant() {
        for (node, text) in document.root().texts_with(Signs::of(b":")) {
            if text.starts_with("arn:") {
                of_arn(&ground, &node, text, report);
            } else if text.contains("{{resolve:") {
                of_dynamic(&ground, &node, text, report);
            }
        }
    }
    for (kind, property, named) in PROPERTIES {
        for node in view.resources_of(kind).filter_map(|resource| resource.property(property)) {
            node.one_or_more().iter().for_each(|node| ground.judge_text(named, node, report));
        }
    }
    for template in view.templates() {
        of_parameters(&ground, template, report);
    }
    for (_, values) in values(view) {
        for (key, kind) in KEYS {
            values.under(key).for_each(|node| ground.judge_text(kind, &node, report));
        }
    }
    for secret in view.objects_of("external-secrets.io", "ExternalSecret") {
        for node in secret.root().under("key") {
            if matches!(node.parent().and_then(|it| it.key()), Some("remoteRef" | "extract")) {
                // The store says which of both it is.
                ground.judge_text(&kinds::STORED_SECRET, &node, report);
                ground.judge_text(&kinds::PARAMETER, &node, report);
            }
        }
    }
}

impl<'v, 'a> Ground<'v, 'a> {
    /// None if nothing is made by a name that is written out, neither by a template nor by another tool.
    fn of(view: &'v View<'a>) -> Option<Self> {
        let kinds = ARNS.iter().map(|(.., kind)| *kind).chain([&kinds::ROLE, &kinds::HOSTED_ZONE]);
        let made: BTreeMap<_, _> = kinds.map(|kind| (kind.outside, Made::of(view, kind))).collect();
        let is_any = made.iter().any(|(kind, made)| !made.names.is_empty() || view.outside(kind).next().is_some());
        (is_any && !view.templates().iter().any(Template::is_transformed)).then_some(Self { view, made })
    }

    fn judge_text(&self, kind: &Kind, node: &Node<'_>, report: &mut Report) {
        if let Some(text) = node.text().filter(|text| !text.starts_with("arn:") && !text.contains("{{resolve:")) {
            self.judge(kind, node, text, report);
        }
    }

    fn judge(&self, kind: &Kind, node: &Node<'_>, name: &str, report: &mut Report) {
        let Some(made) = self.made.get(kind.outside) else { return };
        let is_unknown = name.is_empty() || name.contains(['*', '?', '{', '}', '$', '<']);
        if is_unknown || made.has(name) || self.view.is_outside(kind.outside, None, name) {
            return;
        }
        let foreign = || self.view.outside(kind.outside).map(|(name, outside)| (bare(name), outside));
        let near = near_of(bare(name), || made.names.keys().copied().map(bare), || foreign().map(|(name, _)| name));
        let own = near.own.and_then(|near| made.names.iter().find(|(own, _)| bare(own) == near));
        let foreign = near.foreign.and_then(|near| foreign().find(|(name, _)| *name == near));
        let known = [own.map(|(near, _)| *near), foreign.map(|(near, _)| near)];
        let known: Vec<String> = known.into_iter().flatten().map(|near| format!("`{near}`")).collect();
        if known.is_empty() {
            return;
        }
        let what = kind.what;
        let draft = report.at(&NEAR_NAME, node, format!("nothing makes the {what} `{name}`"));
        draft.about(node.text().unwrap_or_default(), name).label(format!("this {what} is nowhere"));
        if let Some((near, place)) = own {
            draft.also(place, format!("a template makes `{near}`"));
        }
        if let Some((near, outside)) = foreign {
            draft.beside(outside.span, format!("another tool makes `{near}`"));
        }
        draft.help(format!(
            "name {}; or, if another tool makes `{name}`, put it under `{}` of `outside`",
            known.join(" or "),
            kind.outside
        ));
    }
}

/// A name without the slash or the point that may be left out.
fn bare(name: &str) -> &str {
    name.trim_start_matches('/').trim_end_matches('.')
}

impl<'a> Made<'a> {
    fn of(view: &View<'a>, kind: &Kind) -> Self {
        let mut made = Self { names: BTreeMap::new(), patterns: Vec::new() };
        for node in view.resources_of(kind.resource).filter_map(|resource| resource.property(kind.property)) {
            match (node.text(), node.text_at(["Fn::Sub"])) {
                (Some(name), _) => drop(made.names.insert(name, node)),
                (None, Some(text)) => made.patterns.push(pattern(text)),
                (None, None) => made.patterns.push("**".to_owned()),
            }
        }
        made
    }

    /// Whether a template makes it, or may.
    fn has(&self, name: &str) -> bool {
        self.names.keys().any(|own| bare(own) == bare(name))
            || self.patterns.iter().any(|pattern| glob::matches(pattern, name) || glob::matches(pattern, bare(name)))
    }
}

/// What is known of a text of `Fn::Sub`.
fn pattern(text: &str) -> String {
    let (mut pattern, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push_str("**");
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    pattern + rest
}

/// The service and the resource of an ARN, which `Fn::Sub` may have to fill in between.
fn arn(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut ends) = (0_usize, Vec::new());
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => ends.push(at),
            _ => {}
        }
    }
    let [_, service, region, _, resource, ..] = ends.as_slice() else { return None };
    Some((text.get(service + 1..*region)?, text.get(resource + 1..)?))
}

fn of_arn(ground: &Ground<'_, '_>, node: &Node<'_>, text: &str, report: &mut Report) {
    let Some((service, resource)) = arn(text) else { return };
    if service == "iam" {
        if let Some(path) = resource.strip_prefix("role/").filter(|path| !path.starts_with("aws-")) {
            ground.judge(&kinds::ROLE, node, path.rsplit('/').next().unwrap_or(path), report);
        }
        return;
    }
    for (of, begin, end, kind) in ARNS.iter().filter(|(of, ..)| *of == service) {
        let Some(name) = resource.strip_prefix(begin) else { continue };
        let name = match *of {
            // The name of an alias begins with the word.
            "kms" => resource,
            "secretsmanager" => without_suffix(name.split(end).next().unwrap_or(name)),
            _ if end.is_empty() => name,
            _ => name.split(end).next().unwrap_or(name),
        };
        ground.judge(kind, node, name, report);
    }
}

/// The name of a secret: its ARN ends in six letters that Secrets Manager has chosen, or in signs that stand for them.
fn without_suffix(name: &str) -> &str {
    let is_suffix = |end: &str| {
        end == "*"
            || end == "??????"
            || (end.len() == 6 && end.bytes().any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
    };
    name.rsplit_once('-').filter(|(_, end)| is_suffix(end)).map_or(name, |(name, _)| name)
}

/// `{{resolve:ssm:/shop/url:1}}`, `{{resolve:secretsmanager:shop/database:SecretString:password}}`.
fn of_dynamic(ground: &Ground<'_, '_>, node: &Node<'_>, text: &str, report: &mut Report) {
    for reference in text.split("{{resolve:").skip(1) {
        let reference = reference.split("}}").next().unwrap_or_default();
        let Some((service, name)) = reference.split_once(':') else { continue };
        let kind = match service {
            "ssm" | "ssm-secure" => &kinds::PARAMETER,
            "secretsmanager" if !name.starts_with("arn:") => &kinds::STORED_SECRET,
            _ => continue,
        };
        ground.judge(kind, node, name.split(':').next().unwrap_or(name), report);
    }
}

/// Parameters of a stack that are read from the store.
fn of_parameters(ground: &Ground<'_, '_>, template: &Template<'_>, report: &mut Report) {
    let parameters = template.document.root().get("Parameters");
    for (_, parameter) in parameters.iter().flat_map(Node::entries) {
        let is_stored = parameter.text_at(["Type"]).is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter::"));
        if let Some(name) = parameter.get("Default").filter(|_| is_stored) {
            ground.judge_text(&kinds::PARAMETER, &name, report);
        }
    }
}
