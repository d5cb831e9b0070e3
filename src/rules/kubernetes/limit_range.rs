//! Limit ranges of a namespace, and containers that they keep out.

use super::resources::{amount, text};
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};
use crate::schema::Quantity;

rule! {
    LIMIT_RANGE = Error "kubernetes/limit-range";
    summary: "a container outside of its namespace's limit range, or a range that contradicts itself";
    explanation: "Kubernetes refuses a pod with a container that may have more than the range's `max`, or asks for less than its `min`. A container without a limit gets the range's `default`, and is refused as well if it requests more than that. A range whose `default` is above its `max`, for example, is refused itself. One that gives each container more than the whole namespace may have by its ResourceQuota keeps out every pod that says nothing itself; mostly an `m` is missing. A workload is applied all the same: its pods never appear.";
    wrong: "
        --- # range.yaml
        apiVersion: v1
        kind: LimitRange
        metadata: {name: tier, namespace: web}
        spec: {limits: [{type: Container, default: {memory: 128Mi}, max: {memory: 2Gi}}]}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {containers: [{name: web, image: 'example.com/web:1', resources: {requests: {memory: 256Mi}}}]}
    ";
    right: "
        --- # range.yaml
        apiVersion: v1
        kind: LimitRange
        metadata: {name: tier, namespace: web}
        spec: {limits: [{type: Container, default: {memory: 128Mi}, max: {memory: 2Gi}}]}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {containers: [{name: web, image: 'example.com/web:1', resources: {requests: {memory: 256Mi}, limits: {memory: 256Mi}}}]}
    ";
}

/// Pairs of a range's amounts of which the first may not be above the second, as the API server judges
/// (`ValidateLimitRange` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>).
const ORDERED: [(&str, &str); 6] = [
    ("min", "max"),
    ("min", "defaultRequest"),
    ("min", "default"),
    ("defaultRequest", "max"),
    ("defaultRequest", "default"),
    ("default", "max"),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for range in view.objects_of("", "LimitRange").filter(|it| !view.is_transformed(it)) {
        let limits = items(range);
        for limit in &limits {
            contradictions(limit, report);
        }
        for limit in limits.iter().filter(|limit| limit.text_at(["type"]) == Some("Container")) {
            against_quota(view, range, limit, report);
        }
        let others = view.objects_of("", "LimitRange").filter(|it| view.are_near(it, range)).count();
        for limit in limits.iter().filter(|limit| limit.text_at(["type"]) == Some("Container")) {
            for workload in view.objects().iter().filter(|it| view.are_near(it, range) && !view.is_transformed(it)) {
                // Where pods have resources of their own, containers need none.
                if workload.pod_template().is_some_and(|pod| pod.at(["spec", "resources"]).is_none()) {
                    for container in workload.containers() {
                        of_container(&container, limit, others == 1, report);
                    }
                }
            }
        }
        for claim in view.objects_of("", "PersistentVolumeClaim").filter(|it| view.are_near(it, range)) {
            let wanted = claim.root().at(["spec", "resources", "requests", "storage"]);
            let Some((wanted, limit)) = wanted.zip(limits.iter().find(|it| it.text_at(["type"]) == Some(claim.kind)))
            else {
                continue;
            };
            above("storage", &wanted, limit.at(["max", "storage"]), report);
            below("storage", &wanted, limit.at(["min", "storage"]), report);
        }
    }
}

fn items<'a>(range: &Object<'a>) -> Vec<Node<'a>> {
    range.root().list(["spec", "limits"])
}

/// What containers of a namespace get that say nothing: a request or a limit of a resource.
pub(super) fn default(view: &View<'_>, workload: &Object<'_>, resource: &str, is_limit: bool) -> Option<Quantity> {
    // A range without these takes them from each other (`SetDefaults_LimitRangeItem`).
    let keys: &[&str] = if is_limit { &["default", "max"] } else { &["defaultRequest", "default", "max", "min"] };
    let ranges = view.objects_of("", "LimitRange").filter(|range| view.are_near(range, workload));
    let limits = ranges.flat_map(items).filter(|limit| limit.text_at(["type"]) == Some("Container"));
    limits.into_iter().find_map(|limit| keys.iter().find_map(|key| amount(&limit.at([key, resource])?)))
}

fn contradictions(limit: &Node<'_>, report: &mut Report) {
    for (less, more) in ORDERED {
        for (resource, low) in limit.get(less).iter().flat_map(Node::entries) {
            let Some(high) = limit.at([more, resource]) else { continue };
            if let (Some(a), Some(b)) = (amount(&low), amount(&high))
                && a > b
            {
                let (a, b) = (written(&low), written(&high));
                report
                    .at(&LIMIT_RANGE, &low, format!("`{less}` of {resource} is {a}, and `{more}` is {b}"))
                    .label(format!("above `{more}`"))
                    .also(&high, "may not be lower")
                    .help("order them: `min`, `defaultRequest`, `default`, `max`");
            }
        }
    }
}

/// What a container gets that says nothing, and what the quota of the namespace has for all of them.
fn against_quota(view: &View<'_>, range: &Object<'_>, limit: &Node<'_>, report: &mut Report) {
    let is_all = |quota: &&Object<'_>| {
        let spec = quota.root().get("spec");
        spec.is_some_and(|spec| spec.get("scopes").is_none() && spec.get("scopeSelector").is_none())
    };
    let near = |it: &&Object<'_>| range.namespace.is_some() && view.are_near(it, range) && !view.is_transformed(it);
    for quota in view.objects_of("", "ResourceQuota").filter(near).filter(is_all) {
        let hard = quota.root().at(["spec", "hard"]);
        for (name, most) in hard.iter().flat_map(Node::entries) {
            let (keys, resource): (&[&str], _) = match name.split_once('.') {
                Some(("requests", resource)) => (&["defaultRequest", "default"], resource),
                Some(("limits", resource)) => (&["default"], resource),
                _ => (&["defaultRequest", "default"], name),
            };
            let given = keys.iter().find_map(|key| limit.at([key, resource]));
            if let (Some(given), "cpu" | "memory") = (given, resource)
                && let (Some(a), Some(b)) = (amount(&given), amount(&most))
                && b > Quantity::default()
                && a > b
            {
                let (a, b) = (written(&given), written(&most));
                report
                    .at(&LIMIT_RANGE, &given, format!("a container gets {a} of {resource}, and its namespace has {b}"))
                    .label("every pod that says nothing itself is refused")
                    .also(&most, "for all pods together")
                    .help("lower the default, or look at its unit");
            }
        }
    }
}

fn of_container(container: &Node<'_>, limit: &Node<'_>, is_only: bool, report: &mut Report) {
    for resource in ["cpu", "memory"] {
        let (request, own) =
            (container.at(["resources", "requests", resource]), container.at(["resources", "limits", resource]));
        if let Some(wanted) = own.as_ref().or(request.as_ref()) {
            above(resource, wanted, limit.at(["max", resource]), report);
        }
        if let Some(wanted) = request.as_ref().or(own.as_ref()) {
            below(resource, wanted, limit.at(["min", resource]), report);
        }
        let given = limit.at(["default", resource]);
        if let (Some(request), None, Some(given), true) = (&request, &own, &given, is_only)
            && let (Some(a), Some(b)) = (amount(request), amount(given))
            && a > b
        {
            let (a, b) = (written(request), written(given));
            report
                .at(&LIMIT_RANGE, request, format!("{a} of {resource} are requested, and the limit becomes {b}"))
                .label("no limit stands beside it")
                .also(given, "what containers without a limit get")
                .help(format!("give the container a limit of {a} or more"));
        }
    }
}

fn written(amount: &Node<'_>) -> String {
    text(amount).unwrap_or_default()
}

fn above(resource: &str, wanted: &Node<'_>, most: Option<Node<'_>>, report: &mut Report) {
    let Some(most) = most else { return };
    if let (Some(a), Some(b)) = (amount(wanted), amount(&most))
        && a > b
    {
        let message = format!("{} of {resource} are more than the namespace's range allows", written(wanted));
        report.at(&LIMIT_RANGE, wanted, message).also(&most, "at most").help("lower it, or raise the range's `max`");
    }
}

fn below(resource: &str, wanted: &Node<'_>, least: Option<Node<'_>>, report: &mut Report) {
    let Some(least) = least else { return };
    if let (Some(a), Some(b)) = (amount(wanted), amount(&least))
        && a < b
    {
        let message = format!("{} of {resource} are less than the namespace's range demands", written(wanted));
        report.at(&LIMIT_RANGE, wanted, message).also(&least, "at least").help("raise it, or lower the range's `min`");
    }
}
