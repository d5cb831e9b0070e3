//! Filling: a skeleton and the values of its slots make the value of an artifact. No value passes through a parser.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use minijinja::value::{Value as Engine, ValueKind};

use super::context;
use super::embed::Stand;
use super::engine::Rendered;
use super::given::{Numbered, Printed};
use super::reader::{Around, Reader, TEXTS};
use super::skeleton::{self, Cache, Content, Form, Key, Node, Part, Reading, Skeleton};
use super::slot::{self, Piece, Slot};
use super::{convert, embed};
use crate::environment::{self, Tree};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::FileId;
use crate::value::Value;

/// What cannot be filled, and where.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) at: At,
    pub(super) kind: Kind,
}

/// A place in the text of a render, or in the text of one of its captures.
#[derive(Clone, Debug)]
pub(super) struct At {
    /// The slot that printed the capture; `None` for the text of the render itself.
    pub(super) capture: Option<usize>,
    pub(super) range: Range<u32>,
}

impl Problem {
    /// Moves it to where the text that was filled stands within that of the render.
    pub(super) fn moved(self, by: usize) -> Self {
        Self { at: self.at.moved(by), ..self }
    }
}

impl At {
    /// The same, as a place in the whole text of a render.
    pub(super) fn moved(mut self, by: usize) -> Self {
        if self.capture.is_none() {
            self.range = self.range.start + by as u32..self.range.end + by as u32;
        }
        self
    }
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A map, a list or null where text is wanted.
    NotText {
        slot: usize,
        what: &'static str,
    },
    /// A value that an output cannot hold.
    NotAValue {
        slot: usize,
        why: String,
    },
    /// A key that slots made a second time.
    DuplicateKey(Arc<str>),
    /// A captured text that stands alone and is not YAML; its findings have offsets into that text.
    NotYaml {
        slot: usize,
        findings: Findings,
    },
    Intrinsic(&'static str),
    /// A captured text that stands alone and could be a value or a text.
    Unclear,
    /// The document of a template in a text: a slot of it, or the one that prints it.
    DocumentInText(usize, Arc<str>),
    /// A captured text with nothing in it, in the place of a value.
    Nothing(usize),
    /// A captured text of several lines among lines that YAML folds.
    LinesAmongFolded,
    /// A captured text of several lines within a key.
    LinesInKey,
    /// A captured text that is a list or a map, by its slot, among text without quotes.
    StructureAmongText(usize),
    /// A comma from this slot, beside other text between brackets without quotes.
    CommaAmongText(usize),
    /// Lines that a tag of this slot takes in behind the sign of a comment.
    LinesInComment(usize),
    TooDeep,
    TooLarge,
}

/// A captured text that is no text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Structure {
    /// A map on lines of its own.
    Keys,
    /// A list, or in brackets.
    Other,
}

/// Fills a skeleton.
///
/// # Errors
/// All problems, in the order of the text.
pub(super) fn fill(
    skeleton: Skeleton,
    rendered: &Rendered,
    cache: &Cache,
    file: FileId,
    limits: &Limits,
) -> Result<Value, Vec<Problem>> {
    fill_noting(skeleton, rendered, cache, file, limits).map(|(value, _)| value)
}

/// [`fill`], with what is to be looked at once more.
///
/// # Errors
/// As [`fill`].
pub(super) fn fill_noting(
    skeleton: Skeleton,
    rendered: &Rendered,
    cache: &Cache,
    file: FileId,
    limits: &Limits,
) -> Result<(Value, Noted), Vec<Problem>> {
    let mut fill = Fill::new(rendered, cache, file, limits);
    fill.slots = skeleton.slots;
    fill.form = skeleton.form;
    let value = fill.node(&skeleton.root, 0);
    if fill.problems.is_empty() { Ok((value, fill.noted)) } else { Err(fill.problems) }
}

/// The value of one slot that stands alone.
///
/// # Errors
/// As [`fill`].
pub(super) fn fill_slot(
    slot: usize,
    rendered: &Rendered,
    cache: &Cache,
    file: FileId,
    limits: &Limits,
) -> Result<Value, Vec<Problem>> {
    let mut fill = Fill::new(rendered, cache, file, limits);
    let value = fill.typed(slot, &(0..0), 0);
    if fill.problems.is_empty() { Ok(value) } else { Err(fill.problems) }
}

/// Fills a text that is not YAML: an output path, a file of another kind.
///
/// # Errors
/// As [`fill`].
pub(super) fn fill_text(
    rendered: &Rendered,
    cache: &Cache,
    file: FileId,
    limits: &Limits,
) -> Result<String, Vec<Problem>> {
    let mut fill = Fill::new(rendered, cache, file, limits);
    let mut out = String::with_capacity(rendered.text.len());
    let at = 0..rendered.text.len() as u32;
    fill.refuse_document(&rendered.text, None, &at);
    fill.captured(&rendered.text, &at, 0, &mut out);
    if fill.problems.is_empty() { Ok(out) } else { Err(fill.problems) }
}

struct Fill<'a> {
    rendered: &'a Rendered,
    cache: &'a Cache,
    file: FileId,
    limits: &'a Limits,
    /// The capture that is being filled.
    capture: Option<usize>,
    /// The slots of the skeleton that is being filled.
    slots: Vec<usize>,
    form: Form,
    /// Whether the text that is being made has lines of its own: a block, a file that is not YAML.
    is_block: bool,
    nodes: usize,
    bytes: usize,
    problems: Vec<Problem>,
    noted: Noted,
    /// Whether a value that is a text leaves its slot in the text that is being made.
    keeps_slots: bool,
    /// What the slots of such a text are called, and the first of those that are being filled.
    numbered: Numbered,
    first: usize,
    /// What the map or list that is being made is called.
    around: Around,
}

/// What is no problem by itself.
#[derive(Debug, Default)]
pub(super) struct Noted {
    /// Where nothing stands in the place of a value.
    pub(super) empty: Vec<At>,
    /// What stands in texts that who reads the text takes for something else, with the key of the text.
    pub(super) misread: Vec<(Printed, Arc<str>)>,
    /// Lists of one item that is a text with a comma, and its slot.
    pub(super) joined: Vec<(At, usize)>,
}

impl<'a> Fill<'a> {
    fn new(rendered: &'a Rendered, cache: &'a Cache, file: FileId, limits: &'a Limits) -> Self {
        Self {
            rendered,
            cache,
            file,
            limits,
            capture: None,
            slots: Vec::new(),
            form: Form::Yaml,
            is_block: true,
            nodes: 0,
            bytes: 0,
            problems: Vec::new(),
            noted: Noted::default(),
            keeps_slots: false,
            numbered: Numbered::default(),
            first: 0,
            around: Around::Other,
        }
    }

    fn problem(&mut self, range: &Range<u32>, kind: Kind) {
        self.problems.push(Problem { at: At { capture: self.capture, range: range.clone() }, kind });
    }

    /// Counts what is made. After the first excess nothing more is, so that no input can fill the memory.
    fn spend(&mut self, bytes: usize, at: &Range<u32>) -> bool {
        if self.is_over() {
            return false;
        }
        self.nodes += 1;
        self.bytes += bytes;
        if self.is_over() {
            self.problem(at, Kind::TooLarge);
            return false;
        }
        true
    }

    fn is_over(&self) -> bool {
        self.nodes > self.limits.yaml_nodes || self.bytes > self.limits.artifact_bytes
    }

    fn deep(&mut self, depth: usize, at: &Range<u32>) -> bool {
        let deep = depth > self.limits.yaml_depth;
        // Once is enough: siblings are as deep.
        if deep && !self.problems.iter().any(|problem| matches!(problem.kind, Kind::TooDeep)) {
            self.problem(at, Kind::TooDeep);
        }
        deep
    }

    fn node(&mut self, node: &Node, depth: usize) -> Value {
        if self.deep(depth, &node.at) || !self.spend(0, &node.at) {
            return Value::Null;
        }
        match &node.content {
            Content::Fixed(value) => {
                self.bytes += (node.at.end - node.at.start) as usize;
                value.clone()
            }
            Content::Empty => {
                self.noted.empty.push(At { capture: self.capture, range: node.at.clone() });
                Value::Null
            }
            Content::Typed(slot) => self.typed(self.number(*slot), &node.at, depth),
            Content::Text(parts) => {
                let text = self.text(parts, &node.at, depth);
                let is_folded = matches!(parts.last(), Some(Part::Folded));
                if is_folded && text.contains('\n') && parts.iter().any(|part| self.is_captured(part)) {
                    self.problem(&node.at, Kind::LinesAmongFolded);
                } else if let Some(slot) = self.structure_among(parts) {
                    self.problem(&node.at, Kind::StructureAmongText(slot));
                } else if let Some(slot) = self.comma_among(parts) {
                    self.problem(&node.at, Kind::CommaAmongText(slot));
                }
                Value::String(text)
            }
            Content::List(items) => {
                let values: Vec<Value> = items.iter().map(|item| self.node(item, depth + 1)).collect();
                if self.around == Around::Texts {
                    let key = TEXTS.into();
                    items.iter().zip(&values).for_each(|(item, value)| self.read_again(&key, item, value, depth));
                }
                self.note_joined(items, &values, &node.at);
                Value::List(values)
            }
            Content::Map(entries) => self.map(entries, depth),
            Content::Intrinsic(function, argument) => {
                let argument = self.node(argument, depth);
                function.apply(argument).unwrap_or_else(|why| {
                    self.problem(&node.at, Kind::Intrinsic(why));
                    Value::Null
                })
            }
        }
    }

    fn map(&mut self, entries: &[(Key, Node)], depth: usize) -> Value {
        let made = entries.iter().any(|(key, _)| matches!(key, Key::Text(..)));
        // The reader has seen duplicates among fixed keys.
        let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut filled = Vec::with_capacity(entries.len());
        for (key_parts, node) in entries {
            let (key, at) = match key_parts {
                Key::Fixed(at, key) => (Arc::clone(key), at),
                Key::Text(at, parts) => (self.text(parts, at, depth), at),
            };
            if let Key::Text(at, parts) = key_parts {
                if key.contains('\n') && parts.iter().any(|part| self.is_captured(part)) {
                    self.problem(at, Kind::LinesInKey);
                } else if let Some(slot) = self.structure_among(parts) {
                    self.problem(at, Kind::StructureAmongText(slot));
                }
            }
            if made && !seen.insert(Arc::clone(&key)) {
                self.problem(at, Kind::DuplicateKey(Arc::clone(&key)));
            }
            let around = std::mem::replace(&mut self.around, Around::of(&key));
            let value = self.node(node, depth + 1);
            self.around = around;
            if matches!(&node.content, Content::Text(_) | Content::Typed(_)) && around.reads(&key) {
                self.read_again(&key, node, &value, depth);
            }
            filled.push((key, value));
        }
        Value::Map(filled)
    }

    /// Looks whether a text that is read as YAML means to its reader what it means here.
    fn read_again(&mut self, key: &Arc<str>, node: &Node, value: &Value, depth: usize) {
        let Value::String(text) = value else { return };
        if !matches!(node.content, Content::Text(_) | Content::Typed(_)) || !self.problems.is_empty() {
            return;
        }
        let (nodes, bytes) = (self.nodes, self.bytes);
        self.keeps_slots = true;
        self.numbered = Numbered::of(self.rendered);
        let slotted = self.node(node, depth);
        let numbered = std::mem::take(&mut self.numbered);
        self.keeps_slots = false;
        (self.nodes, self.bytes) = (nodes, bytes);
        self.problems.clear();
        let Value::String(slotted) = slotted else { return };
        let Self { rendered, cache, file, limits, .. } = *self;
        let slots = numbered.slots(&rendered.slots);
        let values = slots.as_deref().unwrap_or(&rendered.slots);
        let misread = Reader { values, cache, file, limits }.misread(text, &slotted);
        self.noted.misread.extend(misread.into_iter().map(|slot| (numbered.printed(slot), Arc::clone(key))));
    }

    /// A text that `text` gave, with the slots of its own values in it. `None` of any other.
    fn slotted(&mut self, text: &Arc<str>, depth: usize) -> Option<String> {
        let given = self.rendered.session.given.of(text)?;
        let at = 0..0;
        if self.deep(depth, &at) || !self.spend(0, &at) {
            return None;
        }
        let mut numbered = std::mem::take(&mut self.numbered);
        let first = numbered.add(&given);
        let rendered = given.rendered(self.rendered);
        let (nodes, bytes) = (self.nodes, self.bytes);
        let own = Fill::new(&rendered, self.cache, self.file, self.limits);
        let mut own = Fill { keeps_slots: true, numbered, first, nodes, bytes, ..own };
        let mut out = String::new();
        own.captured(&given.printed, &at, depth + 1, &mut out);
        (self.nodes, self.bytes) = (own.nodes, own.bytes);
        self.numbered = own.numbered;
        Some(out)
    }

    /// The number of a slot of the skeleton; one that no value has, if it has no such slot.
    fn number(&self, slot: usize) -> usize {
        self.slots.get(slot).copied().unwrap_or(usize::MAX)
    }

    fn is_captured(&self, part: &Part) -> bool {
        let Part::Slot(slot) = part else { return false };
        matches!(self.rendered.slots.get(self.number(*slot)), Some(Slot::Captured(_)))
    }

    /// A captured text among text without quotes that would be a list or a map, stood it there alone.
    fn structure_among(&self, parts: &[Part]) -> Option<usize> {
        let is_folded = matches!(parts.last()?, Part::Folded);
        if !is_folded && !matches!(parts.last()?, Part::Plain) {
            return None;
        }
        let mut is_first = true;
        for part in parts {
            match part {
                Part::Text(text) => is_first &= text.trim().is_empty(),
                Part::Slot(slot) => {
                    let number = self.number(*slot);
                    let structure = self.structure(number, 0);
                    // Behind other text on its line, YAML takes a dash and brackets for text.
                    if structure.is_some_and(|it| is_first || is_folded || it == Structure::Keys) {
                        return Some(number);
                    }
                    is_first &=
                        matches!(self.rendered.slots.get(number), Some(Slot::Captured(text)) if text.trim().is_empty());
                }
                Part::InFlow | Part::Plain | Part::Folded | Part::Block | Part::FoldedBlock => {}
            }
        }
        None
    }

    /// A value that is a comma or ends in one, with other text beside it between brackets and without quotes.
    fn comma_among(&self, parts: &[Part]) -> Option<usize> {
        if !parts.iter().any(|part| matches!(part, Part::InFlow)) {
            return None;
        }
        let slots =
            parts.iter().filter_map(|part| if let Part::Slot(slot) = part { Some(self.number(*slot)) } else { None });
        let is_comma = |text: &str| text.trim().starts_with(',') || text.trim().ends_with(',');
        let mut slots = slots.filter(|number| match self.rendered.slots.get(*number) {
            Some(Slot::Scalar(Value::String(text))) => is_comma(text),
            _ => false,
        });
        slots.next()
    }

    /// Keeps in mind a list whose only item may be all items joined: `[{{ list | join(", ") }}]`.
    fn note_joined(&mut self, items: &[Node], values: &[Value], at: &Range<u32>) {
        if let ([Node { content: Content::Typed(slot), .. }], [Value::String(text)]) = (items, values)
            && text.contains(',')
        {
            let at = At { capture: self.capture, range: at.clone() };
            self.noted.joined.push((at, self.number(*slot)));
        }
    }

    /// What a captured text is, if it is a list or a map.
    fn structure(&self, number: usize, depth: usize) -> Option<Structure> {
        let Some(Slot::Captured(text)) = self.rendered.slots.get(number) else { return None };
        let skeleton = self.cache.get(text, self.form, self.file, self.limits).ok()?;
        if skeleton.reading(text) != Reading::Yaml {
            return None;
        }
        let is_flow = text.trim_start().starts_with(['[', '{']);
        match &skeleton.root.content {
            Content::Map(_) | Content::Fixed(Value::Map(_)) if !is_flow => Some(Structure::Keys),
            Content::Map(_) | Content::List(_) | Content::Fixed(Value::Map(_) | Value::List(_)) => {
                Some(Structure::Other)
            }
            Content::Typed(slot) if depth < self.limits.yaml_depth => {
                self.structure(skeleton.slots.get(*slot).copied()?, depth + 1)
            }
            _ => None,
        }
    }

    /// A slot that stands alone.
    fn typed(&mut self, number: usize, at: &Range<u32>, depth: usize) -> Value {
        let rendered = self.rendered;
        match rendered.slots.get(number) {
            Some(Slot::Scalar(value)) => {
                if let Value::String(text) = value {
                    self.spend(text.len(), at);
                    if let Some(slotted) =
                        Some(text).filter(|_| self.keeps_slots).and_then(|it| self.slotted(it, depth))
                    {
                        return Value::String(slotted.into());
                    }
                }
                value.clone()
            }
            Some(Slot::Tree(tree)) => {
                rendered.session.take(tree);
                self.tree(tree, at, depth)
            }
            Some(Slot::Made(value)) => self.made(number, value, at, depth),
            Some(Slot::Captured(text)) => self.fragment(number, text, depth),
            None => Value::Null,
        }
    }

    /// A captured text that stands alone is YAML of its own, slots and all: a map, a list or one scalar. Several lines
    /// that are neither are a text, and keep their line breaks, which YAML would fold.
    fn fragment(&mut self, number: usize, text: &Arc<str>, depth: usize) -> Value {
        let at = 0..text.len() as u32;
        if text.trim_start().starts_with("#!") {
            return self.whole_text(number, text, depth);
        }
        if text.trim().is_empty() {
            let outer = self.capture.replace(number);
            self.problem(&at, Kind::Nothing(number));
            self.capture = outer;
            return Value::Null;
        }
        match self.cache.get(text, self.form, self.file, self.limits) {
            Ok(skeleton) => match skeleton.reading(text) {
                Reading::Text => self.whole_text(number, text, depth),
                Reading::Unclear => {
                    let outer = self.capture.replace(number);
                    self.problem(&at, Kind::Unclear);
                    self.capture = outer;
                    Value::Null
                }
                Reading::Yaml => {
                    let outer = (self.capture.replace(number), std::mem::replace(&mut self.slots, skeleton.slots));
                    let value = self.node(&skeleton.root, depth);
                    (self.capture, self.slots) = outer;
                    value
                }
            },
            Err(findings) => {
                let outer = self.capture.replace(number);
                self.problem(&at, Kind::NotYaml { slot: number, findings });
                self.capture = outer;
                Value::Null
            }
        }
    }

    fn whole_text(&mut self, number: usize, text: &str, depth: usize) -> Value {
        let at = 0..text.len() as u32;
        if self.deep(depth, &at) {
            return Value::Null;
        }
        let outer = (self.capture.replace(number), std::mem::replace(&mut self.is_block, true));
        let mut out = String::with_capacity(text.len());
        self.refuse_document(text, Some(number), &at);
        self.captured(text, &at, depth + 1, &mut out);
        (self.capture, self.is_block) = outer;
        Value::String(out.into())
    }

    fn text(&mut self, parts: &[Part], at: &Range<u32>, depth: usize) -> Arc<str> {
        let outer =
            std::mem::replace(&mut self.is_block, matches!(parts.last(), Some(Part::Block | Part::FoldedBlock)));
        if let [Part::Slot(slot)] | [Part::Slot(slot), Part::Plain | Part::Block | Part::FoldedBlock] = parts
            && let Some(Slot::Scalar(Value::String(text))) = self.rendered.slots.get(self.number(*slot))
            && !(self.keeps_slots || self.is_block && text.ends_with('\n'))
        {
            self.is_block = outer;
            self.spend(text.len(), at);
            return Arc::clone(text);
        }
        let mut out = String::new();
        let is_folded = matches!(parts.last(), Some(Part::FoldedBlock)) && parts.len() > 2;
        let mut is_split = false;
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::InFlow | Part::Plain | Part::Folded | Part::Block | Part::FoldedBlock => {}
                Part::Slot(slot) => {
                    let start = out.len();
                    let is_line = |blanks: &str| self.is_block && embed::is_last_line(&out, blanks);
                    let stand = skeleton::stand(parts, index, is_line);
                    self.slot_text(self.number(*slot), stand, at, depth, &mut out);
                    let lines = &out[start..];
                    let is_last = index + 2 == parts.len();
                    let lines = if is_last { lines.trim_end_matches('\n') } else { lines };
                    is_split |= is_folded && self.is_captured(part) && lines.contains('\n');
                }
            }
        }
        if is_split {
            self.problem(at, Kind::LinesAmongFolded);
        }
        self.is_block = outer;
        self.spend(out.len(), at);
        out.into()
    }

    /// A slot among text.
    fn slot_text(&mut self, number: usize, stand: Stand, at: &Range<u32>, depth: usize, out: &mut String) {
        let (start, problems) = (out.len(), self.problems.len());
        let is_behind = self.is_block && embed::has_begun(out);
        self.slot_into(number, stand, at, depth, out);
        if is_behind && self.problems.len() == problems && embed::leaves_comment(out, start) {
            self.problem(at, Kind::LinesInComment(number));
        }
    }

    fn slot_into(&mut self, number: usize, stand: Stand, at: &Range<u32>, depth: usize, out: &mut String) {
        let (rendered, start) = (self.rendered, out.len());
        let moved = stand.or_embedded(rendered.embedded.contains(&number));
        let what = match rendered.slots.get(number) {
            Some(Slot::Scalar(Value::String(text))) if self.keeps_slots => {
                let Some(slotted) = self.slotted(text, depth) else {
                    return out.push_str(&slot::written(self.first + number));
                };
                out.push_str(&slotted);
                return self.settle(number, moved, at, start, out);
            }
            Some(Slot::Scalar(value)) => match convert::text(value) {
                Some(text) if self.spend(text.len(), at) => {
                    out.push_str(&text);
                    return self.settle(number, moved, at, start, out);
                }
                Some(_) => return,
                None => value.kind(),
            },
            Some(Slot::Captured(text)) => {
                if self.deep(depth, at) {
                    return;
                }
                self.refuse_document(text, Some(number), at);
                if moved.is_none() {
                    self.captured(text, at, depth + 1, out);
                    return embed::join_one_line(text, out, start, true);
                }
                // Its own lines stand within it first, then all of it is moved.
                let mut own = String::with_capacity(text.len());
                self.captured(text, at, depth + 1, &mut own);
                embed::join_one_line(text, &mut own, 0, false);
                out.push_str(&own);
                return self.settle(number, moved, at, start, out);
            }
            Some(Slot::Tree(tree)) if matches!(tree.content, environment::Content::List(_)) => "a list",
            Some(Slot::Made(value)) if value.kind() != ValueKind::Map => "a list",
            Some(Slot::Tree(_) | Slot::Made(_)) => "a map",
            None => return,
        };
        self.problem(at, Kind::NotText { slot: number, what });
    }

    /// Moves the lines of what was put in to where it stands.
    fn settle(&mut self, slot: usize, moved: Option<bool>, at: &Range<u32>, start: usize, out: &mut String) {
        let Some(ends) = moved else { return };
        if self.spend(embed::added(out, start), at) && !embed::settle(out, start, self.is_block, ends) {
            self.problem(at, Kind::LinesInComment(slot));
        }
    }

    /// A text with values of a document, printed by a slot.
    fn refuse_document(&mut self, text: &str, slot: Option<usize>, at: &Range<u32>) {
        let of_documents = &self.rendered.of_documents;
        if of_documents.is_empty() {
            return;
        }
        let found = slot::places(text).find_map(|(_, _, number)| Some((number, of_documents.get(&number)?)));
        if let Some((number, name)) = found {
            self.problem(at, Kind::DocumentInText(slot.unwrap_or(number), Arc::clone(name)));
        }
    }

    /// A captured text among text.
    fn captured(&mut self, text: &str, at: &Range<u32>, depth: usize, out: &mut String) {
        for (range, piece) in slot::placed(text) {
            match piece {
                Piece::Text(text) if self.spend(text.len(), at) => out.push_str(text),
                // A capture can hold the same capture twice, and so on: what is over must not go on.
                Piece::Slot(number) if self.spend(0, at) => {
                    let is_line = |blanks: &str| embed::is_last_line(out, blanks);
                    let stand = Stand::of(&text[..range.start], &text[range.end..], is_line);
                    self.slot_text(number, stand, at, depth, out);
                }
                Piece::Text(_) | Piece::Slot(_) => return,
            }
        }
    }

    fn tree(&mut self, tree: &Tree, at: &Range<u32>, depth: usize) -> Value {
        if self.deep(depth, at) || !self.spend(0, at) {
            return Value::Null;
        }
        match &tree.content {
            environment::Content::List(items) => {
                Value::List(items.iter().map(|item| self.tree(item, at, depth + 1)).collect())
            }
            environment::Content::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| {
                    self.bytes += key.len();
                    (Arc::clone(key), self.tree(value, at, depth + 1))
                });
                Value::Map(entries.collect())
            }
            environment::Content::String(text) => {
                self.bytes += text.len();
                Value::String(Arc::clone(text))
            }
            environment::Content::Null => Value::Null,
            environment::Content::Bool(value) => Value::Bool(*value),
            environment::Content::Number(number) => Value::Number(number.clone()),
        }
    }

    /// A map or a list that the template made.
    fn made(&mut self, slot: usize, value: &Engine, at: &Range<u32>, depth: usize) -> Value {
        if let Some(tree) = context::tree(value) {
            self.rendered.session.take(tree);
            return self.tree(tree, at, depth);
        }
        if self.deep(depth, at) || !self.spend(0, at) {
            return Value::Null;
        }
        match value.kind() {
            ValueKind::Map if slot::is_macro(value) => {
                self.problem(at, Kind::NotAValue { slot, why: convert::not_a_value().message });
                Value::Null
            }
            ValueKind::Map => {
                let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
                let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
                for (key, value) in
                    value.as_object().and_then(minijinja::value::DynObject::try_iter_pairs).into_iter().flatten()
                {
                    let Some(key) = convert::scalar(&key, &self.rendered.session).ok().as_ref().and_then(convert::text)
                    else {
                        self.problem(at, Kind::NotAValue { slot, why: "a key of this map is not a string".to_owned() });
                        continue;
                    };
                    self.bytes += key.len();
                    if !seen.insert(Arc::clone(&key)) {
                        self.problem(at, Kind::NotAValue { slot, why: format!("two keys of this map are `{key}`") });
                    }
                    entries.push((key, self.made(slot, &value, at, depth + 1)));
                }
                Value::Map(entries)
            }
            ValueKind::Seq | ValueKind::Iterable => {
                let items = value.as_object().and_then(minijinja::value::DynObject::try_iter).into_iter().flatten();
                Value::List(items.map(|item| self.made(slot, &item, at, depth + 1)).collect())
            }
            ValueKind::String if value.is_safe() && value.as_str().is_some_and(slot::has_reserved) => {
                let why = "a list or a map cannot hold the text of a macro or of a `set` block".to_owned();
                self.problem(at, Kind::NotAValue { slot, why });
                Value::Null
            }
            _ => match convert::scalar(value, &self.rendered.session) {
                Ok(value) => {
                    self.bytes += value.as_str().map_or(8, str::len);
                    value
                }
                Err(refusal) => {
                    let why = refusal.message;
                    self.problem(at, Kind::NotAValue { slot, why });
                    Value::Null
                }
            },
        }
    }
}
