//! All that a kustomization takes in, by way of others too.

use std::collections::BTreeSet;

use camino::Utf8Path;

use crate::check::k8s::Object;
use crate::check::view::repository::is_filled_in;
use crate::check::{Document, Kustomization, Node, View};

/// What makes, renames or finds things in ways that are not followed here.
const UNFOLLOWED: [&str; 8] = [
    "helmCharts",
    "helmChartInflationGenerator",
    "generators",
    "transformers",
    "configurations",
    "replacements",
    "namePrefix",
    "nameSuffix",
];

/// All that a kustomization takes in, where all of that is in the tree.
#[derive(Default)]
pub(in crate::rules) struct Taken<'v, 'a> {
    pub(in crate::rules) objects: Vec<&'v Object<'a>>,
    /// The kinds and names of what is generated.
    pub(super) generated: Vec<(&'static str, &'a str)>,
    /// The kustomizations that it goes through.
    pub(super) through: Vec<&'v Kustomization<'a>>,
    /// The files of their patches.
    pub(super) patches: Vec<&'v Document<'a>>,
}

impl<'v, 'a> Taken<'v, 'a> {
    pub(super) fn of(view: &'v View<'a>, own: &'v Kustomization<'a>) -> Option<Self> {
        Self::but(view, own, &[])
    }

    /// The same, of whatever changes it, as long as all is in the tree.
    pub(in crate::rules) fn in_tree(view: &'v View<'a>, own: &'v Kustomization<'a>) -> Option<Self> {
        Self::but(view, own, &UNFOLLOWED)
    }

    /// The same, where some of what is not followed otherwise does not matter.
    pub(super) fn but(view: &'v View<'a>, own: &'v Kustomization<'a>, allowed: &[&str]) -> Option<Self> {
        let mut taken = Self::default();
        let mut seen: BTreeSet<&Utf8Path> = BTreeSet::new();
        let mut open = vec![own];
        while let Some(own) = open.pop() {
            if !seen.insert(own.document.path) {
                continue;
            }
            let is_followed = UNFOLLOWED.iter().all(|key| allowed.contains(key) || own.root.get(key).is_none());
            let is_component = own.root.text_at(["kind"]).is_some_and(|kind| kind != "Kustomization");
            let is_base = !taken.through.is_empty();
            if !is_followed || (is_component && !is_base) {
                return None;
            }
            for node in own.taken() {
                let path = node.text().and_then(|text| own.beside(text)).filter(|_| view.has(own, &node))?;
                if let Some(below) = view.kustomizations().iter().find(|it| it.folder() == path) {
                    open.push(below);
                    continue;
                }
                let before = taken.objects.len();
                taken.objects.extend(view.objects().iter().filter(|it| it.document.path == path));
                // A file that is no object: nobody knows what becomes of it.
                if taken.objects.len() == before {
                    return None;
                }
            }
            for kind in ["ConfigMap", "Secret"] {
                let names = own.generators(kind).into_iter().filter_map(|it| it.text_at(["name"]));
                taken.generated.extend(names.map(|name| (kind, name)));
            }
            for part in own.parts() {
                let path = part.text().and_then(|text| own.beside(text))?;
                taken.patches.push(view.documents().iter().find(|it| it.path == path)?);
            }
            taken.through.push(own);
        }
        // What takes in nothing is told by other rules.
        (!taken.objects.is_empty()).then_some(taken)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.objects.iter().filter_map(|it| it.name).chain(self.generated.iter().map(|it| it.1))
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = &'a str> {
        self.objects.iter().map(|it| it.kind).chain(self.generated.iter().map(|it| it.0))
    }

    /// Whether a patch may give something another name.
    pub(super) fn renames(&self) -> bool {
        let mut all = self.through.iter().flat_map(|own| own.root.all());
        all.any(|node| matches!(node.key(), Some("allowNameChange" | "allowKindChange")))
    }
}

/// A text that is no pattern, and that nobody fills in.
pub(super) fn plain<'a>(node: &Node<'a>, key: &str) -> Option<(Node<'a>, &'a str)> {
    let node = node.get(key)?;
    let is_plain = |text: &&str| {
        !text.is_empty() && !is_filled_in(text) && !text.contains(['*', '+', '?', '(', '[', '|', '\\', '^', '$'])
    };
    Some((node, node.text().filter(is_plain)?))
}
