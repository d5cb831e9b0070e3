//! What is said of a release that Helm would not install: at the value that is to blame, or where the release names its chart,
//! with the lines of the chart beside it.

use crate::chart::load::Chart;
use crate::chart::release::Stopped;
use crate::chart::told;
use crate::check::{Draft, Place, Report};
use crate::delivery::{self, Wanted};
use crate::finding::Finding;
use crate::source::Sources;

pub(super) fn failing(stopped: &Stopped, wanted: &Wanted<'_>, chart: &Chart, sources: &Sources) -> Vec<Draft> {
    let own = wanted.node.place();
    let findings = told::stopped(stopped, &wanted.name, chart, sources);
    let places = match stopped {
        Stopped::Misfits(misfits) => {
            let place = |path: &[String]| delivery::place(wanted, path).map(|node| node.place());
            misfits.iter().map(|misfit| place(&misfit.path)).collect()
        }
        _ => vec![None; findings.len()],
    };
    let draft = |(finding, place): (Finding, Option<Place>)| {
        moved(finding, place.unwrap_or_else(|| own.clone()), "the chart says so here")
    };
    findings.into_iter().zip(places).map(draft).collect()
}

/// What is said of a chart, at a place of the tree. `label` is said where it was to stand.
pub(super) fn moved(finding: Finding, place: Place, label: &str) -> Draft {
    let mut report = Report::default();
    let draft = report.at(finding.rule, place, finding.message);
    draft.worded(finding.wording).beside(finding.primary.span, label);
    for related in finding.related {
        draft.beside(related.span, related.text);
    }
    if let Some(help) = finding.help {
        draft.help(help);
    }
    draft.clone()
}
