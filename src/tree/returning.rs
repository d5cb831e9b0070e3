//! Whether a folder that lies beside a missing tree is the old tree of a run that was killed between its two renames. A
//! pull request can bring such a folder, and what it holds would be carried along as somebody's own.

use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, FileType};

use super::compare::{digest_of, read};
use super::failure::Failure;
use super::manifest::{self, Manifest};
use super::place::Site;
use super::survey::walk;
use crate::disk::beneath::{Links, Root};

/// The first path that is neither as the folder's own list says, and so would be replaced or removed, nor one file with
/// what stands in the stage at the same path: files of others are linked into it, and no checkout makes such links.
pub(super) fn foreign(site: &Site, old: &Root) -> Result<Option<PathBuf>, Failure> {
    let cannot = |error| Failure::new(site.beside(&site.old), "cannot be read", error);
    let list = read_list(old).map_err(cannot)?;
    let stage = site.open_folder(&site.stage).ok().map(Root::from);
    for (path, standing) in walk(site, old)? {
        // An empty folder brings nothing.
        if standing.kind == FileType::Directory {
            continue;
        }
        let is_linked = stage.as_ref().is_some_and(|stage| is_same(old, stage, &path));
        if !is_linked && !is_written(old, list.as_ref(), &path).map_err(cannot)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn read_list(old: &Root) -> rustix::io::Result<Option<Manifest>> {
    Ok(read(old, Path::new(manifest::PATH), manifest::LIMIT)?.and_then(|bytes| manifest::parse(&bytes).ok()))
}

/// Whether a path is a file of the list, or the list.
fn is_written(old: &Root, list: Option<&Manifest>, path: &Path) -> rustix::io::Result<bool> {
    let (Some(list), Some(name)) = (list, path.to_str()) else { return Ok(false) };
    if name == manifest::PATH {
        return Ok(true);
    }
    let Some(entry) = list.files.get(name) else { return Ok(false) };
    Ok(digest_of(old, path, entry.size)? == Some(entry.sha256))
}

/// Whether a path is one and the same file in both folders, by two names: no link on the way is followed.
fn is_same(old: &Root, stage: &Root, path: &Path) -> bool {
    let file = |root: &Root| -> rustix::io::Result<_> {
        let folder = root.at(path.parent().unwrap_or(Path::new("")), Links::Refuse)?;
        let stat = fs::statat(folder, path.file_name().unwrap_or_default(), AtFlags::SYMLINK_NOFOLLOW)?;
        Ok((stat.st_dev, stat.st_ino))
    };
    matches!((file(old), file(stage)), (Ok(old), Ok(stage)) if old == stage)
}
