//! Folders of a flat set of paths: what the git index and the map of the tests have in common.

use std::collections::BTreeMap;
use std::ops::Bound;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::{Entry, EntryKind, ReadError};

/// As many links as Linux follows in one path.
const LINKS: usize = 40;

/// The entries of a folder that exists because files lie below it. `path` has been resolved.
pub(super) fn list<T>(
    files: &BTreeMap<Utf8PathBuf, T>,
    path: &Utf8Path,
    kind: impl Fn(&T) -> EntryKind,
) -> Result<Vec<Entry>, ReadError> {
    if files.contains_key(path) {
        return Err(ReadError::WrongKind(EntryKind::File));
    }
    let mut entries: Vec<Entry> = Vec::new();
    for (file, value) in below(files, path) {
        let Ok(below) = file.strip_prefix(path) else { break };
        let mut components = below.components();
        let Some(first) = components.next() else { continue };
        let kind = if components.next().is_some() { EntryKind::Folder } else { kind(value) };
        if entries.last().is_none_or(|last| last.name != first.as_str()) {
            entries.push(Entry { name: first.as_str().to_owned(), kind });
        }
    }
    if entries.is_empty() && !path.as_str().is_empty() {
        return Err(ReadError::Missing);
    }
    entries.sort();
    Ok(entries)
}

/// Whether a path names something below which files lie.
pub(super) fn is_folder<T>(files: &BTreeMap<Utf8PathBuf, T>, path: &Utf8Path) -> bool {
    path.as_str().is_empty() || below(files, path).next().is_some_and(|(file, _)| file.starts_with(path))
}

/// Files from `path` on, without itself. Paths are ordered by component, so all below it come first.
fn below<'a, T>(
    files: &'a BTreeMap<Utf8PathBuf, T>,
    path: &Utf8Path,
) -> impl Iterator<Item = (&'a Utf8PathBuf, &'a T)> {
    files.range::<Utf8Path, _>((Bound::Excluded(path), Bound::Unbounded))
}

/// The path without `.`, `..` and links; `link` gives the target of a path that is one.
pub(super) fn resolve(
    path: &Utf8Path,
    link: impl Fn(&Utf8Path) -> Result<Option<Utf8PathBuf>, ReadError>,
) -> Result<Utf8PathBuf, ReadError> {
    let mut resolved = Utf8PathBuf::new();
    let mut rest: Vec<String> = Vec::new();
    let mut links = 0;
    push_components(&mut rest, path)?;
    while let Some(name) = rest.pop() {
        if name == ".." {
            if !resolved.pop() {
                return Err(ReadError::Escapes);
            }
            continue;
        }
        resolved.push(name);
        if let Some(target) = link(&resolved)? {
            links += 1;
            if links > LINKS {
                return Err(ReadError::Escapes);
            }
            resolved.pop();
            push_components(&mut rest, &target)?;
        }
    }
    Ok(resolved)
}

/// Puts a path's components on a stack, the first on top.
fn push_components(rest: &mut Vec<String>, path: &Utf8Path) -> Result<(), ReadError> {
    for component in path.components().rev() {
        match component {
            Utf8Component::Normal(name) => rest.push(name.to_owned()),
            Utf8Component::ParentDir => rest.push("..".to_owned()),
            Utf8Component::CurDir => {}
            Utf8Component::RootDir | Utf8Component::Prefix(_) => return Err(ReadError::Escapes),
        }
    }
    Ok(())
}
