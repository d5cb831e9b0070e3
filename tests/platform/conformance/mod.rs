//! What other people's schemas say about the rendered trees: charts, custom resources, Kubernetes, CloudFormation. Their
//! data lies in `../shared/upstream`, beside the repository. Without it these tests say that they skip; under `CI=true`
//! they fail.

#![allow(clippy::print_stderr, reason = "a test that skips says so")]

mod cloudformation;
mod helm;
pub(crate) mod kubernetes;

use std::path::{Path, PathBuf};

/// A folder of upstream data.
pub(crate) fn upstream(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/upstream").join(folder);
    or_skip(path, "there is no upstream data")
}

/// A tool that `.ci/tools.sh` installs.
pub(crate) fn tool(name: &str, installer: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/tools").join(name);
    or_skip(path, &format!("run `bash .ci/tools.sh {installer}`; there is no tool"))
}

fn or_skip(path: PathBuf, why: &str) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    let missing = format!("{why} at {}", path.display());
    assert!(std::env::var_os("CI").is_none_or(|ci| ci.is_empty()), "{missing}");
    eprintln!("SKIPPED: {missing}");
    None
}

fn json(path: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn yaml(path: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
