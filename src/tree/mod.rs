//! Trees: all files of one rendered environment, and how they reach the disk as a whole or not at all.

mod attributes;
mod below;
mod compare;
mod edits;
mod failure;
mod files_way;
pub mod interrupt;
mod journal;
mod lock;
pub mod manifest;
mod path;
mod place;
mod plant;
mod publish;
mod record;
mod remove;
mod returning;
mod settle;
mod single;
mod stage;
mod survey;
mod swap;
mod sweep;

use camino::Utf8PathBuf;

use crate::artifact::File;
use crate::finding::Findings;
use crate::limits::Limits;

pub use edits::damaged_manifest;
pub use failure::{Failure, PublishError};
pub use place::Place;
pub use plant::{OTHER_CONTENT, Obstacle, PlantError, Seed, plant};
pub use publish::{Options, Published, check, publish};
pub use record::Record;
pub use settle::{ASIDE, settle};
pub use single::{replace, replace_bytes};
pub use sweep::sweep;

/// What is wrong with the files of one tree, sorted by path, before a disk is looked at: paths that not every file
/// system takes, collisions, sizes.
pub fn check_files(files: &[File], limits: &Limits) -> Findings {
    path::check(&files.iter().collect::<Vec<_>>(), limits)
}

/// What publishing did, or would do. Paths are within the tree and sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub added: Vec<Utf8PathBuf>,
    pub changed: Vec<Utf8PathBuf>,
    pub removed: Vec<Utf8PathBuf>,
    pub unchanged: usize,
    /// The manifest differs; alone, that means other inputs or templates that make the same files.
    pub manifest: bool,
    /// The manifest could not be read and is written anew.
    pub manifest_damaged: bool,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty() && !self.manifest
    }
}
