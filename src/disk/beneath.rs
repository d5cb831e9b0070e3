//! Opening what lies below a folder, without ever leaving it through a link or `..`.

use std::collections::{HashSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{self, Mode, OFlags};
use rustix::io::Errno;

use super::gits_own;

/// As many links as Linux itself follows in one path.
const LINKS: usize = 40;

/// How often a lookup that a concurrent rename disturbed is tried again before it is done step by step.
#[cfg(target_os = "linux")]
const DISTURBED: usize = 16;

/// A folder, opened once: whatever happens to its path later, reads stay in it.
#[derive(Debug)]
pub(crate) struct Root {
    folder: OwnedFd,
    /// `openat2` came with Linux 5.6, and some container runtimes still refuse it.
    without_openat2: AtomicBool,
    /// Folders below it that were looked into and are not git's own, each with all on the way to it.
    cleared: RwLock<HashSet<PathBuf>>,
}

impl Root {
    pub(crate) fn open(path: &Path) -> rustix::io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        Ok(retry(|| fs::open(path, flags, Mode::empty()))?.into())
    }

    pub(crate) fn folder(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }

    /// Opens for reading what `path` names. `XDEV`: it leads out of the root. `LOOP`: a link that may not be followed.
    /// Never blocks: a pipe without a writer opens at once, and the caller sees on the handle that it is one.
    pub(crate) fn at(&self, path: &Path, links: Links) -> rustix::io::Result<OwnedFd> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        #[cfg(target_os = "linux")]
        if !self.without_openat2.load(Ordering::Relaxed) {
            match self.openat2(path, links) {
                Err(Errno::NOSYS | Errno::PERM) => self.without_openat2.store(true, Ordering::Relaxed),
                Err(Errno::AGAIN) => {}
                result => return result,
            }
        }
        self.walk(path, links, &mut |_, _| ())
    }

    /// The same, links followed, unless the path leads into one of git's own folders below the root, or through one.
    pub(super) fn at_if_not_of_git(&self, path: &Path) -> Result<OwnedFd, Refused> {
        if has_gits_name(path) || path.parent().is_some_and(|folder| self.is_within_git(folder)) {
            return Err(Refused::OfGit);
        }
        match self.at(path, Links::Refuse) {
            Err(Errno::LOOP) => {}
            result => return result.map_err(Refused::BySystem),
        }
        // Only what is opened step by step tells where links lead.
        let mut is_of_git = false;
        let opened = self.walk(path, Links::Follow, &mut |folder, name| is_of_git |= gits_own::is_own(folder, name));
        if is_of_git { Err(Refused::OfGit) } else { opened.map_err(Refused::BySystem) }
    }

    /// Whether a path, or a folder on it, is git's own. The root itself is what the user chose.
    pub(crate) fn leads_to_git(&self, path: &Path) -> bool {
        has_gits_name(path) || self.looks_like_git(path)
    }

    /// Whether a folder, or one on the way to it, has what git's own folder has.
    fn looks_like_git(&self, folder: &Path) -> bool {
        let mut parts = folder.ancestors().filter(|part| part.file_name().is_some());
        parts.any(|part| gits_own::is_own(self.folder(), part.as_os_str()))
    }

    /// The same, where many files of a folder are read: it is looked into once.
    fn is_within_git(&self, folder: &Path) -> bool {
        if folder.as_os_str().is_empty() || self.cleared.read().is_ok_and(|cleared| cleared.contains(folder)) {
            return false;
        }
        let is_gits = self.looks_like_git(folder);
        if !is_gits && let Ok(mut cleared) = self.cleared.write() {
            cleared.insert(folder.to_owned());
        }
        is_gits
    }

    #[cfg(target_os = "linux")]
    fn openat2(&self, path: &Path, links: Links) -> rustix::io::Result<OwnedFd> {
        use rustix::fs::ResolveFlags;
        let resolve = match links {
            Links::Follow => ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS,
            Links::Refuse => ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
        };
        for _ in 0..DISTURBED {
            match retry(|| fs::openat2(&self.folder, path, READ, Mode::empty(), resolve)) {
                Err(Errno::AGAIN) => {}
                result => return result,
            }
        }
        Err(Errno::AGAIN)
    }

    /// The same, component by component, for systems without `openat2`.
    /// Each name is shown with the folder that it is looked up in.
    fn walk(
        &self,
        path: &Path,
        links: Links,
        look: &mut dyn FnMut(BorrowedFd<'_>, &OsStr),
    ) -> rustix::io::Result<OwnedFd> {
        let mut folders: Vec<OwnedFd> = Vec::new();
        let mut rest: VecDeque<OsString> = VecDeque::new();
        push_components(&mut rest, path)?;
        let mut followed = 0;
        while let Some(name) = rest.pop_front() {
            let here = folders.last().map_or(self.folder.as_fd(), AsFd::as_fd);
            if name == ".." {
                // `..` of the folder we came from, not of the disk: a folder moved meanwhile leads nowhere else.
                folders.pop().ok_or(Errno::XDEV)?;
                continue;
            }
            look(here, &name);
            match fs::readlinkat(here, &name, Vec::new()) {
                Ok(target) => {
                    followed += 1;
                    if followed > LINKS || links == Links::Refuse {
                        return Err(Errno::LOOP);
                    }
                    push_components(&mut rest, Path::new(OsStr::from_bytes(target.as_bytes())))?;
                    continue;
                }
                Err(Errno::INVAL) => {} // Not a link.
                Err(error) => return Err(error),
            }
            let last = rest.is_empty();
            let flags = if last { READ } else { READ | OFlags::DIRECTORY };
            let opened = retry(|| fs::openat(here, &name, flags | OFlags::NOFOLLOW, Mode::empty()))?;
            folders.push(opened);
        }
        match folders.pop() {
            Some(opened) => Ok(opened),
            None => retry(|| fs::openat(&self.folder, ".", READ, Mode::empty())),
        }
    }
}

impl From<OwnedFd> for Root {
    fn from(folder: OwnedFd) -> Self {
        Self { folder, without_openat2: AtomicBool::new(!cfg!(target_os = "linux")), cleared: RwLock::default() }
    }
}

/// Whether a name on a path is git's.
fn has_gits_name(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().to_str().is_some_and(gits_own::is_git))
}

/// Why a path is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    OfGit,
    BySystem(Errno),
}

/// What to do with a symbolic link in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Links {
    Follow,
    Refuse,
}

/// Without `NOCTTY` a terminal's device could become ours; without `NONBLOCK` a pipe would wait for a writer.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Puts a path's components before what is left to walk.
fn push_components(rest: &mut VecDeque<OsString>, path: &Path) -> rustix::io::Result<()> {
    for component in path.components().rev() {
        match component {
            Component::Normal(name) => rest.push_front(name.to_owned()),
            Component::ParentDir => rest.push_front("..".into()),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return Err(Errno::XDEV),
        }
    }
    Ok(())
}

/// A signal handler of the program around us must not turn into an error.
pub(crate) fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What both ways of opening say about the same paths of a folder full of links.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "builds real links")]
    fn both_ways_agree() {
        let root = std::env::temp_dir().join(format!("platc-beneath-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/b/file"), "x").unwrap();
        for (link, target) in [
            ("to-file", "a/b/file"),
            ("to-folder", "a/b"),
            ("a/up", "../a/b"),
            ("a/out", "../../etc"),
            ("absolute", "/etc/hostname"),
            ("circle", "circle"),
            ("ping", "pong"),
            ("pong", "ping"),
            ("dangling", "nothing"),
            ("dots", "a/../a/./b"),
        ] {
            std::os::unix::fs::symlink(target, root.join(link)).unwrap();
        }
        let quick = Root::open(&root).unwrap();
        let slow = Root::open(&root).unwrap();
        slow.without_openat2.store(true, Ordering::Relaxed);
        let kind = |root: &Root, path: &str, links| {
            let opened = root.at(Path::new(path), links)?;
            Ok::<_, Errno>(fs::FileType::from_raw_mode(fs::fstat(opened)?.st_mode))
        };
        for (path, expected) in [
            ("", Ok(fs::FileType::Directory)),
            (".", Ok(fs::FileType::Directory)),
            ("a/b/file", Ok(fs::FileType::RegularFile)),
            ("to-file", Ok(fs::FileType::RegularFile)),
            ("to-folder/file", Ok(fs::FileType::RegularFile)),
            ("a/up/file", Ok(fs::FileType::RegularFile)),
            ("dots/file", Ok(fs::FileType::RegularFile)),
            ("a/../to-file", Ok(fs::FileType::RegularFile)),
            ("a/out", Err(Errno::XDEV)),
            ("a/out/hostname", Err(Errno::XDEV)),
            ("..", Err(Errno::XDEV)),
            ("a/../../x", Err(Errno::XDEV)),
            ("/etc/hostname", Err(Errno::XDEV)),
            ("absolute", Err(Errno::XDEV)),
            ("circle", Err(Errno::LOOP)),
            ("ping/x", Err(Errno::LOOP)),
            ("dangling", Err(Errno::NOENT)),
            ("a/b/file/x", Err(Errno::NOTDIR)),
        ] {
            assert_eq!(kind(&quick, path, Links::Follow), expected, "openat2 {path}");
            assert_eq!(kind(&slow, path, Links::Follow), expected, "walk {path}");
        }
        for (path, expected) in [
            ("a/b/file", Ok(fs::FileType::RegularFile)),
            ("to-file", Err(Errno::LOOP)),
            ("to-folder/file", Err(Errno::LOOP)),
            ("dangling", Err(Errno::LOOP)),
        ] {
            assert_eq!(kind(&quick, path, Links::Refuse), expected, "openat2 {path}");
            assert_eq!(kind(&slow, path, Links::Refuse), expected, "walk {path}");
        }
        std::fs::remove_dir_all(&root).unwrap();
    }
}
