//! Replacements that cannot happen: the new resource would have the old one's name.

use super::replaced::{Replacement, replacements};
use crate::check::Change;
use crate::check::{Node, Report, rule};

rule! {
    NAMED_REPLACEMENT = Error "change/named-replacement";
    summary: "a change replaces a resource with a name of its own, which CloudFormation refuses";
    explanation: "CloudFormation makes the new resource before it deletes the old one, and two of one name cannot be: the update fails and is rolled back. Give it another name together with the change, or let CloudFormation choose the name.";
    wrong: "
        --- # before/nodes/template.yaml
        Resources:
          System: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodegroupName: system, NodeRole: r, Subnets: [a], InstanceTypes: [m5.large]}}
        --- # after/nodes/template.yaml
        Resources:
          System: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodegroupName: system, NodeRole: r, Subnets: [a], InstanceTypes: [m6i.large]}}
    ";
    right: "
        --- # before/nodes/template.yaml
        Resources:
          System: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodegroupName: system, NodeRole: r, Subnets: [a], InstanceTypes: [m5.large]}}
        --- # after/nodes/template.yaml
        Resources:
          System: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodegroupName: system-2, NodeRole: r, Subnets: [a], InstanceTypes: [m6i.large]}}
    ";
}

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

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for replacement in replacements(change) {
        let Some(name) = fixed_name(&replacement) else { continue };
        let Replacement { pair, property, old, new } = &replacement;
        let place = new.as_ref().unwrap_or(&pair.new.node);
        let message =
            format!("`{}` cannot be replaced under its own name: `{property}` cannot be changed", pair.new.id);
        report
            .at(&NAMED_REPLACEMENT, place, message)
            .label("CloudFormation makes another one for this, and the name is taken")
            .also(&name, "the name of both")
            .beside(change.was(old), "as it was")
            .help("leave it as it was; or give the resource another name, or none, together with this change");
    }
}

/// The name that old and new would share: written out, and the same as before.
pub(super) fn fixed_name<'a>(replacement: &Replacement<'_, 'a>) -> Option<Node<'a>> {
    let pair = &replacement.pair;
    let (_, property) = NAMES.iter().find(|(kind, _)| *kind == pair.new.kind)?;
    let (old, new) = (pair.old.property(property)?, pair.new.property(property)?);
    (old.value == new.value).then_some(new)
}
