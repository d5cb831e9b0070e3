//! How the author of a file writes: indentation, quotes, brackets.

use std::collections::BTreeMap;

use super::lines;
use crate::yaml::{Content, Node, Style, emit};

/// The habits of a file, taken from what stands in it.
#[derive(Clone, Debug)]
pub(super) struct Habits {
    pub(super) line_break: &'static str,
    /// How much further in the keys of a map are than its own key, and the dashes of a list.
    pub(super) map_step: usize,
    pub(super) list_step: usize,
    pub(super) quote: char,
    /// Strings stand in quotes also where they need none.
    pub(super) quotes_all: bool,
    /// Lists and maps stand in brackets where they have room on a line.
    pub(super) flow_lists: bool,
    pub(super) flow_maps: bool,
    /// A blank stands behind an opening brace.
    pub(super) padded: bool,
}

#[derive(Default)]
struct Seen {
    map_steps: BTreeMap<usize, usize>,
    list_steps: BTreeMap<usize, usize>,
    double: usize,
    single: usize,
    /// Strings that need no quotes, with and without them.
    needless: usize,
    bare: usize,
    flow_lists: usize,
    block_lists: usize,
    flow_maps: usize,
    padded: usize,
}

impl Habits {
    pub(super) fn of(text: &str, root: &Node) -> Self {
        let mut seen = Seen::default();
        seen.node(text, root);
        let map_step = most(&seen.map_steps).filter(|step| *step > 0).unwrap_or(2);
        Self {
            line_break: lines::break_of(text),
            map_step,
            list_step: most(&seen.list_steps).unwrap_or(map_step),
            quote: if seen.single > seen.double { '\'' } else { '"' },
            quotes_all: seen.needless > seen.bare,
            flow_lists: seen.flow_lists > seen.block_lists,
            flow_maps: seen.flow_maps > 0,
            padded: 2 * seen.padded > seen.flow_maps,
        }
    }
}

/// What was seen most often; of equals the smaller.
fn most(counts: &BTreeMap<usize, usize>) -> Option<usize> {
    counts.iter().rev().max_by_key(|(_, count)| **count).map(|(step, _)| *step)
}

impl Seen {
    fn node(&mut self, text: &str, node: &Node) {
        match &node.content {
            Content::Scalar { text: value, style } => {
                let at = text.get(node.span.range()).unwrap_or_default();
                match style {
                    Style::Quoted if at.starts_with('"') => self.double += 1,
                    Style::Quoted => self.single += 1,
                    Style::Plain | Style::Block => {}
                }
                match style {
                    _ if !emit::is_plain(value) => {}
                    Style::Quoted => self.needless += 1,
                    Style::Plain => self.bare += 1,
                    Style::Block => {}
                }
            }
            Content::List(items) => {
                match is_flow(text, node) {
                    true if items.is_empty() => {}
                    true => self.flow_lists += 1,
                    false => self.block_lists += 1,
                }
                for item in items {
                    self.node(text, item);
                }
            }
            Content::Map(entries) => {
                if is_flow(text, node) && !entries.is_empty() {
                    self.flow_maps += 1;
                    self.padded += usize::from(text[node.span.start as usize..].starts_with("{ "));
                }
                for entry in entries {
                    let (key, value) = (entry.key.span.start as usize, &entry.value);
                    let starts_line = lines::is_first(text, value.span.start as usize, "");
                    if value.span.start > entry.key.span.start && starts_line && !is_flow(text, value) {
                        let at = lines::column(text, value.span.start as usize);
                        let step = at.checked_sub(lines::column(text, key));
                        match (&value.content, step) {
                            (Content::Map(_), Some(step)) => *self.map_steps.entry(step).or_default() += 1,
                            (Content::List(_), Some(step)) => *self.list_steps.entry(step).or_default() += 1,
                            _ => {}
                        }
                    }
                    self.node(text, value);
                }
            }
        }
    }
}

/// Whether a map or a list stands in brackets.
pub(super) fn is_flow(text: &str, node: &Node) -> bool {
    let at = &text[node.span.start as usize..];
    match node.content {
        Content::Map(_) => at.starts_with('{'),
        Content::List(_) => at.starts_with('['),
        Content::Scalar { .. } => false,
    }
}
