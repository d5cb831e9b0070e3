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
    let mut command = project.command(&["validate", "--project", "nothing"]);
    let ran = Ran::from(command.current_dir("/").output().unwrap());
    assert_eq!(ran.code, 2);
    hold(&project, "project-named-wrong", "validate --project nothing    (in /)", ran);
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
    assert!(modeline.contains("$schema=../../schemas/environment.layer.json"), "{modeline}");
}

#[test]
fn no_tree_is_written_among_the_charts() {
    for key in ["output", "golden"] {
        let project = project().file("platc.yaml", format!("{key}: charts\n"));
        let ran = project.run(&["validate"]);
        assert!(ran.code == 1 && ran.stdout.contains("project/paths-overlap"), "{key}: {ran}");
    }
}

/// On the file systems of macOS and Windows both names are one folder.
#[test]
fn an_output_that_differs_by_case_alone_from_what_is_read_is_refused() {
    for (key, folder) in
        [("output", "Environments"), ("golden", "TEMPLATES/x"), ("output", "Golden"), ("golden", "Schemas")]
    {
        let project = project().file("platc.yaml", format!("{key}: {folder}\n"));
        let ran = project.run(&["validate"]);
        assert!(ran.code == 1 && ran.stdout.contains("project/paths-overlap"), "{key}: {folder}: {ran}");
    }
}

/// A file in git's own folder can be a command. No setting, link or option leads a tree there, in no spelling.
#[test]
fn no_tree_is_written_into_gits_own_folder_or_among_the_inputs() {
    use std::os::unix::fs::symlink;
    for path in
        [".git", ".git/hooks", ".GIT", ".git.", "git~1/hooks", ".g\u{131}t", "x/.Git/y", "\".git \"", ".g\u{200c}it"]
    {
        for key in ["output", "golden"] {
            let project = project().file("platc.yaml", format!("{key}: {path}\n"));
            std::fs::create_dir(project.root.join(".git")).unwrap();
            let command: &[&str] = if key == "output" { &["render"] } else { &["golden", "--accept"] };
            let ran = project.run(command);
            assert!(ran.code == 1 && ran.stderr.contains("project/bad-path"), "{key}: {path}: {ran}");
            assert_eq!(std::fs::read_dir(project.root.join(".git")).unwrap().count(), 0);
        }
        let project = project();
        let ran = project.run(&["render", "-o", path.trim_matches('"')]);
        assert!(ran.code == 2 && ran.stderr.contains("git's own folder"), "{path}: {ran}");
    }
    for (link, target) in
        [("rendered", ".git"), ("golden", ".git"), ("out", ".git"), ("out", "../elsewhere"), ("a/b", "../.git")]
    {
        let project = project();
        std::fs::create_dir(project.root.join(".git")).unwrap();
        std::fs::create_dir(project.root.join("a")).unwrap();
        symlink(target, project.root.join(link)).unwrap();
        let command: &[&str] = match link {
            "golden" => &["golden", "--accept"],
            "rendered" => &["render"],
            "out" => &["render", "-o", "out"],
            _ => &["render", "-o", "a/b/c"],
        };
        let ran = project.run(command);
        assert!(ran.code == 2 && ran.stderr.contains("cannot hold a tree"), "{link}: {ran}");
        assert_eq!(std::fs::read_dir(project.root.join(".git")).unwrap().count(), 0);
    }
    for folder in ["environments", "environments/new", "templates", "schemas/kubernetes", "./templates/../templates"] {
        let project = project();
        let ran = project.run(&["render", "-o", folder]);
        assert!(ran.code == 2 && ran.stderr.contains("which platc reads"), "{folder}: {ran}");
        assert!(!project.exists(&format!("{folder}/prod")) || folder == "environments");
        assert_eq!(project.run(&["validate"]).code, 0, "nothing came among the inputs");
    }
    // The project's own folder is fine, unless an environment's tree would be one of its folders.
    let beside = project();
    assert_eq!(beside.run(&["render", "-o", "."]).code, 0);
    assert!(beside.exists("prod/cluster.yaml"));
    std::fs::rename(beside.root.join("environments/prod"), beside.root.join("environments/templates")).unwrap();
    let ran = beside.run(&["render", "-o", ".", "templates"]);
    assert!(ran.code == 2 && ran.stderr.contains("`templates`, which platc reads"), "{ran}");
}

/// Git's own folder holds what a checkout was given to fetch with. No name and no link of the project leads into it, and one
/// that is not called `.git` is known by what is in it.
#[test]
fn nothing_is_read_from_gits_own_folder_and_nothing_is_written_to_one_of_another_name() {
    use std::os::unix::fs::symlink;
    let prepared = || {
        let project = project().file(".git", "gitdir: kept/gd\n").file("kept/gd/HEAD", "ref: refs/heads/main\n");
        for folder in ["objects", "refs", "hooks"] {
            std::fs::create_dir(project.root.join("kept/gd").join(folder)).unwrap();
        }
        project.file("kept/gd/config", "token: TOPSECRET\n").file("moved/.git/config", "token: TOPSECRET\n")
    };
    for target in ["kept/gd/config", "moved/.git/config", "kept/gd/refs/../config"] {
        for (link, template) in [("t.txt", "a: {{ file('t.txt') }}\n"), ("_t.j2", "a: {% include '_t.j2' %}\n")] {
            let project = prepared().file("templates/x.yaml.j2", template);
            symlink(format!("../{target}"), project.root.join("templates").join(link)).unwrap();
            let ran = project.run(&["render"]);
            assert!(ran.code == 1 && ran.to_string().contains("git's own folder"), "{target} by {link}: {ran}");
            assert!(!ran.to_string().contains("TOPSECRET"), "{ran}");
        }
        for link in ["environments/e.yaml", "schemas/z.yaml"] {
            let settings = if link.starts_with("schemas") { "schema: schemas/z.yaml\n" } else { "" };
            let project = prepared().file("platc.yaml", settings);
            std::fs::create_dir_all(project.root.join("schemas")).unwrap();
            symlink(format!("../{target}"), project.root.join(link)).unwrap();
            let ran = project.run(&["validate"]);
            assert!(ran.code == 1 && ran.to_string().contains("git's own folder"), "{target} by {link}: {ran}");
            assert!(!ran.to_string().contains("TOPSECRET"), "{ran}");
        }
        let project = prepared();
        for args in [["schema", "import", target], ["render", "--with", target]] {
            let ran = project.run(&args);
            assert!(ran.code == 2 && !ran.stderr.contains("TOPSECRET"), "{args:?}: {ran}");
        }
    }
    // Outside the project, too; but a bare repository around it, with the project as one of its work trees, is fine.
    let (outer, inner) = (prepared(), prepared());
    let gd = outer.root.join("kept/gd");
    std::fs::write(gd.join("w.yaml"), "token: TOPSECRET\n").unwrap();
    for (args, path) in
        [(["schema", "import"], "config"), (["render", "--with"], "w.yaml"), (["render", "-o"], "hooks")]
    {
        let path = gd.join(path).to_string_lossy().into_owned();
        let ran = inner.run(&[&args[..], &[&path]].concat());
        assert!(ran.code == 2 && ran.stderr.contains("git's own folder"), "{args:?}: {ran}");
        assert!(!ran.to_string().contains("TOPSECRET"), "{ran}");
    }
    std::fs::create_dir_all(gd.join("main/environments/a")).unwrap();
    std::fs::write(gd.join("main/platc.yaml"), "").unwrap();
    std::fs::write(gd.join("values.yaml"), "a: 1\n").unwrap();
    let command = ["--project", "kept/gd/main", "schema", "import", "kept/gd/values.yaml", "--name", "web"];
    assert_eq!(outer.run(&command).code, 0);
    for output in ["kept/gd", "kept/gd/refs", "kept"] {
        let project = prepared().file("platc.yaml", format!("output: {output}\n"));
        std::fs::rename(project.root.join("environments/prod"), project.root.join("environments/gd")).unwrap();
        let ran = project.run(&["render"]);
        assert!(ran.code == 2 && ran.stderr.contains("git's own folder"), "{output}: {ran}");
        assert_eq!(std::fs::read_dir(project.root.join("kept/gd")).unwrap().count(), 5);
    }
}

/// Without the folder of templates no environment makes anything: that is said once, and nothing else.
#[test]
fn a_folder_of_templates_that_has_another_name() {
    let project = project();
    std::fs::rename(project.root.join("templates"), project.root.join("template")).unwrap();
    for line in ["validate", "render", "golden"] {
        let ran = project.run(&[line]);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(ran.code == 1 && said.contains("did you mean `template`?"), "{line}: {ran}");
        assert!(!said.contains("makes no file") && said.contains("1 error\n"), "{line}: {ran}");
    }
}
