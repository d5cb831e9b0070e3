//! One side of a comparison: the project as a commit holds it, compiled and judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::artifact::File;
use crate::cache::Entries;
use crate::cli::args::Global;
use crate::cli::caching::{Caching, Keeps};
use crate::cli::compile::{self, Context, Outcome, Request};
use crate::cli::exit::Failure;
use crate::cli::printer::Printer;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::disk::{Disk as _, ReadError};
use crate::finding::{Finding, Findings};
use crate::pipeline::Compiled;
use crate::project::{Entry, FILE, Project};
use crate::tree::Record;

/// The files of a tree, each with the digest of its bytes.
pub(super) type Files = BTreeMap<Utf8PathBuf, [u8; 32]>;

/// What an environment compiles to.
pub(super) struct Tree {
    pub(super) record: Record,
    /// None if it is known from an earlier run, and was not made.
    pub(super) files: Option<Files>,
}

pub(super) struct Side<'a> {
    pub(super) session: &'a Session,
    pub(super) project: Option<Project>,
    /// None for an environment with errors.
    pub(super) trees: BTreeMap<Arc<str>, Option<Tree>>,
    pub(super) findings: Findings,
}

impl<'a> Side<'a> {
    pub(super) fn compile(
        session: &'a Session,
        (store, keeps): (&dyn Entries, Keeps<'_>),
        global: &Global,
        printer: &mut Printer,
    ) -> Result<Self, Failure> {
        if let Err(ReadError::Missing) = session.disk.read(FILE.into(), session.limits.file_bytes) {
            // There was no project yet.
            let (trees, findings) = (BTreeMap::new(), Findings::default());
            return Ok(Self { session, project: None, trees, findings });
        }
        let caching = Caching { store, disk: &session.disk, root: &session.place.root, of_commit: true, keeps };
        let request = Request { jobs: global.jobs, usage: true, caching: Some(caching), ..session.request() };
        let select = |project: &Project| Ok(project.environments.clone());
        let recall = |_: Context<'_>, record: &Record| Some(Some(Tree { record: *record, files: None }));
        let deliver = |_: Context<'_>, compiled: Option<Compiled>, _: &mut Findings| {
            compiled.map(|it| Tree { record: Record::of(&it.files), files: Some(files(&it.files)) })
        };
        let Outcome { project, findings, delivered } = compile::each(&request, select, printer, recall, deliver)?;
        Ok(Self { session, project, trees: delivered.into_iter().collect(), findings })
    }

    /// Something is wrong that belongs to no environment: it could hide any number of them, or change what they compile to.
    pub(super) fn has_broken_project(&self) -> bool {
        self.findings.iter().any(|finding| finding.is_error() && finding.environments.is_empty())
    }

    /// Something could not be read, as in a clone without all objects.
    pub(super) fn has_failed(&self) -> bool {
        self.findings.iter().any(|finding| finding.failed)
    }

    pub(super) fn into_report(self) -> Report<'a> {
        Report::new(self.findings, &self.session.sources)
    }

    /// Makes the trees of some environments of which it is only known that there is one.
    pub(super) fn make(&mut self, names: &[Arc<str>], global: &Global, printer: &mut Printer) -> Result<(), Failure> {
        let is_unmade = |name: &&Arc<str>| matches!(self.trees.get(*name), Some(Some(tree)) if tree.files.is_none());
        let wanted: Vec<_> = names.iter().filter(is_unmade).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let request = Request { jobs: global.jobs, check: false, ..self.session.request() };
        let is_wanted = |entry: &&Entry| wanted.contains(&&entry.name);
        let select = |project: &Project| Ok(project.environments.iter().filter(is_wanted).cloned().collect());
        let deliver =
            |_: Context<'_>, compiled: Option<Compiled>, _: &mut Findings| compiled.map(|it| files(&it.files));
        let Outcome { delivered, .. } = compile::each(&request, select, printer, |_, _| None, deliver)?;
        for (name, files) in delivered {
            if let Some(Some(tree)) = self.trees.get_mut(&name) {
                tree.files = files;
            }
        }
        Ok(())
    }

    /// The files of an environment, if they were made.
    pub(super) fn files(&self, name: &str) -> Option<&Files> {
        self.trees.get(name)?.as_ref()?.files.as_ref()
    }

    pub(super) fn entries(&self) -> &[Entry] {
        self.project.as_ref().map_or(&[], |project| &project.environments)
    }

    /// The folder where an environment's tree is written to.
    pub(super) fn output(&self, name: &str) -> Utf8PathBuf {
        let output = self.project.as_ref().map_or(Utf8Path::new(""), |project| &project.config.output);
        output.join(name)
    }
}

fn files(made: &[File]) -> Files {
    made.iter().map(|file| (file.path.clone(), *file.bytes.digest())).collect()
}

/// A finding without its place: one that is the same as before though lines have moved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Said<'f> {
    rule: &'static str,
    is_error: bool,
    subject: Option<&'f str>,
    message: &'f str,
}

impl<'f> Said<'f> {
    /// None for what is acknowledged: it is as if it were not there.
    pub(super) fn of(finding: &'f Finding) -> Option<Self> {
        let Finding { rule, subject, message, acknowledged, .. } = finding;
        let (is_error, subject) = (finding.is_error(), subject.as_deref());
        acknowledged.is_none().then_some(Self { rule: rule.id, is_error, subject, message })
    }
}
