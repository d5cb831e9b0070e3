//! What platc writes, given to the tools of those who will use it: kubeconform checks Kubernetes objects against the
//! schemas of their kinds, helm takes values files for charts with their defaults and schemas.
//!
//! Needs `bash .ci/tools.sh peers` and the upstream schemas and charts beside the repository.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests read real files and say what they skip"
)]

#[path = "support/strict.rs"]
mod strict;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_yaml::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A tool of `.ci/tools.sh peers` and the folder of upstream data; without them nothing, or a failure in CI.
fn needs(tool: &str, data: &str) -> Option<(PathBuf, PathBuf)> {
    let tool = root().join(".ci/tools/bin").join(tool);
    let data = root().join("../shared/upstream").join(data);
    let missing: Vec<_> = [&tool, &data].into_iter().filter(|path| !path.exists()).collect();
    if missing.is_empty() {
        return Some((tool, data));
    }
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "missing: {missing:?}");
    eprintln!("SKIPPED: missing {missing:?}; `bash .ci/tools.sh peers` installs the tools");
    None
}

/// An empty folder for one test.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Every YAML file below the golden trees, with what it holds.
fn golden() -> Vec<(PathBuf, Value)> {
    let mut folders = vec![root().join("golden")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((
                    path.clone(),
                    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
                ));
            }
        }
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert!(files.len() > 30, "golden trees hold {} YAML files; is this the repository?", files.len());
    files
}

/// `group/version` and kind of a Kubernetes object.
fn kind(value: &Value) -> Option<(&str, &str)> {
    Some((value.get("apiVersion")?.as_str()?, value.get("kind")?.as_str()?))
}

#[test]
fn kubernetes_objects_match_the_schemas_of_their_kinds() {
    let Some((kubeconform, _)) = needs("kubeconform", "crds") else { return };
    // A file for kustomize is no object of a cluster; tests/platform gives it to kustomize.
    let is_object =
        |value: &Value| kind(value).is_some_and(|(group, _)| !group.starts_with("kustomize.config.k8s.io/"));
    let objects: Vec<_> = golden().into_iter().filter(|(_, value)| is_object(value)).collect();
    assert!(objects.len() > 20, "the golden trees hold {} Kubernetes objects", objects.len());
    let location = strict::schemas(&scratch("kubeconform"), objects.iter().filter_map(|(_, value)| kind(value)));
    let output = Command::new(kubeconform)
        .args(["-strict", "-summary", "-output", "text", "-schema-location", &location])
        .args(objects.iter().map(|(path, _)| path))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let all = format!("Valid: {}, Invalid: 0, Errors: 0, Skipped: 0", objects.len());
    assert!(said.contains(&all), "{said}\nwanted: {all}");
}

#[test]
fn helm_takes_every_values_file_for_its_chart() {
    let Some((helm, charts)) = needs("helm", "charts") else { return };
    let folder = scratch("helm");
    let mut taken = 0;
    // Environments share most of their values.
    let mut seen = std::collections::BTreeSet::new();
    for (path, value) in golden() {
        let Some(component) = path.parent().and_then(Path::file_name).filter(|_| path.ends_with("values.yaml")) else {
            continue;
        };
        if !seen.insert((component.to_owned(), fs::read_to_string(&path).unwrap())) {
            continue;
        }
        // A component of one's own has a chart that nobody here knows.
        if component == "descheduler" && path.starts_with(root().join("golden/own-component")) {
            continue;
        }
        let upstream = charts.join(chart(&path, component.to_str().unwrap()));
        assert!(upstream.exists(), "{path:?}: there is no chart of this name in {charts:?}");
        let chart = folder.join(component);
        make_chart(&upstream, &chart);
        let output = Command::new(&helm)
            .args(["template", "release", "--values"])
            .arg(&path)
            .arg(&chart)
            .env("HELM_CONFIG_HOME", folder.join("config"))
            .env("HELM_CACHE_HOME", folder.join("cache"))
            .env("HELM_DATA_HOME", folder.join("data"))
            .output()
            .unwrap();
        let warned = String::from_utf8_lossy(&output.stderr);
        // "cannot overwrite table with non table" and its like are warnings to helm: it drops the value.
        assert!(output.status.success() && warned.is_empty(), "{path:?}: {warned}");
        let merged: Value = serde_yaml::from_slice(&output.stdout).unwrap();
        let lost = lost(&value, &merged, "");
        assert!(lost.is_empty(), "{path:?}: helm does not have what the file says:\n{}", lost.join("\n"));
        taken += 1;
    }
    assert!(taken >= 6, "only {taken} values files were found");
}

/// The chart that a component is installed from, by the object of the GitOps engine in the same tree.
fn chart(values: &Path, component: &str) -> String {
    let environment = values.strip_prefix(root().join("golden")).unwrap().iter().next().unwrap();
    let gitops = root().join("golden").join(environment).join("gitops");
    let read =
        |path: String| -> Option<Value> { serde_yaml::from_str(&fs::read_to_string(gitops.join(path)).ok()?).ok() };
    let application = read(format!("applications/{component}.yaml"));
    let by_argocd = application.and_then(|object| object["spec"]["sources"][0]["chart"].as_str().map(str::to_owned));
    let release = read(format!("releases/{component}/release.yaml"));
    let by_flux = release.and_then(|object| object["spec"]["chart"]["spec"]["chart"].as_str().map(str::to_owned));
    by_argocd.or(by_flux).unwrap_or_else(|| component.to_owned())
}

/// The chart's own defaults and schema, and one template that prints what helm makes of the values.
fn make_chart(upstream: &Path, chart: &Path) {
    let _ = fs::remove_dir_all(chart);
    fs::create_dir_all(chart.join("templates")).unwrap();
    let name = upstream.file_name().unwrap().to_str().unwrap();
    fs::write(chart.join("Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 0.0.0\n")).unwrap();
    fs::write(chart.join("templates/values.yaml"), "{{ .Values | toYaml }}\n").unwrap();
    for file in ["values.yaml", "values.schema.json"] {
        if upstream.join(file).exists() {
            fs::copy(upstream.join(file), chart.join(file)).unwrap();
        }
    }
}

/// The places where helm has something else than the file; what the chart adds is fine.
fn lost(wanted: &Value, found: &Value, path: &str) -> Vec<String> {
    match (wanted, found) {
        // An empty map changes nothing, and null takes a default away.
        (Value::Mapping(wanted), Value::Mapping(found)) => {
            let below = wanted.iter().filter(|(_, value)| !value.is_null()).flat_map(|(key, value)| {
                let path = format!("{path}.{}", key.as_str().unwrap_or("?"));
                found.get(key).map_or_else(|| vec![format!("{path} is gone")], |found| lost(value, found, &path))
            });
            below.collect()
        }
        (wanted, found) if wanted == found => Vec::new(),
        _ => vec![format!("{path} is {found:?}, not {wanted:?}")],
    }
}
