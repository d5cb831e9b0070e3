//! What the engine's parser or compiler would recurse on too deeply, told before they see it; and the words of a text.

use std::ops::Range;

use minijinja::machinery::{self, Token};

use crate::limits::Limits;
use crate::template::engine;
use crate::template::tokens::Look;

/// Brackets and blocks within each other. The engine's parser recurses on both.
const DEEPEST: usize = 40;

/// Bytes of one line.
const LONGEST_LINE: usize = 60 << 10;

/// The names and the texts in the expressions of a text.
pub(in crate::template) fn words(text: &str) -> impl Iterator<Item = String> {
    machinery::tokenize(text, false, engine::syntax()).filter_map(|token| match token.ok()?.0 {
        Token::Ident(name) => Some(name.to_owned()),
        Token::Str(text) => Some(text.to_owned()),
        Token::String(text) => Some(text.to_string()),
        _ => None,
    })
}

/// A line that is longer than the engine can count.
pub(super) fn long_line(text: &str) -> Option<(Range<usize>, String)> {
    // The engine counts columns in 16 bits, and fails at the end of them.
    if text.len() <= LONGEST_LINE {
        return None;
    }
    let mut start = 0;
    for line in text.split('\n') {
        if line.len() > LONGEST_LINE {
            return Some((start..start, format!("a line has more than {LONGEST_LINE} bytes")));
        }
        start += line.len() + 1;
    }
    None
}

/// Tells what the parser or the compiler would recurse on too deeply from the tokens that pass by.
#[derive(Clone)]
pub(super) struct Complexity<'t> {
    most_operators: usize,
    operators: usize,
    brackets: usize,
    /// One entry a block: how many levels of the parser it takes.
    blocks: Vec<usize>,
    statement: Option<&'t str>,
    is_assignment: bool,
    /// The token before began a statement.
    is_first: bool,
    /// What is too deep first.
    pub(super) found: Option<(Range<usize>, String)>,
}

impl Complexity<'_> {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            most_operators: limits.expression_operators,
            operators: 0,
            brackets: 0,
            blocks: Vec::new(),
            statement: None,
            is_assignment: false,
            is_first: false,
            found: None,
        }
    }

    fn operator(&mut self, range: &Range<usize>) {
        self.operators += 1;
        let most = self.most_operators;
        if self.operators > most {
            self.find(range, || format!("an expression has more than {most} operators"));
        }
    }

    fn end_statement(&mut self) {
        match self.statement {
            Some("for" | "if" | "with" | "autoescape" | "filter" | "block" | "macro" | "call") => self.blocks.push(1),
            Some("set") if !self.is_assignment => self.blocks.push(1),
            Some("elif") => {
                if let Some(levels) = self.blocks.last_mut() {
                    *levels += 1;
                }
            }
            Some(name) if name.starts_with("end") => drop(self.blocks.pop()),
            _ => {}
        }
    }

    fn find(&mut self, range: &Range<usize>, message: impl FnOnce() -> String) {
        self.found.get_or_insert_with(|| (range.clone(), message()));
    }
}

impl<'t> Look<'t> for Complexity<'t> {
    fn look(&mut self, token: &Token<'t>, range: Range<usize>) {
        let is_first = std::mem::take(&mut self.is_first);
        match token {
            Token::VariableStart | Token::BlockStart => {
                (self.operators, self.brackets, self.statement, self.is_assignment) = (0, 0, None, false);
                self.is_first = matches!(token, Token::BlockStart);
            }
            Token::BlockEnd => {
                self.end_statement();
                if self.blocks.iter().sum::<usize>() > DEEPEST {
                    self.find(&range, || format!("blocks are nested more than {DEEPEST} deep"));
                }
            }
            Token::Ident(name) if is_first => self.statement = Some(name),
            Token::Assign => self.is_assignment = true,
            Token::Ident("and" | "or" | "not" | "in" | "is" | "if" | "else")
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::FloorDiv
            | Token::Pow
            | Token::Mod
            | Token::Tilde
            | Token::Pipe
            | Token::Dot
            | Token::Eq
            | Token::Ne
            | Token::Gt
            | Token::Gte
            | Token::Lt
            | Token::Lte => self.operator(&range),
            Token::BracketOpen | Token::ParenOpen | Token::BraceOpen => {
                self.operator(&range);
                self.brackets += 1;
                if self.brackets > DEEPEST {
                    self.find(&range, || format!("brackets are nested more than {DEEPEST} deep"));
                }
            }
            Token::BracketClose | Token::ParenClose | Token::BraceClose => {
                self.brackets = self.brackets.saturating_sub(1);
            }
            _ => {}
        }
    }
}
