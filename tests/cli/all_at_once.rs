//! An error stops what depends on it, and nothing else.

use crate::project;
use crate::support::{Project, Ran};

/// A Deployment that selects none of its own pods: an error, whatever else there is.
const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: web}\nspec:\n  selector: \
                   {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: api}}\n    spec: {containers: \
                   [{name: web, image: 'example.org/web:1'}]}\n";

fn with_web() -> Project {
    let project = project().file("templates/web.yaml.j2", WEB);
    assert_eq!(project.run(&["render", "-o", "before"]).code, 1);
    project
}

/// Both are told, and nothing is written.
fn told(project: &Project, words: &[&str]) -> Ran {
    let ran = project.run(&["validate"]);
    for words in words {
        assert!(ran.code == 1 && ran.stdout.contains(words), "{words}: {ran}");
    }
    assert_eq!(project.run(&["render"]).code, 1);
    assert!(!project.exists("rendered"), "{ran}");
    ran
}

#[test]
fn a_copied_file_that_cannot_be_read_hides_no_other() {
    let project = with_web();
    project.write("templates/c.yaml", "a: [\n");
    told(&project, &["error[yaml/syntax]", "error[kubernetes/selector]"]);
    std::fs::remove_file(project.root.join("templates/c.yaml")).unwrap();
    project.write("templates/pod.yaml.j2", "apiVersion: v1\nkind: Pod\nmetadata: {name: P_, namespace: x}\nspec: {containers: [{name: c, image: a}], restartPolicy: Sometimes}\n");
    for (name, text) in [("c.yaml", "a: [\n"), ("c.json", "{\"a\":1,}\n")] {
        project.write(&format!("templates/{name}"), text);
        let settled =
            ["[kubernetes/name]", "[kubernetes/image-tag]", "[kubernetes/value]", "error[kubernetes/selector]"];
        told(&project, &settled);
        std::fs::remove_file(project.root.join(format!("templates/{name}"))).unwrap();
    }
    std::fs::remove_file(project.root.join("templates/pod.yaml.j2")).unwrap();
    // What changes others on their way may stand in it: of these nothing is known.
    project.write("templates/c.yaml", "kind: Kustomization\npatches: [\n");
    let ran = told(&project, &["error[yaml/syntax]"]);
    assert!(!ran.stdout.contains("kubernetes/selector"), "{ran}");
}

#[test]
fn a_setting_that_is_not_known_hides_nothing_that_does_not_depend_on_it() {
    for (settings, said) in [
        ("rulez: {}\n", "unknown setting `rulez`"),
        ("colour: red\n", "unknown setting `colour`"),
        ("rules: [kubernetes/name]\n", "`rules` must be a map"),
        ("rules: {kubernetes/name: [off]}\n", "a severity must be one word"),
        ("template: templates\n", "did you mean `templates`?"),
    ] {
        let project = with_web();
        project.write("platc.yaml", settings);
        told(&project, &[said, "error[kubernetes/selector]"]);
    }
    // What was probably meant holds for what else is said.
    let project = with_web();
    project.write("platc.yaml", "rulez: {kubernetes/selector: off}\n");
    let ran = told(&project, &["unknown setting `rulez`"]);
    assert!(!ran.stdout.contains("error[kubernetes/selector"), "{ran}");
    // Where nothing is found by a path, nothing else is known.
    let project = with_web();
    project.write("platc.yaml", "templates: {}\n");
    let ran = told(&project, &["`templates` must be a path"]);
    assert!(!ran.stdout.contains("kubernetes/selector"), "{ran}");
}

#[test]
fn a_keyword_of_the_schema_that_is_wrong_hides_what_depends_on_it_only() {
    let schema = "type: object\nadditionalProperties: false\nproperties:\n  cluster:\n    type: object\n    additionalProperties: \
                  false\n    properties:\n      name: {type: string}\n      version: {type: string}\n      nodes: {type: integer}\n";
    let own = "metadata: {name: a, labels: {a: -a}}\n";
    let project = with_web()
        .file("templates/own.yaml.j2", format!("apiVersion: v1\nkind: ConfigMap\n{own}"))
        .file(
            "templates/name.yaml.j2",
            format!("apiVersion: v1\nkind: ConfigMap\ndata: {{a: \"{{{{ cluster.name }}}}\"}}\n{own}"),
        )
        .file(
            "templates/nodes.yaml.j2",
            format!("apiVersion: v1\nkind: ConfigMap\ndata: {{a: \"{{{{ cluster.version }}}}\"}}\n{own}"),
        )
        .file("environments/dev/environment.yaml", "extends: [../base]\ncluster:\n  nodes: many\n  size: 1\n");
    let wrong = schema.replace("version: {type: string}", "version: {type: strin}");
    project.write("schemas/environment.schema.yaml", wrong);
    let ran = told(
        &project,
        &["there is no type `strin`", "error[kubernetes/selector]", "error[schema/unknown-key]", "error[schema/type]"],
    );
    assert!(ran.stdout.contains("templates/own.yaml.j2") && ran.stdout.contains("templates/name.yaml.j2"), "{ran}");
    assert!(!ran.stdout.contains("templates/nodes.yaml.j2") && !ran.stdout.contains("1.34"), "{ran}");

    // What stands in the place of all else, and what may be a secret.
    project.write("schemas/environment.schema.yaml", schema.replace("properties:\n  cluster", "propertis:\n  cluster"));
    let ran = told(&project, &["`propertis` is not a schema keyword"]);
    assert_eq!(ran.stdout.matches("error[").count(), 1, "{ran}");
    project.write(
        "schemas/environment.schema.yaml",
        schema.replace("name: {type: string}", "name: {type: integer, x-platc-secret: ture}"),
    );
    let ran = told(&project, &["error[schema/bad-keyword]", "error[kubernetes/selector]"]);
    assert!(!ran.stdout.contains("main"), "{ran}");
    // Nothing of a reference that leads nowhere is followed.
    project.write("schemas/environment.schema.yaml", schema.replace("{type: integer}", "{$ref: '#/none'}"));
    assert_eq!(told(&project, &["`$ref` leads nowhere"]).stdout.matches("error[").count(), 1);
}

#[test]
fn a_file_of_a_layer_that_cannot_be_read_hides_what_depends_on_it_only() {
    let project = with_web()
        .file("environments/base/broken.yaml", "cluster: [\n")
        .file("environments/base/more.yaml", "clustr: 1\n")
        .file("environments/dev/environment.yaml", "extends: [../base]\ncluster: {nodes: many}\n")
        .file("templates/name.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: -{{ cluster.name }}}\n");
    let known = ["error[yaml/syntax]", "error[schema/unknown-key]", "error[schema/type]", "error[kubernetes/selector]"];
    let ran = told(&project, &known);
    // What is missing may stand in that file.
    assert!(!ran.stdout.contains("schema/missing-key") && !ran.stdout.contains("kubernetes/name"), "{ran}");
    // So may what is acknowledged.
    project.write("environments/base/broken.yaml", "acknowledge: [{rule: kubernetes/selector\n");
    assert!(!told(&project, &known[..3]).stdout.contains("error[kubernetes/selector"));
    // What lies below it may be overridden there.
    project.write("environments/base/broken.yaml", "# nothing\n");
    project.write("environments/base/more.yaml", "cluster: {nodes: few}\n");
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster: [\n");
    let ran = told(&project, &["error[yaml/syntax]", "error[kubernetes/selector]"]);
    assert!(!ran.stdout.contains("schema/type"), "{ran}");
}

#[test]
fn a_file_beside_a_layer_that_is_not_read_hides_what_reads_values_only() {
    let project = with_web()
        .file("environments/base/more.json", "{}\n")
        .file("templates/name.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: -{{ cluster.name }}}\n");
    let ran = told(&project, &["error[project/unread-layer]", "error[kubernetes/selector]"]);
    assert!(!ran.stdout.contains("kubernetes/name"), "{ran}");
    // It may have been meant to acknowledge something.
    project.write("environments/base/more.json", "{\"acknowledge\": []}\n");
    let ran = told(&project, &["error[project/unread-layer]"]);
    assert!(!ran.stdout.contains("error[kubernetes/selector"), "{ran}");
}

/// Files that cannot both exist, beside whatever else is wrong.
#[test]
fn two_files_of_one_path_are_told_beside_any_other_mistake() {
    for (name, text) in [
        ("t.txt.j2", "{{ nope }}"),
        ("t.txt.j2", "{% if %}"),
        ("y.yaml.j2", "{#- platc\noutptu: z.yaml\n-#}\na: 1\n"),
        ("c.yaml", "a: 1\na: 2\n"),
        ("n.txt.j2", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> branch\n"),
    ] {
        let project = with_web()
            .file("templates/other.yaml.j2", "{#- platc\noutput: web.yaml\n-#}\na: 1\n")
            .file(&format!("templates/{name}"), text);
        told(&project, &["error[output/collision]: two artifacts have the path `web.yaml`"]);
    }
    let project = with_web()
        .file("templates/other.yaml.j2", "{#- platc\noutput: web.yaml\n-#}\na: 1\n")
        .file("environments/base/more.yaml", "clustr: 1\n");
    told(&project, &["error[output/collision]", "error[schema/unknown-key]"]);
}

/// A Service that selects no pods: for that, all documents have to be there, and no text.
#[test]
fn a_text_that_cannot_be_made_hides_nothing_about_documents() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: web}\nspec: {selector: {app: none}, ports: [{port: 80}]}\n";
    let selects_none = "error[kubernetes/selector]: `Service/web/api` selects none of the pods";
    let with = |name: &str, bytes: &[u8]| {
        let project = with_web().file("templates/api.yaml", service);
        std::fs::write(project.root.join("templates").join(name), bytes).unwrap();
        project
    };
    for (name, bytes) in [("t.txt.j2", &b"{{ nope }}\n"[..]), ("t.txt.j2", b"{% if %}\n"), ("t.bin.j2", b"\xff\xfe")] {
        told(&with(name, bytes), &[selects_none]);
    }
    // It may be a document, or what another document speaks of.
    for (name, text) in [("t.yaml.j2", "{{ nope }}\n"), ("t.txt.j2", "{#- platc\noutput: t.yaml\n-#}\n{{ nope }}\n")] {
        let ran = told(&with(name, text.as_bytes()), &["template/undefined"]);
        assert!(!ran.stdout.contains(selects_none), "{ran}");
    }
    let project = with("t.txt.j2", b"{{ nope }}\n");
    project.write(
        "templates/c.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: web}\ndata: {file: t.txt}\n",
    );
    let ran = told(&project, &["template/undefined"]);
    assert!(!ran.stdout.contains(selects_none), "{ran}");
}
