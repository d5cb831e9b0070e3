//! Folders that are taken in: each has a `kustomization.yaml`, and none takes itself in.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::{KUSTOMIZATION, NAMES};
use crate::check::{Kustomization, Node, Report, View};

pub(super) fn check(view: &View<'_>, own: &Kustomization<'_>, report: &mut Report) {
    for node in own.taken() {
        let Some(path) = node.text().and_then(|text| own.beside(text)) else { continue };
        let folder = Utf8Path::new(own.folder());
        // Kustomize follows a path; one that leads above all of the tree is not known.
        if !path.as_str().is_empty() && folder.starts_with(&path) {
            tell_cycle(&node, &path, folder, report);
        } else if let Some(back) = leads_back(view, &path, folder) {
            let draft = report.at(&KUSTOMIZATION, node, format!("`{path}` takes this folder in, too"));
            draft.label("Kustomize refuses what goes round in a circle").also(back, "here");
            draft.help("take one of the two out");
        } else if is_bare(view, &path) {
            bare(view, &node, &path, report);
        }
    }
}

fn tell_cycle(node: &Node<'_>, path: &Utf8Path, folder: &Utf8Path, report: &mut Report) {
    let what = if path == folder { "the folder that it lies in" } else { "a folder above its own" };
    let draft = report.at(&KUSTOMIZATION, node, format!("this kustomization takes in `{path}`, {what}"));
    draft.label("Kustomize refuses what goes round in a circle");
    draft.help("take it out; name files of this folder one by one");
}

/// Where what a folder takes in leads back to a folder, if it does.
fn leads_back<'a>(view: &View<'a>, start: &Utf8Path, folder: &Utf8Path) -> Option<Node<'a>> {
    let mut seen: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    let mut open = vec![start.to_owned()];
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        for own in view.kustomizations().iter().filter(|it| it.folder() == path) {
            for node in own.taken() {
                let Some(next) = node.text().and_then(|text| own.beside(text)) else { continue };
                if !next.as_str().is_empty() && folder.starts_with(&next) && path != folder {
                    return Some(node);
                }
                open.push(next);
            }
        }
    }
    None
}

/// Whether a path is a folder of the tree without a kustomization, of ours or of others.
fn is_bare(view: &View<'_>, path: &Utf8Path) -> bool {
    let is_folder = !path.as_str().is_empty() && view.paths().any(|it| it != path && it.starts_with(path));
    let has = |name: &str| {
        let file = path.join(name);
        view.paths().any(|it| it == file) || view.is_of_others(&file)
    };
    is_folder && !NAMES.into_iter().any(has)
}

fn bare(view: &View<'_>, node: &Node<'_>, path: &Utf8Path, report: &mut Report) {
    let draft = report.at(&KUSTOMIZATION, node, format!("the folder `{path}` has no `kustomization.yaml`"));
    draft.label("Kustomize refuses it");
    let below = view.paths().filter(|it| it.parent() == Some(path)).count();
    draft.help(match below {
        0 => "name a folder below it that has one, or let a template make one there".to_owned(),
        _ => format!("let a template make `{path}/kustomization.yaml`, or take the folder out"),
    });
}
