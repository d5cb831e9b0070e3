//! What differs between two compiled sides, environment by environment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::side::{Files, Said, Side, Tree};
use crate::check::Consequence;
use crate::cli::args::Global;
use crate::cli::exit::Failure;
use crate::cli::printer::Printer;
use crate::finding::{Finding, Findings};
use crate::project::Entry;

pub(super) struct Comparison<'a> {
    pub(super) old: Side<'a>,
    pub(super) new: Side<'a>,
    /// In the order of the project, those that are gone last.
    pub(super) affected: Vec<Affected>,
    /// Environments that are as they were.
    pub(super) unaffected: usize,
    /// Findings that belong to no environment.
    pub(super) of_project: Counted,
}

/// Why an environment is affected.
#[derive(Debug)]
pub(super) struct Affected {
    pub(super) name: Arc<str>,
    pub(super) path: Utf8PathBuf,
    pub(super) change: Change,
    pub(super) files: BTreeMap<Utf8PathBuf, Change>,
    pub(super) findings: Counted,
    /// Before and now.
    pub(super) has_errors: [bool; 2],
    /// Files of its tree: how much work it is.
    pub(super) size: usize,
    /// How many things have which consequence, if that was asked.
    pub(super) impact: BTreeMap<Consequence, usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Change {
    Added,
    Removed,
    Modified,
}

/// Findings that are new, and such that are no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Counted {
    pub(super) new: usize,
    pub(super) gone: usize,
}

impl Counted {
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl<'a> Comparison<'a> {
    pub(super) fn of(old: Side<'a>, new: Side<'a>) -> Self {
        let counted = count(&old.findings, &new.findings);
        let counted = |name: &str| counted.get(name).copied().unwrap_or_default();
        let mut affected = Vec::new();
        for entry in new.entries() {
            let (before, now) = (old.trees.get(&entry.name), tree(&new, entry));
            let same = matches!((before, now), (Some(Some(before)), Some(now)) if before.record == now.record);
            let findings = counted(&entry.name);
            if same && findings.is_none() {
                continue;
            }
            let change = if before.is_some() { Change::Modified } else { Change::Added };
            let has_errors = [before.is_some_and(Option::is_none), now.is_none()];
            let size = now.or_else(|| before?.as_ref()).map_or(0, |tree| tree.record.files);
            affected.push(Affected::new(entry, change, findings, has_errors, size));
        }
        for entry in old.entries().iter().filter(|entry| !new.entries().iter().any(|it| it.name == entry.name)) {
            affected.push(Affected::new(entry, Change::Removed, Counted::default(), [false, false], 0));
        }
        let unaffected = new.entries().len() - affected.iter().filter(|it| it.change != Change::Removed).count();
        let of_project = counted("");
        Self { old, new, affected, unaffected, of_project }
    }

    /// Finds the files that differ, and leaves out environments whose files do not after all.
    pub(super) fn look_closer(&mut self, global: &Global, printer: &mut Printer) -> Result<(), Failure> {
        let differs = |it: &&Affected| {
            let of = |side: &Side<'_>| Some(side.trees.get(&it.name)?.as_ref()?.record);
            of(&self.old) != of(&self.new)
        };
        let names: Vec<_> = self.affected.iter().filter(differs).map(|it| Arc::clone(&it.name)).collect();
        self.old.make(&names, global, printer)?;
        self.new.make(&names, global, printer)?;
        let names: BTreeSet<_> = names.into_iter().collect();
        let before = self.affected.len();
        let Self { old, new, affected, .. } = self;
        let none = Files::new();
        affected.retain_mut(|it| {
            if !names.contains(&it.name) {
                return true;
            }
            let files = match it.change {
                Change::Added => (Some(&none), new.files(&it.name)),
                Change::Removed => (old.files(&it.name), Some(&none)),
                Change::Modified => (old.files(&it.name), new.files(&it.name)),
            };
            let (Some(old), Some(new)) = files else { return true };
            it.files = compare(old, new);
            // Such as a template that has another name now, and makes the same.
            let is_same = it.change == Change::Modified && it.files.is_empty() && it.findings.is_none();
            !is_same
        });
        self.unaffected += before - self.affected.len();
        Ok(())
    }

    /// Findings of the new side that the old one has not, or fewer of them.
    pub(super) fn new_findings(&self) -> Findings {
        let mut left = number(&self.old.findings);
        let mut new = Findings::default();
        for finding in &self.new.findings {
            let Some(said) = Said::of(finding) else { continue };
            let mut is_new = false;
            for name in names(finding) {
                match left.get_mut(&(name, said.clone())) {
                    Some(count) if *count > 0 => *count -= 1,
                    _ => is_new = true,
                }
            }
            if is_new {
                new.push(finding.clone());
            }
        }
        new
    }
}

impl Affected {
    fn new(entry: &Entry, change: Change, findings: Counted, has_errors: [bool; 2], size: usize) -> Self {
        let (name, path) = (Arc::clone(&entry.name), entry.path.clone());
        let (files, impact) = (BTreeMap::new(), BTreeMap::new());
        Self { name, path, change, files, findings, has_errors, size, impact }
    }
}

fn tree<'s>(side: &'s Side<'_>, entry: &Entry) -> Option<&'s Tree> {
    side.trees.get(&entry.name)?.as_ref()
}

fn compare(old: &Files, new: &Files) -> BTreeMap<Utf8PathBuf, Change> {
    let removed = old.keys().filter(|path| !new.contains_key(*path)).map(|path| (path.clone(), Change::Removed));
    let other = new.iter().filter_map(|(path, digest)| match old.get(path) {
        None => Some((path.clone(), Change::Added)),
        Some(before) if before != digest => Some((path.clone(), Change::Modified)),
        Some(_) => None,
    });
    removed.chain(other).collect()
}

/// The environments that a finding names, or the empty name for the project.
fn names(finding: &Finding) -> impl Iterator<Item = &str> {
    let of_project = finding.environments.is_empty().then_some("");
    finding.environments.iter().map(|name| &**name).chain(of_project)
}

/// How often what is said, by environment.
fn number(findings: &Findings) -> BTreeMap<(&str, Said<'_>), usize> {
    let mut numbers = BTreeMap::new();
    for finding in findings {
        let Some(said) = Said::of(finding) else { continue };
        for name in names(finding) {
            *numbers.entry((name, said.clone())).or_default() += 1;
        }
    }
    numbers
}

fn count<'f>(old: &'f Findings, new: &'f Findings) -> BTreeMap<&'f str, Counted> {
    let (old, new) = (number(old), number(new));
    let mut counted: BTreeMap<&str, Counted> = BTreeMap::new();
    for (key, now) in &new {
        let more = now.saturating_sub(old.get(key).copied().unwrap_or(0));
        if more > 0 {
            counted.entry(key.0).or_default().new += more;
        }
    }
    for (key, before) in &old {
        let fewer = before.saturating_sub(new.get(key).copied().unwrap_or(0));
        if fewer > 0 {
            counted.entry(key.0).or_default().gone += fewer;
        }
    }
    counted
}
