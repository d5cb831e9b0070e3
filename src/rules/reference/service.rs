//! Services behind an ingress, and the accounts of pods.

use std::collections::BTreeSet;

use super::{Target, judge, may_be_there};
use crate::check::k8s::Object;
use crate::check::{Draft, Node, Report, View, rule};
use crate::finding::{Rule, suggest};
use crate::rules::near::only_near;

rule! {
    SERVICE = Error "reference/service";
    summary: "an ingress leads to a service, or a port of it, that is not there";
    explanation: "An ingress finds its service by name in its own namespace, and the port by number or name as the service has it. Where either is missing, the load balancer answers with an error. Services are judged in namespaces that hold nothing but what stands in the tree; ports of every service that does. A service that is not there is a warning if none of the tree is left that could be meant.";
    wrong: "
        --- # ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: web}
        spec: {defaultBackend: {service: {name: web, port: {number: 8080}}}}
        --- # service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
    ";
    right: "
        --- # ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: web}
        spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
        --- # service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
    ";
}

rule! {
    SERVICE_ACCOUNT = Error "reference/service-account";
    summary: "pods of a service account that the tree does not have";
    explanation: "Kubernetes refuses pods of a service account that does not exist: the workload is applied, and its pods never appear. This is judged in namespaces that hold nothing but what stands in the tree, and service accounts among it.";
    wrong: "
        --- # account.yaml
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: web, namespace: web}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {serviceAccountName: webs, containers: [{name: web, image: 'example.com/web:1'}]}
    ";
    right: "
        --- # account.yaml
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: web, namespace: web}
        --- # pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {serviceAccountName: web, containers: [{name: web, image: 'example.com/web:1'}]}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for ingress in view.objects_of("networking.k8s.io", "Ingress") {
        let Some(spec) = ingress.root().get("spec") else { continue };
        let paths = spec.list(["rules"]).into_iter().filter_map(|rule| rule.at(["http", "paths"]));
        let backends = paths.flat_map(|paths| paths.items()).filter_map(|path| path.at(["backend", "service"]));
        for backend in spec.at(["defaultBackend", "service"]).into_iter().chain(backends) {
            service(view, ingress, &backend, report);
        }
    }
    for object in view.objects() {
        let name = object.pod_template().and_then(|pod| pod.at(["spec", "serviceAccountName"]));
        if let Some(name) = name.filter(|name| !name.text().is_some_and(is_everywhere))
            && view.holds_all_of(object.namespace)
        {
            let target = Target { group: "", kind: "ServiceAccount", namespace: object.namespace };
            within(view, &SERVICE_ACCOUNT, &target, &name, report);
        }
    }
}

/// Accounts that Kubernetes, and `OpenShift`, put into every namespace.
pub(super) fn is_everywhere(account: &str) -> bool {
    matches!(account, "default" | "builder" | "deployer" | "pipeline")
}

/// Judges a name in a namespace that the tree holds all of. Where the tree has none of the kind there, a namesake in
/// another namespace is most likely the one that was meant.
fn within<'r>(
    view: &View<'_>,
    rule: &'static Rule,
    target: &Target<'_>,
    name: &Node<'_>,
    report: &'r mut Report,
) -> Option<&'r mut Draft> {
    let wanted = name.text()?;
    let objects = || view.objects_of(target.group, target.kind);
    let namesake = objects().find(|it| it.name == Some(wanted));
    match (namesake, namesake.and_then(|it| it.namespace), target.namespace) {
        (Some(namesake), Some(other), Some(own))
            if other != own
                && objects().all(|it| it.namespace != target.namespace)
                && !may_be_there(view, target, wanted) =>
        {
            report
                .at(rule, name, format!("there is no {} `{wanted}` in `{own}`", target.kind))
                .also(namesake.name_node(), format!("this one is in the namespace `{other}`"))
                .help("put both into one namespace");
            None
        }
        _ => judge(view, rule, target, name, report),
    }
}

/// Whether a service of the tree is most likely the one that an ingress means: by a name like it, or because nothing else
/// leads to it.
fn is_meant(view: &View<'_>, ingress: &Object<'_>, name: &Node<'_>) -> bool {
    let near = |it: &&Object<'_>| view.are_near(it, ingress);
    let services: Vec<_> = view.objects_of("", "Service").filter(near).collect();
    let wanted = name.text().unwrap_or_default();
    if suggest::nearest(wanted, services.iter().filter_map(|it| it.name)).is_some() {
        return true;
    }
    let mut named = BTreeSet::new();
    for ingress in view.objects_of("networking.k8s.io", "Ingress").filter(near) {
        ingress.root().walk(&mut |node| {
            named.extend(node.text_at(["service", "name"]));
        });
    }
    let is_inner =
        |it: &Object<'_>| !matches!(it.root().text_at(["spec", "type"]), Some("LoadBalancer" | "ExternalName"));
    services.iter().any(|it| is_inner(it) && it.name.is_some_and(|name| !named.contains(name)))
}

/// Judges a name where others may make services, too: it is nearly one that is known, or a chart was told another one, to which
/// nothing leads now.
fn of_others(view: &View<'_>, ingress: &Object<'_>, name: &Node<'_>, report: &mut Report) {
    let Some(wanted) = name.text().filter(|_| ingress.namespace.is_some()) else { return };
    if view.is_outside("services", ingress.namespace, wanted) {
        return;
    }
    let here = || view.objects_of("", "Service").filter(|it| it.namespace == ingress.namespace);
    let mut told: Vec<(&str, Node<'_>)> = Vec::new();
    for release in view.releases().iter().filter(|it| it.namespace == ingress.namespace) {
        for values in &release.values {
            let names = values.under("service").filter_map(|it| it.get("name"));
            told.extend(names.filter(|it| it.text().is_some()).map(|it| (release.name, it)));
        }
    }
    if told.iter().any(|(_, node)| node.text() == Some(wanted)) {
        return;
    }
    let known = || here().filter_map(|it| it.name).chain(told.iter().filter_map(|(_, node)| node.text()));
    let message = format!("there is no Service `{wanted}` in `{}`", ingress.namespace.unwrap_or_default());
    if let Some(near) = only_near(wanted, known()) {
        let draft = report.at(&SERVICE, name, message).label("nothing answers here");
        let place = here().find(|it| it.name == Some(near)).map(Object::name_node);
        let place = place.or_else(|| told.iter().find(|(_, node)| node.text() == Some(near)).map(|(_, node)| *node));
        if let Some(place) = place {
            draft.also(place, "this one is there");
        }
        draft.help(format!("did you mean `{near}`?"));
        return;
    }
    let is_used = |service: &str| {
        let mut ingresses =
            view.objects_of("networking.k8s.io", "Ingress").filter(|it| it.namespace == ingress.namespace);
        ingresses.any(|it| it.root().under("service").any(|it| it.text_at(["name"]) == Some(service)))
    };
    let begin = |name: &'_ str| name.split('-').next().unwrap_or_default().to_owned();
    let free = told.iter().find(|(release, node)| {
        let own = node.text().unwrap_or_default();
        wanted.starts_with(release) && begin(own) == begin(wanted) && !is_used(own)
    });
    if let Some((release, node)) = free {
        report
            .at(&SERVICE, name, message)
            .warning()
            .label("as far as the tree tells")
            .also(node, format!("the chart of `{release}` calls its service so, and no ingress leads to it"))
            .help(format!("did you mean `{}`?", node.text().unwrap_or_default()));
    }
}

fn service(view: &View<'_>, ingress: &Object<'_>, backend: &Node<'_>, report: &mut Report) {
    let Some(name) = backend.get("name") else { return };
    let is_it = |it: &&Object<'_>| view.are_near(it, ingress) && it.name.is_some() && it.name == name.text();
    let Some(found) = view.objects_of("", "Service").find(is_it) else {
        // The AWS Load Balancer Controller takes names of its own annotations here.
        let is_annotation = backend.text_at(["port", "name"]) == Some("use-annotation");
        if !is_annotation && view.holds_all_of(ingress.namespace) && !view.is_moved(ingress) {
            let target = Target { group: "", kind: "Service", namespace: ingress.namespace };
            if let Some(draft) =
                within(view, &SERVICE, &target, &name, report).filter(|_| !is_meant(view, ingress, &name))
            {
                draft.warning();
            }
        } else if !is_annotation && !view.is_moved(ingress) {
            of_others(view, ingress, &name, report);
        }
        return;
    };
    if view.is_transformed(found) {
        return;
    }
    let ports: Vec<Node<'_>> = found.root().list(["spec", "ports"]);
    for (key, of_port) in [("number", "port"), ("name", "name")] {
        let Some(wanted) = backend.at(["port", key]) else { continue };
        if !ports.is_empty() && !ports.iter().any(|port| port.get(of_port).is_some_and(|it| it.value == wanted.value)) {
            let service = name.text().unwrap_or_default();
            let draft = report.at(&SERVICE, &wanted, format!("the service `{service}` has no such port"));
            let (word, first) = (if ports.len() == 1 { "its port" } else { "its ports" }, &ports[0]);
            draft.also(&first.get(of_port).unwrap_or(*first), word);
            let leads = |port: &&Node<'_>| port.get("targetPort").is_some_and(|it| it.value == wanted.value);
            let own = ports.iter().find(leads).and_then(|port| port.get("port")).and_then(|port| port.integer());
            match own {
                Some(own) => draft.help(format!("that is a port of its pods: write `number: {own}`")),
                None => draft.help("name a port of the service, not of its pods"),
            };
        }
    }
}
