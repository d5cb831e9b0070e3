//! What has to hold among the fields of what makes pods, and takes more than a row.

use super::laws::exclude;
use super::spot::{get, is_written};
use super::{FIELDS, VALUE};
use crate::check::{Node, Report};
use crate::rules::kubernetes::words::{is_qualified, is_subdomain};
use crate::value::Value;

/// An empty selector would take in every pod.
pub(super) fn selects_something(selector: &Node<'_>, report: &mut Report) {
    let has = |key: &str| get(selector, key).is_some_and(|it| !it.entries().is_empty() || !it.items().is_empty());
    if !has("matchLabels") && !has("matchExpressions") {
        report
            .at(&FIELDS, selector, "the selector selects all pods, and a workload has its own")
            .help("add a label of the template to `matchLabels`");
    }
}

/// Each label of a map is one of the pods'.
pub(super) fn selects_by_map(controller: &Node<'_>, report: &mut Report) {
    let labels = controller.at(["template", "metadata", "labels"]);
    for (key, wanted) in get(controller, "selector").iter().flat_map(Node::entries) {
        let own = labels.as_ref().and_then(|labels| labels.get(key));
        if own.as_ref().and_then(Node::text) != wanted.text() && wanted.text().is_some_and(is_written) {
            let draft = report.at(&FIELDS, &wanted, "the selector does not select the pods of the template");
            draft.also(labels.as_ref().unwrap_or(controller), "their labels");
            draft.help("every label of the selector must be one of the pods'");
        }
    }
}

/// A share of pods as a number, `25%` as 25.
fn share(node: &Node<'_>) -> Option<i64> {
    match node.value {
        Value::String(text) => text.strip_suffix('%')?.parse().ok(),
        _ => node.integer(),
    }
}

fn is_none(node: Option<&Node<'_>>, default: i64) -> Option<bool> {
    node.map_or(Some(default), share).map(|share| share == 0)
}

fn at_most_all(node: Option<&Node<'_>>, report: &mut Report) {
    let Some(node) = node else { return };
    let percent = node.text().and_then(|text| text.strip_suffix('%')).and_then(|text| text.parse::<u32>().ok());
    if let Some(percent) = percent.filter(|percent| *percent > 100) {
        report
            .at(&VALUE, node, format!("`{}` is a share, and all are `100%`", node.key().unwrap_or_default()))
            .label(format!("this is {percent} %"));
    }
}

/// Of a `Deployment`: something has to go or to come first.
pub(super) fn rolls(update: &Node<'_>, report: &mut Report) {
    let (surge, gone) = (get(update, "maxSurge"), get(update, "maxUnavailable"));
    at_most_all(gone.as_ref(), report);
    if let (Some(true), Some(true)) = (is_none(surge.as_ref(), 25), is_none(gone.as_ref(), 25)) {
        report
            .at(&FIELDS, update, "no pod may come before one goes, and none may go")
            .help("let `maxSurge` or `maxUnavailable` be more than 0");
    }
}

/// Of a `DaemonSet`: of a node's pod, either the new one comes first or the old one goes first.
pub(super) fn rolls_one_way(update: &Node<'_>, report: &mut Report) {
    let (surge, gone) = (get(update, "maxSurge"), get(update, "maxUnavailable"));
    for side in [&surge, &gone] {
        at_most_all(side.as_ref(), report);
    }
    match (is_none(surge.as_ref(), 0), is_none(gone.as_ref(), 1)) {
        (Some(true), Some(true)) => {
            report
                .at(&FIELDS, update, "no pod may come before one goes, and none may go")
                .help("let `maxSurge` or `maxUnavailable` be more than 0");
        }
        (Some(false), Some(false)) => {
            let Some(surge) = surge else { return };
            let draft = report.at(&FIELDS, &surge, "`maxSurge` goes only with `maxUnavailable: 0`");
            draft.about_key();
            match &gone {
                Some(gone) => draft.also(gone, "this lets pods go first"),
                None => draft.label("nothing is said of it, which means 1"),
            };
            draft.help("set `maxUnavailable: 0`, or leave `maxSurge` out");
        }
        _ => {}
    }
}

/// Pods are ready for a while before they count, and that ends before patience does.
pub(super) fn deadline(deployment: &Node<'_>, report: &mut Report) {
    let (ready, deadline) = (get(deployment, "minReadySeconds"), get(deployment, "progressDeadlineSeconds"));
    let ready_for = ready.as_ref().map_or(Some(0), Node::integer);
    let seconds = deadline.as_ref().map_or(Some(600), Node::integer);
    if let (Some(ready_for), Some(seconds)) = (ready_for, seconds)
        && seconds <= ready_for
        && let Some(place) = deadline.as_ref().or(ready.as_ref())
    {
        let draft = report.at(&FIELDS, place, "`progressDeadlineSeconds` must be more than `minReadySeconds`");
        if let (Some(ready), Some(_)) = (&ready, &deadline) {
            draft.also(ready, "so long a pod has to be ready");
        }
        draft.help(format!("wait longer than {ready_for} s"));
    }
}

/// A budget says what stays or what may go, of at most all.
pub(super) fn steps_back(budget: &Node<'_>, report: &mut Report) {
    for key in ["minAvailable", "maxUnavailable"] {
        at_most_all(get(budget, key).as_ref(), report);
    }
}

/// Without an instance at all something else than a pod has to call for one.
pub(super) fn scales_to_none(autoscaler: &Node<'_>, report: &mut Report) {
    let Some(least) = get(autoscaler, "minReplicas").filter(|least| least.integer() == Some(0)) else { return };
    let metrics = autoscaler.list(["metrics"]);
    if !metrics.iter().any(|metric| matches!(metric.text_at(["type"]), Some("Object" | "External"))) {
        report
            .at(&FIELDS, &least, "no replicas at all need a metric of an object or from outside")
            .help("let at least one run, or add a metric of type `External` or `Object`");
    }
}

/// All that scales but one kind is of a group.
pub(super) fn scales_of_group(autoscaler: &Node<'_>, report: &mut Report) {
    let Some(target) = get(autoscaler, "scaleTargetRef") else { return };
    let kind = target.text_at(["kind"]).unwrap_or_default();
    let api = get(&target, "apiVersion");
    let Some(text) = api.as_ref().map_or(Some(""), Node::text) else { return };
    if kind != "ReplicationController" && !text.contains('/') && [kind, text].into_iter().all(is_written) {
        let place = api.as_ref().map_or_else(|| target.place().key("apiVersion"), Node::place);
        report
            .at(&FIELDS, place, format!("`apiVersion` of the `{kind}` needs a group"))
            .help("write group and version, such as `apps/v1`");
    }
}

/// A job selects its own pods, unless it is told to leave that to you.
pub(super) fn generated(job: &Node<'_>, report: &mut Report) {
    let by_hand = get(job, "manualSelector").and_then(|it| it.boolean()) == Some(true);
    match get(job, "selector") {
        Some(selector) if !by_hand && !selector.entries().is_empty() => {
            report
                .at(&FIELDS, &selector, "a job selects its own pods, by a label that it gives them")
                .about_key()
                .help("leave `selector` out, or set `manualSelector: true`");
        }
        None if by_hand => {
            let place = job.place().key("selector");
            report.at(&FIELDS, place, "`manualSelector: true` needs a `selector`").help("add `selector`");
        }
        _ => {}
    }
}

pub(super) fn by_hand(job: &Node<'_>, report: &mut Report) {
    if let Some(manual) = get(job, "manualSelector").filter(|it| it.boolean() == Some(true)) {
        report.at(&FIELDS, &manual, "each job selects its own pods").about_key().help("leave `manualSelector` out");
    }
}

/// What is to be done about pods that fail speaks of containers that are there, and of pods that are not started again.
pub(super) fn exits_of(job: &Node<'_>, report: &mut Report) {
    let Some(policy) = get(job, "podFailurePolicy") else { return };
    let pod = job.at(["template", "spec"]);
    let lists = ["initContainers", "containers"].into_iter().filter_map(|list| pod.as_ref()?.get(list));
    let names: Vec<&str> = lists.flat_map(|list| list.items()).filter_map(|it| it.text_at(["name"])).collect();
    for rule in policy.list(["rules"]) {
        if let Some(name) = rule.at(["onExitCodes", "containerName"])
            && name.text().is_some_and(|text| !names.contains(&text) && is_written(text))
        {
            report
                .at(&FIELDS, &name, format!("the pod has no container `{}`", name.text().unwrap_or_default()))
                .help(format!("there is `{}`", names.join("`, `")));
        }
        if let Some(action) = rule.get("action").filter(|it| it.text() == Some("FailIndex"))
            && get(job, "backoffLimitPerIndex").is_none()
        {
            report
                .at(&FIELDS, &action, "`FailIndex` needs `backoffLimitPerIndex`")
                .help("add `backoffLimitPerIndex` to the job");
        }
    }
    if let Some(other) = get(job, "podReplacementPolicy").filter(|it| it.text() == Some("TerminatingOrFailed")) {
        report
            .at(&FIELDS, &other, "with `podFailurePolicy` pods are replaced when they have failed")
            .also(&policy, "looks at how they failed")
            .help("set `podReplacementPolicy: Failed`, or leave it out");
    }
    if let Some(restarts) = pod.and_then(|pod| pod.get("restartPolicy")).filter(|it| it.text() == Some("OnFailure")) {
        exclude("`podFailurePolicy`", &policy, "`restartPolicy: OnFailure`", &restarts, report);
    }
}

/// Codes in their order; none is no failure.
pub(super) fn exit_codes(exits: &Node<'_>, report: &mut Report) {
    let values = exits.list(["values"]);
    let zero = values.iter().find(|value| value.integer() == Some(0));
    if let (Some("In"), Some(zero)) = (exits.text_at(["operator"]), zero) {
        report.at(&FIELDS, zero, "0 is no failure, and `In` is for codes of failures").help("take 0 out");
    }
    let numbers: Vec<i64> = values.iter().filter_map(Node::integer).collect();
    if let (false, Some(list)) = (numbers.is_sorted(), exits.get("values")) {
        report.at(&FIELDS, &list, "the codes must stand in their order").help("sort them");
    }
}

/// A schedule says its time zone in one place.
pub(super) fn zone_once(spec: &Node<'_>, report: &mut Report) {
    let Some(schedule) = spec.get("schedule") else { return };
    let Some(text) = schedule.text().filter(|text| text.starts_with("TZ=") || text.starts_with("CRON_TZ=")) else {
        return;
    };
    let zone = text.split_once('=').and_then(|(_, rest)| rest.split_whitespace().next()).unwrap_or_default();
    report
        .at(&FIELDS, &schedule, "the time zone of a schedule stands in a field of its own")
        .help(format!("write `timeZone: {zone}`, and leave it out here"));
}

/// The form of a zone's name. Which zones there are is known to the machine that runs the API server.
pub(super) fn is_zone(text: &str) -> bool {
    let is_part = |part: &str| {
        let is_fit = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | '+');
        (1..=14).contains(&part.len())
            && part.chars().all(is_fit)
            && part != "."
            && part != ".."
            && !part.starts_with('-')
    };
    !text.eq_ignore_ascii_case("local") && text.split('/').all(is_part)
}

/// A domain and a path.
pub(super) fn is_managed_by(text: &str) -> bool {
    text.len() <= 63 && text.split_once('/').is_some_and(|(domain, path)| is_subdomain(domain) && !path.is_empty())
}

/// A group and a version, or the version of Kubernetes' first group.
pub(super) fn is_api(text: &str) -> bool {
    text.matches('/').count() <= 1
}

pub(super) fn is_lower_qualified(text: &str) -> bool {
    is_qualified(&text.to_lowercase())
}
