//! The folder a tree is published to, and the names beside it that publishing uses.

use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::failure::Failure;
use crate::disk::beneath::{Links, Root, retry};
use crate::project::name;

/// Where a tree, or a file, goes. `root` is what the user chose (the project, `--out-dir`) and is made and followed wherever it
/// leads; below it no link is followed, as a pull request could have put it there.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub root: &'a Utf8Path,
    /// Below `root`, such as `rendered/prod`.
    pub path: &'a Utf8Path,
    /// The same folder as messages name it.
    pub shown: &'a Utf8Path,
}

impl Place<'_> {
    /// What to say of a part of `path` that is a symbolic link, whether something is to be written there or looked at.
    pub fn is_link(&self, part: &Utf8Path) -> Failure {
        if part == self.path {
            return tree_is_link(self.shown);
        }
        Failure::because(self.shown_folder(part), "cannot hold a tree", "it is a symbolic link")
            .help("give the folder itself; outside the project, `--out-dir` is followed wherever it leads")
    }

    /// A folder on the way from `root` to the place, as messages name it.
    fn shown_folder(&self, folder: &Utf8Path) -> Utf8PathBuf {
        let rest = self.path.strip_prefix(folder).unwrap_or(self.path);
        let same = self.shown.ends_with(rest);
        let above = self.shown.ancestors().nth(rest.components().count()).filter(|above| !above.as_str().is_empty());
        above.filter(|_| same).map_or_else(|| self.root.join(folder), Utf8Path::to_owned)
    }
}

/// A [`Place`] whose parent folder is open. All work is done relative to that handle.
#[derive(Debug)]
pub(super) struct Site {
    parent: OwnedFd,
    /// The folder as messages name it.
    pub(super) shown: Utf8PathBuf,
    pub(super) name: OsString,
    /// Held while anything is changed; it exists as long as anything else of these does.
    pub(super) lock: OsString,
    /// The new tree while it is written, the old one once they are exchanged.
    pub(super) stage: OsString,
    /// The old tree, where the two cannot be exchanged in one step.
    pub(super) old: OsString,
    /// Says that `stage` is complete and must become the tree.
    pub(super) journal: OsString,
}

/// What stands at the place now.
#[derive(Debug)]
pub(super) enum Standing {
    Nothing,
    Tree(Root),
}

impl Site {
    /// The place, if its parent folder exists.
    pub(super) fn find(place: Place<'_>) -> Result<Option<Self>, Failure> {
        let (folder, name) = split(place)?;
        let root = match Root::open(place.root.as_std_path()) {
            Ok(root) => root,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(Failure::new(place.root, "cannot be opened", error)),
        };
        // Git's own folder need not be called `.git`.
        if root.leads_to_git(place.path.as_std_path()) {
            return Err(is_of_git(place));
        }
        match root.at(folder.as_std_path(), Links::Refuse) {
            Ok(parent) => Ok(Some(Self::new(place, parent, name))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(cannot_open(place, &root, folder, error)),
        }
    }

    /// The place, its parent folders made where they are missing.
    pub(super) fn make(place: Place<'_>) -> Result<Self, Failure> {
        if let Some(site) = Self::find(place)? {
            return Ok(site);
        }
        let (folder, name) = split(place)?;
        if !place.root.as_str().is_empty() {
            for path in ancestors(place.root) {
                make_folder(fs::CWD, path.as_std_path())
                    .map_err(|error| Failure::new(path, "cannot be created", error))?;
            }
        }
        let root = Root::open(place.root.as_std_path())
            .map_err(|error| Failure::new(place.root, "cannot be opened", error))?;
        let mut parent = root
            .at(Path::new(""), Links::Refuse)
            .map_err(|error| Failure::new(place.root, "cannot be opened", error))?;
        for path in ancestors(folder) {
            let name = Path::new(path.file_name().unwrap_or_default());
            make_folder(parent.as_fd(), name)
                .map_err(|error| Failure::new(place.shown_folder(path), "cannot be created", error))?;
            parent =
                root.at(path.as_std_path(), Links::Refuse).map_err(|error| cannot_open(place, &root, path, error))?;
        }
        Ok(Self::new(place, parent, name))
    }

    fn new(place: Place<'_>, parent: OwnedFd, name: &str) -> Self {
        let beside = |what: &str| OsString::from(format!(".{name}.platc-{what}"));
        Self {
            parent,
            shown: place.shown.to_owned(),
            name: name.into(),
            lock: beside("lock"),
            stage: beside("stage"),
            old: beside("old"),
            journal: beside("journal"),
        }
    }

    pub(super) fn parent(&self) -> BorrowedFd<'_> {
        self.parent.as_fd()
    }

    /// A sibling's path as messages name it.
    pub(super) fn beside(&self, name: &OsString) -> Utf8PathBuf {
        self.shown.with_file_name(name.to_string_lossy())
    }

    pub(super) fn exists(&self, name: &OsString) -> Result<bool, Failure> {
        match fs::statat(&self.parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(Failure::new(self.beside(name), "cannot be looked at", error)),
        }
    }

    /// Opens the tree that stands here.
    pub(super) fn standing(&self) -> Result<Standing, Failure> {
        match self.open_folder(&self.name) {
            Ok(folder) => Ok(Standing::Tree(folder.into())),
            Err(Errno::NOENT) => Ok(Standing::Nothing),
            Err(error) => Err(self.not_a_folder(error)),
        }
    }

    pub(super) fn open_folder(&self, name: &OsString) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        retry(|| fs::openat(&self.parent, name, flags, Mode::empty()))
    }

    /// Says what stands in the tree's place if that is not a folder.
    fn not_a_folder(&self, error: Errno) -> Failure {
        let found = fs::statat(&self.parent, &self.name, AtFlags::SYMLINK_NOFOLLOW);
        match found.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
            Ok(FileType::Symlink) => tree_is_link(&self.shown),
            Ok(FileType::Directory) | Err(_) => Failure::new(&self.shown, "cannot be opened", error),
            Ok(_) => Failure::because(&self.shown, "cannot be replaced", "it is not a folder")
                .help("move it away, or choose another place by `--out-dir`"),
        }
    }

    /// The place is a mount point: nothing can be exchanged with it.
    pub(super) fn is_mount(&self) -> Failure {
        Failure::because(&self.shown, "cannot be replaced", "it is a mount point")
            .help("mount the folder above it, so that platc can exchange the tree as a whole")
    }
}

fn tree_is_link(shown: &Utf8Path) -> Failure {
    Failure::because(shown, "cannot be replaced", "it is a symbolic link")
        .help("platc replaces the folder as a whole, which would cut the link; give the folder itself")
}

fn is_of_git(place: Place<'_>) -> Failure {
    let reason = "the path leads into git's own folder, where a file can become a command";
    Failure::because(place.shown, "cannot hold a tree", reason)
}

/// The parent folder and the name of a place, both below its root.
fn split(place: Place<'_>) -> Result<(&Utf8Path, &str), Failure> {
    let normal = place.path.components().all(|component| matches!(component, Utf8Component::Normal(_)));
    if place.path.components().any(|component| name::is_git(component.as_str())) {
        return Err(is_of_git(place));
    }
    match (place.path.parent(), place.path.file_name()) {
        (Some(folder), Some(name)) if normal => Ok((folder, name)),
        _ => Err(Failure::because(place.path, "cannot hold a tree", "the path leads out of its folder or names none")),
    }
}

/// The path's ancestors and itself, the outermost first, without the empty one.
fn ancestors(path: &Utf8Path) -> Vec<&Utf8Path> {
    let mut ancestors: Vec<_> = path.ancestors().filter(|path| !path.as_str().is_empty()).collect();
    ancestors.reverse();
    ancestors
}

/// Makes a folder unless it is there. What else may be there shows when it is opened.
fn make_folder(parent: BorrowedFd<'_>, name: &Path) -> rustix::io::Result<()> {
    match fs::mkdirat(parent, name, Mode::from_raw_mode(0o777)) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        // A folder that exists may also be refused for what would stand in the way of making it.
        Err(error) => match fs::statat(parent, name, AtFlags::empty()) {
            Ok(_) => Ok(()),
            Err(_) => Err(error),
        },
    }
}

/// Says which part of the way to a tree is a link, if that is what is wrong.
fn cannot_open(place: Place<'_>, root: &Root, folder: &Utf8Path, error: Errno) -> Failure {
    let is_link =
        |path: &&Utf8Path| root.at(path.as_std_path(), Links::Refuse).is_err_and(|error| error == Errno::LOOP);
    match ancestors(folder).into_iter().find(is_link) {
        Some(link) => place.is_link(link),
        None => Failure::new(place.shown_folder(folder), "cannot be opened", error),
    }
}
