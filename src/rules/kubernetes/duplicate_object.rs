//! One object from two files.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use crate::check::view::overlays::Overlays;
use crate::check::{Report, View, k8s::Object, rule};

rule! {
    DUPLICATE_OBJECT = Error "kubernetes/duplicate-object";
    summary: "two files hold the same Kubernetes object";
    explanation: "An object is known by its group, kind, namespace and name. Of two files with the same one the cluster keeps what was applied last; under Argo CD or Flux they overwrite each other for ever. Rename one, give it another namespace, or merge them. Two files that kustomizations build which have nothing in common, and of which not both are applied here, are a warning: they may be for two clusters.";
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
    let overlays = OnceCell::new();
    for object in view.objects() {
        let Some(name) = object.name.filter(|_| !view.is_transformed(object)) else { continue };
        let place = if object.is_cluster_wide() { (None, "") } else { view.home(object) };
        let identity = (object.group, object.kind, place, name);
        let Some(other) = first.get(&identity) else {
            first.insert(identity, object);
            continue;
        };
        let (a, b) = (other.document.path, object.document.path);
        // What a chart makes has an absolute path.
        let shown = |path: &Utf8Path| path.as_str().trim_start_matches('/').to_owned();
        let draft = report.at(&DUPLICATE_OBJECT, object.name_node(), format!("`{}` is in two files", object.subject()));
        draft
            .label(format!("in `{}`", shown(b)))
            .also(other.name_node(), format!("in `{}`", shown(a)))
            .help("rename one, give it another namespace, or make one file of both");
        if are_apart(overlays.get_or_init(|| Overlays::of(view)), a, b) {
            draft.warning();
        }
    }
}

/// Whether two files are built by kustomizations that have nothing in common, of which nobody in the tree applies both:
/// they may be for two clusters.
fn are_apart(overlays: &Overlays<'_, '_>, a: &Utf8Path, b: &Utf8Path) -> bool {
    let (a, b) = (overlays.roots(a), overlays.roots(b));
    let is_applied = |roots: &BTreeSet<&str>| roots.iter().any(|root| overlays.applies(root));
    let are_both_applied = is_applied(&a) && is_applied(&b);
    !a.is_empty() && !b.is_empty() && a.is_disjoint(&b) && !are_both_applied
}
