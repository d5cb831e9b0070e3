//! What Kubernetes' own validation refused, asked again of our rules: `tests/kubernetes-validation/README.md`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{Schemas, checks};
use crate::artifact::{Artifact, Body, Target};
use crate::check::{Draft, Laid, Missing, Report, View};
use crate::disk::Memory;
use crate::finding::{Findings, Severity};
use crate::limits::Limits;
use crate::source::{Sources, Span};
use crate::value::{Number, Value};

/// Rules that say what the API server refuses.
const OF_SERVER: [&str; 19] = [
    "kubernetes/cron",
    "kubernetes/data",
    "kubernetes/disruption-budget",
    "kubernetes/fields",
    "kubernetes/host",
    "kubernetes/hpa-replicas",
    "kubernetes/label",
    "kubernetes/limit-range",
    "kubernetes/name",
    "kubernetes/object",
    "kubernetes/pod",
    "kubernetes/quantity",
    "kubernetes/rbac",
    "kubernetes/resources",
    "kubernetes/selector",
    "kubernetes/service",
    "kubernetes/type",
    "kubernetes/unknown-field",
    "kubernetes/value",
];

/// What they say besides, of what it takes and does not work.
const BESIDES: [&str; 8] = [
    "are thousandths of a byte",
    "of cpu are",
    "of memory are",
    "is no verb, so it allows nothing",
    "is spread by pods that are not its own",
    "the container must not run as root",
    "lets no pod go",
    // `kubectl` refuses it; the server would make a name.
    "this `LimitRange` has no name",
];

/// What is said of one object that means that the API server refuses it.
fn errors(object: &Json) -> Vec<String> {
    let (sources, limits, disk) = (Sources::default(), Limits::default(), Memory::default());
    let place = Span::file_start(sources.add("object.yaml", ""));
    let artifact = Artifact {
        path: "object.yaml".into(),
        template: "object.yaml".into(),
        place,
        target: Some(Target::Kubernetes),
        body: Body::Documents(vec![value(object)]),
    };
    let artifacts = [artifact];
    let laid = Laid::out(&artifacts);
    let view = View::new("test", &laid);
    let mut report = Report::default();
    for judge in checks().filter_map(|check| check.judge(Missing::Nothing)) {
        judge(&view, &mut report);
    }
    Schemas::new("schemas".into(), &disk, &sources, &limits).judge(&view, true, &mut report, &mut Findings::default());
    let is_of_server = |draft: &&Draft| {
        draft.rule.severity == Severity::Error
            && OF_SERVER.contains(&draft.rule.id)
            && !BESIDES.iter().any(|said| draft.message.contains(said))
    };
    report.drafts().iter().filter(is_of_server).map(|draft| format!("{}: {}", draft.rule.id, draft.message)).collect()
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Number(match number.as_i64() {
            Some(number) => Number::Int(number),
            None => Number::float(number.as_f64().unwrap()).unwrap(),
        }),
        Json::String(text) => Value::String(text.as_str().into()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(entries) => {
            Value::Map(entries.iter().map(|(key, below)| (Arc::from(key.as_str()), value(below))).collect())
        }
    }
}

/// Changes one place of an object, as a question says.
fn changed(object: &Json, question: &Json) -> Json {
    let mut whole = object.clone();
    let steps = question["at"].as_array().unwrap();
    let (last, around) = steps.split_last().unwrap();
    let mut node = &mut whole;
    for step in around {
        node = match step.as_str() {
            Some(key) => &mut node[key],
            None => &mut node[usize::try_from(step.as_u64().unwrap()).unwrap()],
        };
    }
    let new = question.get("to").cloned();
    match (node, new) {
        (Json::Object(entries), Some(new)) => _ = entries.insert(last.as_str().unwrap().to_owned(), new),
        (Json::Object(entries), None) => _ = entries.shift_remove(last.as_str().unwrap()),
        (Json::Array(items), new) => {
            let at = usize::try_from(last.as_u64().unwrap()).unwrap();
            match new {
                Some(new) if at == items.len() => items.push(new),
                Some(new) => items[at] = new,
                None => _ = items.remove(at),
            }
        }
        (other, _) => panic!("{question}: {other}"),
    }
    whole
}

/// How many of the objects that Kubernetes refuses are refused here as well, and which it takes and we do not.
#[test]
fn what_kubernetes_refuses_is_an_error_and_what_it_takes_is_none() {
    let lines = include_str!("../../tests/kubernetes-validation/answers.jsonl").lines();
    let (mut objects, mut known) = (BTreeMap::new(), BTreeMap::new());
    let (mut refused, mut missed, mut false_alarms) = (0, Vec::new(), Vec::new());
    for line in lines.map(|line| serde_json::from_str::<Json>(line).unwrap()) {
        if let Some(object) = line.get("object") {
            let name = format!("{}/{}", object["kind"].as_str().unwrap(), object["metadata"]["name"].as_str().unwrap());
            known.insert(name.clone(), errors(object));
            objects.insert(name, object.clone());
            continue;
        }
        let of = line["of"].as_str().unwrap();
        let (object, known) = (&objects[of], &known[of]);
        assert!(known.is_empty(), "{of}: {known:?}");
        let said = errors(&changed(object, &line));
        match (line["says"].as_array().unwrap().is_empty(), said.is_empty()) {
            (true, true) => {}
            (true, false) => false_alarms.push(format!("{line}: {said:?}")),
            (false, true) => {
                refused += 1;
                missed.push(line.to_string());
            }
            (false, false) => refused += 1,
        }
    }
    assert!(false_alarms.is_empty(), "{} false alarms:\n{}", false_alarms.len(), false_alarms.join("\n"));
    assert!(missed.len() * 20 <= refused, "{} of {refused} missed:\n{}", missed.len(), missed.join("\n"));
}

/// For whoever measures: what is said of each object in a file, a line of JSON each, written beside it.
#[test]
#[ignore = "measures what is in target/kubernetes-validation"]
#[allow(clippy::disallowed_methods, reason = "files of whoever measures")]
fn objects_of_a_file_are_judged() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/kubernetes-validation");
    let objects = std::fs::read_to_string(folder.join("objects.jsonl")).unwrap();
    let said = objects.lines().map(|line| Json::from(errors(&serde_json::from_str(line).unwrap())).to_string() + "\n");
    std::fs::write(folder.join("errors.jsonl"), said.collect::<String>()).unwrap();
}
