//! Tracing: one template rendered again, with marks that lead each line and each slot back to where the template says
//! it, and a log of what was read. Only done once something is wrong, or when somebody asks.
//!
//! A mark is a slot's cousin: U+E002, a number, U+E003, printed before each line of literal text and each value. Without
//! its marks, the traced text is the plain one.

mod marked;
mod nothing;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::{Error, Value};

pub(super) use self::marked::Cache;
use self::marked::Marked;
use super::Shared;
use super::context::{Read, Root, Session};
use super::engine::Rendered;
use super::fill::At;
use super::identity::{Identities, Source};
use super::lineage::{Decided, Lineage};
use super::load::Text;
use super::slot::{self, Print, Slot};
use crate::source::Span;

/// A template made ready for traced renders.
pub(super) struct Tracer<'a> {
    name: &'a str,
    texts: &'a BTreeMap<String, Text>,
    marked: Arc<Marked>,
    /// Why the engine does not take the marked texts.
    failed: Mutex<Option<Error>>,
}

/// A traced render.
pub(super) struct Trace<'a> {
    tracer: Arc<Tracer<'a>>,
    pub(super) session: Arc<Session>,
    pub(super) result: Result<Rendered, Error>,
    /// Where the marks stood, in the text without them: of the whole, then of each capture by its slot.
    found: BTreeMap<Option<usize>, Vec<(usize, usize)>>,
    /// Where decisions were made, likewise, and those that what follows stands below.
    decisions: BTreeMap<Option<usize>, Vec<Made>>,
    /// All that was decided.
    decided: Vec<Decided>,
}

/// Where a decision was made, its number, and those that what follows stands below.
type Made = (usize, usize, Vec<usize>);

impl<'a> Tracer<'a> {
    pub(super) fn new(shared: &'a Shared, name: &'a str) -> Self {
        let (marked, failed) = Marked::of(shared, name);
        Self { name, texts: &shared.texts, marked, failed: Mutex::new(failed) }
    }

    /// Renders it. `root` makes the root with the session that is to note what is read.
    pub(super) fn render(self: &Arc<Self>, root: impl FnOnce(Arc<Session>) -> Root) -> Trace<'a> {
        let session = Arc::new(Session::traced());
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
        let result = match failed {
            Some(error) => Err(error),
            None => self.marked.engine.render(self.name, root(Arc::clone(&session))),
        };
        let decided = session.identities().map(Identities::decided).unwrap_or_default();
        let (found, decisions) = (BTreeMap::new(), BTreeMap::new());
        let unread = Err(Error::from(minijinja::ErrorKind::TemplateNotFound));
        let mut trace = Trace { tracer: Arc::clone(self), session, result: unread, found, decisions, decided };
        trace.result = result.map(|rendered| trace.without_marks(rendered));
        trace
    }
}

impl<'a> Trace<'a> {
    /// Renders `name` again. `root` makes the root with the session that is to note what is read.
    pub(super) fn new(shared: &'a Shared, name: &'a str, root: impl FnOnce(Arc<Session>) -> Root) -> Self {
        Arc::new(Tracer::new(shared, name)).render(root)
    }

    /// Takes the marks out of the text and of all captures, and keeps where they stood.
    fn without_marks(&mut self, mut rendered: Rendered) -> Rendered {
        let (text, marks) = slot::take_marks(&rendered.text);
        rendered.text = text;
        self.keep(None, marks);
        for (number, printed) in rendered.slots.iter_mut().enumerate() {
            if let Slot::Captured(text) = printed {
                let (plain, marks) = slot::take_marks(text);
                *text = plain.into();
                self.keep(Some(number), marks);
            }
        }
        rendered
    }

    fn keep(&mut self, capture: Option<usize>, marks: Vec<(usize, slot::Mark)>) {
        let (mut places, mut decisions) = (Vec::new(), Vec::new());
        let mut open: Vec<usize> = Vec::new();
        for (at, mark) in marks {
            let (number, opens) = match mark {
                slot::Mark::Place(number) => {
                    places.push((at, number));
                    continue;
                }
                slot::Mark::Within(number) => (number, true),
                slot::Mark::Left(number) => (number, false),
            };
            // A loop that is left early leaves what was open in it.
            open.truncate(open.iter().position(|open| *open == number).unwrap_or(open.len()));
            open.extend(opens.then_some(number));
            decisions.push((at, number, open.clone()));
        }
        self.found.insert(capture, places);
        self.decisions.insert(capture, decisions);
    }

    /// The decisions that a place of the rendered text stands below: the outermost first.
    pub(super) fn within(&self, capture: Option<usize>, at: usize) -> &[usize] {
        let Some(marks) = self.decisions.get(&capture) else { return &[] };
        let behind = marks.partition_point(|(offset, ..)| *offset <= at);
        behind.checked_sub(1).and_then(|before| marks.get(before)).map_or(&[], |(_, _, open)| open)
    }

    /// The decisions that were made within a stretch of the rendered text.
    pub(super) fn between(&self, capture: Option<usize>, range: Range<usize>) -> impl Iterator<Item = usize> {
        let marks = self.decisions.get(&capture).map_or(&[][..], |marks| marks);
        let first = marks.partition_point(|(offset, ..)| *offset < range.start);
        marks[first..].iter().take_while(move |(offset, ..)| *offset <= range.end).map(|(_, number, _)| *number)
    }

    /// The rendered text, or that of a capture, without marks.
    pub(super) fn text(&self, capture: Option<usize>) -> Option<&str> {
        let rendered = self.result.as_ref().ok()?;
        match capture {
            None => Some(rendered.text.as_str()),
            Some(slot) => match rendered.slots.get(slot)? {
                Slot::Captured(text) => Some(text),
                _ => None,
            },
        }
    }

    /// How far in the line begins that stands above the one of a place of the rendered text.
    pub(super) fn indent_above(&self, capture: Option<usize>, at: usize) -> Option<usize> {
        let (above, _) = self.text(capture)?.get(..at)?.rsplit_once('\n')?;
        let line = above.trim_end().rsplit('\n').next()?;
        Some(line.len() - line.trim_start_matches(' ').len())
    }

    /// How far in the first line stands that would be printed below a decision.
    pub(super) fn branch_indent(&self, number: usize) -> Option<usize> {
        let line = self.branch_line(number)?;
        Some(line.len() - line.trim_start_matches(' ').len())
    }

    /// The first line that would be printed below a decision.
    fn branch_line(&self, number: usize) -> Option<&str> {
        let mark = self.tracer.marked.marks.get(*self.decided.get(number)?.marks.first()?)?;
        let behind = self.tracer.texts.get(&*mark.name)?.written.get(mark.range.end..)?.split_once("%}")?.1;
        let is_said = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("{%");
        // What follows the tag on its own line stands where that does.
        behind.split_once('\n').filter(|(rest, _)| rest.trim().is_empty())?.1.lines().find(is_said)
    }

    /// Whether a template printed the text of a capture, rather than a function.
    pub(super) fn has_marks(&self, capture: usize) -> bool {
        self.found.get(&Some(capture)).is_some_and(|marks| !marks.is_empty())
    }

    /// All that was decided, by its numbers.
    pub(super) fn decided(&self) -> &[Decided] {
        &self.decided
    }

    /// Where a mark stands.
    pub(super) fn marked_at(&self, mark: usize) -> Option<Span> {
        let mark = self.tracer.marked.marks.get(mark)?;
        Some(self.tracer.texts.get(&*mark.name)?.place.span(mark.range.clone()))
    }

    /// Where the template says what stands at a place of the rendered text.
    pub(super) fn span(&self, at: &At) -> Option<Span> {
        let start = at.range.start as usize;
        let marks = self.found.get(&at.capture)?;
        let behind = marks.partition_point(|(offset, _)| *offset <= start);
        let (offset, number) = *marks.get(behind.checked_sub(1)?)?;
        let mark = self.tracer.marked.marks.get(number)?;
        let text = self.tracer.texts.get(&*mark.name)?;
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

    /// The tag that joins, by its `-`, what stands on one line of the rendered text and on several of the template.
    pub(super) fn joining(&self, at: &At) -> Option<Span> {
        let (text, start) = (self.text(at.capture)?, at.range.start as usize);
        let line = text.get(..start)?.rfind('\n').map_or(0, |end| end + 1);
        let code = text[line..].split('\n').next()?.trim_end();
        let (first, last) = (code.len() - code.trim_start().len(), code.chars().next_back()?.len_utf8());
        let of = |offset: usize| {
            let start = u32::try_from(offset).ok()?;
            self.span(&At { capture: at.capture, range: start..start + 1 })
        };
        let (from, to) = (of(line + first)?, of(line + code.len() - last)?);
        let text = self.tracer.texts.values().find(|text| text.place.file == from.file && from.file == to.file)?;
        let between = text.written.get(from.range().end..to.range().start)?;
        let is_line_end = |text: &str| text.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
        let is_line_start = |text: &str| text.trim_end_matches([' ', '\t']).ends_with('\n');
        let tag = between.match_indices('{').map(|(open, _)| open).find_map(|open| {
            let sign = between.as_bytes().get(open + 1).filter(|sign| b"%{#".contains(sign))?;
            let end = if *sign == b'{' {
                "}}"
            } else if *sign == b'%' {
                "%}"
            } else {
                "#}"
            };
            let close = open + between[open..].find(end)?;
            let begins = between[open + 2..].starts_with('-') && is_line_start(&between[..open]);
            let ends = between[..close].ends_with('-') && is_line_end(&between[close + 2..]);
            (begins || ends).then_some(open..close + 2)
        })?;
        let shift = from.range().end;
        Some(Span::new(from.file, shift + tag.start, shift + tag.end))
    }

    /// With its braces, if it is an expression between them.
    pub(super) fn in_tag(&self, span: Span) -> Span {
        let text = self.tracer.texts.values().find(|text| text.place.file == span.file);
        let around = || {
            let written = &text?.written;
            let range = span.range();
            let before = written.get(..range.start)?.trim_end().trim_end_matches('-').strip_suffix("{{")?;
            let after = written.get(range.end..)?.trim_start().trim_start_matches('-').strip_prefix("}}")?;
            Some(Span::new(span.file, before.len(), written.len() - after.len()))
        };
        around().unwrap_or(span)
    }

    /// A name with what is asked of it behind points, of which the engine may have read no more than the first.
    pub(super) fn whole_path<'w>(&self, span: Span, words: &'w str) -> &'w str
    where
        'a: 'w,
    {
        let text = self.tracer.texts.values().find(|text| text.place.file == span.file);
        let whole = || {
            let (written, start) = (&text?.written, span.range().start);
            let rest = written.get(start..)?.strip_prefix(words).filter(|rest| rest.starts_with('.'))?;
            let is_path = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
            let length = rest.find(|letter| !is_path(letter)).unwrap_or(rest.len());
            written.get(start..start + words.len() + length)
        };
        whole().unwrap_or(words)
    }

    /// Whether a place is on a line that YAML, shells and others take for a comment.
    pub(super) fn is_in_comment(&self, span: Span) -> bool {
        let text = self.tracer.texts.values().find(|text| text.place.file == span.file);
        let before = text.and_then(|text| text.written.get(..span.range().start));
        before.and_then(|before| before.rsplit('\n').next()).is_some_and(|line| line.trim_start().starts_with('#'))
    }

    /// Whether a place is in a text about objects in which other tools fill braces.
    pub(super) fn fills_braces(&self, span: Span) -> bool {
        let text = self.tracer.texts.values().find(|text| text.place.file == span.file);
        text.is_some_and(|text| ["argoproj.io/", "kyverno.io/"].iter().any(|group| text.written.contains(group)))
    }

    /// The expression that printed a slot: where it stands, and its words.
    pub(super) fn printed(&self, slot: usize) -> Option<(Span, &'a str)> {
        self.words_at(self.print(slot)?.mark)
    }

    /// What printed the captured text that a slot stands in.
    pub(super) fn captured_with(&self, slot: usize) -> Option<(Span, &'a str)> {
        let slots = &self.result.as_ref().ok()?.slots;
        let holds = |text: &str| slot::pieces(text).any(|piece| matches!(piece, slot::Piece::Slot(it) if it == slot));
        let around = slots.iter().position(|it| matches!(it, Slot::Captured(text) if holds(text)))?;
        self.printed(around)
    }

    /// Where the expression of a mark stands, and its words.
    pub(super) fn words_at(&self, mark: usize) -> Option<(Span, &'a str)> {
        let mark = self.tracer.marked.marks.get(mark)?;
        let text = self.tracer.texts.get(&*mark.name)?;
        Some((text.place.span(mark.range.clone()), text.written.get(mark.range.clone())?))
    }

    /// Where the calls stand that were running when the render failed, the innermost first.
    pub(super) fn calls(&self) -> Vec<(Span, &'a str)> {
        let calls = self.session.calls();
        calls.iter().rev().filter_map(|number| self.words_at(*number)).collect()
    }

    /// Where an error of the engine is, with the words that stand there.
    pub(super) fn place(&self, error: &Error) -> Option<(Span, &'a str)> {
        let name = error.name()?;
        let map = self.tracer.marked.maps.get(name)?;
        let text = self.tracer.texts.get(name)?;
        let range = map.original(error.range()?);
        Some((text.place.span(range.clone()), text.written.get(range)?))
    }

    /// The tag that an expression stands in.
    fn tag(&self, mark: usize) -> Option<(Span, &'a str)> {
        let mark = self.tracer.marked.marks.get(mark)?;
        let of = self.tracer.texts.get(&*mark.name)?;
        let start = of.written.get(..mark.range.start)?.rfind("{%")?;
        let end = mark.range.end + of.written.get(mark.range.end..)?.find("%}")? + 2;
        Some((of.place.span(start..end), of.written.get(start..end)?))
    }

    /// The node of the environment that a slot's value is.
    pub(super) fn source(&self, slot: usize) -> Option<&Source> {
        self.print(slot)?.lineage.node.as_ref()
    }

    /// The nodes that a slot's value was made of, if it is none.
    pub(super) fn inputs(&self, slot: usize) -> &[Source] {
        self.lineage(slot).map_or(&[], |lineage| &lineage.inputs)
    }

    /// What a slot's value was made of.
    pub(super) fn lineage(&self, slot: usize) -> Option<&Lineage> {
        Some(&self.print(slot)?.lineage)
    }

    /// A slot's value, in which what is in it still knows what it was made of.
    pub(super) fn value(&self, slot: usize) -> Option<&Value> {
        Some(&self.print(slot)?.value)
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
        self.tracer.texts.values().filter(|text| text.place.file == right.file).find_map(|text| {
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
