//! Network policies for pods that nobody makes, by labels that well-known pods have.

use std::collections::BTreeSet;

use crate::check::k8s::Object;
use crate::check::{Node, Release, Report, View, rule};
use crate::finding::suggest::is_slip;

use super::values;

rule! {
    POLICY_PODS = Error "link/policy-pods";
    summary: "a network policy is for pods by a label that they do not have";
    explanation: "A selector that selects nothing protects nothing, and lets nobody in or out. CoreDNS has the label `k8s-app: kube-dns`, as an add-on of EKS and by its chart, whatever its own name: a policy for `coredns` lets no pod ask for names. Charts give their pods their name as `app.kubernetes.io/name`: one that is nearly that of a chart or a release of the tree, or of a part of one, is told. Judged where no pod of the tree has the label.";
    wrong: "
        --- # policy.yaml
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: dns, namespace: web}
        spec:
          endpointSelector: {}
          egress: [{toEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: kube-system, k8s:k8s-app: coredns}}], toPorts: [{ports: [{port: '53', protocol: UDP}]}]}]
    ";
    right: "
        --- # policy.yaml
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: dns, namespace: web}
        spec:
          endpointSelector: {}
          egress: [{toEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: kube-system, k8s:k8s-app: kube-dns}}], toPorts: [{ports: [{port: '53', protocol: UDP}]}]}]
    ";
}

const KINDS: [&str; 3] = ["NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"];
const NAME: &str = "app.kubernetes.io/name";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut known = None;
    for policy in view.objects().iter().filter(|object| KINDS.contains(&object.kind)) {
        for labels in policy.root().under("matchLabels") {
            if labels.parent().and_then(|it| it.key()) == Some("namespaceSelector") {
                continue;
            }
            for (key, node) in labels.entries() {
                let key = key.split_once(':').map_or(key, |(_, key)| key);
                match (key, node.text()) {
                    ("k8s-app", Some("coredns")) => dns(view, &node, report),
                    (NAME, Some("coredns")) if has_addon(view) => dns(view, &node, report),
                    (NAME, Some(name)) if !name.contains("{{") => {
                        let known = known.get_or_insert_with(|| names(view));
                        near(view, &node, name, known, report);
                    }
                    _ => {}
                }
            }
        }
    }
}

fn has_addon(view: &View<'_>) -> bool {
    view.resources_of("AWS::EKS::Addon").any(|it| it.property("AddonName").and_then(|it| it.text()) == Some("coredns"))
}

/// Whether a pod of the tree has a label.
fn is_had(view: &View<'_>, keys: &[&str], value: &str) -> bool {
    let labels = view.objects().iter().filter_map(Object::pod_labels);
    labels.into_iter().any(|labels| keys.iter().any(|key| labels.text_at([key]) == Some(value)))
}

fn dns(view: &View<'_>, node: &Node<'_>, report: &mut Report) {
    // A chart can be told another label.
    let is_own = view.releases().iter().any(|release| release.chart_name() == "coredns");
    if is_own || is_had(view, &["k8s-app", NAME], "coredns") {
        return;
    }
    report
        .at(&POLICY_PODS, node, "the pods of CoreDNS have the label `k8s-app: kube-dns`")
        .label("no pod has this one")
        .help("write `k8s-app: kube-dns`");
}

/// What charts call their pods: by the chart, the release, and the parts that values speak of.
fn names<'a>(view: &View<'a>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for (release, values) in values(view) {
        names.extend(release.map(|release| release.name));
        names.extend(release.map(Release::chart_name));
        names.extend(values.entries().into_iter().map(|(key, _)| key).filter(|key| key.len() > 5));
    }
    for release in view.releases() {
        names.extend([release.name, release.chart_name()]);
    }
    let labels = view.objects().iter().filter_map(Object::pod_labels);
    names.extend(labels.filter_map(|labels| labels.text_at([NAME])));
    names
}

fn near(view: &View<'_>, node: &Node<'_>, name: &str, known: &BTreeSet<&str>, report: &mut Report) {
    if name.len() < 5 || known.contains(name) || is_had(view, &[NAME], name) {
        return;
    }
    let plain = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
    let is_near = |other: &&&str| plain(other) == plain(name) || other.len() > 5 && is_slip(name, other);
    let mut meant = known.iter().filter(is_near);
    let (Some(meant), None) = (meant.next(), meant.next()) else { return };
    // A word in the plural is another thing.
    if meant.trim_end_matches('s') == name.trim_end_matches('s') {
        return;
    }
    report
        .at(&POLICY_PODS, node, format!("no pod has the name `{name}`"))
        .label("this selects nothing")
        .help(format!("did you mean `{meant}`?"));
}
