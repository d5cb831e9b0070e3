//! A secret is in no output of any command, in whatever place it is one, and however it is spelled.

use crate::support::Project;
use crate::{FORMATS, LINES, around, commit, each, is_full, run};

/// Written in pieces, so that nobody who looks for secrets finds it here.
const SECRET: [&str; 3] = ["Zq7SEK", "RITxw93", "KLm"];
const CODED: [&str; 2] = ["WnE3U0VLUklU", "eHc5M0tMbQ=="];

/// How the environments' schema speaks of `pw`.
#[derive(Clone, Copy, PartialEq)]
enum Schema {
    Says,
    Said,
    Silent,
    /// The commit that marks it moves it into a store.
    Moves,
}

/// Where a secret stands: the file that makes it one, in which `SECRET` stands for the value of the environment.
const PLACES: &[(&str, Schema, &str)] = &[
    ("marked", Schema::Says, CONFIG),
    (
        "marked, within a text",
        Schema::Says,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k.json: |\n    {\"user\": \"x\", \"x\": \"SECRET\"}\n",
    ),
    (
        "marked, within an address",
        Schema::Says,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: \"redis://u:SECRET@h:1/0\"}\n",
    ),
    (
        "marked, in base64",
        Schema::Says,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: \"{{ pw | b64encode }}\"}\n",
    ),
    ("marked before", Schema::Said, CONFIG),
    ("moved into a store", Schema::Moves, CONFIG),
    (
        "moved into a store, within a text",
        Schema::Moves,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: |\n    x SECRET y\n    {{ pw }}\n",
    ),
    (
        "moved into a store, in base64",
        Schema::Moves,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: \"{{ pw | b64encode }}\"}\n",
    ),
    (
        "of a Secret",
        Schema::Silent,
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  k: \"SECRET\"\n",
    ),
    (
        "of a Secret, in base64",
        Schema::Silent,
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  k: \"{{ pw | b64encode }}\"\n",
    ),
    (
        "of a Secret for Docker",
        Schema::Silent,
        "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\nmetadata: {name: a}\nstringData:\n  .dockerconfigjson: '{\"auths\": {\"r\": {\"password\": \"SECRET\"}}}'\n",
    ),
    (
        "a SecretString",
        Schema::Silent,
        "Resources:\n  S:\n    Type: AWS::SecretsManager::Secret\n    Properties: {Name: x, SecretString: \"SECRET\"}\n",
    ),
    (
        "a SecretString of JSON",
        Schema::Silent,
        "Resources:\n  S:\n    Type: AWS::SecretsManager::Secret\n    Properties: {Name: x, SecretString: '{\"password\": \"SECRET\"}'}\n",
    ),
    (
        "a password of a database",
        Schema::Silent,
        "Resources:\n  S:\n    Type: AWS::RDS::DBInstance\n    Properties: {MasterUsername: x, MasterUserPassword: \"SECRET\"}\n",
    ),
    (
        "in an address",
        Schema::Silent,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: \"postgres://app:SECRET@db:5432/app\"}\n",
    ),
    (
        "in JSON",
        Schema::Silent,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k.json: |\n    {\"db\": {\"password\": \"SECRET\"}}\n",
    ),
    (
        "of a container, and elsewhere",
        Schema::Silent,
        "apiVersion: v1\nkind: Pod\nmetadata: {name: \"p_SECRET\"}\nspec: {containers: [{name: c, image: \"SECRET:latest\", env: [{name: DB_PASSWORD, value: \"SECRET\"}], ports: [{containerPort: 80, name: \"SECRET\"}]}]}\n",
    ),
    (
        "behind an option",
        Schema::Silent,
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: \"x:1\", args: [\"--password=SECRET\"]}]}\n",
    ),
    (
        "of a chart",
        Schema::Silent,
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec: {interval: 5m, chart: {spec: {chart: x, version: 1.0.0, sourceRef: {kind: HelmRepository, name: r}}}, values: {adminPassword: \"SECRET\"}}\n",
    ),
];

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: \"SECRET\"}\n";

fn schema(marks: bool) -> String {
    let mark = if marks { ", x-platc-secret: true" } else { "" };
    format!(
        "type: object\nadditionalProperties: false\nproperties:\n  name: {{type: string}}\n  size: {{type: integer}}\n  pw: {{type: string{mark}}}\n"
    )
}

fn project(says: Schema, template: &str) -> Project {
    // What is found must not keep anything from being shown.
    let rules =
        "rules: {kubernetes/*: warning, cloudformation/*: warning, secret/*: warning, schema/secret: warning}\n";
    let environment = |name: &str, size: u8, pw: &str| format!("name: {name}\nsize: {size}\npw: {pw}\n");
    let secret = SECRET.concat();
    let (before, after) = if says == Schema::Moves { (&*secret, "ssm:/x") } else { ("ssm:/x", &*secret) };
    let project = Project::empty()
        .file("platc.yaml", rules)
        .file("schemas/environment.schema.yaml", schema(matches!(says, Schema::Says | Schema::Said)))
        .file("environments/dev.yaml", environment("dev", 1, "ssm:/x"))
        .file("environments/prod.yaml", environment("prod", 1, before))
        .file("templates/a.yaml.j2", template.replace("SECRET", "{{ pw }}"))
        .file("templates/b.yaml.j2", "size: {{ size }}\n");
    for line in ["golden --accept", "render"] {
        run(&project, line, "text");
    }
    commit(&project);
    project.write("schemas/environment.schema.yaml", schema(matches!(says, Schema::Says | Schema::Moves)));
    project.write("environments/prod.yaml", environment("prod", 2, after));
    project
}

#[test]
fn a_secret_is_in_no_output() {
    let secret = SECRET.concat();
    let spelled = [secret.clone(), secret.to_lowercase(), CODED.concat()];
    each(PLACES, |number, (place, says, template)| {
        let project = project(*says, template);
        let mut wrong = Vec::new();
        // Whoever renders to standard output asks for what is rendered. That a schema said otherwise once, only a revision
        // tells; and only the schema tells of a file of an environment that is edited what in it is a secret.
        let is_edit = |line: &str| ["set ", "unset ", "promote "].iter().any(|edit| line.starts_with(edit));
        let is_asked = |line: &str| {
            line == "render --stdout"
                || *says == Schema::Said && !line.contains("rev:")
                || *says == Schema::Silent && is_edit(line)
        };
        for (at, line) in LINES.iter().enumerate().filter(|(_, line)| !is_asked(line)) {
            let is_tried = |format: usize| is_full() || format == (at + number) % 2 || format == 2 + (at + number) % 7;
            for (_, format) in FORMATS.iter().enumerate().filter(|(format, _)| is_tried(*format)) {
                let ran = run(&project, line, format);
                for text in [&ran.stdout, &ran.stderr] {
                    if let Some(start) = spelled.iter().find_map(|secret| text.find(secret)) {
                        wrong.push(format!("{place}: {line} --format {format}: {}", around(text, start)));
                    }
                }
            }
        }
        wrong
    });
}

/// Lines of a layer with a mistake in them or beside them, in which `SECRET` stands where the schema marks it.
const MISTAKES: &[&str] = &[
    "tok: SECRET: x\n",
    "tok: @SECRET\n",
    "tok: `SECRET\n",
    "tok: %SECRET\n",
    "tok: \"SECRET\n",
    "tok: |\n  SECRET\n x: y\n",
    "tok: *SECRET\n",
    "tok: SECRET\ntok: SECRET\n",
    "tok: ? SECRET\n",
    "tok: - SECRET\n",
    "l: SECRET\n",
    "l:\n- SECRET: x\n- @SECRET\n",
    "l:\n  - \"SECRET\n",
    "in:\n  tok: SECRET: x\n",
    "in: {tok: SECRET: x}\n",
    "in: {a: 1, tok: \"SECRET}\n",
    "n: 1_2345678912\n",
];

#[test]
fn a_layer_with_a_mistake_shows_no_secret() {
    let schema = "type: object\nadditionalProperties: false\nproperties:\n  tok: {type: string, x-platc-secret: true}\n  n: {type: integer, x-platc-secret: true}\n  l: {type: array, items: {type: string, x-platc-secret: true}}\n  in: {type: object, properties: {tok: {type: string, x-platc-secret: true}}}\n";
    each(MISTAKES, |_, line| {
        let project = Project::empty()
            .file("platc.yaml", "")
            .file("schemas/environment.schema.yaml", schema)
            .file("templates/a.yaml", "a: 1\n")
            .file("environments/prod.yaml", line.replace("SECRET", &SECRET.concat()));
        let mut wrong = Vec::new();
        for format in FORMATS.iter().take(5) {
            let ran = run(&project, "validate", format);
            for text in [&ran.stdout, &ran.stderr] {
                let found = [SECRET.concat().as_str(), "2345678912"].iter().find_map(|it| text.find(it));
                wrong.extend(found.map(|start| format!("{line}: {format}: {}", around(text, start))));
            }
            if ran.code == 0 {
                wrong.push(format!("{line}: no mistake"));
            }
        }
        wrong
    });
}

#[test]
fn the_help_for_a_template_quotes_no_secret() {
    let template = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  b: SECRET: x\n"
        .replace("SECRET", &SECRET.concat());
    let project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", "type: object\n")
        .file("environments/prod.yaml", "a: 1\n")
        .file("templates/a.yaml.j2", template);
    for format in FORMATS.iter().take(5) {
        let ran = run(&project, "validate", format);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(&SECRET.concat()), "{format}: {}", ran.stdout);
    }
}
