//! Rules of the project: files in `schemas/rules`, in CEL.

mod judge;
mod read;
mod samples;
mod unseen;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::artifact::Target;
use crate::disk::folder::{linked, list_if_there, unlisted};
use crate::disk::{Disk, EntryKind};
use crate::environment::name::is_yaml;
use crate::finding::codes::rules::BAD_RULE;
use crate::finding::{Finding, Findings, Rule};
use crate::limits::Limits;
use crate::project::unread;
use crate::schema::Program;
use crate::source::{Sources, Span};
use crate::value::Value;
pub(super) use unseen::unseen;

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

    /// What it says, and of what: the same text for rules that judge the same.
    pub fn said(&self, sources: &Sources) -> String {
        format!("{:?} {:?} {}", self.wanted, self.scope, sources.slice(self.program.span()))
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
        findings.extend(misnamed(disk, folder, sources));
        findings.extend(elsewhere(disk, folder, sources, limits));
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
                _ if is_mistakable(&entry.name) => findings.push(unread_file(&path, sources)),
                EntryKind::Link => findings.extend(linked(disk, &path, sources)),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// Whether somebody could take a file for a rule that is not read as one.
fn is_mistakable(name: &str) -> bool {
    let ending = Utf8Path::new(name).extension().unwrap_or_default();
    unread::is_yaml_in_disguise(name) || (!name.starts_with(['.', '_']) && matches!(ending, "json" | "cel"))
}

fn unread_file(path: &Utf8Path, sources: &Sources) -> Finding {
    let message = format!("`{path}` is not read, and judges nothing");
    Finding::new(&BAD_RULE, Span::file_start(sources.add(path, "")), message).help(
        "a rule is a file that ends in `.yaml`; if this is none, let its name begin with `_`, or keep it elsewhere",
    )
}

/// A folder beside the one of the rules, or in its place, whose name is nearly the same.
fn misnamed(disk: &dyn Disk, folder: &Utf8Path, sources: &Sources) -> Option<Finding> {
    let (above, name) = (folder.parent()?, folder.file_name()?);
    let entries = disk.list(above).ok()?;
    let is_there = entries.iter().any(|entry| entry.name == name);
    let is_near = |other: &str| {
        let lower = other.to_ascii_lowercase();
        other != name && (lower == name || (!is_there && name.strip_suffix('s') == Some(&lower)))
    };
    let other = entries.iter().find(|entry| entry.kind == EntryKind::Folder && is_near(&entry.name))?;
    let path = above.join(&other.name);
    let message = format!("`{path}` is not read, and its rules judge nothing");
    let finding = Finding::new(&BAD_RULE, Span::file_start(sources.add(path, "")), message);
    Some(finding.help(format!("rename it to `{name}`")))
}

/// Rules in a folder of that name at the top of the project, where nothing reads them.
fn elsewhere(disk: &dyn Disk, folder: &Utf8Path, sources: &Sources, limits: &Limits) -> Vec<Finding> {
    let other = Utf8Path::new(folder.file_name().unwrap_or_default());
    if folder == other {
        return Vec::new();
    }
    let is_rule = |path: &Utf8PathBuf| {
        let bytes = disk.read(path, limits.file_bytes).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        ["id:", "match:", "rule:"].iter().all(|key| text.lines().any(|line| line.starts_with(key)))
    };
    let files = disk.list(other).unwrap_or_default().into_iter().filter(|entry| is_yaml(&entry.name));
    let rules = files.map(|entry| other.join(entry.name)).filter(is_rule);
    let finding = |path: Utf8PathBuf| {
        let message = format!("`{path}` is not read, and its rule judges nothing");
        let help = format!("rules of a project lie in `{folder}`: move it there");
        Finding::new(&BAD_RULE, Span::file_start(sources.add(path, "")), message).help(help)
    };
    rules.map(finding).collect()
}

impl<'a> IntoIterator for &'a OwnRules {
    type Item = &'a OwnRule;
    type IntoIter = std::slice::Iter<'a, OwnRule>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
