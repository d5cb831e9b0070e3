//! The tokens of a template. The engine's own lexer counts lines and columns letter by letter; this one only looks for
//! what tags are made of, and leaves all that it does not know for certain, every mistake among it, to the engine's. What
//! it reads must be what that would read: a test holds the two against each other.

use std::ops::Range;

use minijinja::machinery::{self, Token};

use super::engine;

/// Something that tokens are shown to.
pub(super) trait Look<'t>: Clone {
    /// Numbers and texts are shown without what they hold.
    fn look(&mut self, token: &Token<'t>, range: Range<usize>);
}

impl<'t> Look<'t> for () {
    fn look(&mut self, _: &Token<'t>, _: Range<usize>) {}
}

/// Shows all tokens of a text, as far as it can be read.
pub(super) fn show<'t, L: Look<'t>>(text: &'t str, look: &mut L) {
    let mut quickly = look.clone();
    if quick(text, &mut quickly).is_some() {
        *look = quickly;
        return;
    }
    for token in machinery::tokenize(text, false, engine::syntax()) {
        let Ok((token, span)) = token else { break };
        look.look(&token, span.start_offset as usize..span.end_offset as usize);
    }
}

/// The same, if it is certain.
fn quick<'t, L: Look<'t>>(text: &'t str, look: &mut L) -> Option<()> {
    let mut lexer = Lexer { text, at: 0, trims: false, balance: 0 };
    while lexer.at < text.len() {
        lexer.text(look)?;
    }
    Some(())
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// The tag before takes the blanks behind it.
    trims: bool,
    /// Brackets that are open: an end within them is none. The engine goes on counting in the next tag.
    balance: isize,
}

/// What a tag begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Print,
    Statement,
    Comment,
}

impl<'t> Lexer<'t> {
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or_default()
    }

    /// Literal text, and the tag behind it.
    fn text<L: Look<'t>>(&mut self, look: &mut L) -> Option<()> {
        if std::mem::take(&mut self.trims) {
            self.at = self.text.len() - self.text[self.at..].trim_start().len();
        }
        let start = self.start();
        let end = start.map_or(self.text.len(), |(at, _)| at);
        let is_sign = |at: usize| matches!(self.byte(at), b'-' | b'+');
        let mut lead = &self.text[self.at..end];
        if start.is_some() && self.byte(end + 2) == b'-' {
            lead = lead.trim_end();
        }
        if !lead.is_empty() {
            look.look(&Token::TemplateData(lead), self.at..self.at + lead.len());
        }
        let Some((at, start)) = start else {
            self.at = end;
            return Some(());
        };
        self.at = at + 2 + usize::from(is_sign(at + 2));
        match start {
            Start::Comment => self.comment(),
            Start::Print => {
                look.look(&Token::VariableStart, at..self.at);
                self.tag(b'}', &Token::VariableEnd, look)
            }
            Start::Statement => {
                // What is between `{% raw %}` and its end is text.
                let name = self.text[self.at..].trim_start();
                if name.starts_with("raw") {
                    return None;
                }
                look.look(&Token::BlockStart, at..self.at);
                self.tag(b'%', &Token::BlockEnd, look)
            }
        }
    }

    /// Where the next tag begins.
    fn start(&self) -> Option<(usize, Start)> {
        let braces = self.text[self.at..].match_indices('{').map(|(at, _)| self.at + at);
        braces.into_iter().find_map(|at| {
            let start = match self.byte(at + 1) {
                b'{' => Start::Print,
                b'%' => Start::Statement,
                b'#' => Start::Comment,
                _ => return None,
            };
            Some((at, start))
        })
    }

    /// Behind a comment.
    fn comment(&mut self) -> Option<()> {
        let end = self.at + self.text[self.at..].find("#}")?;
        self.trims = end > self.at && self.byte(end - 1) == b'-';
        self.at = end + 2;
        Some(())
    }

    /// A tag up to its end, which is a sign and `}`.
    fn tag<L: Look<'t>>(&mut self, sign: u8, end: &Token<'t>, look: &mut L) -> Option<()> {
        while self.at < self.text.len() {
            let start = self.at;
            let is_end = |at: usize| self.balance == 0 && self.byte(at) == sign && self.byte(at + 1) == b'}';
            match self.byte(start) {
                byte if byte.is_ascii_whitespace() => self.at += 1,
                b'-' | b'+' if is_end(start + 1) => {
                    self.trims = self.byte(start) == b'-';
                    self.at += 3;
                    look.look(end, start..self.at);
                    return Some(());
                }
                _ if is_end(start) => {
                    self.at += 2;
                    look.look(end, start..self.at);
                    return Some(());
                }
                _ => {
                    let token = self.token()?;
                    look.look(&token, start..self.at);
                }
            }
        }
        None
    }

    fn token(&mut self) -> Option<Token<'t>> {
        let start = self.at;
        let (token, length) = match (self.byte(start), self.byte(start + 1)) {
            (b'/', b'/') => (Token::FloorDiv, 2),
            (b'*', b'*') => (Token::Pow, 2),
            (b'=', b'=') => (Token::Eq, 2),
            (b'!', b'=') => (Token::Ne, 2),
            (b'>', b'=') => (Token::Gte, 2),
            (b'<', b'=') => (Token::Lte, 2),
            (b'+', _) => (Token::Plus, 1),
            (b'-', _) => (Token::Minus, 1),
            (b'*', _) => (Token::Mul, 1),
            (b'/', _) => (Token::Div, 1),
            (b'%', _) => (Token::Mod, 1),
            (b'.', _) => (Token::Dot, 1),
            (b',', _) => (Token::Comma, 1),
            (b':', _) => (Token::Colon, 1),
            (b'~', _) => (Token::Tilde, 1),
            (b'|', _) => (Token::Pipe, 1),
            (b'=', _) => (Token::Assign, 1),
            (b'>', _) => (Token::Gt, 1),
            (b'<', _) => (Token::Lt, 1),
            (b'(', _) => (Token::ParenOpen, 1),
            (b')', _) => (Token::ParenClose, 1),
            (b'[', _) => (Token::BracketOpen, 1),
            (b']', _) => (Token::BracketClose, 1),
            (b'{', _) => (Token::BraceOpen, 1),
            (b'}', _) => (Token::BraceClose, 1),
            (quote @ (b'"' | b'\''), _) => (Token::Str(""), self.quoted(quote)?),
            (b'0'..=b'9', _) => (Token::Int(0), self.digits()?),
            (b'a'..=b'z' | b'A'..=b'Z' | b'_', _) => {
                let length = self.word()?;
                (Token::Ident(&self.text[start..start + length]), length)
            }
            _ => return None,
        };
        match token {
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => self.balance += 1,
            Token::ParenClose | Token::BracketClose | Token::BraceClose => self.balance -= 1,
            _ => {}
        }
        self.at += length;
        Some(token)
    }

    /// The length of a text in quotes, if it holds no escapes.
    fn quoted(&self, quote: u8) -> Option<usize> {
        let inner = &self.text.as_bytes()[self.at + 1..];
        let end = inner.iter().position(|byte| *byte == quote || *byte == b'\\')?;
        (inner[end] == quote).then_some(end + 2)
    }

    /// The length of a whole number in ordinary digits.
    fn digits(&self) -> Option<usize> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let goes_on = |byte: &u8| matches!(byte, b'.' | b'_' | 0x80..) || byte.is_ascii_alphabetic();
        (length < 19 && !rest.get(length).is_some_and(goes_on)).then_some(length)
    }

    fn word(&self) -> Option<usize> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        rest.get(length).is_none_or(u8::is_ascii).then_some(length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Default, PartialEq, Debug)]
    struct Seen(Vec<(String, Range<usize>)>);

    impl<'t> Look<'t> for Seen {
        fn look(&mut self, token: &Token<'t>, range: Range<usize>) {
            let name = match token {
                Token::Str(_) | Token::String(_) => "a text".to_owned(),
                Token::Int(_) | Token::Int128(_) | Token::Float(_) => "a number".to_owned(),
                token => format!("{token:?}"),
            };
            self.0.push((name, range));
        }
    }

    /// What the engine reads; none if it finds a mistake.
    fn by_engine(text: &str) -> Option<Seen> {
        let mut seen = Seen::default();
        for token in machinery::tokenize(text, false, engine::syntax()) {
            let (token, span) = token.ok()?;
            seen.look(&token, span.start_offset as usize..span.end_offset as usize);
        }
        Some(seen)
    }

    fn quickly(text: &str) -> Option<Seen> {
        let mut seen = Seen::default();
        quick(text, &mut seen).map(|()| seen)
    }

    fn piece() -> impl Strategy<Value = &'static str> {
        proptest::sample::select(vec![
            "{{", "}}", "{%", "%}", "{#", "#}", "{{-", "-}}", "{%-", "-%}", "{%+", "+%}", "{#-", "-#}", "a", "b.c",
            " ", "\n", "\t", "raw", "endraw", "if", "set", "=", "==", "!=", "<=", "//", "**", "~", "|", "(", ")", "[",
            "]", "{", "}", "'x'", "\"y\"", "'", "\\", "1", "1.5", "0x1F", "007", "1_0", "ä", "\u{a0}", "$", "!", "%",
            "-", "+", ",", ":", "text: ", "'}}'", "x1", "_y",
        ])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn what_is_read_quickly_is_what_the_engine_reads(pieces in proptest::collection::vec(piece(), 0..14)) {
            let text = pieces.concat();
            if let Some(seen) = quickly(&text) {
                prop_assert_eq!(Some(seen), by_engine(&text), "{}", text);
            }
        }
    }

    #[test]
    fn ordinary_templates_are_read_quickly() {
        for text in [
            "a: {{ b.c | default('x') }}\n{%- for x in y %}\n- {{ x['k'] ~ 1 }}\n{% endfor -%}\n  {# note -#}\n end\n",
            "{% set a = {'b': {'c': 1}} %}{{ a.b.c if a is defined else (1 + 2) * 3 }}",
            "plain\n",
            "",
        ] {
            assert_eq!(quickly(text), by_engine(text), "{text}");
            assert!(quickly(text).is_some(), "{text}");
        }
        for text in
            ["{% raw %}{{ x }}{% endraw %}", "{{ 'a\\n' }}", "{{ a", "{# a", "{{ 1.5 }}", "{{ ä }}", "{{ a ? }}"]
        {
            assert_eq!(quickly(text), None, "{text}");
        }
    }
}
