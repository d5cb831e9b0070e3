//! Findings as workflow commands of GitHub Actions, which become annotations of the lines of a pull request. What is
//! acknowledged is left out.
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;

use super::run::{Run, severity, words};
use super::safe;
use crate::finding::{Finding, Severity};

/// Annotations of one kind that GitHub takes from one step; the others stand in its log only.
const SHOWN: usize = 10;

/// One command a line: errors first, since what comes late may not be shown, and a last one that counts what is not.
pub fn report(run: Run<'_>) -> String {
    let mut text = String::new();
    let mut hidden = 0;
    for severity in [Severity::Error, Severity::Warning] {
        let all: Vec<_> = run.findings.iter().filter(|finding| finding.counts_as(severity)).collect();
        hidden += all.len().saturating_sub(SHOWN);
        for finding in all {
            command(&mut text, finding, run);
        }
    }
    if hidden > 0 {
        let noun = if hidden == 1 { "finding is" } else { "findings are" };
        let message = format!("{hidden} more {noun} in the log of this step: GitHub annotates {SHOWN} of a kind");
        let _ = writeln!(text, "::notice title=platc::{}", data(&message));
    }
    text
}

fn command(text: &mut String, finding: &Finding, run: Run<'_>) {
    let source = run.sources.get(finding.primary.span.file);
    let region = Run::region(&source, finding.primary.span);
    let name = severity(finding.severity);
    let _ = write!(text, "::{name} file={},line={}", property(&run.path(&source)), region.start.line);
    if region.end.line == region.start.line {
        // Columns mean something within one line only.
        let _ = write!(text, ",col={},endLine={}", region.start.column, region.end.line);
        if region.end.column > region.start.column {
            let _ = write!(text, ",endColumn={}", region.end.column);
        }
    } else {
        let _ = write!(text, ",endLine={}", region.end.line);
    }
    let _ = writeln!(text, ",title={}::{}", property(finding.rule.id), data(&words(finding)));
}

/// A message: its line ends are kept, but do not end the command.
fn data(text: &str) -> String {
    safe::lines(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_or_begins_another() {
        assert_eq!(data("50%\n::error::x\x1b"), "50%25%0A∶:error::x␛");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25");
        assert_eq!(property("a\nb"), "a%0Ab");
    }
}
