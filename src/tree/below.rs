//! Single steps on what lies below an open folder. None of them follows a link: the folder that a path lies in is opened
//! beneath the outer one, each link refused, and the step itself is done on the last name only.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::disk::beneath::{Links, Root, retry};

/// Permissions before the umask, as every other program gives them.
pub(super) const FILE_MODE: Mode = Mode::from_raw_mode(0o666);
pub(super) const FOLDER_MODE: Mode = Mode::from_raw_mode(0o777);

/// A folder of which the one that was last looked into stays open, as paths come in order.
#[derive(Debug)]
pub(super) struct Below<'a> {
    root: &'a Root,
    last: Option<(PathBuf, OwnedFd)>,
}

impl<'a> Below<'a> {
    pub(super) fn new(root: &'a Root) -> Self {
        Self { root, last: None }
    }

    /// The folder that a path lies in, open, and the name in it.
    fn place<'p>(&mut self, path: &'p Path) -> rustix::io::Result<(BorrowedFd<'_>, &'p OsStr)> {
        let name = path.file_name().ok_or(Errno::INVAL)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        if folder.as_os_str().is_empty() {
            return Ok((self.root.folder(), name));
        }
        if self.last.as_ref().is_none_or(|(last, _)| last != folder) {
            self.last = None;
            self.last = Some((folder.to_owned(), self.root.at(folder, Links::Refuse)?));
        }
        let (_, opened) = self.last.as_ref().ok_or(Errno::BADF)?;
        Ok((opened.as_fd(), name))
    }

    /// What stands at a path; nothing, too, where the folder is not there.
    pub(super) fn kind(&mut self, path: &Path) -> rustix::io::Result<Option<FileType>> {
        let found = self.place(path).and_then(|(folder, name)| fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW));
        match found {
            Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn make_folder(&mut self, path: &Path) -> rustix::io::Result<()> {
        let (folder, name) = self.place(path)?;
        fs::mkdirat(folder, name, FOLDER_MODE)
    }

    pub(super) fn open_folder(&mut self, path: &Path) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        if path.as_os_str().is_empty() {
            return self.root.at(path, Links::Refuse);
        }
        let (folder, name) = self.place(path)?;
        retry(|| fs::openat(folder, name, flags, Mode::empty()))
    }

    /// A new file, open for writing.
    pub(super) fn create(&mut self, path: &Path) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let (folder, name) = self.place(path)?;
        retry(|| fs::openat(folder, name, flags, FILE_MODE))
    }

    /// Gives what stands at `path`, a link too, a second name in another folder.
    pub(super) fn link(&mut self, path: &Path, to: &mut Below<'_>, new: &Path) -> rustix::io::Result<()> {
        let (folder, name) = self.place(path)?;
        let (new_folder, new_name) = to.place(new)?;
        fs::linkat(folder, name, new_folder, new_name, AtFlags::empty())
    }

    /// Moves what stands at `path`, a link itself too, over what may stand at `new`.
    pub(super) fn rename(&mut self, path: &Path, to: &mut Below<'_>, new: &Path) -> rustix::io::Result<()> {
        let (folder, name) = self.place(path)?;
        let (new_folder, new_name) = to.place(new)?;
        fs::renameat(folder, name, new_folder, new_name)
    }

    pub(super) fn read_link(&mut self, path: &Path) -> rustix::io::Result<std::ffi::CString> {
        let (folder, name) = self.place(path)?;
        fs::readlinkat(folder, name, Vec::new())
    }

    pub(super) fn make_link(&mut self, target: &std::ffi::CStr, path: &Path) -> rustix::io::Result<()> {
        let (folder, name) = self.place(path)?;
        fs::symlinkat(target, folder, name)
    }

    pub(super) fn remove(&mut self, path: &Path) -> rustix::io::Result<()> {
        let (folder, name) = self.place(path)?;
        fs::unlinkat(folder, name, AtFlags::empty())
    }

    pub(super) fn remove_folder(&mut self, path: &Path) -> rustix::io::Result<()> {
        self.last = None;
        let (folder, name) = self.place(path)?;
        fs::unlinkat(folder, name, AtFlags::REMOVEDIR)
    }
}

/// All of the bytes, or an error.
pub(super) fn write_all(file: &OwnedFd, mut bytes: &[u8]) -> rustix::io::Result<()> {
    while !bytes.is_empty() {
        let written = retry(|| rustix::io::write(file, bytes))?;
        bytes = &bytes[written..];
    }
    Ok(())
}
