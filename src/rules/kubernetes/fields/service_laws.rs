//! What has to hold among the fields of Services, Ingresses and network policies and takes more than a row.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::laws::exclude;
use super::spot::{get, is_written};
use super::{FIELDS, VALUE};
use crate::check::{Node, Report};
use crate::rules::kubernetes::words::{self, is_subdomain};

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
    let kind = path.text_at(["pathType"]).unwrap_or_default();
    if !matches!(kind, "Exact" | "Prefix" | "ImplementationSpecific") {
        return;
    }
    let Some(path) = get(path, "path") else { return };
    // Ends of a path and steps in it that would lead elsewhere.
    let is_odd = |text: &str| {
        let steps = ["//", "/./", "/../", "%2f", "%2F"];
        steps.iter().any(|step| text.contains(step)) || text.ends_with("/..") || text.ends_with("/.")
    };
    if let Some(text) = path.text().filter(|text| is_odd(text) && kind != "ImplementationSpecific" && is_written(text))
    {
        report
            .at(&FIELDS, &path, format!("the path `{text}` has steps that lead elsewhere"))
            .label("no `//`, `/.`, `/..` and `%2f`");
    }
    if let Some(text) = path.text().filter(|text| !text.starts_with('/') && is_written(text)) {
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

/// What a Service is reached by.
pub(super) fn addresses(service: &Node<'_>, report: &mut Report) {
    let kind = service.text_at(["type"]).filter(|kind| !kind.is_empty()).unwrap_or("ClusterIP");
    let is_headless = service.text_at(["clusterIP"]) == Some("None");
    if kind == "ClusterIP" && !is_headless && service.list(["ports"]).is_empty() {
        let place = service.place().key("ports");
        report.at(&FIELDS, place, "a Service with an address needs `ports`").help("add `ports`");
    }
    if let (Some(own), Some(all)) = (get(service, "clusterIP"), get(service, "clusterIPs"))
        && let Some(first) = all.items().first()
        && own.text() != first.text()
    {
        exclude("`clusterIP`", &own, "another one in `clusterIPs`", first, report);
    }
    if let (None, Some(all)) =
        (get(service, "clusterIP"), get(service, "clusterIPs").filter(|it| !it.items().is_empty()))
    {
        report
            .at(&FIELDS, &all, "`clusterIPs` needs `clusterIP`")
            .about_key()
            .help("add `clusterIP`, the first of them");
    }
    if let (Some(address), "ExternalName") = (get(service, "clusterIP"), kind) {
        exclude("`type: ExternalName`", service, "`clusterIP`", &address, report);
    }
    let name = get(service, "externalName").filter(|_| kind == "ExternalName");
    if let Some(name) = name
        && let Some(text) = name.text().filter(|text| is_written(text))
        && !is_subdomain(text.strip_suffix('.').unwrap_or(text))
    {
        report
            .at(&VALUE, &name, format!("`{text}` cannot be an `externalName`"))
            .label("it is a DNS name in lower case");
    }
    let is_local = service.text_at(["externalTrafficPolicy"]) == Some("Local") && kind == "LoadBalancer";
    if let Some(port) = get(service, "healthCheckNodePort").filter(|port| port.integer() != Some(0) && !is_local) {
        report
            .at(&FIELDS, &port, "`healthCheckNodePort` is for a load balancer that asks nodes whether they have pods")
            .about_key()
            .help("leave it out, or set `type: LoadBalancer` and `externalTrafficPolicy: Local`");
    }
    for address in service.list(["externalIPs"]) {
        let Some(ip) = address.text().and_then(words::address) else { continue };
        let is_special = ip.is_unspecified()
            || ip.is_loopback()
            || matches!(ip, IpAddr::V4(ip) if ip.is_link_local() || ip.octets()[..3] == [224, 0, 0])
            || matches!(ip, IpAddr::V6(ip) if ip.segments()[0] & 0xffc0 == 0xfe80 || ip.segments()[0] == 0xff02);
        if is_special {
            report
                .at(&VALUE, &address, format!("`{ip}` is no address that others can reach"))
                .label("loopback, or of one link");
        }
    }
    let mut taken: BTreeMap<(i64, &str), Node<'_>> = BTreeMap::new();
    for port in service.list(["ports"]) {
        let Some(node) = port.get("nodePort") else { continue };
        let Some(number) = node.integer().filter(|number| *number != 0) else { continue };
        let protocol = port.text_at(["protocol"]).unwrap_or("TCP");
        if let Some(first) = taken.get(&(number, protocol)) {
            report
                .at(&FIELDS, &node, format!("two ports take the port {number} of nodes"))
                .also(first, "the other one")
                .help("give one of them another");
        }
        taken.entry((number, protocol)).or_insert(node);
    }
}

pub(super) fn is_cluster_ip(text: &str) -> bool {
    text == "None" || words::address(text).is_some()
}

/// An Ingress leads somewhere.
pub(super) fn leads_somewhere(ingress: &Node<'_>, report: &mut Report) {
    if ingress.list(["rules"]).is_empty() && get(ingress, "defaultBackend").is_none() {
        report.at(&FIELDS, ingress, "an Ingress needs `rules` or a `defaultBackend`").help("add one of them");
    }
}

/// What is taken out of a network is a part of it.
pub(super) fn within_block(block: &Node<'_>, report: &mut Report) {
    let Some(cidr) = block.get("cidr") else { return };
    let Some((net, bits)) = cidr.text().and_then(words::network) else { return };
    for except in block.list(["except"]) {
        let Some((inner, inner_bits)) = except.text().and_then(words::network) else { continue };
        if inner_bits <= bits || !holds(net, bits, inner) {
            report.at(&FIELDS, &except, "only a part of the network can be taken out of it").also(&cidr, "the network");
        }
    }
}

fn holds(net: IpAddr, bits: u8, inner: IpAddr) -> bool {
    let (a, b, width) = match (net, inner) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return false,
    };
    let shift = u32::from(width - bits);
    a.checked_shr(shift).unwrap_or_default() == b.checked_shr(shift).unwrap_or_default()
}

/// What a class refers to in a namespace is in one.
pub(super) fn scope(parameters: &Node<'_>, report: &mut Report) {
    let namespace = get(parameters, "namespace");
    match (parameters.text_at(["scope"]).unwrap_or("Cluster"), namespace) {
        ("Namespace", None) => {
            let place = parameters.place().key("namespace");
            report.at(&FIELDS, place, "`scope: Namespace` needs `namespace`").help("add `namespace`");
        }
        ("Cluster", Some(namespace)) => {
            report
                .at(&FIELDS, &namespace, "parameters of the whole cluster have no namespace")
                .about_key()
                .help("leave `namespace` out, or set `scope: Namespace`");
        }
        _ => {}
    }
}
