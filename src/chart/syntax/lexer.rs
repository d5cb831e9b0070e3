//! Cuts a template into tokens.

use super::tree::Span;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Text,
    LeftDelimiter,
    RightDelimiter,
    Space,
    Assign,
    Declare,
    Pipe,
    LeftParen,
    RightParen,
    /// A single other character: `,`.
    Char,
    Dot,
    Field,
    Variable,
    Identifier,
    Keyword(Keyword),
    Bool,
    Nil,
    Number,
    Character,
    Quoted,
    Raw,
    End,
    Error(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

pub(super) const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// All tokens; the last one is the end, or an error.
pub(super) fn lex(text: &str) -> Vec<(Token, Span)> {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new() };
    if let Err((message, start)) = lexer.run() {
        lexer.tokens.push((Token::Error(message), Span::new(start, text.len().min(lexer.at.max(start)))));
    }
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<(Token, Span)>,
}

type Lexed<T = ()> = Result<T, (String, usize)>;

impl Lexer<'_> {
    fn run(&mut self) -> Lexed {
        while let Some(found) = self.rest().find("{{") {
            let start = self.at;
            let trims = trims_left(&self.text[start + found + 2..]);
            let before = &self.text[start..start + found];
            let kept = if trims { before.trim_end_matches(SPACES) } else { before };
            if !kept.is_empty() {
                self.push(Token::Text, start, start + kept.len());
            }
            self.at = start + found;
            let inside = self.at + 2 + if trims { 2 } else { 0 };
            if self.text[inside.min(self.text.len())..].starts_with("/*") {
                self.comment(inside)?;
            } else {
                self.push(Token::LeftDelimiter, self.at, self.at + 2);
                // Of a trim marker only the `-` is skipped, and the space after it.
                self.at = inside;
                self.action(start + found)?;
            }
        }
        if self.at < self.text.len() {
            self.push(Token::Text, self.at, self.text.len());
            self.at = self.text.len();
        }
        self.push(Token::End, self.at, self.at);
        Ok(())
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn push(&mut self, token: Token, start: usize, end: usize) {
        self.tokens.push((token, Span::new(start, end)));
    }

    fn comment(&mut self, start: usize) -> Lexed {
        let Some(length) = self.text[start + 2..].find("*/") else {
            return Err(("the comment isn't closed by `*/}}`".into(), start));
        };
        self.at = start + 2 + length + 2;
        if !self.right_delimiter() {
            return Err(("a comment must fill the whole tag: `{{/* … */}}`".into(), start));
        }
        Ok(())
    }

    /// Goes past a right delimiter, and the space that it trims, if one is here.
    fn right_delimiter(&mut self) -> bool {
        let trims = self.rest().starts_with(SPACES) && self.rest()[1..].starts_with("-}}");
        if !trims && !self.rest().starts_with("}}") {
            return false;
        }
        self.at += if trims { 4 } else { 2 };
        if trims {
            self.at = self.text.len() - self.rest().trim_start_matches(SPACES).len();
        }
        true
    }

    /// What stands between delimiters, and the right one.
    fn action(&mut self, opened: usize) -> Lexed {
        let mut parens: usize = 0;
        loop {
            let start = self.at;
            if self.right_delimiter() {
                if parens > 0 {
                    return Err(("a `(` isn't closed".into(), start));
                }
                self.push(Token::RightDelimiter, start, self.at);
                return Ok(());
            }
            let Some(letter) = self.rest().chars().next() else {
                return Err(("the tag isn't closed by `}}`".into(), opened));
            };
            if SPACES.contains(&letter) {
                self.spaces();
                continue;
            }
            self.at += letter.len_utf8();
            let token = match letter {
                '=' => Token::Assign,
                ':' if self.accept(|it| it == '=') => Token::Declare,
                ':' => return Err(("`:` must be followed by `=`".into(), start)),
                '|' => Token::Pipe,
                '"' => self.quoted('"', Token::Quoted, start)?,
                '\'' => self.quoted('\'', Token::Character, start)?,
                '`' => {
                    let Some(length) = self.rest().find('`') else {
                        return Err(("the text isn't closed by a backtick".into(), start));
                    };
                    self.at += length + 1;
                    Token::Raw
                }
                '$' => self.name(Token::Variable, Token::Variable)?,
                '.' if !self.rest().starts_with(|next: char| next.is_ascii_digit()) => {
                    self.name(Token::Dot, Token::Field)?
                }
                '.' | '+' | '-' | '0'..='9' => self.number(start)?,
                '(' => {
                    parens += 1;
                    Token::LeftParen
                }
                ')' => {
                    let Some(left) = parens.checked_sub(1) else {
                        return Err(("this `)` closes nothing".into(), start));
                    };
                    parens = left;
                    Token::RightParen
                }
                _ if is_alphanumeric(letter) => {
                    self.name(Token::Identifier, Token::Identifier)?;
                    word(&self.text[start..self.at])
                }
                ' '..='~' => Token::Char,
                _ => return Err((format!("`{letter}` has no meaning in a tag"), start)),
            };
            self.push(token, start, self.at);
        }
    }

    /// A run of spaces, but for one that belongs to a right delimiter that trims.
    fn spaces(&mut self) {
        let start = self.at;
        let mut end = self.text.len() - self.rest().trim_start_matches(SPACES).len();
        if self.text[end..].starts_with("-}}") {
            end -= 1;
        }
        self.at = end;
        if end > start {
            self.push(Token::Space, start, end);
        }
    }

    fn accept(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        match self.rest().chars().next() {
            Some(letter) if wanted(letter) => {
                self.at += letter.len_utf8();
                true
            }
            _ => false,
        }
    }

    fn accept_all(&mut self, wanted: &str) {
        while self.accept(|letter| wanted.contains(letter)) {}
    }

    fn quoted(&mut self, quote: char, token: Token, start: usize) -> Lexed<Token> {
        let mut letters = self.rest().char_indices();
        while let Some((at, letter)) = letters.next() {
            let broken = match letter {
                '\\' => matches!(letters.next(), None | Some((_, '\n'))),
                '\n' => true,
                _ if letter == quote => {
                    self.at += at + quote.len_utf8();
                    return Ok(token);
                }
                _ => false,
            };
            if broken {
                break;
            }
        }
        Err((format!("the text isn't closed by `{quote}` on its line"), start))
    }

    /// The letters of a name whose beginning is behind; `bare` if there are none.
    fn name(&mut self, bare: Token, named: Token) -> Lexed<Token> {
        let start = self.at;
        while self.accept(is_alphanumeric) {}
        if !self.ends_word() {
            let letter = self.rest().chars().next().unwrap_or_default();
            return Err((format!("`{letter}` can't follow a name"), self.at));
        }
        Ok(if self.at == start { bare } else { named })
    }

    fn ends_word(&self) -> bool {
        match self.rest().chars().next() {
            None => true,
            Some(letter) => SPACES.contains(&letter) || ".,|:)(".contains(letter) || self.rest().starts_with("}}"),
        }
    }

    fn number(&mut self, start: usize) -> Lexed<Token> {
        self.at = start;
        let sound = self.scan_number();
        let sound = sound && !self.rest().starts_with(['+', '-']);
        if !sound {
            return Err((format!("`{}` is no number", &self.text[start..self.at]), start));
        }
        Ok(Token::Number)
    }

    fn scan_number(&mut self) -> bool {
        self.accept(|it| "+-".contains(it));
        let mut digits = "0123456789_";
        if self.accept(|it| it == '0') {
            if self.accept(|it| "xX".contains(it)) {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept(|it| "oO".contains(it)) {
                digits = "01234567_";
            } else if self.accept(|it| "bB".contains(it)) {
                digits = "01_";
            }
        }
        self.accept_all(digits);
        if self.accept(|it| it == '.') {
            self.accept_all(digits);
        }
        let exponent = if digits.len() == 11 { "eE" } else { "pP" };
        if (digits.len() == 11 || digits.len() == 23) && self.accept(|it| exponent.contains(it)) {
            self.accept(|it| "+-".contains(it));
            self.accept_all("0123456789_");
        }
        !self.accept(is_alphanumeric)
    }
}

fn trims_left(after: &str) -> bool {
    after.starts_with('-') && after[1..].starts_with(SPACES)
}

fn is_alphanumeric(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

fn word(word: &str) -> Token {
    Token::Keyword(match word {
        "block" => Keyword::Block,
        "break" => Keyword::Break,
        "continue" => Keyword::Continue,
        "define" => Keyword::Define,
        "else" => Keyword::Else,
        "end" => Keyword::End,
        "if" => Keyword::If,
        "range" => Keyword::Range,
        "template" => Keyword::Template,
        "with" => Keyword::With,
        "nil" => return Token::Nil,
        "true" | "false" => return Token::Bool,
        _ => return Token::Identifier,
    })
}
