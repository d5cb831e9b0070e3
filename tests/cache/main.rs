//! What is kept from one run to the next changes nothing but the time: where it lies, what it believes, and the law that with it and
//! without it the same comes out.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests build and break real files")]

mod folder;
mod law;
mod project;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/values.rs"]
mod values;
