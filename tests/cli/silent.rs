//! What goes wrong is never an empty success: nothing is written, and the exit code says so.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::{Project, Ran};

/// A project in which a value can be one thing to some readers and another to others.
fn readable_twice() -> Project {
    Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", "type: object\n")
        .file("environments/prod.yaml", "mode: plain\n")
        .file("templates/mode.yaml.j2", "mode: {{ mode }}\n")
}

#[test]
fn an_error_in_set_stops_all_writing() {
    for set in ["mode=0755", "mode=on", "mode=12:30:45", "mode", "=x", "mode=[1", "a[0]=1", "other=null"] {
        let project = readable_twice();
        let ran = project.run(&["render", "prod", "--set", set]);
        assert_eq!(ran.code, 1, "{set}: {ran}");
        assert!(!project.exists("rendered"), "{set}: {ran}");
        let ran = project.run(&["render", "prod", "--set", set, "--stdout"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{set}: {ran}");
    }
}

#[test]
fn an_error_that_names_no_environment_stops_all_of_them() {
    let project = readable_twice().file("platc.yaml", "rules: {hygiene/unused-layer: error}\n");
    project.write("environments/left/behind.yaml", "mode: x\n");
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stderr.contains("error[hygiene/unused-layer]"), "{ran}");
    assert!(!project.exists("rendered"), "{ran}");
}

#[test]
fn a_folder_that_cannot_be_looked_into_is_not_an_empty_one() {
    let project = crate::project();
    for (link, target) in [
        ("schemas/rules", "/etc"),
        ("schemas/rules", "nowhere"),
        ("schemas/helm", "/etc"),
        ("schemas/helm", "nowhere"),
        ("schemas/cloudformation", "../../.."),
        ("templates/more", "../schemas"),
        ("templates/more", "/etc"),
        ("environments/more", "/etc"),
        ("environments/more", "../schemas/nested"),
    ] {
        project.write("schemas/nested/prod/environment.yaml", "cluster: {name: a, version: \"1\"}\n");
        symlink(target, project.root.join(link)).unwrap();
        let ran = project.run(&["render"]);
        assert_eq!(ran.code, 1, "{link} -> {target}: {ran}");
        assert!(ran.stderr.contains(&format!("error[project/unreadable]: `{link}")), "{link} -> {target}: {ran}");
        std::fs::remove_file(project.root.join(link)).unwrap();
    }
    // Links within the project are what they lead to, and links to files are no folders.
    project.write("shared/rules/README.md", "");
    symlink("../shared/rules", project.root.join("schemas/rules")).unwrap();
    symlink("../shared/rules/README.md", project.root.join("templates/README.md")).unwrap();
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, 0, "{ran}");
    // What is copied must lie in the project.
    symlink("/etc/hostname", project.root.join("templates/name.txt")).unwrap();
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stderr.contains("error[project/unreadable]: `templates/name.txt`"), "{ran}");
}

#[test]
fn a_pattern_that_matches_nothing_is_told() {
    let project = crate::project();
    project.run(&["render"]);
    for line in
        ["diff --against dir:rendered --only nope.yaml", "render --check --only nope/**", "render --stdout --only x"]
    {
        let ran = project.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, 2, "{line}: {ran}");
        assert!(ran.stderr.starts_with("error: no file matches `"), "{line}: {ran}");
    }
    assert_eq!(project.run(&["render", "--check", "--only", "cluster.yaml"]).code, 0);
}

#[test]
fn a_revision_whose_templates_are_broken_is_not_compared_with() {
    let project = crate::repository();
    project.write("templates/cluster.yaml.j2", "name: {{ cluster.name | nope }}\n");
    crate::git(&project, &["commit", "-qam", "broken"]);
    project.write("templates/cluster.yaml.j2", "name: {{ cluster.name }}\n");
    let ran = project.run(&["validate", "--against", "HEAD"]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.starts_with("error: the project does not compile as of `HEAD`"), "{ran}");
}

/// Lets a system call on one path fail, by strace; `None` where there is none.
fn failing(project: &Project, path: &str, line: &str) -> Option<Ran> {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-P", path, "-e", "inject=read:error=EIO", "--"]);
    command.arg(env!("CARGO_BIN_EXE_platc")).args(line.split(' ')).current_dir(&project.root);
    match command.output() {
        Ok(output) => Some(output.into()),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "`strace`: {error}");
            eprintln!("SKIPPED: `strace`: {error}");
            None
        }
    }
}

#[test]
fn a_disk_that_fails_is_no_finding_of_the_input() {
    let project = crate::project();
    project.write("schemas/rules/a.yaml", "id: team/a\n");
    for path in [
        "platc.yaml",
        "environments/base/base.yaml",
        "environments/prod/environment.yaml",
        "schemas/environment.schema.yaml",
        "schemas/rules/a.yaml",
        "templates/cluster.yaml.j2",
    ] {
        let full = project.root.join(path);
        for line in ["validate", "render", "golden --check", "validate --format json"] {
            let Some(ran) = failing(&project, full.to_str().unwrap(), line) else { return };
            assert_eq!(ran.code, 2, "{line} {path}: {ran}");
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(
                said.contains(&format!("`{path}` cannot be read: the disk reports an input/output error")),
                "{ran}"
            );
        }
    }
}
