//! Files below the folder of templates that are copied as they lie there.

use std::fs;

use crate::project;
use crate::support::Project;

/// Bytes that no emitter would write: a byte order mark, Windows line ends, tabs, no line end, all bytes, one long line.
fn odd() -> Vec<(&'static str, Vec<u8>)> {
    let panels = "{\"expr\":\"up{pod=\\\"$pod\\\"}\",\"f\":1e-9}".to_owned() + &",{\"id\":1.50}".repeat(20_000);
    vec![
        ("mark.yaml", b"\xef\xbb\xbfa:   1 # one\r\nb:\r\n    - x\r\n---\r\n---\r\nc: !vault |\r\n  y".to_vec()),
        ("tabs.txt", b"\ta\n\n\n".to_vec()),
        ("empty", Vec::new()),
        ("logo.png", (0..=u8::MAX).cycle().take(5_000).collect()),
        ("dashboards/one line.json", format!("[{panels}]").into_bytes()),
        (".github/workflows/x.yml", b"on: [push]\nyes: no\n".to_vec()),
        (".sops.yaml", b"a: {b: 0o644, c: 012, d: 2024-01-01}".to_vec()),
        ("app/Chart.yaml", b"apiVersion: v2\nname: app\nversion: 1.0.0\n".to_vec()),
        ("app/templates/_helpers.tpl", b"{{- define \"x\" }}\n".to_vec()),
    ]
}

fn with(project: Project, files: &[(&str, Vec<u8>)]) -> Project {
    files.iter().fold(project, |project, (path, bytes)| project.file(&format!("templates/{path}"), bytes))
}

#[test]
fn files_are_copied_to_the_byte() {
    let project = with(project(), &odd()).file("templates/_note.txt", "a part of others");
    let ran = project.run(&["render", "prod"]);
    assert_eq!(ran.code, 0, "{ran}");
    for (path, bytes) in odd() {
        let made = project.root.join("rendered/prod").join(path);
        assert!(fs::read(made).unwrap() == bytes, "{path}");
    }
    assert!(!project.exists("rendered/prod/_note.txt"));
    assert_eq!(project.run(&["render", "prod", "--check"]).code, 0);
    assert_eq!(project.run(&["golden", "prod", "--accept"]).code, 0);
    assert_eq!(project.run(&["golden", "prod", "--check"]).code, 0);
    project.write("templates/logo.png", [0xff, 0]);
    project.write("templates/tabs.txt", "\tb\n");
    let ran = project.run(&["golden", "prod", "--check"]);
    assert_eq!(ran.code, 1, "{ran}");
    let said = ran.to_string();
    assert!(said.contains("2 files modified") && said.contains("+\tb"), "{said}");
    fs::remove_file(project.root.join("templates/logo.png")).unwrap();
    assert_eq!(project.run(&["render", "prod"]).code, 0);
    assert!(!project.exists("rendered/prod/logo.png"));
}

#[test]
fn a_template_says_when_and_where_files_are_copied() {
    let project = project()
        .file("templates/crds/a.yaml", "a: 1")
        .file("templates/crds/deep/_b.tpl", "b\n")
        .file(
            "templates/crds.j2",
            "{#- platc\nwhen: cluster.nodes is defined\ncopy: crds/\noutput: '{{ cluster.name }}/crds'\n-#}\n",
        )
        .file("templates/motd", "hello")
        .file("templates/motd.j2", "{#- platc\nfor_each: n in ['a', 'b']\ncopy: motd\noutput: motd/{{ n }}.txt\n-#}\n");
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(project.read("rendered/prod/main/crds/a.yaml"), "a: 1");
    assert_eq!(project.read("rendered/prod/main/crds/deep/_b.tpl"), "b\n");
    assert_eq!(project.read("rendered/dev/motd/b.txt"), "hello");
    for path in ["rendered/dev/main", "rendered/prod/crds", "rendered/prod/motd.txt", "rendered/dev/crds"] {
        assert!(!project.exists(path), "{path}");
    }
}

/// Rules see what the readers of a file see, and say where it stands in the file itself.
#[test]
fn what_is_copied_is_judged_where_it_lies() {
    let project = project().file(
        "templates/all.yaml",
        "# all\n---\napiVersion: v1\nkind: Service\nmetadata:\n    name: a\nspec:\n    prots: []\n---\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_b}\n",
    );
    let ran = project.run(&["validate", "prod"]);
    assert_eq!(ran.code, 1);
    let said = ran.to_string();
    for wanted in ["templates/all.yaml:8:5", "`ports`", "templates/all.yaml:13:18", "document 2, at `metadata.name`"] {
        assert!(said.contains(wanted), "{wanted} in {said}");
    }
    project.write("templates/all.yaml", "a: 1\nb: [\n");
    let said = project.run(&["validate", "prod"]).to_string();
    assert!(said.contains("templates/all.yaml:2:4") && said.contains("1 error"), "{said}");
}

#[test]
fn a_link_a_large_file_and_a_long_line_are_told_or_shown_in_short() {
    let line = format!(
        "{{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"x\": \"{}\", \"metadata\": {{\"name\": \"A_b\"}}}}",
        "y".repeat(200_000)
    );
    let project = project().file("templates/a.json", line);
    let said = project.run(&["validate", "prod"]).to_string();
    assert!(said.contains("templates/a.json:1:200") && said.len() < 4_000, "{}", said.len());
    project.write("templates/a.json", vec![b' '; (8 << 20) + 1]);
    let said = project.run(&["validate", "prod"]).to_string();
    assert!(said.contains("`templates/a.json` cannot be read: it is larger than"), "{said}");
    fs::remove_file(project.root.join("templates/a.json")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", project.root.join("templates/host")).unwrap();
    let ran = project.run(&["render", "prod"]);
    assert!(ran.code == 1 && ran.to_string().contains("leads out of the project"), "{ran}");
}
