//! A whole run: what it read, what it found, and which trees it made.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::findings::{Kept, Packer, Tables, Texts, Unpacker};
use super::{Store, hex};
use crate::disk::{Answer, Answers, Disk, Question, ask};
use crate::finding::{Finding, Findings, Rule};
use crate::project;
use crate::source::Sources;
use crate::tree::Record;

/// What comes of the environments of a run, in the order of asking.
#[derive(Debug)]
pub struct Run<'a> {
    pub findings: &'a Findings,
    pub environments: Vec<Environment>,
}

/// What comes of one of them.
#[derive(Debug)]
pub struct Environment {
    pub name: Arc<str>,
    /// None where findings stood in the way.
    pub tree: Option<Record>,
}

/// A run as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    /// A path, how many bytes were asked for, or none for a folder, and the answer.
    reads: Vec<(String, Option<u64>, String)>,
    tables: Tables,
    findings: Vec<Kept>,
    environments: Vec<(String, Option<Record>)>,
}

/// An entry all of whose answers are still the same.
#[derive(Debug)]
pub struct Known {
    entry: Entry,
    texts: Texts,
}

/// Asks again all that a run has asked. `None` without such a run, or where one answer is another.
pub fn check(store: &Store, key: &str, disk: &dyn Disk) -> Option<Known> {
    let entry: Entry = serde_json::from_slice(&store.get(key)?).ok()?;
    let wanted: BTreeSet<&str> = entry.tables.wanted().collect();
    let again = |(path, limit, before): &(String, Option<u64>, String)| {
        let question = limit.map_or(Question::List, Question::Read);
        let (now, bytes) = ask(disk, Utf8Path::new(path), question)?;
        if say(&now) != *before {
            return None;
        }
        let text = limit.is_some() && matches!(now, Answer::Digest(_)) && wanted.contains(path.as_str());
        Some(text.then(|| (Utf8PathBuf::from(path), bytes)))
    };
    let texts: Option<Vec<_>> = entry.reads.par_iter().map(again).collect();
    let texts = texts?.into_iter().flatten().collect();
    Some(Known { entry, texts })
}

impl Known {
    /// Delivers each environment once more, if these are the ones that were asked for. `None` if one cannot be, as when its
    /// tree does not stand. Nothing is delivered where the run came to no environment.
    pub fn deliver<T: Send>(
        &self,
        entries: &[&project::Entry],
        one: impl Fn(&project::Entry, Option<&Record>) -> Option<T> + Sync,
    ) -> Option<Vec<T>> {
        let kept = &self.entry.environments;
        if kept.is_empty() {
            return Some(Vec::new());
        }
        let same =
            kept.len() == entries.len() && kept.iter().zip(entries).all(|((name, _), entry)| **name == *entry.name);
        let all = || entries.par_iter().zip(kept).map(|(entry, (_, tree))| one(entry, tree.as_ref())).collect();
        if same { all() } else { None }
    }

    /// What was found, with places in texts of this run.
    pub fn findings(self, sources: &Sources, rules: impl Iterator<Item = &'static Rule>) -> Option<Vec<Finding>> {
        let Self { entry: Entry { tables, findings, .. }, texts } = self;
        Unpacker::new(tables, &texts, sources, rules)?.findings(findings)
    }
}

impl Run<'_> {
    /// Keeps a run that has asked these questions.
    pub fn keep(
        &self,
        store: &Store,
        key: &str,
        answers: &Answers,
        sources: &Sources,
        rules: impl Iterator<Item = &'static Rule>,
    ) {
        let mut packer = Packer::new(sources, answers, rules);
        let findings = packer.findings(self.findings.iter());
        let read = |((path, question), answer): (&(Utf8PathBuf, Question), &Answer)| {
            let limit = match question {
                Question::List => None,
                Question::Read(limit) => Some(*limit),
            };
            (path.to_string(), limit, say(answer))
        };
        let reads = answers.iter().map(read).collect();
        let environments = self.environments.iter().map(|it| (it.name.to_string(), it.tree)).collect();
        let entry = Entry { reads, tables: packer.into_tables(), findings, environments };
        if let Ok(body) = serde_json::to_vec(&entry) {
            store.put(key, &body);
        }
    }
}

/// An answer in one word, or why there is none.
fn say(answer: &Answer) -> String {
    match answer {
        Answer::Digest(digest) => hex(digest),
        Answer::Refused(why) => format!("refused: {why}"),
    }
}
