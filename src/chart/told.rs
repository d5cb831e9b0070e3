//! What is said of charts that cannot be used, and of what they make: each at the line of the chart where it is.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::failure::{Failure, FailureKind, Place};
use super::file::{File, Refusal};
use super::load::Chart;
use super::manifests::Manifest;
use super::release::{Made, Stopped};
use super::schema::Misfit;
use crate::finding::codes::chart as codes;
use crate::finding::{Finding, suggest};
use crate::source::{Sources, Span};

/// What is said of a folder or an archive that is no chart.
pub fn refusal(refusal: &Refusal, sources: &Sources) -> Finding {
    let (text, at) = refusal.at.as_ref().map_or(("", 0), |(text, at)| (text, *at));
    let file = sources.add(refusal.path.clone(), text);
    let at = at as usize;
    let message = format!("`{}` cannot be used: {}", refusal.path, refusal.why);
    Finding::new(&codes::UNUSABLE, Span::new(file, at, at), message)
        .help("fetch the chart again with `helm pull`, or ask whoever made it")
}

/// What is said of a release that Helm would not install either; `release` names it.
pub fn stopped(stopped: &Stopped, release: &str, chart: &Chart, sources: &Sources) -> Vec<Finding> {
    match stopped {
        Stopped::Misfits(misfits) => misfits.iter().map(|it| misfit(it, own(chart, sources), release)).collect(),
        other => vec![one(other, release, chart, sources)],
    }
}

/// What is said of a value that a chart does not take, at the place that gives it.
pub fn misfit(misfit: &Misfit, at: Span, release: &str) -> Finding {
    let path = misfit.path.join(".");
    let value = if path.is_empty() { "all of it".to_owned() } else { format!("`{path}`") };
    let what = &misfit.what;
    let message =
        format!("the chart `{}` does not take the values of the release `{release}`: {value} {what}", misfit.chart);
    Finding::new(&codes::VALUES, at, message).help("`platc chart values` shows what the chart has there by itself")
}

fn own(chart: &Chart, sources: &Sources) -> Span {
    Span::file_start(sources.add(chart.shown.join("Chart.yaml"), ""))
}

fn one(stopped: &Stopped, release: &str, chart: &Chart, sources: &Sources) -> Finding {
    let own = || own(chart, sources);
    let name = &chart.metadata.name;
    let fails = |why: String| Finding::new(&codes::FAILS, own(), why);
    match stopped {
        Stopped::Library => {
            let message = format!("the release `{release}` installs `{name}`, which is a library for other charts");
            fails(message).help("install a chart that uses it")
        }
        Stopped::Cluster { wants, is } => {
            let message = format!("the chart `{name}` wants Kubernetes `{wants}`, and the cluster has `{is}`");
            fails(message).help("say which version the cluster has, or take another version of the chart")
        }
        Stopped::Missing(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("the chart `{name}` lists {}, and does not bring it along", suggest::and(&names));
            Finding::new(&codes::UNUSABLE, own(), message)
                .help("`helm dependency build` in its folder fetches what is missing")
        }
        Stopped::NoMap(no_map) => {
            let message = format!("the values of `{}` within `{name}` are no map", no_map.chart);
            fails(message).help(format!("put them below the key `{}`, or leave it out", no_map.chart))
        }
        Stopped::OverBudget => fails(format!(
            "the chart `{name}` has more within it, charts under all their names, templates and values, than a run may install"
        ))
        .help("list each of them once, or leave out what is switched off"),
        Stopped::Misfits(misfits) => {
            let what = misfits.first().map_or("", |misfit| &misfit.what);
            fails(format!("the chart `{name}` does not take its values: {what}"))
        }
        Stopped::Template(failure) => failed(failure, release, chart, sources),
        Stopped::Broken(broken) => {
            let (span, why) = (at_template(&broken.source, chart, sources), broken.why);
            let message = format!("`{}` of the release `{release}` makes no object: {why}", broken.source);
            Finding::new(&codes::NO_OBJECT, span, message)
                .help("look at the text with `platc chart template`, and at the values that it puts in")
        }
    }
}

fn failed(failure: &Failure, release: &str, chart: &Chart, sources: &Sources) -> Finding {
    let mut places = failure.at.iter().filter_map(|place| span(place, chart, sources));
    let first = places.next().unwrap_or_else(|| Span::file_start(sources.add(chart.shown.clone(), "")));
    let name = &chart.metadata.name;
    let (message, help) = match &failure.kind {
        FailureKind::Syntax { message, help } => {
            (format!("a template of `{name}` cannot be read: {message}"), help.clone())
        }
        FailureKind::Execution { message, help } => {
            (format!("the chart `{name}` fails for the release `{release}`: {message}"), help.clone())
        }
        FailureKind::Refused(words) => {
            let words = words.trim().replace('\n', " ");
            (format!("the chart `{name}` refuses the values of the release `{release}`: {words}"), None)
        }
        FailureKind::OverBudget => {
            (format!("the chart `{name}` needs more work or memory than a run may take for it"), None)
        }
    };
    let finding = Finding::new(&codes::FAILS, first, message);
    let finding = places.take(3).fold(finding, |finding, span| finding.also(span, "which is used here"));
    finding
        .help(help.unwrap_or_else(|| "set the value that it asks for, or take another version of the chart".to_owned()))
}

/// The place of a template in its chart's file.
pub fn span(place: &Place, chart: &Chart, sources: &Sources) -> Option<Span> {
    let (path, file) = source(chart, &place.template)?;
    let text = file.text();
    let (start, end) = (place.start.min(text.len()), place.end.min(text.len()));
    Some(Span::new(sources.add(path, &*text), start, end.max(start)))
}

/// What is said of objects that Helm makes without a word.
pub fn silent(made: &Made<'_>, release: &str, chart: &Chart, sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    let named = |it: &Manifest| format!("`{}/{}`", it.kind, it.name);
    for manifest in made.manifests.objects.iter().chain(&made.manifests.hooks) {
        for (key, _, _) in &manifest.read.doubled {
            let span = at_template(&manifest.source, chart, sources);
            let message = format!("{} of the release `{release}` has the key `{key}` twice", named(manifest));
            let help =
                "readers take the last of both, or refuse the object: leave out the value that makes one of them";
            found.push(Finding::new(&codes::DOUBLED_KEY, span, message).help(help));
        }
    }
    for manifest in &made.manifests.lost {
        let span = at_template(&manifest.source, chart, sources);
        let events: Vec<&str> = manifest.hook.iter().flat_map(|hook| &hook.events).map(String::as_str).collect();
        let message = format!("the hook {} of the release `{release}` is for `{}`", named(manifest), events.join(","));
        let help = "Helm knows no such event and never applies it: ask whoever made the chart";
        found.push(Finding::new(&codes::LOST_HOOK, span, message).help(help));
    }
    found
}

/// The beginning of a template.
pub fn at_template(template: &str, chart: &Chart, sources: &Sources) -> Span {
    match source(chart, template) {
        Some((path, file)) => Span::file_start(sources.add(path, &*file.text())),
        None => Span::file_start(sources.add(chart.shown.clone(), "")),
    }
}

/// The file behind a template's name, `web/charts/db/templates/pod.yaml`, and where it lies.
pub fn source<'c>(chart: &'c Chart, template: &str) -> Option<(Utf8PathBuf, &'c File)> {
    let (_, mut rest) = template.split_once('/')?;
    let mut chart = chart;
    while let Some((name, below)) = rest.strip_prefix("charts/").and_then(|rest| rest.split_once('/')) {
        let listed = chart.metadata.dependencies.iter().find(|it| &**it.key() == name);
        let own: Arc<str> = listed.map_or_else(|| name.into(), |it| Arc::clone(&it.name));
        chart = chart.charts.iter().find(|one| one.metadata.name == own)?;
        rest = below;
    }
    let file = chart.templates.iter().chain(&chart.files).find(|file| file.path == rest)?;
    Some((chart.shown.join(&file.path), file))
}
