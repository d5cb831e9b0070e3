//! What is staged is judged, whatever lies in the working tree: under the real pre-commit ([`pre_commit`]), by hooks of
//! git alone wherever a commit can be made ([`places`]), and against repositories that want to start programs
//! ([`hostile`]).

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests build real repositories and fail loudly")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod hostile;
mod places;
mod pre_commit;
#[path = "../support/mod.rs"]
mod support;
mod wheel;

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Project, Ran};

const LAYER: &str = "cluster:\n  name: main\n  version: \"1.34\"\n";
const GOOD: &str = "extends: [../base]\ncluster:\n  version: \"1.35\"\n";
const BAD: &str = "extends: [../base]\ncluster:\n  vesion: \"1.35\"\n";
const OVERLAY: &str = "environments/prod/environment.yaml";

/// A project that can be judged, in a folder.
fn with_project(project: Project, folder: &str) -> Project {
    project
        .file(&format!("{folder}/platc.yaml"), "")
        .file(&format!("{folder}/environments/base/base.yaml"), LAYER)
        .file(&format!("{folder}/{OVERLAY}"), GOOD)
        .file(&format!("{folder}/schemas/environment.schema.yaml"), include_str!("../findings/base.schema.yaml"))
        .file(
            &format!("{folder}/templates/cluster.yaml.j2"),
            "name: {{ cluster.name }}\nversion: {{ cluster.version }}\n",
        )
        .file(&format!("{folder}/.gitignore"), "/rendered\n")
}

/// A command with the settings of nobody, and the platc under test first in `PATH`.
fn command(folder: &Path, program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).env("PATH", search(&[]));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("GIT_") || name.starts_with("PLATC_") || name.starts_with("PRE_COMMIT") {
            command.env_remove(name);
        }
    }
    command.env("PLATC_NO_CACHE", "1");
    for (name, value) in [("NAME", "Tester"), ("EMAIL", "tester@example.com")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

/// `PATH` with the platc under test and other folders first.
fn search(first: &[&Path]) -> OsString {
    let bin = Path::new(env!("CARGO_BIN_EXE_platc")).parent().unwrap();
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = first.iter().map(|folder| folder.to_path_buf()).chain([bin.to_owned()]);
    std::env::join_paths(folders.chain(std::env::split_paths(&rest))).unwrap()
}

fn ran(command: &mut Command) -> Ran {
    Ran::from(command.output().unwrap_or_else(|error| panic!("{command:?}: {error}")))
}

/// Runs a git command that must work.
#[track_caller]
fn git(folder: &Path, args: &[&str]) -> String {
    // Submodules and clones of the tests are folders.
    let args: Vec<_> = ["-c", "protocol.file.allow=always"].iter().chain(args).copied().collect();
    let ran = ran(&mut command(folder, "git", &args));
    assert_eq!(ran.code, 0, "git {args:?}: {ran}");
    ran.stdout
}

/// Writes a program.
fn script(path: &Path, text: &str) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_owned()
}
