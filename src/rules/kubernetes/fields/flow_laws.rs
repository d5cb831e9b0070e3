//! What has to hold among the fields of flows and endpoints, and takes more than a row.

use std::net::IpAddr;

use super::laws::exclude;
use super::spot::{get, is_written};
use super::{FIELDS, VALUE};
use crate::check::{Node, Report};
use crate::rules::kubernetes::words::{self, is_dns_label, is_subdomain};

/// Who takes all takes no one besides.
pub(super) fn anyone(rule: &Node<'_>, report: &mut Report) {
    for key in ["verbs", "apiGroups", "resources", "namespaces", "nonResourceURLs"] {
        let items = rule.list([key]);
        if let (Some(star), true) = (items.iter().find(|item| item.text() == Some("*")), items.len() > 1) {
            report
                .at(&FIELDS, star, format!("`*` stands for all `{key}`, and the others beside it are refused"))
                .help("keep `*`, or name the others");
        }
    }
    for namespace in rule.list(["namespaces"]) {
        let Some(text) = namespace.text().filter(|text| is_written(text)) else { continue };
        if text != "*" && !is_dns_label(text) {
            report.at(&VALUE, &namespace, format!("`{text}` cannot stand among `namespaces`"));
        }
    }
    let is_of_cluster = rule.get("clusterScope").and_then(|it| it.boolean()) == Some(true);
    if rule.get("resources").is_some() && rule.list(["namespaces"]).is_empty() && !is_of_cluster {
        report
            .at(&FIELDS, rule, "a rule about resources needs `namespaces` or `clusterScope: true`")
            .help("add one of them; `\"*\"` stands for all namespaces");
    }
}

/// A subject says who it is in the field of its kind.
pub(super) fn of_kind(subject: &Node<'_>, report: &mut Report) {
    let Some(kind) = subject.get("kind") else { return };
    let own = match kind.text() {
        Some("Group") => "group",
        Some("ServiceAccount") => "serviceAccount",
        Some("User") => "user",
        _ => return,
    };
    for key in ["group", "serviceAccount", "user"].into_iter().filter(|key| *key != own) {
        if let Some(other) = get(subject, key) {
            exclude(
                &format!("`kind: {}`", kind.text().unwrap_or_default()),
                &kind,
                &format!("`{key}`"),
                &other,
                report,
            );
        }
    }
}

/// Who is turned away stands in no queue.
pub(super) fn rejects(response: &Node<'_>, report: &mut Report) {
    let kind = response.get("type").filter(|kind| kind.text() == Some("Reject"));
    if let (Some(kind), Some(queues)) = (kind, get(response, "queuing")) {
        exclude("`type: Reject`", &kind, "`queuing`", &queues, report);
    }
}

/// Nobody is dealt more queues than there are.
pub(super) fn counts_and_queues(queuing: &Node<'_>, report: &mut Report) {
    let hand = get(queuing, "handSize");
    let queues = get(queuing, "queues")
        .map_or(Some(64), |queues| queues.integer().map(|queues| if queues == 0 { 64 } else { queues }));
    if let (Some(hand), Some(queues)) = (hand, queues)
        && hand.integer().is_some_and(|hand| hand > queues)
    {
        report
            .at(&FIELDS, &hand, format!("`handSize` is more than the {queues} queues"))
            .help("write a smaller number");
    }
}

/// Several ports are told apart.
pub(super) fn named_among_several(subset: &Node<'_>, report: &mut Report) {
    let ports = subset.list(["ports"]);
    for port in ports.iter().filter(|port| ports.len() > 1 && get(port, "name").is_none()) {
        report.at(&FIELDS, port, "a port without a name among several").help("give each a name");
    }
}

/// Addresses are what the slice says that they are.
pub(super) fn addresses_of_type(slice: &Node<'_>, report: &mut Report) {
    let Some(kind) = slice.text_at(["addressType"]) else { return };
    for address in slice.list(["endpoints"]).iter().flat_map(|endpoint| endpoint.list(["addresses"])) {
        let Some(text) = address.text().filter(|text| is_written(text)) else { continue };
        let fits = match kind {
            "IPv4" => matches!(words::address(text), Some(IpAddr::V4(_))),
            "IPv6" => matches!(words::address(text), Some(IpAddr::V6(_))),
            "FQDN" => is_subdomain(text.strip_suffix('.').unwrap_or(text)) && text.contains('.'),
            _ => return,
        };
        if !fits {
            report.at(&VALUE, &address, format!("`{text}` is no address of type `{kind}`"));
        }
    }
}
