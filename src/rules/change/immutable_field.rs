//! Fields of Kubernetes objects that the API server does not let anybody change.

use std::sync::Arc;

use crate::check::Change;
use crate::check::k8s::Object;
use crate::check::{Node, Report, rule};
use crate::schema::Quantity;
use crate::value::Value;

rule! {
    IMMUTABLE_FIELD = Error "change/immutable-field";
    summary: "a change of a field that Kubernetes does not let change";
    explanation: "The API server refuses the update, and the GitOps tool goes on trying: the object stays as it was, with everything else that was to change in it. Give the object another name, so that a new one is made beside the old; or let the tool replace it, `argocd.argoproj.io/sync-options: Replace=true,Force=true` or `kustomize.toolkit.fluxcd.io/force: enabled`, where a time without it does no harm.";
    wrong: "
        --- # before/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: a, image: 'a:1'}]}}}
        --- # after/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api, tier: web}}, template: {metadata: {labels: {app: api, tier: web}}, spec: {containers: [{name: a, image: 'a:1'}]}}}
    ";
    right: "
        --- # before/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: a, image: 'a:1'}]}}}
        --- # after/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api, tier: web}}, spec: {containers: [{name: a, image: 'a:2'}]}}}
    ";
}

/// Fields by group and kind, from the update validation of the API server (`pkg/apis/*/validation`). A field that is
/// not set is left alone: a default may say what was written out.
const FIELDS: &[(&str, &str, &[&str])] = &[
    ("apps", "DaemonSet", &["spec.selector"]),
    ("apps", "Deployment", &["spec.selector"]),
    ("apps", "ReplicaSet", &["spec.selector"]),
    (
        "apps",
        "StatefulSet",
        &["spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"],
    ),
    ("batch", "Job", &["spec.selector", "spec.template", "spec.completionMode"]),
    (
        "",
        "PersistentVolumeClaim",
        &["spec.accessModes", "spec.storageClassName", "spec.volumeMode", "spec.selector", "spec.volumeName"],
    ),
    ("", "Service", &["spec.clusterIP"]),
    ("storage.k8s.io", "StorageClass", &["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"]),
    ("rbac.authorization.k8s.io", "RoleBinding", &["roleRef"]),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &["roleRef"]),
    ("scheduling.k8s.io", "PriorityClass", &["value", "preemptionPolicy"]),
    ("networking.k8s.io", "IngressClass", &["spec.controller"]),
    ("node.k8s.io", "RuntimeClass", &["handler"]),
];

/// Fields of those that say of themselves that they are `immutable`.
const SEALED: [&str; 3] = ["data", "stringData", "binaryData"];

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    let may_be_forced = change.new_tree().objects().iter().any(forces);
    for old in change.old().objects() {
        let mut now = change.new_tree().objects_of(old.group, old.kind);
        let Some(new) = now.find(|it| it.name == old.name && it.namespace == old.namespace) else { continue };
        if old.name.is_none() || is_replaced(new) || may_be_forced {
            continue;
        }
        if let Some((field, before, after)) = other(old, new) {
            tell(change, new, field, [&before, &after], report);
        }
        for field in fields(old) {
            if let (Some(before), Some(after)) = (old.root().along(field), new.root().along(field))
                && !is_same(before.value, after.value)
            {
                tell(change, new, field, [&before, &after], report);
            }
        }
    }
}

/// A change that is refused whatever the values are: of what is sealed, of a claim that shrinks, of a Service that has
/// an address and is to have none.
fn other<'a>(old: &Object<'a>, new: &Object<'a>) -> Option<(&'static str, Node<'a>, Node<'a>)> {
    let value = |object: &Object<'a>, field: &str| object.root().along(field);
    let or_name = |object: &Object<'a>, field: &str| value(object, field).unwrap_or_else(|| object.name_node());
    let field = match (old.group, old.kind) {
        ("", "ConfigMap" | "Secret") => {
            let is_sealed = |it: &Object<'a>| value(it, "immutable").and_then(|it| it.boolean()) == Some(true);
            (is_sealed(old) && !is_sealed(new)).then_some("immutable")?
        }
        ("", "PersistentVolumeClaim") => {
            let field = "spec.resources.requests.storage";
            let size = |it: &Object<'a>| Quantity::parse(value(it, field)?.text()?);
            (size(new)? < size(old)?).then_some(field)?
        }
        ("", "Service") => {
            let field = "spec.clusterIP";
            let is_headless = |it: &Object<'a>| value(it, field).and_then(|it| it.text()) == Some("None");
            let is_other = |it: &Object<'a>| value(it, "spec.type").and_then(|it| it.text()) == Some("ExternalName");
            let is_told = value(old, field).is_some() && value(new, field).is_some();
            (is_headless(old) != is_headless(new) && !is_told && !is_other(old) && !is_other(new)).then_some(field)?
        }
        _ => return None,
    };
    Some((field, or_name(old, field), or_name(new, field)))
}

/// The same to the API server: lists of words have no order where they are immutable, and what it fills in is no change.
fn is_same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::List(old), Value::List(new)) => {
            old.len() == new.len() && old.iter().all(|item| new.iter().any(|it| is_same(item, it)))
        }
        (Value::Map(entries), Value::Map(others)) => {
            let is_filled_in = |key: &str| matches!(key, "apiVersion" | "kind" | "status");
            let within = |one: &[(Arc<str>, Value)], other: &Value| {
                one.iter().all(|(key, value)| match other.get(key) {
                    Some(there) => is_same(value, there),
                    None => is_filled_in(key),
                })
            };
            within(entries, new) && within(others, old)
        }
        (Value::String(a), Value::String(b)) => {
            a == b || Quantity::parse(a).is_some_and(|a| Quantity::parse(b).is_some_and(|b| a == b))
        }
        _ => old == new,
    }
}

/// Whether a tool lets go of objects that cannot be updated, and makes them again: which ones is not looked into.
fn forces(object: &Object<'_>) -> bool {
    let options = ["spec.syncPolicy.syncOptions", "spec.template.spec.syncPolicy.syncOptions"];
    let options = options.iter().filter_map(|path| object.root().along(path)).flat_map(|list| list.items());
    let is_forced = |option: Node<'_>| matches!(option.text(), Some("Replace=true" | "Force=true"));
    match object.kind {
        "Application" | "ApplicationSet" => options.into_iter().any(is_forced),
        "Kustomization" => object.root().along("spec.force").and_then(|it| it.boolean()) == Some(true),
        _ => false,
    }
}

fn fields(object: &Object<'_>) -> &'static [&'static str] {
    let is_sealed = object.group.is_empty()
        && matches!(object.kind, "ConfigMap" | "Secret")
        && object.root().get("immutable").and_then(|it| it.boolean()) == Some(true);
    if is_sealed {
        return &SEALED;
    }
    let known = FIELDS.iter().find(|(group, kind, _)| object.is(group, kind));
    known.map_or(&[], |(.., fields)| fields)
}

/// Whether the tool deletes the object and makes it again, or never updates it.
fn is_replaced(object: &Object<'_>) -> bool {
    let annotation = |name: &str| object.root().at(["metadata", "annotations"])?.get(name)?.text();
    annotation("argocd.argoproj.io/sync-options")
        .is_some_and(|options| options.contains("Replace=true") || options.contains("Force=true"))
        || annotation("argocd.argoproj.io/hook").is_some()
        || annotation("helm.sh/hook").is_some()
        || annotation("kustomize.toolkit.fluxcd.io/force") == Some("enabled")
        || annotation("kustomize.toolkit.fluxcd.io/ssa") == Some("IfNotPresent")
}

fn tell(change: &Change<'_>, object: &Object<'_>, field: &str, [before, after]: [&Node<'_>; 2], report: &mut Report) {
    let name = object.name.unwrap_or_default();
    report
        .at(&IMMUTABLE_FIELD, after, format!("`{field}` of the {} `{name}` cannot be changed", object.kind))
        .label("the API server refuses this")
        .beside(change.was(before), "as it is deployed")
        .help("leave it as it was; or give the object another name, so that a new one is made");
}
