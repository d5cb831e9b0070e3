//! Quotas of a namespace, and what does not fit in.

use super::limit_range::default;
use super::resources::{amount, shown};
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};
use crate::schema::Quantity;

rule! {
    QUOTA = Error "kubernetes/quota";
    summary: "a namespace's quota does not admit what the tree puts there";
    explanation: "A ResourceQuota bounds the sum of what all pods of the namespace request, and counts pods, claims and services of some types. What goes beyond is refused: the workload is applied, and its last pods never appear. Where a quota bounds CPU or memory, every container must say how much it wants, itself or by a LimitRange's default; that is judged in namespaces that hold nothing but what stands in the tree. Pods are counted by `replicas`, an autoscaler's least, or one; those of jobs and DaemonSets are not.";
    wrong: "
        --- # quota.yaml
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: tier, namespace: web}
        spec: {hard: {requests.memory: 2Gi}}
        --- # web.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: 'example.com/web:1', resources: {requests: {memory: 1Gi}}}]}
    ";
    right: "
        --- # quota.yaml
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: tier, namespace: web}
        spec: {hard: {requests.memory: 4Gi}}
        --- # web.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: web}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: 'example.com/web:1', resources: {requests: {memory: 1Gi}}}]}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for quota in view.objects_of("", "ResourceQuota").filter(|it| !view.is_transformed(it)) {
        let root = quota.root();
        // A quota with scopes is for some of the pods only.
        if root.at(["spec", "scopes"]).is_some() || root.at(["spec", "scopeSelector"]).is_some() {
            continue;
        }
        let hard = root.at(["spec", "hard"]).map(|hard| hard.entries()).unwrap_or_default();
        for (resource, limit) in &hard {
            sum(view, quota, resource, limit, report);
        }
        demanded(view, quota, &hard, report);
        undefaulted(view, quota, &hard, report);
    }
}

/// Whether all that the tree puts into the namespace is more than the quota admits.
fn sum(view: &View<'_>, quota: &Object<'_>, resource: &str, limit: &Node<'_>, report: &mut Report) {
    let Some(most) = amount(limit) else { return };
    let near = view.objects().iter().filter(|it| view.are_near(it, quota) && !view.is_transformed(it));
    let mut users: Vec<_> = near.filter_map(|it| Some((it, used(view, it, resource)?))).collect();
    users.retain(|(_, used)| *used > zero());
    let Some(total) = users.iter().try_fold(zero(), |sum, (_, used)| sum.plus(used)).filter(|total| *total > most)
    else {
        return;
    };
    users.sort_by(|(_, a), (_, b)| b.cmp(a));
    let (total, most) = (shown(resource, &total), shown(resource, &most));
    let draft =
        report.at(&QUOTA, limit, format!("the quota admits {most} of `{resource}`, and the tree wants {total}"));
    for (object, used) in users.iter().take(4) {
        draft.also(object.name_node(), format!("`{}` wants {}", object.subject(), shown(resource, used)));
    }
    draft.help("raise the quota, or want less");
}

fn zero() -> Quantity {
    Quantity::default()
}

fn one() -> Option<Quantity> {
    Quantity::parse("1")
}

/// How much an object takes of what a quota bounds.
fn used(view: &View<'_>, object: &Object<'_>, resource: &str) -> Option<Quantity> {
    let root = object.root();
    let kind = root.text_at(["spec", "type"]);
    match resource {
        "pods" | "count/pods" => one()?.times(pods(view, object)?),
        "services.loadbalancers" if object.is("", "Service") && kind == Some("LoadBalancer") => one(),
        "services.nodeports" if object.is("", "Service") && kind == Some("NodePort") => {
            let ports = root.at(["spec", "ports"]).map(|ports| ports.items().len()).unwrap_or_default();
            one()?.times(ports.try_into().ok()?)
        }
        "persistentvolumeclaims" if object.is("", "PersistentVolumeClaim") => one(),
        "requests.storage" if object.is("", "PersistentVolumeClaim") => {
            amount(&root.at(["spec", "resources", "requests", "storage"])?)
        }
        _ => {
            let (name, is_limit) = bounded(resource)?;
            of_pod(view, object, name, is_limit)?.times(pods(view, object)?)
        }
    }
}

/// CPU or memory, and whether it is limits that are bounded.
fn bounded(resource: &str) -> Option<(&str, bool)> {
    let (name, is_limit) = match resource.split_once('.') {
        Some(("requests", name)) => (name, false),
        Some(("limits", name)) => (name, true),
        _ => (resource, false),
    };
    matches!(name, "cpu" | "memory").then_some((name, is_limit))
}

/// The fewest pods that a workload has when nothing is wrong.
fn pods(view: &View<'_>, workload: &Object<'_>) -> Option<i64> {
    match (workload.group, workload.kind) {
        ("", "Pod") => Some(1),
        ("apps", "Deployment" | "StatefulSet" | "ReplicaSet") if view.is_scaled(workload) => Some(1),
        ("apps", "Deployment" | "StatefulSet" | "ReplicaSet") => {
            workload.root().at(["spec", "replicas"]).map_or(Some(1), |replicas| replicas.integer())
        }
        _ => None,
    }
}

/// What the containers of one pod want together.
fn of_pod(view: &View<'_>, workload: &Object<'_>, resource: &str, is_limit: bool) -> Option<Quantity> {
    let spec = workload.pod_template()?.get("spec")?;
    if spec.get("resources").is_some() {
        return None;
    }
    let containers = spec.get("containers")?.items();
    let wanted = containers.iter().filter_map(|it| effective(view, workload, it, resource, is_limit));
    wanted.into_iter().try_fold(zero(), |sum, it| sum.plus(&it))
}

/// A container's request or limit, with what it gets if it says nothing.
fn effective(
    view: &View<'_>,
    workload: &Object<'_>,
    container: &Node<'_>,
    resource: &str,
    is_limit: bool,
) -> Option<Quantity> {
    let own = |kind: &str| container.at(["resources", kind, resource]);
    let said = if is_limit { own("limits") } else { own("requests").or_else(|| own("limits")) };
    match said {
        Some(said) => amount(&said),
        None => default(view, workload, resource, is_limit),
    }
}

/// What the quota bounds and the namespace's ranges give no default for: they are there for pods that say nothing.
fn undefaulted(view: &View<'_>, quota: &Object<'_>, hard: &[(&str, Node<'_>)], report: &mut Report) {
    let has_pods = |object: &Object<'_>| view.are_near(object, quota) && object.pod_template().is_some();
    let is_of_containers = |range: &Object<'_>| {
        let limits = range.root().list(["spec", "limits"]);
        limits.iter().any(|limit| limit.text_at(["type"]) == Some("Container") && limit.get("default").is_some())
    };
    let mut ranges = view.objects_of("", "LimitRange").filter(|range| view.are_near(range, quota));
    let Some(range) = ranges.find(|range| is_of_containers(range)) else { return };
    if quota.namespace.is_none() || mutates(view) || view.objects().iter().any(has_pods) {
        return;
    }
    for (resource, limit) in hard {
        let Some((name, is_limit)) = bounded(resource) else { continue };
        if default(view, quota, name, is_limit).is_some() || view.is_transformed(range) {
            continue;
        }
        let what = if is_limit { "limit" } else { "request" };
        let draft = report.at(
            &QUOTA,
            limit,
            format!("pods that set no {what} of {name} are refused in `{}`", quota.namespace.unwrap_or_default()),
        );
        draft.warning().label(format!("the quota bounds `{resource}`"));
        draft.also(range.name_node(), format!("this gives no default for a {what} of {name}"));
        draft.help(format!("add a default of {name} to the LimitRange, or leave `{resource}` out of the quota"));
    }
}

/// Containers that do not say how much they want of what the quota bounds.
fn demanded(view: &View<'_>, quota: &Object<'_>, hard: &[(&str, Node<'_>)], report: &mut Report) {
    let near = |object: &&Object<'_>| view.are_near(object, quota) && object.pod_template().is_some();
    if !view.holds_all_of(quota.namespace) || mutates(view) {
        return;
    }
    for workload in view.objects().iter().filter(near) {
        if workload.pod_template().is_some_and(|pod| pod.at(["spec", "resources"]).is_some()) {
            continue;
        }
        for container in workload.containers() {
            let is_missing = |(resource, _): &&(&str, Node<'_>)| {
                bounded(resource).is_some_and(|(name, is_limit)| {
                    let own = container.at(["resources", if is_limit { "limits" } else { "requests" }, name]);
                    own.is_none() && effective(view, workload, &container, name, is_limit).is_none()
                })
            };
            let missing: Vec<_> = hard.iter().filter(is_missing).collect();
            let Some((_, limit)) = missing.first() else { continue };
            let names: Vec<&str> = missing.iter().map(|(resource, _)| *resource).collect();
            let names = names.join("` and `");
            let name = container.text_at(["name"]).unwrap_or_default();
            let place = container.get("resources").unwrap_or(container);
            report
                .at(&QUOTA, &place, format!("the container `{name}` says nothing of `{names}`, which a quota bounds"))
                .label("pods like this are refused")
                .also(limit, format!("the quota of `{}`", quota.namespace.unwrap_or("default")))
                .help("set it in the container's `resources`, or give the namespace a LimitRange with a default");
        }
    }
}

/// Whether a policy of the tree may fill in what containers leave out.
fn mutates(view: &View<'_>) -> bool {
    let has_rule = |policy: &Object<'_>| {
        policy.root().list(["spec", "rules"]).into_iter().any(|rule| rule.get("mutate").is_some())
    };
    view.objects_of("policies.kyverno.io", "MutatingPolicy").next().is_some()
        || view.objects_of("kyverno.io", "ClusterPolicy").chain(view.objects_of("kyverno.io", "Policy")).any(has_rule)
}
