//! Agents that must run on every node, and the taints of nodes.

use crate::check::nodes::Taint;
use crate::check::{ChartValues, Node, Report, View, rule};
use crate::value::Value;

use super::toleration::tolerates;

rule! {
    AGENT_TOLERATION = Error "link/agent-toleration";
    summary: "the agent of the network does not tolerate a taint of nodes that it must run on";
    explanation: "Without Cilium's agent a node has no network and never becomes ready. Its chart tolerates everything; values that set `tolerations` take that away, and the agent stays off nodes with any other taint, those that only the agent itself can take away (`node.cilium.io/agent-not-ready`) among them. Judged by taints of the tree's node groups, and by taints and startup taints of its pools.";
    wrong: "
        --- # pool.yaml
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              startupTaints: [{key: node.cilium.io/agent-not-ready, value: 'true', effect: NoExecute}]
              requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]
        --- # cilium/values.yaml
        tolerations: [{key: CriticalAddonsOnly, operator: Exists}]
    ";
    right: "
        --- # pool.yaml
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              startupTaints: [{key: node.cilium.io/agent-not-ready, value: 'true', effect: NoExecute}]
              requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]
        --- # cilium/values.yaml
        tolerations: [{operator: Exists}]
    ";
}

/// Charts, what of theirs runs on every node, and where its tolerations stand.
const AGENTS: [(&str, &str, &str); 2] =
    [("cilium", "Cilium's agent", "tolerations"), ("cilium", "Cilium's Envoy", "envoy.tolerations")];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (chart, what, path) in AGENTS {
        for values in view.values_of_chart(chart) {
            judge(view, &values, (what, path), report);
        }
    }
}

fn judge(view: &View<'_>, values: &ChartValues<'_>, (what, path): (&str, &str), report: &mut Report) {
    let Some(list) = values.get(path).filter(|it| matches!(it.value, Value::List(_))) else { return };
    let tolerations = list.items();
    // An item that only deployment knows may be any.
    if tolerations.iter().any(|it| !matches!(it.value, Value::Map(_))) {
        return;
    }
    let Some(nodes) = view.nodes() else { return };
    let groups = nodes.iter().map(|nodes| (nodes.name, nodes.taints.clone()));
    let pools = view.objects_of("karpenter.sh", "NodePool").map(|pool| {
        let startup = pool.root().list(["spec", "template", "spec", "startupTaints"]);
        (pool.name.unwrap_or_default(), startup.into_iter().filter_map(startup_taint).collect::<Vec<_>>())
    });
    let of_cluster = |taint: &&Taint<'_>| taint.key.starts_with("node.kubernetes.io/");
    for (name, taints) in groups.chain(pools) {
        let kept = taints.iter().filter(|taint| taint.effect != "PreferNoSchedule" && !of_cluster(taint));
        let mut kept = kept.filter(|taint| !tolerations.iter().any(|it| tolerates(it, taint)));
        if let Some(taint) = kept.next() {
            report
                .at(&AGENT_TOLERATION, &list, format!("{what} does not tolerate `{}`, a taint of `{name}`", taint.key))
                .label("it never runs there, and the node never becomes ready")
                .also(&taint.node, "the taint of the nodes")
                .help("tolerate everything, as the chart does: `tolerations: [{operator: Exists}]`");
            return;
        }
    }
}

fn startup_taint(node: Node<'_>) -> Option<Taint<'_>> {
    let value = node.text_at(["value"]).unwrap_or_default();
    Some(Taint { key: node.text_at(["key"])?, value, effect: node.text_at(["effect"])?, node })
}
