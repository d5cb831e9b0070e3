//! Characters that look like blanks and are letters to YAML: they come with text from web pages and word processors.

use super::Mistake;
use super::lines::{Line, Lines};
use crate::finding::Finding;
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
pub(in crate::yaml) fn has_odd_blank(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(|letter| name(letter).is_some())
}

/// What to say of a plain key that begins with one, and the key that was meant.
pub(in crate::yaml) fn odd_key(key: &str, span: Span) -> Option<(Finding, &str)> {
    let first = key.chars().next().filter(|first| name(*first).is_some())?;
    let meant = key.trim_start_matches(|letter| letter == ' ' || name(letter).is_some());
    Some((mistake(span.start as usize, first)?.finding(span.file), meant))
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
    use super::{has_odd_blank, odd_key};
    use crate::source::{Sources, Span};

    #[test]
    fn blanks_that_are_none() {
        assert!(has_odd_blank("a:\u{a0}b") && has_odd_blank("a\u{200b}"));
        assert!(!has_odd_blank("a: b") && !has_odd_blank("größe: „5“"));
        let file = Sources::default().add("a.yaml", "");
        let meant = |key: &'static str| odd_key(key, Span::new(file, 0, key.len())).map(|(_, meant)| meant);
        assert_eq!(meant("\u{a0} max"), Some("max"));
        assert_eq!(meant("größe"), None);
    }
}
