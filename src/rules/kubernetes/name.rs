//! Names that the API server refuses.

use super::words::{article, is_dns_label, is_port_name, is_segment, is_subdomain, is_written};
use crate::check::k8s::Object;
use crate::check::view::overlays::Overlays;
use crate::check::{Node, Report, View, rule};

rule! {
    NAME = Error "kubernetes/name";
    summary: "a name that the API server refuses";
    explanation: "Most objects have the name of a DNS domain: lower-case letters, digits, `-` and `.`, at most 253 characters. Namespaces and Services, containers and volumes take one part of it: no `.`, at most 63 characters. A CronJob's name has at most 52, since its jobs get a number at the end, and the name of a container's port at most 15. What Kustomize makes a good name of is fine. RBAC's names and those of disruption budgets are free, but for `/` and `%`, and those of kinds that are not known are not judged.";
    wrong: "
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: app_settings, namespace: web}
    ";
    right: "
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: app-settings, namespace: web}
    ";
}

/// Groups whose objects have the names of domains, as have all that a `CustomResourceDefinition` defines. Others may have any
/// that fits into a path, or are files of tools that never reach the API server.
const JUDGED: [&str; 18] = [
    "",
    "apps",
    "batch",
    "policy",
    "autoscaling",
    "storage.k8s.io",
    "scheduling.k8s.io",
    "node.k8s.io",
    "coordination.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "argoproj.io",
    "discovery.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "cert-manager.io",
    "external-secrets.io",
    "karpenter.k8s.aws",
    "karpenter.sh",
];

const LABEL: &str = "lower-case letters, digits and `-`, at most 63, with a letter or digit at both ends";
const SEGMENT: &str = "what can be part of a path: no `/` and no `%`";
const DOMAIN: &str =
    "lower-case letters, digits, `-` and `.`, at most 253, with a letter or digit at both ends of each part";

/// The names of objects, which Kustomize may change.
pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for object in view.objects() {
        let is_of_network = object.group == "networking.k8s.io" && object.kind != "IPAddress";
        let is_of_rights = object.group == "rbac.authorization.k8s.io";
        if JUDGED.contains(&object.group) || is_of_network || is_of_rights {
            of_object(view, object, report);
        }
    }
}

/// The names in pods, which it changes by nothing but a patch of the pod.
pub(super) fn check_pods(view: &View<'_>, report: &mut Report) {
    for object in view.objects() {
        let Some(spec) = object.pod_template().and_then(|pod| pod.get("spec")) else { continue };
        let volumes = spec.list(["volumes"]).into_iter().map(|it| ("volume", it));
        let containers = object.containers();
        for (what, part) in containers.iter().map(|it| ("container", *it)).chain(volumes) {
            judge(part.get("name").as_ref(), what, is_dns_label, LABEL, report);
        }
        for port in containers.iter().filter_map(|it| it.get("ports")).flat_map(|ports| ports.items()) {
            let form = "lower-case letters, digits and `-`, at most 15, a letter among them";
            judge(port.get("name").as_ref(), "container's port", is_port_name, form, report);
        }
    }
}

fn of_object(view: &View<'_>, object: &Object<'_>, report: &mut Report) {
    let name = object.root().at(["metadata", "name"]);
    let Some(text) = name.as_ref().and_then(Node::text) else { return };
    let is_label = |name: &str| is_dns_label(name);
    let is_job = |name: &str| name.len() <= 52 && is_subdomain(name);
    let (is_fit, form): (&dyn Fn(&str) -> bool, _) = match (object.group, object.kind) {
        ("", "Namespace" | "Service") | ("apps", "StatefulSet") => (&is_label, LABEL),
        ("rbac.authorization.k8s.io", _) | ("policy", "PodDisruptionBudget") => (&is_segment, SEGMENT),
        ("batch", "CronJob") => (&is_job, "lower-case letters, digits, `-` and `.`, at most 52"),
        _ => (&is_subdomain, DOMAIN),
    };
    if !is_fit(text) && !is_renamed(view, object, text, is_fit) {
        judge(name.as_ref(), object.kind, is_fit, form, report);
    }
}

/// Whether Kustomize makes a good name of it: by `namespace` of a Namespace, by a prefix or suffix, or by a patch.
fn is_renamed(view: &View<'_>, object: &Object<'_>, name: &str, is_fit: &dyn Fn(&str) -> bool) -> bool {
    let (overlays, path) = (Overlays::of(view), object.document.path);
    (object.is("", "Namespace") && overlays.namespaces(path).next().is_some())
        || overlays.affixes(path).any(|(prefix, suffix)| is_fit(&format!("{prefix}{name}{suffix}")))
        || overlays.may_set(path, "allowNameChange")
}

fn judge(name: Option<&Node<'_>>, what: &str, is_fit: impl Fn(&str) -> bool, form: &str, report: &mut Report) {
    let Some((name, text)) = name.and_then(|name| Some((name, name.text()?))) else { return };
    // An empty one is none.
    if is_written(text) && !text.is_empty() && !is_fit(text) {
        let draft = report.at(&NAME, name, format!("`{text}` cannot be the name of {} {what}", article(what)));
        draft.label(format!("only {form}"));
        let better = text.to_lowercase().replace(['_', ' '], "-");
        if better != text && is_fit(&better) {
            draft.help(format!("write `{better}`"));
        }
    }
}
