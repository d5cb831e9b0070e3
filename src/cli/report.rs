//! Findings on their way out, with the result of the command they belong to.

use serde::Serialize;

use super::args::Format;
use super::exit::Exit;
use super::printer::{Printer, Undelivered};
use crate::finding::render::{json, text};
use crate::finding::{Finding, Findings};
use crate::source::Sources;

/// All findings of a run, sorted, ready to be said.
pub(super) struct Report<'a> {
    findings: Vec<Finding>,
    sources: &'a Sources,
}

impl<'a> Report<'a> {
    pub(super) fn new(findings: Findings, sources: &'a Sources) -> Self {
        Self { findings: findings.sorted(sources), sources }
    }

    pub(super) fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    pub(super) fn exit(&self) -> Exit {
        if self.has_errors() { Exit::Findings } else { Exit::Fine }
    }

    /// As text: findings beside the command's result, on standard error.
    pub(super) fn say(&self, printer: &mut Printer) {
        if printer.format == Format::Text {
            let drawn = self.draw(printer.err_look());
            printer.say(&drawn);
            self.say_summary(printer);
        }
    }

    /// As text: findings as the command's result, on standard output.
    pub(super) fn print(&self, printer: &mut Printer) -> Result<(), Undelivered> {
        if printer.format == Format::Text {
            let drawn = self.draw(printer.out_look());
            printer.result(drawn)?;
            self.say_summary(printer);
        }
        Ok(())
    }

    /// As JSON: the findings and the command's result in one document, on standard output.
    pub(super) fn document(&self, printer: &mut Printer, result: impl Serialize) -> Result<(), Undelivered> {
        match printer.format {
            Format::Text => Ok(()),
            Format::Json => printer.result(json::report(&self.findings, self.sources, result)),
        }
    }

    fn say_summary(&self, printer: &mut Printer) {
        if let Some(summary) = text::summary(&self.findings) {
            printer.status(&summary);
        }
    }

    fn draw(&self, look: text::Look) -> String {
        self.findings.iter().map(|finding| text::draw(finding, self.sources, look) + "\n").collect()
    }
}
