//! What happens to objects on their way to a cluster: Argo CD and Flux give folders namespaces, and Kustomize changes them.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::application::Applier;
use super::kubernetes::Object;
use super::kustomize::{self, Kustomization};
use super::repository::is_filled_in;
use super::{Document, View};

/// What is known of the ways of a tree's folders.
#[derive(Debug, Default)]
pub(super) struct Delivery<'a> {
    /// Folders whose objects are changed, with those below them.
    changed: BTreeMap<String, Changed<'a>>,
    /// Files and folders that the `kustomization.yaml` of a folder takes in.
    taken: BTreeMap<&'a str, Vec<Utf8PathBuf>>,
    /// Something gives namespaces to objects that write none.
    gives_namespaces: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Changed<'a> {
    /// By patches, prefixes, labels, images and the like.
    anyhow: bool,
    /// Into one of these namespaces.
    namespaces: BTreeSet<&'a str>,
}

impl<'a> Delivery<'a> {
    pub(super) fn of(documents: &[Document<'a>], objects: &[Object<'a>], kustomizations: &[Kustomization<'a>]) -> Self {
        let mut delivery = Self::default();
        for own in kustomizations {
            delivery.kustomization(own);
        }
        for applier in objects.iter().flat_map(Applier::of) {
            delivery.applier(&applier, documents);
        }
        delivery.spread();
        delivery.gives_namespaces |= delivery.changed.values().any(|it| !it.namespaces.is_empty());
        delivery
    }

    /// The folder of a `kustomization.yaml`.
    fn kustomization(&mut self, own: &Kustomization<'a>) {
        let taken = own.taken().filter_map(|it| own.beside(it.text()?));
        self.taken.insert(own.folder(), taken.collect());
        let namespaces = own.namespace().into_iter().collect();
        self.change(own.folder(), &Changed { anyhow: own.alters(), namespaces });
    }

    /// What happens to a folder happens to those that it takes in.
    fn spread(&mut self) {
        let mut open: Vec<String> = self.changed.keys().cloned().collect();
        while let Some(folder) = open.pop() {
            let Some(changed) = self.changed.get(&folder).cloned() else { continue };
            for taken in self.taken.get(folder.as_str()).cloned().into_iter().flatten() {
                if self.change(taken.as_str(), &changed) {
                    open.push(taken.into_string());
                }
            }
        }
    }

    /// A folder that Argo CD or Flux applies.
    fn applier(&mut self, applier: &Applier<'_, 'a>, documents: &[Document<'a>]) {
        let Some(path) = applier.path.text() else { return };
        self.gives_namespaces |= applier.namespace().is_some();
        let changed = Changed { anyhow: applier.alters(), namespaces: applier.new_namespace().into_iter().collect() };
        if changed == Changed::default() {
            return;
        }
        // The tree lies somewhere within the repository.
        let path = Utf8Path::new(path.trim_end_matches('/'));
        let folders = documents.iter().flat_map(|document| document.path.ancestors().skip(1));
        let within = folders.filter(|folder| !folder.as_str().is_empty() && path.ends_with(folder));
        if let Some(folder) = within.max_by_key(|folder| folder.as_str().len()) {
            self.change(folder.as_str(), &changed);
        }
    }

    /// Adds what happens to a folder; whether that is news.
    fn change(&mut self, folder: &str, more: &Changed<'a>) -> bool {
        if *more == Changed::default() {
            return false;
        }
        let changed = self.changed.entry(folder.to_owned()).or_default();
        let before = changed.clone();
        changed.anyhow |= more.anyhow;
        changed.namespaces.extend(&more.namespaces);
        *changed != before
    }

    fn changes<'d>(&'d self, path: &'d Utf8Path) -> impl Iterator<Item = &'d Changed<'a>> {
        let folders = path.ancestors().take_while(|_| !self.changed.is_empty());
        folders.filter_map(|folder| self.changed.get(folder.as_str()))
    }
}

impl<'a> View<'a> {
    /// The namespace of an object. Those that write none are in one with their folder alone, where anything gives
    /// folders namespaces.
    pub fn home<'o>(&self, object: &Object<'o>) -> (Option<&'o str>, &'o str) {
        let folder = || object.document.path.parent().map_or("", Utf8Path::as_str);
        let is_open = object.namespace.is_none() && self.delivery.gives_namespaces;
        (object.namespace, if is_open { folder() } else { "" })
    }

    /// Whether two objects are in one namespace, as far as that is known.
    pub fn are_near(&self, one: &Object<'_>, other: &Object<'_>) -> bool {
        self.home(one) == self.home(other)
    }

    /// Whether objects that write no namespace get one on their way.
    pub fn gives_namespaces(&self) -> bool {
        self.delivery.gives_namespaces
    }

    /// The namespaces that an object may live in, whatever puts it there: what it writes, and what Kustomize and Flux give
    /// its folder. None if that is not known, as of what writes none and is given none.
    pub fn homes<'o>(&self, object: &Object<'o>) -> Option<BTreeSet<&'o str>>
    where
        Self: 'o,
    {
        let given = self.given(object.document.path);
        let own = object.namespace;
        if given.is_empty() && own.is_none() || given.iter().copied().chain(own).any(is_filled_in) {
            return None;
        }
        Some(given.into_iter().chain(own).collect())
    }

    /// Whether an object may live in a namespace; none is that of an object that writes none, which is any.
    pub fn may_live_in(&self, object: &Object<'_>, namespace: Option<&str>) -> bool {
        if object.namespace == namespace {
            return true;
        }
        let is_among = |wanted: &str| self.homes(object).is_none_or(|homes| homes.contains(wanted));
        namespace.is_none_or(|wanted| is_filled_in(wanted) || is_among(wanted))
    }

    /// Whether an object is given another namespace than it writes.
    pub fn is_moved(&self, object: &Object<'_>) -> bool {
        let given = self.given(object.document.path);
        given.iter().any(|given| object.namespace != Some(given))
    }

    /// The namespaces that Kustomize and Flux give what is in a file.
    pub(super) fn given(&self, file: &Utf8Path) -> BTreeSet<&'a str> {
        self.delivery.changes(file).flat_map(|it| it.namespaces.iter().copied()).collect()
    }

    /// Whether Kustomize may make another object of it than what stands in its file.
    pub fn is_transformed(&self, object: &Object<'_>) -> bool {
        let mut changes = self.delivery.changes(object.document.path);
        let is_moved = |it: &Changed<'_>| it.namespaces.iter().any(|name| object.namespace != Some(name));
        changes.any(|it| it.anyhow || (is_moved(it) && !object.is_cluster_wide()))
    }

    /// Whether what is here may be but a part of what is applied: something of the tree patches, or adds components.
    pub fn is_patched(&self) -> bool {
        self.kustomizations().iter().any(|it| kustomize::patches(&it.root))
            || self.appliers().any(|it| it.overlay().is_some_and(|overlay| kustomize::patches(&overlay)))
    }

    /// Whether others may name an object, and it is not known as it arrives in its namespace.
    pub(super) fn is_changed(&self, object: &Object<'_>) -> bool {
        let is_named = object.pod_template().is_some()
            || (object.group.is_empty() && !matches!(object.kind, "Namespace" | "PersistentVolume" | "Node"));
        let is_placed = object.namespace.is_none() && self.delivery.gives_namespaces;
        is_named && (is_placed || self.is_transformed(object))
    }
}
