//! Files that a kustomization takes in under names by which nobody here reads them.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use crate::artifact::is_document;
use crate::check::{Kustomization, Node, Report, View, rule};

rule! {
    UNREAD_PART = Error "gitops/unread-part";
    summary: "a kustomization takes in a file that no rule reads, because its name does not say that it is YAML";
    explanation: "Kustomize reads whatever `resources` and patches name, `deployment.txt` and `deployment` as well as `deployment.yaml`, and so do Argo CD and Flux. Here a file is read as YAML or JSON by its ending, so an object in another file would reach the cluster and no rule would see it, neither one of platc nor one of the project, and differences would show what they hide of a Secret. What a generator puts into a ConfigMap or a Secret is a text, whatever it is called.";
    wrong: "
        --- # web/kustomization.yaml
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [settings.txt]
        --- # web/settings.txt
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: web, namespace: web}
    ";
    right: "
        --- # web/kustomization.yaml
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [settings.yaml]
        --- # web/settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: web, namespace: web}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let all = view.kustomizations();
    if all.is_empty() {
        return;
    }
    // A file that is read is a document, whatever it is called; of one that should be, it is told why it is not.
    let is_otherwise = |path: &&Utf8Path| !is_document(path.as_str());
    let mut unread: BTreeSet<&Utf8Path> = view.paths().filter(is_otherwise).collect();
    if unread.is_empty() {
        return;
    }
    for document in view.documents() {
        unread.remove(document.path);
    }
    for own in all {
        for (node, path) in named(own) {
            if unread.contains(&*path) {
                tell(&node, &path, report);
            }
        }
    }
}

/// The files that it reads as YAML, each where it names it.
fn named<'a>(own: &Kustomization<'a>) -> impl Iterator<Item = (Node<'a>, Utf8PathBuf)> {
    let nodes = own.taken().chain(own.parts());
    nodes.filter_map(move |node| Some((node, own.beside(node.text()?)?)))
}

fn tell(node: &Node<'_>, path: &Utf8Path, report: &mut Report) {
    let draft = report.at(&UNREAD_PART, *node, format!("`{path}` is taken in, and no rule reads it"));
    draft.label("its name does not end in `.yaml`, `.yml` or `.json`").subject(path.as_str());
    draft.help(format!(
        "call it `{}`, here and where it lies",
        path.with_extension("yaml").file_name().unwrap_or_default()
    ));
}
