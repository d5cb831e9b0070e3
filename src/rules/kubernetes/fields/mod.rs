//! What the API server refuses in its own kinds, from tables of their fields: types, words, bounds, and which fields need
//! or exclude each other. What other rules of this family say is not said again.

mod form;
mod judge;
mod network;
mod pod;
mod pod_laws;
mod selectors;
mod service_laws;
mod storage;
mod workloads;

use self::form::Part;
pub(in crate::rules) use self::judge::{is_bool, is_map, is_number, is_scalar, is_text, is_written, items};
use crate::check::At;
use crate::check::k8s::Object;
use crate::check::view::overlays::Overlays;
use crate::check::{Draft, Report, View, rule};
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
    explanation: "Many fields take a few words only, written exactly so: `Always`, `IfNotPresent` and `Never` for `imagePullPolicy`. Numbers have bounds: a port is at most 65535, a time is not negative, a liveness probe needs one success and no more. The schemas that Kubernetes publishes say nothing of them; the API server refuses the object all the same.";
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
    explanation: "Some fields exclude each other: two sources of one volume, two handlers of one probe, `value` and `valueFrom` of one variable, `rollingUpdate` beside `Recreate`. Others need each other, and some may stand once: a path may be the mount of one volume. An init container that is not always restarted has no probes. With `runAsNonRoot` the kubelet starts no container as user 0. Not judged where a kustomization changes the field.";
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
        keys.take(2).filter(|key| *key != "spec")
    })
}

/// Kinds that the API server takes without a `spec`.
const SPEC_MAY_LACK: [&str; 3] = ["NetworkPolicy", "PodDisruptionBudget", "ReplicationController"];

fn of_object(object: &Object<'_>, report: &mut Report) {
    let Some((part, spec)) = table(object) else { return };
    let root = object.root();
    if let Some(node) = if spec { root.get("spec") } else { Some(root) } {
        judge::part(part, &node, report);
    } else if !SPEC_MAY_LACK.contains(&object.kind) {
        let place = root.place().key("spec");
        report.at(&FIELDS, place, format!("this `{}` has no `spec`", object.kind)).help("add `spec`");
    }
}

/// The table of a kind, and whether it is one of its `spec`.
fn table(object: &Object<'_>) -> Option<(&'static Part, bool)> {
    let found = match (object.group, object.kind) {
        ("", "Pod") => (&pod::SPEC, true),
        ("", "ReplicationController") | ("apps", "ReplicaSet") => (&workloads::REPLICA_SET, true),
        ("apps", "Deployment") => (&workloads::DEPLOYMENT, true),
        ("apps", "StatefulSet") => (&workloads::STATEFUL_SET, true),
        ("apps", "DaemonSet") => (&workloads::DAEMON_SET, true),
        ("batch", "Job") => (&workloads::JOB, true),
        ("batch", "CronJob") => (&workloads::CRON_JOB, true),
        ("autoscaling", "HorizontalPodAutoscaler") if object.version == "v2" => (&workloads::AUTOSCALER, true),
        ("policy", "PodDisruptionBudget") => (&workloads::BUDGET, true),
        ("", "Service") => (&network::SERVICE, true),
        ("networking.k8s.io", "Ingress") if object.version == "v1" => (&network::INGRESS, true),
        ("networking.k8s.io", "NetworkPolicy") => (&network::NETWORK_POLICY, true),
        ("", "PersistentVolumeClaim") => (&storage::CLAIM_SPEC, true),
        ("", "PersistentVolume") => (&storage::VOLUME_SPEC, true),
        ("storage.k8s.io", "StorageClass") => (&storage::STORAGE_CLASS, false),
        ("", "ConfigMap") => (&storage::CONFIG_MAP, false),
        ("", "Secret") => (&storage::SECRET, false),
        ("", "ServiceAccount") => (&storage::SERVICE_ACCOUNT, false),
        ("rbac.authorization.k8s.io", "ClusterRole" | "Role") => (&storage::ROLE, false),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding" | "RoleBinding") => (&storage::BINDING, false),
        ("scheduling.k8s.io", "PriorityClass") => (&storage::PRIORITY_CLASS, false),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration")
            if object.version == "v1" =>
        {
            (&storage::WEBHOOKS, false)
        }
        _ => return None,
    };
    Some(found)
}
