//! Which rules judge what charts make: those about what fails, is refused or does not work. What else is said of objects is a
//! matter of taste, and nobody can mend it in a chart that somebody else made.

use crate::check::Hears;

/// Those that judge what a value of the tree has to do with: charts leave parts of their own unused, a port that nobody asks for.
const JUDGING_VALUES: &[&str] = &["kubernetes/probe-port", "kubernetes/selector", "kubernetes/target-port"];

/// By their ids.
const JUDGING: &[&str] = &[
    "change/immutable-field",
    "change/object-removed",
    "kubernetes/access-mode",
    "kubernetes/cron",
    "kubernetes/data",
    "kubernetes/disruption-budget",
    "kubernetes/duplicate-object",
    "kubernetes/fields",
    "kubernetes/host",
    "kubernetes/hpa-utilization",
    "kubernetes/image-name",
    "kubernetes/label",
    "kubernetes/limit-range",
    "kubernetes/name",
    "kubernetes/node-label",
    "kubernetes/node-requirements",
    "kubernetes/not-served",
    "kubernetes/object",
    "kubernetes/pod",
    "kubernetes/pod-security",
    "kubernetes/quantity",
    "kubernetes/quota",
    "kubernetes/resources",
    "kubernetes/rule",
    "kubernetes/schema",
    "kubernetes/service",
    "kubernetes/spread",
    "kubernetes/storage-class-default",
    "kubernetes/topology-key",
    "kubernetes/type",
    "kubernetes/unknown-field",
    "kubernetes/unknown-kind",
    "kubernetes/value",
    "lifecycle/chart-api",
    "lifecycle/removed-api",
    "link/agent-toleration",
    "link/node-selector",
    "link/node-size",
    "link/service-account",
    "link/toleration",
    "policy/refuses",
    "reference/config-map",
    "reference/ingress-class",
    "reference/issuer",
    "reference/node-class",
    "reference/priority-class",
    "reference/role",
    "reference/secret",
    "reference/secret-store",
    "reference/service",
    "reference/service-account",
    "reference/storage-class",
    "reference/workload",
];

/// What is heard of a rule about objects that charts make.
pub fn of_charts(rule: &str) -> Hears {
    if rule.starts_with("chart/") || JUDGING.binary_search(&rule).is_ok() {
        Hears::All
    } else if JUDGING_VALUES.contains(&rule) {
        Hears::OfValues
    } else {
        Hears::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::{JUDGING, JUDGING_VALUES};
    use crate::rules::CATALOGUE;

    #[test]
    fn rules_that_judge_charts_are_there_and_in_order() {
        assert!(JUDGING.is_sorted());
        let unknown: Vec<_> = JUDGING.iter().chain(JUDGING_VALUES).filter(|id| !CATALOGUE.has(id)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
