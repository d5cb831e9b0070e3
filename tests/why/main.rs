//! Where each line of the output comes from: the map and its laws, and the commands that ask it.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "tests read real files")]
#![allow(clippy::print_stderr, reason = "a long run says what it has seen")]

mod change;
mod commands;
mod generated;
mod law;
mod planted;
mod project;
mod secrets;
#[path = "../support/mod.rs"]
mod support;
mod ways;
