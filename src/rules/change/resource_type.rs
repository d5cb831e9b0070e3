//! Resources whose type changes.

use crate::check::Change;
use crate::check::{Report, rule};

rule! {
    RESOURCE_TYPE = Error "change/resource-type";
    summary: "a resource keeps its logical id and changes its type, which CloudFormation refuses";
    explanation: "\"Update of resource type is not permitted\": to CloudFormation the logical id is the resource. Give the new one an id of its own; the old one is then removed as any other.";
    wrong: "
        --- # before/edge/template.yaml
        Resources:
          Edge: {Type: AWS::ElasticLoadBalancing::LoadBalancer, Properties: {}}
        --- # after/edge/template.yaml
        Resources:
          Edge: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {}}
    ";
    right: "
        --- # before/edge/template.yaml
        Resources:
          Edge: {Type: AWS::ElasticLoadBalancing::LoadBalancer, Properties: {}}
        --- # after/edge/template.yaml
        Resources:
          EdgeV2: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {}}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for pair in change.resources() {
        if pair.old.kind == pair.new.kind || pair.old.kind.is_empty() {
            continue;
        }
        let Some(kind) = pair.new.node.get("Type") else { continue };
        let message = format!("`{}` changes its type from `{}` to `{}`", pair.new.id, pair.old.kind, pair.new.kind);
        report
            .at(&RESOURCE_TYPE, &kind, message)
            .label("CloudFormation does not change the type of a resource")
            .beside(change.was(&pair.old.node), "as it was")
            .help(format!("give the new resource another logical id than `{}`", pair.new.id));
    }
}
