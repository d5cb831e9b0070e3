//! [`Catalogue`]: all that there is to judge by.

use indexmap::IndexMap;

use super::{Brought, Change, Check, Draft, Report, Scope};
use crate::environment::load::Environment;
use crate::finding::{Findings, Rule, codes};
use crate::source::Sources;
use crate::template::Templates;

/// What is built in to judge by. The rules that a project brings itself come beside it.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    /// Checks by families, in the order of the documentation.
    pub families: &'static [&'static [Check]],
    /// The rules that artifacts are judged by with the help of imported schemas; no check names them.
    pub of_schemas: &'static [&'static Rule],
    pub inward: Inward,
    /// Says what becomes of each thing that a change touches, under the rule of its consequence.
    pub effects: fn(&Change<'_>, &dyn Brought, &mut Report),
}

/// A rule that looks at what an environment says, too, whether it is rendered or not. What the checks said of the same
/// is taken out: it is said once, where it is written. What a template writes by itself stays.
#[derive(Clone, Copy, Debug)]
pub struct Inward {
    /// Its id.
    pub rule: &'static str,
    pub judge: fn(&Environment, &Templates, &Sources, &mut Vec<Draft>) -> Findings,
}

impl Catalogue {
    pub fn checks(&self) -> impl Iterator<Item = &'static Check> + use<> {
        self.families.iter().copied().flatten()
    }

    /// Those of the stages, then those of the checks; those with the same first word together.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> + use<> {
        by_family(codes::all().chain(self.output_rules()))
    }

    /// Whether there is a rule with this id.
    pub fn has(&self, id: &str) -> bool {
        self.rule(id).is_some()
    }

    /// The rule with this id.
    pub(super) fn rule(&self, id: &str) -> Option<&'static Rule> {
        let of_checks = self.checks().flat_map(|check| check.rules.iter().copied());
        codes::all().chain(of_checks).chain(self.of_schemas.iter().copied()).find(|rule| rule.id == id)
    }

    /// The rules about what is rendered.
    pub fn output_rules(&self) -> impl Iterator<Item = &'static Rule> + use<> {
        let of_checks = self.checks().flat_map(|check| check.rules.iter().copied());
        by_family(of_checks.chain(self.of_schemas.iter().copied()))
    }

    /// Whether a rule is about several environments together.
    pub(super) fn is_about_fleet(&self, id: &str) -> bool {
        self.checks().any(|check| matches!(check.scope, Scope::Fleet { .. }) && check.has(id))
    }

    /// Whether a rule is about what a change does.
    pub(super) fn is_about_change(&self, id: &str) -> bool {
        self.checks().any(|check| matches!(check.scope, Scope::Change(_)) && check.has(id))
    }
}

fn by_family(rules: impl Iterator<Item = &'static Rule>) -> impl Iterator<Item = &'static Rule> {
    let mut families: IndexMap<&str, Vec<&'static Rule>> = IndexMap::new();
    for rule in rules {
        let family = families.entry(rule.id.split('/').next().unwrap_or_default()).or_default();
        // Two checks can judge by one rule: each artifact by itself, and what needs the whole tree.
        if !family.iter().any(|known| known.id == rule.id) {
            family.push(rule);
        }
    }
    families.into_values().flatten()
}
