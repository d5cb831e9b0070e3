//! `platc adopt`: what another tool renders becomes an application of the project, once it is proved that it makes the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::args::{Adopt, Format, Global};
use super::exit::{Exit, Failure};
use super::modeline;
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use super::signals;
use crate::adopt::read::{From, Reader, Rendered};
use crate::adopt::{self, Adopted, Request};
use crate::diff::draw::{self, Sides};
use crate::diff::{self, Files};
use crate::disk::{Disk, EntryKind, ReadError, lies_in_git};
use crate::finding::{Findings, Known};
use crate::pipeline::Inputs;
use crate::project::{Entry, Project};
use crate::rules::secret_texts;
use crate::schema::Schema;
use crate::tree::{self, PlantError, Seed};

/// How files of schemas end.
const SCHEMA: &str = ".schema.yaml";

/// Unchanged lines around each change.
const CONTEXT: usize = 3;

pub(super) fn run(args: &Adopt, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, false)?;
    let Session { disk, sources, limits, .. } = &session;
    let mut findings = Findings::default();
    let project = Project::load(disk.as_ref(), sources, limits, &mut findings);
    let schema =
        project.as_ref().and_then(|it| Schema::load(disk.as_ref(), &it.config.schema, sources, limits, &mut findings));
    let (Some(project), Some(schema)) = (project, schema) else { return refused(findings, &session, printer) };
    let entries = entries(args, &project, &session)?;
    let mut rendered = Vec::new();
    for (entry, (_, typed)) in entries.iter().zip(&args.rendered) {
        rendered.push(read(entry, typed, args.with_secrets, &session, &mut findings)?);
    }
    if findings.has_errors() {
        return refused(findings, &session, printer);
    }
    if rendered.iter().all(|rendered| rendered.objects.is_empty()) {
        return Err(Failure::new("there is nothing to adopt").help("name folders or files of YAML or JSON"));
    }
    let inputs = Inputs { disk: disk.as_ref(), sources, limits };
    let request =
        Request { app: &args.app, rendered: &rendered, entries: &entries, project: &project, schema: &schema, inputs };
    let adopted =
        adopt::adopt(&request, &mut findings).map_err(|refused| Failure::new(refused.message).help(refused.help))?;
    let Some(adopted) = adopted else { return refused(findings, &session, printer) };
    let state = State::of(&adopted, &project, &session)?;
    let secrets = secrets(&rendered);
    state.show(&adopted, args, &hidden(&rendered), printer)?;
    let written = if args.dry_run || state.is_other { false } else { state.write(&adopted, &session)? };
    let report = Report::new(findings, sources);
    report.say(printer);
    told(&adopted, &entries, &secrets, printer);
    let exit = match (state.is_other, args.dry_run) {
        (true, _) => {
            let help = format!(
                "nothing was written, so that no edit is lost; to take it over, remove `{}` and the files `{}.yaml`, and adopt again",
                adopted.folder, args.app
            );
            printer.error("the application is here already, and would be another one", Some(&help));
            Exit::Findings
        }
        (false, true) => {
            printer.status("nothing was written: this is a dry run");
            report.exit()
        }
        (false, false) => {
            printer.status(if written { "written; `platc validate` judges it" } else { "nothing has changed since" });
            report.exit()
        }
    };
    let files = adopted.files.keys().map(|path| Line { path: path.to_string(), written }).collect();
    let Adopted { objects, templates, settings, before, after, .. } = adopted;
    let adopted = Some(Told { objects, templates, settings, before, after, secrets });
    report.document(printer, Document { files, adopted })?;
    Ok(exit)
}

/// The result, as it is told in JSON.
#[derive(Default, Serialize)]
struct Document {
    files: Vec<Line>,
    adopted: Option<Told>,
}

/// One file.
#[derive(Serialize)]
struct Line {
    path: String,
    written: bool,
}

/// What was adopted.
#[derive(Serialize)]
struct Told {
    objects: usize,
    templates: usize,
    settings: usize,
    /// Bytes that were read, and those of the files.
    before: usize,
    after: usize,
    /// Objects that were left out.
    secrets: Vec<String>,
}

fn refused(findings: Findings, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let report = Report::new(findings, &session.sources);
    report.say(printer);
    report.document(printer, Document::default())?;
    Ok(Exit::Findings)
}

/// The environments that are named, each once.
fn entries(args: &Adopt, project: &Project, session: &Session) -> Result<Vec<Entry>, Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    for (typed, _) in &args.rendered {
        let entry = session.find(project, typed)?.clone();
        if entries.contains(&entry) {
            return Err(
                Failure::new(format!("`{typed}` is named twice")).help("an environment gets one folder or file")
            );
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// What an environment gets, from wherever it lies.
fn read(
    entry: &Entry,
    typed: &Utf8Path,
    with_secrets: bool,
    session: &Session,
    findings: &mut Findings,
) -> Result<Rendered, Failure> {
    let path = session.place.absolute(typed);
    let cannot = |shown: &Utf8Path, why: &ReadError| Failure::new(format!("`{shown}` cannot be read: {why}"));
    if lies_in_git(path.as_std_path(), session.place.root.as_std_path()) {
        return Err(cannot(typed, &ReadError::OfGit));
    }
    let mut reader = Reader { sources: &session.sources, limits: &session.limits, with_secrets, findings };
    let opened = match session.beside(&path) {
        Err(why @ (ReadError::Escapes | ReadError::OfGit)) => return Err(cannot(typed, &why)),
        opened => opened.ok().filter(|disk| disk.list(Utf8Path::new("")).is_ok()),
    };
    let rendered = if let Some(disk) = opened {
        reader.read(&entry.name, From { disk: &disk, shown: typed }, Utf8Path::new(""))
    } else {
        let parent = path.parent().unwrap_or(Utf8Path::new("/"));
        let disk = session.beside(parent).map_err(|why| cannot(typed, &why))?;
        let shown = typed.parent().unwrap_or(Utf8Path::new(""));
        reader.read(&entry.name, From { disk: &disk, shown }, Utf8Path::new(path.file_name().unwrap_or_default()))
    };
    rendered.map_err(|unread| cannot(&unread.path, &unread.why))
}

/// What is secret of the objects that are taken over: it may become a setting of any name.
fn hidden(rendered: &[Rendered]) -> Known {
    let objects = rendered.iter().flat_map(|rendered| &rendered.objects);
    let texts = objects.flat_map(|object| secret_texts(&object.value));
    let found: Vec<Arc<str>> = texts.flat_map(|text| text.lines().map(Arc::from).collect::<Vec<_>>()).collect();
    Known::of(&found)
}

/// The secrets that were left out, by environment.
fn secrets(rendered: &[Rendered]) -> Vec<String> {
    let one = |rendered: &Rendered| -> Vec<String> {
        rendered.secrets.iter().map(|id| format!("{id} of {}", rendered.environment)).collect()
    };
    rendered.iter().flat_map(one).collect()
}

fn told(adopted: &Adopted, entries: &[Entry], secrets: &[String], printer: &mut Printer) {
    let Adopted { objects, templates, settings, before, after, .. } = adopted;
    let environments = entries.len();
    printer.status(&format!(
        "{objects} objects of {environments} environments, all equal when rendered: {templates} templates, {settings} settings; \
         {before} bytes before, {after} after"
    ));
    for secret in secrets {
        printer.status(&format!("left out, for it holds a secret: {secret}"));
    }
}

/// What stands in the project where the files are to be.
struct State {
    /// The files that would change, as they are.
    old: BTreeMap<Utf8PathBuf, Vec<u8>>,
    /// Files of an application that are not what they would be.
    is_other: bool,
    schema: Utf8PathBuf,
}

impl State {
    fn of(adopted: &Adopted, project: &Project, session: &Session) -> Result<Self, Failure> {
        let Session { disk, limits, .. } = session;
        let schema = project.config.schema.clone();
        let mut old = BTreeMap::new();
        let mut paths: Vec<Utf8PathBuf> = adopted.files.keys().cloned().collect();
        below(disk.as_ref(), &adopted.folder, &mut paths);
        for path in paths {
            match disk.read(&path, limits.file_bytes) {
                Ok(bytes) => drop(old.insert(path, bytes)),
                Err(ReadError::Missing) => {}
                Err(why) => return Err(Failure::new(format!("`{path}` cannot be read: {why}"))),
            }
        }
        let differs = |(path, bytes): (&Utf8PathBuf, &Vec<u8>)| {
            *path != schema && adopted.files.get(path).is_none_or(|text| text.as_bytes() != &bytes[..])
        };
        let is_other = old.iter().any(differs);
        Ok(Self { old, is_other, schema })
    }

    /// What would be written, where it is not there yet.
    fn show(&self, adopted: &Adopted, args: &Adopt, hidden: &Known, printer: &mut Printer) -> Result<(), Failure> {
        if printer.format != Format::Text || !(args.dry_run || self.is_other) {
            return Ok(());
        }
        let old: Files<'_> = self.old.iter().map(|(path, bytes)| (path.as_path(), &bytes[..])).collect();
        let new: Files<'_> = adopted.files.iter().map(|(path, text)| (path.as_path(), text.as_bytes())).collect();
        let mut diffs = diff::compare(&old, &new, CONTEXT);
        diff::mask::veil(&mut diffs, hidden);
        let sides = Sides { old: "a".to_owned(), new: "b".to_owned() };
        Ok(printer.result(draw::unified(&diffs, &sides, printer.out_look().colour))?)
    }

    /// Writes the files, the templates last and in one step: until then, nothing of the application is rendered. Gives
    /// whether there was something to write.
    fn write(&self, adopted: &Adopted, session: &Session) -> Result<bool, Failure> {
        let is_new = |path: &Utf8Path| !self.old.contains_key(path);
        let fresh =
            |within: bool| adopted.files.iter().filter(move |(path, _)| path.starts_with(&adopted.folder) == within);
        let root = &session.place.root;
        // The schema first, and then what it allows: whenever this ends, the project is sound.
        let (schemas, layers): (Vec<_>, Vec<_>) = fresh(false)
            .filter(|(path, _)| **path != self.schema)
            .partition(|(path, _)| path.as_str().ends_with(SCHEMA));
        let before = || -> Result<(), Failure> {
            plant(root, &schemas)?;
            if let (Some(text), Some(old)) = (adopted.files.get(&self.schema), self.old.get(&self.schema)) {
                let old = String::from_utf8_lossy(old);
                modeline::rewrite(session, &self.schema, old.strip_prefix('\u{feff}').unwrap_or(&old), text)?;
            }
            plant(root, &layers)
        };
        signals::heed();
        let has_templates = fresh(true).any(|(path, _)| is_new(path));
        if !has_templates {
            let has_others = fresh(false).any(|(path, _)| is_new(path)) || adopted.files.contains_key(&self.schema);
            before()?;
            return Ok(has_others);
        }
        let within = |(path, text): (&Utf8PathBuf, &String)| {
            path.strip_prefix(&adopted.folder).ok().map(|path| (path.to_string(), text.clone()))
        };
        let templates: Vec<(String, String)> = fresh(true).filter_map(within).collect();
        let seeds: Vec<Seed<'_>> = templates.iter().map(|(path, text)| Seed { path, text: text.as_str() }).collect();
        let shown = session.place.shown(&adopted.folder);
        session.keeps_aside_free()?;
        tree::settle(tree::Place { root, path: &adopted.folder, shown: &shown }, &seeds, before)?;
        Ok(true)
    }
}

/// Makes files that are not there yet.
fn plant(root: &Utf8Path, files: &[(&Utf8PathBuf, &String)]) -> Result<(), Failure> {
    let seeds: Vec<Seed<'_>> =
        files.iter().map(|(path, text)| Seed { path: path.as_str(), text: text.as_str() }).collect();
    let planted = tree::plant(root, Utf8Path::new(""), &seeds).map_err(|error| match error {
        PlantError::Failed(failure) => Failure::from(failure),
        PlantError::Taken(obstacles) => {
            let lines: Vec<_> = obstacles.iter().map(|it| format!("`{}` {}", it.path, it.reason)).collect();
            Failure::new(format!("this cannot be written, because of what is there: {}", lines.join("; ")))
        }
    });
    planted.map(drop)
}

/// All files of a folder.
fn below(disk: &dyn Disk, folder: &Utf8Path, found: &mut Vec<Utf8PathBuf>) {
    for entry in disk.list(folder).unwrap_or_default() {
        let path = folder.join(&entry.name);
        match entry.kind {
            EntryKind::Folder => below(disk, &path, found),
            _ => found.push(path),
        }
    }
}
