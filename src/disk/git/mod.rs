//! Files as git has them: what is staged, or what a commit holds. Read through the `git` program, whose formats are
//! stable, rather than through a library three times the size of platc.
//!
//! A pull request can bring files that look like a repository, and settings in a repository can name programs. So the
//! repository is found by a walk of our own and named to git ([`repository`]), and git is run with nothing that such
//! settings could start ([`program`]). SECURITY.md lists what names a program in git and what becomes of it here.

mod commit;
mod contents;
mod error;
mod history;
mod index;
mod listing;
mod program;
mod repository;
mod state;
mod surroundings;

use std::collections::BTreeMap;
use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Disk, Entry, EntryKind, ReadError, flat};
use contents::Contents;
pub use error::GitError;
pub use history::Parted;
use listing::{Blob, BlobKind, Listing};
use repository::Repository;
pub use surroundings::Surroundings;

/// Ends every git that runs, for a run that is told to stop.
pub fn end_all() {
    program::end_all();
}

/// One state of the project in git. Paths are relative to the project, which may be a folder of the repository.
#[derive(Debug)]
pub struct Git {
    files: BTreeMap<Utf8PathBuf, Blob>,
    /// Folders with a name in them that is not UTF-8, and that name with replacement characters.
    bad_names: Vec<(Utf8PathBuf, String)>,
    contents: Mutex<Contents>,
}

impl Git {
    /// What is staged: the next commit, if it were made now. In a hook, the commit that is being made.
    pub fn index(project: &Utf8Path, surroundings: &Surroundings) -> Result<Self, GitError> {
        let mut repository = Repository::of(project, surroundings)?;
        repository.index = index::named(&repository, surroundings)?;
        let listing = index::list(&repository)?;
        Ok(Self::new(listing, repository))
    }

    /// The nearest folder upwards in which a file of this name is staged, whether it is checked out or not.
    pub fn nearest(from: &Utf8Path, name: &str, surroundings: &Surroundings) -> Result<Option<Utf8PathBuf>, GitError> {
        let mut repository = Repository::of(from, surroundings)?;
        repository.index = index::named(&repository, surroundings)?;
        let level = index::nearest(&repository, name)?;
        Ok(level.and_then(|level| from.ancestors().nth(level)).map(Utf8Path::to_owned))
    }

    /// What a branch, tag or commit holds.
    pub fn tree(project: &Utf8Path, reference: &str, surroundings: &Surroundings) -> Result<Self, GitError> {
        let repository = Repository::of(project, surroundings)?;
        let listing = commit::list(&repository, reference)?;
        Ok(Self::new(listing, repository))
    }

    fn new(Listing { files, bad_names }: Listing, repository: Repository) -> Self {
        Self { files, bad_names, contents: Mutex::new(Contents::of(repository)) }
    }

    /// The same path with the links in it followed.
    fn resolve(&self, path: &Utf8Path) -> Result<Utf8PathBuf, ReadError> {
        flat::resolve(path, |path| match self.files.get(path) {
            Some(Blob { id, kind: BlobKind::Link }) => {
                let target = self.content(id, 4096)?;
                Ok(Some(String::from_utf8(target).map_err(|_| ReadError::Missing)?.into()))
            }
            _ => Ok(None),
        })
    }

    fn content(&self, id: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let mut contents = self.contents.lock().expect("no thread panics while it holds this lock");
        contents.read(id, limit)
    }
}

impl Disk for Git {
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        let path = self.resolve(path)?;
        match self.files.get(&path) {
            Some(Blob { id, kind: BlobKind::File }) => self.content(id, limit),
            Some(Blob { kind: BlobKind::Unmerged, .. }) => Err(ReadError::Unmerged),
            Some(Blob { kind: BlobKind::Submodule, .. }) => Err(ReadError::Submodule),
            Some(Blob { kind: BlobKind::Link, .. }) => Err(ReadError::Escapes), // `resolve` follows them all.
            None if flat::is_folder(&self.files, &path) => Err(ReadError::WrongKind(EntryKind::Folder)),
            None => Err(ReadError::Missing),
        }
    }

    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
        let path = self.resolve(path)?;
        if let Some((_, name)) = self.bad_names.iter().find(|(folder, _)| *folder == path) {
            return Err(ReadError::NameNotUtf8(name.clone()));
        }
        if self.files.get(&path).is_some_and(|blob| blob.kind == BlobKind::Submodule) {
            return Err(ReadError::Submodule);
        }
        flat::list(&self.files, &path, |blob| match blob.kind {
            BlobKind::File | BlobKind::Unmerged => EntryKind::File,
            BlobKind::Link => EntryKind::Link,
            BlobKind::Submodule => EntryKind::Folder,
        })
    }
}
