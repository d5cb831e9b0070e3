//! Two texts as hunks of lines, as `diff -u` makes them, with the words that changed within a line.

use std::ops::Range;

use similar::{Algorithm, ChangeTag, DiffOp, InlineChangeMode, InlineChangeOptions, TextDiff};

use super::{mask, structure};

/// Changed lines and some equal ones around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    pub old: Lines,
    pub new: Lines,
    /// The value that all changed lines belong to, such as `spec.limits`; empty if there is none.
    pub path: String,
    pub lines: Vec<Line>,
}

/// Some lines of one side: as in a unified diff, `start` counts from 1, and is the line before if `count` is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    pub start: usize,
    pub count: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub kind: Kind,
    /// The line in pieces, without its line end; those that changed against the line's counterpart are marked.
    pub pieces: Vec<(bool, String)>,
    /// The last line of a text that does not end in a line end.
    pub unterminated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Equal,
    Removed,
    Added,
}

/// The hunks that lead from `old` to `new`. `yaml` looks up which value changed. Deterministic: no clock ends it early.
pub fn hunks(old: &str, new: &str, context: usize, yaml: bool, hidden: &[mask::Hidden; 2]) -> Vec<Hunk> {
    let (old_lines, new_lines): (Vec<_>, Vec<_>) = (lines(old), lines(new));
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_slices(&old_lines, &new_lines);
    let paths = |lines: &[&str]| if yaml { structure::paths(lines) } else { structure::Paths::default() };
    let (old_paths, new_paths) = (paths(&old_lines), paths(&new_lines));
    let is_secret = mask::has_secret(&old_lines) || mask::has_secret(&new_lines);
    let covers = [mask::covers(&old_lines, &old_paths, is_secret), mask::covers(&new_lines, &new_paths, is_secret)];
    let groups = diff.grouped_ops(context);
    groups.iter().map(|ops| hunk(&diff, ops, &old_paths, &new_paths, &covers, hidden)).collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn hunk(
    diff: &TextDiff<'_, '_, str>,
    ops: &[DiffOp],
    old: &structure::Paths,
    new: &structure::Paths,
    [old_covers, new_covers]: &[Vec<mask::Cover>; 2],
    [old_hidden, new_hidden]: &[mask::Hidden; 2],
) -> Hunk {
    let range = |range: fn(&DiffOp) -> Range<usize>| {
        let start = ops.first().map_or(0, |op| range(op).start);
        let end = ops.last().map_or(0, |op| range(op).end);
        Lines { start: if end > start { start + 1 } else { start }, count: end - start }
    };
    let mut path = None;
    let mut lines = Vec::new();
    let mut options = InlineChangeOptions::new();
    options.mode(InlineChangeMode::Words).algorithm(Algorithm::Myers);
    for op in ops {
        for change in diff.iter_inline_changes_with_options_deadline(op, options, None) {
            let kind = match change.tag() {
                ChangeTag::Equal => Kind::Equal,
                ChangeTag::Delete => Kind::Removed,
                ChangeTag::Insert => Kind::Added,
            };
            match (kind, change.old_index(), change.new_index()) {
                (Kind::Removed, Some(line), _) => path = structure::common(path, old.of(line)),
                (Kind::Added, _, Some(line)) => path = structure::common(path, new.of(line)),
                _ => {}
            }
            let pieces = change.iter_strings_lossy().map(|(marked, text)| (marked, text.into_owned())).collect();
            let mut line = line(kind, pieces);
            let of = |covers: &[mask::Cover], at: Option<usize>| at.and_then(|at| covers.get(at).copied());
            let cover = of(new_covers, change.new_index()).or_else(|| of(old_covers, change.old_index()));
            let of = |hidden: &mask::Hidden, at: Option<usize>| at.and_then(|at| hidden.get(&at).cloned());
            if let Some(parts) = of(new_hidden, change.new_index()).or_else(|| of(old_hidden, change.old_index())) {
                mask::cut(&mut line.pieces, &parts);
            }
            mask::hide(&mut line.pieces, cover.unwrap_or(mask::Cover::None));
            lines.push(line);
        }
    }
    Hunk {
        old: range(DiffOp::old_range),
        new: range(DiffOp::new_range),
        path: path.unwrap_or_default().to_string(),
        lines,
    }
}

fn line(kind: Kind, mut pieces: Vec<(bool, String)>) -> Line {
    let mut unterminated = true;
    if let Some((_, last)) = pieces.last_mut()
        && last.ends_with('\n')
    {
        last.pop();
        unterminated = false;
    }
    pieces.retain(|(_, text)| !text.is_empty());
    Line { kind, pieces, unterminated }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hunk in one string: the header, then lines with marked words in brackets.
    fn shown(old: &str, new: &str, context: usize) -> Vec<String> {
        let draw = |hunk: &Hunk| {
            let mut text =
                format!("{},{} {},{} {}", hunk.old.start, hunk.old.count, hunk.new.start, hunk.new.count, hunk.path);
            for line in &hunk.lines {
                let sign = match line.kind {
                    Kind::Equal => ' ',
                    Kind::Removed => '-',
                    Kind::Added => '+',
                };
                let pieces =
                    line.pieces.iter().map(|(marked, text)| if *marked { format!("[{text}]") } else { text.clone() });
                let end = if line.unterminated { "\\" } else { "" };
                text = format!("{text}\n{sign}{}{end}", pieces.collect::<String>());
            }
            text
        };
        hunks(old, new, context, true, &<[mask::Hidden; 2]>::default()).iter().map(draw).collect()
    }

    #[test]
    fn changed_words_are_marked_and_the_value_named() {
        let old = "spec:\n  limits:\n    cpu: \"100\"\n    memory: 1Gi\n  other: 1\n";
        let new = "spec:\n  limits:\n    cpu: \"200\"\n    memory: 1Gi\n  other: 1\n";
        assert_eq!(
            shown(old, new, 1),
            ["2,3 2,3 spec.limits.cpu\n   limits:\n-    cpu: [\"100\"]\n+    cpu: [\"200\"]\n     memory: 1Gi",]
        );
    }

    #[test]
    fn changes_far_apart_are_two_hunks() {
        let middle = "x: 0\n".repeat(9);
        let found = shown(&format!("a: 1\n{middle}b: 1\n"), &format!("a: 2\n{middle}b: 2\n"), 2);
        let heads: Vec<_> = found.iter().map(|hunk| hunk.lines().next().unwrap()).collect();
        assert_eq!(heads, ["1,3 1,3 a", "9,3 9,3 b"]);
    }

    #[test]
    fn added_and_removed_lines_name_the_value_they_belong_to() {
        assert_eq!(shown("a:\n  b: 1\n", "a:\n  b: 1\n  c: 2\n  d: 3\n", 0), ["2,0 3,2 a\n+  c: 2\n+  d: 3"]);
        assert_eq!(shown("a: 1\n", "", 3), ["1,1 0,0 a\n-a: 1"]);
        assert_eq!(shown("", "a: 1\nb: 1\n", 3), ["0,0 1,2 \n+a: 1\n+b: 1"]);
    }

    #[test]
    fn a_missing_line_end_is_a_difference() {
        assert_eq!(shown("a: 1", "a: 1\n", 3).len(), 1);
        let hunk = &hunks("a: 1", "a: 1\n", 3, true, &<[mask::Hidden; 2]>::default())[0];
        assert_eq!(hunk.lines.iter().map(|line| line.unterminated).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn carriage_returns_do_not_split_lines() {
        assert_eq!(shown("a\rb\r\nc\n", "a\rb\r\nd\n", 0), ["2,1 2,1 \n-[c]\n+[d]"]);
    }
}
