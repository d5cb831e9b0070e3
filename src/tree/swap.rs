//! The moment at which the stage becomes the tree.

use std::path::Path;

use rustix::fs;
use rustix::io::Errno;

use super::failure::Failure;
use super::journal::{self, Journal};
use super::place::Site;
use super::survey::Plan;
use super::{files_way, remove, returning};
use crate::artifact::File;
use crate::disk::beneath::Root;

/// What a journal says, should one be needed.
#[derive(Clone, Copy)]
pub(super) struct Notes<'a> {
    /// What earlier runs wrote down.
    pub(super) found: &'a Journal,
    pub(super) files: &'a [&'a File],
}

/// Puts the stage in the tree's place. On an error the old tree stands as before, and the stage is still there; the one
/// exception, a disk that fails twice in a row, says so.
pub(super) fn swap(
    site: &Site,
    old: Option<&Root>,
    plan: &Plan,
    notes: Notes<'_>,
    durable: bool,
) -> Result<(), Failure> {
    let Some(old) = old else {
        let moved = fs::renameat(site.parent(), &site.stage, site.parent(), &site.name);
        return moved.map_err(|error| cannot(site, error));
    };
    match exchange(site) {
        Ok(()) => Ok(()),
        Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::PERM | Errno::OPNOTSUPP) => {
            step_by_step(site, old, plan, notes, durable)
        }
        Err(error) => Err(cannot(site, error)),
    }
}

/// Both names change in one step: at every instant there is one whole tree.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(site: &Site) -> rustix::io::Result<()> {
    fs::renameat_with(site.parent(), &site.stage, site.parent(), &site.name, fs::RenameFlags::EXCHANGE)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Site) -> rustix::io::Result<()> {
    Err(Errno::NOSYS)
}

/// The old folder is renamed away and the new one into its place; or, where folders cannot be renamed, file by file.
fn step_by_step(site: &Site, old: &Root, plan: &Plan, notes: Notes<'_>, durable: bool) -> Result<(), Failure> {
    match fs::renameat(site.parent(), &site.name, site.parent(), &site.old) {
        Ok(()) => match fs::renameat(site.parent(), &site.stage, site.parent(), &site.name) {
            Ok(()) => Ok(()),
            Err(error) => Err(take_back(site, error)),
        },
        Err(Errno::XDEV | Errno::INVAL | Errno::OPNOTSUPP) => {
            match files_way::apply(site, old, plan, &notes.found.with(notes.files), durable) {
                Ok(()) => Ok(()),
                Err((failure, files_way::Taken::Back)) => {
                    // One that an earlier run wrote still holds.
                    if notes.found.is_empty() {
                        journal::remove(site)?;
                    }
                    Err(failure)
                }
                Err((failure, files_way::Taken::HalfWay)) => Err(half_way(failure)),
            }
        }
        Err(error) => Err(cannot(site, error)),
    }
}

/// The old tree is away and the new one does not come: the old one returns.
fn take_back(site: &Site, error: Errno) -> Failure {
    let failure = cannot(site, error);
    match fs::renameat(site.parent(), &site.old, site.parent(), &site.name) {
        Ok(()) => failure,
        Err(_) => half_way(failure),
    }
}

/// Whether the old tree has left its place and nothing has come: it could not return.
pub(super) fn is_away(site: &Site) -> bool {
    matches!((site.exists(&site.old), site.exists(&site.name)), (Ok(true), Ok(false)))
}

fn half_way(failure: Failure) -> Failure {
    failure.help("the disk failed half-way; the next run that succeeds in writing completes the tree")
}

/// What was found beside a tree.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Which files of the tree may be half moved. It stays until the tree is whole.
    pub(super) journal: Journal,
    /// What could not be removed: without work to do it is no more than a nuisance.
    pub(super) trouble: Option<Failure>,
}

/// Clears away what a run left that was killed. Called with the lock held, before anything is looked at. Nothing is taken from
/// a stage: who knows who made it. The old tree returns where there is no other, if it is one.
pub(super) fn recover(site: &Site) -> Result<Found, Failure> {
    let journal = journal::read(site)?;
    let mut trouble = None;
    if site.exists(&site.old)? {
        if !site.exists(&site.name)? {
            let old = site.open_folder(&site.old).map_err(|error| {
                Failure::new(site.beside(&site.old), "cannot be opened", error).help("remove it: platc did not make it")
            })?;
            if let Some(path) = returning::foreign(site, &old.into())? {
                return Err(not_the_old_tree(site, &path));
            }
            fs::renameat(site.parent(), &site.old, site.parent(), &site.name).map_err(|error| cannot(site, error))?;
        } else if site.exists(&site.stage)? {
            return Err(made_anew(site));
        } else {
            trouble = remove::remove(site, &site.old).err();
        }
    }
    let trouble = trouble.or(remove::remove(site, &site.stage).err());
    Ok(Found { journal, trouble })
}

fn not_the_old_tree(site: &Site, path: &Path) -> Failure {
    let reason = format!("`{}` in it is no file that platc wrote or carried along", path.display());
    Failure::because(site.beside(&site.old), "cannot be taken for the old tree", reason).help(format!(
        "remove the folder; or rename it to `{}`, if a run was killed and all that it holds is yours",
        site.shown
    ))
}

fn made_anew(site: &Site) -> Failure {
    let reason = "an earlier run was killed while it replaced this folder, and somebody has made it anew since";
    Failure::because(&site.shown, "cannot be completed", reason).help(format!(
        "`{}` has the new tree and `{}` the old one; keep what you need, then remove both",
        site.beside(&site.stage),
        site.beside(&site.old),
    ))
}

fn cannot(site: &Site, error: Errno) -> Failure {
    match error {
        Errno::BUSY => site.is_mount(),
        error => Failure::new(&site.shown, "cannot be replaced", error),
    }
}
