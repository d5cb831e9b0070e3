//! Resources that hold data, and what happens to it when their stack goes.

use crate::check::cfn::Template;
use crate::check::{Report, View, rule};
use crate::impact::is_stateful;

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

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for resource in view.templates().iter().flat_map(Template::resources) {
        // The data of a database in a cluster is the cluster's.
        let is_of_cluster =
            resource.kind == "AWS::RDS::DBInstance" && resource.property("DBClusterIdentifier").is_some();
        if !is_stateful(resource.kind) || is_of_cluster {
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
