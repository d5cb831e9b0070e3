//! The blanks before what stands behind a lone tag with `-` at its end: it stands where the tag does.
//!
//! Each round of a loop prints its lines anew, and each begins with them. If the loop's end strips, too, its rounds make one
//! line, and the blanks stand once, before the loop.

use std::ops::Range;

/// What is printed, and the blanks that are put before it.
#[derive(Default)]
pub(super) struct LeadIns {
    put_in: Vec<LeadIn>,
    /// What to print before what comes next, if that is no lone tag.
    next: Option<(String, Vec<usize>)>,
    /// What comes next goes on where text has ended: `{%- else -%}`.
    goes_on: bool,
    blocks: Vec<Block>,
    /// The block that was closed last, if its blanks stand before it: its start, and where its end tag ends.
    moved: Option<(usize, usize)>,
}

struct LeadIn {
    at: usize,
    blanks: String,
    /// Where the blocks begin whose first text this is.
    of: Vec<usize>,
}

/// An open block.
struct Block {
    tag: Range<usize>,
    /// The tag that began what is being printed says `-` at its end.
    strips: bool,
    /// The blanks before the first of its text; none if its text has several beginnings.
    blanks: Option<String>,
}

impl LeadIns {
    pub(super) fn open(&mut self, tag: Range<usize>, strips: bool) {
        self.blocks.push(Block { tag, strips, blanks: None });
    }

    /// An `else` or `elif`; `joins` is whether it says `-` at its start.
    pub(super) fn turn(&mut self, joins: bool, strips: bool) {
        if let Some(block) = self.blocks.last_mut() {
            block.strips = strips;
            if !(joins && strips) {
                block.blanks = None;
            }
        }
    }

    /// The end of a block; whether what it printed last had no blanks at its start.
    pub(super) fn close(&mut self, tag: &Range<usize>, joins: bool) -> bool {
        let Some(Block { tag: begin, strips, blanks }) = self.blocks.pop() else { return false };
        match (blanks, self.moved.take()) {
            (Some(blanks), _) if strips && joins => self.put_before(&begin, begin.start, blanks, tag.end),
            // Two tags side by side begin and end as one.
            (_, Some((inner, end))) if inner == begin.end && end == tag.start => {
                let blanks = self.put_in.iter().find(|it| it.at == inner).map(|it| it.blanks.clone());
                if let Some(blanks) = blanks {
                    self.put_before(&begin, inner, blanks, tag.end);
                }
            }
            _ => {}
        }
        strips
    }

    /// What `first` begins the text of has its blanks before a tag.
    fn put_before(&mut self, tag: &Range<usize>, first: usize, blanks: String, end: usize) {
        let is_first = |it: &LeadIn| it.at == first && first != tag.start || it.of.contains(&first);
        let outer = self.put_in.iter().find(|it| is_first(it)).map(|it| it.of.clone());
        let Some(mut of) = outer else { return };
        self.put_in.retain(|it| !is_first(it));
        of.retain(|block| *block != first);
        self.put_in.push(LeadIn { at: tag.start, blanks, of });
        self.moved = Some((tag.start, end));
    }

    /// Lone tags have ended their line: what comes next has these blanks before it, or `joins` what was before them.
    pub(super) fn wait(&mut self, blanks: Option<String>, joins: bool, tags: Option<&Range<usize>>) {
        self.goes_on |= joins;
        let blanks = if self.goes_on { blanks.map(|_| String::new()) } else { blanks };
        let before = self.next.take().map(|(_, of)| of);
        self.next = blanks.map(|blanks| {
            let mut of = before.unwrap_or_default();
            if let Some(block) =
                self.blocks.last_mut().filter(|block| tags.is_some_and(|tags| block.tag.end == tags.end))
            {
                block.blanks = Some(blanks.clone());
                of.push(block.tag.start);
            }
            (blanks, of)
        });
    }

    /// A line with text has ended, whose end is joined to what comes next.
    pub(super) fn go_on(&mut self) {
        self.goes_on = true;
    }

    /// The break at the end of a line is kept.
    pub(super) fn begin_line(&mut self) {
        self.goes_on = false;
    }

    /// Something is printed.
    pub(super) fn print(&mut self, at: usize) {
        self.goes_on = false;
        if let Some((blanks, of)) = self.next.take().filter(|(blanks, _)| !blanks.is_empty()) {
            self.put_in.push(LeadIn { at, blanks, of });
        }
    }

    /// What is put in, and where.
    pub(super) fn put_in(mut self) -> Vec<(usize, String)> {
        self.put_in.sort_by_key(|it| it.at);
        let put_in = self.put_in.into_iter();
        put_in.map(|it| (it.at, format!("{{% if true %}}{}{{% endif %}}", it.blanks))).collect()
    }
}
