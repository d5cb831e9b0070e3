//! Pods that must keep apart, and more of them than there are nodes or zones.

use super::domains::{Bound, bound};
use crate::check::k8s::{Object, selects};
use crate::check::nodes::{Fit, Nodes, ways};
use crate::check::{Node, Report, View, rule};
use crate::rules::link::values;

rule! {
    SPREAD = Error "kubernetes/spread";
    summary: "more pods that must keep apart than there can be nodes or zones for them";
    explanation: "With required anti-affinity, no two pods share a node, or a zone: each pod needs one of its own, and the rest stay pending. A Deployment that starts a new pod before it stops an old one needs one more, or its rollout never moves. It is the same with a spread over at least `minDomains`. Judged where a node selector or affinity binds the pods to node groups of the tree, which have a `MaxSize` and subnets, or to pools of Karpenter that name their zones; pools make as many nodes as are wanted.";
    wrong: "
        --- # nodes/template.yaml
        Resources:
          System:
            Type: AWS::EKS::Nodegroup
            Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa, subnet-0123456789abcdefb], Labels: {role: system}, ScalingConfig: {MaxSize: 2}}
        --- # coredns/values.yaml
        replicaCount: 3
        nodeSelector: {role: system}
        affinity:
          podAntiAffinity:
            requiredDuringSchedulingIgnoredDuringExecution:
              - topologyKey: kubernetes.io/hostname
                labelSelector: {matchLabels: {app.kubernetes.io/name: coredns}}
    ";
    right: "
        --- # nodes/template.yaml
        Resources:
          System:
            Type: AWS::EKS::Nodegroup
            Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa, subnet-0123456789abcdefb], Labels: {role: system}, ScalingConfig: {MaxSize: 3}}
        --- # coredns/values.yaml
        replicaCount: 3
        nodeSelector: {role: system}
        affinity:
          podAntiAffinity:
            requiredDuringSchedulingIgnoredDuringExecution:
              - topologyKey: kubernetes.io/hostname
                labelSelector: {matchLabels: {app.kubernetes.io/name: coredns}}
    ";
}

/// Pods of one kind.
struct Pods<'p, 'a> {
    /// Their spec, or a map of Helm values.
    spec: Node<'a>,
    replicas: i64,
    /// Where their number is said.
    number: Node<'a>,
    /// A rollout starts one more before one goes.
    surges: bool,
    /// Whether a selector of labels selects these pods themselves.
    is_own: &'p dyn Fn(&Node<'a>) -> bool,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(nodes) = view.nodes().filter(|nodes| !nodes.is_empty()) else { return };
    for object in view.objects() {
        let Some(spec) = object.pod_template().and_then(|pod| pod.get("spec")) else { continue };
        let Some(number) = object.root().at(["spec", "replicas"]) else { continue };
        let Some(replicas) = number.integer().filter(|_| !view.is_scaled(object)) else { continue };
        let labels = object.pod_labels();
        let is_own = |selector: &Node<'_>| labels.is_some() && selects(selector, labels.as_ref());
        judge(nodes, &Pods { spec, replicas, number, surges: surges(object, replicas), is_own: &is_own }, report);
    }
    for (release, root) in values(view) {
        let folder = view.artifact(&root.place()).path.parent().and_then(|folder| folder.file_name());
        let names: Vec<&str> = release.map(|it| [it.name, it.chart]).into_iter().flatten().chain(folder).collect();
        for node in root.having(&["replicas", "replicaCount"]) {
            let Some(number) = node.get("replicas").or_else(|| node.get("replicaCount")) else { continue };
            let is_scaled = node.at(["autoscaling", "enabled"]).and_then(|it| it.boolean()) == Some(true);
            if let Some(replicas) = number.integer().filter(|_| !is_scaled) {
                let is_own = |selector: &Node<'_>| is_of_chart(selector, &names, &node);
                judge(nodes, &Pods { spec: node, replicas, number, surges: false, is_own: &is_own }, report);
            }
        }
    }
}

/// Whether a Deployment keeps all its pods until a new one is there.
fn surges(object: &Object<'_>, replicas: i64) -> bool {
    let strategy = object.root().at(["spec", "strategy"]);
    let strategy = strategy.as_ref();
    if object.kind != "Deployment" || strategy.and_then(|it| it.text_at(["type"])) == Some("Recreate") {
        return false;
    }
    match strategy.and_then(|it| it.at(["rollingUpdate", "maxUnavailable"])) {
        // A quarter, rounded down.
        None => replicas < 4,
        Some(most) => {
            let share = most.text().and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok());
            most.integer() == Some(0) || share.is_some_and(|share| share.saturating_mul(replicas) < 100)
        }
    }
}

/// Whether a selector in values means the pods of the same map: labels that a chart gives are known by its names.
fn is_of_chart(selector: &Node<'_>, names: &[&str], map: &Node<'_>) -> bool {
    let part = map.nearest_key();
    let is_name = |text: &str| {
        names.contains(&text)
            || part.is_some_and(|part| text == part || text.strip_suffix(part).is_some_and(|rest| rest.ends_with('-')))
    };
    let labels = selector.get("matchLabels").map(|labels| labels.entries()).unwrap_or_default();
    let is_written = |(_, value): &(&str, Node<'_>)| value.text().is_some_and(|text| !text.contains("{{"));
    selector.get("matchExpressions").is_none()
        && labels.iter().all(is_written)
        && labels.iter().any(|(_, value)| value.text().is_some_and(is_name))
}

fn judge<'a>(nodes: &[Nodes<'a>], pods: &Pods<'_, 'a>, report: &mut Report) {
    let ways = ways(&pods.spec);
    let fits: Vec<_> =
        nodes.iter().map(|nodes| (nodes, nodes.fit_any(&ways))).filter(|(_, fit)| *fit != Fit::No).collect();
    if !fits.iter().any(|(_, fit)| *fit == Fit::Chosen) {
        return;
    }
    let nodes: Vec<&Nodes<'_>> = fits.into_iter().map(|(nodes, _)| nodes).collect();
    for term in pods.spec.list(["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]) {
        keep_apart(&nodes, pods, &term, report);
    }
    for constraint in pods.spec.list(["topologySpreadConstraints"]) {
        spread(&nodes, pods, &constraint, report);
    }
}

fn keep_apart<'a>(nodes: &[&Nodes<'a>], pods: &Pods<'_, 'a>, term: &Node<'a>, report: &mut Report) {
    let (Some(selector), Some(key)) = (term.get("labelSelector"), term.get("topologyKey")) else { return };
    let Some(bound) = bound(nodes, &key).filter(|_| (pods.is_own)(&selector)) else { return };
    let Bound { most, what, .. } = bound;
    let hashed = term.get("matchLabelKeys").is_some();
    let (message, label, help) = if pods.replicas > most {
        (
            format!(
                "{} pods keep apart, and there can be no more than {} for them",
                pods.replicas,
                counted(most, what)
            ),
            match pods.replicas - most {
                1 => "one of them stays pending".to_owned(),
                left => format!("{left} of them stay pending"),
            },
            format!(
                "lower the number, have more {what}s, or only prefer it: `preferredDuringSchedulingIgnoredDuringExecution`"
            ),
        )
    } else if pods.surges && !hashed && pods.replicas == most {
        (
            format!(
                "a rollout starts one more pod before one goes, and there can be no more than {}",
                counted(most, what)
            ),
            "these keep apart from the new one, which stays pending".to_owned(),
            "let a pod go first: `strategy: {rollingUpdate: {maxUnavailable: 1}}`".to_owned(),
        )
    } else {
        return;
    };
    let draft = report.at(&SPREAD, &pods.number, message).label(label);
    draft.also(&key, format!("no two of them share a {what}")).help(help);
    for node in bound.said {
        draft.also(&node, format!("limits the {what}s"));
    }
}

fn spread<'a>(nodes: &[&Nodes<'a>], pods: &Pods<'_, 'a>, constraint: &Node<'a>, report: &mut Report) {
    let (Some(selector), Some(key)) = (constraint.get("labelSelector"), constraint.get("topologyKey")) else { return };
    let least = constraint.get("minDomains");
    let (Some(least), Some(skew)) = (least, constraint.get("maxSkew").and_then(|it| it.integer())) else { return };
    if constraint.text_at(["whenUnsatisfiable"]) != Some("DoNotSchedule") || !(pods.is_own)(&selector) {
        return;
    }
    let (Some(bound), Some(wanted)) = (bound(nodes, &key), least.integer()) else { return };
    let Bound { most, what, .. } = bound;
    // Below `minDomains` the emptiest domain counts as empty: none may have more than `maxSkew`.
    if wanted > most && pods.replicas > skew.saturating_mul(most) {
        let there = counted(most, what);
        let message = format!("the pods are to be spread over {wanted} {what}s, and there can be no more than {there}");
        let draft = report.at(&SPREAD, &least, message);
        draft.label(format!("with fewer, no {what} gets more than {skew}, and the rest stay pending"));
        draft.also(&pods.number, "as many pods").help(format!("lower `minDomains` to {most}, or have more {what}s"));
        for node in bound.said {
            draft.also(&node, format!("limits the {what}s"));
        }
    }
}

/// `1 node`, `2 nodes`
fn counted(count: i64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
