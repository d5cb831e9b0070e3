//! The committed golden trees are what the project compiles to.

use std::path::Path;
use std::process::Command;

#[test]
fn golden_trees_hold_for_the_platform_and_every_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = std::fs::read_dir(root.join("examples")).unwrap().map(|entry| entry.unwrap().path());
    let projects = examples.filter(|path| path.join("platc.yaml").exists()).chain([root.to_owned()]);
    for project in projects {
        assert!(project.join("golden").is_dir(), "{} has no golden trees", project.display());
        let output =
            Command::new(env!("CARGO_BIN_EXE_platc")).args(["golden", "--check"]).current_dir(&project).output();
        let output = output.unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{}:\n{told}", project.display());
        assert!(!told.contains("warning["), "{}:\n{told}", project.display());
    }
}
