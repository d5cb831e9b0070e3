//! Keys of volumes that a managed node group starts with.

use super::{referent, written};
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    VOLUME_KEY = Error "cfn/volume-key";
    summary: "the key of a node group's volumes does not let Auto Scaling grant its use";
    explanation: "EKS makes an Auto Scaling group of a managed node group, and that starts instances as `AWSServiceRoleForAutoScaling`. Where their volumes have a key of your own, its policy must let this role use it and make grants (docs.aws.amazon.com, \"Required AWS KMS key policy for use with encrypted volumes\"); otherwise each instance ends with `Client.InternalError`, and the group is never active. Judged where the key and its whole policy stand in the tree, by references and exports.";
    wrong: "
        Resources:
          Key:
            Type: AWS::KMS::Key
            Properties:
              KeyPolicy:
                Version: '2012-10-17'
                Statement: [{Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}]
          Launch: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {Encrypted: true, KmsKeyId: !GetAtt Key.Arn}}]}}}
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], LaunchTemplate: {Id: !Ref Launch, Version: '1'}}}
    ";
    right: "
        Resources:
          Key:
            Type: AWS::KMS::Key
            Properties:
              KeyPolicy:
                Version: '2012-10-17'
                Statement:
                  - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
                  - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'}, Action: [kms:CreateGrant, kms:Decrypt, kms:DescribeKey, kms:Encrypt, 'kms:GenerateDataKey*', 'kms:ReEncrypt*'], Resource: '*'}
          Launch: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {Encrypted: true, KmsKeyId: !GetAtt Key.Arn}}]}}}
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], LaunchTemplate: {Id: !Ref Launch, Version: '1'}}}
    ";
}

const ROLE: &str = "AWSServiceRoleForAutoScaling";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut told = Vec::new();
    for template in view.templates() {
        for group in template.resources_of("AWS::EKS::Nodegroup") {
            let launch =
                group.property("LaunchTemplate").and_then(|it| it.get("Id").or_else(|| it.get("LaunchTemplateId")));
            let Some(launch) = launch.and_then(|node| template.resource(referent(&node)?.0)) else { continue };
            for node in launch.node.under("KmsKeyId") {
                let Some(key) = key(view, template, &node) else { continue };
                if key.kind == "AWS::KMS::Key" && !told.contains(&key.node.number()) {
                    told.push(key.node.number());
                    judge(key, group, &node, report);
                }
            }
        }
    }
}

/// The key that is meant, in this stack or another.
fn key<'v, 'a>(view: &'v View<'a>, template: &'v Template<'a>, node: &Node<'a>) -> Option<&'v Resource<'a>> {
    if let Some((id, _)) = referent(node) {
        return template.resource(id);
    }
    let name = node.text_at(["Fn::ImportValue"])?;
    view.templates().iter().find_map(|other| {
        let export = other.exports().iter().find(|export| export.name.text() == Some(name))?;
        other.resource(referent(&other.document.root().at(["Outputs", export.output, "Value"])?)?.0)
    })
}

fn judge(key: &Resource<'_>, group: &Resource<'_>, used: &Node<'_>, report: &mut Report) {
    let Some(policy) = key.property("KeyPolicy").filter(|it| it.get("Statement").is_some()) else { return };
    let statements = policy.get("Statement").map(|it| it.one_or_more()).unwrap_or_default();
    // One that a function chooses, or that denies, is beyond this.
    if statements.iter().any(|it| it.get("Effect").is_none()) {
        return;
    }
    if statements.iter().any(|statement| grants(statement) && means(statement)) {
        return;
    }
    report
        .at(
            &VOLUME_KEY,
            &policy,
            format!("Auto Scaling cannot start the instances of `{}`: it may make no grant for their key", group.id),
        )
        .label(format!("no statement allows `{ROLE}` `kms:CreateGrant`"))
        .also(used, "volumes of the node group have this key")
        .help(format!(
            "allow the role `aws-service-role/autoscaling.amazonaws.com/{ROLE}` to use the key and `kms:CreateGrant`"
        ));
}

fn grants(statement: &Node<'_>) -> bool {
    let actions = statement.get("Action").map(|it| it.one_or_more()).unwrap_or_default();
    let is_grant = |it: &Node<'_>| {
        it.text().is_none_or(|text| {
            let text = text.to_ascii_lowercase();
            matches!(text.as_str(), "*" | "kms:*" | "kms:creategrant" | "kms:create*")
                || text.starts_with("kms:c") && text.ends_with('*')
        })
    };
    statement.text_at(["Effect"]) == Some("Allow")
        && (actions.iter().any(is_grant) || statement.get("NotAction").is_some())
}

/// Whether a statement is for the role: by its name, or for everybody without asking for a way that it does not take. Root
/// stands for identities that their own policies allow it, and a service's role has none for keys.
fn means(statement: &Node<'_>) -> bool {
    let Some(principal) = statement.get("Principal") else { return true };
    if principal.text() == Some("*") || principal.text_at(["AWS"]) == Some("*") {
        // Grants for EC2 are not made by way of EC2.
        return statement.get("Condition").is_none_or(|it| it.under("kms:ViaService").next().is_none());
    }
    let named = principal.get("AWS").map(|it| it.one_or_more()).unwrap_or_default();
    named.iter().any(|it| match written(it).and_then(|node| node.text()) {
        Some(text) => text.ends_with(ROLE) || text.contains("aws-service-role") && text.contains('$'),
        None => referent(it).is_none(),
    })
}
