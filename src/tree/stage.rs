//! The new tree while it is made: a folder of our own beside the old one, which nobody reads yet.

use std::collections::BTreeSet;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Timespec, Timestamps};
use rustix::io::Errno;

use super::failure::Failure;
use super::place::Site;
use super::survey::{Plan, Standing, last_change};
use super::{File, manifest};
use crate::disk::beneath::{Links, Root, retry};

/// Permissions before the umask, as every other program gives them.
const FILE_MODE: Mode = Mode::from_raw_mode(0o666);
const FOLDER_MODE: Mode = Mode::from_raw_mode(0o777);

/// Writes the whole new tree. On an error the caller removes what was begun.
pub(super) fn build(
    site: &Site,
    old: Option<&Root>,
    files: &[&File],
    manifest: &[u8],
    plan: &Plan,
    durable: bool,
) -> Result<(), Failure> {
    let mut stage = Stage::begin(site, durable)?;
    if let Some(old) = old {
        stage.same_mount(old)?;
    }
    for (file, &keep) in files.iter().zip(&plan.keep) {
        let path = file.path.as_std_path();
        stage.parents(path)?;
        match old {
            // The same inode keeps its times, so that git and make see nothing to do.
            Some(old) if keep && stage.link(old, path).is_ok() => {}
            _ => stage.write(path, &file.bytes)?,
        }
    }
    if let Some(old) = old {
        for (path, standing) in &plan.foreign {
            stage.carry(old, path, *standing)?;
        }
    }
    let path = Path::new(manifest::PATH);
    stage.parents(path)?;
    stage.write(path, manifest)?;
    stage.finish(plan)
}

struct Stage<'a> {
    site: &'a Site,
    folder: OwnedFd,
    made: BTreeSet<PathBuf>,
    durable: bool,
}

impl<'a> Stage<'a> {
    fn begin(site: &'a Site, durable: bool) -> Result<Self, Failure> {
        let cannot = |error| Failure::new(site.beside(&site.stage), "cannot be created", error);
        fs::mkdirat(site.parent(), &site.stage, FOLDER_MODE).map_err(cannot)?;
        let folder = site.open_folder(&site.stage).map_err(cannot)?;
        Ok(Self { site, folder, made: BTreeSet::new(), durable })
    }

    /// A tree that is a mount point cannot be exchanged with a folder beside it: better known before the work.
    fn same_mount(&self, old: &Root) -> Result<(), Failure> {
        let mount =
            |folder| mount(folder).map_err(|error| Failure::new(&self.site.shown, "cannot be looked at", error));
        let same = mount(self.folder.as_fd())? == mount(old.folder())?;
        if same { Ok(()) } else { Err(self.site.is_mount()) }
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
        fs::mkdirat(&self.folder, folder, FOLDER_MODE)
            .map_err(|error| self.cannot("cannot be created", folder, error))?;
        self.made.insert(folder.to_owned());
        Ok(())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let cannot = |error| self.cannot("cannot be written", path, error);
        let file = retry(|| fs::openat(&self.folder, path, flags, FILE_MODE)).map_err(cannot)?;
        let mut rest = bytes;
        while !rest.is_empty() {
            let written = retry(|| rustix::io::write(&file, rest)).map_err(cannot)?;
            rest = &rest[written..];
        }
        if self.durable {
            retry(|| fs::fsync(&file)).map_err(cannot)?;
        }
        Ok(())
    }

    fn link(&self, old: &Root, path: &Path) -> rustix::io::Result<()> {
        fs::linkat(old.folder(), path, &self.folder, path, AtFlags::empty())
    }

    /// Takes along what others put into the tree, as it is.
    fn carry(&mut self, old: &Root, path: &Path, standing: Standing) -> Result<(), Failure> {
        let cannot = |this: &Self, error| {
            this.cannot("cannot be carried along", path, error)
                .help("platc did not write it and leaves it alone; move it out of the tree")
        };
        if standing.kind == FileType::Directory {
            return self.make(path);
        }
        self.parents(path)?;
        match self.link(old, path) {
            Ok(()) => Ok(()),
            // This file system has no hard links (it says `PERM`), or not so many of one file.
            Err(refused @ (Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK)) => {
                self.copy(old, path, standing.kind, refused).map_err(|error| cannot(self, error))
            }
            Err(error) => Err(cannot(self, error)),
        }
    }

    /// The same without a link: a new file with the same bytes, permissions and times, if nothing of it is lost.
    fn copy(&self, old: &Root, path: &Path, kind: FileType, refused: Errno) -> rustix::io::Result<()> {
        if kind == FileType::Symlink {
            let target = fs::readlinkat(old.folder(), path, Vec::new())?;
            return fs::symlinkat(&*target, &self.folder, path);
        }
        if kind != FileType::RegularFile {
            return Err(refused);
        }
        let from = old.at(path, Links::Refuse)?;
        let stat = fs::fstat(&from)?;
        // `PERM` may also mean that the file is locked against changes, or is somebody else's.
        if is_locked(&from) || stat.st_uid != fs::fstat(&self.folder)?.st_uid {
            return Err(refused);
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let to = retry(|| fs::openat(&self.folder, path, flags, FILE_MODE))?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = retry(|| rustix::io::read(&from, &mut buffer))?;
            let mut rest = &buffer[..read];
            if rest.is_empty() {
                break;
            }
            while !rest.is_empty() {
                let written = retry(|| rustix::io::write(&to, rest))?;
                rest = &rest[written..];
            }
        }
        fs::fchmod(&to, Mode::from_raw_mode(stat.st_mode))?;
        fs::futimens(&to, &times(last_change(&stat)))?;
        if self.durable { retry(|| fs::fsync(&to)) } else { Ok(()) }
    }

    /// Gives folders the permissions they had, and those of others their times; last, as a folder may be read-only.
    fn finish(self, plan: &Plan) -> Result<(), Failure> {
        let fresh =
            fs::fstat(&self.folder).map_err(|error| self.cannot("cannot be looked at", Path::new(""), error))?;
        let fresh = Mode::from_raw_mode(fresh.st_mode);
        if self.durable {
            for folder in self.made.iter().rev() {
                self.sync(folder)?;
            }
            self.sync(Path::new("."))?;
        }
        for (path, mode) in plan.folders.iter().rev() {
            let made = path.as_os_str().is_empty() || self.made.contains(path);
            if made && *mode != fresh {
                let name = if path.as_os_str().is_empty() { Path::new(".") } else { path };
                fs::chmodat(&self.folder, name, *mode, AtFlags::empty())
                    .map_err(|error| self.cannot("cannot be given its permissions", path, error))?;
            }
        }
        for (path, standing) in plan.foreign.iter().rev() {
            if standing.kind == FileType::Directory {
                // For comfort only: a file system without times of folders is no reason to stop.
                let _ = fs::utimensat(&self.folder, path, &times(standing.changed), AtFlags::SYMLINK_NOFOLLOW);
            }
        }
        Ok(())
    }

    fn sync(&self, folder: &Path) -> Result<(), Failure> {
        let cannot = |error| self.cannot("cannot be synced", folder, error);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = retry(|| fs::openat(&self.folder, folder, flags, Mode::empty())).map_err(cannot)?;
        retry(|| fs::fsync(&opened)).map_err(cannot)
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
