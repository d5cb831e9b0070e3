//! Namespaces that nothing creates.

use std::collections::BTreeSet;

use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    NAMESPACE = Warning "kubernetes/namespace";
    summary: "an object in a namespace that nothing creates";
    explanation: "An object is refused while its namespace does not exist. This is judged where the tree makes namespaces at all; Kubernetes' own, those that Argo CD or Flux create or install charts into, and those where their own objects live, are known. Name a namespace that comes from elsewhere under `namespaces` of `outside`.";
    wrong: "
        --- # namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: payments}
        --- # settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: payment}
    ";
    right: "
        --- # namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: payments}
        --- # settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: payments}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let made: BTreeSet<&str> = view.objects_of("", "Namespace").filter_map(|it| it.name).collect();
    if made.is_empty() {
        return;
    }
    let mut known = made.clone();
    known.extend(["default", "kube-system", "kube-public", "kube-node-lease"]);
    known.extend(view.releases().iter().filter_map(|release| release.namespace));
    for object in view.objects() {
        known.extend(created(object));
    }
    for object in view.objects().iter().filter(|it| !view.is_transformed(it)) {
        let Some(namespace) = object.root().at(["metadata", "namespace"]) else { continue };
        let is_known = |name: &str| known.contains(name) || view.is_outside("namespaces", None, name);
        let Some(name) = namespace.text().filter(|name| !is_known(name)) else { continue };
        let list: Vec<&str> = made.iter().copied().collect();
        report
            .at(&NAMESPACE, &namespace, format!("nothing creates the namespace `{name}`"))
            .help(format!("add it, or use one of those that are made: `{}`", list.join("`, `")));
    }
}

/// The namespaces that an object shows to be there: its own, if it is one of Argo CD or Flux, and that of its target.
fn created<'a>(object: &Object<'a>) -> Vec<&'a str> {
    if object.group != "argoproj.io" && !object.group.ends_with(".toolkit.fluxcd.io") {
        return Vec::new();
    }
    let spec = object.root().get("spec");
    let specs = [spec, spec.and_then(|spec| spec.at(["template", "spec"]))];
    let targets = specs
        .iter()
        .flatten()
        .filter_map(|spec: &Node<'a>| spec.text_at(["destination", "namespace"]).or(spec.text_at(["targetNamespace"])));
    targets.chain(object.namespace).collect()
}
