//! What environments acknowledge: findings that are as they should be.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Catalogue, Consequence};
use crate::environment::acknowledge::Acknowledgement;
use crate::environment::load::Environment;
use crate::finding::codes::hygiene::UNUSED_ACKNOWLEDGEMENT;
use crate::finding::codes::project::{BAD_ACKNOWLEDGEMENT, UNKNOWN_RULE};
use crate::finding::{Acknowledged, Finding, Findings, Label, suggest};
use crate::source::{Sources, Span};

/// Unknown rules for which a known one is looked for that could be meant: each is compared with all there are.
const SUGGESTIONS: usize = 20;

/// What one environment acknowledges, through all its layers.
#[derive(Clone, Debug, Default)]
pub struct Acknowledgements(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    written: Acknowledgement,
    /// Only this environment says it; others share it otherwise.
    own: bool,
    used: bool,
}

/// The whole id of a rule that is named without its family, if only one is called so.
fn without_family(name: &str, catalogue: &Catalogue) -> Option<String> {
    let is_it = |id: &&str| id.split_once('/').is_some_and(|(_, own)| own == name);
    let ids: BTreeSet<&str> =
        catalogue.checks().flat_map(|check| check.rules).map(|rule| rule.id).filter(is_it).collect();
    ids.first().filter(|_| ids.len() == 1).map(|id| format!("did you mean `{id}`?"))
}

impl Acknowledgements {
    pub fn of(environment: &Environment) -> Self {
        let last = environment.layers.len().saturating_sub(1);
        let layers = environment.layers.iter().enumerate();
        let entries =
            layers.flat_map(|(at, layer)| layer.acknowledged.iter().map(move |written| (written, at == last)));
        Self(entries.map(|(written, own)| Entry { written: written.clone(), own, used: false }).collect())
    }

    /// What is written, whether only this environment says it, and whether a finding was met.
    pub fn entries(&self) -> impl Iterator<Item = (&Acknowledgement, bool, bool)> {
        self.0.iter().map(|entry| (&entry.written, entry.own, entry.used))
    }

    /// What [`entries`](Self::entries) told.
    pub fn recalled(entries: impl Iterator<Item = (Acknowledgement, bool, bool)>) -> Self {
        Self(entries.map(|(written, own, used)| Entry { written, own, used }).collect())
    }

    /// Takes out those that name no rule, with findings. `own` are the ids of rules that the project brings itself.
    pub fn check(&mut self, catalogue: &Catalogue, own: &[&str], findings: &mut Findings) {
        let brought: BTreeSet<&str> = own.iter().copied().collect();
        let mut suggestions = SUGGESTIONS;
        // Mistakes in what is read make nothing that could be rendered; of merges some are about a place and can be meant.
        let is_fixed = |id: &str| {
            let is_judged = || catalogue.output_rules().any(|rule| rule.id == id);
            catalogue.rule(id).is_some_and(|rule| !rule.configurable && !id.starts_with("merge/") && !is_judged())
        };
        self.0.retain(|Entry { written, .. }| {
            if is_fixed(&written.rule) {
                let message = format!("`{}` cannot be acknowledged", written.rule);
                let finding = Finding::new(&BAD_ACKNOWLEDGEMENT, written.rule_span, message);
                findings
                    .push(finding.help("mend what it finds: nothing could be rendered of it; then remove this entry"));
                return false;
            }
            if catalogue.has(&written.rule) || brought.contains(&*written.rule) || is_effect(&written.rule) {
                return true;
            }
            let near = catalogue.checks().flat_map(|check| check.rules).map(|rule| rule.id).chain(own.iter().copied());
            let near = near.take(if suggestions > 0 { usize::MAX } else { 0 });
            suggestions = suggestions.saturating_sub(1);
            let help = if written.rule.contains('*') {
                "name one rule and one subject, without `*`; whole families are set in `platc.yaml`, under `rules`"
                    .to_owned()
            } else {
                without_family(&written.rule, catalogue)
                    .or_else(|| suggest::did_you_mean(&written.rule, near))
                    .unwrap_or_else(|| "`platc rules` lists all there are".to_owned())
            };
            let message = format!("there is no rule `{}`", written.rule);
            findings.push(Finding::new(&UNKNOWN_RULE, written.rule_span, message).help(help));
            false
        });
        self.told_twice(findings);
    }

    /// Says what is acknowledged a second time: the one day of the first would end nothing.
    fn told_twice(&self, findings: &mut Findings) {
        let mut seen: BTreeMap<(&str, &str), Span> = BTreeMap::new();
        for Entry { written, .. } in &self.0 {
            let Acknowledgement { rule, subject, span, .. } = written;
            match seen.entry((rule, subject)) {
                Slot::Vacant(vacant) => drop(vacant.insert(*span)),
                Slot::Occupied(first) => {
                    let message = format!("`{rule}` is acknowledged twice for `{subject}`");
                    let finding = Finding::new(&UNUSED_ACKNOWLEDGEMENT, *span, message).also(*first.get(), "and here");
                    findings.push(finding.help("remove one: as long as either holds, nothing is said"));
                }
            }
        }
    }

    /// Where it is acknowledged that a rule has something to say about a subject; none if that has ended.
    pub fn holding(&self, rule: &str, subject: &str, day: Option<&str>) -> Option<Span> {
        let mut about = self.0.iter().filter(|it| *it.written.rule == *rule && *it.written.subject == *subject);
        about.find(|it| !it.has_ended(day)).map(|it| it.written.span)
    }

    /// Whether anything is acknowledged of a subject that a rule may have something to say about.
    pub fn knows(&self, rule: &str, subject: &str) -> bool {
        self.0.iter().any(|it| *it.written.rule == *rule && *it.written.subject == *subject)
    }

    /// What is acknowledged here, and there not, or not for as long.
    pub fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Acknowledgement> {
        let is_known = |it: &Acknowledgement| {
            let of_same =
                other.0.iter().filter(|other| other.written.rule == it.rule && other.written.subject == it.subject);
            let lasts = |until: &Option<Arc<str>>| {
                until.as_ref().is_none_or(|until| it.until.as_ref().is_some_and(|it| it <= until))
            };
            of_same.map(|other| &other.written.until).any(lasts)
        };
        self.0.iter().map(|entry| &entry.written).filter(move |written| !is_known(written))
    }

    /// Marks the findings that are acknowledged. An acknowledgement ends after its day if it is told what day it is,
    /// and never otherwise.
    pub fn apply(&mut self, findings: &mut Findings, day: Option<&str>) {
        findings.iter_mut().for_each(|finding| self.judge(finding, day));
    }

    pub fn judge(&mut self, finding: &mut Finding, day: Option<&str>) {
        let Some(subject) = finding.subject.clone() else { return };
        for entry in &mut self.0 {
            let has_ended = entry.has_ended(day);
            let Entry { written, used, .. } = entry;
            if *written.rule != *finding.rule.id || *written.subject != *subject {
                continue;
            }
            *used = true;
            match &written.until {
                Some(until) if has_ended => {
                    let text = format!("this was acknowledged until {until}: {}", written.reason);
                    finding.related.push(Label { span: written.span, text });
                }
                _ => {
                    let (reason, until) = (Arc::clone(&written.reason), written.until.clone());
                    finding.acknowledged = Some(Acknowledged { reason, until, span: written.span });
                }
            }
        }
    }
}

impl Entry {
    fn has_ended(&self, day: Option<&str>) -> bool {
        matches!((&self.written.until, day), (Some(until), Some(day)) if &**until < day)
    }
}

/// Whether it is the id of a consequence, of which `platc diff` tells.
fn is_effect(rule: &str) -> bool {
    rule.strip_prefix("impact/").is_some_and(|word| Consequence::named(word).is_some())
}

/// What no environment of a run had a finding for. `whole` if all environments of the project took part and none had
/// errors before it was checked: only then is it known of what several of them share, and of rules about several. What only
/// one environment says names it.
pub fn unused<'a>(
    all: impl Iterator<Item = (&'a Arc<str>, &'a Acknowledgements)>,
    catalogue: &Catalogue,
    sources: &Sources,
    whole: bool,
) -> Findings {
    let mut entries: BTreeMap<_, (&Entry, bool, BTreeSet<&Arc<str>>)> = BTreeMap::new();
    for (name, entry) in all.flat_map(|(name, them)| them.0.iter().map(move |entry| (name, entry))) {
        // By its path: a file that was read twice has two ids.
        let place = (sources.get(entry.written.span.file).path().to_owned(), entry.written.span.start);
        let (_, used, names) = entries.entry(place).or_insert((entry, false, BTreeSet::new()));
        *used |= entry.used;
        names.insert(name);
    }
    let mut findings = Findings::default();
    for (Entry { written, own: is_own, .. }, used, names) in entries.into_values() {
        let is_known = whole || (*is_own && !catalogue.is_about_fleet(&written.rule));
        // A change is over once it is deployed; whether it was there is not known any more.
        let is_of_change = catalogue.is_about_change(&written.rule) || is_effect(&written.rule);
        if !used && is_known && !is_of_change {
            let message = format!("`{}` finds nothing about `{}`", written.rule, written.subject);
            let mut finding = Finding::new(&UNUSED_ACKNOWLEDGEMENT, written.span, message)
                .help("remove it; or name the subject as `platc validate -v` shows it with the finding");
            if *is_own && names.len() == 1 {
                finding.environments = names.into_iter().cloned().collect();
            }
            findings.push(finding);
        }
    }
    findings
}
