//! Texts in quotes, with escapes, as `%q` writes them.

/// A text in double quotes; `\xff` for what is no UTF-8.
pub(in crate::chart) fn quoted(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|letter| escape(&mut out, letter, '"', false));
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out.push('"');
    out
}

pub(super) fn quoted_ascii(bytes: &[u8]) -> String {
    let mut out = String::from('"');
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|letter| escape(&mut out, letter, '"', true));
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out.push('"');
    out
}

pub(super) fn quoted_char(letter: char, ascii: bool) -> String {
    let mut out = String::from('\'');
    escape(&mut out, letter, '\'', ascii);
    out.push('\'');
    out
}

/// One letter of a quoted text.
pub(super) fn escape(out: &mut String, letter: char, quote: char, ascii: bool) {
    match letter {
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        '\\' => out.push_str("\\\\"),
        _ if letter == quote => {
            out.push('\\');
            out.push(letter);
        }
        ' '..='~' => out.push(letter),
        '\0'..' ' | '\u{7f}' => out.push_str(&format!("\\x{:02x}", letter as u32)),
        _ if !ascii && is_printable(letter) => out.push(letter),
        '\0'..='\u{ffff}' => out.push_str(&format!("\\u{:04x}", letter as u32)),
        _ => out.push_str(&format!("\\U{:08x}", letter as u32)),
    }
}

/// Letters, marks, numbers, punctuation and symbols; of spaces only the one of ASCII.
pub(super) fn is_printable(letter: char) -> bool {
    letter == ' '
        || (!letter.is_whitespace() && !matches!(letter.escape_debug().next(), Some('\\')) || is_mark(letter))
        || matches!(letter, '\\' | '"' | '\'')
}

/// `escape_debug` escapes what combines with the letter before, which Go prints.
fn is_mark(letter: char) -> bool {
    let mut escaped = String::from('a');
    escaped.push(letter);
    !letter.is_whitespace() && !escaped.escape_debug().skip(1).any(|it| it == '\\')
}
