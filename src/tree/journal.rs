//! A note beside the tree that says: the stage is complete and must become the tree, and in which way. It is written where
//! the two folders cannot be exchanged in one step, before the first of several, and removed after the last. The next
//! run that finds it goes on.

use rustix::fs::{self, AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::failure::Failure;
use super::manifest::{parse_hex, push_hex};
use super::place::Site;
use crate::disk::beneath::retry;

const FOLDERS: &str = "platc journal 1 folders\n";
const FILES: &str = "platc journal 1 files ";

/// How the stage becomes the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The old folder is renamed away, the new one into its place.
    Folders,
    /// File by file, as not even folders can be renamed: overlay file systems refuse it for folders of a lower layer.
    Files {
        /// SHA-256 of the new tree's manifest, which moves last.
        manifest: [u8; 32],
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Journal {
    Absent,
    /// Its writer was killed while writing it, and had moved nothing yet.
    Torn,
    Found(Way),
}

impl Way {
    fn text(self) -> String {
        match self {
            Self::Folders => FOLDERS.to_owned(),
            Self::Files { manifest } => {
                let mut text = FILES.to_owned();
                push_hex(&mut text, &manifest);
                text.push('\n');
                text
            }
        }
    }
}

pub(super) fn write(site: &Site, way: Way, durable: bool) -> Result<(), Failure> {
    let cannot = |error| Failure::new(site.beside(&site.journal), "cannot be written", error);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = retry(|| fs::openat(site.parent(), &site.journal, flags, Mode::from_raw_mode(0o666))).map_err(cannot)?;
    let text = way.text();
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let written = retry(|| rustix::io::write(&file, rest)).map_err(cannot)?;
        rest = &rest[written..];
    }
    if durable {
        retry(|| fs::fsync(&file)).map_err(cannot)?;
        retry(|| fs::fsync(site.parent())).map_err(cannot)?;
    }
    Ok(())
}

pub(super) fn read(site: &Site) -> Result<Journal, Failure> {
    let cannot = |error| Failure::new(site.beside(&site.journal), "cannot be read", error);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match retry(|| fs::openat(site.parent(), &site.journal, flags, Mode::empty())) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(Journal::Absent),
        Err(error) => return Err(cannot(error)),
    };
    let mut text = Vec::with_capacity(256);
    while text.len() < text.capacity() {
        if retry(|| rustix::io::read(&file, rustix::buffer::spare_capacity(&mut text))).map_err(cannot)? == 0 {
            break;
        }
    }
    parse(&text).ok_or_else(|| {
        Failure::because(site.beside(&site.journal), "cannot be followed", "this version of platc did not write it")
            .help(format!("look at `{}`, then remove both", site.beside(&site.stage)))
    })
}

fn parse(text: &[u8]) -> Option<Journal> {
    if text == FOLDERS.as_bytes() {
        return Some(Journal::Found(Way::Folders));
    }
    let whole = FILES.len() + 64 + 1;
    if text.len() == whole {
        let text = std::str::from_utf8(text).ok()?;
        let manifest = parse_hex(text.strip_prefix(FILES)?.strip_suffix('\n')?)?;
        return Some(Journal::Found(Way::Files { manifest }));
    }
    let torn = FOLDERS.as_bytes().starts_with(text)
        || FILES.as_bytes().starts_with(text)
        || (text.starts_with(FILES.as_bytes()) && text.len() < whole);
    torn.then_some(Journal::Torn)
}

/// Removes the journal: what it promised is done, or taken back.
pub(super) fn remove(site: &Site) -> Result<(), Failure> {
    match fs::unlinkat(site.parent(), &site.journal, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(Failure::new(site.beside(&site.journal), "cannot be removed", error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_of_a_journal_is_torn() {
        for way in [Way::Folders, Way::Files { manifest: [0xa5; 32] }] {
            let text = way.text();
            for length in 0..text.len() {
                assert_eq!(parse(&text.as_bytes()[..length]), Some(Journal::Torn), "{length}");
            }
            assert_eq!(parse(text.as_bytes()), Some(Journal::Found(way)));
        }
        for other in
            ["platc journal 2 folders\n", "x", "platc journal 1 folders\n\n", &format!("{FILES}{}\n", "x".repeat(64))]
        {
            assert_eq!(parse(other.as_bytes()), None, "{other}");
        }
    }
}
