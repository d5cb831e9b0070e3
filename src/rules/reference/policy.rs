//! Policies that bindings put in force, and that exceptions are about.

use super::{Target, judge};
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest::nearest;

rule! {
    POLICY = Error "reference/policy";
    summary: "a binding of a policy, or an exception from one, that the tree does not have";
    explanation: "The API server takes a ValidatingAdmissionPolicyBinding whose policy does not exist, and nothing is judged by it; nor does Kyverno refuse an exception from a policy that is not there. The policy that was meant goes on refusing, or never begins to. Bindings are judged where the tree has policies of that kind, and exceptions where the name is nearly that of one of them, since charts bring policies as well.";
    wrong: "
        --- # policy.yaml
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: no-external-ips}
        spec:
          matchConstraints:
            resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [services]}]
          validations: [{expression: '!has(object.spec.externalIPs)'}]
        --- # binding.yaml
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: no-external-ips}
        spec: {policyName: no-external-ip, validationActions: [Deny]}
    ";
    right: "
        --- # policy.yaml
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: no-external-ips}
        spec:
          matchConstraints:
            resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [services]}]
          validations: [{expression: '!has(object.spec.externalIPs)'}]
        --- # binding.yaml
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: no-external-ips}
        spec: {policyName: no-external-ips, validationActions: [Deny]}
    ";
}

const ADMISSION: &str = "admissionregistration.k8s.io";
const KYVERNO: &str = "policies.kyverno.io";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for kind in ["ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"] {
        for binding in view.objects_of(ADMISSION, &format!("{kind}Binding")) {
            name(view, ADMISSION, kind, binding.root().at(["spec", "policyName"]).as_ref(), report);
        }
    }
    for exception in view.objects_of(KYVERNO, "PolicyException") {
        for policy in exception.root().list(["spec", "policyRefs"]) {
            let kind = policy.text_at(["kind"]).filter(|kind| !kind.starts_with("Namespaced")).unwrap_or_default();
            let near = policy.get("name").filter(|name| is_near(view, KYVERNO, kind, name));
            name(view, KYVERNO, kind, near.as_ref(), report);
        }
    }
    for exception in view.objects_of("kyverno.io", "PolicyException") {
        for policy in exception.root().list(["spec", "exceptions"]) {
            // With a namespace before it, it is a policy of that one.
            let near = policy.get("policyName").filter(|name| is_near(view, "kyverno.io", "ClusterPolicy", name));
            name(view, "kyverno.io", "ClusterPolicy", near.as_ref(), report);
        }
    }
}

/// Whether a name is nearly one of the tree's policies. Charts bring policies as well, so of another one nothing is known.
fn is_near(view: &View<'_>, group: &str, kind: &str, name: &Node<'_>) -> bool {
    let known = view.objects_of(group, kind).filter_map(|it| it.name);
    name.text().is_some_and(|text| !text.contains('/') && nearest(text, known).is_some())
}

fn name(view: &View<'_>, group: &str, kind: &str, name: Option<&Node<'_>>, report: &mut Report) {
    if let Some(name) = name {
        judge(view, &POLICY, &Target { group, kind, namespace: None }, name, report);
    }
}
