//! `platc golden`.

use crate::{check, git, project, repository};

/// Puts something at a path.
type Put<'a> = &'a dyn Fn(&str);

#[test]
fn accepted_checked_changed_and_accepted_again() {
    let project = project();
    assert_eq!(check(&project, "golden-none", "golden").code, 1);
    assert_eq!(check(&project, "golden-accept", "golden --accept").code, 0);
    assert!(project.exists("golden/prod/cluster.yaml"));
    assert_eq!(check(&project, "golden-same", "golden --check").code, 0);
    project.write("templates/cluster.yaml.j2", "name: {{ cluster.name }}\nrelease: {{ cluster.version }}\n");
    assert_eq!(check(&project, "golden-differs", "golden prod").code, 1);
    check(&project, "golden-differs-json", "golden prod --format json");
    check(&project, "golden-accept-one", "golden --accept prod");
    assert_eq!(project.run(&["golden", "prod"]).code, 0);
    assert_eq!(project.run(&["golden", "dev"]).code, 1);
}

#[test]
fn nothing_is_accepted_that_has_errors() {
    let project = project();
    project.run(&["golden", "--accept"]);
    let before = project.read("golden/prod/cluster.yaml");
    project.write("environments/prod/environment.yaml", "extends: [../base]\ncluster:\n  name: [x]\n");
    assert_eq!(check(&project, "golden-accept-finding", "golden --accept prod").code, 1);
    assert_eq!(project.read("golden/prod/cluster.yaml"), before);
    assert_eq!(check(&project, "golden-check-finding", "golden prod").code, 1);
}

/// An edit by hand is never lost without a word: `--check` and `--accept` show it, and only `--overwrite-edits` throws it away.
#[test]
fn an_edited_golden_tree_differs_and_is_not_replaced_unless_asked() {
    let project = project();
    project.run(&["golden", "--accept"]);
    let path = "golden/prod/cluster.yaml";
    let edited = project.read(path).replace("main", "edited");
    project.write(path, &edited);
    project.write("golden/prod/README.md", "ours\n");
    assert_eq!(check(&project, "golden-edited", "golden prod").code, 1);
    assert_eq!(check(&project, "golden-accept-edited", "golden --accept prod").code, 1);
    assert_eq!(project.read(path), edited);
    assert_eq!(project.run(&["golden", "--accept", "--overwrite-edits", "prod"]).code, 0);
    assert!(project.read(path).contains("name: main"));
    assert!(project.exists("golden/prod/README.md"), "files of others stay");
    assert_eq!(check(&project, "golden-foreign", "golden prod").code, 0);
    assert_eq!(project.run(&["golden", "--overwrite-edits"]).code, 2, "it goes with --accept");
}

/// What a merge or git did to a file is no edit that could be moved into a template.
#[test]
fn a_conflict_and_other_line_ends_are_told_as_such() {
    let project = project();
    project.run(&["golden", "--accept"]);
    let path = "golden/prod/cluster.yaml";
    let accepted = project.read(path);
    for (held, wanted, help) in [
        (accepted.replace('\n', "\r\n"), "has other line ends (CRLF)", "`.gitattributes`"),
        (
            format!("<<<<<<< HEAD\n{accepted}=======\n{accepted}>>>>>>> other\n"),
            "holds an unsettled merge conflict",
            "settle the conflict in environments and templates",
        ),
    ] {
        project.write(path, &held);
        let told = project.run(&["golden", "prod"]);
        assert!(told.code == 1 && told.stderr.contains(wanted) && told.stderr.contains(help), "{}", told.stderr);
        assert!(!told.stderr.contains("edited by hand"), "{}", told.stderr);
    }
}

/// Who applies the whole folder applies what others put there, a link too, and what belongs to no environment.
#[test]
fn what_is_not_platcs_among_golden_trees_is_named() {
    let project = repository();
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    project.write(".gitignore", ".*.platc-*\n");
    for path in ["golden/README.md", "golden/.gitattributes", "golden/notes/a.md", "golden/.dev.platc-lock"] {
        project.write(path, "ours\n");
    }
    let commands = [
        &["golden", "--check"][..],
        &["golden", "--check", "--format", "github"],
        &["golden", "--staged"],
        &["validate"],
        &["validate", "--staged"],
        &["validate", "--against", "rev:HEAD"],
        &["diff"],
        &["diff", "--view", "impact"],
    ];
    for command in commands {
        git(&project, &["add", "-A"]);
        let ran = project.run(command);
        assert!(ran.code == 0 && !ran.stderr.contains("not platc's"), "{command:?} {ran}");
    }
    let link = |to: &str, from: &str| std::os::unix::fs::symlink(to, project.root.join(from)).unwrap();
    let put: [(&str, Put<'_>); 6] = [
        ("golden/dev/link", &|path| link("../../environments", path)),
        ("golden/dev/link.yaml", &|path| link("cluster.yaml", path)),
        ("golden/prod/sub/role.yaml", &|path| project.write(path, "kind: Role\n")),
        ("golden/other", &|path| project.write(&format!("{path}/role.yaml"), "kind: Role\n")),
        ("golden/role.yaml", &|path| project.write(path, "kind: Role\n")),
        ("golden/dev2", &|path| link("dev", path)),
    ];
    for (path, put) in put {
        put(path);
        git(&project, &["add", "-A"]);
        for command in commands {
            let ran = project.run(command);
            let named = format!("`{path}` is not platc's: whoever applies the whole folder applies it, too");
            assert!(ran.code == 0 && ran.stderr.contains(&named), "{command:?} {path} {ran}");
        }
        // Of other environments nothing is asked.
        let of_one = project.run(&["validate", "prod"]).stderr.contains(path);
        assert_eq!(of_one, path.starts_with("golden/prod/"), "{path}");
        let whole = project.root.join(path);
        if whole.is_dir() && !whole.is_symlink() {
            std::fs::remove_dir_all(whole).unwrap();
        } else {
            std::fs::remove_file(whole).unwrap();
        }
    }
    // A list of its own makes nothing platc's.
    project.write("golden/prod/sub/.platc/manifest", "platc tree 1\n");
    project.write("golden/prod/sub/role.yaml", "kind: Role\n");
    project.write("golden/prod/kustomization.yaml", "resources: [sub/role.yaml]\n");
    let ran = project.run(&["golden", "--check"]);
    assert!(ran.stderr.contains("`golden/prod/sub/role.yaml` are not platc's: whoever applies"), "{ran}");
}

/// Two branches that accepted change the same files: what git made of them is no edit by hand while the merge is open.
#[test]
fn what_a_merge_left_is_accepted() {
    let project = repository();
    project.write(".gitattributes", "**/.platc/manifest -merge\n");
    project.write(
        "templates/long.yaml.j2",
        "a: {{ cluster.version }}\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\ng: 1\nh: {{ cluster.name }}\n",
    );
    let commit = |change: &dyn Fn()| {
        change();
        assert_eq!(project.run(&["golden", "--accept"]).code, 0);
        git(&project, &["add", "-A"]);
        git(&project, &["commit", "-qm", "change"]);
    };
    let base = |name: &str, version: &str| {
        let text = format!("cluster:\n  name: {name}\n\n\n\n  version: \"{version}\"\n");
        project.write("environments/base/base.yaml", text);
        project.write("environments/prod/environment.yaml", "extends: [../base]\ncluster:\n  nodes: 3\n");
    };
    commit(&|| base("main", "1.34"));
    git(&project, &["checkout", "-qb", "other"]);
    commit(&|| base("main", "1.35"));
    git(&project, &["checkout", "-q", "main"]);
    commit(&|| base("renamed", "1.34"));
    let merged = std::process::Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "merge", "-q", "other"])
        .current_dir(&project.root)
        .output();
    assert!(!merged.unwrap().status.success(), "the lists are in conflict");
    assert!(project.read("golden/prod/long.yaml").contains("1.35"), "git has merged the file");
    let ran = project.run(&["golden", "--accept"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(project.run(&["golden", "--check"]).code, 0);
}

/// Before a commit, what is wrong is more often not staged than not accepted.
#[test]
fn what_is_not_staged_is_named() {
    let project = repository();
    let staged = |words: &str| {
        let ran = project.run(&["golden", "--staged", "prod"]);
        assert!(ran.code == 1 && ran.stderr.contains(words), "{words}: {ran}");
    };
    project.run(&["golden", "--accept"]);
    staged("it is right in the work tree, and not staged: `git add golden/prod`");
    project.write(".gitignore", "# made\ngolden\n");
    staged("git ignores it by `.gitignore:2: golden`");
    project.write(".gitignore", "");
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "golden"]);
    assert_eq!(project.run(&["golden", "--staged"]).code, 0);
    // An edit by hand is as wrong in the work tree as where it is staged.
    let accepted = project.read("golden/prod/cluster.yaml");
    project.write("golden/prod/cluster.yaml", format!("{accepted}more: true\n"));
    git(&project, &["add", "-A"]);
    staged("`platc golden --accept --overwrite-edits prod` throws it away");
    project.write("golden/prod/cluster.yaml", accepted);
    staged("it is right in the work tree, and not staged: `git add golden/prod`");
    git(&project, &["add", "-A"]);
    // A template was forgotten, and its result was not.
    project.write("templates/more.yaml.j2", "more: {{ cluster.name }}\n");
    project.run(&["golden", "--accept"]);
    git(&project, &["add", "golden"]);
    staged(
        "`templates/more.yaml.j2` is not staged as in the work tree, for which it was accepted: `git add templates/more.yaml.j2`",
    );
    git(&project, &["add", "templates"]);
    assert_eq!(project.run(&["golden", "--staged"]).code, 0);
    // And where all is staged and nothing was accepted, that is what to do.
    project.write("templates/more.yaml.j2", "more: true\n");
    git(&project, &["add", "templates"]);
    staged("run `platc golden --accept prod` and `git add golden/prod`");
}

#[test]
fn what_is_missing_and_only_not_staged_is_named() {
    let project = repository();
    project.write("templates/_name.j2", "{% macro name() %}{{ 1 }}{% endmacro %}\n");
    project.write("templates/cluster.yaml.j2", "{% from \"_name.j2\" import name %}\nname: {{ name() }}\n");
    git(&project, &["add", "templates/cluster.yaml.j2"]);
    let ran = project.run(&["validate", "--staged"]);
    assert!(ran.code == 1 && ran.stderr.contains("`templates/_name.j2` is not staged as in the work tree"), "{ran}");
}

#[test]
fn two_environments_are_not_compared_with_each_other_without_a_word() {
    let project = project();
    project.run(&["golden", "--accept"]);
    let ran = project.run(&["diff", "prod", "dev"]);
    assert!(ran.stderr.contains("to compare the two, write `platc diff prod --against dev`"), "{ran}");
}

#[test]
fn a_word_that_was_meant_as_an_option() {
    let project = project();
    let ran = project.run(&["golden", "accept"]);
    assert!(ran.code == 2 && ran.stderr.contains("did you mean `--accept`?"), "{ran}");
}

/// What `golden --accept` would refuse to write through, a check refuses to look through, in the same words.
#[test]
fn a_link_in_the_place_of_a_tree_is_refused_by_checks_too() {
    let project = project();
    project.run(&["golden", "--accept"]);
    project.run(&["render"]);
    let move_away = |path: &str| {
        let name = format!("aside-{}", path.replace('/', "-"));
        std::fs::rename(project.root.join(path), project.root.join(&name)).unwrap();
        std::os::unix::fs::symlink(project.root.join(&name), project.root.join(path)).unwrap();
        project.root.join(&name)
    };
    let refused = |line: &str, said: &str| {
        let ran = project.run(&line.split(' ').collect::<Vec<_>>());
        assert!(ran.code == 2 && ran.stderr.contains(said), "{line}: {ran}");
    };
    let checks = ["golden --check prod", "validate prod", "diff prod", "diff prod --against dir:golden/prod"];
    for (path, said) in [
        ("golden/prod", "`golden/prod` cannot be replaced: it is a symbolic link"),
        ("golden", "`golden` cannot hold a tree: it is a symbolic link"),
        ("golden/prod/cluster.yaml", "cluster.yaml` cannot be read: it is a symbolic link"),
        ("golden/prod/.platc/manifest", ".platc/manifest` cannot be read: it is a symbolic link"),
        ("golden/prod/.platc", ".platc` cannot be read: it is a symbolic link"),
    ] {
        let real = move_away(path);
        for line in &checks {
            refused(line, said);
        }
        if !path.starts_with("golden/prod/") {
            refused("golden --accept prod", said);
        }
        std::fs::remove_file(project.root.join(path)).unwrap();
        std::fs::rename(real, project.root.join(path)).unwrap();
        assert_eq!(project.run(&["golden", "--check"]).code, 0, "{path}");
    }
    move_away("rendered");
    for line in ["render prod", "render --check prod"] {
        refused(line, "`rendered` cannot hold a tree: it is a symbolic link");
    }
}

/// As it is staged, too: there a link is one that somebody has committed.
#[test]
fn a_staged_link_in_the_place_of_a_tree_is_refused() {
    let project = repository();
    project.run(&["golden", "--accept"]);
    std::fs::rename(project.root.join("golden/prod"), project.root.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", project.root.join("golden/prod")).unwrap();
    git(&project, &["add", "."]);
    let ran = project.run(&["golden", "--staged", "prod"]);
    assert!(ran.code == 2 && ran.stderr.contains("`golden/prod` cannot be replaced: it is a symbolic link"), "{ran}");
}

#[test]
fn a_long_difference_is_cut() {
    let project = project();
    project.run(&["golden", "--accept"]);
    project.write("templates/list.yaml.j2", "list:\n{% for n in range(300) %}\n  - {{ n }}\n{% endfor %}\n");
    let ran = project.run(&["golden", "dev"]);
    assert_eq!(ran.stdout.lines().count(), 241, "{ran}");
    assert!(ran.stdout.ends_with("more lines; `-v` shows them all\n"), "{ran}");
    assert!(project.run(&["golden", "dev", "-v"]).stdout.lines().count() > 300);
}

#[test]
fn what_is_staged() {
    let project = repository();
    project.run(&["golden", "--accept"]);
    // In the working tree it is right, in the index there is none.
    assert_eq!(project.run(&["golden"]).code, 0);
    assert_eq!(check(&project, "golden-staged", "golden dev --staged").code, 1);
    git(&project, &["add", "-A"]);
    project.write("golden/dev/cluster.yaml", "spoilt\n");
    assert_eq!(project.run(&["golden", "--staged"]).code, 0);
}

#[test]
fn the_tree_of_an_environment_that_is_gone_is_told_of() {
    let project = project();
    project.run(&["golden", "--accept"]);
    project.run(&["render"]);
    std::fs::remove_dir_all(project.root.join("environments/dev")).unwrap();
    assert_eq!(check(&project, "golden-orphan", "golden").code, 1);
    assert_eq!(check(&project, "render-check-orphan", "render --check").code, 1);
    assert_eq!(project.run(&["golden", "prod"]).code, 0, "asked for one, the others do not matter");
    // An environment that is only broken is not gone.
    project.write("environments/dev/environment.yaml", "extends: [../nowhere]\n");
    assert!(!project.run(&["golden"]).stderr.contains("belongs to no environment"));
}

/// Two branches accepted different trees: git merged the files, and left marks in the list of them.
#[test]
fn a_list_in_conflict_is_no_tree_that_is_up_to_date() {
    let project = project();
    project.run(&["golden", "--accept"]);
    let path = "golden/prod/.platc/manifest";
    let text = project.read(path);
    let (first, rest) = text.split_once('\n').unwrap();
    project.write(path, format!("{first}\n<<<<<<< HEAD\n{rest}=======\n{rest}>>>>>>> other\n"));
    assert_eq!(check(&project, "golden-manifest-conflict", "golden --check").code, 1);
    assert_eq!(project.run(&["golden", "--accept", "prod"]).code, 0);
    assert_eq!(project.read(path), text);
    // Damaged otherwise.
    project.write(path, text.replacen("platc tree 1", "platc tree one", 1));
    assert_eq!(check(&project, "golden-manifest-damaged", "golden prod").code, 1);
}

/// A file that the list does not name is somebody else's, and stays for good: nobody may shorten the list in silence.
#[test]
fn a_list_that_names_too_few_files_is_told_of() {
    let project = project();
    project.run(&["golden", "--accept"]);
    let path = "golden/prod/.platc/manifest";
    let text = project.read(path);
    let short: String = text.lines().filter(|line| !line.contains("pool")).map(|line| format!("{line}\n")).collect();
    assert_ne!(text, short);
    project.write(path, short.as_str());
    assert_eq!(check(&project, "golden-manifest-short", "golden --check").code, 1);
    // The template goes, and what it made stays as a file of others.
    std::fs::remove_file(project.root.join("templates/nodes/pool.yaml.j2")).unwrap();
    assert_eq!(check(&project, "golden-left", "golden prod --format json").code, 1);
    std::fs::remove_file(project.root.join("golden/prod/nodes/pool.yaml")).unwrap();
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    assert_eq!(project.run(&["golden"]).code, 0);
    // Another digest, a line too many, no list at all.
    let right = project.read(path);
    let digit = right.find('\t').unwrap() + 1;
    let other = format!(
        "{}{}{}",
        &right[..digit],
        if right[digit..].starts_with('0') { '1' } else { '0' },
        &right[digit + 1..]
    );
    let more = format!("{right}zzz.yaml\t{}\t0\tt\n", "0".repeat(64));
    for wrong in [other, more] {
        project.write(path, wrong);
        let ran = project.run(&["golden", "prod"]);
        assert!(
            ran.code == 1 && ran.stderr.contains("[output/manifest]") && !ran.stderr.contains("up to date"),
            "{ran}"
        );
    }
    std::fs::remove_file(project.root.join(path)).unwrap();
    assert_eq!(check(&project, "golden-manifest-missing", "golden prod").code, 1);
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    assert_eq!(project.read(path), right);
    // A folder of rendered trees, too.
    project.run(&["render"]);
    project.write("rendered/prod/.platc/manifest", "platc tree 1\n");
    let ran = project.run(&["render", "--check"]);
    assert!(ran.code == 1 && ran.stderr.contains("[output/manifest]"), "{ran}");
}

#[test]
fn a_tree_is_not_emptied_by_accident() {
    let project = project();
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    assert_eq!(project.run(&["render"]).code, 0);
    for template in ["cluster.yaml.j2", "nodes/pool.yaml.j2"] {
        project.write(&format!("templates/{template}"), "{#- platc\nwhen: cluster.name == \"x\"\n-#}\nname: x\n");
    }
    for command in [&["render"][..], &["golden", "--accept"], &["golden"], &["validate"], &["render", "--check"]] {
        let ran = project.run(command);
        assert!(ran.code == 1 && format!("{ran}").contains("[output/empty]"), "{command:?}: {ran}");
    }
    assert!(project.exists("rendered/prod/cluster.yaml") && project.exists("golden/prod/cluster.yaml"));
    for command in
        [&["validate", "--allow-empty"][..], &["render", "--allow-empty"], &["golden", "--accept", "--allow-empty"]]
    {
        assert_eq!(project.run(command).code, 0, "{command:?}");
    }
    assert!(!project.exists("rendered/prod/cluster.yaml") && !project.exists("golden/prod/cluster.yaml"));
}

/// What nothing makes any more is not renewed, and that is said, before `--check` fails because of it.
#[test]
fn accept_names_the_tree_of_an_environment_that_is_gone() {
    let project = project();
    project.run(&["golden", "--accept"]);
    std::fs::remove_dir_all(project.root.join("environments/dev")).unwrap();
    for line in [&["golden", "--accept"][..], &["golden", "--accept", "prod"]] {
        let ran = project.run(line);
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.stderr.contains("`golden/dev` belongs to no environment, and stays as it is"), "{ran}");
    }
    assert_eq!(project.run(&["golden", "--check"]).code, 1);
}
