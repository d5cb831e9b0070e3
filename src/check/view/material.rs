//! What of a tree is material: charts' own files, what no kustomization of its folder takes in, and what the project says
//! is there to be read, built from or tested with. Nobody applies it as it stands, so rules about what is deployed leave it
//! alone, unless something of the tree that is none delivers it.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::application::Applier;
use super::kubernetes::Object;
use super::kustomize::Kustomization;
use super::{Document, Laid};
use crate::artifact::{Artifact, Body, Target};
use crate::glob;

/// The positions of artifacts that are material.
#[derive(Debug, Default)]
pub(super) struct Material {
    pub(super) all: BTreeSet<usize>,
    /// Those that no kustomization takes in: somebody may apply them by hand.
    pub(super) left_out: BTreeSet<usize>,
}

/// Which artifacts are material.
pub(super) fn of<'a>(laid: &Laid<'a>, documents: &[Document<'a>], kustomizations: &[Kustomization<'a>]) -> Material {
    let charts = Charts::of(laid, documents);
    let all = || laid.artifacts.iter().enumerate();
    let is_named = |it: &Artifact| laid.material.iter().any(|pattern| is_meant(pattern, it.path.as_str()));
    let of_charts: BTreeSet<usize> = if charts.are_any() {
        all().filter(|(_, it)| charts.hold(it, laid.is_past)).map(|(at, _)| at).collect()
    } else {
        BTreeSet::new()
    };
    let mut material = of_charts.clone();
    if !laid.material.is_empty() {
        material.extend(all().filter(|(_, it)| is_named(it)).map(|(at, _)| at));
    }
    if material.is_empty() && kustomizations.is_empty() {
        return Material::default();
    }
    let objects = others(documents, &material);
    let appliers: Vec<Applier<'_, 'a>> = objects.iter().flat_map(Applier::of).collect();
    let applied: Vec<&str> = appliers.iter().filter_map(|it| it.path.text()).collect();
    if !material.is_empty() {
        let taken = taken_by_others(kustomizations, &material);
        material.retain(|at| {
            let path = &laid.artifacts[*at].path;
            let is_applied = || path.ancestors().skip(1).any(|folder| leads_to(&applied, folder));
            !(taken.contains(path) || !of_charts.contains(at) && is_applied())
        });
    }
    let mut left_out = BTreeSet::new();
    if !kustomizations.is_empty() {
        let directly = appliers.iter().filter(|it| it.source.get("directory").is_some());
        let directly: Vec<&str> = directly.filter_map(|it| it.path.text()).collect();
        let order = Order::of(kustomizations, &applied, &directly);
        // What applies folders is applied by somebody itself.
        let is_applier = |at: usize| appliers.iter().any(|it| it.object.document.of.artifact == at);
        let is_left_out =
            |(at, it): &(usize, &Artifact)| !material.contains(at) && order.leaves_out(&it.path) && !is_applier(*at);
        left_out.extend(all().filter(is_left_out).map(|(at, _)| at));
    }
    material.extend(&left_out);
    Material { all: material, left_out }
}

/// Whether a pattern means a file, or a folder in which it lies.
pub fn is_meant(pattern: &str, path: &str) -> bool {
    is_meant_counting(pattern, path, &mut 0)
}

/// The same, counting the letters that are looked at.
pub fn is_meant_counting(pattern: &str, path: &str, letters: &mut u64) -> bool {
    let folder = pattern.trim_end_matches('/');
    glob::matches_counting(pattern, path, letters) || glob::matches_counting(&format!("{folder}/**"), path, letters)
}

/// The folders of a tree that are charts.
struct Charts<'a> {
    folders: BTreeSet<&'a Utf8Path>,
    /// Those that are nothing but values for the charts that they depend on.
    umbrellas: BTreeSet<&'a Utf8Path>,
}

impl<'a> Charts<'a> {
    fn of(laid: &Laid<'a>, documents: &[Document<'a>]) -> Self {
        let is_chart = |path: &Utf8Path| path.file_name() == Some("Chart.yaml");
        let folder = |path: &'a Utf8Path| path.parent().unwrap_or(Utf8Path::new(""));
        let paths = laid.artifacts.iter().map(|artifact| artifact.path.as_path());
        let folders: BTreeSet<&Utf8Path> = paths.clone().filter(|path| is_chart(path)).map(folder).collect();
        let depend = documents.iter().filter(|it| is_chart(it.path) && !it.root().list(["dependencies"]).is_empty());
        let has_own = |chart: &&Utf8Path| {
            let templates = chart.join("templates");
            paths.clone().any(|path| path.starts_with(&templates))
        };
        let umbrellas = depend.map(|it| folder(it.path)).filter(|chart| !has_own(chart)).collect();
        Self { folders, umbrellas }
    }

    fn are_any(&self) -> bool {
        !self.folders.is_empty()
    }

    /// Whether a file is one of a chart's own. What a template makes there is the project's, and so are the values of a chart
    /// that is made of others. Of a tree that stood before nobody knows which those are.
    fn hold(&self, artifact: &Artifact, is_past: bool) -> bool {
        let path = artifact.path.as_path();
        let is_copy = matches!(artifact.body, Body::Copy(_)) && artifact.target.is_none();
        let are_values = path.as_str().ends_with("values.yaml")
            && path.parent().is_some_and(|folder| self.umbrellas.contains(folder));
        (is_copy || is_past) && !are_values && path.ancestors().skip(1).any(|folder| self.folders.contains(folder))
    }
}

/// The objects that are no material.
fn others<'a>(documents: &[Document<'a>], material: &BTreeSet<usize>) -> Vec<Object<'a>> {
    let others = documents.iter().filter(|it| !material.contains(&it.of.artifact));
    others.filter(|it| it.target == Some(Target::Kubernetes)).flat_map(|it| Object::all(*it)).collect()
}

/// Whether one of the paths leads to a folder of the tree, which lies somewhere within its repository.
fn leads_to(paths: &[&str], folder: &Utf8Path) -> bool {
    let is_it = |path: &&str| Utf8Path::new(path.trim_end_matches('/')).ends_with(folder);
    !folder.as_str().is_empty() && paths.iter().any(is_it)
}

/// The files that kustomizations take in which are no material, and those that are taken in by these in turn.
fn taken_by_others(kustomizations: &[Kustomization<'_>], material: &BTreeSet<usize>) -> BTreeSet<Utf8PathBuf> {
    let is_material = |own: &Kustomization<'_>| material.contains(&own.document.of.artifact);
    let mut open: Vec<_> = kustomizations.iter().filter(|own| !is_material(own)).collect();
    let mut files = BTreeSet::new();
    while let Some(own) = open.pop() {
        for path in own.taken().filter_map(|node| own.beside(node.text()?)) {
            let folder = kustomizations.iter().find(|it| it.folder() == path);
            if files.insert(folder.map_or(path, |it| it.document.path.to_owned())) {
                open.extend(folder.filter(|it| is_material(it)));
            }
        }
    }
    files
}

/// What kustomizations say of the folders that they stand in.
struct Order<'v, 'a> {
    /// By their folders.
    kustomizations: BTreeMap<&'a str, &'v Kustomization<'a>>,
    /// Files and folders that any of them names.
    named: BTreeSet<Utf8PathBuf>,
    /// The paths that are applied.
    applied: &'v [&'a str],
    /// Those of which each file is applied, whatever a kustomization says.
    directly: &'v [&'a str],
}

impl<'v, 'a> Order<'v, 'a> {
    fn of(kustomizations: &'v [Kustomization<'a>], applied: &'v [&'a str], directly: &'v [&'a str]) -> Self {
        let names = |own: &'v Kustomization<'a>| {
            let nodes = own.taken().chain(own.parts());
            nodes.filter_map(|node| own.beside(node.text()?)).collect::<Vec<_>>()
        };
        Self {
            kustomizations: kustomizations.iter().map(|own| (own.folder(), own)).collect(),
            named: kustomizations.iter().flat_map(names).collect(),
            applied,
            directly,
        }
    }

    /// Whether a file lies where a kustomization says what is applied, and none takes it in.
    fn leaves_out(&self, file: &Utf8Path) -> bool {
        let Some(parent) = file.parent() else { return false };
        if parent.ancestors().any(|folder| leads_to(self.directly, folder)) {
            return false;
        }
        let has_own = |folder: &&Utf8Path| self.kustomizations.contains_key(folder.as_str());
        let Some(governed) = parent.ancestors().find(has_own) else { return false };
        let is_itself = self.kustomizations[governed.as_str()].document.path == file;
        let is_named = || file.ancestors().take_while(|it| *it != governed).any(|it| self.named.contains(it));
        let mut plain = parent.ancestors().take_while(|it| *it != governed);
        (!is_itself && !is_named() && !plain.any(|folder| leads_to(self.applied, folder))) || self.is_idle(governed)
    }

    /// Whether a folder's kustomization is applied by nothing, and lies below one that does not take it in. What takes
    /// in anything outside of its folder is a way to deploy that.
    fn is_idle(&self, folder: &Utf8Path) -> bool {
        let mut above = folder.ancestors().skip(1);
        let own = self.kustomizations[folder.as_str()];
        let goes_out = || own.taken().any(|node| node.text().is_some_and(|text| text.starts_with("..")));
        above.any(|it| self.kustomizations.contains_key(it.as_str()))
            && !self.named.contains(folder)
            && !leads_to(self.applied, folder)
            && !goes_out()
    }
}
