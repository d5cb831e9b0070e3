//! INT and TERM, for commands that write: nothing half-written and no lock stays behind.

use std::sync::Once;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::tree::interrupt;

/// From here on a signal ends the run when what it has begun to write is cleared away, with the exit code that shells give for
/// it: 130 or 143. Where no handler can be had, the signal kills the process as always, and the next run clears away.
#[allow(clippy::exit, clippy::disallowed_methods, reason = "the thread that waits for a signal has no caller to tell")]
pub(super) fn heed() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let wait = || {
            let signals = Signals::new([SIGINT, SIGTERM]);
            if let Some(signal) = signals.ok().and_then(|mut signals| signals.forever().next()) {
                interrupt::stop();
                std::process::exit(128 + signal);
            }
        };
        // It waits until the process ends.
        let _ = thread::Builder::new().name("signals".to_owned()).spawn(wait);
    });
}

/// Waits for the end, if the run was told to stop: its exit code is the signal's, not that of what was left undone.
pub(super) fn let_end() {
    while interrupt::is_stopping() {
        thread::park();
    }
}
