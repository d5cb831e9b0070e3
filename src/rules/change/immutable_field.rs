//! Fields of Kubernetes objects that the API server does not let anybody change.

use std::collections::BTreeMap;

use crate::check::k8s::Object;
use crate::check::{Change, Kustomization, Node, Report, View, rule};
use crate::impact::{Refusal, may_force, refusals};
use crate::rules::gitops::Taken;
use crate::value::Value;

rule! {
    IMMUTABLE_FIELD = Error "change/immutable-field";
    summary: "a change of a field that Kubernetes does not let change";
    explanation: "The API server refuses the update, and the GitOps tool goes on trying: the object stays as it was, with everything else that was to change in it. Give the object another name, so that a new one is made beside the old; or let the tool replace it, `argocd.argoproj.io/sync-options: Replace=true,Force=true` or `kustomize.toolkit.fluxcd.io/force: enabled`, where a time without it does no harm.";
    wrong: "
        --- # before/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: a, image: 'a:1'}]}}}
        --- # after/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api, tier: web}}, template: {metadata: {labels: {app: api, tier: web}}, spec: {containers: [{name: a, image: 'a:1'}]}}}
    ";
    right: "
        --- # before/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: a, image: 'a:1'}]}}}
        --- # after/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api, tier: web}}, spec: {containers: [{name: a, image: 'a:2'}]}}}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for Refusal { object, field, before, after } in refusals(change) {
        let name = object.name.unwrap_or_default();
        report
            .at(&IMMUTABLE_FIELD, after, format!("`{field}` of the {} `{name}` cannot be changed", object.kind))
            .label("the API server refuses this")
            .beside(change.was(&before), "as it is deployed")
            .help("leave it as it was; or give the object another name, so that a new one is made");
    }
    if !may_force(change) {
        for own in change.new_tree().kustomizations() {
            given(change, own, report);
        }
    }
}

/// Labels that a kustomization puts into the selectors of what is deployed already.
fn given<'a>(change: &Change<'a>, own: &Kustomization<'a>, report: &mut Report) {
    let now = selecting(own);
    let before = change.old().kustomizations().iter().find(|it| it.document.path == own.document.path);
    let was = before.map(selecting).unwrap_or_default();
    let added = now.iter().find(|(key, node)| was.get(*key).is_none_or(|old| !old.value.is_same(node.value)));
    let Some((key, node)) = added else { return };
    let Some(old) = before.and_then(|before| workload(change.old(), before)) else { return };
    let Some(taken) = Taken::in_tree(change.new_tree(), own) else { return };
    if !taken.objects.iter().any(|it| (it.kind, it.name) == (old.kind, old.name)) {
        return;
    }
    let Some(selector) = old.root().at(["spec", "selector"]) else { return };
    let name = old.name.unwrap_or_default();
    let message = format!("`spec.selector` of the {} `{name}` cannot be changed, and `{key}` is put into it", old.kind);
    report
        .at(&IMMUTABLE_FIELD, node, message)
        .label("the API server refuses what Kustomize makes of this")
        .beside(change.was(&selector), "as it is deployed")
        .help("write it under `labels`, as `pairs` without `includeSelectors`, which leaves selectors as they are");
}

/// The labels that a kustomization puts into selectors.
fn selecting<'a>(own: &Kustomization<'a>) -> BTreeMap<&'a str, Node<'a>> {
    let mut all: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    all.extend(own.root.get("commonLabels").iter().flat_map(Node::entries));
    let is_set = |labels: &Node<'_>| labels.get("includeSelectors").and_then(|it| it.boolean()) == Some(true);
    for labels in own.root.list(["labels"]).into_iter().filter(is_set) {
        all.extend(labels.get("pairs").iter().flat_map(Node::entries));
    }
    all
}

/// What a kustomization takes in that has a selector which nobody may change.
fn workload<'v, 'a>(view: &'v View<'a>, own: &'v Kustomization<'a>) -> Option<&'v Object<'a>> {
    let has_selector = |it: &&&Object<'_>| {
        matches!((it.group, it.kind), ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet"))
            && it.root().at(["spec", "selector"]).is_some_and(|it| matches!(it.value, Value::Map(_)))
    };
    Taken::in_tree(view, own)?.objects.iter().find(has_selector).copied()
}
