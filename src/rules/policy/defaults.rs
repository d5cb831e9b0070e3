//! What the API server fills in before policies are asked.
//!
//! `SetDefaults_…` in <https://github.com/kubernetes/kubernetes/tree/master/pkg/apis>: `core/v1/defaults.go`,
//! `apps/v1/defaults.go`, `batch/v1/defaults.go`.

use serde_json::{Map, Value as Json, json};

use crate::schema::Reads;

/// Fields that only a cluster fills in, in objects that do not write them.
const OF_CLUSTER: [&str; 26] = [
    "clusterIP",
    "clusterIPs",
    "creationTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "healthCheckNodePort",
    "ingressClassName",
    "ipFamilies",
    "ipFamilyPolicy",
    "managedFields",
    "nodeName",
    "nodePort",
    "priority",
    "priorityClassName",
    "resourceVersion",
    "runtimeClassName",
    "secrets",
    "status",
    "storageClassName",
    "tolerations",
    "uid",
    "userInfo",
    "volumeMounts",
    "volumeName",
    "volumes",
];

/// Labels that Argo CD and Flux put on what they apply.
const OF_TOOLS: [&str; 3] = ["app.kubernetes.io/instance", "argocd.argoproj.io/", "toolkit.fluxcd.io/"];

/// Kinds that nothing is filled in for but what stands here.
const KNOWN: [(&str, &[&str]); 6] = [
    ("", &["Pod", "Service", "PersistentVolumeClaim", "ConfigMap", "ServiceAccount", "Namespace"]),
    ("apps", &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"]),
    ("batch", &["Job", "CronJob"]),
    ("networking.k8s.io", &["Ingress"]),
    ("policy", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", &["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]),
];

/// Whether an expression may find in a cluster what an object does not have in its file.
pub(super) fn may_find_more(expression: &str, object: &Json, group: &str, kind: &str) -> bool {
    let is_known = is_known(group, kind);
    // What is not understood is not asked, so there is nothing to find.
    let Some(reads) = Reads::of(expression) else { return true };
    (reads.asks_whether && !is_known)
        || reads.names().any(|name| is_of_cluster(name, object))
        || OF_TOOLS.iter().any(|label| expression.contains(label))
}

/// Whether all that is filled in for a kind stands here.
pub(super) fn is_known(group: &str, kind: &str) -> bool {
    KNOWN.iter().any(|(known, kinds)| *known == group && kinds.contains(&kind))
}

/// Whether only a cluster fills a field in that the object does not write.
pub(super) fn is_of_cluster(name: &str, object: &Json) -> bool {
    OF_CLUSTER.contains(&name) && !has_key(object, name)
}

/// Whether a key stands anywhere.
fn has_key(json: &Json, key: &str) -> bool {
    match json {
        Json::Object(map) => map.contains_key(key) || map.values().any(|value| has_key(value, key)),
        Json::Array(list) => list.iter().any(|item| has_key(item, key)),
        _ => false,
    }
}

/// Fills in what an object of this kind leaves out.
pub(super) fn fill(object: &mut Json, group: &str, kind: &str) {
    let Some(spec) = object.get_mut("spec") else { return };
    match (group, kind) {
        ("", "Pod") => {
            pod(spec);
            default(spec, json!({"serviceAccountName": "default", "preemptionPolicy": "PreemptLowerPriority"}));
            for container in containers(spec) {
                requests(container);
            }
        }
        ("", "Service") => service(spec),
        ("", "PersistentVolumeClaim") => default(spec, json!({"volumeMode": "Filesystem"})),
        ("apps", "Deployment") => {
            default(spec, json!({"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}));
            let rolling = json!({"maxUnavailable": "25%", "maxSurge": "25%"});
            update(spec, "strategy", &rolling);
        }
        ("apps", "StatefulSet") => {
            let retained = json!({"whenDeleted": "Retain", "whenScaled": "Retain"});
            default(spec, json!({"replicas": 1, "revisionHistoryLimit": 10, "podManagementPolicy": "OrderedReady"}));
            default(spec, json!({"persistentVolumeClaimRetentionPolicy": retained}));
            update(spec, "updateStrategy", &json!({"partition": 0}));
        }
        ("apps", "DaemonSet") => {
            default(spec, json!({"revisionHistoryLimit": 10}));
            update(spec, "updateStrategy", &json!({"maxUnavailable": 1, "maxSurge": 0}));
        }
        ("apps", "ReplicaSet") => default(spec, json!({"replicas": 1})),
        ("batch", "Job") => job(spec),
        ("batch", "CronJob") => {
            default(spec, json!({"concurrencyPolicy": "Allow", "suspend": false}));
            default(spec, json!({"successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1}));
        }
        ("autoscaling", _) => default(spec, json!({"minReplicas": 1})),
        _ => {}
    }
    let template = match kind {
        "CronJob" => spec.pointer_mut("/jobTemplate/spec/template/spec"),
        _ => spec.pointer_mut("/template/spec"),
    };
    if let Some(spec) = template.filter(|_| matches!(group, "apps" | "batch")) {
        pod(spec);
    }
}

/// Sets what a map does not have.
fn default(map: &mut Json, given: Json) {
    let (Some(map), Json::Object(given)) = (map.as_object_mut(), given) else { return };
    for (key, value) in given {
        map.entry(key).or_insert(value);
    }
}

fn list<'j>(map: &'j mut Json, key: &str) -> impl Iterator<Item = &'j mut Json> {
    map.get_mut(key).and_then(Json::as_array_mut).into_iter().flatten()
}

fn containers(spec: &mut Json) -> impl Iterator<Item = &mut Json> {
    let lists = spec.as_object_mut().into_iter().flatten();
    let lists =
        lists.filter(|(key, _)| matches!(key.as_str(), "containers" | "initContainers" | "ephemeralContainers"));
    lists.filter_map(|(_, list)| list.as_array_mut()).flatten()
}

fn pod(spec: &mut Json) {
    default(spec, json!({"restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "securityContext": {}}));
    default(spec, json!({"schedulerName": "default-scheduler", "terminationGracePeriodSeconds": 30}));
    default(spec, json!({"enableServiceLinks": true}));
    for volume in list(spec, "volumes") {
        for kind in ["configMap", "secret", "projected", "downwardAPI"] {
            if let Some(volume) = volume.get_mut(kind) {
                default(volume, json!({"defaultMode": 0o644}));
            }
        }
    }
    for container in containers(spec) {
        let image = container.get("image").and_then(Json::as_str).unwrap_or_default();
        let last = image.rsplit('/').next().unwrap_or_default();
        let is_latest = !image.contains('@') && last.split_once(':').is_none_or(|(_, tag)| tag == "latest");
        let pull = if is_latest { "Always" } else { "IfNotPresent" };
        default(container, json!({"imagePullPolicy": pull, "resources": {}}));
        default(
            container,
            json!({"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}),
        );
        for port in list(container, "ports") {
            default(port, json!({"protocol": "TCP"}));
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            let Some(probe) = container.get_mut(probe) else { continue };
            default(probe, json!({"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1}));
            default(probe, json!({"failureThreshold": 3}));
            if let Some(get) = probe.get_mut("httpGet") {
                default(get, json!({"path": "/", "scheme": "HTTP"}));
            }
        }
    }
}

/// A request that is not given is what the limit is.
fn requests(container: &mut Json) {
    let Some(resources) = below(container, "resources") else { return };
    let Some(limits) = resources.get("limits").cloned() else { return };
    default(resources.entry("requests").or_insert_with(|| json!({})), limits);
}

fn service(spec: &mut Json) {
    default(spec, json!({"type": "ClusterIP", "sessionAffinity": "None"}));
    let kind = spec["type"].as_str().unwrap_or_default().to_owned();
    if kind != "ExternalName" {
        default(spec, json!({"internalTrafficPolicy": "Cluster"}));
    }
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") {
        default(spec, json!({"externalTrafficPolicy": "Cluster"}));
    }
    if kind == "LoadBalancer" {
        default(spec, json!({"allocateLoadBalancerNodePorts": true}));
    }
    for port in list(spec, "ports") {
        let own = port["port"].clone();
        default(port, json!({"protocol": "TCP", "targetPort": own}));
    }
}

fn update(spec: &mut Json, key: &str, rolling: &Json) {
    default(spec, json!({key: {}}));
    let Some(strategy) = spec.get_mut(key) else { return };
    default(strategy, json!({"type": "RollingUpdate"}));
    if strategy["type"] == "RollingUpdate" {
        default(strategy, json!({"rollingUpdate": {}}));
        if let Some(own) = strategy.get_mut("rollingUpdate") {
            default(own, rolling.clone());
        }
    }
}

fn job(spec: &mut Json) {
    if spec.get("completions").is_none() && spec.get("parallelism").is_none() {
        default(spec, json!({"completions": 1}));
    }
    default(spec, json!({"parallelism": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": false}));
    default(spec, json!({"podReplacementPolicy": "TerminatingOrFailed"}));
}

/// The owner of pods that a workload makes, and the labels that it gives them. The values are made up.
pub(super) fn own(pod: &mut Json, kind: &str, name: &str) {
    let (group, owner) = match kind {
        "Deployment" => ("apps/v1", "ReplicaSet"),
        "CronJob" | "Job" => ("batch/v1", "Job"),
        "ReplicationController" => ("v1", kind),
        _ => ("apps/v1", kind),
    };
    let labels: &[&str] = match kind {
        "Deployment" => &["pod-template-hash"],
        "StatefulSet" => {
            &["controller-revision-hash", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"]
        }
        "DaemonSet" => &["controller-revision-hash", "pod-template-generation"],
        "Job" | "CronJob" => {
            &["job-name", "batch.kubernetes.io/job-name", "controller-uid", "batch.kubernetes.io/controller-uid"]
        }
        _ => &[],
    };
    let name = if matches!(kind, "Deployment" | "CronJob") { format!("{name}-0") } else { name.to_owned() };
    let Some(metadata) = below(pod, "metadata") else { return };
    let owner = json!({
        "apiVersion": group, "kind": owner, "name": name, "uid": "0", "controller": true, "blockOwnerDeletion": true,
    });
    metadata.insert("ownerReferences".to_owned(), json!([owner]));
    let own = metadata.entry("labels").or_insert_with(|| json!({}));
    for label in labels {
        default(own, json!({*label: "0"}));
    }
}

/// The map under a key, made if there is nothing; none where something else stands.
pub(super) fn below<'j>(json: &'j mut Json, key: &str) -> Option<&'j mut Map<String, Json>> {
    json.as_object_mut()?.entry(key).or_insert_with(|| json!({})).as_object_mut()
}
