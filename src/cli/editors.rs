//! `platc schema modeline`: the schema for layers, and the line by which editors find it.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::args::{Format, Modeline};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use super::{modeline, schema};
use crate::disk::{Disk as _, ReadError};
use crate::environment::layer;
use crate::environment::shape::Anything;
use crate::finding::Findings;
use crate::finding::render::json::{FindingsOnly, document};
use crate::finding::render::safe;
use crate::project::{Entry, Project};
use crate::source::Sources;

pub(super) fn run(args: &Modeline, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let Session { disk, sources, limits, .. } = session;
    let mut findings = Findings::default();
    let project = Project::load(disk.as_ref(), sources, limits, &mut findings);
    let report = Report::new(findings, sources);
    report.say(printer);
    let Some(project) = project else {
        report.document(printer, FindingsOnly {})?;
        return Ok(report.exit());
    };
    let named = match &args.schema {
        Some(typed) => session.place.in_project(typed).ok_or_else(|| {
            Failure::new(format!("`{typed}` lies outside the project"))
                .help("editors on other machines could not find it; keep the schema in the project")
        })?,
        None => modeline::schema_for_layers(&project.config.schema),
    };
    let state = State { write: args.write, session };
    let mut made = None;
    if args.schema.is_none() && (args.write || args.check) {
        let (schema, report) = schema::load(session, printer);
        let Some(schema) = schema else {
            report.document(printer, FindingsOnly {})?;
            return Ok(report.exit());
        };
        made = Some(state.schema(&named, &document(&schema.for_layers()))?);
    }
    let mut files = Vec::new();
    for path in own_files(&session.select(&project, &args.environments)?, session) {
        files.push(state.line(path, &named)?);
    }
    let lines = Lines { schema: made, files };
    match printer.format {
        Format::Text if args.check => check(&lines, session, printer)?,
        Format::Text if args.write => {
            let written = lines.files.iter().filter(|file| file.written).count();
            let noun = if lines.files.len() == 1 { "file" } else { "files" };
            if let Some(schema) = lines.schema.as_ref().filter(|schema| schema.written) {
                printer.status(&format!("wrote {}", session.place.shown(Utf8Path::new(&schema.path))));
            }
            printer.status(&match (written, lines.files.len()) {
                (0, all) => format!("the modeline is in {all} {noun} already"),
                (written, all) => format!("wrote the modeline into {written} of {all} {noun}"),
            });
        }
        Format::Text => {
            for file in &lines.files {
                let line = format!("{}: {}", session.place.shown(Utf8Path::new(&file.path)), file.modeline);
                printer.result(format!("{}\n", safe::line(&line)))?;
            }
        }
        _ => report.document(printer, &lines)?,
    }
    Ok(if args.check && !lines.is_current() { Exit::Findings } else { report.exit() })
}

/// What happened to one file.
#[derive(Serialize)]
struct Line {
    path: String,
    modeline: String,
    /// Whether the file has it now.
    current: bool,
    written: bool,
}

/// What happened to the schema.
#[derive(Serialize)]
struct Made {
    path: String,
    current: bool,
    written: bool,
}

#[derive(Serialize)]
struct Lines {
    schema: Option<Made>,
    files: Vec<Line>,
}

impl Lines {
    fn is_current(&self) -> bool {
        self.schema.as_ref().is_none_or(|schema| schema.current) && self.files.iter().all(|file| file.current)
    }
}

/// Says what is not as it would be written.
fn check(lines: &Lines, session: &Session, printer: &mut Printer) -> Result<(), Failure> {
    let shown = |path: &str| session.place.shown(Utf8Path::new(path));
    if let Some(schema) = lines.schema.as_ref().filter(|schema| !schema.current) {
        printer
            .result(format!("{}: is missing, or older than the schema\n", safe::line(shown(&schema.path).as_str())))?;
    }
    for file in lines.files.iter().filter(|file| !file.current) {
        let line = format!("{}: lacks the line {}", shown(&file.path), file.modeline);
        printer.result(format!("{}\n", safe::line(&line)))?;
    }
    if lines.is_current() {
        printer.status("what editors read is up to date");
    } else {
        printer.error("what editors read is not up to date", Some("run `platc schema modeline --write`"));
    }
    Ok(())
}

/// The files of the environments' own layers and of all that these extend, sorted. What is wrong with them is for
/// `platc validate` to say.
fn own_files(selected: &[Entry], session: &Session) -> Vec<Utf8PathBuf> {
    let Session { disk, limits, .. } = session;
    // As far as it concerns `extends`, a file reads the same whatever the schema says of the rest.
    let sources = Sources::default();
    let mut waiting: Vec<Utf8PathBuf> = selected.iter().map(|entry| entry.path.clone()).collect();
    let mut seen = Vec::new();
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        if seen.contains(&path) {
            continue;
        }
        if let Ok(layer) = layer::Layer::read(&path, Anything, disk.as_ref(), &sources, limits) {
            waiting.extend(layer.extends.into_iter().map(|extends| extends.path));
            files.extend(layer.files.into_iter().map(|file| sources.get(file).path().to_owned()));
        }
        seen.push(path);
    }
    files.sort();
    files.dedup();
    files
}

/// How files are looked at.
struct State<'a> {
    write: bool,
    session: &'a Session,
}

impl State<'_> {
    fn schema(&self, path: &Utf8Path, text: &str) -> Result<Made, Failure> {
        let current = match self.session.disk.read(path, u64::MAX) {
            Ok(bytes) => bytes == text.as_bytes(),
            Err(ReadError::Missing) => false,
            Err(error) => return Err(unreadable(path, &error.to_string())),
        };
        let written = self.write && !current;
        if written {
            modeline::create(&self.session.place, path, text)?;
        }
        Ok(Made { path: path.to_string(), current: current || written, written })
    }

    fn line(&self, path: Utf8PathBuf, schema: &Utf8Path) -> Result<Line, Failure> {
        let wanted = modeline::line(&path, schema);
        let bytes = self.session.disk.read(&path, self.session.limits.file_bytes);
        let bytes = bytes.map_err(|error| unreadable(&path, &error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable(&path, "it is not UTF-8 text"))?;
        let changed = modeline::put(&text, &wanted);
        let current = changed.is_none();
        let mut written = false;
        if let Some(text) = changed.filter(|_| self.write) {
            modeline::replace(&self.session.place, &path, &text)?;
            written = true;
        }
        Ok(Line { path: path.into_string(), modeline: wanted, current: current || written, written })
    }
}

fn unreadable(path: &Utf8Path, reason: &str) -> Failure {
    Failure::new(format!("`{path}` cannot be read: {reason}"))
}
