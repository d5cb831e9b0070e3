//! Whitespace control: a line that holds nothing but tags leaves nothing behind, any other line stays as it is written.
//!
//! The engine's own options would take the line break behind every tag and the blanks before it. So they are off, and
//! what a lone tag takes with it is left out of the text before the engine sees it. `-` is the engine's, and takes all
//! blanks and line breaks on its side. Of a lone tag with `-` at its start only, that are the blank lines above: it stays
//! lone, and the lines around it stay two. What follows a lone tag with `-` at its end stands where the tag does. What stands
//! between `-%}` and `{%-` of one block has nothing around it. `+` keeps what its tag would take.

mod line;

use std::collections::BTreeMap;
use std::ops::Range;

use camino::Utf8Path;

use self::line::{Line, Printing};
use super::embed::{Embedded, Shared};
use super::layout::{Kind, Stretch};
use super::lead_in::LeadIns;

/// What is done about blanks and line breaks, and the texts that tags print.
#[derive(Debug, Default)]
pub(super) struct Control {
    /// What tags take with them, in order.
    pub(super) taken: Vec<Range<usize>>,
    /// What is put in, and where.
    pub(super) put_in: Vec<(usize, String)>,
    pub(super) embedded: Vec<Embedded>,
    pub(super) shared: Vec<Shared>,
}

/// Reads it out of a template's layout; `has_margins` for one that makes YAML.
pub(super) fn control(text: &str, stretches: &[Stretch<'_>], has_margins: bool) -> Control {
    let lines = read(text, stretches, BTreeMap::new());
    // Whether a block stands beside text is known once its end is.
    let beside = lines.beside;
    let lines = if beside.is_empty() {
        Lines { beside, ..lines }
    } else {
        let margin = |(start, _)| (start, if has_margins { margin(text, start) } else { 0 });
        read(text, stretches, beside.into_iter().map(margin).collect())
    };
    let Lines { taken, lead_ins, embedded, shared, .. } = lines;
    let mut taken = in_order(taken);
    let returns = carriage_returns(text, &taken);
    taken.extend(returns);
    let taken = in_order(taken);
    let put_in = lead_ins.put_in();
    Control { taken, put_in, embedded, shared }
}

/// Reads all lines, with the `call` and `filter` blocks that are known to stand beside text.
fn read<'t>(text: &'t str, stretches: &[Stretch<'_>], beside: BTreeMap<usize, usize>) -> Lines<'t> {
    let mut lines = Lines {
        text,
        line: Line::default(),
        taken: Vec::new(),
        embedded: Vec::new(),
        shared: Vec::new(),
        blocks: Vec::new(),
        beside,
        has_text: vec![false],
        lead_ins: LeadIns::default(),
        raw: None,
    };
    for stretch in stretches {
        lines.add(stretch);
    }
    lines.end();
    lines
}

/// The first half of each Windows line end: a checkout that changes line ends changes nothing of what is made.
fn carriage_returns(text: &str, taken: &[Range<usize>]) -> Vec<Range<usize>> {
    let is_taken = |at: usize| {
        let next = taken.get(taken.partition_point(|taken| taken.end <= at));
        next.is_some_and(|taken| taken.contains(&at))
    };
    let returns = text.match_indices("\r\n").map(|(at, _)| at);
    returns.filter(|at| !is_taken(*at)).map(|at| at..at + 1).collect()
}

struct Lines<'t> {
    text: &'t str,
    line: Line,
    taken: Vec<Range<usize>>,
    embedded: Vec<Embedded>,
    shared: Vec<Shared>,
    /// `call` and `filter` blocks that are open.
    blocks: Vec<Block>,
    /// Those with text before them on their first line, or behind them on their last, by their starts; and the margin of
    /// what is between their tags.
    beside: BTreeMap<usize, usize>,
    /// Something was printed above this line: into the template's own text, and into each capture that is open.
    has_text: Vec<bool>,
    lead_ins: LeadIns,
    /// Where the raw text begins that is open.
    raw: Option<usize>,
}

/// An open block whose text is printed once it is closed.
struct Block {
    start: usize,
    /// The blanks before it, which it took; not known before its line has ended.
    indent: Option<String>,
    /// The column that its lines are moved to the left by: also those of the blocks around it.
    column: usize,
    /// Text stands before it on its line.
    has_before: bool,
    /// Text stands before it, or behind its end: what it prints is a part of that text.
    is_beside: bool,
    /// Something was printed above it, and its `-` takes what is between.
    has_above: bool,
    joins: bool,
}

impl Lines<'_> {
    fn add(&mut self, stretch: &Stretch<'_>) {
        match stretch.kind {
            Kind::Text => self.add_text(stretch.range.clone()),
            Kind::Print => {
                self.print(stretch.range.start);
                self.line.goes_on = self.text[stretch.range.clone()].ends_with("-}}");
            }
            Kind::Comment => self.add_tag("", true, &stretch.range),
            Kind::Tag { name, assigns } => {
                self.add_tag(name, assigns, &stretch.range);
                self.add_printing(name, &stretch.range);
                self.branch(name, assigns, &stretch.range);
                self.line.nest(name, assigns);
                self.line.define(name, assigns);
                self.capture(name, assigns);
            }
        }
    }

    fn print(&mut self, at: usize) {
        self.line.print();
        self.has_text.last_mut().into_iter().for_each(|has_text| *has_text = true);
        if self.line.open == 0 {
            self.lead_ins.print(self.raw.unwrap_or(at));
        }
    }

    /// Keeps count of blocks and of raw text.
    fn branch(&mut self, name: &str, assigns: bool, tag: &Range<usize>) {
        let strips = self.line.joins[1];
        let joins = self.text[tag.clone()].starts_with("{%-");
        match name {
            "raw" => self.raw = Some(tag.start),
            "endraw" => self.raw = None,
            "for" | "if" | "with" | "filter" | "macro" | "call" => self.lead_ins.open(tag.clone(), strips),
            "set" if !assigns => self.lead_ins.open(tag.clone(), strips),
            "else" | "elif" => self.lead_ins.turn(joins, strips),
            _ if name.starts_with("end") => {
                let is_first = self.line.tags.as_ref().is_some_and(|tags| tags.start == tag.start);
                self.line.strips |= self.lead_ins.close(tag, joins) && is_first;
            }
            _ => {}
        }
    }

    fn capture(&mut self, name: &str, assigns: bool) {
        match name {
            "macro" | "call" | "filter" => self.has_text.push(false),
            "set" if !assigns => self.has_text.push(false),
            name if ends_capture(name) && self.has_text.len() > 1 => {
                let printed = self.has_text.pop() == Some(true) && matches!(name, "endcall" | "endfilter");
                self.has_text.last_mut().into_iter().for_each(|has_text| *has_text |= printed);
            }
            _ => {}
        }
    }

    fn add_tag(&mut self, name: &str, assigns: bool, range: &Range<usize>) {
        let tag = &self.text[range.clone()];
        if tag.get(2..).is_some_and(|inner| inner.starts_with('+')) {
            self.line.blanks().pop_if(|blanks| blanks.end == range.start);
        }
        let end = tag.len().saturating_sub(2);
        self.line.keeps = tag.len() > 4 && tag[..end].ends_with('+');
        // At the end of a capture, it is the captured text that loses its end.
        let joins = tag.len() > 4 && tag[2..].starts_with('-') && !ends_capture(name);
        self.line.joins[0] |= joins;
        self.line.signs.extend(joins.then(|| range.start + 2..range.start + 3));
        self.line.joins[1] = tag.len() > 4 && tag[..end].ends_with('-');
        let is_printed_later = matches!(name, "call" | "filter") && !self.beside.contains_key(&range.start);
        let holds = is_printed_later || matches!(name, "macro" | "include") || name == "set" && !assigns;
        self.line.joins_next = self.line.joins[1] && !holds;
        self.line.goes_on = self.line.joins[1];
        self.line.has_tag = true;
        self.line.tags.get_or_insert_with(|| range.clone()).end = range.end;
    }

    fn add_printing(&mut self, name: &str, range: &Range<usize>) {
        let printing = |line: &Line, range: Range<usize>, indent: Option<String>| Printing {
            range,
            indent,
            at_margin: line.open > 0 && !line.held.has_text && line.held.blanks.is_empty(),
            is_held: line.open > 0,
            is_closed: false,
            is_beside: false,
            has_before: false,
            strips: false,
            joins: [false; 2],
            printed: line.printed,
        };
        match name {
            "include" => self.line.prints.push(printing(&self.line, range.clone(), None)),
            "call" | "filter" => {
                let is_beside = self.beside.contains_key(&range.start);
                let has_before = self.line.has_text || self.line.held.has_text;
                let has_above = self.has_text.last() == Some(&true);
                let (start, indent, column, joins) = (range.start, None, 0, false);
                self.blocks.push(Block { start, indent, column, has_before, is_beside, has_above, joins });
            }
            "endcall" | "endfilter" => match self.blocks.pop() {
                Some(Block { start, indent: Some(indent), has_before, is_beside, joins, .. }) => {
                    let printing = printing(&self.line, start..range.end, Some(indent));
                    let end = &self.text[range.clone()];
                    let (strips, joins) = (end.starts_with("{%-"), [joins, end.ends_with("-%}")]);
                    self.line.prints.push(Printing { is_beside, has_before, strips, joins, ..printing });
                }
                // All of it stands on one line, as a print does.
                Some(Block { start, .. }) => self.print(start),
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
        let between = &text[first + 1..=last.max(first)];
        if !is_blank(between) {
            let blanks = between.len() - between.trim_start().len();
            self.print(range.start + first + 1 + blanks);
            (self.line.has_text, self.line.held.has_text) = (false, false);
        }
        let mut start = range.start + first + 1;
        for line in text[first + 1..=last.max(first)].split_inclusive('\n') {
            self.taken.extend(self.moved(start..start + line.len()));
            start += line.len();
        }
        let rest = range.start + last + 1..range.end;
        self.line.moved = self.moved(rest.clone());
        if !rest.is_empty() {
            self.add_part(rest);
        }
    }

    /// Takes the blank lines above the line of a tag, and the blanks behind the text above those.
    fn take_above(&mut self, tag: usize) {
        let line = self.text[..tag].rfind('\n').map_or(0, |end| end + 1);
        let start = self.text[..line].trim_end_matches(is_blank_char).len();
        let Some(end) = self.text[start..line].find('\n').map(|end| start + end).filter(|_| start > 0) else {
            return self.taken.push(start..line);
        };
        // A lone tag above has taken its line's end.
        if !self.taken.iter().rev().any(|taken| taken.contains(&end)) {
            self.taken.push(start..end);
        }
        self.taken.push(end + 1..line);
    }

    /// The blanks at the start of a line that it has because the tag of the block around it is indented.
    fn moved(&self, line: Range<usize>) -> Option<Range<usize>> {
        let indent = self.blocks.last()?.column;
        let text = &self.text[line.clone()];
        let blanks = text.bytes().take(indent).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        (blanks > 0).then(|| line.start..line.start + blanks)
    }

    /// A part of a line, with its end if it has one.
    fn add_part(&mut self, range: Range<usize>) {
        let part = &self.text[range.clone()];
        if !is_blank(part) {
            let blanks = part.len() - part.trim_start_matches([' ', '\t']).len();
            self.print(range.start + blanks);
        } else if !self.line.keeps {
            self.line.blanks().push(range);
        } else if part.ends_with('\n') {
            self.lead_ins.begin_line();
        }
        self.line.keeps = false;
        if part.ends_with('\n') {
            self.end();
        }
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        let is_shared = line.is_shared();
        let Line { has_tag, has_text, mut blanks, held, mut joins, prints, open, moved, tags, .. } = line;
        let Line { joins_next, strips, signs, printed, goes_on, .. } = line;
        let is_lone = has_tag && !has_text && !held.has_text;
        // It takes the lines without text above, and the line break before them stays: the lines around are not joined.
        let mut stays_apart = false;
        if let (Some(tags), [true, false]) = (tags.as_ref().filter(|_| is_lone && !strips), joins) {
            stays_apart = true;
            self.take_above(tags.start);
            self.taken.extend(signs);
            joins[0] = false;
        }
        let text = self.text;
        let blank = |range: Option<&Range<usize>>| range.map_or("", |range| &text[range.clone()]);
        let begins_line = |blanks: &&mut Range<usize>| text[..blanks.start].ends_with('\n') || blanks.start == 0;
        let mut first = "";
        if let Some(blanks) = blanks.first_mut().filter(begins_line) {
            // In a block of text, what a block beside other text prints begins at the margin.
            let is_begun = |block: &&Block| block.is_beside && block.indent.is_none();
            let margin = self.blocks.iter().find(is_begun).and_then(|block| self.beside.get(&block.start));
            let before = text[blanks.clone()].trim_end_matches(['\r', '\n']).len();
            blanks.start += margin.map_or(0, |margin| before.min(*margin));
            first = &text[blanks.clone()];
        }
        let whole = if is_lone && !joins[0] { first.trim_end_matches(['\r', '\n']) } else { "" };
        // Within a block, what its tag is indented by is printed before the whole of it.
        let around = self.blocks.iter().rfind(|block| block.indent.is_some()).map_or(0, |block| block.column);
        let indent = whole[around.min(whole.len())..].to_owned();
        let last = if held.blanks.is_empty() { blanks.last() } else { held.blanks.last() };
        let printed_above = self.has_text.last() == Some(&true);
        let keeps_break = strips && joins == [true, false] && printed_above;
        let ends_line = is_lone && !keeps_break && !joins[1] && blank(last).ends_with('\n');
        if is_lone {
            let joins_above = joins[0] || prints.last().is_some_and(|print| print.strips && print.joins[1]);
            let is_next = joins_next && !joins_above;
            let blanks = is_next.then(|| first.trim_end_matches(['\r', '\n']).to_owned());
            self.lead_ins.wait(blanks, joins_next && joins_above, tags.as_ref());
        } else if goes_on {
            self.lead_ins.go_on();
        }
        let shares = is_shared && is_lone;
        if let Some(range) = tags.filter(|_| shares) {
            let is_lines = indent.is_empty() && !(joins[0] && printed_above);
            self.shared.push(Shared { range, ends_line, is_lines });
        }
        for print in prints {
            let Printing { range, indent: above, at_margin, is_held, is_beside, has_before, .. } = print;
            let Printing { printed: before, strips, joins: own, .. } = print;
            if above.is_some() && !is_beside && (has_before || printed > before) {
                self.beside.insert(range.start, 0);
            }
            if is_beside && !is_lone {
                continue;
            }
            // One that a capture holds from its start to its end on this line is the capture's text as it is.
            let is_inside = is_held && open == 0;
            let is_include = above.is_none();
            if is_inside && at_margin {
                if is_include {
                    self.embedded.push(Embedded::as_it_is(range));
                }
                continue;
            }
            let indent = above.unwrap_or_else(|| if is_inside { String::new() } else { indent.clone() });
            let is_lines = is_include && is_lone && !is_inside && indent.is_empty() && !(joins[0] && printed_above);
            let is_shared = shares && is_include && !is_inside;
            // The text of a block has a line break of its own, unless the block's end takes it and joins what follows.
            let ends_line = if is_include { ends_line } else { is_lone && !(strips && joins[1]) };
            let ends_line = ends_line && !is_inside && !is_shared;
            let (joins, template) = (own, None);
            let how =
                Embedded { range, indent, ends_line, is_lines, is_shared, is_include, is_beside, joins, template };
            self.embedded.push(how);
        }
        for block in self.blocks.iter_mut().filter(|block| block.indent.is_none()) {
            let column = match self.beside.get(&block.start) {
                Some(margin) => *margin,
                None if is_lone => whole.len(),
                None => last_line(&self.text[..block.start]).filter(|before| is_blank(before)).map_or(0, str::len),
            };
            let indent = if block.is_beside { String::new() } else { indent.clone() };
            (block.indent, block.column) = (Some(indent), column.max(around));
            block.joins = !stays_apart && self.text[block.start..].starts_with("{%-");
            block.has_before |= block.joins && block.has_above;
        }
        if is_lone {
            let stays = |range: &Range<usize>| keeps_break && text[range.clone()].ends_with('\n');
            self.taken.extend(blanks.into_iter().chain(held.blanks).filter(|range| !stays(range)));
        } else {
            self.taken.extend(moved);
        }
    }
}

/// The margin of the block of text, such as `key: |`, that a place of a document stands in; 0 where it stands in none. Of
/// blocks within each other, all but the outermost are text.
fn margin(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let (mut column, mut margin, mut last) = (usize::MAX, 0, 0);
    for line in text[..end].lines().rev().filter(|line| !is_blank(line)) {
        let own = line.len() - line.trim_start_matches(' ').len();
        if own < column && column < usize::MAX && begins_block(line) {
            margin = last;
        }
        column = column.min(own);
        last = own;
    }
    margin
}

/// Whether the lines below a line of YAML are a block of text.
fn begins_block(line: &str) -> bool {
    let Some((before, sign)) = line.trim_end().rsplit_once(' ') else { return false };
    sign.starts_with(['|', '>'])
        && sign[1..].bytes().all(|byte| matches!(byte, b'+' | b'-' | b'1'..=b'9'))
        && before.trim_end().ends_with([':', '-'])
}

/// Whether a template makes a document of YAML, in which a block of text has a margin of its own.
pub(super) fn has_margins(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let file = file.split_once('#').map_or(file, |(file, _)| file);
    let file = file.strip_suffix(".j2").unwrap_or(file);
    !file.starts_with('_') && matches!(Utf8Path::new(file).extension(), Some("yaml" | "yml"))
}

/// Whether a tag ends a text that is printed elsewhere, or behind it.
fn ends_capture(name: &str) -> bool {
    matches!(name, "endmacro" | "endset" | "endcall" | "endfilter")
}

fn last_line(text: &str) -> Option<&str> {
    text.rsplit('\n').next()
}

fn is_blank(text: &str) -> bool {
    text.chars().all(is_blank_char)
}

fn is_blank_char(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

/// Ranges in order, without those that are empty, and one for each two that overlap.
fn in_order(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let overlaps = next.start < last.end;
        if overlaps {
            last.end = last.end.max(next.end);
        }
        overlaps
    });
    ranges
}
