//! `platc schema import`: what others publish becomes schemas that load, are the same each time, and judge as their
//! makers would.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests build real projects, read real files and say what they skip"
)]

mod support;

use std::path::{Path, PathBuf};

use camino::Utf8Path;
use platc::disk::Real;
use platc::finding::Findings;
use platc::limits::Limits;
use platc::schema::Schema;
use platc::source::Sources;
use support::Project;

/// A folder of upstream data, or nothing where there is none; in CI it must be there.
fn upstream(folder: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/upstream").join(folder);
    if path.exists() {
        return Some(path.to_str().unwrap().to_owned());
    }
    assert!(std::env::var_os("CI").is_none(), "{} is missing", path.display());
    eprintln!("SKIPPED: {} is missing", path.display());
    None
}

fn project() -> Project {
    Project::empty().file("platc.yaml", "")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
    found.sort();
}

#[test]
fn all_of_upstream_becomes_schemas_that_load() {
    for (folder, at_least) in [("crds", 60), ("charts", 25), ("cloudformation", 50), ("kubernetes", 90)] {
        let Some(from) = upstream(folder) else { return };
        let project = project();
        let ran = project.run(&["schema", "import", &from]);
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.stderr.lines().count() == 1, "{ran}");
        let mut made = Vec::new();
        files(&project.root.join("schemas"), &mut made);
        assert!(made.len() >= at_least, "{} from {folder}", made.len());
        assert_eq!(made.len(), ran.stdout.lines().count());
        let disk = Real::open(Utf8Path::from_path(&project.root).unwrap()).unwrap();
        for path in &made {
            let path = Utf8Path::from_path(path.strip_prefix(&project.root).unwrap()).unwrap();
            let sources = Sources::default();
            let mut findings = Findings::default();
            let schema = Schema::load(&disk, path, &sources, &Limits::default(), &mut findings);
            let found = findings.sorted(&sources);
            assert!(schema.is_some() && found.is_empty(), "{path}: {found:?}");
        }
        let again = project.run(&["schema", "import", &from]);
        assert!(again.stderr.starts_with("wrote 0 of"), "{again}");
    }
}

const CRDS: &str = r#"# Several definitions in one file, as projects publish them.
apiVersion: v1
kind: List
items:
  - apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: queues.example.org}
    spec:
      group: example.org
      names: {kind: Queue, plural: queues}
      versions:
        - name: v1
          served: true
          storage: true
          schema:
            openAPIV3Schema:
              type: object
              required: [spec]
              properties:
                apiVersion: {type: string}
                kind: {type: string}
                metadata: {type: object}
                spec:
                  type: object
                  x-kubernetes-validations:
                    - {rule: "self.min <= self.max", message: min must not be above max}
                  properties:
                    min: {type: integer, format: int32}
                    max: {type: integer, default: 5}
                    port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                    network: {type: string, format: cidr}
                    template: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
                    labels: {type: object, additionalProperties: {type: string, nullable: true}}
                    empty: {type: object}
        - name: v1alpha1
          served: false
          schema: {openAPIV3Schema: {type: object}}
---
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
spec:
  group: example.org
  version: v2
  names: {kind: Old}
  validation: {openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: not-a-definition}
"#;

#[test]
fn definitions_are_closed_as_the_api_server_prunes() {
    let project = project().file("crds.yaml", CRDS);
    let ran = project.run(&["schema", "import", "crds.yaml"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(
        ran.stdout,
        "schemas/kubernetes/example.org/Queue_v1.yaml\nschemas/kubernetes/example.org/Old_v2.yaml\n"
    );
    insta::assert_snapshot!(project.read("schemas/kubernetes/example.org/Queue_v1.yaml"));
}

#[test]
fn a_chart_without_a_schema_is_read_from_its_values() {
    let values = "\
# -- How many pods run.
replicas: 2
image: {repository: example/web, tag: \"\", pullPolicy: IfNotPresent}
nodeSelector: {kubernetes.io/os: linux}
# -- Asked of every container.
# Two lines of it.
resources: {}
podDisruptionBudget:
  enabled: false
  # Or a number of pods.
  # minAvailable: 1
## Assign a class.
# priorityClassName: \"\"
hosts: []
timeout: null
cache:
  enabled: true
params:
  create: true
  annotations: {}
  # example.com/note: a
  # e.g.: more

  # Settings of the program.
  # server.insecure: true
config:
  create: true
  # example.com/note: a
  # e.g.: more
";
    let project = project()
        .file(
            "web/Chart.yaml",
            "name: web\nversion: 1.30\nkubeVersion: \">=1.28.0-0\"\ndependencies: [{name: redis, alias: cache}]\n",
        )
        .file("web/values.yaml", values)
        .file("web/templates/x.yaml", "{{ not yaml }}");
    let ran = project.run(&["schema", "import", "web"]);
    assert_eq!((ran.code, &*ran.stdout), (0, "schemas/helm/web/1.30.yaml\n"), "{ran}");
    insta::assert_snapshot!(project.read("schemas/helm/web/1.30.yaml"));
    // A values file by itself says neither the name nor the version.
    let ran = project.run(&["schema", "import", "web/values.yaml", "--name", "other", "--version", "2.0.0"]);
    assert_eq!((ran.code, &*ran.stdout), (0, "schemas/helm/other/2.0.0.yaml\n"), "{ran}");
}

#[test]
fn a_chart_whose_schema_leaves_its_maps_open_is_closed_by_its_values() {
    let values = "\
probes:
  readiness: {timeoutSeconds: 5}
  liveness: {enabled: true}
persistence: {size: 10Gi}
labels: {team: web}
securityContext: {capabilities: {drop: [ALL]}}
# -- Options of the program, free-form.
options: {level: info}
rules: {a: {on: true}}
ports: {http: 80}
empty: {}
either: {a: 1}
";
    let schema = r#"{"type": "object", "additionalProperties": true, "properties": {
        "probes": {"type": "object", "additionalProperties": true,
            "properties": {"readiness": {"type": "object", "additionalProperties": true, "properties": {"path": {}}}}},
        "persistence": {"type": "object"},
        "labels": {"type": "object", "additionalProperties": true},
        "securityContext": {"type": "object", "additionalProperties": true},
        "options": {"type": "object", "additionalProperties": true},
        "rules": {"type": "object", "patternProperties": {"^[a-z]$": {"type": "object"}}},
        "ports": {"type": "object", "additionalProperties": {"type": "integer"}},
        "empty": {"type": "object", "additionalProperties": true},
        "either": {"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}
    }}"#;
    let project = project()
        .file("web/Chart.yaml", "name: web\nversion: 1.2.3\n")
        .file("web/values.yaml", values)
        .file("web/values.schema.json", schema);
    let ran = project.run(&["schema", "import", "web"]);
    assert_eq!((ran.code, &*ran.stdout), (0, "schemas/helm/web/1.2.3.yaml\n"), "{ran}");
    let made: serde_json::Value = serde_yaml::from_str(&project.read("schemas/helm/web/1.2.3.yaml")).unwrap();
    let is_closed = |pointer: &str| made.pointer(pointer).unwrap()["additionalProperties"] == serde_json::json!(false);
    for pointer in ["", "/properties/probes", "/properties/probes/properties/readiness", "/properties/persistence"] {
        assert!(is_closed(pointer), "{pointer}");
    }
    assert!(made.pointer("/properties/securityContext/properties/capabilities/additionalProperties").is_none());
    for name in ["labels", "securityContext", "options", "rules", "ports", "empty", "either"] {
        assert!(!is_closed(&format!("/properties/{name}")), "{name}");
    }
}

#[test]
fn a_resource_type_keeps_what_can_be_read_and_loses_what_no_engine_matches() {
    let text = r##"{
        "typeName": "AWS::Queue::Thing",
        "properties": {
            "Name": {"type": "string", "pattern": "^(?!aws:).*$"},
            "Arn": {"type": "string"},
            "Endpoint": {"type": "object", "properties": {"Address": {"type": "string"}}},
            "Tags": {"type": "array", "items": {"$ref": "#/definitions/Tag"}, "insertionOrder": false}
        },
        "definitions": {"Tag": {"type": "object", "additionalProperties": false, "properties": {"Key": {"type": "string"}}}},
        "required": ["Name"],
        "requiredXor": ["Name", "Endpoint"],
        "dependentExcluded": {"Name": ["Endpoint"]},
        "readOnlyProperties": ["/properties/Arn", "/properties/Endpoint/Address", "/properties/Tags/*/Key"],
        "createOnlyProperties": ["/properties/Name"],
        "additionalProperties": false
    }"##;
    let project = project().file("thing.json", text);
    let ran = project.run(&["schema", "import", "thing.json"]);
    assert_eq!(ran.code, 0, "{ran}");
    insta::assert_snapshot!(project.read("schemas/cloudformation/AWS-Queue-Thing.yaml"));
}

/// What registries publish is not always what JSON Schema wants: it is read as it is meant, and left open with a note
/// where nothing can be meant.
#[test]
fn limits_references_and_rules_are_read_as_published() {
    let text = r##"{
        "typeName": "AWS::Queue::Odd",
        "properties": {
            "Size": {"type": "integer", "minimum": -9223372036854775808, "maximum": 18446744073709551615},
            "Past": {"type": "number", "maximum": 18446744073709551616, "multipleOf": 1e-8},
            "Name": {"type": "string", "minLength": 1e0, "maxLength": 2.0},
            "Kind": {"type": "string", "enum": []},
            "Tree": {"$ref": "#/definitions/Tree"},
            "Loop": {"$ref": "#/definitions/Loop"},
            "Lost": {"$ref": "#/definitions/Lost"},
            "Whole": {"$ref": "#"},
            "Huge": {"type": "integer", "enum": [1, 18446744073709551616]},
            "None": null
        },
        "definitions": {
            "Tree": {"type": "object", "properties": {"left": {"$ref": "#/definitions/Tree"}}},
            "Loop": {"anyOf": [{"$ref": "#/definitions/Loop"}, {"type": "string"}]}
        }
    }"##;
    let tried = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: example.org\n  names: {kind: Tried}\n  \
                 versions:\n    - name: v1\n      served: true\n      schema:\n        openAPIV3Schema:\n          type: object\n          \
                 oneOf: [{properties: {a: {type: string, x-kubernetes-validations: [{rule: self == oldSelf}]}}}]\n";
    let project = project().file("odd.json", text).file("tried.yaml", tried);
    let ran = project.run(&["schema", "import", "odd.json", "tried.yaml"]);
    assert_eq!(ran.code, 0, "{ran}");
    insta::assert_snapshot!(project.read("schemas/cloudformation/AWS-Queue-Odd.yaml"));
    let tried = project.read("schemas/kubernetes/example.org/Tried_v1.yaml");
    assert!(tried.contains("# Not judged: rules below `anyOf`") && !tried.contains("oldSelf"), "{tried}");
}

#[test]
fn kinds_of_kubernetes_can_be_chosen() {
    let Some(from) = upstream("kubernetes/definitions-v1.35.0.json") else { return };
    let project = project();
    let ran = project.run(&["schema", "import", &from, "--kind", "deployment", "--kind", "ConfigMap"]);
    let made: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(
        made,
        ["schemas/kubernetes/apps/Deployment_v1.yaml", "schemas/kubernetes/core/ConfigMap_v1.yaml"],
        "{ran}"
    );
    let ran = project.run(&["schema", "import", &from, "--kind", "Deploymnet"]);
    assert!(ran.code == 1 && ran.stderr.contains("the definitions have no kind `Deploymnet`"), "{ran}");
}

#[test]
fn hostile_input_ends_in_findings() {
    let deep = format!("{}1{}", "{\"properties\": {\"a\": ".repeat(5000), "}}".repeat(5000));
    let level = |at: usize| format!("l{at}: &l{at} [{}]\n", vec![format!("*l{}", at - 1); 9].join(", "));
    let bomb = "l0: &l0 [x]\n".to_owned() + &(1..20).map(level).collect::<String>();
    let crd = |schema: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {{group: a.b, names: {{kind: K}}, \
             versions: [{{name: v1, schema: {{openAPIV3Schema: {schema}}}}}]}}\n"
        )
    };
    let project = project()
        .file("deep.yaml", crd(&deep))
        .file("bomb.yaml", bomb)
        .file("marks.yaml", "---\n".repeat(100_000))
        .file("types.yaml", crd("{type: 5, properties: [1], required: true, enum: [], pattern: '(', items: x, not: 1}"))
        .file("circle.yaml", crd("{properties: {a: {$ref: '#/properties/a'}}}"))
        .file("bytes.yaml", [0xff, 0xfe, 0x00, 0x41]);
    for (file, code) in [
        ("deep.yaml", 1),
        ("bomb.yaml", 1),
        ("marks.yaml", 1),
        ("types.yaml", 0),
        ("circle.yaml", 0),
        ("bytes.yaml", 1),
    ] {
        let ran = project.run(&["schema", "import", file]);
        assert_eq!(ran.code, code, "{file}: {ran}");
        assert!(code == 0 || ran.stderr.contains(file), "{file}: {ran}");
    }
    assert_eq!(project.run(&["schema", "import", "."]).code, 1);
}

/// A gzipped tar archive; a path that ends in `@` is a link.
fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        let name = path.trim_end_matches('@');
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(if name == *path { tar::EntryType::Regular } else { tar::EntryType::Symlink });
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

const UMBRELLA: &str = "\
name: web
version: 1.2.3
dependencies:
  - {name: redis, alias: cache, version: 1.x.x, condition: \"cache.enabled,global.cache\"}
  - {name: queue, version: 2.0.0, tags: [backend]}
  - {name: missing, version: 2.0.0}
";
const UMBRELLA_VALUES: &str = "\
replicas: 1
cache: {size: 10Gi, extra: 1, port: 6379, config: {a: 1}}
queue: {depth: 3}
global: {zone: a}
";
const QUEUE_SCHEMA: &str = r##"{"properties": {"depth": {"$ref": "#/definitions/D"}}, "definitions": {"D": {"type": "integer", "maximum": 5}}}"##;
const REDIS_CRD: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec: {group: example.org, names: {kind: Redis}, versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: object}}}]}
";

#[test]
fn a_packed_chart_is_read_with_the_charts_that_it_brings_along() {
    let queue = packed(&[
        ("queue/Chart.yaml", b"name: queue\nversion: 2.0.0\n"),
        ("queue/values.yaml", b"depth: 1\n"),
        ("queue/values.schema.json", QUEUE_SCHEMA.as_bytes()),
    ]);
    let web = packed(&[
        ("web/Chart.yaml", UMBRELLA.as_bytes()),
        ("web/values.yaml", UMBRELLA_VALUES.as_bytes()),
        ("web/templates/x.yaml", b"{{ not yaml }}"),
        ("web/LICENSE@", b""),
        ("web/charts/redis/Chart.yaml", b"name: redis\nversion: 1.0.1\n"),
        ("web/charts/redis/values.yaml", b"size: 1Gi\nport: \"\"\nconfig: {}\nauth: {enabled: true}\n"),
        ("web/charts/redis/crds/redis.yaml", REDIS_CRD.as_bytes()),
        ("web/charts/queue-2.0.0.tgz", &queue),
    ]);
    let project = project().file("vendor/web-1.2.3.tgz", web);
    let ran = project.run(&["schema", "import", "vendor/web-1.2.3.tgz"]);
    let made = "schemas/kubernetes/example.org/Redis_v1.yaml\nschemas/helm/web/1.2.3.yaml\n";
    assert_eq!((ran.code, &*ran.stdout), (0, made), "{ran}");
    insta::assert_snapshot!(project.read("schemas/helm/web/1.2.3.yaml"));
    // The same from a folder in which it lies.
    let again = project.run(&["schema", "import", "vendor"]);
    assert_eq!((again.code, &*again.stdout), (0, made), "{again}");
}

/// Helm applies all that lies in `crds`: what cannot be read there may be a definition.
#[test]
fn a_definition_of_a_chart_that_cannot_be_read_is_told() {
    let web = packed(&[
        ("web/Chart.yaml", b"name: web\nversion: 1.0.0\n"),
        ("web/values.yaml", b"a: 1\n"),
        ("web/crds/x.yaml", b"a: *unknown\n"),
        ("web/crds/notes.yaml", b"a: 1\n"),
    ]);
    let project = project().file("web.tgz", web);
    let ran = project.run(&["schema", "import", "web.tgz"]);
    assert!(ran.code == 1 && ran.stderr.contains("there is no anchor `unknown`"), "{ran}");
    assert!(!ran.stderr.contains("notes"), "{ran}");
}

#[test]
fn hostile_archives_are_refused_and_name_themselves() {
    let chart: (&str, &[u8]) = ("web/Chart.yaml", b"name: web\nversion: 1.0.0\n");
    let values: (&str, &[u8]) = ("web/values.yaml", b"a: 1\n");
    let mut nested = packed(&[chart, values]);
    for _ in 0..6 {
        nested = packed(&[chart, values, ("web/charts/web.tgz", &nested)]);
    }
    let whole = packed(&[chart, values]);
    let bomb = vec![0; 130 << 20];
    let cases: &[(&str, Vec<u8>, &str)] = &[
        ("out.tgz", packed(&[chart, ("../../values.yaml", b"a: 1\n")]), "is no path within the archive"),
        ("root.tgz", packed(&[chart, ("/etc/values.yaml", b"a: 1\n")]), "is no path within the archive"),
        ("link.tgz", packed(&[chart, ("web/values.yaml@", b"")]), "is a link, and none is followed"),
        ("twice.tgz", packed(&[chart, values, values]), "stands in it twice"),
        ("bomb.tgz", packed(&[chart, values, ("web/zeros", &bomb)]), "it unpacks to more than charts have"),
        ("nested.tgz", nested, "it has more entries than charts have"),
        ("cut.tar.gz", whole[..whole.len() / 2].to_vec(), "it is cut off, damaged"),
        ("text.tgz", b"a: 1\n".to_vec(), "it is cut off, damaged"),
        ("types.zip", b"PK\x03\x04rest".to_vec(), "is a zip file"),
        ("image.yaml", b"\x89PNG\0\0".to_vec(), "is no text"),
    ];
    for (name, bytes, said) in cases {
        let project = project().file(name, bytes.clone());
        let ran = project.run(&["schema", "import", name]);
        assert!(ran.code == 1 && ran.stderr.contains(said) && ran.stderr.contains(name), "{name}: {ran}");
        assert!(!project.root.join("schemas/helm").exists() || *name == "nested.tgz", "{name}: {ran}");
    }
}

/// A chart that asks for another one under a thousand names would be a thousand times as large.
#[test]
fn charts_within_each_other_do_not_multiply() {
    let dependency = |at: usize, name: &str| format!("  - {{name: {name}, alias: a{at}}}\n");
    let all = |name: &str| (0..1000).map(|at| dependency(at, name)).collect::<String>();
    let values = (0..100).map(|at| format!("key{at}: {{a: 1}}\n")).collect::<String>();
    let project = project()
        .file("a/Chart.yaml", format!("name: a\nversion: 1.0.0\ndependencies:\n{}", all("b")))
        .file("a/charts/b/Chart.yaml", format!("name: b\nversion: 1.0.0\ndependencies:\n{}", all("c")))
        .file("a/charts/b/charts/c/Chart.yaml", "name: c\nversion: 1.0.0\n")
        .file("a/charts/b/charts/c/values.yaml", values);
    let ran = project.run(&["schema", "import", "a"]);
    assert!(ran.code <= 1 && !ran.stderr.contains("panicked"), "{ran}");
}

/// Such a folder could not be checked out there.
#[test]
fn names_that_windows_keeps_for_devices_are_refused() {
    for group in ["con", "NUL.example.com", "com1"] {
        let crd = format!(
            "kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\nspec:\n  group: {group}\n  names: {{kind: Thing}}\n  \
             versions: [{{name: v1, served: true, schema: {{openAPIV3Schema: {{type: object}}}}}}]\n"
        );
        let project = project().file("crd.yaml", crd);
        let ran = project.run(&["schema", "import", "crd.yaml"]);
        assert!(ran.code == 1, "{ran}");
        assert!((ran.stdout + &ran.stderr).contains("is no name that a file can be given"), "{group}");
    }
}

/// What is made can be the square of what is read: each kind has a copy of what it refers to, and each alias one of its
/// chart. All of an import is charged to one account, and nothing is written where it is not enough.
#[test]
fn what_is_made_of_little_has_an_end() {
    let object = r#"{"type": "object"}"#;
    let fields: Vec<String> = (0..1000).map(|at| format!(r#""field{at}": {object}"#)).collect();
    let mut definitions = vec![format!(r#""big": {{"properties": {{{}}}}}"#, fields.join(", "))];
    definitions.extend((0..300).map(|at| {
        format!(
            r##""d{at}": {{"properties": {{"apiVersion": {object}, "kind": {object}, "metadata": {object},
            "big": {{"$ref": "#/definitions/big"}}}}, "x-kubernetes-group-version-kind":
            [{{"group": "g", "version": "v1", "kind": "K{at}"}}]}}"##
        )
    }));
    let kinds = project().file("in.json", format!(r#"{{"definitions": {{{}}}}}"#, definitions.join(", ")));
    let one = kinds.run(&["schema", "import", "in.json", "--kind", "K7"]);
    assert!(one.code == 0 && one.stdout.lines().count() == 1, "{one}");
    let aliases: String = (0..100).map(|at| format!("- {{name: s, version: 1.0.0, alias: a{at}}}\n")).collect();
    let chart = |name: &str, more: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n{more}");
    let charts = project()
        .file("in/Chart.yaml", chart("web", &format!("dependencies:\n{aliases}")))
        .file("in/charts/s/Chart.yaml", chart("s", ""))
        .file("in/charts/s/values.yaml", format!("a: 1\n{}", "# a comment\n".repeat(6000)));
    for (project, from, shown) in [(&kinds, "in.json", "in.json"), (&charts, "in", "in/Chart.yaml")] {
        let ran = project.run(&["schema", "import", from, "--into", "made"]);
        assert!(ran.code == 1 && ran.stderr.contains("the import needs more"), "{ran}");
        assert!(ran.stderr.contains("error[project/over-budget]") && ran.stderr.contains(shown), "{ran}");
        assert!(!project.exists("made"), "{ran}");
    }
}

/// A thousand harmless documents before the one that matters must not hide it.
#[test]
fn documents_that_are_not_read_are_told() {
    let project = project().file("in.yaml", "---\na: 1\n".repeat(1001));
    let ran = project.run(&["schema", "import", "in.yaml"]);
    assert!(ran.code == 1 && ran.stderr.contains("this document and those after it are not read"), "{ran}");
    assert!(ran.stderr.contains("in.yaml:1999:"), "{ran}");
}
