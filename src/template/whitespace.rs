//! Whitespace control: a line that holds nothing but tags leaves nothing behind, any other line stays as it is written.
//!
//! The engine's own options would take the line break behind every tag and the blanks before it. So they are off, and
//! what a lone tag takes with it is left out of the text before the engine sees it. `-` of a lone tag takes the blank lines
//! on its side as well, and is left out, too: the lines around stay as they are. Beside text, and at the ends of a text that
//! is captured, `-` is the engine's, and takes all blanks and line breaks on its side. `+` keeps what its tag would take.

mod line;

use std::collections::BTreeMap;
use std::ops::Range;

use camino::Utf8Path;

use self::line::{Line, Printing, SoFar};
use super::embed::{Embedded, Shared};
use super::layout::{Kind, Stretch};

/// What is done about blanks and line breaks, and the texts that tags print.
#[derive(Debug, Default)]
pub(super) struct Control {
    /// What tags take with them, in order.
    pub(super) taken: Vec<Range<usize>>,
    /// Tags beside text whose `-` takes a line break, and which sides.
    pub(super) joining: Vec<Joining>,
    pub(super) embedded: Vec<Embedded>,
    pub(super) shared: Vec<Shared>,
}

/// A tag whose `-` takes the line break above its line or at its end, or a blank that makes a sign of YAML, outside of
/// texts that are captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Joining {
    pub(super) tag: Range<usize>,
    /// At its end.
    pub(super) is_behind: bool,
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
    let Lines { taken, joining, embedded, shared, .. } = lines;
    let mut taken = in_order(taken);
    let returns = carriage_returns(text, &taken);
    taken.extend(returns);
    let taken = in_order(taken);
    Control { taken, joining, embedded, shared }
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
        joining: Vec::new(),
        captures: 0,
        above_holds: false,
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
    joining: Vec<Joining>,
    /// Texts that are open and printed later, or not at all: those of macros, `set`, `call` and `filter`.
    captures: usize,
    /// The last line above that is not blank holds something.
    above_holds: bool,
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
    /// What the line had before it.
    held: SoFar,
}

impl Lines<'_> {
    fn add(&mut self, stretch: &Stretch<'_>) {
        match stretch.kind {
            Kind::Text => self.add_text(stretch.range.clone()),
            Kind::Print => {
                self.join(&stretch.range, [true; 2]);
                self.print();
            }
            Kind::Comment => self.add_tag("", true, &stretch.range),
            Kind::Tag { name, assigns } => {
                self.add_tag(name, assigns, &stretch.range);
                self.add_printing(name, &stretch.range);
                self.line.nest(name, assigns);
                self.line.define(name, assigns);
                self.capture(name, assigns);
            }
        }
    }

    fn print(&mut self) {
        self.line.print();
        self.has_text.last_mut().into_iter().for_each(|has_text| *has_text = true);
    }

    /// Remembers a tag that a `-` on one of these sides joins to another line, if its line holds something.
    fn join(&mut self, tag: &Range<usize>, sides: [bool; 2]) {
        if self.captures > 0 {
            return;
        }
        let (text, inner) = (self.text, &self.text[tag.clone()]);
        let line = text[..tag.start].rfind('\n').map_or(0, |end| end + 1);
        let before = &text[line..tag.start];
        let joins = (self.above_holds && is_blank(before)) || is_sign_of_yaml(before);
        if sides[0] && joins && inner[2..].starts_with('-') {
            self.line.joining.push(Joining { tag: tag.clone(), is_behind: false });
        }
        let behind = text[tag.end..].split('\n').next().unwrap_or_default();
        let joins = is_blank(behind) || behind.starts_with(' ') && behind.trim_start().starts_with('#');
        if sides[1] && joins && tag.len() > 4 && inner[..inner.len() - 2].ends_with('-') {
            self.line.joining.push(Joining { tag: tag.clone(), is_behind: true });
        }
    }

    fn capture(&mut self, name: &str, assigns: bool) {
        let captures = matches!(name, "macro" | "call" | "filter") || name == "set" && !assigns;
        self.captures += usize::from(captures);
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
        // At the ends of a capture, it is the captured text that loses its blanks.
        let is_printed_later = matches!(name, "call" | "filter") && !self.beside.contains_key(&range.start);
        let captures = is_printed_later || name == "macro" || name == "set" && !assigns;
        if ends_capture(name) {
            self.captures = self.captures.saturating_sub(1);
        }
        self.join(range, [!ends_capture(name), !captures]);
        let joins = tag.len() > 4 && tag[2..].starts_with('-') && !ends_capture(name);
        self.line.joins[0] |= joins;
        self.line.signs.extend(joins.then(|| range.start + 2..range.start + 3));
        self.line.joins[1] = tag.len() > 4 && tag[..end].ends_with('-') && !captures;
        self.line.signs.extend(self.line.joins[1].then(|| range.end - 3..range.end - 2));
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
            is_whole: false,
            is_last: false,
            is_beside: false,
            has_before: false,
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
                let held = self.line.so_far();
                self.blocks.push(Block { start, indent, column, has_before, is_beside, has_above, joins, held });
            }
            "endcall" | "endfilter" => match self.blocks.pop() {
                Some(Block { start, indent: Some(indent), has_before, is_beside, joins, .. }) => {
                    self.line.end_text();
                    let printing = printing(&self.line, start..range.end, Some(indent));
                    let end = &self.text[range.clone()];
                    let joins = [joins, end.ends_with("-%}")];
                    self.line.prints.push(Printing { is_beside, has_before, joins, ..printing });
                }
                // All of it stands on one line, as a print does.
                Some(Block { held, .. }) => {
                    self.line.close(&held);
                    self.print();
                }
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
            self.print();
            self.above_holds = true;
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

    /// Takes the blank lines below the line of a tag.
    fn take_below(&mut self, tag: usize) {
        let Some(line) = self.text[tag..].find('\n').map(|end| tag + end + 1) else { return };
        let below = &self.text[line..];
        let blank = &below[..below.len() - below.trim_start_matches(is_blank_char).len()];
        let end = if blank.len() == below.len() { blank.len() } else { blank.rfind('\n').map_or(0, |end| end + 1) };
        self.taken.push(line..line + end);
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
            self.print();
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
        let Line { has_tag, has_text, mut blanks, held, joins, prints, open, moved, tags, signs, .. } = line;
        let is_lone = has_tag && !has_text && !held.has_text;
        // It takes the lines without text on the side of its signs, and the lines around are not joined.
        if let Some(tags) = tags.as_ref().filter(|_| is_lone) {
            if joins[0] {
                self.take_above(tags.start);
            }
            if joins[1] {
                self.take_below(tags.end);
            }
            self.taken.extend(signs);
        } else {
            self.joining.extend(line.joining);
        }
        if has_text || held.has_text || is_lone {
            self.above_holds = !is_lone;
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
        let whole = if is_lone { first.trim_end_matches(['\r', '\n']) } else { "" };
        // Within a block, what its tag is indented by is printed before the whole of it.
        let around = self.blocks.iter().rfind(|block| block.indent.is_some()).map_or(0, |block| block.column);
        let indent = whole[around.min(whole.len())..].to_owned();
        let last = if held.blanks.is_empty() { blanks.last() } else { held.blanks.last() };
        let ends_line = is_lone && blank(last).ends_with('\n');
        let shares = is_shared && is_lone;
        if let Some(range) = tags.filter(|_| shares) {
            let is_lines = indent.is_empty();
            self.shared.push(Shared { range, ends_line, is_lines });
        }
        for print in prints {
            let Printing { range, indent: above, at_margin, is_held, is_beside, has_before, .. } = print;
            let Printing { printed: before, joins: own, is_whole, is_last, .. } = print;
            if above.is_some() && !is_beside && (has_before || line.printed > before) {
                self.beside.insert(range.start, 0);
            }
            if is_beside && !is_lone {
                continue;
            }
            // One that a capture holds from its start to its end on this line is the capture's text as it is.
            let is_inside = is_held && open == 0;
            let is_include = above.is_none();
            if is_whole || is_inside && at_margin {
                if is_include {
                    self.embedded.push(Embedded::as_it_is(range));
                }
                continue;
            }
            let indent = above.unwrap_or_else(|| if is_inside { String::new() } else { indent.clone() });
            let is_lines = is_include && is_lone && !is_inside && indent.is_empty();
            let is_shared = shares && is_include && !is_inside;
            // The text of a block has a line break of its own.
            let ends_line = if is_include { ends_line } else { is_lone };
            let ends_line = ends_line && !is_inside && !is_shared && !is_last;
            let (joins, template) = ([own[0], own[1] && !is_lone], None);
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
            block.joins = !is_lone && self.text[block.start..].starts_with("{%-");
            block.has_before |= block.joins && block.has_above;
        }
        if is_lone {
            self.taken.extend(blanks.into_iter().chain(held.blanks));
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
    is_yaml(name) && !name.rsplit('/').next().unwrap_or(name).starts_with('_')
}

/// Whether a template, or a part of one, is YAML by its name.
pub(super) fn is_yaml(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let file = file.split_once('#').map_or(file, |(file, _)| file);
    let file = file.strip_suffix(".j2").unwrap_or(file);
    matches!(Utf8Path::new(file).extension(), Some("yaml" | "yml"))
}

/// Whether the start of a line ends with the sign of a key or an item and a blank.
fn is_sign_of_yaml(before: &str) -> bool {
    let written = before.trim_end_matches([' ', '\t']);
    let is_item = || written.strip_suffix('-').is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '\t']));
    written.len() < before.len() && (written.ends_with(':') || is_item())
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
