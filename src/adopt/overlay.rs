//! A project as it would be with the files of an application in it.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::disk::{Disk, Entry, EntryKind, ReadError};

/// Another disk with more files. What stands in the application's own folder is not seen.
pub(super) struct Overlay<'a> {
    below: &'a dyn Disk,
    files: &'a BTreeMap<Utf8PathBuf, String>,
    own: &'a Utf8Path,
}

impl<'a> Overlay<'a> {
    pub(super) fn new(below: &'a dyn Disk, files: &'a BTreeMap<Utf8PathBuf, String>, own: &'a Utf8Path) -> Self {
        Self { below, files, own }
    }
}

impl Disk for Overlay<'_> {
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        match self.files.get(path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None if path.starts_with(self.own) => Err(ReadError::Missing),
            None => self.below.read(path, limit),
        }
    }

    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
        let standing = if path.starts_with(self.own) { Err(ReadError::Missing) } else { self.below.list(path) };
        let mut more = BTreeSet::new();
        for file in self.files.keys() {
            let Ok(rest) = file.strip_prefix(path) else { continue };
            let mut parts = rest.components();
            let Some(first) = parts.next() else { continue };
            let kind = if parts.next().is_some() { EntryKind::Folder } else { EntryKind::File };
            more.insert(Entry { name: first.as_str().to_owned(), kind });
        }
        let is_own = |entry: &Entry| path.join(&entry.name) == self.own;
        match standing {
            Err(_) if !more.is_empty() => {}
            Err(error) => return Err(error),
            Ok(entries) => {
                let is_new = |entry: &Entry| !more.iter().any(|other| other.name == entry.name) && !is_own(entry);
                let kept: Vec<Entry> = entries.into_iter().filter(is_new).collect();
                more.extend(kept);
            }
        }
        Ok(more.into_iter().collect())
    }
}
