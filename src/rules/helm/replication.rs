//! Copies of data for which there are not enough pods.

use crate::check::{Node, Report, View, rule};

rule! {
    REPLICATION = Error "helm/replication";
    summary: "data is to be copied to more pods than there are";
    explanation: "Loki and its kin write each entry to as many ingesters as `replication_factor` says, and refuse to write if most of them are not there. With three copies and one pod nothing is stored.";
    wrong: "
        --- # loki/values.yaml
        deploymentMode: SingleBinary
        loki: {commonConfig: {replication_factor: 3}}
        singleBinary: {replicas: 1}
    ";
    right: "
        --- # loki/values.yaml
        deploymentMode: SingleBinary
        loki: {commonConfig: {replication_factor: 1}}
        singleBinary: {replicas: 1}
    ";
}

const FACTOR: &str = "loki.commonConfig.replication_factor";

/// By `deploymentMode`, the part that stores what comes in.
const STORES: [(&str, &str); 4] = [
    ("SingleBinary", "singleBinary"),
    ("Monolithic", "singleBinary"),
    ("SimpleScalable", "write"),
    ("Distributed", "ingester"),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for values in view.values_of_chart("loki") {
        let mode = values.get("deploymentMode");
        let mode = mode.as_ref().and_then(Node::text);
        let Some((_, part)) = STORES.iter().find(|(name, _)| mode == Some(*name)) else { continue };
        let scaled = values.get(&format!("{part}.autoscaling.enabled")).and_then(|it| it.boolean());
        let (Some(factor), Some(replicas)) = (values.get(FACTOR), values.get(&format!("{part}.replicas"))) else {
            continue;
        };
        if let (Some(copies), Some(pods)) = (factor.integer(), replicas.integer())
            && copies > pods
            && scaled != Some(true)
        {
            report
                .at(&REPLICATION, &factor, format!("{copies} copies are wanted, and `{part}` has {pods} pods"))
                .also(&replicas, "as many pods")
                .help("raise the replicas, or lower the factor");
        }
    }
}
