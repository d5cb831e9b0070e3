//! Opening what lies below a folder, without ever leaving it through a link or `..`.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use camino::{Utf8Component, Utf8Path};
use rustix::fs::{self, Mode, OFlags};
use rustix::io::Errno;

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
}

impl Root {
    pub(crate) fn open(path: &Utf8Path) -> rustix::io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let path = if path.as_str().is_empty() { Utf8Path::new(".") } else { path };
        let folder = retry(|| fs::open(path.as_std_path(), flags, Mode::empty()))?;
        Ok(Self { folder, without_openat2: AtomicBool::new(!cfg!(target_os = "linux")) })
    }

    pub(crate) fn folder(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }

    /// Opens for reading what `path` names, links followed. `XDEV`: it leads out of the root. `LOOP`: too many links.
    /// Never blocks: a pipe without a writer opens at once, and the caller sees on the handle that it is one.
    pub(crate) fn at(&self, path: &Utf8Path) -> rustix::io::Result<OwnedFd> {
        let path = if path.as_str().is_empty() { Utf8Path::new(".") } else { path };
        #[cfg(target_os = "linux")]
        if !self.without_openat2.load(Ordering::Relaxed) {
            match self.openat2(path) {
                Err(Errno::NOSYS | Errno::PERM) => self.without_openat2.store(true, Ordering::Relaxed),
                Err(Errno::AGAIN) => {}
                result => return result,
            }
        }
        self.walk(path)
    }

    #[cfg(target_os = "linux")]
    fn openat2(&self, path: &Utf8Path) -> rustix::io::Result<OwnedFd> {
        use rustix::fs::ResolveFlags;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        for _ in 0..DISTURBED {
            match retry(|| fs::openat2(&self.folder, path.as_std_path(), READ, Mode::empty(), resolve)) {
                Err(Errno::AGAIN) => {}
                result => return result,
            }
        }
        Err(Errno::AGAIN)
    }

    /// The same, component by component, for systems without `openat2`.
    fn walk(&self, path: &Utf8Path) -> rustix::io::Result<OwnedFd> {
        let mut folders: Vec<OwnedFd> = Vec::new();
        let mut rest: VecDeque<String> = VecDeque::new();
        push_components(&mut rest, path)?;
        let mut links = 0;
        while let Some(name) = rest.pop_front() {
            let here = folders.last().map_or(self.folder.as_fd(), AsFd::as_fd);
            if name == ".." {
                // `..` of the folder we came from, not of the disk: a folder moved meanwhile leads nowhere else.
                folders.pop().ok_or(Errno::XDEV)?;
                continue;
            }
            match fs::readlinkat(here, &*name, Vec::new()) {
                Ok(target) => {
                    links += 1;
                    if links > LINKS {
                        return Err(Errno::LOOP);
                    }
                    let target = target.into_string().map_err(|_| Errno::NOENT)?;
                    push_components(&mut rest, Utf8Path::new(&target))?;
                    continue;
                }
                Err(Errno::INVAL) => {} // Not a link.
                Err(error) => return Err(error),
            }
            let last = rest.is_empty();
            let flags = if last { READ } else { READ | OFlags::DIRECTORY };
            let opened = retry(|| fs::openat(here, &*name, flags | OFlags::NOFOLLOW, Mode::empty()))?;
            folders.push(opened);
        }
        match folders.pop() {
            Some(opened) => Ok(opened),
            None => retry(|| fs::openat(&self.folder, ".", READ, Mode::empty())),
        }
    }
}

/// Without `NOCTTY` a terminal's device could become ours; without `NONBLOCK` a pipe would wait for a writer.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Puts a path's components before what is left to walk.
fn push_components(rest: &mut VecDeque<String>, path: &Utf8Path) -> rustix::io::Result<()> {
    for component in path.components().rev() {
        match component {
            Utf8Component::Normal(name) => rest.push_front(name.to_owned()),
            Utf8Component::ParentDir => rest.push_front("..".to_owned()),
            Utf8Component::CurDir => {}
            Utf8Component::RootDir | Utf8Component::Prefix(_) => return Err(Errno::XDEV),
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
        let utf8 = Utf8Path::from_path(&root).unwrap();
        let quick = Root::open(utf8).unwrap();
        let slow = Root::open(utf8).unwrap();
        slow.without_openat2.store(true, Ordering::Relaxed);
        let kind = |root: &Root, path: &str| {
            let opened = root.at(Utf8Path::new(path))?;
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
            assert_eq!(kind(&quick, path), expected, "openat2 {path}");
            assert_eq!(kind(&slow, path), expected, "walk {path}");
        }
        std::fs::remove_dir_all(&root).unwrap();
    }
}
