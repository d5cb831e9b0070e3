//! The steps that post what a change does, run as they stand with a `gh` and a `curl` that write down what they are asked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::Project;
use crate::{git, repository};

/// A repository whose last commit changes what production compiles to.
fn changed() -> Project {
    let project = repository();
    project.write("environments/prod/environment.yaml", "extends: [../base]\ncluster:\n  version: \"1.36\"\n");
    git(&project, &["commit", "-qam", "Change"]);
    project
}

/// Puts a program into `bin` that writes its arguments into `asked`.
fn pretend(project: &Project, name: &str, answers: &str) {
    let script = format!("#!/usr/bin/env bash\nprintf '%s\\n' \"{name} $*\" >> \"$ASKED\"\n{answers}\n");
    project.write(&format!("bin/{name}"), script);
    fs::set_permissions(project.root.join(format!("bin/{name}")), fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs a script of a step; its exit code and what it said.
fn step(project: &Project, script: &str, variables: &[(&str, &str)]) -> (i32, String) {
    let path = format!("{}:{}", project.root.join("bin").display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.arg("-ec").arg(script).current_dir(&project.root).env("PATH", path);
    command.env("ASKED", project.root.join("asked")).env("XDG_CACHE_HOME", "/dev/null").envs(variables.iter().copied());
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), said)
}

fn read(path: &str) -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

#[test]
fn the_action_of_github_writes_one_comment_and_renews_it() {
    let project = changed();
    let action = read(".github/actions/impact/action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let run = |number: usize| steps[number]["run"].as_str().unwrap();
    let outputs = project.root.join("outputs");
    let folder = project.root.to_str().unwrap().to_owned();
    let common = [
        ("PLATC", env!("CARGO_BIN_EXE_platc")),
        ("AGAINST", ""),
        ("BASE", "HEAD~1"),
        ("ALLOW_UNKNOWN", "false"),
        ("ENVIRONMENTS", "prod"),
        ("KEY", ". prod"),
        ("RUNNER_TEMP", &folder),
        ("GITHUB_ACTION", "impact"),
        ("GITHUB_STEP_SUMMARY", "summary"),
        ("GITHUB_OUTPUT", outputs.to_str().unwrap()),
    ];
    let (code, said) = step(&project, run(0), &[&common[..], &[("FAIL_ON", "destroys")]].concat());
    assert_eq!(code, 0, "{said}");
    let output = |name: &str| {
        let all = fs::read_to_string(&outputs).unwrap();
        all.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=').map(str::to_owned)).unwrap()
    };
    let (comment, marker) = (output("comment"), output("marker"));
    let written = fs::read_to_string(&comment).unwrap();
    assert!(written.starts_with(&format!("{marker}\n<!-- platc impact -->\n### ")), "{written}");
    assert_eq!(fs::read_to_string(project.root.join("summary")).unwrap(), written);
    // What no table knows stops it, since the limit is said.
    assert_eq!(output("code"), "1");

    let post = [
        ("COMMENT", comment.as_str()),
        ("MARKER", marker.as_str()),
        ("GH_TOKEN", "x"),
        ("NUMBER", "7"),
        ("GITHUB_REPOSITORY", "o/r"),
    ];
    pretend(&project, "gh", "");
    assert_eq!(step(&project, run(1), &post).0, 0);
    pretend(&project, "gh", "case $* in *--paginate*) printf '41\\n42\\n' ;; esac");
    assert_eq!(step(&project, run(1), &post).0, 0);
    let asked = project.read("asked");
    let body = format!("--field body=@{comment} --silent");
    assert!(asked.contains(&format!("--method POST repos/o/r/issues/7/comments {body}")), "{asked}");
    assert!(asked.contains(&format!("--method PATCH repos/o/r/issues/comments/41 {body}")), "{asked}");
    // A fork's token may not write.
    pretend(&project, "gh", "exit 1");
    let (code, said) = step(&project, run(1), &post);
    assert!(code == 0 && said.contains("the comment could not be written"), "{code} {said}");
    assert_eq!(step(&project, run(2), &[("FAIL_ON", "destroys")]).0, 1);
    // A question that could not be answered is no comment.
    let (code, said) = step(&project, run(0), &[&common[..], &[("FAIL_ON", ""), ("AGAINST", "rev:nowhere")]].concat());
    assert_eq!(code, 2, "{said}");
}

#[test]
fn the_job_of_gitlab_writes_one_note_and_renews_it() {
    let project = changed();
    let template = read("integrations/gitlab/impact.yml");
    let script = template["platc-impact"]["script"][0].as_str().unwrap();
    let base = String::from_utf8(
        Command::new("git").args(["rev-parse", "HEAD~1"]).current_dir(&project.root).output().unwrap().stdout,
    )
    .unwrap();
    let folder = project.root.to_str().unwrap();
    let bin = env!("CARGO_BIN_EXE_platc");
    pretend(&project, "platc", &format!("exec {bin} \"$@\""));
    // The ids of a user and of a note, as jq would take them from the answers.
    pretend(&project, "curl", "echo '{}'");
    let variables = |token: &'static str, fail_on: &'static str| {
        [
            ("CI_PROJECT_DIR", folder),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.trim()),
            ("CI_API_V4_URL", "https://gitlab.example.com/api/v4"),
            ("CI_PROJECT_ID", "3"),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("PLATC_FOLDER", "."),
            ("PLATC_ENVIRONMENTS", "prod"),
            ("PLATC_FAIL_ON", fail_on),
            ("PLATC_NOTES_TOKEN", token),
        ]
    };
    let (code, said) = step(&project, script, &variables("", ""));
    assert_eq!(code, 0, "{said}");
    let note = project.read("platc-impact.md");
    assert!(note.contains("\n<!-- platc impact -->\n### "), "{note}");
    assert!(!project.read("asked").contains("curl"), "without a token nothing is asked");
    pretend(&project, "jq", "case $* in *marker*) cat known 2>/dev/null || true ;; *) echo 5 ;; esac");
    let (code, said) = step(&project, script, &variables("secret", "destroys"));
    assert_eq!(code, 1, "what is unknown counts: {said}");
    project.write("known", "12\n");
    step(&project, script, &variables("secret", ""));
    let asked = project.read("asked");
    let notes = "https://gitlab.example.com/api/v4/projects/3/merge_requests/7/notes";
    let body = format!("--data-urlencode body@{folder}/platc-impact.md");
    assert!(asked.contains(&format!("--request POST {notes} {body}")), "{asked}");
    assert!(asked.contains(&format!("--request PUT {notes}/12 {body}")), "{asked}");
}
