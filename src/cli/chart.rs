//! `platc chart`: the charts of a project, and what they make.

mod add;
mod objects;
mod template;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::args::{ChartAction, ChartValues, Format, Global};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use crate::chart::file::Refusal;
use crate::chart::load::Chart;
use crate::chart::lock::Lock;
use crate::chart::shelf::{self, Place, Shelf};
use crate::chart::{archive, told};
use crate::disk::archive::Room;
use crate::disk::{Disk, ReadError};
use crate::finding::Findings;
use crate::finding::render::json::FindingsOnly;

pub(super) fn run(action: &ChartAction, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, false)?;
    match action {
        ChartAction::Add(args) => add::run(args, &session, printer),
        ChartAction::Objects(args) => objects::run(args, global, printer),
        ChartAction::Values(args) => values(args, &session, printer),
        ChartAction::Template(args) => template::run(args, &session, printer),
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    text: &'a str,
}

/// A chart's own values, as they stand there.
fn values(args: &ChartValues, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut findings = Findings::default();
    let chart = match named(&args.chart, session, &mut findings)? {
        Ok(chart) => chart,
        Err(refusal) => return refused(&refusal, session, printer),
    };
    let report = Report::new(findings, &session.sources);
    report.say(printer);
    let text = chart.values.as_ref().map_or("", |values| &values.text);
    match printer.format {
        Format::Text => printer.file(text.as_bytes())?,
        _ => report.document(printer, Shown { text })?,
    }
    Ok(report.exit())
}

/// Says why something is no chart.
fn refused(refusal: &Refusal, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut findings = Findings::default();
    findings.push(told::refusal(refusal, &session.sources));
    let report = Report::new(findings, &session.sources);
    report.say(printer);
    report.document(printer, FindingsOnly {})?;
    Ok(report.exit())
}

/// The chart that somebody named: one of the project, or any by its path.
fn named(typed: &str, session: &Session, findings: &mut Findings) -> Result<Result<Chart, Refusal>, Failure> {
    let disk = session.disk.as_ref();
    let shelf = Shelf::open(disk);
    if let Some(place) = of_shelf(&shelf, typed) {
        return Ok(of_project(place, session, findings));
    }
    let typed = Utf8Path::new(typed);
    let is_packed = is_archive(typed);
    let path = session.place.absolute(typed);
    let folder = if is_packed { path.parent().unwrap_or(Utf8Path::new("/")) } else { &path };
    let inner = if is_packed { path.file_name().unwrap_or_default() } else { "" };
    let nothing = || {
        let known: Vec<&str> = shelf.places().iter().map(Place::stem).collect();
        let help = match &known[..] {
            [] => "charts lie in the folder `charts`; `platc chart add` puts one there".to_owned(),
            known => format!("the project has {}", known.join(", ")),
        };
        Failure::new(format!("there is no chart `{typed}`")).help(help)
    };
    let disk = session.beside(folder).map_err(|error| match error {
        ReadError::Escapes | ReadError::OfGit => Failure::new(format!("`{typed}` cannot be read: {error}")),
        _ => nothing(),
    })?;
    if disk.list(Utf8Path::new("")).is_err() {
        return Err(nothing());
    }
    let mut room = Room::default();
    let contents = shelf::contents(&disk, Utf8Path::new(inner), typed, is_packed, &mut room);
    Ok(contents.and_then(|contents| Chart::load(contents, typed, &mut room)))
}

/// A chart of the project, with what its lock says of it.
fn of_project(place: &Place, session: &Session, findings: &mut Findings) -> Result<Chart, Refusal> {
    let (disk, room) = (session.disk.as_ref(), &mut Room::default());
    let lock = Lock::open(disk)?;
    let contents = place.contents(disk, room)?;
    let digest = archive::digest(&contents);
    let chart = Chart::load(contents, &place.path, room)?;
    let named = (&*chart.metadata.name, &*chart.metadata.version);
    findings.extend(lock.judge(named, &place.path, &digest, &session.sources));
    Ok(chart)
}

fn of_shelf<'s>(shelf: &'s Shelf, typed: &str) -> Option<&'s Place> {
    let exact = shelf.places().iter().find(|place| place.stem() == typed);
    exact.or_else(|| shelf.find(typed, None))
}

fn is_archive(path: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    [".tgz", ".tar.gz"].iter().any(|ending| name.ends_with(ending))
}

/// A file that somebody named, wherever it lies.
fn read_named(typed: &Utf8PathBuf, limit: u64, session: &Session) -> Result<Vec<u8>, Failure> {
    let path = session.place.absolute(typed);
    let refused = |why: String| Failure::new(format!("`{typed}` cannot be read: {why}"));
    let folder = path.parent().unwrap_or(Utf8Path::new("/"));
    let disk = session.beside(folder).map_err(|error| refused(error.to_string()))?;
    let name = Utf8Path::new(path.file_name().unwrap_or_default());
    disk.read(name, limit).map_err(|error| refused(error.to_string()))
}
