//! A run that was made before: what names it, and what is kept of it.

use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::compile::Request;
use crate::cache::{self, Asked, Carried, Entries, Known, Parts, Run};
use crate::check::Past;
use crate::disk::{self, Answers, Budget, Recorded};
use crate::finding::Findings;
use crate::pipeline::Survey;
use crate::project::{Entry, Project};
use crate::rules;
use crate::source::Sources;
use crate::tree::Record;

/// Where what runs find out is kept.
#[derive(Clone, Copy)]
pub(super) struct Caching<'a> {
    pub(super) store: &'a dyn Entries,
    /// Remembers what is read.
    pub(super) disk: &'a Recorded,
    pub(super) root: &'a Utf8Path,
    /// What a commit holds is read, and not the folder.
    pub(super) of_commit: bool,
    pub(super) keeps: Keeps<'a>,
}

/// Whether somebody may ask for what a run finds out.
#[derive(Clone, Copy)]
pub(super) enum Keeps<'a> {
    Always,
    /// Only one that has other files, these.
    For(&'a [Utf8PathBuf]),
    Never,
}

impl Keeps<'_> {
    fn is_worth(self, parts: &Parts<'_>, asked: [&Answers; 2]) -> bool {
        let is_asked = |path: &Utf8Path| {
            let from = (path.to_owned(), disk::Question::List);
            asked.iter().any(|it| it.range(&from..).next().is_some_and(|((other, _), _)| other == path))
        };
        match self {
            Self::Always => true,
            Self::For(changed) => {
                let is_read = |path: &&Utf8PathBuf| is_asked(path) || path.parent().is_some_and(is_asked);
                parts.outlast(&changed.iter().filter(is_read).cloned().collect::<Vec<_>>())
            }
            Self::Never => false,
        }
    }
}

/// Whatever bears on the result, beside what is read.
#[derive(Serialize)]
struct Question<'a> {
    root: &'a str,
    /// None for all that there are.
    environments: Option<Vec<&'a str>>,
    set: &'a [String],
    verify: bool,
    check: bool,
    day: Option<&'a str>,
    /// Against the golden trees; a run that judges against anything else is not kept.
    changes: bool,
    usage: bool,
    acknowledged: bool,
    allow_empty: bool,
    survey: Option<&'static str>,
    of_commit: bool,
}

/// The place of one run among those that are kept.
pub(super) struct Slot<'a> {
    caching: Caching<'a>,
    sources: &'a Sources,
    key: String,
    request: Request<'a>,
    /// The folders where trees stand.
    trees: [Utf8PathBuf; 2],
    /// What was asked to learn of the project; none if it is not the whole truth.
    first: Option<Answers>,
    /// What of an earlier run is believed.
    carried: Mutex<Carried>,
}

/// What is known of a run before it begins.
pub(super) enum Found<T> {
    /// All that it would give.
    All(Findings, Vec<T>),
    /// Something that may help.
    Some(Box<Known>),
    Nothing,
}

impl<'a> Slot<'a> {
    /// None if nothing is to be kept of such a run. What was read until now was read to learn of the project.
    pub(super) fn of(request: &Request<'a>, project: &Project, selected: &[Entry], acknowledged: bool) -> Option<Self> {
        let caching = request.caching?;
        let names = || selected.iter().map(|entry| &*entry.name).collect();
        let question = Question {
            root: caching.root.as_str(),
            environments: (selected != project.environments).then(names),
            set: request.set,
            verify: request.verify,
            check: request.check,
            day: request.day,
            changes: request.past.is_some(),
            usage: request.usage,
            acknowledged,
            allow_empty: request.allow_empty,
            survey: request.survey.map(Survey::question),
            of_commit: caching.of_commit,
        };
        let trees = [project.config.output.clone(), project.config.golden.clone()];
        let (key, first, carried) = (cache::key(&question), caching.disk.take(), Mutex::default());
        Some(Self { caching, sources: request.sources, key, request: *request, trees, first, carried })
    }

    /// What the run gave, if all that it read is as it was, and all its trees can be delivered without being made.
    pub(super) fn recall<T: Send>(
        &self,
        selected: &[&Entry],
        deliver: impl Fn(&Entry, Option<&Record>) -> Option<T> + Sync,
    ) -> Found<T> {
        let known = cache::check(self.caching.store, &self.key, self.first.as_ref(), self.caching.disk.below());
        let Some(known) = known else { return Found::Nothing };
        let Some(delivered) = known.deliver(selected, deliver) else { return Found::Some(Box::new(known)) };
        if let Some(survey) = self.request.survey {
            known.answers().for_each(|(name, answer)| survey.recall(&name, answer));
        }
        match known.findings(self.sources, rules::rules()) {
            Some(known) => {
                let mut findings = Findings::default();
                findings.extend(known);
                Found::All(findings, delivered)
            }
            None => Found::Nothing,
        }
    }

    /// What is known of single environments. To be asked once what environments share is read.
    pub(super) fn parts<'d>(&self, known: Option<Box<Known>>, disk: &'d Budget<'d>) -> Parts<'d> {
        let parts = known.and_then(|known| known.into_parts(&self.trees, self.sources, rules::rules(), disk));
        let Some((parts, carried)) = parts else { return Parts::none(disk) };
        *self.carried.lock().unwrap_or_else(PoisonError::into_inner) = carried;
        parts
    }

    /// Keeps what a run gave. One that could not read something may see it the next time.
    pub(super) fn keep(self, findings: &Findings, environments: Vec<(&Entry, Option<Record>)>, parts: Parts<'_>) {
        let then = self.caching.disk.take();
        let (Some(first), Some(then)) = (self.first, then) else { return };
        if !self.caching.keeps.is_worth(&parts, [&first, &then]) {
            return;
        }
        if !self.request.past.is_none_or(Past::is_complete) {
            return;
        }
        let carried = self.carried.into_inner().unwrap_or_else(PoisonError::into_inner);
        let run = Run { findings, environments, parts };
        let asked = Asked { first, then };
        run.keep(self.caching.store, &self.key, &asked, carried, self.sources, rules::rules());
    }
}
