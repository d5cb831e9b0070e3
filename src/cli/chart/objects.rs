//! `platc chart objects`: what the charts of an environment make.

mod told;

use std::sync::Arc;

use serde::Serialize;

use crate::cli::args::{self, Format, Global, Objects};
use crate::cli::compile::{self, Context, Request};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::finding::render::safe;
use crate::finding::{Findings, suggest};
use crate::pipeline::{Compiled, Survey};
use crate::tree::Record;
use told::{Asks, State, Told};

#[derive(Serialize)]
struct Listed {
    releases: Vec<Told>,
}

pub(super) fn run(args: &Objects, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, false)?;
    let with = session.overlays(&args.values.with)?;
    let asks = Asks::open(&session, &args.releases);
    let survey = Survey::new(&asks);
    let request = Request {
        jobs: global.jobs,
        set: &args.values.set,
        with: &with,
        check: false,
        survey: Some(&survey),
        ..session.request()
    };
    let environments = args::Environments { named: vec![args.environment.clone()], all: false };
    let select = |project: &_| session.select(project, &environments);
    let recall = |_: Context<'_>, _: &Record| Some(());
    let deliver = |_: Context<'_>, _: Option<Compiled>, _: &mut Findings| ();
    let outcome = compile::each(&request, select, printer, recall, deliver)?;
    let names: Vec<Arc<str>> = outcome.delivered.iter().map(|(name, ())| Arc::clone(name)).collect();
    let answers = survey.into_answers();
    let told = answers.values().flatten().filter_map(|line| serde_json::from_str(line).ok());
    let mut listed = Listed { releases: told.collect() };
    let mut findings = outcome.findings;
    findings.extend(asks.into_findings().iter().cloned());
    let report = Report::new(findings, &session.sources).of(&session.place, names);
    report.say(printer);
    if !args.releases.is_empty() {
        pick(&args.releases, &mut listed, answers.is_empty())?;
    }
    match printer.format {
        Format::Text if args.releases.is_empty() => printer.result(table(&listed))?,
        Format::Text => {
            for text in listed.releases.iter().filter_map(|told| told.text.as_deref()) {
                printer.file(text.as_bytes())?;
            }
        }
        _ => report.document(printer, &listed)?,
    }
    note(&listed, printer);
    Ok(report.exit())
}

/// Leaves those that were asked for.
fn pick(wanted: &[String], listed: &mut Listed, has_errors: bool) -> Result<(), Failure> {
    for name in wanted {
        if !has_errors && !listed.releases.iter().any(|told| told.release == *name) {
            let known: Vec<&str> = listed.releases.iter().map(|told| told.release.as_str()).collect();
            let failure = Failure::new(format!("no release is called `{name}`"));
            return Err(match suggest::did_you_mean(name, known.iter().copied()) {
                Some(help) => failure.help(help),
                None => failure.help(format!("there are {}", known.join(", "))),
            });
        }
    }
    listed.releases.retain(|told| wanted.contains(&told.release));
    Ok(())
}

/// One line a release.
fn table(listed: &Listed) -> String {
    let row = |told: &Told| {
        let version = told.version.as_deref().unwrap_or("any version");
        let state = match &told.state {
            State::Made { .. } => match told.objects.len() {
                1 => "1 object".to_owned(),
                count => format!("{count} objects"),
            },
            State::Missing => "not in `charts`".to_owned(),
            State::Unknown { because } => format!("not known: {because}"),
            State::Failed => "fails".to_owned(),
        };
        let namespace = told.namespace.clone().unwrap_or_default();
        [told.release.clone(), namespace, format!("{} {version}", told.chart), state]
    };
    let rows: Vec<[String; 4]> = listed.releases.iter().map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let line = |row: &[String; 4]| {
        let [a, b, c, d] = row;
        format!("{a:0$}  {b:1$}  {c:2$}  {d}\n", widths[0], widths[1], widths[2])
    };
    safe::page(&rows.iter().map(line).collect::<String>())
}

/// Charts that are not there, once.
fn note(listed: &Listed, printer: &mut Printer) {
    let missing = listed.releases.iter().filter(|told| matches!(told.state, State::Missing));
    let mut names: Vec<String> =
        missing.map(|told| format!("{}-{}", told.chart, told.version.as_deref().unwrap_or("VERSION"))).collect();
    names.sort();
    names.dedup();
    match &names[..] {
        [] => {}
        [one] => {
            printer.status(&format!("`charts` lacks {one}: `helm pull` fetches it, `platc chart add` puts it there"));
        }
        several => {
            printer.status(&format!("`charts` lacks {} charts, so nothing is said of what they make", several.len()));
        }
    }
}
