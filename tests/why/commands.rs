//! `show`, `explain` and `why`: what they say beyond the examples of the documentation.

use crate::support::Project;

const SCHEMA: &str = "type: object\nadditionalProperties: false\nproperties:\n  name: {type: string}\n  size: {type: integer, default: 1}\n  token: {type: string, x-platc-secret: true}\n  key: {type: string}\n  on: {type: boolean}\n  list: {type: array, items: {type: string}}\n";

fn project() -> Project {
    Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", SCHEMA)
        .file("environments/prod/environment.yaml", "name: prod\nsize: 3\non: true\nlist: [a, b]\n")
        .file(
            "templates/a.yaml.j2",
            "name: {{ name }}\nsize: {{ size }}\n{% if on %}\non: yes-{{ name }}\n{% endif %}\nrun: |\n  first {{ name }}\n  second {{ size }}\n",
        )
        .file("templates/b.txt.j2", "one {{ name }}\ntwo {{ size }}\n")
}

#[test]
fn a_line_of_a_text_names_its_own_values() {
    let project = project();
    let told = |place: &str, wanted: &str, other: &str| {
        let ran = project.run(&["why", place]);
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.stdout.contains(wanted) && !ran.stdout.contains(other), "{place}: {ran}");
    };
    told("prod:a.yaml:6", "`name`", "`size`");
    told("prod:a.yaml:7", "`size`", "`name`");
    told("prod:b.txt:1", "`name`", "`size`");
    told("prod:b.txt:2", "`size`", "`name`");
    told("prod:a.yaml:4", "`on`", "`size`");
}

#[test]
fn what_if_is_answered_by_every_command() {
    let project = project().file("more.yaml", "size: 7\n");
    for (args, wanted) in [
        (&["show", "prod", "size", "--set", "size=5"][..], "5"),
        (&["show", "prod", "size", "--with", "more.yaml"], "7"),
        (&["show", "prod", "size", "--with", "more.yaml", "--set", "size=9"], "9"),
        (&["explain", "prod", "size", "--with", "more.yaml"], "more.yaml:1:7"),
        (&["why", "prod:a.yaml:3", "--with", "more.yaml"], "more.yaml:1:7"),
        (&["why", "prod:a.yaml:3", "--set", "size=5"], "--set:1:6"),
        (&["render", "prod", "--stdout", "--with", "more.yaml"], "two 7"),
    ] {
        let ran = project.run(args);
        assert!(ran.code == 0 && ran.stdout.contains(wanted), "{args:?}: {ran}");
    }
    assert_eq!(project.run(&["golden", "prod", "--accept"]).code, 0);
    assert_eq!(project.run(&["diff", "prod"]).code, 0);
    let ran = project.run(&["diff", "prod", "--with", "more.yaml"]);
    assert!(ran.code == 1 && ran.stdout.contains("+size: 7"), "{ran}");
    assert_eq!(project.run(&["validate", "prod", "--set", "size=x"]).code, 1);
    project.write("wrong.yaml", "size: many\n");
    let ran = project.run(&["validate", "prod", "--with", "wrong.yaml"]);
    assert!(ran.code == 1 && ran.stdout.contains("wrong.yaml:1:7"), "{ran}");
    assert_eq!(project.run(&["show", "prod", "--with", "gone.yaml"]).code, 2);
}

#[test]
fn a_secret_is_shown_by_no_command_and_in_no_format() {
    let secret = "Zk3qv9LwT7p2XyB5mN8d";
    let project = project()
        .file(
            "environments/prod/environment.yaml",
            format!("name: prod\nkey: postgres://app:{secret}@db.internal/app\n"),
        )
        .file("templates/a.yaml.j2", "name: {{ name }}\nkey: {{ key }}\n")
        .file("templates/b.txt.j2", "{{ key }}\n")
        .file(
            "templates/s.yaml.j2",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  word: open-sesame\n",
        );
    for args in [
        &["show", "prod"][..],
        &["show", "prod", "--provenance"],
        &["explain", "prod", "key"],
        &["why", "prod:a.yaml:3"],
        &["why", "prod:b.txt:1"],
        &["why", "prod:s.yaml:7"],
        &["validate", "prod"],
        &["diff", "prod", "--set", "name=x"],
    ] {
        for format in ["text", "json"] {
            let ran = project.run(&[args, &["--format", format]].concat());
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!said.contains(secret) && !said.contains("open-sesame"), "{args:?} {format}: {ran}");
            assert!(!said.trim().is_empty(), "{args:?} {format}");
        }
    }
}

#[test]
fn what_is_not_there_is_said_with_what_may_be_meant() {
    let project = project();
    for (args, wanted) in [
        (&["explain", "prod", "nam"][..], "did you mean `name`?"),
        (&["show", "prod", "sise"], "did you mean `size`?"),
        (&["explain", "prod", "list[7]"], "has no `list[7]`"),
        (&["why", "prod:c.yaml:1"], "makes no file `c.yaml`"),
        (&["why", "prod:a.yaml:99"], "no line 99"),
        (&["why", "prod:a.yaml"], "names no line"),
        (&["why", "environments/prod/environment.yaml:1"], "no file of a rendered or golden tree"),
        (&["explain", "prod", "x.*"], "no value of `prod` matches"),
    ] {
        let ran = project.run(args);
        assert!(ran.code == 2 && ran.stderr.contains(wanted), "{args:?}: {ran}");
    }
}
