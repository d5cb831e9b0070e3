//! Objects that Flux applies before what they need is there.

use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::ops::Deref;

use super::applied::Applied;
use super::definitions::{charts_of, leaves_out, may_bring_any};
use super::order::{Before, Order, cluster, id};
use crate::check::k8s::Object;
use crate::check::view::whole::is_helmfile;
use crate::check::{Place, Release, Report, View, rule};
use crate::value::Value;

rule! {
    FLUX_ORDER = Error "gitops/flux-order";
    summary: "Flux applies objects without waiting for the chart that brings their kind, or for their namespace";
    explanation: "The API server refuses an object whose kind or namespace it does not know, and Flux applies nothing of a Kustomization of which one object is refused. It tries again, so a new cluster comes up late, which is a warning; it never does if the chart comes with the same Kustomization, or if what is missing waits for the objects in turn, which is an error. Where a helmfile of the tree installs charts before Flux does, kinds are not judged. `dependsOn` is what orders Kustomizations, and one that installs charts is ready only after them if it has `wait: true` or `healthChecks`. Judged for the kinds of well-known charts that a HelmRelease of the tree installs with its definitions, and for namespaces that the tree makes.";
    wrong: "
        --- # flux/cert-manager.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: cert-manager, namespace: flux-system}
        spec: {path: ./prod/cert-manager, wait: true}
        --- # cert-manager/release.yaml
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: cert-manager, namespace: flux-system}
        spec: {chart: {spec: {chart: cert-manager, version: v1.20.0}}}
        --- # flux/issuers.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: issuers, namespace: flux-system}
        spec: {path: ./prod/issuers}
        --- # issuers/internal.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: internal}
        spec: {selfSigned: {}}
    ";
    right: "
        --- # flux/cert-manager.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: cert-manager, namespace: flux-system}
        spec: {path: ./prod/cert-manager, wait: true}
        --- # cert-manager/release.yaml
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: cert-manager, namespace: flux-system}
        spec: {chart: {spec: {chart: cert-manager, version: v1.20.0}}}
        --- # flux/issuers.yaml
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: issuers, namespace: flux-system}
        spec: {path: ./prod/issuers, dependsOn: [{name: cert-manager}]}
        --- # issuers/internal.yaml
        apiVersion: cert-manager.io/v1
        kind: ClusterIssuer
        metadata: {name: internal}
        spec: {selfSigned: {}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    if view.objects_of("kustomize.toolkit.fluxcd.io", "Kustomization").next().is_none() {
        return;
    }
    let order = Order::of(view);
    for applied in order.applied.iter().filter(|it| it.by.object.name.is_some()) {
        let before = LazyCell::new(|| order.before(id(applied.by.object)));
        if let Some((object, charts)) = order.without_kind(view, applied, &before) {
            tell_kind(&order, applied, object, &charts, report);
        }
        if let Some(late) = order.without_namespace(view, applied, &before) {
            tell_namespace(&order, applied.by.object, &late, report);
        }
    }
    for release in order.objects.values().filter(|it| it.kind == "HelmRelease") {
        if let Some(late) = order.install_without_namespace(view, release) {
            tell_namespace(&order, release, &late, report);
        }
    }
}

/// Something that is applied before its namespace.
struct Late<'o, 'v, 'a> {
    object: &'v Object<'a>,
    namespace: &'v Object<'a>,
    maker: &'o Applied<'v, 'a>,
}

impl<'v, 'a> Order<'v, 'a> {
    /// An object whose kind comes with charts that nothing waits for, and their releases.
    fn without_kind(
        &self,
        view: &'v View<'a>,
        applied: &Applied<'v, 'a>,
        before: &impl Deref<Target = Before<'a>>,
    ) -> Option<(&'v Object<'a>, Vec<&'v Object<'a>>)> {
        let is_ready = |release: &Release<'a>| {
            let by = release.by;
            self.objects.values().any(|it| it.root().is_at(&by) && before.ready.contains(&id(it)))
        };
        let definitions = |release: &Release<'a>| may_bring_any(release.chart_name()) && is_ready(release);
        if applied.brings_more || view.meant().any(is_helmfile) {
            return None;
        }
        let mut groups = BTreeSet::new();
        for object in applied.objects.iter().filter(|object| groups.insert(object.group)) {
            let Some(charts) = charts_of(object.group) else { continue };
            let is_of_group =
                |definition: &Object<'_>| definition.root().text_at(["spec", "group"]) == Some(object.group);
            if view.objects_of("apiextensions.k8s.io", "CustomResourceDefinition").any(is_of_group) {
                continue;
            }
            let brings = |release: &&Release<'a>| charts.contains(&release.chart_name()) && !leaves_out(release);
            let installed = view.releases().iter().filter(brings);
            let by: BTreeSet<_> = installed.map(|release| release.by.number()).collect();
            let releases: Vec<_> =
                self.objects.values().copied().filter(|it| by.contains(&it.root().number())).collect();
            if releases.is_empty() {
                continue;
            }
            if before.unknown || view.releases().iter().any(definitions) {
                return None;
            }
            let elsewhere = |release: &Object<'a>| cluster(release) != applied.by.cluster();
            let waits_for_one = releases.iter().any(|it| before.ready.contains(&id(it)) || elsewhere(it));
            if !waits_for_one {
                return Some((object, releases));
            }
        }
        None
    }

    /// An object whose namespace comes with a folder that nothing waits for.
    fn without_namespace(
        &self,
        view: &'v View<'a>,
        applied: &Applied<'v, 'a>,
        before: &impl Deref<Target = Before<'a>>,
    ) -> Option<Late<'_, 'v, 'a>> {
        if applied.brings_more {
            return None;
        }
        let mut names = BTreeSet::new();
        // Flux's own objects are in a namespace that it lives in itself.
        let objects = applied.objects.iter().filter(|it| !it.group.ends_with(".toolkit.fluxcd.io"));
        objects.into_iter().filter(|it| !applied.may_alter(it)).find_map(|object| {
            // A Kustomization itself is in a namespace that is there.
            let name = object.namespace.filter(|name| applied.by.object.namespace != Some(*name))?;
            names.insert(name).then_some(())?;
            let (namespace, maker) = self.late(view, name, applied.by.cluster(), before)?;
            Some(Late { object, namespace, maker })
        })
    }

    /// A release into a namespace that comes with a folder which it does not wait for.
    fn install_without_namespace(&self, view: &'v View<'a>, release: &'v Object<'a>) -> Option<Late<'_, 'v, 'a>> {
        let root = release.root();
        let name = root.text_at(["spec", "targetNamespace"])?;
        let creates = root.at(["spec", "install", "createNamespace"]);
        let appliers: Vec<_> = self.appliers(release).collect();
        let is_known = !appliers.is_empty() && appliers.iter().all(|it| !it.brings_more);
        if creates.is_some_and(|it| *it.value == Value::Bool(true)) || !is_known {
            return None;
        }
        let before = LazyCell::new(|| self.before(id(release)));
        let (namespace, maker) = self.late(view, name, cluster(release), &before)?;
        Some(Late { object: release, namespace, maker })
    }

    /// A namespace of the tree and what makes it, if nothing is known to have made it before.
    fn late(
        &self,
        view: &'v View<'a>,
        name: &str,
        cluster: Option<&str>,
        before: &impl Deref<Target = Before<'a>>,
    ) -> Option<(&'v Object<'a>, &Applied<'v, 'a>)> {
        let namespace = view.objects_of("", "Namespace").find(|it| it.name == Some(name))?;
        let makers: Vec<_> = self.appliers(namespace).collect();
        let is_before = |maker: &&Applied<'_, 'a>| {
            let maker_id = id(maker.by.object);
            before.started.contains(&maker_id) || before.ready.contains(&maker_id) || maker.by.cluster() != cluster
        };
        if before.unknown || makers.iter().any(is_before) || self.creates(name, before) {
            return None;
        }
        makers.first().map(|maker| (namespace, *maker))
    }
}

fn tell_kind<'a>(
    order: &Order<'_, 'a>,
    applied: &Applied<'_, 'a>,
    object: &Object<'a>,
    releases: &[&Object<'a>],
    report: &mut Report,
) {
    let Some(release) = releases.first() else { return };
    let (own, chart) = (applied.by.object.name.unwrap_or_default(), release.name.unwrap_or_default());
    let applier = order.appliers(release).next();
    let with = applier.and_then(|it| it.by.object.name);
    let message =
        format!("`{own}` applies `{}`, but does not wait for `{chart}`, which brings its kind", object.subject());
    let is_own = applier.is_some_and(|it| std::ptr::eq(it.by.object, applied.by.object));
    let is_named = |it: &Applied<'_, '_>| order.before(id(applied.by.object)).ready.contains(&id(it.by.object));
    let (label, help) = match (applier, with) {
        (Some(_), _) if is_own => (
            "brings both, so neither is ever applied".to_owned(),
            format!("put the {} into a folder and a Kustomization of its own, which waits for this one", object.kind),
        ),
        _ if order.does_wait(release, applied.by.object) => (
            format!("`{chart}` waits for this in turn, so neither is ever applied"),
            format!("let `{chart}` not wait for `{own}`, but `{own}` for `{chart}`"),
        ),
        (Some(applier), Some(with)) if is_named(applier) => (
            format!("waits for `{with}`, which is ready before its charts are installed"),
            format!("add `wait: true` to `{with}`"),
        ),
        (Some(_), Some(with)) => {
            ("does not wait for the kind".to_owned(), format!("add `{{name: {with}}}` to the `dependsOn` of `{own}`"))
        }
        _ => (
            "does not wait for the kind".to_owned(),
            format!("apply `{chart}` by a Kustomization with `wait: true`, and let `{own}` depend on it"),
        ),
    };
    let draft = report.at(&FLUX_ORDER, place(applied.by.object), message);
    draft
        .label(label)
        .also(release.name_node(), "this release brings the kind")
        .also(object.name_node(), "its kind comes with the release")
        .help(help);
    if !is_own && !order.does_wait(release, applied.by.object) {
        draft.warning();
    }
}

fn tell_namespace<'a>(order: &Order<'_, 'a>, by: &Object<'a>, late: &Late<'_, '_, 'a>, report: &mut Report) {
    let Late { object, namespace, maker } = late;
    let name = namespace.name.unwrap_or_default();
    let (own, other) = (by.name.unwrap_or_default(), maker.by.object.name.unwrap_or_default());
    let is_release = by.kind == "HelmRelease";
    let what =
        if is_release { format!("is installed into `{name}`") } else { format!("applies `{}`", object.subject()) };
    let message = format!("`{own}` {what}, but does not wait for `{other}`, which makes the namespace");
    let draft = report.at(&FLUX_ORDER, place(by), message);
    draft.also(namespace.name_node(), format!("`{other}` makes the namespace"));
    if !is_release {
        draft.also(object.name_node(), format!("this is in `{name}`"));
    }
    if order.does_wait(maker.by.object, by) {
        draft.label(format!("`{other}` waits for this in turn, so neither is ever applied"));
        draft.help(format!("let `{other}` not wait for `{own}`, but `{own}` for `{other}`"));
        return;
    }
    draft.warning().label("does not wait for the namespace");
    draft.help(match order.appliers(by).next().and_then(|it| it.by.object.name) {
        // A release waits for releases only.
        Some(with) if is_release => {
            format!(
                "add `{{name: {other}}}` to the `dependsOn` of the Kustomization `{with}`, or set `createNamespace`"
            )
        }
        _ => format!("add `{{name: {other}}}` to the `dependsOn` of `{own}`"),
    });
}

/// Where it says what it waits for.
fn place(by: &Object<'_>) -> Place {
    by.root().at(["spec", "dependsOn"]).unwrap_or_else(|| by.name_node()).place()
}
