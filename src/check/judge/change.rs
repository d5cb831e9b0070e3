//! What a change does, judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Judge, Made, begin_of};
use crate::account::Account;
use crate::artifact::Artifact;
use crate::check::installed::Beyond;
use crate::check::{
    Acknowledgements, Before, Change, Check, Consequence, Draft, Effect, Installed, Installs, Laid, Past, Release,
    Report, Scope, Standing, Stood, View,
};
use crate::environment::load::Environment;
use crate::finding::codes::chart::NOT_COMPARED;
use crate::finding::{Finding, Findings};
use crate::source::Span;

/// Places of one thing that are gone, of which it is asked what took them away.
const PLACES: usize = 3;

/// Lines that are named for one thing.
const LINES: usize = 3;

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
        let before = before.map(|before| {
            let lead = |drafts: &mut Vec<Draft>, before: &Before| {
                if let Some(standing) = &standing {
                    lead_to_change(drafts, before, standing, past, environment);
                }
            };
            self.against_before(made, before, &lead, acknowledged, account, findings)
        });
        self.judge_by_former(made, before.as_ref(), past, account);
    }

    /// Judges what has changed in a tree, and in what charts make of it, where both are known. Gives the tree before back.
    fn against_before(
        &self,
        made: &Made<'_>,
        before: Before,
        lead: &dyn Fn(&mut Vec<Draft>, &Before),
        acknowledged: &Acknowledgements,
        account: &Account,
        findings: &mut Findings,
    ) -> Before {
        let (environment, own) = (made.environment, account.afresh());
        let laid = Laid::out(made.artifacts).sparing(self.material);
        let view = View::new(&environment.name, &laid);
        let mut installed = self.charts.installed(&view, &own);
        let mut not_compared = Vec::new();
        let before = match &mut installed {
            None => before,
            Some(now) => {
                let was = Laid::out(before.artifacts()).sparing(self.material).past();
                let was = View::new(&environment.name, &was);
                let mut then = self.charts.installed(&was, &own);
                let known = then.as_ref().map(|then| now.releases.intersection(&then.releases).cloned().collect());
                let known = known.unwrap_or_default();
                not_compared = missed(&view, &was, now, &known);
                now.keep(&known);
                if let Some(then) = &mut then {
                    then.keep(&known);
                }
                let artifacts = then.map(|then| then.artifacts).unwrap_or_default();
                before.and(artifacts)
            }
        };
        let beyond = installed.as_ref().map(|it| it.artifacts.as_slice()).unwrap_or_default();
        let mut drafts = Self::changes(made, beyond, &before, self.material, &self.wanted());
        let before = before.alone();
        drafts.append(&mut not_compared);
        if drafts.is_empty() {
            return before;
        }
        lead(&mut drafts, &before);
        let all = [made.artifacts, beyond].concat();
        let laid = Laid::out(&all).sparing(self.material).applying((made.artifacts.len()..all.len()).collect());
        let view = View::new(&environment.name, &laid);
        let beyond = installed.as_ref().map(|it| Beyond { own: made.artifacts.len(), traces: it.traces.as_ref() });
        self.spare_others(&mut drafts, beyond);
        findings.extend(self.located(drafts, (&view, beyond), environment, acknowledged));
        before
    }

    /// What checks say of what has changed in an environment's tree. `beyond` is what charts make of it.
    pub(super) fn changes(
        made: &Made<'_>,
        beyond: &[Artifact],
        before: &Before,
        material: &[Arc<str>],
        checks: &[&Check],
    ) -> Vec<Draft> {
        let name = &made.environment.name;
        let was = Laid::out(before.artifacts()).sparing(material).past().applying(before.beyond());
        let (own, all) = (made.artifacts, (!beyond.is_empty()).then(|| [made.artifacts, beyond].concat()));
        let all = all.as_deref().unwrap_or(own);
        let laid = Laid::out(all).sparing(material).applying((own.len()..all.len()).collect());
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
            // What is there now and is known to be the cause is nearer than what is gone.
            let is_known = !draft.culprits.is_empty() && !causes.is_empty();
            let stood = draft.stood.iter().filter(|_| !is_known).filter_map(|place| before.stood(place));
            let stood: Vec<Stood> = stood.take(PLACES).collect();
            Some((Effect { consequence, finding, causes }, stood))
        };
        let (mut effects, stood): (Vec<Effect>, Vec<_>) =
            report.drafts().iter().zip(causes).filter_map(located).unzip();
        let gone = stood.iter().enumerate().flat_map(|(at, all)| std::iter::repeat_n(at, all.len()));
        let gone: Vec<usize> = gone.collect();
        if !gone.is_empty() {
            let stood: Vec<Stood> = stood.into_iter().flatten().collect();
            let mut took: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
            for (at, causes) in gone.into_iter().zip(past.taken_away(environment, &standing, &stood)) {
                let all = took.entry(at).or_default();
                all.extend(causes.into_iter().filter(|it| !all.contains(it)).collect::<Vec<_>>());
            }
            for (at, mut causes) in took {
                causes.truncate(LINES);
                if !causes.is_empty() {
                    effects[at].causes = causes;
                }
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

/// Releases of charts that are known now and were not: what changes in them cannot be told.
fn missed(now: &View<'_>, was: &View<'_>, made: &Installed<'_>, known: &BTreeSet<Installs>) -> Vec<Draft> {
    let mut report = Report::default();
    for new in now.releases() {
        let installs = (new.namespace.map(str::to_owned), new.name.to_owned());
        let is_it = |it: &&Release<'_>| (it.namespace, it.name) == (new.namespace, new.name);
        let Some(old) = was.releases().iter().find(is_it) else { continue };
        let is_upgraded = (old.chart_name(), old.version) != (new.chart_name(), new.version);
        if is_upgraded && made.releases.contains(&installs) && !known.contains(&installs) {
            let old = format!("{}-{}", old.chart_name(), old.version.unwrap_or("VERSION"));
            let message =
                format!("what changes in the objects of `{}` is not known: `{old}` is not in `charts`", new.name);
            report
                .at(&NOT_COMPARED, new.version_node.unwrap_or(new.node), message)
                .label("another version before")
                .help("keep the version before in `charts` until the upgrade is merged");
        }
    }
    report.into_drafts()
}

/// What is there no more was taken away by somebody: where that line is known, it comes first, and what stood before beside it.
fn lead_to_change(
    drafts: &mut [Draft],
    before: &Before,
    standing: &Standing,
    past: &dyn Past,
    environment: &Environment,
) {
    let stood = |draft: &Draft| draft.stood.first().and_then(|place| before.stood(place));
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
