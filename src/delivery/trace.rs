//! Where something comes from that a release makes: the release is made once more, and what it writes knows by which values of
//! the tree, and at which lines of the chart.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::objects::by_source;
use super::{Cluster, Wanted, order, traced};
use crate::account::Cost;
use crate::chart::engine::{Decision, Rendered};
use crate::chart::failure::Place as Line;
use crate::chart::load::Chart;
use crate::chart::manifests::Manifest;
use crate::chart::marks::{Marks, Origin};
use crate::chart::release::make;
use crate::chart::text::Text;
use crate::chart::tree::{Node, Tree};
use crate::check::Place;
use crate::yaml::path::{Path, Step};

/// A release that was made with an eye on where things come from.
#[derive(Debug)]
pub struct Traced {
    /// Values of the tree, by their marks.
    places: Vec<Place>,
    manifests: Vec<(Arc<str>, Vec<Manifest>)>,
    rendered: Rendered,
}

/// What a place of an object was made by.
#[derive(Debug)]
pub struct Asked {
    pub values: Vec<Place>,
    /// Those that decided that it is there.
    pub decided: Vec<Place>,
    /// The line of the chart.
    pub line: Option<Line>,
    /// What is written there, and which part of it is asked for.
    pub text: String,
    pub part: Range<usize>,
}

impl Traced {
    /// `None` if nothing can be made of it.
    pub fn of(wanted: &Wanted<'_>, chart: &Chart, cluster: &Cluster) -> Option<Self> {
        let (values, places) = traced(wanted, chart).ok()?;
        let unbounded = Cost { steps: u64::MAX, bytes: u64::MAX };
        let made = make(&order(wanted, chart, values, cluster, true), unbounded).ok()?;
        let own = by_source(&made).into_iter();
        let manifests = own.map(|(source, all)| (Arc::clone(source), all.into_iter().cloned().collect())).collect();
        Some(Self { places, manifests, rendered: made.rendered })
    }

    /// Of a place in one of the documents that a template makes.
    pub fn ask(&self, source: &str, document: usize, path: &Path, key: bool) -> Option<Asked> {
        let (_, manifests) = self.manifests.iter().find(|(own, _)| &**own == source)?;
        let manifest = manifests.get(document)?;
        let (_, text) = self.rendered.files.iter().find(|(own, _)| &**own == source)?;
        let range = range(manifest, path, key);
        let range = manifest.start + range.start..manifest.start + range.end;
        let marks = marks(text, range.clone());
        let (text, part) = piece(text, range);
        let mut asked = Asked { values: self.values(&marks), decided: Vec::new(), line: None, text, part };
        let mut decisions: Vec<usize> = Vec::new();
        for mark in marks.iter() {
            match mark.origin() {
                Origin::Place(at) if asked.line.is_none() => asked.line = self.rendered.places.get(at).cloned(),
                Origin::Decision(at) => decisions.push(at),
                _ => {}
            }
        }
        let mut seen = BTreeSet::new();
        while let Some(at) = decisions.pop() {
            let Some(Decision { marks, under, .. }) = self.rendered.decisions.get(at).filter(|_| seen.insert(at))
            else {
                continue;
            };
            for place in self.values(marks) {
                if !asked.decided.contains(&place) && !asked.values.contains(&place) {
                    asked.decided.push(place);
                }
            }
            decisions.extend(under.map(|under| under as usize));
        }
        Some(asked)
    }

    fn values(&self, marks: &Marks) -> Vec<Place> {
        let value = |mark: crate::chart::marks::Mark| match mark.origin() {
            Origin::Value(number) => self.places.get(number as usize),
            _ => None,
        };
        let found: Vec<&Place> = marks.iter().filter_map(value).collect();
        // Of a list and an item of it, the item.
        let is_around = |it: &&Place| found.iter().any(|other| other.way_from(it).is_some_and(|way| !way.is_empty()));
        found.iter().filter(|it| !is_around(it)).map(|it| (*it).clone()).collect()
    }
}

/// Which part of a manifest's text writes a place of it.
fn range(manifest: &Manifest, path: &Path, key: bool) -> Range<usize> {
    let (mut tree, mut own) = (&manifest.read.tree, None);
    for step in path.steps() {
        let next = match step {
            Step::Key(name) => tree.entry(name).map(|entry| (&entry.value, Some((entry.at, name.len())))),
            Step::Index(at) => tree.items().get(*at).map(|item| (item, None)),
            Step::Item(_) => None,
        };
        let Some(next) = next else { break };
        (tree, own) = next;
    }
    let at = tree.at as usize;
    let is_leaf = !matches!(tree.node, Node::Map(_) | Node::List(_));
    match own.filter(|_| key || !is_leaf) {
        Some((at, length)) => at as usize..at as usize + length,
        None if is_leaf => at..end(manifest, at),
        None => at..at + 1,
    }
}

/// Where a scalar ends: with its line, or if it is a block, before what follows.
fn end(manifest: &Manifest, at: usize) -> usize {
    let rest = manifest.text.get(at..).unwrap_or_default();
    let line = at + rest.find('\n').unwrap_or(rest.len());
    if !rest.starts_with(['|', '>']) {
        return line;
    }
    let mut next = manifest.text.len();
    after(&manifest.read.tree, at, &mut next);
    next
}

/// The first place in a document that comes after one.
fn after(tree: &Tree, at: usize, next: &mut usize) {
    let mut look = |other: u32| {
        if other as usize > at {
            *next = (*next).min(other as usize);
        }
    };
    look(tree.at);
    tree.entries().iter().for_each(|entry| look(entry.at));
    tree.entries().iter().for_each(|entry| after(&entry.value, at, next));
    tree.items().iter().for_each(|item| after(item, at, next));
}

/// The piece of a text in which a part begins, and where it lies there.
fn piece(text: &Text, range: Range<usize>) -> (String, Range<usize>) {
    let at = text.pieces().iter().position(|piece| piece.end > range.start);
    let end = at.map_or(0, |at| text.pieces()[at].end);
    let start = at.and_then(|at| text.pieces().get(at.checked_sub(1)?)).map_or(0, |piece| piece.end);
    let piece = text.bytes().get(start..end).unwrap_or_default();
    (
        String::from_utf8_lossy(piece).into_owned(),
        range.start.saturating_sub(start)..range.end.min(end).saturating_sub(start),
    )
}

/// The origins of a part of a text.
fn marks(text: &Text, range: Range<usize>) -> Marks {
    let mut all = Marks::NONE;
    let mut start = 0;
    for piece in text.pieces() {
        if start < range.end && piece.end > range.start {
            all.add(&piece.marks);
        }
        start = piece.end;
    }
    all
}
