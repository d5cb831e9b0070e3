//! Texts in YAML: which style may hold one, and how each style is written.

use crate::chart::marks::Marks;
use crate::chart::text::Text;

use super::emit::Emitter;

const WIDTH: isize = 80;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// What a text allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub multiline: bool,
    pub plain: bool,
    pub single: bool,
    pub block: bool,
}

pub(super) fn is_break(letter: char) -> bool {
    matches!(letter, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What `go-yaml` v2 takes for printable: no tab, and nothing beyond the basic plane.
fn is_printable(letter: char) -> bool {
    matches!(letter, '\n' | ' '..='~' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

impl Shape {
    pub(super) fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self { multiline: false, plain: true, single: true, block: false };
        }
        let (mut indicators, mut special, mut breaks) = (false, false, false);
        let (mut break_space, mut space_break) = (false, false);
        let (mut after_space, mut after_break) = (false, false);
        let mut after_white = true;
        indicators |= text.starts_with("---") || text.starts_with("...");
        let mut letters = text.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let before_white = letters.peek().is_none_or(|(_, next)| matches!(next, ' ' | '\t'));
            indicators |= match letter {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
                    if at == 0 =>
                {
                    true
                }
                '?' | '-' if at == 0 => before_white,
                ':' => before_white,
                '#' => after_white,
                _ => false,
            };
            special |= !is_printable(letter);
            let (is_space, is_break) = (letter == ' ', is_break(letter));
            break_space |= is_space && after_break;
            space_break |= is_break && after_space;
            breaks |= is_break;
            (after_space, after_break) = (is_space, is_break);
            after_white = is_break || matches!(letter, ' ' | '\t' | '\0');
        }
        let at_edge = |is: fn(char) -> bool| text.starts_with(is) || text.ends_with(is);
        let edges = at_edge(|letter| letter == ' ') || at_edge(is_break);
        let hard = space_break || special;
        Self {
            multiline: breaks,
            plain: !(edges || break_space || hard || breaks || indicators),
            single: !(break_space || hard),
            block: !(text.ends_with(' ') || hard),
        }
    }

    /// The style that is taken, if another one was wanted.
    pub(super) fn style(self, wanted: Style, text: &str, is_key: bool) -> Style {
        let mut style = wanted;
        if is_key && self.multiline {
            style = Style::Double;
        }
        if style == Style::Plain && (!self.plain || (text.is_empty() && is_key)) {
            style = Style::Single;
        }
        if style == Style::Single && !self.single {
            style = Style::Double;
        }
        if style == Style::Literal && (!self.block || is_key) {
            style = Style::Double;
        }
        style
    }
}

impl Emitter {
    pub(super) fn write(&mut self, text: &Text, style: Style, may_fold: bool, marks: &Marks) {
        let may_fold = may_fold && !self.pretty;
        match style {
            Style::Plain => {
                if !self.whitespace {
                    self.out.push_bytes(b" ", marks);
                    self.column += 1;
                }
                self.flow(text, style, may_fold, marks);
            }
            Style::Single | Style::Double => {
                let quote = if style == Style::Single { "'" } else { "\"" };
                self.indicator(quote, true, false, false, marks);
                self.flow(text, style, may_fold, marks);
                self.indicator(quote, false, false, false, marks);
            }
            Style::Literal => return self.literal(text, marks),
        }
        self.whitespace = false;
        self.indention = false;
    }

    /// One letter, or what stands for it.
    fn letter(&mut self, text: &Text, at: usize, letter: char, marks: &Marks) {
        self.out.push_slice(text, at..at + letter.len_utf8(), marks);
        self.column += 1;
    }

    /// Plain and quoted texts, whose lines may be folded at spaces.
    fn flow(&mut self, text: &Text, style: Style, may_fold: bool, marks: &Marks) {
        let whole = text.str();
        let (mut spaces, mut breaks) = (false, false);
        let length = whole.len();
        for (at, letter) in whole.char_indices() {
            let next_is_space = whole[at + letter.len_utf8()..].starts_with(' ');
            if style == Style::Double && (is_escaped(letter)) {
                let escape = escape(letter);
                self.out.push_bytes(escape.as_bytes(), &part_marks(text, at, marks));
                self.column += escape.len() as isize;
                spaces = false;
            } else if letter == ' ' {
                let inside = style == Style::Plain || (at > 0 && at < length - 1);
                let folds = may_fold && !spaces && self.column > WIDTH && inside;
                if folds && (style == Style::Double || !next_is_space) {
                    self.write_indent();
                    if next_is_space {
                        self.out.push_bytes(b"\\", marks);
                        self.column += 1;
                    }
                } else {
                    self.letter(text, at, letter, marks);
                }
                spaces = true;
            } else if style == Style::Single && is_break(letter) {
                if !breaks && letter == '\n' {
                    self.put_break(marks);
                }
                self.line_break(text, at, letter, marks);
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if style == Style::Single && letter == '\'' {
                    self.out.push_bytes(b"'", marks);
                    self.column += 1;
                }
                self.letter(text, at, letter, marks);
                self.indention = false;
                (spaces, breaks) = (false, false);
            }
        }
    }

    fn line_break(&mut self, text: &Text, at: usize, letter: char, marks: &Marks) {
        self.letter(text, at, letter, marks);
        self.column = 0;
        self.indention = true;
    }

    fn literal(&mut self, text: &Text, marks: &Marks) {
        let whole = text.str();
        self.indicator("|", true, false, false, marks);
        if whole.starts_with(|letter| letter == ' ' || is_break(letter)) {
            self.indicator("2", false, false, false, marks);
        }
        let mut ends = whole.chars().rev();
        match (ends.next().is_some_and(is_break), ends.next()) {
            (false, _) => self.indicator("-", false, false, false, marks),
            (true, None) => self.indicator("+", false, false, false, marks),
            (true, Some(before)) if is_break(before) => self.indicator("+", false, false, false, marks),
            _ => {}
        }
        self.put_break(marks);
        (self.indention, self.whitespace) = (true, true);
        let mut breaks = true;
        for (at, letter) in whole.char_indices() {
            if is_break(letter) {
                self.line_break(text, at, letter, marks);
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                self.letter(text, at, letter, marks);
                self.indention = false;
                breaks = false;
            }
        }
    }
}

fn part_marks(text: &Text, at: usize, marks: &Marks) -> Marks {
    match text.pieces().iter().find(|piece| piece.end > at) {
        Some(piece) => piece.marks.and(marks),
        None => marks.clone(),
    }
}

fn is_escaped(letter: char) -> bool {
    !is_printable(letter) || letter == '\u{feff}' || is_break(letter) || matches!(letter, '"' | '\\')
}

fn escape(letter: char) -> String {
    let short = match letter {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            let code = letter as u32;
            return match code {
                ..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}
