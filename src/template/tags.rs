//! What the tags of a template read, and what they give a name to.

use std::ops::Range;

use minijinja::machinery::Token;

use super::tokens::{Look, show};

/// `{{ labels }}`, `{% set labels = {…} %}`, `{% for name in names %}`, `{% from "_labels.j2" import labels %}`.
#[derive(Clone, Debug, Default)]
pub struct Tag<'t> {
    /// What it says itself.
    pub head: Range<usize>,
    /// With all up to its end, if it has one: `{% endfor %}`.
    pub range: Range<usize>,
    pub gives: Vec<&'t str>,
    pub reads: Vec<&'t str>,
    /// Names behind a dot; of names that come from a file, each as that file calls it.
    pub parts: Vec<&'t str>,
    /// The file that the names come from.
    pub file: Option<&'t str>,
}

/// All tags of a template, in their order; fewer if it cannot be read.
pub fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut words = Words { tags: Vec::new() };
    show(text, &mut words);
    let mut all: Vec<Tag<'_>> = Vec::new();
    // Those whose end is yet to come, and whether all up to it is what they say.
    let mut open: Vec<(usize, bool)> = Vec::new();
    for Written { range, words } in words.tags {
        let keyword = keyword(text, &words);
        if keyword.starts_with("end") {
            let Some((at, is_text)) = open.pop() else { continue };
            let reads: Vec<&str> = all[at..].iter().flat_map(|it| it.reads.clone()).collect();
            let tag = &mut all[at];
            tag.range.end = range.end;
            if is_text {
                (tag.head, tag.reads) = (tag.range.clone(), reads);
            }
            continue;
        }
        let is_text = keyword == "set" && !words.iter().any(|(kind, _)| *kind == Kind::Assign);
        let is_block = matches!(keyword, "for" | "if" | "with" | "macro" | "call" | "filter" | "block" | "autoescape");
        if is_text || is_block {
            open.push((all.len(), is_text));
        }
        all.push(Tag { head: range.clone(), range, ..read(text, keyword, &words) });
    }
    all
}

/// The word by which a statement begins; none of what only prints.
fn keyword<'t>(text: &'t str, words: &[(Kind, Range<usize>)]) -> &'t str {
    match words {
        [(Kind::Statement, _), (Kind::Name, range), ..] => &text[range.clone()],
        _ => "",
    }
}

fn read<'t>(text: &'t str, keyword: &str, words: &[(Kind, Range<usize>)]) -> Tag<'t> {
    let mut tag = Tag::default();
    let position = |wanted: &str| words.iter().position(|(_, range)| &text[range.clone()] == wanted);
    // What stands before the first of these is given a name, or is what the names are read from.
    let middle = match keyword {
        "set" => words.iter().position(|(kind, _)| *kind == Kind::Assign).or(Some(words.len())),
        "for" => position("in"),
        "import" => position("as"),
        _ => None,
    };
    for (at, (kind, range)) in words.iter().enumerate().skip(if keyword.is_empty() { 1 } else { 2 }) {
        let word = &text[range.clone()];
        let is_before = middle.is_some_and(|middle| at < middle);
        let is_given = match keyword {
            "set" | "for" => is_before,
            "import" => !is_before,
            "with" => words.get(at + 1).is_some_and(|(kind, _)| *kind == Kind::Assign),
            _ => false,
        };
        let is_part = matches!(words[at - 1].0, Kind::Joint);
        match kind {
            Kind::Text if matches!(keyword, "from" | "import") => tag.file = Some(word.trim_matches(['"', '\''])),
            Kind::Name if matches!(word, "import" | "as" | "in") => {}
            Kind::Name if keyword == "from" => {
                if &text[words[at - 1].1.clone()] == "as" {
                    tag.gives.pop();
                } else {
                    tag.parts.push(word);
                }
                tag.gives.push(word);
            }
            Kind::Name if is_given && !is_part => tag.gives.push(word),
            Kind::Name if is_part => tag.parts.push(word),
            Kind::Name => tag.reads.push(word),
            _ => {}
        }
    }
    tag
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Statement,
    Print,
    Name,
    Text,
    /// Behind a dot or a bar stands no variable.
    Joint,
    Assign,
    Other,
}

/// A tag as it is written: its words, of which the first is how it begins.
#[derive(Clone)]
struct Written {
    range: Range<usize>,
    words: Vec<(Kind, Range<usize>)>,
}

#[derive(Clone)]
struct Words {
    tags: Vec<Written>,
}

impl<'t> Look<'t> for Words {
    fn look(&mut self, token: &Token<'t>, range: Range<usize>) {
        let kind = match token {
            Token::TemplateData(_) => return,
            Token::BlockStart => Kind::Statement,
            Token::VariableStart => Kind::Print,
            Token::Ident(_) => Kind::Name,
            Token::Str(_) | Token::String(_) => Kind::Text,
            Token::Dot | Token::Pipe => Kind::Joint,
            Token::Assign => Kind::Assign,
            _ => Kind::Other,
        };
        if matches!(kind, Kind::Statement | Kind::Print) {
            self.tags.push(Written { range: range.clone(), words: Vec::new() });
        }
        if let Some(tag) = self.tags.last_mut() {
            tag.range.end = range.end;
            tag.words.push((kind, range));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tags;

    #[test]
    fn what_tags_read_and_give() {
        let text = "{% from 'a.j2' import b as c %}{% import \"d.j2\" as e %}
{% set f = {'g': h | i} %}{% set j %}{{ k }}{% endset %}
{% for l, m in n %}{{ e.o }}{% endfor %}{% if p %}{% endif %}";
        let told: Vec<String> = tags(text)
            .iter()
            .map(|it| format!("{} < {} {}", it.gives.join(" "), it.reads.join(" "), it.file.unwrap_or_default()))
            .collect();
        assert_eq!(told, ["c <  a.j2", "e <  d.j2", "f < h ", "j < k ", " < k ", "l m < n ", " < e ", " < p "]);
        let all = tags(text);
        assert_eq!(all[0].parts, ["b"]);
        assert_eq!(&text[all[3].head.clone()], "{% set j %}{{ k }}{% endset %}");
        assert_eq!(&text[all[5].range.clone()], "{% for l, m in n %}{{ e.o }}{% endfor %}");
    }
}
