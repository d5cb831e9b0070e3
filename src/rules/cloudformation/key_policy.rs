//! Key policies that leave nobody in charge.

use crate::check::{Node, Report, View, rule};

rule! {
    KEY_POLICY = Error "cfn/key-policy";
    summary: "a KMS key that nobody may administer";
    explanation: "A key policy is the only way to a key: unless it lets somebody change it (`kms:PutKeyPolicy`, or `kms:*` for the account's root), nobody can, and what the key encrypts is lost with the first mistake. KMS refuses such a policy unless told otherwise.";
    wrong: "
        Resources:
          Key:
            Type: AWS::KMS::Key
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              KeyPolicy: {Statement: [{Effect: Allow, Principal: {Service: logs.amazonaws.com}, Action: [kms:Encrypt, kms:Decrypt], Resource: '*'}]}
    ";
    right: "
        Resources:
          Key:
            Type: AWS::KMS::Key
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Properties:
              KeyPolicy:
                Statement:
                  - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
                  - {Effect: Allow, Principal: {Service: logs.amazonaws.com}, Action: [kms:Encrypt, kms:Decrypt], Resource: '*'}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        for key in template.resources_of("AWS::KMS::Key") {
            let Some(policy) = key.property("KeyPolicy") else { continue };
            let statements = policy.get("Statement");
            let statements: Vec<Node<'_>> = statements.iter().flat_map(Node::one_or_more).collect();
            if !statements.is_empty() && !statements.iter().any(administers) {
                report
                    .at(&KEY_POLICY, &policy, format!("nobody may change the policy of the key `{}`", key.id))
                    .help("allow `kms:*` to `arn:${AWS::Partition}:iam::${AWS::AccountId}:root`");
            }
        }
    }
}

fn administers(statement: &Node<'_>) -> bool {
    let actions = statement.get("Action");
    let mut actions = actions.iter().flat_map(Node::one_or_more);
    // A statement made by a function may allow anything.
    statement.text_at(["Effect"]).is_none_or(|effect| effect == "Allow")
        && actions.any(|action| {
            action.text().is_none_or(|text| matches!(text, "kms:*" | "kms:Put*" | "kms:PutKeyPolicy" | "*"))
        })
}
