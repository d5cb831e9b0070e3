//! What the project was judged by before, and is not any more: a change could take a check out of a schema, together with
//! what it refused.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::Utf8Path;

use super::{Judge, Made, Side, Sides, begin_of, covered, unsaid};
use crate::account::Account;
use crate::check::{Acknowledgements, Before, Check, Declared, Draft, Former, Laid, Missing, Past, Place, Report};
use crate::environment::acknowledge::Acknowledgement;
use crate::environment::load::Environment;
use crate::finding::codes::rules::SWITCHED_OFF;
use crate::finding::codes::schema as codes;
use crate::finding::{Finding, Rule, Severity};
use crate::project::outside::Outside;
use crate::yaml::path::Path;

impl Judge<'_> {
    /// Hands on what the schemas and rules of before refuse in an environment, and those of now do not. `before` is its
    /// tree of then, if that is another one.
    pub(super) fn judge_by_former(&self, made: &Made<'_>, before: Option<&Before>, past: &dyn Past, account: &Account) {
        let Some(former) = past.former() else { return };
        let environment = made.environment;
        former.schema.hide_secrets(&environment.root, self.sources);
        // What it costs is not the environment's: it would be judged otherwise where nothing is compared.
        let own = account.afresh();
        let mut found = self.refused_values(&former, made, &own);
        let acknowledged = past.acknowledged(&environment.name);
        let newly = newly_acknowledged(&former, environment, &acknowledged);
        found.extend(newly.into_iter().filter(|it| !self.was_shared(&former, environment, it)));
        found.extend(newly_outside(&former, &self.declared(environment), &past.declared(&environment.name)));
        let outside = self.declared(environment);
        let spared = Laid::out(made.artifacts).sparing(former.material);
        let as_it_lies = self.view(made, &spared, &outside, &own);
        let covered = before.map(|before| covered::covered(made, before, &former, &as_it_lies)).unwrap_or_default();
        found.extend(covered.iter().filter_map(|(cause, all)| covered::finding(&former, made.artifacts, *cause, all)));
        let covered: BTreeSet<usize> = covered.into_values().flatten().collect();
        let applied =
            (!covered.is_empty()).then(|| Laid::out(made.artifacts).sparing(former.material).applying(covered));
        let then = applied.as_ref().map(|laid| self.view(made, laid, &outside, &own));
        let then = then.as_ref().unwrap_or(&as_it_lies);
        let spared = (former.material != self.material).then(|| Laid::out(made.artifacts).sparing(self.material));
        let now = spared.as_ref().map(|laid| self.view(made, laid, &outside, &own));
        let now = now.as_ref().unwrap_or(&as_it_lies);
        let (nothing, day) = (Acknowledgements::default(), self.day);
        let sides = Sides {
            then: Side { view: then, severities: former.severities, acknowledged: &acknowledged, day },
            now: Side { view: now, severities: self.severities, acknowledged: &nothing, day },
        };
        let mut report = Report::default();
        self.brought.judge_by_former(&sides, made.missing == Missing::Nothing, &mut report);
        for draft in self.lowered(&former, &sides, made, before) {
            report.say(former.unsaid(draft));
        }
        let free = Account::unbounded();
        let locator = self.locator(then, environment, &free);
        found.extend(report.drafts().iter().map(|draft| locator.finding(draft)));
        if own.is_over() {
            let at = begin_of(environment);
            let message = format!("`{}` cannot be judged as of `{}`", environment.name, former.revision);
            let finding = Finding::new(&SWITCHED_OFF, at, message);
            found = vec![finding.label("that needs more work than its input may take").help(Former::HELP)];
        }
        for finding in &mut found {
            finding.environments = vec![Arc::clone(&environment.name)];
        }
        past.refused(&environment.name, found);
    }

    /// Whether a new environment only extends what said so before, in a file that is as it was.
    fn was_shared(&self, former: &Former<'_>, environment: &Environment, finding: &Finding) -> bool {
        let read = |path: &Utf8Path, most| former.disk.read(path, most).ok();
        let own = environment.layers.last().into_iter().flat_map(|layer| &layer.files);
        let is_new = own.into_iter().all(|file| read(self.sources.get(*file).path(), u64::MAX).is_none());
        let source = self.sources.get(finding.primary.span.file);
        let is_same = || read(source.path(), u64::MAX).is_some_and(|was| *was == *source.text().as_bytes());
        is_new && is_same()
    }

    /// What was an error by the rules of platc and the settings of before, and is none by those of now.
    fn lowered(
        &self,
        former: &Former<'_>,
        sides: &Sides<'_, '_>,
        made: &Made<'_>,
        before: Option<&Before>,
    ) -> Vec<Draft> {
        let Sides { then, now } = sides;
        let is_other = !std::ptr::eq(then.view, now.view);
        let is_lowered = |check: &&Check| {
            let level = |side: &Side<'_, '_>, rule: &Rule| side.severities.of(rule.id, rule.severity);
            is_other || check.rules.iter().any(|rule| level(then, rule) != level(now, rule))
        };
        let checks: Vec<&Check> = self.catalogue.checks().filter(is_lowered).collect();
        let judged = |side: &Side<'_, '_>, material| {
            let mut report = Report::default();
            for judge in checks.iter().filter_map(|check| check.judge(made.missing)) {
                judge(side.view, &mut report);
            }
            let changes = before.map(|before| Self::changes(made, &[], before, material, &checks));
            side.heard(report.into_drafts().into_iter().chain(changes.into_iter().flatten()).collect())
        };
        let mut said = judged(then, former.material);
        // That a rule is off which warned is said of the rule.
        said.retain(|draft| draft.severity == Severity::Error);
        if said.is_empty() {
            return said;
        }
        unsaid(said, &judged(now, self.material), |draft| -> (&'static str, Option<Place>) {
            (draft.rule.id, draft.rendered().cloned())
        })
    }

    /// What the environments' schema of before says of what an environment sets.
    fn refused_values(&self, former: &Former<'_>, made: &Made<'_>, account: &Account) -> Vec<Finding> {
        let errors = former.schema.errors(&made.environment.root, self.sources, account);
        let refused = errors.into_iter().filter(|(path, finding)| {
            let is_new_key = is_about_key(finding.rule) && self.schema.names(path.steps());
            finding.is_error() && !is_new_key
        });
        let finding = |(path, finding): (Path, Finding)| {
            let message = former.says(&finding.message, &format!("`{}`", former.path));
            let mut said = Finding::new(&SWITCHED_OFF, finding.primary.span, message)
                .label("the schema of now lets it pass")
                .help(Former::HELP);
            said.subject = Some(path.to_string());
            said.conceal = finding.conceal;
            said
        };
        refused.map(finding).collect()
    }
}

/// Says what an environment acknowledges now, and did not before, or not for as long.
fn newly_acknowledged(former: &Former<'_>, environment: &Environment, before: &Acknowledgements) -> Vec<Finding> {
    let new = Acknowledgements::of(environment);
    let finding = |written: &Acknowledgement| {
        let Acknowledgement { rule, subject, span, .. } = written;
        let more = if before.knows(rule, subject) { "for as long " } else { "" };
        let message =
            format!("`{rule}` is acknowledged for `{subject}` now, and was not {more}in `{}`", former.revision);
        let finding = Finding::new(&SWITCHED_OFF, *span, message).label("what is found there is not counted");
        let mut finding = finding.help("is it meant? then let somebody who answers for the rule agree");
        finding.subject = Some(subject.to_string());
        finding
    };
    new.beyond(before).map(finding).collect()
}

/// Says what is said to be made by other tools now, and was not before.
fn newly_outside(former: &Former<'_>, now: &Declared, before: &Declared) -> Vec<Finding> {
    let known = before.written();
    let is_new = |it: &&Outside| !known.iter().any(|known| known.kind == it.kind && known.pattern == it.pattern);
    let finding = |Outside { kind, pattern, span }: &Outside| {
        let message =
            format!("`{pattern}` counts among `{kind}` as made outside now, and did not in `{}`", former.revision);
        let finding = Finding::new(&SWITCHED_OFF, *span, message).label("what refers to it is not looked for");
        let mut finding = finding.help("is it meant? then let somebody who knows that it is there agree");
        finding.subject = Some(pattern.to_string());
        finding
    };
    now.written().into_iter().filter(is_new).map(finding).collect()
}

fn is_about_key(rule: &'static Rule) -> bool {
    rule == &codes::UNKNOWN_KEY
}
