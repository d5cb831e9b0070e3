//! Removing a folder that nobody needs any more: the old tree, or what a killed run left.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use rustix::fs::{self, AtFlags, Dir, FileType, Mode};
use rustix::io::Errno;

use super::below::Below;
use super::failure::Failure;
use super::place::Site;
use crate::disk::beneath::{Links, Root};

/// Removes the sibling folder `name` and all in it; links are removed, not followed. As much as possible goes, the
/// first trouble is told. No such folder is no trouble.
pub(super) fn remove(site: &Site, name: &OsString) -> Result<(), Failure> {
    let cannot = |path: &Path, error| {
        let path = Utf8PathBuf::from(path.to_string_lossy().into_owned());
        Failure::new(site.beside(name).join(path), "cannot be removed", error)
    };
    let root = match site.open_folder(name) {
        Ok(folder) => Root::from(folder),
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(cannot(Path::new(""), error).help("remove it: platc did not make it")),
    };
    let mut trouble = None;
    let mut note = |path: &Path, result: rustix::io::Result<()>| {
        if let Err(error) = result {
            trouble.get_or_insert_with(|| cannot(path, error));
        }
    };
    // By path from one open folder: a handle for each level would run out of them.
    let mut folders = vec![PathBuf::new()];
    let mut seen = 0;
    while let Some(folder) = folders.get(seen).cloned() {
        seen += 1;
        note(&folder, empty(&root, &folder, &mut folders));
    }
    let mut below = Below::new(&root);
    for folder in folders.iter().skip(1).rev() {
        note(folder, below.remove_folder(folder));
    }
    note(Path::new(""), fs::unlinkat(site.parent(), name, AtFlags::REMOVEDIR));
    trouble.map_or(Ok(()), Err)
}

/// Removes all but folders from a folder, and lists those.
fn empty(root: &Root, folder: &Path, folders: &mut Vec<PathBuf>) -> rustix::io::Result<()> {
    let mut listing = Dir::new(root.at(folder, Links::Refuse)?)?;
    let mut trouble = Ok(());
    while let Some(entry) = listing.read() {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let path = folder.join(OsStr::from_bytes(name.to_bytes()));
        let is_folder = match entry.file_type() {
            FileType::Directory => true,
            FileType::Unknown => {
                let stat = fs::statat(listing.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)?;
                FileType::from_raw_mode(stat.st_mode) == FileType::Directory
            }
            _ => false,
        };
        if is_folder {
            folders.push(path);
            continue;
        }
        let mut result = fs::unlinkat(listing.fd()?, name, AtFlags::empty());
        if result == Err(Errno::ACCESS) {
            // Somebody's read-only folder, of which the new tree has its own copy.
            fs::fchmod(listing.fd()?, Mode::RWXU)?;
            result = fs::unlinkat(listing.fd()?, name, AtFlags::empty());
        }
        trouble = trouble.and(result);
    }
    trouble
}
