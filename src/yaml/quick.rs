//! The common case, read quickly: maps and lists in blocks, scalars that stand on one line, blocks of text.
//!
//! The parser knows all of YAML, and takes some two thousand instructions an event for it, a third of a whole run. What
//! this module does not know for certain, every mistake among it, it leaves to the parser; so it needs to know few forms,
//! but what it reads must be what the parser would read. A test holds the two against each other.

use super::build::{Builder, Opening};
use super::{Node, Style, Tag};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::{FileId, Span};

/// Maps and lists within each other, at most; the parser goes deeper without a stack.
const DEPTH: usize = 100;

/// The tree of a text, if it is certain and nothing needs to be said about it.
pub(super) fn read(text: &str, file: FileId, limits: &Limits) -> Option<Node> {
    if !is_known(text) {
        return None;
    }
    let mut findings = Findings::default();
    let builder = Builder::new(text, file, limits, &mut findings);
    let mut quick = Quick { text, file, builder, column: None, at: 0, end: 0, depth: 0 };
    quick.line(0)?;
    quick.column?;
    quick.block(None, None)?;
    let node = if quick.column.is_none() { quick.builder.finish() } else { None };
    node.filter(|_| findings.is_empty())
}

/// Whether all characters mean nothing to YAML beyond what is known here: no tab, no control character, no line separator,
/// byte order mark or non-character, and no blank but the space.
fn is_known(text: &str) -> bool {
    let (known, looked_at) = text.bytes().fold((true, false), |(known, looked_at), byte| {
        let is_common = matches!(byte, b'\n' | b' '..=b'~' | 0x80..=0xee);
        (known & is_common, looked_at | matches!(byte, 0xc2 | 0xe2))
    });
    let means = |char| {
        matches!(
            char,
            '\u{80}'..='\u{a0}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}'
        )
    };
    known && !(looked_at && text.chars().any(means))
}

/// A place in the text, which is that of the next key, value or dash. Every step gives `None` where it is not certain.
struct Quick<'a> {
    text: &'a str,
    file: FileId,
    builder: Builder<'a>,
    /// Of the place; none behind the last line.
    column: Option<usize>,
    at: usize,
    /// Where the line of the place ends.
    end: usize,
    depth: usize,
}

/// A scalar as it is written.
struct Written<'a> {
    text: &'a str,
    style: Style,
    start: usize,
    end: usize,
}

impl<'a> Quick<'a> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes()[..self.end].get(at).copied()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    /// Goes to the first line, from the one that begins at an offset, that is not blank or a comment.
    fn line(&mut self, mut start: usize) -> Option<()> {
        while start < self.text.len() {
            let rest = &self.text[start..];
            self.end = start + rest.bytes().position(|byte| byte == b'\n').unwrap_or(rest.len());
            self.at = self.spaces(start);
            if !matches!(self.byte(self.at), None | Some(b'#')) {
                self.column = Some(self.at - start);
                let other = self.at == start && ["---", "...", "%"].iter().any(|mark| rest.starts_with(mark));
                return (!other).then_some(());
            }
            start = self.end + 1;
        }
        self.column = None;
        Some(())
    }

    /// Behind the blanks at an offset.
    fn spaces(&self, at: usize) -> usize {
        at + self.text.as_bytes()[at..self.end].iter().take_while(|byte| **byte == b' ').count()
    }

    /// Whether nothing but a comment is left of the line.
    fn is_over(&self, at: usize) -> bool {
        let rest = self.spaces(at);
        rest == self.end || (rest > at && self.byte(rest) == Some(b'#'))
    }

    fn is_dash(&self) -> bool {
        self.byte(self.at) == Some(b'-') && matches!(self.byte(self.at + 1), None | Some(b' '))
    }

    /// What begins at the place, whatever it is, within a map or a list at the column `outer`.
    fn block(&mut self, outer: Option<usize>, tag: Option<Tag>) -> Option<()> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let column = self.column?;
        if self.is_dash() {
            self.list(column, tag)?;
        } else if let Some(key) = self.key() {
            self.map(column, tag, key)?;
        } else if tag.is_none() {
            self.value(self.at, outer)?;
        } else {
            return None;
        }
        self.depth -= 1;
        Some(())
    }

    fn list(&mut self, column: usize, tag: Option<Tag>) -> Option<()> {
        self.builder.open(Opening::List, self.at as u32, tag, 0);
        while self.column == Some(column) && self.is_dash() {
            let dash = self.at;
            if self.is_over(dash + 1) {
                self.line(self.end + 1)?;
                if self.column <= Some(column) {
                    return None; // Of an item that nobody wrote, the parser says where it is.
                }
            } else {
                self.at = self.spaces(dash + 1);
                self.column = Some(column + self.at - dash);
            }
            self.block(Some(column), None)?;
            self.in_order()?;
        }
        self.close(column)
    }

    fn map(&mut self, column: usize, tag: Option<Tag>, first: Written<'a>) -> Option<()> {
        self.builder.open(Opening::Map, self.at as u32, tag, 0);
        let mut first = Some(first);
        while self.column == Some(column) && !self.is_dash() {
            let key = first.take().or_else(|| self.key())?;
            let colon = key.end;
            self.scalar(&key, None);
            if self.is_over(colon + 1) {
                self.line(self.end + 1)?;
                if self.column > Some(column) {
                    self.block(Some(column), None)?;
                } else if self.column == Some(column) && self.is_dash() {
                    if self.byte(self.spaces(self.at + 1)) == Some(b'-') {
                        return None; // The parser is a dash off.
                    }
                    self.list(column, None)?;
                } else {
                    self.builder.scalar("", Style::Plain, self.span(colon + 1, colon + 1), None, 0);
                }
            } else {
                self.value(self.spaces(colon + 1), Some(column))?;
            }
            self.in_order()?;
        }
        self.close(column)
    }

    /// Ends a map or a list; the next line belongs to one around it.
    fn close(&mut self, column: usize) -> Option<()> {
        self.builder.close(self.span(0, 0));
        (self.column <= Some(column)).then_some(())
    }

    fn in_order(&self) -> Option<()> {
        (!self.builder.exhausted()).then_some(())
    }

    fn scalar(&mut self, written: &Written<'_>, tag: Option<Tag>) {
        let span = self.span(written.start, written.end);
        self.builder.scalar(written.text, written.style, span, tag, 0);
    }

    /// The key at the place, if one is there. Its colon stands at its end.
    fn key(&self) -> Option<Written<'a>> {
        let key = self.line_scalar(self.at)?;
        let is_key = self.byte(key.end) == Some(b':') && matches!(self.byte(key.end + 1), None | Some(b' '));
        is_key.then_some(key)
    }

    /// The value that begins at an offset of the line and belongs to a map or a list at the column `outer`.
    fn value(&mut self, at: usize, outer: Option<usize>) -> Option<()> {
        let (at, tag) = self.tag(at)?;
        if tag.is_some() && self.is_over(at) {
            self.line(self.end + 1)?;
            return if self.column > outer { self.block(outer, tag) } else { None };
        }
        let end = match self.byte(at)? {
            b'|' | b'>' => return self.text_block(at, outer, tag),
            b'[' | b'{' => self.flow(at, tag)?,
            _ => {
                let written = self.line_scalar(at)?;
                self.scalar(&written, tag);
                written.end
            }
        };
        // A line that is indented further goes on with this value.
        let over = self.is_over(end);
        self.line(self.end + 1)?;
        (over && self.column <= outer).then_some(())
    }

    /// A tag at an offset, and what it is for.
    fn tag(&self, at: usize) -> Option<(usize, Option<Tag>)> {
        if self.byte(at) != Some(b'!') {
            return Some((at, None));
        }
        let name = self.text[at + 1..self.end].bytes().take_while(u8::is_ascii_alphanumeric).count();
        let end = at + 1 + name;
        if name == 0 || !matches!(self.byte(end), None | Some(b' ')) {
            return None;
        }
        let tag = Tag { text: self.text[at..end].into(), span: self.span(at, end) };
        Some((self.spaces(end), Some(tag)))
    }

    /// A scalar that begins at an offset and ends on the same line.
    fn line_scalar(&self, start: usize) -> Option<Written<'a>> {
        let first = self.byte(start)?;
        if let b'"' | b'\'' = first {
            let text = &self.text[start + 1..self.end];
            let text = &text[..text.find(char::from(first))?];
            let end = start + text.len() + 2;
            // Two single quotes are one.
            let certain = !text.contains('\\') && self.byte(end) != Some(b'\'');
            return certain.then_some(Written { text, style: Style::Quoted, start, end });
        }
        let certain = match first {
            b'-' => !matches!(self.byte(start + 1), None | Some(b' ')),
            _ => !b"?:,[]{}#&*!|>%@` ".contains(&first),
        };
        let text = &self.text.as_bytes()[start..self.end];
        let mut end = text.len();
        for (at, pair) in text.windows(2).enumerate() {
            if matches!(pair, b": " | b" #") {
                end = at;
                break;
            }
        }
        if end == text.len() && text.ends_with(b":") {
            end -= 1;
        }
        let text = self.text[start..start + end].trim_end_matches(' ');
        certain.then_some(Written { text, style: Style::Plain, start, end: start + text.len() })
    }

    /// `[a, "b"]`, `{a: [b]}` or a scalar within them; gives the offset behind it.
    fn flow(&mut self, start: usize, tag: Option<Tag>) -> Option<usize> {
        let (opening, bracket) = match self.byte(start)? {
            b'[' => (Opening::List, b']'),
            b'{' => (Opening::Map, b'}'),
            _ => {
                let written = self.flow_scalar(start)?;
                self.scalar(&written, tag);
                return Some(written.end);
            }
        };
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        self.builder.open(opening, start as u32, tag, 0);
        let mut at = self.spaces(start + 1);
        if self.byte(at) != Some(bracket) {
            loop {
                if bracket == b'}' {
                    let key = self.flow_scalar(at)?;
                    self.scalar(&key, None);
                    if self.byte(key.end) != Some(b':') || self.byte(key.end + 1) != Some(b' ') {
                        return None;
                    }
                    at = self.spaces(key.end + 1);
                }
                let (value, tag) = self.tag(at)?;
                at = self.flow(value, tag)?;
                at = self.spaces(at);
                match self.byte(at)? {
                    b',' => at = self.spaces(at + 1),
                    byte if byte == bracket => break,
                    _ => return None,
                }
            }
        }
        self.depth -= 1;
        self.builder.close(self.span(at, at + 1));
        Some(at + 1)
    }

    /// Words of letters, digits and the signs that mean nothing there, or a scalar in quotes.
    fn flow_scalar(&self, start: usize) -> Option<Written<'a>> {
        if let Some(b'"' | b'\'') = self.byte(start) {
            return self.line_scalar(start);
        }
        let inner = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_./- *".contains(byte);
        let len = self.text.as_bytes()[start..self.end].iter().take_while(|byte| inner(byte)).count();
        let text = self.text[start..start + len].trim_end_matches(' ');
        let certain = text.starts_with(|first| !matches!(first, '-' | '*'));
        certain.then_some(Written { text, style: Style::Plain, start, end: start + text.len() })
    }

    /// `|`, `>`, `|-` or `>-` and the lines of its text.
    fn text_block(&mut self, at: usize, outer: Option<usize>, tag: Option<Tag>) -> Option<()> {
        let (is_folded, is_stripped) = match self.text[at..self.end].trim_end_matches(' ') {
            "|" => (false, false),
            "|-" => (false, true),
            ">" => (true, false),
            ">-" => (true, true),
            _ => return None,
        };
        let first = self.end + 1;
        let rest = self.text.get(first..)?;
        let indent = rest.bytes().take_while(|byte| *byte == b' ').count();
        // A blank first line could be indented too far; at the margin, lines could be marks of documents.
        if Some(indent) <= outer || indent == 0 || matches!(rest.as_bytes().get(indent), None | Some(b'\n')) {
            return None;
        }
        let mut text = String::new();
        let mut blank = 0;
        let (mut start, mut end) = (first, first);
        for line in rest.split_inclusive('\n') {
            let content = line.strip_suffix('\n').unwrap_or(line);
            let own = content.trim_start_matches(' ');
            if own.is_empty() {
                if content.len() > indent {
                    return None;
                }
                blank += 1;
            } else if content.len() - own.len() < indent {
                break;
            } else {
                if is_folded && content.len() - own.len() > indent {
                    return None; // Around lines that are indented further, nothing is folded.
                }
                if end > first {
                    match (is_folded, blank) {
                        (false, _) => text.push('\n'),
                        (true, 0) => text.push(' '),
                        (true, _) => {}
                    }
                }
                text.extend(std::iter::repeat_n('\n', blank));
                blank = 0;
                text.push_str(&content[indent..]);
                end = start + content.len();
            }
            start += line.len();
        }
        // Where the file ends without a line break, the text has none to keep.
        if !is_stripped && end < self.text.len() {
            text.push('\n');
        }
        let end = self.text[..end].trim_end().len();
        let span = self.span(first + indent, end);
        self.builder.scalar(&text, Style::Block, span, tag, 0);
        self.line(start)?;
        (self.column <= outer).then_some(())
    }
}
