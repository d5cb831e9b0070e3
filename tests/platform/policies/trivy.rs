//! X5: images that Trivy is known to have found vulnerable.

use serde_json::{Value, json};

use super::judge::{Judge, Request};
use super::samples::reports;
use crate::tree::{changed, strings, trees};

const POLICIES: &str = "security-addons/kyverno/policies";

fn policy() -> Judge<'static> {
    Judge::of(trees()[2].object("ValidatingPolicy", "trivy-admission"))
}

fn pod(image: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop"}, "spec": {
        "containers": [{"name": "c", "image": image}],
    }})
}

fn deployment(image: &str, replicas: u32) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "shop"}, "spec": {
        "replicas": replicas, "template": {"spec": {"containers": [{"name": "c", "image": image}]}},
    }})
}

fn known(request: Request) -> Request {
    Request { reports: reports(), ..request }
}

#[test]
fn x5_the_unscanned_is_admitted_and_so_is_everything_without_reports() {
    let policy = policy();
    let vulnerable = pod("public.ecr.aws/example/cart:2.0");
    assert_eq!(policy.refusals(&known(Request::create(&vulnerable))), Some(1));
    assert_eq!(policy.refusals(&known(Request::create(&pod("public.ecr.aws/example/cart:2.1")))), Some(0));
    assert_eq!(policy.refusals(&Request::create(&vulnerable)), Some(0), "there is no report yet");
    assert_eq!(
        trees()[2].object("ValidatingPolicy", "trivy-admission")["spec"]["failurePolicy"],
        "Ignore",
        "reports that cannot be read must not stop a pod"
    );
}

#[test]
fn x5_an_image_is_known_by_each_of_its_names() {
    let policy = policy();
    for image in [
        "nginx:1.29",
        "library/nginx:1.29",
        "docker.io/nginx:1.29",
        "docker.io/library/nginx:1.29",
        "index.docker.io/library/nginx:1.29",
        "redis",
        "docker.io/redis:latest",
        "example/tools:5",
        "docker.io/example/tools:5",
    ] {
        assert_eq!(policy.refusals(&known(Request::create(&pod(image)))), Some(1), "{image}");
    }
    for image in ["nginx:1.30", "quay.io/library/nginx:1.29", "localhost:5000/nginx:1.29", "redis:8", "tools:5"] {
        assert_eq!(policy.refusals(&known(Request::create(&pod(image)))), Some(0), "{image}");
    }
}

#[test]
fn x5_what_runs_keeps_running() {
    let policy = policy();
    let vulnerable = "public.ecr.aws/example/cart:2.0";
    let (one, ten) = (deployment(vulnerable, 1), deployment(vulnerable, 10));
    assert_eq!(policy.refusals(&known(Request::update(&one, &ten))), Some(0), "it may be scaled");
    let from_good = deployment("public.ecr.aws/example/cart:2.1", 1);
    assert_eq!(policy.refusals(&known(Request::update(&from_good, &one))), Some(1), "an update may not bring it");

    let owned = |kind: &str| {
        let mut pod = pod(vulnerable);
        pod["metadata"]["ownerReferences"] = json!([{"kind": kind, "name": "cart", "controller": true}]);
        pod
    };
    let moved = owned("ReplicaSet");
    assert_eq!(policy.refusals(&known(Request::create(&moved))), None, "its node is drained");
    assert_eq!(policy.refusals(&known(Request::create(&owned("Rollout")))), Some(1), "nobody judged its owner");
    let mut changed = moved.clone();
    changed["spec"]["containers"][0]["image"] = json!("example/tools:5");
    assert_eq!(policy.refusals(&known(Request::update(&moved, &changed))), Some(1), "a pod may be patched");
}

#[test]
fn x5_x6_the_threshold_decides_what_is_refused() {
    let medium = pod("public.ecr.aws/example/shop:1.30");
    for (threshold, expected) in [("CRITICAL", 0), ("HIGH", 0), ("MEDIUM", 1), ("LOW", 1)] {
        let tree = changed("prod", &[&format!("security.images.severityThreshold={threshold}")]);
        let policy = Judge::of(tree.object("ValidatingPolicy", "trivy-admission"));
        assert_eq!(policy.refusals(&known(Request::create(&medium))), Some(expected), "{threshold}");
    }
}

#[test]
fn x5_kyverno_may_read_the_reports_and_keeps_them() {
    for tree in &trees()[1..] {
        let entry = &tree.object("GlobalContextEntry", "vulnerability-reports")["spec"]["kubernetesResource"];
        let (group, resource) = ("aquasecurity.github.io", "vulnerabilityreports");
        assert_eq!((&entry["group"], &entry["resource"]), (&json!(group), &json!(resource)));
        let role = tree.object("ClusterRole", "kyverno:vulnerability-reports");
        for controller in ["admission", "reports"] {
            let label = format!("rbac.kyverno.io/aggregate-to-{controller}-controller");
            assert_eq!(role["metadata"]["labels"][&label], "true");
        }
        assert_eq!(strings(&role["rules"][0]["apiGroups"]), [group]);
        assert_eq!(strings(&role["rules"][0]["resources"]), [resource]);
        assert_eq!(strings(&role["rules"][0]["verbs"]), ["get", "list", "watch"]);
    }
}

#[test]
fn x5_with_an_attestor_images_need_a_signed_scan() {
    let file = format!("{POLICIES}/verify-scan-attestations.yaml");
    assert!(!trees()[2].files.contains_key(&file));
    let tree = changed(
        "prod",
        &[
            "security.images.attestors=[{name: release, key: '-----BEGIN PUBLIC KEY-----'}, {name: ci, keyless: {issuer: 'https://token.actions.githubusercontent.com', subject: 'https://github.com/example/shop/.github/workflows/build.yml@refs/heads/main'}}]",
        ],
    );
    crate::conformance::kubernetes::judge_custom_resources([&tree]);
    let policy = tree.file(&file);
    assert_eq!(policy["kind"], "ImageValidatingPolicy");
    assert_eq!(policy["spec"]["validationActions"], json!(["Deny"]));
    assert_eq!(policy["spec"]["matchImageReferences"][0]["glob"], "333333333333.dkr.ecr.eu-central-1.amazonaws.com/*");
    let attestors = policy["spec"]["attestors"].as_array().unwrap();
    assert_eq!(attestors[0]["cosign"]["key"]["data"], "-----BEGIN PUBLIC KEY-----");
    assert!(attestors[1]["cosign"]["keyless"]["identities"][0]["subject"].is_string());
    let rule = policy["spec"]["validations"][0]["expression"].as_str().unwrap();
    for attestor in ["release", "ci"] {
        assert!(rule.contains(&format!("attestations.scan, [attestors.{attestor}]")), "{rule}");
    }
    let off = changed(
        "prod",
        &[
            "features.trivyAdmission=false",
            "security.images.attestors=[{name: release, key: '-----BEGIN PUBLIC KEY-----'}]",
        ],
    );
    assert!(!off.files.contains_key(&file), "the flag takes it away");
}
