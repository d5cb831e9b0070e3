//! Evaluates templates.

mod argument;
mod field;
mod method;
mod run;
mod walk;

pub(super) use run::{Definitions, Run};
