//! Taints that another tool takes away, where pods would have to tolerate them.

use crate::check::{Report, View, rule};

rule! {
    STARTUP_TAINT = Error "kubernetes/startup-taint";
    summary: "a pool has a taint that a node agent takes away among those that stay";
    explanation: "Cilium, and the drivers of EBS and EFS, take the taint `…/agent-not-ready` from a node when their agent runs there. Karpenter looks over `startupTaints` when it asks which pods a node is for; under `taints` it starts no node for pods that do not tolerate it, and it takes a node without it for one that has drifted (karpenter.sh, \"NodePools\").";
    wrong: "
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              taints: [{key: node.cilium.io/agent-not-ready, value: 'true', effect: NoExecute}]
              requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]
    ";
    right: "
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              startupTaints: [{key: node.cilium.io/agent-not-ready, value: 'true', effect: NoExecute}]
              requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for pool in view.objects_of("karpenter.sh", "NodePool") {
        let Some(taints) = pool.root().at(["spec", "template", "spec", "taints"]) else { continue };
        let keys = taints.items().into_iter().filter_map(|taint| taint.get("key"));
        let of_agent =
            keys.filter_map(|node| Some((node, node.text()?))).find(|(_, key)| key.ends_with("/agent-not-ready"));
        let Some((node, key)) = of_agent else { continue };
        let message = format!("the taint `{key}` does not stay on a node, and pods must tolerate it here");
        let draft = report.at(&STARTUP_TAINT, taints, message).about_key();
        draft.label("Karpenter starts no node for pods that do not tolerate all of these");
        draft.also(node, "its agent takes this away").help("move it to `startupTaints`");
    }
}
