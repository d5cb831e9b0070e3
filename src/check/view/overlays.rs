//! [`Overlays`]: what stands over the files of a tree on their way to a cluster.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::kustomize::{Kustomization, PATCHES};
use super::path::beside;
use super::{Document, Node, View};
use crate::value::Value;

/// All that changes files of a tree: kustomizations by their folders, and what applies folders and changes them itself.
pub struct Overlays<'v, 'a> {
    documents: &'v [Document<'a>],
    /// By their folders.
    kustomizations: BTreeMap<&'a str, &'v Kustomization<'a>>,
    /// The folders whose kustomizations take in a file or folder.
    takers: BTreeMap<Utf8PathBuf, BTreeSet<&'a str>>,
    /// The path in a repository that an object of Argo CD or Flux applies, with what it changes by.
    appliers: Vec<(&'a str, Node<'a>)>,
}

impl<'v, 'a> Overlays<'v, 'a> {
    pub fn of(view: &'v View<'a>) -> Self {
        let documents = view.documents();
        let mut overlays =
            Self { documents, kustomizations: BTreeMap::new(), takers: BTreeMap::new(), appliers: Vec::new() };
        for own in view.kustomizations() {
            overlays.kustomizations.insert(own.folder(), own);
            for path in own.taken().filter_map(|node| own.beside(node.text()?)) {
                overlays.takers.entry(path).or_default().insert(own.folder());
            }
        }
        let appliers = view.appliers();
        overlays.appliers = appliers.filter_map(|it| Some((it.path.text()?, it.overlay()?))).collect();
        overlays
    }

    /// Every kustomization that a file goes through, those of components beside it among them, and what applies them.
    pub fn over(&self, file: &Utf8Path) -> Vec<Node<'a>> {
        let mut folders: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![file.to_owned()];
        while let Some(path) = open.pop() {
            for folder in self.takers.get(&path).into_iter().flatten() {
                if folders.insert(folder) {
                    open.push(Utf8PathBuf::from(*folder));
                }
            }
        }
        // Flux writes a kustomization where there is none, of all that lies below.
        let is_below = |path: &str| {
            let path = path.trim_start_matches("./").trim_matches('/');
            let above = file.ancestors().skip(1).filter(|folder| !folder.as_str().is_empty());
            above.map(Utf8Path::as_str).any(|folder| is_end_of(folder, path)) || path.is_empty()
        };
        let of_folders: Vec<_> = folders.iter().filter_map(|folder| self.kustomizations.get(folder).copied()).collect();
        let components = of_folders.iter().flat_map(|own| {
            let paths = own.components().into_iter().filter_map(|node| own.beside(node.text()?));
            paths.filter_map(|path| self.kustomizations.get(path.as_str())).map(|it| it.root).collect::<Vec<_>>()
        });
        let appliers = self.appliers.iter().filter(|(path, _)| is_below(path) || Self::is_over(path, &folders));
        let mut all: Vec<_> = components.chain(appliers.map(|(_, node)| *node)).collect();
        all.extend(of_folders.iter().map(|own| own.root));
        all
    }

    /// The outermost folders whose kustomizations take a file in, if only by way of others.
    pub fn roots(&self, file: &Utf8Path) -> BTreeSet<&'a str> {
        let (mut roots, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut open = vec![(file.to_owned(), None)];
        while let Some((path, own)) = open.pop() {
            match self.takers.get(&path).filter(|takers| !takers.is_empty()) {
                Some(takers) => {
                    let new = takers.iter().filter(|folder| seen.insert(**folder));
                    open.extend(new.map(|folder| (Utf8PathBuf::from(*folder), Some(*folder))));
                }
                None => roots.extend(own),
            }
        }
        roots
    }

    /// Whether Argo CD or Flux applies a folder.
    pub fn applies(&self, folder: &str) -> bool {
        self.appliers.iter().any(|(path, _)| is_end_of(folder, path.trim_start_matches("./").trim_matches('/')))
    }

    /// The namespaces that a file's objects, the accounts that they name and the Namespace among them are given.
    pub fn namespaces(&self, file: &Utf8Path) -> impl Iterator<Item = &'a str> {
        let namespace = |it: &Node<'a>| it.text_at(["namespace"]).or_else(|| it.text_at(["targetNamespace"]));
        self.over(file).into_iter().filter_map(move |it| namespace(&it))
    }

    /// What may stand before and after the names of a file's objects.
    pub fn affixes(&self, file: &Utf8Path) -> impl Iterator<Item = (&'a str, &'a str)> {
        let affix = |it: &Node<'a>, key: &str| it.text_at([key]).unwrap_or_default();
        self.over(file).into_iter().map(move |it| (affix(&it, "namePrefix"), affix(&it, "nameSuffix")))
    }

    fn is_over(path: &str, folders: &BTreeSet<&str>) -> bool {
        let path = path.trim_start_matches("./").trim_matches('/');
        folders.iter().any(|folder| is_end_of(folder, path))
    }

    /// Whether a patch, a replacement or a component that a file goes through names a key, or cannot be read here, or labels
    /// that are given make it.
    pub fn may_set(&self, file: &Utf8Path, key: &str) -> bool {
        self.over(file).iter().any(|overlay| {
            if gives_selectors(overlay) && matches!(key, "selector" | "matchLabels" | "labels") {
                return true;
            }
            let lists = PATCHES.into_iter().filter_map(|list| overlay.get(list));
            let foreign = overlay.list(["components"]);
            lists.into_iter().any(|list| self.names(overlay, &list, key))
                || foreign.iter().any(|it| !self.is_here(overlay, it))
        })
    }

    /// Whether what stands over a file may move its objects to another version of their API: a patch of JSON that names
    /// the version, or something that cannot be read here.
    pub fn may_move(&self, file: &Utf8Path) -> bool {
        self.may_set(file, "/apiVersion")
    }

    /// Whether a component lies in this tree, where its patches are seen.
    fn is_here(&self, overlay: &Node<'_>, component: &Node<'_>) -> bool {
        let path = component.text().and_then(|text| beside(self.path(overlay)?, text));
        path.is_some_and(|path| self.kustomizations.contains_key(path.as_str()))
    }

    fn path(&self, node: &Node<'_>) -> Option<&'a Utf8Path> {
        let place = node.place();
        Some(self.documents.iter().find(|document| document.of.is(&place))?.path)
    }

    /// Whether a list of patches holds a word: in the text of one, in its keys, or in the file that it names.
    fn names(&self, overlay: &Node<'_>, patches: &Node<'_>, word: &str) -> bool {
        if holds(patches.value, word) {
            return true;
        }
        patches.items().into_iter().any(|patch| {
            let Some(text) = patch.text_at(["path"]).or_else(|| patch.text()) else { return false };
            let file = self.path(overlay).and_then(|own| beside(own, text));
            let found: Vec<_> =
                self.documents.iter().filter(|document| file.as_deref() == Some(document.path)).collect();
            let is_unknown = found.is_empty();
            (is_unknown || found.iter().any(|document| holds(document.value, word))) && !text.contains('\n')
        })
    }
}

/// Whether a kustomization puts labels into selectors, and into what these select.
fn gives_selectors(overlay: &Node<'_>) -> bool {
    let is_set = |labels: &Node<'_>| labels.get("includeSelectors").and_then(|it| it.boolean()) == Some(true);
    overlay.get("commonLabels").is_some() || overlay.list(["labels"]).iter().any(is_set)
}

/// Whether a path in a repository ends in a folder of the tree.
fn is_end_of(folder: &str, path: &str) -> bool {
    path.strip_suffix(folder).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// Whether a value has a word in a text, or as a key.
fn holds(value: &Value, word: &str) -> bool {
    let is_in = |text: &str| {
        let is_inner = |letter: Option<char>| letter.is_some_and(|it| it.is_ascii_alphanumeric() || it == '_');
        text.match_indices(word).any(|(at, _)| {
            let (before, after) = (text.get(..at), text.get(at + word.len()..));
            !is_inner(before.and_then(|it| it.chars().next_back())) && !is_inner(after.and_then(|it| it.chars().next()))
        })
    };
    match value {
        Value::String(text) => is_in(text),
        Value::List(items) => items.iter().any(|item| holds(item, word)),
        Value::Map(entries) => entries.iter().any(|(key, below)| is_in(key) || holds(below, word)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
