//! Publishing file by file, under a journal, where folders can be neither exchanged nor renamed. Each step is either a
//! rename that can be taken back, or does no harm when done again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, Mode};
use rustix::io::Errno;

use super::compare::{digest_of, read};
use super::failure::Failure;
use super::manifest::{self, Manifest};
use super::place::Site;
use crate::disk::beneath::Root;

/// What became of a tree that could not be changed to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is as it was.
    Back,
    /// Some files are new and some old.
    HalfWay,
}

/// A step done, to be taken back.
#[derive(Debug)]
enum Step {
    /// Two files changed places.
    Exchanged(PathBuf),
    /// A file came where none was.
    Arrived(PathBuf),
    /// A stale file went to this place in the stage.
    Left(PathBuf, PathBuf),
    Made(PathBuf),
    Unmade(PathBuf),
    /// A file came over another, which is gone.
    Replaced,
}

/// Makes the tree what the stage's manifest says, which must have this digest. May be called again after any step.
pub(super) fn apply(site: &Site, digest: [u8; 32]) -> Result<(), (Failure, Taken)> {
    let mut steps = Vec::new();
    let result = forward(site, digest, &mut steps);
    result.map_err(|(path, error)| {
        let path = camino::Utf8PathBuf::from(path.to_string_lossy().into_owned());
        let failure = Failure::new(site.shown.join(path), "cannot be replaced", error);
        (failure, back(site, &steps))
    })
}

/// The digest of the manifest of a complete stage.
pub(super) fn staged_digest(site: &Site) -> Result<[u8; 32], Failure> {
    let manifest = site.open_folder(&site.stage).map(Root::from);
    let manifest = manifest.and_then(|stage| read(&stage, Path::new(manifest::PATH), manifest::LIMIT));
    match manifest {
        Ok(Some(bytes)) => Ok(manifest::digest(&bytes)),
        Ok(None) => Err(Failure::because(site.beside(&site.stage), "cannot be published", "it has no manifest")),
        Err(error) => Err(Failure::new(site.beside(&site.stage), "cannot be published", error)),
    }
}

type Trouble = (PathBuf, Errno);

fn forward(site: &Site, digest: [u8; 32], steps: &mut Vec<Step>) -> Result<(), Trouble> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    let root = Path::new("");
    let tree = Root::from(site.open_folder(&site.name).map_err(at(root))?);
    let stage = Root::from(site.open_folder(&site.stage).map_err(at(root))?);
    let list = Path::new(manifest::PATH);
    let standing = read(&tree, list, manifest::LIMIT).map_err(at(list))?.unwrap_or_default();
    if manifest::digest(&standing) == digest {
        return Ok(()); // The manifest comes last: all else is done.
    }
    let staged = read(&stage, list, manifest::LIMIT).map_err(at(list))?.unwrap_or_default();
    let new = match manifest::parse(&staged) {
        Ok(new) if manifest::digest(&staged) == digest => new,
        _ => return Err((list.to_owned(), Errno::STALE)),
    };
    let old = manifest::parse(&standing).unwrap_or_default();
    leave(&tree, &stage, &old, &new, steps)?;
    let mut made = BTreeSet::new();
    for (path, entry) in &new.files {
        let path = Path::new(path);
        if digest_of(&tree, path, entry.size).map_err(at(path))? == Some(entry.sha256) {
            continue;
        }
        arrive(&tree, &stage, path, &mut made, steps)?;
    }
    arrive(&tree, &stage, list, &mut made, steps)
}

/// Moves out what the new tree does not have, and folders that are empty then.
fn leave(tree: &Root, stage: &Root, old: &Manifest, new: &Manifest, steps: &mut Vec<Step>) -> Result<(), Trouble> {
    let mut emptied = BTreeSet::new();
    let stale = old.files.iter().filter(|(path, _)| !new.files.contains_key(*path));
    for (number, (path, entry)) in stale.enumerate() {
        let path = Path::new(path);
        match digest_of(tree, path, entry.size) {
            Ok(Some(digest)) if digest == entry.sha256 => {}
            Ok(_) => continue, // Gone already, or not what platc wrote.
            Err(error) => return Err((path.to_owned(), error)),
        }
        let aside = Path::new(manifest::FOLDER).join(format!("stale-{number}"));
        fs::renameat(tree.folder(), path, stage.folder(), &aside).map_err(|error| (path.to_owned(), error))?;
        steps.push(Step::Left(path.to_owned(), aside));
        emptied.extend(path.ancestors().skip(1).filter(|folder| *folder != Path::new("")).map(Path::to_owned));
    }
    for folder in emptied.into_iter().rev() {
        // Not empty: there are other files in it, of platc or of somebody else.
        if fs::unlinkat(tree.folder(), &folder, AtFlags::REMOVEDIR).is_ok() {
            steps.push(Step::Unmade(folder));
        }
    }
    Ok(())
}

/// Brings one file from the stage to the tree.
fn arrive(
    tree: &Root,
    stage: &Root,
    path: &Path,
    made: &mut BTreeSet<PathBuf>,
    steps: &mut Vec<Step>,
) -> Result<(), Trouble> {
    let folders: Vec<_> = path.ancestors().skip(1).filter(|folder| *folder != Path::new("")).collect();
    for folder in folders.into_iter().rev() {
        if made.insert(folder.to_owned()) {
            match fs::mkdirat(tree.folder(), folder, Mode::from_raw_mode(0o777)) {
                Ok(()) => steps.push(Step::Made(folder.to_owned())),
                Err(Errno::EXIST) => {}
                Err(error) => return Err((folder.to_owned(), error)),
            }
        }
    }
    let step = match exchange(tree, stage, path) {
        Ok(()) => Step::Exchanged(path.to_owned()),
        Err(Errno::NOENT) => {
            fs::renameat(stage.folder(), path, tree.folder(), path).map_err(|error| (path.to_owned(), error))?;
            Step::Arrived(path.to_owned())
        }
        Err(Errno::INVAL | Errno::NOSYS | Errno::XDEV | Errno::PERM | Errno::OPNOTSUPP) => {
            fs::renameat(stage.folder(), path, tree.folder(), path).map_err(|error| (path.to_owned(), error))?;
            Step::Replaced
        }
        Err(error) => return Err((path.to_owned(), error)),
    };
    steps.push(step);
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(tree: &Root, stage: &Root, path: &Path) -> rustix::io::Result<()> {
    fs::renameat_with(stage.folder(), path, tree.folder(), path, fs::RenameFlags::EXCHANGE)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Root, _: &Root, _: &Path) -> rustix::io::Result<()> {
    Err(Errno::NOSYS)
}

/// Takes steps back, the last first.
fn back(site: &Site, steps: &[Step]) -> Taken {
    let folders = site.open_folder(&site.name).and_then(|tree| Ok((tree, site.open_folder(&site.stage)?)));
    let Ok((tree, stage)) = folders else {
        return if steps.is_empty() { Taken::Back } else { Taken::HalfWay };
    };
    let (tree, stage) = (Root::from(tree), Root::from(stage));
    for step in steps.iter().rev() {
        let done = match step {
            Step::Exchanged(path) => exchange(&tree, &stage, path),
            Step::Arrived(path) => fs::renameat(tree.folder(), path, stage.folder(), path),
            Step::Left(path, aside) => fs::renameat(stage.folder(), aside, tree.folder(), path),
            Step::Made(folder) => fs::unlinkat(tree.folder(), folder, AtFlags::REMOVEDIR),
            Step::Unmade(folder) => fs::mkdirat(tree.folder(), folder, Mode::from_raw_mode(0o777)),
            Step::Replaced => return Taken::HalfWay,
        };
        if done.is_err() {
            return Taken::HalfWay;
        }
    }
    Taken::Back
}
