//! `platc validate`: everything but writing.

use std::sync::Arc;

use super::args::{Format, Global, Validate};
use super::compile::{self, Context, Request};
use super::difference::baseline::Baseline;
use super::exit::{Exit, Failure};
use super::fix;
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use super::strangers::{self, Look};
use super::unstaged;
use crate::finding::Findings;
use crate::finding::render::json::FindingsOnly;
use crate::finding::render::text;
use crate::pipeline::Compiled;
use crate::tree::Record;

/// Up to so many trees that are not there are named one by one.
const EACH: usize = 10;

pub(super) fn run(args: &Validate, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open_with_cache(global, args.staged)?;
    if args.fix {
        fix::run(&args.environments, &session, printer)?;
    }
    let baseline = Baseline::new(&session);
    let with = session.overlays(&args.values.with)?;
    let request = Request {
        jobs: global.jobs,
        set: &args.values.set,
        with: &with,
        day: args.as_of.as_deref(),
        past: Some(&baseline),
        usage: true,
        allow_empty: args.allow_empty,
        leftovers: Some(&session),
        // What else could be compared with may change without any of the project's files.
        caching: session.caching().filter(|_| args.against == "golden" && with.is_empty()),
        ..session.request()
    };
    let recall = |_: Context<'_>, tree: &Record| Some(Some(tree.files));
    let deliver = |_: Context<'_>, compiled: Option<Compiled>, _: &mut Findings| compiled.map(|it| it.files.len());
    let select = |project: &_| {
        baseline.find(&args.against, project)?;
        session.select(project, &args.environments)
    };
    let compile::Outcome { project, mut findings, delivered } =
        compile::each(&request, select, printer, recall, deliver)?;
    if let Some(project) = project.as_ref().filter(|_| !findings.has_errors()) {
        findings.append(session.stray_templates(project, args.staged));
    }
    baseline.failure()?;
    findings.append(baseline.switched_off(args.environments.named.is_empty())?);
    let missing = baseline.missing();
    match missing.as_slice() {
        [first, rest @ ..] if rest.len() >= EACH && !printer.is_verbose() => {
            let more = text::with_commas(rest.len());
            printer.status(&format!("there is no `{first}`, nor {more} more: no change is judged against them"));
        }
        _ => {
            for tree in missing {
                printer.status(&format!("there is no `{tree}`: no change is judged against it"));
            }
        }
    }
    if let Some(project) = &project {
        strangers::name(Look::Applied, &args.environments, project, &session, &[], printer);
    }
    let judged = delivered.iter().map(|(name, _)| Arc::clone(name));
    let report = Report::new(findings, &session.sources).of(&session.place, judged);
    match printer.format {
        Format::Text => {
            report.print(printer)?;
            if args.strict && !report.has_errors() && report.has_warnings() {
                printer.status("warnings fail with `--strict`");
            } else if report.has_errors() {
                // What is missing is often there, and not staged.
                let unstaged = if session.staged { session.unstaged() } else { Vec::new() };
                if let Some(named) = unstaged::named(&unstaged) {
                    printer.status(&format!("this is about what is staged: {named}"));
                }
            } else {
                let files: usize = delivered.iter().filter_map(|(_, files)| *files).sum();
                let what = match delivered.as_slice() {
                    [(name, _)] => name.to_string(),
                    all => format!("{} environments", all.len()),
                };
                let noun = if files == 1 { "file" } else { "files" };
                printer.status(&format!("validated {what}: {files} {noun}, no errors"));
                if args.as_of.is_none() && report.has_deadlines() {
                    printer.status(
                        "an acknowledgement has `until`, which counts only with `--as-of`: `--as-of $(date -I)`",
                    );
                }
            }
        }
        _ => report.document(printer, FindingsOnly {})?,
    }
    Ok(match report.exit() {
        Exit::Fine if args.strict && report.has_warnings() => Exit::Findings,
        exit => exit,
    })
}
