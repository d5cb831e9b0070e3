//! `platc diff`.

use crate::support::Project;
use crate::{check, git, project, repository};

/// A project whose output has changed since the golden trees were accepted.
fn changed() -> Project {
    let project = project();
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    change(&project);
    project
}

fn change(project: &Project) {
    project.write("environments/prod/environment.yaml", "extends: [../base]\ncluster:\n  version: \"1.36\"\n");
    project.write("templates/new.yaml.j2", "spec:\n  cluster: {{ cluster.name }}\n");
}

#[test]
fn the_other_side_is_an_option() {
    let ran = project().run(&["diff", "prod", "main"]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("to compare with `main`, write `platc diff prod --against main`"), "{ran}");
}

#[test]
fn golden_trees() {
    let project = changed();
    assert_eq!(check(&project, "diff-golden", "diff environments/prod").code, 1);
    check(&project, "diff-stat", "diff --stat");
    check(&project, "diff-only", "diff prod --only cluster.* -U0");
    check(&project, "diff-json", "diff prod --format json --only cluster.yaml");
    project.run(&["golden", "--accept"]);
    assert_eq!(check(&project, "diff-none", "diff").code, 0);
}

#[test]
fn colours_mark_the_words() {
    let ran = changed().run(&["diff", "prod", "--only", "cluster.yaml", "--color", "always"]);
    insta::assert_snapshot!("diff-colours", ran.stdout.replace('\x1b', "ESC"));
}

#[test]
fn the_output_is_a_patch_that_git_takes() {
    let project = changed();
    std::fs::remove_file(project.root.join("templates/new.yaml.j2")).unwrap();
    let ran = project.run(&["diff", "dev", "prod", "--only", "cluster.yaml"]);
    let patch = ran.stdout.replace("--- golden/", "--- a/golden/").replace("+++ rendered/", "+++ b/golden/");
    project.write("change.patch", patch);
    git(&project, &["init", "-q"]);
    git(&project, &["apply", "change.patch"]);
    assert_eq!(project.run(&["diff", "prod", "--only", "cluster.yaml"]).code, 0);
}

#[test]
fn no_golden_tree_yet() {
    assert_eq!(check(&project(), "diff-no-golden", "diff dev").code, 1);
}

#[test]
fn a_folder_that_is_a_tree_or_holds_trees() {
    let project = project();
    project.run(&["render", "--out-dir", "old"]);
    change(&project);
    check(&project, "diff-folder-of-trees", "diff prod --against dir:old --stat");
    check(&project, "diff-folder-that-is-a-tree", "diff prod --against ./old/prod --stat");
    std::fs::create_dir(project.root.join("empty")).unwrap();
    check(&project, "diff-empty-folder", "diff dev --against dir:empty --stat");
}

#[test]
fn another_environment() {
    check(&project(), "diff-environment", "diff prod --against environments/dev");
}

#[test]
fn a_git_revision_is_compiled_in_memory() {
    let project = repository();
    change(&project);
    check(&project, "diff-revision", "diff prod --against main");
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "change"]);
    assert_eq!(check(&project, "diff-revision-same", "diff --against HEAD").code, 0);
    check(&project, "diff-revision-parent", "diff --against HEAD~1 --stat");
    assert!(!project.exists("golden") && !project.exists("rendered"));
}

#[test]
fn an_environment_that_the_revision_did_not_have() {
    let project = repository();
    project.write("environments/new.yaml", "extends: [base]\n");
    check(&project, "diff-revision-new-environment", "diff new --against main --stat");
}

#[test]
fn a_revision_that_does_not_compile_gives_no_answer() {
    let project = repository();
    project.write("environments/prod/environment.yaml", "extends: [../nowhere]\n");
    git(&project, &["commit", "-qam", "broken"]);
    project.write("environments/prod/environment.yaml", "extends: [../base]\n");
    assert_eq!(check(&project, "diff-revision-broken", "diff prod --against HEAD").code, 2);
}

#[test]
fn words_that_mean_nothing() {
    let project = repository();
    assert_eq!(check(&project, "diff-against-nothing", "diff prod --against mian").code, 2);
    assert_eq!(check(&project, "diff-against-option", "diff prod --against=--output=x").code, 2);
}

#[test]
fn findings_come_before_differences() {
    let project = changed();
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster:\n  nodes: x\n");
    assert_eq!(check(&project, "diff-finding", "diff --stat").code, 1);
}

#[test]
fn no_link_leads_a_comparison_out_of_the_project() {
    let outside = project();
    outside.run(&["render", "--out-dir", "trees"]);
    let project = changed();
    let link = |name: &str, target: &str| {
        std::os::unix::fs::symlink(outside.root.join(target), project.root.join(name)).unwrap();
    };
    std::fs::create_dir_all(project.root.join("rendered/eu")).unwrap();
    link("rendered/prod", "trees/prod");
    link("rendered/eu/trees", "trees");
    for folder in ["rendered", "rendered/prod", "./rendered/eu/trees", "rendered/eu/trees/prod"] {
        let ran = project.run(&["diff", "prod", "--against", &format!("dir:{folder}")]);
        assert!(ran.code == 2 && ran.stdout.is_empty(), "{folder}: {ran}");
        assert!(ran.stderr.contains("it is a symbolic link"), "{folder}: {ran}");
    }
    // A folder outside of the project is for the user to name.
    let named = format!("dir:{}", outside.root.join("trees").display());
    assert_eq!(project.run(&["diff", "prod", "--against", &named]).code, 1);
}

#[test]
fn what_is_no_revision_is_told_without_words_of_git() {
    let project = repository();
    for word in ["^HEAD", "HEAD..HEAD", "HEAD^@"] {
        let ran = project.run(&["diff", "--against", &format!("rev:{word}")]);
        let said = format!("error: `{word}` is not a branch, tag or commit of this repository");
        assert!(ran.code == 2 && ran.stderr.starts_with(&said), "{ran}");
    }
}
