//! The engine of charts, held against what Helm says: texts equal to the byte, or both refuse. The answers were recorded from
//! Helm's own engine by `tests/chart-engine/oracle`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read real files")]

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use platc::account::Cost;
use platc::chart::engine::{Job, Options, Template, render};
use platc::chart::failure::{Failure, FailureKind};
use platc::chart::files;
use platc::chart::meter::Meter;
use platc::chart::value::{Data, Field, List, ListKind, Map, MapKind, Struct, StructKind, Value};
use serde::Deserialize;

/// Templates with their values as JSON, and what Helm makes of them.
#[derive(Deserialize)]
struct Case {
    templates: BTreeMap<String, String>,
    values: String,
    #[serde(default)]
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    error: String,
}

fn value(read: serde_json::Value) -> Value {
    match read {
        serde_json::Value::Null => Value::NIL,
        serde_json::Value::Bool(it) => it.into(),
        serde_json::Value::Number(it) => it.as_f64().unwrap().into(),
        serde_json::Value::String(it) => Value::text(it),
        serde_json::Value::Array(items) => Value::list(items.into_iter().map(value).collect()),
        serde_json::Value::Object(entries) => Value::map(entries.into_iter().map(|(key, it)| (key.into(), value(it)))),
    }
}

fn field(name: &'static str, json: &'static str, omit_empty: bool, value: Value) -> Field {
    Field { name, json, omit_empty, value }
}

/// What Helm calls `.Chart` for the chart of the cases.
fn chart() -> Value {
    let text = |name, json, it: &str| field(name, json, true, Value::text(it));
    let texts = |all: &[&str]| Value::texts(all.iter().map(|it| Value::text(*it)).collect());
    let nothing = |kind| Data::List(List::new(kind, Vec::new())).into();
    let annotations = Map::new(MapKind::Text, [(Arc::from("a/b"), Value::text("c"))]);
    let fields = vec![
        text("Name", "name", "app"),
        text("Home", "home", ""),
        field("Sources", "sources", true, texts(&[])),
        text("Version", "version", "1.2.3"),
        text("Description", "description", "a chart"),
        field("Keywords", "keywords", true, texts(&["x", "y"])),
        field("Maintainers", "maintainers", true, nothing(ListKind::Pointers("[]*chart.Maintainer"))),
        text("Icon", "icon", ""),
        text("APIVersion", "apiVersion", "v2"),
        text("Condition", "condition", ""),
        text("Tags", "tags", ""),
        text("AppVersion", "appVersion", "4.5"),
        field("Deprecated", "deprecated", true, false.into()),
        field("Annotations", "annotations", true, annotations.into()),
        text("KubeVersion", "kubeVersion", ""),
        field("Dependencies", "dependencies", true, nothing(ListKind::Pointers("[]*chart.Dependency"))),
        text("Type", "type", "application"),
        field("IsRoot", "IsRoot", false, true.into()),
    ];
    Data::Struct(Struct { kind: StructKind::Chart, fields }.into()).into()
}

fn capabilities() -> Value {
    let text = |name, it: &str| field(name, name, false, Value::text(it));
    let version = vec![text("Version", "v1.31.2"), text("Major", "1"), text("Minor", "31")];
    let version = Data::Struct(Struct { kind: StructKind::KubeVersion, fields: version }.into());
    let versions = ["v1", "apps/v1", "batch/v1"].iter().map(|it| Value::text(*it)).collect();
    let fields = vec![
        field("KubeVersion", "KubeVersion", false, version.into()),
        field("APIVersions", "APIVersions", false, Data::List(List::new(ListKind::Versions, versions)).into()),
    ];
    Data::Struct(Struct { kind: StructKind::Capabilities, fields }.into()).into()
}

fn scope(case: &Case) -> Map {
    let Data::Map(values) = value(serde_json::from_str(&case.values).unwrap()).data else { panic!("values are a map") };
    let release = [
        ("Name", Value::text("rel")),
        ("Namespace", Value::text("ns")),
        ("IsUpgrade", false.into()),
        ("IsInstall", true.into()),
        ("Revision", Value::int(1)),
        ("Service", Value::text("Helm")),
    ];
    let files = case.files.iter().map(|(path, text)| (Arc::from(&**path), Arc::from(text.as_bytes())));
    let entries = [
        ("Chart", chart()),
        ("Files", files::new(files).into()),
        ("Release", Value::map(release.map(|(key, value)| (Arc::from(key), value)))),
        ("Capabilities", capabilities()),
        ("Values", values.named(MapKind::Values).into()),
        ("Subcharts", Map::empty().into()),
    ];
    Map::new(MapKind::Any, entries.map(|(key, value)| (Arc::from(key), value)))
}

fn said(failure: &Failure) -> String {
    let message = match &failure.kind {
        FailureKind::Syntax { message, .. } | FailureKind::Execution { message, .. } => message.clone(),
        FailureKind::Refused(message) => message.to_string(),
        FailureKind::OverBudget => "over budget".into(),
    };
    let place = &failure.at[0];
    format!("{}:{}:{}: {message}", place.template, place.line, place.column)
}

fn rendered(case: &Case) -> Result<BTreeMap<String, String>, Failure> {
    let scope = scope(case);
    let mut jobs = Vec::new();
    for (name, text) in &case.templates {
        let template = Arc::new(Template::parse(format!("app/templates/{name}"), &**text)?);
        jobs.push(Job { template, scope: scope.clone(), base_path: "app/templates".into() });
    }
    let meter = Meter::new(Cost { steps: 50_000_000, bytes: 256 << 20 });
    let rendered = render(&jobs, &Options::default(), &meter)?;
    Ok(rendered.files.into_iter().map(|(name, text)| (name.to_string(), text.str().into_owned())).collect())
}

/// What differs, in so many cases; of each the template, and what both say.
fn differences(cases: &str, answers: &str) -> (usize, Vec<String>) {
    let mut different = Vec::new();
    let mut count = 0;
    for (case, answer) in cases.lines().zip(answers.lines()) {
        count += 1;
        let (case, answer): (Case, Answer) =
            (serde_json::from_str(case).unwrap(), serde_json::from_str(answer).unwrap());
        let ours = rendered(&case);
        let agrees = match &ours {
            Ok(files) => answer.error.is_empty() && *files == answer.files,
            Err(_) => !answer.error.is_empty(),
        };
        if !agrees {
            let ours = ours.map_or_else(|failure| said(&failure), |files| format!("{files:?}"));
            let helm = if answer.error.is_empty() { format!("{:?}", answer.files) } else { answer.error };
            let values = if case.values.len() > 300 { "long values" } else { &case.values };
            different.push(format!("{:?} with {values}\n  ours: {ours}\n  Helm: {helm}", case.templates));
        }
    }
    (count, different)
}

/// All cases of a file, whose answers lie beside it: `PLATC_ENGINE_CASES=FILE cargo test --test chart_engine bulk`.
#[test]
fn bulk() {
    let Ok(path) = std::env::var("PLATC_ENGINE_CASES") else { return };
    let cases = fs::read_to_string(&path).unwrap();
    let answers = fs::read_to_string(format!("{path}.answers")).unwrap();
    let (count, different) = differences(&cases, &answers);
    println!("{count} cases, {} differ", different.len());
    different.iter().take(200).for_each(|difference| println!("{difference}"));
    assert!(different.is_empty());
}
