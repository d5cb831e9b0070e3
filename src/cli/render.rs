//! `platc render`: environments into trees.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::args::{Environments, Format, Global, Render};
use super::compile::{self, Context, Event, Request};
use super::destination::Destination;
use super::difference::{self, Difference, Form, Old, Scope};
use super::exit::{Exit, Failure};
use super::glob::Globs;
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use super::{signals, stdout};
use crate::diff::draw;
use crate::finding::Findings;
use crate::finding::render::text;
use crate::pipeline::Compiled;
use crate::tree::{self, Changes, PublishError, Record};

/// Above this many environments one line tells of all of them.
const LINES: usize = 10;

pub(super) fn run(args: &Render, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let to_stdout = args.stdout || args.out_dir.as_deref() == Some(Utf8Path::new("-"));
    if to_stdout && args.check {
        return Err(Failure::new("`--out-dir -` cannot be used with `--check`"));
    }
    if !args.only.is_empty() && !to_stdout && !args.check {
        return Err(Failure::new("`--only` needs `--stdout` or `--check`")
            .help("a tree is written as a whole, so that it is never a mixture of old and new"));
    }
    if to_stdout && printer.format.is_for_findings() && global.format_of_environment {
        printer.format = Format::Text;
    }
    if to_stdout && printer.format.is_for_findings() {
        return Err(Failure::new("this format holds findings, and `--stdout` prints files")
            .help("leave one of them out; `--format json` holds both"));
    }
    let session = Session::open_with_cache(global, false)?;
    let with = session.overlays(&args.values.with)?;
    let request = Request {
        jobs: global.jobs,
        set: &args.values.set,
        with: &with,
        verify: args.verify,
        allow_empty: args.allow_empty,
        // Of what is printed, nothing stands anywhere.
        caching: session.caching().filter(|_| !to_stdout && with.is_empty()),
        ..session.request()
    };
    if to_stdout {
        return stdout::run(args, &session, &request, printer);
    }
    let request = Request { leftovers: Some(&session), writes: !args.check, ..request };
    let destination = Destination::new(args, &session);
    if args.check {
        return check(args, destination, &session, &request, printer);
    }
    let options = Options { durable: args.durable, overwrite_edits: args.overwrite_edits };
    publish(&args.environments, &destination, options, &session, &request, printer)
}

fn check(
    args: &Render,
    destination: Destination,
    session: &Session,
    request: &Request<'_>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let scope = Scope { only: Globs::parse(&args.only)?, context: 0, structure: false };
    let old = |_: &_| Ok(Old::Output(destination));
    let differences = difference::compare(&args.environments, old, &scope, session, request, printer)?;
    let help = |difference: &Difference| format!("run `platc render {}`", difference.name);
    if printer.format.is_for_findings() {
        return Ok(differences.print_findings(help, printer)?);
    }
    let exit = differences.print(Form::Stat, printer)?;
    if printer.format == Format::Text {
        for alike in differences.alike() {
            let [Difference { name, sides, files, .. }, rest @ ..] = alike.as_slice() else { continue };
            let old = &sides.old;
            match (draw::summary(files), rest.len()) {
                (Some(summary), 0) => printer.error(
                    &format!("`{old}` is not what `{name}` compiles to: {summary}"),
                    Some(&format!("run `platc render {name}`; `platc diff {name} --against {old}` shows the lines")),
                ),
                (Some(summary), _) => printer.error(
                    &format!("the trees of {} are not what they compile to: {summary}", difference::name_all(&alike)),
                    Some("run `platc render`"),
                ),
                (None, 0) => printer.status(&format!("{old} is up to date")),
                (None, _) => printer.status(&format!("the trees of {} are up to date", difference::name_all(&alike))),
            }
        }
    }
    Ok(exit)
}

/// How trees are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) durable: bool,
    pub(super) overwrite_edits: bool,
}

/// What became of one environment.
enum Outcome {
    /// Findings stood in the way; the old tree is as it was.
    Nothing,
    Published {
        path: Utf8PathBuf,
        changes: Changes,
        warnings: Vec<tree::Failure>,
    },
    Failed(tree::Failure),
}

/// Compiles environments and writes each tree as soon as it is done.
pub(super) fn publish(
    environments: &Environments,
    destination: &Destination,
    options: Options,
    session: &Session,
    request: &Request<'_>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    signals::heed();
    let deliver = |context: Context<'_>, compiled: Option<Compiled>, findings: &mut Findings| {
        let Some(compiled) = compiled else { return Outcome::Nothing };
        let path = destination.path(context.project, &context.entry.name);
        let shown = destination.shown(context.project, &context.entry.name);
        let place = tree::Place { root: &destination.root, path: &path, shown: &shown };
        let waiting = |process: Option<u32>| {
            let who = process.map_or_else(String::new, |process| format!(" (process {process})"));
            let _ = context.events.send(Event::Said(format!("waiting for another run{who} to finish {shown}")));
        };
        let publish = |overwrite_edits: bool| {
            let options = tree::Options {
                durable: options.durable,
                overwrite_edits,
                waiting: &waiting,
                ..tree::Options::default()
            };
            tree::publish(place, &compiled.files, &options, &session.limits, &session.sources)
        };
        let published = match publish(options.overwrite_edits) {
            Err(PublishError::Refused(refused)) if destination.settles_merge(&refused, session) => publish(true),
            published => published,
        };
        match published {
            Ok(published) => {
                Outcome::Published { path: shown, changes: published.changes, warnings: published.warnings }
            }
            Err(PublishError::Refused(refused)) => {
                findings.append(refused);
                Outcome::Nothing
            }
            Err(PublishError::Failed(failure)) => Outcome::Failed(failure),
        }
    };
    let recall = |context: Context<'_>, tree: &Record| {
        let path = destination.path(context.project, &context.entry.name);
        let shown = destination.shown(context.project, &context.entry.name);
        let stands = tree.stands(tree::Place { root: &destination.root, path: &path, shown: &shown });
        let changes = Changes { unchanged: tree.files, ..Changes::default() };
        stands.then(|| Outcome::Published { path: shown, changes, warnings: Vec::new() })
    };
    let select = |project: &_| {
        let selected = session.select(project, environments)?;
        destination.check(project, &selected, session)?;
        Ok(selected)
    };
    let compile::Outcome { project, findings, delivered } = compile::each(request, select, printer, recall, deliver)?;
    let judged = delivered.iter().map(|(name, _)| Arc::clone(name));
    let report = Report::new(findings, &session.sources).of(&session.place, judged);
    if printer.format == Format::Text {
        report.say(printer);
        say(&delivered, destination, printer);
        if let Some(project) = project.filter(|_| destination.is_golden()) {
            // That the folder cannot be read is told of each tree.
            say_left_behind(&difference::left_behind(&project, session).unwrap_or_default(), printer);
        }
    } else {
        report.document(printer, Published::of(&delivered))?;
    }
    let failed = |(_, outcome): &'_ (Arc<str>, Outcome)| matches!(outcome, Outcome::Failed(_));
    let count = delivered.iter().filter(|it| failed(it)).count();
    let shown = if printer.is_verbose() { count } else { count.min(LINES) };
    for (_, outcome) in delivered.iter().filter(|it| failed(it)).take(shown) {
        if let Outcome::Failed(failure) = outcome {
            printer.error(&failure.to_string(), failure.help.as_deref());
        }
    }
    if count > shown {
        printer.status(&format!("… and {} trees more: `-v` shows all", text::with_commas(count - shown)));
    }
    Ok(if count > 0 { Exit::Failed } else { report.exit() })
}

/// What is not renewed, since nothing makes it any more.
fn say_left_behind(trees: &[Utf8PathBuf], printer: &mut Printer) {
    if let [first, rest @ ..] = trees {
        let (more, belong, them) = match rest.len() {
            0 => (String::new(), "belongs", "the folder"),
            more => (format!(" and {} more", text::with_commas(more)), "belong", "the folders"),
        };
        let message = format!("`{first}`{more} {belong} to no environment, and stays as it is: remove {them}");
        printer.status(&format!("{message}, or `platc golden --check` fails"));
    }
}

fn say(delivered: &[(Arc<str>, Outcome)], destination: &Destination, printer: &mut Printer) {
    let (mut total, mut trees, mut warned) = (Changes::default(), 0, 0);
    let verb = destination.verb();
    for (name, outcome) in delivered {
        let Outcome::Published { path, changes, warnings } = outcome else { continue };
        if delivered.len() <= LINES {
            printer.status(&format!("{verb} {name}: {} into {path}", counts(changes)));
        } else {
            printer.detail(&format!("{verb} {name}: {} into {path}", counts(changes)));
        }
        for (word, paths) in [("added", &changes.added), ("changed", &changes.changed), ("removed", &changes.removed)] {
            for path in paths {
                printer.detail(&format!("  {word} {path}"));
            }
        }
        for warning in warnings {
            warned += 1;
            if warned <= LINES || printer.is_verbose() {
                printer.warning(&warning.to_string(), warning.help.as_deref());
            }
        }
        total.added.extend_from_slice(&changes.added);
        total.changed.extend_from_slice(&changes.changed);
        total.removed.extend_from_slice(&changes.removed);
        total.unchanged += changes.unchanged;
        trees += 1;
    }
    if warned > LINES && !printer.is_verbose() {
        printer.status(&format!("… and {} warnings more: `-v` shows all", text::with_commas(warned - LINES)));
    }
    if delivered.len() > LINES && trees > 0 {
        let folder = &destination.typed;
        let folder = if folder.as_str().is_empty() { String::new() } else { format!(" into {folder}") };
        printer.status(&format!("{verb} {trees} environments: {}{folder}", counts(&total)));
    }
}

/// `27 files (3 changed, 1 removed)`
fn counts(changes: &Changes) -> String {
    let files = changes.added.len() + changes.changed.len() + changes.unchanged;
    let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
    let parts = [(changes.added.len(), "new"), (changes.changed.len(), "changed"), (changes.removed.len(), "removed")];
    let parts: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if parts.is_empty() { format!("{files} (none changed)") } else { format!("{files} ({})", parts.join(", ")) }
}

/// The result as JSON.
#[derive(Serialize)]
struct Published<'a> {
    environments: Vec<Tree<'a>>,
}

#[derive(Serialize)]
struct Tree<'a> {
    name: &'a str,
    /// Where its tree stands; `null` if it was not written.
    directory: Option<&'a str>,
    files: usize,
    added: Vec<&'a str>,
    changed: Vec<&'a str>,
    removed: Vec<&'a str>,
}

impl<'a> Published<'a> {
    fn of(delivered: &'a [(Arc<str>, Outcome)]) -> Self {
        let paths = |paths: &'a [Utf8PathBuf]| paths.iter().map(|path| path.as_str()).collect();
        let environments = delivered.iter().map(|(name, outcome)| match outcome {
            Outcome::Published { path, changes, .. } => Tree {
                name,
                directory: Some(path.as_str()),
                files: changes.added.len() + changes.changed.len() + changes.unchanged,
                added: paths(&changes.added),
                changed: paths(&changes.changed),
                removed: paths(&changes.removed),
            },
            Outcome::Nothing | Outcome::Failed(_) => {
                let (added, changed, removed) = (Vec::new(), Vec::new(), Vec::new());
                Tree { name, directory: None, files: 0, added, changed, removed }
            }
        });
        Self { environments: environments.collect() }
    }
}
