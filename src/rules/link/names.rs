//! Queues, roles and key aliases that are named where templates do not see it.

use super::{demand, key, kinds, made, values};
use crate::check::k8s::Object;
use crate::check::{Node, Report, Signs, View, rule};

rule! {
    QUEUE = Error "link/queue";
    summary: "a chart listens to a queue that no template makes";
    explanation: "Karpenter and the node termination handler learn from an SQS queue that a spot instance will be taken away. With a wrong name the controller does not start, or nodes vanish without a warning. Judged in trees that make queues, all with names that are written out; name a queue of another stack under `queues` of `outside`.";
    wrong: "
        --- # queue/template.yaml
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-karpenter}}
        --- # karpenter/values.yaml
        settings: {interruptionQueue: prod-interruption}
    ";
    right: "
        --- # queue/template.yaml
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-karpenter}}
        --- # karpenter/values.yaml
        settings: {interruptionQueue: prod-karpenter}
    ";
}

rule! {
    ROLE = Error "link/role";
    summary: "nodes get a role that no template makes";
    explanation: "Karpenter makes an instance profile for the role that `spec.role` of an EC2NodeClass names. If there is no such role, no node of the class starts. Judged in trees that name the roles they make.";
    wrong: "
        --- # nodes/template.yaml
        Resources:
          Role: {Type: AWS::IAM::Role, Properties: {RoleName: prod-node, AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}}}
        --- # nodes/class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {role: prod-nodes}
    ";
    right: "
        --- # nodes/template.yaml
        Resources:
          Role: {Type: AWS::IAM::Role, Properties: {RoleName: prod-node, AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}}}
        --- # nodes/class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {role: prod-node}
    ";
}

rule! {
    KEY_ALIAS = Error "link/key-alias";
    summary: "an object or a chart names a KMS key by an alias that no template makes";
    explanation: "Volumes with an unknown key are never made: nodes do not start, claims stay pending. Judged in trees that make aliases, all with names that are written out. Aliases of AWS itself, `alias/aws/…`, are always there.";
    wrong: "
        --- # keys/template.yaml
        Resources:
          Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/volumes, TargetKeyId: k}}
        --- # class.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3}
        provisioner: ebs.csi.aws.com
        parameters: {kmsKeyId: alias/volume}
    ";
    right: "
        --- # keys/template.yaml
        Resources:
          Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/volumes, TargetKeyId: k}}
        --- # class.yaml
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: gp3}
        provisioner: ebs.csi.aws.com
        parameters: {kmsKeyId: alias/volumes}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    queues(view, report);
    roles(view, report);
    aliases(view, report);
}

fn queues(view: &View<'_>, report: &mut Report) {
    let Some(queues) = made(view, &kinds::QUEUE) else { return };
    for (_, values) in values(view) {
        values.walk(&mut |node| {
            let Some(text) = node.text().filter(|text| !text.is_empty()) else { return };
            match key(node) {
                Some("interruptionQueue" | "interruptionQueueName") => {
                    demand((view, report), &QUEUE, &kinds::QUEUE, node, text, &queues);
                }
                // `https://sqs.eu-central-1.amazonaws.com/123456789012/name`
                Some("queueURL" | "queueUrl") if text.starts_with("https://sqs.") => {
                    let name = text.rsplit('/').next().unwrap_or_default();
                    demand((view, report), &QUEUE, &kinds::QUEUE, node, name, &queues);
                }
                _ => {}
            }
        });
    }
}

fn roles(view: &View<'_>, report: &mut Report) {
    let Some(roles) = made(view, &kinds::ROLE) else { return };
    for class in view.objects_of("karpenter.k8s.aws", "EC2NodeClass") {
        let Some(role) = class.root().at(["spec", "role"]) else { continue };
        if let Some(name) = role.text() {
            demand((view, report), &ROLE, &kinds::ROLE, &role, name, &roles);
        }
    }
}

fn aliases(view: &View<'_>, report: &mut Report) {
    let Some(aliases) = made(view, &kinds::KEY_ALIAS) else { return };
    // What stands in an object is seen with it.
    let files = values(view).into_iter().map(|(_, values)| values).filter(Node::is_root);
    for root in view.objects().iter().map(Object::root).chain(files) {
        for (node, name) in root.texts_with(Signs::of(b"/")) {
            if name.starts_with("alias/") && !name.starts_with("alias/aws/") && !name.contains("${") {
                demand((view, report), &KEY_ALIAS, &kinds::KEY_ALIAS, &node, name, &aliases);
            }
        }
    }
}
