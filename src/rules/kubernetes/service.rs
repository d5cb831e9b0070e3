//! Ports of Services.

use crate::check::{Node, Report, View, rule};

rule! {
    SERVICE = Error "kubernetes/service";
    summary: "a service whose ports the API server refuses";
    explanation: "Where a Service has several ports, each has a name of its own. A `nodePort` lies between 30000 and 32767, unless the API server is told otherwise, which EKS does not let one do (<https://kubernetes.io/docs/concepts/services-networking/service/>).";
    wrong: "
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {ports: [{name: http, port: 80}, {port: 443}]}
    ";
    right: "
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: web}
        spec: {ports: [{name: http, port: 80}, {name: https, port: 443}]}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for service in view.objects_of("", "Service") {
        let ports = service.root().list(["spec", "ports"]);
        for (at, port) in ports.iter().enumerate() {
            let name = port.get("name");
            let is_named = name.as_ref().is_some_and(|name| name.text() != Some(""));
            let same = |other: &&Node<'_>| is_named && other.text_at(["name"]) == port.text_at(["name"]);
            if ports.len() > 1 && !is_named {
                report
                    .at(&SERVICE, port, "a port without a name among several")
                    .help("give each port of a Service with several a name");
            } else if let (Some(name), Some(other)) = (&name, ports[..at].iter().find(same)) {
                report
                    .at(&SERVICE, name, format!("two ports have the name `{}`", name.text().unwrap_or_default()))
                    .also(other, "the other one")
                    .help("give one of them another name");
            }
            node_port(port, report);
        }
    }
}

fn node_port(port: &Node<'_>, report: &mut Report) {
    let Some(node) = port.get("nodePort") else { return };
    // 0 leaves it to Kubernetes.
    if let Some(number) = node.integer().filter(|number| *number != 0 && !(30000..=32767).contains(number)) {
        report
            .at(&SERVICE, &node, format!("{number} cannot be the port of a node"))
            .label("only 30000 to 32767")
            .help("choose another, or leave it out: Kubernetes finds a free one");
    }
}
