//! `platc chart add`: puts a chart into the project, and pins what is in it.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::{is_archive, read_named, refused};
use crate::chart::archive::{self, ARCHIVE_BYTES, Contents};
use crate::chart::file::Refusal;
use crate::chart::load::Chart;
use crate::chart::lock::{self, Lock};
use crate::chart::shelf::{self, FOLDER};
use crate::cli::args::{Add, Format};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::signals;
use crate::disk::Disk;
use crate::disk::archive::Room;
use crate::finding::Findings;
use crate::finding::render::safe;
use crate::tree::{self, Seed};

#[derive(Serialize)]
struct Lines {
    pinned: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    name: String,
    version: String,
    path: String,
    digest: String,
}

pub(super) fn run(args: &Add, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut lock = match Lock::open(session.disk.as_ref()) {
        Ok(lock) => lock,
        Err(refusal) => return refused(&refusal, session, printer),
    };
    let mut findings = Findings::default();
    let mut lines = Vec::new();
    for typed in &args.from {
        let came = match Came::read(typed, session)? {
            Ok(came) => came,
            Err(refusal) => {
                findings.push(crate::chart::told::refusal(&refusal, &session.sources));
                continue;
            }
        };
        let chart = (came.name.as_str(), came.version.as_str());
        let is_pinned = lock.find(chart.0, chart.1).is_some();
        if is_pinned
            && !args.force
            && let Some(finding) = lock.judge(chart, typed, &came.digest, &session.sources)
        {
            findings.push(finding);
            continue;
        }
        came.put(session)?;
        let known = lock.find(chart.0, chart.1).map(|it| it.origin.clone());
        let origin = args.origin.clone().or(known).unwrap_or_default();
        lock.pin(chart.0, chart.1, &came.digest, &origin);
        let Came { name, version, digest, path, .. } = came;
        lines.push(Line { name, version, path: path.into_string(), digest });
    }
    if !lines.is_empty() {
        write(Utf8Path::new(lock::FILE), lock.written().as_bytes(), session)?;
    }
    let report = Report::new(findings, &session.sources);
    report.say(printer);
    if printer.format == Format::Text {
        for line in &lines {
            let shown = session.place.shown(Utf8Path::new(&line.path));
            printer.result(format!("{}\n", safe::line(shown.as_str())))?;
        }
    }
    report.document(printer, Lines { pinned: lines })?;
    Ok(report.exit())
}

/// A chart as it was named.
struct Came {
    name: String,
    version: String,
    digest: String,
    /// Where it belongs, within the project.
    path: Utf8PathBuf,
    content: Content,
}

enum Content {
    /// It is there already.
    InPlace,
    Packed(Vec<u8>),
    Files(Contents),
}

impl Came {
    fn read(typed: &Utf8PathBuf, session: &Session) -> Result<Result<Self, Refusal>, Failure> {
        let path = session.place.absolute(typed);
        let is_packed = is_archive(typed);
        let refused = |why: String| Failure::new(format!("`{typed}` cannot be read: {why}"));
        let mut room = Room::default();
        let (contents, packed) = if is_packed {
            let bytes = read_named(typed, ARCHIVE_BYTES, session)?;
            (archive::unpacked(&bytes, typed, &mut room), Some(bytes))
        } else {
            let disk = session.beside(&path).map_err(|error| refused(error.to_string()))?;
            disk.list(Utf8Path::new("")).map_err(|error| refused(error.to_string()))?;
            (shelf::contents(&disk, Utf8Path::new(""), typed, false, &mut room), None)
        };
        let loaded = contents.and_then(|files| Ok((Chart::load(files.clone(), typed, &mut room)?, files)));
        let (chart, files) = match loaded {
            Ok(loaded) => loaded,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (name, version) = (chart.metadata.name.to_string(), chart.metadata.version);
        let belongs = Utf8Path::new(FOLDER).join(format!("{name}-{version}{}", if is_packed { ".tgz" } else { "" }));
        let digest = archive::digest(&files);
        let is_there = session.place.in_project(typed).as_ref() == Some(&belongs);
        let content = match packed {
            _ if is_there => Content::InPlace,
            Some(bytes) => Content::Packed(bytes),
            None => Content::Files(files),
        };
        Ok(Ok(Self { name, version, digest, path: belongs, content }))
    }

    /// Puts it where it belongs, if nothing else stands there.
    fn put(&self, session: &Session) -> Result<(), Failure> {
        let disk = session.disk.as_ref();
        let other = if self.path.extension() == Some("tgz") {
            Utf8PathBuf::from(self.path.as_str().trim_end_matches(".tgz"))
        } else {
            Utf8PathBuf::from(format!("{}.tgz", self.path))
        };
        let standing = |path: &Utf8Path| {
            let is_packed = path.extension() == Some("tgz");
            let is_there = if is_packed { disk.read(path, ARCHIVE_BYTES).is_ok() } else { disk.list(path).is_ok() };
            is_there.then(|| {
                let contents = shelf::contents(disk, path, path, is_packed, &mut Room::default());
                contents.is_ok_and(|contents| archive::digest(&contents) == self.digest)
            })
        };
        let in_the_way = |path: &Utf8Path| {
            Err(Failure::new(format!("`{path}` stands in the way")).help("it holds another content: remove it first"))
        };
        if matches!(self.content, Content::InPlace) {
            return if standing(&other).is_some() { in_the_way(&other) } else { Ok(()) };
        }
        for path in [&self.path, &other] {
            match standing(path) {
                Some(true) => return Ok(()),
                Some(false) => return in_the_way(path),
                None => {}
            }
        }
        match &self.content {
            Content::InPlace => Ok(()),
            Content::Packed(bytes) => write(&self.path, bytes, session),
            Content::Files(files) => {
                let seeds = files.iter().map(|file| Seed { path: file.path.as_str(), text: &file.bytes[..] });
                settle(&self.path, &seeds.collect::<Vec<_>>(), session)
            }
        }
    }
}

/// A folder of files, which stands whole or not at all.
fn settle(path: &Utf8Path, seeds: &[Seed<'_, [u8]>], session: &Session) -> Result<(), Failure> {
    signals::heed();
    session.keeps_aside_free()?;
    let shown = session.place.shown(path);
    tree::settle(tree::Place { root: &session.place.root, path, shown: &shown }, seeds, || Ok(()))
}

fn write(path: &Utf8Path, bytes: &[u8], session: &Session) -> Result<(), Failure> {
    signals::heed();
    let shown = session.place.shown(path);
    tree::replace_bytes(tree::Place { root: &session.place.root, path, shown: &shown }, bytes)?;
    Ok(())
}
