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
use super::identity::{Identities, Source};
use super::load::Text;
use super::place::Map;
use super::slot::{self, Print, Slot};
use super::{Shared, guard};
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
        };
        let mut engine = Engine::new(limits, &shared.files);
        engine.allow_marks(limits);
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
            inserts.wrap(range, &format!("(({number}|__begin and ("), format!("))|__at({number}))"));
        }
        for raw in &checked.raw {
            // Within `{% raw %}` a mark has to step outside; a tag takes an end of line that follows it, so none may.
            let is_open = guard::is_open_text(text, &raw.range);
            let (before, behind) = if is_open { ("", "") } else { ("{% endraw %}", "{% raw %}") };
            let lines = text[raw.range.clone()].match_indices('\n').map(|(at, _)| raw.range.start + at + 1);
            let printed = |start: usize| {
                let taken = checked.taken.get(checked.taken.partition_point(|taken| taken.end <= start));
                taken.filter(|taken| taken.start == start).map_or(start, |taken| taken.end)
            };
            let starts = std::iter::once(raw.range.start).chain(lines).map(printed);
            for start in starts.filter(|start| *start < raw.range.end) {
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

    /// Whether a place is in a text about objects in which other tools fill braces.
    pub(super) fn fills_braces(&self, span: Span) -> bool {
        let text = self.texts.values().find(|text| text.place.file == span.file);
        text.is_some_and(|text| ["argoproj.io/", "kyverno.io/"].iter().any(|group| text.written.contains(group)))
    }

    /// The expression that printed a slot: where it stands, and its words.
    pub(super) fn printed(&self, slot: usize) -> Option<(Span, &'a str)> {
        let mark = self.marks.get(self.print(slot)?.mark)?;
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

    /// The node of the environment that a slot's value is.
    pub(super) fn source(&self, slot: usize) -> Option<&Source> {
        self.print(slot)?.source.as_ref()
    }

    /// The nodes that a slot's value was made of: what operators and functions of its expression looked at.
    pub(super) fn inputs(&self, slot: usize) -> &[Source] {
        self.print(slot).map_or(&[], |print| &print.inputs)
    }

    fn print(&self, slot: usize) -> Option<&Print> {
        // In the order of slots. Where nothing was printed, the next one has the same number.
        let prints = &self.result.as_ref().ok()?.prints;
        let behind = prints.partition_point(|print| print.slot <= slot);
        prints.get(behind.checked_sub(1)?).filter(|print| print.slot == slot)
    }

    /// What was looked for in vain when the render failed, if that is one thing.
    pub(super) fn missing(&self) -> Option<Read> {
        self.session.missing()
    }

    /// The nodes that the operation was given which failed.
    pub(super) fn failed(&self) -> Vec<Source> {
        self.session.identities().map(Identities::failed).unwrap_or_default()
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
