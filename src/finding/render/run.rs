//! What formats for other programs are made from.

use std::sync::Arc;

use camino::Utf8Path;

use crate::finding::{Finding, Severity};
use crate::source::{Position, Source, Sources, Span};

/// The findings of a run, and what there is to know about the run.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// In the order of reading.
    pub findings: &'a [Finding],
    pub sources: &'a Sources,
    /// The project's folder as seen from where platc was started, which in a pipeline is the repository; empty if it is
    /// that folder or does not lie below it.
    pub folder: &'a Utf8Path,
    /// The environments that were judged, whether anything was found in them or not.
    pub environments: &'a [Arc<str>],
}

/// A span for readers that count lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) start: Position,
    /// The first place after.
    pub(super) end: Position,
}

impl Run<'_> {
    /// The path of a file from where platc was started, with `/`.
    pub(super) fn path(&self, source: &Source) -> String {
        let path = source.path();
        // A tree that is told as one would type it begins with the folder already.
        if self.folder.as_str().is_empty() || path.starts_with(self.folder) {
            path.as_str().to_owned()
        } else {
            self.folder.join(path).into_string()
        }
    }

    pub(super) fn region(source: &Source, span: Span) -> Region {
        Region { start: source.position(span.start), end: source.position(span.end) }
    }
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A finding's message with all that is said beside it, a line each: for readers that show one text.
pub(super) fn words(finding: &Finding) -> String {
    let mut lines = vec![finding.message.clone()];
    if !finding.primary.text.is_empty() {
        lines.push(finding.primary.text.clone());
    }
    lines.extend(finding.rendered.as_ref().map(super::text::place_in_tree));
    if !finding.environments.is_empty() {
        lines.push(format!("in {}", super::text::environments(&finding.environments)));
    }
    lines.extend(super::text::alike(finding));
    lines.extend(finding.help.as_ref().map(|help| format!("help: {help}")));
    lines.join("\n")
}
