//! The lines around the place where the parser gave up.

use std::ops::Range;

pub(super) struct Lines<'a> {
    pub(super) text: &'a str,
    /// Where the parser gave up, on a character's boundary.
    pub(super) at: usize,
}

/// A line without its end.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) start: usize,
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    /// Without indentation, and without blanks at the end.
    pub(super) fn code(self) -> &'a str {
        self.text.trim()
    }

    pub(super) fn indent(self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    pub(super) fn code_range(self) -> Range<usize> {
        let start = self.start + self.indent();
        start..start + self.code().len()
    }

    fn is_blank(self) -> bool {
        self.code().is_empty() || self.code().starts_with('#')
    }

    /// `key: value` or `key:`, the key's range, if the line begins with one; behind `- ` too.
    pub(super) fn key(self) -> Option<Range<usize>> {
        let code = self.text.trim_start_matches([' ', '-']);
        let start = self.start + self.text.len() - code.len();
        let end = code.find(": ").or_else(|| code.trim_end().strip_suffix(':').map(str::len))?;
        (end > 0).then_some(start..start + end)
    }

    /// What follows the key's colon.
    pub(super) fn value(self) -> Option<Range<usize>> {
        let key = self.key()?;
        let rest = &self.text[key.end - self.start + 1..];
        let value = rest.trim();
        let start = key.end + 1 + (rest.len() - rest.trim_start().len());
        (!value.is_empty() && !value.starts_with('#')).then_some(start..start + value.len())
    }

    /// The colon of `key:value`, where a blank is missing.
    pub(super) fn tight_colon(self) -> Option<usize> {
        let code = self.text.trim_start_matches([' ', '-']);
        let colon = code.find(':')?;
        let word = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '/' | '"' | '\'');
        let key = !code[..colon].is_empty() && code[..colon].chars().all(word);
        let tight = code[colon + 1..].chars().next().is_some_and(|char| !char.is_whitespace());
        (key && tight && self.key().is_none()).then_some(self.start + self.text.len() - code.len() + colon)
    }
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        Self { text, at }
    }

    /// The line that a byte stands on.
    pub(super) fn line(&self, at: usize) -> Line<'a> {
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = self.text[start..].find('\n').map_or(self.text.len(), |length| start + length);
        Line { start, text: self.text[start..end].trim_end_matches('\r') }
    }

    /// The lines above a byte that hold more than a comment, the nearest first.
    pub(super) fn above(&self, at: usize) -> impl Iterator<Item = Line<'a>> {
        let mut start = self.line(at).start;
        std::iter::from_fn(move || {
            let end = start.checked_sub(1)?;
            let line = self.line(end);
            start = line.start;
            Some(line)
        })
        .filter(|line| !line.is_blank())
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn char_at(&self, at: usize) -> char {
        self.text[at..].chars().next().unwrap_or(' ')
    }

    /// The end of the word that begins at a byte, on its line; at a blank, the byte itself.
    pub(super) fn word_end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + rest.find(char::is_whitespace).unwrap_or(rest.len())
    }

    /// The mark of a merge conflict at the place, or on the line above it.
    pub(super) fn conflict(&self) -> Option<Range<usize>> {
        let marks = |line: &Line<'_>| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.text.starts_with(mark));
        std::iter::once(self.line(self.at)).chain(self.above(self.at).take(1)).find(marks).map(Line::code_range)
    }
}
