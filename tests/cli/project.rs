//! Which project is meant.

use crate::support::{Project, Ran};
use crate::{check, git, hold, project};

#[test]
fn no_project() {
    let project = Project::empty();
    let mut command = project.command(&["validate"]);
    // Above the scratch folder there may be a project.
    let ran = Ran::from(command.current_dir("/").output().unwrap());
    assert_eq!(ran.code, 2);
    hold(&project, "project-none", "validate    (in /)", ran);
    assert_eq!(check(&project, "project-named-wrong", "validate --project nothing").code, 2);
}

#[test]
fn a_project_elsewhere() {
    let project = project();
    let name = project.root.file_name().unwrap().to_str().unwrap();
    let above =
        |args: &[&str]| Ran::from(project.command(args).current_dir(project.root.parent().unwrap()).output().unwrap());
    let rename = |ran: Ran| Ran { stderr: ran.stderr.replace(name, "NAME"), ..ran };
    for (snapshot, args) in [
        ("project-elsewhere-name", ["-C", name, "render", "prod"]),
        ("project-elsewhere-path", ["--project", name, "render", "environments/prod"]),
        ("project-elsewhere-path-from-here", ["--project", name, "render", &format!("{name}/environments/prod")]),
    ] {
        let ran = rename(above(&args));
        assert_eq!(ran.code, 0, "{ran}");
        hold(&project, snapshot, &args.join(" ").replace(name, "NAME"), ran);
    }
    let ran = Ran::from(
        project.command(&["validate", "prod"]).current_dir("/").env("PLATC_PROJECT", &project.root).output().unwrap(),
    );
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn the_nearest_project_upwards() {
    let project = project().file("inner/platc.yaml", "environments: x\n").file("inner/deep/er/file", "");
    let ran =
        Ran::from(project.command(&["validate"]).current_dir(project.root.join("inner/deep/er")).output().unwrap());
    assert!(ran.stdout.contains("project/no-environments"), "{ran}");
}

#[test]
fn no_environments() {
    let project = Project::empty().file("platc.yaml", "").file("environments/README.md", "");
    assert_eq!(check(&project, "project-no-environments", "validate").code, 2);
}

#[test]
fn settings_move_everything() {
    let project = project();
    project.write("platc.yaml", "environments: environments\noutput: out\ngolden: gold\n");
    check(&project, "project-settings", "render prod");
    assert!(project.exists("out/prod/cluster.yaml"));
    project.run(&["golden", "--accept"]);
    assert!(project.exists("gold/prod/cluster.yaml"));
}

/// Environments in a second folder, beside a project of its own, through every command.
#[test]
fn environments_in_several_folders() {
    let project = project()
        .file("platc.yaml", "environments: [environments, examples]\n")
        .file("examples/second-region/environment.yaml", "extends: [../../environments/prod]\ncluster:\n  nodes: 5\n")
        .file("examples/minimal/platc.yaml", "")
        .file("examples/minimal/environments/prod/environment.yaml", "not: ours\n");
    let fine = |line: &str| {
        let ran = project.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, 0, "{line}: {ran}");
        ran
    };
    let rendered = fine("render examples/second-region --stdout").stdout;
    assert!(rendered.contains("nodes: 5") && rendered.contains("version: \"1.35\""), "{rendered}");
    assert!(fine("validate").stderr.contains("3 environments"));
    fine("golden --accept");
    assert!(project.exists("golden/second-region/cluster.yaml"));
    for args in [&["init", "-q", "-b", "main"][..], &["add", "-A"], &["commit", "-qm", "start"]] {
        git(&project, args);
    }
    project.write("examples/second-region/environment.yaml", "extends: [../../environments/prod]\n");
    fine("golden --staged");
    git(&project, &["add", "-A"]);
    let staged = project.run(&["golden", "examples/second-region", "--staged"]);
    assert!(staged.code == 1 && staged.stdout.contains("-nodes: 5"), "{staged}");
    let diff = project.run(&["diff", "second-region", "--against", "HEAD"]);
    assert!(diff.stdout.contains("nodes"), "{diff}");
    let modeline = fine("schema modeline examples/second-region").stdout;
    assert!(modeline.contains("$schema=../../schemas/environment.schema.yaml"), "{modeline}");
}
