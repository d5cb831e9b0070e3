//! The moment at which the stage becomes the tree.

use rustix::fs;
use rustix::io::Errno;

use super::failure::Failure;
use super::journal::{self, Journal, Way};
use super::place::Site;
use super::{files_way, remove};

/// Puts the stage in the tree's place. On an error the old tree stands as before, and the stage is still there; the one
/// exception, a disk that fails twice in a row, leaves the journal and says so. Trouble after it is a warning.
pub(super) fn swap(site: &Site, old: bool, manifest: [u8; 32], durable: bool) -> Result<Option<Failure>, Failure> {
    if !old {
        let moved = fs::renameat(site.parent(), &site.stage, site.parent(), &site.name);
        return moved.map(|()| None).map_err(|error| cannot(site, error));
    }
    match exchange(site) {
        Ok(()) => Ok(None),
        Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::PERM | Errno::OPNOTSUPP) => {
            step_by_step(site, manifest, durable)
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

fn step_by_step(site: &Site, manifest: [u8; 32], durable: bool) -> Result<Option<Failure>, Failure> {
    journal::write(site, Way::Folders, durable).inspect_err(|_| drop(journal::remove(site)))?;
    match fs::renameat(site.parent(), &site.name, site.parent(), &site.old) {
        Ok(()) => {
            if let Err(error) = fs::renameat(site.parent(), &site.stage, site.parent(), &site.name) {
                return Err(take_back(site, error));
            }
            Ok(journal::remove(site).err())
        }
        Err(Errno::XDEV | Errno::INVAL | Errno::OPNOTSUPP) => {
            journal::remove(site)?;
            let way = Way::Files { manifest };
            journal::write(site, way, durable).inspect_err(|_| drop(journal::remove(site)))?;
            match files_way::apply(site, manifest) {
                Ok(()) => Ok(journal::remove(site).err()),
                Err((failure, files_way::Taken::Back)) => {
                    journal::remove(site)?;
                    Err(failure)
                }
                Err((failure, files_way::Taken::HalfWay)) => Err(half_way(failure)),
            }
        }
        Err(error) => {
            journal::remove(site)?;
            Err(cannot(site, error))
        }
    }
}

/// The old tree is away and the new one does not come: the old one returns.
fn take_back(site: &Site, error: Errno) -> Failure {
    let failure = cannot(site, error);
    match fs::renameat(site.parent(), &site.old, site.parent(), &site.name) {
        Ok(()) => {
            let _ = journal::remove(site);
            failure
        }
        Err(_) => half_way(failure),
    }
}

fn half_way(failure: Failure) -> Failure {
    failure.help("the disk failed half-way; the next run that succeeds in writing completes the tree")
}

/// Finishes or clears away what a run left that was killed. Called with the lock held, before anything is looked at. What
/// cannot be removed is told: without work to do it is no more than a nuisance.
pub(super) fn recover(site: &Site) -> Result<Option<Failure>, Failure> {
    match journal::read(site)? {
        Journal::Found(Way::Folders) => folders_forward(site)?,
        Journal::Found(Way::Files { manifest }) => files_forward(site, manifest)?,
        Journal::Torn => journal::remove(site)?,
        Journal::Absent => {}
    }
    if site.exists(&site.old)? {
        if !site.exists(&site.name)? {
            // Not by our own doing, but a disk that lost power may show it: the only tree there is comes back.
            fs::renameat(site.parent(), &site.old, site.parent(), &site.name).map_err(|error| cannot(site, error))?;
        } else if let Err(failure) = remove::remove(site, &site.old) {
            return Ok(Some(failure));
        }
    }
    Ok(remove::remove(site, &site.stage).err())
}

fn folders_forward(site: &Site) -> Result<(), Failure> {
    if site.exists(&site.stage)? {
        if site.exists(&site.name)? {
            if site.exists(&site.old)? {
                return Err(Failure::because(
                    &site.shown,
                    "cannot be completed",
                    "an earlier run was killed while it replaced this folder, and somebody has made it anew since",
                )
                .help(format!(
                    "`{}` has the new tree and `{}` the old one; keep one, then remove both and `{}`",
                    site.beside(&site.stage),
                    site.beside(&site.old),
                    site.beside(&site.journal)
                )));
            }
            match fs::renameat(site.parent(), &site.name, site.parent(), &site.old) {
                // Its writer saw the same and was killed before it could note down the other way.
                Err(Errno::XDEV | Errno::INVAL | Errno::OPNOTSUPP) => {
                    let manifest = files_way::staged_digest(site)?;
                    journal::remove(site)?;
                    journal::write(site, Way::Files { manifest }, false)?;
                    return files_forward(site, manifest);
                }
                moved => moved.map_err(|error| cannot(site, error))?,
            }
        }
        fs::renameat(site.parent(), &site.stage, site.parent(), &site.name).map_err(|error| cannot(site, error))?;
    }
    journal::remove(site)
}

fn files_forward(site: &Site, manifest: [u8; 32]) -> Result<(), Failure> {
    if site.exists(&site.stage)? {
        files_way::apply(site, manifest).map_err(|(failure, _)| half_way(failure))?;
    }
    journal::remove(site)
}

fn cannot(site: &Site, error: Errno) -> Failure {
    match error {
        Errno::BUSY => site.is_mount(),
        error => Failure::new(&site.shown, "cannot be replaced", error),
    }
}
