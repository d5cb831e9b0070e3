//! Judges of what platc prints for other programs: the documented schema of JSON, and the standard's of SARIF.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its judge fails")]
#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests read real files and say what they skip")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

/// `docs/findings.schema.json`, which has to know every field that there is.
pub fn json() -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.schema.json");
    let mut schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    close(&mut schema);
    jsonschema::draft202012::new(&schema).unwrap()
}

/// The schema of SARIF 2.1.0, if it is installed.
pub fn sarif() -> Option<Validator> {
    let schema = tool("sarif-schema-2.1.0.json", "sarif")?;
    let mut schema: Value = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
    // The pattern has a bracket too many and is no regular expression to a strict reader; platc writes no language.
    for user in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{user}/properties/language")).unwrap();
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    Some(jsonschema::draft7::new(&schema).unwrap())
}

/// The schema of CycloneDX 1.6, with those that it refers to, if they are installed.
pub fn cyclonedx() -> Option<Validator> {
    let folder = tool("cyclonedx", "cyclonedx")?;
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.join(format!("{name}.SNAPSHOT.schema.json"))).unwrap()).unwrap()
    };
    let mut registry = jsonschema::Registry::new();
    for name in ["spdx", "jsf-0.82"] {
        registry =
            registry.add(format!("http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json"), read(name)).unwrap();
    }
    let registry = registry.prepare().unwrap();
    Some(jsonschema::options().with_registry(&registry).build(&read("bom-1.6")).unwrap())
}

/// What a judge has against a document.
pub fn errors(judge: &Validator, document: &Value) -> Vec<String> {
    judge.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Every map of the schema refuses what it does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(close);
            if map.get("properties").is_some_and(Value::is_object) {
                map.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Something that `.ci/tools.sh` installs. Says so if it is missing, and fails in CI.
pub fn tool(name: &str, installer: &str) -> Option<PathBuf> {
    let there = env::var_os("PLATC_TEST_TOOLS").map(PathBuf::from);
    let path = there.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/tools")).join(name);
    if path.exists() {
        return Some(path);
    }
    let missing = format!("{} is missing: run `bash .ci/tools.sh {installer}`", path.display());
    assert!(env::var("CI").as_deref() != Ok("true"), "{missing}");
    eprintln!("SKIPPED: {missing}");
    None
}
