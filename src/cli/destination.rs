//! [`Destination`]: where trees go.

use camino::{Utf8Path, Utf8PathBuf};

use super::args::Render;
use super::exit::Failure;
use super::out_dir;
use super::session::Session;
use crate::finding::codes::output;
use crate::finding::{Findings, Rule};
use crate::project::{Entry, Project};

/// The folders where trees go.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    /// What the user chose: the project or `--out-dir`. Absolute.
    pub(super) root: Utf8PathBuf,
    /// The same as typed, or as one would type it.
    pub(super) typed: Utf8PathBuf,
    below: Below,
}

/// What stands between [`Destination::root`] and the environment's name.
#[derive(Clone, Debug)]
enum Below {
    /// What `--out-dir` says, if that lies within the project.
    Folder(Utf8PathBuf),
    Output,
    Golden,
}

impl Destination {
    pub(super) fn new(args: &Render, session: &Session) -> Self {
        match args.out_dir.as_ref().filter(|dir| !dir.as_str().is_empty()) {
            Some(dir) => {
                let (root, folder) = out_dir::split(dir, &session.place);
                Self { root, typed: dir.clone(), below: Below::Folder(folder) }
            }
            None => Self::in_project(session, Below::Output),
        }
    }

    pub(super) fn golden(session: &Session) -> Self {
        Self::in_project(session, Below::Golden)
    }

    pub(super) fn is_golden(&self) -> bool {
        matches!(self.below, Below::Golden)
    }

    fn in_project(session: &Session, below: Below) -> Self {
        let typed = session.place.shown(Utf8Path::new(""));
        Self { root: session.place.root.clone(), typed, below }
    }

    /// An environment's tree below [`root`](Self::root).
    pub(super) fn path(&self, project: &Project, name: &str) -> Utf8PathBuf {
        match &self.below {
            Below::Folder(folder) => folder.join(name),
            Below::Output => project.config.output.join(name),
            Below::Golden => project.config.golden.join(name),
        }
    }

    /// An environment's tree as one would type it.
    pub(super) fn shown(&self, project: &Project, name: &str) -> Utf8PathBuf {
        match &self.below {
            Below::Folder(_) => self.typed.join(name),
            Below::Output | Below::Golden => self.typed.join(self.path(project, name)),
        }
    }

    /// Refuses places that somebody typed and where no tree may be.
    pub(super) fn check(&self, project: &Project, selected: &[Entry], session: &Session) -> Result<(), Failure> {
        let Below::Folder(_) = &self.below else { return Ok(()) };
        for entry in selected {
            let tree = self.root.join(self.path(project, &entry.name));
            out_dir::check(&tree, &self.shown(project, &entry.name), &project.config, &session.place)?;
        }
        Ok(())
    }

    /// Whether what stands in the way of a golden tree came with a merge: a list that git left marks in, or files that it
    /// changed beside a list that it did not. To accept is how a merge is settled.
    pub(super) fn settles_merge(&self, refused: &Findings, session: &Session) -> bool {
        let is = |rule: &'static Rule| refused.iter().any(|finding| finding.rule == rule);
        matches!(self.below, Below::Golden)
            && (is(&output::MANIFEST) || is(&output::HAND_EDITED) && session.is_merging())
    }

    /// What was done to a tree there.
    pub(super) fn verb(&self) -> &'static str {
        match &self.below {
            Below::Folder(_) | Below::Output => "rendered",
            Below::Golden => "accepted",
        }
    }
}
