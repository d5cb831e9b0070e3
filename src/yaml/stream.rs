//! Several documents in one text, with lines `---` between them.

use std::ops::Range;

use super::{Content, Node};
use super::{Dialect, read};
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{FileId, Span};

/// Where each document of a text stands. YAML ends a document at every line that begins with `---` and a blank, whatever
/// it stands in, so the lines tell. What comes before the first of them is a document if it holds more than comments.
pub fn split(text: &str) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let (mut start, mut at, mut is_first) = (0, 0, true);
    // Most texts are one document.
    if !text.contains("---") {
        return std::iter::once(0..text.len()).collect();
    }
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("---").filter(|rest| rest.is_empty() || rest.starts_with(is_blank)) {
            if !is_first || has_content(&text[start..at]) {
                documents.push(start..at);
            }
            // A value may begin on the line itself: `--- |`.
            start = if has_content(rest) { at } else { at + line.len() };
            is_first = false;
        }
        at += line.len();
    }
    documents.push(start..text.len());
    documents
}

/// Where each of so many documents stands: a text of one document is not split, whatever it is.
pub fn stretches(text: &str, documents: usize) -> Vec<Range<usize>> {
    if documents > 1 { split(text) } else { std::iter::once(0..text.len()).collect() }
}

fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

/// Whether a text holds anything but blank lines and comments.
fn has_content(text: &str) -> bool {
    text.lines().any(|line| !matches!(line.trim_start_matches(is_blank).bytes().next(), None | Some(b'#')))
}

/// Whether nothing is written for a document.
pub fn is_empty(document: &Node) -> bool {
    let is_scalar = matches!(&document.content, Content::Scalar { text, .. } if text.is_empty());
    is_scalar && document.span.start == document.span.end && document.tag.is_none()
}

/// Findings of one file, after which its other documents are not read.
const MOST_FINDINGS: usize = 100;

/// One document of a text.
pub struct Document {
    /// None if no tree can be made of it.
    pub node: Option<Node>,
    pub findings: Findings,
}

/// Reads all documents of a text, which share the limits of one. `None` if one of them cannot be read.
pub fn read(text: &str, file: FileId, limits: &Limits, findings: &mut Findings) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    for document in each(text, Dialect::Own, file, limits) {
        findings.append(document.findings);
        nodes.push(document.node);
    }
    nodes.into_iter().collect()
}

/// [`read::read`], each by itself: one that cannot be read is none to the others. After too many mistakes the rest is left.
pub fn each(text: &str, dialect: Dialect, file: FileId, limits: &Limits) -> Vec<Document> {
    let mut limits = limits.clone();
    let mut documents = Vec::new();
    let mut told = 0;
    for range in split(text) {
        if !has_content(&text[range.clone()]) && limits.yaml_nodes > 0 {
            limits.yaml_nodes -= 1;
            let node = Some(Node::empty(Span::new(file, range.start, range.start)));
            documents.push(Document { node, findings: Findings::default() });
            continue;
        }
        let mut own = Findings::default();
        let node = read::read_as(&text[range.clone()], dialect, file, &limits, &mut own);
        told += own.iter().len();
        let is_over = told >= MOST_FINDINGS
            || own.iter().any(|finding| std::ptr::eq(finding.rule, &raw const codes::yaml::TOO_MANY));
        for finding in &mut own {
            shift(finding, file, range.start);
        }
        let is_over = is_over && node.is_none();
        let node = node.map(|mut node| {
            limits.yaml_nodes = limits.yaml_nodes.saturating_sub(node.size());
            node.shift(range.start as u32);
            node
        });
        documents.push(Document { node, findings: own });
        if is_over {
            break;
        }
    }
    documents
}

/// Moves what is said of a part of a text to where that stands.
pub fn shift(finding: &mut Finding, file: FileId, by: usize) {
    let labels = std::iter::once(&mut finding.primary).chain(&mut finding.related);
    for label in labels.filter(|label| label.span.file == file) {
        label.span.start += by as u32;
        label.span.end += by as u32;
    }
}

impl Node {
    /// Moves it within its file, with all below.
    fn shift(&mut self, by: u32) {
        if by == 0 {
            return;
        }
        let tag = self.tag.iter_mut().map(|tag| &mut tag.span);
        for span in std::iter::once(&mut self.span).chain(tag) {
            (span.start, span.end) = (span.start + by, span.end + by);
        }
        match &mut self.content {
            Content::Scalar { .. } => {}
            Content::List(items) => items.iter_mut().for_each(|item| item.shift(by)),
            Content::Map(entries) => {
                for entry in entries {
                    (entry.key.span.start, entry.key.span.end) = (entry.key.span.start + by, entry.key.span.end + by);
                    entry.value.shift(by);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn parts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn lines_of_three_dashes_are_between_documents() {
        assert_eq!(parts("a: 1\n"), ["a: 1\n"]);
        assert_eq!(parts("---\na: 1\n"), ["a: 1\n"]);
        assert_eq!(parts("# about\n\n--- # first\na: 1\n---\r\nb: 2"), ["a: 1\n", "b: 2"]);
        assert_eq!(parts("a: 1\n---\n"), ["a: 1\n", ""]);
        assert_eq!(parts("a: |\n  x\n  ---\n  y\n---\n--- |\n  z\n"), ["a: |\n  x\n  ---\n  y\n", "", "--- |\n  z\n"]);
        assert_eq!(parts("a: 1\n--- b\n----\n---c\n"), ["a: 1\n", "--- b\n----\n---c\n"]);
        assert_eq!(parts(""), [""]);
    }

    #[test]
    fn each_document_knows_its_place() {
        let sources = Sources::default();
        let text = "---\na: 1\n---\n- b: {c: !x 2}\n---\n# none\n---\nd: [\n---\ne: 3\ne: 4\n";
        let file = sources.add("a.yaml", text);
        let mut findings = Findings::default();
        assert!(read(text, file, &Limits::default(), &mut findings).is_none());
        let told: Vec<_> = findings.iter().map(|it| sources.locate(it.primary.span)).collect();
        assert_eq!(told, ["a.yaml:8:4", "a.yaml:11:1"]);
        let text = &text[..text.find("d:").unwrap()];
        let documents = read(text, file, &Limits::default(), &mut findings).unwrap();
        assert_eq!(documents.iter().map(is_empty).collect::<Vec<_>>(), [false, false, true, true]);
        let Content::List(items) = &documents[1].content else { panic!("no list") };
        let c = items[0].get("b").unwrap().get("c").unwrap();
        assert_eq!((sources.slice(c.span), sources.slice(c.tag.clone().unwrap().span)), ("2".into(), "!x".into()));
    }

    #[test]
    fn documents_share_their_limits() {
        let sources = Sources::default();
        let text = "- a\n---\n- b\n";
        let file = sources.add("a.yaml", text);
        let read_with = |yaml_nodes| {
            let limits = Limits { yaml_nodes, ..Limits::default() };
            read(text, file, &limits, &mut Findings::default()).is_some()
        };
        assert!(read_with(4));
        assert!(!read_with(3));
    }
}
