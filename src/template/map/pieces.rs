//! A text as the pieces that it is made of: words of a template, and values.

use std::sync::Arc;

use crate::source::Span;
use crate::template::convert;
use crate::template::embed::{self, Stand};
use crate::template::fill::At;
use crate::template::identity::Source;
use crate::template::lineage::Lineage;
use crate::template::slot::{self, Slot};
use crate::template::trace::Trace;

/// A part of a text that is from one place.
#[derive(Clone, Debug)]
pub struct Piece {
    pub text: String,
    /// Where the template says it; for words of a scalar, that is the whole of it.
    pub template: Option<Span>,
    /// The node of the environment that it is.
    pub source: Option<Source>,
    /// The nodes that it was made of.
    pub inputs: Vec<Source>,
    /// By which functions and operators.
    pub through: Vec<Arc<str>>,
    /// Numbers of what was decided for it.
    pub(in crate::template) reasons: Vec<usize>,
}

impl Piece {
    pub(super) fn words(text: &str, template: Option<Span>) -> Self {
        let (inputs, through, reasons) = (Vec::new(), Vec::new(), Vec::new());
        Self { text: text.to_owned(), template, source: None, inputs, through, reasons }
    }
}

/// Captures within captures; filling has stopped long before.
const DEEPEST: usize = 64;

/// Takes a rendered text apart: the whole one, or that of a capture.
pub(super) fn take(trace: &Trace<'_>, text: &str, capture: Option<usize>, depth: usize, pieces: &mut Vec<Piece>) {
    let mut start = 0;
    // One piece a line: each has a mark of its own.
    let words = |range: std::ops::Range<usize>, pieces: &mut Vec<Piece>| {
        let mut start = range.start;
        for line in text.get(range).into_iter().flat_map(|part| part.split_inclusive('\n')) {
            let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
            let template = trace.span(&At { capture, range: at(start)..at(start + line.len()) });
            let reasons = trace.within(capture, start).to_vec();
            start += line.len();
            pieces.push(Piece { reasons, ..Piece::words(line, template) });
        }
    };
    for (open, close, number) in slot::places(text) {
        words(start..open, pieces);
        let first = pieces.len();
        let stand = Stand::of(&text[..open], &text[close..], |blanks| line_of(pieces) == blanks);
        take_standing(trace, number, stand, depth, pieces);
        let around = trace.within(capture, open);
        pieces[first..].iter_mut().for_each(|piece| piece.reasons.extend_from_slice(around));
        start = close;
    }
    words(start..text.len(), pieces);
}

/// The line that the pieces so far end with.
pub(super) fn line_of(pieces: &[Piece]) -> String {
    let mut line = Vec::new();
    for piece in pieces.iter().rev() {
        line.push(embed::last_line(&piece.text));
        if piece.text.contains('\n') {
            break;
        }
    }
    line.into_iter().rev().collect()
}

/// Takes in what a slot prints among text, its lines moved as filling moves them.
pub(super) fn take_standing(trace: &Trace<'_>, slot: usize, stand: Stand, depth: usize, pieces: &mut Vec<Piece>) {
    let is_embedded = trace.result.as_ref().is_ok_and(|rendered| rendered.embedded.contains(&slot));
    let moved = stand.or_embedded(is_embedded);
    let mut own = Vec::new();
    let into = if moved.is_some() { &mut own } else { &mut *pieces };
    let first = into.len();
    take_slot(trace, slot, depth, into);
    if let Some(text) = captured(trace, slot) {
        join_one_line(text, &mut into[first..], moved.is_none());
    }
    if let Some(ends) = moved {
        let before = line_of(pieces);
        if embed::begins_empty(&before, &own.iter().map(|piece| piece.text.as_str()).collect::<String>()) {
            take_off(before.len(), pieces);
        }
        settle(&before, &mut own, ends);
        pieces.append(&mut own);
    }
}

fn captured<'t>(trace: &'t Trace<'_>, slot: usize) -> Option<&'t str> {
    match trace.result.as_ref().ok()?.slots.get(slot)? {
        Slot::Captured(text) => Some(text),
        _ => None,
    }
}

/// Takes so many bytes of blanks off the end.
fn take_off(mut bytes: usize, pieces: &mut [Piece]) {
    for piece in pieces.iter_mut().rev() {
        let own = bytes.min(piece.text.len());
        piece.text.truncate(piece.text.len() - own);
        bytes -= own;
    }
}

/// As [`embed::join_one_line`].
fn join_one_line(captured: &str, pieces: &mut [Piece], is_beside: bool) {
    let breaks: usize = pieces.iter().map(|piece| piece.text.matches('\n').count()).sum();
    if captured.ends_with('\n') && breaks == 1 {
        pieces.iter_mut().rfind(|piece| !piece.text.is_empty()).map(|piece| piece.text.pop());
        let mut indent = if is_beside { embed::indent_of(captured) } else { 0 };
        for piece in pieces {
            let own = indent.min(piece.text.len());
            piece.text.drain(..own);
            indent -= own;
        }
    }
}

/// Puts what a line has before these pieces before each further line of theirs, as [`embed::settle`] does with a text.
fn settle(before: &str, pieces: &mut [Piece], ends: bool) {
    let mut text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    if ends && text.ends_with('\n') {
        text.pop();
        if let Some(last) = pieces.iter_mut().rfind(|piece| !piece.text.is_empty()) {
            last.text.pop();
        }
    }
    let indent: String = before.chars().map(|char| if char == '\t' { char } else { ' ' }).collect();
    if indent.is_empty() || !text.contains('\n') {
        return;
    }
    let is_blank: Vec<bool> = text.split('\n').map(|line| line.trim().is_empty()).collect();
    let (mut line, mut is_new) = (0, false);
    for piece in pieces {
        let written = std::mem::take(&mut piece.text);
        for part in written.split_inclusive('\n') {
            if is_new && !is_blank[line] {
                piece.text.push_str(&indent);
            }
            piece.text.push_str(part);
            is_new = part.ends_with('\n');
            line += usize::from(is_new);
        }
    }
}

/// Takes in what a slot prints.
pub(super) fn take_slot(trace: &Trace<'_>, slot: usize, depth: usize, pieces: &mut Vec<Piece>) {
    let Ok(rendered) = &trace.result else { return };
    let lineage = trace.lineage(slot);
    let reasons = lineage.map(|lineage| lineage.reasons.clone()).unwrap_or_default();
    match rendered.slots.get(slot) {
        Some(Slot::Captured(text)) if depth < DEEPEST => {
            let first = pieces.len();
            take(trace, text, Some(slot), depth + 1, pieces);
            if let Some(lineage) = lineage.filter(|_| !trace.has_marks(slot)) {
                made_by(trace.printed(slot).map(|(span, _)| span), lineage, &mut pieces[first..]);
            }
            pieces[first..].iter_mut().for_each(|piece| piece.reasons.extend_from_slice(&reasons));
        }
        Some(Slot::Scalar(value)) => pieces.push(Piece {
            text: convert::text(value).unwrap_or_default().to_string(),
            template: trace.printed(slot).map(|(span, _)| span),
            source: trace.source(slot).cloned(),
            inputs: trace.inputs(slot).to_vec(),
            through: lineage.map(|lineage| lineage.through.clone()).unwrap_or_default(),
            reasons,
        }),
        _ => {}
    }
}

/// Says of the pieces of a text that a function made, such as `tojson`, where it was printed and of what it was made.
fn made_by(printed: Option<Span>, lineage: &Lineage, pieces: &mut [Piece]) {
    for piece in pieces.iter_mut().filter(|piece| piece.template.is_none()) {
        piece.template = printed;
        piece.inputs.extend(lineage.node.iter().chain(&lineage.inputs).cloned());
        piece.through.extend(lineage.through.iter().cloned());
    }
}

/// What was decided within the text of a slot, wherever it stands in it.
pub(super) fn decided_in(trace: &Trace<'_>, slot: usize, depth: usize, reasons: &mut Vec<usize>) {
    let Ok(rendered) = &trace.result else { return };
    if let Some(lineage) = trace.lineage(slot) {
        reasons.extend_from_slice(&lineage.reasons);
    }
    let Some(Slot::Captured(text)) = rendered.slots.get(slot).filter(|_| depth < DEEPEST) else { return };
    reasons.extend(trace.between(Some(slot), 0..usize::MAX));
    for (_, _, number) in slot::places(text) {
        decided_in(trace, number, depth + 1, reasons);
    }
}
