//! What is kept of one environment, so that the others need not be compiled when one changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::findings::{Kept, Packer, Place, Unpacker, number};
use super::noted::{KeptNoted, Lists, Packing};
use crate::account::{Account, Cost};
use crate::check::{Acknowledgements, Declared, Gathered, Remembered, Where};
use crate::disk::Budget;
use crate::environment::acknowledge::Acknowledgement;
use crate::finding::Finding;
use crate::project;
use crate::project::outside::{self, Outside};
use crate::schema::Noted;
use crate::source::FileId;
use crate::tree::Record;
use crate::yaml::path::Step;

/// An environment that compiles without errors of its own.
#[derive(Clone, Debug)]
pub struct Part {
    pub name: Arc<str>,
    pub path: Utf8PathBuf,
    /// Its layers, its own last.
    pub layers: Vec<Utf8PathBuf>,
    /// The files of its layers.
    pub files: Vec<FileId>,
    pub findings: Vec<Finding>,
    pub gathered: Gathered,
    pub acknowledged: Acknowledgements,
    /// What other tools make.
    pub outside: Declared,
    /// Which settings it reads, if that was asked.
    pub noted: Option<Noted>,
    /// What was not found that it could be judged against.
    pub missing: Option<String>,
    /// What it says to what was asked of it.
    pub answer: Option<Vec<Arc<str>>>,
    /// What it cost, and the bytes that allowed it.
    pub spent: Cost,
    pub read: u64,
    pub tree: Record,
}

/// What is known of environments before a run compiles them, and what the run has to say of them.
pub struct Parts<'a> {
    known: BTreeMap<Arc<str>, Part>,
    /// What runs before have spent on what environments share, beyond what every run spends.
    before: Spent,
    disk: &'a Budget<'a>,
    noted: Mutex<(Vec<Part>, Cost)>,
}

/// What runs have spent. Those of which a part is used count together, as if nothing had been shared: that is more than it was, so
/// that what is allowed after that would have been allowed without.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Spent {
    pub(super) steps: u64,
    pub(super) bytes: u64,
    /// Files that were read, and their bytes.
    pub(super) read: (usize, u64),
}

impl<'a> Parts<'a> {
    pub(super) fn new(known: Vec<Part>, before: Spent, disk: &'a Budget<'a>) -> Self {
        let known = known.into_iter().map(|part| (Arc::clone(&part.name), part)).collect();
        Self { known, before, disk, noted: Mutex::default() }
    }

    /// None is known.
    pub fn none(disk: &'a Budget<'a>) -> Self {
        Self::new(Vec::new(), Spent::default(), disk)
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub fn find(&self, entry: &project::Entry) -> Option<&Part> {
        self.known.get(&entry.name).filter(|part| part.path == entry.path)
    }

    /// Layers that a known environment extends.
    pub fn layers(&self) -> impl Iterator<Item = &Utf8PathBuf> {
        self.known.values().filter_map(|part| part.layers.split_last()).flat_map(|(_, below)| below)
    }

    /// Whether a run that knew nothing would have been allowed all that it needs. `account` pays for what environments share.
    pub fn are_affordable(&self, account: &Account) -> bool {
        let before = Cost { steps: self.before.steps, bytes: self.before.bytes };
        let together = account.spent().plus(before);
        !together.exceeds(account.allowed()) && self.disk.has_room_for(self.before.read)
    }

    /// Takes what is said of all environments of a run that could be made, and what it spent on what they share.
    pub fn note(&self, parts: Vec<Part>, spent: Cost) {
        *self.noted.lock().unwrap_or_else(PoisonError::into_inner) = (parts, spent);
    }

    /// Whether something that was noted would still be known once these files have changed.
    pub fn outlast(&self, changed: &[Utf8PathBuf]) -> bool {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let places = |part: &'_ Part| part.layers.iter().chain([&part.path]).cloned().collect::<Vec<_>>();
        let all: BTreeSet<Utf8PathBuf> = noted.0.iter().flat_map(places).collect();
        let touched: BTreeSet<&Utf8Path> =
            changed.iter().flat_map(|path| path.ancestors().filter(|place| all.contains(*place))).collect();
        // What lies nowhere in particular is everybody's.
        let is_of_all = |path: &Utf8PathBuf| !path.ancestors().any(|place| touched.contains(place));
        let lasts =
            |part: &Part| !part.layers.iter().chain([&part.path]).any(|place| touched.contains(place.as_path()));
        !changed.iter().any(is_of_all) && noted.0.iter().any(lasts)
    }

    pub(super) fn into_noted(self) -> (Vec<Part>, Spent) {
        let (parts, spent) = self.noted.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (files, bytes) = self.disk.used();
        let mut all = Spent { steps: spent.steps, bytes: spent.bytes, read: (files, bytes) };
        if !self.known.is_empty() {
            all.steps = all.steps.saturating_add(self.before.steps);
            all.bytes = all.bytes.saturating_add(self.before.bytes);
            all.read = (files.saturating_add(self.before.read.0), bytes.saturating_add(self.before.read.1));
        }
        (parts, all)
    }
}

/// The lines of answers: most environments have the same.
#[derive(Debug, Default)]
pub(super) struct Lines {
    numbers: BTreeMap<Arc<str>, u32>,
    all: Vec<String>,
}

impl Lines {
    fn number(&mut self, line: &Arc<str>) -> u32 {
        number(&mut self.numbers, &mut self.all, Arc::clone(line), || line.to_string())
    }

    pub(super) fn into_all(self) -> Vec<String> {
        self.all
    }
}

/// A part as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptPart {
    name: String,
    path: String,
    layers: Vec<String>,
    files: Vec<u32>,
    findings: Vec<Kept>,
    gathered: Vec<Vec<(Vec<String>, KeptWhere)>>,
    acknowledged: Vec<KeptAcknowledgement>,
    outside: Vec<KeptOutside>,
    noted: Option<KeptNoted>,
    missing: Option<String>,
    /// By the numbers of its lines.
    answer: Option<Vec<u32>>,
    spent: (u64, u64),
    read: u64,
    tree: Record,
}

#[derive(Debug, Serialize, Deserialize)]
enum KeptWhere {
    Rendered([usize; 2], Vec<KeptStep>),
    Written(Place),
}

#[derive(Debug, Serialize, Deserialize)]
enum KeptStep {
    Key(String),
    Index(usize),
    Item(Vec<(String, String)>),
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptAcknowledgement {
    rule: String,
    rule_at: Place,
    subject: String,
    reason: String,
    until: Option<String>,
    at: Place,
    own: bool,
    used: bool,
}

/// Something that other tools make: its kind and pattern, where that is said, whether only this environment says it, and
/// whether the tree names it.
type KeptOutside = (String, String, Place, bool, bool);

impl KeptPart {
    pub(super) fn of(part: &Part, packer: &mut Packer<'_>, packing: &mut Packing, lines: &mut Lines) -> Self {
        let gathered = part.gathered.remembered();
        Self {
            name: part.name.to_string(),
            path: part.path.to_string(),
            layers: part.layers.iter().map(ToString::to_string).collect(),
            files: part.files.iter().map(|file| packer.file(*file)).collect(),
            findings: packer.findings(part.findings.iter()),
            gathered: gathered
                .into_iter()
                .map(|facts| facts.into_iter().map(|it| fact(it, packer)).collect())
                .collect(),
            acknowledged: part
                .acknowledged
                .entries()
                .map(|(it, own, used)| acknowledgement(it, own, used, packer))
                .collect(),
            outside: part
                .outside
                .entries()
                .map(|(it, own, used)| (it.kind.to_owned(), it.pattern.to_string(), packer.place(it.span), own, used))
                .collect(),
            noted: part.noted.as_ref().map(|noted| packing.noted(noted, packer)),
            missing: part.missing.clone(),
            answer: part.answer.as_ref().map(|answer| answer.iter().map(|line| lines.number(line)).collect()),
            spent: (part.spent.steps, part.spent.bytes),
            read: part.read,
            tree: part.tree,
        }
    }

    /// The places that it depends on beside what all do: its layers and itself.
    pub(super) fn places(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().map(String::as_str).chain([self.path.as_str()])
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What it says to what was asked of it; `lines` are those of all.
    pub(super) fn answer(&self, lines: &[Arc<str>]) -> Option<Vec<Arc<str>>> {
        self.answer.as_ref()?.iter().map(|number| lines.get(*number as usize).cloned()).collect()
    }

    pub(super) fn unpack(self, unpacker: &Unpacker, lists: &Lists, lines: &[Arc<str>]) -> Option<Part> {
        let answer = self.answer(lines);
        let one = |(words, at): (Vec<String>, KeptWhere)| {
            let at = match at {
                KeptWhere::Rendered(artifact, steps) => {
                    Where::Rendered(artifact, steps.into_iter().map(step).collect())
                }
                KeptWhere::Written(place) => Where::Written(unpacker.span(place)?),
            };
            Some(Remembered { words, at })
        };
        let gathered =
            self.gathered.into_iter().map(|facts| facts.into_iter().map(one).collect()).collect::<Option<_>>()?;
        let acknowledged = self.acknowledged.into_iter().map(|it| {
            let written = Acknowledgement {
                rule: it.rule.into(),
                rule_span: unpacker.span(it.rule_at)?,
                subject: it.subject.into(),
                reason: it.reason.into(),
                until: it.until.map(Into::into),
                span: unpacker.span(it.at)?,
            };
            Some((written, it.own, it.used))
        });
        let acknowledged: Vec<_> = acknowledged.collect::<Option<_>>()?;
        let outside = self.outside.into_iter().map(|(kind, pattern, at, own, used)| {
            let written = Outside { kind: outside::kind(&kind)?, pattern: pattern.into(), span: unpacker.span(at)? };
            Some((written, own, used))
        });
        let outside: Vec<_> = outside.collect::<Option<_>>()?;
        Some(Part {
            name: self.name.into(),
            path: self.path.into(),
            layers: self.layers.into_iter().map(Into::into).collect(),
            files: self.files.into_iter().map(|file| unpacker.file(file)).collect::<Option<_>>()?,
            findings: unpacker.findings(self.findings)?,
            gathered: Gathered::recalled(gathered),
            acknowledged: Acknowledgements::recalled(acknowledged.into_iter()),
            outside: Declared::recalled(outside.into_iter()),
            noted: match self.noted {
                Some(noted) => Some(lists.noted(noted, unpacker)?),
                None => None,
            },
            missing: self.missing,
            answer,
            spent: Cost { steps: self.spent.0, bytes: self.spent.1 },
            read: self.read,
            tree: self.tree,
        })
    }
}

fn fact(Remembered { words, at }: Remembered, packer: &mut Packer<'_>) -> (Vec<String>, KeptWhere) {
    let at = match at {
        Where::Rendered(artifact, path) => KeptWhere::Rendered(artifact, path.steps().iter().map(kept_step).collect()),
        Where::Written(span) => KeptWhere::Written(packer.place(span)),
    };
    (words, at)
}

fn acknowledgement(it: &Acknowledgement, own: bool, used: bool, packer: &mut Packer<'_>) -> KeptAcknowledgement {
    KeptAcknowledgement {
        rule: it.rule.to_string(),
        rule_at: packer.place(it.rule_span),
        subject: it.subject.to_string(),
        reason: it.reason.to_string(),
        until: it.until.as_ref().map(ToString::to_string),
        at: packer.place(it.span),
        own,
        used,
    }
}

fn kept_step(step: &Step) -> KeptStep {
    match step {
        Step::Key(key) => KeptStep::Key(key.to_string()),
        Step::Index(at) => KeptStep::Index(*at),
        Step::Item(keys) => {
            KeptStep::Item(keys.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
        }
    }
}

fn step(step: KeptStep) -> Step {
    match step {
        KeptStep::Key(key) => Step::Key(key.into()),
        KeptStep::Index(at) => Step::Index(at),
        KeptStep::Item(keys) => Step::Item(keys.into_iter().map(|(key, value)| (key.into(), value.into())).collect()),
    }
}
