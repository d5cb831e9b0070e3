//! Sizes of groups of nodes and instances.

use super::number;
use crate::check::{Report, View, rule};

rule! {
    SCALING = Error "cfn/scaling";
    summary: "the sizes of a group contradict each other";
    explanation: "Sizes go from the smallest over the wanted one to the largest. EKS and EC2 Auto Scaling refuse a group that starts with less than it may have, or with more, and CloudFormation rolls the stack back.";
    wrong: "
        Resources:
          Nodes:
            Type: AWS::EKS::Nodegroup
            Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], ScalingConfig: {MinSize: 2, DesiredSize: 1, MaxSize: 4}}
    ";
    right: "
        Resources:
          Nodes:
            Type: AWS::EKS::Nodegroup
            Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], ScalingConfig: {MinSize: 2, DesiredSize: 2, MaxSize: 4}}
    ";
}

/// Types, the property that their sizes stand in, and what they call the wanted size.
const GROUPS: [(&str, Option<&str>, &str); 2] = [
    ("AWS::EKS::Nodegroup", Some("ScalingConfig"), "DesiredSize"),
    ("AWS::AutoScaling::AutoScalingGroup", None, "DesiredCapacity"),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (kind, property, desired) in GROUPS {
        for group in view.resources_of(kind) {
            let sizes = match property {
                Some(property) => group.property(property),
                None => group.properties(),
            };
            let size = |key: &str| {
                let node = sizes.as_ref()?.get(key)?;
                Some((number(&node)?, node))
            };
            for (smaller, larger) in [("MinSize", desired), (desired, "MaxSize"), ("MinSize", "MaxSize")] {
                if let (Some((a, other)), Some((b, node))) = (size(smaller), size(larger))
                    && a > b
                {
                    report
                        .at(&SCALING, &node, format!("`{larger}` of `{}` is less than its `{smaller}`", group.id))
                        .label(format!("this is {b}"))
                        .also(&other, format!("and this {a}"))
                        .help(format!("let `MinSize`, `{desired}` and `MaxSize` grow in this order"));
                    break;
                }
            }
        }
    }
}
