//! What holds for every component, read from the environments' own list of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::everywhere;
use crate::tree::{Tree, actions, changed, trees, with_alloy};

/// Flags that are off, by environment; the rest is on.
const OFF: [(&str, &[&str]); 3] =
    [("dev", &["multiAzNat", "falcoKillMode", "trivyAdmission"]), ("staging", &["falcoKillMode"]), ("prod", &[])];

/// `addons` as environments/base has it: name, stack, namespace, wave and chart differ in no environment.
fn addons() -> BTreeMap<String, Value> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("environments/base");
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(base).unwrap() {
        let path = entry.unwrap().path();
        if path.to_str().unwrap().ends_with("-addons.yaml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let layer: Value = serde_yaml::from_str(&text).unwrap();
            let addons: BTreeMap<String, Value> = serde_json::from_value(layer["addons"].clone()).unwrap();
            all.extend(addons);
        }
    }
    all
}

fn installed(addon: &Value, environment: &str) -> bool {
    let off = OFF.iter().find(|(name, _)| *name == environment).unwrap().1;
    addon["enabled"] == true
        && addon["feature"].as_str().is_none_or(|feature| !off.contains(&feature))
        && addon["collector"].as_str().is_none_or(|collector| collector == "agent")
}

fn folder(name: &str, addon: &Value) -> String {
    format!("{}/{name}/", addon["stack"].as_str().unwrap())
}

/// Whether somewhere in a value a map has a key with a value.
fn holds(value: &Value, wanted: &impl Fn(&str, &Value) -> bool) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| wanted(key, value) || holds(value, wanted)),
        Value::Array(items) => items.iter().any(|item| holds(item, wanted)),
        _ => false,
    }
}

/// Nulls in values that are meant, with the reason. `null` takes a chart's default away, and a template that reads below it fails.
const NULLS: [(&str, &str, &str); 0] = [];

/// Where a value holds null, as paths of keys.
fn nulls(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Null => found.push(path.to_owned()),
        Value::Object(map) => map.iter().for_each(|(key, value)| nulls(value, &format!("{path}.{key}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| nulls(item, &format!("{path}.{i}"), found));
        }
        _ => {}
    }
}

#[test]
fn no_values_file_takes_a_default_of_its_chart_away_without_a_reason() {
    everywhere(|tree| {
        for tree in [tree, with_alloy(tree)] {
            for (path, values) in tree.documents().filter(|(path, _)| path.ends_with("/values.yaml")) {
                let mut found = Vec::new();
                nulls(values, "", &mut found);
                found.retain(|null| !NULLS.iter().any(|(file, meant, _)| *file == path && meant == null));
                assert_eq!(found, [""; 0], "{path}: leave the chart's default, or say in NULLS why it may go");
            }
        }
    });
}

#[test]
fn every_component_of_the_description_is_there() {
    let described = "cilium aws-load-balancer-controller external-dns cert-manager external-secrets reloader metrics-server \
                     falco falco-talon trivy-operator kyverno loki tempo grafana-agent promtail alloy karpenter velero \
                     goldilocks vpa aws-ebs-csi-driver";
    let addons = addons();
    for name in described.split_whitespace() {
        assert!(addons.contains_key(name), "{name}");
    }
    everywhere(|tree| {
        for (template, addon) in
            [("cluster/nodes/template.yaml", "coredns"), ("cluster/template.yaml", "eks-pod-identity-agent")]
        {
            let found = tree.resources(template, "AWS::EKS::Addon");
            assert!(found.iter().any(|(_, properties)| properties["AddonName"] == addon), "{addon}");
        }
    });
}

#[test]
fn a_component_that_is_installed_has_values_an_application_and_its_namespace() {
    let addons = addons();
    everywhere(|tree| {
        for (name, addon) in addons.iter().filter(|(_, addon)| installed(addon, &tree.environment)) {
            assert!(tree.files.contains_key(&format!("{}values.yaml", folder(name, addon))), "{name} has no values");
            let application = tree.object("Application", name);
            let wave = &application["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"];
            assert_eq!(wave.as_str().unwrap(), addon["wave"].to_string(), "{name}");
            assert_eq!(application["spec"]["destination"]["namespace"], addon["namespace"], "{name}");
            let source = &application["spec"]["sources"][0];
            assert_eq!(source["chart"], addon["chart"]["name"], "{name}");
            assert_eq!(source["targetRevision"], addon["chart"]["version"], "{name}");
            assert!(tree.text("deploy-order.txt").contains(&format!(": {name} ")), "{name}");
        }
    });
}

#[test]
fn a_component_that_is_not_installed_leaves_no_file() {
    let addons = addons();
    let mut absent = 0;
    everywhere(|tree| {
        for (name, addon) in addons.iter().filter(|(_, addon)| !installed(addon, &tree.environment)) {
            absent_in(tree, name, addon);
        }
    });
    for name in ["falco-talon", "alloy"] {
        absent += usize::from(addons.get(name).is_some_and(|addon| !installed(addon, "dev")));
    }
    assert!(absent > 0, "nothing was absent anywhere");
}

fn absent_in(tree: &Tree, name: &str, addon: &Value) {
    let folder = folder(name, addon);
    for path in tree.files.keys() {
        assert!(!path.starts_with(&folder), "{path} of {}", tree.environment);
        assert_ne!(path, &format!("gitops/applications/{name}.yaml"), "in {}", tree.environment);
    }
    assert!(!tree.text("deploy-order.txt").contains(&format!(": {name} ")), "{name} of {}", tree.environment);
}

/// What needs a component is turned off together with it.
const NEEDED_BY: [(&str, &[&str]); 7] = [
    ("aws-load-balancer-controller", &["features.waf=false"]),
    ("external-secrets", &["addons.alloy.enabled=false", "addons.grafana-agent.enabled=false"]),
    ("falco", &["features.falcoKillMode=false"]),
    ("falco-talon", &["features.falcoKillMode=false"]),
    ("karpenter", &["addons.loki.enabled=false", "addons.tempo.enabled=false"]),
    ("kyverno", &["features.trivyAdmission=false"]),
    ("trivy-operator", &["features.trivyAdmission=false"]),
];

/// One component after the other is turned off in production. Cilium is not: a cluster has one network.
#[test]
fn a_component_that_is_turned_off_takes_its_files_and_its_role_along() {
    for (name, addon) in addons().iter().filter(|(name, _)| *name != "cilium") {
        if !installed(addon, "prod") {
            continue;
        }
        let with = NEEDED_BY.iter().find(|(needed, _)| needed == name).map_or(&[][..], |(_, with)| *with);
        let setting = format!("addons.{name}.enabled=false");
        let off = changed("prod", &[with, &[setting.as_str()]].concat());
        absent_in(&off, name, addon);
        let account = addon["serviceAccount"].as_str();
        for (path, template) in off.templates() {
            for (id, resource) in template["Resources"].as_object().unwrap() {
                let properties = &resource["Properties"];
                let its = resource["Type"] == "AWS::EKS::PodIdentityAssociation"
                    && properties["Namespace"] == addon["namespace"]
                    && account.is_some_and(|account| properties["ServiceAccount"] == account);
                assert!(!its, "{path} {id} belongs to {name}");
                assert_ne!(properties["RoleName"], format!("platform-prod-{name}"), "{path} {id}");
            }
        }
    }
}

/// Maps within a value that bind pods to the system nodes, as paths.
fn bound_to_system_nodes<'a>(value: &'a Value, path: &str, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(map) => {
            if value["nodeSelector"]["node-role"] == "system" {
                found.push((path.to_owned(), value));
            }
            map.iter().for_each(|(key, value)| bound_to_system_nodes(value, &format!("{path}.{key}"), found));
        }
        Value::Array(items) => items.iter().for_each(|item| bound_to_system_nodes(item, path, found)),
        _ => {}
    }
}

#[test]
fn sn8_whatever_is_bound_to_the_system_nodes_tolerates_their_taint() {
    everywhere(|tree| {
        let mut components = BTreeSet::new();
        for (path, values) in tree.documents().filter(|(path, _)| path.ends_with("/values.yaml")) {
            let mut bound = Vec::new();
            bound_to_system_nodes(values, path, &mut bound);
            for (place, pods) in bound {
                let tolerations = pods["tolerations"].as_array().unwrap_or_else(|| panic!("{place} tolerates nothing"));
                let tolerates = |t: &Value| t["key"] == "CriticalAddonsOnly" && t["operator"] == "Exists";
                assert!(tolerations.iter().any(tolerates), "{place} of {}: {tolerations:?}", tree.environment);
                components.insert(path.split('/').nth(1).unwrap());
            }
        }
        for named in ["cilium", "karpenter", "metrics-server", "cert-manager", "kyverno"] {
            assert!(components.contains(named), "{named} is not bound to the system nodes");
        }
    });
}

#[test]
fn every_component_says_what_it_needs_and_may_use() {
    let addons = addons();
    everywhere(|tree| {
        for (name, addon) in addons.iter().filter(|(_, addon)| installed(addon, &tree.environment)) {
            if name == "prometheus-operator-crds" {
                continue;
            }
            let values = tree.file(&format!("{}values.yaml", folder(name, addon)));
            let bounded = |key: &str, value: &Value| {
                key.to_lowercase().ends_with("resources")
                    && value["requests"]["memory"].is_string()
                    && value["limits"]["memory"].is_string()
            };
            assert!(holds(values, &bounded), "{name} of {} has no memory limit", tree.environment);
        }
    });
}

#[test]
fn a_role_of_pods_is_taken_by_a_service_account_of_an_installed_component() {
    let addons = addons();
    everywhere(|tree| {
        let mut taken = BTreeSet::new();
        for (path, template) in tree.templates() {
            for (id, identity) in tree.resources(path, "AWS::EKS::PodIdentityAssociation") {
                assert_eq!(identity["ClusterName"], tree.cluster(), "{path} {id}");
                let (namespace, account) = (&identity["Namespace"], identity["ServiceAccount"].as_str().unwrap());
                assert!(taken.insert((namespace.to_string(), account)), "{namespace} {account} has two roles");
                let user = addons.iter().find(|(name, addon)| {
                    installed(addon, &tree.environment) && addon["namespace"] == *namespace && {
                        let values = tree.file(&format!("{}values.yaml", folder(name, addon)));
                        holds(values, &|key, value| key == "name" && value == account)
                    }
                });
                assert!(user.is_some(), "{path} {id}: no values name {account} in {namespace}");
                let role = identity["RoleArn"]["Fn::GetAtt"][0].as_str().unwrap();
                let trust = &template["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0];
                assert_eq!(trust["Principal"], json!({"Service": "pods.eks.amazonaws.com"}), "{path} {role}");
                assert_eq!(actions(trust), ["sts:AssumeRole", "sts:TagSession"], "{path} {role}");
            }
        }
        assert!(taken.len() >= 6, "{taken:?}");
    });
}

#[test]
fn a_users_own_values_are_merged_last_into_every_component() {
    // `platc` refuses a key twice, so what is found is the user's.
    let settings: Vec<_> = addons()
        .iter()
        .filter(|(_, addon)| installed(addon, "prod"))
        .map(|(name, _)| format!("addons.{name}.values.ownMark=true"))
        .collect();
    let settings: Vec<_> = settings.iter().map(String::as_str).collect();
    let tree = changed("prod", &settings);
    for (name, addon) in addons().iter().filter(|(_, addon)| installed(addon, "prod")) {
        let path = format!("{}values.yaml", folder(name, addon));
        assert_eq!(tree.file(&path)["ownMark"], true, "{path} takes no values of the user's");
        assert_eq!(trees()[2].file(&path).get("ownMark"), None);
    }
}
