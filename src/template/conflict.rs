//! Marks of a merge conflict, which git leaves in a text that nobody has settled.

use std::ops::Range;

/// Where the first mark stands, if all three stand at the left margin, in their order.
pub(super) fn mark(text: &str) -> Option<Range<usize>> {
    const MARKS: [&str; 3] = ["<<<<<<<", "=======", ">>>>>>>"];
    if !text.contains(MARKS[0]) {
        return None;
    }
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
            assert_eq!(mark(text), text.find('<').map(|at| at..at + 7), "{text}");
        }
        for text in [
            "",
            "Title\n=======\ntext\n",
            "<<<<<<< HEAD\n>>>>>>> x\n=======\n",
            " <<<<<<< HEAD\n=======\n>>>>>>> x\n",
            "<<<<<<<<< HEAD\n=======\n>>>>>>> x\n",
            "<<<<<<< HEAD\n======= x\n>>>>>>> x\n",
        ] {
            assert_eq!(mark(text), None, "{text}");
        }
    }
}
