//! Values that a chart renders, and that the application refuses when it starts.

use crate::check::{ChartValues, Node, Report, View, rule};
use crate::rules::near::only_near;

rule! {
    REFUSED = Error "helm/refused";
    summary: "values with which an application does not start";
    explanation: "The chart takes them, and so does its schema; the application reads them when it starts, and ends. Loki removes nothing without a store that keeps what is to be removed (`delete_request_store`). Tempo wants a host as the S3 endpoint, without `https://`. Cilium with addresses of ENI, or of AWS at all, routes natively and refuses tunnels. Hubble's metrics have fixed names. The descheduler's chart wants leader election for more than one replica (the applications' own documentation).";
    wrong: "
        --- # tempo/values.yaml
        tempo: {storage: {trace: {backend: s3, s3: {bucket: traces, endpoint: 'https://s3.eu-central-1.amazonaws.com'}}}}
    ";
    right: "
        --- # tempo/values.yaml
        tempo: {storage: {trace: {backend: s3, s3: {bucket: traces, endpoint: s3.eu-central-1.amazonaws.com}}}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for values in view.values_of_chart("loki") {
        loki(&values, report);
    }
    for (chart, path) in
        [("tempo", "tempo.storage.trace.s3.endpoint"), ("tempo-distributed", "storage.trace.s3.endpoint")]
    {
        for values in view.values_of_chart(chart) {
            tempo(&values, path, report);
        }
    }
    for values in view.values_of_chart("cilium") {
        tunnel(&values, report);
        metrics(&values, report);
    }
    for values in view.values_of_chart("descheduler") {
        descheduler(&values, report);
    }
}

fn is_true(values: &ChartValues<'_>, path: &str) -> bool {
    values.get(path).and_then(|it| it.boolean()) == Some(true)
}

/// Since Loki 3, whose charts have a `deploymentMode`; a configuration given as a whole says it there.
fn loki(values: &ChartValues<'_>, report: &mut Report) {
    const STORE: &str = "compactor.delete_request_store";
    let Some(on) = values.get("loki.compactor.retention_enabled").filter(|it| it.boolean() == Some(true)) else {
        return;
    };
    let elsewhere = ["loki.config", "loki.configObjectName", "loki.compactor.shared_store", "loki.structuredConfig"];
    let says = |path: &&str| values.get(path).is_some_and(|it| it.text() != Some(""));
    if values.get("deploymentMode").is_none()
        || values.get(&format!("loki.{STORE}")).is_some()
        || elsewhere.iter().any(says)
    {
        return;
    }
    report
        .at(
            &REFUSED,
            &on,
            "Loki does not start: retention is on, and nothing says where it notes what is to be deleted",
        )
        .label("needs `delete_request_store` beside it")
        .help("add `delete_request_store` with the kind of store that Loki writes to, such as `s3`");
}

fn tempo(values: &ChartValues<'_>, path: &str, report: &mut Report) {
    let Some(endpoint) = values.get(path) else { return };
    let Some((scheme, host)) = endpoint.text().and_then(|text| text.split_once("://")) else { return };
    if matches!(scheme, "http" | "https") {
        report
            .at(&REFUSED, &endpoint, "Tempo does not start: its S3 endpoint is a host, without a scheme")
            .label(format!("`{scheme}://` is too much"))
            .help(format!("write `{host}`; `insecure: true` is what leaves TLS off"));
    }
}

fn tunnel(values: &ChartValues<'_>, report: &mut Report) {
    let Some(mode) = values.get("routingMode").filter(|it| it.text() == Some("tunnel")) else { return };
    let by_mode = values.get("ipam.mode").filter(|it| it.text() == Some("eni"));
    let Some(eni) = values.get("eni.enabled").filter(|it| it.boolean() == Some(true)).or(by_mode) else { return };
    report
        .at(&REFUSED, &mode, "Cilium does not start: with addresses of ENI it builds no tunnels")
        .also(&eni, "pods have addresses of the VPC")
        .help("write `routingMode: native`");
}

/// Cilium's documentation, "Monitoring & Metrics", "Hubble Exported Metrics".
const METRICS: [&str; 12] = [
    "dns",
    "drop",
    "flow",
    "flows-to-world",
    "http",
    "httpV2",
    "icmp",
    "kafka",
    "policy",
    "port-distribution",
    "sctp",
    "tcp",
];

/// A name of a metric, before its options, that is nearly one that there is: others may be of a newer Cilium.
fn metrics(values: &ChartValues<'_>, report: &mut Report) {
    let list = values.get("hubble.metrics.enabled");
    for metric in list.iter().flat_map(Node::items) {
        let Some(name) = metric.text().and_then(|text| text.split([':', ';']).next()) else { continue };
        if METRICS.contains(&name) {
            continue;
        }
        if let Some(near) = only_near(name, METRICS.into_iter()) {
            report
                .at(&REFUSED, &metric, format!("Hubble has no metric `{name}`"))
                .label("its metrics server does not start")
                .help(format!("did you mean `{near}`?"));
        }
    }
}

fn descheduler(values: &ChartValues<'_>, report: &mut Report) {
    let is_deployment = values.get("kind").is_some_and(|it| it.text() == Some("Deployment"));
    let Some(replicas) = values.get("replicas").filter(|it| it.integer().is_some_and(|count| count > 1)) else {
        return;
    };
    if is_deployment && !is_true(values, "leaderElection.enabled") {
        let draft = report.at(&REFUSED, &replicas, "the chart refuses more than one replica without leader election");
        if let Some(off) = values.get("leaderElection.enabled") {
            draft.also(&off, "it is off");
        }
        draft.help("set `leaderElection.enabled` to true, or take one replica");
    }
}
