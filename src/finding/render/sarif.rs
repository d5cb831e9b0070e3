//! Findings as SARIF 2.1.0, which code scanning and editors read.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::json;
use super::run::{self, Run, words};
use crate::finding::{Finding, Rule};
use crate::source::{Source, Span};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Paths are relative to this; whoever reads the log knows where it is.
const ROOT: &str = "%SRCROOT%";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'a str,
    version: &'a str,
    runs: [Runs<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Runs<'a> {
    tool: Tool<'a>,
    column_kind: &'a str,
    original_uri_base_ids: BTreeMap<&'a str, Base<'a>>,
    results: Vec<Result<'a>>,
}

#[derive(Serialize)]
struct Base<'a> {
    description: Text<'a>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'a str,
    semantic_version: &'a str,
    rules: Vec<Descriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    id: &'a str,
    short_description: Text<'a>,
    full_description: Text<'a>,
    help: Help<'a>,
    default_configuration: Configuration<'a>,
    properties: Tags<'a>,
}

#[derive(Serialize)]
struct Help<'a> {
    text: &'a str,
    markdown: &'a str,
}

#[derive(Serialize)]
struct Configuration<'a> {
    level: &'a str,
}

#[derive(Serialize)]
struct Tags<'a> {
    tags: [&'a str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'a str,
    message: Message,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<[Suppression<'a>; 1]>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the standard's names")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    logical_locations: Option<[Logical; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// A finding that somebody acknowledged.
#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    justification: &'a str,
    location: Location,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: String,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "platcFinding/v1")]
    finding: String,
}

#[derive(Serialize)]
struct Properties<'a> {
    environments: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

/// The log, with a final newline.
pub fn report(run: Run<'_>) -> String {
    let mut rules: Vec<&Rule> = Vec::new();
    let mut seen = BTreeMap::new();
    let results = run.findings.iter().map(|finding| {
        let rule_index = rules.iter().position(|rule| rule.id == finding.rule.id).unwrap_or_else(|| {
            rules.push(finding.rule);
            rules.len() - 1
        });
        result(finding, rule_index, &mut seen, run)
    });
    let results = results.collect();
    let description = Text { text: "the folder in which platc was started" };
    json::document(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Runs {
            tool: Tool {
                driver: Driver {
                    name: "platc",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules.into_iter().map(descriptor).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            original_uri_base_ids: BTreeMap::from([(ROOT, Base { description })]),
            results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Descriptor<'_> {
    Descriptor {
        id: rule.id,
        short_description: Text { text: rule.summary },
        full_description: Text { text: rule.explanation },
        help: Help { text: rule.explanation, markdown: rule.explanation },
        default_configuration: Configuration { level: run::severity(rule.severity) },
        properties: Tags { tags: [rule.id.split('/').next().unwrap_or_default()] },
    }
}

fn result<'a>(finding: &'a Finding, rule_index: usize, seen: &mut BTreeMap<String, usize>, run: Run<'_>) -> Result<'a> {
    let related = finding.related.iter().enumerate().map(|(index, label)| Location {
        id: Some(index + 1),
        physical_location: physical(label.span, run),
        logical_locations: None,
        message: (!label.text.is_empty()).then(|| Message { text: label.text.clone() }),
    });
    Result {
        rule_id: finding.rule.id,
        rule_index,
        level: run::severity(finding.severity),
        message: Message { text: words(finding) },
        locations: [Location {
            id: None,
            physical_location: physical(finding.primary.span, run),
            logical_locations: finding.rendered.as_ref().map(|rendered| {
                let number = rendered.document.map(|number| format!("[{number}]")).unwrap_or_default();
                let place = [&*rendered.file, &*format!("{number}{}", rendered.path)].join("#");
                [Logical { fully_qualified_name: place.trim_end_matches('#').to_owned() }]
            }),
            message: None,
        }],
        related_locations: related.collect(),
        partial_fingerprints: Fingerprints { finding: fingerprint(finding, seen, run) },
        suppressions: finding.acknowledged.as_ref().map(|acknowledged| {
            let physical_location = physical(acknowledged.span, run);
            let location = Location { id: None, physical_location, logical_locations: None, message: None };
            [Suppression { kind: "external", justification: &acknowledged.reason, location }]
        }),
        properties: Properties {
            environments: finding.environments.iter().map(AsRef::as_ref).collect(),
            help: finding.help.as_deref(),
            detail: finding.detail.as_deref(),
        },
    }
}

fn physical(span: Span, run: Run<'_>) -> Physical {
    let source = run.sources.get(span.file);
    let region = Run::region(&source, span);
    Physical {
        artifact_location: Artifact { uri: uri(&run.path(&source)), uri_base_id: ROOT },
        region: Region {
            start_line: region.start.line,
            start_column: region.start.column,
            end_line: region.end.line,
            end_column: region.end.column,
        },
    }
}

/// A path as a relative reference: the slashes stay, all that could mean something else is escaped.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// The same for the same mistake when lines above it come and go: it says what is wrong and on which line of text, not
/// where. Equal ones in one file are told apart by their order.
fn fingerprint(finding: &Finding, seen: &mut BTreeMap<String, usize>, run: Run<'_>) -> String {
    let source = run.sources.get(finding.primary.span.file);
    // A digest of a secret could be searched for.
    let line = if finding.conceal { String::new() } else { line_of(&source, finding.primary.span) };
    let about = finding.subject.as_deref().unwrap_or(&line);
    let mut digest = Sha256::new();
    for part in [finding.rule.id, source.path().as_str(), &finding.message, about] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let hex: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let count = seen.entry(hex.clone()).or_default();
    *count += 1;
    format!("{hex}:{count}")
}

fn line_of(source: &Source, span: Span) -> String {
    source.shown(source.position(span.start).line).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::codes;
    use crate::source::Sources;

    fn fingerprints(text: &str) -> Vec<String> {
        let sources = Sources::default();
        let file = sources.add("a.yaml", text);
        let places = text.match_indices("x:").map(|(at, word)| Span::new(file, at, at + word.len()));
        let findings: Vec<_> =
            places.map(|place| Finding::new(&codes::schema::UNKNOWN_KEY, place, "unknown key `x`")).collect();
        let run = Run { findings: &findings, sources: &sources, folder: "".into(), environments: &[] };
        let mut seen = BTreeMap::new();
        findings.iter().map(|finding| fingerprint(finding, &mut seen, run)).collect()
    }

    #[test]
    fn a_fingerprint_stays_when_lines_move() {
        let before = fingerprints("a:\n  x: 1\nb:\n  x: 2\n  x: 2\n");
        assert_eq!(before, fingerprints("# new\n\na:\n    x: 1\nb:\n  y: 1\n  x: 2\n  x: 2\n"));
        let mut all = before;
        all.dedup();
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn paths_are_relative_references() {
        assert_eq!(uri("environments/prod/a b%#?:é.yaml"), "environments/prod/a%20b%25%23%3F%3A%C3%A9.yaml");
    }
}
