//! Entries as files in a folder of the user's own.
//!
//! Each is written beside its place and moved there, so that a run sees a whole one or none, however many write. It begins with
//! a digest of the rest. What is broken, of another user or open to others is taken for nothing; so is every error.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags, Stat, Timestamps};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};

use super::hex;
use crate::disk::beneath::retry;

/// The folder of entries, in the one that the user names.
const FOLDER: &str = "runs-1";

/// Bytes of one entry, and of all together.
const ENTRY: u64 = 64 << 20;
const ALL: u64 = 256 << 20;

/// A file that was begun so long before the newest is what a killed run left.
const SECONDS: i64 = 60 * 60;

/// Says to programs that make backups that nothing here is worth keeping.
const TAG: &str = "CACHEDIR.TAG";
const TAG_TEXT: &str =
    "Signature: 8a477f597d28d172789f06886806bc55\n# made by platc; see https://bford.info/cachedir/\n";

/// A folder of entries that can be used.
#[derive(Debug)]
pub struct Store {
    path: Utf8PathBuf,
    folder: OwnedFd,
}

/// What a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub entries: usize,
    pub bytes: u64,
}

impl Store {
    /// Opens the store in a folder, both made where they are missing. `None` if that is not possible, or if others than this
    /// user could write there.
    pub fn open(path: &Utf8Path) -> Option<Self> {
        let ancestors: Vec<_> = path.ancestors().filter(|path| !path.as_str().is_empty()).collect();
        for folder in ancestors.into_iter().rev() {
            // What is in the way shows when it is opened.
            let _ = fs::mkdir(folder.as_std_path(), Mode::RWXU);
        }
        let folder = open_folder(fs::CWD, path.as_std_path(), OFlags::empty())?;
        write_once(&folder, TAG, TAG_TEXT.as_bytes());
        let _ = fs::mkdirat(&folder, FOLDER, Mode::RWXU);
        let folder = open_folder(&folder, Path::new(FOLDER), OFlags::NOFOLLOW)?;
        Some(Self { path: path.to_owned(), folder })
    }

    /// Where it lies.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// What was kept under a name.
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = retry(|| fs::openat(&self.folder, name, flags, Mode::empty())).ok()?;
        let stat = fs::fstat(&file).ok()?;
        let size = u64::try_from(stat.st_size).ok()?;
        if !is_ours(&stat, FileType::RegularFile) || size > ENTRY {
            return None;
        }
        let mut bytes = Vec::with_capacity(size as usize + 1);
        while retry(|| rustix::io::read(&file, rustix::buffer::spare_capacity(&mut bytes))).ok()? > 0 {
            if bytes.len() as u64 > size {
                return None;
            }
        }
        let end = bytes.iter().position(|&byte| byte == b'\n')?;
        let body = bytes.get(end + 1..)?;
        if bytes[..end] != *head(body).as_bytes() {
            return None;
        }
        // Those that nobody uses go first. A clock that is wrong makes others go.
        let now = Timestamps { last_access: NOW, last_modification: NOW };
        let _ = fs::futimens(&file, &now);
        Some(bytes.split_off(end + 1))
    }

    /// Keeps something under a name; what was there is gone. That it could not be kept does not matter.
    pub fn put(&self, name: &str, body: &[u8]) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        if body.len() as u64 > ENTRY / 2 {
            return;
        }
        let process = rustix::process::getpid().as_raw_nonzero();
        let new = format!(".{name}.{process}.{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let text = [head(body).as_bytes(), b"\n", body].concat();
        let written =
            write_new(&self.folder, &new, &text).and_then(|()| fs::renameat(&self.folder, &new, &self.folder, name));
        if written.is_err() {
            let _ = fs::unlinkat(&self.folder, &new, AtFlags::empty());
        }
        self.evict(ALL);
    }

    /// What it holds.
    pub fn size(&self) -> Size {
        let files = self.files();
        Size { entries: files.len(), bytes: files.iter().map(|file| file.size).sum() }
    }

    /// Removes what was not used for the longest time until so many bytes are left, and what killed runs left.
    pub fn evict(&self, most: u64) -> Size {
        let mut files = self.files();
        let mut bytes: u64 = files.iter().map(|file| file.size).sum();
        files.sort_by_key(|file| file.used);
        let newest = files.last().map_or(0, |file| file.used.0);
        let mut removed = Size::default();
        for File { name, size, used } in files {
            let is_left = name.starts_with('.') && (most == 0 || used.0 < newest - SECONDS);
            if (bytes > most || is_left) && fs::unlinkat(&self.folder, &*name, AtFlags::empty()).is_ok() {
                bytes -= size;
                removed = Size { entries: removed.entries + 1, bytes: removed.bytes + size };
            }
        }
        removed
    }

    fn files(&self) -> Vec<File> {
        let mut files = Vec::new();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = fs::openat(&self.folder, ".", flags, Mode::empty()).and_then(Dir::new);
        for entry in opened.into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().to_str() else { continue };
            let Ok(stat) = fs::statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
                let size = u64::try_from(stat.st_size).unwrap_or(0);
                files.push(File { name: name.to_owned(), size, used: last_change(&stat) });
            }
        }
        files
    }
}

/// One file of a store.
struct File {
    name: String,
    size: u64,
    /// Seconds and nanoseconds.
    used: (i64, i64),
}

const NOW: fs::Timespec = fs::Timespec { tv_sec: 0, tv_nsec: fs::UTIME_NOW };

fn head(body: &[u8]) -> String {
    format!("platc {}", hex(&Sha256::digest(body)))
}

fn open_folder(at: impl AsFd, path: &Path, more: OFlags) -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | more;
    let folder = retry(|| fs::openat(&at, path, flags, Mode::empty())).ok()?;
    let stat = fs::fstat(&folder).ok()?;
    is_ours(&stat, FileType::Directory).then_some(folder)
}

/// Whether nobody else can write it, or have written it.
fn is_ours(stat: &Stat, kind: FileType) -> bool {
    let open_to_others = Mode::from_raw_mode(stat.st_mode).intersects(Mode::WGRP | Mode::WOTH);
    FileType::from_raw_mode(stat.st_mode) == kind
        && stat.st_uid == rustix::process::geteuid().as_raw()
        && !open_to_others
}

fn write_once(folder: &OwnedFd, name: &str, bytes: &[u8]) {
    if fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).is_err_and(|error| error == Errno::NOENT) {
        let _ = write_new(folder, name, bytes);
    }
}

/// Writes a file that is not there yet, for this user alone.
fn write_new(folder: &OwnedFd, name: &str, mut bytes: &[u8]) -> rustix::io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = retry(|| fs::openat(folder, name, flags, Mode::RUSR | Mode::WUSR))?;
    while !bytes.is_empty() {
        let written = retry(|| rustix::io::write(&file, bytes))?;
        bytes = &bytes[written..];
    }
    Ok(())
}

/// The types of these differ between systems.
#[allow(clippy::cast_possible_wrap, clippy::cast_lossless, reason = "nanoseconds are below 10^9")]
#[allow(clippy::unnecessary_cast, reason = "of the same type on some systems")]
fn last_change(stat: &Stat) -> (i64, i64) {
    (stat.st_mtime as i64, stat.st_mtime_nsec as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::disallowed_methods, reason = "builds real files")]
    fn scratch(name: &str) -> Utf8PathBuf {
        let folder = std::env::temp_dir().join(format!("platc-store-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Utf8PathBuf::from_path_buf(folder).unwrap()
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "breaks real files")]
    fn a_broken_entry_is_as_if_it_were_not_there() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = scratch("broken");
        let store = Store::open(&folder).unwrap();
        assert_eq!(store.get("a"), None);
        store.put("a", b"one");
        store.put("a", b"two");
        assert_eq!(store.get("a").as_deref(), Some(b"two".as_slice()));
        let file = folder.join(FOLDER).join("a");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let whole = std::fs::read(&file).unwrap();
        for end in 0..whole.len() {
            std::fs::write(&file, &whole[..end]).unwrap();
            assert_eq!(store.get("a"), None, "cut at {end}");
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&file, bytes).unwrap();
            assert_eq!(store.get("a"), None, "another byte at {at}");
        }
        std::fs::write(&file, &whole).unwrap();
        assert!(store.get("a").is_some());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o620)).unwrap();
        assert_eq!(store.get("a"), None, "others could have written it");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "builds real files")]
    fn what_was_not_used_for_the_longest_time_goes_first() {
        let folder = scratch("evict");
        let store = Store::open(&folder).unwrap();
        for name in ["a", "b", "c"] {
            store.put(name, &[b'x'; 1000]);
        }
        assert!(store.get("a").is_some());
        let size = store.size();
        assert_eq!(size.entries, 3);
        store.evict(size.bytes - 1);
        assert_eq!(["a", "b", "c"].map(|name| store.get(name).is_some()), [true, false, true]);
        assert_eq!(store.evict(0).entries, 2);
        assert_eq!(store.size(), Size::default());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
