//! `platc compare`: environments beside each other.

use serde_json::Value;

use crate::judges;
use crate::support::{Project, Ran};

const SCHEMA: &str = "\
type: object
properties:
  name: {type: string, x-platc-compare: must-differ}
  team: {type: string, x-platc-compare: must-match}
  password: {type: string}
  version: {type: string}
  size: {type: integer}
  public: {type: boolean}
  pools:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
    items: {type: object, properties: {name: {type: string}, size: {type: integer}}}
  zones: {type: array, items: {type: string}}
";

/// A project of environments by their names and what they set over a base.
fn project(environments: &[(&str, &str)]) -> Project {
    let base = "team: web\nversion: \"1.30\"\nsize: 2\npublic: false\npools:\n  - {name: a, size: 1}\nzones: [a, b]\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: \"ghcr.io/example/web:{{ version }}\"}]}\n";
    let mut project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", SCHEMA)
        .file("environments/base/base.yaml", base)
        .file("templates/size.txt.j2", "{{ size }}\n")
        .file("templates/pod.yaml.j2", pod);
    for (name, own) in environments {
        project = project
            .file(&format!("environments/{name}/environment.yaml"), format!("extends: [../base]\nname: {name}\n{own}"));
    }
    project
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"))
}

#[test]
fn a_few_have_a_column_each() {
    let project = project(&[
        ("dev", "version: \"1.31\"\npublic: true\npools:\n  - {name: b, size: 3}\n"),
        ("prod", "size: 6\nzones: [a, b, c]\npools:\n  - {name: a, size: 4}\n"),
    ]);
    let ran = project.run(&["compare", "dev", "prod"]);
    let wanted = "\
versions
           dev     prod
  version  \"1.31\"  \"1.30\"

flags
          dev   prod
  public  true  false

values
                      dev     prod
  name                dev     prod       must differ
  pools[name=a].size  1       4
  pools[name=b].name  b       –
  pools[name=b].size  3       –
  size                2       6
  zones               [a, b]  [a, b, c]

images
                       dev   prod
  ghcr.io/example/web  1.31  1.30

artifacts
            dev  prod
  pod.yaml  A    B
  size.txt  A    B
  the same letter in a row: the same bytes

11 differences in 2 environments; 2 the same: `--all` shows them
";
    assert_eq!((ran.stdout.as_str(), ran.code), (wanted, 0), "{ran}");
    let ran = project.run(&["compare", "dev", "prod", "--all", "--view", "values"]);
    assert!(ran.stdout.contains("\n  team                web     web        must match\n"), "{ran}");
    let ran = project.run(&["compare", "dev"]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("`dev` is compared with nothing"), "{ran}");
}

#[test]
fn what_the_schema_wants_is_told_where_it_is_not_so() {
    let project = project(&[("dev", ""), ("prod", "team: data\n")]).file("environments/prod/name.yaml", "size: 2\n");
    project.write("environments/prod/environment.yaml", "extends: [../base]\nname: dev\nteam: data\n");
    project.write("environments/prod/name.yaml", "zones: [a, b]\n");
    let ran = project.run(&["compare"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stdout.contains("  name  dev  dev   MUST DIFFER, and does not\n"), "{ran}");
    assert!(ran.stdout.contains("  team  web  data  MUST MATCH, and does not\n"), "{ran}");
    assert!(ran.stdout.contains("\n2 values are not as the schema wants\n"), "{ran}");
}

#[test]
fn secrets_are_neither_shown_nor_compared() {
    let project = project(&[
        ("dev", "password: kX9fQ2vLw8ZrT4nB7yHc1mPd6sGj3aUe\n"),
        ("prod", "password: Qw3rTz8vNm5kLp2xYc7bHj4gFd9sAe6u\n"),
    ]);
    for format in ["text", "json", "markdown"] {
        let ran = project.run(&["compare", "dev", "prod", "--all", "--format", format]);
        assert!(!["kX9f", "Qw3r"].iter().any(|secret| format!("{ran}").contains(secret)), "{ran}");
        assert!(ran.stdout.contains("***") || ran.stdout.contains("&#42;&#42;&#42;"), "{ran}");
    }
}

/// Twenty environments: two sizes, an outlier, and a value of its own each.
fn fleet() -> Project {
    let names: Vec<String> = (0..20).map(|number| format!("env-{number:02}")).collect();
    let own: Vec<String> = (0..20)
        .map(|number| match number {
            7 => "size: 9\nversion: \"1.31\"\n".to_owned(),
            number if number % 2 == 0 => format!("size: 3\nzones: [z{}]\n", number % 16),
            _ => String::new(),
        })
        .collect();
    let all: Vec<(&str, &str)> = names.iter().zip(&own).map(|(name, own)| (name.as_str(), own.as_str())).collect();
    project(&all)
}

#[test]
fn of_many_those_that_have_the_same_go_together() {
    let project = fleet();
    let ran = project.run(&["compare"]);
    let wanted = "\
versions
  19 of 20: env-00, env-01, env-02, … 16 more
           19 of 20  env-07
  version  \"1.30\"    \"1.31\"

values
  10 of 20: env-00, env-02, env-04, … 7 more
  9 of 20: env-01, env-03, env-05, … 6 more
        10 of 20  9 of 20  env-07
  size  3         2        9
  zones: [a, b] in 10 of 20; [z0] in 2 of 20; [z2] in 2 of 20; 6 others in env-04, env-06, env-08, … 3 more
  another one in each of the 20 environments:
    name  must differ
";
    assert!(ran.stdout.starts_with(wanted), "{ran}");
    assert!(ran.stdout.ends_with("\n7 differences in 20 environments; 4 the same: `--all` shows them\n"), "{ran}");
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn json_is_what_its_schema_says() {
    let document = json(&fleet().run(&["compare", "--all", "--format", "json"]));
    let errors = judges::errors(&judges::json(), &document);
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
    let rows = document["compared"]["rows"].as_array().unwrap();
    let size = rows.iter().find(|row| row["path"] == "size").unwrap();
    assert_eq!(size["values"][2], serde_json::json!({"value": "9", "environments": ["env-07"]}));
}

#[test]
fn markdown_is_a_table_and_fits_into_a_comment() {
    let project = project(&[("dev", "version: \"1|<b>31\"\n"), ("prod", "")]);
    let ran = project.run(&["compare", "dev", "prod", "--view", "versions", "--format", "markdown"]);
    let wanted = "\
### 1 difference in 2 environments

#### versions

| | dev | prod | schema |
|---|---|---|---|
| <code>version</code> | <code>&#34;1&#124;&#60;b&#62;31&#34;</code> | <code>&#34;1.30&#34;</code> |  |
";
    assert_eq!((ran.stdout.as_str(), ran.code), (wanted, 0), "{ran}");
    let many: String = (0..3000).map(|number| format!("key-{number}-which-has-a-long-name: {number}\n")).collect();
    project.write("environments/dev/many.yaml", many);
    let ran = project.run(&["compare", "dev", "prod", "--format", "markdown"]);
    assert!(ran.stdout.chars().count() <= 60_000, "{}", ran.stdout.chars().count());
    assert!(
        ran.stdout.contains("\nLeft out, since a comment holds no more: "),
        "{}",
        &ran.stdout[ran.stdout.len() - 200..]
    );
}

#[test]
fn an_item_is_the_same_whether_it_says_a_key_that_has_a_default() {
    let schema = "type: object\nproperties:\n  ports:\n    type: array\n    x-kubernetes-list-type: map\n    x-kubernetes-list-map-keys: [port, protocol]\n    items: {type: object, properties: {port: {type: integer}, protocol: {type: string, default: TCP}, node: {type: integer}}}\n";
    let project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", schema)
        .file("environments/dev.yaml", "ports: [{port: 80, node: 9}]\n")
        .file("environments/prod.yaml", "ports: [{port: 80, protocol: TCP, node: 1}]\n")
        .file("templates/a.yaml.j2", "ports: {{ ports }}\n");
    let ran = project.run(&["compare", "dev", "prod", "--view", "values", "--format", "json"]);
    let rows = &json(&ran)["compared"]["rows"];
    let node = rows.as_array().unwrap().iter().filter(|row| row["path"].as_str().unwrap().ends_with("].node"));
    let node: Vec<_> =
        node.map(|row| (row["path"].as_str().unwrap(), row["values"].as_array().unwrap().len())).collect();
    assert_eq!(node, [("ports[port=80,protocol=TCP].node", 2)], "{ran}");
}
