//! Selectors that select nothing, and ports that no pod has.

use super::words::is_written;
use crate::check::k8s::{Object, has_labels, selects};
use crate::check::{Node, Report, View, rule};

rule! {
    SELECTOR = Error "kubernetes/selector";
    summary: "a selector that selects none of the pods it is for";
    explanation: "Kubernetes refuses a workload whose selector does not fit its own pods. A service or a disruption budget with such a selector is taken, and has no effect: requests go nowhere, and all pods may be evicted at once. Nor does a spread constraint that counts other pods than its own. Services and budgets are judged in namespaces that hold nothing but what stands in the tree, and some pods among it. Where all pods of the tree have a service of their own, another one is a warning, since its pods may come from elsewhere. An object that names no namespace, for pods that do, is a warning where nothing in the tree gives it one.";
    wrong: "
        --- # service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {selector: {app: website}, ports: [{port: 80}]}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web, labels: {app: web}}
        spec: {containers: [{name: web, image: 'example.com/web:1'}]}
    ";
    right: "
        --- # service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web, labels: {app: web}}
        spec: {containers: [{name: web, image: 'example.com/web:1'}]}
    ";
}

rule! {
    TARGET_PORT = Error "kubernetes/target-port";
    summary: "a service leads to a port by a name that its pods do not have";
    explanation: "A `targetPort` may be a name: that of a port of the pods' containers. Where no container has a port of this name, the service has no endpoints. A number needs no declared port; where all containers of the pods declare ports and it is none of them, it is a warning.";
    wrong: "
        --- # service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: web}]}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web, labels: {app: web}}
        spec: {containers: [{name: web, image: 'example.com/web:1', ports: [{name: http, containerPort: 8080}]}]}
    ";
    right: "
        --- # service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web, labels: {app: web}}
        spec: {containers: [{name: web, image: 'example.com/web:1', ports: [{name: http, containerPort: 8080}]}]}
    ";
}

/// Workloads and their own pods.
pub(super) fn check_own(view: &View<'_>, report: &mut Report) {
    for workload in view.objects().iter().filter(|it| !view.is_transformed(it)) {
        of_workload(workload, report);
    }
}

/// What is selected among the workloads of the tree.
pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for service in view.objects_of("", "Service").filter(|it| !view.is_transformed(it)) {
        let Some(selector) = service.root().at(["spec", "selector"]).filter(|it| !it.entries().is_empty()) else {
            continue;
        };
        let pods = selected(view, service, &selector, |labels| has_labels(&selector, labels), report);
        // Jobs of a release have its labels as well: the pods with the ports may be a chart's.
        let is_job = |it: &&Object<'_>| it.group == "batch";
        if !pods.iter().all(is_job) || view.holds_all_of(service.namespace) {
            target_ports(service, &pods, report);
        }
    }
    for budget in view.objects_of("policy", "PodDisruptionBudget").filter(|it| !view.is_transformed(it)) {
        if let Some(selector) = budget.root().at(["spec", "selector"]) {
            selected(view, budget, &selector, |labels| selects(&selector, labels), report);
        }
    }
}

fn of_workload(workload: &Object<'_>, report: &mut Report) {
    if !matches!((workload.group, workload.kind), ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")) {
        return;
    }
    let (Some(selector), Some(pods)) = (workload.root().at(["spec", "selector"]), workload.pod_template()) else {
        return;
    };
    let labels = workload.pod_labels();
    for own in pods.list(["spec", "topologySpreadConstraints"]).into_iter().filter_map(|it| it.get("labelSelector")) {
        if !selects(&own, labels.as_ref()) {
            let draft =
                report.at(&SELECTOR, &own, format!("`{}` is spread by pods that are not its own", workload.subject()));
            draft.also(labels.as_ref().unwrap_or(&pods), "the labels of the pods");
            draft.help("count the pods themselves: every label of the selector must be one of theirs");
        }
    }
    if !selects(&selector, labels.as_ref()) {
        let subject = workload.subject();
        report
            .at(&SELECTOR, &selector, format!("the selector of `{subject}` does not select its own pods"))
            .also(labels.unwrap_or(pods), "the labels of the pods")
            .help("every label of the selector must be one of the pods'");
    }
}

/// The workloads of the tree that are selected; says so if that is none and there can be no others.
fn selected<'v, 'a>(
    view: &'v View<'a>,
    object: &Object<'a>,
    selector: &Node<'a>,
    is_selected: impl Fn(Option<&Node<'a>>) -> bool,
    report: &mut Report,
) -> Vec<&'v Object<'a>> {
    let is_near = |other: &&Object<'a>| view.are_near(other, object) && other.pod_template().is_some();
    let near: Vec<&Object<'a>> = view.objects().iter().filter(is_near).collect();
    let found: Vec<_> = near.iter().copied().filter(|it| is_selected(it.pod_labels().as_ref())).collect();
    let may_be_selected = |it: &Object<'a>| {
        it.pod_template().is_some() && view.may_live_in(it, object.namespace) && is_selected(it.pod_labels().as_ref())
    };
    if let (Some(first), true) = (near.first(), found.is_empty())
        && view.holds_all_of(object.namespace)
        && !view.objects().iter().any(may_be_selected)
    {
        let draft = report.at(&SELECTOR, selector, format!("`{}` selects none of the pods", object.subject()));
        let is_second = object.kind == "Service" && are_all_served(view, &near);
        if is_second || near.iter().any(|pods| is_marked_later(selector, pods, &near)) {
            draft.warning();
        }
        if let (Some(labels), 1) = (first.pod_labels(), near.len()) {
            draft.also(&labels, "the labels of the pods");
        }
        draft.help("every label of the selector must be one of the pods'");
    }
    if near.is_empty() {
        elsewhere(view, object, selector, is_selected, report);
    }
    found
}

/// Whether pods have all labels of a selector but some whose keys no pod has: a program may set these on pods of its own, as
/// Vault and Patroni do on the one that leads.
fn is_marked_later(selector: &Node<'_>, pods: &Object<'_>, all: &[&Object<'_>]) -> bool {
    let labels = selector.get("matchLabels").unwrap_or(*selector).entries();
    let has = |object: &Object<'_>, key: &str| object.pod_labels().is_some_and(|labels| labels.get(key).is_some());
    let own = pods.pod_labels();
    let is_one = |(key, value): &(&str, Node<'_>)| {
        own.as_ref().and_then(|own| own.get(key)).is_some_and(|it| it.value == value.value)
    };
    let is_later = |(key, _): &(&str, Node<'_>)| !all.iter().any(|object| has(object, key));
    labels.iter().any(is_one) && labels.iter().all(|label| is_one(label) || is_later(label))
}

/// Whether each workload has a service: one more is for pods that somebody else makes, as likely as not.
fn are_all_served<'a>(view: &View<'a>, workloads: &[&Object<'a>]) -> bool {
    let serves = |service: &Object<'a>, workload: &Object<'a>| {
        let selector = service.root().at(["spec", "selector"]).filter(|it| !it.entries().is_empty());
        view.are_near(service, workload) && selector.is_some_and(|it| has_labels(&it, workload.pod_labels().as_ref()))
    };
    workloads.iter().all(|workload| view.objects_of("", "Service").any(|service| serves(service, workload)))
}

/// Says so if the only pods that fit run in another namespace, where no selector finds them.
fn elsewhere<'a>(
    view: &View<'a>,
    object: &Object<'a>,
    selector: &Node<'a>,
    is_selected: impl Fn(Option<&Node<'a>>) -> bool,
    report: &mut Report,
) {
    let fits = |other: &&Object<'a>| other.pod_template().is_some() && is_selected(other.pod_labels().as_ref());
    let fitting: Vec<&Object<'a>> = view.objects().iter().filter(fits).collect();
    let [pods] = &fitting[..] else { return };
    let Some(other) = pods.namespace else { return };
    let Some(own) = object.namespace else {
        if !view.gives_namespaces() && !view.is_transformed(object) {
            let message = format!("`{}` names no namespace, and the pods that it selects do", object.subject());
            let draft = report.at(&SELECTOR, object.name_node(), message);
            draft.warning().label("applied as it is, it lands in `default`");
            draft.also(pods.name_node(), format!("these would fit, in the namespace `{other}`"));
            draft.help(format!("add `namespace: {other}` to its `metadata`"));
        }
        return;
    };
    if view.holds_all_of(Some(own)) {
        let place = object.root().at(["metadata", "namespace"]).unwrap_or(*selector);
        report
            .at(&SELECTOR, place, format!("`{}` selects none of the pods", object.subject()))
            .label("a selector finds pods of its own namespace only")
            .also(pods.name_node(), format!("these would fit, in the namespace `{other}`"))
            .help("put both into one namespace");
    }
}

fn target_ports(service: &Object<'_>, pods: &[&Object<'_>], report: &mut Report) {
    for port in service.root().list(["spec", "ports"]) {
        let Some(target) = port.get("targetPort") else { continue };
        if let Some(number) = target.integer() {
            undeclared(service, pods, (number, &target), report);
            continue;
        }
        // A number in quotes is a number to Kubernetes' users, and judged by its schema.
        let Some(name) = target.text().filter(|name| name.parse::<u16>().is_err() && is_written(name)) else {
            continue;
        };
        let has_it = |pod: &&Object<'_>| {
            pod.containers()
                .iter()
                .filter_map(|it| it.get("ports"))
                .flat_map(|it| it.items())
                .any(|it| it.text_at(["name"]).is_some_and(|own| own == name || !is_written(own)))
        };
        if !pods.is_empty() && !pods.iter().any(has_it) {
            report
                .at(&TARGET_PORT, &target, format!("no pod behind `{}` has a port `{name}`", service.subject()))
                .also(pods[0].name_node(), "makes the pods")
                .help("name a port of a container, or give its number");
        }
    }
}

/// Says of a number that it is none of the ports which all containers of the pods declare.
fn undeclared(service: &Object<'_>, pods: &[&Object<'_>], (number, target): (i64, &Node<'_>), report: &mut Report) {
    let containers: Vec<Node<'_>> = pods.iter().flat_map(|pod| pod.containers()).collect();
    let declared: Vec<Node<'_>> =
        containers.iter().flat_map(|it| it.list(["ports"])).filter_map(|it| it.get("containerPort")).collect();
    let declare_all = !containers.is_empty() && containers.iter().all(|it| !it.list(["ports"]).is_empty());
    // What a mesh adds to pods listens between these.
    if !declare_all || (15_000..15_100).contains(&number) || declared.iter().any(|it| it.integer() == Some(number)) {
        return;
    }
    let Some(first) = declared.iter().find(|it| it.integer().is_some()) else { return };
    if declared.iter().any(|it| it.integer().is_none()) {
        return;
    }
    let message = format!("no container behind `{}` declares the port {number}", service.subject());
    let draft = report.at(&TARGET_PORT, target, message);
    draft.warning().also(first, if declared.len() == 1 { "the port that is declared" } else { "one that is declared" });
    draft.help("name one that a container listens on; where it does listen on this one, declare it");
}
