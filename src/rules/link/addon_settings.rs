//! What EKS' add-ons are told in a text, and the nodes that it is about.

use serde_json::{Map, Value};

use crate::check::cfn::Resource;
use crate::check::nodes::{Nodes, is_given};
use crate::check::{Node, Report, View, rule};
use crate::rules::near::is_slip;

rule! {
    ADDON_SETTINGS = Error "link/addon-settings";
    summary: "an EKS add-on is told a setting that it does not have, or asks for nodes that there are not";
    explanation: "`ConfigurationValues` is a text with JSON. EKS refuses keys that the add-on's schema does not have (`aws eks describe-addon-configuration`), so the update fails. Its node selector and its tolerations are those of its pods: where no node group and no pool has such labels, or all that have them keep the pods away by a taint, the pods of CoreDNS stay pending, and nothing in the cluster finds a name. Judged for texts that are JSON; keys for CoreDNS.";
    wrong: "
        Resources:
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], Labels: {role: system}}}
          CoreDns: {Type: AWS::EKS::Addon, Properties: {ClusterName: prod, AddonName: coredns, ConfigurationValues: '{\"nodeSelector\":{\"role\":\"infra\"}}'}}
    ";
    right: "
        Resources:
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa], Labels: {role: system}}}
          CoreDns: {Type: AWS::EKS::Addon, Properties: {ClusterName: prod, AddonName: coredns, ConfigurationValues: '{\"nodeSelector\":{\"role\":\"system\"}}'}}
    ";
}

/// The keys of the add-on `coredns` (docs.aws.amazon.com, "Manage `CoreDNS` for DNS in Amazon EKS clusters"), looked up on
/// 2026-11-30.
const COREDNS: [&str; 14] = [
    "affinity",
    "autoScaling",
    "computeType",
    "corefile",
    "nodeSelector",
    "podAnnotations",
    "podDisruptionBudget",
    "podLabels",
    "priorityClassName",
    "replicaCount",
    "resources",
    "serviceAccount",
    "tolerations",
    "topologySpreadConstraints",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for addon in view.resources_of("AWS::EKS::Addon") {
        let Some(node) = addon.property("ConfigurationValues") else { continue };
        let Some(text) = node.text() else { continue };
        let Ok(Value::Object(settings)) = serde_json::from_str(text) else { continue };
        keys(addon, &node, text, &settings, report);
        let Some(nodes) = view.nodes().filter(|nodes| nodes.iter().any(|it| !it.is_pool)) else { continue };
        let of_pods = [Some(&settings), settings.get("controller").and_then(Value::as_object)];
        for pods in of_pods.into_iter().flatten() {
            if let Some(selector) = pods.get("nodeSelector").and_then(Value::as_object) {
                selected(view, nodes, &node, text, selector, pods, report);
            }
        }
    }
}

fn keys(addon: &Resource<'_>, node: &Node<'_>, text: &str, settings: &Map<String, Value>, report: &mut Report) {
    if addon.property("AddonName").and_then(|it| it.text()) != Some("coredns") {
        return;
    }
    for key in settings.keys().filter(|key| !COREDNS.contains(&key.as_str())) {
        let near = COREDNS.iter().find(|known| is_slip(key, known) || (key == "replicas" && **known == "replicaCount"));
        let draft = report.at(&ADDON_SETTINGS, node, format!("the add-on `coredns` has no setting `{key}`"));
        draft.about(text, part(text, key)).label("EKS refuses the add-on");
        match near {
            Some(near) => draft.help(format!("did you mean `{near}`?")),
            // It may be new.
            None => draft.warning().help("`aws eks describe-addon-configuration` lists what there is"),
        };
    }
}

/// Where a text first has a word in quotes, without them.
fn part<'t>(text: &'t str, word: &str) -> &'t str {
    let quoted = format!("\"{word}\"");
    text.find(&quoted).and_then(|at| text.get(at + 1..at + 1 + word.len())).unwrap_or(text)
}

fn selected(
    view: &View<'_>,
    nodes: &[Nodes<'_>],
    node: &Node<'_>,
    text: &str,
    selector: &Map<String, Value>,
    pods: &Map<String, Value>,
    report: &mut Report,
) {
    let wanted: Vec<(&str, &str)> =
        selector.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect();
    let is_open = |(key, value): &(&str, &str)| {
        view.is_outside("node-labels", None, key)
            || view.is_outside("node-labels", None, &format!("{key}={value}"))
            || is_given(key) && !nodes.iter().any(|it| it.sets(key))
    };
    let has = |nodes: &Nodes<'_>, (key, value): &(&str, &str)| {
        let values = nodes.values(key);
        if values.is_empty() { nodes.sets(key) || is_given(key) } else { values.contains(value) }
    };
    let judged: Vec<_> = wanted.iter().filter(|pair| !is_open(pair)).collect();
    let fitting: Vec<&Nodes<'_>> = nodes.iter().filter(|nodes| judged.iter().all(|pair| has(nodes, pair))).collect();
    if fitting.is_empty() {
        let alone = judged.iter().find(|pair| !nodes.iter().any(|nodes| has(nodes, pair)));
        let Some((key, value)) = alone.or(judged.first()) else { return };
        let message = format!("no node group and no pool makes nodes with `{key}: {value}`");
        let draft = report.at(&ADDON_SETTINGS, node, message);
        draft.about(text, part(text, value)).label("the pods of this add-on stay pending");
        if let Some(nodes) = nodes.iter().find(|nodes| nodes.sets(key)) {
            let values: Vec<String> = nodes.values(key).iter().map(|value| format!("`{value}`")).collect();
            draft.also(nodes.place_of(key), format!("`{}` has {}", nodes.name, values.join(", ")));
        }
        draft.help("select labels that nodes have");
        return;
    }
    let tolerations: Option<Vec<&Value>> =
        pods.get("tolerations").and_then(Value::as_array).map(|all| all.iter().collect());
    let Some(tolerations) = tolerations else { return };
    let mut kept_away = fitting.iter().map(|nodes| {
        let taint = nodes.taints.iter().find(|it| {
            it.effect != "PreferNoSchedule"
                && !tolerations.iter().any(|own| tolerates(own, (it.key, it.value, it.effect)))
        });
        taint.map(|taint| (nodes.name, taint))
    });
    let Some(Some((name, taint))) = kept_away.next() else { return };
    if kept_away.all(|it| it.is_some()) {
        let message = format!("the pods of this add-on do not tolerate the taint `{}` of `{name}`", taint.key);
        let draft = report.at(&ADDON_SETTINGS, node, message);
        draft.about(text, part(text, "tolerations")).label("no other nodes are selected");
        draft.also(taint.node, "the taint of the nodes").help(format!("tolerate `{}`", taint.key));
    }
}

fn tolerates(own: &Value, (key, value, effect): (&str, &str, &str)) -> bool {
    let text = |name: &str| own.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if text("effect").is_some_and(|own| own != effect) {
        return false;
    }
    if text("operator") == Some("Exists") {
        return text("key").is_none_or(|own| own == key);
    }
    text("key") == Some(key) && text("value").unwrap_or_default() == value
}
