//! What has to hold among the fields of Services, Ingresses and network policies and takes more than a row.

use std::collections::BTreeMap;

use super::FIELDS;
use crate::check::{Node, Report};

/// Ports of a Service: each once for a protocol, and a name of its own address only where there is one.
pub(super) fn ports(service: &Node<'_>, report: &mut Report) {
    let mut taken: BTreeMap<(i64, &str), Node<'_>> = BTreeMap::new();
    let kind = service.text_at(["type"]).unwrap_or("ClusterIP");
    for port in service.list(["ports"]) {
        if let Some(number) = port.get("port")
            && let Some(value) = number.integer()
        {
            let protocol = port.text_at(["protocol"]).unwrap_or("TCP");
            if let Some(first) = taken.get(&(value, protocol)) {
                report
                    .at(&FIELDS, &number, format!("the Service has the port {value} of {protocol} twice"))
                    .also(first, "the other one")
                    .help("keep one of them");
            }
            taken.entry((value, protocol)).or_insert(number);
        }
        let node = port.get("nodePort").filter(|node| node.integer().is_some_and(|number| number != 0));
        if let (Some(node), "ClusterIP") = (node, kind) {
            report
                .at(&FIELDS, &node, "a Service of type `ClusterIP` has no port on nodes")
                .help("leave `nodePort` out, or make it a `NodePort`");
        }
    }
    let address = service.get("clusterIP").filter(|it| it.text() == Some("None"));
    if let (Some(address), "LoadBalancer" | "NodePort") = (address, kind) {
        report
            .at(&FIELDS, &address, format!("a Service of type `{kind}` needs an address of its own"))
            .label("`None` leaves it without one")
            .help("leave `clusterIP` out");
    }
    let traffic = service.get("externalTrafficPolicy").filter(|it| it.text().is_some_and(|text| !text.is_empty()));
    let is_outside = matches!(kind, "LoadBalancer" | "NodePort") || service.get("externalIPs").is_some();
    if let (Some(traffic), false) = (traffic, is_outside) {
        report
            .at(&FIELDS, &traffic, format!("a Service of type `{kind}` has no traffic from outside"))
            .help("leave `externalTrafficPolicy` out");
    }
}

/// Of an Ingress: a path begins with `/`, whatever takes it.
pub(super) fn begins_with_slash(path: &Node<'_>, report: &mut Report) {
    if !matches!(path.text_at(["pathType"]), Some("Exact" | "Prefix")) {
        return;
    }
    let Some(path) = path.get("path") else { return };
    if let Some(text) = path.text().filter(|text| !text.starts_with('/') && super::judge::is_written(text)) {
        report
            .at(&FIELDS, &path, format!("the path `{text}` does not begin with `/`"))
            .help(format!("write `/{text}`"));
    }
}

/// A range of ports is one of numbers, and its end not before its beginning.
pub(super) fn end_port(port: &Node<'_>, report: &mut Report) {
    let Some(end) = port.get("endPort") else { return };
    match port.get("port") {
        None => {
            report.at(&FIELDS, &end, "a range of ports without a beginning").help("add `port`");
        }
        Some(first) if first.text().is_some() => {
            report.at(&FIELDS, &first, "a range of ports begins with a number").also(&end, "its end");
        }
        Some(first) => {
            if let (Some(one), Some(last)) = (first.integer(), end.integer())
                && last < one
            {
                report.at(&FIELDS, &end, "a range of ports ends before it begins").also(&first, "its beginning");
            }
        }
    }
}
