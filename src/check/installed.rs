//! What charts make of a tree: objects that stand in none of its files and reach the cluster all the same. Who makes them is
//! handed in; here is what rules see of them, and what is said of them.

use std::collections::BTreeSet;

use super::report::Draft;
use super::view::{Installs, Place, View};
use crate::account::Account;
use crate::artifact::{Artifact, Body};
use crate::source::Span;
use crate::yaml::path::Path;

/// Makes what the charts of a tree make.
pub trait Charts: Send + Sync {
    /// Nothing where the project has no charts, or the tree installs none.
    fn installed<'a>(&'a self, view: &View<'a>, account: &Account) -> Option<Installed<'a>>;

    /// Whether what a rule says of other people's objects is to be heard.
    fn hears(&self, rule: &str) -> Hears;
}

/// What is heard of a rule about objects that charts make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hears {
    /// It is about what fails, is refused or does not work.
    All,
    /// The same, but for what charts leave unused: only what a value of the tree has to do with.
    OfValues,
    /// It is a matter of taste.
    Nothing,
}

/// What the releases of a tree make.
pub struct Installed<'a> {
    /// A file of each template that makes objects, with an absolute path: no folder of the tree has anything to do with it.
    pub artifacts: Vec<Artifact>,
    /// The release that makes each artifact.
    pub by: Vec<Installs>,
    /// The releases of which it is known what they make.
    pub releases: BTreeSet<Installs>,
    /// What is said of releases and of their values.
    pub drafts: Vec<Draft>,
    pub traces: Box<dyn Traces + 'a>,
}

impl Installed<'_> {
    /// Leaves only what these releases make; what else there is makes nothing.
    pub(super) fn keep(&mut self, releases: &BTreeSet<Installs>) {
        for (artifact, _) in self.artifacts.iter_mut().zip(&self.by).filter(|(_, by)| !releases.contains(by)) {
            artifact.body = Body::Documents(Vec::new());
        }
    }
}

/// Leads what charts make back to what somebody wrote.
pub trait Traces: Send + Sync {
    fn trace(&self, at: &Spot<'_>) -> Option<Trace>;
}

/// A place in what charts make.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'p> {
    /// Among the artifacts of charts, from 0.
    pub artifact: usize,
    /// Among the documents of the artifact, from 0.
    pub document: usize,
    pub path: &'p Path,
    /// It is the key that matters, not its value.
    pub key: bool,
}

/// Where something that a chart makes comes from.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Where the release names its chart.
    pub release: Place,
    /// Values of the tree that went there.
    pub values: Vec<Place>,
    /// Values of the tree that decided that it is there.
    pub decided: Vec<Place>,
    /// The line of the chart that writes it.
    pub chart: Span,
    /// What is said there.
    pub label: String,
}

/// What stands beyond a tree's own artifacts, as the one who finds places asks for it.
#[derive(Clone, Copy)]
pub(super) struct Beyond<'a> {
    /// How many artifacts the tree has itself.
    pub(super) own: usize,
    pub(super) traces: &'a dyn Traces,
}

impl Beyond<'_> {
    /// Where a place comes from, if a chart makes it.
    pub(super) fn trace(&self, place: &Place, key: bool) -> Option<Trace> {
        let artifact = place.artifact.checked_sub(self.own)?;
        self.traces.trace(&Spot { artifact, document: place.document, path: &place.path, key })
    }
}
