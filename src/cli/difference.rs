//! Compiled environments against something older: what `diff`, `golden --check` and `render --check` share.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::args::{self, Format};
use super::compile::{self, Context, Request};
use super::exit::{Exit, Failure};
use super::glob::Globs;
use super::printer::{Printer, Undelivered};
use super::render::Destination;
use super::report::Report;
use super::session::Session;
use crate::diff::draw::{self, Sides};
use crate::diff::side::{self, Side, Unreadable};
use crate::diff::{self, FileDiff, Files};
use crate::disk::{Disk, ReadError, Real};
use crate::finding::Findings;
use crate::pipeline::Compiled;
use crate::project::{Entry, Project};
use crate::source::Sources;
use crate::tree::{File, manifest};

/// What to compare with.
#[derive(Clone, Debug)]
pub(super) enum Old {
    Golden,
    /// What `render` has written.
    Output(Destination),
    /// Another environment, compiled now.
    Environment(Arc<str>),
    /// A folder as typed.
    Folder(Utf8PathBuf),
    /// The project as of a git revision, compiled now.
    Revision(String),
}

/// What to look at.
pub(super) struct Scope {
    pub(super) only: Globs,
    pub(super) context: usize,
}

/// One environment's differences.
pub(super) struct Difference {
    pub(super) name: Arc<str>,
    pub(super) sides: Sides,
    pub(super) files: Vec<FileDiff>,
    /// There is nothing to compare with.
    pub(super) nothing: bool,
}

pub(super) struct Differences<'a> {
    pub(super) report: Report<'a>,
    /// Trees whose environment is gone, as one would type them; looked for where all environments are compared.
    pub(super) orphans: Vec<Utf8PathBuf>,
    /// Those that differ and those that do not; environments with errors are left out.
    pub(super) all: Vec<Difference>,
}

/// Compiles environments and compares each. `old` may look at the project to find out what was meant.
pub(super) fn compare<'a>(
    environments: &args::Environments,
    old: impl FnOnce(&Project) -> Result<Old, Failure>,
    scope: &Scope,
    session: &'a Session,
    request: &Request<'_>,
    printer: &mut Printer,
) -> Result<Differences<'a>, Failure> {
    let mut wanted: Vec<Arc<str>> = Vec::new();
    let mut resolved = None;
    let select = |project: &Project| {
        let mut selected = session.select(project, environments)?;
        wanted = selected.iter().map(|entry| Arc::clone(&entry.name)).collect();
        let old = old(project)?;
        if let Old::Environment(name) = &old
            && !wanted.contains(name)
        {
            selected.extend(project.environments.iter().find(|entry| entry.name == *name).cloned());
        }
        resolved = Some(old);
        Ok(selected)
    };
    let outcome = compile::each(request, select, printer, keep)?;
    let report = Report::new(outcome.findings, &session.sources);
    let (Some(project), Some(old)) = (outcome.project, resolved) else {
        return Ok(Differences { report, orphans: Vec::new(), all: Vec::new() });
    };
    let trees: BTreeMap<Arc<str>, Option<Vec<File>>> = outcome.delivered.into_iter().collect();
    let past = match &old {
        Old::Revision(revision) => past(revision, &wanted, session, request, printer)?,
        _ => BTreeMap::new(),
    };
    let mut all = Vec::new();
    for name in &wanted {
        let Some(Some(files)) = trees.get(name) else { continue };
        let new = as_files(files, &scope.only);
        let output = project.config.output.join(&**name);
        let golden = project.config.golden.join(&**name);
        let standing = match &old {
            Old::Golden => at(session.disk.as_ref(), &golden, session)?,
            Old::Output(destination) => output_side(destination, &project, name, session)?,
            Old::Folder(typed) => folder_side(typed, name, session)?,
            Old::Environment(_) | Old::Revision(_) => None,
        };
        let (before, old_files) = match &old {
            Old::Golden => (golden.into_string(), None),
            Old::Output(destination) => (destination.shown(&project, name).into_string(), None),
            Old::Folder(typed) => (tree_in(typed, name, session).into_string(), None),
            Old::Environment(other) => {
                let Some(Some(files)) = trees.get(other) else { continue };
                (project.config.output.join(&**other).into_string(), Some(files))
            }
            Old::Revision(revision) => (format!("{revision}:{output}"), past.get(name)),
        };
        let nothing = standing.is_none() && old_files.is_none();
        let old_files = match (&standing, old_files) {
            (Some(side), _) => filtered(side.against(&new), &scope.only),
            (None, Some(files)) => as_files(files, &scope.only),
            (None, None) => Files::new(),
        };
        let files = diff::compare(&old_files, &new, scope.context);
        let after = match &old {
            Old::Output(_) => format!("{name} (compiled)"),
            _ => output.into_string(),
        };
        all.push(Difference { name: Arc::clone(name), sides: Sides { old: before, new: after }, files, nothing });
    }
    let orphans = if environments.named.is_empty() && !report.has_errors() {
        orphans(&old, &project, session)?
    } else {
        Vec::new()
    };
    Ok(Differences { report, orphans, all })
}

/// Trees that platc wrote for environments that do not exist any more. Nothing else would ever tell of them.
fn orphans(old: &Old, project: &Project, session: &Session) -> Result<Vec<Utf8PathBuf>, Failure> {
    let known = |name: &Utf8Path| project.environments.iter().any(|entry| &*entry.name == name.as_str());
    match old {
        Old::Golden => {
            let trees = side::trees(session.disk.as_ref(), &project.config.golden).map_err(|e| cannot_read(&e))?;
            let gone = trees.into_iter().filter(|name| !known(name));
            Ok(gone.map(|name| session.place.shown(&project.config.golden.join(name))).collect())
        }
        Old::Output(destination) => {
            let Some(disk) = open(&destination.root)? else { return Ok(Vec::new()) };
            let folder = destination.path(project, "");
            let trees = side::trees(&disk, &folder).map_err(|e| cannot_read(&e))?;
            Ok(trees
                .into_iter()
                .filter(|name| !known(name))
                .map(|name| destination.shown(project, name.as_str()))
                .collect())
        }
        Old::Environment(_) | Old::Folder(_) | Old::Revision(_) => Ok(Vec::new()),
    }
}

fn keep(_: Context<'_>, compiled: Option<Compiled>, _: &mut Findings) -> Option<Vec<File>> {
    compiled.map(|compiled| compiled.files)
}

fn as_files<'a>(files: &'a [File], only: &Globs) -> Files<'a> {
    let files = files.iter().map(|file| (file.path.as_path(), file.bytes.as_slice()));
    filtered(files.collect(), only)
}

fn filtered<'a>(mut files: Files<'a>, only: &Globs) -> Files<'a> {
    files.retain(|path, _| only.matches(path));
    files
}

/// The environments as a git revision holds them; those that it does not have are left out.
fn past(
    revision: &str,
    wanted: &[Arc<str>],
    session: &Session,
    request: &Request<'_>,
    printer: &mut Printer,
) -> Result<BTreeMap<Arc<str>, Vec<File>>, Failure> {
    let disk = session.at(revision)?;
    let sources = Sources::default();
    let request = Request { disk: &disk, sources: &sources, ..*request };
    let is_wanted = |entry: &&Entry| wanted.contains(&entry.name);
    let select = |project: &Project| Ok(project.environments.iter().filter(is_wanted).cloned().collect());
    let outcome = compile::each(&request, select, printer, keep)?;
    let report = Report::new(outcome.findings, &sources);
    if report.has_errors() {
        report.say(printer);
        return Err(Failure::new(format!("the project does not compile as of `{revision}`"))
            .help("the findings above are about that revision; compare with another, or with `golden`"));
    }
    Ok(outcome.delivered.into_iter().filter_map(|(name, files)| Some((name, files?))).collect())
}

fn at(disk: &dyn Disk, folder: &Utf8Path, session: &Session) -> Result<Option<Side>, Failure> {
    Side::read(disk, folder, session.limits.file_bytes).map_err(|unreadable| cannot_read(&unreadable))
}

fn output_side(
    destination: &Destination,
    project: &Project,
    name: &str,
    session: &Session,
) -> Result<Option<Side>, Failure> {
    match open(&destination.root)? {
        Some(disk) => at(&disk, &destination.path(project, name), session),
        None => Ok(None),
    }
}

/// A folder is the tree itself or, as `--out-dir` makes it, holds the trees of environments.
fn tree_in(typed: &Utf8Path, name: &str, session: &Session) -> Utf8PathBuf {
    let folder = session.place.absolute(typed);
    let is_tree = folder.join(manifest::PATH).exists();
    if !is_tree && folder.join(name).is_dir() { typed.join(name) } else { typed.to_owned() }
}

fn folder_side(typed: &Utf8Path, name: &str, session: &Session) -> Result<Option<Side>, Failure> {
    match open(&session.place.absolute(&tree_in(typed, name, session)))? {
        Some(disk) => at(&disk, Utf8Path::new(""), session),
        None => Ok(None),
    }
}

fn open(folder: &Utf8Path) -> Result<Option<Real>, Failure> {
    match Real::open(folder) {
        Ok(disk) => Ok(Some(disk)),
        Err(ReadError::Missing) => Ok(None),
        Err(error) => Err(cannot_read(&Unreadable { path: folder.to_owned(), error })),
    }
}

fn cannot_read(unreadable: &Unreadable) -> Failure {
    Failure::new(format!("`{}` cannot be read: {}", unreadable.path, unreadable.error))
}

/// How differences are shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Unified {
        /// Lines after which it is enough.
        at_most: Option<usize>,
    },
    Stat,
}

impl Differences<'_> {
    /// Findings and differences in the wanted format. Exit 1 if there are any.
    pub(super) fn print(&self, form: Form, printer: &mut Printer) -> Result<Exit, Undelivered> {
        self.report.say(printer);
        if printer.format == Format::Json {
            self.report.document(printer, Document::of(self))?;
        } else {
            for difference in self.differing() {
                let colour = printer.out_look().colour;
                let text = match form {
                    Form::Unified { at_most } => {
                        cut(draw::unified(&difference.files, &difference.sides, colour), at_most, &difference.name)
                    }
                    Form::Stat => {
                        let folder = if self.all.len() > 1 { format!("{}/", difference.name) } else { String::new() };
                        draw::stat(&difference.files, &folder, colour)
                    }
                };
                printer.result(text)?;
            }
        }
        for orphan in &self.orphans {
            let message = format!("`{orphan}` belongs to no environment");
            printer.error(&message, Some("its environment is gone or has another name; remove the folder"));
        }
        let same = self.differing().next().is_none() && self.orphans.is_empty();
        Ok(if same { self.report.exit() } else { Exit::Findings })
    }

    /// Environments with differences.
    pub(super) fn differing(&self) -> impl Iterator<Item = &Difference> {
        self.all.iter().filter(|difference| !difference.files.is_empty())
    }
}

fn cut(text: String, at_most: Option<usize>, name: &str) -> String {
    let lines = text.lines().count();
    match at_most {
        Some(most) if lines > most => {
            let kept: String = text.split_inclusive('\n').take(most).collect();
            format!("{kept}… and {} more lines; `platc diff {name}` shows them all\n", lines - most)
        }
        _ => text,
    }
}

#[derive(Serialize)]
struct Document<'a> {
    differences: Vec<Item<'a>>,
    orphans: Vec<&'a str>,
}

#[derive(Serialize)]
struct Item<'a> {
    environment: &'a str,
    against: &'a str,
    files: Vec<diff::json::File<'a>>,
}

impl<'a> Document<'a> {
    fn of(found: &'a Differences<'_>) -> Self {
        let item = |difference: &'a Difference| Item {
            environment: &difference.name,
            against: &difference.sides.old,
            files: diff::json::files(&difference.files),
        };
        let orphans = found.orphans.iter().map(|path| path.as_str()).collect();
        Self { differences: found.all.iter().map(item).collect(), orphans }
    }
}
