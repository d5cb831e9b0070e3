//! Wherever a commit is made, the project's own folder is judged in the state that will be committed, or the hook says
//! why it cannot.

use std::path::PathBuf;

use crate::support::{Project, Ran};
use crate::{BAD, GOOD, OVERLAY, command, git, ran, script, with_project};

const HOOK: &str = "platc --project sub validate --staged";

/// A repository in `one` with a project in `sub` and another at its top, and the hook of the one in `sub`.
struct Place {
    project: Project,
}

impl Place {
    fn new(hook: &str) -> Self {
        let this = Self { project: with_project(with_project(Project::empty(), "one"), "one/sub") };
        git(&this.path("one"), &["init", "-q", "-b", "main"]);
        git(&this.path("one"), &["add", "-A"]);
        git(&this.path("one"), &["commit", "-qm", "start"]);
        this.hook("one/.git", hook);
        this
    }

    fn hook(&self, git_dir: &str, hook: &str) {
        script(&self.path(git_dir).join("hooks/pre-commit"), &format!("#!/bin/sh\n{hook}\n"));
    }

    fn path(&self, folder: &str) -> PathBuf {
        self.project.root.join(folder)
    }

    fn commit(&self, folder: &str, args: &[&str]) -> Ran {
        ran(&mut command(&self.path(folder), "git", &[&["commit", "-qm", "x"], args].concat()))
    }

    /// A harmless change passes and a broken one does not; the working tree holds the opposite, where it can.
    #[track_caller]
    fn judges(&self, folder: &str, overlay: &str) {
        let file = format!("{folder}/{overlay}");
        self.project.write(&file, format!("# harmless\n{GOOD}"));
        git(&self.path(folder), &["add", "--sparse", overlay]);
        self.project.write(&file, BAD);
        let harmless = self.commit(folder, &[]);
        assert_eq!(harmless.code, 0, "{harmless}");
        self.project.write(&file, BAD);
        git(&self.path(folder), &["add", "--sparse", overlay]);
        self.project.write(&file, GOOD);
        self.refuses(folder, &[], "environments/prod/environment.yaml:3:3");
    }

    #[track_caller]
    fn refuses(&self, folder: &str, args: &[&str], words: &str) {
        let broken = self.commit(folder, args);
        assert!(broken.code == 1 && format!("{broken}").contains(words), "{broken}");
    }
}

fn overlay() -> String {
    format!("sub/{OVERLAY}")
}

/// The hook that the page shows is stopped by each of its lines, and not by the last alone.
#[test]
fn the_hook_of_the_page() {
    let page = include_str!("../../docs/getting-started.md");
    let (_, hook) = page.split_once("```sh file=.git/hooks/pre-commit\n#!/bin/sh\n").unwrap();
    let (hook, _) = hook.split_once("```").unwrap();
    let place = Place::new(hook);
    let platc = |args: &[&str]| ran(&mut command(&place.path("one"), env!("CARGO_BIN_EXE_platc"), args));
    assert_eq!(platc(&["golden", "--accept"]).code, 0);
    assert_eq!(platc(&["schema", "modeline", "--write"]).code, 0);
    git(&place.path("one"), &["add", "-A"]);
    let right = place.commit("one", &[]);
    assert_eq!(right.code, 0, "{right}");
    place.project.write(&format!("one/{OVERLAY}"), BAD);
    place.refuses("one", &["-a"], "error");
}

#[test]
fn a_linked_worktree() {
    for hook in [HOOK, "cd sub && platc validate --staged", "cd sub/templates && platc -C .. validate --staged"] {
        let place = Place::new(hook);
        git(&place.path("one"), &["worktree", "add", "-q", "../two", "-b", "two"]);
        place.judges("two", &overlay());
        git(&place.path("one"), &["worktree", "add", "-q", "inside", "-b", "inside"]);
        place.judges("one/inside", &overlay());
        place.judges("one", &overlay());
    }
}

#[test]
fn a_commit_of_everything_or_of_one_file() {
    let place = Place::new(HOOK);
    let file = |name: &str| format!("one/sub/environments/{name}");
    place.project.write(&file("prod/environment.yaml"), BAD);
    place.refuses("one", &["-a"], "environment.yaml:3:3");
    place.refuses("one", &[&overlay()], "environment.yaml:3:3");
    // Broken and staged, but no part of this commit.
    git(&place.path("one"), &["add", "-A"]);
    place.project.write(&file("base/base.yaml"), format!("# harmless\n{}", crate::LAYER));
    let alone = place.commit("one", &["sub/environments/base/base.yaml"]);
    assert_eq!(alone.code, 0, "{alone}");
    place.refuses("one", &[], "environment.yaml:3:3");
}

#[test]
fn a_submodule() {
    let place = Place::new("exit 0");
    git(&place.path(""), &["init", "-q", "outer"]);
    git(&place.path("outer"), &["submodule", "--quiet", "add", "../one", "module"]);
    git(&place.path("outer"), &["commit", "-qm", "module"]);
    place.hook("outer/.git/modules/module", HOOK);
    place.judges("outer/module", &overlay());

    // The commit around it holds the submodule's number only.
    place.project.write("outer/file", "x");
    git(&place.path("outer"), &["add", "file"]);
    for hook in ["platc --project module/sub validate --staged", "cd module/sub && platc validate --staged"] {
        place.hook("outer/.git", hook);
        let stopped = place.commit("outer", &[]);
        let said = ["is made in the repository", "which is not there"];
        assert!(stopped.code == 1 && said.iter().any(|words| stopped.stderr.contains(words)), "{hook}: {stopped}");
    }
}

#[test]
fn a_sparse_checkout() {
    for sparse_index in ["--no-sparse-index", "--sparse-index"] {
        let place = Place::new(HOOK);
        let one = place.path("one");
        git(&one, &["sparse-checkout", "set", "--cone", sparse_index, "sub/environments/prod"]);
        assert!(!place.project.exists("one/sub/environments/base") && !place.project.exists("one/sub/templates"));
        place.judges("one", &overlay());
        // The project's folder itself is not checked out.
        git(&one, &["reset", "-q", "--hard", "HEAD~1"]);
        git(&one, &["sparse-checkout", "set", "--cone", sparse_index, "templates"]);
        assert!(!place.project.exists("one/sub/platc.yaml"));
        place.project.write("one/file", "x");
        git(&one, &["add", "--sparse", "file"]);
        let harmless = place.commit("one", &[]);
        assert_eq!(harmless.code, 0, "{harmless}");
        place.judges("one", &overlay());
    }
}

/// The project around it, which is checked out, is not judged in its place.
#[test]
fn a_sparse_checkout_without_the_settings() {
    let place = Place::new("cd sub/environments && platc validate --staged");
    git(&place.path("one"), &["sparse-checkout", "set", "--no-cone", "/*", "!/sub/platc.yaml"]);
    assert!(!place.project.exists("one/sub/platc.yaml") && place.project.exists("one/platc.yaml"));
    place.judges("one", &overlay());
}

#[test]
fn a_shallow_clone() {
    let place = Place::new("exit 0");
    git(&place.path("one"), &["commit", "-q", "--allow-empty", "-m", "second"]);
    let url = format!("file://{}", place.path("one").display());
    git(&place.path(""), &["clone", "-q", "--depth", "1", &url, "shallow"]);
    place.hook("shallow/.git", HOOK);
    place.judges("shallow", &overlay());
    let against = ran(&mut command(&place.path("shallow/sub"), "platc", &["diff", "--against", "HEAD~5"]));
    assert!(against.code == 2 && against.stderr.contains("this clone is shallow, which may be why"), "{against}");
    let revision = ["validate", "--against", "rev:HEAD~5"];
    let against = ran(&mut command(&place.path("shallow/sub"), "platc", &revision));
    assert!(against.code == 2 && against.stderr.contains("`fetch-depth: 0`"), "{against}");
}

#[test]
fn a_partial_clone() {
    let place = Place::new("exit 0");
    git(&place.path("one"), &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", place.path("one").display());
    git(&place.path(""), &["clone", "-q", "--filter=blob:none", &url, "partial"]);
    place.hook("partial/.git", HOOK);
    place.judges("partial", &overlay());

    git(&place.path(""), &["clone", "-q", "--filter=blob:none", "--sparse", &url, "lacking"]);
    place.hook("lacking/.git", HOOK);
    place.project.write("lacking/file", "x");
    git(&place.path("lacking"), &["add", "--sparse", "file"]);
    place.refuses("lacking", &[], "cannot be read: this clone lacks its content");
}

#[test]
fn a_repository_that_lies_elsewhere() {
    let place = Place::new("exit 0");
    std::fs::rename(place.path("one/.git"), place.path("store")).unwrap();
    place.hook("store", HOOK);
    let [store, one] = [place.path("store"), place.path("one")].map(|path| path.to_str().unwrap().to_owned());
    let [git_dir, tree] = [format!("--git-dir={store}"), format!("--work-tree={one}")];
    let commit = |text: &str| {
        place.project.write(&format!("one/{}", overlay()), text);
        ran(&mut command(&place.path("one"), "git", &[&git_dir, &tree, "commit", "-qam", "x"]))
    };
    assert_eq!(commit(&format!("# harmless\n{GOOD}")).code, 0);
    let broken = commit(BAD);
    assert!(broken.code == 1 && format!("{broken}").contains("environment.yaml:3:3"), "{broken}");

    let mut alone = command(&place.path("one"), "platc", &["--project", "sub", "validate", "--staged"]);
    let alone = ran(alone.env("GIT_DIR", &store));
    // The tests may lie in a repository themselves, which is not the one that is named then.
    let said = ["nothing says in which folder", "the commit is made in the repository"];
    assert!(alone.code == 2 && said.iter().any(|words| alone.stderr.contains(words)), "{alone}");
}

#[test]
fn settings_that_put_the_files_elsewhere() {
    let place = Place::new("exit 0");
    let validate = || ran(&mut command(&place.path("one"), "platc", &["--project", "sub", "validate", "--staged"]));
    git(&place.path("one"), &["config", "core.worktree", "/elsewhere"]);
    let other = validate();
    assert!(other.code == 2 && other.stderr.contains("has its files in another folder, `/elsewhere`"), "{other}");
    git(&place.path("one"), &["config", "--unset", "core.worktree"]);
    git(&place.path("one"), &["config", "core.bare", "true"]);
    let bare = validate();
    assert!(bare.code == 2 && bare.stderr.contains("is bare"), "{bare}");
}

#[test]
fn a_worktree_without_its_repository() {
    let place = Place::new("exit 0");
    git(&place.path("one"), &["worktree", "add", "-q", "../two", "-b", "two"]);
    std::fs::rename(place.path("one"), place.path("moved")).unwrap();
    // Trees that a pull request could bring, under the name of the branch.
    let platc = |args: &[&str]| ran(&mut command(&place.path("two/sub"), "platc", args));
    assert_eq!(platc(&["render", "--out-dir", "main"]).code, 0);
    for args in [&["validate", "--staged"][..], &["validate", "--against", "main"], &["diff", "--against", "main"]] {
        let judged = platc(args);
        assert!(judged.code == 2 && judged.stderr.contains("two/.git` leads to no git repository"), "{judged}");
    }
    assert_eq!(platc(&["diff", "--against", "dir:main"]).code, 0);
}

#[test]
fn an_index_of_its_own() {
    let place = Place::new("exit 0");
    let outside = place.path("index");
    std::fs::copy(place.path("one/.git/index"), &outside).unwrap();
    std::fs::copy(place.path("one/.git/index"), place.path("one/.git/other")).unwrap();
    std::fs::copy(place.path("one/.git/index"), place.path("one/sub/index")).unwrap();
    git(&place.path(""), &["clone", "-q", "one", "two"]);
    place.project.write(&format!("one/{}", overlay()), BAD);
    git(&place.path("one"), &["add", "-A"]);
    let [outside, elsewhere] = [outside, place.path("two/.git/index")].map(|path| path.to_str().unwrap().to_owned());
    for (index, code, words) in [
        (".git/index", 1, "environment.yaml:3:3"),
        (".git/other", 0, "no errors"),
        (&*outside, 0, "no errors"),
        ("sub/index", 2, "lies among the files that a commit can bring"),
        (".git/nothing", 2, "which is not there"),
        (&*elsewhere, 2, "the commit is made in the repository"),
    ] {
        let mut command = command(&place.path("one"), "platc", &["--project", "sub", "validate", "--staged"]);
        let judged = ran(command.env("GIT_INDEX_FILE", index));
        assert!(judged.code == code && format!("{judged}").contains(words), "{index}: {judged}");
    }
}

#[test]
fn a_project_that_is_not_staged() {
    let place = Place::new("exit 0");
    git(&place.path("one"), &["rm", "-q", "-r", "--cached", "sub"]);
    for folder in ["sub", "nowhere"] {
        let judged = ran(&mut command(&place.path("one"), "platc", &["--project", folder, "validate", "--staged"]));
        assert!(judged.code == 2 && judged.stderr.contains("holds no `platc.yaml`"), "{judged}");
    }
}

#[test]
fn what_a_run_leaves_beside_a_tree_may_not_be_tracked() {
    let place = Place::new("exit 0");
    let (project, one) = (&place.project, place.path("one"));
    let validate =
        |args: &[&str]| ran(&mut command(&one, "platc", &[&["--project", "sub", "validate"], args].concat()));
    // What lies there untracked is the next run's to remove.
    project.write("one/sub/rendered/.prod.platc-stage/a.yaml", "a: 1\n");
    project.write("one/sub/golden/.prod.platc-journal", "platc journal 2\n");
    for args in [&[][..], &["--staged"]] {
        let quiet = validate(args);
        assert!(quiet.code == 0 && !format!("{quiet}").contains("tracked-leftover"), "{quiet}");
    }
    project.write("one/sub/golden/.prod.platc-notes", "not ours\n");
    git(&one, &["add", "-A", "-f"]);
    for args in [&[][..], &["--staged"]] {
        let told = validate(args);
        assert_eq!(told.code, 1, "{told}");
        for words in [
            "error[output/tracked-leftover]: `.prod.platc-stage` is tracked by git",
            "--> rendered/.prod.platc-stage",
            "--> golden/.prod.platc-journal",
            "git rm -r --cached golden/.prod.platc-journal",
        ] {
            assert!(told.stdout.contains(words), "{words}\n{told}");
        }
        assert!(!told.stdout.contains("platc-notes"), "{told}");
    }
    let golden = ran(&mut command(&one, "platc", &["--project", "sub", "golden", "--staged"]));
    assert!(golden.code == 1 && format!("{golden}").contains("output/tracked-leftover"), "{golden}");
    for args in [&["render"][..], &["golden", "--accept"], &["render", "--check"]] {
        let told = ran(&mut command(&one, "platc", &[&["--project", "sub"], args].concat()));
        assert!(told.code == 1 && format!("{told}").contains("output/tracked-leftover"), "{args:?}: {told}");
        assert!(!project.exists("one/sub/rendered/prod") && !project.exists("one/sub/golden/prod"), "{args:?}");
        assert!(project.exists("one/sub/rendered/.prod.platc-stage"), "nothing is removed, either");
    }
    // In the working tree it is gone, in the next commit it is not.
    std::fs::remove_dir_all(one.join("sub/rendered/.prod.platc-stage")).unwrap();
    let told = validate(&["--staged"]);
    assert!(told.code == 1 && told.stdout.contains(".prod.platc-stage"), "{told}");
}
