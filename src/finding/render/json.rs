//! Findings for a program: one JSON document with all of them, in the order in which a person would read them.
//!
//! ```json
//! {
//!   "version": 1,
//!   "findings": [{
//!     "rule": "schema/unknown-key", "severity": "error", "message": "unknown key `vesion`",
//!     "environments": ["prod"],
//!     "file": "environments/prod/environment.yaml", "line": 3, "column": 3, "endLine": 3, "endColumn": 9,
//!     "label": "did you mean `version`?",
//!     "related": [{"file": "…", "line": 1, "column": 1, "endLine": 1, "endColumn": 4, "label": "…"}],
//!     "help": "…", "detail": null,
//!     "subject": null, "rendered": null, "acknowledged": null
//!   }],
//!   "errors": 1,
//!   "warnings": 0
//! }
//! ```
//!
//! Lines and columns count from 1, columns in characters (Unicode scalar values); an end is the first place after. A label,
//! help or detail (a diff, several lines) that does not exist is `null`; `environments` is empty for what concerns all.
//! `subject` is the name by which an environment acknowledges the finding; `rendered` the place in the tree,
//! `{"file": "network/template.yaml", "path": "Resources.Vpc"}`; `acknowledged` is `{"reason": "…", "until": "2027-01-31"}`, and
//! what is acknowledged is not counted.
//! Within version 1 fields are only added.

use std::fmt::Write as _;

use serde::Serialize;

use super::safe;
use crate::finding::{Finding, Label, Severity};
use crate::source::Sources;

#[derive(Serialize)]
struct Report<'a, R> {
    version: u32,
    findings: Vec<Item<'a>>,
    errors: usize,
    warnings: usize,
    #[serde(flatten)]
    result: R,
}

/// The result of a command that has none but its findings.
#[derive(Serialize)]
pub struct FindingsOnly {}

#[derive(Serialize)]
struct Item<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    environments: Vec<&'a str>,
    #[serde(flatten)]
    place: Place<'a>,
    related: Vec<Place<'a>>,
    help: Option<&'a str>,
    detail: Option<&'a str>,
    subject: Option<&'a str>,
    rendered: Option<Rendered<'a>>,
    acknowledged: Option<Acknowledged<'a>>,
}

#[derive(Serialize)]
struct Rendered<'a> {
    file: &'a str,
    /// Of several in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<usize>,
    path: &'a str,
}

#[derive(Serialize)]
struct Acknowledged<'a> {
    reason: &'a str,
    until: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    label: Option<&'a str>,
}

/// The document, with a final newline. The fields of `result`, a struct, stand beside the findings.
pub fn report(findings: &[Finding], sources: &Sources, result: impl Serialize) -> String {
    // One that counts others, which are not told, counts as all of them.
    let members = |severity| findings.iter().filter(move |finding| finding.counts_as(severity));
    let count = |severity| members(severity).map(|finding| finding.alike.count + 1).sum();
    document(&Report {
        version: 1,
        findings: findings.iter().map(|finding| item(finding, sources)).collect(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        result,
    })
}

/// Any result as JSON text that is safe to look at in a terminal: serde writes C1 controls and the characters that turn
/// the reading direction as they are. They can only stand in strings, where an escape means the same.
pub fn document(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("strings, numbers and lists of them always serialise");
    let mut safe_text = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        if safe::is_hidden(character) || character == '\u{7f}' {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(safe_text, "\\u{unit:04x}"); // writing into a String cannot fail
            }
        } else if character == '[' && safe_text.ends_with("##") {
            // A runner of GitHub obeys `##[command]` wherever it stands in a line of a log.
            safe_text.push_str("\\u005b");
        } else {
            safe_text.push(character);
        }
    }
    safe_text.push('\n');
    safe_text
}

fn item<'a>(finding: &'a Finding, sources: &Sources) -> Item<'a> {
    Item {
        rule: finding.rule.id,
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &finding.message,
        environments: finding.environments.iter().map(AsRef::as_ref).collect(),
        place: place(&finding.primary, sources),
        related: finding.related.iter().map(|label| place(label, sources)).collect(),
        help: finding.help.as_deref(),
        detail: finding.detail.as_deref(),
        subject: finding.subject.as_deref(),
        rendered: finding.rendered.as_ref().map(|it| Rendered {
            file: &it.file,
            document: it.document,
            path: &it.path,
        }),
        acknowledged: finding
            .acknowledged
            .as_ref()
            .map(|it| Acknowledged { reason: &it.reason, until: it.until.as_deref() }),
    }
}

fn place<'a>(label: &'a Label, sources: &Sources) -> Place<'a> {
    let source = sources.get(label.span.file);
    let (start, end) = (source.position(label.span.start), source.position(label.span.end));
    Place {
        file: source.path().to_string(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        label: (!label.text.is_empty()).then_some(label.text.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::codes;
    use crate::source::Span;

    #[test]
    fn the_documented_shape() {
        let sources = Sources::default();
        let base = sources.add("base.yaml", "é: x\nb: 2\n");
        let prod = sources.add("prod.yaml", "b: |\n  one\n  two\n");
        let finding = Finding::new(&codes::merge::TYPE_CHANGE, Span::new(prod, 3, 15), "`b` is a string here")
            .also(Span::new(base, 4, 5), "an integer")
            .also(Span::new(base, 0, 2), "");
        let mut findings = crate::finding::Findings::default();
        findings.push(finding);
        findings.name_environment(&"prod".into());
        insta::assert_snapshot!(report(&findings.sorted(&sources), &sources, FindingsOnly {}));
    }

    #[test]
    fn no_findings_are_a_document_too() {
        assert_eq!(
            report(&[], &Sources::default(), FindingsOnly {}).replace(['\n', ' '], ""),
            r#"{"version":1,"findings":[],"errors":0,"warnings":0}"#
        );
    }

    #[test]
    fn control_characters_are_escaped_and_mean_the_same() {
        let hostile = "\x1b]0;x\x07\u{9b}2J\u{202e}\u{7f}\u{e0041}é";
        let text = document(&hostile);
        assert!(
            text.trim_end().chars().all(|character| !character.is_control() && !safe::is_hidden(character)),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
