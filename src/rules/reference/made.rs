//! What makes the secrets and config maps of a namespace.

use std::collections::BTreeMap;

use crate::check::k8s::Object;
use crate::check::view::repository::is_filled_in;
use crate::check::{Node, View};

/// A secret or a config map that the tree makes.
pub(super) struct Made<'a> {
    pub(super) node: Node<'a>,
    /// Its keys, if they are known.
    pub(super) keys: Option<Vec<&'a str>>,
}

/// Config maps that Kubernetes, Istio and `OpenShift` put into every namespace.
const EVERYWHERE: [&str; 3] = ["kube-root-ca.crt", "istio-ca-root-cert", "openshift-service-ca.crt"];

pub(super) fn is_everywhere(name: &str) -> bool {
    EVERYWHERE.contains(&name)
}

/// Annotations of a Service that name the Secret with its certificate: docs.openshift.com, "Service serving certificates".
const SERVING: [&str; 2] =
    ["service.beta.openshift.io/serving-cert-secret-name", "service.alpha.openshift.io/serving-cert-secret-name"];

/// The secrets or config maps of a namespace, by name; of two with one name the keys are not known.
pub(super) fn made<'a>(view: &View<'a>, kind: &str, namespace: Option<&str>) -> BTreeMap<&'a str, Made<'a>> {
    let mut all = BTreeMap::new();
    for object in view.objects() {
        let is_anywhere = matches!(object.kind, "ClusterExternalSecret" | "Bundle");
        if object.namespace == namespace || is_anywhere {
            of_object(object, kind, view.is_transformed(object), &mut all);
        }
    }
    let generators = view.kustomizations().iter().flat_map(|it| it.generators(kind));
    for name in generators.filter_map(|it| it.get("name")) {
        add(name, None, &mut all);
    }
    all
}

/// Whether something may make one of this name in a namespace that is not known to make it: it lives who knows where, or
/// its program is told the name.
pub(super) fn may_be_made(view: &View<'_>, kind: &str, namespace: Option<&str>, name: &str) -> bool {
    let mut all = BTreeMap::new();
    for object in view.objects().iter().filter(|it| view.may_live_in(it, namespace)) {
        of_object(object, kind, true, &mut all);
    }
    let says =
        |text: &str| text.split(|it: char| !it.is_ascii_alphanumeric() && it != '-' && it != '.').any(|it| it == name);
    let is_told = |object: &Object<'_>| {
        let containers = object.containers();
        let told = containers.iter().flat_map(|it| [it.get("args"), it.get("command")]).flatten();
        told.into_iter().any(|it| it.texts().any(|(_, text, _)| says(text)))
    };
    all.keys().any(|own| *own == name || is_filled_in(own)) || view.objects().iter().any(is_told)
}

fn add<'a>(name: Node<'a>, keys: Option<Vec<&'a str>>, all: &mut BTreeMap<&'a str, Made<'a>>) {
    let Some(text) = name.text() else { return };
    let keys = if all.contains_key(text) { None } else { keys };
    all.insert(text, Made { node: name, keys });
}

fn of_object<'a>(object: &Object<'a>, kind: &str, is_transformed: bool, all: &mut BTreeMap<&'a str, Made<'a>>) {
    let root = object.root();
    let own = root.at(["metadata", "name"]);
    let spec = root.get("spec");
    let spec = spec.as_ref();
    let at = |path: &[&str]| path.iter().try_fold(*spec?, |node, key| node.get(key));
    let mut make = |name: Option<Node<'a>>, keys: Option<Vec<&'a str>>| {
        if let Some(name) = name {
            add(name, keys.filter(|_| !is_transformed), all);
        }
    };
    match (object.group, object.kind, kind) {
        ("", "Secret" | "ConfigMap", _) if object.kind == kind => {
            let maps = ["data", "stringData", "binaryData"].into_iter().filter_map(|map| root.get(map));
            // Others may fill it in.
            let is_filled = root.at(["metadata", "annotations", "service.beta.openshift.io/inject-cabundle"]).is_some();
            let keys: Vec<&str> = maps.flat_map(|map| map.entries()).map(|(key, _)| key).collect();
            // One without any is there for others to fill.
            make(own, (!keys.is_empty() && !is_filled).then_some(keys));
        }
        ("external-secrets.io", "ExternalSecret", "Secret") => {
            make(at(&["target", "name"]).or(own), spec.and_then(external_keys));
        }
        ("external-secrets.io", "ClusterExternalSecret", "Secret") => {
            make(at(&["externalSecretSpec", "target", "name"]).or(at(&["externalSecretName"])).or(own), None);
        }
        // Whatever its template says.
        ("bitnami.com", "SealedSecret", "Secret") | ("trust.cert-manager.io", "Bundle", _) => make(own, None),
        ("secrets-store.csi.x-k8s.io", _, "Secret") => {
            for name in at(&["secretObjects"]).iter().flat_map(Node::items).map(|it| it.get("secretName")) {
                make(name, None);
            }
        }
        ("cert-manager.io", "Certificate", "Secret") => make(at(&["secretName"]), None),
        ("cert-manager.io", "Issuer", "Secret") => make(at(&["acme", "privateKeySecretRef", "name"]), None),
        ("", "Service", "Secret") => {
            let annotations = root.at(["metadata", "annotations"]);
            for name in SERVING.iter().map(|key| annotations.as_ref()?.get(key)) {
                make(name, None);
            }
        }
        ("networking.k8s.io", "Ingress", "Secret") if asks_for_certificate(&root) => {
            for name in at(&["tls"]).iter().flat_map(Node::items).map(|it| it.get("secretName")) {
                make(name, None);
            }
        }
        _ => {}
    }
}

/// The keys that an external secret gets, if it lists them all.
fn external_keys<'a>(spec: &Node<'a>) -> Option<Vec<&'a str>> {
    let is_merged = spec.text_at(["target", "creationPolicy"]).is_some_and(|policy| policy != "Owner");
    if spec.get("dataFrom").is_some() || spec.at(["target", "template"]).is_some() || is_merged {
        return None;
    }
    spec.get("data")?.items().iter().map(|item| item.text_at(["secretKey"])).collect()
}

/// Whether cert-manager makes the secrets of an ingress.
fn asks_for_certificate(ingress: &Node<'_>) -> bool {
    let annotations = ingress.at(["metadata", "annotations"]);
    let mut annotations = annotations.iter().flat_map(Node::entries);
    annotations.any(|(key, _)| key.starts_with("cert-manager.io/") || key == "kubernetes.io/tls-acme")
}

/// Whether something may put secrets or config maps into namespaces of which the tree does not tell: a policy or a chart
/// that copies them, somebody who may create them, a kustomization with parts from elsewhere.
pub(super) fn may_come_from_elsewhere(view: &View<'_>, kind: &str) -> bool {
    let resource = if kind == "Secret" { "secrets" } else { "configmaps" };
    let copiers = ["reflector", "replicator", "kubed", "config-syncer", "trust-manager"];
    let copies = |name: &str| copiers.iter().any(|copier| name.contains(copier));
    view.releases().iter().any(|release| copies(release.chart_name()))
        || view.kustomizations().iter().any(|it| view.takes_unseen(it) || kind == "Secret" && it.makes_unseen())
        || view.objects().iter().any(|object| {
            let root = object.root();
            // Its own, or those of what is made of it.
            root.under("annotations").flat_map(|it| it.entries()).any(|(key, _)| copies(key))
                || match (object.group, object.kind) {
                    ("policies.kyverno.io", "GeneratingPolicy") => true,
                    ("kyverno.io", "ClusterPolicy" | "Policy") => {
                        root.list(["spec", "rules"]).into_iter().any(|rule| rule.get("generate").is_some())
                    }
                    ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => {
                        root.list(["rules"]).into_iter().any(|rule| may_create(&rule, resource))
                    }
                    _ => false,
                }
        })
}

fn may_create(rule: &Node<'_>, resource: &str) -> bool {
    let lists = |key: &str, wanted: &str| {
        rule.list([key]).into_iter().any(|it| it.text().is_some_and(|it| it == wanted || it == "*"))
    };
    lists("verbs", "create") && lists("resources", resource)
}
