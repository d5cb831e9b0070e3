//! `platc affected`.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Project, Ran};
use crate::{check, git, judges, repository};

/// A branch `change` of which the last commit has these files; an empty text removes one.
fn changed(files: &[(&str, &str)]) -> Project {
    let project = repository();
    git(&project, &["checkout", "-qb", "change"]);
    commit(&project, files);
    project
}

fn commit(project: &Project, files: &[(&str, &str)]) {
    for (path, text) in files {
        if text.is_empty() {
            git(project, &["rm", "-qr", path]);
        } else {
            project.write(path, text);
        }
    }
    git(project, &["add", "-A"]);
    git(project, &["commit", "-qm", "Change"]);
}

const PROD: &str = "environments/prod/environment.yaml";
const DEV: &str = "environments/dev/environment.yaml";

fn affected(project: &Project, more: &[&str]) -> Ran {
    project.run(&[&["affected", "--base", "main"], more].concat())
}

fn json(project: &Project, more: &[&str]) -> Value {
    let ran = affected(project, &[&["--format", "json"], more].concat());
    assert_eq!(ran.code, 0, "{ran}");
    let answer = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(judges::errors(&judges::json(), &answer), [""; 0], "{ran}");
    answer
}

/// The names of what is affected.
fn names(answer: &Value) -> Vec<&str> {
    answer["affected"].as_array().unwrap().iter().map(|it| it["environment"].as_str().unwrap()).collect()
}

#[test]
fn what_differs_is_told_and_nothing_else() {
    let project = changed(&[
        (PROD, "extends: [../base]\ncluster:\n  version: \"1.36\"\n"),
        // A comment in what both extend.
        ("environments/base/base.yaml", "# The same\ncluster:\n  name: main\n  version: \"1.34\"\n"),
        ("templates/unused.yaml.j2", "{#- platc\nwhen: false\n-#}\na: 1\n"),
    ]);
    check(&project, "affected", "affected --base main");
    check(&project, "affected-verbose", "affected --base main -v");
    check(&project, "affected-impact", "affected --base main --impact");
    check(&project, "affected-paths", "affected --base main --format paths");
    check(&project, "affected-nothing", "affected --base change");
    assert!(!project.exists("rendered") && !project.exists("golden"));
    git(&project, &["diff", "--exit-code", "HEAD"]);
}

#[test]
fn environments_that_come_and_go() {
    let project = changed(&[(DEV, ""), ("environments/test.yaml", "extends: [base]\n")]);
    check(&project, "affected-added", "affected --base main");
    let answer = json(&project, &[]);
    let changes: Vec<_> = answer["affected"].as_array().unwrap().iter().map(|it| &it["change"]).collect();
    assert_eq!(changes, ["added", "removed"], "{answer}");
    assert_eq!(answer["unaffected"], 1);
    assert_eq!(answer["affected"][1]["files"], json!([{"path": "cluster.yaml", "change": "removed"}]));
    let paths = affected(&project, &["--format", "paths"]).stdout;
    assert_eq!(paths, "rendered/test/cluster.yaml\nrendered/dev/cluster.yaml\n");
    // A job cannot judge what is not there.
    let matrix = affected(&project, &["--format", "matrix"]).stdout;
    assert_eq!(matrix, "{\"include\":[{\"job\":1,\"jobs\":1,\"environments\":\"test\",\"names\":[\"test\"]}]}\n");
}

#[test]
fn what_both_branches_have_in_common_is_compared() {
    let project = changed(&[(PROD, "extends: [../base]\ncluster:\n  version: \"1.36\"\n  nodes: 3\n")]);
    git(&project, &["checkout", "-q", "main"]);
    commit(&project, &[(DEV, "extends: [../base]\ncluster:\n  version: \"1.33\"\n")]);
    assert_eq!(names(&json(&project, &["--head", "change"])), ["prod"]);
    // What is checked out has nothing to do with it.
    git(&project, &["checkout", "-q", "--orphan", "other"]);
    assert_eq!(names(&json(&project, &["--head", "change"])), ["prod"]);
    git(&project, &["commit", "-qm", "Other"]);
    let ran = affected(&project, &[]);
    assert!(ran.code == 2 && ran.stderr.contains("`main` and `HEAD` have no commit in common"), "{ran}");
}

#[test]
fn findings_count_as_well_and_lines_that_move_do_not() {
    let warned = "extends: [../base]\ncluster:\n  version: \"1.34\"\n";
    let project = changed(&[(DEV, warned)]);
    check(&project, "affected-finding", "affected --base main");
    let answer = json(&project, &[]);
    assert_eq!(answer["affected"][0]["findings"], json!({"new": 1, "gone": 0}));
    assert_eq!(answer["findings"][0]["rule"], "merge/redundant");
    git(&project, &["branch", "-f", "main", "change"]);
    commit(&project, &[(DEV, &format!("# One line\n# and another\n{warned}"))]);
    assert!(names(&json(&project, &[])).is_empty());
}

#[test]
fn errors_of_one_environment_are_told_by_its_job() {
    let project = changed(&[(PROD, "extends: [../nowhere]\n")]);
    assert_eq!(check(&project, "affected-error", "affected --base main").code, 0);
    assert_eq!(json(&project, &[])["affected"][0]["hasErrors"], true);
    git(&project, &["branch", "-f", "main", "change"]);
    commit(&project, &[(DEV, "extends: [../base]\n# The same\n")]);
    // Whether that is the same as before, nobody knows.
    assert_eq!(names(&json(&project, &[])), ["prod"]);
}

#[test]
fn a_project_that_is_broken_is_no_answer() {
    let project = changed(&[("templates/cluster.yaml.j2", "name: {{ cluster.name }\n")]);
    assert_eq!(check(&project, "affected-broken", "affected --base main --format matrix").code, 1);
    let ran = affected(&project, &["--format", "json"]);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &answer["affected"]), (1, &Value::Null), "{ran}");
    assert_eq!(judges::errors(&judges::json(), &answer), [""; 0]);
    // One that was broken before is.
    git(&project, &["branch", "-f", "main", "change"]);
    commit(&project, &[("templates/cluster.yaml.j2", "name: {{ cluster.name }}\n")]);
    assert_eq!(check(&project, "affected-was-broken", "affected --base main").code, 0);
}

#[test]
fn a_project_that_is_not_committed_or_was_not_there() {
    let project = repository();
    git(&project, &["checkout", "-q", "--orphan", "change"]);
    git(&project, &["rm", "-qrf", "--cached", "."]);
    project.write("README.md", "None yet\n");
    git(&project, &["add", "README.md"]);
    git(&project, &["commit", "-qm", "Before"]);
    assert_eq!(check(&project, "affected-no-project", "affected --base HEAD").code, 2);
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "Project"]);
    let ran = project.run(&["affected", "--base", "HEAD~1"]);
    assert_eq!(ran.stdout, "dev: added, 1 file\nprod: added, 2 files\n", "{ran}");
}

#[test]
fn what_is_not_committed_is_ignored_and_said() {
    let project = changed(&[(PROD, "extends: [../base]\ncluster:\n  nodes: 4\n")]);
    project.write(DEV, "extends: [../base]\ncluster:\n  version: \"1.36\"\n");
    project.write("templates/new.yaml.j2", "a: 1\n");
    project.write("README.md", "Nothing that is read\n");
    std::fs::remove_file(project.root.join("environments/base/base.yaml")).unwrap();
    assert_eq!(check(&project, "affected-uncommitted", "affected --base main").code, 0);
    let answer = json(&project, &[]);
    assert_eq!(answer["uncommitted"], json!(["environments/base/base.yaml", DEV, "templates/new.yaml.j2"]));
    // It is of no account for another commit.
    assert!(!affected(&project, &["--head", "main"]).stderr.contains("committed"));
}

#[test]
fn environments_are_shared_out_to_jobs() {
    let project = repository();
    git(&project, &["checkout", "-qb", "change"]);
    let files = ["a", "b", "c", "d", "e"].map(|name| format!("environments/{name}.yaml"));
    commit(&project, &files.each_ref().map(|path| (path.as_str(), "extends: [base]\ncluster:\n  nodes: 2\n")));
    let jobs = |most: &str| {
        let ran = affected(&project, &["--format", "matrix", "--max-jobs", most]);
        assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
        let matrix: Value = serde_json::from_str(&ran.stdout).unwrap();
        let jobs = matrix["include"].as_array().unwrap().clone();
        jobs.iter().map(|job| job["environments"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(jobs("2"), ["a c e", "b d"]);
    assert_eq!(jobs("100"), ["a", "b", "c", "d", "e"]);
    let none = project.run(&["affected", "--base", "HEAD", "--format", "matrix"]);
    assert_eq!(none.stdout, "{\"include\":[]}\n");
    assert_eq!(affected(&project, &["--max-jobs", "2"]).code, 2);
    assert_eq!(affected(&project, &["--max-jobs", "0", "--format", "matrix"]).code, 2);
}

#[test]
fn a_clone_without_the_history_is_no_answer() {
    let project = changed(&[(PROD, "extends: [../base]\ncluster:\n  nodes: 4\n")]);
    commit(&project, &[(PROD, "extends: [../base]\ncluster:\n  nodes: 5\n")]);
    let clone = |depth: &str| {
        let url = format!("file://{}", project.root.display());
        let to = format!("clone-{depth}");
        let all = ["clone", "-q", "--no-single-branch", "--branch", "change", "--depth", depth, &url, &to];
        git(&project, &all);
        let mut command = project.command(&["affected", "--base", "origin/main"]);
        Ran::from(command.current_dir(project.root.join(to)).output().unwrap())
    };
    let shallow = clone("1");
    assert_eq!(shallow.code, 2, "{shallow}");
    assert!(shallow.stderr.contains("`fetch-depth: 0`"), "{shallow}");
    let deep = clone("3");
    assert_eq!((deep.code, deep.stdout.as_str()), (0, "prod: 2 files differ\n"), "{deep}");
    let mut command = project.command(&["affected", "--base", "HEAD~7"]);
    let local = Ran::from(command.current_dir(project.root.join("clone-1")).output().unwrap());
    assert!(local.code == 2 && local.stderr.contains("fetch-depth"), "{local}");
    git(&project, &["clone", "-q", "--branch", "change", ".", "whole"]);
    let mut command = project.command(&["affected", "--base", "main"]);
    let whole = Ran::from(command.current_dir(project.root.join("whole")).output().unwrap());
    assert!(whole.code == 2 && whole.stderr.contains("write `origin/main`"), "{whole}");
}

#[test]
fn words_that_are_no_revision() {
    let project = repository();
    for word in ["mian", "--output=x", "main..HEAD", "^main", "main:platc.yaml"] {
        let ran = project.run(&["affected", &format!("--base={word}")]);
        assert_eq!(ran.code, 2, "{word}: {ran}");
    }
    assert_eq!(project.run(&["affected"]).code, 2);
}

#[test]
fn the_cache_changes_nothing_and_one_side_helps_the_other() {
    let project = changed(&[(PROD, "extends: [../base]\ncluster:\n  nodes: 4\n")]);
    let cache = project.root.with_extension("cache");
    let cached = ["--cache-dir", cache.to_str().unwrap()];
    for format in ["text", "json", "paths", "matrix"] {
        let plain = affected(&project, &["--no-cache", "--format", format]);
        for _ in 0..2 {
            let with = affected(&project, &[&cached[..], &["--format", format]].concat());
            assert_eq!((with.stdout, with.stderr), (plain.stdout.clone(), plain.stderr.clone()));
        }
    }
    // An environment that is taken from the cache on one side and made on the other.
    commit(&project, &[(DEV, "extends: [../base]\ncluster:\n  nodes: 1\n")]);
    let plain = json(&project, &["--no-cache"]);
    assert_eq!(json(&project, &cached), plain);
    assert_eq!(names(&plain), ["dev", "prod"]);
    let impact = json(&project, &["--impact"]);
    assert_eq!(impact["affected"][1]["impact"], json!({"unknown": 2}), "{impact}");
    std::fs::remove_dir_all(cache).unwrap();
}

/// The job that the documentation shows: its workflow is one, and its step does what it says.
#[test]
fn the_job_of_github_in_the_documentation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/impact.md")).unwrap();
    let mut blocks = page.split("```yaml\n").filter_map(|block| block.split("```").next());
    let text = blocks.find(|block| block.contains("platc affected")).unwrap();
    let workflow: Value = serde_yaml::from_str(text).unwrap();
    let script = |job: &str| {
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        steps.iter().find_map(|step| step["run"].as_str()).unwrap().to_owned()
    };
    let project = changed(&[(PROD, "extends: [../base]\ncluster:\n  nodes: 4\n")]);
    let path = format!(
        "{}:{}",
        Path::new(env!("CARGO_BIN_EXE_platc")).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let run = |script: &str, variables: &[(&str, &str)]| {
        let mut command = Command::new("bash");
        command.args(["-eo", "pipefail", "-c", script]).current_dir(&project.root).env("PATH", &path);
        command.env("GITHUB_OUTPUT", project.root.join("outputs")).env("XDG_CACHE_HOME", "/dev/null");
        Ran::from(command.envs(variables.iter().copied()).output().unwrap())
    };
    let ran = run(&script("affected"), &[("BASE", "main")]);
    assert_eq!(ran.code, 0, "{ran}");
    let outputs = project.read("outputs");
    let matrix: Value = serde_json::from_str(outputs.trim().strip_prefix("matrix=").unwrap()).unwrap();
    let environments = matrix["include"][0]["environments"].as_str().unwrap();
    let ran = run(&script("validate"), &[("ENVIRONMENTS", environments)]);
    assert!(ran.code == 0 && ran.stderr.contains("validated prod"), "{ran}");
    let actionlint = root.join(".ci/tools/bin/actionlint");
    if !actionlint.exists() {
        eprintln!("skipped: actionlint is not installed");
        return;
    }
    project.write("workflow.yml", text);
    let mut command = Command::new(actionlint);
    command.args(["-shellcheck=", "-pyflakes="]).arg(project.root.join("workflow.yml"));
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, 0, "{ran}");
}

/// A few hundred bytes of folders in folders would be 10^10 files: no more of them is listed than a project can need.
#[test]
fn folders_that_hold_one_another_many_times_are_not_all_gone_through() {
    let project = changed(&[(PROD, "extends: [../base]\ncluster:\n  version: \"1.36\"\n")]);
    let made = |args: &[&str], input: &str| {
        let mut command = Command::new("git");
        command.args(args).current_dir(&project.root).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.args(if args[0] == "commit-tree" { &["-p", "change", "-m", "x"][..] } else { &[] });
        for (name, value) in [("NAME", "Tester"), ("EMAIL", "tester@example.com")] {
            command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
        }
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
    };
    let ten = |entry: &dyn Fn(usize) -> String| made(&["mktree"], &(0..10).map(entry).collect::<String>());
    let blob = made(&["hash-object", "-w", "--stdin"], "x: 1\n");
    let mut tree = ten(&|at| format!("100644 blob {blob}\tf{at}.yaml\n"));
    for _ in 0..9 {
        let below = tree;
        tree = ten(&|at| format!("040000 tree {below}\td{at}\n"));
    }
    let root = made(&["ls-tree", "change"], "");
    let root = made(&["mktree"], &format!("{root}\n040000 tree {tree}\tzoo\n"));
    let head = made(&["commit-tree", &root], "");
    let ran = affected(&project, &["--head", &head]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran}");
    assert!(ran.stderr.contains("prints more than 64 MiB"), "{ran}");
}
