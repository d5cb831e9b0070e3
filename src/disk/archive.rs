//! A gzipped tar archive, as charts are packed, read into memory. It may be anybody's: what it unpacks to, how many
//! entries it has and how long a file may be are bounded, no link is followed, and a path that leads out of it is refused.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Read;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use flate2::read::MultiGzDecoder;

use super::Memory;

/// What the archives of one run may unpack to, those within others included.
#[derive(Debug)]
pub struct Room {
    pub bytes: u64,
    pub entries: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { bytes: 128 << 20, entries: 1 << 16 }
    }
}

/// Why an archive is not read. As text it completes a sentence: "`web.tgz` cannot be read: it is damaged".
#[derive(Debug)]
pub enum ArchiveError {
    /// No gzip, no tar, or cut off.
    Damaged,
    /// More than there is room for.
    TooLarge,
    TooMany,
    /// A file of it is longer than its kind may be.
    FileTooLarge {
        path: String,
        limit: u64,
    },
    /// A path that leads out of the archive, or is none at all.
    Escapes(String),
    /// A link where a file is wanted.
    Link(String),
    /// Two files of one path: readers take one or the other.
    Twice(String),
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("it is cut off, damaged, or no gzipped tar archive"),
            Self::TooLarge => f.write_str("it unpacks to more than charts have"),
            Self::TooMany => f.write_str("it has more entries than charts have"),
            Self::FileTooLarge { path, limit } => write!(f, "`{path}` in it is larger than {limit} bytes"),
            Self::Escapes(path) => write!(f, "`{path}` in it is no path within the archive"),
            Self::Link(path) => write!(f, "`{path}` in it is a link, and none is followed"),
            Self::Twice(path) => write!(f, "`{path}` stands in it twice"),
        }
    }
}

/// Whether bytes begin as a gzip file does.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The wanted files of an archive. Each byte that is unpacked on the way to them is charged to `room`.
pub fn unpack(
    bytes: &[u8],
    wanted: impl Fn(&Utf8Path) -> bool,
    limit: u64,
    room: &mut Room,
) -> Result<Memory, ArchiveError> {
    let mut unpacked = Metered { from: MultiGzDecoder::new(bytes), left: &mut room.bytes, is_over: false };
    let mut memory = Memory::default();
    let read = files(&mut unpacked, &wanted, limit, &mut room.entries, &mut memory);
    match read {
        Err(_) if unpacked.is_over => Err(ArchiveError::TooLarge),
        read => read.map(|()| memory),
    }
}

fn files(
    from: impl Read,
    wanted: &impl Fn(&Utf8Path) -> bool,
    limit: u64,
    entries: &mut usize,
    memory: &mut Memory,
) -> Result<(), ArchiveError> {
    let damaged = |_| ArchiveError::Damaged;
    let mut seen = BTreeSet::new();
    let mut archive = tar::Archive::new(from);
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        *entries = entries.checked_sub(1).ok_or(ArchiveError::TooMany)?;
        let kind = entry.header().entry_type();
        if kind.is_pax_global_extensions() || kind.is_dir() {
            continue;
        }
        let name = entry.path_bytes();
        let shown = || String::from_utf8_lossy(&name).chars().take(200).collect();
        let path = std::str::from_utf8(&name).ok().and_then(within).ok_or_else(|| ArchiveError::Escapes(shown()))?;
        if !wanted(&path) {
            continue;
        }
        if !kind.is_file() {
            return Err(ArchiveError::Link(path.into_string()));
        }
        if entry.size() > limit {
            return Err(ArchiveError::FileTooLarge { path: path.into_string(), limit });
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(damaged)?;
        if !seen.insert(path.clone()) {
            return Err(ArchiveError::Twice(path.into_string()));
        }
        memory.put(path, bytes);
    }
    Ok(())
}

/// A path as it lies below the archive's root; nothing for one that leads elsewhere on some system.
fn within(name: &str) -> Option<Utf8PathBuf> {
    if name.contains(['\\', '\0', ':']) {
        return None;
    }
    let mut path = Utf8PathBuf::new();
    for part in Utf8Path::new(name).components() {
        match part {
            Utf8Component::Normal(part) => path.push(part),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir | Utf8Component::RootDir | Utf8Component::Prefix(_) => return None,
        }
    }
    (!path.as_str().is_empty()).then_some(path)
}

/// A reader that ends with an error where there is no more room.
struct Metered<'a, R> {
    from: R,
    left: &'a mut u64,
    is_over: bool,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(into)?;
        let Some(left) = self.left.checked_sub(read as u64) else {
            self.is_over = true;
            return Err(std::io::Error::other("no room"));
        };
        *self.left = left;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{EntryType, Header};

    use super::*;
    use crate::disk::Disk as _;

    /// An archive of entries with the names as they are given, whatever they are.
    fn packed(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (name, kind, bytes) in entries {
            let mut header = Header::new_gnu();
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Memory, String> {
        let room = &mut Room { bytes: 1 << 20, entries: 100 };
        unpack(bytes, |path| path.extension() == Some("yaml"), 1000, room).map_err(|error| error.to_string())
    }

    #[test]
    fn wanted_files_are_read_and_others_passed_over() {
        let file = EntryType::Regular;
        let archive = packed(&[
            ("web/", EntryType::Directory, b""),
            ("./web/values.yaml", file, b"a: 1\n"),
            ("web/logo.png", file, &[0; 5000]),
            ("web/link", EntryType::Symlink, b""),
        ]);
        let memory = read(&archive).unwrap();
        assert_eq!(memory.read("web/values.yaml".into(), 100).unwrap(), b"a: 1\n");
        assert_eq!(memory.list("web".into()).unwrap().len(), 1);
    }

    #[test]
    fn what_no_honest_archive_holds_is_refused() {
        let file = EntryType::Regular;
        let said = |entries: &[(&str, EntryType, &[u8])]| read(&packed(entries)).unwrap_err();
        for name in ["../a.yaml", "/etc/a.yaml", "a/../../b.yaml", "a\\..\\b.yaml", "C:/a.yaml", "."] {
            assert_eq!(said(&[(name, file, b"")]), format!("`{name}` in it is no path within the archive"));
        }
        for kind in [EntryType::Symlink, EntryType::Link, EntryType::Fifo, EntryType::Block] {
            assert_eq!(said(&[("a.yaml", kind, b"")]), "`a.yaml` in it is a link, and none is followed");
        }
        assert_eq!(said(&[("a.yaml", file, b""), ("./a.yaml", file, b"")]), "`a.yaml` stands in it twice");
        assert_eq!(said(&[("a.yaml", file, &[b'x'; 1001])]), "`a.yaml` in it is larger than 1000 bytes");
        assert_eq!(said(&[("a.bin", file, &vec![0; 2 << 20])]), "it unpacks to more than charts have");
        assert_eq!(said(&vec![("a.bin", file, &b""[..]); 101]), "it has more entries than charts have");
        let whole = packed(&[("a.yaml", file, b"a: 1\n")]);
        for damaged in [&whole[..whole.len() / 2], b"", b"PK\x03\x04", &[0x1f, 0x8b, 8]] {
            assert_eq!(read(damaged).unwrap_err(), "it is cut off, damaged, or no gzipped tar archive");
        }
        let mut text = GzEncoder::new(Vec::new(), Compression::fast());
        text.write_all(&b"no archive at all\n".repeat(100)).unwrap();
        assert_eq!(read(&text.finish().unwrap()).unwrap_err(), "it is cut off, damaged, or no gzipped tar archive");
    }

    #[test]
    fn long_names_of_both_kinds_are_bounded_by_the_room() {
        for kind in [EntryType::GNULongName, EntryType::XHeader] {
            let archive = packed(&[("long", kind, &vec![b'a'; 2 << 20]), ("a.yaml", EntryType::Regular, b"")]);
            assert_eq!(read(&archive).unwrap_err(), "it unpacks to more than charts have");
        }
    }
}
