//! What killed runs left beside files of the user's: new texts that did not get into their places.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use camino::Utf8Path;
use rustix::fs::{self, AtFlags, Dir, FileType, FlockOperation, Mode, OFlags};

use crate::disk::beneath::{Links, Root, retry};
use crate::project::unread;

/// Folders that are looked into.
const FOLDERS: usize = 4096;

/// Removes them below a folder of `root`, without following a link. One that a run is at is let alone, and so is what
/// cannot be removed: the next run tries again, and nothing reads it.
pub fn sweep(root: &Utf8Path, folder: &Utf8Path) {
    let Ok(root) = Root::open(root.as_std_path()) else { return };
    let mut folders = vec![folder.as_std_path().to_owned()];
    let mut seen = 0;
    while let Some(folder) = folders.pop()
        && seen < FOLDERS
    {
        seen += 1;
        // It may be gone, or not be readable.
        let _ = sweep_one(&root, &folder, &mut folders);
    }
}

fn sweep_one(root: &Root, folder: &Path, folders: &mut Vec<PathBuf>) -> rustix::io::Result<()> {
    let opened = root.at(folder, Links::Refuse)?;
    let mut listing = Dir::read_from(&opened)?;
    while let Some(entry) = listing.read() {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        let Some(text) = name.to_str().filter(|name| !matches!(*name, "." | "..")) else { continue };
        let stat = fs::statat(&opened, name, AtFlags::SYMLINK_NOFOLLOW)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory if !text.starts_with('.') => folders.push(folder.join(name)),
            FileType::RegularFile if unread::is_left_behind(text) && stat.st_nlink == 1 => {
                let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
                let file = retry(|| fs::openat(&opened, name, flags, Mode::empty()))?;
                // Who has the lock is writing it.
                if fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
                    fs::unlinkat(&opened, name, AtFlags::empty())?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
