//! A run that was made before: what names it, and what is kept of it.

use std::sync::Arc;

use camino::Utf8Path;
use serde::Serialize;

use super::compile::Request;
use crate::cache::{self, Environment, Run, Store};
use crate::check::Past;
use crate::disk::Recorded;
use crate::finding::Findings;
use crate::project::{Entry, Project};
use crate::rules;
use crate::source::Sources;
use crate::tree::Record;

/// Where what runs find out is kept.
#[derive(Clone, Copy)]
pub(super) struct Caching<'a> {
    pub(super) store: &'a Store,
    /// Remembers what is read.
    pub(super) disk: &'a Recorded,
    pub(super) root: &'a Utf8Path,
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
}

/// The place of one run among those that are kept.
pub(super) struct Slot<'a> {
    caching: Caching<'a>,
    sources: &'a Sources,
    key: String,
    request: Request<'a>,
}

impl<'a> Slot<'a> {
    /// None if nothing is to be kept of such a run.
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
        };
        Some(Self { caching, sources: request.sources, key: cache::key(&question), request: *request })
    }

    /// What the run gave, if all that it read is as it was, and all its trees can be delivered without being made.
    pub(super) fn recall<T: Send>(
        &self,
        selected: &[&Entry],
        deliver: impl Fn(&Entry, Option<&Record>) -> Option<T> + Sync,
    ) -> Option<(Findings, Vec<T>)> {
        let known = cache::check(self.caching.store, &self.key, self.caching.disk.below())?;
        let delivered = known.deliver(selected, deliver)?;
        let mut findings = Findings::default();
        findings.extend(known.findings(self.sources, rules::rules())?);
        Some((findings, delivered))
    }

    /// Keeps what a run gave. One that could not read something may see it the next time.
    pub(super) fn keep(&self, findings: &Findings, trees: impl Iterator<Item = (Arc<str>, Option<Record>)>) {
        let answers = self.caching.disk.take();
        let Some(answers) = answers.filter(|_| self.request.past.is_none_or(Past::is_complete)) else { return };
        let environments = trees.map(|(name, tree)| Environment { name, tree }).collect();
        let run = Run { findings, environments };
        run.keep(self.caching.store, &self.key, &answers, self.sources, rules::rules());
    }
}
