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
mod remove;
mod returning;
mod single;
mod stage;
mod survey;
mod swap;

use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::Span;
use crate::target::Target;
use crate::value::Value;

pub use edits::damaged_manifest;
pub use failure::{Failure, PublishError};
pub use place::Place;
pub use plant::{Obstacle, PlantError, Seed, plant};
pub use publish::{Options, Published, check, publish};
pub use single::replace;

/// What is wrong with the files of one tree, sorted by path, before a disk is looked at: paths that not every file
/// system takes, collisions, sizes.
pub fn check_files(files: &[File], limits: &Limits) -> Findings {
    path::check(&files.iter().collect::<Vec<_>>(), limits)
}

/// What a template made, before it is written out.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Within the tree, with `/`.
    pub path: Utf8PathBuf,
    /// The template that made it, relative to the project.
    pub template: Arc<str>,
    /// Where the template says what it makes: its `output` line, or its first character. Collisions point there.
    pub place: Span,
    /// The target that the template names, if it names one.
    pub target: Option<Target>,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    /// `*.yaml`, `*.yml`, `*.json`.
    Document(Value),
    /// Any other ending.
    Text(String),
}

/// One file of a tree, ready to be written.
#[derive(Clone, Debug)]
pub struct File {
    pub path: Utf8PathBuf,
    pub template: Arc<str>,
    pub place: Span,
    pub bytes: Vec<u8>,
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
