//! One object from two files.

use std::collections::BTreeMap;

use crate::check::{Report, View, k8s::Object, rule};

rule! {
    DUPLICATE_OBJECT = Error "kubernetes/duplicate-object";
    summary: "two files hold the same Kubernetes object";
    explanation: "An object is known by its group, kind, namespace and name. Of two files with the same one the cluster keeps what was applied last; under Argo CD or Flux they overwrite each other for ever. Rename one, give it another namespace, or merge them.";
    wrong: "
        --- # a.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: web}
        --- # b.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: web}
    ";
    right: "
        --- # a.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: web}
        --- # b.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: api}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut first: BTreeMap<_, &Object<'_>> = BTreeMap::new();
    for object in view.objects() {
        let Some(name) = object.name.filter(|_| !view.is_transformed(object)) else { continue };
        let place = if object.is_cluster_wide() { (None, "") } else { view.home(object) };
        let identity = (object.group, object.kind, place, name);
        let Some(other) = first.get(&identity) else {
            first.insert(identity, object);
            continue;
        };
        let (a, b) = (other.document.path, object.document.path);
        report
            .at(&DUPLICATE_OBJECT, object.name_node(), format!("`{}` is in two files", object.subject()))
            .label(format!("in `{b}`"))
            .also(other.name_node(), format!("in `{a}`"))
            .help("rename one, give it another namespace, or make one file of both");
    }
}
