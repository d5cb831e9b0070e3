//! Tracing: one template rendered again, with marks that lead each line and each slot back to where the template says
//! it, and a log of what was read. Only done once something is wrong, or when somebody asks.
//!
//! A mark is a slot's cousin: U+E002, a number, U+E003, printed before each line of literal text and each value. Without
//! its marks, the traced text is the plain one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use minijinja::Error;

use super::context::{Read, Root, Session};
use super::engine::{Engine, Rendered};
use super::fill::At;
use super::load::Text;
use super::place::Map;
use super::slot::{self, Slot};
use super::{Shared, guard};
use crate::environment::Tree;
use crate::limits::Limits;
use crate::source::Span;

/// A traced render.
pub(super) struct Trace<'a> {
    texts: &'a BTreeMap<String, Text>,
    /// From the marked texts, which the engine ran, to the written ones.
    maps: BTreeMap<&'a str, Map>,
    marks: Vec<Mark<'a>>,
    pub(super) session: Arc<Session>,
    pub(super) result: Result<Rendered, Error>,
    /// Where the marks stood, in the text without them: of the whole, then of each capture by its slot.
    found: BTreeMap<Option<usize>, Vec<(usize, usize)>>,
    reads: Vec<Read>,
}

/// What a mark stands for.
struct Mark<'a> {
    name: &'a str,
    range: Range<usize>,
    /// Literal text goes on behind it; a value does not.
    is_text: bool,
}

impl<'a> Trace<'a> {
    /// Renders `name` again. `root` makes the root with the session that is to note what is read.
    pub(super) fn new(
        shared: &'a Shared,
        name: &'a str,
        limits: &Limits,
        root: impl FnOnce(Arc<Session>) -> Root,
    ) -> Self {
        let session = Arc::new(Session::traced());
        let mut trace = Self {
            texts: &shared.texts,
            maps: BTreeMap::new(),
            marks: Vec::new(),
            session: Arc::clone(&session),
            result: Err(Error::from(minijinja::ErrorKind::TemplateNotFound)),
            found: BTreeMap::new(),
            reads: Vec::new(),
        };
        let mut engine = Engine::new(limits, &shared.files);
        engine.allow_marks();
        let mut wanted = vec![name];
        let mut added = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            let Some((name, text)) = shared.texts.get_key_value(name) else { continue };
            if !added.insert(name) {
                continue;
            }
            let (marked, map) = trace.marked(name, text);
            trace.maps.insert(name, map);
            if let Err(error) = engine.add(name, marked) {
                trace.result = Err(error);
                return trace;
            }
            wanted.extend(text.checked.takes_in.iter().map(|(name, _)| name.as_str()));
        }
        trace.result = engine.render(name, root(Arc::clone(&session))).map(|rendered| trace.without_marks(rendered));
        trace.reads = session.reads();
        trace
    }

    /// A text with its guards and its marks.
    fn marked(&mut self, name: &'a str, text: &'a Text) -> (String, Map) {
        let Text { written: text, checked, .. } = text;
        let mut inserts = guard::guarded(text, checked, &mut |range| Some(self.mark(name, range.clone(), false)));
        for range in &checked.calls {
            let number = self.mark(name, range.clone(), false);
            inserts.wrap(range, &format!("(({number}|__call and "), ")|__left_call)".to_owned());
        }
        for range in &checked.printed {
            let number = self.mark(name, range.clone(), false);
            inserts.wrap(range, "((", format!(")|__at({number}))"));
        }
        for raw in &checked.raw {
            // Within `{% raw %}` a mark has to step outside; a tag takes an end of line that follows it, so none may.
            let is_open = guard::is_open_text(text, &raw.range);
            let (before, behind) = if is_open { ("", "") } else { ("{% endraw %}", "{% raw %}") };
            let lines = text[raw.range.clone()].match_indices('\n').map(|(at, _)| raw.range.start + at + 1);
            for start in std::iter::once(raw.range.start).chain(lines).filter(|start| *start < raw.range.end) {
                if !is_open && text[start..].starts_with('\n') {
                    continue;
                }
                let number = self.mark(name, start..raw.range.end, true);
                inserts.insert(start, format!("{before}{{{{{number}|__mark}}}}{behind}"));
            }
        }
        inserts.build()
    }

    fn mark(&mut self, name: &'a str, range: Range<usize>, is_text: bool) -> usize {
        self.marks.push(Mark { name, range, is_text });
        self.marks.len() - 1
    }

    /// Takes the marks out of the text and of all captures, and keeps where they stood.
    fn without_marks(&mut self, mut rendered: Rendered) -> Rendered {
        let (text, marks) = slot::take_marks(&rendered.text);
        rendered.text = text;
        self.found.insert(None, marks);
        for (number, printed) in rendered.slots.iter_mut().enumerate() {
            if let Slot::Captured(text) = printed {
                let (plain, marks) = slot::take_marks(text);
                *text = plain.into();
                self.found.insert(Some(number), marks);
            }
        }
        rendered
    }

    /// Where the template says what stands at a place of the rendered text.
    pub(super) fn span(&self, at: &At) -> Option<Span> {
        let start = at.range.start as usize;
        let marks = self.found.get(&at.capture)?;
        let behind = marks.partition_point(|(offset, _)| *offset <= start);
        let (offset, number) = *marks.get(behind.checked_sub(1)?)?;
        let mark = self.marks.get(number)?;
        let text = self.texts.get(mark.name)?;
        if !mark.is_text {
            return Some(text.place.span(mark.range.clone()));
        }
        // The next mark is where the line ends, or the text that this mark speaks of.
        let next = marks.get(behind).map_or(usize::MAX, |(offset, _)| *offset);
        let shift = start - offset;
        let length = (at.range.end as usize).min(next).saturating_sub(start);
        let start = (mark.range.start + shift).min(mark.range.end);
        let end = (start + length).min(mark.range.end);
        Some(text.place.span(start..end))
    }

    /// With its braces, if it is an expression between them.
    pub(super) fn in_tag(&self, span: Span) -> Span {
        let text = self.texts.values().find(|text| text.place.file == span.file);
        let around = || {
            let written = &text?.written;
            let range = span.range();
            let before = written.get(..range.start)?.trim_end().trim_end_matches('-').strip_suffix("{{")?;
            let after = written.get(range.end..)?.trim_start().trim_start_matches('-').strip_prefix("}}")?;
            Some(Span::new(span.file, before.len(), written.len() - after.len()))
        };
        around().unwrap_or(span)
    }

    /// The expression that printed a slot: where it stands, and its words.
    pub(super) fn printed(&self, slot: usize) -> Option<(Span, &'a str)> {
        let rendered = self.result.as_ref().ok()?;
        let print = rendered.prints.iter().find(|print| print.slot == slot)?;
        let mark = self.marks.get(print.mark)?;
        let text = self.texts.get(mark.name)?;
        Some((text.place.span(mark.range.clone()), text.written.get(mark.range.clone())?))
    }

    /// Where the calls stand that were running when the render failed, the innermost first.
    pub(super) fn calls(&self) -> Vec<(Span, &'a str)> {
        let calls = self.session.calls();
        let place = |number: &usize| {
            let mark = self.marks.get(*number)?;
            let text = self.texts.get(mark.name)?;
            Some((text.place.span(mark.range.clone()), text.written.get(mark.range.clone())?))
        };
        calls.iter().rev().filter_map(place).collect()
    }

    /// Where an error of the engine is, with the words that stand there.
    pub(super) fn place(&self, error: &Error) -> Option<(Span, &'a str)> {
        let name = error.name()?;
        let map = self.maps.get(name)?;
        let text = self.texts.get(name)?;
        let range = map.original(error.range()?);
        Some((text.place.span(range.clone()), text.written.get(range)?))
    }

    /// The nodes of the environment that a slot's value comes from, the likeliest first.
    pub(super) fn sources(&self, slot: usize) -> Vec<(Arc<str>, Arc<Tree>)> {
        let Ok(rendered) = &self.result else { return Vec::new() };
        let read_at = |slot: usize| rendered.prints.iter().find(|print| print.slot == slot).map(|print| print.read);
        let Some(read) = read_at(slot) else { return Vec::new() };
        let before =
            rendered.prints.iter().filter(|print| print.slot < slot).map(|print| print.read).max().unwrap_or(0);
        let named = |read: &Read| read.tree.as_ref().map(|tree| (Arc::clone(&read.path), Arc::clone(tree)));
        // What was read last and is what was printed; a variable may have been read long before.
        let all = &self.reads[..read.min(self.reads.len())];
        let same = all.iter().rev().filter_map(named).find(|(_, tree)| match rendered.slots.get(slot) {
            Some(Slot::Tree(printed)) => Arc::ptr_eq(printed, tree),
            Some(Slot::Scalar(value)) => is_scalar(tree, value),
            _ => false,
        });
        match same {
            Some(same) => vec![same],
            None => all.get(before..).unwrap_or_default().iter().rev().filter_map(named).filter(is_leaf).collect(),
        }
    }

    /// The path at which a node of the environment was read last.
    pub(super) fn path_of(&self, tree: &Arc<Tree>) -> Option<Arc<str>> {
        let is_it = |read: &&Read| read.tree.as_ref().is_some_and(|read| Arc::ptr_eq(read, tree));
        self.reads.iter().rev().find(is_it).map(|read| Arc::clone(&read.path))
    }

    /// The last value that was read, and at which path.
    pub(super) fn last_read(&self) -> Option<&Read> {
        self.reads.last()
    }

    /// What was read for an expression, the last first, each path once.
    pub(super) fn reads_of(&self, words: &str) -> Vec<&Read> {
        let mut seen = BTreeSet::new();
        let mentioned = |read: &&Read| mentions(words, &read.path) && seen.insert(Arc::clone(&read.path));
        self.reads.iter().rev().take(NEAR).filter(mentioned).collect()
    }

    /// The whole of an operator whose right operand stands at a place, and its words.
    pub(super) fn operator(&self, right: Span) -> Option<(Span, &'a str)> {
        self.texts.values().filter(|text| text.place.file == right.file).find_map(|text| {
            let is_it = |(_, operand): &&(Range<usize>, Range<usize>)| text.place.span(operand.clone()) == right;
            let (whole, _) = text.checked.operators.iter().find(is_it)?;
            Some((text.place.span(whole.clone()), text.written.get(whole.clone())?))
        })
    }

    /// The capture that stands at a place of the rendered text, if one does.
    pub(super) fn is_capture(&self, at: &At) -> bool {
        let Ok(rendered) = &self.result else { return false };
        let marks = self.found.get(&at.capture).map_or(&[][..], |marks| marks);
        let mark = marks.iter().find(|(offset, _)| *offset == at.range.start as usize);
        let print = mark.and_then(|(_, mark)| rendered.prints.iter().find(|print| print.mark == *mark));
        print.is_some_and(|print| matches!(rendered.slots.get(print.slot), Some(Slot::Captured(_))))
    }
}

/// Reads further back than this have nothing to do with what failed now.
const NEAR: usize = 200;

/// Whether an expression names the last part of a path.
pub(super) fn mentions(words: &str, path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    let last = last.split('[').next().unwrap_or(last);
    let is_name = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    !last.is_empty()
        && words.match_indices(last).any(|(at, _)| {
            let bytes = words.as_bytes();
            !is_name(at.checked_sub(1).and_then(|before| bytes.get(before))) && !is_name(bytes.get(at + last.len()))
        })
}

fn is_leaf((_, tree): &(Arc<str>, Arc<Tree>)) -> bool {
    tree.as_map().is_none() && tree.as_list().is_none()
}

fn is_scalar(tree: &Tree, value: &crate::value::Value) -> bool {
    use crate::environment::Content;
    use crate::value::Value;
    match (&tree.content, value) {
        (Content::Null, Value::Null) => true,
        (Content::Bool(a), Value::Bool(b)) => a == b,
        (Content::Number(a), Value::Number(b)) => a == b,
        (Content::String(a), Value::String(b)) => a == b,
        _ => false,
    }
}
