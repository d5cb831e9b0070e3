//! What the engine's parser or compiler would recurse on too deeply, told before they see it; and the words of a text.

use std::ops::Range;

use minijinja::machinery::{self, Token};

use crate::limits::Limits;
use crate::template::engine;

/// Brackets and blocks within each other. The engine's parser recurses on both.
const DEEPEST: usize = 40;

/// Bytes of one line.
const LONGEST_LINE: usize = 16 << 10;

/// The names and the texts in the expressions of a text.
pub(in crate::template) fn words(text: &str) -> impl Iterator<Item = String> {
    machinery::tokenize(text, false, engine::syntax()).filter_map(|token| match token.ok()?.0 {
        Token::Ident(name) => Some(name.to_owned()),
        Token::Str(text) => Some(text.to_owned()),
        Token::String(text) => Some(text.to_string()),
        _ => None,
    })
}

/// What the parser or the compiler would recurse on too deeply.
pub(super) fn too_complex(text: &str, limits: &Limits) -> Option<(Range<usize>, String)> {
    // The engine counts columns in 16 bits, and fails at the end of them.
    let mut start = 0;
    for line in text.split('\n') {
        if line.len() > LONGEST_LINE {
            return Some((start..start, format!("a line has more than {LONGEST_LINE} bytes")));
        }
        start += line.len() + 1;
    }
    let (mut operators, mut brackets) = (0, 0_usize);
    // One entry a block: how many levels of the parser it takes.
    let mut blocks: Vec<usize> = Vec::new();
    let mut statement = None;
    let mut is_assignment = false;
    let mut first = false;
    for token in machinery::tokenize(text, false, engine::syntax()) {
        // The parser will say what is wrong.
        let Ok((token, span)) = token else { return None };
        let range = span.start_offset as usize..span.end_offset as usize;
        match token {
            Token::VariableStart | Token::BlockStart => {
                (operators, brackets, statement, is_assignment) = (0, 0, None, false);
                first = matches!(token, Token::BlockStart);
                continue;
            }
            Token::BlockEnd => match statement {
                Some("for" | "if" | "with" | "autoescape" | "filter" | "block" | "macro" | "call") => blocks.push(1),
                Some("set") if !is_assignment => blocks.push(1),
                Some("elif") => {
                    if let Some(levels) = blocks.last_mut() {
                        *levels += 1;
                    }
                }
                Some(name) if name.starts_with("end") => drop(blocks.pop()),
                _ => {}
            },
            Token::Ident(name) if first => statement = Some(name),
            Token::Assign => is_assignment = true,
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
            | Token::Lte => operators += 1,
            Token::BracketOpen | Token::ParenOpen | Token::BraceOpen => {
                operators += 1;
                brackets += 1;
            }
            Token::BracketClose | Token::ParenClose | Token::BraceClose => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        first = false;
        if operators > limits.expression_operators {
            let most = limits.expression_operators;
            return Some((range, format!("an expression has more than {most} operators")));
        }
        if brackets > DEEPEST {
            return Some((range, format!("brackets are nested more than {DEEPEST} deep")));
        }
        if blocks.iter().sum::<usize>() > DEEPEST {
            return Some((range, format!("blocks are nested more than {DEEPEST} deep")));
        }
    }
    None
}
