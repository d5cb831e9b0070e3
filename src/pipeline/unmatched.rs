//! Patterns of `material` that fit no file: nothing is let alone because of them.

use std::sync::Arc;

use crate::account::{Account, Cost, Work};
use crate::artifact::File;
use crate::check::view::material;
use crate::finding::codes::hygiene::UNUSED_PATTERN;
use crate::finding::{Finding, Findings};
use crate::source::Span;

/// Times that a run looks for the files that are material: here, and where it judges.
const LOOKS: u64 = 4;
/// Letters that are compared in one step.
const LETTERS: u64 = 32;

/// Those that fit no file of an environment; whether they fit one of another is not known yet. Nothing if looking for them
/// is more work than is allowed.
pub(super) fn of(patterns: &[(Arc<str>, Span)], files: &[File], account: &Account) -> Option<Vec<Finding>> {
    let mut unmatched = Vec::new();
    let Some((_, list)) = patterns.first() else { return Some(unmatched) };
    for (pattern, span) in patterns {
        let mut letters = 0;
        let fits = files.iter().any(|file| material::is_meant_counting(pattern, file.path.as_str(), &mut letters));
        account.charge(Cost::steps(letters * LOOKS / LETTERS), Work::Shared, *list);
        if account.is_over() {
            return None;
        }
        if !fits {
            let message = format!("`{pattern}` fits no file of any environment");
            let finding = Finding::new(&UNUSED_PATTERN, *span, message).label("nothing is material because of it");
            unmatched.push(finding.help("write the path of a file or a folder within the tree, or remove it"));
        }
    }
    Some(unmatched)
}

/// Keeps each once that is said of all environments, if these are all there are.
pub(super) fn keep(findings: &mut Findings, environments: Option<usize>) {
    let is_unmatched = |finding: &Finding| finding.rule == &UNUSED_PATTERN;
    let mut said: Vec<(Span, usize)> = Vec::new();
    for finding in findings.iter().filter(|finding| is_unmatched(finding)) {
        let place = finding.primary.span;
        match said.iter_mut().find(|(span, _)| *span == place) {
            Some((_, times)) => *times += 1,
            None => said.push((place, 1)),
        }
    }
    said.retain(|(_, times)| environments == Some(*times));
    findings.retain_mut(|finding| {
        if !is_unmatched(finding) {
            return true;
        }
        let known = said.iter().position(|(span, _)| *span == finding.primary.span);
        finding.environments.clear();
        known.map(|at| said.remove(at)).is_some()
    });
}
