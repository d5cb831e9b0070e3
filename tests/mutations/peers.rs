//! What others see in what a mistake would have rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use rayon::prelude::*;
use serde_json::Value;

use crate::project::{Originals, mutations};
use crate::strict;

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) cfn_lint: bool,
    pub(crate) strict: bool,
}

fn tool(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/tools").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "missing: {}", path.display());
    eprintln!("SKIPPED: run `bash .ci/tools.sh`; there is no {}", path.display());
    None
}

/// For each mistake, whether cfn-lint and strict schemas see it. Only files that the mistake changed are shown to them.
pub(crate) fn seen(originals: &Originals) -> Option<Vec<Seen>> {
    let (cfn_lint, kubeconform) = (tool("venv/bin/cfn-lint")?, tool("bin/kubeconform")?);
    let mut plain = BTreeMap::new();
    for (project, original) in originals {
        for environment in ["dev", "staging", "prod"] {
            let copy = original.copied(&format!("{}-{environment}", project.replace('/', "-")));
            if !copy.has(environment) {
                continue;
            }
            plain.insert((*project, environment), files(&copy.rendered(environment).expect("the project renders")));
        }
    }
    let changed: Vec<Vec<PathBuf>> = mutations()
        .par_iter()
        .map(|mutation| {
            let environment = if mutation.environment == "all" { "prod" } else { &mutation.environment };
            let project = mutation.project.as_str();
            let copy = originals[project].patched(mutation).expect("the first test says why not");
            let Some(folder) = copy.rendered(environment) else { return Vec::new() };
            let before = plain.get(&(project, environment));
            let after = files(&folder).into_iter();
            let differs = |(path, text): &(String, String)| before.is_none_or(|before| before.get(path) != Some(text));
            after.filter(differs).map(|(path, _)| folder.join(path)).collect()
        })
        .collect();
    let all: BTreeSet<&Path> = changed.iter().flatten().map(PathBuf::as_path).collect();
    let (by_lint, by_schema) = (lint(&cfn_lint, &all), strict(&kubeconform, &all));
    let of = |files: &Vec<PathBuf>, wrong: &BTreeSet<PathBuf>| files.iter().any(|path| wrong.contains(path));
    Some(changed.iter().map(|files| Seen { cfn_lint: of(files, &by_lint), strict: of(files, &by_schema) }).collect())
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    let entries = entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "yaml"));
    let read = entries.map(|entry| {
        let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        (path, fs::read_to_string(entry.path()).unwrap())
    });
    read.collect()
}

/// Templates in which cfn-lint finds anything.
fn lint(program: &Path, files: &BTreeSet<&Path>) -> BTreeSet<PathBuf> {
    let templates: Vec<_> = files.iter().filter(|path| path.ends_with("template.yaml")).collect();
    if templates.is_empty() {
        return BTreeSet::new();
    }
    let output =
        Command::new(program).args(["--format", "json", "--include-checks", "I", "--"]).args(templates).output();
    let found: Vec<Value> = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    found.iter().map(|found| PathBuf::from(found["Filename"].as_str().unwrap())).collect()
}

/// Objects that the schema of their kind refuses.
fn strict(program: &Path, files: &BTreeSet<&Path>) -> BTreeSet<PathBuf> {
    let read = |path: &&Path| serde_yaml::from_str::<Value>(&fs::read_to_string(path).unwrap()).ok();
    let objects: Vec<(&Path, Value)> = files.iter().filter_map(|path| Some((*path, read(path)?))).collect();
    let kind = |object: &Value| Some((object["apiVersion"].as_str()?.to_owned(), object["kind"].as_str()?.to_owned()));
    let (objects, kinds): (Vec<_>, Vec<_>) =
        objects.iter().filter_map(|(path, object)| Some((*path, kind(object)?))).unzip();
    if objects.is_empty() {
        return BTreeSet::new();
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutations-schemas");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let location = strict::schemas(&folder, kinds.iter().map(|(version, kind)| (version.as_str(), kind.as_str())));
    let output = Command::new(program)
        .args(["-strict", "-output", "json", "-ignore-missing-schemas", "-schema-location", &location])
        .args(objects)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let invalid = report["resources"].as_array().into_iter().flatten();
    let invalid = invalid.filter(|found| found["status"] == "statusInvalid" || found["status"] == "statusError");
    invalid.map(|found| PathBuf::from(found["filename"].as_str().unwrap())).collect()
}
