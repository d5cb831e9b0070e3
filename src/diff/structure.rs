//! Which value a line of YAML belongs to, from indentation alone: right for the block style that platc writes, good
//! enough as a signpost in anything else. Nothing is decided by it.

use std::ops::Range;

use crate::yaml::path::{Path, Step};

/// For each line of a text its value.
#[derive(Debug, Default)]
pub struct Paths {
    /// Steps, each with the one it stands below.
    steps: Vec<(Option<usize>, Step)>,
    /// For each line its innermost step; blank lines, comments and what is no YAML have none.
    lines: Vec<Option<usize>>,
}

impl Paths {
    /// A line's value (from 0), if it has one.
    pub fn of(&self, line: usize) -> Option<Path> {
        let mut at = self.lines.get(line).copied().flatten();
        at?;
        let mut steps = Vec::new();
        while let Some(index) = at {
            let (parent, step) = &self.steps[index];
            steps.push(step.clone());
            at = *parent;
        }
        Some(steps.into_iter().rev().collect())
    }
}

/// The nearest value that holds both. A line without a value changes nothing.
pub fn common(one: Option<Path>, other: Option<Path>) -> Option<Path> {
    let (Some(one), Some(other)) = (&one, &other) else {
        return one.or(other);
    };
    let pairs = one.steps().iter().zip(other.steps());
    Some(pairs.take_while(|(a, b)| a == b).map(|(step, _)| step.clone()).collect())
}

/// An open block: where it is indented, and its step.
struct Open {
    indent: usize,
    item: bool,
    step: usize,
}

/// The values of all lines, in one pass.
pub fn paths(lines: &[&str]) -> Paths {
    let mut paths = Paths::default();
    let mut open: Vec<Open> = Vec::new();
    // Inside a block scalar: the indentation of what holds it.
    let mut scalar: Option<usize> = None;
    for line in lines {
        let text = line.trim_end();
        let mut indent = text.len() - text.trim_start_matches(' ').len();
        if let Some(outer) = scalar {
            if text.is_empty() || indent > outer {
                paths.lines.push(open.last().map(|block| block.step));
                continue;
            }
            scalar = None;
        }
        let mut rest = &text[indent..];
        if rest.is_empty() || rest.starts_with(['#', '%']) || rest == "---" || rest == "..." {
            if indent == 0 && rest == "---" {
                open.clear();
            }
            paths.lines.push(None);
            continue;
        }
        while let Some(below) =
            rest.strip_prefix("- ").or_else(|| rest.strip_prefix('-').filter(|rest| rest.is_empty()))
        {
            let index = close(&mut open, indent, true, &paths);
            push(&mut paths, &mut open, indent, true, Step::Index(index));
            let blanks = below.len() - below.trim_start_matches(' ').len();
            rest = &below[blanks..];
            indent += 2 + blanks;
        }
        if let Some((key, value)) = key(rest) {
            close(&mut open, indent, false, &paths);
            push(&mut paths, &mut open, indent, false, Step::Key(rest[key].trim_matches('"').into()));
            rest = &rest[value..];
        }
        if rest.trim_start().starts_with(['|', '>']) {
            scalar = open.last().map(|block| block.indent);
        }
        paths.lines.push(open.last().map(|block| block.step));
    }
    paths
}

/// Closes what ends where an item or a key stands at `indent`; for an item, its index.
fn close(open: &mut Vec<Open>, indent: usize, item: bool, paths: &Paths) -> usize {
    let mut index = 0;
    while let Some(last) = open.last() {
        // A list may stand at its key's own indentation.
        let holds = last.indent < indent || (last.indent == indent && item && !last.item);
        if holds {
            break;
        }
        if item && last.item && last.indent == indent {
            index = match paths.steps[last.step].1 {
                Step::Index(index) => index + 1,
                Step::Key(_) | Step::Item(_) => 0,
            };
        }
        open.pop();
    }
    index
}

fn push(paths: &mut Paths, open: &mut Vec<Open>, indent: usize, item: bool, step: Step) {
    paths.steps.push((open.last().map(|block| block.step), step));
    open.push(Open { indent, item, step: paths.steps.len() - 1 });
}

/// Where a line's key stands and where its value begins.
fn key(text: &str) -> Option<(Range<usize>, usize)> {
    let end = if text.starts_with('"') {
        let mut escaped = false;
        let close = text.char_indices().skip(1).find(|&(_, c)| {
            let found = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            found
        });
        close?.0 + 1
    } else {
        text.match_indices(':')
            .map(|(at, _)| at)
            .find(|at| text[at + 1..].is_empty() || text[at + 1..].starts_with(' '))?
    };
    let value = text[end..].strip_prefix(':')?;
    (value.is_empty() || value.starts_with(' ')).then_some((0..end, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line with its path behind `@`, as the test writes it.
    fn check(annotated: &str) {
        let (lines, wanted): (Vec<_>, Vec<_>) =
            annotated.lines().map(|line| line.rsplit_once('@').unwrap_or_else(|| panic!("{line}"))).unzip();
        let found = paths(&lines);
        let found: Vec<_> = (0..lines.len()).map(|line| found.of(line).unwrap_or_default().to_string()).collect();
        let wanted: Vec<_> = wanted.iter().map(|path| path.trim()).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn maps_lists_and_scalars() {
        check(
            "# header           @
             kind: X            @ kind
             spec:              @ spec
               rules:           @ spec.rules
                 - name: a      @ spec.rules[0].name
                   match:       @ spec.rules[0].match
                     - x        @ spec.rules[0].match[0]
                     - y: 1     @ spec.rules[0].match[1].y
                 - name: b      @ spec.rules[1].name
                                @
                 -              @ spec.rules[2]
                   name: c      @ spec.rules[2].name
               \"a.b/c\": z     @ spec.\"a.b/c\"
               deep:            @ spec.deep
                 - - one        @ spec.deep[0][0]
                   - two        @ spec.deep[0][1]
             last: 1            @ last"
                .replace("\n             ", "\n")
                .as_str(),
        );
    }

    #[test]
    fn block_scalars_belong_to_their_key() {
        check(
            "a: |-              @ a
               not: a key       @ a
                                @ a
               - nor an item    @ a
             b:                 @ b
               - |              @ b[0]
                 text: x        @ b[0]
               - y              @ b[1]
             url: http://x:1/y  @ url"
                .replace("\n             ", "\n")
                .as_str(),
        );
    }

    #[test]
    fn lists_at_the_indentation_of_their_key() {
        check("a:    @ a\n- b: 1 @ a[0].b\n  c: 2 @ a[0].c\n- b: 3 @ a[1].b\nd: 4  @ d");
    }

    #[test]
    fn each_document_counts_anew() {
        check("- a: 1 @ [0].a\n---    @\n- a: 2 @ [0].a\n  b: 3 @ [0].b\n---    @\nc: 4   @ c");
    }

    #[test]
    fn what_is_no_yaml_does_no_harm() {
        for text in ["", "\"", "\"a", ":", "- - -", "\t\t- x", "é: ö", "}{", "a:\n - |", "-", "  - a\n- b\n    c: d"]
        {
            let lines: Vec<_> = text.split_inclusive('\n').collect();
            assert_eq!(paths(&lines).lines.len(), lines.len());
        }
    }
}
