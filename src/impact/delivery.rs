//! What Argo CD and Flux make of a change: what they prune, leave behind, or install otherwise.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::differs::{Difference, differences};
use super::object::{Changed, Pairs, name};
use crate::artifact::Target;
use crate::check::k8s::Object;
use crate::check::view::applied::{Applied, applied};
use crate::check::{Change, Consequence, Document, Place, Report, View};

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
    }

    fn end(&self, object: &Object<'_>) -> End {
        if is_kept(object) {
            return End::Left("it says that it must not be pruned");
        }
        let holds = |it: &&Applied<'_, '_>| it.objects.iter().any(|other| other.document.path == object.document.path);
        let mut ends = self.applied.iter().filter(holds).map(|it| {
            let old = it.by.object;
            match self.pairs.now(old) {
                Some(new) => end_by(new),
                // It goes, too, and what it applied goes by what it was told.
                None if it.by.is_of_flux() && prunes(old) => End::Pruned,
                None if it.by.is_of_flux() => End::Left("what applied it does not prune"),
                None if has_finalizer(old) => End::Pruned,
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
    if root.along("spec.suspend").and_then(|it| it.boolean()) == Some(true) {
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

/// Values of charts, and what else stands in a tree and is no object and no template.
pub(super) fn files(change: &Change<'_>, report: &mut Report) {
    let is_ours = |document: &Document<'_>| match document.target {
        Some(Target::CloudFormation) => false,
        Some(Target::Kubernetes) => is_file(document) || document.root().get("kind").is_none(),
        _ => true,
    };
    let (old, new) = (by_path(change.old(), is_ours), by_path(change.new_tree(), is_ours));
    for (path, documents) in &old {
        let now = new.get(path).map_or(&[][..], Vec::as_slice);
        // Of several documents in one file each is compared with the one at its place.
        for (number, document) in documents.iter().enumerate() {
            let now = now.get(number);
            let found = differences(Some(document.root()), now.map(|it| it.root()));
            if let Some(first) = found.first() {
                file(change, document, now.is_none(), first, report);
            }
        }
    }
    for (path, documents) in &new {
        for document in documents.iter().skip(old.get(path).map_or(0, Vec::len)) {
            report.at(Consequence::Adds.rule(), &document.root(), format!("the file `{path}` is made"));
        }
    }
}

fn by_path<'v, 'a>(
    view: &'v View<'a>,
    is_ours: impl Fn(&Document<'_>) -> bool,
) -> BTreeMap<&'a Utf8Path, Vec<&'v Document<'a>>> {
    let mut found: BTreeMap<&Utf8Path, Vec<&Document<'_>>> = BTreeMap::new();
    for document in view.documents().iter().filter(|it| is_ours(it)) {
        found.entry(document.path).or_default().push(document);
    }
    found
}

/// Files that are no documents: only Kustomize takes such into objects.
pub(super) fn texts(change: &Change<'_>, report: &mut Report) {
    let all = |view: &View<'_>| -> BTreeMap<String, (Place, String)> {
        let texts =
            view.texts().map(|(place, text)| (view.artifact(&place).path.to_string(), (place, text.to_owned())));
        texts.collect()
    };
    let (old, new) = (all(change.old()), all(change.new_tree()));
    let reads = |view: &View<'_>, path: &str| {
        view.kustomizations().iter().any(|own| {
            let names = own.generated_from().filter_map(|it| it.text());
            names
                .map(|name| name.rsplit('=').next().unwrap_or(name))
                .any(|name| own.beside(name).is_some_and(|it| it == path))
        })
    };
    for (path, (place, text)) in &new {
        let consequence = match old.get(path) {
            None => Consequence::Adds,
            Some((_, before)) if before == text => continue,
            Some(_) if reads(change.new_tree(), path) => Consequence::Unknown,
            Some(_) => Consequence::Nothing,
        };
        let message = match consequence {
            Consequence::Adds => format!("the file `{path}` is made"),
            Consequence::Unknown => {
                format!("`{path}` changes, and what reads the object that Kustomize makes of it is not known")
            }
            _ => format!("`{path}` changes, a text that nothing of the tree deploys"),
        };
        report.at(consequence.rule(), place, message);
    }
    for (path, (place, _)) in old.iter().filter(|(path, _)| !new.contains_key(*path)) {
        let is_read = reads(change.old(), path);
        let consequence = if is_read { Consequence::Unknown } else { Consequence::Nothing };
        let draft = report.elsewhere(consequence.rule(), change.was_at(place), format!("the file `{path}` is gone"));
        draft.subject(path.as_str()).stood(place.clone());
    }
}

fn is_file(document: &Document<'_>) -> bool {
    document.root().text_at(["apiVersion"]).is_some_and(|it| it.starts_with("kustomize.config.k8s.io"))
}

fn file(change: &Change<'_>, document: &Document<'_>, is_gone: bool, at: &Difference<'_>, report: &mut Report) {
    let path = document.path;
    let root = document.root();
    let (consequence, message) = if is_gone && document.target == Some(Target::HelmValues) {
        (
            Consequence::Unknown,
            format!("the values `{path}` are gone, and what the chart makes without them is not known"),
        )
    } else if is_gone {
        (Consequence::Unknown, format!("the file `{path}` is gone, and what it was for is not known"))
    } else if document.target == Some(Target::HelmValues) {
        let key = at.node().and_then(|node| node.nearest_key()).unwrap_or_default();
        let message = format!("the values `{path}` change, and what the chart makes of it is not known: `{key}`");
        (Consequence::Unknown, message)
    } else if root.get("template-file-path").is_some() {
        // Its parameters are followed to the resources.
        (Consequence::InPlace, format!("the stack of `{path}` is updated"))
    } else if is_file(document) {
        (Consequence::Unknown, format!("`{path}` changes, and what Kustomize makes of it is not known"))
    } else {
        (Consequence::Unknown, format!("`{path}` changes, and what reads it is not known"))
    };
    let draft = match (at.new, at.old) {
        (Some(new), old) => {
            let draft = report.at(consequence.rule(), &new, message);
            if let Some(old) = old {
                draft.beside(change.was(&old), "as it was");
            }
            draft
        }
        (None, Some(old)) => report.elsewhere(consequence.rule(), change.was(&old), message).stood(&old),
        (None, None) => return,
    };
    draft.subject(path.as_str());
}
