//! Policies that refuse what stands beside them in the tree.

use std::cell::{Cell, OnceCell};

use serde_json::{Value as Json, json};

use super::asked::{self, Asked, Fits, Rules, put};
use super::defaults::{below, may_find_more};
use crate::account::Work;
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};
use crate::schema::{Admission, AdmissionRequest, AdmissionSource, Admitted, Reads, Validation, json};

rule! {
    REFUSES = Error "policy/refuses";
    summary: "an enforced policy of the tree refuses an object of the tree";
    explanation: "The API server asks the policy and does not take the object: a workload that is not deployed, or that runs until its pods have to move. What is judged are `ValidatingPolicy` and `NamespacedValidatingPolicy` of Kyverno and `ValidatingAdmissionPolicy` of Kubernetes, with their CEL, and `ClusterPolicy` and `Policy` of Kyverno with their patterns, on the objects that stand in the tree, on those that its charts make, if they lie in `charts`, and on the pods of both. Policies that ask about more than the object are not judged. Mend the object, or let the policy leave it alone.";
    wrong: "
        --- # policy.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: no-host-network}
        spec:
          validationActions: [Deny]
          matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
          validations: [{expression: '!has(object.spec.hostNetwork) || !object.spec.hostNetwork', message: the network of the node is not allowed}]
        --- # agent.yaml
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent, namespace: shop}
        spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {hostNetwork: true, containers: [{name: a, image: 'a:1'}]}}}
    ";
    right: "
        --- # policy.yaml
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: no-host-network}
        spec:
          validationActions: [Deny]
          matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
          validations: [{expression: '!has(object.spec.hostNetwork) || !object.spec.hostNetwork', message: the network of the node is not allowed}]
        --- # agent.yaml
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent, namespace: shop}
        spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: a, image: 'a:1'}]}}}
    ";
}

/// An enforced policy.
struct Policy<'v, 'a> {
    object: &'v Object<'a>,
    constraints: Node<'a>,
    rules: Rules<'a>,
    excluded: Rules<'a>,
    validations: Vec<Node<'a>>,
    /// It was said that it takes too long.
    given_up: Cell<bool>,
    /// Compiled for the first object that it is asked about; none if it is not understood.
    admission: OnceCell<Option<Admission>>,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let policies: Vec<Policy<'_, '_>> = view.objects().iter().filter_map(|object| policy(view, object)).collect();
    if policies.is_empty() {
        return;
    }
    for asked in asked::all(view).into_iter().filter(|asked| !view.is_transformed(asked.object)) {
        for policy in &policies {
            judge(view, policy, &asked, report);
        }
    }
}

/// Whether an object changes others when they are admitted.
pub(super) fn mutates(object: &Object<'_>) -> bool {
    let rules = object.root().list(["spec", "rules"]);
    matches!(object.kind, "MutatingPolicy" | "MutatingAdmissionPolicy" | "MutatingWebhookConfiguration")
        || (object.group == "kyverno.io" && rules.iter().any(|rule| rule.get("mutate").is_some()))
}

fn policy<'v, 'a>(view: &'v View<'a>, object: &'v Object<'a>) -> Option<Policy<'v, 'a>> {
    let spec = object.root().get("spec")?;
    let is_enforced = match (object.group, object.kind) {
        ("policies.kyverno.io", "ValidatingPolicy" | "NamespacedValidatingPolicy") => {
            let admission = spec.at(["evaluation", "admission", "enabled"]);
            denies(&spec) && admission.and_then(|it| it.boolean()) != Some(false) && !has_exception(view, object)
        }
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy") => {
            spec.get("paramKind").is_none() && is_bound(view, object)
        }
        _ => false,
    };
    let constraints = spec.get("matchConstraints").filter(|_| is_enforced)?;
    let (rules, validations) = (Rules::of(&constraints, "resourceRules"), items(&spec, "validations"));
    let excluded = Rules::of(&constraints, "excludeResourceRules");
    Some(Policy {
        object,
        constraints,
        rules,
        excluded,
        validations,
        given_up: Cell::new(false),
        admission: OnceCell::new(),
    })
}

impl<'a> Policy<'_, 'a> {
    /// All that a validation may depend on.
    fn expressions(&self, at: usize) -> Vec<&'a str> {
        let spec = self.object.root().get("spec");
        let lists = spec.iter().flat_map(|spec| ["matchConditions", "variables"].map(|key| items(spec, key))).flatten();
        lists.chain(self.validations.get(at).copied()).filter_map(|it| it.text_at(["expression"])).collect()
    }
}

/// Whether an expression may come out otherwise in a cluster.
fn is_open(view: &View<'_>, asked: &Asked<'_, '_>, expression: &str, object: &Json) -> bool {
    let namespace = asked.object.namespace;
    let is_made = view.objects_of("", "Namespace").any(|it| it.name == namespace && it.name.is_some());
    let kind = if asked.is_pod { "Pod" } else { asked.object.kind };
    let known = Reads::of(expression);
    let reads = |wanted: &str| known.as_ref().is_none_or(|known| known.names().any(|name| name == wanted));
    may_find_more(expression, object, asked.group, kind)
        || (!is_made && reads("namespaceObject"))
        || (namespace.is_none() && (reads("namespace") || reads("namespaceObject")))
}

fn items<'a>(spec: &Node<'a>, key: &str) -> Vec<Node<'a>> {
    spec.list([key])
}

fn compile(policy: &Policy<'_, '_>) -> Option<Admission> {
    let spec = policy.object.root().get("spec")?;
    let (conditions, variables) = (items(&spec, "matchConditions"), items(&spec, "variables"));
    let source = AdmissionSource {
        conditions: conditions.iter().map(|it| it.text_at(["expression"])).collect::<Option<_>>()?,
        variables: variables
            .iter()
            .map(|it| Some((it.text_at(["name"])?, it.text_at(["expression"])?)))
            .collect::<Option<_>>()?,
        validations: policy
            .validations
            .iter()
            .map(|it| {
                Some(Validation {
                    expression: it.text_at(["expression"])?,
                    message: it.text_at(["message"]),
                    message_expression: it.text_at(["messageExpression"]),
                })
            })
            .collect::<Option<_>>()?,
    };
    Admission::compile(&source)
}

fn denies(spec: &Node<'_>) -> bool {
    let actions = spec.list(["validationActions"]);
    actions.iter().any(|action| action.text() == Some("Deny"))
}

/// Whether somebody is let off a policy; for whom is not looked into.
fn has_exception(view: &View<'_>, policy: &Object<'_>) -> bool {
    let names = |exception: &Object<'_>| {
        let refs = exception.root().list(["spec", "policyRefs"]);
        refs.iter().any(|it| it.text_at(["name"]) == policy.name)
    };
    view.objects_of("policies.kyverno.io", "PolicyException").any(names)
}

/// Whether a binding lets a policy of Kubernetes refuse, wherever it applies.
fn is_bound(view: &View<'_>, policy: &Object<'_>) -> bool {
    view.objects_of("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding").any(|binding| {
        let spec = binding.root().get("spec");
        spec.is_some_and(|spec| {
            spec.text_at(["policyName"]) == policy.name && spec.get("matchResources").is_none() && denies(&spec)
        })
    })
}

fn judge(view: &View<'_>, policy: &Policy<'_, '_>, asked: &Asked<'_, '_>, report: &mut Report) {
    // One of a namespace speaks of that namespace alone.
    let is_elsewhere = policy.object.kind == "NamespacedValidatingPolicy"
        && (policy.object.namespace.is_none() || policy.object.namespace != asked.object.namespace);
    if is_elsewhere || policy.excluded.take_in(asked) {
        return;
    }
    if asked::matches(&policy.constraints, &policy.rules, asked, view) != Fits::Yes {
        return;
    }
    let Some(admission) = policy.admission.get_or_init(|| compile(policy)) else { return };
    let object = asked.json(view);
    let (request, namespace) = request(view, asked, &object);
    if view.account().is_over() {
        return;
    }
    let (admitted, cost) =
        admission.judge(&AdmissionRequest { object: &object, request: &request, namespace: &namespace });
    view.account().charge(cost, Work::Policy, view.artifact(&policy.object.root().place()).place);
    let (at, said) = match admitted {
        Admitted::No(at, said) => (at, said),
        Admitted::TooLong => return too_long(policy, report),
        Admitted::Yes | Admitted::Unknown => return,
    };
    let Object { kind, name, .. } = asked.object;
    if policy.expressions(at).iter().any(|it| is_open(view, asked, it, &object)) {
        return;
    }
    let what = if asked.is_pod && *kind != "Pod" { format!("the pods of the {kind}") } else { format!("the {kind}") };
    let (name, by) = (name.unwrap_or_default(), policy.object.name.unwrap_or_default());
    let why = said.map(|said| format!(": {said}")).unwrap_or_default();
    let place = asked.node.get("spec").unwrap_or(asked.node);
    let draft = report.at(&REFUSES, &place, format!("the policy `{by}` refuses {what} `{name}`{why}"));
    draft.label("this is not admitted").subject(asked.object.subject());
    if let Some(validation) = policy.validations.get(at) {
        draft.also(validation.get("expression").unwrap_or(*validation), "this is false of it");
    }
    draft.help("mend the object, or let the policy leave it alone");
}

/// What is never judged must not look as if it were fine.
fn too_long(policy: &Policy<'_, '_>, report: &mut Report) {
    if policy.given_up.replace(true) {
        return;
    }
    let by = policy.object.name.unwrap_or_default();
    let place = policy.object.root().get("spec").unwrap_or_else(|| policy.object.root());
    let draft = report.at(
        &REFUSES,
        &place,
        format!("the policy `{by}` takes too long to be asked about what stands beside it"),
    );
    draft.label("so nobody knows what it refuses").subject(policy.object.subject());
    draft.help("let its expressions go through each list once");
}

/// The request and the object of the namespace, as far as a tree tells.
fn request(view: &View<'_>, asked: &Asked<'_, '_>, object: &Json) -> (Json, Json) {
    let Asked { group, version, resource, .. } = asked;
    let mut request = json!({
        "operation": "CREATE",
        "kind": {"group": group, "version": version, "kind": object["kind"]},
        "resource": {"group": group, "version": version, "resource": resource},
        "name": object["metadata"]["name"],
        "dryRun": false,
    });
    let Some(name) = asked.object.namespace else { return (request, Json::Null) };
    put(&mut request, "namespace", json!(name));
    let own = view.objects_of("", "Namespace").find(|namespace| namespace.name == Some(name));
    let mut namespace = own.map_or_else(|| json!({}), |own| json(own.root().value));
    if let Some(metadata) = below(&mut namespace, "metadata") {
        metadata.insert("name".to_owned(), json!(name));
        let labels = metadata.entry("labels").or_insert_with(|| json!({}));
        put(labels, "kubernetes.io/metadata.name", json!(name));
    }
    (request, namespace)
}
