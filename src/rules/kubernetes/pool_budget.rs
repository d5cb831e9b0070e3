//! Budgets of Karpenter's pools under which no node is consolidated or replaced for drift.

use crate::check::{Node, Report, View, rule};

rule! {
    POOL_BUDGET = Warning "kubernetes/pool-budget";
    summary: "a budget of a pool keeps Karpenter from consolidating and from replacing what has drifted, at any time";
    explanation: "With `nodes: \"0\"` and neither a schedule nor reasons, nothing is ever consolidated, and nodes that have drifted stay: a new AMI with its security fixes waits until they expire. Expiry heeds no budget since `karpenter.sh/v1`; before, such a budget held it up as well. It is meant for an incident, and is left behind easily. A budget with `schedule` and `duration`, or for some `reasons`, bounds it (karpenter.sh, \"Disruption\").";
    wrong: "
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          disruption: {consolidateAfter: 1m, budgets: [{nodes: '0'}]}
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]
    ";
    right: "
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: general}
        spec:
          disruption: {consolidateAfter: 1m, budgets: [{nodes: '0', schedule: 0 8 * * 1-5, duration: 10h}]}
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for pool in view.objects_of("karpenter.sh", "NodePool") {
        for budget in pool.root().list(["spec", "disruption", "budgets"]) {
            let Some(nodes) = budget.get("nodes").filter(|it| matches!(it.text(), Some("0" | "0%"))) else { continue };
            if budget.get("schedule").is_some() || budget.get("reasons").is_some() {
                continue;
            }
            let name = pool.name.unwrap_or_default();
            // Expiry is forceful since v1 (karpenter.sh, "Disruption", "Automated Forceful Methods").
            let expires = pool.root().at(["spec", "template", "spec", "expireAfter"]);
            let stays = match expires.as_ref().and_then(Node::text) {
                _ if pool.root().text_at(["apiVersion"]) == Some("karpenter.sh/v1beta1") => {
                    "nodes that have drifted or expired stay, with their old AMI"
                }
                Some("Never") => "nodes that have drifted stay, with their old AMI, and none expires",
                _ => "nodes that have drifted stay, with their old AMI, until they expire",
            };
            report
                .at(&POOL_BUDGET, &nodes, format!("Karpenter consolidates no node of the pool `{name}`, at any time"))
                .label(stays)
                .help("give the budget a `schedule` and a `duration`, or let some nodes go");
        }
    }
}
