//! Every command as a user runs it: exit code, standard output, standard error.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests build real projects and fail loudly")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

#[path = "../support/mod.rs"]
mod support;

mod docs;
mod help;
mod streams;
