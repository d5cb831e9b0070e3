//! `platc diff --view impact`: how it is asked and what it looks like; what the tests of its tables share.

use serde_json::Value;

use crate::support::{Project, Ran};

/// A project whose golden tree is what it made before a change of its templates.
pub(crate) fn changed(files: &[(&str, &str, &str)]) -> Project {
    let project =
        Project::empty().file("platc.yaml", "").file("environments/prod/environment.yaml", "size: 1\nzone: a\n").file(
            "schemas/environment.schema.yaml",
            "type: object\nproperties: {size: {type: integer}, zone: {type: string}}\n",
        );
    for (path, before, _) in files.iter().filter(|(_, before, _)| !before.is_empty()) {
        project.write(&format!("templates/{path}.j2"), before);
    }
    let accepted = project.run(&["golden", "--accept"]);
    assert_eq!(accepted.code, 0, "{accepted}");
    for (path, _, after) in files {
        let path = format!("templates/{path}.j2");
        if after.is_empty() {
            std::fs::remove_file(project.root.join(path)).unwrap();
        } else {
            project.write(&path, after);
        }
    }
    project
}

/// What is said of each subject: the consequence and the sentence.
pub(crate) fn effects(ran: &Ran) -> Vec<(String, String, String)> {
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran}"));
    let all = document["differences"].as_array().unwrap().iter().flat_map(|it| it["effects"].as_array().unwrap());
    let text = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
    all.map(|it| (text(it, "subject"), text(it, "consequence"), text(it, "message"))).collect()
}

/// Holds each line `subject consequence words of the sentence` against what is said, and that nothing else is.
pub(crate) fn check(files: &[(&str, &str, &str)], wanted: &str) {
    let ran = changed(files).run(&["diff", "prod", "--view", "impact", "--format", "json"]);
    let found = effects(&ran);
    let mut left = found.clone();
    for line in wanted.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        let [subject, consequence, sentence] = words.as_slice() else { panic!("{line}") };
        let at = left.iter().position(|(a, b, c)| a == subject && b == consequence && c.contains(sentence));
        let at = at.unwrap_or_else(|| panic!("nothing says: {line}\n{found:#?}"));
        left.remove(at);
    }
    assert!(left.is_empty(), "nobody expects: {left:#?}");
}

pub(crate) const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: 'a:1', envFrom: [{configMapRef: {name: settings}}]}]}
";

pub(crate) fn object(kind: &str, rest: &str) -> String {
    format!("apiVersion: {kind}\nmetadata: {{name: it, namespace: shop}}\n{rest}\n")
}

/// A template whose property is set by the environment, the other is there if it says so.
fn by_environment() -> Project {
    let template = "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.{{ size }}.0.0/16}}\n{% if zone == 'b' %}\n  More: {Type: AWS::S3::Bucket}\n{% endif %}\n";
    let project = changed(&[("t.yaml", template, template)]);
    project.write("environments/prod/environment.yaml", "zone: b\nsize: 2\n");
    project
}

#[test]
fn each_leads_to_the_line_that_caused_it() {
    let ran = by_environment().run(&["diff", "prod", "--view", "impact", "-v"]);
    assert_eq!(ran.code, 1, "{ran}");
    insta::assert_snapshot!("impact-text", ran.stdout);
}

#[test]
fn what_is_too_much_is_said_on_the_command_line() {
    let project = by_environment();
    let code = |args: &[&str]| project.run(&[&["diff", "prod"], args].concat()).code;
    assert_eq!(code(&["--fail-on", "replaces"]), 1);
    assert_eq!(code(&["--fail-on", "destroys"]), 0);
    project.write(
        "environments/prod/environment.yaml",
        "zone: b\nsize: 2\nacknowledge:\n  - {rule: impact/replaces, subject: t.yaml#Vpc, reason: it is empty}\n",
    );
    let ran = project.run(&["diff", "prod", "--fail-on", "replaces"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("acknowledged: it is empty"), "{ran}");
    let thing = |value: &str| object("example.com/v1\nkind: Thing", &format!("spec: {{value: {value}}}"));
    let project = changed(&[("thing.yaml", &thing("a"), &thing("b"))]);
    let code = |args: &[&str]| project.run(&[&["diff", "prod"], args].concat()).code;
    assert_eq!(code(&["--fail-on", "destroy"]), 1, "what is unknown counts");
    assert_eq!(code(&["--fail-on", "replace", "--allow-unknown"]), 0);
}

#[test]
fn values_that_differ_by_their_paths() {
    let secret = |word: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: it, namespace: shop}}\nstringData: {{word: {word}}}\n")
    };
    let named = |name: &str, size: u32| {
        format!(
            "Conditions: {{}}\nResources:\n  {name}: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: 10.0.0.0/16}}}}\n  Other: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: '{size}'}}}}\n"
        )
    };
    let project = changed(&[
        ("web.yaml", DEPLOYMENT, &DEPLOYMENT.replace("a:1", "a:2").replace("  replicas: 3\n", "")),
        ("t.yaml", &named("Vpc", 1), &named("Network", 2)),
        ("secret.yaml", &secret("first"), &secret("second")),
        ("gone.yaml", "a: 1\n", ""),
    ]);
    let ran = project.run(&["diff", "prod", "--view", "structure"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert_eq!(
        ran.stdout,
        "gone.yaml
  removed
secret.yaml
  stringData.word: *** -> ***
t.yaml
  Resources.Vpc is called Resources.Network now
  Resources.Other.Properties.Value: 1 -> 2
web.yaml
  spec.replicas: 3 is gone
  spec.template.spec.containers[a].image: a:1 -> a:2
"
    );
    let ran = project.run(&["diff", "prod", "--view", "structure", "--format", "json", "--only", "web.yaml"]);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let image = &document["differences"][0]["values"]["web.yaml"][1];
    assert_eq!(image["path"], "spec.template.spec.containers[a].image", "{ran}");
    assert_eq!((&image["old"], &image["new"]), (&Value::from("a:1"), &Value::from("a:2")));
}

#[test]
fn a_comment_tells_the_same_of_many_environments_once_and_fits() {
    let template = "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.{{ size }}.0.0/16}}\n{% if zone == 'b' %}\n  More: {Type: AWS::S3::Bucket}\n{% endif %}\n";
    let project = changed(&[("t.yaml", template, template)]);
    for number in 0..12 {
        project.write(&format!("environments/e{number:02}/environment.yaml"), "extends: [../prod]\n");
    }
    assert_eq!(project.run(&["golden", "--accept"]).code, 0);
    project.write("environments/prod/environment.yaml", "size: 2\nzone: a\n");
    project.write("environments/e00/environment.yaml", "extends: [../prod]\nzone: b\nsize: 1\n");
    let ran = project.run(&["diff", "--format", "markdown"]);
    assert_eq!(ran.code, 1, "{ran}");
    insta::assert_snapshot!("impact-markdown", ran.stdout);
}

#[test]
fn a_comment_is_never_too_long_and_counts_what_it_leaves_out() {
    let many = |value: &str| {
        let objects = (0..2_000).map(|number| {
            format!("---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {{name: it-{number:04}}}\nspec: {{value: {value}}}\n")
        });
        objects.collect::<String>()
    };
    let project = changed(&[("things.yaml", &many("a"), &many("b"))]);
    let ran = project.run(&["diff", "--format", "markdown"]);
    let length = ran.stdout.chars().count();
    assert!(length <= 60_000, "{length}");
    assert!(ran.stdout.starts_with("<!-- platc impact -->\n"), "{}", &ran.stdout[..200]);
    let left = ran.stdout.lines().last().unwrap_or_default();
    assert!(left.starts_with("Left out, since a comment holds no more: "), "{left}");
    assert!(left.contains("1 changed file"), "{left}");
}
