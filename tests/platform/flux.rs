//! The same platform by Flux: `gitops.engine: flux`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::conformance::{kubernetes::judge_custom_resources, tool};
use crate::tree::{Tree, changed, trees};

/// Each environment's tree by Flux, beside its tree by Argo CD.
fn both() -> impl Iterator<Item = (&'static Tree, &'static Tree)> {
    static FLUX: OnceLock<Vec<Tree>> = OnceLock::new();
    let flux =
        FLUX.get_or_init(|| trees().iter().map(|tree| changed(&tree.environment, &["gitops.engine=flux"])).collect());
    trees().iter().zip(flux)
}

/// Files that belong to an engine, or tell of it.
fn of_the_engine(path: &str) -> bool {
    path.starts_with("gitops/") || path.starts_with("bootstrap/") || path == "deploy-order.txt"
}

fn named<'a>(tree: &'a Tree, kind: &str, group: &str) -> BTreeMap<&'a str, &'a Value> {
    let objects = tree.objects().map(|(_, object)| object);
    let of_kind = objects
        .filter(|object| object["kind"] == kind && object["apiVersion"].as_str().is_some_and(|v| v.starts_with(group)));
    of_kind.map(|object| (object["metadata"]["name"].as_str().unwrap(), object)).collect()
}

fn kustomizations(tree: &Tree) -> BTreeMap<&str, &Value> {
    named(tree, "Kustomization", "kustomize.toolkit.fluxcd.io/")
}

/// Names that an object waits for.
fn waits_for(object: &Value) -> BTreeSet<&str> {
    let list = object["spec"]["dependsOn"].as_array().unwrap();
    list.iter().map(|other| other["name"].as_str().unwrap()).collect()
}

#[test]
fn both_engines_deploy_the_same_files() {
    for (argocd, flux) in both() {
        let files = |tree: &'static Tree| -> BTreeMap<_, _> {
            tree.files.iter().filter(|(path, _)| !of_the_engine(path)).collect()
        };
        assert_eq!(files(argocd), files(flux), "{}", argocd.environment);
        assert!(flux.objects().all(|(path, object)| object["kind"] != "Application" || !of_the_engine(path)));
        assert!(!argocd.text("deploy-order.txt").contains("flux"));
        assert!(flux.text("deploy-order.txt").contains("helm flux-system/flux2 2.18.3"));
    }
}

#[test]
fn both_engines_install_the_same_charts_and_folders() {
    for (argocd, flux) in both() {
        let releases = named(flux, "HelmRelease", "helm.toolkit.fluxcd.io/");
        let folders = kustomizations(flux);
        let mut seen = BTreeSet::new();
        for (name, application) in named(argocd, "Application", "argoproj.io/") {
            let spec = &application["spec"];
            if ["root", "argo-cd"].contains(&name) {
                continue;
            }
            assert!(seen.insert(name));
            let folder = format!("./clusters/{}/", argocd.environment);
            if let Some(path) = spec["source"]["path"].as_str() {
                assert_eq!(folders[name]["spec"]["path"], format!("./{path}"));
                continue;
            }
            assert_eq!(folders[name]["spec"]["path"], format!("{folder}gitops/releases/{name}"));
            let (chart, release) = (&spec["sources"][0], &releases[name]["spec"]);
            assert_eq!(release["releaseName"], name);
            assert_eq!(release["targetNamespace"], spec["destination"]["namespace"]);
            let source = flux.file(&format!("gitops/releases/{name}/source.yaml"));
            assert_eq!(source["metadata"]["name"], name);
            if source["kind"] == "OCIRepository" {
                assert_eq!(release["chartRef"], json!({"kind": "OCIRepository", "name": name}));
                let url = format!("oci://{}/{}", chart["repoURL"].as_str().unwrap(), chart["chart"].as_str().unwrap());
                assert_eq!(source["spec"]["url"], url);
                assert_eq!(source["spec"]["ref"]["tag"], chart["targetRevision"]);
            } else {
                assert_eq!(source["spec"]["url"], chart["repoURL"]);
                assert_eq!(release["chart"]["spec"]["chart"], chart["chart"]);
                assert_eq!(release["chart"]["spec"]["version"], chart["targetRevision"]);
                assert_eq!(release["chart"]["spec"]["sourceRef"], json!({"kind": source["kind"], "name": name}));
            }
        }
        let all: BTreeSet<_> = folders.keys().copied().filter(|name| *name != "platform").collect();
        assert_eq!(all, seen, "{}", argocd.environment);
    }
}

#[test]
fn a_wave_waits_for_all_of_the_wave_before_it() {
    for (argocd, flux) in both() {
        let wave = |name: &str| -> i64 {
            let annotations = &argocd.object("Application", name)["metadata"]["annotations"];
            annotations["argocd.argoproj.io/sync-wave"].as_str().unwrap().parse().unwrap()
        };
        let folders = kustomizations(flux);
        let mut waves: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
        for name in folders.keys().filter(|name| **name != "platform") {
            waves.entry(wave(name)).or_default().insert(name);
        }
        let mut before = BTreeSet::new();
        for names in waves.into_values() {
            for name in &names {
                assert_eq!(waits_for(folders[name]), before, "{name} of {}", argocd.environment);
                assert_eq!(folders[name]["spec"]["wait"], true);
            }
            before = names;
        }
        for (name, release) in named(flux, "HelmRelease", "helm.toolkit.fluxcd.io/") {
            for other in waits_for(release) {
                assert!(wave(other) < wave(name), "{name} waits for {other}");
            }
        }
    }
}

#[test]
fn objects_of_flux_hold_to_their_definitions() {
    for count in judge_custom_resources(both().map(|(_, flux)| flux)) {
        assert!(count >= 15, "{count} objects");
    }
}

#[test]
fn kustomize_puts_each_values_file_into_the_config_map_that_its_release_reads() {
    let Some(kustomize) = tool("bin/kustomize", "kustomize") else { return };
    let (_, flux) = both().nth(2).unwrap();
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("platform/prod-gitops_engine_flux/prod");
    for (name, release) in named(flux, "HelmRelease", "helm.toolkit.fluxcd.io/") {
        let folder = root.join("gitops/releases").join(name);
        let output =
            Command::new(&kustomize).args(["build", "--load-restrictor=LoadRestrictionsNone"]).arg(&folder).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let documents: Vec<Value> = text.split("\n---\n").map(|text| serde_yaml::from_str(text).unwrap()).collect();
        assert_eq!(documents.len(), 3, "{name}");
        let map = documents.iter().find(|document| document["kind"] == "ConfigMap").unwrap();
        assert_eq!(map["metadata"]["name"], release["spec"]["valuesFrom"][0]["name"]);
        assert_eq!(map["metadata"]["namespace"], release["metadata"]["namespace"]);
        assert_eq!(map["metadata"]["labels"]["reconcile.fluxcd.io/watch"], "Enabled");
        let stack = release["metadata"]["labels"]["app.kubernetes.io/part-of"].as_str().unwrap();
        assert_eq!(map["data"]["values.yaml"], flux.text(&format!("{stack}/{name}/values.yaml")), "{name}");
    }
}
