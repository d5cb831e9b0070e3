//! Editors and platc agree: the YAML language server, which most of them ask, is given the line and the schema that
//! `platc schema modeline --write` makes, and says of each file what `platc validate` says. `bash .ci/tools.sh editors` installs it.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read real files and start real programs")]
#![allow(clippy::print_stderr, reason = "a test that skips says so")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use support::Project;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The server, once it is installed; in CI it has to be there.
fn server() -> Option<PathBuf> {
    let path = root().join(".ci/tools/npm/node_modules/yaml-language-server/bin/yaml-language-server");
    if path.exists() {
        return Some(path);
    }
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "missing: {}", path.display());
    eprintln!("SKIPPED: run `bash .ci/tools.sh editors`; there is no {}", path.display());
    None
}

/// What the server says of each file, as `line:column message`.
fn ask(server: &Path, files: &[PathBuf]) -> BTreeMap<PathBuf, Vec<String>> {
    let output =
        Command::new("node").arg(root().join("tests/editors/ask.cjs")).arg(server).args(files).output().unwrap();
    let said: BTreeMap<PathBuf, Vec<String>> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(said.len(), files.len());
    said
}

/// Copies what makes a project, but for its trees.
fn copy(from: &Path, to: &Path) {
    let entries = walkdir::WalkDir::new(from).into_iter();
    let kept =
        entries.filter_entry(|entry| !["golden", "rendered", ".git"].contains(&entry.file_name().to_str().unwrap()));
    for entry in kept.map(Result::unwrap).filter(|entry| entry.file_type().is_file()) {
        let to = to.join(entry.path().strip_prefix(from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(entry.path(), to).unwrap();
    }
}

/// Writes what editors need, and gives the files that it was written into.
fn prepared(project: &Project) -> Vec<PathBuf> {
    let ran = project.run(&["schema", "modeline", "--write", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran}");
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let files = report["files"].as_array().unwrap().iter();
    files.map(|file| project.root.join(file["path"].as_str().unwrap())).collect()
}

#[test]
fn the_server_has_nothing_to_say_of_our_own_files() {
    let Some(server) = server() else { return };
    let platform = Project::empty();
    for folder in ["environments", "examples", "schemas", "templates"] {
        copy(&root().join(folder), &platform.root.join(folder));
    }
    fs::copy(root().join("platc.yaml"), platform.root.join("platc.yaml")).unwrap();
    let mut files = prepared(&platform);
    let layers = files.iter().filter(|file| file.parent().unwrap().ends_with("base")).count();
    assert!(layers > 10, "the layers that environments extend are among the files: {files:?}");
    for example in ["minimal", "app", "starters/minimal", "starters/app", "starters/platform"] {
        let project = Project { root: platform.root.join("examples").join(example) };
        files.extend(prepared(&project));
        std::mem::forget(project); // its folder is a part of the other
    }
    let said: Vec<_> = ask(&server, &files).into_iter().filter(|(_, said)| !said.is_empty()).collect();
    assert!(said.is_empty(), "{said:#?}");
}

/// A schema with all that layers can be strange in.
const SCHEMA: &str = r#"
type: object
additionalProperties: false
required: [region, cluster, pools, release]
properties:
  region: {type: string, enum: [eu-central-1, eu-west-1]}
  release: {enum: ["1.30", "1.31"]}
  tags:
    type: object
    propertyNames: {pattern: "^[A-Z]"}
    additionalProperties: {type: string}
  cluster:
    type: object
    additionalProperties: false
    required: [version, nodes]
    properties:
      version: {type: string}
      public: {type: boolean}
      nodes: {type: integer, minimum: 1}
  pools:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
    minItems: 2
    items:
      type: object
      additionalProperties: false
      required: [name, cpu]
      properties:
        name: {type: string}
        cpu: {type: integer}
  zones:
    type: array
    x-kubernetes-list-type: set
    minItems: 2
    items: {type: string}
  access:
    oneOf:
      - {type: object, required: [role], properties: {role: {type: string}, path: {type: string}}, additionalProperties: false}
      - {type: object, required: [user], properties: {user: {type: string}, path: {type: string}}, additionalProperties: false}
"#;

const BASE: &str = "\
region: eu-central-1
release: 1.30
tags: {Owner: me, Centre: 4200}
cluster: {version: 1.35, public: false, nodes: 3}
pools:
  - {name: general, cpu: 8}
  - {name: batch, cpu: 4}
zones: [a, b]
access: {role: reader, path: /}
";

/// Overlays that are right.
const RIGHT: [(&str, &str); 9] = [
    ("empty", ""),
    ("one-value", "cluster: {nodes: 5}"),
    ("number-for-text", "cluster: {version: 1.36}\nrelease: 1.31"),
    ("word-for-text", "cluster: {version: on}\ntags: {Owner: true}"),
    ("deletes", "tags: null\naccess: null"),
    ("part-of-a-list", "pools:\n  - name: batch\n    cpu: 2\nzones: [c]"),
    (
        "words-about-items",
        "pools:\n  - {name: arm, cpu: 2}\n  - {name: batch, $patch: delete}\nzones: [{$patch: delete, value: a}, c]",
    ),
    (
        "words-about-maps",
        "tags: {$patch: replace, Centre: 7}\npools: [{$patch: replace}, {name: a, cpu: 1}, {name: b, cpu: 1}]",
    ),
    ("other-form", "access: {path: /readers}"),
];

/// Overlays that are wrong, and in which line of the file; the first two are the modeline and `extends`.
const WRONG: [(&str, &str, u32); 6] = [
    ("unknown-key", "regoin: eu-west-1", 3),
    ("unknown-key-below", "cluster:\n  nodes: 5\n  vesion: 1.36", 5),
    ("wrong-word", "region: eu-north-9", 3),
    ("text-for-number", "cluster:\n  nodes: many", 4),
    ("too-small", "cluster:\n  nodes: 0", 4),
    ("unknown-key-of-an-item", "pools:\n  - name: batch\n    gpu: 2", 5),
];

#[test]
fn the_server_says_what_platc_says() {
    let Some(server) = server() else { return };
    let project = Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", SCHEMA)
        .file("environments/base/base.yaml", BASE)
        .file("templates/all.yaml.j2", "all: {{ platc.environment }} {{ region }}{{ release }}{{ cluster.nodes }}\n");
    let overlays =
        RIGHT.iter().map(|&(name, text)| (name, text)).chain(WRONG.iter().map(|&(name, text, _)| (name, text)));
    for (name, text) in overlays {
        project.write(&format!("environments/{name}/environment.yaml"), format!("extends: [../base]\n{text}\n"));
    }
    let files = prepared(&project);
    assert_eq!(files.len(), RIGHT.len() + WRONG.len() + 1, "with the base");
    let said = ask(&server, &files);
    let of = |name: &str| &said[&project.root.join(format!("environments/{name}/environment.yaml"))];
    assert_eq!(said[&project.root.join("environments/base/base.yaml")], [""; 0]);
    let validate = |name: &str| project.run(&["validate", name, "--format", "json"]);
    for (name, _) in RIGHT {
        let ran = validate(name);
        assert_eq!((ran.code, of(name).as_slice()), (0, &[][..]), "{name}: {ran}");
    }
    for (name, _, line) in WRONG {
        let ran = validate(name);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let errors = report["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "error");
        let lines: Vec<_> = errors.map(|finding| finding["line"].as_u64().unwrap()).collect();
        assert_eq!((ran.code, lines), (1, vec![u64::from(line)]), "{name}: {ran}");
        let theirs: Vec<_> = of(name).iter().map(|said| said.split(':').next().unwrap()).collect();
        assert_eq!(theirs, [line.to_string()], "{name}: {:?}", of(name));
    }
}
