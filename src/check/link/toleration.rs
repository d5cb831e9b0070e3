//! Pods that are bound to tainted nodes.

use crate::check::cfn::Resource;
use crate::check::{Node, Place, Report, View, rule};
use crate::value::Value;

use super::{key, values};

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
              Subnets: [a]
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
              Subnets: [a]
              Labels: {role: system}
              Taints: [{Key: CriticalAddonsOnly, Value: 'true', Effect: NO_SCHEDULE}]
        --- # karpenter/values.yaml
        nodeSelector: {role: system}
        tolerations: [{key: CriticalAddonsOnly, operator: Exists}]
    ";
}

/// Nodes of one kind.
struct Group<'a> {
    name: &'a str,
    labels: Vec<(&'a str, &'a str)>,
    taints: Vec<Taint<'a>>,
}

struct Taint<'a> {
    key: &'a str,
    value: &'a str,
    effect: &'a str,
    node: Node<'a>,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let resources = view.templates().iter().flat_map(|template| template.resources_of("AWS::EKS::Nodegroup"));
    let Some(mut groups) = resources.map(node_group).collect::<Option<Vec<_>>>() else { return };
    groups.extend(view.objects_of("karpenter.sh", "NodePool").filter_map(|pool| {
        let template = pool.root().at(["spec", "template"])?;
        let taints = template.at(["spec", "taints"]).map(|taints| taints.items()).unwrap_or_default();
        let taints = taints.into_iter().filter_map(|node| taint(node, ["key", "value", "effect"])).collect();
        let labels = template.at(["metadata", "labels"]).as_ref().map(texts).unwrap_or_default();
        Some(Group { name: pool.name?, labels, taints })
    }));
    for object in view.objects() {
        let Some(pod) = object.pod_template().and_then(|pod| pod.get("spec")) else { continue };
        if let Some(selector) = pod.get("nodeSelector") {
            let tolerations = pod.get("tolerations");
            let place = tolerations.as_ref().map_or_else(|| selector.place(), Node::place);
            judge(&groups, &selector, tolerations.as_ref(), place, report);
        }
    }
    for (_, values) in values(view) {
        values.walk(&mut |node| {
            if key(node) == Some("tolerations") || !matches!(node.value, Value::Map(_)) {
                return;
            }
            let Some(tolerations) = node.get("tolerations").filter(|it| matches!(it.value, Value::List(_))) else {
                return;
            };
            if let Some(selector) = node.get("nodeSelector") {
                judge(&groups, &selector, Some(&tolerations), tolerations.place(), report);
            }
        });
    }
}

/// A node group; none if its labels or taints are known only at deployment.
fn node_group<'a>(group: &Resource<'a>) -> Option<Group<'a>> {
    let labels = group.property("Labels");
    let is_known = |labels: &Node<'_>| labels.entries().iter().all(|(_, value)| value.text().is_some());
    if labels.as_ref().is_some_and(|labels| !is_known(labels)) {
        return None;
    }
    let taints = match group.property("Taints") {
        Some(taints) if matches!(taints.value, Value::List(_)) => taints.items(),
        Some(_) => return None,
        None => Vec::new(),
    };
    let taints: Option<Vec<_>> = taints.into_iter().map(|node| taint(node, ["Key", "Value", "Effect"])).collect();
    let labels = labels.as_ref().map(texts).unwrap_or_default();
    Some(Group { name: group.id, labels, taints: taints? })
}

fn texts<'a>(labels: &Node<'a>) -> Vec<(&'a str, &'a str)> {
    labels.entries().into_iter().filter_map(|(key, value)| Some((key, value.text()?))).collect()
}

fn taint<'a>(node: Node<'a>, [key, value, effect]: [&str; 3]) -> Option<Taint<'a>> {
    let effect = match node.text_at([effect])? {
        "NO_SCHEDULE" => "NoSchedule",
        "NO_EXECUTE" => "NoExecute",
        "PREFER_NO_SCHEDULE" => "PreferNoSchedule",
        effect => effect,
    };
    Some(Taint { key: node.text_at([key])?, value: node.text_at([value]).unwrap_or_default(), effect, node })
}

fn judge(groups: &[Group<'_>], selector: &Node<'_>, tolerations: Option<&Node<'_>>, place: Place, report: &mut Report) {
    // All nodes have these.
    let is_common = |key: &str| matches!(key, "kubernetes.io/os" | "kubernetes.io/arch");
    let selected: Vec<_> = selector.entries().into_iter().filter(|(key, _)| !is_common(key)).collect();
    if selected.is_empty() {
        return;
    }
    let has = |group: &Group<'_>, key: &str, value: Option<&str>| {
        group.labels.iter().any(|(own, is)| *own == key && Some(*is) == value)
    };
    let fitting = groups.iter().filter(|group| selected.iter().all(|(key, value)| has(group, key, value.text())));
    let tolerations = tolerations.map(Node::items).unwrap_or_default();
    let open =
        |group: &Group<'_>| group.taints.iter().position(|taint| !tolerations.iter().any(|it| tolerates(it, taint)));
    let mut kept_away = None;
    for group in fitting {
        let Some(at) = open(group) else { return };
        kept_away.get_or_insert((group.name, &group.taints[at]));
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

fn tolerates(toleration: &Node<'_>, taint: &Taint<'_>) -> bool {
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
