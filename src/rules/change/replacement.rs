//! [`Replacement`]: a property whose change makes CloudFormation replace a resource.

use super::create_only;
use crate::check::{Change, Node, Pair};
use crate::value::Value;

/// The property that is a resource's physical name, by type.
const NAMES: [(&str, &str); 22] = [
    ("AWS::Backup::BackupVault", "BackupVaultName"),
    ("AWS::CloudWatch::Alarm", "AlarmName"),
    ("AWS::DocDB::DBCluster", "DBClusterIdentifier"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateName"),
    ("AWS::EC2::SecurityGroup", "GroupName"),
    ("AWS::ECR::Repository", "RepositoryName"),
    ("AWS::ECS::Cluster", "ClusterName"),
    ("AWS::EKS::Cluster", "Name"),
    ("AWS::EKS::Nodegroup", "NodegroupName"),
    ("AWS::Events::Rule", "Name"),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::RDS::DBCluster", "DBClusterIdentifier"),
    ("AWS::RDS::DBInstance", "DBInstanceIdentifier"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::SecretsManager::Secret", "Name"),
    ("AWS::WAFv2::WebACL", "Name"),
];

/// A property whose change replaces its resource.
pub(super) struct Replacement<'c, 'a> {
    pub(super) pair: Pair<'c, 'a>,
    pub(super) property: &'static str,
    pub(super) old: Node<'a>,
    /// None if it is not set any more.
    pub(super) new: Option<Node<'a>>,
}

/// All properties of resources that replace them. A value that only deployment knows may be the same still.
pub(super) fn replacements<'c, 'a>(change: &'c Change<'a>) -> Vec<Replacement<'c, 'a>> {
    let pairs = change.resources().into_iter().filter(|pair| pair.old.kind == pair.new.kind);
    pairs
        .flat_map(|pair| {
            create_only::of(pair.new.kind).iter().filter_map(move |property| {
                let old = pair.old.properties().and_then(|it| it.along(property));
                let new = pair.new.properties().and_then(|it| it.along(property));
                let old = old.filter(|old| differs(old.value, new.as_ref().map(|new| new.value)))?;
                Some(Replacement { pair, property, old, new })
            })
        })
        .collect()
}

fn differs(old: &Value, new: Option<&Value>) -> bool {
    match (function(old), new.and_then(function)) {
        // Another function can say the same: `Ref: Vpc`, `Fn::GetAtt: [Vpc, VpcId]`.
        (Some(one), Some(other)) => one == other && new.is_some_and(|new| !new.is_same(old)),
        (Some(_), None) | (None, Some(_)) => false,
        (None, None) => match (old, new) {
            // Where types take several of something, their order means nothing.
            (Value::List(old), Some(Value::List(new))) => {
                old.len() != new.len() || old.iter().any(|item| !new.iter().any(|it| it.is_same(item)))
            }
            (old, Some(new)) => !same_scalar(old, new),
            // A default may say what was written out.
            (_, None) => false,
        },
    }
}

/// `'true'` and `true` are the same to CloudFormation, and so are `'20'` and 20.
fn same_scalar(old: &Value, new: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    };
    old.is_same(new) || (text(old).is_some() && text(old) == text(new))
}

/// The name of the intrinsic function that a value is.
fn function(value: &Value) -> Option<&str> {
    match value {
        Value::Map(entries) => match entries.as_slice() {
            [(name, _)] if &**name == "Ref" || name.starts_with("Fn::") => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// The name that old and new would share: written out, and the same as before.
pub(super) fn fixed_name<'a>(replacement: &Replacement<'_, 'a>) -> Option<Node<'a>> {
    let pair = &replacement.pair;
    let (_, property) = NAMES.iter().find(|(kind, _)| *kind == pair.new.kind)?;
    let (old, new) = (pair.old.property(property)?, pair.new.property(property)?);
    (old.value == new.value).then_some(new)
}
