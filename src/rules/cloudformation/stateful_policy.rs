//! Resources that hold data, and what happens to it when their stack goes.

use crate::check::cfn::Template;
use crate::check::{Report, View, rule};

rule! {
    STATEFUL_POLICY = Warning "cfn/stateful-policy";
    summary: "a resource with data in it does not say what happens to the data";
    explanation: "Without `DeletionPolicy`, CloudFormation deletes the resource with its stack, or when it leaves the template; without `UpdateReplacePolicy`, when a change of another property replaces it. For a bucket, a key, a database or a zone that is the end of the data: say `Retain`, `RetainExceptOnCreate` or `Snapshot`, or `Delete` if that is what you want.";
    wrong: "
        Resources:
          Key:
            Type: AWS::KMS::Key
            Properties: {KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}]}}
    ";
    right: "
        Resources:
          Key:
            Type: AWS::KMS::Key
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties: {KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}]}}
    ";
}

/// Types whose resources hold what cannot be made again from a template.
const STATEFUL: [&str; 20] = [
    "AWS::APS::Workspace",
    "AWS::Backup::BackupVault",
    "AWS::Cognito::UserPool",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::FSx::FileSystem",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Route53::HostedZone",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
];

/// Whether resources of a type hold what cannot be made again from a template.
pub(in crate::rules) fn is_stateful(kind: &str) -> bool {
    STATEFUL.contains(&kind)
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for resource in view.templates().iter().flat_map(Template::resources) {
        if !is_stateful(resource.kind) {
            continue;
        }
        let missing: Vec<&str> = ["DeletionPolicy", "UpdateReplacePolicy"]
            .into_iter()
            .filter(|key| resource.node.get(key).is_none())
            .collect();
        if missing.is_empty() {
            continue;
        }
        let message = format!("`{}`, which holds data, has no {}", resource.id, missing.join(" and no "));
        report
            .at(&STATEFUL_POLICY, &resource.node, message)
            .help(format!("write `{}: Retain`", missing.join(": Retain` and `")));
    }
}
