//! What is said of what a release makes, beside what rules say of its objects: values without an effect, and what is another
//! one at each render.

use std::collections::BTreeSet;

use crate::chart::load::Chart;
use crate::chart::marks::Origin;
use crate::chart::release::Made;
use crate::chart::told;
use crate::check::{Draft, Report};
use crate::delivery::{self, Engine, Wanted};
use crate::finding::codes::chart as codes;
use crate::finding::suggest;
use crate::source::Sources;

pub(super) fn said(made: &Made<'_>, wanted: &Wanted<'_>, chart: &Chart, sources: &Sources) -> Vec<Draft> {
    let mut report = Report::default();
    unread(made, wanted, chart, &mut report);
    if wanted.engine == Engine::ArgoCd {
        random(made, wanted, chart, sources, &mut report);
    }
    report.into_drafts()
}

fn unread(made: &Made<'_>, wanted: &Wanted<'_>, chart: &Chart, report: &mut Report) {
    let (name, version) = (&chart.metadata.name, &chart.metadata.version);
    for unread in &made.unread {
        let Some(node) = delivery::giver(wanted, &unread.path) else { continue };
        let path = unread.path.join(".");
        let near = unread.path.last().and_then(|key| suggest::did_you_mean(key, unread.beside.iter().map(|it| &**it)));
        let help =
            near.unwrap_or_else(|| format!("leave it out; `platc chart values {name}-{version}` shows what there is"));
        report
            .at(&codes::UNREAD_VALUE, node, format!("no template of the chart `{name}` {version} reads `{path}`"))
            .about_key()
            .label("this has no effect")
            .help(help)
            .unless_said();
    }
}

fn random(made: &Made<'_>, wanted: &Wanted<'_>, chart: &Chart, sources: &Sources, report: &mut Report) {
    let mut told = BTreeSet::new();
    let manifests = made.manifests.objects.iter();
    for manifest in manifests {
        let Some((_, text)) = made.rendered.files.iter().find(|(source, _)| *source == manifest.source) else {
            continue;
        };
        let (start, end) = (manifest.start, manifest.start + manifest.text.len());
        let mut from = 0;
        for piece in text.pieces() {
            let is_within = from < end && piece.end > start;
            from = piece.end;
            let calls = piece.marks.iter().filter_map(|mark| match mark.origin() {
                Origin::Call(at) => made.rendered.calls.get(at),
                _ => None,
            });
            for call in calls.filter(|_| is_within) {
                let Some(span) = told::span(&call.at, chart, sources) else { continue };
                if !told.insert((call.at.template.clone(), call.at.start)) {
                    continue;
                }
                let object = format!("{}/{}", manifest.kind, manifest.name);
                let function = call.function;
                let message =
                    format!("`{object}` of the release `{}` is another one whenever it is rendered", wanted.name);
                report
                    .at(&codes::RANDOM, wanted.node, message)
                    .beside(span, format!("`{function}` gives something else each time"))
                    .help("set the value that the chart takes in its place: a condition around that line asks for it")
                    .unless_said();
            }
        }
    }
}
