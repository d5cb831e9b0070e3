//! One writer at a time: a file beside the tree, locked while the tree is changed.
//!
//! The file is the first thing that publishing makes and the last it removes, and it stays where anything else could not
//! be removed. So where there is none nothing was left behind, and an unchanged tree needs no more than that look.

use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use rustix::fs::{self, AtFlags, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::failure::Failure;
use super::interrupt::{self, AtWork};
use super::place::Site;
use crate::disk::beneath::retry;

/// How often a lock that somebody else holds is tried.
const PAUSE: Duration = Duration::from_millis(20);

/// Held until dropped. The kernel lets go of it when the process ends, however that happens.
#[derive(Debug)]
pub(super) struct Lock<'a> {
    site: &'a Site,
    /// Closed after the file is removed: whoever waits then sees that its file is gone and makes a new one.
    file: OwnedFd,
    /// Let go last: a run that is told to stop ends when nothing of it is left.
    _at_work: AtWork,
}

impl<'a> Lock<'a> {
    /// Waits until the lock is free; `waiting` is told the holder's process id, if the file says it.
    pub(super) fn acquire(site: &'a Site, waiting: &dyn Fn(Option<u32>)) -> Result<Self, Failure> {
        let path = || site.beside(&site.lock);
        let not_ours =
            |reason| Failure::because(path(), "cannot be locked", reason).help("remove it: platc did not make it");
        let cannot = |error| match error {
            Errno::LOOP => not_ours("it is not a regular file"),
            _ => Failure::new(path(), "cannot be locked", error),
        };
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut told = false;
        loop {
            let at_work = interrupt::begin().ok_or_else(|| interrupt::stopped(site))?;
            let file =
                retry(|| fs::openat(site.parent(), &site.lock, flags, Mode::from_raw_mode(0o666))).map_err(cannot)?;
            match retry(|| fs::flock(&file, FlockOperation::NonBlockingLockExclusive)) {
                Err(Errno::AGAIN) => {
                    if !told {
                        waiting(holder(&file));
                        told = true;
                    }
                    drop(at_work); // Who only waits has nothing to clear away.
                    thread::sleep(PAUSE);
                    continue;
                }
                result => result.map_err(cannot)?,
            }
            let stat = fs::fstat(&file).map_err(cannot)?;
            if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
                return Err(cannot(Errno::LOOP));
            }
            match stat.st_nlink {
                0 => continue, // Its holder removed it while we waited: another may have a new one by now.
                1 => {}
                _ => return Err(not_ours("it has a second name elsewhere, which would be written over")),
            }
            let lock = Self { site, file, _at_work: at_work };
            lock.sign(stat.st_size != 0);
            return Ok(lock);
        }
    }

    /// Writes down who holds it. Only messages need it, so that a full disk is no error here.
    fn sign(&self, old_text: bool) {
        if old_text {
            let _ = fs::ftruncate(&self.file, 0);
        }
        let _ = rustix::io::write(&self.file, format!("{}\n", std::process::id()).as_bytes());
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        let site = self.site;
        // Where anything is left, the file stays: unlocked, it tells the next run to look for it.
        if [&site.stage, &site.old, &site.journal].iter().all(|name| matches!(site.exists(name), Ok(false))) {
            let _ = fs::unlinkat(site.parent(), &site.lock, AtFlags::empty());
        }
    }
}

fn holder(file: &OwnedFd) -> Option<u32> {
    let mut text = [0; 16];
    let length = rustix::io::pread(file, &mut text, 0).ok()?;
    std::str::from_utf8(text.get(..length)?).ok()?.trim().parse().ok()
}
