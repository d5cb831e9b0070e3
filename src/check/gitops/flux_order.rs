//! Objects that Flux applies before what they need is there.

use std::collections::{BTreeMap, BTreeSet};

use super::applied::{Applied, applied};
use super::flux;
use super::wave::CHARTS;
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    FLUX_ORDER = Error "gitops/flux-order";
    summary: "Flux applies objects without waiting for the chart that brings their kind, or for their namespace";
    explanation: "The API server refuses an object whose kind or namespace it does not know, and Flux applies nothing of a Kustomization of which one object is refused. It tries again, so a new cluster may come up late and by luck; it never does if the chart, or the namespace, comes with the same Kustomization's objects or waits for it in turn. `dependsOn` is what orders Kustomizations, and one that installs charts is ready only after them if it has `wait: true` or `healthChecks`. Judged for the kinds of well-known charts that a HelmRelease of the tree installs, and for namespaces that the tree makes.";
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
    for applied in order.applied.iter().filter(|it| it.by.name.is_some()) {
        let before = order.before(&[id(applied.by)]);
        if let Some((object, charts)) = order.without_kind(view, applied, &before) {
            tell_kind(&order, applied, object, &charts, report);
        }
        if let Some((object, namespace, maker)) = order.without_namespace(view, applied, &before) {
            tell_namespace(&order, applied, object, namespace, maker, report);
        }
    }
}

/// Kind, namespace and name.
type Id<'a> = (&'a str, Option<&'a str>, &'a str);

fn id<'a>(object: &Object<'a>) -> Id<'a> {
    (object.kind, object.namespace, object.name.unwrap_or_default())
}

/// The objects of Flux, what each applies, and what it waits for.
struct Order<'v, 'a> {
    objects: BTreeMap<Id<'a>, &'v Object<'a>>,
    /// By Kustomizations of Flux.
    applied: Vec<Applied<'v, 'a>>,
}

/// What is ready before something starts.
#[derive(Default)]
struct Before<'a> {
    ready: BTreeSet<Id<'a>>,
    /// Something of it stands elsewhere: who knows what that waits for.
    unknown: bool,
}

impl<'v, 'a> Order<'v, 'a> {
    fn of(view: &'v View<'a>) -> Self {
        let objects = flux(view).map(|object| (id(object), object)).collect();
        let applied = applied(view).into_iter().filter(|it| it.by.group == "kustomize.toolkit.fluxcd.io").collect();
        Self { objects, applied }
    }

    /// What is ready before any of some objects starts.
    fn before(&self, starting: &[Id<'a>]) -> Before<'a> {
        let mut before = Before::default();
        let mut started = BTreeSet::new();
        let mut open: Vec<Id<'a>> = starting.to_vec();
        while let Some(next) = open.pop() {
            if !started.insert(next) {
                continue;
            }
            let Some(object) = self.objects.get(&next) else {
                before.unknown = true;
                continue;
            };
            for wait in object.root().at(["spec", "dependsOn"]).map(|waits| waits.items()).unwrap_or_default() {
                let Some(name) = wait.text_at(["name"]) else { continue };
                let other = (object.kind, wait.text_at(["namespace"]).or(object.namespace), name);
                self.is_ready(other, &mut before, &mut open);
            }
            // Whoever applies it has started before.
            open.extend(self.appliers(object).map(|it| id(it.by)));
        }
        before
    }

    /// Takes in that something is ready: it has started, and, if it waits for them, so are the objects it applies.
    fn is_ready(&self, ready: Id<'a>, before: &mut Before<'a>, open: &mut Vec<Id<'a>>) {
        let mut all = vec![ready];
        while let Some(next) = all.pop() {
            if !before.ready.insert(next) {
                continue;
            }
            open.push(next);
            let own = self.applied.iter().filter(|it| id(it.by) == next && waits(&it.spec));
            let objects = own.flat_map(|it| &it.objects).map(|object| id(object));
            all.extend(objects.filter(|id| self.objects.contains_key(id)));
            all.extend(self.checked(next));
        }
    }

    /// The releases whose health a Kustomization waits for, whoever applies them.
    fn checked(&self, own: Id<'a>) -> Vec<Id<'a>> {
        let checks = self.objects.get(&own).and_then(|it| it.root().at(["spec", "healthChecks"]));
        let checks = checks.map(|checks| checks.items()).unwrap_or_default();
        let of = |check: &Node<'a>| {
            let id = (check.text_at(["kind"])?, check.text_at(["namespace"]).or(own.1), check.text_at(["name"])?);
            self.objects.contains_key(&id).then_some(id)
        };
        checks.iter().filter_map(of).collect()
    }

    fn appliers<'o>(&'o self, object: &'o Object<'a>) -> impl Iterator<Item = &'o Applied<'v, 'a>> {
        let path = object.document.path;
        self.applied.iter().filter(move |it| it.objects.iter().any(|own| own.document.path == path))
    }

    /// An object whose kind comes with charts that nothing waits for, and their releases.
    fn without_kind(
        &self,
        view: &'v View<'a>,
        applied: &Applied<'v, 'a>,
        before: &Before<'a>,
    ) -> Option<(&'v Object<'a>, Vec<&'v Object<'a>>)> {
        let mut groups = BTreeSet::new();
        for object in applied.objects.iter().filter(|object| groups.insert(object.group)) {
            let Some((_, charts)) = CHARTS.iter().find(|(group, _)| *group == object.group) else { continue };
            let is_of_group =
                |definition: &Object<'_>| definition.root().text_at(["spec", "group"]) == Some(object.group);
            if view.objects_of("apiextensions.k8s.io", "CustomResourceDefinition").any(is_of_group) {
                continue;
            }
            let installed = view.releases().iter().filter(|release| charts.contains(&release.chart));
            let by: BTreeSet<_> = installed.map(|release| release.by.place()).collect();
            let releases: Vec<_> =
                self.objects.values().copied().filter(|it| by.contains(&it.root().place())).collect();
            let elsewhere = |release: &Object<'a>| cluster(release) != applied.cluster();
            let waits_for_one = releases.iter().any(|it| before.ready.contains(&id(it)) || elsewhere(it));
            if !releases.is_empty() && !waits_for_one && !before.unknown {
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
        before: &Before<'a>,
    ) -> Option<(&'v Object<'a>, &'v Object<'a>, &Applied<'v, 'a>)> {
        let mut names = BTreeSet::new();
        for object in &applied.objects {
            let Some(name) = object.namespace.filter(|name| names.insert(*name)) else { continue };
            let Some(namespace) = view.objects_of("", "Namespace").find(|it| it.name == Some(name)) else { continue };
            let makers: Vec<_> = self.appliers(namespace).collect();
            let is_before = |maker: &&Applied<'_, 'a>| {
                std::ptr::eq(maker.by, applied.by)
                    || before.ready.contains(&id(maker.by))
                    || maker.cluster() != applied.cluster()
            };
            // Flux's own objects are in a namespace that it lives in itself.
            let is_own = object.group.ends_with(".toolkit.fluxcd.io");
            if before.unknown
                || applied.may_alter(object)
                || is_own
                || makers.iter().any(is_before)
                || self.creates(name, before)
            {
                continue;
            }
            if let Some(maker) = makers.first() {
                return Some((object, namespace, maker));
            }
        }
        None
    }

    /// Whether a release that is ready before makes a namespace.
    fn creates(&self, name: &str, before: &Before<'a>) -> bool {
        let ready = before.ready.iter().filter_map(|id| self.objects.get(id));
        ready.into_iter().any(|object| {
            let spec = object.root().get("spec");
            spec.is_some_and(|spec| {
                spec.at(["install", "createNamespace"]).is_some_and(|it| *it.value == Value::Bool(true))
                    && spec.text_at(["targetNamespace"]) == Some(name)
            })
        })
    }

    fn does_wait(&self, one: &Object<'a>, other: &Object<'a>) -> bool {
        self.before(&[id(one)]).ready.contains(&id(other))
    }
}

/// Whether a Kustomization is ready only after what it applies.
fn waits(spec: &Node<'_>) -> bool {
    let is_set = |key: &str| spec.get(key).is_some_and(|list| !list.items().is_empty());
    spec.get("wait").is_some_and(|it| *it.value == Value::Bool(true))
        || is_set("healthChecks")
        || is_set("healthCheckExprs")
}

fn cluster<'a>(release: &Object<'a>) -> Option<&'a str> {
    release.root().text_at(["spec", "kubeConfig", "secretRef", "name"])
}

fn tell_kind<'a>(
    order: &Order<'_, 'a>,
    applied: &Applied<'_, 'a>,
    object: &Object<'a>,
    releases: &[&Object<'a>],
    report: &mut Report,
) {
    let Some(release) = releases.first() else { return };
    let (own, chart) = (applied.by.name.unwrap_or_default(), release.name.unwrap_or_default());
    let applier = order.appliers(release).next();
    let with = applier.and_then(|it| it.by.name);
    let message =
        format!("`{own}` applies `{}`, but does not wait for `{chart}`, which brings its kind", object.subject());
    let is_own = applier.is_some_and(|it| std::ptr::eq(it.by, applied.by));
    let is_named = |it: &Applied<'_, '_>| order.before(&[id(applied.by)]).ready.contains(&id(it.by));
    let (label, help) = match (applier, with) {
        (Some(_), _) if is_own => (
            "brings both, so neither is ever applied".to_owned(),
            format!("put the {} into a folder and a Kustomization of its own, which waits for this one", object.kind),
        ),
        _ if order.does_wait(release, applied.by) => (
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
    report
        .at(&FLUX_ORDER, place(applied), message)
        .label(label)
        .also(release.name_node(), "this release brings the kind")
        .also(object.name_node(), "its kind comes with the release")
        .help(help);
}

fn tell_namespace<'a>(
    order: &Order<'_, 'a>,
    applied: &Applied<'_, 'a>,
    object: &Object<'a>,
    namespace: &Object<'a>,
    maker: &Applied<'_, 'a>,
    report: &mut Report,
) {
    let name = namespace.name.unwrap_or_default();
    let (own, other) = (applied.by.name.unwrap_or_default(), maker.by.name.unwrap_or_default());
    let message =
        format!("`{own}` applies `{}`, but does not wait for `{other}`, which makes the namespace", object.subject());
    let draft = report.at(&FLUX_ORDER, place(applied), message);
    draft
        .also(namespace.name_node(), format!("`{other}` makes the namespace"))
        .also(object.name_node(), format!("this is in `{name}`"));
    if order.does_wait(maker.by, applied.by) {
        draft.label(format!("`{other}` waits for this in turn, so neither is ever applied"));
        draft.help(format!("let `{other}` not wait for `{own}`, but `{own}` for `{other}`"));
    } else {
        draft.label("does not wait for the namespace");
        draft.help(format!("add `{{name: {other}}}` to the `dependsOn` of `{own}`"));
    }
}

/// Where it says what it waits for.
fn place(applied: &Applied<'_, '_>) -> crate::check::Place {
    match applied.spec.get("dependsOn") {
        Some(waits) => waits.place(),
        None => applied.by.name_node().place(),
    }
}
