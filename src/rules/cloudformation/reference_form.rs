//! Properties that take one form of what identifies a resource, and are given another.

use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    REFERENCE_FORM = Error "cfn/reference-form";
    summary: "a property that takes an ARN is given a name or an address, or the other way round";
    explanation: "`Ref` gives what the type's page says: the address of a queue, the name of a bucket, a role or a function. A property whose name ends in `Arn`, and the resource of a statement, take an ARN, which is `Fn::GetAtt` with `Arn`; the queues of a queue policy, the bucket of a bucket policy and the roles of a profile take what `Ref` gives. The service refuses the other form when the stack is deployed.";
    wrong: "
        Resources:
          Jobs: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: true}}
          Nightly:
            Type: AWS::Events::Rule
            Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: jobs, Arn: !Ref Jobs}]}
    ";
    right: "
        Resources:
          Jobs: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: true}}
          Nightly:
            Type: AWS::Events::Rule
            Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: jobs, Arn: !GetAtt Jobs.Arn}]}
    ";
}

/// Types whose `Ref` is no ARN and whose attribute `Arn` is one, and what the `Ref` gives.
const REFS: [(&str, &str); 18] = [
    ("AWS::CloudWatch::Alarm", "name"),
    ("AWS::DynamoDB::Table", "name"),
    ("AWS::ECR::Repository", "name"),
    ("AWS::EFS::FileSystem", "id"),
    ("AWS::EKS::Cluster", "name"),
    ("AWS::Events::EventBus", "name"),
    ("AWS::Events::Rule", "name"),
    ("AWS::IAM::InstanceProfile", "name"),
    ("AWS::IAM::Role", "name"),
    ("AWS::IAM::User", "name"),
    ("AWS::KMS::Key", "id"),
    ("AWS::Kinesis::Stream", "name"),
    ("AWS::KinesisFirehose::DeliveryStream", "name"),
    ("AWS::Lambda::Function", "name"),
    ("AWS::Logs::LogGroup", "name"),
    ("AWS::S3::Bucket", "name"),
    ("AWS::SQS::Queue", "address"),
    ("AWS::Scheduler::Schedule", "name"),
];

/// Properties at the top of a type that take what `Ref` gives of another type.
const NAMED: [(&str, &str, &str); 8] = [
    ("AWS::EKS::AccessEntry", "ClusterName", "AWS::EKS::Cluster"),
    ("AWS::EKS::Addon", "ClusterName", "AWS::EKS::Cluster"),
    ("AWS::EKS::Nodegroup", "ClusterName", "AWS::EKS::Cluster"),
    ("AWS::EKS::PodIdentityAssociation", "ClusterName", "AWS::EKS::Cluster"),
    ("AWS::IAM::InstanceProfile", "Roles", "AWS::IAM::Role"),
    ("AWS::Logs::MetricFilter", "LogGroupName", "AWS::Logs::LogGroup"),
    ("AWS::S3::BucketPolicy", "Bucket", "AWS::S3::Bucket"),
    ("AWS::SQS::QueuePolicy", "Queues", "AWS::SQS::Queue"),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        for resource in template.resources().iter().filter(|it| it.kind.starts_with("AWS::")) {
            for (_, property, kind) in NAMED.iter().filter(|(owner, ..)| *owner == resource.kind) {
                let values = resource.property(property).map(|it| it.one_or_more()).unwrap_or_default();
                for value in &values {
                    of_name(template, value, kind, report);
                }
            }
            if let Some(properties) = resource.properties() {
                properties.walk(&mut |node| arns(template, resource, node, report));
            }
        }
    }
}

/// What takes a name, and is given an ARN.
fn of_name(template: &Template<'_>, value: &Node<'_>, kind: &str, report: &mut Report) {
    let Some(of) = value.get("Fn::GetAtt") else { return };
    let parts: Vec<&str> = of.items().iter().filter_map(Node::text).collect();
    let id = match (of.text(), parts.as_slice()) {
        (Some(text), _) => text.strip_suffix(".Arn"),
        (None, [id, "Arn"]) => Some(*id),
        _ => None,
    };
    let Some(target) = id.and_then(|id| template.resource(id)).filter(|it| it.kind == kind) else { return };
    let gives = REFS.iter().find(|(own, _)| *own == kind).map_or("name", |(_, gives)| *gives);
    let list = value.key().or(value.nearest_key()).unwrap_or_default();
    report
        .at(&REFERENCE_FORM, value, format!("`{list}` takes the {gives} of `{}`, and this is its ARN", target.id))
        .help(format!("write `!Ref {}`", target.id));
}

/// What takes an ARN, and is given what `Ref` gives.
fn arns(template: &Template<'_>, owner: &Resource<'_>, node: &Node<'_>, report: &mut Report) {
    for (key, value) in node.entries() {
        let is_statement = || node.get("Effect").is_some();
        let takes = match key {
            "Resource" | "NotResource" => is_statement(),
            // Some take the id of a key as well.
            _ => (key.ends_with("Arn") || key.ends_with("ARN")) && !key.contains("Key") && !key.contains("Kms"),
        };
        // Roles are told by the schemas of the types.
        if !takes || key.ends_with("RoleArn") || key.ends_with("RoleARN") {
            continue;
        }
        for value in value.one_or_more() {
            let Some(target) = value.get("Ref").and_then(|id| template.resource(id.text()?)) else { continue };
            let Some((_, gives)) = REFS.iter().find(|(kind, _)| *kind == target.kind) else { continue };
            if owner.kind.starts_with("AWS::CloudFormation::") {
                continue;
            }
            report
                .at(&REFERENCE_FORM, value, format!("`{key}` takes an ARN, and this is the {gives} of `{}`", target.id))
                .help(format!("write `!GetAtt {}.Arn`", target.id));
        }
    }
}
