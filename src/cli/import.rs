//! `platc schema import`: what others publish, as schema files of the project.

mod chart;

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::args::{Format, Import};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use super::signals;
use crate::account::{Account, Cost, Work};
use crate::disk::archive::Room;
use crate::disk::{Disk, EntryKind, ReadError, lies_in_git};
use crate::finding::codes::import as rules;
use crate::finding::render::safe;
use crate::finding::{Finding, Findings};
use crate::project::Config;
use crate::schema::Schema;
use crate::schema::import::{ChartFiles, Imported, Importer, Options, State, limits, state};
use crate::source::{FileId, Span};
use crate::tree;

/// Folders within each other, and files in all of them, that an import looks at.
const DEPTH: usize = 8;
const FILES: usize = 4096;

/// What to do where nothing is recognised.
const HELP: &str = "name a custom resource definition, a chart (its folder or its `.tgz`), a resource type's schema or the \
                    definitions of a release of Kubernetes";

/// What happened to one schema file.
#[derive(Serialize)]
struct Line {
    path: String,
    written: bool,
}

#[derive(Serialize)]
struct Lines {
    files: Vec<Line>,
}

pub(super) fn run(args: &Import, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let into = match &args.into {
        Some(typed) => session.place.in_project(typed).ok_or_else(|| {
            Failure::new(format!("`{typed}` lies outside the project"))
                .help("schemas are part of the project; name a folder within it")
        })?,
        None => match folder(session) {
            Ok(folder) => folder,
            Err(broken) => {
                let report = Report::new(broken, &session.sources);
                report.say(printer);
                report.document(printer, Lines { files: Vec::new() })?;
                return Ok(report.exit());
            }
        },
    };
    let options = Options { kinds: args.kind.clone(), name: args.name.clone(), version: args.version.clone() };
    let mut findings = Findings::default();
    let mut intake = Intake {
        session,
        options: &options,
        findings: &mut findings,
        made: Vec::new(),
        files: 0,
        room: Room::default(),
        archives: 0,
        account: Account::remembering(),
    };
    for typed in &args.from {
        intake.typed(typed)?;
    }
    let Intake { mut made, account, .. } = intake;
    if account.is_over() {
        // What was made of a part would look like all of it.
        made.clear();
        let nowhere = Span::file_start(session.sources.add(args.from.first().map_or("", |typed| typed.as_str()), ""));
        findings.push(account.finding("the import", nowhere, &session.sources));
    }
    // A chart may lie beside its folder.
    let mut seen = BTreeSet::new();
    made.retain(|imported| seen.insert((imported.path.clone(), imported.text.clone())));
    tree::sweep(&session.place.root, &into);
    let mut files = Vec::new();
    for imported in &made {
        files.extend(put(imported, &into, args.force, session, &mut findings)?);
    }
    let report = Report::new(findings, &session.sources);
    report.say(printer);
    let written = files.iter().filter(|file| file.written).count();
    if printer.format == Format::Text {
        let noun = if files.len() == 1 { "schema" } else { "schemas" };
        for file in &files {
            let shown = session.place.shown(Utf8Path::new(&file.path));
            printer.result(format!("{}\n", safe::line(shown.as_str())))?;
        }
        if !files.is_empty() {
            printer.status(&format!("wrote {written} of {} {noun}", files.len()));
        }
    }
    report.document(printer, Lines { files })?;
    Ok(report.exit())
}

/// Where checks look for schemas, or what is wrong with the settings that say it. A project that is broken elsewhere can
/// still import.
fn folder(session: &Session) -> Result<Utf8PathBuf, Findings> {
    let Session { disk, sources, limits, .. } = session;
    let mut findings = Findings::default();
    let config = Config::load(disk.as_ref(), sources, limits, &mut findings);
    config.map(|config| Schema::folder(&config.schema)).ok_or(findings)
}

/// All that is to be imported, on its way in.
struct Intake<'a> {
    session: &'a Session,
    options: &'a Options,
    findings: &'a mut Findings,
    made: Vec<Imported>,
    files: usize,
    /// What archives may still unpack to.
    room: Room,
    /// How many archives lie around what is being read.
    archives: usize,
    account: Account,
}

/// A folder of somebody else's, and how it is called here.
#[derive(Clone, Copy)]
struct Folder<'a> {
    disk: &'a dyn Disk,
    shown: &'a Utf8Path,
}

impl Intake<'_> {
    /// A file or a folder as it was named on the command line.
    fn typed(&mut self, typed: &Utf8Path) -> Result<(), Failure> {
        let before = (self.made.len(), self.findings.iter().len());
        self.any(typed)?;
        if !self.account.is_over() && before == (self.made.len(), self.findings.iter().len()) {
            let span = Span::file_start(self.session.sources.add(typed, ""));
            let is_chart = self.session.place.absolute(typed).join("Chart.yaml").is_file();
            let (message, help) = if is_chart {
                let message = format!("`{typed}` is a chart without `values.yaml` and `values.schema.json`");
                (message, "name the whole chart, as `helm pull CHART --untar` fetches it")
            } else {
                (format!("`{typed}` holds nothing that a schema can be made of"), HELP)
            };
            self.findings.push(Finding::new(&rules::NOT_RECOGNISED, span, message).help(help));
        }
        Ok(())
    }

    fn any(&mut self, typed: &Utf8Path) -> Result<(), Failure> {
        if ["http:/", "https:/", "oci:/", "git@"].iter().any(|begin| typed.as_str().starts_with(begin)) {
            return Err(Failure::new(format!("`{typed}` is not on this machine, and platc fetches nothing"))
                .help("fetch it first, by `curl -LO` or `helm pull`, and name the file"));
        }
        let path = self.session.place.absolute(typed);
        let refused = |error: ReadError| Failure::new(format!("`{typed}` cannot be read: {error}"));
        let empty = Utf8Path::new("");
        // By whatever name, also by one that the folder above does not tell.
        if let Some(inside) = self.session.place.in_project(typed)
            && let Err(error @ ReadError::OfGit) = self.session.disk.list(&inside)
        {
            return Err(refused(error));
        }
        if lies_in_git(path.as_std_path(), self.session.place.root.as_std_path()) {
            return Err(refused(ReadError::OfGit));
        }
        match self.session.beside(&path) {
            Err(error @ (ReadError::Escapes | ReadError::OfGit)) => return Err(refused(error)),
            Ok(disk) if disk.list(empty).is_ok() => {
                return self.folder(Folder { disk: &disk, shown: typed }, empty, 0);
            }
            _ => {}
        }
        let parent = path.parent().unwrap_or(Utf8Path::new("/"));
        let disk = self.session.beside(parent).map_err(refused)?;
        let name = path.file_name().unwrap_or_default();
        let shown = typed.parent().unwrap_or(empty);
        let folder = Folder { disk: &disk, shown };
        if is_archive(name) {
            return self.archive(folder, Utf8Path::new(name));
        }
        if is_values(name) {
            let mut files = ChartFiles { chart: self.optional(folder, "Chart.yaml".into())?, ..ChartFiles::default() };
            let Some(file) = self.named(folder, name, typed)? else { return Ok(()) };
            let other = |name: &str| match files.chart {
                Some(_) => self.optional(folder, name.into()),
                None => Ok(None),
            };
            if typed.extension() == Some("json") {
                files.values = other("values.yaml")?;
                files.schema = Some(file);
            } else {
                files.schema = other("values.schema.json")?;
                files.values = Some(file);
            }
            self.chart(&files);
            return Ok(());
        }
        let Some(file) = self.named(folder, name, typed)? else { return Ok(()) };
        if let Some(made) = self.importer().file(file) {
            self.made.extend(made);
        } else {
            let message = format!("`{typed}` is nothing that a schema can be made of");
            let finding = Finding::new(&rules::NOT_RECOGNISED, Span::file_start(file), message);
            let help = match typed.file_name() {
                Some("Chart.yaml" | "Chart.yml" | "Chart.lock") => {
                    format!(
                        "name the folder of the chart, `{}`",
                        if shown.as_str().is_empty() { "." } else { shown.as_str() }
                    )
                }
                _ => HELP.to_owned(),
            };
            self.findings.push(finding.help(help));
        }
        Ok(())
    }

    /// A chart, or a folder of files and charts. Files of other kinds are passed over.
    fn folder(&mut self, folder: Folder<'_>, path: &Utf8Path, depth: usize) -> Result<(), Failure> {
        let shown = folder.shown.join(path);
        let refused = |error: ReadError| Failure::new(format!("`{shown}` cannot be read: {error}"));
        let entries = match folder.disk.list(path) {
            Err(ReadError::OfGit) if depth > 0 => return Ok(()),
            entries => entries.map_err(refused)?,
        };
        let has = |name: &str| entries.iter().any(|entry| entry.name == name && entry.kind == EntryKind::File);
        if has("Chart.yaml") {
            let files = self.chart_at(folder, path, &entries, depth)?;
            if files.say_values() {
                self.chart(&files);
            }
            return Ok(());
        }
        for entry in &entries {
            if self.account.is_over() {
                break;
            }
            let below = path.join(&entry.name);
            match entry.kind {
                EntryKind::Folder if depth < DEPTH => self.folder(folder, &below, depth + 1)?,
                EntryKind::File if is_archive(&entry.name) => {
                    self.count(folder)?;
                    self.archive(folder, &below)?;
                }
                EntryKind::File if matches!(below.extension(), Some("yaml" | "yml" | "json")) => {
                    self.count(folder)?;
                    self.passing(folder, below)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn count(&mut self, folder: Folder<'_>) -> Result<(), Failure> {
        self.files += 1;
        if self.files > FILES {
            return Err(Failure::new(format!("`{}` holds more than {FILES} files", folder.shown)));
        }
        Ok(())
    }

    /// A file of a folder, which may be of any kind.
    fn passing(&mut self, folder: Folder<'_>, path: Utf8PathBuf) -> Result<(), Failure> {
        let shown = folder.shown.join(&path);
        let refused = |error: ReadError| Failure::new(format!("`{shown}` cannot be read: {error}"));
        // Helm applies all that lies there: what cannot be read may be a definition.
        let is_definition = path.parent().is_some_and(|folder| folder.file_name() == Some("crds"));
        let file = self.read(folder, path).map_err(refused)?;
        let text = self.session.sources.get(file);
        // Told by words that every such file has, so that what is no business of ours is not complained of.
        let words = ["CustomResourceDefinition", "\"typeName\"", "x-kubernetes-group-version-kind", "\"apiVersion\""];
        if is_definition || words.iter().any(|word| text.text().contains(word)) {
            let made = self.importer().file(file);
            self.made.extend(made.into_iter().flatten());
        }
        Ok(())
    }

    fn chart(&mut self, files: &ChartFiles) {
        let made = self.importer().chart(files);
        self.made.extend(made);
    }

    fn importer(&mut self) -> Importer<'_> {
        Importer {
            sources: &self.session.sources,
            options: self.options,
            findings: self.findings,
            account: &self.account,
        }
    }

    /// A file that was named, if it is text.
    fn named(&mut self, folder: Folder<'_>, name: &str, typed: &Utf8Path) -> Result<Option<FileId>, Failure> {
        let read = |error: ReadError| Failure::new(format!("`{typed}` cannot be read: {error}"));
        let file = self.read(folder, name.into()).map_err(read)?;
        let source = self.session.sources.get(file);
        let is_zip = source.text().starts_with("PK\u{3}\u{4}");
        if !is_zip && !source.text().contains('\0') {
            return Ok(Some(file));
        }
        let span = Span::file_start(self.session.sources.add(typed, ""));
        let what = if is_zip { "a zip file" } else { "no text" };
        let finding = Finding::new(&rules::NOT_RECOGNISED, span, format!("`{typed}` is {what}"));
        self.findings.push(finding.help(if is_zip { "unpack it, and name the folder" } else { HELP }));
        Ok(None)
    }

    /// A file that need not be there.
    fn optional(&self, folder: Folder<'_>, path: &Utf8Path) -> Result<Option<FileId>, Failure> {
        let shown = folder.shown.join(&path);
        match self.read(folder, path.to_owned()) {
            Ok(file) => Ok(Some(file)),
            Err(ReadError::Missing) => Ok(None),
            Err(error) => Err(Failure::new(format!("`{shown}` cannot be read: {error}"))),
        }
    }

    fn read(&self, folder: Folder<'_>, path: Utf8PathBuf) -> Result<FileId, ReadError> {
        let bytes = folder.disk.read(&path, limits().file_bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let file = self.session.sources.add(folder.shown.join(path), text);
        let length = bytes.len() as u64;
        if self.archives == 0 {
            self.account.read(length);
        }
        self.account.charge(
            Cost { steps: length, bytes: length.saturating_mul(2) },
            Work::Import,
            Span::file_start(file),
        );
        Ok(file)
    }
}

fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".tgz", ".tar.gz"].iter().any(|ending| name.ends_with(ending))
}

fn is_values(name: &str) -> bool {
    name.starts_with("values") && [".yaml", ".yml", ".schema.json"].iter().any(|ending| name.ends_with(ending))
}

/// Writes one schema, if nobody's work is lost by it. Nothing is touched that is the same already.
fn put(
    imported: &Imported,
    into: &Utf8Path,
    force: bool,
    session: &Session,
    findings: &mut Findings,
) -> Result<Option<Line>, Failure> {
    let path = into.join(&imported.path);
    let refused = |error: ReadError| Failure::new(format!("`{path}` cannot be read: {error}"));
    let there = match session.disk.read(&path, limits().file_bytes) {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(ReadError::Missing) => None,
        Err(error) => return Err(refused(error)),
    };
    let line = |written| Ok(Some(Line { path: path.to_string(), written }));
    match there {
        Some(text) if text == imported.text => return line(false),
        Some(text) if !force && state(&text) != State::Untouched => {
            let what = if state(&text) == State::Edited { "was edited by hand" } else { "was not made by an import" };
            let file = session.sources.add(path.clone(), text);
            let finding = Finding::new(&rules::EDITED, Span::file_start(file), format!("`{path}` {what}"));
            findings.push(finding.help("undo the edit, or lose it with `--force`"));
            return Ok(None);
        }
        _ => {}
    }
    signals::heed();
    let shown = session.place.shown(&path);
    tree::replace(tree::Place { root: &session.place.root, path: &path, shown: &shown }, &imported.text)?;
    line(true)
}
