//! Where the tree lies in its repository, and what of it the delivering objects point at.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::{Node, View, kubernetes::Object};

/// What a path points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    File,
    Folder,
}

/// A path from the root of a repository.
#[derive(Debug)]
pub struct Pointer<'a> {
    pub node: Node<'a>,
    pub path: &'a str,
    pub of: Of,
    /// What the path belongs to: an address, or the name of a source object.
    pub repository: Option<&'a str>,
}

/// The tree as a folder of its repository.
#[derive(Debug)]
pub struct Tree<'a> {
    pub files: BTreeSet<&'a str>,
    pub folders: BTreeSet<&'a str>,
    pub pointers: Vec<Pointer<'a>>,
    /// The tree's own folder in the repository, as far as the pointers that lead somewhere tell.
    pub folder: Option<&'a str>,
}

impl<'a> Tree<'a> {
    pub(super) fn of(view: &View<'a>) -> Self {
        let files: BTreeSet<&str> = view.paths().map(Utf8Path::as_str).collect();
        let above = |file: &&'a str| splits(file).skip(1).map(|(folder, _)| folder).collect::<Vec<_>>();
        let folders = files.iter().flat_map(above).collect();
        let mut tree = Self { files, folders, pointers: pointers(view), folder: None };
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for pointer in &tree.pointers {
            for (folder, rest) in splits(pointer.path) {
                if tree.has(rest, pointer.of) {
                    *votes.entry(folder).or_default() += 1;
                }
            }
        }
        // Of equals the shortest: it explains the longest part of a path.
        tree.folder =
            votes.into_iter().max_by_key(|(folder, votes)| (*votes, usize::MAX - folder.len())).map(|it| it.0);
        tree
    }

    pub fn has(&self, path: &str, of: Of) -> bool {
        match of {
            Of::File => self.files.contains(path),
            Of::Folder => self.folders.contains(path),
        }
    }

    /// The part of a path that lies in the tree.
    pub fn inside<'p>(&self, path: &'p str) -> Option<&'p str> {
        match self.folder? {
            "" => Some(path),
            folder => path.strip_prefix(folder)?.strip_prefix('/'),
        }
    }

    /// The objects that a folder of the repository brings; those of folders below it, too, if that is wanted.
    pub fn objects<'v>(&self, view: &'v View<'a>, path: &str, recurse: bool) -> Vec<&'v Object<'a>> {
        let Some(folder) = self.inside(path) else { return Vec::new() };
        let is_in = |object: &&Object<'_>| {
            let rest = object.document.path.as_str().strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| recurse || !rest.contains('/'))
        };
        view.objects().iter().filter(is_in).collect()
    }
}

/// All ways to take a path for a folder and something in it.
fn splits(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let inner = path.match_indices('/').map(|(at, _)| (&path[..at], &path[at + 1..]));
    std::iter::once(("", path)).chain(inner)
}

/// A path without what says that it begins at the root, or ends in a folder.
pub fn plain(path: &str) -> &str {
    path.trim_start_matches("./").trim_matches('/')
}

/// A text that a generator, or Flux, fills in later.
pub fn is_filled_in(text: &str) -> bool {
    text.contains("{{") || text.contains("${")
}

fn pointers<'a>(view: &View<'a>) -> Vec<Pointer<'a>> {
    let folders = view.appliers().filter_map(|it| pointer(it.path, Of::Folder, it.repository()));
    let mut all: Vec<_> = folders.collect();
    for application in view.applications() {
        let sources = application.sources();
        for node in sources.iter().flat_map(|source| source.list(["helm", "valueFiles"])) {
            let Some((name, path)) = node.text().and_then(|text| text.strip_prefix('$')?.split_once('/')) else {
                continue;
            };
            let of = sources.iter().find(|source| source.text_at(["ref"]) == Some(name));
            let repository = of.and_then(|source| source.text_at(["repoURL"]));
            all.extend(pointer(node, Of::File, repository).map(|it| Pointer { path: plain(path), ..it }));
        }
    }
    for document in view.documents() {
        if let Some(node) = document.root().get("template-file-path") {
            all.extend(pointer(node, Of::File, None));
        }
    }
    all
}

fn pointer<'a>(node: Node<'a>, of: Of, repository: Option<&'a str>) -> Option<Pointer<'a>> {
    let path = node.text().map(plain).filter(|path| !path.is_empty() && *path != "." && !is_filled_in(path))?;
    Some(Pointer { node, path, of, repository })
}
