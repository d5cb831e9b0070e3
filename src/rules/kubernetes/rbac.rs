//! Roles and who has them.

use super::fields::say_unchanged;
use crate::check::view::overlays::Overlays;
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    RBAC = Error "kubernetes/rbac";
    summary: "a role that allows nothing by a verb, or is bound to nobody";
    explanation: "A service account stands in a namespace: a ClusterRoleBinding that leaves it out is refused, since it has none of its own, unless Kustomize fills it in by `namespace`. Verbs are free text, so one that is misspelt is taken and allows nothing. The rule reports what is nearly one of the verbs of Kubernetes (<https://kubernetes.io/docs/reference/access-authn-authz/authorization/>).";
    wrong: "
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: reader}
        rules: [{apiGroups: [''], resources: [pods], verbs: [get, lst]}]
    ";
    right: "
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: reader}
        rules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]
    ";
}

const GROUP: &str = "rbac.authorization.k8s.io";

const VERBS: [&str; 14] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "bind",
    "escalate",
    "impersonate",
    "approve",
    "sign",
    "use",
];

/// Words of their own, of Kubernetes or of well-known extensions, that are near to one of those.
const OTHERS: [&str; 13] = [
    "put", "post", "head", "options", "proxy", "attest", "sync", "set", "assign", "unbind", "upgrade", "undelete",
    "match",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for role in ["Role", "ClusterRole"].into_iter().flat_map(|kind| view.objects_of(GROUP, kind)) {
        let rules = role.root().list(["rules"]);
        for verb in rules.iter().filter_map(|rule| rule.get("verbs")).flat_map(|verbs| verbs.items()) {
            let Some(text) = verb.text() else { continue };
            // A short word is near to many.
            if VERBS.contains(&text) || OTHERS.contains(&text) || text.len() < 3 {
                continue;
            }
            if let Some(near) = suggest::nearest(text, VERBS) {
                report
                    .at(&RBAC, &verb, format!("`{text}` is no verb, so it allows nothing"))
                    .help(format!("did you mean `{near}`?"));
            }
        }
    }
}

/// Kustomize may give a binding's accounts a namespace.
pub(super) fn check_bindings(view: &View<'_>, report: &mut Report) {
    let mut overlays = None;
    for binding in view.objects_of(GROUP, "ClusterRoleBinding") {
        let path = binding.document.path;
        // So may whoever takes in a component.
        let is_component = |it: &Node<'_>| it.text_at(["kind"]) == Some("Component");
        let is_taken_by_others = |over: &[Node<'_>]| !over.is_empty() && over.iter().all(is_component);
        let gets_namespace = || {
            let overlays = Overlays::of(view);
            overlays.namespaces(path).next().is_some() || is_taken_by_others(&overlays.over(path))
        };
        let mut found = Report::default();
        for subject in binding.root().list(["subjects"]) {
            let is_account = subject.text_at(["kind"]) == Some("ServiceAccount");
            let is_placed = subject.get("namespace").is_some_and(|namespace| namespace.text() != Some(""));
            if is_account && !is_placed && !gets_namespace() {
                let name = subject.text_at(["name"]).unwrap_or_default();
                found
                    .at(&RBAC, &subject, format!("the service account `{name}` has no namespace"))
                    .label("a ClusterRoleBinding has none of its own")
                    .help("name the namespace that it stands in");
            }
        }
        say_unchanged(view, binding, found, &mut overlays, report);
    }
}
