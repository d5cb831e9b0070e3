//! Editing the text of a YAML file at a place: whatever else stands in it stays as it is, order, blanks, comments and
//! quotes. What cannot be edited this way is refused, never guessed.

mod draw;
mod insert;
mod lines;
mod remove;
mod style;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Range;

pub use draw::Draft;
pub use remove::{Comments, without};

use super::path::Step;
use super::{Content, Entry, Node};
use crate::source::Span;
use draw::Pen;
use style::Habits;

/// Some bytes of a text that others take the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    pub range: Range<usize>,
    pub text: String,
}

/// Why a place cannot be edited, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub at: Span,
    pub why: &'static str,
}

/// One file with all that stands in it.
pub struct Editor<'a> {
    text: &'a str,
    root: &'a Node,
    habits: Habits,
}

/// The text with the splices done; they do not overlap.
pub fn spliced(text: &str, splices: &[Splice]) -> String {
    let mut done = String::with_capacity(text.len());
    let mut at = 0;
    for splice in splices {
        done.push_str(&text[at..splice.range.start.max(at)]);
        done.push_str(&splice.text);
        at = splice.range.end.max(at);
    }
    done.push_str(&text[at..]);
    done
}

impl<'a> Editor<'a> {
    /// `root` was read from `text`.
    pub fn new(text: &'a str, root: &'a Node) -> Self {
        Self { text, root, habits: Habits::of(text, root) }
    }

    /// Takes out the values at some paths of keys and positions, and what holds nothing else.
    pub fn remove(&self, paths: &[&[Step]]) -> Result<Vec<Splice>, Refusal> {
        let mut spans = BTreeSet::new();
        for path in paths {
            let (node, entry) = self.find(path)?;
            spans.insert(entry.map_or(node.span, |entry| entry.key.span));
        }
        let (cuts, taken) = remove::cuts(self.text, self.root, &spans, Comments::Go);
        if let Some(left) = spans.iter().find(|span| !taken.contains(span)) {
            let why = "a comment stands within the line, or the list is nested in another one";
            return Err(Refusal { at: *left, why });
        }
        Ok(cuts.into_iter().map(|(range, text)| Splice { range, text }).collect())
    }

    /// Gives the key at a path another name.
    pub fn rename(&self, path: &[Step], name: &str) -> Result<Vec<Splice>, Refusal> {
        let (node, entry) = self.find(path)?;
        let Some(entry) = entry else { return Err(Refusal { at: node.span, why: "this is no key" }) };
        let old = self.text[entry.key.span.start as usize..].chars().next();
        let text = self.pen(node).key(name, old);
        Ok(vec![Splice { range: entry.key.span.range(), text }])
    }

    /// The entry at a path with its comments, as lines that begin at the margin.
    pub fn entry_lines(&self, path: &[Step]) -> Result<Draft, Refusal> {
        let (node, entry) = self.find(path)?;
        let refused = |why| Err(Refusal { at: node.span, why });
        let Some(entry) = entry else { return refused("this is no key") };
        let start = entry.key.span.start as usize;
        if !lines::is_first(self.text, start, "") {
            return refused("it stands among others on a line");
        }
        let mut splices = self.remove(&[path])?;
        // What holds nothing else goes as well, but is no part of it.
        let Some(cut) = splices.pop().filter(|_| splices.is_empty()) else { return refused("it is not one block") };
        let end = cut.range.end;
        let mut from = lines::start(self.text, start);
        while from > cut.range.start {
            let above = lines::start(self.text, from - 1);
            if above < cut.range.start || !self.text[above..from].trim_start().starts_with('#') {
                break;
            }
            from = above;
        }
        let taken = &self.text[from..end];
        let ended = if taken.ends_with('\n') { "" } else { self.habits.line_break };
        Ok(Draft::Lines(format!("{}{ended}", draw::dedented(taken, lines::column(self.text, start)))))
    }

    /// The node at a path, and the entry that it is the value of.
    fn find(&self, path: &[Step]) -> Result<(&'a Node, Option<&'a Entry>), Refusal> {
        let mut node = self.root;
        let mut entry = None;
        for step in path {
            self.check(node)?;
            let next = match (&node.content, step) {
                (Content::Map(entries), Step::Key(key)) => entries.iter().find(|entry| entry.key.text == *key),
                (Content::List(items), Step::Index(at)) => {
                    let Some(item) = items.get(*at) else { break };
                    (node, entry) = (item, None);
                    continue;
                }
                _ => None,
            };
            let Some(next) = next else { return Err(Refusal { at: node.span, why: "nothing is set here" }) };
            (node, entry) = (&next.value, Some(next));
        }
        Ok((node, entry))
    }

    /// What an alias stands for stands elsewhere, and serves others, too.
    fn check(&self, node: &Node) -> Result<(), Refusal> {
        if draw::is_alias(self.text, node.span.start as usize) {
            return Err(Refusal { at: node.span, why: "it repeats what an anchor marks elsewhere" });
        }
        Ok(())
    }

    fn pen(&self, node: &Node) -> Pen<'_> {
        Pen { habits: &self.habits, file: node.span.file }
    }
}
