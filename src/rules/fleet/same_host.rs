//! Names of hosts that two environments serve.

use std::collections::BTreeMap;

use crate::check::{Facts, FleetReport, Known, View, rule};

rule! {
    SAME_HOST = Warning "fleet/same-host";
    summary: "two environments serve one host";
    explanation: "DNS leads a name to one place, or to several at random: with one host in two environments, requests meant for production may go to a test, and ExternalDNS of one cluster writes over the record of the other. Most often it is a value that was copied with its file. Judged by the hosts of ingresses, of listeners of gateways, and by the names of hosted zones. If two clusters share a host on purpose, acknowledge it.";
    wrong: "
        --- # staging/ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: web}
        spec: {rules: [{host: web.example.org}]}
        --- # prod/ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: web}
        spec: {rules: [{host: web.example.org}]}
    ";
    right: "
        --- # staging/ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: web}
        spec: {rules: [{host: web.staging.example.org}]}
        --- # prod/ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: web}
        spec: {rules: [{host: web.example.org}]}
    ";
}

pub(super) fn collect(view: &View<'_>, facts: &mut Facts) {
    let mut seen: Vec<&str> = Vec::new();
    let ingresses = view.objects_of("networking.k8s.io", "Ingress");
    let hosts = ingresses.flat_map(|it| it.root().list(["spec", "rules"])).filter_map(|rule| rule.get("host"));
    let gateways = view.objects_of("gateway.networking.k8s.io", "Gateway");
    let names = gateways.flat_map(|it| it.root().list(["spec", "listeners"])).filter_map(|it| it.get("hostname"));
    let zones = view.resources_of("AWS::Route53::HostedZone").filter_map(|it| it.property("Name"));
    for node in hosts.chain(names).chain(zones) {
        // Within a cluster, or of a machine, it is everybody's own.
        let Some(text) = node.text().map(|text| text.trim_end_matches('.')) else { continue };
        let is_own = text.rsplit_once('.').is_none_or(|(_, last)| matches!(last, "local" | "localhost"))
            || text.contains(['{', '$']);
        if !is_own && !seen.contains(&text) {
            seen.push(text);
            facts.add(&node, [text]);
        }
    }
}

pub(super) fn judge(known: &[Known<'_>], report: &mut FleetReport) {
    let mut first: BTreeMap<&str, &Known<'_>> = BTreeMap::new();
    for one in known {
        let host = one.word(0);
        let Some(other) = first.get(host) else {
            first.insert(host, one);
            continue;
        };
        let (a, b) = (other.environment, one.environment);
        if a != b {
            report
                .at(&SAME_HOST, one, format!("`{a}` and `{b}` both serve `{host}`"))
                .label("DNS leads it to one of them")
                .also_in(other, format!("`{a}` serves it, too"))
                .help("give each environment a host of its own");
        }
    }
}
