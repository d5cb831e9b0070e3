//! What is affected, as text, as paths, and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::comparison::{Affected, Change, Comparison, Counted};
use crate::cli::args;
use crate::cli::place::Place;
use crate::disk::Parted;
use crate::finding::render::text::{self, with_commas};

/// Up to so many environments have a line of their own.
const EACH: usize = 10;

/// A commit as people write it.
pub(super) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// A line an environment; of many with the same to say, one for all of them.
pub(super) fn text(comparison: &Comparison<'_>, is_verbose: bool) -> String {
    let affected = &comparison.affected;
    if is_verbose {
        let all = |it: &Affected| format!("{}: {}\n{}", it.name, sentence(it), lines(it));
        return affected.iter().map(all).collect();
    }
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for it in affected {
        let said = sentence(it);
        match groups.iter_mut().find(|(known, _)| affected.len() > EACH && *known == said) {
            Some((_, names)) => names.push(&it.name),
            None => groups.push((said, vec![&it.name])),
        }
    }
    let line = |(said, names): (String, Vec<&str>)| match names.as_slice() {
        [name] => format!("{name}: {said}\n"),
        names => format!("{}: {said}\n", text::environments(names)),
    };
    groups.into_iter().map(line).collect()
}

/// All that is to be said of an environment.
fn sentence(it: &Affected) -> String {
    let mut said = Vec::new();
    match it.change {
        Change::Added => said.push("added".to_owned()),
        Change::Removed => said.push("removed".to_owned()),
        Change::Modified => {}
    }
    match it.has_errors {
        [true, true] => said.push("has errors, as before".to_owned()),
        [false, true] => said.push("has errors".to_owned()),
        [true, false] => said.push("has no errors any more".to_owned()),
        [false, false] if !it.files.is_empty() => said.push(count_files(it)),
        [false, false] => {}
    }
    if it.findings.new > 0 {
        said.push(format!("{} new", count(it.findings.new, "finding", "findings")));
    }
    if it.findings.gone > 0 {
        said.push(format!("{} gone", count(it.findings.gone, "finding", "findings")));
    }
    said.extend(it.impact.keys().next().map(|worst| worst.word().to_owned()));
    said.join(", ")
}

fn count_files(it: &Affected) -> String {
    let files = count(it.files.len(), "file", "files");
    match it.change {
        Change::Added | Change::Removed => files,
        Change::Modified if it.files.len() == 1 => format!("{files} differs"),
        Change::Modified => format!("{files} differ"),
    }
}

fn count(number: usize, one: &str, more: &str) -> String {
    format!("{} {}", with_commas(number), if number == 1 { one } else { more })
}

fn lines(it: &Affected) -> String {
    let mut lines = String::new();
    for (path, change) in &it.files {
        let sign = match change {
            Change::Added => '+',
            Change::Removed => '-',
            Change::Modified => '~',
        };
        let _ = writeln!(lines, "  {sign} {path}");
    }
    for (consequence, number) in &it.impact {
        let _ = writeln!(lines, "  {} {number}", consequence.word());
    }
    lines
}

/// One line of how many there are.
pub(super) fn summary(comparison: &Comparison<'_>, args: &args::Affected) -> String {
    let all = comparison.affected.len() + comparison.unaffected;
    let affected = with_commas(comparison.affected.len());
    let noun = if all == 1 { "environment" } else { "environments" };
    let mut said =
        format!("{affected} of {} {noun} affected between `{}` and `{}`", with_commas(all), args.base, args.head);
    let Counted { new, gone } = comparison.of_project;
    if new + gone > 0 {
        let _ =
            write!(said, "; of findings that belong to none, {} new and {} gone", with_commas(new), with_commas(gone));
    }
    said
}

/// The files that differ, as they are written by `render`, a line each.
pub(super) fn paths(comparison: &Comparison<'_>, place: &Place) -> String {
    let mut lines = String::new();
    for it in &comparison.affected {
        let side = if it.change == Change::Removed { &comparison.old } else { &comparison.new };
        for path in it.files.keys() {
            let _ = writeln!(lines, "{}", place.shown(&side.output(&it.name).join(path)));
        }
    }
    lines
}

/// Where nothing could be said.
#[derive(Default, Serialize)]
pub(super) struct Nothing {
    affected: Option<()>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    base: &'a str,
    merge_base: &'a str,
    head: &'a str,
    affected: Vec<Item<'a>>,
    unaffected: usize,
    project_findings: Counted,
    uncommitted: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    environment: &'a str,
    path: &'a str,
    change: Change,
    files: Vec<File<'a>>,
    findings: Counted,
    had_errors: bool,
    has_errors: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<BTreeMap<&'static str, usize>>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    change: Change,
}

pub(super) fn document<'a>(
    comparison: &'a Comparison<'_>,
    parted: &'a Parted,
    uncommitted: &'a [Utf8PathBuf],
) -> Document<'a> {
    let item = |it: &'a Affected| {
        let file = |(path, change): (&'a Utf8PathBuf, &Change)| File { path: path.as_str(), change: *change };
        let impact = it.impact.iter().map(|(consequence, number)| (consequence.word(), *number)).collect();
        Item {
            environment: &it.name,
            path: it.path.as_str(),
            change: it.change,
            files: it.files.iter().map(file).collect(),
            findings: it.findings,
            had_errors: it.has_errors[0],
            has_errors: it.has_errors[1],
            impact: (!it.impact.is_empty()).then_some(impact),
        }
    };
    Document {
        base: &parted.base,
        merge_base: &parted.merge_base,
        head: &parted.head,
        affected: comparison.affected.iter().map(item).collect(),
        unaffected: comparison.unaffected,
        project_findings: comparison.of_project,
        uncommitted: uncommitted.iter().map(|path| path.as_str()).collect(),
    }
}
