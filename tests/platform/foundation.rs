//! What stands in the cluster before any component: namespaces and priority classes.

use serde_json::Value;

use crate::core::wave;
use crate::everywhere;
use crate::settings::refused;
use crate::tree::{Tree, strings};

/// The platform's own namespaces; those of workloads are their owners'.
fn namespaces(tree: &Tree) -> Vec<(&str, &Value)> {
    let of_kind = tree
        .objects()
        .filter(|(path, object)| object["kind"] == "Namespace" && path.starts_with("core-addons/foundation/"));
    let found: Vec<_> = of_kind.map(|(_, object)| (object["metadata"]["name"].as_str().unwrap(), object)).collect();
    assert!(found.len() >= 10, "{found:?}");
    found
}

#[test]
fn namespaces_enforce_the_pod_security_that_their_pods_meet() {
    let privileged = ["falco", "monitoring", "trivy-system"];
    everywhere(|tree| {
        for (name, namespace) in namespaces(tree) {
            assert!(tree.files.contains_key(&format!("core-addons/foundation/namespace-{name}.yaml")));
            let expected = if privileged.contains(&name) { "privileged" } else { "restricted" };
            let labels = &namespace["metadata"]["labels"];
            assert_eq!(labels["pod-security.kubernetes.io/enforce"], expected, "{name}");
            assert_eq!(labels["pod-security.kubernetes.io/enforce-version"], "v1.35");
            let annotations = &namespace["metadata"]["annotations"];
            assert_eq!(annotations["argocd.argoproj.io/sync-options"], "Prune=false,Delete=false", "{name}");
            assert_eq!(annotations["kustomize.toolkit.fluxcd.io/prune"], "disabled", "{name}");
        }
    });
}

#[test]
fn every_namespace_that_a_chart_is_installed_into_is_made_before() {
    everywhere(|tree| {
        let first = wave(tree, "foundation");
        for (_, application) in tree.objects().filter(|(_, object)| object["kind"] == "Application") {
            let name = application["metadata"]["name"].as_str().unwrap();
            let namespace = application["spec"]["destination"]["namespace"].as_str().unwrap();
            assert!(name == "foundation" || name == "root" || first < wave(tree, name), "{name}");
            if !["kube-system", "argocd"].contains(&namespace) {
                tree.object("Namespace", namespace);
            }
        }
    });
}

#[test]
fn priority_classes_rank_the_platform_above_workloads_and_below_kubernetes() {
    everywhere(|tree| {
        let value = |name: &str| tree.object("PriorityClass", name)["value"].as_i64().unwrap();
        assert!(value("platform-critical") > value("platform-standard"));
        assert!(value("platform-standard") > value("workload-default"));
        assert!(value("platform-critical") < 2_000_000_000, "system-cluster-critical");
        let classes = tree.objects().filter(|(_, object)| object["kind"] == "PriorityClass");
        let default: Vec<_> =
            classes.filter(|(_, c)| c["globalDefault"] == true).map(|(_, c)| &c["metadata"]["name"]).collect();
        assert_eq!(default, ["workload-default"]);
    });
}

#[test]
fn priority_classes_that_pods_name_are_there() {
    everywhere(|tree| {
        let mut named = Vec::new();
        for (path, values) in tree.documents().filter(|(path, _)| path.ends_with("/values.yaml")) {
            collect(values, "priorityClassName", &mut |name| named.push((path.to_owned(), name.to_owned())));
        }
        assert!(named.len() >= 10, "{named:?}");
        for (path, name) in named {
            if !name.starts_with("system-") {
                assert!(
                    tree.objects().any(|(_, o)| o["kind"] == "PriorityClass" && o["metadata"]["name"] == *name),
                    "{path}: {name}"
                );
            }
        }
    });
}

/// Calls with each text that stands under a key, at any depth.
fn collect(value: &Value, key: &str, call: &mut impl FnMut(&str)) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value.as_str() {
                    Some(text) if name == key => call(text),
                    _ => collect(value, key, call),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, call)),
        _ => {}
    }
}

#[test]
fn settings_of_the_foundation_that_contradict_each_other_are_refused() {
    let cases: [(&[&str], &str); 3] = [
        (&["addons.reloader.namespace=kube-public"], "must be kube-system or one of foundation.namespaces"),
        (&["foundation.priorityClasses[name=platform-standard].default=true"], "at most one of priorityClasses"),
        (&["foundation.namespaces[name=velero].podSecurity=strict"], "podSecurity"),
    ];
    for (settings, message) in cases {
        let told = refused(settings);
        assert!(told.contains(message), "{settings:?}:\n{told}");
    }
    for name in ["latest", "1.21", "^1.21.0"] {
        let setting = format!("addons.cert-manager.chart.version={name}");
        assert!(refused(&[&setting]).contains("chart.version"), "{name}");
    }
}

#[test]
fn lists_of_the_exempt_hold_every_namespace_of_the_foundation() {
    everywhere(|tree| {
        let policy = tree.objects().find(|(_, object)| object["kind"] == "ValidatingPolicy").unwrap().1;
        let exempt = strings(&policy["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"][0]["values"]);
        for (name, _) in namespaces(tree) {
            assert!(exempt.contains(&name), "{name}");
        }
    });
}
