//! Keys and items without a value: what would have made one, and made nothing.

use std::ops::Range;

use super::Trace;
use crate::source::Span;
use crate::template::commented::{self, Why};
use crate::template::fill::At;
use crate::template::slot::{self, Slot};

impl<'a> Trace<'a> {
    /// What prints nothing where an empty value stands: on its line, or below it and further in.
    pub(in crate::template) fn printed_nothing(&self, at: &At) -> Option<(Span, &'a str)> {
        let rendered = self.result.as_ref().ok()?;
        let text = match at.capture {
            None => &*rendered.text,
            Some(slot) => match rendered.slots.get(slot)? {
                Slot::Captured(text) => text,
                _ => return None,
            },
        };
        let start = text.get(..at.range.start as usize)?.trim_end().len();
        let end = start + text[start..].len() - text[start..].trim_start().len();
        let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let indent = text[line..start].len() - text[line..start].trim_start().len();
        let all = self.found.get(&at.capture)?;
        let marks = &all[all.partition_point(|(offset, _)| *offset < start)..];
        let printed = marks.iter().take_while(|(offset, _)| *offset <= end).find_map(|(offset, number)| {
            let mark = self.tracer.marked.marks.get(*number).filter(|mark| !mark.is_text)?;
            let of = self.tracer.texts.get(&*mark.name)?;
            let is_value = text[*offset..].chars().next().is_some_and(slot::is_slot);
            let own_line = of.written[..mark.range.start].rsplit('\n').next().unwrap_or_default();
            let column = own_line.len() - own_line.trim_start().len();
            let is_on_line = !text[start..*offset].contains('\n');
            let is_it = !is_value && (is_on_line || column > indent);
            is_it.then(|| Some((of.place.span(mark.range.clone()), of.written.get(mark.range.clone())?))).flatten()
        });
        printed.or_else(|| self.left_empty(at.capture, text, start..end))
    }

    /// What the template has behind a key, or below it, that has no value where it is rendered, and why.
    pub(in crate::template) fn commented(&self, at: &At) -> Option<(Span, &'a str, Why)> {
        let text = self.text(at.capture)?;
        let end = text.get(..at.range.start as usize)?.trim_end().len();
        // The line of the key is written, not printed by a value.
        let key = u32::try_from(end.checked_sub(1)?).ok()?;
        let sign = self.span(&At { capture: at.capture, range: key..key + 1 })?;
        let of = self.tracer.texts.values().find(|text| text.place.file == sign.file)?;
        let is_sign = of.written.get(sign.range()).is_some_and(|sign| matches!(sign, ":" | "-"));
        let (range, why) = commented::value(&of.written, sign.range().end).filter(|_| is_sign)?;
        if why == Why::Beside {
            // Something of it has to stand there.
            let next = u32::try_from(text.len() - text[end..].trim_start().len()).ok()?;
            self.span(&At { capture: at.capture, range: next..next + 1 }).filter(|next| next.file != sign.file)?;
        }
        Some((of.place.span(range.clone()), of.written.get(range)?, why))
    }

    /// The condition or the loop within a stretch without text that would have put something there: behind the key on its
    /// line, or further in than the key.
    fn left_empty(&self, capture: Option<usize>, text: &str, stretch: Range<usize>) -> Option<(Span, &'a str)> {
        let line = text[..stretch.start].rsplit('\n').next()?;
        let is_item = |char: char| matches!(char, ' ' | '-');
        let column =
            if line.ends_with('-') { line.len() - 1 } else { line.len() - line.trim_start_matches(is_item).len() };
        let marks = self.decisions.get(&capture)?;
        let (outer, marks) = marks.split_at(marks.partition_point(|(offset, ..)| *offset < stretch.start));
        let outer = outer.last().map_or(&[][..], |(_, _, open)| open);
        let inner = marks.iter().take_while(|(offset, ..)| *offset <= stretch.end);
        inner.filter(|(_, number, _)| !outer.contains(number)).find_map(|(offset, number, _)| {
            let before = &text[stretch.start..*offset];
            let own = || Some(before.len() - before.rfind('\n')? - 1);
            // A list stands below its key without being further in.
            let is_list = !line.ends_with('-')
                && self.branch_line(*number).is_some_and(|branch| branch.trim_start().starts_with("- "));
            let is_below =
                !before.contains('\n') || self.branch_indent(*number).or_else(own)? + usize::from(is_list) > column;
            is_below.then(|| self.tag(*self.decided.get(*number)?.marks.first()?)).flatten()
        })
    }
}
