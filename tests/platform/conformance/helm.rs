//! Helm ignores a key that the chart does not know, so every rendered key has to be one of the chart's.

use serde_json::Value;

use super::{json, upstream, yaml};
use crate::everywhere;
use crate::tree::{Tree, trees, with_alloy};

/// Maps whose keys are the user's, though the chart has defaults in them.
const FREE: [&str; 2] = ["nodeSelector", "cm"];

/// Keys that a chart's values file names in a comment alone.
const IN_COMMENTS: [(&str, &str); 5] = [
    ("aws-load-balancer-controller", "securityContext.capabilities"),
    ("cert-manager", "serviceAccount.name"),
    ("kube-state-metrics", "priorityClassName"),
    ("prometheus-node-exporter", "priorityClassName"),
    ("reloader", "reloader.podDisruptionBudget.maxUnavailable"),
];

/// The values files of a tree: the component's chart, and what it sets.
fn values(tree: &Tree) -> Vec<(&str, &Value)> {
    components(tree)
        .into_iter()
        .map(|(component, value)| (source(tree, component)["chart"].as_str().unwrap(), value))
        .collect()
}

/// The values files of a tree: the component, and what it sets.
fn components(tree: &Tree) -> Vec<(&str, &Value)> {
    let files = tree.documents().filter_map(|(path, value)| {
        let folder = path.strip_suffix("/values.yaml")?;
        Some((folder.rsplit_once('/')?.1, value))
    });
    files.collect()
}

/// Where a component's chart comes from.
fn source<'a>(tree: &'a Tree, component: &str) -> &'a Value {
    &tree.object("Application", component)["spec"]["sources"][0]
}

/// The environments as they are, and with the components that none of them has.
fn with_all_components(check: impl Fn(&Tree)) {
    everywhere(&check);
    check(with_alloy(&trees()[2]));
}

/// Rendered keys that the chart does not know, as paths.
fn unknown(rendered: &Value, chart: &Value, path: &str, found: &mut Vec<String>) {
    let (Value::Object(rendered), Value::Object(chart)) = (rendered, chart) else { return };
    // An empty map is the chart's way to say: anything.
    if chart.is_empty() {
        return;
    }
    for (key, value) in rendered {
        // Some maps have the keys of Kubernetes, of which a chart may have defaults for some.
        let of_kubernetes = match path.rsplit('.').next() {
            Some("resources") => ["limits", "requests"].contains(&key.as_str()),
            Some("podSecurityContext") => key == "seccompProfile",
            _ => false,
        };
        if of_kubernetes {
            continue;
        }
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match chart.get(key) {
            None => found.push(path),
            Some(_) if FREE.contains(&key.as_str()) => {}
            Some(default) => unknown(value, default, &path, found),
        }
    }
}

/// Keys that a chart takes without listing them among its values: those of subcharts, taken from the subchart's own
/// values, and those that it hands on to the program or to Kubernetes.
fn unlisted(chart: &str) -> Value {
    match chart {
        "falco" => serde_json::json!({"falcosidekick": {
            "config": {"talon": {"address": ""}},
            "nodeSelector": {},
            "podSecurityContext": {},
            "priorityClassName": "",
            "replicaCount": 2,
            "resources": {},
            "securityContext": {},
            "serviceMonitor": {"enabled": false},
            "tolerations": [],
            "webui": {"enabled": false},
        }}),
        "grafana-agent" => serde_json::json!({"configReloader": {"resources": {"limits": {}}}}),
        "loki" => serde_json::json!({"loki": {
            "ingester": {"wal": {"replay_memory_ceiling": ""}},
            "limits_config": {"ingestion_burst_size_mb": 0, "ingestion_rate_mb": 0, "retention_period": ""},
            "storage": {"bucketNames": {"chunks": ""}},
        }}),
        "prometheus-node-exporter" => serde_json::json!({
            "containerSecurityContext": {"allowPrivilegeEscalation": false, "capabilities": {}},
            "securityContext": {"seccompProfile": {}},
        }),
        "promtail" => serde_json::json!({"podSecurityContext": {"seccompProfile": {}}}),
        "tempo" => serde_json::json!({
            "securityContext": {"seccompProfile": {}},
            "tempo": {"storage": {"trace": {"s3": {"bucket": "", "endpoint": "", "region": ""}}}},
        }),
        _ => serde_json::json!({}),
    }
}

/// What Helm makes of the chart's values and ours: maps merge, anything else replaces.
fn merged(chart: &Value, ours: &Value) -> Value {
    let (Value::Object(chart), Value::Object(ours)) = (chart, ours) else { return ours.clone() };
    let mut all = chart.clone();
    for (key, value) in ours {
        let value = all.get(key).map_or_else(|| value.clone(), |default| merged(default, value));
        all.insert(key.clone(), value);
    }
    Value::Object(all)
}

#[test]
fn every_rendered_key_is_one_of_the_charts() {
    let Some(charts) = upstream("charts") else { return };
    with_all_components(|tree| {
        let charts_used = tree.objects().filter(|(_, o)| o["spec"]["sources"][0]["chart"].is_string()).count();
        assert_eq!(values(tree).len(), charts_used, "each values file belongs to a chart, and each chart has one");
        for (chart, rendered) in values(tree) {
            let mut found = Vec::new();
            let known = merged(&yaml(&charts.join(chart).join("values.yaml")), &unlisted(chart));
            unknown(rendered, &known, "", &mut found);
            found.retain(|key| !IN_COMMENTS.contains(&(chart, key)));
            assert!(found.is_empty(), "{chart} of {} does not know {found:?}", tree.environment);
        }
    });
}

#[test]
fn values_hold_to_the_schema_of_their_chart() {
    let Some(charts) = upstream("charts") else { return };
    let mut judged = 0;
    for tree in trees() {
        for (chart, rendered) in values(tree) {
            let schema = charts.join(chart).join("values.schema.json");
            if !schema.exists() {
                continue;
            }
            let all = merged(&yaml(&charts.join(chart).join("values.yaml")), rendered);
            let judge = jsonschema::validator_for(&json(&schema)).unwrap();
            let errors: Vec<_> =
                judge.iter_errors(&all).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{chart} of {}: {errors:?}", tree.environment);
            judged += 1;
        }
    }
    assert!(judged >= 3, "Cilium's chart has a schema");
}

#[test]
fn the_pinned_version_is_the_one_that_the_keys_are_judged_by() {
    let Some(charts) = upstream("charts") else { return };
    with_all_components(|tree| {
        for (component, _) in components(tree) {
            let source = source(tree, component);
            let chart = yaml(&charts.join(source["chart"].as_str().unwrap()).join("Chart.yaml"));
            assert_eq!(source["targetRevision"], chart["version"], "{component}");
        }
    });
}
