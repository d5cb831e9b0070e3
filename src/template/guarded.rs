//! The text of a template as the engine gets it: without what its tags take with them, with a guard around each operand,
//! and with captures around the texts that tags print.

use std::fmt::Write;
use std::ops::Range;

use super::check::Checked;
use super::embed;
use super::guard::Guard;
use super::place::Inserts;

/// Literal text that a capture takes up is counted from this length on; below it, fuel is limit enough.
const COUNTED_TEXT: usize = 32;

/// The text of a template with its guards; `mark` gives the marks of a traced render for what tags print.
pub(super) fn guarded(text: &str, checked: &Checked, mark: &mut dyn FnMut(&Range<usize>) -> Option<usize>) -> Inserts {
    let mut inserts = Inserts::new(text);
    guard(text, checked, &mut inserts, mark);
    inserts
}

/// The same, into a text that has others already, which stand closer to what they are put around.
pub(super) fn guard(
    text: &str,
    checked: &Checked,
    inserts: &mut Inserts,
    mark: &mut dyn FnMut(&Range<usize>) -> Option<usize>,
) {
    inserts.omit(&checked.taken);
    for embedded in &checked.embedded {
        embed::insert(inserts, embedded, mark(&embedded.range));
    }
    for shared in &checked.shared {
        embed::insert_line(inserts, shared);
    }
    for (range, guard) in &checked.guards {
        let mut close = format!(")|{}", guard.name());
        if let Guard::Right(sign) = guard {
            let _ = write!(close, "(\"{sign}\")");
        }
        if let Guard::Entries(count) = guard {
            let _ = write!(close, "({count})");
        }
        close.push(')');
        inserts.wrap(range, "((", close);
    }
    for raw in &checked.raw {
        if raw.captured && raw.range.len() >= COUNTED_TEXT && is_open_text(text, &raw.range) {
            inserts.insert(raw.range.start, format!("{{{{{}|__printed}}}}", raw.range.len()));
        }
    }
}

/// Whether tags are understood at the start of a stretch of text: not within `{% raw %}`.
pub(super) fn is_open_text(text: &str, raw: &Range<usize>) -> bool {
    let before = text[..raw.start].trim_end();
    let Some(tag) = before.strip_suffix("%}") else { return true };
    let Some(open) = tag.rfind("{%") else { return true };
    tag[open + 2..].trim_matches(['-', '+']).trim() != "raw"
}
