//! Mistakes within `[…]` and `{…}`.

use granit_parser::ErrorKind;

use super::lines::Lines;
use super::{Mistake, quotes};

/// A line within brackets that is not indented more than the key before them, or that was never meant to be within.
pub(super) fn not_indented(lines: &Lines<'_>) -> Mistake {
    let range = lines.line(lines.at).code_range();
    let Some(open) = open_bracket(lines) else {
        return Mistake::new(range.start, range.end, "this line is indented too little")
            .help("indent it more than the key it belongs to");
    };
    let (bracket, closing) = (lines.char_at(open), closing(lines.char_at(open)));
    let opened = format!("`{bracket}` is opened here");
    if lines.char_at(lines.at) == closing {
        return Mistake::new(lines.at, lines.at + 1, format!("`{closing}` is indented too little"))
            .label("it stands in the column of a key")
            .also(open, open + 1, opened)
            .help("indent it by at least one blank more than the key");
    }
    Mistake::new(range.start, range.end, format!("`{bracket}` is not closed before this line"))
        .label("within brackets a line must be indented more than the key before them")
        .also(open, open + 1, opened)
        .help(format!("add the `{closing}`, or indent the line"))
}

/// A bracket without its other half.
pub(super) fn unclosed(lines: &Lines<'_>, kind: &ErrorKind) -> Mistake {
    let open = if "[{".contains(lines.char_at(lines.at)) { Some(lines.at) } else { open_bracket(lines) };
    let open = open.unwrap_or(lines.at);
    let end = open + usize::from(open < lines.text.len());
    if let ErrorKind::MismatchedFlowCollectionEnd { open: bracket, close } = kind {
        let wanted = closing(*bracket);
        return Mistake::new(open, end, format!("`{bracket}` is closed by `{close}`"))
            .label("opened here")
            .help(format!("close it by `{wanted}`"));
    }
    let bracket = lines.char_at(open);
    Mistake::new(open, end, format!("`{bracket}` is not closed"))
        .label("opened here")
        .help(format!("add the `{}`, or quote the value if it is text", closing(bracket)))
}

/// A comma too many or too few.
pub(super) fn separator(lines: &Lines<'_>) -> Mistake {
    let at = lines.at;
    match lines.char_at(at) {
        ',' => Mistake::new(at, at + 1, "a value is missing before the comma")
            .label("nothing stands between this and what is before it")
            .help("remove the comma, or write the value"),
        _ if lines.line(at).text.contains("{{") => {
            let line = lines.line(at);
            let start = line.start + line.text.find("{{").unwrap_or_default();
            quotes::template(start, start + 2)
        }
        _ if at == lines.text.len() => unclosed(lines, &ErrorKind::UnexpectedEofFlowMapping),
        _ => Mistake::new(at, lines.word_end(at).max(at), "a comma is missing")
            .label("before this")
            .help("values between brackets are separated by commas"),
    }
}

/// Text behind a closed bracket or quote.
pub(super) fn behind(lines: &Lines<'_>) -> Mistake {
    let at = lines.at;
    let line = lines.line(at);
    if let Some(template) = line.text[..at - line.start].find("{{") {
        return quotes::template(line.start + template, line.start + template + 2);
    }
    let closed = lines.text[..at].trim_end();
    let closing = closed.chars().next_back().unwrap_or(' ');
    if lines.char_at(at) == ':' && (closing == '"' || closing == '\'') {
        return Mistake::new(at, at + 1, "a blank is missing after the colon")
            .label("without it this is no key")
            .help("write `: `");
    }
    Mistake::new(at, line.code_range().end.max(at), format!("text stands behind `{closing}`"))
        .label("this is outside")
        .also(closed.len().saturating_sub(closing.len_utf8()), closed.len(), "closed here")
        .help("put the whole value in quotes if it is text")
}

/// The innermost bracket that is open at the place. Quotes are skipped as far as one line shows them.
fn open_bracket(lines: &Lines<'_>) -> Option<usize> {
    let mut closed = 0_usize;
    let mut quote = None;
    for (at, char) in lines.text[..lines.at].char_indices().rev() {
        match char {
            '\n' => quote = None,
            '"' | '\'' if quote.is_none() => quote = Some(char),
            '"' | '\'' if quote == Some(char) => quote = None,
            _ if quote.is_some() => {}
            ']' | '}' => closed += 1,
            '[' | '{' if closed == 0 => return Some(at),
            '[' | '{' => closed -= 1,
            _ => {}
        }
    }
    None
}

fn closing(bracket: char) -> char {
    if bracket == '{' { '}' } else { ']' }
}
