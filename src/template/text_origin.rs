//! Where a part of a text artifact comes from: such a file has no paths, so the part itself is looked for.

use std::ops::Range;

use camino::Utf8Path;

use super::context::Root;
use super::fill::At;
use super::origins::Said;
use super::slot::{self, Piece, Slot};
use super::trace::Trace;
use super::{EnvironmentInput, Template, convert};
use crate::limits::Limits;

impl Template {
    /// Renders the template once more, to tell where the first place of `part` in one of its artifacts comes from.
    pub fn text_origin(
        &self,
        environment: &EnvironmentInput<'_>,
        artifact: &Utf8Path,
        part: &str,
        limits: &Limits,
    ) -> Option<Said> {
        let round = self.find_text(environment, artifact, limits)?;
        let root = |session| Root::new(environment.name, environment.root, session).with(&round);
        let trace = Trace::new(&self.shared, &self.name, limits, root);
        let rendered = trace.result.as_ref().ok()?;
        let mut text = Text { slots: &rendered.slots, whole: String::new(), stretches: Vec::new() };
        text.take_in(&rendered.text, None, 0);
        let start = text.whole.find(part)?;
        text.said(&trace, &(start..start + part.len()))
    }
}

/// A text as it was filled.
struct Text<'t> {
    slots: &'t [Slot],
    whole: String,
    stretches: Vec<Stretch>,
}

/// A part of the text that is from one place.
struct Stretch {
    range: Range<usize>,
    from: From,
}

enum From {
    /// Words of a template, at an offset of what was rendered.
    Words { capture: Option<usize>, start: usize },
    /// A value.
    Slot(usize),
}

/// Captures within captures; filling has stopped long before.
const DEEPEST: usize = 64;

impl Text<'_> {
    fn take_in(&mut self, text: &str, capture: Option<usize>, depth: usize) {
        let mut start = 0;
        for piece in slot::pieces(text) {
            let before = self.whole.len();
            let from = match piece {
                Piece::Text(words) => {
                    self.whole.push_str(words);
                    let from = From::Words { capture, start };
                    start += words.len();
                    from
                }
                Piece::Slot(number) => {
                    start =
                        slot::places(text).find(|place| place.2 == number && place.0 >= start).map_or(start, |it| it.1);
                    match self.slots.get(number) {
                        Some(Slot::Captured(text)) if depth < DEEPEST => {
                            self.take_in(text, Some(number), depth + 1);
                            continue;
                        }
                        Some(Slot::Scalar(value)) => {
                            self.whole.push_str(&convert::text(value).unwrap_or_default());
                            From::Slot(number)
                        }
                        _ => continue,
                    }
                }
            };
            self.stretches.push(Stretch { range: before..self.whole.len(), from });
        }
    }

    /// Where the words of a range are said, and the values that it holds.
    fn said(&self, trace: &Trace<'_>, range: &Range<usize>) -> Option<Said> {
        let holds = |it: &&Stretch| it.range.start < range.end && range.start < it.range.end;
        let stretches: Vec<&Stretch> = self.stretches.iter().filter(holds).collect();
        let first = stretches.first()?;
        let template = match first.from {
            From::Slot(slot) => trace.printed(slot)?.0,
            From::Words { capture, start } => {
                let start = start + (range.start - first.range.start);
                let end = start + (range.end.min(first.range.end) - range.start);
                let at = u32::try_from(start).ok()?..u32::try_from(end).ok()?;
                trace.span(&At { capture, range: at })?
            }
        };
        let slots = stretches.iter().filter_map(|it| match it.from {
            From::Slot(slot) => Some(slot),
            From::Words { .. } => None,
        });
        let values = slots.flat_map(|slot| trace.sources(slot)).collect();
        let whole = matches!(stretches.as_slice(), [Stretch { from: From::Slot(_), .. }]);
        Some(Said { template, key: None, values, whole })
    }
}
