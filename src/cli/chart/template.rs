//! `platc chart template`: what a chart makes of values, as Helm would print it.

use std::sync::Arc;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::{named, read_named, refused};
use crate::account::Account;
use crate::chart::capabilities::Capabilities;
use crate::chart::engine::Options;
use crate::chart::marks::Marks;
use crate::chart::release::{Order, make};
use crate::chart::scope::Named;
use crate::chart::sets::{self, Taken};
use crate::chart::value::Map;
use crate::chart::{told, values};
use crate::cli::args::{Format, Template};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::finding::Findings;

#[derive(Serialize)]
struct Printed {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

pub(super) fn run(args: &Template, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut findings = Findings::default();
    let chart = match named(&args.chart, session, &mut findings)? {
        Ok(chart) => chart,
        Err(refusal) => return refused(&refusal, session, printer),
    };
    let values = Map::empty();
    for file in &args.values {
        lay(file, &values, session)?;
    }
    for set in &args.set {
        sets::set(set, Taken::Typed, &values)
            .map_err(|why| Failure::new(format!("`--set {set}` cannot be read: {why}")))?;
    }
    let capabilities = match &args.kube_version {
        Some(version) => Capabilities::of(version, args.api_versions.clone())
            .ok_or_else(|| Failure::new(format!("`{version}` is no version such as `1.34`")))?,
        None => Capabilities::default().with(args.api_versions.clone()),
    };
    let named = Named { release: Arc::from(args.name.as_str()), namespace: Arc::from(args.namespace.as_str()) };
    let order = Order { chart: &chart, values, named, capabilities, options: Options::default() };
    let mut text = None;
    match make(&order, Account::unbounded().left()) {
        Ok(made) => {
            findings.extend(told::silent(&made, &args.name, &chart, &session.sources));
            text = Some(made.text(args.include_crds, !args.no_hooks));
        }
        Err(stopped) => findings.extend(told::stopped(&stopped, &args.name, &chart, &session.sources)),
    }
    let report = Report::new(findings, &session.sources);
    report.say(printer);
    match text {
        Some(text) if printer.format == Format::Text => printer.file(text.as_bytes())?,
        text => report.document(printer, Printed { text })?,
    }
    Ok(report.exit())
}

/// Lays a file of values over what is there.
fn lay(file: &Utf8PathBuf, below: &Map, session: &Session) -> Result<(), Failure> {
    let bytes = read_named(file, session.limits.file_bytes, session)?;
    let text = String::from_utf8_lossy(&bytes);
    values::lay_text(below, &text, &Marks::NONE).map_err(|why| Failure::new(format!("`{file}` cannot be read: {why}")))
}
