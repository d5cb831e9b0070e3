//! Budgets of Karpenter's pools under which no node is ever replaced.

use crate::check::{Report, View, rule};

rule! {
    POOL_BUDGET = Warning "kubernetes/pool-budget";
    summary: "a budget of a pool lets Karpenter replace no node, at any time";
    explanation: "With `nodes: \"0\"` and neither a schedule nor reasons, nothing is ever consolidated, and nodes that have drifted stay: new AMIs with their security fixes never arrive. It is meant for an incident, and is left behind easily. A budget with `schedule` and `duration`, or for some `reasons`, bounds it (karpenter.sh, \"Disruption\").";
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
            report
                .at(&POOL_BUDGET, &nodes, format!("Karpenter never replaces a node of the pool `{name}`"))
                .label("nodes that have drifted or expired stay, with their old AMI")
                .help("give the budget a `schedule` and a `duration`, or let some nodes go");
        }
    }
}
