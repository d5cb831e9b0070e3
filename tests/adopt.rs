//! `platc adopt`: what other tools render becomes templates, layers and a schema that make the same; nothing else of the
//! project changes.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests build real projects and read real files")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use camino::Utf8Path;
use platc::adopt::read::{From, Reader};
use platc::adopt::{self, Request};
use platc::disk::Memory;
use platc::finding::Findings;
use platc::limits::Limits;
use platc::pipeline::Inputs;
use platc::project::Project as Loaded;
use platc::schema::Schema;
use platc::source::Sources;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use support::Project;

const SCHEMA: &str =
    "type: object\nadditionalProperties: false\nproperties:\n  # Who is called at night.\n  team: {type: string}\n";

fn project() -> Project {
    Project::empty()
        .file("platc.yaml", "")
        .file("schemas/environment.schema.yaml", SCHEMA)
        .file("environments/base/team.yaml", "team: shop\n")
        .file("environments/dev/environment.yaml", "extends: [../base]\n")
        .file("environments/prod/environment.yaml", "extends: [../base]\n")
        .file("templates/team.txt.j2", "{{ team }}\n")
}

/// What `kustomize build` prints for an environment.
fn web(environment: &str, replicas: u32, tag: &str, more: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop-{environment}, creationTimestamp: null}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}, annotations: {{motd: '{{{{ .Values }}}}'}}}}
    spec:
      containers:
        - name: web
          image: ghcr.io/shop/web:{tag}
          env:
            - {{name: LEVEL, value: info}}
{more}---
apiVersion: v1
kind: Secret
metadata: {{name: web, namespace: shop-{environment}}}
data: {{password: aHVudGVyMg==}}
"
    )
}

const IN_PROD: &str = "            - {name: DB, value: db.example.com}\n---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop-prod}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
";

fn rendered() -> Project {
    project().file("out/dev.yaml", web("dev", 1, "1.3", "")).file("out/prod.yaml", web("prod", 3, "1.2", IN_PROD))
}

const ADOPT: [&str; 6] = ["adopt", "web", "--as", "dev=out/dev.yaml", "--as", "prod=out/prod.yaml"];

/// All files of a project but those of an application.
fn others(project: &Project) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                walk(root, &path, found);
            } else if !name.contains("web") {
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&project.root, &project.root, &mut found);
    found
}

#[test]
fn what_environments_have_in_common_is_written_once() {
    let project = rendered();
    let before = others(&project);
    let ran = project.run(&ADOPT);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.starts_with("3 objects of 2 environments, all equal when rendered: 2 templates, "), "{ran}");
    assert!(ran.stderr.contains("left out, for it holds a secret: Secret shop-dev/web of dev"), "{ran}");
    insta::assert_snapshot!(project.read("templates/web/deployment.yaml.j2"));
    insta::assert_snapshot!(project.read("schemas/environment/web.schema.yaml"));
    assert_eq!(
        project.read("templates/web/poddisruptionbudget.yaml.j2").lines().take(3).collect::<Vec<_>>(),
        ["{#- platc", "when: web.disruptionBudget.enabled", "-#}"]
    );
    let layers = ["base", "prod"].map(|layer| project.read(&format!("environments/{layer}/web.yaml")));
    insta::assert_snapshot!(layers.join("---\n"));
    // What most environments have is that of the first, if all differ.
    assert!(!project.exists("environments/dev/web.yaml"));
    // All else is as it was, but for one line.
    let mut after = others(&project);
    let schema = after.insert("schemas/environment.schema.yaml".to_owned(), SCHEMA.to_owned()).unwrap();
    assert_eq!(schema, format!("{SCHEMA}  web:\n    $ref: environment/web.schema.yaml\n"));
    assert_eq!(before, after);
    assert_eq!(project.run(&["render", "--all"]).code, 0);
    assert!(project.read("rendered/prod/web/deployment.yaml").contains("image: \"ghcr.io/shop/web:1.2\""));
    let again = project.run(&ADOPT);
    assert!(again.code == 0 && again.stderr.ends_with("nothing has changed since\n"), "{again}");
}

#[test]
fn a_dry_run_and_a_changed_source_are_shown_and_nothing_is_written() {
    let project = rendered();
    let before = others(&project);
    let ran = project.run(&[&ADOPT[..], &["--dry-run"]].concat());
    assert!(ran.code == 0 && ran.stdout.contains("+++ b/templates/web/deployment.yaml.j2"), "{ran}");
    assert!(before == others(&project) && !project.exists("templates/web"));
    assert_eq!(project.run(&ADOPT).code, 0);
    project.write("out/prod.yaml", web("prod", 5, "1.2", IN_PROD));
    let ran = project.run(&ADOPT);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stdout.contains("-  replicas: 3\n") && ran.stdout.contains("+  replicas: 5\n"), "{ran}");
    assert!(project.read("environments/prod/web.yaml").contains("replicas: 3"));
}

#[test]
fn the_difference_of_a_dry_run_has_no_secret_in_it() {
    let secret = |number: u8| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata: {{p: TEVBS2RhdGE{number}}}\nstringData: {{q: rawLEAK{number}}}\n"
        )
    };
    let project = project().file("out/dev.yaml", secret(1)).file("out/prod.yaml", secret(2));
    let ran = project.run(&[&ADOPT[..], &["--with-secrets", "--dry-run"]].concat());
    assert!(ran.code == 0 && ran.stdout.contains("+++ b/templates/web/"), "{ran}");
    assert!(!ran.stdout.contains("LEAK") && !ran.stdout.contains("TEVBS2Rh"), "{ran}");
}

#[test]
#[cfg(unix)]
fn a_folder_that_is_a_link_out_of_the_project_is_not_read() {
    let project = project();
    let elsewhere = Project::empty()
        .file("a.yaml", web("dev", 1, "1.3", ""))
        .file("Chart.yaml", "apiVersion: v2\nname: w\nversion: 1.0.0\n");
    std::os::unix::fs::symlink(&elsewhere.root, project.root.join("out")).unwrap();
    project.write(".git/sub/a.yaml", web("dev", 1, "1.3", ""));
    std::os::unix::fs::symlink(".git/sub", project.root.join("own")).unwrap();
    for line in [
        &["adopt", "web", "--as", "dev=out", "--dry-run"][..],
        &["adopt", "web", "--as", "dev=out/a.yaml", "--dry-run"],
        &["adopt", "web", "--as", "dev=own", "--dry-run"],
        &["schema", "import", "out"],
        &["schema", "import", "out/a.yaml"],
        &["chart", "template", "./out"],
    ] {
        let ran = project.run(line);
        assert!(
            ran.code == 2 && (ran.stderr.contains("leads out of the project") || ran.stderr.contains("git")),
            "{line:?}: {ran}"
        );
    }
}

#[test]
fn environments_that_do_not_have_it_get_nothing() {
    let project = rendered().file("environments/stage/environment.yaml", "extends: [../base]\n");
    assert_eq!(project.run(&ADOPT).code, 0);
    let ran = project.run(&["render", "--all"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(project.exists("rendered/dev/web/deployment.yaml") && !project.exists("rendered/stage/web"));
    assert!(project.exists("rendered/stage/team.txt"));
}

#[test]
fn what_is_not_equal_is_told_and_nothing_is_written() {
    let text = web("prod", 3, "1.2", "").replace("info", "\"a\\uE001b\"");
    let project = rendered().file("out/prod.yaml", text);
    let before = others(&project);
    let ran = project.run(&ADOPT);
    assert!(
        ran.code == 1 && ran.stderr.contains("[adopt/not-equal]") && ran.stderr.contains("out/prod.yaml:1:1"),
        "{ran}"
    );
    assert!(before == others(&project) && !project.exists("templates/web") && !project.exists(".platc-new"));
}

#[test]
fn stacks_and_files_are_adopted_by_their_paths() {
    let stack = |size: &str| {
        format!(
            "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: !Sub '${{AWS::StackName}}-q'\n      DelaySeconds: {size}\n"
        )
    };
    let project = project()
        .file("out/dev/queue/template.yaml", stack("1"))
        .file("out/prod/queue/template.yaml", stack("2"))
        .file("out/dev/x.template.json", "{\"a\": {\"b\": 1, \"c\": [1, 2]}}")
        .file("out/prod/x.template.json", "{\"a\": {\"b\": 2, \"c\": [1, 2]}}");
    let ran = project.run(&["adopt", "stacks", "--as", "dev=out/dev", "--as", "prod=out/prod"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(project.read("templates/stacks/queue/template.yaml.j2").contains("DelaySeconds: {{ stacks."));
    assert!(project.exists("templates/stacks/x.template.json.j2"));
}

/// Values such as others write them.
fn value() -> impl Strategy<Value = Json> {
    let words = [
        "a",
        "on",
        "1.30",
        "0755",
        "",
        " x",
        "a: b",
        "#",
        "{{ x }}",
        "{% if %}",
        "${#a}",
        "{% endraw %}",
        "x-dev",
        "a\nb\n",
        "a\n\n  b",
        "- a",
        "~",
        "é",
        "'\"\\",
    ];
    let leaf = prop_oneof![
        4 => proptest::sample::select(words.to_vec()).prop_map(|text| json!(text)),
        1 => "[ -~]{0,12}".prop_map(|text| json!(text)),
        2 => any::<i32>().prop_map(|number| json!(number)),
        1 => Just(json!(0.5)),
        1 => any::<bool>().prop_map(|value| json!(value)),
        1 => Just(Json::Null),
    ];
    let keys = ["a", "b-c", "d.e/f", "name", "image", "on", "1", "{{k}}", "env", "items"];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let entry = (proptest::sample::select(keys.to_vec()), inner.clone());
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Json::Array),
            proptest::collection::vec(entry, 0..5).prop_map(|entries| Json::Object(
                entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

/// The same with something else at one of its places; nothing takes it out.
fn edit(value: &mut Json, mut at: usize, new: Option<&Json>) {
    match value {
        Json::Object(entries) if !entries.is_empty() => {
            let key = entries.keys().nth(at % entries.len()).unwrap().clone();
            at /= entries.len();
            let is_leaf = !entries[&key].is_object() && !entries[&key].is_array();
            match new {
                _ if !is_leaf && !at.is_multiple_of(3) => edit(entries.get_mut(&key).unwrap(), at / 3, new),
                Some(new) => drop(entries.insert(key, new.clone())),
                None => drop(entries.remove(&key)),
            }
        }
        Json::Array(items) if !items.is_empty() => {
            let place = at % items.len();
            at /= items.len();
            match new {
                _ if !at.is_multiple_of(3) => edit(&mut items[place], at / 3, new),
                Some(new) => items.insert(place, new.clone()),
                None => drop(items.remove(place)),
            }
        }
        Json::Object(_) | Json::Array(_) => {}
        leaf => *leaf = new.cloned().unwrap_or(Json::Null),
    }
}

type Edits = Vec<(usize, usize, usize, Option<Json>)>;

/// Objects, each in three environments, with some edits in some of them.
fn families() -> impl Strategy<Value = Vec<Vec<Json>>> {
    let edits =
        proptest::collection::vec((0..3_usize, 0..4_usize, any::<usize>(), proptest::option::of(value())), 0..8);
    (proptest::collection::vec(value(), 1..4), edits).prop_map(|(specs, edits): (Vec<Json>, Edits)| {
        let mut all = vec![specs; 3];
        for (environment, object, at, new) in edits {
            let specs = &mut all[environment];
            let object = object % specs.len().max(1);
            if let Some(spec) = specs.get_mut(object) {
                edit(spec, at, new.as_ref());
            }
        }
        let object = |(at, spec): (usize, Json)| {
            let kind = ["Thing", "ConfigMap"][at % 2];
            json!({"apiVersion": "example.org/v1", "kind": kind, "metadata": {"name": format!("x-{at}")}, "spec": spec})
        };
        all.into_iter().map(|specs| specs.into_iter().enumerate().map(object).collect()).collect()
    })
}

/// Whether the last step can be done is asked before the first one.
#[test]
fn nothing_is_written_where_templates_are_a_link() {
    let project = rendered();
    std::fs::rename(project.root.join("templates"), project.root.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", project.root.join("templates")).unwrap();
    let before = others(&project);
    let ran = project.run(&ADOPT);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("symbolic link"), "{ran}");
    assert_eq!(others(&project), before);
    assert!(!project.exists("environments/base/web.yaml") && !project.exists(".platc-new"));
}

/// Folders are made in `.platc-new`, which is removed before. One that git tracks is somebody's.
#[test]
fn a_folder_that_git_tracks_is_not_removed() {
    let project = rendered();
    project.write(".platc-new/mine.yaml", "a: 1\n");
    for args in [&["init", "-q"][..], &["add", "-A"]] {
        assert!(std::process::Command::new("git").args(args).current_dir(&project.root).status().unwrap().success());
    }
    let ran = project.run(&ADOPT);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("`.platc-new` is tracked by git"), "{ran}");
    assert!(project.exists(".platc-new/mine.yaml") && !project.exists("environments/base/web.yaml"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever environments have, what is adopted is equal to it, and it is never refused.
    #[test]
    fn what_is_adopted_is_equal(families in families()) {
        let names = ["dev", "stage", "prod"];
        let mut disk = Memory::default()
            .file("platc.yaml", "")
            .file("schemas/environment.schema.yaml", SCHEMA)
            .file("environments/base/team.yaml", "team: shop\n");
        for name in names {
            disk = disk.file(&format!("environments/{name}/environment.yaml"), "extends: [../base]\n");
        }
        let (sources, limits, mut findings) = (Sources::default(), Limits::default(), Findings::default());
        let project = Loaded::load(&disk, &sources, &limits, &mut findings).unwrap();
        let schema = Schema::load(&disk, &project.config.schema, &sources, &limits, &mut findings).unwrap();
        let mut rendered = Vec::new();
        for (name, objects) in names.iter().zip(&families) {
            let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
            let from = Memory::default().file("all.json", list.to_string());
            let mut reader = Reader { sources: &sources, limits: &limits, with_secrets: false, findings: &mut findings };
            let from = From { disk: &from, shown: Utf8Path::new(name) };
            rendered.push(reader.read(&Arc::from(*name), from, Utf8Path::new("")).ok().unwrap());
        }
        let entries: Vec<_> = names.iter().map(|name| project.find(name, Utf8Path::new("")).unwrap().clone()).collect();
        let inputs = Inputs { disk: &disk, sources: &sources, limits: &limits };
        let request = Request { app: "app", rendered: &rendered, entries: &entries, project: &project, schema: &schema, inputs };
        let adopted = adopt::adopt(&request, &mut findings);
        let said: Vec<String> = findings.iter().map(|it| format!("{} {}", it.rule.id, it.message)).collect();
        prop_assert!(matches!(&adopted, Ok(Some(_))), "{said:#?} {adopted:?}");
    }
}
