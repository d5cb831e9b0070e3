//! Which charts bring the kinds of an API group.

use crate::check::{Node, Release};

/// The charts that bring the kinds of an API group.
pub(in crate::rules) static CHARTS: &[(&str, &[&str])] = &[
    ("acme.cert-manager.io", &["cert-manager"]),
    ("aquasecurity.github.io", &["trivy-operator"]),
    ("autoscaling.k8s.io", &["vpa", "vertical-pod-autoscaler"]),
    ("cert-manager.io", &["cert-manager"]),
    ("cilium.io", &["cilium"]),
    ("elbv2.k8s.aws", &["aws-load-balancer-controller"]),
    ("external-secrets.io", &["external-secrets"]),
    ("generators.external-secrets.io", &["external-secrets"]),
    ("karpenter.k8s.aws", &["karpenter-crd", "karpenter"]),
    ("karpenter.sh", &["karpenter-crd", "karpenter"]),
    ("keda.sh", &["keda"]),
    ("kyverno.io", &["kyverno"]),
    ("monitoring.coreos.com", &["prometheus-operator-crds", "kube-prometheus-stack"]),
    ("policies.kyverno.io", &["kyverno"]),
    ("velero.io", &["velero"]),
];

/// Keys of values, and below them, by which charts are told whether to bring their definitions.
const SWITCHES: [&str; 2] = ["crds", "crd"];
const STATES: [&str; 3] = ["enabled", "install", "create"];
const OLD_SWITCHES: [&str; 2] = ["installCRDs", "installCrds"];

/// The charts that bring the kinds of a group.
pub(super) fn charts_of(group: &str) -> Option<&'static [&'static str]> {
    CHARTS.iter().find(|(known, _)| *known == group).map(|(_, charts)| *charts)
}

/// Whether a chart that is not known above may be made of definitions, whoever's they are.
pub(in crate::rules) fn may_bring_any(chart: &str) -> bool {
    chart.contains("crd") && !CHARTS.iter().any(|(_, charts)| charts.contains(&chart))
}

/// Whether a release is told to leave out the definitions of its chart.
pub(super) fn leaves_out(release: &Release<'_>) -> bool {
    let skips = |action: &str| release.by.text_at(["spec", action, "crds"]) == Some("Skip");
    let is_true = |node: Node<'_>| node.boolean() == Some(true);
    let helm = release.helm.as_ref();
    let skips_in_argo = || helm.and_then(|helm| helm.get("skipCrds")).is_some_and(is_true);
    // What stands in a text is not read here.
    let is_told_in_text =
        || helm.is_some_and(|helm| helm.texts().any(|(_, text, _)| text.to_lowercase().contains("crd")));
    let switch = release.values.iter().rev().find_map(switch);
    skips("install") || skips_in_argo() || switch == Some(false) || (switch.is_none() && is_told_in_text())
}

/// Whether values switch definitions on or off, if they say so.
fn switch(values: &Node<'_>) -> Option<bool> {
    let states = SWITCHES.into_iter().flat_map(|key| values.under(key)).filter_map(|crds| {
        let state = STATES.into_iter().find_map(|state| crds.get(state)?.boolean());
        state.or_else(|| crds.boolean())
    });
    states.chain(OLD_SWITCHES.into_iter().flat_map(|key| values.under(key)).filter_map(|it| it.boolean())).next()
}
