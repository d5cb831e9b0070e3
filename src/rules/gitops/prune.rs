//! What would be lost if its file were.

use super::applied::{Applied, applied};
use crate::check::k8s::Object;
use crate::check::{Report, View, rule};
use crate::value::Value;

rule! {
    PRUNE = Warning "gitops/prune";
    summary: "data would be deleted together with the file of an object";
    explanation: "Pruning deletes what is no longer in the folder: after a rename, a wrong path or a setting that takes the file out. A namespace goes with all that is in it, a custom resource definition with all objects of its kind, a claim with its volume. Argo CD leaves alone what is annotated `argocd.argoproj.io/sync-options: Prune=false`, or asks first with `Prune=confirm`; Flux, what is annotated `kustomize.toolkit.fluxcd.io/prune: disabled`.";
    wrong: "
        --- # shop/namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        --- # apps/shop.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: shop}
        spec:
          source: {repoURL: https://git.example.com/fleet, path: prod/shop}
          syncPolicy: {automated: {prune: true}}
    ";
    right: "
        --- # shop/namespace.yaml
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
        --- # apps/shop.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: shop}
        spec:
          source: {repoURL: https://git.example.com/fleet, path: prod/shop}
          syncPolicy: {automated: {prune: true}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for applied in applied(view).iter().filter(|it| prunes(it)) {
        for object in &applied.objects {
            if let Some(loss) = loss(object)
                && !applied.may_alter(object)
                && !is_protected(object, applied)
            {
                tell(object, applied, loss, report);
            }
        }
    }
}

fn tell(object: &Object<'_>, applied: &Applied<'_, '_>, loss: &str, report: &mut Report) {
    let by = applied.by.object.name.unwrap_or_default();
    let protection = if is_flux(applied) {
        "kustomize.toolkit.fluxcd.io/prune: disabled"
    } else {
        "argocd.argoproj.io/sync-options: Prune=false,Delete=false"
    };
    report
        .at(&PRUNE, object.name_node(), format!("`{by}` deletes `{}` as soon as its file is gone", object.subject()))
        .label(loss)
        .also(&applied.by.path, "what is no longer in this folder is pruned")
        .help(format!("annotate it with `{protection}`"));
}

/// What goes with an object.
fn loss(object: &Object<'_>) -> Option<&'static str> {
    Some(match (object.group, object.kind) {
        ("", "Namespace") => "with all that is in it",
        ("", "PersistentVolumeClaim") => "with its volume",
        ("apiextensions.k8s.io", "CustomResourceDefinition") => "with all objects of this kind",
        _ => return None,
    })
}

fn is_flux(applied: &Applied<'_, '_>) -> bool {
    applied.by.object.group == "kustomize.toolkit.fluxcd.io"
}

fn prunes(applied: &Applied<'_, '_>) -> bool {
    let spec = &applied.by.spec;
    if is_flux(applied) {
        return spec.get("prune").is_some_and(|it| *it.value == Value::Bool(true));
    }
    let is = |key: &str, wanted: bool| {
        spec.at(["syncPolicy", "automated", key]).is_some_and(|it| *it.value == Value::Bool(wanted))
    };
    is("prune", true) && !is("enabled", false)
}

fn is_protected(object: &Object<'_>, applied: &Applied<'_, '_>) -> bool {
    let root = object.root();
    let said = |key: &str| {
        let in_one = |at: &str| root.text_at(["metadata", at, key]);
        in_one("annotations").or_else(|| in_one("labels")).unwrap_or_default()
    };
    if is_flux(applied) {
        return said("kustomize.toolkit.fluxcd.io/prune") == "disabled"
            || said("kustomize.toolkit.fluxcd.io/reconcile") == "disabled";
    }
    let keeps = |option: &str| matches!(option.trim(), "Prune=false" | "Prune=confirm");
    applied.by.options().iter().any(|option| keeps(option))
        || said("argocd.argoproj.io/sync-options").split(',').any(keeps)
}
