//! What is there no more leads to the line that took it away.

use serde_json::Value;

use crate::git;
use crate::support::Project;

const ENVIRONMENT: &str = "environments/prod/environment.yaml";

fn project() -> Project {
    let project = Project::empty()
        .file("platc.yaml", "")
        .file(
            "schemas/environment.schema.yaml",
            "type: object
properties:
  backups: {type: boolean}
  size: {type: integer}
  frozen: {type: boolean}
  name: {type: string}
  pools: {type: array, items: {type: object, properties: {name: {type: string}, size: {type: integer}}}}
",
        )
        .file(
            ENVIRONMENT,
            "backups: true
size: 3
name: shop
pools:
  - name: a
    size: 1
  - name: b
    size: 2
",
        )
        .file(
            "templates/t.yaml.j2",
            "Resources:
  Vpc: {Type: AWS::EC2::VPC}
{% if backups and size > 1 %}
  Copies: {Type: AWS::S3::Bucket}
{% endif %}
{% if frozen is not defined %}
  Hot: {Type: AWS::S3::Bucket}
{% endif %}
{% for pool in pools %}
  Pool{{ pool.name }}: {Type: AWS::S3::Bucket}
{% endfor %}
  Old: {Type: AWS::S3::Bucket}
",
        )
        .file(
            "templates/map.yaml.j2",
            "{#- platc
when: backups
-#}
apiVersion: v1
kind: ConfigMap
metadata: {name: \"{{ name }}\", namespace: shop}
",
        );
    for args in [&["init", "-q", "-b", "main"][..], &["add", "-A"], &["commit", "-qm", "start"]] {
        git(&project, args);
    }
    project
}

/// The lines by which each subject went that is there no more.
fn causes(project: &Project, against: &str) -> Vec<(String, Vec<String>)> {
    let ran = project.run(&["diff", "prod", "--view", "impact", "--format", "json", "--against", against]);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran}"));
    let effects = document["differences"][0]["effects"].as_array().unwrap();
    let gone = effects.iter().filter(|it| it["rendered"].is_null());
    let cause = |it: &Value| {
        let causes = it["causes"].as_array().unwrap().iter();
        let causes = causes.map(|at| format!("{}:{}", at["path"].as_str().unwrap(), at["line"])).collect();
        (it["subject"].as_str().unwrap().to_owned(), causes)
    };
    gone.map(cause).collect()
}

/// Edits a file; the cause of each removal then.
#[track_caller]
fn edited(path: &str, from: &str, to: &str, wanted: &[(&str, &[&str])]) {
    let project = project();
    let text = project.read(path);
    assert!(text.contains(from));
    project.write(path, text.replace(from, to));
    let found = causes(&project, "main");
    let found: Vec<_> =
        found.iter().map(|(subject, causes)| (subject.as_str(), causes.iter().map(String::as_str).collect())).collect();
    let wanted: Vec<(&str, Vec<&str>)> = wanted.iter().map(|(subject, causes)| (*subject, causes.to_vec())).collect();
    assert_eq!(found, wanted);
}

#[test]
fn a_condition_that_does_not_hold_any_more() {
    let env = |line: u8| format!("{ENVIRONMENT}:{line}");
    edited(
        ENVIRONMENT,
        "backups: true\nsize: 3",
        // Of the two values it is only this one, for the bucket and for the file.
        "backups: false\nsize: 4",
        &[("t.yaml#Copies", &[&env(1)]), ("ConfigMap/shop/shop", &[&env(1)])],
    );
    edited(ENVIRONMENT, "size: 3", "size: 1", &[("t.yaml#Copies", &[&env(2)])]);
    // What came into being.
    edited(ENVIRONMENT, "size: 3", "frozen: true\nsize: 3", &[("t.yaml#Hot", &[&env(2)])]);
}

#[test]
fn an_item_that_went_and_a_name_that_changed() {
    let was = format!("main:{ENVIRONMENT}:7");
    edited(ENVIRONMENT, "  - name: b\n    size: 2\n", "", &[("t.yaml#Poolb", &[&was])]);
    edited(ENVIRONMENT, "name: shop", "name: store", &[("ConfigMap/shop/shop", &[&format!("{ENVIRONMENT}:3")])]);
}

#[test]
fn a_template_that_was_edited() {
    let was = "main:templates/t.yaml.j2:12";
    edited("templates/t.yaml.j2", "  Old: {Type: AWS::S3::Bucket}\n", "", &[("t.yaml#Old", &[was])]);
    // The environment has changed as well, and has nothing to do with it.
    let project = project();
    project.write(ENVIRONMENT, project.read(ENVIRONMENT).replace("size: 3", "size: 4"));
    std::fs::remove_file(project.root.join("templates/map.yaml.j2")).unwrap();
    let found = causes(&project, "main");
    assert_eq!(found, [("ConfigMap/shop/shop".to_owned(), vec!["main:templates/map.yaml.j2:6".to_owned()])]);
}

/// A golden tree is of the last commit if that makes it, byte for byte, and otherwise nobody knows of which.
#[test]
fn against_a_golden_tree() {
    let project = project();
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    let before = project.read(ENVIRONMENT);
    project.write(ENVIRONMENT, before.replace("backups: true", "backups: false"));
    let line = vec![format!("{ENVIRONMENT}:1")];
    let both = |causes: Vec<String>| {
        vec![("t.yaml#Copies".to_owned(), causes.clone()), ("ConfigMap/shop/shop".to_owned(), causes)]
    };
    assert_eq!(causes(&project, "golden"), both(line));
    git(&project, &["commit", "-qam", "Later"]);
    assert_eq!(causes(&project, "golden"), both(Vec::new()));
    // Without git as well.
    std::fs::remove_dir_all(project.root.join(".git")).unwrap();
    assert_eq!(causes(&project, "golden"), both(Vec::new()));
}
