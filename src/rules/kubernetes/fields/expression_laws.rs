//! The expressions of webhooks and admission policies:
//! <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>.

use super::VALUE;
use super::spot::{get, is_written};
use crate::check::{Node, Report};
use crate::schema::fault;

/// What all of them may speak of.
const ALWAYS: [&str; 4] = ["object", "oldObject", "request", "authorizer"];

/// Of a webhook.
pub(super) fn conditions(hook: &Node<'_>, report: &mut Report) {
    for condition in hook.list(["matchConditions"]) {
        expression(&condition, "expression", &ALWAYS, &[], report);
    }
}

/// Of a policy.
pub(super) fn expressions(policy: &Node<'_>, report: &mut Report) {
    let variables = policy.list(["variables"]);
    let declared: Vec<&str> = variables.iter().filter_map(|variable| variable.text_at(["name"])).collect();
    let mut names = ALWAYS.to_vec();
    if get(policy, "paramKind").is_some() {
        names.push("params");
    }
    for condition in policy.list(["matchConditions"]) {
        expression(&condition, "expression", &names, &[], report);
    }
    names.push("namespaceObject");
    if !variables.is_empty() {
        names.push("variables");
    }
    for (at, variable) in variables.iter().enumerate() {
        let before = declared.get(..at).unwrap_or_default();
        expression(variable, "expression", &names, before, report);
    }
    for validation in policy.list(["validations"]) {
        expression(&validation, "expression", &names, &declared, report);
        expression(&validation, "messageExpression", &names, &declared, report);
    }
    for annotation in policy.list(["auditAnnotations"]) {
        expression(&annotation, "valueExpression", &names, &declared, report);
    }
}

/// What the expressions of Kyverno may speak of besides: <https://kyverno.io/docs/policy-types/cel-libraries/>.
const KYVERNO: [&str; 21] = [
    "namespaceObject",
    "params",
    "variables",
    "images",
    "image",
    "attestors",
    "attestations",
    "exceptions",
    "resource",
    "globalContext",
    "generator",
    "http",
    "user",
    "json",
    "yaml",
    "hash",
    "math",
    "random",
    "time",
    "x509",
    "gzip",
];

/// Of a policy of Kyverno. Conditions may come before the variables, and what sets fields speaks of types besides.
pub(super) fn of_kyverno(policy: &Node<'_>, report: &mut Report) {
    let names = [&ALWAYS[..], &KYVERNO[..]].concat();
    let variables = policy.list(["variables"]);
    let declared: Vec<&str> = variables.iter().filter_map(|variable| variable.text_at(["name"])).collect();
    for condition in policy.list(["matchConditions"]) {
        expression(&condition, "expression", &names, &declared, report);
    }
    for (at, variable) in variables.iter().enumerate() {
        expression(variable, "expression", &names, declared.get(..at).unwrap_or_default(), report);
    }
    for validation in policy.list(["validations"]) {
        expression(&validation, "expression", &names, &declared, report);
        expression(&validation, "messageExpression", &names, &declared, report);
    }
    for annotation in policy.list(["auditAnnotations"]) {
        expression(&annotation, "valueExpression", &names, &declared, report);
    }
}

fn expression(of: &Node<'_>, key: &str, names: &[&str], declared: &[&str], report: &mut Report) {
    let Some(node) = get(of, key) else { return };
    // What is of nothing but space is told elsewhere.
    let Some(text) = node.text().filter(|text| is_written(text) && !text.trim().is_empty()) else { return };
    if let Some((message, help)) = fault(text, names, declared) {
        let draft = report.at(&VALUE, &node, format!("the expression cannot be compiled: {message}"));
        if let Some(help) = help {
            draft.help(help);
        }
    }
}
