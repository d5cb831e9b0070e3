//! What of a tree reads a file of it: an object of Argo CD or Flux that names it or its folder, a `kustomization.yaml`
//! that takes it in.

use camino::Utf8Path;

use super::is_file;
use crate::check::view::path::beside;
use crate::check::{Change, Node};

/// Whether something read a file, and all that did is gone.
pub(super) fn went_too(change: &Change<'_>, path: &Utf8Path) -> bool {
    let (old, new) = (change.old(), change.new_tree());
    let folder = path.parent().filter(|_| path.file_name() == Some("kustomization.yaml"));
    let is_named = |text: &str| {
        let text = text.trim_end_matches('/');
        let ends_with = |path: &Utf8Path| {
            let rest = text.strip_suffix(path.as_str());
            !path.as_str().is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        ends_with(path) || folder.is_some_and(ends_with)
    };
    let delivers = |group: &str| group == "argoproj.io" || group.ends_with(".toolkit.fluxcd.io");
    let objects = old.objects().iter().filter(|it| delivers(it.group));
    let readers = objects.filter(|it| it.root().all().filter_map(|it| it.text()).any(is_named));
    let is_gone = |subject: &str| !new.objects().iter().any(|it| it.subject() == subject);
    let objects: Vec<bool> = readers.map(|it| is_gone(&it.subject())).collect();
    let takes = |at: &Utf8Path, node: &Node<'_>| {
        let named = node.text().map(|text| text.rsplit('=').next().unwrap_or(text));
        let there = named.and_then(|text| beside(at, text));
        there.is_some_and(|it| it == path || folder.is_some_and(|folder| it == folder))
    };
    let files = old.documents().iter().filter(|it| is_file(it) && it.path != path);
    let files = files.filter(|it| it.root().all().any(|node| takes(it.path, &node)));
    let files: Vec<bool> = files.map(|it| !new.paths().any(|path| path == it.path)).collect();
    let all: Vec<bool> = objects.into_iter().chain(files).collect();
    !all.is_empty() && all.into_iter().all(|it| it)
}
