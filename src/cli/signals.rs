//! INT, TERM and HUP, for commands that write or ask git: nothing half-written, no lock and no git stays behind.

use std::fs;
use std::sync::Once;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::disk;
use crate::tree::interrupt;

/// From here on a signal ends the run when what it has begun to write is cleared away, with the exit code that shells give for
/// it: 130, 143 or 129. Where no handler can be had, the signal kills the process as always, and the next run clears away.
#[allow(clippy::exit, clippy::disallowed_methods, reason = "the thread that waits for a signal has no caller to tell")]
pub(super) fn heed() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let told = [SIGINT, SIGTERM].into_iter().chain((!ignores_hangup()).then_some(SIGHUP));
        // Heard from here on, whenever the thread begins.
        let Ok(mut signals) = Signals::new(told) else { return };
        let wait = move || {
            if let Some(signal) = signals.forever().next() {
                interrupt::stop();
                disk::end_all_git();
                std::process::exit(128 + signal);
            }
        };
        // It waits until the process ends.
        let _ = thread::Builder::new().name("signals".to_owned()).spawn(wait);
    });
}

/// Whether a terminal that goes away is to be ignored, as `nohup` asks: a handler would undo that. Where it cannot be
/// known, it is taken to be so.
#[allow(clippy::disallowed_methods, reason = "what the kernel says of this process is no file of a project")]
fn ignores_hangup() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_none_or(|mask| mask & (1 << (SIGHUP - 1)) != 0)
}

/// Waits for the end, if the run was told to stop: its exit code is the signal's, not that of what was left undone.
pub(super) fn let_end() {
    while interrupt::is_stopping() {
        thread::park();
    }
}
