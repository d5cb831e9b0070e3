//! The map of a file that is no document: where each of its characters comes from.

use std::ops::Range;
use std::sync::Arc;

use camino::Utf8Path;

use super::pieces::{self, Piece};
use super::{Reason, Said, Whole};
use crate::limits::Limits;
use crate::source::Span;
use crate::template::context::{Bound, Root};
use crate::template::trace::Tracer;
use crate::template::{EnvironmentInput, Template};

/// Where the characters of a text come from.
#[derive(Debug, Default)]
pub struct TextMap {
    /// Pieces in the order of the text, each with its bytes there.
    pieces: Vec<(Range<usize>, Piece)>,
    reasons: Vec<Reason>,
    pub whole: Whole,
}

impl Template {
    /// Renders the template once more, to tell where each part of one of its artifacts comes from that is a text.
    pub fn text_map(
        &self,
        environment: &EnvironmentInput<'_>,
        artifact: &Utf8Path,
        limits: &Limits,
    ) -> Option<TextMap> {
        let round = self.find_text(environment, artifact, limits)?;
        let tracer = Arc::new(Tracer::new(&self.shared, &self.name));
        let mut map = Self::text_by(&tracer, environment, &round)?;
        map.whole = self.whole(environment, &round, &self.whole_of_all(environment));
        Some(map)
    }

    /// The same of one round, with what renders the template.
    pub(super) fn text_by(
        tracer: &Arc<Tracer<'_>>,
        environment: &EnvironmentInput<'_>,
        round: &[(Arc<str>, Bound)],
    ) -> Option<TextMap> {
        let trace = tracer.render(|session| Root::new(environment.name, environment.root, session).with(round));
        let mut all = Vec::new();
        pieces::take(&trace, &trace.result.as_ref().ok()?.text, None, 0, &mut all);
        let mut at = 0;
        let placed = all.into_iter().map(|piece| {
            let start = at;
            at += piece.text.len();
            (start..at, piece)
        });
        let pieces = placed.collect();
        let reasons = trace.decided().iter().map(|decided| Reason::of(&trace, decided, 0)).collect();
        Some(TextMap { pieces, reasons, whole: Whole::default() })
    }
}

impl TextMap {
    /// The whole text.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|(_, piece)| piece.text.as_str()).collect()
    }

    /// Where a part of the text comes from.
    pub fn at(&self, part: &Range<usize>) -> Option<Said> {
        let first = self.pieces.partition_point(|(range, _)| range.end <= part.start);
        let inside: Vec<_> = self.pieces[first..].iter().take_while(|(range, _)| range.start < part.end).collect();
        let (range, first) = *inside.first()?;
        let template = within(range, first, part).or(first.template)?;
        let mut said = Said::by(template);
        if let [(_, piece)] = &inside[..] {
            said.source.clone_from(&piece.source);
        }
        if said.source.is_none() {
            let values = inside.iter().flat_map(|(_, piece)| piece.source.iter().chain(&piece.inputs));
            said.inputs = values.cloned().collect();
        }
        for (_, piece) in inside {
            said.through.extend(piece.through.iter().cloned());
            said.reasons.extend(&piece.reasons);
        }
        Some(said)
    }

    /// What was decided for a part of the text.
    pub fn reasons(&self, said: &Said) -> Vec<&Reason> {
        super::reasons_of(&self.reasons, &said.reasons)
    }

    /// The tags that nothing stands below.
    pub(super) fn bare(&self) -> Vec<&Reason> {
        let numbers = self.pieces.iter().filter(|(range, _)| !range.is_empty()).flat_map(|(_, piece)| &piece.reasons);
        super::bare_of(&self.reasons, numbers.copied()).collect()
    }

    /// All that was decided.
    pub fn decided(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.iter()
    }

    /// All pieces in order.
    pub fn pieces(&self) -> impl Iterator<Item = &(Range<usize>, Piece)> {
        self.pieces.iter()
    }
}

/// The part of a piece's words that is meant, where they stand in the template as they are printed.
fn within(range: &Range<usize>, piece: &Piece, part: &Range<usize>) -> Option<Span> {
    let span = piece.template.filter(|_| piece.source.is_none())?;
    let is_as_written = (span.end - span.start) as usize == range.len();
    let (begins, ends) = (part.start.max(range.start) - range.start, part.end.min(range.end) - range.start);
    is_as_written.then(|| Span::new(span.file, span.start as usize + begins, span.start as usize + ends))
}
