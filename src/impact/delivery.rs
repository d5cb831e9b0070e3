//! What Argo CD and Flux make of a change: what they prune, leave behind, or install otherwise.

use super::differs::Difference;
use super::object::{Changed, Pairs, name};
use crate::check::k8s::Object;
use crate::check::view::applied::{Applied, applied};
use crate::check::{Change, Consequence, Report};

/// Kinds that others go with, and what goes.
const CARRIERS: [(&str, &str, &str); 3] = [
    ("", "Namespace", "everything in it"),
    ("", "PersistentVolumeClaim", "the volume behind it"),
    ("apiextensions.k8s.io", "CustomResourceDefinition", "every object of its kind"),
];

/// What Argo CD deletes with an application.
const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// An object that takes others with it when it is pruned.
#[derive(Debug)]
pub(crate) struct Pruned<'c, 'a> {
    pub(crate) object: &'c Object<'a>,
    pub(crate) takes: &'static str,
}

/// Those that are not in the tree any more, and that something of it prunes.
pub(crate) fn pruned<'c, 'a>(change: &'c Change<'a>) -> Vec<Pruned<'c, 'a>> {
    let all = applied(change.old());
    let pruned: Vec<_> = all.iter().filter(|it| prunes(it.by.object)).flat_map(|it| &it.objects).collect();
    let mut found = Vec::new();
    for (group, kind, takes) in CARRIERS {
        for object in change.old().objects_of(group, kind) {
            let mut now = change.new_tree().objects_of(group, kind);
            let stays = now.any(|it| it.name == object.name && it.namespace == object.namespace);
            let is_pruned = pruned.iter().any(|it| it.document.path == object.document.path);
            if !stays && is_pruned && object.name.is_some() && !is_kept(object) {
                found.push(Pruned { object, takes });
            }
        }
    }
    found
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

/// Whether the object says that it must stay.
fn is_kept(object: &Object<'_>) -> bool {
    let annotation = |name: &str| object.root().at(["metadata", "annotations"])?.get(name)?.text();
    annotation("argocd.argoproj.io/sync-options").is_some_and(|options| options.contains("Prune=false"))
        || annotation("kustomize.toolkit.fluxcd.io/prune") == Some("disabled")
        || annotation("kustomize.toolkit.fluxcd.io/reconcile") == Some("disabled")
}

/// What becomes of objects that leave the tree.
pub(super) struct Removal<'p, 'c, 'a> {
    applied: Vec<Applied<'c, 'a>>,
    pairs: &'p Pairs<'c, 'a>,
}

/// What becomes of one.
enum End {
    Pruned,
    /// It stays, and nothing manages it any more.
    Left(&'static str),
    Unknown(&'static str),
}

impl<'p, 'c, 'a> Removal<'p, 'c, 'a> {
    pub(super) fn of(change: &'c Change<'a>, pairs: &'p Pairs<'c, 'a>) -> Self {
        Self { applied: applied(change.old()), pairs }
    }

    pub(super) fn tell(&self, change: &Change<'_>, object: &Object<'_>, report: &mut Report) {
        let what = name(object);
        let (consequence, message) = match self.end(object) {
            End::Pruned => {
                let takes = CARRIERS.iter().find(|(group, kind, _)| object.is(group, kind)).map(|(.., it)| *it);
                let takes = takes.or_else(|| installed(object));
                (
                    Consequence::Destroys,
                    match takes {
                        Some(takes) => format!("{what} is deleted, and with it {takes}"),
                        None if object.is("karpenter.sh", "NodePool") => {
                            format!("{what} is deleted, and all its nodes with it")
                        }
                        None if object.is("argoproj.io", "Application") => {
                            format!("{what} is deleted, and what it installed runs on without it: it has no finalizer")
                        }
                        None => format!("{what} is deleted"),
                    },
                )
            }
            End::Left(why) => (Consequence::Nothing, format!("{what} stays, and nothing manages it any more: {why}")),
            End::Unknown(why) => (Consequence::Unknown, format!("{what} is in the tree no more: {why}")),
        };
        let draft = report.elsewhere(consequence.rule(), change.was(&object.name_node()), message);
        let draft = draft.label("this is deployed, and the new tree does not have it");
        draft.subject(object.subject()).stood(&object.name_node());
        // Its name may be what it was, in another namespace.
        let is_it = |it: &Object<'_>| it.kind == object.kind && it.group == object.group && it.name == object.name;
        if let Some(namespace) = object.root().along("metadata.namespace")
            && change.new_tree().objects().iter().any(is_it)
        {
            draft.stood(&namespace);
        }
    }

    fn end(&self, object: &Object<'_>) -> End {
        if is_kept(object) {
            return End::Left("it says that it must not be pruned");
        }
        let holds = |it: &&Applied<'_, '_>| it.objects.iter().any(|other| other.document.path == object.document.path);
        let mut ends = self.applied.iter().filter(holds).map(|it| {
            let old = it.by.object;
            match self.pairs.now(old) {
                // What applies it still has its old settings when it hears of this.
                Some(new) if prunes(old) && !is_suspended(old) && is_suspended(new) => {
                    End::Unknown("it may be pruned before what applies it is suspended")
                }
                Some(_) if prunes(old) && !is_suspended(old) => End::Pruned,
                Some(new) => end_by(new),
                // It goes, too, and what it applied goes by what it was told.
                None if it.by.is_of_flux() && prunes(old) => End::Pruned,
                None if it.by.is_of_flux() => End::Left("what applied it does not prune"),
                None if has_finalizer(old) => End::Pruned,
                None if prunes(old) => End::Unknown("its application goes, too, and may prune it before"),
                None => End::Left("its application goes without deleting what it applied"),
            }
        });
        match ends.next() {
            Some(first) => ends.fold(first, |worst, it| if matches!(it, End::Pruned) { it } else { worst }),
            None => End::Unknown("what applied it is not in the tree"),
        }
    }
}

fn end_by(applier: &Object<'_>) -> End {
    let root = applier.root();
    if is_suspended(applier) {
        return End::Left("what applies it is suspended");
    }
    if prunes(applier) {
        return End::Pruned;
    }
    let automated = ["spec.syncPolicy.automated", "spec.template.spec.syncPolicy.automated"];
    match applier.kind {
        "Application" | "ApplicationSet" if automated.iter().all(|path| root.along(path).is_none()) => {
            End::Unknown("who syncs its application decides")
        }
        _ => End::Left("what applies it does not prune"),
    }
}

fn is_suspended(applier: &Object<'_>) -> bool {
    applier.root().along("spec.suspend").and_then(|it| it.boolean()) == Some(true)
}

fn has_finalizer(object: &Object<'_>) -> bool {
    let paths = ["metadata.finalizers", "spec.template.metadata.finalizers"];
    let all = paths.iter().filter_map(|path| object.root().along(path)).flat_map(|it| it.items());
    all.into_iter().any(|it| it.text().is_some_and(|text| text.starts_with(FINALIZER)))
}

/// What goes with an object of Argo CD or Flux that is deleted itself.
fn installed(object: &Object<'_>) -> Option<&'static str> {
    match object.kind {
        "Application" | "ApplicationSet" if has_finalizer(object) => Some("all that it installed"),
        "HelmRelease" => Some("all that its chart installed"),
        "Kustomization" if prunes(object) => Some("all that it applied"),
        _ => None,
    }
}

/// Says what a change of an object of Argo CD or Flux comes to; whether it is one.
pub(super) fn changed(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    let what = it.name();
    match (it.new.group, it.new.kind) {
        ("argoproj.io", "Application" | "ApplicationSet") => {}
        (group, "HelmRelease" | "Kustomization" | "HelmChart" | "GitRepository" | "OCIRepository" | "Bucket")
            if group.ends_with(".toolkit.fluxcd.io") => {}
        (group, "HelmRepository") if group.ends_with(".toolkit.fluxcd.io") => {}
        _ => return false,
    }
    let of_spec = |at: &&Difference<'_>| {
        at.node().is_some_and(|node| std::iter::once(node).chain(node.around()).any(|up| up.key() == Some("spec")))
    };
    let is_off = it.new.root().along("spec.suspend").and_then(|it| it.boolean()) == Some(true);
    if let Some(at) = it.below("spec.suspend").filter(|_| is_off) {
        let message = format!("{what} is suspended: nothing of it is updated from now on");
        it.tell(change, Consequence::Blocks, at, message, report);
        return true;
    }
    if let Some((at, message)) = elsewhere(it) {
        it.tell(change, Consequence::Replaces, at, message, report);
        return true;
    }
    let began = prunes(it.new) && !prunes(it.old);
    let harmless = |at: &Difference<'_>| {
        let keys = at.node().map(|node| std::iter::once(node).chain(node.around()).filter_map(|it| it.key()));
        let mut keys = keys.into_iter().flatten();
        keys.any(|key| HARMLESS.contains(&key))
    };
    let Some(first) = it.differences.first() else { return true };
    let serious = it.differences.iter().filter(of_spec).find(|at| !harmless(at));
    match serious {
        Some(at) => {
            let message =
                format!("{what} installs something else, and what that comes to is not known: {}", it.listed());
            it.tell(change, Consequence::Unknown, at, message, report);
        }
        None if began => {
            let at = it.below("spec").unwrap_or(first);
            let message = format!("{what} prunes from now on: what it applied and has no more is deleted");
            it.tell(change, Consequence::Unknown, at, message, report);
        }
        None => {
            it.tell(change, Consequence::InPlace, first, format!("{what} is updated: {}", it.listed()), report);
        }
    }
    true
}

/// A release that is taken away and installed anew, or objects that are deleted in one namespace and made in another.
fn elsewhere<'i, 'a>(it: &'i Changed<'_, 'a>) -> Option<(&'i Difference<'a>, String)> {
    let what = it.name();
    let first =
        |paths: &[&str]| paths.iter().find_map(|path| it.below(path).filter(|at| at.old.is_some() && at.new.is_some()));
    match it.new.kind {
        "HelmRelease" => {
            let at = first(&["spec.releaseName", "spec.targetNamespace", "spec.storageNamespace"])?;
            let key = at.node().and_then(|it| it.key()).unwrap_or("spec");
            Some((at, format!("{what} is uninstalled and installed anew: its `{key}` changes")))
        }
        "Application" if prunes(it.old) => {
            let at = first(&["spec.destination"])?;
            let key = at.node().and_then(|it| it.key()).unwrap_or("destination");
            Some((at, format!("{what} deletes what it installed, and makes it anew elsewhere: its `{key}` changes")))
        }
        _ => None,
    }
}

/// Settings by which the same is installed, sooner or later.
const HARMLESS: [&str; 13] = [
    "dependsOn",
    "healthChecks",
    "ignoreDifferences",
    "info",
    "interval",
    "project",
    "prune",
    "retryInterval",
    "revisionHistoryLimit",
    "syncPolicy",
    "timeout",
    "wait",
    "suspend",
];
