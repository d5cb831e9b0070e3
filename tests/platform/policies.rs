//! The policies' own CEL, evaluated by platc's engine on pods that they must admit and pods that they must refuse.

use platc::disk::Memory;
use serde_json::{Value, json};

use crate::conformance::kubernetes::{judged, load};
use crate::tree::trees;

/// A pod that every policy admits.
fn good() -> Value {
    json!({"spec": {
        "initContainers": [container("ghcr.io/example/migrate:2.1")],
        "containers": [container("localhost:5000/shop:1.30"), container(&format!("shop@sha256:{}", "a".repeat(64)))],
    }})
}

fn container(image: &str) -> Value {
    json!({
        "name": "c", "image": image, "securityContext": {"privileged": false},
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
    })
}

/// What a policy of prod says against a pod: the messages of its validations that do not hold.
fn against(policy: &str, pod: &Value) -> Vec<String> {
    let spec = &trees()[2].object("ValidatingPolicy", policy)["spec"];
    // Variables stand for their expressions, in the order in which they may use each other.
    let variables = spec["variables"].as_array().unwrap();
    let inlined = |expression: &Value| {
        let mut text = expression.as_str().unwrap().to_owned();
        for variable in variables.iter().rev() {
            let name = format!("variables.{}", variable["name"].as_str().unwrap());
            text = text.replace(&name, &format!("({})", variable["expression"].as_str().unwrap()));
        }
        text.replace("object.", "self.")
    };
    let rules = spec["validations"].as_array().unwrap().iter();
    let rules: Vec<_> =
        rules.map(|rule| json!({"rule": inlined(&rule["expression"]), "message": rule["message"]})).collect();
    let schema =
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-validations": rules});
    let disk = Memory::default().file("policy.json", serde_json::to_vec(&schema).unwrap());
    judged(&load(&disk, "policy.json"), "pod.yaml", &pod.to_string())
}

/// The good pod with one change, and how many validations must refuse it.
fn refuses(policy: &str, refusals: usize, change: impl FnOnce(&mut Value)) {
    let mut pod = good();
    change(&mut pod["spec"]);
    let told = against(policy, &pod);
    assert_eq!(told.len(), refusals, "{policy} on {pod}: {told:#?}");
    assert!(told.iter().all(|told| told.starts_with("schema/rule: ")), "{told:#?}");
}

#[test]
fn every_policy_admits_the_good_pod() {
    for policy in ["disallow-latest-tag", "disallow-privileged-containers", "require-requests-and-limits"] {
        assert_eq!(against(policy, &good()), Vec::<String>::new(), "{policy}");
    }
}

#[test]
fn privileged_containers_are_refused_wherever_they_stand() {
    let policy = "disallow-privileged-containers";
    let privileged = json!({"name": "p", "image": "a:1", "securityContext": {"privileged": true}});
    refuses(policy, 1, |spec| spec["containers"][1] = privileged.clone());
    refuses(policy, 1, |spec| spec["initContainers"] = json!([privileged]));
    refuses(policy, 1, |spec| spec["ephemeralContainers"] = json!([privileged]));
    refuses(policy, 0, |spec| spec["containers"][0]["securityContext"] = json!({"runAsNonRoot": true}));
    refuses(policy, 0, |spec| spec["containers"][0] = json!({"name": "plain", "image": "a:1"}));
}

#[test]
fn images_without_a_version_are_refused_wherever_they_stand() {
    let policy = "disallow-latest-tag";
    for image in ["nginx", "nginx:latest", "localhost:5000/nginx", "ghcr.io/a/b"] {
        refuses(policy, 1, |spec| spec["containers"][0]["image"] = image.into());
        refuses(policy, 1, |spec| spec["initContainers"][0]["image"] = image.into());
        refuses(policy, 1, |spec| spec["ephemeralContainers"] = json!([{"name": "e", "image": image}]));
    }
    for image in ["nginx:1", "localhost:5000/nginx:1.27-alpine", "latest:1"] {
        refuses(policy, 0, |spec| spec["containers"][0]["image"] = image.into());
    }
}

#[test]
fn containers_without_requests_or_a_memory_limit_are_refused() {
    let policy = "require-requests-and-limits";
    refuses(policy, 2, |spec| spec["containers"][0] = json!({"name": "c", "image": "a:1"}));
    refuses(policy, 1, |spec| spec["containers"][0]["resources"]["requests"] = json!({"cpu": "1"}));
    refuses(policy, 1, |spec| spec["initContainers"][0]["resources"]["limits"] = json!({"cpu": "1"}));
    // They cannot have resources.
    refuses(policy, 0, |spec| spec["ephemeralContainers"] = json!([{"name": "debug", "image": "a:1"}]));
}
