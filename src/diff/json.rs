//! A diff for a program: files, hunks and lines as in a unified diff.

use serde::Serialize;

use super::text::{Hunk, Kind};
use super::{Change, FileDiff};

/// One file that differs.
#[derive(Debug, Serialize)]
pub struct File<'a> {
    path: &'a str,
    /// `added`, `removed`, `modified`, `renamed` or `binary` (modified, but not text).
    change: &'static str,
    /// The old path of a renamed file.
    from: Option<&'a str>,
    added: usize,
    removed: usize,
    hunks: Vec<Part<'a>>,
}

/// One hunk: where it stands on both sides (lines from 1), the value that changed, and its lines behind ` `, `-` or `+`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    old_start: usize,
    old_lines: usize,
    new_start: usize,
    new_lines: usize,
    path: &'a str,
    lines: Vec<String>,
}

/// Files as they stand in the document that `--format json` prints.
pub fn files(diffs: &[FileDiff]) -> Vec<File<'_>> {
    diffs.iter().map(file).collect()
}

fn file(diff: &FileDiff) -> File<'_> {
    let (change, from) = match &diff.change {
        Change::Added => ("added", None),
        Change::Removed => ("removed", None),
        Change::Modified => ("modified", None),
        Change::Renamed { from } => ("renamed", Some(from.as_str())),
        Change::Binary => ("binary", None),
    };
    let hunks = diff.hunks.iter().map(part).collect();
    File { path: diff.path.as_str(), change, from, added: diff.added, removed: diff.removed, hunks }
}

fn part(hunk: &Hunk) -> Part<'_> {
    let lines = hunk.lines.iter().map(|line| {
        let sign = match line.kind {
            Kind::Equal => ' ',
            Kind::Removed => '-',
            Kind::Added => '+',
        };
        std::iter::once(sign).chain(line.pieces.iter().flat_map(|(_, text)| text.chars())).collect()
    });
    Part {
        old_start: hunk.old.start,
        old_lines: hunk.old.count,
        new_start: hunk.new.start,
        new_lines: hunk.new.count,
        path: &hunk.path,
        lines: lines.collect(),
    }
}
