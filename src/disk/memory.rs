//! Files in memory: a project of a test, what an archive holds.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Disk, Entry, EntryKind, ReadError, flat};

/// Files by path; folders exist because files lie in them.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<Utf8PathBuf, Vec<u8>>,
}

impl Memory {
    #[must_use]
    pub fn file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), bytes.into());
        self
    }

    pub fn put(&mut self, path: Utf8PathBuf, bytes: Vec<u8>) {
        self.files.insert(path, bytes);
    }

    /// All files, in the order of their paths.
    pub fn into_files(self) -> impl Iterator<Item = (Utf8PathBuf, Vec<u8>)> {
        self.files.into_iter()
    }
}

impl Disk for Memory {
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        let path = flat::resolve(path, |_| Ok(None))?;
        match self.files.get(&path) {
            Some(bytes) if bytes.len() as u64 > limit => Err(ReadError::TooLarge { limit }),
            Some(bytes) => Ok(bytes.clone()),
            None if flat::is_folder(&self.files, &path) => Err(ReadError::WrongKind(EntryKind::Folder)),
            None => Err(ReadError::Missing),
        }
    }

    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
        let path = flat::resolve(path, |_| Ok(None))?;
        flat::list(&self.files, &path, |_| EntryKind::File)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn folders_come_from_the_paths_of_files() {
        let disk = Memory::default().file("a/b/c.yaml", "x").file("a/b.yaml", "y").file("a-b/d.yaml", "z");
        assert_eq!(names(&disk.list("".into()).unwrap()), ["a", "a-b"]);
        assert_eq!(names(&disk.list("a/".into()).unwrap()), ["b", "b.yaml"]);
        assert_eq!(names(&disk.list("./a/../a-b".into()).unwrap()), ["d.yaml"]);
        assert!(matches!(disk.list("b".into()), Err(ReadError::Missing)));
        assert!(matches!(disk.list("a/b.yaml".into()), Err(ReadError::WrongKind(EntryKind::File))));
    }

    #[test]
    fn reading_says_what_is_there_instead() {
        let disk = Memory::default().file("a/b.yaml", "1234");
        assert_eq!(disk.read("a/b.yaml".into(), 4).unwrap(), b"1234");
        assert!(matches!(disk.read("a/b.yaml".into(), 3), Err(ReadError::TooLarge { limit: 3 })));
        assert!(matches!(disk.read("a".into(), 9), Err(ReadError::WrongKind(EntryKind::Folder))));
        assert!(matches!(disk.read("a/c".into(), 9), Err(ReadError::Missing)));
        assert!(matches!(disk.read("../a/b.yaml".into(), 9), Err(ReadError::Escapes)));
        assert!(matches!(disk.read("/a/b.yaml".into(), 9), Err(ReadError::Escapes)));
    }
}
