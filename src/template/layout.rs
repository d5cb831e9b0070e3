//! The layout of a template: where its text stands and where its tags do, told before anything of it is understood.

use std::ops::Range;

use minijinja::machinery::Token;

use super::tokens::{self, Look};

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

/// What a template is made of, as far as it can be told; and where a comment begins that never ends. All tokens are shown
/// to `other` as well.
pub(super) fn stretches<'t, L: Look<'t>>(text: &'t str, other: &mut L) -> (Vec<Stretch<'t>>, Option<usize>) {
    let mut layout = Layout { text, other: other.clone(), found: Vec::new(), at: 0, tag: None };
    tokens::show(text, &mut layout);
    let Layout { other: seen, mut found, at, tag, .. } = layout;
    *other = seen;
    let open = if tag.is_some() { None } else { between(text, at..text.len(), &mut found) };
    (found, open)
}

/// A layout while its tokens pass by.
#[derive(Clone)]
struct Layout<'t, L> {
    text: &'t str,
    other: L,
    found: Vec<Stretch<'t>>,
    /// Where what was found ends.
    at: usize,
    /// The tag that has begun.
    tag: Option<Tag<'t>>,
}

#[derive(Clone, Copy)]
struct Tag<'t> {
    start: usize,
    name: Option<&'t str>,
    assigns: bool,
}

impl<'t, L: Look<'t>> Look<'t> for Layout<'t, L> {
    fn look(&mut self, token: &Token<'t>, range: Range<usize>) {
        let begun = self.tag.unwrap_or(Tag { start: self.at, name: None, assigns: false });
        let kind = match token {
            Token::TemplateData(_) => Some(Kind::Text),
            Token::VariableEnd => Some(Kind::Print),
            Token::BlockEnd => Some(Kind::Tag { name: begun.name.unwrap_or_default(), assigns: begun.assigns }),
            _ => None,
        };
        match (token, kind) {
            (_, Some(Kind::Text)) => {
                between(self.text, self.at..range.start, &mut self.found);
                self.found.push(Stretch { range: range.clone(), kind: Kind::Text });
                self.at = range.end;
            }
            (_, Some(kind)) => {
                self.found.push(Stretch { range: begun.start..range.end, kind });
                (self.at, self.tag) = (range.end, None);
            }
            (Token::VariableStart | Token::BlockStart, None) => {
                between(self.text, self.at..range.start, &mut self.found);
                self.tag = Some(Tag { start: range.start, name: None, assigns: false });
                self.at = range.start;
            }
            (Token::Ident(name), None) => self.tag = Some(Tag { name: begun.name.or(Some(name)), ..begun }),
            (Token::Assign, None) => self.tag = Some(Tag { assigns: true, ..begun }),
            _ => {}
        }
        self.other.look(token, range);
    }
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
