//! The rules of merging, one example each.

use crate::disk::Memory;
use crate::finding::Findings;
use crate::limits::Limits;
use crate::project::Project;
use crate::source::Sources;
use crate::value::Number;

use super::load::Loader;
use super::shape::Anything;
use super::{Content, Tree};

/// A tree in one line, in YAML's flow style.
pub(super) fn flow(tree: &Tree) -> String {
    match &tree.content {
        Content::Null => "null".into(),
        Content::Bool(value) => value.to_string(),
        Content::Number(Number::Float(_, digits)) => digits.to_string(),
        Content::Number(number) => number.to_string(),
        Content::String(text) => text.to_string(),
        Content::List(items) => format!("[{}]", items.iter().map(|item| flow(item)).collect::<Vec<_>>().join(", ")),
        Content::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Files in, the environment `prod` out, and what was found.
fn merged(files: &[(&str, &str)]) -> (Option<String>, Vec<String>) {
    let disk = files.iter().fold(Memory::default().file("platc.yaml", ""), |disk, (path, text)| disk.file(path, *text));
    let (sources, limits, mut findings) = (Sources::default(), Limits::default(), Findings::default());
    let project = Project::load(&disk, &sources, &limits, &mut findings).unwrap();
    let entry = project.find("prod", "".into()).unwrap();
    let root = Loader::new(Anything, &disk, &sources, &limits).load(entry, None, &mut findings);
    let told = findings.sorted(&sources).into_iter();
    let told = told
        .map(|finding| format!("{} {}: {}", sources.locate(finding.primary.span), finding.rule.id, finding.message));
    (root.map(|environment| flow(&environment.root)), told.collect())
}

#[test]
fn smoke() {
    let (root, told) = merged(&[
        ("environments/base/a.yaml", "a: {x: 1, y: [1, 2]}\nb: 1\nc: 1"),
        ("environments/prod/environment.yaml", "extends: [../base]\na: {y: [3]}\nb: null\nc: {x: 1}\nd: null\nx:\n"),
    ]);
    assert_eq!(root.as_deref(), Some("{a: {x: 1, y: [3]}, c: 1}"));
    assert_eq!(
        told,
        [
            "environments/prod/environment.yaml:4:1 merge/type-change: `c` changes from a single value to a map",
            "environments/prod/environment.yaml:5:1 merge/delete-nothing: `d` is deleted, but no layer below sets it",
            "environments/prod/environment.yaml:6:1 merge/no-value: `x` has no value"
        ]
    );
}
