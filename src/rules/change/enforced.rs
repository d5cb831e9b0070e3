//! Policies that begin to refuse.

use crate::check::{Change, Report, rule};
use crate::impact::{action, began};

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
    let began = began(change);
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
