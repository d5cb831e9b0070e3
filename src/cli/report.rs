//! Findings on their way out, with the result of the command they belong to.

use std::sync::Arc;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::args::Format;
use super::exit::Exit;
use super::place::Place;
use super::printer::{Printer, Undelivered};
use crate::finding::render::run::Run;
use crate::finding::render::{github, json, junit, sarif, text};
use crate::finding::{Finding, Findings, worded};
use crate::source::Sources;

/// All findings of a run, sorted, ready to be said.
pub(super) struct Report<'a> {
    findings: Vec<Finding>,
    sources: &'a Sources,
    folder: Utf8PathBuf,
    environments: Vec<Arc<str>>,
}

impl<'a> Report<'a> {
    pub(super) fn new(findings: Findings, sources: &'a Sources) -> Self {
        let (folder, environments) = (Utf8PathBuf::new(), Vec::new());
        Self { findings: worded(findings.sorted(sources)), sources, folder, environments }
    }

    /// With what formats for other programs tell of a run: where it was started, and what it judged.
    #[must_use]
    pub(super) fn of(self, place: &Place, environments: impl IntoIterator<Item = Arc<str>>) -> Self {
        Self { folder: place.folder(), environments: environments.into_iter().collect(), ..self }
    }

    /// The same with more findings.
    pub(super) fn with(&self, more: Findings) -> Self {
        let mut findings = more;
        findings.extend(self.findings.iter().cloned());
        let (folder, environments) = (self.folder.clone(), self.environments.clone());
        Self { folder, environments, ..Self::new(findings, self.sources) }
    }

    pub(super) fn sources(&self) -> &'a Sources {
        self.sources
    }

    pub(super) fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    pub(super) fn exit(&self) -> Exit {
        if self.has_errors() { Exit::Findings } else { Exit::Fine }
    }

    /// As text: findings beside the command's result, on standard error. What is acknowledged is no news there.
    pub(super) fn say(&self, printer: &mut Printer) {
        let is_news = |finding: &Finding| finding.acknowledged.is_none() || printer.is_verbose();
        if printer.format == Format::Text && self.findings.iter().any(is_news) {
            let drawn = self.draw(printer.err_look(), printer);
            printer.say(&drawn);
            self.say_summary(printer);
        }
    }

    /// As text: findings as the command's result, on standard output.
    pub(super) fn print(&self, printer: &mut Printer) -> Result<(), Undelivered> {
        if printer.format == Format::Text {
            let drawn = self.draw(printer.out_look(), printer);
            printer.result(drawn)?;
            self.say_summary(printer);
        }
        Ok(())
    }

    /// For programs: the findings in one document, on standard output; as JSON with the command's result.
    pub(super) fn document(&self, printer: &mut Printer, result: impl Serialize) -> Result<(), Undelivered> {
        let Self { findings, sources, folder, environments } = self;
        let run = Run { findings, sources, folder, environments };
        match printer.format {
            Format::Text => Ok(()),
            Format::Json => printer.result(json::report(findings, sources, result)),
            Format::Sarif => printer.result(sarif::report(run)),
            Format::Github => printer.result(github::report(run)),
            Format::Junit => printer.result(junit::report(run)),
        }
    }

    fn say_summary(&self, printer: &mut Printer) {
        if let Some(summary) = text::summary(&self.findings) {
            printer.status(&summary);
        }
    }

    /// What is acknowledged is only shown to who wants to see all.
    fn draw(&self, look: text::Look, printer: &Printer) -> String {
        let shown = self.findings.iter().filter(|finding| finding.acknowledged.is_none() || printer.is_verbose());
        shown.map(|finding| text::draw(finding, self.sources, look) + "\n").collect()
    }
}
