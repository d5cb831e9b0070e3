//! The hooks of `.pre-commit-hooks.yaml` under the real pre-commit, in a scratch repository.

use std::path::{Path, PathBuf};

use crate::support::{Project, Ran};
use crate::{BAD, GOOD, OVERLAY, command, ran, search, with_project};

/// A repository with a committed project and installed hooks.
struct Repository {
    project: Project,
    pre_commit: PathBuf,
}

impl Repository {
    /// `None`, said loudly, where pre-commit is not installed.
    fn new() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let pre_commit = root.join(".ci/tools/venv/bin/pre-commit");
        if !pre_commit.exists() {
            assert!(std::env::var_os("CI").is_none(), "pre-commit is missing; run `bash .ci/tools.sh pre-commit`");
            eprintln!("SKIPPED: pre-commit is missing; run `bash .ci/tools.sh pre-commit`");
            return None;
        }
        let hooks = std::fs::read_to_string(root.join(".pre-commit-hooks.yaml")).unwrap();
        let project = Project::empty().file("hooks/.pre-commit-hooks.yaml", hooks);
        let project = with_project(project, "work");
        let repository = Self { project, pre_commit };
        repository.ok("hooks", "git", &["init", "-q"]);
        repository.ok("hooks", "git", &["add", "-A"]);
        repository.ok("hooks", "git", &["commit", "-qm", "hooks"]);
        let rev = repository.ok("hooks", "git", &["rev-parse", "HEAD"]);
        let url = repository.project.root.join("hooks");
        // `language: system` takes the binary under test from PATH; all else is as published.
        let config = format!(
            "repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - id: platc-validate\n    language: system\n  \
             - id: platc-golden\n    language: system\n",
            url.display(),
            rev.stdout.trim()
        );
        repository.project.write("work/.pre-commit-config.yaml", config);
        repository.ok("work", env!("CARGO_BIN_EXE_platc"), &["golden", "--accept"]);
        repository.ok("work", "git", &["init", "-q"]);
        repository.ok("work", "git", &["add", "-A"]);
        repository.ok("work", "git", &["commit", "-qm", "start"]);
        let installed = repository.ok("work", repository.pre_commit.to_str().unwrap(), &["install"]);
        assert!(installed.stdout.contains("installed"), "{installed}");
        Some(repository)
    }

    fn command(&self, folder: &str, program: &str, args: &[&str]) -> Ran {
        let mut command = command(&self.project.root.join(folder), program, args);
        command.env("PATH", search(&[self.pre_commit.parent().unwrap()]));
        command.env("PRE_COMMIT_HOME", self.project.root.join("cache")).env("PRE_COMMIT_COLOR", "never");
        ran(&mut command)
    }

    fn ok(&self, folder: &str, program: &str, args: &[&str]) -> Ran {
        let ran = self.command(folder, program, args);
        assert_eq!(ran.code, 0, "{program} {args:?}: {ran}");
        ran
    }

    fn write(&self, path: &str, text: &str) {
        self.project.write(&format!("work/{path}"), text);
    }

    fn git(&self, args: &[&str]) -> Ran {
        self.ok("work", "git", args)
    }

    fn accept_golden(&self) {
        self.ok("work", env!("CARGO_BIN_EXE_platc"), &["golden", "--accept"]);
    }

    /// Commits what is staged; everything said, in one text.
    fn commit(&self) -> (bool, String) {
        let before = self.git(&["rev-parse", "HEAD"]).stdout;
        let ran = self.command("work", "git", &["commit", "-m", "change"]);
        let after = self.git(&["rev-parse", "HEAD"]).stdout;
        assert_eq!(ran.code == 0, before != after, "{ran}");
        (ran.code == 0, format!("{}{}", ran.stdout, ran.stderr))
    }

    #[track_caller]
    fn passes(&self) {
        let (passed, said) = self.commit();
        assert!(passed, "the commit was stopped:\n{said}");
        assert!(said.contains("platc validate") && said.contains("Passed"), "the hooks did not run:\n{said}");
    }

    #[track_caller]
    fn is_stopped(&self, words: &[&str]) {
        let (passed, said) = self.commit();
        assert!(!passed, "the commit was not stopped:\n{said}");
        for word in words {
            assert!(said.contains(word), "`{word}` is not said:\n{said}");
        }
    }
}

#[test]
fn the_published_hooks_are_as_pre_commit_wants_them() {
    let Some(repository) = Repository::new() else { return };
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let args = ["validate-manifest", hooks.to_str().unwrap()];
    repository.ok("work", repository.pre_commit.to_str().unwrap(), &args);
}

#[test]
fn a_bad_overlay_stops_the_commit_with_its_place_and_a_good_one_passes() {
    let Some(repository) = Repository::new() else { return };
    repository.write(OVERLAY, BAD);
    repository.git(&["add", OVERLAY]);
    repository.is_stopped(&["error[schema/unknown-key]", "environments/prod/environment.yaml:3:3", "vesion"]);

    repository.write(OVERLAY, &GOOD.replace("1.35", "1.36"));
    repository.accept_golden();
    repository.git(&["add", "-A"]);
    repository.passes();
}

#[test]
fn a_half_staged_overlay_is_judged_by_what_is_staged() {
    let Some(repository) = Repository::new() else { return };
    // Staged bad, repaired in the working tree only.
    repository.write(OVERLAY, BAD);
    repository.git(&["add", OVERLAY]);
    repository.write(OVERLAY, GOOD);
    repository.is_stopped(&["environments/prod/environment.yaml:3:3"]);

    // Staged good, spoilt in the working tree only.
    repository.write(OVERLAY, &format!("# a remark\n{GOOD}"));
    repository.git(&["add", OVERLAY]);
    repository.write(OVERLAY, BAD);
    repository.passes();
    assert_eq!(repository.project.read(&format!("work/{OVERLAY}")), BAD, "the working tree keeps its change");
}

#[test]
fn files_that_git_does_not_know_do_not_matter() {
    let Some(repository) = Repository::new() else { return };
    repository.write("environments/prod/untracked.yaml", "cluster: [not, a, map]\n");
    repository.write("environments/other/environment.yaml", "nonsense: true\n");
    repository.write("README.md", "a change\n");
    repository.git(&["add", "README.md"]);
    repository.passes();

    // And a file that only the working tree has cannot help.
    repository.write(OVERLAY, &GOOD.replace("[../base]", "[../base, ../new]"));
    repository.write("environments/new/new.yaml", "cluster:\n  nodes: 3\n");
    repository.git(&["add", OVERLAY]);
    repository.is_stopped(&["project/layer-missing", "environments/prod/environment.yaml:1:20"]);
}

#[test]
fn a_layer_that_is_deleted_stops_the_commit() {
    let Some(repository) = Repository::new() else { return };
    repository.git(&["rm", "-q", "--cached", "environments/base/base.yaml"]);
    repository.is_stopped(&["environments/prod/environment.yaml:1:11"]);
}

#[test]
fn a_golden_tree_that_was_not_renewed_or_not_staged_stops_the_commit() {
    let Some(repository) = Repository::new() else { return };
    repository.write("templates/cluster.yaml.j2", "name: {{ cluster.name }}\nrelease: {{ cluster.version }}\n");
    repository.git(&["add", "-A"]);
    repository.is_stopped(&[
        "golden/prod/cluster.yaml",
        "-version: \"1.35\"",
        "+release: \"1.35\"",
        "platc golden --accept",
    ]);

    repository.accept_golden();
    repository.is_stopped(&["golden/prod/cluster.yaml"]);

    repository.git(&["add", "-A"]);
    repository.passes();
}

#[test]
fn commit_all_is_judged_by_the_index_of_that_commit() {
    let Some(repository) = Repository::new() else { return };
    repository.write(OVERLAY, BAD);
    let ran = repository.command("work", "git", &["commit", "-am", "all"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(format!("{ran}").contains("environments/prod/environment.yaml:3:3"), "{ran}");
}

#[test]
fn a_linked_worktree_is_judged_by_what_is_staged_there() {
    let Some(repository) = Repository::new() else { return };
    repository.git(&["worktree", "add", "-q", "../linked", "-b", "linked"]);
    let commit = |text: &str| {
        repository.project.write(&format!("linked/{OVERLAY}"), text);
        repository.ok("linked", "git", &["add", "-A"]);
        repository.command("linked", "git", &["commit", "-m", "change"])
    };
    let broken = commit(BAD);
    assert!(broken.code == 1 && format!("{broken}").contains("environments/prod/environment.yaml:3:3"), "{broken}");
    let fine = commit(&format!("# a remark\n{GOOD}"));
    assert!(fine.code == 0 && format!("{fine}").contains("Passed"), "{fine}");
}

#[test]
fn the_hooks_of_a_new_project_stop_a_bad_commit() {
    let Some(repository) = Repository::new() else { return };
    repository.ok(".", env!("CARGO_BIN_EXE_platc"), &["init", "new", "--from", "app"]);
    repository.ok("new", "git", &["init", "-q"]);
    repository.ok("new", repository.pre_commit.to_str().unwrap(), &["install"]);
    let commit = || {
        repository.ok("new", "git", &["add", "--all"]);
        repository.command("new", "git", &["commit", "-m", "change"])
    };
    let first = commit();
    assert!(first.code == 0 && format!("{first}").matches("Passed").count() == 4, "{first}");
    let overlay = "new/environments/dev/environment.yaml";
    let text = repository.project.read(overlay);
    repository.project.write(overlay, format!("{text}replica: 3\n"));
    let stopped = commit();
    assert!(stopped.code == 1 && format!("{stopped}").contains("did you mean `replicas`?"), "{stopped}");
    // A change that is right, whose tree was not renewed.
    repository.project.write(overlay, text.replace("debug", "warn"));
    let stopped = commit();
    assert!(stopped.code == 1 && format!("{stopped}").contains("platc golden --accept"), "{stopped}");
}
