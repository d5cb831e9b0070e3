//! All environments of a run, judged together.

use std::sync::Arc;

use rayon::prelude::*;

use super::Judge;
use crate::account::{Account, Work};
use crate::artifact::Artifact;
use crate::check::{Acknowledgements, Declared, Draft, Gathered, Laid, View, fleet, unused, unused_outside};
use crate::environment::load::Environment;
use crate::finding::Findings;
use crate::source::Span;

/// An environment among the others, when its tree is gone.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    pub name: &'a Arc<str>,
    pub gathered: &'a Gathered,
    /// What it has cost.
    pub account: &'a Account,
    /// Where it begins.
    pub at: Span,
}

impl Judge<'_> {
    /// Judges all environments together. Those that a finding speaks of are made `again`, to see what was written.
    pub fn fleet(
        &self,
        members: &[Member<'_>],
        again: impl Fn(usize) -> Option<(Environment, Vec<Artifact>)> + Sync,
    ) -> Findings {
        let mut findings = Findings::default();
        let [first, _, ..] = members else { return findings };
        let account = Account::remembering();
        for member in members {
            account.share(member.account);
            account.charge(member.gathered.cost(), Work::Fleet, member.at);
        }
        let fleet: Vec<_> = members.iter().map(|member| (&**member.name, member.gathered)).collect();
        let drafts = if account.is_over() {
            Vec::new()
        } else {
            fleet::drafts(&fleet, self.catalogue, self.severities, &account, first.at)
        };
        let mut involved: Vec<usize> = drafts.iter().flat_map(Draft::environments).collect();
        involved.sort_unstable();
        involved.dedup();
        for number in &involved {
            let member = &members[*number];
            account.charge(member.account.spent(), Work::Fleet, member.at);
        }
        if account.is_over() {
            findings.push(account.finding("judging all environments together", first.at, self.sources));
            return findings;
        }
        let again = |at: &usize| again(*at).map(|(environment, artifacts)| (*at, environment, artifacts));
        let again: Vec<_> = involved.par_iter().filter_map(again).collect();
        let laid: Vec<_> = again.iter().map(|(_, _, artifacts)| Laid::out(artifacts).sparing(self.material)).collect();
        let views: Vec<_> =
            again.iter().zip(&laid).map(|((_, environment, _), laid)| View::new(&environment.name, laid)).collect();
        let free = Account::unbounded();
        let locators: Vec<_> = again
            .iter()
            .zip(&views)
            .map(|((at, environment, _), view)| (*at, self.locator(view, environment, &free)))
            .collect();
        for draft in drafts {
            let own: Vec<_> =
                locators.iter().filter(|(at, _)| draft.environments().contains(at)).map(|(_, it)| it).collect();
            let names = draft.environments().into_iter().map(|at| Arc::clone(members[at].name)).collect();
            let mut finding = draft.located(&own);
            finding.environments = names;
            findings.extend([finding]);
        }
        findings
    }

    /// What no environment of a run had a finding for; see [`unused`](fn@unused).
    pub fn unused<'l>(&self, all: impl Iterator<Item = (&'l Arc<str>, &'l Acknowledgements)>, whole: bool) -> Findings {
        unused(all, self.catalogue, self.sources, whole)
    }

    /// What other tools make, and no environment of a run names; see [`unused_outside`](fn@unused_outside).
    pub fn unused_outside<'l>(&self, all: impl Iterator<Item = (&'l Arc<str>, &'l Declared)>, whole: bool) -> Findings {
        unused_outside(all, self.sources, whole)
    }
}
