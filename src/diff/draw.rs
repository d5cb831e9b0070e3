//! A diff for a person: unified, so that other tools read it too, with colours and changed words on a terminal.

use std::fmt::Write as _;

use super::text::{Hunk, Kind, Line, Lines};
use super::{Change, FileDiff};
use crate::finding::render::safe;

const BOLD: &str = "\x1b[1m";
const CYAN: &str = "\x1b[36m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
/// Dark ground under the words that changed, in the line's own colour.
const RED_WORD: &str = "\x1b[31;7m";
const GREEN_WORD: &str = "\x1b[32;7m";
const RESET: &str = "\x1b[0m";

/// What the two sides are called in front of a file's path: `golden/prod`, `main:rendered/prod`.
#[derive(Clone, Debug)]
pub struct Sides {
    pub old: String,
    pub new: String,
}

/// All files, each as a unified diff. A file that is gone is one line: nobody reviews what it said.
pub fn unified(diffs: &[FileDiff], sides: &Sides, colour: bool) -> String {
    let paint = Paint { colour };
    let mut text = String::new();
    for diff in diffs {
        let path = safe::line(diff.path.as_str());
        let (old, new) = (format!("{}/{path}", sides.old), format!("{}/{path}", sides.new));
        let _ = match &diff.change {
            Change::Modified => {
                write!(text, "{}\n{}\n", paint.head(&format!("--- {old}")), paint.head(&format!("+++ {new}")))
            }
            Change::Added => write!(text, "{}\n{}\n", paint.head("--- /dev/null"), paint.head(&format!("+++ {new}"))),
            Change::Removed => writeln!(text, "{}", paint.head(&format!("removed {old} ({})", lines(diff.removed)))),
            Change::Renamed { from } => {
                let from = safe::line(from.as_str());
                writeln!(text, "{}", paint.head(&format!("renamed {}/{from} to {new}", sides.old)))
            }
            Change::Binary => writeln!(text, "{}", paint.head(&format!("not text: {old} and {new} differ"))),
        };
        if diff.change != Change::Removed {
            for hunk in &diff.hunks {
                // All of a new file is new: no value stands out.
                let path = if diff.change == Change::Added { "" } else { &hunk.path };
                draw_hunk(&mut text, hunk, path, &paint);
            }
        }
    }
    text
}

/// One line a file: what happened to it and how many lines it gained and lost. `folder` stands before each path.
pub fn stat(diffs: &[FileDiff], folder: &str, colour: bool) -> String {
    let paint = Paint { colour };
    let name = |diff: &FileDiff| match &diff.change {
        Change::Renamed { from } => {
            format!("{folder}{} (was {})", safe::line(diff.path.as_str()), safe::line(from.as_str()))
        }
        _ => format!("{folder}{}", safe::line(diff.path.as_str())),
    };
    let width = diffs.iter().map(|diff| name(diff).chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for diff in diffs {
        let word = match diff.change {
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Modified | Change::Binary => "modified",
            Change::Renamed { .. } => "renamed",
        };
        let mut counts = Vec::new();
        if diff.added > 0 {
            counts.push(paint.with(GREEN, &format!("+{}", diff.added)));
        }
        if diff.removed > 0 {
            counts.push(paint.with(RED, &format!("-{}", diff.removed)));
        }
        let line = format!("{word:<8}  {:<width$}  {}", name(diff), counts.join(" "));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// `2 files added, 1 modified`, or nothing if there is no difference.
pub fn summary(diffs: &[FileDiff]) -> Option<String> {
    let count = |test: fn(&Change) -> bool| diffs.iter().filter(|diff| test(&diff.change)).count();
    let counts = [
        (count(|change| matches!(change, Change::Added)), "added"),
        (count(|change| matches!(change, Change::Modified | Change::Binary)), "modified"),
        (count(|change| matches!(change, Change::Renamed { .. })), "renamed"),
        (count(|change| matches!(change, Change::Removed)), "removed"),
    ];
    let mut text = String::new();
    for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
        let _ = match (text.is_empty(), count) {
            (true, 1) => write!(text, "1 file {word}"),
            (true, _) => write!(text, "{count} files {word}"),
            (false, _) => write!(text, ", {count} {word}"),
        };
    }
    (!text.is_empty()).then_some(text)
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}

fn draw_hunk(text: &mut String, hunk: &Hunk, path: &str, paint: &Paint) {
    let range = |Lines { start, count }| if count == 1 { start.to_string() } else { format!("{start},{count}") };
    let head = paint.with(CYAN, &format!("@@ -{} +{} @@", range(hunk.old), range(hunk.new)));
    let path = safe::line(path);
    let _ = if path.is_empty() { writeln!(text, "{head}") } else { writeln!(text, "{head} {path}") };
    for line in &hunk.lines {
        draw_line(text, line, paint);
    }
}

fn draw_line(text: &mut String, line: &Line, paint: &Paint) {
    let (sign, colour, word) = match line.kind {
        Kind::Equal => (" ", "", ""),
        Kind::Removed => ("-", RED, RED_WORD),
        Kind::Added => ("+", GREEN, GREEN_WORD),
    };
    let mut drawn = paint.with(colour, sign);
    for (marked, piece) in &line.pieces {
        let piece: String = piece.chars().map(safe::visible).collect();
        drawn.push_str(&paint.with(if *marked { word } else { colour }, &piece));
    }
    text.push_str(&safe::unobeyed(&drawn));
    text.push('\n');
    if line.unterminated {
        text.push_str("\\ No newline at end of file\n");
    }
}

struct Paint {
    colour: bool,
}

impl Paint {
    fn head(&self, text: &str) -> String {
        self.with(BOLD, text)
    }

    fn with(&self, style: &str, text: &str) -> String {
        if self.colour && !style.is_empty() { format!("{style}{text}{RESET}") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::super::{Files, compare};
    use super::*;

    const OLD: [(&str, &str); 5] = [
        ("gone.yaml", "a: 1\nb: 2\n"),
        ("moved.yaml", "same: 1\n"),
        (
            "nodepool.yaml",
            "spec:\n  limits:\n    cpu: \"100\"\n    memory: 200Gi\n  weight: 1\n  x: 1\n  y: 1\n  z: 1\n",
        ),
        ("notes.txt", "one\ntwo"),
        ("same.yaml", "a: 1\n"),
    ];
    const NEW: [(&str, &str); 5] = [
        ("argocd/app.yaml", "kind: Application\n"),
        (
            "nodepool.yaml",
            "spec:\n  limits:\n    cpu: \"200\"\n    memory: 400Gi\n  weight: 1\n  x: 1\n  y: 1\n  z: 1\n",
        ),
        ("notes.txt", "one\ntwo \x1b[2J\n"),
        ("renamed.yaml", "same: 1\n"),
        ("same.yaml", "a: 1\n"),
    ];

    fn diffs() -> Vec<FileDiff> {
        let files = |entries: &[(&'static str, &'static str)]| -> Files<'static> {
            entries.iter().map(|(path, text)| (Utf8Path::new(*path), text.as_bytes())).collect()
        };
        compare(&files(&OLD), &files(&NEW), 3)
    }

    fn sides() -> Sides {
        Sides { old: "golden/prod".to_owned(), new: "rendered/prod".to_owned() }
    }

    #[test]
    fn plain() {
        insta::assert_snapshot!(unified(&diffs(), &sides(), false));
    }

    #[test]
    fn coloured() {
        insta::assert_snapshot!(unified(&diffs(), &sides(), true).replace('\x1b', "ESC"));
    }

    #[test]
    fn no_line_is_a_command_to_a_build() {
        let file = |text: &'static str| Files::from([(Utf8Path::new("a.yaml"), text.as_bytes())]);
        let (old, new) = (
            file("a: |\n  ::stop-commands::x\nb: ##[c]\nd: 1\n"),
            file("a: |\n  ::stop-commands::x\nb: ##[c]\nd: 2\n"),
        );
        let drawn = unified(&compare(&old, &new, 3), &sides(), false);
        assert!(drawn.contains("\n   ∶:stop-commands::x\n b: ##⁅c]\n-d: 1\n+d: 2\n"), "{drawn}");
    }

    #[test]
    fn statistics() {
        insta::assert_snapshot!(stat(&diffs(), "prod/", false));
        assert_eq!(summary(&diffs()).as_deref(), Some("1 file added, 2 modified, 1 renamed, 1 removed"));
        assert_eq!(summary(&[]), None);
    }
}
