//! Publishing: all files of a tree reach the disk, or none does.
//!
//! 1. What is wrong with the paths is found before the disk is looked at.
//! 2. A tree that stands as it should is compared and left alone: no lock, nothing written.
//! 3. A lock beside the tree lets one writer in; it clears away what a killed one left, and uses nothing of it.
//! 4. The new tree is made beside the old one: unchanged files and those of others as links, the rest written.
//! 5. Both are exchanged in one step. Until then every failure leaves the old tree as it was.
//! 6. The old tree is removed. If that fails the result stands all the same.

use super::failure::{Failure, PublishError};
use super::journal::Journal;
use super::place::{Place, Site, Standing};
use super::survey::{self, Plan, Wanted};
use super::swap::Notes;
use super::{Changes, compare, journal, lock, manifest, path, remove, stage, swap};
use crate::artifact::File;
use crate::limits::Limits;
use crate::source::Sources;

/// How a tree is published.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// A digest of all inputs, noted in the manifest: hexadecimal digits.
    pub inputs: Option<&'a str>,
    /// Wait until the new tree is safe from a power cut before it replaces the old one.
    pub durable: bool,
    /// Replace files that platc wrote and somebody edited since, rather than refuse.
    pub overwrite_edits: bool,
    /// Called once if another process publishes to the same place, with its id if it says so.
    pub waiting: &'a (dyn Fn(Option<u32>) + Sync),
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { inputs: None, durable: false, overwrite_edits: false, waiting: &|_| {} }
    }
}

/// A tree that stands as it should.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    pub changes: Changes,
    /// Trouble after the new tree was in place: something of the old one could not be removed.
    pub warnings: Vec<Failure>,
}

/// Makes `place` hold just these files, besides what others put there. Files may come in any order.
pub fn publish(
    place: Place<'_>,
    files: &[File],
    options: &Options<'_>,
    limits: &Limits,
    sources: &Sources,
) -> Result<Published, PublishError> {
    let files = sorted(files, limits)?;
    let manifest = manifest::write(&files, options.inputs);
    let site = match Site::find(place)? {
        Some(site) if stands(&site, &files, &manifest)? => {
            let changes = Changes { unchanged: files.len(), ..Changes::default() };
            return Ok(Published { changes, warnings: Vec::new() });
        }
        Some(site) => site,
        None => Site::make(place)?,
    };
    let lock = lock::Lock::acquire(&site, options.waiting)?;
    let found = swap::recover(&site)?;
    let wanted = Wanted {
        files: &files,
        manifest: &manifest,
        journal: &found.journal,
        overwrite_edits: options.overwrite_edits,
        shown_bytes: limits.file_bytes,
    };
    let standing = site.standing()?;
    let (old, plan) = look(&site, &standing, &wanted, sources)?;
    let mut warnings = Vec::new();
    if plan.changes.is_empty() {
        warnings.extend(found.trouble);
        journal::remove(&site)?;
    } else if let Some(failure) = found.trouble {
        return Err(failure.into()); // In the way of what this run would make.
    } else {
        let notes = Notes { found: &found.journal, files: &files };
        let replaced = stage::build(&site, old, &files, &manifest, &plan, options.durable)
            .and_then(|()| swap::swap(&site, old, &plan, notes, options.durable));
        if let Err(failure) = replaced {
            // While the old tree is away, the stage tells the next run which files in it are those of others.
            if !swap::is_away(&site) {
                let _ = remove::remove(&site, &site.stage);
            }
            return Err(failure.into());
        }
        warnings.extend(journal::remove(&site).err());
        if options.durable {
            warnings.extend(sync_parent(&site).err());
        }
        for left in [&site.stage, &site.old] {
            warnings.extend(remove::remove(&site, left).err());
        }
    }
    drop(lock);
    Ok(Published { changes: plan.changes, warnings })
}

/// What publishing would do. Nothing is written; edits count as changes.
pub fn check(
    place: Place<'_>,
    files: &[File],
    options: &Options<'_>,
    limits: &Limits,
    sources: &Sources,
) -> Result<Changes, PublishError> {
    let files = sorted(files, limits)?;
    let manifest = manifest::write(&files, options.inputs);
    let wanted = Wanted {
        files: &files,
        manifest: &manifest,
        journal: &Journal::default(),
        overwrite_edits: true,
        shown_bytes: limits.file_bytes,
    };
    let Some(site) = Site::find(place)? else { return Ok(survey::nothing(&wanted).changes) };
    let standing = site.standing()?;
    Ok(look(&site, &standing, &wanted, sources)?.1.changes)
}

/// Sorted by path, once nothing is wrong with them.
fn sorted<'a>(files: &'a [File], limits: &Limits) -> Result<Vec<&'a File>, PublishError> {
    let mut files: Vec<&File> = files.iter().collect();
    files.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
    let findings = path::check(&files, limits);
    if findings.is_empty() { Ok(files) } else { Err(PublishError::Refused(findings)) }
}

/// Whether the tree stands as it should and no run is at work on it or was killed at it.
fn stands(site: &Site, files: &[&File], manifest: &[u8]) -> Result<bool, Failure> {
    match site.standing()? {
        // All is read below one open folder: should a run exchange the tree meanwhile, it is still one tree that we see.
        Standing::Tree(tree) => Ok(!site.exists(&site.lock)? && compare::is_unchanged(&tree, files, manifest)),
        Standing::Nothing => Ok(false),
    }
}

fn look<'a>(
    site: &Site,
    standing: &'a Standing,
    wanted: &Wanted<'_>,
    sources: &Sources,
) -> Result<(Option<&'a crate::disk::beneath::Root>, Plan), PublishError> {
    match standing {
        Standing::Tree(tree) => Ok((Some(tree), survey::survey(site, tree, wanted, sources)?)),
        Standing::Nothing => Ok((None, survey::nothing(wanted))),
    }
}

fn sync_parent(site: &Site) -> Result<(), Failure> {
    let parent = &site.shown.parent().unwrap_or(&site.shown);
    rustix::fs::fsync(site.parent()).map_err(|error| Failure::new(*parent, "cannot be synced", error))
}
