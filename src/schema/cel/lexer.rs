//! The tokens of CEL, one at a time.

use std::sync::Arc;

use super::syntax::Problem;
use super::value::Value;
use crate::finding::suggest::is_typographic;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    End,
    Identifier,
    /// A name in backquotes: a field that is no identifier.
    QuotedField(Arc<str>),
    Literal(Literal),
    /// One or two characters: an operator or a bracket.
    Sign(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Int(i64),
    /// `9223372036854775808`, which is an integer only behind a minus.
    LowestInt,
    Uint(u64),
    Double(f64),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
}

impl Literal {
    pub(super) fn value(self) -> Option<Value> {
        Some(match self {
            Self::Int(value) => Value::Int(value),
            Self::LowestInt => return None,
            Self::Uint(value) => Value::Uint(value),
            Self::Double(value) => Value::Double(value),
            Self::String(text) => Value::String(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        })
    }
}

/// Longer signs first.
const SIGNS: [&str; 26] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]",
    "{", "}", "=", "&",
];

pub(super) struct Lexer<'a> {
    text: &'a str,
    pub(super) at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next token and where it starts; it ends at `at`.
    pub(super) fn next(&mut self) -> Result<(Token, usize), Problem> {
        self.skip_blanks();
        let start = self.at;
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let Some(&first) = bytes.first() else { return Ok((Token::End, start)) };
        let prefixed = |prefixes: &[u8]| prefixes.contains(&first) && matches!(bytes.get(1), Some(b'"' | b'\''));
        let doubly = matches!(
            bytes,
            [b'r' | b'R', b'b' | b'B', b'"' | b'\'', ..] | [b'b' | b'B', b'r' | b'R', b'"' | b'\'', ..]
        );
        let token = if matches!(first, b'"' | b'\'') || prefixed(b"rRbB") || doubly {
            Token::Literal(self.string(start)?)
        } else if first.is_ascii_digit() || (first == b'.' && bytes.get(1).is_some_and(u8::is_ascii_digit)) {
            Token::Literal(self.number(start)?)
        } else if first.is_ascii_alphabetic() || first == b'_' {
            self.at += rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
            Token::Identifier
        } else if first == b'`' {
            let Some(end) = rest[1..].find('`') else {
                return Err(problem(start, self.text.len(), "this backquote is never closed"));
            };
            self.at += end + 2;
            Token::QuotedField(rest[1..=end].into())
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            self.at += sign.len();
            Token::Sign(sign)
        } else {
            let letter = rest.chars().next().unwrap_or_default();
            let end = start + letter.len_utf8();
            let help = match letter {
                '|' => Some("write `||`".to_owned()),
                letter if is_typographic(letter) => {
                    Some("this is a quote of a word processor: write `\"` or `'`".to_owned())
                }
                _ => None,
            };
            return Err(Problem { help, ..problem(start, end, format!("`{letter}` has no meaning in CEL")) });
        };
        Ok((token, start))
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn number(&mut self, start: usize) -> Result<Literal, Problem> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let digits = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if rest.starts_with("0x") || rest.starts_with("0X") {
            let end = 2 + bytes[2..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            return self.integer(start, end, &rest[2..end], 16);
        }
        let whole = digits(0);
        let mut end = whole;
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                end = digits(end + 1 + sign);
            }
        }
        if end == whole {
            return self.integer(start, end, &rest[..end], 10);
        }
        self.at = start + end;
        rest[..end].parse().map(Literal::Double).map_err(|_| problem(start, self.at, "this is not a number"))
    }

    fn integer(&mut self, start: usize, end: usize, digits: &str, base: u32) -> Result<Literal, Problem> {
        self.at = start + end;
        let unsigned = matches!(self.rest().as_bytes().first(), Some(b'u' | b'U'));
        self.at += usize::from(unsigned);
        let too_large = || problem(start, start + end, "this number does not fit into 64 bits");
        let value = u64::from_str_radix(digits, base).map_err(|_| too_large())?;
        if unsigned {
            return Ok(Literal::Uint(value));
        }
        match i64::try_from(value) {
            Ok(value) => Ok(Literal::Int(value)),
            Err(_) if value == 1 << 63 => Ok(Literal::LowestInt),
            Err(_) => Err(too_large()),
        }
    }

    fn string(&mut self, start: usize) -> Result<Literal, Problem> {
        let rest = self.rest();
        let prefix = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let raw = rest[..prefix].contains(['r', 'R']);
        let bytes = rest[..prefix].contains(['b', 'B']);
        let body = &rest[prefix..];
        let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| body.starts_with(quote)).unwrap_or("\"");
        let inner_start = start + prefix + quote.len();
        let mut content: Vec<u8> = Vec::new();
        let mut at = inner_start;
        loop {
            let rest = &self.text[at..];
            if rest.starts_with(quote) {
                self.at = at + quote.len();
                break;
            }
            let Some(letter) = rest.chars().next() else {
                return Err(problem(start, start + prefix + quote.len(), "this string is never closed"));
            };
            if letter == '\n' && quote.len() == 1 {
                return Err(problem(start, at, "a string ends on the line where it begins"));
            }
            if letter == '\\' && !raw {
                at += self.escape(at, bytes, &mut content)?;
            } else {
                content.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                at += letter.len_utf8();
                // Behind a backslash a quote does not end a raw string either.
                if raw && letter == '\\' && self.text[at..].starts_with(['"', '\'']) {
                    content.push(self.text.as_bytes()[at]);
                    at += 1;
                }
            }
        }
        if bytes {
            return Ok(Literal::Bytes(content.into()));
        }
        let text = String::from_utf8(content).map_err(|_| problem(start, self.at, "this is not text"))?;
        Ok(Literal::String(text.into()))
    }

    /// Reads one escape at `at`; its length.
    fn escape(&self, at: usize, bytes: bool, content: &mut Vec<u8>) -> Result<usize, Problem> {
        let rest = &self.text[at + 1..];
        let letter = rest.chars().next().unwrap_or_default();
        let unknown = || problem(at, at + 1 + letter.len_utf8(), format!("there is no escape `\\{letter}`"));
        let (digits, base) = match letter {
            'x' | 'X' => (2, 16),
            'u' => (4, 16),
            'U' => (8, 16),
            '0'..='3' => (3, 8),
            _ => {
                let byte = match letter {
                    'n' => b'\n',
                    't' => b'\t',
                    'r' => b'\r',
                    'a' => 7,
                    'b' => 8,
                    'f' => 12,
                    'v' => 11,
                    '\\' | '\'' | '"' | '`' | '?' => letter as u8,
                    _ => return Err(unknown()),
                };
                content.push(byte);
                return Ok(2);
            }
        };
        let from = usize::from(base == 16);
        let code = rest.get(from..from + digits).and_then(|digits| u32::from_str_radix(digits, base).ok());
        let code = code.ok_or_else(unknown)?;
        if bytes && digits < 4 {
            content.push(u8::try_from(code).map_err(|_| unknown())?);
        } else {
            let letter = char::from_u32(code).ok_or_else(unknown)?;
            content.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(1 + from + digits)
    }
}

pub(super) fn problem(start: usize, end: usize, message: impl Into<String>) -> Problem {
    Problem { start, end, message: message.into(), help: None }
}
