//! Replacements that cannot happen: the new resource would have the old one's name.

use crate::check::{Change, Report, rule};
use crate::impact::{Replacement, fixed_name, replacements};

rule! {
    NAMED_REPLACEMENT = Error "change/named-replacement";
    summary: "a change replaces a resource with a name of its own, which CloudFormation refuses";
    explanation: "CloudFormation makes the new resource before it deletes the old one, and two of one name cannot be: the update fails and is rolled back. Give it another name together with the change, or let CloudFormation choose the name.";
    wrong: "
        --- # before/nodes/template.yaml
        Resources:
          System: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodegroupName: system, NodeRole: r, Subnets: [subnet-0123456789abcdefa], InstanceTypes: [m5.large]}}
        --- # after/nodes/template.yaml
        Resources:
          System: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodegroupName: system, NodeRole: r, Subnets: [subnet-0123456789abcdefa], InstanceTypes: [m6i.large]}}
    ";
    right: "
        --- # before/nodes/template.yaml
        Resources:
          System: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodegroupName: system, NodeRole: r, Subnets: [subnet-0123456789abcdefa], InstanceTypes: [m5.large]}}
        --- # after/nodes/template.yaml
        Resources:
          System: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodegroupName: system-2, NodeRole: r, Subnets: [subnet-0123456789abcdefa], InstanceTypes: [m6i.large]}}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for replacement in replacements(change) {
        let Replacement { pair, property, old, new, .. } = &replacement;
        let Some(name) = fixed_name(pair) else { continue };
        let place = new.as_ref().unwrap_or(&pair.new.node);
        let message =
            format!("`{}` cannot be replaced under its own name: `{property}` cannot be changed", pair.new.id);
        let draft = report.at(&NAMED_REPLACEMENT, place, message);
        draft.label("CloudFormation makes another one for this, and the name is taken");
        draft.also(&name, "the name of both");
        if let Some(old) = old {
            draft.beside(change.was(old), "as it was");
        }
        draft.help("leave it as it was; or give the resource another name, or none, together with this change");
    }
}
