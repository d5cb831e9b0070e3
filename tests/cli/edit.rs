//! `platc set`, `unset` and `promote`, and keys that `validate --fix` renames: files before and after, to the byte.

use crate::check;
use crate::support::Project;

const SCHEMA: &str = "\
$schema: https://json-schema.org/draft/2020-12/schema
type: object
additionalProperties: false
required: [region, cluster]
properties:
  region: {type: string}
  cluster:
    type: object
    additionalProperties: false
    required: [name, version]
    properties:
      name: {type: string, x-platc-promote: false}
      version: {type: string, x-platc-promote: true}
      password: {type: string, x-platc-secret: true}
      nodes:
        type: object
        additionalProperties: false
        properties:
          min: {type: integer, minimum: 1}
          max: {type: integer, maximum: 100}
  labels: {type: object, additionalProperties: {type: string}}
  zones: {type: array, x-kubernetes-list-type: set, items: {type: string}}
  cidrs: {type: array, items: {type: string}, x-platc-promote: true}
  pools:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
    items:
      type: object
      additionalProperties: false
      required: [name, cpu]
      properties:
        name: {type: string}
        cpu: {type: integer}
        spot: {type: boolean}
";

const BASE: &str = "\
region: eu-central-1
cluster:
  name: main
  version: \"1.34\"
  nodes: {min: 2, max: 6} # small
cidrs:
  - 10.0.0.0/8 # vpn
  - 192.168.0.0/16 # office
pools:
  - name: general
    cpu: 64
  - name: batch
    cpu: 32
";

const PROD: &str = "\
# Production.
extends: [../base]

cluster:
  # Ahead of the others.
  version: '1.35' # since May

pools:
  - name: general
    cpu: 128 # large
";

fn project() -> Project {
    Project::empty()
        .file("platc.yaml", "rules: {hygiene/unused-value: 'off', hygiene/unread-property: 'off'}\n")
        .file("schemas/environment.schema.yaml", SCHEMA)
        .file("templates/all.yaml.j2", "cluster: {{ cluster }}\n")
        .file("environments/base/base.yaml", BASE)
        .file("environments/dev/environment.yaml", "extends: [../base]\n")
        .file("environments/prod/environment.yaml", PROD)
}

const PROD_FILE: &str = "environments/prod/environment.yaml";

/// Runs a command that must succeed, and gives the file of prod after it.
fn after(args: &[&str]) -> String {
    let project = project();
    let ran = project.run(args);
    assert_eq!(ran.code, 0, "{args:?}: {ran}");
    project.read(PROD_FILE)
}

fn fails(project: &Project, code: i32, args: &[&str], said: &str) {
    let before = (project.read(PROD_FILE), project.read("environments/base/base.yaml"));
    let ran = project.run(args);
    assert_eq!(ran.code, code, "{args:?}: {ran}");
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains(said), "{args:?}: {ran}");
    assert_eq!((project.read(PROD_FILE), project.read("environments/base/base.yaml")), before, "{args:?} wrote");
}

#[test]
fn a_value_is_set_where_it_belongs() {
    let set = |path, value| after(&["set", "prod", path, value]);
    assert_eq!(set("cluster.version", "1.36"), PROD.replace("'1.35'", "'1.36'"));
    assert_eq!(set("pools[name=general].cpu", "256"), PROD.replace("128 #", "256 #"));
    assert_eq!(set("pools[name=general].spot", "true"), PROD.replace("# large\n", "# large\n    spot: true\n"));
    assert_eq!(set("pools[name=batch].cpu", "1"), format!("{PROD}  - name: batch\n    cpu: 1\n"));
    assert_eq!(set("cluster.nodes.max", "12"), PROD.replace("# since May\n", "# since May\n  nodes:\n    max: 12\n"));
    assert_eq!(set("region", "eu-west-1"), PROD.replace("\npools", "\nregion: eu-west-1\n\npools"));
    assert_eq!(set("labels.\"a.b/c\"", "on"), PROD.replace("\npools", "\nlabels:\n  a.b/c: 'on'\n\npools"));
    assert_eq!(set("cluster.nodes", "null"), PROD.replace("# since May\n", "# since May\n  nodes: null\n"));
    assert_eq!(set("zones", "[a, b]"), PROD.replace("\npools", "\nzones:\n  - a\n  - b\n\npools"));
}

#[test]
fn a_map_merges_and_items_stay_on_their_lines() {
    let project = project();
    let ran = project.run(&["set", "dev", "cluster.nodes", "{max: 9}", "--layer", "base"]);
    assert_eq!(ran.code, 0, "{ran}");
    let base = BASE.replace("max: 6", "max: 9");
    assert_eq!(project.read("environments/base/base.yaml"), base);
    let ran =
        project.run(&["set", "dev", "cidrs", "[10.0.0.0/8, 172.16.0.0/12]", "--layer", "environments/base/base.yaml"]);
    assert_eq!(ran.code, 0, "{ran}");
    let base = base.replace("  - 192.168.0.0/16 # office\n", "  - 172.16.0.0/12\n");
    assert_eq!(project.read("environments/base/base.yaml"), base);
    // Both environments have it now, and are judged.
    assert!(ran.stderr.contains("this changes environment `prod`, too"), "{ran}");
}

#[test]
fn what_is_set_and_unset_leaves_no_trace() {
    let project = project();
    for (path, value) in [
        ("cluster.nodes.max", "12"),
        ("region", "us-east-1"),
        ("pools[name=general].spot", "true"),
        ("labels.x", "yes"),
        ("zones", "[a]"),
        ("cidrs", "[1.2.3.4/32]"),
    ] {
        let set = project.run(&["set", "prod", path, value]);
        assert_eq!(set.code, 0, "{path}: {set}");
        assert_ne!(project.read(PROD_FILE), PROD, "{path}");
        let unset = project.run(&["unset", "prod", path]);
        assert_eq!(unset.code, 0, "{path}: {unset}");
        assert_eq!(project.read(PROD_FILE), PROD, "{path}");
    }
}

#[test]
fn files_stay_as_their_authors_write_them() {
    let project = project();
    // A byte order mark, Windows line ends, no last line end.
    let marked = "\u{feff}extends: [../base]\r\n\r\ncluster:\r\n    version: \"1.35\" # x";
    project.write(PROD_FILE, marked);
    assert_eq!(project.run(&["set", "prod", "cluster.nodes.max", "9"]).code, 0);
    assert_eq!(project.read(PROD_FILE), format!("{marked}\r\n    nodes:\r\n        max: 9"));
    assert_eq!(project.run(&["unset", "prod", "cluster.nodes"]).code, 0);
    assert_eq!(project.read(PROD_FILE), marked);
    // JSON is YAML, and stays JSON.
    let json = "{\n  \"extends\": [\"../base\"],\n  \"cluster\": {\n    \"version\": \"1.35\"\n  }\n}\n";
    project.write(PROD_FILE, json);
    assert_eq!(project.run(&["set", "prod", "cluster.version", "1.36"]).code, 0);
    assert_eq!(project.read(PROD_FILE), json.replace("1.35", "1.36"));
}

#[test]
fn the_file_of_a_layer_with_several() {
    let project = project();
    project.write("environments/prod/pools.yaml", "pools:\n  - name: general\n    cpu: 128\n");
    project.write(PROD_FILE, "extends: [../base]\n");
    assert_eq!(project.run(&["set", "prod", "pools[name=batch].spot", "true"]).code, 0);
    assert_eq!(
        project.read("environments/prod/pools.yaml"),
        "pools:\n  - name: general\n    cpu: 128\n  - name: batch\n    spot: true\n"
    );
    assert_eq!(project.run(&["set", "prod", "region", "x"]).code, 0);
    assert_eq!(project.read(PROD_FILE), "extends: [../base]\nregion: x\n");
    // A base has no file that is its own more than the others.
    project.write("environments/base/more.yaml", "zones: [a]\n");
    fails(&project, 2, &["set", "prod", "labels.x", "y", "--layer", "base"], "name a file with `--layer`");
    let named = ["set", "prod", "labels.x", "y", "--layer", "environments/base/more.yaml"];
    assert_eq!(project.run(&named).code, 0);
    assert_eq!(project.read("environments/base/more.yaml"), "zones: [a]\nlabels:\n  x: \"y\"\n");
}

#[test]
fn nothing_wrong_is_written() {
    let project = project();
    for (args, said) in [
        (&["set", "prod", "cluster.nodes.max", "lots"][..], "must be an integer"),
        (&["set", "prod", "cluster.nodes.max", "101"], "schema/limit"),
        (&["set", "prod", "cluster.versoin", "1.36"], "did you mean `version`?"),
        (&["set", "prod", "cluster", "3"], "merge/type-change"),
        (&["set", "prod", "cluster.name", "null"], "schema/missing-key"),
        (&["set", "prod", "zones", "null"], "merge/delete-nothing"),
        (&["set", "prod", "pools[0].cpu", "1"], "by its keys"),
        (&["set", "prod", "pools[name=new].spot", "true"], "schema/missing-key"),
        (&["set", "prod", "a..b", "1"], "expected a key"),
        (&["set", "prod", "region", "a # b"], "put the value in quotes"),
        (&["set", "prod", "cluster.password", "hunter2"], "schema/secret"),
        (&["unset", "prod", "cluster.name", "--layer", "base"], "schema/missing-key"),
        (&["unset", "prod", "clutser.name"], "did you mean `cluster`?"),
    ] {
        fails(&project, 1, args, said);
    }
    let ran = project.run(&["set", "prod", "cluster.password", "hunter2"]);
    assert!(!ran.to_string().contains("hunter2"), "{ran}");
    fails(&project, 2, &["set", "prod", "region", "x", "--layer", "bsae"], "did you mean `base`?");
    fails(&project, 2, &["set", "prdo", "region", "x"], "did you mean `prod`?");
    fails(&project, 2, &["set", "prod", "region", "x", "--format", "sarif"], "this format holds findings");
    check(&project, "set-wrong-type", "set prod cluster.nodes.max lots");
    check(&project, "set-dry-run", "set prod cluster.version 1.36 --dry-run");
    check(&project, "set-json", "set prod cluster.version 1.36 --dry-run --format json");
    assert_eq!(project.read(PROD_FILE), PROD);
}

#[test]
fn mistakes_that_were_there_before_are_no_hindrance() {
    let project = project();
    project.write(PROD_FILE, PROD.replace("128", "many").replace("'1.35'", "[]"));
    let ran = project.run(&["set", "prod", "cluster.version", "1.35"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(project.run(&["set", "prod", "pools[name=general].cpu", "128"]).code, 0);
    assert_eq!(project.run(&["validate"]).code, 0);
}

#[test]
fn what_the_layers_below_give_is_not_written() {
    let project = project();
    let ran = check(&project, "set-already", "set dev cluster.version 1.34");
    assert!(ran.code == 0 && ran.stdout.is_empty());
    assert_eq!(project.read("environments/dev/environment.yaml"), "extends: [../base]\n");
    check(&project, "set-to-what-is-below", "set prod cluster.version 1.34");
    assert_eq!(
        project.read(PROD_FILE),
        PROD.replace("\ncluster:\n  # Ahead of the others.\n  version: '1.35' # since May\n", "")
    );
    // A layer below that is overridden is no lie.
    project.write(PROD_FILE, PROD);
    let ran = check(&project, "set-below-an-override", "set prod cluster.version 1.33 --layer base");
    assert!(ran.stderr.contains("is still `1.35`"), "{ran}");
}

#[test]
fn unset_says_what_holds_then() {
    let project = project();
    check(&project, "unset", "unset prod cluster.version");
    check(&project, "unset-what-is-not-set", "unset prod cluster.version");
    assert_eq!(project.run(&["unset", "prod", "pools[name=general]"]).code, 0);
    assert_eq!(project.read(PROD_FILE), "# Production.\nextends: [../base]\n");
}

#[test]
fn secrets_are_masked_in_the_difference() {
    let project = project();
    project.write(PROD_FILE, PROD.replace("\npools", "  password: hunter2\n\npools"));
    let ran = project.run(&["set", "prod", "cluster.version", "1.36", "-n"]);
    assert!(ran.code == 0 && ran.stdout.contains("password: ********"), "{ran}");
    let ran = project.run(&["set", "prod", "cluster.password", "ssm:/prod/db"]);
    assert!(ran.code == 0 && ran.stdout.contains("-  password: ********\n+  password: 'ssm:/prod/db'"), "{ran}");
    assert!(!ran.to_string().contains("hunter2"), "{ran}");
    assert!(project.read(PROD_FILE).contains("password: 'ssm:/prod/db'\n"));
}

#[test]
fn anchors_are_left_to_people() {
    let project = project();
    project.write(PROD_FILE, "extends: [../base]\nlabels: &l\n  a: x\ncluster:\n  nodes: {max: 7}\n");
    assert_eq!(project.run(&["set", "prod", "cluster.nodes.max", "8"]).code, 0);
    project.write(
        PROD_FILE,
        "extends: [../base]\npools:\n  - name: general\n    cpu: &c 7\n  - name: batch\n    cpu: *c\n",
    );
    fails(&project, 2, &["unset", "prod", "pools[name=general].cpu"], "edit the file by hand");
    fails(&project, 2, &["set", "prod", "pools[name=general].cpu", "9"], "edit the file by hand");
    assert_eq!(project.run(&["set", "prod", "pools[name=batch].cpu", "9"]).code, 0);
    assert!(project.read(PROD_FILE).ends_with("cpu: 9\n"));
}

#[test]
fn promotion_takes_what_the_schema_marks() {
    let project = project();
    project.write(
        "environments/dev/environment.yaml",
        "extends: [../base]\ncluster:\n  name: dev\n  version: 1.36\ncidrs: [10.9.0.0/16]\n",
    );
    check(&project, "promote-marked", "promote dev prod");
    assert_eq!(
        project.read(PROD_FILE),
        PROD.replace("'1.35'", "'1.36'").replace("\npools", "\ncidrs:\n  - '10.9.0.0/16'\n\npools")
    );
    let again = check(&project, "promote-again", "promote dev prod");
    assert_eq!(again.code, 0);
}

#[test]
fn promotion_of_chosen_values() {
    let project = project();
    project.write(
        "environments/dev/environment.yaml",
        "extends: [../base]\ncluster: {name: dev, nodes: {max: 9}, password: 'ssm:/dev'}\npools:\n  - name: gpu\n    cpu: 8\n  - name: batch\n    spot: true\nzones: [c]\n",
    );
    let promote = |paths: &[&str]| project.run(&[&["promote", "dev", "prod"], paths].concat());
    let ran = promote(&["pools[name=*].spot", "pools[name=g*].cpu", "zones", "cluster"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(
        ran.stderr.contains("left cluster.name:") && ran.stderr.contains("left cluster.password: it is a secret"),
        "{ran}"
    );
    assert_eq!(
        project.read(PROD_FILE),
        "# Production.\nextends: [../base]\n\nzones:\n  - c\n\ncluster:\n  nodes:\n    max: 9\n\npools:\n  - name: batch\n    spot: true\n  - name: gpu\n    cpu: 8\n"
    );
    project.write(PROD_FILE, PROD);
    for (paths, said) in [
        (&["cluster.name"][..], "`cluster.name` is not promoted"),
        (&["cluster.password"], "it is a secret"),
        (&["cluster.nmae"], "did you mean `name`?"),
        (&["labels"], "`dev` sets nothing at `labels`"),
    ] {
        fails(&project, 1, &[&["promote", "dev", "prod"], paths].concat(), said);
    }
    fails(&project, 2, &["promote", "prod", "prod"], "to itself");
}

/// Items are known by keys of which one can be left out, and are written as the schema wants them.
#[test]
fn items_with_keys_that_have_a_default_are_taken_over_and_set() {
    let schema = "type: object
properties:
  services:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
    items:
      type: object
      properties:
        name: {type: string}
        ports:
          type: array
          x-kubernetes-list-type: map
          x-kubernetes-list-map-keys: [port, protocol]
          items:
            type: object
            properties: {port: {type: integer}, protocol: {type: string, default: TCP}, node: {type: integer}}
";
    let base = "services: [{name: web, ports: [{port: 53, protocol: UDP}]}]\n";
    let dev = "extends: [../base]\nservices:\n  - name: web\n    ports: [{port: 81, protocol: TCP}, {port: 80}]\n  - name: api\n    ports:\n      - port: 90\n";
    let project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", schema)
        .file("environments/base/a.yaml", base)
        .file("environments/dev/environment.yaml", dev)
        .file("environments/prod/environment.yaml", "extends: [../base]\n");
    let shown = |environment: &str| project.run(&["show", environment, "services"]).stdout;
    let ran = project.run(&["promote", "dev", "prod", "services"]);
    assert_eq!(ran.code, 0, "{ran}");
    let without_default =
        |text: String| text.replace("        protocol: TCP\n", "").replace("      protocol: TCP\n", "");
    assert_eq!(without_default(shown("prod")), without_default(shown("dev")), "{}", project.read(PROD_FILE));
    let ran = project.run(&["promote", "dev", "prod", "services"]);
    assert!(ran.code == 0 && ran.stderr.contains("0 values from"), "{ran}");
    project.write(PROD_FILE, "extends: [../base]\n");
    let ran = project.run(&["set", "prod", "services[name=web].ports[port=53,protocol=UDP].node", "7"]);
    assert!(ran.code == 0 && project.read(PROD_FILE).contains("port: 53\n"), "{ran}{}", project.read(PROD_FILE));
}

/// What is wrong is told where it was taken from.
#[test]
fn a_promotion_is_judged_before_it_is_written() {
    let project = project();
    project.write("environments/dev/environment.yaml", "extends: [../base]\ncluster: {nodes: {max: 101}}\n");
    fails(&project, 1, &["promote", "dev", "prod", "cluster.nodes"], "environments/dev/environment.yaml:2:24");
    project.write("environments/dev/environment.yaml", "extends: [../base]\nzones: [a]\n");
    project.write("environments/child/environment.yaml", "extends: [../prod]\nzones: [a]\n");
    let ran = project.run(&["promote", "dev", "prod", "zones"]);
    assert!(ran.code == 0 && ran.stderr.contains("merge/redundant"), "{ran}");
}

#[test]
fn renamed_keys_are_an_error_with_a_fix() {
    let project = project();
    let schema = SCHEMA
        .replace("          max: {", "          maximum: {type: integer, x-platc-renamed-to: max}\n          max: {")
        .replace("  labels: {", "  nodeSpot: {type: boolean, x-platc-renamed-to: cluster.spot}\n  labels: {")
        .replace("      nodes:\n", "      spot: {type: boolean}\n      nodes:\n");
    project.write("schemas/environment.schema.yaml", schema);
    project.write("environments/base/base.yaml", BASE.replace("max: 6", "maximum: 6"));
    let prod = PROD.replace(
        "\npools",
        "  nodes:\n    # Enough.\n    \"maximum\": 20 # for now\n\n# Cheap.\nnodeSpot: true # really\n\npools",
    );
    project.write(PROD_FILE, prod);
    let ran = check(&project, "renamed", "validate");
    assert_eq!(ran.code, 1);
    let ran = check(&project, "renamed-fix", "validate --fix");
    assert_eq!(ran.code, 0);
    assert_eq!(project.read("environments/base/base.yaml"), BASE);
    assert_eq!(
        project.read(PROD_FILE),
        PROD.replace(
            "\npools",
            "  # Cheap.\n  spot: true # really\n  nodes:\n    # Enough.\n    \"max\": 20 # for now\n\npools"
        )
    );
    // Where one file sets both, nobody knows which is meant.
    let both = "extends: [../base]\ncluster:\n  nodes:\n    maximum: 3\n    max: 4\n";
    project.write(PROD_FILE, both);
    assert_eq!(project.run(&["validate", "--fix"]).code, 1);
    assert_eq!(project.read(PROD_FILE), both);
}

#[test]
fn a_file_that_cannot_be_written_stays() {
    let project = project();
    std::fs::remove_file(project.root.join(PROD_FILE)).unwrap();
    std::os::unix::fs::symlink("../../../outside.yaml", project.root.join(PROD_FILE)).unwrap();
    let ran = project.run(&["set", "prod", "region", "x"]);
    assert_ne!(ran.code, 0, "{ran}");
}
