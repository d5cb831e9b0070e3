//! The files of a chart: of a folder, without what its `.helmignore` names, or of an archive as `helm pull` leaves it.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};

use super::file::{File, Refusal};
use super::ignore::Ignore;
use crate::disk::archive::{self, ArchiveError, Room};
use crate::disk::{Disk, EntryKind, ReadError};

/// All files of a chart, in the order of their paths.
pub type Contents = Vec<File>;

/// What Helm reads of one file at most.
pub const FILE_BYTES: u64 = 5 << 20;
/// An archive as it lies there.
pub const ARCHIVE_BYTES: u64 = 64 << 20;
const FOLDERS: usize = 16;

/// The files of a chart that lies there as a folder.
pub fn of_folder(disk: &dyn Disk, folder: &Utf8Path, shown: &Utf8Path, room: &mut Room) -> Result<Contents, Refusal> {
    let ignore = match disk.read(&folder.join(".helmignore"), FILE_BYTES) {
        Ok(bytes) => {
            let text: Arc<str> = String::from_utf8_lossy(&bytes).into();
            Ignore::read(&text).map_err(|bad| Refusal {
                path: shown.join(".helmignore"),
                at: Some((Arc::clone(&text), line_start(&text, bad.line))),
                why: bad.why,
            })?
        }
        Err(_) => Ignore::default(),
    };
    let mut walk = Walk { disk, folder, shown, ignore, room, found: Vec::new() };
    walk.below(Utf8Path::new(""), 0)?;
    Ok(walk.found)
}

struct Walk<'a> {
    disk: &'a dyn Disk,
    folder: &'a Utf8Path,
    shown: &'a Utf8Path,
    ignore: Ignore,
    room: &'a mut Room,
    found: Contents,
}

impl Walk<'_> {
    fn below(&mut self, path: &Utf8Path, depth: usize) -> Result<(), Refusal> {
        let entries = self.disk.list(&self.folder.join(path)).map_err(|error| self.refused(path, &error))?;
        for entry in entries {
            let below = if path.as_str().is_empty() { entry.name.into() } else { path.join(&entry.name) };
            // A link is what it leads to, as far as it stays in the project.
            let is_folder = match entry.kind {
                EntryKind::Folder => true,
                EntryKind::Link => self.disk.list(&self.folder.join(&below)).is_ok(),
                EntryKind::File | EntryKind::Special => false,
            };
            if self.ignore.leaves_out(below.as_str(), is_folder) {
                continue;
            }
            if is_folder && depth < FOLDERS {
                self.below(&below, depth + 1)?;
            } else {
                self.file(below)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: Utf8PathBuf) -> Result<(), Refusal> {
        let bytes =
            self.disk.read(&self.folder.join(&path), FILE_BYTES).map_err(|error| self.refused(&path, &error))?;
        let too_large = || Refusal { path: self.shown.to_owned(), at: None, why: ArchiveError::TooLarge.to_string() };
        self.room.entries = self.room.entries.checked_sub(1).ok_or_else(too_large)?;
        self.room.bytes = self.room.bytes.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
        self.found.push(File { path, bytes: without_mark(&bytes).into() });
        Ok(())
    }

    fn refused(&self, path: &Utf8Path, error: &ReadError) -> Refusal {
        Refusal { path: self.shown.join(path), at: None, why: error.to_string() }
    }
}

/// The files of a chart that is packed; the folder around them may have any name.
pub fn unpacked(bytes: &[u8], shown: &Utf8Path, room: &mut Room) -> Result<Contents, Refusal> {
    let refused = |why: String| Refusal { path: shown.to_owned(), at: None, why };
    let memory = archive::unpack(bytes, |_| true, FILE_BYTES, room).map_err(|error| refused(error.to_string()))?;
    let mut found: Contents = Vec::new();
    for (path, bytes) in memory.into_files() {
        let mut parts = path.components();
        parts.next();
        let inner = parts.as_path().to_owned();
        if inner.as_str().is_empty() {
            return Err(refused(format!("`{path}` in it lies beside the chart's folder")));
        }
        found.push(File { path: inner, bytes: without_mark(&bytes).into() });
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    let twice = found.windows(2).find(|pair| pair[0].path == pair[1].path);
    match twice.and_then(<[File]>::first) {
        Some(file) => Err(refused(ArchiveError::Twice(file.path.to_string()).to_string())),
        None => Ok(found),
    }
}

/// A digest of all files with their paths: the same for an archive and for what it unpacks to.
pub fn digest(contents: &Contents) -> String {
    let mut digest = Sha256::new();
    for file in contents {
        // No path holds a zero.
        digest.update(format!("{}\0{}\0", file.path, file.bytes.len()));
        digest.update(&file.bytes);
    }
    let bytes: [u8; 32] = digest.finalize().into();
    format!("sha256:{}", bytes.map(|byte| format!("{byte:02x}")).concat())
}

/// Without the mark at its beginning by which editors know UTF-8.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn line_start(text: &str, line: u32) -> u32 {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1) as usize).map(str::len).sum::<usize>();
    u32::try_from(before).unwrap_or(u32::MAX)
}
