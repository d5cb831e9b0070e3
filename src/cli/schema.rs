//! `platc schema`: the project's schema as one document, as a page, and for editors.

use serde::Serialize;

use super::args::{Docs, Format, Global, Print, SchemaAction};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use super::{editors, import};
use crate::finding::Findings;
use crate::finding::render::json::{FindingsOnly, document};
use crate::finding::render::safe;
use crate::project::Project;
use crate::schema::Schema;

pub(super) fn run(action: &SchemaAction, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, false)?;
    match action {
        SchemaAction::Print(args) => print(args, &session, printer),
        SchemaAction::Docs(Docs {}) => docs(&session, printer),
        SchemaAction::Import(args) => import::run(args, &session, printer),
        SchemaAction::Modeline(args) => editors::run(args, &session, printer),
    }
}

/// The project's schema, with a report that has been said.
pub(super) fn load<'a>(session: &'a Session, printer: &mut Printer) -> (Option<Schema>, Report<'a>) {
    let Session { disk, sources, limits, .. } = session;
    let mut findings = Findings::default();
    let schema = Project::load(disk.as_ref(), sources, limits, &mut findings)
        .and_then(|project| Schema::load(disk.as_ref(), &project.config.schema, sources, limits, &mut findings));
    let report = Report::new(findings, sources);
    report.say(printer);
    (schema, report)
}

#[derive(Serialize)]
struct Page {
    markdown: String,
}

fn docs(session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let (schema, report) = load(session, printer);
    match (schema, printer.format) {
        (Some(schema), Format::Text) => printer.result(safe::page(&schema.reference()))?,
        (Some(schema), _) => report.document(printer, Page { markdown: schema.reference() })?,
        (None, _) => report.document(printer, FindingsOnly {})?,
    }
    Ok(report.exit())
}

fn print(args: &Print, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let (schema, report) = load(session, printer);
    match schema {
        Some(schema) if args.layer => printer.result(document(&schema.for_layers()))?,
        Some(schema) => printer.result(document(schema.bundled()))?,
        None => report.document(printer, FindingsOnly {})?,
    }
    Ok(report.exit())
}
