//! Taints that another tool takes away, where pods would have to tolerate them.

use crate::check::k8s::Object;
use crate::check::{Report, View, rule};
use crate::finding::suggest;

rule! {
    STARTUP_TAINT = Error "kubernetes/startup-taint";
    summary: "a taint that a node agent takes away stands among those that stay, or is one that none takes away";
    explanation: "Cilium, and the drivers of EBS and EFS, take the taint `…/agent-not-ready` from a node when their agent runs there. Karpenter looks over `startupTaints` when it asks which pods a node is for; under `taints` it starts no node for pods that do not tolerate it, and it takes a node without it for one that has drifted (karpenter.sh, \"NodePools\"). A startup taint with nearly the key of an agent's is taken away by nobody, and no pod ever starts on these nodes.";
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
        nobodys(view, pool, report);
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

/// Taints that agents take away when they run on a node: docs.cilium.io, "Considerations on Node Pool Taints"; the EBS and EFS
/// drivers, "Configure node startup taint"; karpenter.sh, "`NodePools`"; istio.io, "Taint controller".
const OF_AGENTS: [&str; 8] = [
    "cni.istio.io/not-ready",
    "ebs.csi.aws.com/agent-not-ready",
    "efs.csi.aws.com/agent-not-ready",
    "karpenter.sh/unregistered",
    "node.cilium.io/agent-not-ready",
    "node.cloudprovider.kubernetes.io/uninitialized",
    "node.kubernetes.io/not-ready",
    "s3.csi.aws.com/agent-not-ready",
];

/// Startup taints that have nearly the key of an agent's.
fn nobodys(view: &View<'_>, pool: &Object<'_>, report: &mut Report) {
    for node in pool.root().list(["spec", "template", "spec", "startupTaints"]).iter().filter_map(|it| it.get("key")) {
        let Some(key) = node.text().filter(|key| !OF_AGENTS.contains(key)) else { continue };
        let same_letters = |other: &str| {
            let letters = |key: &str| key.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
            letters(other) == letters(key)
        };
        let near = OF_AGENTS.iter().copied().find(|it| same_letters(it)).or_else(|| suggest::nearest(key, OF_AGENTS));
        let Some(near) =
            near.filter(|near| near.split('/').next_back() == key.split('/').next_back() || is_of_domain(near, key))
        else {
            continue;
        };
        // Somebody else's agent may be told its key.
        if view.values().iter().any(|values| values.texts().any(|(_, text, _)| text == key)) {
            continue;
        }
        report
            .at(&STARTUP_TAINT, node, format!("nobody takes the taint `{key}` away: the agent's is `{near}`"))
            .label("no pod ever starts on these nodes")
            .help(format!("write `{near}`"));
    }
}

fn is_of_domain(one: &str, other: &str) -> bool {
    one.split_once('/').map(|it| it.0) == other.split_once('/').map(|it| it.0)
}
