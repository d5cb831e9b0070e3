//! A folder of strict schemas for kubeconform, from other people's data beside the repository: custom resources, and
//! Kubernetes' own kinds.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// Fills a folder with the schemas of all custom resources and of those own kinds that are asked for, as `apiVersion` and
/// `kind`. Returns what kubeconform wants to be told as `-schema-location`.
pub(crate) fn schemas<'a>(folder: &Path, kinds: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let upstream = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/upstream");
    // kubeconform looks for kinds in lower case.
    for entry in fs::read_dir(upstream.join("crds")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if Path::new(&name).extension().is_some_and(|ending| ending == "json") {
            fs::copy(entry.path(), folder.join(name.to_lowercase())).unwrap();
        }
    }
    let core = fs::read_to_string(upstream.join("kubernetes/definitions-v1.35.0.json")).unwrap();
    let core: Value = serde_json::from_str(&core).unwrap();
    for (api_version, kind) in kinds {
        if let Some(schema) = own_kind(&core, api_version, kind) {
            // To kubeconform the group of `v1` is `v1`.
            let (group, version) = api_version.split_once('/').unwrap_or((api_version, api_version));
            let name = format!("{group}_{kind}_{version}.json").to_lowercase();
            fs::write(folder.join(name), schema.to_string()).unwrap();
        }
    }
    format!("{}/{{{{.Group}}}}_{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json", folder.display())
}

/// The schema of one of Kubernetes' own kinds, whole.
fn own_kind(core: &Value, api_version: &str, kind: &str) -> Option<Value> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let wanted = json!({ "group": group, "kind": kind, "version": version });
    let (name, _) = core["definitions"].as_object()?.iter().find(|(_, definition)| {
        let kinds = definition["x-kubernetes-group-version-kind"].as_array();
        kinds.is_some_and(|kinds| kinds.contains(&wanted))
    })?;
    let reference = format!("#/definitions/{name}");
    Some(json!({ "$ref": reference, "definitions": core["definitions"] }))
}
