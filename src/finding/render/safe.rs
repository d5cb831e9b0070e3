//! Text from a user's file on its way to a terminal: a file must not be able to move the cursor, set a title, hide a
//! line or turn the reading direction around.

use std::borrow::Cow;

/// One visible character for one that a terminal would obey or swallow, or the character itself. One for one, so that
/// columns stay true. Tabs stay: the renderer widens them.
pub fn visible(character: char) -> char {
    match character {
        '\t' => '\t',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        _ if is_hidden(character) => '\u{fffd}',
        _ => character,
    }
}

/// Characters that are not shown or that change how others are shown: C1 controls (0x9b starts an escape sequence on
/// some terminals), zero-width and bidirectional controls, line separators, tags, private use.
pub fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..)
}

/// A line as it is printed, so that it is no command to what runs a build: GitHub takes orders from a line that begins
/// with `::`, and from `##[` anywhere. One character stands for another, so that columns stay true.
pub fn unobeyed(line: &str) -> Cow<'_, str> {
    let blanks = line.len() - line.trim_start().len();
    if line[blanks..].starts_with("::") {
        return Cow::Owned(format!("{}{COLON}{}", &line[..blanks], within(&line[blanks + 1..])));
    }
    within(line)
}

/// The same of a text that does not begin a line.
pub fn within(text: &str) -> Cow<'_, str> {
    if text.contains("##[") { Cow::Owned(text.replace("##[", HASHES)) } else { Cow::Borrowed(text) }
}

/// What looks much like `:` and like `##[`, and is neither.
const COLON: char = '\u{2236}';
const HASHES: &str = "##\u{2045}";

/// A sentence, label or path that may quote a user's text. Line ends are shown, not obeyed.
pub fn line(text: &str) -> Cow<'_, str> {
    if text.chars().all(|character| visible(character) == character && character != '\t') {
        return unobeyed(text);
    }
    let shown: String =
        text.chars().map(|character| if character == '\t' { '\u{2409}' } else { visible(character) }).collect();
    Cow::Owned(unobeyed(&shown).into_owned())
}

/// A whole result, such as a page: its line ends and tabs stay.
pub fn page(text: &str) -> String {
    let line = |line: &str| unobeyed(&line.chars().map(visible).collect::<String>()).into_owned();
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A text of several lines, such as a help with an example.
pub fn lines(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_build_obeys_is_left() {
        assert_eq!(line("::stop-commands::x"), "∶:stop-commands::x");
        assert_eq!(lines("one\n \t::add-mask::x"), "one\n ␉::add-mask::x");
        assert_eq!(lines("one\n  ::add-mask::x"), "one\n  ∶:add-mask::x");
        assert_eq!(page("a::b\n\u{a0}\t::x ##[y]##[z]\n"), "a::b\n\u{a0}\t∶:x ##⁅y]##⁅z]\n");
        assert_eq!(within("::a ##[error]"), "::a ##⁅error]");
        assert!(matches!(line("a ::b ## [c]"), Cow::Borrowed(_)));
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let text = "a\x1b]0;title\x07\r\n\u{9b}2J\u{202e}gpj.exe\u{200b}\t\u{7f}é漢😀";
        assert_eq!(line(text), "a␛]0;title␇␍␊\u{fffd}2J\u{fffd}gpj.exe\u{fffd}␉␡é漢😀");
        assert_eq!(lines("one\ntwo\x1b"), "one\ntwo␛");
        assert_eq!(page("one\ttwo\n\x1b\u{202e}\r\n"), "one\ttwo\n␛\u{fffd}␍\n");
        assert!(matches!(line("plain é"), Cow::Borrowed(_)));
    }
}
