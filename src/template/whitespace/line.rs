//! A line of a template while it is read: its tags, its blanks and what is printed on it.

use std::ops::Range;

use super::Joining;

/// A line as it is printed: what stands within a tag does not end it.
#[derive(Default)]
pub(super) struct Line {
    pub(super) blanks: Vec<Range<usize>>,
    pub(super) has_tag: bool,
    pub(super) has_text: bool,
    /// The tag that was met last says `+` at its end.
    pub(super) keeps: bool,
    /// Macros and captures that were opened on this line and are not yet closed.
    pub(super) open: usize,
    /// What those hold so far: it is theirs if they are closed on this line, else it is the line's.
    pub(super) held: Held,
    /// A tag says `-` at its start, or the last one at its end, and means what is outside of a captured text.
    pub(super) joins: [bool; 2],
    /// The signs that say so, also those of tags before the last.
    pub(super) signs: Vec<Range<usize>>,
    /// The same of tags and values, where the engine takes the line break.
    pub(super) joining: Vec<Joining>,
    /// What tags on this line print.
    pub(super) prints: Vec<Printing>,
    /// The blanks at its start that are those of the block around it.
    pub(super) moved: Option<Range<usize>>,
    /// From its first tag to its last.
    pub(super) tags: Option<Range<usize>>,
    /// Blocks that are open, of those that begin on it; whether one is a loop, and whether one of another line ended.
    pub(super) depth: usize,
    pub(super) has_loop: bool,
    pub(super) ends_other: bool,
    /// How often something was printed on it.
    pub(super) printed: usize,
}

/// A tag on the line that prints a text.
pub(super) struct Printing {
    pub(super) range: Range<usize>,
    /// The end of a block that began above: the blanks to print before it.
    pub(super) indent: Option<String>,
    /// Right behind the start of a capture that is open on this line, with nothing behind it there.
    pub(super) at_margin: bool,
    /// Within a capture that is open on this line.
    pub(super) is_held: bool,
    /// The same, and its end was met.
    pub(super) is_closed: bool,
    /// All that a `call` or a `filter` holds that begins and ends on the line, beside others that are taken in.
    pub(super) is_whole: bool,
    /// A text ends behind it on the line that began above: the end of the line is none of its own.
    pub(super) is_last: bool,
    /// The end of a block with text before it, or behind.
    pub(super) is_beside: bool,
    /// The same as far as it is known: text before it, and how much was printed on the line of its end.
    pub(super) has_before: bool,
    pub(super) printed: usize,
    /// Whether a `-` takes what is before the block and what is behind it.
    pub(super) joins: [bool; 2],
}

#[derive(Default)]
pub(super) struct Held {
    pub(super) blanks: Vec<Range<usize>>,
    pub(super) has_text: bool,
}

/// How much a line holds where a block begins on it.
pub(super) struct SoFar {
    printed: usize,
    blanks: usize,
    prints: usize,
}

impl Line {
    pub(super) fn so_far(&mut self) -> SoFar {
        SoFar { printed: self.printed, blanks: self.blanks().len(), prints: self.prints.len() }
    }

    /// Ends a block on its line: if it held nothing but texts that are taken in, they are its text as they are.
    pub(super) fn close(&mut self, before: &SoFar) {
        if self.printed == before.printed && self.blanks().len() == before.blanks {
            self.prints.iter_mut().skip(before.prints).for_each(|print| print.is_whole = true);
        }
    }

    /// Whether several texts can be taken in on this line, all of whose blocks begin and end on it.
    pub(super) fn is_shared(&self) -> bool {
        let taken_in =
            self.prints.iter().filter(|print| print.indent.is_none() && !print.is_held && !print.is_whole).count();
        let all = self.prints.iter().all(|print| print.indent.is_none());
        all && self.depth == 0 && !self.ends_other && (taken_in > 1 || taken_in == 1 && self.has_loop)
    }

    pub(super) fn blanks(&mut self) -> &mut Vec<Range<usize>> {
        if self.open > 0 { &mut self.held.blanks } else { &mut self.blanks }
    }

    pub(super) fn print(&mut self) {
        self.printed += 1;
        if self.open > 0 {
            self.held.has_text = true;
            self.prints.iter_mut().filter(|print| !print.is_closed).for_each(|print| print.at_margin = false);
        } else {
            self.has_text = true;
        }
    }

    pub(super) fn nest(&mut self, name: &str, assigns: bool) {
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

    pub(super) fn define(&mut self, name: &str, assigns: bool) {
        match name {
            "macro" => self.open += 1,
            "set" if !assigns => self.open += 1,
            "endmacro" | "endset" if self.open > 0 => {
                self.open -= 1;
                if self.open == 0 {
                    self.held = Held::default();
                    self.prints.iter_mut().for_each(|print| print.is_closed = true);
                }
            }
            "endmacro" | "endset" => self.end_text(),
            _ => {}
        }
    }

    /// The end of a captured text that began above.
    pub(super) fn end_text(&mut self) {
        self.prints.iter_mut().for_each(|print| print.is_last = true);
    }
}
