//! What happens to objects on their way to a cluster: Argo CD and Flux give folders namespaces, and Kustomize changes them.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::gitops::beside;
use super::kubernetes::Object;
use super::kustomize::is_kustomization;
use super::{Document, View};
use crate::check::Node;

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

/// What a `kustomization.yaml` may hold without changing an object. The namespace is looked at by itself.
const HARMLESS: [&str; 10] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "namespace",
    "generatorOptions",
    "configMapGenerator",
    "secretGenerator",
    "commonAnnotations",
    "sortOptions",
];

/// What a Kustomization of Flux changes by.
const OF_FLUX: [&str; 8] = [
    "namePrefix",
    "nameSuffix",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "images",
    "components",
    "commonMetadata",
];

impl<'a> Delivery<'a> {
    pub(super) fn of(documents: &[Document<'a>], objects: &[Object<'a>]) -> Self {
        let mut delivery = Self::default();
        for document in documents.iter().filter(|it| is_kustomization(it)) {
            delivery.kustomization(document);
        }
        for object in objects {
            delivery.applier(object, documents);
        }
        delivery.spread();
        delivery.gives_namespaces |= delivery.changed.values().any(|it| !it.namespaces.is_empty());
        delivery
    }

    /// The folder of a `kustomization.yaml`.
    fn kustomization(&mut self, document: &Document<'a>) {
        let root = document.root();
        let anyhow = root.entries().iter().any(|(key, _)| !HARMLESS.contains(key));
        let namespace = root.text_at(["namespace"]);
        let lists = ["resources", "bases", "components"].into_iter().filter_map(|key| root.get(key));
        let others = lists.flat_map(|list| list.items()).filter_map(|it| beside(document.path, it.text()?));
        let folder = document.path.parent().map_or("", Utf8Path::as_str);
        self.taken.insert(folder, others.collect());
        self.change(folder, &Changed { anyhow, namespaces: namespace.into_iter().collect() });
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

    /// The folders that an object of Argo CD or Flux applies.
    fn applier(&mut self, object: &Object<'a>, documents: &[Document<'a>]) {
        let root = object.root();
        let spec = match (object.group, object.kind) {
            ("argoproj.io", "Application") | ("kustomize.toolkit.fluxcd.io", "Kustomization") => root.get("spec"),
            ("argoproj.io", "ApplicationSet") => root.at(["spec", "template", "spec"]),
            _ => None,
        };
        let Some(spec) = spec else { return };
        let target = spec.text_at(["targetNamespace"]);
        let several = spec.get("sources");
        let sources: Vec<Node<'a>> =
            [spec].into_iter().chain(spec.get("source")).chain(several.iter().flat_map(Node::items)).collect();
        for source in sources {
            let Some(path) = source.text_at(["path"]) else { continue };
            self.gives_namespaces |= spec.text_at(["destination", "namespace"]).or(target).is_some();
            let anyhow = source.get("kustomize").is_some() || OF_FLUX.iter().any(|key| spec.get(key).is_some());
            // The tree lies somewhere within the repository.
            let path = Utf8Path::new(path.trim_end_matches('/'));
            let folders = documents.iter().filter(|_| anyhow || target.is_some());
            let folders = folders.flat_map(|document| document.path.ancestors().skip(1));
            let within = folders.filter(|folder| !folder.as_str().is_empty() && path.ends_with(folder));
            if let Some(folder) = within.max_by_key(|folder| folder.as_str().len()) {
                self.change(folder.as_str(), &Changed { anyhow, namespaces: target.into_iter().collect() });
            }
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

    /// Whether Kustomize may make another object of it than what stands in its file.
    pub fn is_transformed(&self, object: &Object<'_>) -> bool {
        let mut changes = self.delivery.changes(object.document.path);
        let is_moved = |it: &Changed<'_>| it.namespaces.iter().any(|name| object.namespace != Some(name));
        changes.any(|it| it.anyhow || (is_moved(it) && !object.is_cluster_wide()))
    }

    /// Whether an object that may be in this namespace is not known as it arrives there.
    pub(super) fn is_changed_into(&self, object: &Object<'_>, namespace: Option<&str>) -> bool {
        // Of what writes no namespace only what others name matters.
        let is_named = object.pod_template().is_some()
            || (object.group.is_empty() && !matches!(object.kind, "Namespace" | "PersistentVolume" | "Node"));
        if object.namespace.is_none() && self.delivery.gives_namespaces && is_named {
            return true;
        }
        let is_there = |it: &Changed<'_>| {
            object.namespace.is_none_or(|own| Some(own) == namespace)
                || it.namespaces.iter().any(|it| Some(*it) == namespace)
        };
        is_named && self.is_transformed(object) && self.delivery.changes(object.document.path).any(is_there)
    }
}
