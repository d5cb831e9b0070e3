//! Physical names: how long they may be once they are composed, and that no two resources claim the same.

use std::collections::BTreeMap;

use super::written;
use crate::check::cfn::{Resource, Template, may_exclude};
use crate::check::{Node, Report, View, rule};

rule! {
    NAME_LENGTH = Error "cfn/name";
    summary: "the composed name of a resource is one that AWS refuses";
    explanation: "Names are put together from a cluster's or an environment's name and a suffix, and each service has a limit of its own: 64 characters for a role, 63 for a bucket or a node group, 80 for a queue. Buckets also want lower case, digits, dots and dashes, the alias of a key begins with `alias/`, and the names of FIFO queues and topics, and of no others, end in `.fifo`. The deployment fails half way, in the environment with the longest name.";
    wrong: "
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              RoleName: the-role-of-the-controller-of-the-load-balancers-of-the-cluster-in-production
              AssumeRolePolicyDocument: {Statement: []}
    ";
    right: "
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              RoleName: prod-load-balancer-controller
              AssumeRolePolicyDocument: {Statement: []}
    ";
}

rule! {
    NAME_COLLISION = Error "cfn/name-collision";
    summary: "two resources of an environment have the same physical name";
    explanation: "A name that is given to a resource is unique in its account (and region, for most). Whichever stack is deployed second fails because the resource exists already.";
    wrong: "
        --- # a/template.yaml
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-events}}
        --- # b/template.yaml
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-events}}
    ";
    right: "
        --- # a/template.yaml
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-events-a}}
        --- # b/template.yaml
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-events-b}}
    ";
}

/// Type, property, the fewest and the most characters. From each type's page in the CloudFormation reference, or the
/// service's quotas where the reference says nothing.
const NAMES: [(&str, &str, usize, usize); 18] = [
    ("AWS::IAM::Role", "RoleName", 1, 64),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName", 1, 128),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName", 1, 128),
    ("AWS::S3::Bucket", "BucketName", 3, 63),
    ("AWS::SQS::Queue", "QueueName", 1, 80),
    ("AWS::SNS::Topic", "TopicName", 1, 256),
    ("AWS::EKS::Cluster", "Name", 1, 100),
    ("AWS::EKS::Nodegroup", "NodegroupName", 1, 63),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateName", 3, 128),
    ("AWS::Logs::LogGroup", "LogGroupName", 1, 512),
    ("AWS::KMS::Alias", "AliasName", 1, 256),
    ("AWS::Events::Rule", "Name", 1, 64),
    ("AWS::Lambda::Function", "FunctionName", 1, 64),
    ("AWS::DynamoDB::Table", "TableName", 3, 255),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Name", 1, 32),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Name", 1, 32),
    ("AWS::WAFv2::WebACL", "Name", 1, 128),
    ("AWS::SecretsManager::Secret", "Name", 1, 512),
];

const FIFO: &str = ".fifo";

/// Names that say what their resource is.
fn forms(resource: &Resource<'_>, report: &mut Report) {
    let name = |property: &str| resource.property(property).and_then(|node| written(&node));
    if let Some(alias) = name("AliasName").filter(|_| resource.kind == "AWS::KMS::Alias")
        && let Some(text) = alias.text().filter(|text| !text.starts_with("alias/") && !text.starts_with("${"))
    {
        report
            .at(&NAME_LENGTH, &alias, format!("`{text}` is no name for an alias of a key"))
            .help(format!("write `alias/{text}`"));
    }
    let property = match resource.kind {
        "AWS::SQS::Queue" => ("QueueName", "FifoQueue"),
        "AWS::SNS::Topic" => ("TopicName", "FifoTopic"),
        _ => return,
    };
    let Some(node) = name(property.0) else { return };
    let Some(text) = node.text().filter(|text| !text.ends_with('}')) else { return };
    let switch = resource.property(property.1);
    let is_fifo = match switch.as_ref().map(|switch| (switch.boolean(), switch.text())) {
        None | Some((Some(false), _) | (_, Some("false"))) => false,
        Some((Some(true), _) | (_, Some("true"))) => true,
        Some(_) => return,
    };
    if is_fifo && !text.ends_with(FIFO) {
        report
            .at(&NAME_LENGTH, &node, format!("the name `{text}` does not end in `.fifo`"))
            .help(format!("with `{}` it has to: `{text}.fifo`", property.1));
    } else if !is_fifo && text.ends_with(FIFO) {
        report
            .at(&NAME_LENGTH, &node, format!("the name `{text}` ends in `.fifo`"))
            .help(format!("only one with `{}: true` may", property.1));
    }
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut first: BTreeMap<(&str, &str), (&Resource<'_>, Node<'_>)> = BTreeMap::new();
    for resource in view.templates().iter().flat_map(Template::resources) {
        forms(resource, report);
        for (kind, property, least, most) in NAMES {
            if resource.kind != kind {
                continue;
            }
            let Some(node) = resource.property(property) else { continue };
            let Some(name) = node.text() else { continue };
            let count = name.chars().count();
            if !(least..=most).contains(&count) {
                let wanted = if count > most { format!("at most {most}") } else { format!("at least {least}") };
                let noun = if count == 1 { "character" } else { "characters" };
                report
                    .at(&NAME_LENGTH, &node, format!("the name `{name}` has {count} {noun}; {kind} takes {wanted}"))
                    .help(if count > most {
                        "shorten the suffix, or cut the whole with `dns_label(name, length)`"
                    } else {
                        "give it a longer name"
                    });
            } else if kind == "AWS::S3::Bucket" && !is_bucket_name(name) {
                report
                    .at(&NAME_LENGTH, &node, format!("`{name}` is no name for a bucket"))
                    .help("use lower-case letters, digits and dashes, with a letter or digit at both ends");
            }
            let Some((earlier, other)) = first.get(&(kind, name)) else {
                first.insert((kind, name), (resource, node));
                continue;
            };
            if may_exclude(earlier.condition(), resource.condition()) {
                continue;
            }
            report
                .at(&NAME_COLLISION, &node, format!("two resources of type {kind} are called `{name}`"))
                .also(other, "the other one")
                .help("give one of them another name");
        }
    }
}

/// docs.aws.amazon.com, "General purpose buckets naming rules".
fn is_bucket_name(name: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.bytes().all(|byte| good(byte) || matches!(byte, b'-' | b'.'))
        && name.bytes().next().is_some_and(good)
        && name.bytes().next_back().is_some_and(good)
        && !name.contains("..")
}
