//! [`Kustomization`]: what the `kustomization.yaml` of a folder takes in, makes and changes. Every rule that has to do with
//! Kustomize asks here. The keys: <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::path::beside;
use super::{Document, Node};

/// Files and folders whose objects are taken in, and components, which change those beside them.
const TAKEN: [&str; 3] = ["resources", "bases", "components"];

/// Lists of files that change or feed others: the files themselves are applied to nothing.
const PARTS: [&str; 9] = [
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "replacements",
    "transformers",
    "generators",
    "validators",
    "configurations",
    "crds",
];

/// By which any value of an object may be replaced, or added. Flux has some of them, and so has a source of Argo CD.
pub(super) const PATCHES: [&str; 6] =
    ["patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "transformers", "vars"];

/// What makes a `ConfigMap` and what makes a Secret.
const GENERATORS: [&str; 2] = ["configMapGenerator", "secretGenerator"];

/// What makes objects of which the tree does not tell.
const UNSEEN: [&str; 3] = ["helmCharts", "helmChartInflationGenerator", "generators"];

/// What changes no object that is taken in; the namespace and annotations are looked at by themselves.
const HARMLESS: [&str; 11] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "generatorOptions",
    "configMapGenerator",
    "secretGenerator",
    "sortOptions",
    "namespace",
    "commonAnnotations",
];

/// The `kustomization.yaml` of a folder.
#[derive(Clone, Copy, Debug)]
pub struct Kustomization<'a> {
    pub document: Document<'a>,
    pub root: Node<'a>,
}

impl<'a> Kustomization<'a> {
    pub(super) fn of(document: &Document<'a>) -> Option<Self> {
        let root = document.root();
        let is_it =
            matches!(document.path.file_name(), Some("kustomization.yaml" | "kustomization.yml" | "Kustomization"))
                && root.text_at(["apiVersion"]).is_none_or(|api| api.starts_with("kustomize.config.k8s.io/"));
        is_it.then_some(Self { document: *document, root })
    }

    /// The folder that it is of.
    pub fn folder(&self) -> &'a str {
        self.document.path.parent().map_or("", Utf8Path::as_str)
    }

    /// A path that it names, within the tree; none if that leads out of it.
    pub fn beside(&self, path: &str) -> Option<Utf8PathBuf> {
        beside(self.document.path, path)
    }

    /// Where it names files, folders and addresses to take in, components among them.
    pub fn taken(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let root = self.root;
        TAKEN.into_iter().flat_map(move |key| root.list([key]))
    }

    /// Where it names components.
    pub fn components(&self) -> Vec<Node<'a>> {
        self.root.list(["components"])
    }

    /// The generators of one kind: `ConfigMap` or `Secret`.
    pub fn generators(&self, kind: &str) -> Vec<Node<'a>> {
        match kind {
            "ConfigMap" => self.root.list([GENERATORS[0]]),
            "Secret" => self.root.list([GENERATORS[1]]),
            _ => Vec::new(),
        }
    }

    /// Where it names files that it reads into objects: `name.txt`, or `key=name.txt`.
    pub fn generated_from(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let root = self.root;
        let generators = GENERATORS.into_iter().flat_map(move |key| root.list([key]));
        generators.flat_map(|it| [it.list(["files"]), it.list(["envs"]), it.get("env").into_iter().collect()].concat())
    }

    /// Where it names files that it changes or judges by. What stands in the place of a file is left out.
    pub fn parts(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let root = self.root;
        let parts = PARTS.into_iter().flat_map(move |key| root.list([key]));
        let is_file = |text: &str| !text.contains(['\n', '{', ' ']);
        parts.map(|part| part.get("path").unwrap_or(part)).filter(move |it| it.text().is_some_and(is_file))
    }

    /// The namespace that it gives.
    pub fn namespace(&self) -> Option<&'a str> {
        self.root.text_at(["namespace"])
    }

    /// Whether it changes what it takes in otherwise than by a namespace or annotations.
    pub fn alters(&self) -> bool {
        self.root.entries().iter().any(|(key, _)| !HARMLESS.contains(key))
    }

    /// Whether it changes what it takes in at all.
    pub fn alters_anything(&self) -> bool {
        self.alters() || ["namespace", "commonAnnotations"].iter().any(|key| self.root.get(key).is_some())
    }

    /// Whether it makes what charts make.
    pub(super) fn makes_charts(&self) -> bool {
        ["helmCharts", "helmChartInflationGenerator"].iter().any(|key| self.root.get(key).is_some())
    }

    /// Whether it makes objects of which the tree does not tell.
    pub fn makes_unseen(&self) -> bool {
        UNSEEN.iter().any(|key| self.root.get(key).is_some())
    }
}

/// The files that kustomizations use as parts, and never take in as objects.
pub(super) fn parts(kustomizations: &[Kustomization<'_>]) -> BTreeSet<Utf8PathBuf> {
    let (mut parts, mut objects) = (BTreeSet::new(), BTreeSet::new());
    for own in kustomizations {
        parts.extend(own.parts().filter_map(|part| own.beside(part.text()?)));
        parts.extend(own.generated_from().filter_map(|file| own.beside(without_key(file.text()?))));
        objects.extend(own.taken().filter_map(|node| own.beside(node.text()?)));
    }
    parts.difference(&objects).cloned().collect()
}

/// A file without the key that it is to have: `a.txt` of `key=a.txt`.
pub fn without_key(file: &str) -> &str {
    file.split_once('=').map_or(file, |(_, file)| file)
}

/// Whether a kustomization, or what stands in the place of one, may replace or add any value.
pub(super) fn patches(overlay: &Node<'_>) -> bool {
    PATCHES.iter().chain(&["components"]).any(|key| overlay.get(key).is_some())
}
