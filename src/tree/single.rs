//! One file of the user's, such as a layer or a schema, replaced as a whole or not at all.
//!
//! The new text is written beside it, under a name of which there is one for each file: who holds a lock on it may write, and
//! what a killed run left there is what the next one begins with. Then it is renamed into place.

use std::os::fd::{AsFd, OwnedFd};
use std::thread;
use std::time::Duration;

use camino::Utf8Path;
use rustix::fs::{self, AtFlags, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::attributes;
use super::below::{Below, FILE_MODE, write_all};
use super::failure::Failure;
use super::interrupt;
use super::place::{Place, Site};
use crate::disk::beneath::{Links, Root, retry};

/// How often a file that somebody else writes is tried.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes `place` hold this text. Folders that are missing are made; a link on the way is an error. A file that stands there
/// hands its permissions, owner and attributes on.
pub fn replace(place: Place<'_>, text: &str) -> Result<(), Failure> {
    replace_bytes(place, text.as_bytes())
}

/// The same of what is no text.
pub fn replace_bytes(place: Place<'_>, bytes: &[u8]) -> Result<(), Failure> {
    let missing = missing(place);
    in_place(place, bytes).inspect_err(|_| take_back(place, &missing))
}

/// The folders on the way to a file that are not there yet, the innermost first.
fn missing(place: Place<'_>) -> Vec<&Utf8Path> {
    let Ok(root) = Root::open(place.root.as_std_path()) else { return Vec::new() };
    let folders = place.path.ancestors().skip(1).filter(|folder| !folder.as_str().is_empty());
    folders
        .take_while(|folder| root.at(folder.as_std_path(), Links::Refuse).is_err_and(|error| error == Errno::NOENT))
        .collect()
}

/// Removes folders that were made for nothing, unless somebody has put something into them.
fn take_back(place: Place<'_>, folders: &[&Utf8Path]) {
    let Ok(root) = Root::open(place.root.as_std_path()) else { return };
    let mut below = Below::new(&root);
    for folder in folders {
        if below.remove_folder(folder.as_std_path()).is_err() {
            return;
        }
    }
}

fn in_place(place: Place<'_>, bytes: &[u8]) -> Result<(), Failure> {
    let site = Site::make(place)?;
    let cannot = |error| Failure::new(&site.shown, "cannot be written", error);
    let standing = match fs::statat(site.parent(), &site.name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => Some(stat),
        Ok(_) => return Err(Failure::because(&site.shown, "cannot be written", "it is not a regular file")),
        Err(Errno::NOENT) => None,
        Err(error) => return Err(cannot(error)),
    };
    loop {
        let _at_work = interrupt::begin().ok_or_else(|| interrupt::stopped(&site))?;
        let Some(fresh) = fresh(&site)? else {
            thread::sleep(PAUSE);
            continue;
        };
        let written = write(&site, &fresh, bytes, standing.as_ref())
            .and_then(|()| fs::renameat(site.parent(), &site.stage, site.parent(), &site.name));
        return written.map_err(|error| {
            let _ = fs::unlinkat(site.parent(), &site.stage, AtFlags::empty());
            cannot(error)
        });
    }
}

/// The new file, empty and locked; `None` while somebody else has it.
fn fresh(site: &Site) -> Result<Option<OwnedFd>, Failure> {
    let path = || site.beside(&site.stage);
    let cannot = |error| Failure::new(path(), "cannot be created", error);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = retry(|| fs::openat(site.parent(), &site.stage, flags, FILE_MODE)).map_err(cannot)?;
    match retry(|| fs::flock(&file, FlockOperation::NonBlockingLockExclusive)) {
        Err(Errno::AGAIN) => return Ok(None),
        result => result.map_err(cannot)?,
    }
    let stat = fs::fstat(&file).map_err(cannot)?;
    // Who had it before may have renamed it into place: then it is what must not be touched.
    let named = fs::statat(site.parent(), &site.stage, AtFlags::SYMLINK_NOFOLLOW);
    if !named.is_ok_and(|named| (named.st_dev, named.st_ino) == (stat.st_dev, stat.st_ino)) {
        return Ok(None);
    }
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink != 1 {
        return Err(Failure::because(path(), "cannot be created", "something else stands there")
            .help("remove it: platc did not make it"));
    }
    fs::ftruncate(&file, 0).map_err(cannot)?;
    Ok(Some(file))
}

fn write(site: &Site, fresh: &OwnedFd, bytes: &[u8], standing: Option<&fs::Stat>) -> rustix::io::Result<()> {
    if let Some(stat) = standing {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let old = retry(|| fs::openat(site.parent(), &site.name, flags, Mode::empty()))?;
        attributes::carry(old.as_fd(), (stat.st_uid, stat.st_gid), fresh.as_fd());
        fs::fchmod(fresh, Mode::from_raw_mode(stat.st_mode))?;
    }
    write_all(fresh, bytes)?;
    retry(|| fs::fsync(fresh))
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;

    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "looks at real folders")]
    fn what_cannot_be_written_leaves_no_folder_behind() {
        let root = Utf8PathBuf::from_path_buf(std::env::temp_dir()).unwrap();
        let root = root.join(format!("platc-single-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("schemas")).unwrap();
        // The name beside it would be longer than any file system takes.
        let path = Utf8PathBuf::from(format!("schemas/kubernetes/example.org/{}", "x".repeat(250)));
        let place = Place { root: &root, path: &path, shown: &path };
        assert!(replace(place, "a: 1\n").is_err());
        assert!(root.join("schemas").exists() && !root.join("schemas/kubernetes").exists());
        let path = Utf8PathBuf::from("schemas/kubernetes/example.org/a.yaml");
        assert!(replace(Place { root: &root, path: &path, shown: &path }, "a: 1\n").is_ok());
        assert_eq!(std::fs::read_to_string(root.join(path)).unwrap(), "a: 1\n");
        std::fs::remove_dir_all(root).unwrap();
    }
}
