//! The whole data flow.
//!
//! What environments share is read and compiled once ([`Shared::load`]); then each environment goes through its
//! stages by itself ([`Compiler::compile`]), all are judged together, and then handed on ([`Compiler::each`]). Memory does
//! not grow with their number beyond a bound: what does not fit is made again.

mod bases;
mod cause;
mod charts;
mod compile;
mod defaulted;
mod deleted;
mod each;
mod forgotten;
mod map;
mod options;
mod over;
mod shared;
mod stand_in;
mod sum;
mod survey;
mod threads;
mod unmatched;
mod unread;

use crate::artifact::File;
use crate::check::Effect;
use crate::disk::Disk;
use crate::environment::load::Environment;
use crate::limits::Limits;
use crate::source::Sources;

pub use compile::Compiler;
pub use map::Unjudged;
pub use options::Options;
pub use shared::Shared;
pub use survey::{Asking, Seen, Survey};
pub use threads::on_threads;

/// What all stages read from and measure by.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    pub disk: &'a dyn Disk,
    pub sources: &'a Sources,
    pub limits: &'a Limits,
}

/// A compiled environment: all files of its tree, none of them written yet.
#[derive(Debug)]
pub struct Compiled {
    pub environment: Environment,
    /// Sorted by path.
    pub files: Vec<File>,
    /// What becomes of each thing that changes, if that was asked.
    pub effects: Vec<Effect>,
}
