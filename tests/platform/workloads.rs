//! Namespaces of workloads: quotas, and what passes between pods.

use serde_json::{Value, json};

use crate::everywhere;
use crate::tree::{Tree, changed, strings, trees};

const NAMESPACES: [&str; 2] = ["payments", "shop"];

fn file<'a>(tree: &'a Tree, namespace: &str, name: &str) -> &'a Value {
    tree.file(&format!("networking-addons/workloads/{namespace}/{name}.yaml"))
}

fn has(tree: &Tree, namespace: &str, name: &str) -> bool {
    tree.files.contains_key(&format!("networking-addons/workloads/{namespace}/{name}.yaml"))
}

#[test]
fn f2_nothing_passes_by_default_in_either_direction() {
    everywhere(|tree| {
        for namespace in NAMESPACES {
            let policy = file(tree, namespace, "default-deny");
            assert_eq!(policy["kind"], "CiliumNetworkPolicy");
            assert_eq!(policy["metadata"]["namespace"], namespace);
            let spec = &policy["spec"];
            assert_eq!(spec["endpointSelector"], json!({}), "all pods");
            // A rule without a peer allows nobody, and makes what no other rule allows denied.
            assert_eq!((&spec["ingress"], &spec["egress"]), (&json!([{}]), &json!([{}])));
        }
    });
}

#[test]
fn f2_dns_passes() {
    everywhere(|tree| {
        for namespace in NAMESPACES {
            let rule = &file(tree, namespace, "allow-dns")["spec"]["egress"][0];
            let labels = json!({"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": "kube-dns"});
            assert_eq!(rule["toEndpoints"], json!([{"matchLabels": labels}]));
            let ports = json!([{"port": "53", "protocol": "UDP"}, {"port": "53", "protocol": "TCP"}]);
            assert_eq!(rule["toPorts"][0]["ports"], ports);
        }
        // To allow hosts by name, Cilium must see what their names resolve to.
        let seen = &file(tree, "payments", "allow-dns")["spec"]["egress"][0]["toPorts"][0]["rules"]["dns"];
        assert_eq!(*seen, json!([{"matchPattern": "*"}]));
        let unseen = &file(tree, "shop", "allow-dns")["spec"]["egress"][0]["toPorts"][0];
        assert_eq!(unseen.get("rules"), None);
    });
}

#[test]
fn f1_what_comes_through_ciliums_envoy_reaches_the_namespace() {
    everywhere(|tree| {
        for namespace in NAMESPACES {
            let ingress = file(tree, namespace, "allow-platform")["spec"]["ingress"].as_array().unwrap();
            assert!(ingress.contains(&json!({"fromEntities": ["ingress"]})));
            assert!(!ingress.iter().any(|rule| rule.to_string().contains("world")), "nobody comes past Envoy");
        }
    });
}

#[test]
fn f2_egress_is_what_the_settings_say() {
    everywhere(|tree| {
        let shop = &file(tree, "shop", "allow-egress")["spec"]["egress"];
        let https = json!([{"ports": [{"port": "443", "protocol": "TCP"}]}]);
        assert_eq!(shop[0], json!({"toEntities": ["world"], "toPorts": https}));
        let payments = &file(tree, "payments", "allow-egress")["spec"]["egress"];
        assert_eq!(*payments, json!([{"toFQDNs": [{"matchName": "api.stripe.com"}], "toPorts": https}]));

        // One setting opens both sides of a way between two namespaces.
        let of = |namespace: &str| json!({"matchLabels": {"k8s:io.kubernetes.pod.namespace": namespace}});
        assert_eq!(shop[1], json!({"toEndpoints": [of("payments")]}));
        let callers = |namespace: &str| {
            let rules = &file(tree, namespace, "allow-platform")["spec"]["ingress"];
            rules[0]["fromEndpoints"].as_array().unwrap().clone()
        };
        assert!(callers("payments").contains(&of("shop")));
        assert!(!callers("shop").contains(&of("payments")));
    });
}

#[test]
fn a_namespace_without_egress_settings_calls_nobody() {
    let tree = changed("prod", &["workloads.namespaces[name=shop].egress=null"]);
    assert!(!has(&tree, "shop", "allow-egress"));
    let callers = &file(&tree, "payments", "allow-platform")["spec"]["ingress"][0]["fromEndpoints"];
    assert!(!callers.to_string().contains("shop"));
}

#[test]
fn a_pattern_of_hosts_is_matched_as_one() {
    let tree = changed("prod", &["workloads.namespaces[name=shop].egress.hosts=[\"*.example.com\"]"]);
    let rule = &file(&tree, "shop", "allow-egress")["spec"]["egress"][1];
    assert_eq!(rule["toFQDNs"], json!([{"matchPattern": "*.example.com"}]));
}

#[test]
fn quotas_and_limits_by_tier_in_staging_and_prod_but_not_in_dev() {
    let [dev, staging, prod] = trees();
    for namespace in NAMESPACES {
        assert!(!has(dev, namespace, "resourcequota") && !has(dev, namespace, "limitrange"), "{namespace}");
    }
    let quota = |tree: &Tree, namespace: &str| file(tree, namespace, "resourcequota")["spec"]["hard"].clone();
    let sizes = [(staging, "12", "10"), (prod, "32", "20")];
    for (tree, cpu, pods) in sizes {
        assert_eq!(quota(tree, "shop")["requests.cpu"], cpu);
        assert_eq!(quota(tree, "payments")["pods"], pods);
    }
    for tree in [staging, prod] {
        for namespace in NAMESPACES {
            let quota = quota(tree, namespace);
            assert_eq!(
                (&quota["services.loadbalancers"], &quota["services.nodeports"]),
                (&json!("0"), &json!("0")),
                "the way in is Cilium's Ingress"
            );
            // A quota on requests refuses pods without any, so there must be a default for each.
            let range = &file(tree, namespace, "limitrange")["spec"]["limits"][0];
            assert_eq!(range["type"], "Container");
            for resource in ["cpu", "memory"] {
                assert!(quota[format!("requests.{resource}")].is_string());
                assert!(range["defaultRequest"][resource].is_string(), "{namespace} {resource}");
            }
            assert!(quota["limits.memory"].is_string() && range["default"]["memory"].is_string(), "{namespace}");
            assert!(range["max"]["memory"].is_string());
        }
    }
}

#[test]
fn namespaces_have_an_owner_and_a_level_of_pod_security() {
    everywhere(|tree| {
        for namespace in NAMESPACES {
            let object = file(tree, namespace, "namespace");
            let labels = &object["metadata"]["labels"];
            assert_eq!(labels["team"], namespace);
            assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
            assert_eq!(labels["pod-security.kubernetes.io/enforce-version"], "v1.35");
            let options = object["metadata"]["annotations"]["argocd.argoproj.io/sync-options"].as_str().unwrap();
            assert!(options.contains("Prune=false"), "a deleted line must not delete what runs");
            let exempt = &tree.object("AppProject", "platform")["spec"]["destinations"];
            assert!(exempt.as_array().unwrap().iter().any(|d| d["namespace"] == namespace), "{namespace}");
        }
    });
}

#[test]
fn policies_judge_the_pods_of_workloads() {
    everywhere(|tree| {
        for (path, policy) in tree.objects().filter(|(_, object)| object["kind"] == "ValidatingPolicy") {
            let expressions = &policy["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"];
            for expression in expressions.as_array().into_iter().flatten() {
                if expression["operator"] == "NotIn" {
                    let exempt = strings(&expression["values"]);
                    assert!(NAMESPACES.iter().all(|namespace| !exempt.contains(namespace)), "{path}");
                }
            }
        }
    });
}
