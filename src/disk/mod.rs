//! The one door to files: [`Disk`] is what the pipeline reads through. Paths are relative to the project's root,
//! with `/`, and never lead out of it.

use std::io;

use camino::Utf8Path;

/// What can be read: the project folder, the git index, a git tree, or a map in memory for tests.
pub trait Disk: Send + Sync {
    /// A regular file's bytes, at most `limit` of them.
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError>;

    /// A folder's entries, sorted by name.
    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError>;
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub name: String,
    pub kind: EntryKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    File,
    Folder,
    /// A symbolic link; reading it decides whether it stays inside the project.
    Link,
    /// A pipe, a socket, a device.
    Special,
}

#[derive(Debug)]
pub enum ReadError {
    Missing,
    /// A folder where a file is wanted, or the other way round.
    WrongKind(EntryKind),
    /// A pipe, a socket, a device: reading could block for ever.
    Special,
    /// A symbolic link that leads out of the project, or in a circle.
    Escapes,
    TooLarge {
        limit: u64,
    },
    /// A name in this folder is not UTF-8; shown with replacement characters.
    NameNotUtf8(String),
    Io(io::Error),
}
