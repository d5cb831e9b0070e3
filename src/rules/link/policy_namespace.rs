//! Namespaces that policies mean to leave out, by a wrong name.

use std::collections::BTreeSet;

use super::policy::{Kyverno, filters, left_out};
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    POLICY_NAMESPACE = Warning "link/policy-namespace";
    summary: "a policy leaves out a namespace that there is not, and not the one of nearly the same name";
    explanation: "A list of namespaces to leave out is compared by their names alone, so a namespace that was renamed, or mistyped, is no longer left out: its pods are refused, or the engine is asked about its own. Names that are like no namespace of the tree are left alone, since a list may serve several clusters.";
    wrong: "
        --- # policy.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: labels}
        spec:
          matchConstraints:
            namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [external-secret]}]}
        --- # namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: external-secrets}
    ";
    right: "
        --- # policy.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: labels}
        spec:
          matchConstraints:
            namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [external-secrets, flux-system]}]}
        --- # namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: external-secrets}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let lists = lists(view);
    if lists.is_empty() {
        return;
    }
    let made = view.objects_of("", "Namespace").filter_map(|namespace| namespace.name);
    let used = view.objects().iter().filter_map(|object| object.namespace);
    let installed = view.releases().iter().filter_map(|release| release.namespace);
    let mut known: BTreeSet<&str> = made.chain(used).chain(installed).collect();
    known.extend(view.outside("namespaces").map(|(name, _)| name));
    known.extend(["default", "kube-system", "kube-public", "kube-node-lease"]);
    for list in lists {
        let names: BTreeSet<&str> = list.iter().filter_map(Node::text).collect();
        let missing: Vec<&str> = known.difference(&names).copied().collect();
        for node in &list {
            let Some(name) = node.text().filter(|name| !known.contains(name) && !name.contains(['*', '?'])) else {
                continue;
            };
            // `tenant-1` and `tenant-2` are both meant.
            let letters = |name: &str| name.replace(|letter: char| letter.is_ascii_digit(), "");
            let near = suggest::nearest(name, missing.iter().copied());
            if let Some(near) = near.filter(|near| letters(near) != letters(name)) {
                report
                    .at(&POLICY_NAMESPACE, node, format!("the namespace `{name}` is left out, and there is none"))
                    .about(name, name)
                    .label(format!("`{near}` is not left out"))
                    .help(format!("did you mean `{near}`?"));
            }
        }
    }
}

/// The names that policies, webhooks and Kyverno's values leave out.
fn lists<'a>(view: &View<'a>) -> Vec<Vec<Node<'a>>> {
    let mut lists = Vec::new();
    for object in view.objects() {
        let root = object.root();
        match (object.group, object.kind) {
            ("policies.kyverno.io", _) => {
                lists.extend(root.at(["spec", "matchConstraints", "namespaceSelector"]).map(|it| left_out(&it)));
            }
            ("kyverno.io", "ClusterPolicy") => {
                let rules = root.list(["spec", "rules"]);
                for exclude in rules.iter().filter_map(|rule| rule.get("exclude")) {
                    let names = filters(&exclude).into_iter().filter_map(|filter| filter.get("namespaces"));
                    lists.push(names.flat_map(|names| names.items()).collect());
                }
            }
            ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration") => {
                let webhooks = root.list(["webhooks"]);
                lists.extend(webhooks.iter().filter_map(|it| Some(left_out(&it.get("namespaceSelector")?))));
            }
            _ => {}
        }
    }
    if let Some(kyverno) = Kyverno::of(view) {
        lists.extend(kyverno.selectors.iter().map(left_out));
    }
    lists.retain(|list| !list.is_empty());
    lists
}
