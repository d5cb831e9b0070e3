//! Which line of a template was edited, by which a place of it says something else: its own, the one that gives a value the name
//! that stands there, or the one that decides or repeats what stands around it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use camino::Utf8Path;
use similar::{Algorithm, DiffOp, TextDiff};

use crate::template::{Tag, tags};

/// Files that import from each other are followed this far.
const DEEPEST: usize = 4;

/// A template now, and which lines of it were edited.
pub(super) struct Text {
    pub(super) now: Arc<str>,
    lines: Vec<Range<usize>>,
    /// Lines in front of which some were taken away.
    gaps: Vec<Range<usize>>,
}

impl Text {
    pub(super) fn new(now: Arc<str>, was: &str) -> Self {
        let split = |text: &str| text.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>();
        let (old, new) = (split(was), split(&now));
        let mut starts = vec![0];
        starts.extend(new.iter().scan(0, |end, line| {
            *end += line.len();
            Some(*end)
        }));
        let line = |at: usize| starts.get(at).zip(starts.get(at + 1)).map(|(start, end)| *start..*end);
        let olds: Vec<&str> = old.iter().map(String::as_str).collect();
        let news: Vec<&str> = new.iter().map(String::as_str).collect();
        let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_slices(&olds, &news);
        let (mut lines, mut gaps) = (Vec::new(), Vec::new());
        for op in diff.ops() {
            match op {
                DiffOp::Equal { .. } => {}
                DiffOp::Delete { new_index, .. } => gaps.extend(line(*new_index)),
                DiffOp::Insert { .. } | DiffOp::Replace { .. } => lines.extend(op.new_range().filter_map(line)),
            }
        }
        Self { now, lines, gaps }
    }

    /// The first edited line of a part of it, without what it is indented by.
    fn within(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let is_in = |line: &&Range<usize>| line.start < part.end && part.start < line.end;
        // Where lines went between two of the part.
        let is_gap = |line: &&Range<usize>| is_in(line) && part.start < line.start;
        let line = self.lines.iter().find(is_in).or_else(|| self.gaps.iter().find(is_gap))?;
        let start = line.start.max(part.start);
        let written = self.now.get(start..line.end)?;
        let blank = written.len() - written.trim_start().len();
        Some(start + blank..start + written.trim_end().len())
    }
}

/// The edited line in the file of a place, or in one that it imports. `open` gives the text of an imported file.
pub(super) fn lead(
    text: &Text,
    place: &Range<usize>,
    open: &dyn Fn(&str) -> Option<Rc<Text>>,
) -> Option<(Option<String>, Range<usize>)> {
    let own = place.start..place.end.max(place.start + 1);
    if text.lines.iter().any(|line| line.start < own.end && own.start < line.end) {
        return Some((None, place.clone()));
    }
    let all = tags(&text.now);
    let is_there = |it: &&Tag<'_>| it.head.start < own.end && own.start < it.head.end;
    let is_around = |it: &&Tag<'_>| it.range.start < own.start && own.start < it.range.end && it.head.end <= own.start;
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut parts: BTreeSet<String> = BTreeSet::new();
    let around = all.iter().rev().filter(is_around);
    for tag in all.iter().filter(is_there).chain(around) {
        names.extend(tag.reads.iter().map(|name| (*name).to_owned()));
        parts.extend(tag.parts.iter().map(|name| (*name).to_owned()));
        if let Some(line) = text.within(&tag.head) {
            return Some((None, line));
        }
    }
    by_name(text, &names, &parts, own.start, open, DEEPEST)
}

/// The edited line that gives one of some names what it is.
fn by_name(
    text: &Text,
    names: &BTreeSet<String>,
    parts: &BTreeSet<String>,
    before: usize,
    open: &dyn Fn(&str) -> Option<Rc<Text>>,
    deep: usize,
) -> Option<(Option<String>, Range<usize>)> {
    let all = tags(&text.now);
    let mut known = names.clone();
    let mut left: Vec<String> = names.iter().cloned().collect();
    while let Some(name) = left.pop() {
        let gives = |it: &&Tag<'_>| it.head.start < before && it.gives.contains(&name.as_str());
        for tag in all.iter().rev().filter(gives) {
            if let Some(line) = text.within(&tag.head) {
                return Some((None, line));
            }
            if let Some(file) = tag.file.filter(|_| deep > 0) {
                // By the name that it has there, or as a part of all that the file gives.
                let own = tag.gives.iter().zip(&tag.parts).find(|(given, _)| **given == name);
                let wanted = own.map_or_else(|| parts.clone(), |(_, own)| BTreeSet::from([(*own).to_owned()]));
                let Some(other) = open(file) else { continue };
                let whole = other.now.len();
                if let Some((inner, line)) = by_name(&other, &wanted, parts, whole, open, deep - 1) {
                    return Some((Some(inner.unwrap_or_else(|| file.to_owned())), line));
                }
                continue;
            }
            left.extend(tag.reads.iter().map(|name| (*name).to_owned()).filter(|name| known.insert(name.clone())));
        }
    }
    None
}

/// Where a template may find a file by its name: beside it, or in a folder around it.
pub(super) fn candidates<'p>(place: &'p Utf8Path, name: &'p str) -> impl Iterator<Item = camino::Utf8PathBuf> + 'p {
    place.ancestors().skip(1).map(move |folder| folder.join(name))
}
