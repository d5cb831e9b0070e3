//! Characters that look like blanks or quotes and are letters to YAML: they come with text from web pages and word processors.

use super::Mistake;
use super::lines::{Line, Lines};
use crate::finding::suggest::{is_typographic, with_plain_quotes};
use crate::finding::{Finding, codes};
use crate::source::Span;

/// What a character that looks like a blank, or like nothing, is called.
fn name(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{a0}' => "a no-break space",
        '\u{2000}'..='\u{200a}' | '\u{205f}' => "a space of print",
        '\u{200b}' | '\u{2060}' => "a space without width",
        '\u{202f}' => "a narrow no-break space",
        '\u{3000}' => "an ideographic space",
        _ => return None,
    })
}

/// Whether a text has such a character anywhere.
pub(crate) fn has_odd_sign(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(|letter| is_typographic(letter) || name(letter).is_some())
}

/// What to say of a plain value that is meant to be in quotes, or to have a blank before or behind it.
pub(in crate::yaml) fn odd_value(text: &str, span: Span) -> Option<Finding> {
    let (first, last) = (text.chars().next()?, text.chars().next_back()?);
    let inner = text.strip_prefix(is_typographic).and_then(|text| text.strip_suffix(is_typographic));
    if inner.is_some_and(|inner| !inner.contains(is_typographic)) {
        let message = "these quotes are letters, and become a part of the value";
        let plain = with_plain_quotes(text).filter(|plain| !inner.unwrap_or_default().contains(&plain[..1]));
        let plain = plain.unwrap_or_else(|| "\"…\"".to_owned());
        let finding = Finding::new(&codes::hygiene::ODD_SIGN, span, message).label("quotes of a word processor");
        return Some(finding.help(format!("write `{plain}`; if they are meant, put plain quotes around them")));
    }
    let blank = [first, last].into_iter().find_map(name)?;
    let finding = Finding::new(&codes::hygiene::ODD_SIGN, span, format!("{blank} is a part of this value"));
    Some(finding.label("YAML takes it for a letter").help("take it out; if it is meant, put the value in quotes"))
}

/// What to say of a plain key that begins with one: how far in it was meant to stand is not known.
pub(in crate::yaml) fn odd_key(key: &str, span: Span) -> Option<Finding> {
    Some(mistake(span.start as usize, key.chars().next()?)?.finding(span.file))
}

/// One on the line where the parser gave up, or on the line above it.
pub(super) fn beside(lines: &Lines<'_>) -> Option<Mistake> {
    let on = |line: Line<'_>| {
        let (at, letter) = line.text.char_indices().find(|(_, letter)| name(*letter).is_some())?;
        let is_written = line.text[..at].contains(['"', '\'', '#']);
        if is_written { None } else { mistake(line.start + at, letter) }
    };
    on(lines.line(lines.at)).or_else(|| on(lines.above(lines.at).next()?))
}

fn mistake(at: usize, letter: char) -> Option<Mistake> {
    let message = format!("this is {} (U+{:04X}), and no blank", name(letter)?, u32::from(letter));
    let mistake = Mistake::new(at, at + letter.len_utf8(), message);
    Some(
        mistake
            .label("YAML takes it for a letter")
            .help("write a blank in its place; text from a web page often has some"),
    )
}

#[cfg(test)]
mod tests {
    use super::{has_odd_sign, odd_key, odd_value};
    use crate::source::{Sources, Span};

    #[test]
    fn blanks_that_are_none() {
        assert!(has_odd_sign("a:\u{a0}b") && has_odd_sign("a\u{200b}") && has_odd_sign("größe: „5“"));
        assert!(!has_odd_sign("a: b") && !has_odd_sign("größe: 5"));
        let file = Sources::default().add("a.yaml", "");
        let is_odd = |key: &'static str| odd_key(key, Span::new(file, 0, key.len())).is_some();
        assert!(is_odd("\u{a0} max") && !is_odd("größe"));
    }

    #[test]
    fn quotes_that_are_none() {
        let file = Sources::default().add("a.yaml", "");
        let help = |text: &'static str| odd_value(text, Span::new(file, 0, text.len())).and_then(|it| it.help);
        assert!(help("“debug”").unwrap().starts_with("write `\"debug\"`"));
        assert!(help("‘debug’").unwrap().starts_with("write `'debug'`"));
        assert!(help("80\u{a0}").unwrap().starts_with("take it out"));
        for right in ["it’s", "“a” and “b”", "a “b”", "10\u{a0}000", "größe", "“"] {
            assert_eq!(help(right), None, "{right}");
        }
    }
}
