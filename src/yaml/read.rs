//! From text to a tree in which every key and value knows its place.
//!
//! `granit-parser` turns the text into events; `build.rs` makes the tree from them without recursion, so that no
//! nesting can overflow the stack. It goes on after a finding wherever the rest still makes sense.

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, StructureStyle};

use super::Dialect;
use super::build::{Builder, MAX_KEY_CHARS, Opening};
use super::{Content, Node, Style, Tag, quick, syntax};
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{FileId, Sources, Span};

/// Reads a source as one YAML document. An empty one is an empty plain scalar.
///
/// `None` when no tree can be made of it, always with a finding that says why. A tree can come with findings too: of a
/// key that stands twice the first is kept.
pub fn read(sources: &Sources, file: FileId, limits: &Limits, findings: &mut Findings) -> Option<Node> {
    read_text(sources.get(file).text(), file, limits, findings)
}

/// [`read`] for a text that is not itself a source, such as the skeleton of a template: spans are offsets into `text`
/// and carry `file`; the caller moves them to where the user wrote them.
pub fn read_text(text: &str, file: FileId, limits: &Limits, findings: &mut Findings) -> Option<Node> {
    read_as(text, Dialect::Own, file, limits, findings)
}

/// [`read_text`] of a dialect.
pub fn read_as(text: &str, dialect: Dialect, file: FileId, limits: &Limits, findings: &mut Findings) -> Option<Node> {
    let quick = if syntax::has_odd_sign(text) { None } else { quick::read(text, file, limits) };
    quick.or_else(|| parse_as(text, dialect, file, limits, findings))
}

/// [`read_text`], whatever the text is.
#[cfg(test)]
pub(super) fn parse(text: &str, file: FileId, limits: &Limits, findings: &mut Findings) -> Option<Node> {
    parse_as(text, Dialect::Own, file, limits, findings)
}

fn parse_as(text: &str, dialect: Dialect, file: FileId, limits: &Limits, findings: &mut Findings) -> Option<Node> {
    let builder = Builder::new(text, file, limits, findings).of(dialect);
    let mut reader = Reader { text, dialect, file, limits, documents: 0, builder };
    for event in Parser::new_from_str_with_options(text, options(limits)) {
        let step = match event {
            Ok((event, span)) => reader.event(event, &span),
            Err(error) => {
                reader.syntax(&error);
                return None;
            }
        };
        if step == Step::Stop {
            break;
        }
    }
    let node = reader.builder.finish()?;
    if let Some(tab) = tab_before(&node, text) {
        findings.push(syntax::tab(text, tab, file));
        return None;
    }
    Some(node)
}

/// A tab that indents the outermost map or list of a block, which the parser lets pass, and YAML does not. Before a
/// bracket it may stand.
fn tab_before(node: &Node, text: &str) -> Option<usize> {
    let before = &text[..node.span.start as usize];
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let is_block = !matches!(node.content, Content::Scalar { .. }) && !text[before.len()..].starts_with(['[', '{']);
    let indents = is_block && before[line..].trim().is_empty();
    before[line..].find('\t').filter(|_| indents).map(|at| line + at)
}

fn options(limits: &Limits) -> Options {
    granit_parser::options! {
        // Flow collections must be indented as YAML 1.2 says; without this the parser accepts what some readers refuse.
        strict_indentation: true,
        disallow_directives: true,
        // A finding of ours, after which reading goes on.
        emit_unresolved_aliases: true,
        // The scanner reads ahead of the builder here, which counts levels everywhere.
        flow_nesting_limit: limits.yaml_depth,
        // The builder counts the characters of a key; here is room for their escapes.
        simple_key_max_lookahead: 16 * MAX_KEY_CHARS,
    }
}

/// Places of one file at which the text stops being YAML that are told at once.
const SYNTAX_ERRORS: usize = 10;

#[derive(PartialEq)]
enum Step {
    On,
    Stop,
}

struct Reader<'a> {
    text: &'a str,
    dialect: Dialect,
    file: FileId,
    limits: &'a Limits,
    documents: usize,
    builder: Builder<'a>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: &granit_parser::Span) -> Step {
        let place = self.span(span);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.several_documents(place);
                    return Step::Stop;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                // The parser spells the empty value `~`; what nobody wrote has an empty place.
                let absent = style == ScalarStyle::Plain && place.start == place.end;
                let text = if absent { "" } else { &*text };
                let place = if absent && !self.builder.wants_key() { self.behind_colon(place) } else { place };
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let place = if style == Style::Block { self.trim(place) } else { place };
                let behind = self.text.get(place.end as usize..).unwrap_or_default();
                let ends_text = style == Style::Block && (!behind.contains('\n') || self.ends_in_blanks(text, place));
                // Where the text ends without a line break, the block has none to keep.
                let text = if ends_text { text.strip_suffix('\n').unwrap_or(text) } else { text };
                let tag = tag.and_then(|_| self.tag(span, place));
                self.builder.scalar(text, style, place, tag, anchor);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let tag = tag.and_then(|_| self.tag(span, place));
                let start = self.builder.list_start(place.start, style == StructureStyle::Flow);
                self.builder.open(Opening::List, start, tag, anchor);
            }
            Event::MappingStart(_, anchor, tag) => {
                let tag = tag.and_then(|_| self.tag(span, place));
                self.builder.open(Opening::Map, place.start, tag, anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => self.builder.close(place),
            Event::Alias(anchor) => self.builder.alias(anchor, place),
            Event::UnresolvedAlias(name) => self.builder.unknown_anchor(&name, place),
            // Ends of documents; comments and anchors are not asked for, and a later parser may add kinds.
            _ => {}
        }
        if self.builder.exhausted() { Step::Stop } else { Step::On }
    }

    /// Whether the last line of a block is of blanks that are a part of its text, and has no end.
    fn ends_in_blanks(&self, text: &str, place: Span) -> bool {
        let written = self.text.get(place.start as usize..).unwrap_or_default();
        if !written.ends_with([' ', '\t'])
            || !self.text.get(place.end as usize..).is_some_and(|rest| rest.trim().is_empty())
        {
            return false;
        }
        let Some(text) = text.strip_suffix('\n') else { return false };
        let head = usize::from(written.starts_with(['|', '>']));
        let last = text.rsplit('\n').next().unwrap_or_default();
        let is_last = !last.is_empty() && last.trim().is_empty() && written.ends_with(last);
        is_last && written.split('\n').count() - head == text.split('\n').count()
    }

    fn span(&self, span: &granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or_default();
        Span::new(self.file, range.start, range.end)
    }

    /// The place of a value that nobody wrote: behind the colon, where it belongs.
    fn behind_colon(&self, place: Span) -> Span {
        let colon = self.text.as_bytes().get(place.start as usize) == Some(&b':');
        let at = place.start + u32::from(colon);
        Span { start: at, end: at, ..place }
    }

    /// A block scalar's place runs on to the next token: line ends behind it do not belong to it.
    fn trim(&self, span: Span) -> Span {
        let text = self.text.get(span.range()).unwrap_or_default().trim_end();
        Span { end: span.start + text.len() as u32, ..span }
    }

    /// A local tag as it was written. Any other is a finding, and the value goes on without it.
    fn tag(&mut self, span: &granit_parser::Span, value: Span) -> Option<Tag> {
        let place = span.tag_span().map_or(value, |tag| self.span(&tag));
        let text = self.text.get(place.range()).unwrap_or_default();
        let local = text.len() > 1 && text.starts_with('!') && !text[1..].contains(['!', '<']);
        let is_taken = || self.dialect == Dialect::Others && text.starts_with("!!");
        if local || is_taken() {
            return Some(Tag { text: text.into(), span: place });
        }
        self.builder.push(
            Finding::new(&codes::yaml::TAG, place, format!("the tag `{text}` is not understood"))
                .label("this would change the type of the value")
                .help("remove the tag; quote the value if it is to be a string"),
        );
        None
    }

    fn several_documents(&mut self, place: Span) {
        let text = self.text.get(place.start as usize..).unwrap_or_default();
        let end = if text.starts_with("---") { place.start + 3 } else { place.end };
        self.builder.push(
            Finding::new(&codes::yaml::SEVERAL_DOCUMENTS, Span { end, ..place }, "a second document in one file")
                .label("the second document begins here")
                .help("move it into a file of its own"),
        );
    }

    /// Tells where the text stops being YAML. What follows the next key at the left margin is mostly sound again, so the
    /// mistakes further down are told in the same run.
    fn syntax(&mut self, error: &ScanError) {
        let mut at = error.marker().byte_offset().unwrap_or(self.text.len());
        self.syntax_error(error.kind(), at);
        let mut from = 0;
        for _ in 1..SYNTAX_ERRORS {
            // A mistake is often noticed at the start of the next line, which is sound itself.
            let Some(start) = next_key(self.text, at.max(from)) else { return };
            from = start + self.text[start..].chars().next().map_or(1, char::len_utf8);
            let mut rest = Parser::new_from_str_with_options(&self.text[start..], options(self.limits));
            let Some(error) = rest.find_map(Result::err) else { return };
            at = start + error.marker().byte_offset().unwrap_or(self.text.len() - start);
            self.syntax_error(error.kind(), at);
        }
    }

    fn syntax_error(&mut self, kind: &ErrorKind, at: usize) {
        if let Some(finding) = syntax::finding(kind, at, self.text, self.file, self.limits, self.builder.too_deep()) {
            self.builder.push(finding);
        }
    }
}

/// The start of the first line, at a place or behind it, that begins with a key; none if a new document begins before.
fn next_key(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let skipped = if from == 0 || text[..from].ends_with('\n') { 0 } else { rest.find('\n')? + 1 };
    let mut start = from + skipped;
    for line in rest[skipped..].split_inclusive('\n') {
        if line.starts_with("---") || line.starts_with("...") {
            return None;
        }
        let key = line.split_once(':').filter(|(_, rest)| rest.starts_with([' ', '\r', '\n']));
        if key.is_some_and(|(key, _)| key.starts_with(|char: char| char.is_alphabetic() || "_\"'".contains(char))) {
            return Some(start);
        }
        start += line.len();
    }
    None
}
