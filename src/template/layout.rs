//! The layout of a template: where its text stands and where its tags do, told before anything of it is understood.

use std::ops::Range;

use minijinja::machinery::{self, Token};

use super::engine;

/// A stretch of a template. All of them together are the whole template, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch<'t> {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind<'t>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    Text,
    /// `{{ … }}`
    Print,
    /// `{% … %}`
    Tag {
        /// The statement's name: `for`, `endif`, `raw`.
        name: &'t str,
        /// Whether it is `{% set x = … %}`, which has no end of its own.
        assigns: bool,
    },
    /// `{# … #}`
    Comment,
}

/// What a template is made of, as far as it can be told; and where a comment begins that never ends. Shows each token to
/// `look`: to read tokens is most of the work.
pub(super) fn stretches<'t>(
    text: &'t str,
    mut look: impl FnMut(&Token<'t>, &Range<usize>),
) -> (Vec<Stretch<'t>>, Option<usize>) {
    let mut found: Vec<Stretch<'_>> = Vec::new();
    let mut at = 0;
    let mut start = 0;
    let mut statement: Option<&str> = None;
    let mut assigns = false;
    let mut inside = false;
    for token in machinery::tokenize(text, false, engine::syntax()) {
        let Ok((token, span)) = token else { break };
        let range = span.start_offset as usize..span.end_offset as usize;
        look(&token, &range);
        let kind = match token {
            Token::TemplateData(_) => Kind::Text,
            Token::VariableStart | Token::BlockStart => {
                between(text, at..range.start, &mut found);
                (start, at, inside, statement, assigns) = (range.start, range.start, true, None, false);
                continue;
            }
            Token::VariableEnd => Kind::Print,
            Token::BlockEnd => Kind::Tag { name: statement.unwrap_or_default(), assigns },
            Token::Ident(name) => {
                statement = statement.or(Some(name));
                continue;
            }
            Token::Assign => {
                assigns = true;
                continue;
            }
            _ => continue,
        };
        if kind == Kind::Text {
            between(text, at..range.start, &mut found);
            found.push(Stretch { range: range.clone(), kind });
        } else {
            found.push(Stretch { range: start..range.end, kind });
            inside = false;
        }
        at = range.end;
    }
    let open = if inside { None } else { between(text, at..text.len(), &mut found) };
    (found, open)
}

/// What the engine's tokens leave out: comments, the tags around raw text, and the blanks that a `-` takes away.
/// Gives where a comment begins that does not end.
fn between<'t>(text: &'t str, gap: Range<usize>, found: &mut Vec<Stretch<'t>>) -> Option<usize> {
    let mut at = gap.start;
    while at < gap.end {
        let rest = &text[at..gap.end];
        let (end, kind) = if let Some(comment) = rest.strip_prefix("{#") {
            let Some(end) = comment.find("#}") else { return Some(at) };
            (end + 4, Kind::Comment)
        } else if rest.starts_with("{%") {
            let end = rest.find("%}").map_or(rest.len(), |end| end + 2);
            let name = if rest[..end].contains("endraw") { "endraw" } else { "raw" };
            (end, Kind::Tag { name, assigns: false })
        } else {
            let end = ["{#", "{%"].iter().filter_map(|open| rest.find(open)).min().unwrap_or(rest.len());
            (end, Kind::Text)
        };
        found.push(Stretch { range: at..at + end, kind });
        at += end;
    }
    None
}
