//! How Go prints values: `print`, `printf` with its verbs, and what a tag writes.

mod float;
mod format;
mod quoted;
mod verbs;
mod whole;

pub(super) use float::float;
pub(super) use quoted::quoted;
pub(super) use verbs::printf;
pub(super) use whole::{MOST_DEPTH, kind_name, print_each, printed, shown, type_name};
