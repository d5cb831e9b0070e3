//! A text as the pieces that it is made of: words of a template, and values.

use super::convert;
use super::fill::At;
use super::identity::Source;
use super::slot::{self, Slot};
use super::trace::Trace;
use crate::source::Span;

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
}

impl Piece {
    pub(super) fn words(text: &str, template: Option<Span>) -> Self {
        Self { text: text.to_owned(), template, source: None, inputs: Vec::new() }
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
            start += line.len();
            pieces.push(Piece::words(line, template));
        }
    };
    for (open, close, number) in slot::places(text) {
        words(start..open, pieces);
        take_slot(trace, number, depth, pieces);
        start = close;
    }
    words(start..text.len(), pieces);
}

/// Takes in what a slot prints among text.
pub(super) fn take_slot(trace: &Trace<'_>, slot: usize, depth: usize, pieces: &mut Vec<Piece>) {
    let Ok(rendered) = &trace.result else { return };
    match rendered.slots.get(slot) {
        Some(Slot::Captured(text)) if depth < DEEPEST => take(trace, text, Some(slot), depth + 1, pieces),
        Some(Slot::Scalar(value)) => pieces.push(Piece {
            text: convert::text(value).unwrap_or_default().to_string(),
            template: trace.printed(slot).map(|(span, _)| span),
            source: trace.source(slot).cloned(),
            inputs: trace.inputs(slot).to_vec(),
        }),
        _ => {}
    }
}
