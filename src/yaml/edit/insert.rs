//! Putting values into a file: in the place of others, behind their siblings, or where nothing was.

use super::draw::{Draft, Drawn, Pen};
use super::style::is_flow;
use super::{Editor, Refusal, Splice, lines};
use crate::yaml::path::Step;
use crate::yaml::{Content, Entry, Node, Style};

impl Editor<'_> {
    /// Puts a value in the place of the one at a path of keys and positions.
    pub fn replace(&self, path: &[Step], draft: &Draft) -> Result<Vec<Splice>, Refusal> {
        let (node, entry) = self.find(path)?;
        let pen = self.pen(node);
        let start = node.span.start as usize;
        let (parent, _) = self.find(&path[..path.len().saturating_sub(1)])?;
        if path.is_empty() {
            return Err(Refusal { at: node.span, why: "the file itself is no value" });
        }
        if is_flow(self.text, parent) {
            let text = match draft {
                Draft::Text { text, .. } if text.contains('\n') => pen.flow(draft),
                _ => match (draft, old_style(self.text, node)) {
                    (Draft::Text { .. }, old) => {
                        self.inline(&pen, draft, old, start).unwrap_or_else(|| pen.flow(draft))
                    }
                    _ => pen.flow(draft),
                },
            };
            return Ok(vec![Splice { range: node.span.range(), text }]);
        }
        let Some(entry) = entry else { return self.replace_item(node, draft, &pen) };
        let column = lines::column(self.text, entry.key.span.start as usize);
        let colon = self.colon(entry)?;
        let gap = &self.text[colon..start.max(colon)];
        let is_block_scalar = matches!(node.content, Content::Scalar { style: Style::Block, .. });
        let begins_here = !gap.contains('\n') && !is_block_scalar;
        let keeps_flow = begins_here && !matches!(node.content, Content::Scalar { .. });
        let drawn = match draft {
            Draft::List(_) | Draft::Map(_) if keeps_flow => Drawn::Inline(pen.flow(draft)),
            _ => pen.value(draft, old_style(self.text, node), column),
        };
        let anchored = gap.contains('&') && !gap.contains('#');
        if anchored {
            return Err(Refusal { at: node.span, why: "an anchor marks it for others" });
        }
        let mut end = (node.span.end as usize).max(colon);
        if !begins_here && !is_block_scalar && !matches!(node.content, Content::Scalar { .. }) {
            // With the comment of its last line.
            end = self.line_text_end(end);
        }
        Ok(match drawn {
            Drawn::Inline(text) if begins_here && start > colon => vec![Splice { range: start..end, text }],
            Drawn::Inline(text) => vec![Splice { range: colon..end, text: format!(" {text}{}", remark(gap)) }],
            Drawn::Below(text) if begins_here || is_block_scalar => {
                // A comment behind the value stays behind the key.
                let line_end = self.line_text_end(end);
                let rest = self.text[end..line_end].trim_end();
                let text = format!("{}{rest}{}{text}", remark(gap), self.habits.line_break);
                vec![Splice { range: colon..line_end, text }]
            }
            Drawn::Below(text) => vec![Splice { range: lines::start(self.text, start)..end, text }],
        })
    }

    fn replace_item(&self, node: &Node, draft: &Draft, pen: &Pen<'_>) -> Result<Vec<Splice>, Refusal> {
        let is_block_scalar = matches!(node.content, Content::Scalar { style: Style::Block, .. });
        let start = node.span.start as usize;
        let drawn = self.inline(pen, draft, old_style(self.text, node), start).filter(|_| !is_block_scalar);
        match drawn {
            Some(text) => Ok(vec![Splice { range: node.span.range(), text }]),
            None => Err(Refusal { at: node.span, why: "an item of a list is only replaced within a line" }),
        }
    }

    /// Puts an entry into the map at a path, behind one of its entries, else behind its last.
    pub fn insert_entry(
        &self,
        map: &[Step],
        behind: Option<&str>,
        key: &str,
        draft: &Draft,
    ) -> Result<Vec<Splice>, Refusal> {
        let (node, _) = self.find(map)?;
        self.check(node)?;
        let pen = self.pen(node);
        match &node.content {
            Content::Map(entries) if is_flow(self.text, node) => {
                let at = sibling(entries, behind);
                let bounds = at.map(|at| Bounds {
                    start: entries[at].key.span.start as usize,
                    end: entries[at].value.span.end as usize,
                    is_last: at + 1 == entries.len(),
                });
                Ok(self.within_brackets(node, bounds.as_ref(), &pen.pair(key, draft), '{'))
            }
            Content::Map(entries) => {
                let Some(at) = sibling(entries, behind) else {
                    return Err(Refusal { at: node.span, why: "the map is empty" });
                };
                let column = lines::column(self.text, entries[0].key.span.start as usize);
                let text = drawn_entry(&pen, key, draft, column);
                let separated = map.is_empty() && self.is_separated(entries);
                self.behind_lines(&entries[at].value, entries[at].key.span.end as usize, &text, separated)
            }
            // A file of comments only.
            Content::Scalar { text, .. } if text.is_empty() && map.is_empty() => {
                let text = drawn_entry(&pen, key, draft, 0);
                let before =
                    if self.text.is_empty() || self.text.ends_with('\n') { "" } else { self.habits.line_break };
                let end = self.text.len();
                let text = format!("{before}{text}{}", self.habits.line_break);
                Ok(vec![Splice { range: end..end, text }])
            }
            Content::Scalar { .. } | Content::List(_) => Err(Refusal { at: node.span, why: "this is no map" }),
        }
    }

    /// Puts an item behind the last one of the list at a path.
    pub fn insert_item(&self, list: &[Step], draft: &Draft) -> Result<Vec<Splice>, Refusal> {
        let (node, _) = self.find(list)?;
        self.check(node)?;
        let pen = self.pen(node);
        let Content::List(items) = &node.content else {
            return Err(Refusal { at: node.span, why: "this is no list" });
        };
        if is_flow(self.text, node) {
            let bounds = items.last().map(|item| Bounds {
                start: item.span.start as usize,
                end: item.span.end as usize,
                is_last: true,
            });
            let neighbour = items.last().and_then(|item| old_style(self.text, item));
            let text = match draft {
                Draft::Text { text, plain } => pen.text(text, *plain, neighbour, true),
                draft => pen.flow(draft),
            };
            return Ok(self.within_brackets(node, bounds.as_ref(), &text, '['));
        }
        let Some(last) = items.last() else { return Err(Refusal { at: node.span, why: "the list is empty" }) };
        let start = last.span.start as usize;
        let dash = lines::start(self.text, start) + lines::indent(self.text, start).len();
        if !lines::is_first(self.text, start, "-") {
            return Err(Refusal { at: last.span, why: "the item does not begin a line" });
        }
        let text = pen.item_beside(draft, old_style(self.text, last), lines::column(self.text, dash));
        self.behind_lines(last, start, &text, false)
    }

    /// Lines behind those of a value that ends at `from` or later.
    fn behind_lines(&self, value: &Node, from: usize, text: &str, separated: bool) -> Result<Vec<Splice>, Refusal> {
        let end = (value.span.end as usize).max(from);
        let rest = self.text[end..self.line_text_end(end)].trim();
        let rest = rest.strip_prefix(':').map_or(rest, str::trim_start);
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(Refusal { at: value.span, why: "something else stands on the same line" });
        }
        let mut at = lines::end(self.text, end);
        if keeps_blanks(self.text, value) {
            while at < self.text.len() && lines::is_blank(self.text, at) {
                at = lines::end(self.text, at);
            }
        }
        let line_break = self.habits.line_break;
        let blank_behind = at == self.text.len() || lines::is_blank(self.text, at);
        let blank = if separated && blank_behind { line_break } else { "" };
        let text = if self.text[..at].ends_with('\n') {
            format!("{blank}{text}{line_break}")
        } else {
            format!("{line_break}{blank}{text}")
        };
        Ok(vec![Splice { range: at..at, text }])
    }

    /// A pair or an item among those in brackets.
    fn within_brackets(&self, node: &Node, beside: Option<&Bounds>, text: &str, bracket: char) -> Vec<Splice> {
        let Some(&Bounds { start, end, is_last }) = beside else {
            let pad = if bracket == '{' && self.habits.padded { " " } else { "" };
            let close = if bracket == '{' { '}' } else { ']' };
            return vec![Splice { range: node.span.range(), text: format!("{bracket}{pad}{text}{pad}{close}") }];
        };
        let own_line = lines::is_first(self.text, start, "");
        if !own_line {
            return vec![Splice { range: end..end, text: format!(", {text}") }];
        }
        // One a line: the new one has its own, in front of the comment of the next.
        let line_end = self.line_text_end(end);
        let rest = &self.text[end..line_end];
        let has_comma = rest.trim_start().starts_with(',');
        let blanks = " ".repeat(lines::column(self.text, start));
        let next_on_line = !matches!(rest.trim_start_matches([' ', ',']).chars().next(), None | Some('#'));
        if next_on_line {
            return vec![Splice { range: end..end, text: format!(", {text}") }];
        }
        let comma_behind = if has_comma || !is_last { "," } else { "" };
        let mut splices = Vec::new();
        if !has_comma {
            splices.push(Splice { range: end..end, text: ",".to_owned() });
        }
        let line = format!("{}{blanks}{text}{comma_behind}", self.habits.line_break);
        splices.push(Splice { range: line_end..line_end, text: line });
        splices
    }

    /// What a draft is on one line, in the quotes that stood there.
    fn inline(&self, pen: &Pen<'_>, draft: &Draft, old: Option<(Style, &str, char)>, at: usize) -> Option<String> {
        match pen.value(draft, old, lines::column(self.text, at)) {
            Drawn::Inline(text) if !text.contains('\n') => Some(text),
            Drawn::Inline(_) => Some(pen.flow(draft)),
            Drawn::Below(_) => None,
        }
    }

    /// Behind the colon of an entry.
    fn colon(&self, entry: &Entry) -> Result<usize, Refusal> {
        let key = entry.key.span.end as usize;
        let between = &self.text[key..];
        let at = between.find(|char: char| !char.is_whitespace()).filter(|at| between[*at..].starts_with(':'));
        at.map(|at| key + at + 1).ok_or(Refusal { at: entry.key.span, why: "its key is announced by `? `" })
    }

    /// Whether blank lines stand between most entries.
    fn is_separated(&self, entries: &[Entry]) -> bool {
        let is_blank_between = |pair: &[Entry]| {
            let end = lines::end(self.text, pair[0].value.span.end as usize);
            end < self.text.len() && lines::is_blank(self.text, end)
        };
        let separated = entries.windows(2).filter(|pair| is_blank_between(pair)).count();
        entries.len() > 1 && 2 * separated >= entries.len() - 1
    }

    /// The end of the line of a place, before its line end.
    fn line_text_end(&self, at: usize) -> usize {
        let end = lines::end(self.text, at);
        at + self.text[at..end].trim_end_matches(['\n', '\r']).len()
    }
}

fn drawn_entry(pen: &Pen<'_>, key: &str, draft: &Draft, column: usize) -> String {
    match draft {
        Draft::Lines(text) => pen.moved(text, column),
        draft => pen.entry(key, draft, column),
    }
}

/// Where a sibling in brackets stands.
struct Bounds {
    start: usize,
    end: usize,
    is_last: bool,
}

/// The entry to stand behind.
fn sibling(entries: &[Entry], behind: Option<&str>) -> Option<usize> {
    let named = behind.and_then(|key| entries.iter().position(|entry| &*entry.key.text == key));
    named.or(entries.len().checked_sub(1))
}

/// How a scalar was written: its style, its text, and its first character.
fn old_style<'a>(text: &str, node: &'a Node) -> Option<(Style, &'a str, char)> {
    match &node.content {
        Content::Scalar { text: value, style } => {
            let first = text[node.span.start as usize..].chars().next().unwrap_or(' ');
            Some((*style, value, first))
        }
        Content::List(_) | Content::Map(_) => None,
    }
}

/// The comment between a colon and its value, with a blank in front.
fn remark(gap: &str) -> String {
    let line = gap.lines().next().unwrap_or_default();
    let at = line.match_indices('#').map(|(at, _)| at).find(|at| line[..*at].ends_with([' ', '\t']));
    at.map_or_else(String::new, |at| format!(" {}", line[at..].trim_end()))
}

/// Whether the blank lines behind a value belong to it: its last scalar is a block that keeps them.
fn keeps_blanks(text: &str, node: &Node) -> bool {
    match &node.content {
        Content::Scalar { style: Style::Block, .. } => {
            let first = lines::start(text, node.span.start as usize);
            let head = &text[lines::start(text, first.saturating_sub(1))..first];
            head.contains("|+") || head.contains(">+") || head.contains('+')
        }
        Content::Scalar { .. } => false,
        Content::List(items) => items.last().is_some_and(|item| keeps_blanks(text, item)),
        Content::Map(entries) => entries.last().is_some_and(|entry| keeps_blanks(text, &entry.value)),
    }
}
