//! Policies that keep down what would have to answer for them.

use std::cell::OnceCell;

use super::policy::{Kyverno, asks_about_pods, is_about_pods, selects};
use crate::check::k8s::Object;
use crate::check::view::overlays::Overlays;
use crate::check::{Node, Place, Report, View, rule};
use crate::value::Value;

rule! {
    POLICY_LOCKOUT = Error "link/policy-lockout";
    summary: "a policy is asked about the pods that answer for it, or about those of `kube-system`";
    explanation: "The API server asks a webhook before it makes a pod, and with `failurePolicy: Fail` makes none while there is no answer. If the pods behind the webhook are among those it is asked about, they never start again once all of them are gone; if `kube-system` is, neither do the network and the DNS that they need. Kyverno's chart leaves out its own namespace and `kube-system` unless its values say otherwise, so its policies are judged where they do: those that refuse, without conditions that only the cluster can judge. Webhooks of other engines are judged by their configuration.";
    wrong: "
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: guard}
        webhooks:
          - name: pods.guard.example.com
            failurePolicy: Fail
            sideEffects: None
            admissionReviewVersions: [v1]
            clientConfig: {service: {name: guard, namespace: guard}}
            rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
    ";
    right: "
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: guard}
        webhooks:
          - name: pods.guard.example.com
            failurePolicy: Fail
            sideEffects: None
            admissionReviewVersions: [v1]
            clientConfig: {service: {name: guard, namespace: guard}}
            namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [guard, kube-system]}]}
            rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
    ";
}

/// What a patch may set so that a webhook is asked about fewer pods, or is no hindrance.
const NARROWING: [&str; 4] = ["namespaceSelector", "objectSelector", "matchConditions", "failurePolicy"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let overlays = OnceCell::new();
    for kind in ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"] {
        for object in view.objects_of("admissionregistration.k8s.io", kind) {
            let over = overlays.get_or_init(|| Overlays::of(view));
            if NARROWING.iter().any(|key| over.may_set(object.document.path, key)) {
                continue;
            }
            for webhook in object.root().list(["webhooks"]) {
                judge_webhook(&webhook, report);
            }
        }
    }
    let Some(kyverno) = Kyverno::of(view) else { return };
    for namespace in [kyverno.namespace, "kube-system"] {
        if kyverno.is_called_for(namespace) {
            policies(view, &kyverno, namespace, report);
        }
    }
}

fn judge_webhook(webhook: &Node<'_>, report: &mut Report) {
    let is_narrow = ["objectSelector", "matchConditions"].iter().any(|key| webhook.get(key).is_some());
    let is_patient = webhook.text_at(["failurePolicy"]) == Some("Ignore");
    if is_narrow || is_patient || !webhook.get("rules").is_some_and(|rules| asks_about_pods(&rules)) {
        return;
    }
    let selector = webhook.get("namespaceSelector");
    // What answers from outside of the cluster needs neither its network nor its DNS.
    let Some(own) = webhook.text_at(["clientConfig", "service", "namespace"]) else { return };
    for namespace in [own, "kube-system"].into_iter().skip(usize::from(own == "kube-system")) {
        if selector.as_ref().is_some_and(|selector| !selects(selector, namespace)) {
            continue;
        }
        let name = webhook.text_at(["name"]).unwrap_or_default();
        let place = selector.as_ref().map_or_else(|| webhook.place().key("name"), Node::place);
        let draft = tell(report, place, &format!("the webhook `{name}`"), namespace, Some(own));
        draft.help(format!(
            "leave it out: `namespaceSelector: {{matchExpressions: [{{key: kubernetes.io/metadata.name, operator: NotIn, values: [{namespace}]}}]}}`"
        ));
    }
}

fn tell<'r>(
    report: &'r mut Report,
    place: Place,
    who: &str,
    namespace: &str,
    own: Option<&str>,
) -> &'r mut crate::check::Draft {
    let (message, label) = if own == Some(namespace) {
        (
            format!("{who} is asked about the pods of `{namespace}`, where its own engine runs"),
            "once all of its pods are gone, none of them starts again",
        )
    } else {
        (
            format!("{who} is asked about the pods of `{namespace}`"),
            "while it does not answer, neither network nor DNS can start",
        )
    };
    report.at(&POLICY_LOCKOUT, place, message).label(label)
}

fn policies(view: &View<'_>, kyverno: &Kyverno<'_>, namespace: &str, report: &mut Report) {
    let of_cel = view.objects_of("policies.kyverno.io", "ValidatingPolicy");
    let of_patterns = view.objects_of("kyverno.io", "ClusterPolicy");
    let found =
        of_cel.filter_map(|it| by_cel(it, namespace)).chain(of_patterns.filter_map(|it| by_pattern(it, namespace)));
    let mut found: Vec<(&str, Node<'_>)> = found.collect();
    if found.is_empty() {
        return;
    }
    let (name, place) = found.remove(0);
    let draft = tell(report, place.place(), &format!("the policy `{name}`"), namespace, Some(kyverno.namespace));
    let mut help = if let Some(own) = kyverno.own.as_ref().filter(|_| namespace == kyverno.namespace) {
        draft.also(own, "Kyverno's values let it be asked about itself");
        "set `config.excludeKyvernoNamespace: true`".to_owned()
    } else {
        if let Some(selector) = kyverno.selectors.first() {
            draft.also(selector, format!("Kyverno's values do not leave `{namespace}` out"));
        }
        format!("leave `{namespace}` out of `config.webhooks.namespaceSelector` in the values of Kyverno")
    };
    match found.len() {
        0 => {}
        1 => help.push_str("; 1 more policy is asked about it"),
        more => help = format!("{help}; {more} more policies are asked about it"),
    }
    draft.help(help);
}

/// A policy in CEL that refuses pods of a namespace, and where it says so.
fn by_cel<'a>(object: &Object<'a>, namespace: &str) -> Option<(&'a str, Node<'a>)> {
    let spec = object.root().get("spec")?;
    let constraints = spec.get("matchConstraints")?;
    let is_denying = spec.get("validationActions")?.items().iter().any(|it| it.text() == Some("Deny"));
    let is_off = spec.at(["evaluation", "admission", "enabled"]).is_some_and(|it| *it.value == Value::Bool(false));
    let is_narrow = spec.get("matchConditions").is_some()
        || ["objectSelector", "excludeResourceRules"].iter().any(|key| constraints.get(key).is_some());
    let is_patient = spec.text_at(["failurePolicy"]) == Some("Ignore");
    let selector = constraints.get("namespaceSelector");
    let covers = selector.as_ref().is_none_or(|selector| selects(selector, namespace));
    let asks = asks_about_pods(&constraints.get("resourceRules")?);
    let is_it = is_denying && !is_off && !is_narrow && !is_patient && covers && asks;
    is_it.then(|| (object.name.unwrap_or_default(), selector.unwrap_or_else(|| object.name_node())))
}

/// The same of a `ClusterPolicy`.
fn by_pattern<'a>(object: &Object<'a>, namespace: &str) -> Option<(&'a str, Node<'a>)> {
    let spec = object.root().get("spec")?;
    let is_patient = [spec.text_at(["failurePolicy"]), spec.text_at(["webhookConfiguration", "failurePolicy"])]
        .contains(&Some("Ignore"));
    let is_narrow = spec.at(["webhookConfiguration", "matchConditions"]).is_some();
    let is_off = spec.get("admission").is_some_and(|it| *it.value == Value::Bool(false));
    if is_patient || is_narrow || is_off {
        return None;
    }
    let enforces = |text: Option<&str>| text.is_some_and(|text| text.eq_ignore_ascii_case("enforce"));
    let by_default = enforces(spec.text_at(["validationFailureAction"]));
    let rules = spec.get("rules")?.items();
    let rule = rules.into_iter().find(|rule| {
        let own = rule.text_at(["validate", "failureAction"]);
        let is_enforced = rule.get("validate").is_some() && own.map_or(by_default, |own| enforces(Some(own)));
        is_enforced && is_about_pods(rule, namespace)
    })?;
    Some((object.name.unwrap_or_default(), rule.get("exclude").or_else(|| rule.get("match")).unwrap_or(rule)))
}
