//! Comments that nobody meant: `${#array[@]}` of a shell begins one, and what follows would vanish up to the next `#}`.

use std::ops::Range;

use crate::finding::{Finding, codes};
use crate::source::Span;
use crate::template::layout::{Kind, Stretch};

/// The first comment that begins directly behind other text, begins in a text and goes on below its line, or never ends.
pub(super) fn swallowed(
    text: &str,
    stretches: &[Stretch<'_>],
    open: Option<usize>,
    at: &dyn Fn(Range<usize>) -> Span,
) -> Option<Finding> {
    let comments =
        stretches.iter().filter(|stretch| stretch.kind == Kind::Comment).map(|stretch| stretch.range.clone());
    let open = open.map(|start| start..text.len());
    let (start, what) = comments.chain(open.clone()).find_map(|range| {
        let is_behind_tag = stretches.iter().any(|it| it.range.end == range.start && it.kind != Kind::Text);
        let why =
            fault(text, &range, is_behind_tag).or_else(|| (Some(&range) == open.as_ref()).then_some("never ends"))?;
        Some((range.start, why))
    })?;
    let message = format!("`{{#` begins a comment, and this one {what}");
    let finding = Finding::new(&codes::template::SYNTAX, at(start..start + 2), message);
    let finding = finding.label("from here on, all text up to the next `#}` is left out");
    Some(finding.help(match what {
        WITHIN_WORD | BEHIND_TEXT => {
            "to keep what is written, put it between `{% raw %}` and `{% endraw %}`; put a blank before a comment that is meant"
        }
        _ => {
            "to keep what is written, put it between `{% raw %}` and `{% endraw %}`; close a comment that is meant with `#}`"
        }
    }))
}

const WITHIN_WORD: &str = "begins within a word";
const BEHIND_TEXT: &str = "begins directly behind text";

fn fault(text: &str, comment: &Range<usize>, is_behind_tag: bool) -> Option<&'static str> {
    let before = &text[..comment.start];
    if before.ends_with(|char: char| char.is_alphanumeric() || matches!(char, '_' | '$')) {
        return Some(WITHIN_WORD);
    }
    // `'{#'` of a script.
    if !is_behind_tag && before.ends_with(|char: char| !char.is_whitespace()) {
        return Some(BEHIND_TEXT);
    }
    let goes_on = text[comment.clone()].contains('\n');
    (goes_on && is_in_block_scalar(before)).then_some("goes on below its line, within a block of text")
}

/// Whether what follows is a line of a block scalar, by the indentation of the lines above.
pub(super) fn is_in_block_scalar(before: &str) -> bool {
    let mut lines = before.rsplit('\n');
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut least = indent(lines.next().unwrap_or_default());
    for line in lines.filter(|line| !line.trim().is_empty()) {
        // A tag may stand anywhere, and says nothing about where it stands.
        if indent(line) >= least || line.trim_start().starts_with("{%") {
            continue;
        }
        least = indent(line);
        if is_block_header(line) {
            return true;
        }
        if least == 0 {
            return false;
        }
    }
    false
}

/// Whether a line ends as that which begins a block scalar: `key: |`, `- >-`, `a: |2 # why`.
fn is_block_header(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    let header = line.trim_end_matches(|char: char| matches!(char, '+' | '-') || char.is_ascii_digit());
    let Some(key) = header.strip_suffix(['|', '>']) else { return false };
    line.len() - header.len() <= 2 && (key.is_empty() || key.ends_with([' ', '\t']))
}
