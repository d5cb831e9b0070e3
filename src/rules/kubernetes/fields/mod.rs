//! What the API server refuses in its own kinds, from tables of their fields: types, words, bounds, and which fields need
//! or exclude each other. What other rules of this family say is not said again.

mod access;
mod access_laws;
mod autoscaling;
mod container_laws;
mod containers;
mod definition_laws;
mod definitions;
mod disks;
mod expression_laws;
mod flow;
mod flow_laws;
mod form;
mod judge;
mod laws;
mod metadata;
mod network;
mod pod;
mod pod_laws;
mod resources;
mod scheduling;
mod scheduling_laws;
mod selectors;
mod service_laws;
mod spot;
mod storage;
mod storage_laws;
mod volume_laws;
mod volumes;
mod workload_laws;
mod workloads;

use self::form::Part;
pub(in crate::rules) use self::judge::{is_bool, is_map, is_number, is_scalar, is_text, items};
pub(in crate::rules) use self::laws::is_compose;
pub(in crate::rules) use self::spot::is_written;
pub(in crate::rules) use super::words::article;
use crate::check::At;
use crate::check::k8s::Object;
use crate::check::view::overlays::Overlays;
use crate::check::{Draft, Node, Report, View, rule};
use crate::yaml::path::Step;

rule! {
    TYPE = Error "kubernetes/type";
    summary: "a value whose type the API server refuses";
    explanation: "An unquoted `8080` or `true` is no text, and the API server refuses it where a text has to stand: in the `value` of a variable, in the `data` of a ConfigMap, among the `args` of a container. A quoted `\"3\"` is no number, and a single value is no list. Judged in Kubernetes' own kinds, without their schemas; labels and annotations have a rule of their own.";
    wrong: "
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: web}
        data: {port: 8080}
    ";
    right: "
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: web}
        data: {port: '8080'}
    ";
}

rule! {
    VALUE = Error "kubernetes/value";
    summary: "a word, a number or a name that the API server refuses in this field";
    explanation: "Many fields take a few words only, written exactly so: `Always`, `IfNotPresent` and `Never` for `imagePullPolicy`. Numbers have bounds: a port is at most 65535, a time is not negative, a liveness probe needs one success and no more. Names, addresses, networks, quantities and the expressions of policies have forms. The schemas that Kubernetes publishes say nothing of them; the API server refuses the object all the same.";
    wrong: "
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: web}
        spec:
          rules:
            - http:
                paths: [{path: /, pathType: prefix, backend: {service: {name: web, port: {number: 80}}}}]
    ";
    right: "
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: web}
        spec:
          rules:
            - http:
                paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]
    ";
}

rule! {
    FIELDS = Error "kubernetes/fields";
    summary: "fields that the API server refuses together, or misses";
    explanation: "Some fields exclude each other: two sources of one volume, two handlers of one probe, `value` and `valueFrom` of one variable, `rollingUpdate` beside `Recreate`. Others need each other, and some may stand once: a path may be the mount of one volume. A quota of `BestEffort` pods counts pods only, a Job with `podFailurePolicy` does not start its pods again, and a definition of a kind says of each field which type it has. An init container that is not always restarted has no probes. With `runAsNonRoot` the kubelet starts no container as user 0. Not judged where a kustomization changes the field.";
    wrong: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec:
          containers: [{name: web, image: 'example.com/web:1'}]
          volumes: [{name: data, emptyDir: {}, hostPath: {path: /data}}]
    ";
    right: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec:
          containers: [{name: web, image: 'example.com/web:1'}]
          volumes: [{name: data, emptyDir: {}}]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut overlays = None;
    for object in view.objects() {
        let mut found = Report::default();
        of_object(object, &mut found);
        say_unchanged(view, object, found, &mut overlays, report);
    }
}

/// Says what was found of an object, but for fields that a kustomization changes.
pub(in crate::rules) fn say_unchanged<'v, 'a>(
    view: &'v View<'a>,
    object: &Object<'_>,
    found: Report,
    overlays: &mut Option<Overlays<'v, 'a>>,
    report: &mut Report,
) {
    for draft in found.into_drafts() {
        let overlays = overlays.get_or_insert_with(|| Overlays::of(view));
        let is_changed = names(&draft).any(|field| overlays.may_set(object.document.path, field));
        if !is_changed {
            report.say(draft);
        }
    }
}

/// The fields that a finding is about, and those around them.
fn names(draft: &Draft) -> impl Iterator<Item = &str> {
    let spots = std::iter::once(&draft.spot).chain(draft.related.iter().map(|(spot, _)| spot));
    let places = spots.filter_map(|spot| match &spot.at {
        At::Rendered(place) => Some(place),
        At::Written(_) => None,
    });
    places.flat_map(|place| {
        let keys = place.path.steps().iter().rev().filter_map(|step| match step {
            Step::Key(key) => Some(&**key),
            Step::Index(_) | Step::Item(_) => None,
        });
        let is_whole = place.path.steps().len() == 1;
        keys.take(2).filter(move |key| *key != "spec" || is_whole)
    })
}

/// Kinds of which nothing has to be said.
const MAY_SAY_NOTHING: [&str; 5] = ["Lease", "LimitRange", "NetworkPolicy", "PodDisruptionBudget", "ResourceQuota"];

/// Of early versions others have their say.
fn is_stable(object: &Object<'_>) -> bool {
    object.version == if object.group == "autoscaling" { "v2" } else { "v1" }
}

fn of_object(object: &Object<'_>, report: &mut Report) {
    let root = object.root();
    of_metadata(object, &root, report);
    if object.group == "policies.kyverno.io"
        && let Some(spec) = root.get("spec")
    {
        expression_laws::of_kyverno(&spec, report);
    }
    let Some((part, spec)) = table(object).filter(|_| is_stable(object)) else { return };
    match if spec { root.get("spec") } else { Some(root) } {
        Some(node) => judge::part(part, &node, report),
        None if MAY_SAY_NOTHING.contains(&object.kind) => {}
        None => {
            let place = root.place().key("spec");
            report.at(&FIELDS, place, format!("the {} lacks `spec`", object.kind)).help("add `spec`");
        }
    }
}

fn of_metadata(object: &Object<'_>, root: &Node<'_>, report: &mut Report) {
    let is_of_cluster = match object.group {
        "" => matches!(object.kind, "Namespace" | "Node" | "PersistentVolume"),
        "apps" | "batch" | "autoscaling" | "policy" | "coordination.k8s.io" | "discovery.k8s.io" => false,
        "networking.k8s.io" => object.kind == "IngressClass",
        "rbac.authorization.k8s.io" => object.kind.starts_with("Cluster"),
        "storage.k8s.io"
        | "flowcontrol.apiserver.k8s.io"
        | "scheduling.k8s.io"
        | "node.k8s.io"
        | "admissionregistration.k8s.io"
        | "apiextensions.k8s.io" => true,
        // Whether others say it as well is not known.
        _ => return,
    };
    if let Some(metadata) = root.get("metadata") {
        let is_free =
            matches!(object.group, "admissionregistration.k8s.io" | "apiextensions.k8s.io" | "node.k8s.io" | "policy");
        let part = match (is_of_cluster, is_free) {
            (false, true) => &metadata::OTHERS,
            (true, true) => &metadata::OF_TEMPLATE,
            (true, _) => &metadata::OF_CLUSTER,
            (false, _) => &metadata::OF_NAMESPACE,
        };
        judge::part(part, &metadata, report);
    }
}

/// The table of a kind, and whether it is one of its `spec`.
fn table(object: &Object<'_>) -> Option<(&'static Part, bool)> {
    let found = match (object.group, object.kind) {
        ("", "Pod") => (&pod::SPEC, true),
        ("", "PodTemplate") => (&workloads::POD_TEMPLATE, false),
        ("", "ReplicationController") => (&workloads::REPLICATION_CONTROLLER, true),
        ("apps", "ReplicaSet") => (&workloads::REPLICA_SET, true),
        ("apps", "Deployment") => (&workloads::DEPLOYMENT, true),
        ("apps", "StatefulSet") => (&workloads::STATEFUL_SET, true),
        ("apps", "DaemonSet") => (&workloads::DAEMON_SET, true),
        ("batch", "Job") => (&workloads::JOB, true),
        ("batch", "CronJob") => (&workloads::CRON_JOB, true),
        ("autoscaling", "HorizontalPodAutoscaler") => (&autoscaling::AUTOSCALER, true),
        ("policy", "PodDisruptionBudget") => (&workloads::BUDGET, true),
        ("", "Service") => (&network::SERVICE, true),
        ("networking.k8s.io", "Ingress") => (&network::INGRESS, true),
        ("networking.k8s.io", "IngressClass") => (&network::INGRESS_CLASS, true),
        ("networking.k8s.io", "NetworkPolicy") => (&network::NETWORK_POLICY, true),
        ("", "Endpoints") => (&flow::ENDPOINTS, false),
        ("discovery.k8s.io", "EndpointSlice") => (&flow::SLICE, false),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema") => (&flow::FLOW, true),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration") => (&flow::LEVEL, true),
        ("coordination.k8s.io", "Lease") => (&flow::LEASE, true),
        ("", "PersistentVolumeClaim") => (&storage::CLAIM_SPEC, true),
        ("", "PersistentVolume") => (&storage::VOLUME_SPEC, true),
        ("", "LimitRange") => (&resources::LIMIT_RANGE, true),
        ("", "ResourceQuota") => (&resources::QUOTA, true),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => (&definitions::DEFINITION, false),
        ("storage.k8s.io", "StorageClass") => (&storage::STORAGE_CLASS, false),
        ("storage.k8s.io", "CSIDriver") => (&storage::CSI_DRIVER, false),
        ("node.k8s.io", "RuntimeClass") => (&storage::RUNTIME_CLASS, false),
        ("", "ConfigMap") => (&storage::CONFIG_MAP, false),
        ("", "Secret") => (&storage::SECRET, false),
        ("", "ServiceAccount") => (&storage::SERVICE_ACCOUNT, false),
        ("rbac.authorization.k8s.io", "ClusterRole") => (&access::CLUSTER_ROLE, false),
        ("rbac.authorization.k8s.io", "Role") => (&access::ROLE, false),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding") => (&access::CLUSTER_BINDING, false),
        ("rbac.authorization.k8s.io", "RoleBinding") => (&access::BINDING, false),
        ("scheduling.k8s.io", "PriorityClass") => (&storage::PRIORITY_CLASS, false),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration") => {
            (&access::WEBHOOKS, false)
        }
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy") => (&access::POLICY, true),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding") => (&access::POLICY_BINDING, true),
        _ => return None,
    };
    Some(found)
}
