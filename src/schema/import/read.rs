//! What others publish, read as data: several documents a file, scalars as their makers' readers take them.

use serde_json::{Map, Value as Json};

use crate::finding::codes::import::UNUSABLE;
use crate::finding::{Finding, Findings};
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};
use crate::yaml::scalar::{self, Plain};
use crate::yaml::{self, Content, Node, Style};

/// Budgets for files that others made: larger than a project's own, since one of them describes a whole API.
pub fn limits() -> Limits {
    let own = Limits::default();
    Limits {
        file_bytes: 16 << 20,
        yaml_depth: own.schema_depth * 3,
        yaml_nodes: 2_000_000,
        scalar_bytes: 1 << 20,
        ..own
    }
}

/// Documents of one file at most.
const DOCUMENTS: usize = 1000;

/// One document and where it begins in its file.
pub(super) struct Document {
    pub(super) node: Node,
    /// Spans of the node count from here.
    pub(super) offset: u32,
}

impl Document {
    /// Where a part of the document stands in its file.
    pub(super) fn span(&self, span: Span) -> Span {
        moved(span, self.offset)
    }
}

fn moved(span: Span, offset: u32) -> Span {
    Span { start: span.start + offset, end: span.end + offset, ..span }
}

/// All documents of a source. One that cannot be read is a finding; empty ones are left out.
pub(super) fn documents(sources: &Sources, file: FileId, findings: &mut Findings) -> Vec<Document> {
    let source = sources.get(file);
    let text = source.text();
    let limits = limits();
    let mut documents = Vec::new();
    let parts = parts(text);
    if let Some(&(start, _)) = parts.get(DOCUMENTS) {
        let message = format!("this document and those after it are not read: a file may hold {DOCUMENTS} of them");
        let at = Span { file, start: start as u32, end: start as u32 };
        findings.push(Finding::new(&UNUSABLE, at, message).help("split the file"));
    }
    for (start, end) in parts.into_iter().take(DOCUMENTS) {
        let part = &text[start..end];
        let offset = start as u32;
        let mut found = Findings::default();
        let node = yaml::read::read_text(part, file, &limits, &mut found);
        findings.extend(found.iter().cloned().map(|finding| at(finding, offset)));
        if let Some(node) = node
            && !matches!(&node.content, Content::Scalar { text, .. } if text.is_empty())
        {
            documents.push(Document { node, offset });
        }
    }
    documents
}

/// A finding about a part of a file, at its place in the file.
fn at(mut finding: Finding, offset: u32) -> Finding {
    finding.primary.span = moved(finding.primary.span, offset);
    for label in &mut finding.related {
        label.span = moved(label.span, offset);
    }
    finding
}

/// Where the documents of a text stand. A line that begins with `---` is always a mark: within a document all is further
/// in.
fn parts(text: &str) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.strip_prefix("---").filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if rest.is_some() {
            parts.push((start, at));
            start = at + 3;
        }
        at += line.len();
    }
    parts.push((start, text.len()));
    parts
}

/// A tree as JSON. What readers disagree on is taken for text, unless it is a number beyond doubt.
pub(super) fn json(node: &Node) -> Json {
    match &node.content {
        Content::List(items) => Json::Array(items.iter().map(json).collect()),
        Content::Map(entries) => Json::Object(
            entries.iter().map(|entry| (entry.key.text.to_string(), json(&entry.value))).collect::<Map<_, _>>(),
        ),
        Content::Scalar { text, style: Style::Plain } => match scalar::plain(text) {
            Plain::Null => Json::Null,
            Plain::Bool(value) => Json::Bool(value),
            Plain::Number(_) | Plain::Ambiguous(_) => number(text).unwrap_or_else(|| Json::String(text.to_string())),
            Plain::String => Json::String(text.to_string()),
        },
        Content::Scalar { text, .. } => Json::String(text.to_string()),
    }
}

/// Digits as JSON has them; a text like `0755` or `1_000` is none.
fn number(text: &str) -> Option<Json> {
    let plain = text.strip_prefix('+').unwrap_or(text);
    match serde_json::from_str(plain) {
        Ok(Json::Number(number)) => Some(Json::Number(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_split_at_their_marks_and_findings_stand_in_the_file() {
        let sources = Sources::default();
        let file = sources.add("a.yaml", "---\na: 1\n--- # two\nb: |\n  ---\n  x\n---\n\n---\nc: [1\n");
        let mut findings = Findings::default();
        let read = documents(&sources, file, &mut findings);
        let read: Vec<_> = read.iter().map(|document| json(&document.node).to_string()).collect();
        assert_eq!(read, [r#"{"a":1}"#, r#"{"b":"---\nx\n"}"#]);
        let places: Vec<_> = findings.iter().map(|finding| sources.locate(finding.primary.span)).collect();
        assert_eq!(places, ["a.yaml:10:4"]);
    }

    #[test]
    fn scalars_are_what_go_takes_them_for_or_text() {
        let sources = Sources::default();
        let file = sources.add("a.yaml", "[1, 1.5, 1e3, 0755, on, null, '1', 1_000]");
        let read = documents(&sources, file, &mut Findings::default());
        assert_eq!(json(&read[0].node).to_string(), r#"[1,1.5,1000.0,"0755","on",null,"1","1_000"]"#);
    }
}
