//! This repository's own platform against the schemas of others, as a user would set it up: one command imports them,
//! `platc validate` judges by them.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests build real projects, read real files and say what they skip"
)]

mod support;

use std::path::Path;

use support::Project;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy(from: &Path, project: &Project, below: &str) {
    for entry in std::fs::read_dir(from.join(below)).unwrap() {
        let name = format!("{below}/{}", entry.unwrap().file_name().to_str().unwrap());
        if from.join(&name).is_dir() {
            copy(from, project, &name);
        } else {
            project.write(&name, std::fs::read(from.join(&name)).unwrap());
        }
    }
}

/// The repository's project with all that upstream publishes; nothing where upstream's data is absent. In CI it must be
/// there.
fn project() -> Option<Project> {
    let upstream = repository().join("../shared/upstream");
    if !upstream.exists() {
        assert!(std::env::var_os("CI").is_none(), "{} is missing", upstream.display());
        eprintln!("SKIPPED: {} is missing", upstream.display());
        return None;
    }
    let project = Project::empty().file("platc.yaml", std::fs::read(repository().join("platc.yaml")).unwrap());
    for folder in ["environments", "examples", "schemas", "templates"] {
        copy(repository(), &project, folder);
    }
    let folders =
        ["crds", "charts", "cloudformation", "kubernetes"].map(|name| upstream.join(name).display().to_string());
    // Two types of the platform are not among those.
    let others = repository().join("tests/support/types").display().to_string();
    let mut command = vec!["schema", "import", &others];
    command.extend(folders.iter().map(String::as_str));
    let ran = project.run(&command);
    assert_eq!(ran.code, 0, "{ran}");
    Some(project)
}

/// Replaces a text of a file that holds it once, and gives the line it stands in.
fn change(project: &Project, file: &str, from: &str, to: &str) -> usize {
    let text = project.read(file);
    assert_eq!(text.matches(from).count(), 1, "{file}: {from}");
    project.write(file, text.replace(from, to));
    text[..text.find(from).unwrap()].matches('\n').count() + 1
}

#[test]
fn the_platform_holds_to_the_schemas_of_others_and_each_break_is_found_where_it_was_made() {
    let Some(project) = project() else { return };
    let ran = project.run(&["validate"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("no errors"), "{ran}");

    // In an overlay, in a template of values, in a template of resources.
    let overlay = "environments/prod/taints.yaml";
    let text = "\
karpenter:
  nodePools:
    - name: general
      taints:
        - effect: NoSchedule
          key: not a key
";
    project.write(overlay, text);
    let values = "templates/operations-addons/karpenter/values.yaml.j2";
    let values_line = change(&project, values, "interruptionQueue:", "interuptionQueue:");
    let network = "templates/network/template.yaml.j2";
    let network_line = change(&project, network, "EnableDnsSupport:", "EnableDnsSuport:");
    let ran = project.run(&["validate", "prod"]);
    assert_eq!(ran.code, 1, "{ran}");
    for (rule, place, help) in [
        ("kubernetes/schema", format!("--> {overlay}:6:"), ""),
        ("helm/unknown-key", format!("--> {values}:{values_line}:"), "did you mean `interruptionQueue`?"),
        ("cfn/unknown-property", format!("--> {network}:{network_line}:"), "did you mean `EnableDnsSupport`?"),
    ] {
        let said = ran.stdout.split("error[").find(|finding| finding.starts_with(rule));
        let said = said.unwrap_or_else(|| panic!("no {rule}: {ran}"));
        assert!(said.contains(&place) && said.contains(help), "{place} {help}: {said}");
    }
    assert_eq!(ran.stdout.matches("error[").count(), 3, "{ran}");
}
