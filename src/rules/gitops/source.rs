//! The sources that Flux's objects read.

use super::flux;
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    SOURCE = Error "gitops/source";
    summary: "an object of Flux reads a source that does not exist";
    explanation: "The object is never ready, and nothing behind it is installed. A name like that of another source is an error; another one, which something outside of the tree may make, is a warning. Judged where the tree has sources of the same kind in that namespace; `flux-system` is made when Flux is installed.";
    wrong: "
        --- # source.yaml
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: GitRepository
        metadata: {name: platform, namespace: flux-system}
        spec: {url: https://git.example.com/fleet, interval: 1m}
        --- # apps.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: apps, namespace: flux-system}
        spec: {sourceRef: {kind: GitRepository, name: plattform}}
    ";
    right: "
        --- # source.yaml
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: GitRepository
        metadata: {name: platform, namespace: flux-system}
        spec: {url: https://git.example.com/fleet, interval: 1m}
        --- # apps.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: apps, namespace: flux-system}
        spec: {sourceRef: {kind: GitRepository, name: platform}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let charts = view.objects_of("source.toolkit.fluxcd.io", "HelmChart");
    for object in flux(view).chain(charts) {
        let root = object.root();
        let of_chart = root.at(["spec", "chart", "spec", "sourceRef"]);
        let references = [root.at(["spec", "sourceRef"]), of_chart, root.at(["spec", "chartRef"])];
        for reference in references.into_iter().flatten() {
            judge(view, &reference, object.namespace, report);
        }
    }
}

fn judge(view: &View<'_>, reference: &Node<'_>, own: Option<&str>, report: &mut Report) {
    let (Some(kind), Some(node)) = (reference.text_at(["kind"]), reference.get("name")) else { return };
    let Some(name) = node.text().filter(|name| *name != "flux-system" && !super::is_filled_in(name)) else { return };
    let namespace = reference.text_at(["namespace"]).or(own);
    let is_near = |other: Option<&str>| other.is_none() || namespace.is_none() || other == namespace;
    let sources = view.objects_of("source.toolkit.fluxcd.io", kind).filter(|source| is_near(source.namespace));
    let sources: Vec<_> = sources.filter_map(|source| Some((source.name?, source))).collect();
    if sources.is_empty() || sources.iter().any(|(known, _)| *known == name) {
        return;
    }
    let draft = report.at(&SOURCE, &node, format!("there is no {kind} `{name}`"));
    let near = suggest::nearest(name, sources.iter().map(|(known, _)| *known));
    match near.and_then(|near| sources.iter().find(|(known, _)| *known == near)) {
        Some((near, source)) => {
            draft.also(source.name_node(), format!("there is `{near}`")).help(format!("did you mean `{near}`?"))
        }
        None => draft.warning().help(format!("make the {kind}, or name one that there is")),
    };
}
