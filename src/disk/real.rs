//! The project folder on the disk.

use std::os::fd::OwnedFd;

use camino::Utf8Path;
use rustix::fs::{self, AtFlags, Dir, FileType};
use rustix::io::Errno;

use super::beneath::{Links, Refused, Root, retry};
use super::{Disk, Entry, EntryKind, FOLDER_ENTRIES, ReadError, gits_own, is_git, parts};

/// A folder and what lies in it. Links inside it are followed, links out of it refused.
#[derive(Debug)]
pub struct Real {
    root: Root,
}

impl Real {
    /// Opens the folder; later reads stay in it, wherever it is moved.
    pub fn open(root: &Utf8Path) -> Result<Self, ReadError> {
        let real = root.canonicalize_utf8();
        if real.as_deref().unwrap_or(root).file_name().is_some_and(is_git) {
            return Err(ReadError::OfGit);
        }
        Ok(Self { root: Root::open(root.as_std_path()).map_err(explain)? })
    }

    /// An open handle and its type. The type is asked of the handle: between a look at the path and opening it, the
    /// file could be exchanged for another.
    fn open_at(&self, path: &Utf8Path) -> Result<(OwnedFd, fs::Stat), ReadError> {
        // No file has such a name; asking the system would be an error of reading, and that is another exit code.
        if path.as_str().contains('\0') {
            return Err(ReadError::Missing);
        }
        let opened = self.root.at_if_not_of_git(path.as_std_path()).map_err(|refused| match refused {
            Refused::OfGit => ReadError::OfGit,
            Refused::BySystem(error) => explain(error),
        })?;
        let stat = fs::fstat(&opened).map_err(explain)?;
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        if is_folder && !path.as_str().is_empty() && gits_own::is_own(self.root.folder(), path.as_str().as_ref()) {
            return Err(ReadError::OfGit);
        }
        Ok((opened, stat))
    }
}

impl Disk for Real {
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        let (file, stat) = self.open_at(path)?;
        match kind(FileType::from_raw_mode(stat.st_mode)) {
            EntryKind::File => {}
            EntryKind::Folder => return Err(ReadError::WrongKind(EntryKind::Folder)),
            EntryKind::Link | EntryKind::Special => return Err(ReadError::Special),
        }
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        if size > limit {
            return Err(ReadError::TooLarge { limit });
        }
        // One byte more than the file has: the read that fills all but it is followed by the one that finds the end.
        let bytes = read_to_end(&file, size as usize + 1, limit).map_err(explain)?;
        if bytes.len() as u64 > limit { Err(ReadError::TooLarge { limit }) } else { Ok(bytes) }
    }

    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
        let (folder, stat) = self.open_at(path)?;
        match kind(FileType::from_raw_mode(stat.st_mode)) {
            EntryKind::Folder => {}
            EntryKind::File => return Err(ReadError::WrongKind(EntryKind::File)),
            EntryKind::Link | EntryKind::Special => return Err(ReadError::Special),
        }
        let mut entries = Vec::new();
        let mut folder = Dir::new(folder).map_err(explain)?;
        while let Some(entry) = folder.read() {
            let entry = entry.map_err(explain)?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let Ok(utf8) = name.to_str() else {
                return Err(ReadError::NameNotUtf8(name.to_string_lossy().into_owned()));
            };
            if entries.len() == FOLDER_ENTRIES {
                return Err(ReadError::TooMany { limit: FOLDER_ENTRIES });
            }
            let file_type = match entry.file_type() {
                // Some file systems do not tell the type in the listing.
                FileType::Unknown => {
                    let folder = folder.fd().map_err(explain)?;
                    match fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                        Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                        Err(Errno::NOENT) => continue, // Gone since it was listed.
                        Err(error) => return Err(explain(error)),
                    }
                }
                known => known,
            };
            entries.push(Entry { name: utf8.to_owned(), kind: kind(file_type) });
        }
        entries.sort();
        Ok(entries)
    }

    fn link_on<'p>(&self, path: &'p Utf8Path) -> Option<&'p Utf8Path> {
        let opened = |part: &Utf8Path| self.root.at(part.as_std_path(), Links::Refuse);
        let is_link = |part: &&Utf8Path| opened(part).is_err_and(|error| error == Errno::LOOP);
        if is_link(&path) { parts(path).into_iter().find(is_link) } else { None }
    }
}

/// Reads on until the end or until one byte past `limit`, whatever size the file claimed to have.
fn read_to_end(file: &OwnedFd, expected: usize, limit: u64) -> rustix::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(expected);
    while bytes.len() as u64 <= limit {
        if bytes.len() == bytes.capacity() {
            bytes.reserve(bytes.len().max(4096));
        }
        if retry(|| rustix::io::read(file, rustix::buffer::spare_capacity(&mut bytes)))? == 0 {
            break;
        }
    }
    Ok(bytes)
}

fn kind(file_type: FileType) -> EntryKind {
    match file_type {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        FileType::Symlink => EntryKind::Link,
        _ => EntryKind::Special,
    }
}

fn explain(error: Errno) -> ReadError {
    match error {
        // No file system holds a name that is too long for it.
        Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG => ReadError::Missing,
        Errno::XDEV | Errno::LOOP => ReadError::Escapes,
        // What opening a socket, or a device without its driver, says.
        Errno::NXIO | Errno::NODEV => ReadError::Special,
        other => ReadError::Io(other.into()),
    }
}
