//! What a project says about rules: `rules:` in `platc.yaml`.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Catalogue, Check, Draft};
use crate::finding::codes::project::{FIXED_RULE, UNKNOWN_RULE, WRONG_TYPE};
use crate::finding::{Finding, Findings, Rule, Severity, suggest};
use crate::project::RuleSetting;

/// Unknown ids that get a "did you mean": each search reads all rules.
const SUGGESTIONS: usize = 20;

/// The severities that differ from the rules' own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Severities(BTreeMap<String, Option<Severity>>);

impl Severities {
    /// From the settings as they were written. What is wrong with one is a finding, and it counts for nothing.
    /// `own` are the ids of rules that the project brings itself.
    pub fn new(settings: &[RuleSetting], catalogue: &Catalogue, own: &[&str], findings: &mut Findings) -> Self {
        let mut severities = BTreeMap::new();
        let known = LazyCell::new(|| catalogue.rules().map(|rule| (rule.id, rule)).collect::<BTreeMap<_, _>>());
        let own: BTreeSet<&str> = own.iter().copied().collect();
        let mut suggestions = SUGGESTIONS;
        // What is said of one rule counts before what is said of its family.
        let mut families = BTreeMap::new();
        for setting in settings {
            if let Some(family) = setting.id.strip_suffix("/*") {
                if let Some(severity) = level(setting, findings).map(Level::severity) {
                    let all = of_family(family, &known, &own);
                    if all.is_empty() {
                        findings.push(no_family(setting, family, &known));
                    }
                    families.extend(all.into_iter().map(|id| (id.to_owned(), severity)));
                }
                continue;
            }
            let rule = catalogue.rule(&setting.id);
            if rule.is_none() && !own.contains(&*setting.id) {
                let ids =
                    known.values().filter(|rule| rule.configurable).map(|rule| rule.id).chain(own.iter().copied());
                let is_family =
                    known.keys().any(|id| id.split_once('/').is_some_and(|(family, _)| family == &*setting.id));
                let of_family = is_family.then(|| format!("for all rules of the family, write `{}/*`", setting.id));
                let near = suggest::did_you_mean(&setting.id, ids.take(if suggestions > 0 { usize::MAX } else { 0 }));
                let help = of_family.or(near).unwrap_or_else(|| "`platc rules` lists all there are".to_owned());
                suggestions = suggestions.saturating_sub(1);
                let message = format!("there is no rule `{}`", setting.id);
                findings.push(Finding::new(&UNKNOWN_RULE, setting.id_span, message).help(help));
                continue;
            }
            let Some(severity) = level(setting, findings).map(Level::severity) else { continue };
            if rule.is_some_and(|rule| !rule.configurable && severity != Some(rule.severity)) {
                let message = format!("`{}` cannot be lowered", setting.id);
                let finding = Finding::new(&FIXED_RULE, setting.id_span, message);
                findings.push(
                    finding.help("remove the setting: what this rule finds has no meaning that could be rendered"),
                );
                continue;
            }
            severities.insert(setting.id.to_string(), severity);
        }
        families.extend(severities);
        Self(families)
    }

    /// Gives findings the severity that the project wants, and takes out those that it does not want to hear.
    pub fn apply(&self, findings: &mut Findings) {
        if self.0.is_empty() {
            return;
        }
        findings.retain_mut(|finding| match self.0.get(finding.rule.id) {
            None => true,
            Some(None) => false,
            Some(Some(severity)) => {
                finding.severity = *severity;
                true
            }
        });
    }

    /// Whether anything that a check says would be heard. One that names no rule judges by those of an earlier stage.
    pub fn want(&self, check: &Check) -> bool {
        check.rules.is_empty() || check.rules.iter().any(|rule| self.is_on(rule.id))
    }

    /// Takes out what nobody wants to hear, before anybody looks for its place.
    pub fn sift(&self, drafts: &mut Vec<Draft>) {
        drafts.retain(|draft| self.is_on(draft.rule.id));
    }

    pub fn is_on(&self, id: &str) -> bool {
        !matches!(self.0.get(id), Some(None))
    }

    /// The severity of a rule in this project; `None` if it is off.
    pub fn of(&self, id: &str, own: Severity) -> Option<Severity> {
        self.0.get(id).copied().unwrap_or(Some(own))
    }
}

/// How a rule is to be taken.
#[derive(Clone, Copy)]
enum Level {
    Severity(Severity),
    Off,
}

impl Level {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Severity(severity) => Some(severity),
            Self::Off => None,
        }
    }
}

/// The level that a setting names, if it names one.
fn level(setting: &RuleSetting, findings: &mut Findings) -> Option<Level> {
    match &*setting.level {
        "error" => Some(Level::Severity(Severity::Error)),
        "warning" => Some(Level::Severity(Severity::Warning)),
        "off" => Some(Level::Off),
        other => {
            let message = format!("`{other}` is no severity");
            let finding = Finding::new(&WRONG_TYPE, setting.level_span, message);
            findings.push(finding.help("write `error`, `warning` or `off`"));
            None
        }
    }
}

/// The rules of a family that a project can set.
fn of_family<'a>(family: &str, known: &BTreeMap<&'a str, &Rule>, own: &BTreeSet<&'a str>) -> Vec<&'a str> {
    let settable = known.values().filter(|rule| rule.configurable).map(|rule| rule.id);
    let is_of = |id: &&str| id.strip_prefix(family).is_some_and(|rest| rest.starts_with('/'));
    let ids: BTreeSet<&str> = settable.filter(is_of).collect();
    known.keys().copied().filter(|id| ids.contains(id)).chain(own.iter().copied().filter(is_of)).collect()
}

fn no_family(setting: &RuleSetting, family: &str, known: &BTreeMap<&str, &Rule>) -> Finding {
    let of = |id: &'_ str| id.split_once('/').map_or("", |(family, _)| family).to_owned();
    let families: BTreeSet<String> = known.keys().map(|id| of(id)).collect();
    if families.contains(family) {
        let finding = Finding::new(&FIXED_RULE, setting.id_span, format!("no rule of `{family}` can be set"));
        return finding.help("remove the setting: what these rules find has no meaning that could be rendered");
    }
    let settable: BTreeSet<String> = known.values().filter(|rule| rule.configurable).map(|rule| of(rule.id)).collect();
    let all = settable.iter().map(String::as_str);
    let near = suggest::nearest(family, all).map(|name| format!("did you mean `{name}/*`?"));
    let help = near.unwrap_or_else(|| {
        let names: Vec<_> = settable.iter().map(|name| format!("`{name}/*`")).collect();
        format!("there are {}", names.join(", "))
    });
    Finding::new(&UNKNOWN_RULE, setting.id_span, format!("there is no family of rules `{family}`")).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Report;
    use crate::rules::{CATALOGUE, checks};

    #[test]
    fn a_check_of_rules_that_are_all_off_is_not_wanted() {
        let off = |ids: &[&str]| Severities(ids.iter().map(|id| ((*id).to_owned(), None)).collect());
        let many = checks().find(|check| check.rules.len() > 1).expect("some checks have several rules");
        let ids: Vec<_> = many.rules.iter().map(|rule| rule.id).collect();
        assert!(Severities::default().want(many) && off(&ids[1..]).want(many) && !off(&ids).want(many));
        // Those that name no rule judge by one of another stage.
        assert!(checks().filter(|check| check.rules.is_empty()).all(|check| off(&ids).want(check)));
    }

    #[test]
    fn what_is_off_is_gone_before_its_place_is_looked_for() {
        let severities = Severities(BTreeMap::from([(CATALOGUE.inward.rule.to_owned(), None)]));
        let mut report = Report::default();
        for rule in checks().flat_map(|check| check.rules) {
            let file = crate::source::Sources::default().add("x.yaml", "");
            report.elsewhere(rule, crate::source::Span::file_start(file), "broken");
        }
        let mut drafts = report.into_drafts();
        let all = drafts.len();
        severities.sift(&mut drafts);
        assert!(drafts.len() == all - 1 && drafts.iter().all(|draft| draft.rule.id != CATALOGUE.inward.rule));
    }
}
