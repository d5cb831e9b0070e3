//! `examples/app`: one application by platc and by Kustomize. Both make the same objects, and differ in what they let pass.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read real files and start real programs")]
#![allow(clippy::print_stderr, reason = "a test that skips says so")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use serde_yaml::Value;

const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/app")
}

/// The program, once `bash .ci/tools.sh kustomize` has installed it; in CI it has to be there.
fn kustomize() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/tools/bin/kustomize");
    if path.exists() {
        return Some(path);
    }
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "missing: {}", path.display());
    eprintln!("SKIPPED: run `bash .ci/tools.sh kustomize`; there is no {}", path.display());
    None
}

fn built(kustomize: &Path, folder: &Path) -> Output {
    Command::new(kustomize).arg("build").arg(folder).output().unwrap()
}

/// A copy of the example in which files were changed: path, what stands there, what to put in its place.
fn changed(name: &str, changes: &[(&str, &str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("side-by-side").join(name);
    let _ = fs::remove_dir_all(&folder);
    for entry in walkdir::WalkDir::new(example()) {
        let entry = entry.unwrap();
        let to = folder.join(entry.path().strip_prefix(example()).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    for (path, old, new) in changes {
        let text = fs::read_to_string(folder.join(path)).unwrap();
        assert!(text.contains(old), "{path}");
        fs::write(folder.join(path), text.replacen(old, new, 1)).unwrap();
    }
    folder
}

fn platc(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_platc")).args(arguments).current_dir(folder).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(told).unwrap())
}

/// Lists that Kubernetes merges by `name` in the order of names: kustomize puts what it patched first.
fn sort_named(value: &mut Value) {
    match value {
        Value::Sequence(items) => {
            items.iter_mut().for_each(sort_named);
            if items.iter().all(|item| item.get("name").is_some()) {
                items.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
            }
        }
        Value::Mapping(map) => map.values_mut().for_each(sort_named),
        _ => {}
    }
}

/// Objects by kind and name.
fn objects(texts: impl Iterator<Item = String>) -> BTreeMap<(String, String), Value> {
    let objects = texts.map(|text| serde_yaml::from_str::<Value>(&text).unwrap());
    let named = objects.map(|mut object| {
        sort_named(&mut object);
        let name = |value: &Value| value.as_str().unwrap().to_owned();
        ((name(&object["kind"]), name(&object["metadata"]["name"])), object)
    });
    named.collect()
}

#[test]
fn both_make_the_same_objects() {
    let Some(kustomize) = kustomize() else { return };
    for environment in ENVIRONMENTS {
        let output = built(&kustomize, &example().join("kustomize/overlays").join(environment));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let theirs = String::from_utf8(output.stdout).unwrap();
        let theirs = objects(theirs.split("\n---\n").map(str::to_owned));
        let files =
            fs::read_dir(example().join("golden").join(environment)).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
        let ours = objects(files.map(|path| fs::read_to_string(path).unwrap()));
        assert_eq!(ours.len(), 3);
        assert_eq!(ours, theirs, "{environment}");
    }
}

/// A mistake in both layouts: what platc must say, and whether kustomize builds all the same.
fn mistake(
    name: &str,
    platc_change: (&str, &str, &str),
    says: &str,
    kustomize_change: (&str, &str, &str),
    builds: bool,
) {
    let folder = changed(name, &[platc_change, kustomize_change]);
    let (exit, told) = platc(&folder, &["validate", "prod"]);
    assert_eq!(exit, 1, "{told}");
    assert!(told.contains(says) && told.contains(platc_change.0), "{told}");
    let Some(kustomize) = kustomize() else { return };
    let output = built(&kustomize, &folder.join("kustomize/overlays/prod"));
    assert_eq!(output.status.success(), builds, "{}", String::from_utf8_lossy(&output.stderr));
}

const PROD: &str = "environments/prod/environment.yaml";
const PATCH: &str = "kustomize/overlays/prod/deployment.yaml";

#[test]
fn a_misspelt_key_is_found_by_one_and_built_by_the_other() {
    mistake(
        "typo",
        (PROD, "replicas: 3", "replica: 3"),
        "did you mean `replicas`?",
        (PATCH, "replicas: 3", "replica: 3"),
        true,
    );
}

#[test]
fn a_delete_that_deletes_nothing_is_found_by_one_and_built_by_the_other() {
    let says = "deletes nothing";
    mistake("delete", (PROD, "DRAFTS: null", "DRAFT: null"), says, (PATCH, "name: DRAFTS", "name: DRAFT"), true);
}

#[test]
fn a_rule_of_the_owner_is_kept_by_one_and_unknown_to_the_other() {
    let says = "production runs on more than one pod";
    mistake("rule", (PROD, "replicas: 3", "replicas: 1"), says, (PATCH, "replicas: 3", "replicas: 1"), true);
}

#[test]
fn a_tag_that_looks_like_a_number_is_text_for_one_and_refused_by_the_other() {
    let overlay = "kustomize/overlays/prod/kustomization.yaml";
    let images = "images:\n  - name: ghcr.io/example/notes\n    newTag: 1.40\npatches:";
    let folder =
        changed("tag", &[(PROD, "replicas: 3", "image: {tag: 1.40}\nreplicas: 3"), (overlay, "patches:", images)]);
    let (exit, told) = platc(&folder, &["render", "prod", "--stdout", "--only", "deployment.yaml"]);
    assert_eq!(exit, 0, "{told}");
    assert!(told.contains("image: \"ghcr.io/example/notes:1.40\""), "{told}");
    let Some(kustomize) = kustomize() else { return };
    assert!(!built(&kustomize, &folder.join("kustomize/overlays/prod")).status.success());
}
