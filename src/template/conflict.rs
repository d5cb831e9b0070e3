//! Marks of a merge conflict, which git leaves in a text that nobody has settled.

use std::ops::Range;

const MARKS: [&str; 3] = ["<<<<<<<", "=======", ">>>>>>>"];

/// A mark of a conflict: the first of one that is whole, or one that is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) is_whole: bool,
}

impl Mark {
    /// What is wrong, and what to do.
    pub(super) fn words(&self) -> (&'static str, &'static str) {
        if self.is_whole {
            ("a merge conflict that is not resolved", "choose one side and remove the marks")
        } else {
            ("a mark that is left of a merge conflict", "remove its line, and the side that is not wanted")
        }
    }
}

/// The first mark of a conflict, if all three stand at the left margin, in their order; else the first that names a side.
pub(super) fn mark(text: &str) -> Option<Mark> {
    let is_there = |mark: &str| text.contains(mark);
    if !is_there(MARKS[0]) && !is_there(MARKS[2]) && !is_there(BASE) {
        return None;
    }
    let whole = whole(text).map(|range| Mark { range, is_whole: true });
    whole.or_else(|| lone(text).map(|range| Mark { range, is_whole: false }))
}

fn whole(text: &str) -> Option<Range<usize>> {
    let (mut first, mut next, mut at) = (0..0, 0, 0);
    for line in text.split_inclusive('\n') {
        let is_next = line.strip_prefix(MARKS[next]).is_some_and(|rest| match next {
            1 => rest.trim_end_matches(['\r', '\n']).is_empty(),
            _ => rest.starts_with([' ', '\r', '\n']) || rest.is_empty(),
        });
        if is_next && next == 0 {
            first = at..at + MARKS[0].len();
        }
        next += usize::from(is_next);
        if next == MARKS.len() {
            return Some(first);
        }
        at += line.len();
    }
    None
}

/// Before what both sides were made of.
const BASE: &str = "|||||||";

/// A line such as `>>>>>>> branch`, of exactly seven signs. `=======` alone underlines headings.
fn lone(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = [MARKS[0], BASE, MARKS[2]].iter().find_map(|mark| line.strip_prefix(mark));
        // A row of a table has bars behind its cells.
        if rest.is_some_and(|rest| rest.starts_with(' ') && !rest.trim().is_empty() && !rest.contains('|')) {
            return Some(at..at + BASE.len());
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_marks_in_their_order_are_a_conflict() {
        for text in [
            "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n",
            "x\n<<<<<<<\r\n||||||| base\r\n=======\r\n>>>>>>> 3f2\r\n",
            "<<<<<<< HEAD\n=======\n>>>>>>> x",
        ] {
            let first = text.find('<').map(|at| Mark { range: at..at + 7, is_whole: true });
            assert_eq!(mark(text), first, "{text}");
        }
    }

    #[test]
    fn a_mark_that_names_a_side_is_left_of_one() {
        for text in [
            "a\n>>>>>>> feature\nb\n",
            "<<<<<<< HEAD\r\na\r\n",
            "||||||| 3f2\n=======\n",
            "a\n||||||| merged common ancestors\n",
            "a\n>>>>>>> x",
            "=======\na\n>>>>>>> x\n",
        ] {
            let first = text.find(['<', '>', '|']).map(|at| Mark { range: at..at + 7, is_whole: false });
            assert_eq!(mark(text), first, "{text}");
        }
        for text in [
            "",
            "Title\n=======\ntext\n",
            " <<<<<<< HEAD\n=======\n >>>>>>> x\n",
            "<<<<<<<<< HEAD\n=======\n>>>>>>>>> x\n",
            "<<<<<<<\n",
            ">>>>>>> \n",
            "||||||| a | b ||\n",
            "|||||||\n|-|-|-|\n",
        ] {
            assert_eq!(mark(text), None, "{text}");
        }
    }
}
