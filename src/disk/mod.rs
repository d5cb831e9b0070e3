//! The one door to files: [`Disk`] is what the pipeline reads through. Paths are relative to the project's root,
//! with `/`, and never lead out of it.

pub mod archive;
pub(crate) mod beneath;
mod budget;
pub mod device;
mod flat;
pub mod folder;
mod git;
mod gits_own;
mod memory;
mod patched;
mod real;
mod recorded;
pub mod text;

use std::fmt;
use std::io;

use camino::Utf8Path;

pub use budget::Budget;
pub use git::{Git, GitError, Parted, Surroundings, end_all as end_all_git};
pub use gits_own::{is_git, lies_in_git};
pub use memory::Memory;
pub use patched::Patched;
pub use real::Real;
pub use recorded::{Answer, Answers, Question, Recorded, ask};

/// What can be read: the project folder, the git index, a git tree, or a map in memory for tests.
pub trait Disk: Send + Sync {
    /// A regular file's bytes, at most `limit` of them.
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError>;

    /// A folder's entries, sorted by name.
    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError>;

    /// The outermost part of a path that is a symbolic link, if one is.
    fn link_on<'p>(&self, path: &'p Utf8Path) -> Option<&'p Utf8Path> {
        let is_link = |part: &&Utf8Path| {
            let folder = part.parent().unwrap_or(Utf8Path::new(""));
            let entries = self.list(folder).unwrap_or_default();
            entries.iter().any(|it| it.kind == EntryKind::Link && Some(it.name.as_str()) == part.file_name())
        };
        parts(path).into_iter().find(is_link)
    }
}

/// A path's folders and itself, the outermost first, without the empty one.
fn parts(path: &Utf8Path) -> Vec<&Utf8Path> {
    let mut parts: Vec<_> = path.ancestors().filter(|part| !part.as_str().is_empty()).collect();
    parts.reverse();
    parts
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

/// Why something cannot be read. As text it completes a sentence: "`x.yaml` cannot be read: there is no such file".
#[derive(Debug)]
pub enum ReadError {
    Missing,
    /// A folder where a file is wanted, or the other way round.
    WrongKind(EntryKind),
    /// A pipe, a socket, a device: reading could block for ever.
    Special,
    /// A symbolic link that leads out of the project, or in a circle.
    Escapes,
    /// A symbolic link where none is followed.
    Link,
    /// It lies in git's own folder, where credentials are.
    OfGit,
    TooLarge {
        limit: u64,
    },
    /// More entries in one folder than any project has.
    TooMany {
        limit: usize,
    },
    /// The run has read all that a project may have.
    OverBudget {
        files: usize,
        bytes: u64,
    },
    /// A name in this folder is not UTF-8; shown with replacement characters.
    NameNotUtf8(String),
    /// In git only: the index holds several versions of this file.
    Unmerged,
    /// In git only: another repository stands here.
    Submodule,
    /// In git only: a partial clone that has not fetched it, or a damaged one.
    NotInClone,
    Io(io::Error),
}

/// Entries of one folder that are listed at most: a folder of a million files is a finding, not a gigabyte of names.
const FOLDER_ENTRIES: usize = 1 << 16;

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file or folder"),
            Self::WrongKind(EntryKind::Folder) => f.write_str("it is a folder, not a file"),
            Self::WrongKind(_) => f.write_str("it is a file, not a folder"),
            Self::Special => f.write_str("it is a pipe, a socket or a device"),
            Self::Escapes => f.write_str("it is a symbolic link that leads out of the project or in a circle"),
            Self::Link => f.write_str("it is a symbolic link, and none is followed in a tree"),
            Self::OfGit => f.write_str("it lies in git's own folder, where credentials are kept"),
            Self::TooLarge { limit } => write!(f, "it is larger than {limit} bytes"),
            Self::TooMany { limit } => write!(f, "it has more than {limit} entries"),
            Self::OverBudget { files, bytes } => write!(
                f,
                "this run has read its {files} files or {bytes} bytes, which is all that one project may have"
            ),
            Self::NameNotUtf8(name) => write!(f, "the name `{name}` in it is not UTF-8"),
            Self::Unmerged => f.write_str("it has merge conflicts that are not resolved"),
            Self::Submodule => f.write_str("it is a git submodule"),
            Self::NotInClone => {
                f.write_str("this clone lacks its content or holds it damaged, and platc fetches nothing")
            }
            Self::Io(error) => f.write_str(&reason(error)),
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An I/O error in a few plain words, without number or capital.
pub fn reason(error: &io::Error) -> String {
    use rustix::io::Errno;
    let known = match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::ACCESS) => "permission denied",
        Some(Errno::PERM) => "the operation is not permitted",
        Some(Errno::NOENT) => "there is no such file or folder",
        Some(Errno::EXIST) => "it exists already",
        Some(Errno::NOTDIR) => "a part of the path is not a folder",
        Some(Errno::ISDIR) => "it is a folder",
        Some(Errno::NOTEMPTY) => "the folder is not empty",
        Some(Errno::NOSPC) => "no space is left on the disk",
        Some(Errno::DQUOT) => "the disk quota is used up",
        Some(Errno::ROFS) => "the file system is read-only",
        Some(Errno::FBIG) => "the file would be too large for the file system",
        Some(Errno::IO) => "the disk reports an input/output error",
        Some(Errno::MFILE) => "this process has too many open files",
        Some(Errno::NFILE) => "the system has too many open files",
        Some(Errno::NOMEM) => "memory is used up",
        Some(Errno::BUSY) => "it is in use, such as a mount point",
        Some(Errno::XDEV) => "it lies on another file system",
        Some(Errno::LOOP) => "it is a symbolic link, or has too many of them in its path",
        Some(Errno::NAMETOOLONG) => "the name is too long",
        Some(Errno::MLINK) => "it has too many hard links",
        Some(Errno::STALE) => "the network file system lost it",
        Some(Errno::OPNOTSUPP | Errno::NOSYS) => "the file system does not support it",
        Some(Errno::NOLCK) => "the file system has no locks",
        _ => return error.kind().to_string(),
    };
    known.to_owned()
}
