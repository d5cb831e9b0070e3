//! Nodes that may not join: the access entry of their role is for people.

use crate::check::cfn::Resource;
use crate::check::{Node, Report, View, rule};
use crate::rules::cloudformation::referent;

rule! {
    NODE_ACCESS = Error "link/node-access";
    summary: "the access entry of a role that nodes have is for people, not for nodes";
    explanation: "Instances that EKS does not manage, such as Karpenter's, join the cluster by an access entry of the type `EC2_LINUX`, which puts them into the groups of nodes. With `STANDARD`, the type without one, they are somebody without any rights, and never join. Judged for roles that an EC2NodeClass or an instance profile of the tree names.";
    wrong: "
        --- # nodes/template.yaml
        Resources:
          Role: {Type: AWS::IAM::Role, Properties: {RoleName: prod-node, AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}}}
          Entry: {Type: AWS::EKS::AccessEntry, Properties: {ClusterName: prod, PrincipalArn: !GetAtt Role.Arn, Type: STANDARD}}
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {role: prod-node}
    ";
    right: "
        --- # nodes/template.yaml
        Resources:
          Role: {Type: AWS::IAM::Role, Properties: {RoleName: prod-node, AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}}}
          Entry: {Type: AWS::EKS::AccessEntry, Properties: {ClusterName: prod, PrincipalArn: !GetAtt Role.Arn, Type: EC2_LINUX}}
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec: {role: prod-node}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        for entry in template.resources_of("AWS::EKS::AccessEntry") {
            let kind = entry.property("Type");
            if kind.is_some_and(|kind| kind.text() != Some("STANDARD")) {
                continue;
            }
            let role = entry.property("PrincipalArn").and_then(|node| template.resource(referent(&node)?.0));
            let Some(role) = role.filter(|role| role.kind == "AWS::IAM::Role") else { continue };
            let profiles = template.resources_of("AWS::IAM::InstanceProfile");
            let Some(used) = of_class(view, role).or_else(|| profiles.into_iter().find_map(|it| of_profile(it, role)))
            else {
                continue;
            };
            let place = kind.unwrap_or(entry.node);
            report
                .at(&NODE_ACCESS, place, format!("the nodes with the role `{}` never join the cluster", role.id))
                .label("an entry of this type is for people")
                .also(&used, "nodes have this role")
                .help("write `Type: EC2_LINUX`, or `EC2_WINDOWS`");
        }
    }
}

/// Where a node class names the role.
fn of_class<'a>(view: &View<'a>, role: &Resource<'a>) -> Option<Node<'a>> {
    let name = role.property("RoleName")?.text()?;
    let classes = view.objects_of("karpenter.k8s.aws", "EC2NodeClass");
    classes.filter_map(|class| class.root().at(["spec", "role"])).find(|node| node.text() == Some(name))
}

fn of_profile<'a>(profile: &Resource<'a>, role: &Resource<'_>) -> Option<Node<'a>> {
    let roles = profile.property("Roles")?.items();
    roles.into_iter().find(|it| referent(it).is_some_and(|(id, _)| id == role.id))
}
