//! `platc images`: every image that environments run, and where it is set.

mod cyclonedx;
mod draw;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::args::{Format, Global, Images};
use super::compile::{self, Context, Request};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use crate::finding::Findings;
use crate::pipeline::{Compiled, Survey};
use crate::tree::Record;
use told::{Asks, Chart, Line, Told, Use};

pub(super) fn run(args: &Images, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open_with_cache(global, false)?;
    let with = session.overlays(&args.values.with)?;
    let asks = Asks;
    let survey = Survey::new(&asks);
    let request = Request {
        jobs: global.jobs,
        set: &args.values.set,
        with: &with,
        check: false,
        survey: Some(&survey),
        caching: session.caching().filter(|_| with.is_empty()),
        ..session.request()
    };
    let select = |project: &_| session.select(project, &args.environments);
    let recall = |_: Context<'_>, _: &Record| Some(());
    let deliver = |_: Context<'_>, _: Option<Compiled>, _: &mut Findings| ();
    let outcome = compile::each(&request, select, printer, recall, deliver)?;
    let names: Vec<Arc<str>> = outcome.delivered.iter().map(|(name, ())| Arc::clone(name)).collect();
    let report = Report::new(outcome.findings, &session.sources).of(&session.place, names.iter().cloned());
    report.say(printer);
    let answers = survey.into_answers();
    let listed = Listed::of(&names, &answers);
    match printer.format {
        Format::Text => printer.result(draw::text(&listed, &names, answers.len(), printer.out_look()))?,
        Format::Cyclonedx => printer.result(cyclonedx::document(&listed.images))?,
        _ => report.document(printer, &listed)?,
    }
    Ok(report.exit())
}

/// The result, as it is told in JSON.
#[derive(Debug, Serialize)]
struct Listed<'n> {
    /// In the order of their names.
    images: Vec<Image<'n>>,
    charts: Vec<Installed<'n>>,
}

/// A chart, and the environments that install it.
#[derive(Debug, Serialize)]
struct Installed<'n> {
    #[serde(flatten)]
    chart: Chart,
    environments: Vec<&'n str>,
}

/// An image, with all that runs it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Image<'n> {
    registry: Option<String>,
    repository: Option<String>,
    tag: Option<String>,
    digest: Option<String>,
    /// Parts that only the chart's defaults complete.
    of_chart: Vec<String>,
    /// Parts that the container runtime takes where nothing is said.
    implied: Vec<String>,
    uses: Vec<Used<'n>>,
}

/// A place that names it, in all environments that have the same there.
#[derive(Debug, Serialize)]
struct Used<'n> {
    environments: Vec<&'n str>,
    #[serde(flatten)]
    by: Use,
}

/// An image as it is sorted: by its name, then its version.
type Key = ([Option<String>; 4], Vec<String>, Vec<String>);

impl<'n> Listed<'n> {
    /// All that the answers say, each once.
    fn of(names: &'n [Arc<str>], answers: &BTreeMap<Arc<str>, Vec<Arc<str>>>) -> Self {
        let mut by_line: BTreeMap<&Arc<str>, Vec<&'n str>> = BTreeMap::new();
        for name in names {
            for line in answers.get(name).into_iter().flatten() {
                let environments = by_line.entry(line).or_default();
                if environments.last() != Some(&&**name) {
                    environments.push(name);
                }
            }
        }
        let mut images: BTreeMap<Key, Vec<Used<'n>>> = BTreeMap::new();
        let mut charts = Vec::new();
        for (line, environments) in by_line {
            match told::read(line) {
                Some(Line::Image(told)) => {
                    let Told { parts, of_chart, implied, by } = *told;
                    images.entry((parts, of_chart, implied)).or_default().push(Used { environments, by });
                }
                Some(Line::Chart(chart)) => charts.push(Installed { chart, environments }),
                None => {}
            }
        }
        charts.sort_by(|a, b| a.chart.cmp(&b.chart));
        let image = |(([registry, repository, tag, digest], of_chart, implied), mut uses): (Key, Vec<Used<'n>>)| {
            uses.sort_by(|a, b| a.by.place().cmp(&b.by.place()).then_with(|| a.environments.cmp(&b.environments)));
            Image { registry, repository, tag, digest, of_chart, implied, uses }
        };
        Self { images: images.into_iter().map(image).collect(), charts }
    }
}

impl Image<'_> {
    /// The environments that run it, in the order of asking.
    fn environments(&self, names: &[Arc<str>]) -> Vec<Arc<str>> {
        let running: BTreeSet<&str> = self.uses.iter().flat_map(|used| used.environments.iter().copied()).collect();
        names.iter().filter(|name| running.contains(&***name)).cloned().collect()
    }
}
