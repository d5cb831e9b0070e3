//! Fields of Kubernetes objects that the API server does not let anybody change.

use crate::check::{Change, Report, rule};
use crate::impact::{Refusal, refusals};

rule! {
    IMMUTABLE_FIELD = Error "change/immutable-field";
    summary: "a change of a field that Kubernetes does not let change";
    explanation: "The API server refuses the update, and the GitOps tool goes on trying: the object stays as it was, with everything else that was to change in it. Give the object another name, so that a new one is made beside the old; or let the tool replace it, `argocd.argoproj.io/sync-options: Replace=true,Force=true` or `kustomize.toolkit.fluxcd.io/force: enabled`, where a time without it does no harm.";
    wrong: "
        --- # before/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: a, image: 'a:1'}]}}}
        --- # after/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api, tier: web}}, template: {metadata: {labels: {app: api, tier: web}}, spec: {containers: [{name: a, image: 'a:1'}]}}}
    ";
    right: "
        --- # before/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: a, image: 'a:1'}]}}}
        --- # after/api.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api}
        spec: {selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api, tier: web}}, spec: {containers: [{name: a, image: 'a:2'}]}}}
    ";
}

pub(super) fn check(change: &Change<'_>, report: &mut Report) {
    for Refusal { object, field, before, after } in refusals(change) {
        let name = object.name.unwrap_or_default();
        report
            .at(&IMMUTABLE_FIELD, after, format!("`{field}` of the {} `{name}` cannot be changed", object.kind))
            .label("the API server refuses this")
            .beside(change.was(&before), "as it is deployed")
            .help("leave it as it was; or give the object another name, so that a new one is made");
    }
}
