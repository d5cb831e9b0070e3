//! The manifests beside this file: for each policy some that break it, and some that break none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::judge::{Judge, Request};
use super::{cluster_policies, policies};
use crate::conformance::kubernetes::{judge_custom_resources, judge_own_kinds};
use crate::tree::{Tree, changed, trees};

const NO_SAMPLES: [&str; 1] = ["verify-scan-attestations"];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/platform/policies")
}

fn samples() -> Tree {
    Tree::read("the samples", &folder())
}

/// Manifests of a policy, good or bad.
fn of<'a>(samples: &'a Tree, policy: &str, beginning: &str) -> BTreeMap<&'a str, &'a Value> {
    let beginning = format!("{policy}/{beginning}");
    samples.documents().filter(|(path, _)| path.starts_with(&beginning)).collect()
}

/// What Trivy is taken to have found.
pub(super) fn reports() -> Vec<Value> {
    let samples = samples();
    samples.objects().filter(|(_, o)| o["kind"] == "VulnerabilityReport").map(|(_, o)| o.clone()).collect()
}

fn request(object: &Value) -> Request {
    Request { reports: reports(), ..Request::create(object) }
}

#[test]
fn every_policy_has_a_good_and_a_bad_sample_and_every_sample_a_policy() {
    let samples = samples();
    let with = changed("prod", &["security.images.attestors=[{name: ci, key: '-----BEGIN PUBLIC KEY-----'}]"]);
    let names: BTreeSet<_> = policies(&with).iter().map(|p| p["metadata"]["name"].as_str().unwrap()).collect();
    for name in &names {
        if NO_SAMPLES.contains(name) {
            continue; // Signatures lie in a registry, which no test here can ask.
        }
        assert!(!of(&samples, name, "good").is_empty(), "{name} has no good sample");
        assert!(!of(&samples, name, "bad").is_empty(), "{name} has no bad sample");
    }
    for (path, _) in samples.documents() {
        assert!(names.contains(path.split('/').next().unwrap()), "{path} is of no policy");
    }
}

#[test]
fn samples_are_objects_that_kubernetes_would_take() {
    let samples = samples();
    judge_own_kinds(&samples);
    assert!(judge_custom_resources([&samples]).iter().all(|count| *count == reports().len()));
}

/// Policies whose language is CEL; as a ClusterPolicy, the one on vulnerable images is JMESPath, which no engine here speaks.
fn judges(tree: &Tree) -> Vec<Judge<'_>> {
    let spoken = |policy: &&Value| policy["spec"]["rules"][0]["validate"].get("deny").is_none();
    policies(tree).into_iter().filter(spoken).map(Judge::of).collect()
}

#[test]
fn every_bad_sample_is_refused_by_its_policy_and_by_no_other() {
    let (samples, judges) = (samples(), judges(&trees()[2]));
    for (path, sample) in samples.objects().filter(|(path, _)| path.contains("/bad")) {
        let request = request(sample);
        let refusing = judges.iter().filter(|judge| judge.refuses(&request)).map(Judge::name);
        assert_eq!(refusing.collect::<Vec<_>>(), [path.split('/').next().unwrap()], "{path}");
    }
}

#[test]
fn every_good_sample_is_admitted_by_every_policy() {
    let (samples, judges) = (samples(), judges(&trees()[2]));
    for (path, sample) in samples.objects().filter(|(path, _)| path.contains("/good")) {
        for judge in &judges {
            assert!(!judge.refuses(&request(sample)), "{path} by {}", judge.name());
        }
    }
}

#[test]
fn x17_cluster_policies_say_the_same() {
    let (samples, judges) = (samples(), judges(cluster_policies()));
    for judge in &judges {
        for (path, sample) in of(&samples, judge.name(), "") {
            assert_eq!(judge.refuses(&request(sample)), path.contains("/bad"), "{path}");
        }
    }
    assert_eq!(judges.len() + 1, policies(cluster_policies()).len());
}

/// A workload that breaks every policy on pods was there before the policies were: what leaves its spec alone passes.
#[test]
fn what_an_update_leaves_alone_is_not_judged() {
    let samples = samples();
    let bad = of(&samples, "disallow-privileged-containers", "bad.yaml")["disallow-privileged-containers/bad.yaml"];
    let mut held = bad.clone();
    held["metadata"]["finalizers"] = json!(["batch.kubernetes.io/job-tracking"]);
    let policy = Judge::of(trees()[2].object("ValidatingPolicy", "disallow-privileged-containers"));
    assert_eq!(policy.refusals(&Request::update(&held, bad)), None, "its finalizer must go");
    assert_eq!(policy.refusals(&Request::create(bad)), Some(1));
    let empty = Request { old: json!({}), ..Request::create(bad) };
    assert_eq!(policy.refusals(&empty), Some(1), "an old object may be empty instead of null");

    let mut debugged = bad.clone();
    debugged["spec"]["ephemeralContainers"] = json!([{"name": "debug", "image": "public.ecr.aws/example/debug:1"}]);
    assert_eq!(policy.refusals(&Request::update(bad, &debugged)), Some(1), "the spec changed");
}

#[test]
fn labels_that_are_taken_away_are_missed() {
    let samples = samples();
    let bad = of(&samples, "require-labels", "bad.yaml")["require-labels/bad.yaml"];
    let mut labelled = bad.clone();
    labelled["metadata"]["labels"] = json!({"app.kubernetes.io/name": "shop", "app.kubernetes.io/part-of": "webshop"});
    let policy = Judge::of(trees()[2].object("ValidatingPolicy", "require-labels"));
    assert_eq!(policy.refusals(&Request::update(&labelled, bad)), Some(1));
    assert_eq!(policy.refusals(&Request::update(bad, &labelled)), Some(0));
    assert_eq!(policy.refusals(&Request::update(bad, bad)), None);
}
