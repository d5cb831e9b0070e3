//! Every command as a user runs it: exit code, standard output, standard error.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests build real projects and fail loudly")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

#[path = "../support/judges.rs"]
mod judges;
#[path = "../support/mod.rs"]
mod support;

mod affected;
mod against;
mod all_at_once;
mod chart_objects;
mod compare;
mod copies;
mod diff;
mod docs;
mod edit;
mod fleet;
mod formats;
mod golden;
mod help;
mod images;
mod impact;
mod impact_ci;
mod impact_cloudformation;
mod impact_definitions;
mod impact_gone;
mod impact_kubernetes;
mod impact_lines;
mod impact_oracle;
mod impact_refused;
mod impact_running;
mod impact_written;
mod init;
mod progress;
mod project;
mod render;
mod rules;
mod schema;
mod silent;
mod stopped;
mod streams;
mod validate;

use support::{Project, Ran};

/// Two environments on one layer, one schema, two templates.
fn project() -> Project {
    Project::empty()
        .file("platc.yaml", "")
        .file("environments/base/base.yaml", "cluster:\n  name: main\n  version: \"1.34\"\n")
        .file("environments/dev/environment.yaml", "extends: [../base]\n")
        .file("environments/prod/environment.yaml", "extends: [../base]\ncluster:\n  version: \"1.35\"\n  nodes: 3\n")
        .file("schemas/environment.schema.yaml", include_str!("../findings/base.schema.yaml"))
        .file("templates/rest.yaml.j2", include_str!("../findings/rest.yaml.j2"))
        .file("templates/cluster.yaml.j2", "name: {{ cluster.name }}\nversion: {{ cluster.version }}\n")
        .file(
            "templates/nodes/pool.yaml.j2",
            "{#- platc\nwhen: cluster.nodes is defined\n-#}\nnodes: {{ cluster.nodes }}\n",
        )
}

/// The same, with git knowing all of it.
fn repository() -> Project {
    let project = project();
    for args in [&["init", "-q", "-b", "main"][..], &["add", "-A"], &["commit", "-qm", "start"]] {
        git(&project, args);
    }
    project
}

fn git(project: &Project, args: &[&str]) {
    let mut command = std::process::Command::new("git");
    command.args(args).current_dir(&project.root).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for (name, value) in [("NAME", "Tester"), ("EMAIL", "tester@example.com"), ("DATE", "2026-01-01T00:00:00Z")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, 0, "git {args:?}: {ran}");
}

/// Runs a command line and holds what it gave to a snapshot with that name. Paths of the scratch folder are left out.
fn check(project: &Project, name: &str, line: &str) -> Ran {
    let args: Vec<_> = line.split_whitespace().collect();
    hold(project, name, line, project.run(&args))
}

fn hold(project: &Project, name: &str, line: &str, ran: Ran) -> Ran {
    let shown = format!("$ platc {line}\n{ran}").replace(project.root.to_str().unwrap(), "[PROJECT]");
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, shown));
    ran
}
