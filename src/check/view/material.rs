//! What of a tree is material: charts' own files, and what the project says is there to be read, built from or tested
//! with. Nobody applies it as it stands, so rules about what is deployed leave it alone, unless something of the tree that is
//! none delivers it.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::application::Applier;
use super::kubernetes::Object;
use super::kustomize::Kustomization;
use super::{Document, Laid};
use crate::artifact::{Artifact, Body, Target};
use crate::glob;

/// Which artifacts are material, by their positions; empty if none is.
pub(super) fn of<'a>(
    laid: &Laid<'a>,
    documents: &[Document<'a>],
    kustomizations: &[Kustomization<'a>],
) -> BTreeSet<usize> {
    let charts = Charts::of(laid, documents);
    let is_of_chart = |at: usize| charts.hold(&laid.artifacts[at], laid.is_past);
    let mut material: BTreeSet<usize> =
        (0..laid.artifacts.len()).filter(|at| charts.are_any() && is_of_chart(*at)).collect();
    let charts_own = material.clone();
    let is_named = |it: &Artifact| laid.material.iter().any(|pattern| is_meant(pattern, it.path.as_str()));
    material.extend((0..laid.artifacts.len()).filter(|at| !laid.material.is_empty() && is_named(&laid.artifacts[*at])));
    if material.is_empty() {
        return material;
    }
    let delivered = delivered(laid, documents, kustomizations, &material);
    material.retain(|at| {
        let path = &laid.artifacts[*at].path;
        let is_applied = || path.ancestors().skip(1).any(|folder| delivered.folders.contains(folder));
        !(delivered.files.contains(path) || !charts_own.contains(at) && is_applied())
    });
    material
}

/// Whether a pattern means a file, or a folder in which it lies.
fn is_meant(pattern: &str, path: &str) -> bool {
    let folder = pattern.trim_end_matches('/');
    glob::matches(pattern, path) || glob::matches(&format!("{folder}/**"), path)
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

/// What the rest of a tree delivers.
struct Delivered {
    /// Files that kustomizations take in.
    files: BTreeSet<Utf8PathBuf>,
    /// Folders that Argo CD and Flux apply.
    folders: BTreeSet<Utf8PathBuf>,
}

fn delivered<'a>(
    laid: &Laid<'a>,
    documents: &[Document<'a>],
    kustomizations: &[Kustomization<'a>],
    material: &BTreeSet<usize>,
) -> Delivered {
    let is_material = |document: &Document<'_>| material.contains(&document.of.artifact);
    let mut open: Vec<_> = kustomizations.iter().filter(|own| !is_material(&own.document)).collect();
    let mut files = BTreeSet::new();
    while let Some(own) = open.pop() {
        for path in own.taken().filter_map(|node| own.beside(node.text()?)) {
            let folder = kustomizations.iter().find(|it| it.folder() == path);
            let file = folder.map_or(path, |it| it.document.path.to_owned());
            if files.insert(file) {
                open.extend(folder.filter(|it| is_material(&it.document)));
            }
        }
    }
    let mut folders = BTreeSet::new();
    if !laid.material.is_empty() {
        let others = documents.iter().filter(|it| !is_material(it) && it.target == Some(Target::Kubernetes));
        let objects: Vec<Object<'a>> = others.flat_map(|it| Object::all(*it)).collect();
        let paths: Vec<&str> = objects.iter().flat_map(Applier::of).filter_map(|it| it.path.text()).collect();
        let own = material.iter().flat_map(|at| laid.artifacts[*at].path.ancestors().skip(1));
        // The tree lies somewhere within the repository.
        let is_applied = |folder: &&Utf8Path| {
            let leads = |path: &&str| Utf8Path::new(path.trim_end_matches('/')).ends_with(folder);
            !folder.as_str().is_empty() && paths.iter().any(|path| leads(&path))
        };
        folders.extend(own.filter(is_applied).map(Utf8Path::to_owned));
    }
    Delivered { files, folders }
}
