//! Layers into environments: the cases in `tests/cases/project` and `tests/cases/merge`, each a small project with the
//! findings it must give and what its environments hold, value by value, with every place that set it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read real files, clocks and variables")]

#[path = "../support/cases.rs"]
mod cases;
mod laws;
mod robust;

use std::fmt::Write as _;

use camino::Utf8Path;
use platc::environment::load::Loader;
use platc::environment::place::Place;
use platc::environment::{Content, Tree, set};
use platc::finding::Findings;
use platc::limits::Limits;
use platc::project::Project;
use platc::schema::Schema;
use platc::source::Sources;

use cases::{Case, Outcome};

#[test]
fn projects() {
    cases::run("project", outcome);
}

#[test]
fn merges() {
    cases::run("merge", outcome);
}

/// Rules that no case can show, with the test that does.
const ELSEWHERE: [(&str, &str); 18] = [
    ("project/unreadable", "robust: links, pipes"),
    ("project/too-large", "robust: a_project_has_a_budget_of_files"),
    ("project/over-budget", "tests/accounts.rs"),
    ("project/more-findings", "tests/accounts.rs"),
    ("project/not-text", "src/disk/text.rs"),
    ("project/byte-order-mark", "src/disk/text.rs"),
    ("project/line-ends", "src/disk/text.rs"),
    ("project/unknown-rule", "tests/findings/cases/project"),
    ("project/fixed-rule", "tests/findings/cases/project"),
    ("project/bad-acknowledgement", "tests/findings/cases/project"),
    ("project/unread-layer", "tests/findings/cases/project"),
    ("project/nothing-before", "tests/findings/cases/project"),
    ("project/open-schema", "tests/findings/cases/project"),
    ("project/base-environment", "tests/findings/cases/project"),
    ("project/bad-outside", "tests/findings/cases/project"),
    ("merge/not-values", "tests/findings/cases/merge"),
    ("merge/encrypted", "tests/findings/cases/merge"),
    ("merge/unresolved-reference", "tests/findings/cases/merge"),
];

#[test]
fn every_rule_has_a_case() {
    let shown = ["project", "merge"].map(cases::all_text).concat();
    let rules = platc::finding::codes::all().map(|rule| rule.id);
    let own = rules.filter(|id| id.starts_with("project/") || id.starts_with("merge/"));
    let missing: Vec<_> = own
        .filter(|id| !ELSEWHERE.iter().any(|(other, _)| other == id))
        .filter(|id| !shown.contains(&format!("[{id}]")))
        .collect();
    assert_eq!(missing, [""; 0]);
}

fn outcome(case: &Case) -> Outcome {
    let (disk, sources, limits) = (case.disk(), Sources::default(), Limits::default());
    let mut findings = Findings::default();
    let mut results = Vec::new();
    if let Some(project) = Project::load(&disk, &sources, &limits, &mut findings) {
        let schema = schema(case, &disk, &sources, &limits, &mut findings);
        let loader = Loader::new(schema.shape(), &disk, &sources, &limits);
        let set = set::patch(&case.options("set"), schema.shape(), &sources, &limits, &mut findings);
        for entry in &project.environments {
            if let Some(environment) = loader.load(entry, set.as_ref(), &mut findings) {
                results.push((entry.name.to_string(), listing(&environment.root, &sources)));
            }
        }
    }
    Outcome { sources, findings, results }
}

/// The schema of the case; without one, of anything.
fn schema(
    case: &Case,
    disk: &platc::disk::Memory,
    sources: &Sources,
    limits: &Limits,
    findings: &mut Findings,
) -> Schema {
    let path = "schemas/environment.schema.yaml";
    let anything = || disk.clone().file(path, "{}\n");
    let disk = if case.has(path) { disk.clone() } else { anything() };
    let own = Schema::load(&disk, Utf8Path::new(path), sources, limits, findings);
    own.unwrap_or_else(|| Schema::load(&anything(), Utf8Path::new(path), sources, limits, findings).unwrap())
}

/// Each value with its path, where it was set, and what it overrode, the nearest first.
fn listing(root: &Tree, sources: &Sources) -> String {
    let mut lines = Vec::new();
    list(root, &Place::ROOT, sources, &mut lines);
    let width = lines.iter().map(|(value, _)| value.chars().count()).max().unwrap_or_default();
    lines.iter().fold(String::new(), |mut text, (value, history)| {
        writeln!(text, "{value:width$}   {history}").unwrap();
        text
    })
}

fn list(tree: &Tree, at: &Place<'_>, sources: &Sources, lines: &mut Vec<(String, String)>) {
    let value = match &tree.content {
        Content::Null => "null".to_owned(),
        Content::Bool(value) => value.to_string(),
        Content::Number(number) => number.to_string(),
        Content::String(text) => format!("{text:?}"),
        Content::List(items) if items.is_empty() => "[]".to_owned(),
        Content::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Content::List(items) => {
            return items.iter().enumerate().for_each(|(index, item)| list(item, &at.index(index), sources, lines));
        }
        Content::Map(entries) => {
            return entries.iter().for_each(|(key, value)| list(value, &at.key(key), sources, lines));
        }
    };
    let history = tree.history().map(|origin| sources.locate(origin.value).replace("environments/", ""));
    lines.push((format!("{at} = {value}"), history.collect::<Vec<_>>().join(" over ")));
}
