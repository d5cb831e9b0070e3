//! Hosts that requests are told apart by.

use super::fields::say_unchanged;
use super::words::{is_subdomain, is_written};
use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    HOST = Error "kubernetes/host";
    summary: "a host that is none";
    explanation: "The host of an Ingress, of a Gateway's listener or of a route is a DNS name in lower case, with `*.` for its first part if it stands for many: without scheme, port and path. The API server refuses anything else.";
    wrong: "
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: web, namespace: web}
        spec: {hostnames: ['https://web.corp.internal']}
    ";
    right: "
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: web, namespace: web}
        spec: {hostnames: [web.corp.internal]}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut overlays = None;
    for object in view.objects() {
        let mut found = Report::default();
        for host in &hosts(object) {
            judge(host, &mut found);
        }
        say_unchanged(view, object, found, &mut overlays, report);
    }
}

fn judge(host: &Node<'_>, report: &mut Report) {
    let Some(text) = host.text().filter(|text| !text.is_empty() && is_written(text)) else { return };
    if is_subdomain(text.strip_prefix("*.").unwrap_or(text)) {
        return;
    }
    let draft = report.at(&HOST, host, format!("`{text}` is no host"));
    draft.label("only a DNS name in lower case, without scheme, port and path");
    let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
    let bare = bare.split(['/', ':']).next().unwrap_or_default().to_lowercase();
    if is_subdomain(bare.strip_prefix("*.").unwrap_or(&bare)) {
        draft.help(format!("write `{bare}`"));
    }
}

fn hosts<'a>(object: &Object<'a>) -> Vec<Node<'a>> {
    let list = |key: &str| object.root().list(["spec", key]);
    match (object.group, object.kind) {
        ("networking.k8s.io", "Ingress") => {
            let rules = list("rules").into_iter().filter_map(|rule| rule.get("host"));
            let certificates = list("tls").into_iter().filter_map(|tls| tls.get("hosts"));
            rules.chain(certificates.flat_map(|hosts| hosts.items())).collect()
        }
        ("gateway.networking.k8s.io", "Gateway") => {
            list("listeners").into_iter().filter_map(|listener| listener.get("hostname")).collect()
        }
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TLSRoute") => list("hostnames"),
        _ => Vec::new(),
    }
}
