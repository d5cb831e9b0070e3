//! Leads what releases make back to the tree and to the charts. A release is made once more for it, when it is first asked.

use std::sync::{Arc, OnceLock};

use crate::chart::load::Chart;
use crate::chart::told;
use crate::check::{Spot, Trace, Traces};
use crate::delivery::{Asked, Cluster, Traced, Wanted};
use crate::source::{Sources, Span};

/// A release that was made.
pub(super) struct Release<'a> {
    wanted: Wanted<'a>,
    chart: Arc<Chart>,
    cluster: Arc<Cluster>,
    traced: OnceLock<Option<Traced>>,
}

/// Who made an artifact: a release, and the template of its chart.
pub(super) struct Wrote {
    pub(super) release: usize,
    pub(super) source: Arc<str>,
}

pub(super) struct OfReleases<'a> {
    /// Of each artifact.
    pub(super) wrote: Vec<Wrote>,
    pub(super) made: Vec<Release<'a>>,
    pub(super) sources: &'a Sources,
}

impl<'a> Release<'a> {
    pub(super) fn new(wanted: Wanted<'a>, chart: Arc<Chart>, cluster: Arc<Cluster>) -> Self {
        Self { wanted, chart, cluster, traced: OnceLock::new() }
    }
}

impl OfReleases<'_> {
    /// The line of a chart; of a text that stands there as it is, the part that is asked for.
    fn line(&self, asked: &Asked, chart: &Chart) -> Option<Span> {
        let span = told::span(asked.line.as_ref()?, chart, self.sources)?;
        let is_same = *self.sources.slice(span) == *asked.text;
        let at = |offset: usize| span.start as usize + offset;
        Some(if is_same { Span::new(span.file, at(asked.part.start), at(asked.part.end)) } else { span })
    }
}

impl Traces for OfReleases<'_> {
    fn trace(&self, spot: &Spot<'_>) -> Option<Trace> {
        let Wrote { release, source } = self.wrote.get(spot.artifact)?;
        let Release { wanted, chart, cluster, traced } = self.made.get(*release)?;
        let traced = traced.get_or_init(|| Traced::of(wanted, chart, cluster)).as_ref();
        let asked = traced.and_then(|traced| traced.ask(source, spot.document, spot.path, spot.key));
        let line = asked.as_ref().and_then(|asked| self.line(asked, chart));
        let (values, decided) = asked.map(|asked| (asked.values, asked.decided)).unwrap_or_default();
        Some(Trace {
            release: wanted.node.place(),
            values,
            decided,
            chart: line.unwrap_or_else(|| told::at_template(source, chart, self.sources)),
            label: format!("the chart `{}` {} writes it here", chart.metadata.name, chart.metadata.version),
        })
    }
}
