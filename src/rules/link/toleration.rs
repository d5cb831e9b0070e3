//! Pods that are bound to tainted nodes.

use crate::check::nodes::{Demand, Fit, Nodes, Taint};
use crate::check::{Node, Place, Report, View, rule};
use crate::value::Value;

use super::values;

rule! {
    TOLERATION = Error "link/toleration";
    summary: "pods are bound to nodes whose taint they do not tolerate";
    explanation: "A node selector sends the pods to a node group, or a NodePool, that keeps them away: they stay pending, or, where the taint only prefers not to have them, land there last. Judged where every group of nodes with the selected labels is tainted; in Helm values only if `tolerations` stands beside the selector, since a chart may bring some along.";
    wrong: "
        --- # nodes/template.yaml
        Resources:
          System:
            Type: AWS::EKS::Nodegroup
            Properties:
              ClusterName: prod
              NodeRole: r
              Subnets: [subnet-0123456789abcdefa]
              Labels: {role: system}
              Taints: [{Key: CriticalAddonsOnly, Value: 'true', Effect: NO_SCHEDULE}]
        --- # karpenter/values.yaml
        nodeSelector: {role: system}
        tolerations: []
    ";
    right: "
        --- # nodes/template.yaml
        Resources:
          System:
            Type: AWS::EKS::Nodegroup
            Properties:
              ClusterName: prod
              NodeRole: r
              Subnets: [subnet-0123456789abcdefa]
              Labels: {role: system}
              Taints: [{Key: CriticalAddonsOnly, Value: 'true', Effect: NO_SCHEDULE}]
        --- # karpenter/values.yaml
        nodeSelector: {role: system}
        tolerations: [{key: CriticalAddonsOnly, operator: Exists}]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(nodes) = view.nodes() else { return };
    for object in view.objects() {
        let Some(pod) = object.pod_template().and_then(|pod| pod.get("spec")) else { continue };
        if let Some(selector) = pod.get("nodeSelector") {
            let tolerations = pod.get("tolerations");
            let place = tolerations.as_ref().map_or_else(|| selector.place(), Node::place);
            judge(nodes, &selector, tolerations.as_ref(), place, report);
        }
    }
    for (_, values) in values(view) {
        for map in values.having(&["tolerations"]).iter().filter(|map| map.key() != Some("tolerations")) {
            let tolerations = map.get("tolerations").filter(|it| matches!(it.value, Value::List(_)));
            if let (Some(tolerations), Some(selector)) = (tolerations, map.get("nodeSelector")) {
                judge(nodes, &selector, Some(&tolerations), tolerations.place(), report);
            }
        }
    }
}

fn judge(nodes: &[Nodes<'_>], selector: &Node<'_>, tolerations: Option<&Node<'_>>, place: Place, report: &mut Report) {
    let selected = Demand::of(Some(selector));
    let tolerations = tolerations.map(Node::items).unwrap_or_default();
    let mut kept_away = None;
    for group in nodes {
        let fit = group.fit(&selected);
        if fit == Fit::No {
            continue;
        }
        let Some(taint) = group.taints.iter().find(|taint| !tolerations.iter().any(|it| tolerates(it, taint))) else {
            return;
        };
        if fit == Fit::Chosen {
            kept_away.get_or_insert((group.name, taint));
        }
    }
    let Some((name, taint)) = kept_away else { return };
    report
        .at(
            &TOLERATION,
            place,
            format!("these pods are bound to `{name}` and do not tolerate its taint `{}`", taint.key),
        )
        .label(format!("`{}:{}` is not tolerated", taint.key, taint.effect))
        .also(&taint.node, "the taint of the nodes")
        .also(selector, "this binds the pods to them")
        .help(format!("add `{{key: {}, operator: Exists}}`, or select other nodes", taint.key));
}

pub(super) fn tolerates(toleration: &Node<'_>, taint: &Taint<'_>) -> bool {
    let effect = toleration.text_at(["effect"]).filter(|effect| !effect.is_empty());
    if effect.is_some_and(|effect| effect != taint.effect) {
        return false;
    }
    let key = toleration.text_at(["key"]).filter(|key| !key.is_empty());
    if toleration.text_at(["operator"]) == Some("Exists") {
        return key.is_none_or(|key| key == taint.key);
    }
    key == Some(taint.key) && toleration.text_at(["value"]).unwrap_or_default() == taint.value
}
