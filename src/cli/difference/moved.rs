//! Secrets that moved into a store: what stood in a tree where it now says in which store the secret is, was the secret.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::diff::text::Kind;
use crate::diff::{FileDiff, Files};
use crate::rules::HIDDEN;
use crate::schema::refers_to_secret;

/// How references are written in a tree: as they are, or in base64.
pub(super) fn written(references: Vec<Arc<str>>) -> Vec<Arc<str>> {
    let coded: Vec<Arc<str>> = references.iter().map(|text| STANDARD.encode(&**text).into()).collect();
    references.into_iter().chain(coded).collect()
}

/// What stood in lines that are the same but for a reference.
pub(super) fn secrets(old: &Files<'_>, new: &Files<'_>, references: &[Arc<str>]) -> Vec<Arc<str>> {
    let mut found = BTreeSet::new();
    let changed = new.iter().filter_map(|(path, bytes)| Some((old.get(path).filter(|old| *old != bytes)?, bytes)));
    for (was, is) in changed.filter(|_| !references.is_empty()) {
        let (Ok(was), Ok(is)) = (std::str::from_utf8(was), std::str::from_utf8(is)) else { continue };
        let mut around = BTreeSet::new();
        for line in is.lines() {
            let place = references.iter().find_map(|it| line.split_once(&**it));
            around.extend(place.filter(|(before, _)| !before.trim().is_empty()));
        }
        let standing: BTreeSet<&str> = is.lines().collect();
        let gone: BTreeSet<&str> = was.lines().filter(|line| !standing.contains(line)).collect();
        for (before, after) in around {
            let alike = gone.range(before..).take_while(|line| line.starts_with(before));
            let between = alike.filter_map(|line| line.strip_prefix(before)?.strip_suffix(after));
            let bare = between.map(|text| text.trim_matches(['"', '\'', ' ']));
            found.extend(bare.filter(|text| text.len() > 2 && !refers_to_secret(text)).map(Arc::from));
        }
    }
    found.into_iter().collect()
}

/// Takes out of the lines that a reference stands for what they say.
pub(super) fn hide_beside(diffs: &mut [FileDiff], references: &[Arc<str>]) {
    for hunk in diffs.iter_mut().flat_map(|diff| &mut diff.hunks).filter(|_| !references.is_empty()) {
        for run in hunk.lines.chunk_by_mut(|a, b| (a.kind == Kind::Equal) == (b.kind == Kind::Equal)) {
            let said = |pieces: &[(bool, String)]| -> String { pieces.iter().map(|(_, text)| text.as_str()).collect() };
            let [gone, come] = [Kind::Removed, Kind::Added].map(|kind| -> Vec<String> {
                run.iter().filter(|line| line.kind == kind).map(|line| said(&line.pieces)).collect()
            });
            let places = come.iter().filter_map(|line| references.iter().find_map(|it| line.split_once(&**it)));
            // Where a line is the same but for the secret, that one is known.
            let is_alone = |(before, after): (&str, &str)| {
                let is_same = |line: &String| line.starts_with(before) && line.ends_with(after);
                before.trim().is_empty() || !gone.iter().any(is_same)
            };
            if !places.into_iter().any(is_alone) {
                continue;
            }
            for line in run.iter_mut().filter(|line| line.kind == Kind::Removed) {
                let text = said(&line.pieces);
                if !refers_to_secret(value_of(&text)) {
                    let start = text.len() - value_of(&text).len();
                    line.pieces = vec![(false, format!("{}{HIDDEN}", &text[..start]))];
                }
            }
        }
    }
}

/// What stands behind the key of a line, or all of it.
fn value_of(line: &str) -> &str {
    line.split_once(": ").map_or_else(|| line.trim_start_matches([' ', '-']), |(_, value)| value)
}
