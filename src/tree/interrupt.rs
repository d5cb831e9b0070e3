//! Stopping between two whole trees: a run that is told to stop clears away its stage and its lock before it ends.
//!
//! Whoever writes says so for as long as something of theirs lies around. [`stop`] tells all of them and waits until
//! the last has cleared up; from then on nobody begins.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use super::failure::Failure;
use super::place::Site;

static STOPPING: AtomicBool = AtomicBool::new(false);
static AT_WORK: RwLock<()> = RwLock::new(());

/// Somebody writes, until it is dropped.
#[derive(Debug)]
pub struct AtWork {
    _guard: RwLockReadGuard<'static, ()>,
}

/// Begins to write. `None` if the run is to stop.
pub fn begin() -> Option<AtWork> {
    if is_stopping() {
        return None;
    }
    let guard = AT_WORK.read().unwrap_or_else(PoisonError::into_inner);
    (!is_stopping()).then_some(AtWork { _guard: guard })
}

/// Whether the run is to stop: who writes should take back what was begun.
pub fn is_stopping() -> bool {
    STOPPING.load(Ordering::Acquire)
}

/// Returns when nothing is left of what was being written. The process should end then.
pub fn stop() {
    STOPPING.store(true, Ordering::Release);
    // Held for good, so that nobody begins until the process is gone.
    std::mem::forget(AT_WORK.write().unwrap_or_else(PoisonError::into_inner));
}

pub(super) fn stopped(site: &Site) -> Failure {
    Failure::because(&site.shown, "was not written", "the run was told to stop")
}
