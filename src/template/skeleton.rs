//! Skeletons: the text of a render, parsed as YAML with its slots still in it. A text is parsed once, however many
//! environments and calls of a macro fill it.

mod json;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, RwLock};

use camino::Utf8Path;

use super::embed::Stand;
use super::intrinsic::Intrinsic;
use super::slot::{self, Piece};
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{FileId, Span};
use crate::value::Value;
use crate::yaml::{self, Style, Types, read, scalar};

const TIGHT_COLON: &str = "a colon with nothing behind it separates no value from its key";
const TIGHT_COLON_HELP: &str = "write a blank behind the colon, `key: value`; a text with a colon stands in quotes";

/// How items are kept apart: no value is read as a comma.
pub(super) const COMMA_HELP: &str = "put a text in quotes; between the items of a loop, write `{% if not loop.last %},{% endif %}`, or let one tag print the whole list: `{{ list }}`";

/// What is said of a document that is all one text because a blank lacks behind a colon, `name:{{ name }}`. Its place is an
/// offset into the text.
pub(super) fn tight_colon(skeleton: &Skeleton, text: &str, file: FileId) -> Option<Finding> {
    if !matches!(&skeleton.root.content, Content::Text(_) | Content::Fixed(Value::String(_))) {
        return None;
    }
    let start = skeleton.root.at.start as usize;
    let (key, behind) = text.get(start..)?.split_once(':')?;
    let is_key = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.');
    if key.is_empty() || !key.chars().all(is_key) || behind.starts_with(char::is_whitespace) || behind.is_empty() {
        return None;
    }
    let span = Span::new(file, start, start + key.len() + 1);
    let finding = Finding::new(&codes::yaml::SYNTAX, span, TIGHT_COLON);
    Some(finding.label("the whole document is one text").help(TIGHT_COLON_HELP))
}

/// A text that was parsed, and which slots stand in it.
#[derive(Debug)]
pub(super) struct Skeleton {
    pub(super) root: Arc<Node>,
    /// By the order in which they stand there, which is what the nodes call them by.
    pub(super) slots: Vec<usize>,
    pub(super) form: Form,
}

/// What a document will be written as, and its readers take it for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Form {
    Yaml,
    Json,
}

impl Form {
    pub(super) fn of(path: &str) -> Self {
        if Utf8Path::new(path).extension() == Some("json") { Self::Json } else { Self::Yaml }
    }
}

/// What a captured text is that stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Yaml,
    Text,
    Unclear,
}

impl Skeleton {
    /// What the text of this skeleton is meant to be, by what YAML makes of it.
    pub(super) fn reading(&self, text: &str) -> Reading {
        let is_scalar = match &self.root.content {
            Content::Fixed(value) => !matches!(value, Value::Map(_) | Value::List(_)),
            Content::Empty | Content::Typed(_) | Content::Text(_) => true,
            Content::List(_) | Content::Map(_) | Content::Intrinsic(..) => false,
        };
        let body = text.trim_matches([' ', '\t', '\r', '\n']);
        let written = text.get(self.root.at.start as usize..self.root.at.end as usize).unwrap_or_default();
        if !body.contains('\n') {
            // What stands behind a `#` would be lost, values and all.
            let loses = if is_scalar { written != body } else { self.has_slot_in_comment() };
            return if loses && body.contains('#') { Reading::Unclear } else { Reading::Yaml };
        }
        if !is_scalar {
            return Reading::Yaml;
        }
        let is_sign = |char: char| matches!(char, '+' | '-') || char.is_ascii_digit();
        let first = body.lines().next().unwrap_or_default().trim_end();
        if matches!(first.trim_end_matches(is_sign), "|" | ">") {
            return Reading::Yaml;
        }
        match written.chars().next() {
            // Quotes would fold the lines, and comments would be lost.
            Some('"' | '\'') => Reading::Unclear,
            _ if written != body => Reading::Unclear,
            _ => Reading::Text,
        }
    }

    /// Whether a value stands where nothing is made of it.
    fn has_slot_in_comment(&self) -> bool {
        let mut seen = BTreeSet::new();
        self.root.collect_slots(&mut seen);
        (0..self.slots.len()).any(|slot| !seen.contains(&slot))
    }
}

/// A value with places for slots.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it stands in the text of the render.
    pub(super) at: Range<u32>,
    pub(super) content: Content,
}

impl Node {
    /// Every slot in it, by the skeleton's own numbers.
    pub(super) fn collect_slots(&self, seen: &mut BTreeSet<usize>) {
        let in_parts = |parts: &[Part], seen: &mut BTreeSet<usize>| {
            seen.extend(parts.iter().filter_map(|part| match part {
                Part::Slot(slot) => Some(*slot),
                Part::Text(_) | Part::InFlow | Part::Plain | Part::Folded | Part::Block | Part::FoldedBlock => None,
            }));
        };
        match &self.content {
            Content::Fixed(_) | Content::Empty => {}
            Content::Typed(slot) => drop(seen.insert(*slot)),
            Content::Text(parts) => in_parts(parts, seen),
            Content::List(items) => items.iter().for_each(|item| item.collect_slots(seen)),
            Content::Map(entries) => {
                for (key, node) in entries {
                    if let Key::Text(_, parts) = key {
                        in_parts(parts, seen);
                    }
                    node.collect_slots(seen);
                }
            }
            Content::Intrinsic(_, argument) => argument.collect_slots(seen),
        }
    }
}

#[derive(Debug)]
pub(super) enum Content {
    /// No slot in it.
    Fixed(Value),
    /// Nothing, where an item or the value of a key could stand: null.
    Empty,
    /// A plain scalar that is exactly one slot: the value keeps its type.
    Typed(usize),
    /// Slots among text, or in quotes: a string.
    Text(Box<[Part]>),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// `!Ref` and its like.
    Intrinsic(Intrinsic, Box<Node>),
}

#[derive(Debug)]
pub(super) enum Key {
    Fixed(Range<u32>, Arc<str>),
    Text(Range<u32>, Box<[Part]>),
}

#[derive(Debug)]
pub(super) enum Part {
    Text(Arc<str>),
    Slot(usize),
    /// Behind all others, before `Plain` or `Folded`: they stand between brackets.
    InFlow,
    /// Behind all others: they stand without quotes on one line.
    Plain,
    /// Behind all others: they stand without quotes on several lines, which YAML folds into one.
    Folded,
    /// Behind all others: they stand in a block, `|`.
    Block,
    /// Behind all others: they stand in a block whose lines YAML folds, `>`.
    FoldedBlock,
}

/// How the slot that is a part of a text stands in it. The last line of a block has an end, whether the block keeps it or not.
pub(super) fn stand(parts: &[Part], index: usize, is_line: impl FnOnce(&str) -> bool) -> Stand {
    let text = |part: Option<&Part>| match part {
        Some(Part::Text(text)) => Some(Arc::clone(text)),
        _ => None,
    };
    let is_slot = |part: Option<&Part>| matches!(part, Some(Part::Slot(_)));
    let (before, behind) = (index.checked_sub(1).and_then(|before| parts.get(before)), parts.get(index + 1));
    if is_slot(behind) {
        return Stand::Beside { ends: false };
    }
    let is_behind = is_slot(before);
    let end = if matches!(parts.last(), Some(Part::Block | Part::FoldedBlock)) { "\n" } else { "" };
    let (before, behind) = (text(before).unwrap_or_default(), text(behind).unwrap_or_else(|| end.into()));
    // What stands before the text on one line with it is another slot.
    let is_behind = is_behind || index > 1 && !before.contains('\n');
    Stand::of(&before, &behind, |blanks| !is_behind && is_line(blanks))
}

/// Parses the text of a render.
///
/// # Errors
/// Findings whose spans are offsets into `text`.
pub(super) fn parse(text: &str, form: Form, file: FileId, limits: &Limits) -> Result<Node, Findings> {
    parse_with(text, form, file, limits, true)
}

/// Signs that are letters to YAML and look like blanks or quotes, in a text that could be parsed.
pub(super) fn odd_signs(text: &str, file: FileId, limits: &Limits) -> Vec<Finding> {
    if !yaml::has_odd_sign(text) {
        return Vec::new();
    }
    let mut findings = Findings::default();
    read::read_text(text, file, limits, &mut findings);
    findings.iter().filter(|finding| finding.rule == &codes::hygiene::ODD_SIGN).cloned().collect()
}

/// [`parse`], with a node for every value, also where no slot is near: for telling where each one is in a text that was
/// parsed before.
///
/// # Errors
/// As [`parse`].
pub(super) fn parse_whole(text: &str, file: FileId, limits: &Limits) -> Result<Node, Findings> {
    parse_with(text, Form::Json, file, limits, false)
}

fn parse_with(text: &str, form: Form, file: FileId, limits: &Limits, fold: bool) -> Result<Node, Findings> {
    let mut findings = Findings::default();
    let root = read::read_text(text, file, limits, &mut findings);
    let is_flow = |root: &yaml::Node| text.get(root.span.range()).is_some_and(|root| root.starts_with(['{', '[']));
    let in_json = form == Form::Json && fold && root.as_ref().is_some_and(is_flow);
    let (seen, in_flow) = (BTreeSet::new(), false);
    let mut builder = Builder { text, findings: &mut findings, seen, form, fold, in_flow, in_json };
    builder.refuse_comment(file);
    let mut node = root.map(|root| builder.node(&root));
    if let Some(node) = node.as_mut().filter(|node| matches!(node.content, Content::Empty)) {
        node.content = Content::Fixed(Value::Null);
    }
    let seen = builder.seen;
    if node.is_some() {
        misplaced(text, file, &seen, &mut findings);
    }
    match node {
        Some(node) if !findings.has_errors() => Ok(node),
        _ => Err(findings),
    }
}

struct Builder<'a> {
    text: &'a str,
    findings: &'a mut Findings,
    /// Slots that stand in a scalar or a key. The others stand in comments, or where none may.
    seen: BTreeSet<usize>,
    form: Form,
    /// Whether what holds no slot becomes one value.
    fold: bool,
    /// Whether the place is between brackets.
    in_flow: bool,
    /// Whether the text is written as JSON, and has to be it.
    in_json: bool,
}

impl Builder<'_> {
    fn node(&mut self, node: &yaml::Node) -> Node {
        let is_flow = self.text.get(node.span.range()).is_some_and(|text| text.starts_with(['[', '{']));
        let outer = self.in_flow;
        self.in_flow |= is_flow;
        let content = match &node.content {
            // A tag with nothing behind it is a tag on an empty text.
            yaml::Content::Scalar { text, style: Style::Plain } if text.is_empty() && node.tag.is_some() => {
                Content::Fixed(Value::String(Arc::clone(text)))
            }
            yaml::Content::Scalar { text, style: Style::Plain } if is_text_of_function(node, text) => {
                Content::Fixed(Value::String(Arc::clone(text)))
            }
            yaml::Content::Scalar { text, style: Style::Plain }
                if text.is_empty() && node.span.start == node.span.end =>
            {
                Content::Empty
            }
            yaml::Content::Scalar { text, style } => {
                self.refuse_escaped(text, *style, node.span);
                self.refuse_written(*style, node.span);
                self.scalar(text, *style, node)
            }
            yaml::Content::List(items) => {
                for item in items {
                    self.refuse_single_pair(item);
                }
                let items: Vec<Node> = items.iter().map(|item| self.node(item)).collect();
                if self.fold { fold_list(items) } else { Content::List(items) }
            }
            yaml::Content::Map(entries) => {
                for entry in entries {
                    self.refuse_tight_colon(entry);
                    self.refuse_missing(entry);
                    self.refuse_key(&entry.key);
                }
                let entries = entries.iter().map(|entry| (self.key(&entry.key), self.node(&entry.value))).collect();
                if self.fold { fold_map(entries) } else { Content::Map(entries) }
            }
        };
        self.in_flow = outer;
        let at = node.span.start..node.span.end;
        let Some(tag) = &node.tag else { return Node { at, content } };
        if slot::has_reserved(&tag.text) {
            self.push_slot(tag.span, "tag");
            return Node { at, content };
        }
        match Intrinsic::of_tag(&tag.text) {
            Ok(function) => {
                let argument = Box::new(Node { at: at.clone(), content });
                Node { at, content: Content::Intrinsic(function, argument) }
            }
            Err(help) => {
                let message = format!("`{}` is not a tag that platc knows", tag.text);
                self.findings.push(
                    Finding::new(&codes::yaml::TAG, tag.span, message)
                        .label("templates understand the short tags of CloudFormation")
                        .help(help.unwrap_or_else(|| "remove it, or put quotes around the value".to_owned())),
                );
                Node { at, content }
            }
        }
    }

    fn scalar(&mut self, text: &Arc<str>, style: Style, node: &yaml::Node) -> Content {
        let is_json = self.form == Form::Json && style == Style::Plain;
        let without_slots = || text.chars().filter(|char| !slot::is_reserved(*char)).collect::<String>();
        if let Some(misread) = is_json.then(|| scalar::json_comment(&without_slots())).flatten() {
            self.findings.push(misread.finding(node.span));
            return Content::Fixed(Value::Null);
        }
        self.refuse_words(text, style, node.span);
        if !slot::has_reserved(text) {
            let read = match scalar::json_number(text).filter(|_| is_json) {
                Some(number) => number.map(scalar::Scalar::Number),
                None => scalar::resolve(text, style, Types::ANY),
            };
            let is_date = matches!(&read, Err(misread) if misread.why == scalar::Ambiguity::Date);
            if style == Style::Plain && (read.is_ok() || is_date) {
                self.refuse_bare(text, node);
            }
            return Content::Fixed(match read {
                Ok(read) => read.into_value(text),
                // `Version: 2012-10-17` stands in policies everywhere. What is rendered has JSON's types, and no dates.
                Err(misread) if misread.why == scalar::Ambiguity::Date => Value::String(Arc::clone(text)),
                Err(misread) => {
                    self.findings.push(misread.finding(node.span));
                    Value::Null
                }
            });
        }
        match slot::whole(text) {
            Some(slot) if style == Style::Plain => {
                self.seen.insert(slot);
                Content::Typed(slot)
            }
            _ => {
                self.refuse_pieces(style, node.span);
                let mut parts = self.parts(text).into_vec();
                parts.extend((self.in_flow && style == Style::Plain).then_some(Part::InFlow));
                parts.extend(match style {
                    Style::Plain if self.is_folded(node) => Some(Part::Folded),
                    Style::Plain => Some(Part::Plain),
                    Style::Block if self.is_folded_block(node) => Some(Part::FoldedBlock),
                    Style::Block => Some(Part::Block),
                    Style::Quoted => None,
                });
                Content::Text(parts.into())
            }
        }
    }

    fn is_folded(&self, node: &yaml::Node) -> bool {
        self.text.get(node.span.range()).is_some_and(|written| written.contains('\n'))
    }

    /// `{a:80}` is a key `a:80` without a value.
    fn refuse_tight_colon(&mut self, yaml::Entry { key, value }: &yaml::Entry) {
        let is_empty = matches!(&value.content, yaml::Content::Scalar { text, style: Style::Plain } if text.is_empty());
        let behind = self.text.get(key.span.end as usize..).unwrap_or_default().trim_start();
        if key.style == Style::Plain && is_empty && key.text.contains(':') && !behind.starts_with(':') {
            let finding = Finding::new(&codes::yaml::SYNTAX, key.span, TIGHT_COLON);
            self.findings.push(finding.label("all of this is a key without a value").help(TIGHT_COLON_HELP));
        }
    }

    /// Whether the header above a block says `>`.
    fn is_folded_block(&self, node: &yaml::Node) -> bool {
        let written = self.text.get(node.span.range()).unwrap_or_default();
        if written.starts_with(['|', '>']) {
            return written.starts_with('>');
        }
        let above = self.text.get(..node.span.start as usize).unwrap_or_default().trim_end();
        let header = above.rsplit('\n').next().unwrap_or_default();
        let header = header.split(" #").next().unwrap_or_default().trim_end();
        header.trim_end_matches(|char: char| matches!(char, '+' | '-') || char.is_ascii_digit()).ends_with('>')
    }

    /// An escape can spell a reserved character, which would forge a slot.
    fn refuse_escaped(&mut self, text: &str, style: Style, span: Span) {
        if style == Style::Quoted && slot::has_reserved(text) {
            let written = self.text.get(span.range()).unwrap_or_default();
            let found = slot::escaped(written).map(|(range, char)| {
                let start = span.start as usize;
                slot::refused(char, Span::new(span.file, start + range.start, start + range.end))
            });
            self.findings.extend(found.collect::<Vec<_>>());
        }
    }

    fn key(&mut self, key: &yaml::Key) -> Key {
        self.refuse_escaped(&key.text, key.style, key.span);
        let range = key.span.start..key.span.end;
        if slot::has_reserved(&key.text) {
            let mut parts = self.parts(&key.text).into_vec();
            parts.extend((key.style == Style::Plain).then_some(Part::Plain));
            Key::Text(range, parts.into())
        } else {
            Key::Fixed(range, Arc::clone(&key.text))
        }
    }

    fn parts(&mut self, text: &str) -> Box<[Part]> {
        let parts = slot::pieces(text).map(|piece| match piece {
            Piece::Text(text) => Part::Text(text.into()),
            Piece::Slot(slot) => {
                self.seen.insert(slot);
                Part::Slot(slot)
            }
        });
        parts.collect()
    }

    fn push_slot(&mut self, span: Span, place: &str) {
        self.findings.push(slot_place(span, place));
    }
}

/// `!Sub 1.10`: what a function takes as a text is the text as it is written.
fn is_text_of_function(node: &yaml::Node, text: &str) -> bool {
    let function = node.tag.as_ref().and_then(|tag| Intrinsic::of_tag(&tag.text).ok());
    function.is_some_and(Intrinsic::takes_text)
        && !slot::has_reserved(text)
        && scalar::plain(text) != scalar::Plain::Null
}

fn slot_place(span: Span, place: &str) -> Finding {
    Finding::new(&codes::template::SLOT_PLACE, span, format!("a value cannot stand in a YAML {place}"))
        .help("values go into scalars and keys; choose between fixed words with `{% if %}`")
}

/// A list without slots is a value, made once.
fn fold_list(items: Vec<Node>) -> Content {
    if items.iter().all(|item| matches!(item.content, Content::Fixed(_))) {
        Content::Fixed(Value::List(items.into_iter().filter_map(fixed).collect()))
    } else {
        Content::List(items)
    }
}

fn fold_map(entries: Vec<(Key, Node)>) -> Content {
    let is_fixed = |(key, node): &(Key, Node)| matches!((key, &node.content), (Key::Fixed(..), Content::Fixed(_)));
    if !entries.iter().all(is_fixed) {
        return Content::Map(entries);
    }
    let entries = entries.into_iter().filter_map(|(key, node)| match key {
        Key::Fixed(_, key) => fixed(node).map(|value| (key, value)),
        Key::Text(..) => None,
    });
    Content::Fixed(Value::Map(entries.collect()))
}

fn fixed(node: Node) -> Option<Value> {
    match node.content {
        Content::Fixed(value) => Some(value),
        _ => None,
    }
}

/// Slots that no scalar and no key holds stand in comments, which is fine, or in an anchor, an alias or a directive.
fn misplaced(text: &str, file: FileId, seen: &BTreeSet<usize>, findings: &mut Findings) {
    for (start, end, number) in slot::places(text) {
        if seen.contains(&number) {
            continue;
        }
        let line = &text[text[..start].rfind('\n').map_or(0, |end| end + 1)..start];
        if line.trim_start().starts_with('#') || line.contains(" #") {
            continue;
        }
        let word = line.rsplit([' ', ',', '[', ']', '{', '}']).next().unwrap_or_default();
        let place = match word.chars().next() {
            Some('&') => "anchor",
            Some('*') => "alias",
            _ if line.starts_with('%') => "directive",
            _ => continue,
        };
        findings.push(slot_place(Span::new(file, start, end), place));
    }
}

/// Skeletons by their text. What a macro gives differs from call to call in the numbers of its slots, which are left out.
#[derive(Debug, Default)]
pub(super) struct Cache {
    parsed: RwLock<Parsed>,
}

#[derive(Debug, Default)]
struct Parsed {
    /// Ordered: texts differ early, and to compare some costs less than to hash one.
    by_text: BTreeMap<(Form, String), Arc<Node>>,
    bytes: usize,
}

/// Bytes of text that are kept; one environment of the shipped platform needs a tenth of it.
const CACHE_BYTES: usize = 16 << 20;

impl Cache {
    /// The skeleton of a text, parsed now if it is new.
    ///
    /// # Errors
    /// As [`parse`].
    pub(super) fn get(&self, written: &str, form: Form, file: FileId, limits: &Limits) -> Result<Skeleton, Findings> {
        let (text, slots) = slot::renumbered(written);
        let text = (form, text);
        if let Some(root) = self.parsed.read().ok().and_then(|parsed| parsed.by_text.get(&text).cloned()) {
            return Ok(Skeleton { root, slots, form });
        }
        let Ok(root) = parse(&text.1, form, file, limits).map(Arc::new) else {
            // What is said about a text names its slots.
            return Err(parse(written, form, file, limits).err().unwrap_or_default());
        };
        let bytes = text.1.len();
        if let Ok(mut parsed) = self.parsed.write()
            && parsed.bytes + bytes <= CACHE_BYTES
            && parsed.by_text.insert(text, Arc::clone(&root)).is_none()
        {
            parsed.bytes += bytes;
        }
        Ok(Skeleton { root, slots, form })
    }
}
