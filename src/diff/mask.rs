//! What a diff must not show: data of Secret objects, and what the rules know for a secret. That a line changed is seen all
//! the same.

use std::collections::BTreeMap;
use std::iter::once;
use std::ops::Range;

use camino::Utf8Path;

use super::FileDiff;
use super::structure::{self, Paths};
use crate::finding::Known;
use crate::limits::Limits;
use crate::rules::{HIDDEN, masked, secret_parts, secret_places};
use crate::source::Sources;
use crate::template::others::{self, Kind};
use crate::yaml::path::Step;

/// What must not be shown of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    /// Nothing that stands out by its place.
    None,
    /// The value behind its key.
    Value,
    /// All of it.
    All,
}

/// What must not be shown of lines, by their numbers from 0: where it stands within each.
pub(super) type Hidden = BTreeMap<usize, Vec<Range<usize>>>;

/// Of the lines of a file of a tree, what its documents say to be secret.
pub(super) fn hidden_lines(path: &Utf8Path, text: &str) -> Hidden {
    let mut found = Hidden::new();
    let mut ranges = secrets_of(path, text);
    ranges.extend(secret_parts(None, text));
    let ranges = joined(ranges);
    if ranges.is_empty() {
        return found;
    }
    let (mut start, mut left) = (0, ranges.as_slice());
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        // They are sorted: those that ended before this line are not looked at again, and later ones not yet.
        while let [first, rest @ ..] = left
            && first.end <= start
        {
            left = rest;
        }
        let within = left.iter().take_while(|range| range.start < end).filter(|range| start < range.end);
        let blanks = line.len() - line.trim_start().len();
        let within = within.map(|range| range.start.max(start + blanks) - start..range.end.min(end) - start);
        let parts: Vec<_> = within.filter(|part| part.start < part.end).collect();
        if !parts.is_empty() {
            found.insert(number, parts);
        }
        start += line.len();
    }
    found
}

/// Ranges in order, of which none touches another.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|later, before| {
        let touches = later.start < before.end;
        before.end = if touches { before.end.max(later.end) } else { before.end };
        touches
    });
    ranges
}

/// Where a file of a tree holds what its documents say to be secret.
pub fn secrets_of(path: &Utf8Path, text: &str) -> Vec<Range<usize>> {
    kind_of(path, text).map(|kind| secret_ranges(text, kind)).unwrap_or_default()
}

/// How a file is read: by its ending, or as YAML if a Secret is in it, since Kustomize looks at no ending.
pub(super) fn kind_of(path: &Utf8Path, text: &str) -> Option<Kind> {
    let is_yaml = || text.contains("stringData") || text.lines().any(says_secret);
    Kind::of(path).or_else(|| is_yaml().then_some(Kind::Yaml))
}

/// Where the documents of a file hold secrets.
fn secret_ranges(text: &str, kind: Kind) -> Vec<Range<usize>> {
    let file = Sources::default().add("document", "");
    let found = others::documents(text, kind, file, &Limits::default());
    let mut ranges = Vec::new();
    for (node, value) in found.nodes.iter().zip(&found.values) {
        for (path, part) in secret_places(value) {
            let whole = node.along(&path).1.span.range();
            let written = text.get(whole.clone()).unwrap_or_default();
            let places: Vec<_> = part.iter().flat_map(|part| written.match_indices(&**part)).collect();
            if places.is_empty() {
                ranges.push(whole);
            } else {
                let places = places.into_iter().map(|(at, part)| whole.start + at..whole.start + at + part.len());
                ranges.extend(places);
            }
        }
    }
    joined(ranges)
}

/// Takes parts out of the pieces of a line.
pub(super) fn cut(pieces: &mut Vec<(bool, String)>, parts: &[Range<usize>]) {
    let mut text: String = pieces.iter().map(|(_, text)| text.as_str()).collect();
    for part in parts.iter().rev().filter(|part| part.end <= text.len()).cloned().collect::<Vec<_>>() {
        text.replace_range(part, HIDDEN);
    }
    *pieces = vec![(false, text)];
}

/// Whether an object among these lines is a Secret.
pub(super) fn has_secret(lines: &[&str]) -> bool {
    lines.iter().any(|line| says_secret(line))
}

/// Whether one of these lines is of an object that makes Secrets, under the key that they alone have.
fn has_their_data(lines: &[&str]) -> bool {
    lines.iter().any(|line| line.contains("stringData"))
}

/// Of the lines of one side. `is_secret` if there is a Secret on either.
pub(super) fn covers(lines: &[&str], paths: &Paths, is_secret: bool) -> Vec<Cover> {
    let mut in_key = false;
    let looks = is_secret || has_their_data(lines);
    let cover = |(number, line): (usize, &&str)| {
        let is_edge = line.contains("PRIVATE KEY-----");
        let begins = is_edge && line.contains("-----BEGIN ");
        let was_in_key = in_key;
        in_key = (in_key || begins) && !(is_edge && line.contains("-----END "));
        if was_in_key || begins {
            return Cover::All;
        }
        let path = looks.then(|| paths.of(number)).flatten();
        let steps = path.as_ref().map_or(&[][..], crate::yaml::path::Path::steps);
        // The object may be one of a list.
        let data = steps.iter().position(|step| matches!(step, Step::Key(key) if is_data(key, is_secret)));
        match data.and_then(|at| steps.get(at + 1)) {
            None if data.is_some() => Cover::Value,
            Some(Step::Key(key)) => {
                let is_first = line.trim_start_matches([' ', '"']).starts_with(&**key);
                if is_first { Cover::Value } else { Cover::All }
            }
            _ => Cover::None,
        }
    };
    lines.iter().enumerate().map(cover).collect()
}

/// Takes texts that are known to be secrets out of all lines.
pub fn veil(diffs: &mut [FileDiff], secrets: &Known) {
    let lines = diffs.iter_mut().flat_map(|diff| &mut diff.hunks).flat_map(|hunk| &mut hunk.lines);
    for line in lines {
        let text: String = line.pieces.iter().map(|(_, text)| text.as_str()).collect();
        let mut shown = text.clone();
        secrets.veil_line(&mut shown);
        if shown != text {
            line.pieces = vec![(false, shown)];
        }
    }
}

/// Whether what is below a key is the data of a Secret, where there is one, or of what makes one.
fn is_data(key: &str, is_secret: bool) -> bool {
    key == "stringData" || (is_secret && ["data", "stringData"].iter().any(|data| key.eq_ignore_ascii_case(data)))
}

/// Whether a line says that an object is a Secret.
fn says_secret(line: &str) -> bool {
    let plain = line.trim_start_matches([' ', '-']).trim_end().trim_end_matches(',').replace('"', "");
    plain == "kind: Secret"
}

/// The secrets in a file that somebody wrote, as far as their form or their place gives them away.
pub fn hidden(text: &str) -> Vec<Range<usize>> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let covers = covers(&lines, &structure::paths(&lines), has_secret(&lines));
    let mut found = Vec::new();
    let mut start = 0;
    for (line, cover) in lines.iter().zip(covers) {
        let bare = line.trim_end_matches(['\n', '\r']);
        let blanks = bare.len() - bare.trim_start().len();
        let split = bare.split_once(": ").map(|(key, value)| (key, value, key.len() + 2));
        let parts = match (cover, split) {
            (Cover::Value, None | Some((_, "|" | "|-" | "|+" | "{}" | "", _))) => Vec::new(),
            (Cover::Value, Some((_, _, at))) => once(at..bare.len()).collect(),
            (Cover::All, _) => once(blanks..bare.len()).collect(),
            (Cover::None, _) => in_one_line(bare).unwrap_or_default(),
        };
        found.extend(parts.into_iter().map(|part| start + part.start..start + part.end));
        start += line.len();
    }
    found.extend(secret_parts(None, text));
    joined(found)
}

/// Takes secrets out of the lines of a difference that is drawn already, each with its sign.
pub fn hide_in(drawn: &mut String) {
    let plain: String = drawn
        .split_inclusive('\n')
        .map(|line| if line.starts_with(['+', '-']) { line.replacen(['+', '-'], " ", 1) } else { line.to_owned() })
        .collect();
    for range in hidden(&plain).into_iter().rev() {
        drawn.replace_range(range, HIDDEN);
    }
}

/// A Secret that stands in one line with its data.
fn in_one_line(line: &str) -> Option<Vec<Range<usize>>> {
    let bare = line.replace(['"', '\\'], "").replace("kind: ", "kind:");
    let is_secret = bare.contains("kind:Secret") || line.contains("stringData");
    let data = ["data:", "data\":", "data\\\":", "stringData:", "stringData\":", "stringData\\\":"];
    let starts = data.iter().filter_map(|word| Some(line.find(word)? + word.len()));
    let start = starts.filter(|_| is_secret).min()?;
    Some(once(start..line.len()).collect())
}

/// Takes out of the pieces of a line what must not be shown.
pub(super) fn hide(pieces: &mut Vec<(bool, String)>, cover: Cover) {
    let text: String = pieces.iter().map(|(_, text)| text.as_str()).collect();
    let split = text.split_once(": ");
    let shown = match (cover, split) {
        (Cover::Value, Some((key, value))) if !matches!(value, "|" | "|-" | "|+" | "{}" | "") => {
            Some(format!("{key}: {HIDDEN}"))
        }
        (Cover::Value, _) => None,
        (Cover::All, _) => {
            let blanks = text.len() - text.trim_start().len();
            Some(format!("{}{HIDDEN}", &text[..blanks]))
        }
        (Cover::None, _) => masked(None, &text),
    };
    if let Some(shown) = shown {
        *pieces = vec![(false, shown)];
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use crate::diff::{Files, compare};

    fn lines(old: &str, new: &str) -> Vec<String> {
        let path = Utf8Path::new("a.yaml");
        let diffs = compare(&Files::from([(path, old.as_bytes())]), &Files::from([(path, new.as_bytes())]), 3);
        let lines = diffs.iter().flat_map(|diff| &diff.hunks).flat_map(|hunk| &hunk.lines);
        lines.map(|line| line.pieces.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn files_are_shown_without_secrets() {
        let shown = |text: &str| {
            let mut shown = text.to_owned();
            super::hidden(text).iter().rev().for_each(|range| shown.replace_range(range.clone(), "***"));
            shown
        };
        let object = "kind: Secret\nmetadata: {name: a}\nstringData:\n  a: hunter2\n  b: |\n    hunter3\n";
        let wanted = "kind: Secret\nmetadata: {name: a}\nstringData:\n  a: ***\n  b: |\n    ***\n";
        assert_eq!(shown(object), wanted);
        assert_eq!(shown("- kind: Secret\n  data:\n    a: eA==\n"), "- kind: Secret\n  data:\n    a: ***\n");
        assert_eq!(shown("{kind: Secret, data: {a: eA==}}\n"), "{kind: Secret, data:***\n");
        assert_eq!(shown("kind: Secret\ndata: {a: eA==}\n"), "kind: Secret\ndata: ***\n");
        assert_eq!(shown("x: postgres://app:Zk3qv9Lw@db/app\n"), "x: postgres://app:***@db/app\n");
        let random = ["password: \"kJ8s9dPq2LmZ", "x7VbRw4Tn6Yc\"\n"].concat();
        assert_eq!(shown(&random), "password: \"***\"\n");
        assert_eq!(shown("kind: ConfigMap\ndata:\n  a: b\n"), "kind: ConfigMap\ndata:\n  a: b\n");
    }

    #[test]
    fn a_secret_is_known_in_a_file_of_any_name() {
        let secret = |word: &str| format!("apiVersion: v1\nkind: Secret\nstringData: {{a: {word}}}\n");
        let (old, new) = (secret("hunter1"), secret("hunter2"));
        for path in ["e.txt", "e", "e.yaml.j2"] {
            let path = Utf8Path::new(path);
            let diffs = compare(&Files::from([(path, old.as_bytes())]), &Files::from([(path, new.as_bytes())]), 3);
            assert!(!format!("{diffs:?}").contains("hunter"), "{diffs:?}");
        }
    }

    #[test]
    fn secrets_change_without_being_shown() {
        let old = "kind: Secret\ndata:\n  token: YWJj\n  key: |\n    one\n    two\n";
        let new = "kind: Secret\ndata:\n  token: ZGVm\n  key: |\n    one\n    three\n";
        let wanted =
            ["kind: Secret", "data:", "  token: ***", "  token: ***", "  key: |", "    ***", "    ***", "    ***"];
        assert_eq!(lines(old, new), wanted);
        let key = |letters: &str| {
            format!("a: |\n  -----BEGIN RSA PRIVATE KEY-----\n  {letters}\n  -----END RSA PRIVATE KEY-----\nb: 1\n")
        };
        assert_eq!(lines(&key("MIIa"), &key("MIIb")), ["a: |", "  ***", "  ***", "  ***", "  ***", "b: 1"]);
        let found = lines("url: postgres://app:Zk3qv9Lw@db/app\n", "url: postgres://app:Xk4qv9Lw@db/app\n");
        assert_eq!(found, ["url: postgres://app:***@db/app", "url: postgres://app:***@db/app"]);
    }
}
