//! What differs between two trees: [`text`] compares the lines of a file, [`structure`] says which value a line belongs
//! to, [`side`] reads a tree to compare with, [`draw`] and [`json`] show it.

pub mod draw;
pub mod json;
pub mod mask;
pub mod side;
pub mod structure;
pub mod text;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use text::Hunk;

use crate::template::others::Kind;

/// A tree as paths and bytes, however it was come by: compiled, or read from a folder.
pub type Files<'a> = BTreeMap<&'a Utf8Path, &'a [u8]>;

/// A file that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    pub path: Utf8PathBuf,
    pub change: Change,
    /// Lines that are only in the new file.
    pub added: usize,
    /// Lines that are only in the old file.
    pub removed: usize,
    pub hunks: Vec<Hunk>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Added,
    Removed,
    Modified,
    /// The same bytes under another path.
    Renamed {
        from: Utf8PathBuf,
    },
    /// Modified, but at least one side is not UTF-8: there are no lines to show.
    Binary,
}

/// Files that differ, by path. `context` is the number of equal lines around each change.
pub fn compare(old: &Files<'_>, new: &Files<'_>, context: usize) -> Vec<FileDiff> {
    let mut gone: BTreeMap<_, _> = old.iter().filter(|(path, _)| !new.contains_key(*path)).collect();
    let mut diffs = Vec::new();
    for (path, bytes) in new {
        let diff = match old.get(path) {
            Some(before) if before == bytes => continue,
            Some(before) => modified(path, before, bytes, context),
            None => {
                let from = gone.iter().find(|(_, before)| **before == bytes).map(|(from, _)| **from);
                match from.and_then(|from| gone.remove_entry(&from)) {
                    Some((from, _)) => renamed(from, path),
                    None => FileDiff { change: Change::Added, ..modified(path, b"", bytes, context) },
                }
            }
        };
        diffs.push(diff);
    }
    for (path, before) in gone {
        diffs.push(FileDiff { change: Change::Removed, ..modified(path, before, b"", context) });
    }
    diffs.sort_by(|a, b| a.path.cmp(&b.path));
    diffs
}

fn modified(path: &Utf8Path, old: &[u8], new: &[u8], context: usize) -> FileDiff {
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else {
        return FileDiff { path: path.to_owned(), change: Change::Binary, added: 0, removed: 0, hunks: Vec::new() };
    };
    let is_read = |text| mask::kind_of(path, text) == Some(Kind::Yaml);
    let yaml = is_read(old) || is_read(new);
    let hidden = [mask::hidden_lines(path, old), mask::hidden_lines(path, new)];
    let hunks = text::hunks(old, new, context, yaml, &hidden);
    let count = |kind| hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind).count();
    let (added, removed) = (count(text::Kind::Added), count(text::Kind::Removed));
    FileDiff { path: path.to_owned(), change: Change::Modified, added, removed, hunks }
}

fn renamed(from: &Utf8Path, path: &Utf8Path) -> FileDiff {
    let change = Change::Renamed { from: from.to_owned() };
    FileDiff { path: path.to_owned(), change, added: 0, removed: 0, hunks: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files<'a>(entries: &[(&'a str, &'a str)]) -> Files<'a> {
        entries.iter().map(|(path, text)| (Utf8Path::new(*path), text.as_bytes())).collect()
    }

    fn seen(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<String> {
        let diffs = compare(&files(old), &files(new), 3);
        diffs.iter().map(|diff| format!("{} {:?} +{} -{}", diff.path, diff.change, diff.added, diff.removed)).collect()
    }

    #[test]
    fn equal_trees_do_not_differ() {
        assert_eq!(seen(&[("a.yaml", "a: 1\n")], &[("a.yaml", "a: 1\n")]), Vec::<String>::new());
        assert_eq!(seen(&[], &[]), Vec::<String>::new());
    }

    #[test]
    fn each_kind_of_change() {
        let old =
            [("changed.yaml", "a: 1\nb: 2\n"), ("gone.yaml", "x\ny\n"), ("old-name.yaml", "same\n"), ("same.yaml", "")];
        let new =
            [("changed.yaml", "a: 1\nb: 3\nc: 4\n"), ("fresh.yaml", "x\n"), ("name.yaml", "same\n"), ("same.yaml", "")];
        assert_eq!(
            seen(&old, &new),
            [
                "changed.yaml Modified +2 -1",
                "fresh.yaml Added +1 -0",
                "gone.yaml Removed +0 -2",
                "name.yaml Renamed { from: \"old-name.yaml\" } +0 -0",
            ]
        );
    }

    #[test]
    fn one_old_file_is_renamed_once() {
        let new = [("b.yaml", "same\n"), ("c.yaml", "same\n")];
        assert_eq!(
            seen(&[("a.yaml", "same\n")], &new),
            ["b.yaml Renamed { from: \"a.yaml\" } +0 -0", "c.yaml Added +1 -0",]
        );
    }

    #[test]
    fn bytes_that_are_no_text_have_no_lines() {
        let (old, new): ([(&Utf8Path, &[u8]); 1], _) = ([("a".into(), &[0xff])], files(&[("a", "text\n")]));
        let diffs = compare(&Files::from(old), &new, 3);
        assert_eq!((&diffs[0].change, diffs[0].hunks.len()), (&Change::Binary, 0));
    }
}
