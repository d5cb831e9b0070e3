//! Whitespace control: a line that holds nothing but tags leaves nothing behind, any other line stays as it is written.
//!
//! The engine's own options would take the line break behind every tag and the blanks before it. So they are off, and
//! what a lone tag takes with it is left out of the text before the engine sees it. `-` is the engine's, and takes all
//! blanks and line breaks on its side. Of a lone tag with `-` at its start only, that are the blank lines above: it stays
//! lone, and the lines around it stay two. What follows a lone tag with `-` at its end stands where the tag does. What stands
//! between `-%}` and `{%-` of one block has nothing around it. `+` keeps what its tag would take.

use std::collections::BTreeMap;
use std::ops::Range;

use camino::Utf8Path;

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
    /// A tag says `-` at its start, or the last one at its end: the engine joins the line to its neighbour.
    joins: [bool; 2],
    /// The last tag says it at its end, and begins no text that is printed elsewhere.
    joins_next: bool,
    /// Its first tag ends a block that a `-` began: what is in it has neither blanks around it nor line breaks.
    strips: bool,
    /// The signs at the starts of its tags.
    signs: Vec<Range<usize>>,
    /// What tags on this line print.
    prints: Vec<Printing>,
    /// The blanks at its start that are those of the block around it.
    moved: Option<Range<usize>>,
    /// From its first tag to its last.
    tags: Option<Range<usize>>,
    /// Blocks that are open, of those that begin on it; whether one is a loop, and whether one of another line ended.
    depth: usize,
    has_loop: bool,
    ends_other: bool,
    /// How often something was printed on it.
    printed: usize,
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
    /// The end of a block with text before it, or behind.
    is_beside: bool,
    /// The same as far as it is known: text before it, and how much was printed on the line of its end.
    has_before: bool,
    printed: usize,
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
            Kind::Print => self.print(stretch.range.start),
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
        let holds = matches!(name, "macro" | "call" | "filter" | "raw" | "include") || name == "set" && !assigns;
        self.line.joins_next = self.line.joins[1] && !holds;
        self.line.has_tag = true;
        self.line.tags.get_or_insert_with(|| range.clone()).end = range.end;
    }

    fn add_printing(&mut self, name: &str, range: &Range<usize>) {
        let printing = |line: &Line, range: Range<usize>, indent: Option<String>| Printing {
            range,
            indent,
            at_margin: line.open > 0 && !line.held.has_text && line.held.blanks.is_empty(),
            is_held: line.open > 0,
            is_beside: false,
            has_before: false,
            printed: line.printed,
        };
        match name {
            "include" => self.line.prints.push(printing(&self.line, range.clone(), None)),
            "call" | "filter" => {
                let is_beside = self.beside.contains_key(&range.start);
                let has_before = self.line.has_text || self.line.held.has_text;
                self.blocks.push(Block { start: range.start, indent: None, column: 0, has_before, is_beside });
            }
            "endcall" | "endfilter" => match self.blocks.pop() {
                Some(Block { start, indent: Some(indent), has_before, is_beside, .. }) => {
                    let printing = printing(&self.line, start..range.end, Some(indent));
                    self.line.prints.push(Printing { is_beside, has_before, ..printing });
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
        }
        self.line.keeps = false;
        if part.ends_with('\n') {
            self.end();
        }
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        let is_shared = line.is_shared();
        let Line { has_tag, has_text, blanks, held, mut joins, prints, open, moved, tags, .. } = line;
        let Line { joins_next, strips, signs, printed, .. } = line;
        let is_lone = has_tag && !has_text && !held.has_text;
        // It takes the lines without text above, and the line break before them stays: the lines around are not joined.
        if let (Some(tags), [true, false]) = (tags.as_ref().filter(|_| is_lone && !strips), joins) {
            self.take_above(tags.start);
            self.taken.extend(signs);
            joins[0] = false;
        }
        let blank = |range: Option<&Range<usize>>| range.map_or("", |range| &self.text[range.clone()]);
        let first =
            blank(blanks.first().filter(|blanks| self.text[..blanks.start].ends_with('\n') || blanks.start == 0));
        let whole = if is_lone && !joins[0] { first.trim_end_matches(['\r', '\n']) } else { "" };
        // Within a block, what its tag is indented by is printed before the whole of it.
        let around = self.blocks.iter().rfind(|block| block.indent.is_some()).map_or(0, |block| block.column);
        let indent = whole[around.min(whole.len())..].to_owned();
        let last = if held.blanks.is_empty() { blanks.last() } else { held.blanks.last() };
        let printed_above = self.has_text.last() == Some(&true);
        let keeps_break = strips && joins == [true, false] && printed_above;
        let ends_line = is_lone && !keeps_break && !joins[1] && blank(last).ends_with('\n');
        if is_lone {
            let is_next = joins_next && !joins[0];
            let blanks = is_next.then(|| first.trim_end_matches(['\r', '\n']).to_owned());
            self.lead_ins.wait(blanks, joins_next && joins[0], tags.as_ref());
        }
        let shares = is_shared && is_lone;
        if let Some(range) = tags.filter(|_| shares) {
            let is_lines = indent.is_empty() && !(joins[0] && printed_above);
            self.shared.push(Shared { range, ends_line, is_lines });
        }
        for Printing { range, indent: above, at_margin, is_held, is_beside, has_before, printed: before } in prints {
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
            let ends_line = ends_line && !is_inside && !is_shared;
            let how = Embedded { range, indent, ends_line, is_lines, is_shared, is_include, is_beside, template: None };
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
        }
        if is_lone {
            let text = self.text;
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

impl Line {
    /// Whether several texts can be taken in on this line, all of whose blocks begin and end on it.
    fn is_shared(&self) -> bool {
        let taken_in = self.prints.iter().filter(|print| print.indent.is_none() && !print.is_held).count();
        let all = self.prints.iter().all(|print| print.indent.is_none());
        all && self.depth == 0 && !self.ends_other && (taken_in > 1 || taken_in == 1 && self.has_loop)
    }

    fn blanks(&mut self) -> &mut Vec<Range<usize>> {
        if self.open > 0 { &mut self.held.blanks } else { &mut self.blanks }
    }

    fn print(&mut self) {
        self.printed += 1;
        if self.open > 0 {
            self.held.has_text = true;
        } else {
            self.has_text = true;
        }
    }

    fn nest(&mut self, name: &str, assigns: bool) {
        match name {
            "for" | "if" | "with" | "filter" | "macro" | "call" => self.depth += 1,
            "set" if !assigns => self.depth += 1,
            "else" | "elif" => self.ends_other |= self.depth == 0,
            "raw" | "endraw" => {}
            _ if name.starts_with("end") => {
                self.ends_other |= self.depth == 0;
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
        self.has_loop |= name == "for";
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
