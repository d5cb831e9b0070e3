//! Kyverno's policies: which there are, what they do in which environment, and whom they leave alone. What they say about
//! an object is in `policies/`.

mod judge;
mod samples;
mod trivy;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::{Value, json};

use judge::{Judge, Request, matches};

use crate::everywhere;
use crate::tree::{Tree, changed, strings, trees};

const BASELINE: [&str; 5] = [
    "disallow-host-namespaces",
    "disallow-host-network",
    "disallow-host-path",
    "disallow-privilege-escalation",
    "disallow-privileged-containers",
];

const OTHERS: [&str; 8] = [
    "disallow-latest-tag",
    "disallow-unapproved-registries",
    "require-drop-all-capabilities",
    "require-labels",
    "require-probes",
    "require-read-only-root-filesystem",
    "require-requests-and-limits",
    "require-run-as-non-root",
];

/// The policies of a tree, of any kind.
fn policies(tree: &Tree) -> Vec<&Value> {
    let kinds = ["ValidatingPolicy", "ImageValidatingPolicy", "ClusterPolicy"];
    let found = tree.objects().filter(|(_, object)| kinds.contains(&object["kind"].as_str().unwrap()));
    found.map(|(_, policy)| policy).collect()
}

fn names(tree: &Tree) -> BTreeSet<&str> {
    policies(tree).iter().map(|policy| policy["metadata"]["name"].as_str().unwrap()).collect()
}

/// Prod with the other form of its policies.
fn cluster_policies() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| changed("prod", &["security.policyApi=cluster-policy"]))
}

#[test]
fn every_environment_has_the_policies_and_prod_the_one_on_services() {
    let mut expected: BTreeSet<_> = BASELINE.into_iter().chain(OTHERS).collect();
    assert_eq!(names(&trees()[0]), expected);
    expected.insert("trivy-admission");
    assert_eq!(names(&trees()[1]), expected);
    expected.insert("restrict-node-port");
    assert_eq!(names(&trees()[2]), expected);
}

#[test]
fn x17_policies_are_validating_policies_and_cluster_policies_by_setting() {
    everywhere(|tree| {
        for policy in policies(tree) {
            assert_eq!(policy["apiVersion"], "policies.kyverno.io/v1", "{}", policy["metadata"]["name"]);
            assert_eq!(policy["kind"], "ValidatingPolicy");
        }
    });
    let old = cluster_policies();
    assert_eq!(names(old), names(&trees()[2]));
    for policy in policies(old) {
        assert_eq!((&policy["apiVersion"], &policy["kind"]), (&json!("kyverno.io/v1"), &json!("ClusterPolicy")));
        assert_eq!(policy["spec"]["rules"][0]["validate"]["failureAction"], "Enforce");
    }
}

#[test]
fn policies_audit_in_dev_are_mixed_in_staging_and_enforce_in_prod() {
    let denying = |tree: &Tree| {
        let policies = policies(tree).into_iter();
        let denying = policies.filter(|policy| policy["spec"]["validationActions"] == json!(["Deny"]));
        denying.map(|policy| policy["metadata"]["name"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    assert!(denying(&trees()[0]).is_empty());
    let staging: BTreeSet<_> = BASELINE.into_iter().chain(["trivy-admission"]).map(str::to_owned).collect();
    assert_eq!(denying(&trees()[1]), staging);
    assert_eq!(denying(&trees()[2]).len(), policies(&trees()[2]).len());
    everywhere(|tree| {
        for policy in policies(tree) {
            let (name, spec) = (&policy["metadata"]["name"], &policy["spec"]);
            // A policy that only reports must not stop anything, and one without reports has nothing to say.
            let closed = spec["validationActions"] == json!(["Deny"]) && name != "trivy-admission";
            assert_eq!(spec["failurePolicy"], if closed { "Fail" } else { "Ignore" }, "{name}");
        }
    });
}

#[test]
fn the_action_of_one_policy_is_a_setting() {
    let tree = changed("prod", &["security.policies.overrides.require-probes=Audit"]);
    for policy in policies(&tree) {
        let expected = if policy["metadata"]["name"] == "require-probes" { "Audit" } else { "Deny" };
        assert_eq!(policy["spec"]["validationActions"], json!([expected]), "{}", policy["metadata"]["name"]);
    }
}

/// Namespaces of every component and folder of objects, as the objects of the GitOps engine name them.
fn platform_namespaces(tree: &Tree) -> BTreeSet<&str> {
    let applications = tree.objects().filter(|(_, object)| object["kind"] == "Application");
    let mut namespaces: BTreeSet<_> =
        applications.map(|(_, o)| o["spec"]["destination"]["namespace"].as_str().unwrap()).collect();
    assert!(namespaces.len() >= 6, "{namespaces:?}");
    namespaces.extend(["kube-system", "kube-node-lease", "kube-public"]);
    namespaces
}

#[test]
fn no_policy_blocks_the_platforms_own_namespaces() {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop"}, "spec": {
        "hostNetwork": true, "containers": [{"name": "c", "image": "c", "securityContext": {"privileged": true}}],
    }});
    let within = |namespace: &str| Request { namespace: namespace.to_owned(), ..Request::create(&pod) };
    everywhere(|tree| {
        let judged = policies(tree).into_iter().filter(|p| p["metadata"]["name"] != "restrict-node-port");
        for policy in judged {
            let constraints = &policy["spec"]["matchConstraints"];
            assert!(matches(constraints, &within("shop")), "{} judges nobody", policy["metadata"]["name"]);
            for namespace in platform_namespaces(tree) {
                assert!(!matches(constraints, &within(namespace)), "{namespace}: {}", policy["metadata"]["name"]);
            }
        }
    });
    let old = cluster_policies();
    for policy in policies(old) {
        for namespace in platform_namespaces(old) {
            let exempt = &policy["spec"]["rules"][0]["exclude"]["any"][0]["resources"]["namespaces"];
            assert!(strings(exempt).contains(&namespace), "{namespace}: {}", policy["metadata"]["name"]);
        }
    }
}

#[test]
fn kyvernos_webhooks_leave_the_platforms_own_namespaces_out() {
    everywhere(|tree| {
        let config = &tree.file("security-addons/kyverno/values.yaml")["config"];
        let selector = &config["webhooks"]["namespaceSelector"]["matchExpressions"];
        assert_eq!(selector.as_array().unwrap().len(), 1);
        assert_eq!((&selector[0]["operator"]), "NotIn");
        let exempt = strings(&selector[0]["values"]);
        assert!(platform_namespaces(tree).iter().all(|namespace| exempt.contains(namespace)));
    });
}

#[test]
fn policies_on_pods_judge_controllers_and_ephemeral_containers_too() {
    everywhere(|tree| {
        for policy in policies(tree).into_iter().filter(|p| p["metadata"]["name"] != "restrict-node-port") {
            let rules = policy["spec"]["matchConstraints"]["resourceRules"].as_array().unwrap();
            let resources: BTreeSet<_> = rules.iter().flat_map(|rule| strings(&rule["resources"])).collect();
            let expected =
                ["cronjobs", "daemonsets", "deployments", "jobs", "pods", "pods/ephemeralcontainers", "statefulsets"];
            assert!(expected.iter().all(|resource| resources.contains(resource)), "{resources:?}");
        }
    });
}

/// The expressions of all policies can be evaluated on an object that sets nothing optional.
#[test]
fn policies_can_judge_an_object_that_says_little() {
    let plain = json!({"containers": [{"name": "c", "image": "c:1"}]});
    let template = json!({"spec": plain});
    let objects = [
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop"}, "spec": plain}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "shop"}, "spec": {"template": template}}),
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"namespace": "shop"}, "spec": {"jobTemplate": {"spec": {"template": template}}}}),
    ];
    for object in &objects {
        let judged = policies(&trees()[2]).into_iter().map(|policy| {
            let judge = Judge::of(policy);
            (judge.name(), judge.refusals(&Request::create(object)))
        });
        let judged: BTreeMap<_, _> = judged.collect();
        assert_eq!(judged["disallow-host-path"], Some(0));
        assert_eq!(judged["require-labels"], Some(1));
        assert_eq!(judged["restrict-node-port"], None);
    }
}
