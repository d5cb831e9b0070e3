//! What a project says about rules: `rules:` in `platc.yaml`.

use std::collections::{BTreeMap, BTreeSet};

use super::rules;
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
    pub fn new(settings: &[RuleSetting], own: &[&str], findings: &mut Findings) -> Self {
        let mut severities = BTreeMap::new();
        let known: BTreeMap<&str, &Rule> = rules().map(|rule| (rule.id, rule)).collect();
        let own: BTreeSet<&str> = own.iter().copied().collect();
        let mut suggestions = SUGGESTIONS;
        for setting in settings {
            let rule = known.get(&*setting.id);
            if rule.is_none() && !own.contains(&*setting.id) {
                let ids =
                    known.values().filter(|rule| rule.configurable).map(|rule| rule.id).chain(own.iter().copied());
                let help = suggest::did_you_mean(&setting.id, ids.take(if suggestions > 0 { usize::MAX } else { 0 }))
                    .unwrap_or_else(|| "`platc rules` lists all there are".to_owned());
                suggestions = suggestions.saturating_sub(1);
                let message = format!("there is no rule `{}`", setting.id);
                findings.push(Finding::new(&UNKNOWN_RULE, setting.id_span, message).help(help));
                continue;
            }
            let severity = match &*setting.level {
                "error" => Some(Severity::Error),
                "warning" => Some(Severity::Warning),
                "off" => None,
                other => {
                    let message = format!("`{other}` is no severity");
                    let finding = Finding::new(&WRONG_TYPE, setting.level_span, message);
                    findings.push(finding.help("write `error`, `warning` or `off`"));
                    continue;
                }
            };
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
        Self(severities)
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

    /// The severity of a rule in this project; `None` if it is off.
    pub fn of(&self, id: &str, own: Severity) -> Option<Severity> {
        self.0.get(id).copied().unwrap_or(Some(own))
    }
}
