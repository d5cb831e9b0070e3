//! Files as git lists them.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use camino::Utf8PathBuf;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) id: String,
    pub(super) kind: BlobKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlobKind {
    File,
    Link,
    Submodule,
    Unmerged,
}

/// The files below the project, by their paths in it.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: BTreeMap<Utf8PathBuf, Blob>,
    /// Folders with a name in them that is not UTF-8, and that name with replacement characters.
    pub(super) bad_names: Vec<(Utf8PathBuf, String)>,
}

impl Listing {
    /// Reads records `<fields> TAB <path> NUL`.
    pub(super) fn parse(text: &[u8], project: &Path, blob: impl Fn(&str) -> Option<Blob>) -> Self {
        let mut listing = Self::default();
        for record in text.split(|&byte| byte == 0) {
            let Some(tab) = record.iter().position(|&byte| byte == b'\t') else { continue };
            let Some(path) = below(&record[tab + 1..], project) else { continue };
            let Some(blob) = std::str::from_utf8(&record[..tab]).ok().and_then(&blob) else { continue };
            match std::str::from_utf8(path) {
                Ok(path) => {
                    listing.files.insert(Utf8PathBuf::from(path), blob);
                }
                Err(_) => listing.bad_names.push(bad_name(path)),
            }
        }
        listing
    }
}

/// A path of the repository as one of the project, if it is there.
pub(super) fn below<'a>(path: &'a [u8], project: &Path) -> Option<&'a [u8]> {
    let folder = project.as_os_str().as_bytes();
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix(b"/") }
}

/// git's modes: <https://git-scm.com/docs/git-fast-import#_filemodify>.
pub(super) fn kind(mode: &str) -> BlobKind {
    match mode {
        "120000" => BlobKind::Link,
        "160000" => BlobKind::Submodule,
        _ => BlobKind::File,
    }
}

/// The folder in which the first bad component stands, and that component.
fn bad_name(path: &[u8]) -> (Utf8PathBuf, String) {
    let mut folder = Utf8PathBuf::new();
    for component in path.split(|&byte| byte == b'/') {
        match std::str::from_utf8(component) {
            Ok(name) => folder.push(name),
            Err(_) => return (folder, String::from_utf8_lossy(component).into_owned()),
        }
    }
    (folder, String::new())
}
