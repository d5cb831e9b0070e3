//! Whitespace control: a line that holds nothing but tags leaves nothing behind, any other line stays as it is written.
//!
//! The engine's own options would take the line break behind every tag and the blanks before it. So they are off, and
//! what a lone tag takes with it is left out of the text before the engine sees it. `-` is the engine's, and takes all
//! blanks and line breaks on its side; a lone tag with `-` at its start only leaves the break at its end, so that the lines
//! around it stay two. `+` keeps what its tag would take.

use std::ops::Range;

use super::embed::Embedded;
use super::layout::{Kind, Stretch};

/// The blanks and line breaks that tags take with them, and the texts that tags print.
pub(super) fn taken(text: &str, stretches: &[Stretch<'_>]) -> (Vec<Range<usize>>, Vec<Embedded>) {
    let mut lines = Lines {
        text,
        line: Line::default(),
        taken: Vec::new(),
        embedded: Vec::new(),
        blocks: Vec::new(),
        has_text: false,
    };
    for stretch in stretches {
        lines.add(stretch);
    }
    lines.end();
    (lines.taken, lines.embedded)
}

struct Lines<'t> {
    text: &'t str,
    line: Line,
    taken: Vec<Range<usize>>,
    embedded: Vec<Embedded>,
    /// `call` and `filter` blocks that are open.
    blocks: Vec<Block>,
    /// Something was printed above this line.
    has_text: bool,
}

/// An open block whose text is printed once it is closed.
struct Block {
    start: usize,
    /// The blanks before it, which it took; not known before its line has ended.
    indent: Option<String>,
}

/// A line as it is printed: what stands within a tag does not end it.
#[derive(Default)]
struct Line {
    blanks: Vec<Range<usize>>,
    has_tag: bool,
    has_text: bool,
    /// The tag that was met last says `+` at its end.
    keeps: bool,
    /// Macros and captures that were opened on this line and are not yet closed.
    open: usize,
    /// What those hold so far: it is theirs if they are closed on this line, else it is the line's.
    held: Held,
    /// A tag says `-` at its start, or at its end: the engine joins the line to its neighbour.
    joins: [bool; 2],
    /// What tags on this line print.
    prints: Vec<Printing>,
}

/// A tag on the line that prints a text.
struct Printing {
    range: Range<usize>,
    /// The end of a block that began above: the blanks to print before it.
    indent: Option<String>,
    /// Right behind the start of a capture that is open on this line.
    at_margin: bool,
    /// Within a capture that is open on this line.
    is_held: bool,
}

#[derive(Default)]
struct Held {
    blanks: Vec<Range<usize>>,
    has_text: bool,
}

impl Lines<'_> {
    fn add(&mut self, stretch: &Stretch<'_>) {
        match stretch.kind {
            Kind::Text => self.add_text(stretch.range.clone()),
            Kind::Print => self.line.print(),
            Kind::Comment => self.add_tag(&stretch.range),
            Kind::Tag { name, assigns } => {
                self.add_tag(&stretch.range);
                self.add_printing(name, &stretch.range);
                self.line.define(name, assigns);
            }
        }
    }

    fn add_tag(&mut self, range: &Range<usize>) {
        let tag = &self.text[range.clone()];
        if tag.get(2..).is_some_and(|inner| inner.starts_with('+')) {
            self.line.blanks().pop_if(|blanks| blanks.end == range.start);
        }
        let end = tag.len().saturating_sub(2);
        self.line.keeps = tag.len() > 4 && tag[..end].ends_with('+');
        self.line.joins[0] |= tag.len() > 4 && tag[2..].starts_with('-');
        self.line.joins[1] |= tag.len() > 4 && tag[..end].ends_with('-');
        self.line.has_tag = true;
    }

    fn add_printing(&mut self, name: &str, range: &Range<usize>) {
        let printing = |line: &Line, range: Range<usize>, indent: Option<String>| Printing {
            range,
            indent,
            at_margin: line.open > 0 && !line.held.has_text && line.held.blanks.is_empty(),
            is_held: line.open > 0,
        };
        match name {
            "include" => self.line.prints.push(printing(&self.line, range.clone(), None)),
            "call" | "filter" => self.blocks.push(Block { start: range.start, indent: None }),
            "endcall" | "endfilter" => match self.blocks.pop() {
                Some(Block { start, indent: Some(indent) }) => {
                    self.line.prints.push(printing(&self.line, start..range.end, Some(indent)));
                }
                // All of it stands on one line, as a print does.
                Some(_) => self.line.print(),
                None => {}
            },
            _ => {}
        }
    }

    fn add_text(&mut self, range: Range<usize>) {
        let text = &self.text[range.clone()];
        let (Some(first), Some(last)) = (text.find('\n'), text.rfind('\n')) else { return self.add_part(range) };
        self.add_part(range.start..range.start + first + 1);
        // Lines without any tag between the first break and the last.
        self.has_text |= !is_blank(&text[first + 1..=last.max(first)]);
        let rest = range.start + last + 1..range.end;
        if !rest.is_empty() {
            self.add_part(rest);
        }
    }

    /// A part of a line, with its end if it has one.
    fn add_part(&mut self, range: Range<usize>) {
        let part = &self.text[range.clone()];
        if !is_blank(part) {
            self.line.print();
        } else if !self.line.keeps {
            self.line.blanks().push(range);
        }
        self.line.keeps = false;
        if part.ends_with('\n') {
            self.end();
        }
    }

    fn end(&mut self) {
        let Line { has_tag, has_text, blanks, held, joins, prints, open, .. } = std::mem::take(&mut self.line);
        let is_lone = has_tag && !has_text && !held.has_text;
        let blank = |range: Option<&Range<usize>>| range.map_or("", |range| &self.text[range.clone()]);
        let first =
            blank(blanks.first().filter(|blanks| self.text[..blanks.start].ends_with('\n') || blanks.start == 0));
        let indent = if is_lone && !joins[0] { first.trim_end_matches(['\r', '\n']) } else { "" }.to_owned();
        let last = if held.blanks.is_empty() { blanks.last() } else { held.blanks.last() };
        // A `-` at the start takes the line break above, so the one below stays: the lines around are not joined.
        let keeps_break = is_lone && joins[0] && !joins[1] && self.has_text;
        let ends_line = is_lone && !keeps_break && !joins[1] && blank(last).ends_with('\n');
        for Printing { range, indent: above, at_margin, is_held } in prints {
            // One that a capture holds from its start to its end on this line is the capture's text as it is.
            let is_inside = is_held && open == 0;
            if is_inside && at_margin {
                continue;
            }
            let is_include = above.is_none();
            let indent = above.unwrap_or_else(|| if is_inside { String::new() } else { indent.clone() });
            let is_lines = is_include && is_lone && !is_inside && indent.is_empty() && !(joins[0] && self.has_text);
            self.embedded.push(Embedded { range, indent, ends_line: ends_line && !is_inside, is_lines });
        }
        for block in self.blocks.iter_mut().filter(|block| block.indent.is_none()) {
            block.indent = Some(indent.clone());
        }
        self.has_text |= has_text || held.has_text;
        if is_lone {
            let text = self.text;
            let stays = |range: &Range<usize>| keeps_break && text[range.clone()].ends_with('\n');
            self.taken.extend(blanks.into_iter().chain(held.blanks).filter(|range| !stays(range)));
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

impl Line {
    fn blanks(&mut self) -> &mut Vec<Range<usize>> {
        if self.open > 0 { &mut self.held.blanks } else { &mut self.blanks }
    }

    fn print(&mut self) {
        if self.open > 0 {
            self.held.has_text = true;
        } else {
            self.has_text = true;
        }
    }

    fn define(&mut self, name: &str, assigns: bool) {
        match name {
            "macro" => self.open += 1,
            "set" if !assigns => self.open += 1,
            "endmacro" | "endset" if self.open > 0 => {
                self.open -= 1;
                if self.open == 0 {
                    self.held = Held::default();
                }
            }
            _ => {}
        }
    }
}
