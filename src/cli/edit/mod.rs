//! `platc set`, `unset` and `promote`: values are written into the layers they belong to, after all environments that
//! use the layer were merged and judged in memory.

mod judge;
mod promote;
mod set;
mod shown;
mod unset;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

pub(super) use promote::run as promote;
pub(super) use set::run as set;
pub(super) use unset::run as unset;

use super::args::Format;
use super::exit::{Exit, Failure};
use super::modeline;
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use crate::check::Severities;
use crate::diff::{self, FileDiff};
use crate::disk::Disk;
use crate::environment::Tree;
use crate::environment::edit::{Edited, File, Stopped};
use crate::environment::load::{Environment, Loader};
use crate::environment::patch::Patch;
use crate::finding::codes::merge::BAD_SET;
use crate::finding::render::json::FindingsOnly;
use crate::finding::render::text;
use crate::finding::{Finding, Findings, suggest};
use crate::project::{Entry, Project};
use crate::rules::CATALOGUE;
use crate::schema::{Schema, Shape};
use crate::source::Span;
use crate::yaml::path::{Path, Step};
use shown::Drawing;

/// Why a command ends before it has edited anything: what there is to say is said, or the run has failed.
enum Early {
    Said(Exit),
    Failed(Failure),
}

impl From<Failure> for Early {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn ended(result: Result<Exit, Early>) -> Result<Exit, Failure> {
    match result {
        Ok(exit) | Err(Early::Said(exit)) => Ok(exit),
        Err(Early::Failed(failure)) => Err(failure),
    }
}

/// A layer of an environment, opened to be edited.
struct Opened<'a> {
    entry: Entry,
    environment: Environment,
    place: Place,
    edited: Edited<'a, Shape<'a>>,
}

/// A project whose layers are edited.
struct Desk<'a> {
    session: &'a Session,
    project: Project,
    schema: Schema,
    severities: Severities,
}

impl<'a> Desk<'a> {
    /// The findings are the result where the project or its schema cannot be read.
    fn open(session: &'a Session, printer: &mut Printer) -> Result<Self, Early> {
        let Session { disk, sources, limits, .. } = session;
        let mut findings = Findings::default();
        let project = Project::load(disk.as_ref(), sources, limits, &mut findings);
        let schema = project
            .as_ref()
            .and_then(|project| Schema::load(disk.as_ref(), &project.config.schema, sources, limits, &mut findings));
        let (Some(project), Some(schema)) = (project, schema) else {
            return Err(refused(findings, session, printer));
        };
        let severities = Severities::new(&project.config.rules, &CATALOGUE, &[], &mut Findings::default());
        Ok(Self { session, project, schema, severities })
    }

    /// An environment as it is, and the files of the layer of it that is named, or of its own.
    fn open_layer(&self, typed: &str, layer: Option<&str>, printer: &mut Printer) -> Result<Opened<'_>, Early> {
        let entry = self.session.find(&self.project, typed)?.clone();
        let environment = self.load(&entry, printer)?;
        let place = self.layer(&environment, layer)?;
        let edited = self.edit(&place, printer)?;
        Ok(Opened { entry, environment, place, edited })
    }

    fn shape(&self) -> Shape<'_> {
        self.schema.shape()
    }

    /// An environment as it is; the findings are the result if it cannot be merged.
    fn load(&self, entry: &Entry, printer: &mut Printer) -> Result<Environment, Early> {
        let Session { disk, sources, limits, .. } = self.session;
        let mut findings = Findings::default();
        let loader = Loader::new(self.shape(), disk.as_ref(), sources, limits);
        let environment = loader.load(entry, None, &mut findings);
        environment.ok_or_else(|| refused(findings, self.session, printer))
    }

    /// What some layers make together: those below a layer, it itself, and a patch on top.
    fn through(&self, layer: &Utf8Path, disk: &dyn Disk, set: Option<&Patch>) -> (Option<Tree>, Findings) {
        let Session { sources, limits, .. } = self.session;
        let mut findings = Findings::default();
        let loader = Loader::new(self.shape(), disk, sources, limits);
        let entry = Entry { name: layer.as_str().into(), path: layer.to_owned() };
        let root = loader.load(&entry, set, &mut findings).map(|environment| (*environment.root).clone());
        (root, findings)
    }

    /// The layer of an environment that a name means, or a file of it; without a name its own.
    fn layer(&self, environment: &Environment, named: Option<&str>) -> Result<Place, Failure> {
        let own = environment.layers.last().map(|layer| layer.path.clone()).unwrap_or_default();
        let Some(named) = named else { return Ok(Place { files: own.clone(), layer: own }) };
        let typed = named.trim_end_matches('/');
        let here = self.session.place.in_project(Utf8Path::new(typed));
        let is_meant = |path: &Utf8Path| {
            here.as_deref() == Some(path)
                || path == typed
                || path.file_name() == Some(typed)
                || path.file_stem() == Some(typed)
        };
        // The nearest layer of a name wins, as it wins in a merge.
        if let Some(layer) = environment.layers.iter().rev().find(|layer| is_meant(&layer.path)) {
            return Ok(Place { layer: layer.path.clone(), files: layer.path.clone() });
        }
        let sources = &self.session.sources;
        for layer in environment.layers.iter().rev() {
            let mut files = layer.files.iter().map(|file| sources.get(*file).path().to_owned());
            if let Some(file) = files.find(|file| here.as_ref() == Some(file) || file == typed) {
                return Ok(Place { layer: layer.path.clone(), files: file });
            }
        }
        let known: Vec<&str> = environment.layers.iter().map(|layer| layer.path.as_str()).collect();
        let names = known.iter().filter_map(|path| Utf8Path::new(path).file_name());
        let help =
            suggest::did_you_mean(typed, names).unwrap_or_else(|| format!("its layers are `{}`", known.join("`, `")));
        Err(Failure::new(format!("`{}` has no layer `{typed}`", environment.name)).help(help))
    }

    /// Opens the files of a layer.
    fn edit(&self, place: &Place, printer: &mut Printer) -> Result<Edited<'_, Shape<'_>>, Early> {
        let Session { disk, sources, limits, .. } = self.session;
        let mut findings = Findings::default();
        match Edited::open(&place.files, self.shape(), disk.as_ref(), sources, limits, &mut findings) {
            Ok(edited) => Ok(edited),
            Err(Stopped::Unread) => Err(refused(findings, self.session, printer)),
            Err(stopped) => Err(self.stopped(&stopped, place).into()),
        }
    }

    /// What to say where a layer could not be edited.
    fn stopped(&self, stopped: &Stopped, place: &Place) -> Failure {
        match stopped {
            Stopped::Refused(at, why) => {
                let at = self.session.sources.locate(*at);
                Failure::new(format!("the text at {at} cannot be edited: {why}")).help("edit the file by hand")
            }
            Stopped::WhichFile => Failure::new(format!("no file of `{}` is the one that this belongs to", place.layer))
                .help("name a file with `--layer`, such as `--layer environments/base/cluster.yaml`"),
            Stopped::Absent(_) | Stopped::Unread => Failure::new(format!("`{}` cannot be read", place.layer)),
        }
    }

    /// Shows the difference, writes the files unless that is not wanted, and gives the result.
    fn deliver(
        &self,
        files: &[&File],
        drawing: &Drawing<'_>,
        report: &Report<'_>,
        dry_run: bool,
        printer: &mut Printer,
    ) -> Result<(), Failure> {
        let diffs = drawing.diffs(files);
        match printer.format {
            Format::Text => {
                let text = shown::text(&diffs, printer.out_look().colour);
                printer.result(text)?;
            }
            _ => report.document(printer, Document::of(&diffs, dry_run))?,
        }
        if dry_run {
            printer.status("nothing was written: this is a dry run");
            return Ok(());
        }
        for file in files {
            let before = self.session.sources.get(file.before);
            modeline::rewrite(self.session, &file.path, before.text(), &file.text)?;
        }
        Ok(())
    }

    /// The keys of a path, if the schema has all of them; else what is wrong.
    fn known(&self, path: &Path, span: Span) -> Result<(), Box<Finding>> {
        let mut shape = self.shape();
        for (at, step) in path.steps().iter().enumerate() {
            if let Step::Key(key) = step
                && shape.refuses(key)
            {
                let above: Path = path.steps()[..at].iter().cloned().collect();
                let owner = if above.is_root() { "the environment".to_owned() } else { format!("`{above}`") };
                let finding = Finding::new(&BAD_SET, span, format!("{owner} has no key `{key}`"));
                let keys = shape.known_keys().map(|key| &**key);
                let help = suggest::did_you_mean(key, keys)
                    .unwrap_or_else(|| "`platc schema docs` lists all settings".to_owned());
                return Err(Box::new(finding.label("the schema does not know it").help(help)));
            }
            shape = match step {
                Step::Key(key) => shape.property(key),
                Step::Item(_) | Step::Index(_) => shape.item(),
            };
        }
        Ok(())
    }

    /// Reads a path that was typed.
    fn path(&self, typed: &str, command: &str) -> Result<Path, Box<Finding>> {
        let file = self.session.sources.add(command, typed);
        let whole = Span::new(file, 0, typed.len());
        let path: Path = typed.parse().map_err(|error: crate::yaml::path::PathError| {
            let at = Span::new(file, error.at, typed.len());
            let finding = Finding::new(&BAD_SET, at, format!("expected {} here", error.expected));
            Box::new(finding.help(
                "an item is named by its keys, `pools[name=general].size`, a key with a point stands in quotes, `labels.\"a.b/c\"`",
            ))
        })?;
        if path.steps().iter().any(|step| matches!(step, Step::Index(_))) {
            let finding = Finding::new(&BAD_SET, whole, "an item cannot be named by its position");
            return Err(Box::new(finding.help("name it by its keys, `pools[name=general]`, or take the whole list")));
        }
        if path.steps().len() > self.session.limits.yaml_depth {
            let most = self.session.limits.yaml_depth;
            let message = format!("the path has more than {most} steps");
            return Err(Box::new(Finding::new(&BAD_SET, whole, message)));
        }
        Ok(path)
    }
}

/// A layer that is edited.
#[derive(Debug)]
struct Place {
    layer: Utf8PathBuf,
    /// The layer itself or one of its files.
    files: Utf8PathBuf,
}

/// Names the other environments that an edit has changed.
fn say_others(changed: &[Arc<str>], entry: &Entry, printer: &mut Printer) {
    let others: Vec<_> = changed.iter().filter(|name| **name != entry.name).collect();
    if !others.is_empty() {
        printer.status(&format!("this changes {}, too", text::environments(&others)));
    }
}

/// Findings as the result, where there is no other.
fn refused(findings: Findings, session: &Session, printer: &mut Printer) -> Early {
    refuse(findings, session, printer).map_or_else(Early::Failed, Early::Said)
}

/// Findings as the result.
fn refuse(findings: Findings, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let report = Report::new(findings, &session.sources);
    match printer.format {
        Format::Text => report.print(printer)?,
        _ => report.document(printer, FindingsOnly {})?,
    }
    Ok(match report.exit() {
        Exit::Fine => Exit::Findings,
        exit => exit,
    })
}

#[derive(Serialize)]
struct Document<'a> {
    written: bool,
    edited: Vec<diff::json::File<'a>>,
}

impl<'a> Document<'a> {
    fn of(diffs: &'a [FileDiff], dry_run: bool) -> Self {
        Self { written: !dry_run && !diffs.is_empty(), edited: diff::json::files(diffs) }
    }
}
