//! The new tree while it is made: a folder of our own beside the old one, which nobody reads yet.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use rustix::fs::{self, AtFlags, FileType, Mode, Timespec, Timestamps};
use rustix::io::Errno;

use super::below::{Below, FOLDER_MODE, write_all};
use super::failure::Failure;
use super::place::Site;
use super::survey::{Plan, Standing, last_change};
use super::{attributes, interrupt, manifest};
use crate::artifact::File;
use crate::disk::beneath::{Links, Root, retry};

/// Writes the whole new tree. On an error the caller removes what was begun.
pub(super) fn build(
    site: &Site,
    old: Option<&Root>,
    files: &[&File],
    manifest: &[u8],
    plan: &Plan,
    durable: bool,
) -> Result<(), Failure> {
    let folder = begin(site)?;
    let mut stage = Stage::new(site, &folder, old, plan, durable)?;
    for (file, &keep) in files.iter().zip(&plan.keep) {
        if interrupt::is_stopping() {
            return Err(interrupt::stopped(site));
        }
        let path = file.path.as_std_path();
        stage.parents(path)?;
        // The same inode keeps its times, so that git and make see nothing to do.
        if !(keep && stage.link(path).is_ok()) {
            stage.write(path, &file.bytes)?;
        }
    }
    for (path, standing) in &plan.foreign {
        stage.carry(path, *standing)?;
    }
    let path = Path::new(manifest::PATH);
    stage.parents(path)?;
    stage.write(path, manifest)?;
    stage.finish(plan)
}

/// A fresh folder of our own: what may have stood there was removed.
fn begin(site: &Site) -> Result<Root, Failure> {
    let cannot = |error| Failure::new(site.beside(&site.stage), "cannot be created", error);
    fs::mkdirat(site.parent(), &site.stage, FOLDER_MODE).map_err(cannot)?;
    site.open_folder(&site.stage).map(Root::from).map_err(cannot)
}

struct Stage<'a> {
    site: &'a Site,
    root: &'a Root,
    folder: Below<'a>,
    old: Option<Old<'a>>,
    /// The permissions of a folder that was just made.
    fresh: Mode,
    made: BTreeSet<PathBuf>,
    durable: bool,
}

/// The tree that stands.
struct Old<'a> {
    root: &'a Root,
    folder: Below<'a>,
    folders: BTreeMap<&'a Path, Standing>,
}

impl<'a> Stage<'a> {
    fn new(
        site: &'a Site,
        root: &'a Root,
        old: Option<&'a Root>,
        plan: &'a Plan,
        durable: bool,
    ) -> Result<Self, Failure> {
        let folders = || plan.folders.iter().map(|(path, standing)| (path.as_path(), *standing)).collect();
        let old = old.map(|root| Old { root, folder: Below::new(root), folders: folders() });
        let stat = fs::fstat(root.folder())
            .map_err(|error| Failure::new(site.beside(&site.stage), "cannot be looked at", error))?;
        let (fresh, made) = (Mode::from_raw_mode(stat.st_mode), BTreeSet::new());
        let mut stage = Self { site, root, folder: Below::new(root), old, fresh, made, durable };
        stage.same_mount()?;
        stage.like_the_old(Path::new(""), root.folder());
        Ok(stage)
    }

    /// A tree that is a mount point cannot be exchanged with a folder beside it: better known before the work.
    fn same_mount(&self) -> Result<(), Failure> {
        let Some(old) = &self.old else { return Ok(()) };
        let mount =
            |folder| mount(folder).map_err(|error| Failure::new(&self.site.shown, "cannot be looked at", error));
        let same = mount(self.root.folder())? == mount(old.root.folder())?;
        if same { Ok(()) } else { Err(self.site.is_mount()) }
    }

    /// Gives a fresh folder what the one has in whose place it comes.
    fn like_the_old(&mut self, path: &Path, fresh: BorrowedFd<'_>) {
        let Some(old) = &mut self.old else { return };
        if let Some(standing) = old.folders.get(path)
            && let Ok(folder) = old.folder.open_folder(path)
        {
            attributes::carry(folder.as_fd(), standing.owner, fresh);
            if standing.mode.contains(Mode::SGID) {
                let _ = fs::fchmod(fresh, self.fresh | Mode::SGID); // Files take their group from it.
            }
        }
    }

    /// Makes the folders on the way to a path, each once.
    fn parents(&mut self, path: &Path) -> Result<(), Failure> {
        match path.parent() {
            Some(folder) if folder != Path::new("") => self.make(folder),
            _ => Ok(()),
        }
    }

    fn make(&mut self, folder: &Path) -> Result<(), Failure> {
        if self.made.contains(folder) {
            return Ok(());
        }
        self.parents(folder)?;
        self.folder.make_folder(folder).map_err(|error| self.cannot("cannot be created", folder, error))?;
        if self.old.as_ref().is_some_and(|old| old.folders.contains_key(folder)) {
            let fresh = self.folder.open_folder(folder);
            let fresh = fresh.map_err(|error| self.cannot("cannot be opened", folder, error))?;
            self.like_the_old(folder, fresh.as_fd());
        }
        self.made.insert(folder.to_owned());
        Ok(())
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let mut written = self.folder.create(path);
        if let Ok(file) = &written
            && let Err(error) = write_all(file, bytes).and_then(|()| self.synced(file))
        {
            written = Err(error);
        }
        written.map(drop).map_err(|error| self.cannot("cannot be written", path, error))
    }

    fn synced(&self, file: &OwnedFd) -> rustix::io::Result<()> {
        if self.durable { retry(|| fs::fsync(file)) } else { Ok(()) }
    }

    /// A second name for what stands in the old tree.
    fn link(&mut self, path: &Path) -> rustix::io::Result<()> {
        let old = self.old.as_mut().ok_or(Errno::NOENT)?;
        old.folder.link(path, &mut self.folder, path)
    }

    /// Takes along what others put into the tree, as it is.
    fn carry(&mut self, path: &Path, standing: Standing) -> Result<(), Failure> {
        let cannot = |this: &Self, error| {
            this.cannot("cannot be carried along", path, error)
                .help("platc did not write it and leaves it alone; move it out of the tree")
        };
        if standing.kind == FileType::Directory {
            return self.make(path);
        }
        self.parents(path)?;
        match self.link(path) {
            Ok(()) => Ok(()),
            // This file system has no hard links (it says `PERM`), or not so many of one file.
            Err(refused @ (Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK)) => {
                self.copy(path, standing.kind, refused).map_err(|error| cannot(self, error))
            }
            Err(error) => Err(cannot(self, error)),
        }
    }

    /// The same without a link: a new file with the same bytes, permissions and times, if nothing of it is lost.
    fn copy(&mut self, path: &Path, kind: FileType, refused: Errno) -> rustix::io::Result<()> {
        let old = self.old.as_mut().ok_or(refused)?;
        if kind == FileType::Symlink {
            let target = old.folder.read_link(path)?;
            return self.folder.make_link(&target, path);
        }
        if kind != FileType::RegularFile {
            return Err(refused);
        }
        let from = old.root.at(path, Links::Refuse)?;
        let stat = fs::fstat(&from)?;
        let to = self.folder.create(path)?;
        // `PERM` may also mean that the file is locked against changes, or is somebody else's.
        if is_locked(&from) || stat.st_uid != fs::fstat(&to)?.st_uid {
            return Err(refused);
        }
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = retry(|| rustix::io::read(&from, &mut buffer))?;
            if read == 0 {
                break;
            }
            write_all(&to, &buffer[..read])?;
        }
        fs::fchmod(&to, Mode::from_raw_mode(stat.st_mode))?;
        fs::futimens(&to, &times(last_change(&stat)))?;
        self.synced(&to)
    }

    /// Gives folders the permissions they had, and those of others their times; last, as a folder may be read-only.
    fn finish(mut self, plan: &Plan) -> Result<(), Failure> {
        if self.durable {
            for folder in self.made.clone().iter().rev() {
                self.sync(folder)?;
            }
            self.sync(Path::new(""))?;
        }
        for (path, standing) in plan.folders.iter().rev() {
            let made = path.as_os_str().is_empty() || self.made.contains(path);
            if made && standing.mode != self.fresh {
                let given = self.folder.open_folder(path).and_then(|folder| fs::fchmod(folder, standing.mode));
                given.map_err(|error| self.cannot("cannot be given its permissions", path, error))?;
            }
        }
        for (path, standing) in plan.foreign.iter().rev() {
            if standing.kind == FileType::Directory {
                // For comfort only: a file system without times of folders is no reason to stop.
                let opened = self.folder.open_folder(path);
                let _ = opened.and_then(|folder| fs::futimens(folder, &times(standing.changed)));
            }
        }
        Ok(())
    }

    fn sync(&mut self, folder: &Path) -> Result<(), Failure> {
        let synced = self.folder.open_folder(folder).and_then(|opened| retry(|| fs::fsync(&opened)));
        synced.map_err(|error| self.cannot("cannot be synced", folder, error))
    }

    /// Messages name the path in the tree, not in the stage: that is where the user looks.
    fn cannot(&self, problem: &'static str, path: &Path, error: Errno) -> Failure {
        let path = Utf8PathBuf::from(path.to_string_lossy().into_owned());
        Failure::new(self.site.shown.join(path), problem, error)
    }
}

/// What tells file systems apart, and places where the same one is mounted twice.
#[cfg(target_os = "linux")]
fn mount(folder: BorrowedFd<'_>) -> rustix::io::Result<(u64, u64)> {
    let stat = fs::statx(folder, c"", AtFlags::EMPTY_PATH, fs::StatxFlags::MNT_ID)?;
    // Before Linux 5.8 there is no mount id, and it reads as 0.
    Ok((fs::makedev(stat.stx_dev_major, stat.stx_dev_minor), stat.stx_mnt_id))
}

#[cfg(not(target_os = "linux"))]
fn mount(folder: BorrowedFd<'_>) -> rustix::io::Result<(u64, u64)> {
    Ok((fs::fstat(folder)?.st_dev as u64, 0))
}

/// Whether the file's attributes (`chattr`) forbid to change or remove it.
#[cfg(target_os = "linux")]
fn is_locked(file: &OwnedFd) -> bool {
    use rustix::fs::IFlags;
    fs::ioctl_getflags(file).is_ok_and(|flags| flags.intersects(IFlags::IMMUTABLE | IFlags::APPEND))
}

#[cfg(not(target_os = "linux"))]
fn is_locked(_: &OwnedFd) -> bool {
    true // Not known: rather refuse.
}

fn times(changed: (i64, i64)) -> Timestamps {
    let time = |nanoseconds| Timespec { tv_sec: changed.0, tv_nsec: nanoseconds };
    Timestamps { last_access: time(fs::UTIME_OMIT as _), last_modification: time(changed.1 as _) }
}
