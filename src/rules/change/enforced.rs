//! Policies that begin to refuse.

use std::collections::BTreeSet;

use crate::check::Change;
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    ENFORCED = Warning "change/enforced";
    summary: "policies that only warned so far refuse from now on";
    explanation: "What runs goes on running; what is refused is the next pod: of a rollout, of a node that is drained, of a job at night. Look at what the policies report about, mend that, and then enforce them.";
    wrong: "
        --- # before/policies/run-as-non-root.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: run-as-non-root}
        spec: {validationActions: [Audit], validations: [{expression: 'true'}]}
        --- # after/policies/run-as-non-root.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: run-as-non-root}
        spec: {validationActions: [Deny], validations: [{expression: 'true'}]}
    ";
    right: "
        --- # before/policies/run-as-non-root.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: run-as-non-root}
        spec: {validationActions: [Deny], validations: [{expression: 'true'}]}
        --- # after/policies/run-as-non-root.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: run-as-non-root}
        spec: {validationActions: [Deny, Audit], validations: [{expression: 'true'}]}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    let before: BTreeSet<String> = enforced(change.old()).iter().map(|(policy, _)| policy.subject()).collect();
    let mut began = enforced(change.new_tree());
    began.retain(|(policy, _)| !before.contains(&policy.subject()));
    let Some((first, place)) = began.first() else { return };
    let names: Vec<&str> = began.iter().filter_map(|(policy, _)| policy.name).collect();
    let message = match names.as_slice() {
        [one] => format!("the policy `{one}` refuses from now on"),
        all => format!("{} policies refuse from now on: {}", all.len(), all.join(", ")),
    };
    let draft = report.at(&ENFORCED, place, message);
    let was = change.old().objects().iter().find(|old| old.subject() == first.subject());
    match was.and_then(|old| action(&old.root())) {
        Some(was) => draft.beside(change.was(&was), "it only warned so far"),
        None => draft.label("nothing refused this before"),
    };
    for (_, place) in began.iter().skip(1) {
        draft.also(place, "");
    }
    draft.help("look at what the policy reports about (`kubectl get policyreports -A`) before this is deployed");
}

/// Policies that refuse, and where they say so.
fn enforced<'v, 'a>(view: &'v View<'a>) -> Vec<(&'v Object<'a>, Node<'a>)> {
    let policies = view
        .objects()
        .iter()
        .filter(|object| matches!(object.group, "kyverno.io" | "policies.kyverno.io" | "admissionregistration.k8s.io"));
    let refuses = |object: &'v Object<'a>| {
        let place = action(&object.root())?;
        let says = |node: &Node<'_>| matches!(node.text(), Some("Deny" | "Enforce" | "enforce"));
        place.one_or_more().iter().any(says).then_some((object, place))
    };
    policies.filter_map(refuses).collect()
}

/// Where a policy, or a binding of one, says what happens to what breaks it.
fn action<'a>(root: &Node<'a>) -> Option<Node<'a>> {
    let spec = root.get("spec")?;
    let rules = spec.list(["rules"]);
    let of_rules = rules.iter().filter_map(|rule| rule.at(["validate", "failureAction"]));
    let strictest = of_rules.clone().find(|it| it.text() == Some("Enforce")).or(of_rules.clone().next());
    strictest.or(spec.get("validationFailureAction")).or(spec.get("validationActions"))
}
