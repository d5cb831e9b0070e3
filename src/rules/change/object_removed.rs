//! Objects that take others with them when they go.

use crate::check::Change;
use crate::check::{Report, rule};
use crate::impact::{Pruned, pruned};

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

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for Pruned { object, takes } in pruned(change) {
        let (kind, name) = (object.kind, object.name.unwrap_or_default());
        report
            .elsewhere(&OBJECT_REMOVED, change.was(&object.name_node()), format!("the {kind} `{name}` is pruned, and with it {takes}"))
            .label("this is deployed, and the new tree does not have it")
            .subject(object.subject())
            .help("say first that it must stay, `argocd.argoproj.io/sync-options: Prune=false` or `kustomize.toolkit.fluxcd.io/prune: disabled`, and take it out once that is deployed");
    }
}
