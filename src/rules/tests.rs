//! The examples of all rules, run: what is wrong breaks the rule, what is right does not.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::{CATALOGUE, checks, rules};
use crate::account::Account;
use crate::artifact::{self, Artifact};
use crate::check::{
    Before, Change, Gathered, Laid, Missing, Report, Scope, Severities, Standing, View, fleet as of_fleets,
};
use crate::disk::Memory;
use crate::environment::{Content, Origin, Tree};
use crate::finding::Findings;
use crate::finding::codes::Example;
use crate::limits::Limits;
use crate::source::{Sources, Span};
use crate::template::{EnvironmentInput, Templates};

/// The ids of all rules that artifacts break. Each artifact is a template, `--- # path` before it. With several
/// environments, the first folder of a path is its environment; `before` and `after` are one at two times.
fn broken(example: &str) -> Vec<&'static str> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut path = "template.yaml".to_owned();
    for line in Example::text(example).split_inclusive('\n') {
        if let Some(head) = line.strip_prefix("--- # ") {
            head.trim().clone_into(&mut path);
        } else {
            files.entry(path.clone()).or_default().push_str(line);
        }
    }
    if files.keys().any(|path| path.starts_with("before/")) {
        return broken_by_change(&files);
    }
    let artifacts = rendered(&files);
    let laid = Laid::out(&artifacts);
    let view = View::new("test", &laid);
    let mut found = Vec::new();
    for check in checks() {
        if let Some(judge) = check.judge(Missing::Nothing) {
            let mut report = Report::default();
            judge(&view, &mut report);
            found.extend(report.drafts().iter().map(|draft| draft.rule.id));
        }
    }
    judges_each_by_itself(&artifacts, &view);
    let mut fleet: BTreeMap<String, Vec<Artifact>> = BTreeMap::new();
    for artifact in &artifacts {
        let environment = artifact.path.components().next().unwrap().to_string();
        fleet.entry(environment).or_default().push(artifact.clone());
    }
    let gathered: Vec<_> = fleet
        .iter()
        .map(|(name, artifacts)| {
            let laid = Laid::out(artifacts);
            (name.as_str(), Gathered::of(&View::new(name, &laid), &CATALOGUE, &Severities::default()))
        })
        .collect();
    let fleet: Vec<_> = gathered.iter().map(|(name, gathered)| (*name, gathered)).collect();
    let nowhere = Span::file_start(Sources::default().add("", ""));
    found.extend(
        of_fleets::drafts(&fleet, &CATALOGUE, &Severities::default(), &Account::unbounded(), nowhere)
            .iter()
            .map(|draft| draft.rule.id),
    );
    found
}

/// What a check of each artifact says of one does not depend on the others.
fn judges_each_by_itself(artifacts: &[Artifact], whole: &View<'_>) {
    let said = |judge: fn(&View<'_>, &mut Report), view: &View<'_>| {
        let mut report = Report::default();
        judge(view, &mut report);
        report.drafts().iter().map(|draft| (draft.rule.id, draft.message.clone())).collect::<Vec<_>>()
    };
    for check in checks() {
        let Scope::Each(judge) = check.scope else { continue };
        let one = |artifact: &Artifact| said(judge, &View::new("test", &Laid::out(std::slice::from_ref(artifact))));
        let mut alone: Vec<_> = artifacts.iter().flat_map(one).collect();
        let mut together = said(judge, whole);
        alone.sort_unstable();
        together.sort_unstable();
        assert_eq!(alone, together, "{:?}", check.rules);
    }
}

fn broken_by_change(files: &BTreeMap<String, String>) -> Vec<&'static str> {
    let side = |name: &str| {
        let own = files.iter().filter_map(|(path, text)| Some((path.strip_prefix(name)?.to_owned(), text.clone())));
        rendered(&own.collect())
    };
    let finished = |artifacts: &[Artifact]| artifacts.iter().map(artifact::finish).collect::<Vec<_>>();
    let (sources, now) = (Sources::default(), side("after/"));
    let before = finished(&side("before/")).into_iter().map(|file| (file.path, file.bytes.to_vec())).collect();
    let standing = Standing { label: "golden/test".to_owned(), files: before };
    let before = Before::read(&standing, &finished(&now), &sources, &Limits::default()).unwrap();
    let (was, laid) = (Laid::out(before.artifacts()), Laid::out(&now));
    let view = View::new("test", &laid);
    let change = Change::new(&before, View::new("test", &was), &view);
    let mut report = Report::default();
    for check in checks() {
        if let Scope::Change(judge) = check.scope {
            judge(&change, &mut report);
        }
    }
    report.drafts().iter().map(|draft| draft.rule.id).collect()
}

fn rendered(files: &BTreeMap<String, String>) -> Vec<Artifact> {
    let (sources, limits, mut findings) = (Sources::default(), Limits::default(), Findings::default());
    let disk = files
        .iter()
        .fold(Memory::default(), |disk, (path, text)| disk.file(&format!("templates/{path}.j2"), text.as_str()));
    let templates = Templates::load(&disk, Utf8Path::new("templates"), &sources, &limits, &mut findings);
    let nowhere = Span::file_start(sources.add("environment.yaml", ""));
    let root = Tree::new(Content::Map(indexmap::IndexMap::new()), Origin { key: None, value: nowhere }).into();
    let input = EnvironmentInput { name: "test", root: &root, reads: None, account: &Account::unbounded() };
    let mut artifacts = Vec::new();
    for template in templates.iter().flatten() {
        artifacts.extend(template.render(&input, &sources, &limits, &mut findings));
    }
    assert!(findings.is_empty(), "{:?}\n{files:?}", findings.sorted(&sources));
    artifacts
}

#[test]
fn the_examples_of_all_rules_are_true() {
    let mut wrong = Vec::new();
    for rule in checks().flat_map(|check| check.rules) {
        let Some(example) = &rule.example else { continue };
        let fired = broken(example.wrong);
        if !fired.contains(&rule.id) {
            wrong.push(format!("{}: `wrong` does not break it", rule.id));
        }
        let fired = broken(example.right);
        if fired.contains(&rule.id) {
            wrong.push(format!("{}: `right` breaks it as well", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ids_are_unique_and_every_check_has_an_example() {
    let mut ids: Vec<_> = rules().map(|rule| rule.id).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for rule in checks().flat_map(|check| check.rules) {
        assert!(rule.example.is_some(), "{}", rule.id);
        assert!(rule.id.contains('/') && rule.configurable, "{}", rule.id);
    }
}
