//! Files and folders that delivering objects point at.

mod committed;

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

pub(super) use committed::inside_own;

use super::is_filled_in;
use crate::check::view::kustomize::without_key;
use crate::check::view::repository::{Of, Pointer, Tree};
use crate::check::{Kustomization, Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    PATH = Error "gitops/path";
    summary: "Argo CD, Flux, Kustomize or Git sync is pointed at a file or folder that the tree lacks";
    explanation: "Nothing is deployed, and nothing says so before the merge. Where the tree lies in its repository is told by the paths that do lead into it: if none does, or a path leads elsewhere, little is said. A path that goes through the project's folder of golden trees is known, too: into this environment's tree, where something nearly of that name is; into the tree of another environment, where this one has the same, unless trees of several are deployed from here; and a path into the folder of rendered trees, which git ignores. Paths in a `kustomization.yaml` are relative to it and always known; a path of Argo CD never begins with `/`; addresses and paths out of the tree are not judged, nor is a file that somebody else put into the tree where it stands, as `flux bootstrap` does.";
    wrong: "
        --- # web/service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {ports: [{port: 80}]}
        --- # apps/web.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: web}
        spec: {source: {repoURL: https://git.example.com/fleet, path: clusters/prod/web}}
        --- # apps/api.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: api}
        spec: {source: {repoURL: https://git.example.com/fleet, path: clusters/prod/api}}
    ";
    right: "
        --- # web/service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {ports: [{port: 80}]}
        --- # apps/web.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: web}
        spec: {source: {repoURL: https://git.example.com/fleet, path: clusters/prod/web}}
        --- # apps/shared.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: shared}
        spec: {source: {repoURL: https://git.example.com/fleet, path: shared/monitoring}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let tree = view.repository();
    let is_found = |path: &str, of| tree.inside(path).is_some_and(|inside| tree.has(inside, of));
    // A repository that holds the tree. Git sync names none, nor do values files without their source.
    let known: BTreeSet<Option<&str>> =
        tree.pointers.iter().filter(|it| is_found(it.path, it.of)).map(|it| it.repository).collect();
    let lost = |pointer: &Pointer<'_>| {
        let inside = tree.inside(pointer.path).filter(|inside| !tree.has(inside, pointer.of))?.to_owned();
        let is_known = known.contains(&pointer.repository) || pointer.repository.is_none();
        // At the root of a repository lie others' folders as well.
        let top = inside.split('/').next().unwrap_or_default();
        let is_own = tree.folder != Some("") || tree.folders.contains(top);
        (is_known && is_own).then_some(inside)
    };
    for pointer in &tree.pointers {
        if let Some(inside) = lost(pointer) {
            tell(view, tree, &pointer.node, &inside, pointer.of, report);
        } else if pointer.repository.is_none() && known.iter().any(Option::is_some) {
            beside(view, tree, pointer, report);
        }
    }
    for application in view.applications() {
        for node in application.sources().iter().filter_map(|source| source.get("path")) {
            absolute(&node, report);
        }
    }
    committed::check(view, tree, |pointer| lost(pointer).is_some(), report);
    for own in view.kustomizations() {
        kustomization(view, tree, own, report);
    }
}

/// Argo CD takes no path that begins with `/`, not even where it means the root of the repository.
fn absolute(node: &Node<'_>, report: &mut Report) {
    let Some(text) = node.text().filter(|text| text.starts_with('/') && !is_filled_in(text)) else { return };
    let draft = report.at(&PATH, node, format!("the path `{text}` begins with `/`"));
    draft.about(text, &text[..1]).label("Argo CD refuses it: a path begins at the top of the repository");
    draft.help(format!("leave the first `/` out: `{}`", text.trim_start_matches('/')));
}

fn tell(view: &View<'_>, tree: &Tree<'_>, node: &Node<'_>, path: &str, of: Of, report: &mut Report) {
    if is_bootstrapped(path) || view.is_of_others(Utf8Path::new(path)) {
        return;
    }
    let (what, known) = match of {
        Of::File => ("file", &tree.files),
        Of::Folder => ("folder", &tree.folders),
    };
    let draft = report.at(&PATH, node, format!("the tree of this environment has no {what} `{path}`"));
    draft.about(node.text().unwrap_or_default(), path).label(format!("points at no {what}"));
    if path.contains('*') {
        draft.help("write the name of each file: patterns with `*` are not read here");
        return;
    }
    draft.help(suggest::did_you_mean(path, known.iter().copied()).unwrap_or_else(|| match of {
        Of::File => "name a file of the tree, or let a template make it".to_owned(),
        Of::Folder => "name a folder that templates write to; one without files does not exist".to_owned(),
    }));
}

/// What Git sync reads beside a template of the tree names that template by the folder of another tree, or of none: where the
/// tree lies in its repository other objects tell.
fn beside(view: &View<'_>, tree: &Tree<'_>, pointer: &Pointer<'_>, report: &mut Report) {
    let Some(folder) = tree.folder.filter(|_| tree.inside(pointer.path).is_none()) else { return };
    let document = view
        .documents()
        .iter()
        .find(|document| document.root().get("template-file-path").is_some_and(|it| it.is_at(&pointer.node)));
    let Some(own) = document.and_then(|document| document.path.parent()) else { return };
    let Some(name) = Utf8Path::new(pointer.path).file_name() else { return };
    let meant = own.join(name);
    let leads_beside =
        pointer.path.strip_suffix(meant.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    if !leads_beside || !tree.has(meant.as_str(), Of::File) {
        return;
    }
    report
        .at(&PATH, pointer.node, format!("`{}` does not lead into this tree, which lies in `{folder}`", pointer.path))
        .label("Git sync reads another template, or none")
        .help(format!("write `{folder}/{meant}`"));
}

/// What `flux bootstrap` commits to the repository.
fn is_bootstrapped(path: &str) -> bool {
    matches!(Utf8Path::new(path).file_name(), Some("gotk-components.yaml" | "gotk-sync.yaml"))
}

fn kustomization(view: &View<'_>, tree: &Tree<'_>, own: &Kustomization<'_>, report: &mut Report) {
    for node in own.taken().chain(own.parts()) {
        let Some(path) = node.text().and_then(|text| local(own, text)) else { continue };
        if !tree.has(path.as_str(), Of::File) && !tree.has(path.as_str(), Of::Folder) {
            let is_file = path.extension().is_some();
            tell(view, tree, &node, path.as_str(), if is_file { Of::File } else { Of::Folder }, report);
        }
    }
    for node in own.generated_from() {
        let Some(path) = node.text().and_then(|text| local(own, without_key(text))) else { continue };
        if !tree.has(path.as_str(), Of::File) {
            tell(view, tree, &node, path.as_str(), Of::File, report);
        }
    }
}

/// A path within the tree that a kustomization names; none if it leads out of the tree, or is an address.
fn local(own: &Kustomization<'_>, path: &str) -> Option<Utf8PathBuf> {
    let host = path.split('/').next().filter(|_| path.contains('/')).unwrap_or_default();
    let is_address = path.contains("://")
        || path.contains('@')
        || path.contains("?ref=")
        || host.trim_start_matches('.').contains('.');
    if is_address || is_filled_in(path) {
        return None;
    }
    own.beside(path).filter(|path| !path.as_str().is_empty())
}
