//! Mistakes of text: quotes, escapes, and signs with which no text can begin.

use super::Mistake;
use super::lines::Lines;

/// A quote that is opened and never closed, or closed too late.
pub(super) fn unclosed(lines: &Lines<'_>) -> Mistake {
    let open = opening(lines);
    let quote = lines.char_at(open);
    let line = lines.line(open);
    let end = line.start + line.text.len();
    let message = format!("a text in {} is not closed", if quote == '\'' { "single quotes" } else { "double quotes" });
    let mistake = Mistake::new(open, end.max(open), message).label("it begins here");
    let here = lines.line(lines.at);
    if here.start > open && !here.code().is_empty() {
        let range = here.code_range();
        return mistake
            .also(range.start, range.end, "this line would belong to it, but is indented too little")
            .help("close the text, or indent its lines more than its key");
    }
    mistake.help(format!("add a `{quote}` where the text ends"))
}

/// The quote that opens the text which the parser was reading: the last one with which a value can begin.
fn opening(lines: &Lines<'_>) -> usize {
    let begins = |at: usize| lines.text[..at].chars().next_back().is_none_or(|char| " \t\n[{,:-?!".contains(char));
    if lines.char_at(lines.at) == '"' || lines.char_at(lines.at) == '\'' {
        return lines.at;
    }
    let quotes = lines.text[..lines.at].rmatch_indices(['"', '\'']);
    quotes.map(|(at, _)| at).find(|&at| begins(at)).unwrap_or(lines.at)
}

/// Text behind a closing quote.
pub(super) fn trailing(lines: &Lines<'_>) -> Mistake {
    let at = lines.at;
    let closed = lines.text[..at].trim_end();
    let quote = closed.chars().next_back().filter(|char| *char == '\'' || *char == '"').unwrap_or('"');
    let help = if quote == '\'' {
        "write `''` for a quote within single quotes, or use double quotes; put the whole value in quotes"
    } else {
        "write `\\\"` for a quote within double quotes; put the whole value in quotes"
    };
    let rest = lines.line(at);
    let end = rest.code_range().end.max(at);
    Mistake::new(at, end, "text stands behind a closing quote")
        .label("this is outside of the quotes")
        .also(closed.len().saturating_sub(1), closed.len(), "the text ends here")
        .help(help)
}

/// An escape that YAML does not know.
pub(super) fn escape(lines: &Lines<'_>) -> Mistake {
    let start = lines.at;
    let rest = &lines.text[start..];
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        if char == '"' {
            break;
        }
        if char != '\\' {
            continue;
        }
        let Some((_, kind)) = chars.next() else { break };
        let digits = match kind {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let code = rest.get(at + 2..at + 2 + digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let known = if digits > 0 {
            // Half of a surrogate pair may be right or wrong: the parser has judged, so it is shown only if nothing else is.
            code.is_some_and(|code| char::from_u32(code).is_some())
        } else {
            "0abt\tnvfre \"/\\N_LP\n\r".contains(kind)
        };
        if !known {
            let end = at + 1 + kind.len_utf8();
            let written = &rest[at..end];
            return Mistake::new(start + at, start + end, format!("`{written}` is not an escape of YAML"))
                .label(if digits > 0 {
                    format!("{digits} hexadecimal digits of a character must follow")
                } else {
                    String::new()
                })
                .help(format!("write `\\{written}` for a backslash, or put the text in single quotes"));
        }
    }
    Mistake::new(start, lines.word_end(start), "an escape in this text is not one of YAML")
        .help("write `\\\\` for a backslash, or put the text in single quotes")
}

/// A sign with which no plain text begins.
pub(super) fn reserved(lines: &Lines<'_>, sign: char) -> Mistake {
    let at = lines.at;
    if sign == '%' && lines.text[..at].ends_with('{') {
        return template(at - 1, at + 1);
    }
    let line = lines.line(at);
    let value = lines.slice(at..line.code_range().end.max(at));
    let mistake = Mistake::new(at, lines.word_end(at), format!("a value cannot begin with `{sign}`"))
        .label("YAML keeps this sign for itself");
    if value.contains(['"', '\\', '#', ',', ']', '}']) || value.is_empty() {
        return mistake.help("put the value in quotes");
    }
    mistake.help(format!("put the value in quotes: `\"{value}\"`"))
}

/// `{{ … }}` or `{% … %}` in a file that is no template.
pub(super) fn template(start: usize, end: usize) -> Mistake {
    Mistake::new(start, end, "a template's sign in plain YAML")
        .label("this file is read as it stands")
        .help("put the value in quotes if it is meant for another tool; expressions belong into `templates`")
}

/// `*` or `&` without a name.
pub(super) fn nameless(lines: &Lines<'_>) -> Mistake {
    let at = lines.at;
    let sign = lines.char_at(at);
    let what = if sign == '&' { "an anchor" } else { "an alias" };
    Mistake::new(at, at + sign.len_utf8(), format!("a value cannot begin with `{sign}`"))
        .label(format!("this would be {what}, but its name is missing"))
        .help("put the value in quotes")
}
