//! In which order Flux's objects are applied: what each waits for, and what is there by then.

use std::collections::{BTreeMap, BTreeSet};

use super::applied::{Applied, applied};
use super::flux;
use crate::check::k8s::Object;
use crate::check::{Node, View};
use crate::value::Value;

/// Kind, namespace and name.
pub(super) type Id<'a> = (&'a str, Option<&'a str>, &'a str);

pub(super) fn id<'a>(object: &Object<'a>) -> Id<'a> {
    (object.kind, object.namespace, object.name.unwrap_or_default())
}

/// The objects of Flux, what each applies, and what it waits for.
pub(super) struct Order<'v, 'a> {
    pub objects: BTreeMap<Id<'a>, &'v Object<'a>>,
    /// By Kustomizations of Flux.
    pub applied: Vec<Applied<'v, 'a>>,
    /// What of it each applies.
    own: BTreeMap<Id<'a>, Vec<usize>>,
    /// What of it applies each file.
    appliers: BTreeMap<&'a str, Vec<usize>>,
}

/// What is ready before something starts.
#[derive(Default)]
pub(super) struct Before<'a> {
    pub ready: BTreeSet<Id<'a>>,
    /// What has applied its namespaces by then, since it applied this.
    pub started: BTreeSet<Id<'a>>,
    /// Something of it stands elsewhere: who knows what that waits for.
    pub unknown: bool,
}

impl<'v, 'a> Order<'v, 'a> {
    pub(super) fn of(view: &'v View<'a>) -> Self {
        let objects = flux(view).map(|object| (id(object), object)).collect();
        let applied: Vec<Applied<'v, 'a>> =
            applied(view).into_iter().filter(|it| it.by.object.group == "kustomize.toolkit.fluxcd.io").collect();
        let mut own: BTreeMap<Id<'a>, Vec<usize>> = BTreeMap::new();
        let mut appliers: BTreeMap<&'a str, Vec<usize>> = BTreeMap::new();
        for (at, it) in applied.iter().enumerate() {
            own.entry(id(it.by.object)).or_default().push(at);
            for object in &it.objects {
                let all = appliers.entry(object.document.path.as_str()).or_default();
                if all.last() != Some(&at) {
                    all.push(at);
                }
            }
        }
        Self { objects, applied, own, appliers }
    }

    /// What is ready before an object starts.
    pub(super) fn before(&self, start: Id<'a>) -> Before<'a> {
        let mut before = Before::default();
        let mut open = vec![start];
        while let Some(next) = open.pop() {
            if !before.started.insert(next) {
                continue;
            }
            let Some(object) = self.objects.get(&next) else {
                before.unknown = true;
                continue;
            };
            for wait in object.root().list(["spec", "dependsOn"]) {
                let Some(name) = wait.text_at(["name"]) else { continue };
                let other = (object.kind, wait.text_at(["namespace"]).or(object.namespace), name);
                self.is_ready(other, &mut before, &mut open);
            }
            // Whoever applies it has started before.
            open.extend(self.appliers(object).map(|it| id(it.by.object)));
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
            let folders: Vec<_> = self.at(self.own.get(&next)).collect();
            // What it applies stands elsewhere, or more of it does.
            before.unknown |= next.0 == "Kustomization" && folders.first().is_none_or(|folder| folder.brings_more);
            // What applies it may patch it so that it waits.
            let may_wait = |it: &Applied<'v, 'a>| self.appliers(it.by.object).any(|by| by.may_alter(it.by.object));
            before.unknown |= folders.iter().any(|it| !waits(&it.by.spec) && may_wait(it));
            let own = folders.into_iter().filter(|it| waits(&it.by.spec));
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

    pub(super) fn appliers<'o>(&'o self, object: &'o Object<'a>) -> impl Iterator<Item = &'o Applied<'v, 'a>> {
        self.at(self.appliers.get(object.document.path.as_str()))
    }

    fn at<'o>(&'o self, positions: Option<&'o Vec<usize>>) -> impl Iterator<Item = &'o Applied<'v, 'a>> {
        positions.into_iter().flatten().filter_map(|at| self.applied.get(*at))
    }

    /// Whether a release that is ready before makes a namespace.
    pub(super) fn creates(&self, name: &str, before: &Before<'a>) -> bool {
        let ready = before.ready.iter().filter_map(|id| self.objects.get(id));
        ready.into_iter().any(|object| {
            let spec = object.root().get("spec");
            spec.is_some_and(|spec| {
                spec.at(["install", "createNamespace"]).is_some_and(|it| *it.value == Value::Bool(true))
                    && spec.text_at(["targetNamespace"]) == Some(name)
            })
        })
    }

    pub(super) fn does_wait(&self, one: &Object<'a>, other: &Object<'a>) -> bool {
        self.before(id(one)).ready.contains(&id(other))
    }
}

/// Whether a Kustomization is ready only after what it applies.
fn waits(spec: &Node<'_>) -> bool {
    let is_set = |key: &str| spec.get(key).is_some_and(|list| !list.items().is_empty());
    spec.get("wait").is_some_and(|it| *it.value == Value::Bool(true))
        || is_set("healthChecks")
        || is_set("healthCheckExprs")
}

pub(super) fn cluster<'a>(release: &Object<'a>) -> Option<&'a str> {
    release.root().text_at(["spec", "kubeConfig", "secretRef", "name"])
}
