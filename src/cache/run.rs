//! A whole run: what it read, what it found, which trees it made, and what is known of each environment by itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::findings::{Kept, Packer, Said, Tables, Texts, Unpacker};
use super::part::{KeptPart, Lines, Parts, Spent};
use super::{Entries, hex, noted};
use crate::disk::{Answer, Answers, Budget, Disk, Question, ask};
use crate::finding::{Finding, Findings, Rule};
use crate::project;
use crate::source::Sources;
use crate::tree::Record;

/// What comes of the environments of a run, in the order of asking.
pub struct Run<'a> {
    pub findings: &'a Findings,
    /// Each with its tree; none where findings stood in the way.
    pub environments: Vec<(&'a project::Entry, Option<Record>)>,
    pub parts: Parts<'a>,
}

/// What a run has asked: first to learn of the project's environments, and then to compile them.
#[derive(Debug)]
pub struct Asked {
    pub first: Answers,
    pub then: Answers,
}

/// A path, how many bytes were asked for, or none for a folder, and the answer.
type Read = (String, Option<u64>, String);

/// A run as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    first: Vec<Read>,
    then: Vec<Read>,
    tables: Tables,
    findings: Vec<Kept>,
    environments: Vec<Outcome>,
    parts: Vec<KeptPart>,
    /// What parts answered, line by line.
    lines: Vec<String>,
    noted: noted::Tables,
    spent: Spent,
}

/// What came of an environment.
#[derive(Debug, Serialize, Deserialize)]
struct Outcome {
    name: String,
    path: String,
    /// None where findings stood in the way.
    tree: Option<Record>,
}

/// What an earlier run has left, and what of it is not so any more.
#[derive(Debug)]
pub struct Known {
    entry: Entry,
    /// Reads with another answer now. Those of folders that were only looked at to learn of environments are not among
    /// them.
    stale: Vec<String>,
    /// Something is another, if only another environment.
    is_changed: bool,
    texts: Texts,
}

/// Asks again all that a run has asked, but for the folders that `listed` has just answered for. `None` without such a run.
pub fn check(store: &dyn Entries, key: &str, listed: Option<&Answers>, disk: &dyn Disk) -> Option<Known> {
    let mut entry: Entry = serde_json::from_slice(&store.get(key)?).ok()?;
    let wanted: BTreeSet<&str> = entry.tables.wanted().collect();
    let again = |(path, limit, before): &Read| {
        let question = limit.map_or(Question::List, Question::Read);
        let folder = listed.filter(|_| limit.is_none()).and_then(|it| it.get(&(path.into(), question)));
        let answer = folder.map(|now| (now.clone(), Vec::new()));
        let Some((now, bytes)) = answer.or_else(|| ask(disk, Utf8Path::new(path), question)) else {
            return (false, None);
        };
        let text = limit.is_some() && matches!(now, Answer::Digest(_)) && wanted.contains(path.as_str());
        (say(&now) == *before, text.then(|| (Utf8PathBuf::from(path), bytes)))
    };
    let mut texts = Texts::new();
    let mut stale = Vec::new();
    let mut is_changed = false;
    let mut part = |reads: &[Read], is_first: bool| {
        let answers: Vec<_> = reads.par_iter().map(again).collect();
        let mut same = Vec::with_capacity(reads.len());
        for ((path, limit, _), (is_same, text)) in reads.iter().zip(answers) {
            same.push(is_same);
            is_changed |= !is_same;
            if is_same {
                texts.extend(text);
            } else if !is_first || limit.is_some() {
                stale.push(path.clone());
            }
        }
        same
    };
    let same = [part(&entry.first, true), part(&entry.then, false)];
    for (reads, same) in [&mut entry.first, &mut entry.then].into_iter().zip(same) {
        let mut same = same.into_iter();
        reads.retain(|_| same.next().unwrap_or(false));
    }
    Some(Known { entry, stale, is_changed, texts })
}

impl Known {
    /// Delivers each environment once more, if nothing has changed and these are the ones that were asked for. `None` if one
    /// cannot be, as when its tree does not stand. Nothing is delivered where the run came to no environment.
    pub fn deliver<T: Send>(
        &self,
        entries: &[&project::Entry],
        one: impl Fn(&project::Entry, Option<&Record>) -> Option<T> + Sync,
    ) -> Option<Vec<T>> {
        let kept = &self.entry.environments;
        if self.is_changed {
            return None;
        }
        if kept.is_empty() {
            return Some(Vec::new());
        }
        let is_same = kept.len() == entries.len() && kept.iter().zip(entries).all(|(it, entry)| it.name == *entry.name);
        let all = || entries.par_iter().zip(kept).map(|(entry, it)| one(entry, it.tree.as_ref())).collect();
        if is_same { all() } else { None }
    }

    /// What environments answered to what was asked, if nothing has changed.
    pub fn answers(&self) -> impl Iterator<Item = (Arc<str>, Vec<Arc<str>>)> {
        let lines: Vec<Arc<str>> = self.entry.lines.iter().map(|line| line.as_str().into()).collect();
        let answer = move |part: &KeptPart| Some((part.name().into(), part.answer(&lines)?));
        self.entry.parts.iter().filter_map(answer)
    }

    /// What was found, with places in texts of this run.
    pub fn findings(self, sources: &Sources, rules: impl Iterator<Item = &'static Rule>) -> Option<Vec<Finding>> {
        let Self { entry: Entry { tables, findings, .. }, texts, .. } = self;
        Unpacker::new(tables, &texts, sources, rules)?.findings(findings)
    }

    /// What is still known of single environments: nothing that they depend on has changed. With the questions whose
    /// answers are the same. `trees` are the folders where trees stand.
    pub fn into_parts<'a>(
        self,
        trees: &[Utf8PathBuf],
        sources: &Sources,
        rules: impl Iterator<Item = &'static Rule>,
        disk: &'a Budget<'a>,
    ) -> Option<(Parts<'a>, Carried)> {
        let Self { entry, stale, texts, .. } = self;
        let Entry { first, then, tables, mut parts, lines, noted, environments, spent, .. } = entry;
        let is_known: Vec<bool> = {
            let gone = Gone::of(&stale, &environments, &parts, trees);
            parts.iter().map(|part| gone.leaves(part)).collect()
        };
        let mut is_known = is_known.into_iter();
        parts.retain(|_| is_known.next().unwrap_or(false));
        let unpacker = Unpacker::new(tables, &texts, sources, rules)?;
        let lists = noted::Lists::new(noted, &unpacker)?;
        let lines: Vec<Arc<str>> = lines.into_iter().map(Into::into).collect();
        let parts = parts.into_iter().filter_map(|part| part.unpack(&unpacker, &lists, &lines)).collect();
        Some((Parts::new(parts, spent, disk), Carried { first, then }))
    }
}

/// What is not as it was.
#[derive(Default)]
struct Gone<'a> {
    /// Something that lies nowhere in particular: it is everybody's.
    everything: bool,
    /// Environments and layers.
    places: BTreeSet<&'a str>,
    /// Environments whose trees have changed.
    trees: BTreeSet<&'a str>,
}

impl<'a> Gone<'a> {
    fn of(stale: &'a [String], environments: &[Outcome], parts: &[KeptPart], folders: &[Utf8PathBuf]) -> Self {
        let places = parts.iter().flat_map(KeptPart::places);
        let places: BTreeSet<&str> = places.chain(environments.iter().map(|it| it.path.as_str())).collect();
        let names: BTreeSet<&str> = environments.iter().map(|it| it.name.as_str()).collect();
        let mut gone = Self::default();
        for path in stale.iter().map(|path| Utf8Path::new(path.as_str())) {
            let around = |path: &'a Utf8Path| path.ancestors().map(Utf8Path::as_str);
            let within: Vec<_> = around(path).filter(|place| places.contains(place)).collect();
            let below = folders.iter().filter_map(|folder| path.strip_prefix(folder).ok());
            let of_trees: Vec<_> = below.flat_map(around).filter(|name| names.contains(name)).collect();
            gone.everything |= within.is_empty() && of_trees.is_empty();
            gone.places.extend(within);
            gone.trees.extend(of_trees);
        }
        gone
    }

    /// Whether all that an environment depends on is as it was.
    fn leaves(&self, part: &KeptPart) -> bool {
        !self.everything && !self.trees.contains(part.name()) && !part.places().any(|place| self.places.contains(place))
    }
}

/// Questions of an earlier run whose answers are still the same.
#[derive(Debug, Default)]
pub struct Carried {
    first: Vec<Read>,
    then: Vec<Read>,
}

impl Run<'_> {
    /// Keeps a run that has asked these questions, and believed those of an earlier one.
    pub fn keep(
        self,
        store: &dyn Entries,
        key: &str,
        asked: &Asked,
        carried: Carried,
        sources: &Sources,
        rules: impl Iterator<Item = &'static Rule>,
    ) {
        let first = joined(&asked.first, carried.first);
        let then = joined(&asked.then, carried.then);
        let mut packer = Packer::new(sources, [&first, &then], rules);
        let findings = packer.findings(self.findings.iter());
        let (parts, spent) = self.parts.into_noted();
        let (mut packing, mut lines) = (noted::Packing::default(), Lines::default());
        let parts = parts.iter().map(|part| KeptPart::of(part, &mut packer, &mut packing, &mut lines)).collect();
        let lines = lines.into_all();
        let noted = packing.into_tables();
        let tables = packer.into_tables();
        let outcome = |(entry, tree): (&project::Entry, Option<Record>)| Outcome {
            name: entry.name.to_string(),
            path: entry.path.to_string(),
            tree,
        };
        let environments = self.environments.into_iter().map(outcome).collect();
        let (first, then) = (reads(first), reads(then));
        let entry = Entry { first, then, tables, findings, environments, parts, lines, noted, spent };
        if let Ok(body) = serde_json::to_vec(&entry) {
            store.put(key, &body);
        }
    }
}

fn joined(answers: &Answers, carried: Vec<Read>) -> Said {
    let mut said: Said = carried.into_iter().map(|(path, limit, answer)| ((path, limit), answer)).collect();
    for ((path, question), answer) in answers {
        let limit = match question {
            Question::List => None,
            Question::Read(limit) => Some(*limit),
        };
        said.insert((path.to_string(), limit), say(answer));
    }
    said
}

fn reads(said: Said) -> Vec<Read> {
    said.into_iter().map(|((path, limit), answer)| (path, limit, answer)).collect()
}

/// An answer in one word, or why there is none.
fn say(answer: &Answer) -> String {
    match answer {
        Answer::Digest(digest) => hex(digest),
        Answer::Refused(why) => format!("refused: {why}"),
    }
}
