//! Rules of the project: files in `schemas/rules`, in CEL.

mod judge;
mod read;
mod samples;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::artifact::Target;
use crate::disk::folder::{linked, list_if_there, unlisted};
use crate::disk::{Disk, EntryKind};
use crate::environment::layer::is_yaml;
use crate::finding::codes::rules::BAD_RULE;
use crate::finding::{Finding, Findings, Rule};
use crate::limits::Limits;
use crate::schema::Program;
use crate::source::{Sources, Span};
use crate::value::Value;

/// All rules of a project, in the order of their files.
#[derive(Debug, Default)]
pub struct OwnRules(Vec<OwnRule>);

/// One rule of the project.
#[derive(Debug)]
pub struct OwnRule {
    pub rule: &'static Rule,
    /// Where its id stands.
    id: Span,
    /// What it is about: one of these must fit.
    wanted: Vec<Wanted>,
    scope: Scope,
    /// With all in `self`: the path of the artifact that findings are shown in.
    at: Option<Arc<str>>,
    program: Program,
    help: Option<Arc<str>>,
    samples: Vec<Sample>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// `self` is what is judged: an artifact, or a resource.
    Each,
    /// `self` is a list of all, each with its `path` and `document`.
    All,
}

/// Which artifacts a rule is about. What is not said does not matter.
#[derive(Clone, Debug, Default)]
struct Wanted {
    target: Option<Target>,
    api_version: Option<Arc<str>>,
    kind: Option<Arc<str>>,
    path: Option<Arc<str>>,
    /// Resources of this type, not whole templates.
    resource: Option<Arc<str>>,
}

#[derive(Debug)]
struct Sample {
    good: bool,
    value: Value,
    span: Span,
}

impl OwnRule {
    /// Where its id stands.
    pub fn span(&self) -> Span {
        self.id
    }
}

impl OwnRules {
    /// Reads all rules of a folder; that there is none is fine. What is wrong with one leaves it out, with findings.
    pub fn load(
        disk: &dyn Disk,
        folder: &Utf8Path,
        sources: &Sources,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Self {
        let mut rules: Vec<OwnRule> = Vec::new();
        for path in files(disk, folder, sources, findings) {
            let Some(rule) = read::read(disk, &path, sources, limits, findings) else { continue };
            if let Some(other) = rules.iter().find(|other| other.rule.id == rule.rule.id) {
                let message = format!("the id `{}` is taken", rule.rule.id);
                let finding = Finding::new(&BAD_RULE, rule.id, message).also(other.id, "by this rule");
                findings.push(finding.help("give each rule an id of its own"));
                continue;
            }
            rules.push(rule);
        }
        Self(rules)
    }

    pub fn ids(&self) -> Vec<&'static str> {
        self.0.iter().map(|own| own.rule.id).collect()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, OwnRule> {
        self.0.iter()
    }
}

/// The YAML files of a folder and of the folders in it, by their paths.
fn files(disk: &dyn Disk, folder: &Utf8Path, sources: &Sources, findings: &mut Findings) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = list_if_there(disk, &folder).unwrap_or_else(|error| {
            findings.push(unlisted(&folder, &error, sources));
            Vec::new()
        });
        for entry in entries {
            let path = folder.join(&entry.name);
            match entry.kind {
                EntryKind::Folder => folders.push(path),
                _ if is_yaml(&entry.name) => found.push(path),
                EntryKind::Link => findings.extend(linked(disk, &path, sources)),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

impl<'a> IntoIterator for &'a OwnRules {
    type Item = &'a OwnRule;
    type IntoIter = std::slice::Iter<'a, OwnRule>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
