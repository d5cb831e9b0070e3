//! `platc init`: what it makes is used here as its next steps and its CI say.

use std::fs;
use std::path::Path;

use crate::support::{Project, Ran};
use crate::{check, git};

const STARTERS: [&str; 3] = ["minimal", "app", "platform"];

fn started(starter: &str) -> Project {
    let project = Project::empty();
    let ran = project.run(&["init", "--from", starter]);
    assert_eq!(ran.code, 0, "{ran}");
    project
}

fn files(project: &Project) -> Vec<String> {
    let entries = walkdir::WalkDir::new(&project.root).into_iter().map(Result::unwrap);
    let paths = entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path);
    let mut files: Vec<_> =
        paths.map(|path| path.strip_prefix(&project.root).unwrap().to_str().unwrap().to_owned()).collect();
    files.sort();
    files
}

/// Runs a command line in a shell that finds our `platc`.
fn shell(project: &Project, script: &str) -> Ran {
    let platc = Path::new(env!("CARGO_BIN_EXE_platc")).parent().unwrap();
    let path = format!("{}:{}", platc.display(), std::env::var("PATH").unwrap());
    let mut command = std::process::Command::new("bash");
    command.args(["-ec", script]).current_dir(&project.root).env("PATH", path).env("BASE", "main");
    Ran::from(command.output().unwrap())
}

#[test]
fn each_starter_renders_and_nothing_is_found() {
    for starter in STARTERS {
        let project = started(starter);
        for line in ["validate -v", "render", "golden --check", "rules test", "schema modeline --check"] {
            let ran = project.run(&line.split(' ').collect::<Vec<_>>());
            assert_eq!(ran.code, 0, "{starter}: {line}: {ran}");
            assert!(
                !ran.stderr.contains("warning") && !ran.stderr.contains("acknowledged"),
                "{starter}: {line}: {ran}"
            );
        }
        // What is not finished stands out where it is read: in no file is anything to be filled in.
        let told = project.run(&["validate", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
        assert_eq!(report["findings"], serde_json::json!([]), "{starter}");
    }
}

/// Another name stands in every file, in the lists of golden trees too, and nothing is called as in the starter.
#[test]
fn an_application_is_called_as_one_likes() {
    for starter in ["minimal", "app"] {
        let project = Project::empty();
        let ran = project.run(&["init", "--from", starter, "--name", "order-desk"]);
        assert!(ran.code == 0 && !ran.stdout.contains("shop"), "{ran}");
        for line in ["validate --strict", "golden --check", "rules test", "schema modeline --check"] {
            let ran = project.run(&line.split(' ').collect::<Vec<_>>());
            assert!(ran.code == 0 && !ran.stderr.contains("warning"), "{starter}: {line}: {ran}");
        }
        for path in files(&project).iter().filter(|path| !path.contains("/.platc/")) {
            assert!(!path.contains("shop") && !project.read(path).contains("shop"), "{path}");
        }
    }
    for name in ["Orders", "no", "1st", "a", "orders-", "or/ders"] {
        let project = Project::empty();
        assert_eq!(project.run(&["init", "--name", name]).code, 2, "{name}");
        assert!(files(&project).is_empty(), "{name}");
    }
    assert_eq!(Project::empty().run(&["init", "--from", "platform", "--name", "orders"]).code, 2);
}

/// What passes the hooks passes CI.
#[test]
fn its_hooks_are_the_checks_of_its_ci() {
    let project = started("app");
    let hooks: serde_yaml::Value = serde_yaml::from_str(&project.read(".pre-commit-config.yaml")).unwrap();
    let github: serde_yaml::Value = serde_yaml::from_str(&project.read(".github/workflows/platc.yml")).unwrap();
    let hooks = hooks["repos"][0]["hooks"].as_sequence().unwrap().iter();
    let plain = |line: &str| line.split(" --format").next().unwrap().replace(" --staged", "").replace(" --check", "");
    let mut of_hooks: Vec<String> = hooks.map(|hook| plain(hook["entry"].as_str().unwrap())).collect();
    let steps = github["jobs"]["platc"]["steps"].as_sequence().unwrap().iter();
    let of_all = steps.filter(|step| step["if"].is_null()).filter_map(|step| step["run"].as_str());
    let mut of_ci: Vec<String> = of_all.filter(|run| run.starts_with("platc ")).map(plain).collect();
    of_hooks.sort();
    of_ci.sort();
    assert_eq!(of_hooks, of_ci);
    // The schema was changed, and what editors read was not.
    let schema = project.read("schemas/environment.schema.yaml");
    project.write("schemas/environment.schema.yaml", schema.replace("maximum: 50", "maximum: 60"));
    assert_eq!(shell(&project, "platc schema modeline --check").code, 1);
}

#[test]
fn git_keeps_what_counts_and_leaves_out_what_platc_has_for_itself() {
    for starter in STARTERS {
        let project = started(starter);
        for args in [&["init", "-q", "-b", "main"][..], &["add", "--all"], &["commit", "-qm", "start"]] {
            git(&project, args);
        }
        assert_eq!(project.run(&["render"]).code, 0);
        let status = shell(&project, "git status --porcelain; git ls-files");
        assert_eq!(status.stdout.lines().map(str::to_owned).collect::<Vec<_>>(), {
            let mut kept = files(&project);
            kept.retain(|path| !path.starts_with(".git/") && !path.starts_with("rendered/"));
            kept
        });
        for name in [
            "golden/.prod.platc-lock",
            "golden/.prod.platc-stage",
            "golden/.prod.platc-journal",
            "golden/.prod.platc-old",
        ] {
            assert_eq!(shell(&project, &format!("git check-ignore {name}")).code, 0, "{name}");
        }
        for line in ["validate --staged", "golden --staged"] {
            let ran = project.run(&line.split(' ').collect::<Vec<_>>());
            assert_eq!(ran.code, 0, "{starter}: {line}: {ran}");
        }
    }
}

#[test]
fn the_commands_of_its_ci_pass_and_see_a_mistake() {
    let project = started("app");
    let github: serde_yaml::Value = serde_yaml::from_str(&project.read(".github/workflows/platc.yml")).unwrap();
    let gitlab: serde_yaml::Value = serde_yaml::from_str(&project.read(".gitlab-ci.yml")).unwrap();
    let steps = github["jobs"]["platc"]["steps"].as_sequence().unwrap().iter();
    let steps = steps.filter_map(|step| step["run"].as_str()).filter(|run| run.starts_with("platc "));
    let script = gitlab["platc"]["script"].as_sequence().unwrap().iter().map(|line| line.as_str().unwrap());
    let scripts: Vec<&str> = steps.chain(script).collect();
    assert!(scripts.len() > 8, "{scripts:?}");
    let own = [&["init", "-q", "-b", "main"][..], &["add", "--all"], &["commit", "-qm", "start"]];
    for args in own.iter().copied().chain([&["update-ref", "refs/remotes/origin/main", "HEAD"][..]]) {
        git(&project, args);
    }
    for script in &scripts {
        let ran = shell(&project, script);
        assert_eq!(ran.code, 0, "{script}: {ran}");
    }
    project.write("environments/prod/environment.yaml", "extends: [../base]\nnamespace: shop-prod\nreplica: 3\n");
    let failed = scripts.iter().filter(|script| shell(&project, script).code == 1).count();
    assert!(failed >= 5, "{failed} of {scripts:?}");
    // Both CIs build the version that wrote them.
    let version = format!("v{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(github["env"]["PLATC_VERSION"], version.as_str());
    assert_eq!(gitlab["variables"]["PLATC_VERSION"], version.as_str());
}

#[test]
fn it_says_what_to_do_next() {
    let project = Project::empty();
    fs::create_dir(project.root.join(".git")).unwrap();
    check(&project, "init-at-the-root", "init");
    let ran = check(&project, "init", "init shop --from app");
    assert_eq!(ran.stdout.lines().count(), 5);
    // The first step is a command that works as it stands.
    let first = ran.stdout.lines().next().unwrap();
    let command = first.strip_prefix("1. ").unwrap().split(": ").next().unwrap();
    assert_eq!(shell(&project, command).code, 0);
    assert!(project.exists("shop/rendered/prod/app/deployment.yaml"));
    check(&project, "init-again", "init shop --from app");
    check(&project, "init-json", "init other --format json");
}

#[test]
fn what_a_repository_has_already_stays_and_what_it_lacks_is_said() {
    let project = Project::empty().file(".gitignore", "node_modules\n").file(".editorconfig", "root = true\n");
    let ran = project.run(&["init", "--from", "app", "--name", "orders"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(project.read(".gitignore"), "node_modules\n");
    assert_eq!(project.read(".editorconfig"), "root = true\n");
    let lines = "`.gitignore` was there and stays as it is; add these lines to it: `/rendered`, `.*.platc-*`";
    assert!(ran.stderr.contains(lines), "{ran}");
    assert!(ran.stderr.contains("`.editorconfig` was there and stays as it is"), "{ran}");
    assert_eq!(project.run(&["validate"]).code, 0);
    // Somebody who did as told is told nothing more to do.
    project.write(".gitignore", "node_modules\n/rendered\n.*.platc-*\n");
    let again = project.run(&["init", "--from", "app", "--name", "orders"]);
    assert!(again.stderr.contains("`.gitignore` was there and stays as it is; it has what platc needs"), "{again}");
}

#[test]
fn an_image_of_ones_own_meets_the_rule_of_the_starter() {
    let project = started("app");
    let base = project.read("environments/base/app.yaml");
    for (image, code) in [("registry.gitlab.com/acme/web", 0), ("localhost:5000/web", 0), ("acme/web", 1)] {
        project.write("environments/base/app.yaml", &base.replace("ghcr.io/example/shop", image));
        let ran = project.run(&["validate"]);
        assert_eq!(ran.code, code, "{image}: {ran}");
    }
}

#[test]
fn nothing_is_written_over_and_nothing_half_done() {
    let project = Project::empty().file("shop/.gitignore", "mine\n").file("shop/platc.yaml", "output: out\n");
    assert_eq!(check(&project, "init-files-differ", "init shop").code, 2);
    assert_eq!(files(&project), ["shop/.gitignore", "shop/platc.yaml"]);
    assert_eq!(project.read("shop/.gitignore"), "mine\n");

    let project = Project::empty().file("templates/deployment.yaml", "kind: Deployment\n").file("values.yaml", "");
    assert_eq!(check(&project, "init-in-a-chart", "init").code, 2);
    assert_eq!(files(&project), ["templates/deployment.yaml", "values.yaml"]);

    // A file of somebody's that is no part of a project does not matter.
    let project = Project::empty().file("README.md", "mine\n").file("src/main.go", "");
    assert_eq!(project.run(&["init"]).code, 0);
    assert_eq!(project.read("README.md"), "mine\n");
}

#[test]
fn no_link_is_followed_and_git_is_left_alone() {
    let project = Project::empty().file("elsewhere/x", "").file("file", "");
    std::os::unix::fs::symlink("elsewhere", project.root.join("link")).unwrap();
    fs::create_dir_all(project.root.join("inner")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", project.root.join("inner/templates")).unwrap();
    fs::create_dir_all(project.root.join("repo/.git")).unwrap();
    std::os::unix::fs::symlink("repo/.git", project.root.join("hidden")).unwrap();
    let before = files(&project);
    for (name, line) in [
        ("init-link", "init link"),
        ("init-link-within", "init inner"),
        ("init-git", "init repo/.git/hooks"),
        ("init-git-behind-a-link", "init hidden/hooks"),
        ("init-file", "init file"),
        ("init-below-a-file", "init file/below"),
    ] {
        assert_eq!(check(&project, name, line).code, 2, "{line}");
        assert_eq!(files(&project), before, "{line}");
    }
}
