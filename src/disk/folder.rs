//! Folders that need not be there, and links in them: what is there and cannot be looked into must not count as nothing.

use camino::Utf8Path;

use super::text::unreadable;
use super::{Disk, Entry, ReadError};
use crate::finding::{Finding, codes};
use crate::source::{Sources, Span};

/// A folder's entries; none if there is no such folder. A link that leads nowhere is an error.
pub fn list_if_there(disk: &dyn Disk, folder: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
    match disk.list(folder) {
        Err(ReadError::Missing) if !is_named(disk, folder) => Ok(Vec::new()),
        entries => entries,
    }
}

/// Whether a path that leads nowhere has an entry all the same, or one of the folders in it has.
fn is_named(disk: &dyn Disk, path: &Utf8Path) -> bool {
    let known = path.ancestors().find_map(|path| Some((path, disk.list(path.parent()?).ok()?)));
    known.is_some_and(|(path, entries)| entries.iter().any(|entry| Some(entry.name.as_str()) == path.file_name()))
}

/// What to say of a folder that cannot be listed.
pub fn unlisted(folder: &Utf8Path, error: &ReadError, sources: &Sources) -> Finding {
    unreadable(folder, error, Span::file_start(sources.add(folder, "")))
}

/// What to say of a link where folders are walked: they are not walked through links, which can lead in circles, so that
/// the files in a folder behind one would be left out. Nothing of a link to a file, or to what looks like one.
pub fn linked(disk: &dyn Disk, link: &Utf8Path, sources: &Sources) -> Option<Finding> {
    let name = link.file_name().unwrap_or_default();
    match disk.list(link) {
        Ok(_) => {
            let span = Span::file_start(sources.add(link, ""));
            let message = format!("`{link}` is a link to a folder, and what lies in it would be left out");
            let finding = Finding::new(&codes::project::UNREADABLE, span, message);
            Some(finding.help("put the folder itself in the place of the link, or link to each of its files"))
        }
        Err(ReadError::WrongKind(_)) => None,
        Err(error) => (!name.contains('.')).then(|| unlisted(link, &error, sources)),
    }
}
