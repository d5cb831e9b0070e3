//! Node classes of node pools.

use super::{Target, judge};
use crate::check::{Report, View, rule};

rule! {
    NODE_CLASS = Error "reference/node-class";
    summary: "a node pool of a node class that the tree does not have";
    explanation: "Karpenter starts no nodes for a pool whose node class does not exist, and pods stay pending. This is judged where the tree has node classes at all.";
    wrong: "
        --- # pool.yaml
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec: {template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: general}}}}
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
    ";
    right: "
        --- # pool.yaml
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec: {template: {spec: {nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}}}}
        --- # class.yaml
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for pool in view.objects_of("karpenter.sh", "NodePool") {
        let Some(class) = pool.root().at(["spec", "template", "spec", "nodeClassRef"]) else { continue };
        if let (Some(group), Some(kind)) = (class.text_at(["group"]), class.text_at(["kind"]))
            && let Some(name) = class.get("name")
        {
            judge(view, &NODE_CLASS, &Target { group, kind, namespace: None }, &name, report);
        }
    }
}
