//! Kubernetes objects against the schemas of their kinds, by platc's own judge: fields, types and CEL rules.

use std::collections::BTreeMap;

use camino::Utf8Path;
use platc::disk::{Memory, Real};
use platc::environment::Origin;
use platc::finding::Findings;
use platc::limits::Limits;
use platc::schema::{Output, Schema};
use platc::source::{Sources, Span};
use serde_json::{Value, json};

use super::{json as read_json, upstream};
use crate::everywhere;
use crate::tree::{Tree, changed, example, trees};

/// What a schema finds wrong with a YAML text.
pub(crate) fn judged(schema: &Schema, path: &str, text: &str) -> Vec<String> {
    let (sources, mut findings) = (Sources::default(), Findings::default());
    let limits = Limits::default();
    let file = sources.add(path, text);
    let node = platc::yaml::read::read(&sources, file, &limits, &mut findings).expect("it was written by platc");
    let value = node.to_value(&mut findings).expect("it was written by platc");
    let origin = Origin { key: None, value: Span::file_start(file) };
    schema.validate(&Output { value: &value, origin }, &sources, &platc::account::Account::unbounded(), &mut findings);
    findings.iter().map(|finding| format!("{}: {}", finding.rule.id, finding.message)).collect()
}

pub(crate) fn load(disk: &dyn platc::disk::Disk, path: &str) -> Schema {
    let (sources, mut findings) = (Sources::default(), Findings::default());
    let schema = Schema::load(disk, Utf8Path::new(path), &sources, &Limits::default(), &mut findings);
    let told: Vec<_> = findings.iter().map(|finding| format!("{}: {}", finding.rule.id, finding.message)).collect();
    schema.unwrap_or_else(|| panic!("{path}: {told:#?}"))
}

/// The file with a custom resource's definition, by group, kind and version; none for what is Kubernetes' own. Those
/// groups have no point in their names, or end in `.k8s.io`, which no custom resource here does.
fn crd(object: &Value) -> Option<String> {
    let (group, version) = object["apiVersion"].as_str().unwrap().split_once('/')?;
    let kind = object["kind"].as_str().unwrap();
    (group.contains('.') && !group.ends_with(".k8s.io")).then(|| format!("{group}_{kind}_{version}.json"))
}

/// The definition of one of Kubernetes' own kinds.
fn definition(object: &Value) -> String {
    let (group, version) = object["apiVersion"]
        .as_str()
        .unwrap()
        .split_once('/')
        .unwrap_or(("core", object["apiVersion"].as_str().unwrap()));
    let group = group.split('.').next().unwrap();
    format!("io.k8s.api.{group}.{version}.{}", object["kind"].as_str().unwrap())
}

/// A judge of texts by one custom resource's definition: for what a chart makes of values.
pub(crate) fn kind(file: &str) -> Option<impl Fn(&str) -> Vec<String>> {
    let crds = upstream("crds")?;
    let disk = Real::open(Utf8Path::from_path(&crds).unwrap()).unwrap();
    let schema = load(&disk, file);
    Some(move |text: &str| judged(&schema, "object.yaml", text))
}

/// Judges the custom resources of trees, loading each definition once.
pub(crate) fn judge_custom_resources<'a>(trees: impl IntoIterator<Item = &'a Tree>) -> Vec<usize> {
    let Some(crds) = upstream("crds") else { return Vec::new() };
    let disk = Real::open(Utf8Path::from_path(&crds).unwrap()).unwrap();
    let mut definitions: BTreeMap<String, Schema> = BTreeMap::new();
    let mut counts = Vec::new();
    for tree in trees {
        let mut count = 0;
        for (path, object) in tree.objects() {
            let Some(file) = crd(object) else { continue };
            assert!(crds.join(&file).exists(), "{path}: there is no definition {file}");
            let schema = definitions.entry(file).or_insert_with_key(|file| load(&disk, file));
            let wrong = judged(schema, path, tree.text(path));
            assert!(wrong.is_empty(), "{path} of {}: {wrong:#?}", tree.environment);
            count += 1;
        }
        counts.push(count);
    }
    counts
}

#[test]
fn custom_resources_hold_to_their_definitions() {
    for count in judge_custom_resources(trees()) {
        assert!(count >= 12, "{count} objects");
    }
}

#[test]
fn cluster_policies_hold_to_their_definition() {
    judge_custom_resources([&changed("prod", &["security.policyApi=cluster-policy"])]);
}

#[test]
fn a_wrong_field_and_a_broken_rule_of_a_custom_resource_are_found() {
    let Some(crds) = upstream("crds") else { return };
    let disk = Real::open(Utf8Path::from_path(&crds).unwrap()).unwrap();
    let schema = load(&disk, "karpenter.sh_NodePool_v1.json");
    let good = trees()[2].text("operations-addons/karpenter/nodes/nodepool-general.yaml");
    assert_eq!(judged(&schema, "good.yaml", good), Vec::<String>::new());
    let bad = good.replace("consolidateAfter", "consolidatedAfter");
    assert_ne!(bad, good);
    assert!(!judged(&schema, "bad.yaml", &bad).is_empty());

    let schema = load(&disk, "karpenter.k8s.aws_EC2NodeClass_v1.json");
    let good = trees()[2].text("operations-addons/karpenter/nodes/ec2nodeclass-default.yaml");
    let both = good.replace("  role: ", "  instanceProfile: nodes\n  role: ");
    assert_ne!(both, good);
    let wrong = judged(&schema, "both.yaml", &both);
    assert!(wrong.iter().any(|told| told.starts_with("schema/rule: ")), "{wrong:?}");
}

/// One kind of Kubernetes' own API as a schema by itself, closed against unknown fields as `kubectl apply` is.
fn built_in(definitions: &Value, name: &str) -> Value {
    let mut wanted = vec![name.to_owned()];
    let mut kept = serde_json::Map::new();
    while let Some(name) = wanted.pop() {
        if kept.contains_key(&name) {
            continue;
        }
        let mut definition = definitions[&name].clone();
        assert!(definition.is_object(), "no definition {name}");
        close(&mut definition, &mut wanted);
        kept.insert(name, definition);
    }
    json!({"$ref": format!("#/definitions/{name}"), "definitions": kept})
}

fn close(schema: &mut Value, wanted: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(Value::as_str) {
                wanted.push(name.strip_prefix("#/definitions/").unwrap().to_owned());
            }
            if map.get("properties").is_some_and(Value::is_object) {
                map.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            map.values_mut().for_each(|value| close(value, wanted));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, wanted)),
        _ => {}
    }
}

/// Judges the objects of Kubernetes' own kinds.
pub(crate) fn judge_own_kinds(tree: &Tree) {
    let Some(folder) = upstream("kubernetes") else { return };
    let definitions = &read_json(&folder.join("definitions-v1.35.0.json"))["definitions"];
    for (path, object) in tree.objects().filter(|(_, object)| crd(object).is_none()) {
        let schema = serde_json::to_vec(&built_in(definitions, &definition(object))).unwrap();
        let schema = load(&Memory::default().file("kind.json", schema), "kind.json");
        let wrong = judged(&schema, path, tree.text(path));
        assert!(wrong.is_empty(), "{path} of {}: {wrong:#?}", tree.environment);
    }
}

#[test]
fn objects_of_kubernetes_itself_hold_to_the_api_of_1_35() {
    everywhere(judge_own_kinds);
}

#[test]
fn the_minimal_example_holds_to_the_api_of_1_35() {
    for environment in ["dev", "prod"] {
        let tree = example("minimal", environment);
        assert_eq!(tree.objects().count(), 4);
        judge_own_kinds(&tree);
    }
}
