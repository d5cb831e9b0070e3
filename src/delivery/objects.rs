//! What a release makes, as rules want to see it: the documents of each of its templates, each object in its namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Wanted;
use crate::account::Cost;
use crate::chart::load::Chart;
use crate::chart::manifests::Manifest;
use crate::chart::release::Made;
use crate::chart::told;
use crate::chart::tree::{Bounds, Node, Number, Tree, read_all};
use crate::check::View;
use crate::value::{self, Value};

/// The objects of one template of a chart, in their order.
#[derive(Clone, Debug)]
pub struct File {
    /// With the charts around it: `web/templates/deployment.yaml`.
    pub source: Arc<str>,
    /// Where it lies: `charts/web-1.2.3/templates/deployment.yaml`.
    pub path: String,
    pub documents: Vec<Value>,
}

/// Whether objects of a kind are in namespaces, as definitions say it.
#[derive(Clone, Debug, Default)]
pub struct Scopes(BTreeMap<(String, String), bool>);

/// Groups of Kubernetes whose kinds are in namespaces, but for these.
const OF_CLUSTER: [(&str, &[&str]); 20] = [
    ("", &["Namespace", "Node", "PersistentVolume", "ComponentStatus"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("storage.k8s.io", &["StorageClass", "CSIDriver", "CSINode", "VolumeAttachment", "VolumeAttributesClass"]),
    ("networking.k8s.io", &["IngressClass", "IPAddress", "ServiceCIDR"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("policy", &["PodSecurityPolicy"]),
    ("resource.k8s.io", &["DeviceClass", "ResourceSlice", "DeviceTaintRule"]),
    (
        "admissionregistration.k8s.io",
        &[
            "ValidatingWebhookConfiguration",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
        ],
    ),
    ("cert-manager.io", &["ClusterIssuer"]),
    ("external-secrets.io", &["ClusterSecretStore", "ClusterExternalSecret"]),
    ("karpenter.sh", &["NodePool", "NodeClaim"]),
    ("karpenter.k8s.aws", &["EC2NodeClass"]),
    ("kyverno.io", &["ClusterPolicy", "ClusterCleanupPolicy"]),
    ("gateway.networking.k8s.io", &["GatewayClass"]),
    ("snapshot.storage.k8s.io", &["VolumeSnapshotClass", "VolumeSnapshotContent"]),
];

/// Events at which a hook is applied when all goes well.
const APPLIED: [&str; 4] = ["pre-install", "post-install", "pre-upgrade", "post-upgrade"];

impl Scopes {
    /// What the definitions of a tree say.
    pub fn of(view: &View<'_>) -> Self {
        let mut scopes = Self::default();
        for definition in view.objects_of("apiextensions.k8s.io", "CustomResourceDefinition") {
            scopes.add(definition.root().value);
        }
        scopes
    }

    /// Takes in what a definition says.
    pub fn add(&mut self, definition: &Value) {
        let Some(spec) = definition.get("spec") else { return };
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let kind = text(spec.get("names").and_then(|names| names.get("kind")));
        if let (Some(group), Some(kind), Some(scope)) = (text(spec.get("group")), kind, text(spec.get("scope"))) {
            self.0.insert((group, kind), scope == "Namespaced");
        }
    }

    fn has_namespace(&self, object: &Value) -> bool {
        let api = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
        let group = api.split_once('/').map_or("", |(group, _)| group);
        if let Some(said) = self.0.get(&(group.to_owned(), kind.to_owned())) {
            return *said;
        }
        let of_group = OF_CLUSTER.iter().find(|(own, _)| *own == group);
        !of_group.is_some_and(|(_, kinds)| kinds.contains(&kind)) && !kind.starts_with("Cluster")
    }
}

/// The objects of a release by their templates, and what it costs to make them. Definitions that `crds/` brings come first.
pub fn files(made: &Made<'_>, wanted: &Wanted<'_>, chart: &Chart, scopes: &Scopes) -> (Vec<File>, Cost) {
    let mut files: Vec<File> = Vec::new();
    let path = |source: &str| told::source(chart, source).map_or_else(|| source.to_owned(), |(path, _)| path.into());
    for (source, file) in made.definitions.iter().filter(|_| !wanted.skips_definitions) {
        let read = read_all(&file.text(), Bounds::default()).unwrap_or_default();
        let documents = read.iter().map(|it| plain(&it.tree)).filter(|it| matches!(it, Value::Map(_))).collect();
        files.push(File { source: Arc::clone(source), path: path(source), documents });
    }
    for (source, manifests) in by_source(made) {
        let documents = manifests.into_iter().map(|it| placed(plain(&it.read.tree), wanted, scopes)).collect();
        files.push(File { source: Arc::clone(source), path: path(source), documents });
    }
    let cost = |file: &File| {
        let weight = |sum: Cost, it: &Value| sum.plus(Cost::nodes(it.weight().0, it.weight().1));
        file.documents.iter().fold(Cost::NONE, weight)
    };
    let cost = files.iter().map(cost).fold(Cost::NONE, Cost::plus);
    (files, cost)
}

/// What is applied, by the templates that make it, each in the order of its text. Of hooks with one name, which follow each
/// other, there is the first.
pub(super) fn by_source<'m>(made: &'m Made<'_>) -> BTreeMap<&'m Arc<str>, Vec<&'m Manifest>> {
    let is_object = |it: &&Manifest| matches!(it.read.tree.node, Node::Map(_));
    let mut named = BTreeSet::new();
    let hooks = made.manifests.hooks.iter().filter(|it| {
        let is_applied = it.hook.iter().flat_map(|hook| &hook.events).any(|event| APPLIED.contains(&event.as_str()));
        is_applied && named.insert((&it.kind, &it.name))
    });
    let mut found: BTreeMap<&Arc<str>, Vec<&Manifest>> = BTreeMap::new();
    for manifest in made.manifests.objects.iter().chain(hooks).filter(is_object) {
        found.entry(&manifest.source).or_default().push(manifest);
    }
    for manifests in found.values_mut() {
        manifests.sort_by_key(|it| it.start);
    }
    found
}

/// An object in the namespace of its release, if it names none and has one.
fn placed(mut object: Value, wanted: &Wanted<'_>, scopes: &Scopes) -> Value {
    let Some(namespace) = wanted.namespace.filter(|_| scopes.has_namespace(&object)) else { return object };
    let Value::Map(entries) = &mut object else { return object };
    let Some((_, Value::Map(metadata))) = entries.iter_mut().find(|(key, _)| &**key == "metadata") else {
        return object;
    };
    let is_named = |(key, value): &(Arc<str>, Value)| {
        &**key == "namespace" && !matches!(value, Value::Null) && value.as_str() != Some("")
    };
    if !metadata.iter().any(is_named) {
        metadata.retain(|(key, _)| &**key != "namespace");
        metadata.push(("namespace".into(), Value::String(namespace.into())));
    }
    object
}

/// A value as those of trees are.
fn plain(tree: &Tree) -> Value {
    match &tree.node {
        Node::Null => Value::Null,
        Node::Bool(it) => Value::Bool(*it),
        Node::Number(Number::Int(number)) => Value::Number(value::Number::Int(*number)),
        Node::Number(Number::UInt(number)) => Value::Number(value::Number::UInt(*number)),
        Node::Number(Number::Float(number)) => {
            value::Number::float(*number).map_or_else(|| Value::String(number.to_string().into()), Value::Number)
        }
        Node::Text(text) => Value::String(Arc::clone(text)),
        Node::List(items) => Value::List(items.iter().map(plain).collect()),
        Node::Map(entries) => {
            Value::Map(entries.iter().map(|entry| (Arc::clone(&entry.key), plain(&entry.value))).collect())
        }
    }
}
