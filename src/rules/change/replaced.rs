//! Resources that a change replaces, and what they carry.

use crate::check::{Change, Report, rule};
use crate::impact::{Replacement, fixed_name, is_stateful, replacements};

rule! {
    REPLACED = Warning "change/replaced";
    summary: "a change replaces a resource that others live on";
    explanation: "CloudFormation cannot change this property of a resource: it makes another one, moves what refers to it, and deletes the old one. For a network, a subnet or a cluster that means everything in it; for a gateway or a group of nodes a time without. Make the new one beside the old under another logical id, move over, then remove the old one.";
    wrong: "
        --- # before/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
        --- # after/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
    ";
    right: "
        --- # before/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
        --- # after/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsSupport: true}}
    ";
}

/// Types that other resources or pods live on.
const CARRIERS: [&str; 9] = [
    "AWS::EC2::NatGateway",
    "AWS::EC2::Subnet",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::VPC",
    "AWS::ECS::Cluster",
    "AWS::EKS::Cluster",
    "AWS::EKS::Nodegroup",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::WAFv2::WebACL",
];

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for replacement in replacements(change) {
        let Replacement { pair, property, old, new, .. } = &replacement;
        let has_own_rule = is_stateful(pair.new.kind) || fixed_name(pair).is_some();
        if has_own_rule || !CARRIERS.contains(&pair.new.kind) {
            continue;
        }
        let place = new.as_ref().unwrap_or(&pair.new.node);
        let draft =
            report.at(&REPLACED, place, format!("`{}` is replaced: its `{property}` cannot be changed", pair.new.id));
        draft.label(format!("`{}` is made anew for this", pair.new.id));
        if let Some(old) = old {
            draft.beside(change.was(old), "as it was");
        }
        draft.help("leave it as it was; or make a second one beside it, move over, and remove this one later");
    }
}
