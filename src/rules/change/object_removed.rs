//! Objects that take others with them when they go.

use crate::check::Change;
use crate::check::k8s::Object;
use crate::check::{Report, rule};
use crate::rules::gitops::applied::applied;

rule! {
    OBJECT_REMOVED = Error "change/object-removed";
    summary: "a change lets a namespace, a volume claim or a custom resource definition be pruned";
    explanation: "A namespace goes with everything in it, a definition with every object of its kind, a claim with its volume. Argo CD and Flux delete them as soon as they are no longer in the tree; renaming one does it too. Say that it must stay, with `argocd.argoproj.io/sync-options: Prune=false` or `kustomize.toolkit.fluxcd.io/prune: disabled`, deploy that, and then take it out. Judged where something in the tree applies their folder and prunes.";
    wrong: "
        --- # before/apps/team.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: team}
        spec: {source: {repoURL: https://git.example.com/fleet, path: prod/team}, syncPolicy: {automated: {prune: true}}}
        --- # before/team/namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: payments}
        --- # after/apps/team.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: team}
        spec: {source: {repoURL: https://git.example.com/fleet, path: prod/team}, syncPolicy: {automated: {prune: true}}}
        --- # after/team/namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: payment}
    ";
    right: "
        --- # before/apps/team.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: team}
        spec: {source: {repoURL: https://git.example.com/fleet, path: prod/team}, syncPolicy: {automated: {prune: true}}}
        --- # before/team/namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: payments, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
        --- # after/apps/team.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: team}
        spec: {source: {repoURL: https://git.example.com/fleet, path: prod/team}, syncPolicy: {automated: {prune: true}}}
    ";
}

/// Kinds that others go with, and what goes.
const KINDS: [(&str, &str, &str); 3] = [
    ("", "Namespace", "everything in it"),
    ("", "PersistentVolumeClaim", "the volume behind it"),
    ("apiextensions.k8s.io", "CustomResourceDefinition", "every object of its kind"),
];

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    let pruned = applied(change.old());
    let pruned: Vec<_> = pruned.iter().filter(|it| prunes(it.by.object)).flat_map(|it| &it.objects).collect();
    for (group, kind, takes) in KINDS {
        for object in change.old().objects_of(group, kind) {
            let mut now = change.new_tree().objects_of(group, kind);
            let stays = now.any(|it| it.name == object.name && it.namespace == object.namespace);
            let is_pruned = pruned.iter().any(|it| it.document.path == object.document.path);
            if stays || !is_pruned || object.name.is_none() || is_kept(object) {
                continue;
            }
            let name = object.name.unwrap_or_default();
            report
                .elsewhere(&OBJECT_REMOVED, change.was(&object.name_node()), format!("the {kind} `{name}` is pruned, and with it {takes}"))
                .label("this is deployed, and the new tree does not have it")
                .subject(object.subject())
                .help("say first that it must stay, `argocd.argoproj.io/sync-options: Prune=false` or `kustomize.toolkit.fluxcd.io/prune: disabled`, and take it out once that is deployed");
        }
    }
}

/// Whether it deletes what is no longer in its folder.
fn prunes(by: &Object<'_>) -> bool {
    let setting = match by.kind {
        "Application" => "spec.syncPolicy.automated.prune",
        "ApplicationSet" => "spec.template.spec.syncPolicy.automated.prune",
        _ => "spec.prune",
    };
    by.root().along(setting).and_then(|it| it.boolean()) == Some(true)
}

fn is_kept(object: &Object<'_>) -> bool {
    let annotation = |name: &str| object.root().at(["metadata", "annotations"])?.get(name)?.text();
    annotation("argocd.argoproj.io/sync-options").is_some_and(|options| options.contains("Prune=false"))
        || annotation("kustomize.toolkit.fluxcd.io/prune") == Some("disabled")
        || annotation("kustomize.toolkit.fluxcd.io/reconcile") == Some("disabled")
}
