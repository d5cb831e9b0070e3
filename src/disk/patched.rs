//! A project as it would be with other texts in some of its files.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Disk, Entry, ReadError};

/// Another disk, some files of which hold something else. None is added, and none is gone.
pub struct Patched<'a> {
    below: &'a dyn Disk,
    files: BTreeMap<Utf8PathBuf, Vec<u8>>,
}

impl<'a> Patched<'a> {
    pub fn new(below: &'a dyn Disk, files: BTreeMap<Utf8PathBuf, Vec<u8>>) -> Self {
        Self { below, files }
    }

    /// With one file more, or another text for it.
    #[must_use]
    pub fn with(mut self, path: &Utf8Path, bytes: Vec<u8>) -> Self {
        self.files.insert(path.to_owned(), bytes);
        self
    }
}

impl Disk for Patched<'_> {
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        match self.files.get(path) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.below.read(path, limit),
        }
    }

    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
        self.below.list(path)
    }
}
