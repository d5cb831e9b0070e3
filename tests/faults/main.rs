//! Publishing under faults: killed at any instant, refused any system call, short of space, with others writing too.
//! After each the tree is the old one or the new one, bit for bit, and the next run clears away what was left.
//!
//! The faults happen to a process of their own: this test binary run again, with [`driver::driver`] as its only test.
//! `PLATC_TEST_FULL=1` runs all of them; without it a sample that takes a few seconds.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]
#![allow(clippy::disallowed_methods, reason = "looks at real folders and needs clocks")]

mod calls;
mod case;
mod disks;
mod driver;
mod kills;
mod mounts;
mod overlay;
#[path = "../support/mod.rs"]
mod support;
mod writers;

/// Whether all faults are wanted, or a sample that takes a few seconds.
fn is_full() -> bool {
    std::env::var_os("PLATC_TEST_FULL").is_some_and(|value| value == "1")
}
