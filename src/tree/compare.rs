//! What a tree holds now: each file against the bytes it should have. This is all that an unchanged render does.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{self, FileType};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};

use super::manifest;
use crate::artifact::File;
use crate::disk::beneath::{Links, Root, retry};

/// Whether the tree is exactly what would be written. Anything in doubt is a no: the careful look comes after.
pub(super) fn is_unchanged(tree: &Root, files: &[&File], manifest: &[u8]) -> bool {
    let mut buffer = Vec::new();
    let mut same = |path: &Path, bytes: &[u8]| is_same(tree, path, bytes, &mut buffer).unwrap_or(false);
    // The manifest first: as it holds all digests, it already differs when any artifact would.
    same(Path::new(manifest::PATH), manifest) && files.iter().all(|file| same(file.path.as_std_path(), &file.bytes))
}

/// Whether a path is a regular file of just these bytes; `buffer` is scratch space that is worth keeping between calls.
fn is_same(tree: &Root, path: &Path, bytes: &[u8], buffer: &mut Vec<u8>) -> rustix::io::Result<bool> {
    Ok(read_sized(tree, path, bytes.len() as u64, buffer)? && buffer == bytes)
}

/// The same for a file of which only size and digest are known.
pub(super) fn is_digest(
    tree: &Root,
    path: &Path,
    size: u64,
    sha256: [u8; 32],
    buffer: &mut Vec<u8>,
) -> rustix::io::Result<bool> {
    Ok(read_sized(tree, path, size, buffer)? && manifest::digest(buffer) == sha256)
}

/// Reads a regular file of just this size. `false` for anything else.
fn read_sized(tree: &Root, path: &Path, wanted: u64, buffer: &mut Vec<u8>) -> rustix::io::Result<bool> {
    let Opened::File(file, size) = open(tree, path)? else { return Ok(false) };
    if size != wanted {
        return Ok(false);
    }
    let wanted = wanted as usize;
    buffer.clear();
    // Room for one byte more than expected: a file that has just grown does not pass for its beginning.
    buffer.reserve(wanted + 1);
    while buffer.len() <= wanted {
        let read = retry(|| rustix::io::read(&file, rustix::buffer::spare_capacity(buffer)))?;
        // A short read of a regular file ends at its end; only a longer file fills the room.
        if read == 0 || buffer.len() == wanted {
            break;
        }
    }
    Ok(buffer.len() == wanted)
}

/// A file's SHA-256 if it is a regular file of just this size.
pub(super) fn digest_of(tree: &Root, path: &Path, size: u64) -> rustix::io::Result<Option<[u8; 32]>> {
    let Opened::File(file, actual) = open(tree, path)? else { return Ok(None) };
    if actual != size {
        return Ok(None);
    }
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut total = 0;
    loop {
        let read = retry(|| rustix::io::read(&file, &mut buffer))?;
        total += read as u64;
        if read == 0 || total > size {
            break;
        }
        digest.update(&buffer[..read]);
    }
    Ok((total == size).then(|| digest.finalize().into()))
}

/// A regular file's bytes, at most `limit` of them; `None` for anything else or larger.
pub(super) fn read(tree: &Root, path: &Path, limit: u64) -> rustix::io::Result<Option<Vec<u8>>> {
    let Opened::File(file, size) = open(tree, path)? else { return Ok(None) };
    if size > limit {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(size as usize + 1);
    while bytes.len() as u64 <= limit {
        if bytes.len() == bytes.capacity() {
            bytes.reserve(4096);
        }
        if retry(|| rustix::io::read(&file, rustix::buffer::spare_capacity(&mut bytes)))? == 0 {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

enum Opened {
    File(OwnedFd, u64),
    /// Nothing, a folder, a link, a device.
    Other,
}

fn open(tree: &Root, path: &Path) -> rustix::io::Result<Opened> {
    let file = match tree.at(path, Links::Refuse) {
        Ok(file) => file,
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV | Errno::NXIO | Errno::NODEV) => {
            return Ok(Opened::Other);
        }
        Err(error) => return Err(error),
    };
    let stat = fs::fstat(&file)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(Opened::File(file, u64::try_from(stat.st_size).unwrap_or(0))),
        _ => Ok(Opened::Other),
    }
}
