//! `platc schema`.

use crate::{check, project};

#[test]
fn the_schema_as_one_document() {
    let project = project();
    let ran = project.run(&["schema", "print"]);
    assert_eq!(ran.code, 0, "{ran}");
    let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(schema["properties"]["cluster"]["required"], serde_json::json!(["name", "version"]));
}

#[test]
fn the_schema_of_a_layer_takes_what_a_layer_may_hold() {
    let project = project();
    let schemas = ["schema print", "schema print --layer"].map(|line| {
        let ran = project.run(&line.split(' ').collect::<Vec<_>>());
        let schema = serde_json::from_str(&ran.stdout).unwrap();
        jsonschema::validator_for(&schema).unwrap()
    });
    let layer = serde_json::json!({
        "extends": ["../base"],
        "cluster": { "nodes": null, "pools": [{ "name": "a", "$patch": "delete" }] },
    });
    assert!(!schemas[0].is_valid(&layer));
    assert!(schemas[1].is_valid(&layer));
    let wrong = serde_json::json!({ "cluster": { "nodes": "three" } });
    assert!(!schemas[1].is_valid(&wrong));
}

#[test]
fn a_broken_schema() {
    let project = project();
    project.write("schemas/environment.schema.yaml", "propertees: {}\n");
    assert_eq!(check(&project, "schema-print-broken", "schema print").code, 1);
}

#[test]
fn modelines_printed_and_written() {
    let project = project();
    project.write(
        "environments/prod/more.yaml",
        "# yaml-language-server: $schema=old.yaml\ncluster:\n  tier: production\n",
    );
    assert_eq!(check(&project, "modeline-check-before", "schema modeline --check").code, 1);
    check(&project, "modeline-print", "schema modeline");
    check(&project, "modeline-json", "schema modeline dev --format json");
    assert!(!project.read("environments/dev/environment.yaml").contains("language-server"));
    check(&project, "modeline-write", "schema modeline --write");
    check(&project, "modeline-write-again", "schema modeline --write prod");
    let line = "# yaml-language-server: $schema=../../schemas/environment.layer.json\n";
    assert_eq!(project.read("environments/dev/environment.yaml"), format!("{line}extends: [../base]\n"));
    assert_eq!(project.read("environments/prod/more.yaml"), format!("{line}cluster:\n  tier: production\n"));
    assert_eq!(project.run(&["validate"]).code, 0);
    assert_eq!(check(&project, "modeline-check", "schema modeline --check").code, 0);
    let schema = project.read("schemas/environment.schema.yaml");
    project.write("schemas/environment.schema.yaml", schema.replace("type: integer", "type: number"));
    assert_eq!(check(&project, "modeline-check-after", "schema modeline --check").code, 1);
    project.write("schemas/environment.schema.yaml", "type: nothing\n");
    assert_eq!(check(&project, "modeline-broken-schema", "schema modeline --write --format json").code, 1);
    project.write("schemas/environment.schema.yaml", schema);
    check(&project, "modeline-other-schema", "schema modeline dev --schema layer.schema.json");
    check(&project, "modeline-schema-outside", "schema modeline dev --schema ../layer.schema.json");
}

/// Where schemas lie is a setting: with settings that are broken it is not known.
#[test]
fn an_import_heeds_broken_settings() {
    let project = project().file("platc.yaml", "schema: .git/environment.schema.yaml\n");
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: example.org\n  names: \
               {kind: Queue}\n  versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: object}}}]\n";
    project.write("crd.yaml", crd);
    let ran = project.run(&["schema", "import", "crd.yaml"]);
    assert!(ran.code == 1 && ran.stderr.contains("project/bad-path"), "{ran}");
    assert!(!project.exists("schemas/kubernetes"));
    // What was asked for in words needs no setting.
    assert_eq!(project.run(&["schema", "import", "crd.yaml", "--into", "schemas"]).code, 0);
    assert!(project.exists("schemas/kubernetes/example.org/Queue_v1.yaml"));
}
