//! Fields of Kubernetes objects that the API server does not let anybody change.

use std::sync::Arc;

use super::same;
use crate::check::k8s::Object;
use crate::check::{Change, Node};
use crate::schema::Quantity;
use crate::value::Value;

/// A change that the API server refuses.
#[derive(Debug)]
pub(crate) struct Refusal<'c, 'a> {
    pub(crate) object: &'c Object<'a>,
    pub(crate) field: String,
    pub(crate) before: Node<'a>,
    pub(crate) after: Node<'a>,
}

/// Fields by group and kind, from the update validation of the API server (`pkg/apis/*/validation`).
const FIELDS: &[(&str, &str, &[&str])] = &[
    ("apps", "DaemonSet", &["spec.selector"]),
    ("apps", "Deployment", &["spec.selector"]),
    ("apps", "ReplicaSet", &["spec.selector"]),
    (
        "apps",
        "StatefulSet",
        &["spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"],
    ),
    (
        "batch",
        "Job",
        &[
            "spec.selector",
            "spec.template",
            "spec.completionMode",
            "spec.podFailurePolicy",
            "spec.backoffLimitPerIndex",
            "spec.managedBy",
            "spec.successPolicy",
            "spec.completions",
        ],
    ),
    (
        "",
        "PersistentVolumeClaim",
        &["spec.accessModes", "spec.storageClassName", "spec.volumeMode", "spec.selector", "spec.volumeName"],
    ),
    ("", "Service", &["spec.clusterIP"]),
    ("", "Secret", &["type"]),
    ("", "PersistentVolume", &["spec.csi", "spec.nfs", "spec.hostPath", "spec.local", "spec.volumeMode"]),
    ("", "ResourceQuota", &["spec.scopes"]),
    ("discovery.k8s.io", "EndpointSlice", &["addressType"]),
    ("apiextensions.k8s.io", "CustomResourceDefinition", &["spec.scope", "spec.names.kind"]),
    ("storage.k8s.io", "StorageClass", &["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"]),
    ("rbac.authorization.k8s.io", "RoleBinding", &["roleRef"]),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &["roleRef"]),
    ("scheduling.k8s.io", "PriorityClass", &["value", "preemptionPolicy"]),
    ("networking.k8s.io", "IngressClass", &["spec.controller"]),
    ("node.k8s.io", "RuntimeClass", &["handler"]),
];

/// What the API server fills in where one of those is not set: from Kubernetes 1.35.4 (Apache-2.0),
/// `pkg/apis/{apps,batch,core,scheduling,storage}/v1/defaults.go`.
const DEFAULTS: [(&str, &str, &str); 10] = [
    ("Job", "spec.completionMode", "NonIndexed"),
    ("Job", "spec.completions", "1"),
    ("PersistentVolume", "spec.volumeMode", "Filesystem"),
    ("PersistentVolumeClaim", "spec.volumeMode", "Filesystem"),
    ("PriorityClass", "preemptionPolicy", "PreemptLowerPriority"),
    ("Secret", "type", "Opaque"),
    ("StatefulSet", "spec.podManagementPolicy", "OrderedReady"),
    ("StatefulSet", "spec.serviceName", ""),
    ("StorageClass", "reclaimPolicy", "Delete"),
    ("StorageClass", "volumeBindingMode", "Immediate"),
];

/// Those that something else than the API server fills in, or that are not kept as they are written: one that comes or
/// goes is left alone.
const FILLED_IN: [(&str, &str); 6] = [
    ("ConfigMap", "type"),
    ("Job", "spec.selector"),
    ("PersistentVolumeClaim", "spec.storageClassName"),
    ("PersistentVolumeClaim", "spec.volumeName"),
    ("Secret", "stringData"),
    ("Service", "spec.clusterIP"),
];

/// Fields of those that say of themselves that they are `immutable`.
const SEALED: [&str; 4] = ["data", "stringData", "binaryData", "type"];

/// What of a `StatefulSet` may change; nothing else of its `spec` may.
/// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/>
const OF_STATEFUL_SET: [&str; 7] = [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

/// All of them, but for objects that a tool deletes and makes again.
pub(crate) fn refusals<'c, 'a>(change: &'c Change<'a>) -> Vec<Refusal<'c, 'a>> {
    if may_force(change) {
        return Vec::new();
    }
    let refused = |old: &Object<'a>| {
        let mut now = change.new_tree().objects_of(old.group, old.kind);
        let new = now.find(|it| it.name == old.name && it.namespace == old.namespace)?;
        (old.name.is_some() && !is_replaced(new)).then(|| of_pair(old, new))
    };
    change.old().objects().iter().filter_map(refused).flatten().collect()
}

/// What of one object is refused.
pub(super) fn of_pair<'c, 'a>(old: &Object<'a>, new: &'c Object<'a>) -> Vec<Refusal<'c, 'a>> {
    let refusal = |field: &str, before, after| Refusal { object: new, field: field.to_owned(), before, after };
    let mut found: Vec<Refusal<'c, 'a>> =
        other(old, new).into_iter().map(|(field, before, after)| refusal(field, before, after)).collect();
    let mut fields: Vec<String> = fields(old).iter().map(|field| (*field).to_owned()).collect();
    if old.is("apps", "StatefulSet") {
        let entries = |of: &Object<'a>| of.root().get("spec").map(|it| it.entries()).unwrap_or_default();
        let keys = entries(old).into_iter().chain(entries(new));
        let more = keys.filter(|(key, _)| !OF_STATEFUL_SET.contains(key)).map(|(key, _)| format!("spec.{key}"));
        for field in more {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
    }
    for field in fields {
        match (old.root().along(&field), new.root().along(&field)) {
            (Some(before), Some(after))
                if !(is_same(before.value, after.value)
                    || may_scale(old, new, &field)
                    || field == "spec.template" && same::is_same_template(before.value, after.value)) =>
            {
                found.push(refusal(&field, before, after));
            }
            (Some(only), None) if !is_default(new, &field, only.value) => {
                found.push(refusal(&field, only, new.name_node()));
            }
            (None, Some(only)) if !is_default(old, &field, only.value) => {
                found.push(refusal(&field, old.name_node(), only));
            }
            _ => {}
        }
    }
    found
}

/// Whether a field that only one side writes says no more than what is filled in for the other, `object`.
fn is_default(object: &Object<'_>, field: &str, value: &Value) -> bool {
    // One that says how many run at once, and not how many in all, has no end.
    if field == "spec.completions" && object.root().along("spec.parallelism").is_some() {
        return false;
    }
    if FILLED_IN.contains(&(object.kind, field)) {
        return true;
    }
    let text = match value {
        Value::Null => return true,
        Value::List(items) => return items.is_empty(),
        Value::Map(entries) => return entries.is_empty(),
        Value::String(text) => text.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
    };
    DEFAULTS.contains(&(object.kind, field, text.as_str()))
}

/// Whether a number of completions may change: of indexed jobs together with their parallelism.
fn may_scale(old: &Object<'_>, new: &Object<'_>, field: &str) -> bool {
    let is_indexed = |it: &Object<'_>| it.root().text_at(["spec", "completionMode"]) == Some("Indexed");
    field == "spec.completions" && is_indexed(old) && is_indexed(new)
}

/// Whether something of the tree makes objects again that cannot be updated.
pub(crate) fn may_force(change: &Change<'_>) -> bool {
    change.new_tree().objects().iter().any(forces)
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
        ("", "Service") if has_other_class(old, new) => "spec.loadBalancerClass",
        ("", "Service") => {
            let field = "spec.clusterIP";
            let is_headless = |it: &Object<'a>| value(it, field).and_then(|it| it.text()) == Some("None");
            let is_other = |it: &Object<'a>| value(it, "spec.type").and_then(|it| it.text()) == Some("ExternalName");
            let is_told = value(old, field).is_some() && value(new, field).is_some();
            // Without one the old one stays, `None` as well.
            (!is_headless(old) && is_headless(new) && !is_told && !is_other(old) && !is_other(new)).then_some(field)?
        }
        _ => return None,
    };
    Some((field, or_name(old, field), or_name(new, field)))
}

/// Whether a load balancer is to be of another class than it was told.
fn has_other_class(old: &Object<'_>, new: &Object<'_>) -> bool {
    let is_one = |it: &Object<'_>| it.root().text_at(["spec", "type"]) == Some("LoadBalancer");
    let class = |it: &Object<'_>| it.root().text_at(["spec", "loadBalancerClass"]).map(str::to_owned);
    is_one(old) && is_one(new) && class(old).is_some() && class(old) != class(new)
}

/// The same to the API server: lists of words have no order where they are immutable, and what it fills in is no change.
pub(super) fn is_same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::List(old), Value::List(new)) => {
            old.len() == new.len() && old.iter().all(|item| new.iter().any(|it| is_same(item, it)))
        }
        (Value::Map(entries), Value::Map(others)) => {
            let is_filled_in = |key: &str, value: &Value| {
                matches!(key, "apiVersion" | "kind" | "status")
                    || (key == "volumeMode" && value.as_str() == Some("Filesystem"))
                    || (key == "apiGroup" && value.as_str() == Some("rbac.authorization.k8s.io"))
            };
            let within = |one: &[(Arc<str>, Value)], other: &Value| {
                one.iter().all(|(key, value)| match other.get(key) {
                    Some(there) => is_same(value, there),
                    None => is_filled_in(key, value),
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
pub(super) fn is_replaced(object: &Object<'_>) -> bool {
    let annotation = |name: &str| object.root().at(["metadata", "annotations"])?.get(name)?.text();
    annotation("argocd.argoproj.io/sync-options")
        .is_some_and(|options| options.contains("Replace=true") || options.contains("Force=true"))
        || annotation("argocd.argoproj.io/hook").is_some()
        || annotation("helm.sh/hook").is_some()
        || annotation("kustomize.toolkit.fluxcd.io/force") == Some("enabled")
        || annotation("kustomize.toolkit.fluxcd.io/ssa") == Some("IfNotPresent")
}
