//! A note beside the tree that says which files of it may be half moved. It is written where a tree can only be changed
//! file by file, before the first of them moves, and removed after the last. The next run that finds it takes nothing from
//! what lies around: it makes its own tree, and knows by the note that these files, with these bytes, are platc's.
//!
//! ```text
//! platc journal 2
//! cilium/values.yaml<TAB>e3b0c442…<TAB>1204
//! ```

use std::collections::BTreeSet;
use std::path::Path;

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::below::{Below, write_all};
use super::failure::Failure;
use super::manifest::{self, Entry, parse_hex, push_hex};
use super::place::Site;
use crate::artifact::File;
use crate::artifact::path::fault;
use crate::disk::beneath::{Root, retry};

const FIRST: &str = "platc journal 2\n";

/// Where it is made, so that it appears beside the tree as a whole: a name that no artifact can have.
const FRESH: &str = ".platc-journal";

/// Files that a run, or several, may have moved into the tree: paths, digests and sizes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Journal {
    files: BTreeSet<(String, [u8; 32], u64)>,
}

impl Journal {
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What earlier runs noted, and the files of this one.
    pub(super) fn with(&self, new: &[&File]) -> Self {
        let mut files = self.files.clone();
        files.extend(new.iter().map(|file| (file.path.to_string(), *file.bytes.digest(), file.bytes.len() as u64)));
        Self { files }
    }

    /// Each file as an entry of a manifest. A path may come several times.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, Entry)> {
        let template = || "a template of a run that was killed".to_owned();
        let files = self.files.iter();
        files.map(move |(path, sha256, size)| (&**path, Entry { sha256: *sha256, size: *size, template: template() }))
    }

    fn text(&self) -> String {
        let mut text = FIRST.to_owned();
        for (path, digest, size) in &self.files {
            text.push_str(path);
            text.push('\t');
            push_hex(&mut text, digest);
            text.push_str(&format!("\t{size}\n"));
        }
        text
    }
}

/// Puts a journal beside the tree, in one step, by way of the stage.
pub(super) fn write(site: &Site, stage: &Root, journal: &Journal, durable: bool) -> Result<(), Failure> {
    let cannot = |error| Failure::new(site.beside(&site.journal), "cannot be written", error);
    let file = Below::new(stage).create(Path::new(FRESH)).map_err(cannot)?;
    write_all(&file, journal.text().as_bytes()).map_err(cannot)?;
    if durable {
        retry(|| fs::fsync(&file)).map_err(cannot)?;
    }
    fs::renameat(stage.folder(), FRESH, site.parent(), &site.journal).map_err(cannot)?;
    if durable { retry(|| fs::fsync(site.parent())).map_err(cannot) } else { Ok(()) }
}

/// The journal that lies beside the tree; an empty one where there is none.
pub(super) fn read(site: &Site) -> Result<Journal, Failure> {
    let cannot = |error| Failure::new(site.beside(&site.journal), "cannot be read", error);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match retry(|| fs::openat(site.parent(), &site.journal, flags, Mode::empty())) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(Journal::default()),
        Err(error) => return Err(cannot(error)),
    };
    let not_ours = || {
        Failure::because(site.beside(&site.journal), "cannot be followed", "this version of platc did not write it")
            .help(format!("see that `{}` is as it should be, then remove the journal", site.shown))
    };
    let stat = fs::fstat(&file).map_err(cannot)?;
    let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || size > manifest::LIMIT {
        return Err(not_ours());
    }
    let mut text = Vec::with_capacity(size as usize + 1);
    while text.len() as u64 <= size {
        if retry(|| rustix::io::read(&file, rustix::buffer::spare_capacity(&mut text))).map_err(cannot)? == 0 {
            break;
        }
    }
    parse(&text).ok_or_else(not_ours)
}

fn parse(text: &[u8]) -> Option<Journal> {
    if text.is_empty() {
        return Some(Journal::default()); // What a power cut leaves of a file that had no time to be written.
    }
    let lines = std::str::from_utf8(text).ok()?.strip_prefix(FIRST)?;
    let mut journal = Journal::default();
    for line in lines.split_inclusive('\n') {
        let mut fields = line.strip_suffix('\n')?.split('\t');
        let (file, digest, size) = (fields.next()?, parse_hex(fields.next()?)?, fields.next()?);
        let size = size.parse().ok().filter(|parsed: &u64| parsed.to_string() == size)?;
        if fields.next().is_some() || fault(file).is_some() {
            return None;
        }
        journal.files.insert((file.to_owned(), digest, size));
    }
    Some(journal)
}

/// Removes the journal: the tree is whole.
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
    fn what_is_written_is_read_back_and_nothing_else_is() {
        let mut journal = Journal::default();
        for (path, digest) in [("a.yaml", 1), ("a.yaml", 2), ("b/c.yaml", 1)] {
            journal.files.insert((path.to_owned(), [digest; 32], 7));
        }
        let text = journal.text();
        assert_eq!(parse(text.as_bytes()), Some(journal));
        assert_eq!(parse(b""), Some(Journal::default()));
        for (from, to) in [
            ("journal 2", "journal 1"),
            ("a.yaml", "../a.yaml"),
            ("a.yaml", "/etc/passwd"),
            ("a.yaml", ".git/config"),
            ("\t7\n", "\t07\n"),
            ("\t7\n", "\t7\tx\n"),
            ("\t7\n", "\t7"),
            ("0101", "01"),
        ] {
            assert_eq!(parse(text.replacen(from, to, 1).as_bytes()), None, "{from} -> {to}");
        }
        assert_eq!(parse(b"rm -rf /\n"), None);
    }
}
