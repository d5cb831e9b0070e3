//! The tree under construction: a stack of open collections, and the budgets that bound what they may become.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Dialect;
use super::{Content, Entry, Key, Node, Style, Tag, syntax};
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::{FileId, Span};

/// YAML readers stop looking for the colon of a key after 1,024 characters, quotes and escapes included.
pub(super) const MAX_KEY_CHARS: usize = 1000;

/// A file with more mistakes than this is no file that somebody wrote.
const MAX_FINDINGS: usize = 100;

/// The key that merges maps, to readers that know it.
pub const MERGE: &str = "<<";

/// Up to this many keys are compared one by one; a map with more keeps an index.
const INDEX_FROM: usize = 16;

#[derive(Clone, Copy)]
pub(super) enum Opening {
    List,
    Map,
}

pub(super) struct Builder<'a> {
    text: &'a str,
    dialect: Dialect,
    file: FileId,
    limits: &'a Limits,
    findings: &'a mut Findings,
    open: Vec<Frame>,
    anchors: BTreeMap<usize, Anchored>,
    root: Option<Node>,
    /// Findings that were there before.
    told: usize,
    /// All that was made so far; the difference between two moments measures what was made between them.
    made: Weight,
    from_aliases: Weight,
    /// End of the last key, tag or scalar: where to look for the dash of a list.
    last_end: u32,
    too_deep: bool,
    too_long: bool,
    exhausted: bool,
}

/// What a subtree costs.
#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    bytes: usize,
}

/// A finished node that aliases can repeat.
struct Anchored {
    node: Node,
    weight: Weight,
    height: usize,
}

/// A list or a map that has not ended.
struct Frame {
    items: Items,
    start: u32,
    end: u32,
    tag: Option<Tag>,
    anchor: usize,
    /// Levels below this one, so far.
    height: usize,
    before: Weight,
}

enum Items {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, pending: Pending, index: BTreeMap<Arc<str>, usize> },
}

/// What a map waits for.
enum Pending {
    Key,
    Value(Key),
    /// The value of a key that was refused: read, then dropped.
    Refused,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, file: FileId, limits: &'a Limits, findings: &'a mut Findings) -> Self {
        Self {
            text,
            dialect: Dialect::Own,
            file,
            limits,
            told: findings.iter().len(),
            findings,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            root: None,
            made: Weight::default(),
            from_aliases: Weight::default(),
            last_end: 0,
            too_deep: false,
            too_long: false,
            exhausted: false,
        }
    }

    pub(super) fn of(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    pub(super) fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// A budget is spent and reading on makes no sense.
    pub(super) fn exhausted(&self) -> bool {
        self.exhausted || self.findings.iter().len() - self.told >= MAX_FINDINGS
    }

    pub(super) fn too_deep(&self) -> bool {
        self.too_deep
    }

    /// The tree, if it kept to its budgets. No document at all is an empty value.
    pub(super) fn finish(self) -> Option<Node> {
        if self.exhausted() || self.too_deep || self.too_long {
            return None;
        }
        Some(self.root.unwrap_or_else(|| Node::empty(Span::file_start(self.file))))
    }

    pub(super) fn scalar(&mut self, text: &str, style: Style, span: Span, tag: Option<Tag>, anchor: usize) {
        let limit = self.limits.scalar_bytes;
        if text.len() > limit {
            self.too_long = true;
            self.push(
                Finding::new(&codes::yaml::TOO_LONG, Span { end: span.start, ..span }, "a value is too long")
                    .label(format!("this has {} bytes; {limit} are allowed", text.len()))
                    .help("keep large data outside the configuration and refer to it"),
            );
        }
        if style == Style::Plain
            && !text.is_ascii()
            && self.dialect == Dialect::Own
            && !self.wants_key()
            && let Some(finding) = syntax::odd_value(text, span)
        {
            self.push(finding);
        }
        self.made.bytes += text.len();
        self.last_end = span.end;
        let content = Content::Scalar { text: text.into(), style };
        self.add(Node { span, tag, content }, anchor, Weight { nodes: 1, bytes: text.len() }, 0);
    }

    pub(super) fn open(&mut self, opening: Opening, start: u32, tag: Option<Tag>, anchor: usize) {
        let items = match opening {
            Opening::List => Items::List(Vec::new()),
            Opening::Map => Items::Map { entries: Vec::new(), pending: Pending::Key, index: BTreeMap::new() },
        };
        self.open.push(Frame { items, start, end: start, tag, anchor, height: 0, before: self.made });
        self.check_depth(self.open.len(), Span { file: self.file, start, end: start });
    }

    /// Ends the innermost collection. A flow collection's end is its bracket, a block collection's that of its last item.
    pub(super) fn close(&mut self, end: Span) {
        let Some(frame) = self.open.pop() else { return };
        let bracket = end.end > end.start;
        let span = Span { file: self.file, start: frame.start, end: if bracket { end.end } else { frame.end } };
        let content = match frame.items {
            Items::List(items) => Content::List(items),
            Items::Map { entries, .. } => Content::Map(entries),
        };
        let weight =
            Weight { nodes: self.made.nodes - frame.before.nodes + 1, bytes: self.made.bytes - frame.before.bytes };
        self.add(Node { span, tag: frame.tag, content }, frame.anchor, weight, frame.height + 1);
    }

    /// Repeats an anchored value. Its top has the alias as its place, what is below keeps the place it was written at.
    pub(super) fn alias(&mut self, anchor: usize, span: Span) {
        let name = self.text.get(span.range()).unwrap_or_default().trim_start_matches('*');
        let Some(anchored) = self.anchors.get(&anchor) else {
            let finding = Finding::new(&codes::yaml::ALIAS, span, format!("the anchor `{name}` stands inside itself"))
                .label("this would repeat itself without end")
                .help("write the value out instead of the alias");
            self.push(finding);
            return self.add(Node::empty(span), 0, Weight { nodes: 1, bytes: 0 }, 0);
        };
        let (weight, height) = (anchored.weight, anchored.height);
        self.from_aliases.nodes += weight.nodes;
        self.from_aliases.bytes += weight.bytes;
        let bytes = usize::try_from(self.limits.file_bytes).unwrap_or(usize::MAX);
        if self.from_aliases.nodes > self.limits.alias_nodes || self.from_aliases.bytes > bytes {
            let limit = self.limits.alias_nodes;
            let finding = Finding::new(&codes::yaml::ALIAS, span, "aliases make this document too large")
                .label(format!("here aliases have repeated more than {limit} values, or {bytes} bytes"))
                .help("write the values out, or make them in a template");
            self.exhausted = true;
            return self.push(finding);
        }
        let mut node = anchored.node.clone();
        node.span = span;
        self.made.nodes += weight.nodes - 1;
        self.made.bytes += weight.bytes;
        self.last_end = span.end;
        self.check_depth(self.open.len() + height, span);
        self.add(node, 0, weight, height);
    }

    pub(super) fn unknown_anchor(&mut self, name: &str, span: Span) {
        self.push(
            Finding::new(&codes::yaml::ALIAS, span, format!("there is no anchor `{name}` above"))
                .label(format!("`*{name}` repeats a value that is marked `&{name}`"))
                .help(format!("put the value in quotes if it is text: `\"*{name}\"`")),
        );
        self.add(Node::empty(span), 0, Weight { nodes: 1, bytes: 0 }, 0);
    }

    /// Whether the next node is the key of a map.
    pub(super) fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Frame { items: Items::Map { pending: Pending::Key, .. }, .. }))
    }

    /// Where a list begins. The parser places an indented list at its dash, but one that stands at its key's column
    /// behind the first dash.
    pub(super) fn list_start(&self, start: u32, flow: bool) -> u32 {
        let written = self.text.as_bytes();
        if flow || written.get(start as usize) == Some(&b'-') {
            return start;
        }
        let mut at = self.last_end as usize;
        let between = self.text.get(at..start as usize).unwrap_or_default();
        for line in between.split_inclusive('\n') {
            let code = line.trim_start();
            if code.starts_with('-') {
                return (at + line.len() - code.len()) as u32;
            }
            at += line.len();
        }
        start
    }

    /// Puts a finished node where it belongs: into the innermost open collection, as key or value, or at the root.
    fn add(&mut self, node: Node, anchor: usize, weight: Weight, height: usize) {
        self.made.nodes += 1;
        if self.made.nodes > self.limits.yaml_nodes {
            let limit = self.limits.yaml_nodes;
            self.exhausted = true;
            return self.push(
                Finding::new(&codes::yaml::TOO_MANY, node.span, "the document has too many values")
                    .label(format!("this is one more than the {limit} that are allowed"))
                    .help("split the file"),
            );
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored { node: node.clone(), weight, height });
        }
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.height = frame.height.max(height);
        frame.end = frame.end.max(node.span.end);
        match &mut frame.items {
            Items::List(items) => items.push(node),
            Items::Map { entries, pending, index } => match std::mem::replace(pending, Pending::Key) {
                Pending::Key => *pending = key(node, self.text, self.dialect, self.findings),
                Pending::Value(key) => insert(entries, index, key, node, self.findings),
                Pending::Refused => {}
            },
        }
    }

    fn check_depth(&mut self, depth: usize, span: Span) {
        if depth > self.limits.yaml_depth && !self.too_deep {
            self.too_deep = true;
            self.push(too_deep(span, self.limits.yaml_depth));
        }
    }
}

pub(super) fn too_deep(span: Span, limit: usize) -> Finding {
    Finding::new(&codes::yaml::TOO_DEEP, span, "maps and lists are nested too deeply")
        .label(format!("this is deeper than the {limit} levels that are allowed"))
}

/// A node in the place of a key.
fn key(node: Node, written: &str, dialect: Dialect, findings: &mut Findings) -> Pending {
    let span = node.span;
    if let Some(tag) = &node.tag {
        findings.push(
            Finding::new(&codes::yaml::TAG, tag.span, format!("the tag `{}` stands at a key", tag.text))
                .label("keys are strings and take no tags")
                .help("move the tag behind the colon"),
        );
    }
    let Content::Scalar { text, style } = node.content else {
        // `{{ x }}` is a map as the key of a map. The inner one is told; the outer one, if it is a key, is the same mistake.
        let around = |from: usize| written.as_bytes().get(from..from + 2) == Some(b"{{");
        let start = span.start as usize;
        if around(start.saturating_sub(1)) {
            findings.push(syntax::template(span));
            return Pending::Refused;
        }
        if around(start) {
            return Pending::Refused;
        }
        findings.push(
            Finding::new(&codes::yaml::COMPLEX_KEY, span, "a map or a list stands where a key is expected")
                .label("a key is a string")
                .help("for a list of maps begin each item with `- `; quote text that begins with `[` or `{`"),
        );
        return Pending::Refused;
    };
    if style == Style::Plain && text.is_empty() {
        findings.push(
            Finding::new(&codes::yaml::MISSING_KEY, span, "a key is missing")
                .label("nothing stands before the colon")
                .help("write the key, or `\"\"` for an empty one"),
        );
        return Pending::Refused;
    }
    let at = written.get(span.range()).unwrap_or_default();
    let is_explicit = || written[..span.start as usize].trim_end().ends_with('?');
    if style != Style::Block && at.contains('\n') && !is_explicit() {
        findings.push(
            Finding::new(&codes::yaml::COMPLEX_KEY, span, "a key goes over two lines")
                .label("other readers look for its colon on its first line only")
                .help("put a comma before a new key, begin a comment with `#`, and write a key on one line"),
        );
        return Pending::Refused;
    }
    if style == Style::Plain && &*text == MERGE && dialect == Dialect::Own {
        findings.push(
            Finding::new(&codes::yaml::MERGE_KEY, span, "merge keys are not part of YAML 1.2")
                .label("some readers merge the map, others keep a key named `<<`")
                .help("put what is shared into a layer and name it in `extends`, or write it out"),
        );
        return Pending::Refused;
    }
    if text.len() > MAX_KEY_CHARS && text.chars().nth(MAX_KEY_CHARS).is_some() {
        findings.push(
            Finding::new(&codes::yaml::LONG_KEY, span, "a key is too long")
                .label(format!("this has more than {MAX_KEY_CHARS} characters"))
                .help("readers of YAML give up on such keys; put the text into a value"),
        );
    }
    if style == Style::Plain
        && text.starts_with(|letter: char| !letter.is_ascii())
        && let Some(finding) = syntax::odd_key(&text, span)
    {
        findings.push(finding);
        return Pending::Refused;
    }
    Pending::Value(Key { text, span, style })
}

/// Adds an entry unless its key is there already.
fn insert(
    entries: &mut Vec<Entry>,
    index: &mut BTreeMap<Arc<str>, usize>,
    key: Key,
    value: Node,
    findings: &mut Findings,
) {
    if entries.len() == INDEX_FROM && index.is_empty() {
        index.extend(entries.iter().enumerate().map(|(at, entry)| (Arc::clone(&entry.key.text), at)));
    }
    let first = if index.is_empty() {
        entries.iter().find(|entry| entry.key.text == key.text)
    } else {
        index.get(&key.text).map(|&at| &entries[at])
    };
    if let Some(first) = first {
        if &*key.text == MERGE && [key.style, first.key.style].contains(&Style::Plain) {
            findings.push(
                Finding::new(&codes::yaml::MERGE_KEY, key.span, "a map has two merge keys")
                    .label("some readers merge both, others refuse the file")
                    .help("merge a list of maps, or write out what they hold"),
            );
            return;
        }
        findings.push(
            Finding::new(&codes::yaml::DUPLICATE_KEY, key.span, format!("the key `{}` stands twice", key.text))
                .label("set again here")
                .also(first.key.span, "first set here")
                .help("remove one of the two"),
        );
        return;
    }
    if !index.is_empty() {
        index.insert(Arc::clone(&key.text), entries.len());
    }
    entries.push(Entry { key, value });
}
