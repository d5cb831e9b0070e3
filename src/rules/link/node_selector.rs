//! Pods for nodes that nobody makes.

use super::{key, near_label, values};
use crate::check::nodes::{DEMANDING, Demand, Fit, Nodes, is_given, ways};
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    NODE_SELECTOR = Error "link/node-selector";
    summary: "pods ask for nodes that no node group and no pool makes";
    explanation: "A node selector, or a required node affinity, by a label's value that no nodes have leaves the pods pending, and Karpenter starts nothing for them. Judged by labels that node groups or pools of the tree give to their nodes: if one of them sets the label, but none to what is asked for. Of architectures that is judged, too. A daemon set may name labels of Kubernetes that no node has, such as the one of Windows. A label that is nearly one of these nodes, or nearly one that `outside` says of nodes of others, is told where nothing else has it. Where the tree makes pools of Karpenter, a label that none of them and no group sets is told as well, if it is one of your own: without a prefix, or with one that other labels of the nodes have.";
    wrong: "
        --- # nodes/template.yaml
        Resources:
          System:
            Type: AWS::EKS::Nodegroup
            Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], Labels: {role: system}}
        --- # karpenter/values.yaml
        nodeSelector: {role: sytem}
    ";
    right: "
        --- # nodes/template.yaml
        Resources:
          System:
            Type: AWS::EKS::Nodegroup
            Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], Labels: {role: system}}
        --- # karpenter/values.yaml
        nodeSelector: {role: system}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(nodes) = view.nodes() else { return };
    for object in view.objects() {
        if let Some(spec) = object.pod_template().and_then(|pod| pod.get("spec")) {
            // A daemon set for nodes that a cluster may have or not, such as those of Windows, makes pods where there are some.
            let is_for_all = |demand: &Demand<'_>| object.kind == "DaemonSet" && is_given(demand.key);
            let is_optional = |demand: &Demand<'_>| is_for_all(demand) || is_outside(view, demand);
            let is_judged = judge(nodes, &spec, |key| is_nobodys(view, nodes, key), is_optional, report);
            for demand in ways(&spec).iter().flatten().filter(|it| !is_judged && !is_for_all(it)) {
                near_label::judge(&NODE_SELECTOR, view, nodes, demand, report);
            }
        }
    }
    for (_, values) in values(view) {
        for pods in values.having(&DEMANDING) {
            // A chart may make nodes of its own.
            let is_judged = judge(nodes, &pods, |_| false, |demand| is_outside(view, demand), report);
            for demand in ways(&pods).iter().flatten().filter(|_| !is_judged) {
                near_label::judge(&NODE_SELECTOR, view, nodes, demand, report);
            }
        }
    }
}

/// Whether nodes that another tool makes have a label: it is declared by its key, or with its value as `key=value`.
fn is_outside(view: &View<'_>, demand: &Demand<'_>) -> bool {
    let key = demand.key;
    let is_value = |value: &&str| view.is_outside("node-labels", None, &format!("{key}={value}"));
    view.is_outside("node-labels", None, key) || demand.values.iter().any(is_value)
}

/// Whether something was said.
fn judge<'a>(
    nodes: &[Nodes<'a>],
    pod: &Node<'a>,
    is_nobodys: impl Fn(&str) -> bool,
    is_optional: impl Fn(&Demand<'_>) -> bool,
    report: &mut Report,
) -> bool {
    let ways = ways(pod);
    let is_set = |key: &str| nodes.iter().any(|nodes| nodes.sets(key));
    // Karpenter does not run on nodes of its own: where the tree makes pools alone, there are others, without their labels.
    let are_all = nodes.iter().any(|nodes| !nodes.is_pool);
    let is_open = |demand: &Demand<'_>| !are_all && matches!(demand.operator, "NotIn" | "DoesNotExist");
    let is_known = |demand: &&Demand<'_>| {
        !is_open(demand) && !is_optional(demand) && (is_set(demand.key) || is_nobodys(demand.key))
    };
    if nodes.iter().any(|nodes| nodes.fit_any(&ways) != Fit::No) {
        return false;
    }
    // Every way must be closed by labels of which the tree tells.
    let mut closed = ways.iter().map(|way| {
        let known: Vec<Demand<'_>> = way.iter().filter(is_known).cloned().collect();
        nodes.iter().all(|nodes| nodes.fit(&known) == Fit::No).then_some(known)
    });
    let Some(Some(first)) = closed.next().filter(|_| !nodes.is_empty()) else { return false };
    if closed.any(|way| way.is_none()) {
        return false;
    }
    let nobody = |demand: &&Demand<'_>| nodes.iter().all(|nodes| nodes.fit(std::slice::from_ref(*demand)) == Fit::No);
    match first.iter().find(nobody) {
        Some(demand) => alone(nodes, demand, report),
        None => together(&first, report),
    }
    true
}

/// Whether a label that no nodes are given is one that nobody else gives them either: Karpenter starts nothing for it. Labels
/// with a prefix come from any tool, so it must be one that labels of these nodes have.
fn is_nobodys(view: &View<'_>, nodes: &[Nodes<'_>], key: &str) -> bool {
    let prefix = |key: &'_ str| key.split_once('/').map(|(prefix, _)| prefix.to_owned());
    let own = prefix(key);
    let is_ours = own.is_none() || nodes.iter().flat_map(Nodes::keys).any(|other| prefix(other) == own);
    is_ours && !is_given(key) && nodes.iter().any(|nodes| nodes.is_pool) && !is_named_elsewhere(view, key)
}

/// Whether a chart's values, or what nodes run when they start, name the label as one to give.
fn is_named_elsewhere(view: &View<'_>, label: &str) -> bool {
    let mut named = false;
    for (_, values) in values(view) {
        values.walk(&mut |node| {
            let gives = key(node).is_some_and(|key| key.to_lowercase().ends_with("labels"));
            named |= gives && node.get(label).is_some();
        });
    }
    for class in view.objects().iter().filter(|object| object.kind == "EC2NodeClass") {
        class.root().walk(&mut |node| named |= node.text().is_some_and(|text| text.contains(label)));
    }
    named
}

/// A label that no nodes have.
fn alone(nodes: &[Nodes<'_>], demand: &Demand<'_>, report: &mut Report) {
    let mut known: Vec<(&str, &Nodes<'_>)> =
        nodes.iter().flat_map(|nodes| nodes.values(demand.key).into_iter().map(move |value| (value, nodes))).collect();
    known.sort_by_key(|(value, nodes)| (*value, nodes.name));
    let message = format!("no node group and no pool makes nodes with `{}`", shown(demand));
    let draft = report.at(&NODE_SELECTOR, &demand.node, message).label("these pods stay pending");
    let near = suggest::nearest(&demand.values.join(" "), known.iter().map(|(value, _)| *value));
    if let Some((value, nodes)) = known.iter().find(|(value, _)| Some(*value) == near).or(known.first()) {
        draft.also(nodes.place_of(demand.key), format!("`{}` has `{value}`", nodes.name));
    }
    known.dedup_by_key(|(value, _)| *value);
    let list: Vec<&str> = known.iter().map(|(value, _)| *value).collect();
    if list.is_empty() {
        let near = suggest::did_you_mean(demand.key, nodes.iter().flat_map(Nodes::keys));
        draft
            .help(near.unwrap_or_else(|| "give the label to a pool, under `spec.template.metadata.labels`".to_owned()));
        return;
    }
    draft.help(format!("there is `{}`", list.join("`, `")));
}

/// Labels that some nodes have, but none has all of them.
fn together(demands: &[Demand<'_>], report: &mut Report) {
    let Some((first, others)) = demands.split_first() else { return };
    let all: Vec<String> = demands.iter().map(shown).collect();
    let message = format!("no node group and no pool makes nodes with all of `{}`", all.join("`, `"));
    let draft = report.at(&NODE_SELECTOR, &first.node, message).label("these pods stay pending");
    for other in others {
        draft.also(&other.node, "asked for as well");
    }
    draft.help("ask for labels of one group or pool");
}

fn shown(demand: &Demand<'_>) -> String {
    match demand.operator {
        "In" => format!("{}: {}", demand.key, demand.values.join("` or `")),
        operator => format!("{} {operator}", demand.key),
    }
}
