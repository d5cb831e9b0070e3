//! Whitespace control: a line that holds nothing but tags leaves nothing behind, any other line stays as it is written.
//!
//! The engine's own options would take the line break behind every tag and the blanks before it. So they are off, and
//! what a lone tag takes with it is left out of the text before the engine sees it. `-` is the engine's, and takes all
//! blanks and line breaks on its side; `+` keeps what its tag would take.

use std::ops::Range;

use super::layout::{Kind, Stretch};

/// The blanks and line breaks that tags take with them.
pub(super) fn taken(text: &str, stretches: &[Stretch<'_>]) -> Vec<Range<usize>> {
    let mut lines = Lines { text, line: Line::default(), taken: Vec::new() };
    for stretch in stretches {
        lines.add(stretch);
    }
    lines.end();
    lines.taken
}

struct Lines<'t> {
    text: &'t str,
    line: Line,
    taken: Vec<Range<usize>>,
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
                self.line.define(name, assigns);
            }
        }
    }

    fn add_tag(&mut self, range: &Range<usize>) {
        let tag = &self.text[range.clone()];
        if tag.get(2..).is_some_and(|inner| inner.starts_with('+')) {
            self.line.blanks().pop_if(|blanks| blanks.end == range.start);
        }
        self.line.keeps = tag.len() > 4 && tag[..tag.len() - 2].ends_with('+');
        self.line.has_tag = true;
    }

    fn add_text(&mut self, range: Range<usize>) {
        let mut start = range.start;
        for part in self.text[range].split_inclusive('\n') {
            let end = start + part.len();
            if !part.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
                self.line.print();
            } else if !self.line.keeps {
                self.line.blanks().push(start..end);
            }
            self.line.keeps = false;
            if part.ends_with('\n') {
                self.end();
            }
            start = end;
        }
    }

    fn end(&mut self) {
        let Line { has_tag, has_text, blanks, held, .. } = std::mem::take(&mut self.line);
        if has_tag && !has_text && !held.has_text {
            self.taken.extend(blanks);
            self.taken.extend(held.blanks);
        }
    }
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
