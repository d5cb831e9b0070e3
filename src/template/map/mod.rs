//! The map: from each place of an artifact to what was written. It is made by a marked render ([`super::trace`]), once
//! somebody asks; findings, `why` and `explain` ask it, and nothing else says where something comes from.
//!
//! Each place, a value or a key, says which node of the environment it is or was made of and by which functions, which
//! decisions it stands below, and where the template says it. All of it is known by identity ([`super::lineage`]).

mod pieces;
mod text;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8Path;

use super::context::Read;
use super::identity::Source;
use super::lineage::Decided;
use super::render::Round;
use super::trace::{Trace, Tracer};
use super::{EnvironmentInput, Template};
use crate::artifact::Copied;
use crate::environment::Tree;
use crate::limits::Limits;
use crate::source::Span;
use crate::yaml::path::Path;

pub use super::lineage::Kind;
pub use pieces::Piece;
pub use text::TextMap;

/// What is known of the places of one document, by their paths.
#[derive(Debug, Default)]
pub struct Origins {
    by_path: BTreeMap<Path, Said>,
    /// All that was decided in the renders that made it.
    reasons: Vec<Reason>,
    /// What decides whether the artifact is there, and what it is called.
    pub whole: Whole,
}

/// What holds for an artifact as a whole.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// `when` and `for_each`.
    pub reasons: Vec<Reason>,
    /// What its path is made of.
    pub named_by: Vec<Source>,
}

/// Where a value is said.
#[derive(Clone, Debug)]
pub struct Said {
    /// In the template, or in a macro that it calls.
    pub template: Span,
    /// The calls by which the template got there, the outermost first.
    pub via: Vec<Span>,
    /// The key of the value, if the template says it.
    pub key: Option<Span>,
    /// The node of the environment that the key is.
    pub key_source: Option<Source>,
    /// The nodes that the key was made of, if it is none.
    pub key_inputs: Vec<Source>,
    /// The node of the environment that the value is; otherwise the template made it.
    pub source: Option<Source>,
    /// The nodes that the template made it of.
    pub inputs: Vec<Source>,
    /// By which functions and operators.
    pub through: Vec<Arc<str>>,
    /// Of what it was put together, if it is a text with values in it.
    pub pieces: Vec<Piece>,
    /// Numbers of what was decided for it, in the order in which it was.
    pub(super) reasons: Vec<usize>,
    /// It was laid over what the template makes.
    pub merged: bool,
}

/// Something on which it depends whether a place stands there, or which value it has.
#[derive(Clone, Debug)]
pub struct Reason {
    pub kind: Why,
    /// The expressions that were worked out for it, in templates.
    pub places: Vec<Span>,
    /// The nodes that they looked at.
    pub sources: Vec<Source>,
    /// What they asked for that is not there.
    pub absent: Vec<Absent>,
    /// Others that it depends on.
    pub(super) below: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    Decided(Kind),
    /// `when` in front matter.
    When,
    /// `for_each` in front matter.
    ForEach,
}

/// A path at which there is nothing.
#[derive(Clone, Debug)]
pub struct Absent {
    pub path: Arc<str>,
    /// The nearest map that is there.
    pub parent: Arc<Tree>,
}

/// The map of one artifact.
#[derive(Debug)]
pub enum ArtifactMap {
    /// Of each document.
    Documents(Vec<Origins>),
    Text(TextMap),
    /// A file that lies in the project as it is.
    Copy(Arc<Copied>, Whole),
}

impl ArtifactMap {
    /// What holds for a document, or for the artifact as a whole.
    pub fn whole(&self, document: usize) -> Whole {
        match self {
            Self::Documents(all) => all.get(document).map(|origins| origins.whole.clone()).unwrap_or_default(),
            Self::Text(text) => text.whole.clone(),
            Self::Copy(_, whole) => whole.clone(),
        }
    }

    /// What was decided for a place of a document.
    pub fn reasons(&self, document: usize, said: &Said) -> Vec<&Reason> {
        match self {
            Self::Documents(all) => all.get(document).map(|origins| origins.reasons(said)).unwrap_or_default(),
            Self::Text(text) => text.reasons(said),
            Self::Copy(..) => Vec::new(),
        }
    }

    /// The tags that nothing stands below in the output.
    pub fn bare(&self) -> Vec<&Reason> {
        match self {
            Self::Documents(all) => all.iter().flat_map(Origins::bare).collect(),
            Self::Text(text) => text.bare(),
            Self::Copy(..) => Vec::new(),
        }
    }
}

impl Template {
    /// The maps of all artifacts that the template makes for an environment, by their paths.
    pub fn maps(&self, environment: &EnvironmentInput<'_>, limits: &Limits) -> Vec<(String, ArtifactMap)> {
        if self.copies {
            let shared = self.whole_of_all(environment);
            let copies = self.all_copies(environment, limits).into_iter();
            let copy = |(round, path, copied): (Round, String, Arc<Copied>)| {
                (path, ArtifactMap::Copy(copied, self.whole(environment, &round, &shared)))
            };
            return copies.map(copy).collect();
        }
        let rounds = self.all_rounds(environment, limits);
        if rounds.is_empty() {
            return Vec::new();
        }
        let name = format!("{}#merge", self.name);
        let tracer = Arc::new(Tracer::new(&self.shared, &self.name));
        let over = self.front.merge.as_ref().map(|_| Arc::new(Tracer::new(&self.shared, &name)));
        let mut maps: Vec<(String, ArtifactMap)> = Vec::new();
        let mut by_path: BTreeMap<String, usize> = BTreeMap::new();
        let shared = self.whole_of_all(environment);
        for (round, path, documents) in rounds {
            let whole = self.whole(environment, &round, &shared);
            if let Some(documents) = &documents {
                let by = [Some(&tracer), over.as_ref()];
                let Some(mut own) = self.origins_by(by, environment, &round, documents, limits) else { continue };
                for origins in &mut own {
                    origins.whole.clone_from(&whole);
                }
                // Rounds with one path make the documents of one file.
                let known = by_path.get(&path).and_then(|at| maps.get_mut(*at));
                if let Some((_, ArtifactMap::Documents(all))) = known {
                    all.append(&mut own);
                } else {
                    by_path.insert(path.clone(), maps.len());
                    maps.push((path, ArtifactMap::Documents(own)));
                }
            } else if let Some(mut text) = Self::text_by(&tracer, environment, &round) {
                text.whole = whole;
                maps.push((path, ArtifactMap::Text(text)));
            }
        }
        maps
    }
}

impl Template {
    /// What holds for a file that is copied.
    pub fn whole_of_copy(&self, environment: &EnvironmentInput<'_>, artifact: &Utf8Path, limits: &Limits) -> Whole {
        let is_it = |(_, path, _): &(Round, String, Arc<Copied>)| path.as_str() == artifact.as_str();
        let round = self.all_copies(environment, limits).into_iter().find(is_it);
        let shared = self.whole_of_all(environment);
        round.map(|(round, ..)| self.whole(environment, &round, &shared)).unwrap_or_default()
    }

    /// What keeps files away that the template would make.
    pub fn away(&self, environment: &EnvironmentInput<'_>, limits: &Limits) -> Vec<Reason> {
        if self.front.when.is_none() && self.front.for_each.is_none() {
            return Vec::new();
        }
        let shared = self.whole_of_all(environment);
        let Some(rounds) = self.rounds_away(environment, limits) else { return shared };
        let whens = rounds.iter().flat_map(|round| self.whole(environment, round, &shared).reasons);
        whens.filter(|reason| reason.kind == Why::When).collect()
    }
}

impl Said {
    pub(super) fn by(template: Span) -> Self {
        Self {
            template,
            via: Vec::new(),
            key: None,
            key_source: None,
            key_inputs: Vec::new(),
            source: None,
            inputs: Vec::new(),
            through: Vec::new(),
            pieces: Vec::new(),
            reasons: Vec::new(),
            merged: false,
        }
    }

    /// Keeps what a part of the text is from, by its bytes there.
    pub fn only(&mut self, part: &std::ops::Range<usize>) {
        let mut at = 0;
        let pieces = std::mem::take(&mut self.pieces);
        let placed = pieces.into_iter().filter(|piece| {
            let range = at..at + piece.text.len();
            at = range.end;
            range.start < part.end && part.start < range.end
        });
        self.pieces = placed.collect();
        self.inputs = self.pieces.iter().flat_map(|piece| piece.source.iter().chain(&piece.inputs)).cloned().collect();
        self.source = None;
        if let [piece] = &self.pieces[..]
            && piece.source.is_some()
        {
            (self.source, self.inputs) = (piece.source.clone(), Vec::new());
        }
        if let Some(template) = self.pieces.iter().find_map(|piece| piece.template) {
            self.template = template;
        }
    }

    /// The nodes that are in the value.
    pub fn data(&self) -> impl Iterator<Item = &Source> {
        self.source.iter().chain(&self.inputs)
    }

    /// The nodes that are in its key.
    pub fn key_data(&self) -> impl Iterator<Item = &Source> {
        self.key_source.iter().chain(&self.key_inputs)
    }
}

impl Origins {
    /// Of the value at a path.
    pub fn at(&self, path: &Path) -> Option<&Said> {
        self.by_path.get(path)
    }

    /// Of all that is below a path.
    pub fn within<'p>(&'p self, path: &'p Path) -> impl Iterator<Item = &'p Said> {
        let all = self.by_path.iter().filter(move |(own, _)| own.steps().starts_with(path.steps()));
        all.map(|(_, said)| said)
    }

    /// Of the nearest value around a path that is known.
    pub fn around(&self, path: &Path) -> Option<&Said> {
        self.nearest(path).map(|(_, said)| said)
    }

    /// The nearest place around a path that is known.
    pub fn nearest(&self, path: &Path) -> Option<(Path, &Said)> {
        let mut path = path.clone();
        loop {
            path.pop()?;
            if let Some(said) = self.by_path.get(&path) {
                return Some((path, said));
            }
        }
    }

    /// All places that are known.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Said)> {
        self.by_path.iter()
    }

    /// What was decided for a place, in the order in which it was.
    pub fn reasons(&self, said: &Said) -> Vec<&Reason> {
        reasons_of(&self.reasons, &said.reasons)
    }

    fn bare(&self) -> impl Iterator<Item = &Reason> {
        bare_of(&self.reasons, self.by_path.values().flat_map(|said| &said.reasons).copied())
    }
}

/// Reasons by their numbers, with those that they depend on.
fn reasons_of<'r>(all: &'r [Reason], numbers: &[usize]) -> Vec<&'r Reason> {
    reached(all, numbers.to_vec()).into_iter().filter_map(|number| all.get(number)).collect()
}

/// The tags among all reasons that are not reached from these.
fn bare_of(all: &[Reason], numbers: impl Iterator<Item = usize>) -> impl Iterator<Item = &Reason> {
    let seen = reached(all, numbers.collect());
    let is_tag = |reason: &Reason| matches!(reason.kind, Why::Decided(Kind::If | Kind::For));
    let bare = all.iter().enumerate().filter(move |(number, reason)| !seen.contains(number) && is_tag(reason));
    bare.map(|(_, reason)| reason)
}

fn reached(all: &[Reason], mut wanted: Vec<usize>) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    while let Some(number) = wanted.pop() {
        if let Some(reason) = all.get(number).filter(|_| seen.insert(number)) {
            wanted.extend(&reason.below);
        }
    }
    seen
}

impl Reason {
    fn of(trace: &Trace<'_>, decided: &Decided, base: usize) -> Self {
        let mut places: Vec<Span> = decided.marks.iter().filter_map(|mark| trace.marked_at(*mark)).collect();
        places.dedup();
        Self {
            kind: Why::Decided(decided.kind),
            places,
            sources: decided.seen.inputs.clone(),
            absent: decided.absent.iter().map(Absent::of).collect(),
            below: decided.seen.reasons.iter().map(|number| number + base).collect(),
        }
    }
}

impl Absent {
    fn of(read: &Read) -> Self {
        Self { path: Arc::clone(&read.path), parent: Arc::clone(&read.parent) }
    }
}
