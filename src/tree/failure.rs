//! What stops a tree from reaching the disk although nothing is wrong with it.

use std::fmt;
use std::io;

use camino::Utf8PathBuf;
use rustix::io::Errno;

use crate::disk;
use crate::finding::Findings;

/// Why a tree was not published. Either way the tree that was there before is still there, untouched.
#[derive(Debug)]
pub enum PublishError {
    /// Something is wrong with the tree, or publishing would throw somebody's work away.
    Refused(Findings),
    /// The disk would not have it.
    Failed(Failure),
}

impl From<Failure> for PublishError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A path, what could not be done with it and why. As text: `` `rendered/prod` cannot be created: no space … ``.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub path: Utf8PathBuf,
    /// `cannot be created`
    pub problem: &'static str,
    pub reason: String,
    /// What to do, where that is not plain.
    pub help: Option<String>,
}

impl Failure {
    pub(super) fn new(path: impl Into<Utf8PathBuf>, problem: &'static str, error: Errno) -> Self {
        let reason = disk::reason(&io::Error::from(error));
        Self { path: path.into(), problem, reason, help: None }
    }

    pub(super) fn because(path: impl Into<Utf8PathBuf>, problem: &'static str, reason: impl Into<String>) -> Self {
        Self { path: path.into(), problem, reason: reason.into(), help: None }
    }

    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}: {}", self.path, self.problem, self.reason)
    }
}

impl std::error::Error for Failure {}
