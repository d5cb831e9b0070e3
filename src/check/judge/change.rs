//! What a change does, judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Judge, Made, begin_of};
use crate::account::Account;
use crate::check::{
    Acknowledgements, Before, Change, Check, Consequence, Draft, Effect, Laid, Past, Report, Scope, Standing, Stood,
    View,
};
use crate::environment::load::Environment;
use crate::finding::{Finding, Findings};
use crate::source::Span;

impl Judge<'_> {
    /// Judges an environment by what was: what has changed in its tree, and what it was judged by.
    pub fn against(
        &self,
        made: &Made<'_>,
        past: &dyn Past,
        acknowledged: &Acknowledgements,
        account: &Account,
        findings: &mut Findings,
    ) {
        let Made { environment, files, .. } = *made;
        let standing = past.tree(&environment.name, files);
        let before = standing.as_ref().and_then(|standing| Before::read(standing, files, self.sources, self.limits));
        if let (Some(before), Some(standing)) = (&before, &standing) {
            let mut drafts = Self::changes(made, before, self.material, &self.wanted());
            lead_to_change(&mut drafts, before, standing, past, environment);
            if !drafts.is_empty() {
                let laid = Laid::out(made.artifacts).sparing(self.material);
                let view = View::new(&environment.name, &laid);
                findings.extend(self.located(drafts, &view, environment, acknowledged));
            }
        }
        self.judge_by_former(made, before.as_ref(), past, account);
    }

    /// What checks say of what has changed in an environment's tree.
    pub(super) fn changes(made: &Made<'_>, before: &Before, material: &[Arc<str>], checks: &[&Check]) -> Vec<Draft> {
        let name = &made.environment.name;
        let was = Laid::out(before.artifacts()).sparing(material).past();
        let laid = Laid::out(made.artifacts).sparing(material);
        let view = View::new(name, &laid);
        let change = Change::new(before, View::new(name, &was), &view);
        let mut report = Report::default();
        for check in checks {
            if let Scope::Change(judge) = check.scope {
                judge(&change, &mut report);
            }
        }
        report.into_drafts()
    }

    /// What becomes of each thing that has changed in an environment's tree, at the lines that caused it.
    pub fn effects(
        &self,
        made: &Made<'_>,
        past: &dyn Past,
        acknowledged: &Acknowledgements,
        account: &Account,
    ) -> Vec<Effect> {
        let Made { environment, files, .. } = *made;
        let Some(standing) = past.tree(&environment.name, files) else { return Vec::new() };
        let Some(before) = Before::read(&standing, files, self.sources, self.limits) else { return Vec::new() };
        // What it costs is not the environment's: it would be judged otherwise where nothing is compared.
        let own = account.afresh();
        let (was, laid) = (Laid::out(before.artifacts()), Laid::out(made.artifacts));
        let view = View::new(&environment.name, &laid).charging(&own);
        let change = Change::new(&before, View::new(&environment.name, &was).charging(&own), &view);
        let mut report = Report::default();
        (self.catalogue.effects)(&change, self.brought.as_ref(), &mut report);
        let free = Account::unbounded();
        let locator = self.locator(&view, environment, &free);
        let mut acknowledged = acknowledged.clone();
        let mut causes: Vec<Vec<Span>> = Vec::new();
        past.then(environment, &standing, &mut |then| {
            causes = report.drafts().iter().map(|draft| locator.causes(draft, then)).collect();
        });
        let located = |(draft, causes): (&Draft, Vec<Span>)| {
            let mut finding = locator.finding(draft);
            acknowledged.judge(&mut finding, self.day);
            finding.environments.push(Arc::clone(&environment.name));
            let consequence = Consequence::of(draft.rule)?;
            let stood = draft.stood.as_ref().and_then(|place| before.stood(place));
            Some((Effect { consequence, finding, causes }, stood))
        };
        let (mut effects, stood): (Vec<Effect>, Vec<_>) =
            report.drafts().iter().zip(causes).filter_map(located).unzip();
        let gone: Vec<usize> = (0..effects.len()).filter(|at| stood[*at].is_some()).collect();
        if !gone.is_empty() {
            let stood: Vec<Stood> = stood.into_iter().flatten().collect();
            for (at, causes) in gone.into_iter().zip(past.taken_away(environment, &standing, &stood)) {
                effects[at].causes = causes;
            }
        }
        // Of what is said to be worse, nobody wants to hear that it is updated, too.
        let worse: BTreeSet<String> = effects
            .iter()
            .filter(|effect| effect.consequence < Consequence::InPlace)
            .filter_map(|effect| effect.finding.subject.clone())
            .collect();
        let is_told = |effect: &Effect| effect.finding.subject.as_ref().is_some_and(|it| worse.contains(it));
        effects.retain(|effect| effect.consequence != Consequence::InPlace || !is_told(effect));
        if own.is_over() {
            effects.push(unfinished(environment));
        }
        effects
    }
}

/// What is there no more was taken away by somebody: where that line is known, it comes first, and what stood before beside it.
fn lead_to_change(
    drafts: &mut [Draft],
    before: &Before,
    standing: &Standing,
    past: &dyn Past,
    environment: &Environment,
) {
    let stood = |draft: &Draft| draft.stood.as_ref().and_then(|place| before.stood(place));
    let (mut gone, places): (Vec<&mut Draft>, Vec<Stood>) =
        drafts.iter_mut().filter_map(|draft| stood(draft).map(|place| (draft, place))).unzip();
    if gone.is_empty() {
        return;
    }
    let taken = past.taken_away(environment, standing, &places);
    for (draft, spans) in gone.iter_mut().zip(taken) {
        if let Some(span) = spans.first() {
            // What is left around it is in a file that is there.
            if draft.rendered().is_some() {
                draft.beside(*span, "taken away here");
            } else {
                draft.lead_to(*span);
            }
        }
    }
}

/// That not all could be judged: whatever is left may be anything.
fn unfinished(environment: &Environment) -> Effect {
    let at = begin_of(environment);
    let name = &environment.name;
    let message = format!("what policies say of `{name}` needs more work than its input may take, and is not known");
    let consequence = Consequence::Unknown;
    let mut finding = Finding::new(consequence.rule(), at, message);
    finding.subject = Some(name.to_string());
    finding.environments.push(Arc::clone(name));
    Effect { consequence, finding, causes: Vec::new() }
}
