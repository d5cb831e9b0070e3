//! `platc compare`: environments beside each other, by what they set and by what they make.

mod draw;
mod markdown;
mod parts;
mod rows;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::args::{Compare, Environments, Format, Global, Section};
use super::compile::{self, Context, Request};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use crate::finding::Findings;
use crate::pipeline::{Compiled, Survey};
use crate::project::{Entry, Project};
use crate::tree::Record;
use rows::Row;
use told::Asks;

pub(super) fn run(args: &Compare, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open_with_cache(global, false)?;
    let asks = Asks;
    let survey = Survey::new(&asks);
    let caching = session.caching();
    let request = Request { jobs: global.jobs, check: false, survey: Some(&survey), caching, ..session.request() };
    let recall = |_: Context<'_>, _: &Record| Some(());
    let deliver = |_: Context<'_>, _: Option<Compiled>, _: &mut Findings| ();
    let outcome = compile::each(&request, |project| select(args, &session, project), printer, recall, deliver)?;
    let report = Report::new(outcome.findings, &session.sources);
    report.say(printer);
    let answers = survey.into_answers();
    let names = outcome.delivered.into_iter().map(|(name, ())| name).filter(|name| answers.contains_key(name));
    let beside = Beside::of(names.collect(), &answers, args);
    match printer.format {
        Format::Text => printer.result(draw::text(&beside, printer.out_look(), printer.is_verbose()))?,
        Format::Markdown => printer.result(markdown::page(&beside))?,
        _ => report.document(printer, Document { compared: beside.told() })?,
    }
    Ok(match report.exit() {
        Exit::Fine if beside.rows.iter().any(|row| row.is_broken) => Exit::Findings,
        exit => exit,
    })
}

/// The environments that were asked for: two at least, or all.
fn select(args: &Compare, session: &Session, project: &Project) -> Result<Vec<Entry>, Failure> {
    let wanted = Environments { named: args.named.clone(), all: false };
    let selected = session.select(project, &wanted)?;
    match selected.as_slice() {
        [only] => Err(Failure::new(format!("`{}` is compared with nothing", only.name))
            .help("name another environment beside it; without any name all are compared")),
        _ => Ok(selected),
    }
}

/// Environments beside each other.
struct Beside {
    names: Vec<Arc<str>>,
    /// Those that are wanted, in the order of their sections and paths.
    rows: Vec<Row>,
    /// How many are the same everywhere and not shown.
    hidden: usize,
}

impl Beside {
    fn of(names: Vec<Arc<str>>, answers: &BTreeMap<Arc<str>, Vec<Arc<str>>>, args: &Compare) -> Self {
        let mut rows = rows::all(&names, answers);
        rows.retain(|row| args.view.is_empty() || args.view.contains(&row.section));
        let count = rows.len();
        rows.retain(|row| args.all || row.differs(names.len()) || row.is_broken);
        Self { hidden: count - rows.len(), names, rows }
    }

    /// The rows of each section that has some.
    fn sections(&self) -> impl Iterator<Item = (Section, &[Row])> {
        self.rows.chunk_by(|a, b| a.section == b.section).filter_map(|rows| Some((rows.first()?.section, rows)))
    }

    fn told(&self) -> Compared<'_> {
        let names: Vec<&str> = self.names.iter().map(|name| &**name).collect();
        let rows = self.rows.iter().map(|row| row.told(&names)).collect();
        Compared { environments: names, rows }
    }
}

/// The result as JSON.
#[derive(Serialize)]
struct Document<'a> {
    compared: Compared<'a>,
}

#[derive(Serialize)]
struct Compared<'a> {
    environments: Vec<&'a str>,
    rows: Vec<rows::Told<'a>>,
}
