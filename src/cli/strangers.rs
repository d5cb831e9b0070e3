//! What lies among golden trees and is not platc's: whoever applies the whole folder applies it, too.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::args::Environments;
use super::leftovers::is_leftover;
use super::printer::Printer;
use super::session::Session;
use crate::artifact;
use crate::disk::{Disk, Entry, EntryKind};
use crate::project::Project;
use crate::tree::manifest;

/// Those that are named one by one.
const NAMED: usize = 3;

/// Endings of what nobody applies.
const NOTES: [&str; 4] = ["adoc", "md", "rst", "txt"];

/// How closely it is looked within trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// At whatever somebody could apply.
    Applied,
    /// At notes, too.
    All,
}

/// Names them on standard error. `told` are those of which something is said already.
pub(super) fn name(
    look: Look,
    environments: &Environments,
    project: &Project,
    session: &Session,
    told: &[Utf8PathBuf],
    printer: &mut Printer,
) {
    let mut found = found(look, environments, project, session);
    found.retain(|path| !told.contains(path));
    for tree in left_trees(&mut found, session) {
        printer.status(&format!("`{tree}` belongs to no environment: whoever applies the whole folder applies it, too; remove it if its environment is gone"));
    }
    let shown: Vec<&str> = found.iter().take(NAMED).map(|path| path.as_str()).collect();
    let (verb, them) = if found.len() == 1 { ("is", "it") } else { ("are", "them") };
    let more = match found.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if !shown.is_empty() {
        let names = shown.join("`, `");
        printer.status(&format!(
            "`{names}`{more} {verb} not platc's: whoever applies the whole folder applies {them}, too"
        ));
    }
}

/// Takes the trees out that platc made for environments that are not there.
fn left_trees(found: &mut Vec<Utf8PathBuf>, session: &Session) -> Vec<Utf8PathBuf> {
    let disk = session.disk.below();
    let is_folder = |path: &Utf8Path| {
        let beside = path.parent().and_then(|folder| disk.list(folder).ok()).unwrap_or_default();
        beside.iter().any(|it| it.kind == EntryKind::Folder && path.file_name() == Some(it.name.as_str()))
    };
    let is_tree = |path: &Utf8PathBuf| {
        let own = session.place.in_project(path);
        own.is_some_and(|own| is_folder(&own) && disk.read(&own.join(manifest::PATH), 1 << 20).is_ok())
    };
    let (trees, rest) = std::mem::take(found).into_iter().partition(is_tree);
    *found = rest;
    trees
}

/// In the order of their paths, as one would type them.
fn found(look: Look, environments: &Environments, project: &Project, session: &Session) -> Vec<Utf8PathBuf> {
    let golden = &project.config.golden;
    let selected = session.select(project, environments).unwrap_or_default();
    let names: BTreeSet<Arc<str>> = selected.into_iter().map(|entry| entry.name).collect();
    // What is asked here must not count as a question about the project: its answer changes with every file.
    let disk = session.disk.below();
    let search = Search { disk, golden, look, limit: session.limits.file_bytes };
    let mut found = Vec::new();
    // Where the project itself is the folder, the rest of it lies there.
    if environments.named.is_empty() && !golden.as_str().is_empty() {
        let all = project.environments.iter().map(|entry| Utf8Path::new(&*entry.name)).collect();
        search.beside(&all, &mut found);
    }
    for name in &names {
        search.within(name, &mut found);
    }
    let mut found: Vec<Utf8PathBuf> = found.into_iter().map(|path| session.place.shown(&path)).collect();
    found.sort();
    found.dedup();
    found
}

struct Search<'a> {
    disk: &'a dyn Disk,
    golden: &'a Utf8Path,
    look: Look,
    limit: u64,
}

impl Search<'_> {
    /// Beside the trees: files, links, and folders that belong to no environment.
    fn beside(&self, names: &BTreeSet<&Utf8Path>, found: &mut Vec<Utf8PathBuf>) {
        let mut open = vec![Utf8PathBuf::new()];
        while let Some(below) = open.pop() {
            let folder = if below.as_str().is_empty() { self.golden.to_owned() } else { self.golden.join(&below) };
            for entry in self.disk.list(&folder).unwrap_or_default() {
                let name = below.join(&entry.name);
                let is_folder = entry.kind == EntryKind::Folder;
                if is_folder && names.contains(name.as_path()) || is_leftover(&entry.name) {
                    continue;
                }
                // Names in a folder stand right behind its own.
                let next = names.range(name.as_path()..).next();
                if is_folder && next.is_some_and(|next| next.starts_with(&name)) {
                    open.push(name);
                    continue;
                }
                let path = self.golden.join(&name);
                if if is_folder { self.holds(&path) } else { is_applied(&entry) } {
                    found.push(path);
                }
            }
        }
    }

    /// Within the tree of an environment: what its list does not name. Where there is none, nobody knows.
    fn within(&self, environment: &str, found: &mut Vec<Utf8PathBuf>) {
        let tree = self.golden.join(environment);
        let Ok(bytes) = self.disk.read(&tree.join(manifest::PATH), self.limit) else { return };
        let Ok(own) = manifest::parse(&bytes) else { return };
        let mut open = vec![Utf8PathBuf::new()];
        while let Some(below) = open.pop() {
            let folder = if below.as_str().is_empty() { tree.clone() } else { tree.join(&below) };
            for entry in self.disk.list(&folder).unwrap_or_default() {
                let path = below.join(&entry.name);
                if entry.kind == EntryKind::Folder {
                    open.push(path);
                    continue;
                }
                if path == manifest::PATH || own.files.contains_key(path.as_str()) {
                    continue;
                }
                let path = tree.join(path);
                let counts = match self.look {
                    Look::Applied => is_applied(&entry),
                    Look::All => entry.kind != EntryKind::File || !self.is_left(&path),
                };
                if counts {
                    found.push(path);
                }
            }
        }
    }

    /// Whether a file is one that platc made and its list has lost: that is an error of its own.
    fn is_left(&self, path: &Utf8Path) -> bool {
        self.disk.read(path, self.limit).is_ok_and(|bytes| artifact::says_made(&bytes))
    }

    /// Whether a folder holds anything that counts.
    fn holds(&self, folder: &Utf8Path) -> bool {
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in self.disk.list(&folder).unwrap_or_default() {
                match entry.kind {
                    EntryKind::Folder => open.push(folder.join(&entry.name)),
                    _ if is_applied(&entry) => return true,
                    _ => {}
                }
            }
        }
        false
    }
}

/// Whether somebody could apply it: what it is, if it is not a file, depends on where it leads.
fn is_applied(entry: &Entry) -> bool {
    let ending = Utf8Path::new(&entry.name).extension().unwrap_or_default();
    entry.kind != EntryKind::File || !(NOTES.contains(&ending) || entry.name.starts_with(".git"))
}
