//! The engine of charts, held against what Helm says: texts equal to the byte, or both refuse. The answers were recorded from
//! Helm's own engine by `tests/chart-engine/oracle`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read real files")]

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use platc::account::Cost;
use platc::chart::engine::{Job, Options, Rendered, Template, render};
use platc::chart::failure::{Failure, FailureKind};
use platc::chart::files;
use platc::chart::marks::{Mark, Marks, Origin};
use platc::chart::meter::Meter;
use platc::chart::text::Text;
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

/// The files, and whether something was called that isn't the same each time: then texts can't be compared.
fn rendered(case: &Case) -> Result<(BTreeMap<String, String>, bool), Failure> {
    let scope = scope(case);
    let mut jobs = Vec::new();
    for (name, text) in &case.templates {
        let template = Arc::new(Template::parse(format!("app/templates/{name}"), &**text)?);
        jobs.push(Job { template, scope: scope.clone(), base_path: "app/templates".into() });
    }
    let meter = Meter::new(Cost { steps: 2_000_000, bytes: 64 << 20 });
    let rendered = render(&jobs, &Options::default(), &meter)?;
    let unsure = !rendered.calls.is_empty();
    let files = rendered.files.into_iter().map(|(name, text)| (name.to_string(), text.str().into_owned()));
    Ok((files.collect(), unsure))
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
            Ok((files, unsure)) => *unsure || (answer.error.is_empty() && *files == answer.files),
            Err(_) => !answer.error.is_empty(),
        };
        if !agrees {
            let ours = ours.map_or_else(|failure| said(&failure), |(files, _)| format!("{files:?}"));
            let helm = if answer.error.is_empty() { format!("{:?}", answer.files) } else { answer.error };
            let values = if case.values.len() > 300 { "long values" } else { &case.values };
            different.push(format!("{:?} with {values}\n  ours: {ours}\n  Helm: {helm}", case.templates));
        }
    }
    (count, different)
}

/// What cases share: definitions, files and values.
#[derive(Deserialize)]
struct Shared {
    helpers: String,
    files: BTreeMap<String, String>,
    values: Vec<serde_json::Value>,
}

/// Known differences: what prints an address, what reads TOML, and what a number of a hundred digits or one in hexadecimal
/// becomes. Here nothing is made, or what is made is known not to be what Helm makes.
const REFUSED_BY_US: usize = 6;

/// Each line has values, a template, and the text that Helm made of it, or nothing where Helm refuses.
#[test]
fn helm_says_the_same() {
    let cases = fs::read_to_string("tests/chart-engine/cases.jsonl").unwrap();
    let mut lines = cases.lines();
    let shared: Shared = serde_json::from_str(lines.next().unwrap()).unwrap();
    let (mut different, mut refused) = (Vec::new(), 0);
    for line in lines {
        let (values, template, text): (usize, String, Option<String>) = serde_json::from_str(line).unwrap();
        let templates = [("a.yaml".to_owned(), template), ("_h.tpl".to_owned(), shared.helpers.clone())];
        let values = shared.values[values].to_string();
        let case = Case { templates: templates.into(), values, files: shared.files.clone() };
        match (rendered(&case), text) {
            (Err(_), None) | (Ok((_, true)), _) => {}
            (Ok((files, false)), Some(text)) if files["app/templates/a.yaml"] == text => {}
            (Err(_), Some(_)) if refused < REFUSED_BY_US => refused += 1,
            (ours, helm) => {
                let ours =
                    ours.map_or_else(|failure| said(&failure), |(files, _)| files["app/templates/a.yaml"].clone());
                different.push(format!("{}\n  ours: {ours:?}\n  Helm: {helm:?}", case.templates["a.yaml"]));
            }
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}

/// All cases of a file, whose answers lie beside it: `PLATC_ENGINE_CASES=FILE cargo test --test chart_engine bulk`.
#[test]
#[expect(clippy::print_stdout, reason = "what differs is printed")]
fn bulk() {
    let Ok(path) = std::env::var("PLATC_ENGINE_CASES") else { return };
    let cases = fs::read_to_string(&path).unwrap();
    let answers = fs::read_to_string(format!("{path}.answers")).unwrap();
    let (count, different) = differences(&cases, &answers);
    println!("{count} cases, {} differ", different.len());
    different.iter().take(200).for_each(|difference| println!("{difference}"));
    assert!(different.is_empty());
}

/// The pieces of a text that have origins of one kind, each in its own words.
fn pieces(text: &Text, told: impl Fn(Origin) -> Option<String>) -> Vec<(String, Vec<String>)> {
    let mut start = 0;
    let mut all = Vec::new();
    for piece in text.pieces() {
        let part = String::from_utf8_lossy(&text.bytes()[start..piece.end]).into_owned();
        let origins: Vec<String> = piece.marks.iter().filter_map(|mark| told(mark.origin())).collect();
        if !origins.is_empty() {
            all.push((part, origins));
        }
        start = piece.end;
    }
    all
}

fn traced(template: &str, traced: bool) -> Rendered {
    let case = Case { templates: BTreeMap::new(), values: "{}".into(), files: BTreeMap::new() };
    let scope = scope(&case);
    let marked = |text: &str, number| Value::text(text).with(&Marks::one(Mark(number)));
    let marked = [("a", marked("one", 1)), ("b", marked("two\nlines", 2)), ("c", marked("", 3))];
    let values = Map::new(MapKind::Values, marked.map(|(key, value)| (Arc::from(key), value)));
    scope.set("Values".into(), values.into());
    let template = Arc::new(Template::parse("app/templates/a.yaml", template).unwrap());
    let jobs = [Job { template, scope, base_path: "app/templates".into() }];
    let meter = Meter::new(Cost { steps: 1_000_000, bytes: 1 << 20 });
    render(&jobs, &Options { traced, ..Options::default() }, &meter).unwrap()
}

fn values_of(template: &str) -> Vec<(String, Vec<String>)> {
    let rendered = traced(template, true);
    pieces(&rendered.files[0].1, |origin| match origin {
        Origin::Value(number) => Some(number.to_string()),
        _ => None,
    })
}

fn owned(all: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    all.iter().map(|(part, origins)| ((*part).to_owned(), owned(origins))).collect()
}

#[test]
fn pieces_keep_where_they_come_from() {
    let a: (&str, &[&str]) = ("one", &["1"]);
    assert_eq!(values_of("x: {{ .Values.a }}"), owned(&[a]));
    assert_eq!(values_of("x: {{ printf \"%s-%s\" .Values.a \"z\" }}"), owned(&[a]));
    assert_eq!(values_of("{{ print .Values.a \"-\" | trimSuffix \"-\" | upper }}"), owned(&[("ONE", &["1"])]));
    assert_eq!(values_of("{{ .Values.b | indent 2 }}"), owned(&[("two\n", &["2"]), ("lines", &["2"])]));
    assert_eq!(values_of("{{ define \"h\" }}h {{ .Values.a }}{{ end }}{{ include \"h\" . | nindent 2 }}"), owned(&[a]));
    assert_eq!(values_of("{{ tpl \"t {{ .Values.a }}\" . }}"), owned(&[a]));
    assert_eq!(values_of("{{ replace \"n\" .Values.a \"xnx\" }}"), owned(&[a]));
    assert_eq!(values_of("{{ toYaml (dict \"k\" .Values.a \"l\" \"z\") }}"), owned(&[("k: one", &["1"])]));
    assert_eq!(values_of("{{ sha256sum .Values.a | trunc 4 }}"), owned(&[("7692", &["1"])]));
    assert_eq!(values_of("{{ default .Values.a .Values.c }}"), owned(&[("one", &["1", "3"])]));
    assert!(traced("{{ .Values.a }}", false).places.is_empty());
}

#[test]
fn what_is_written_knows_its_line_and_why() {
    let rendered = traced("a: 1\n{{ if .Values.a }}b: {{ .Values.b | quote }}{{ end }}\n", true);
    let lines = pieces(&rendered.files[0].1, |origin| match origin {
        Origin::Place(number) => Some(format!("{}:{}", rendered.places[number].line, rendered.places[number].column)),
        Origin::Decision(number) => {
            let values = rendered.decisions[number].marks.iter().map(|mark| mark.0.to_string());
            Some(format!("if {}", values.collect::<Vec<_>>().join(",")))
        }
        _ => None,
    });
    let quoted = ("\"two\\nlines\"", &["2:25", "if 1"] as &[&str]);
    assert_eq!(lines, owned(&[("a: 1\n", &["1:1"]), ("b: ", &["2:19", "if 1"]), quoted, ("\n", &["2:54"])]));
}

#[test]
fn what_is_not_the_same_each_time_is_known_wherever_it_goes() {
    let rendered = traced("a: {{ randAlphaNum 3 | b64enc | quote }}\nb: {{ .Values.a }}\n", false);
    let found = pieces(&rendered.files[0].1, |origin| match origin {
        Origin::Call(number) => Some(rendered.calls[number].function.to_owned()),
        _ => None,
    });
    assert_eq!(found, owned(&[("\"eHh4\"", &["randAlphaNum"])]));
    let decided = traced("{{ if eq (randAlphaNum 3) \"abc\" }}a{{ end }}", false);
    assert_eq!(decided.decisions.len(), 1);
    assert!(traced("{{ $x := now }}{{ .Values.a }}", false).decisions.is_empty());
}

#[test]
fn hostile_templates_end() {
    let endless = [
        "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}",
        "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
        "{{ tpl .Values.t . }}",
        "{{ range until 1000000000 }}x{{ end }}",
        "{{ range 9223372036854775807 }}{{ end }}",
        "{{ repeat 1000000000 \"xxxxxxxxxx\" }}",
        "{{ printf \"%1000000d\" 1 | repeat 1000 }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $d }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ toYaml $d }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ merge (dict \"d\" (dict)) $d }}",
        "{{ $l := list 1 }}{{ range until 100 }}{{ $l = list $l $l }}{{ end }}{{ toJson $l }}",
        "{{ $s := \"x\" }}{{ range until 60 }}{{ $s = print $s $s }}{{ end }}{{ len $s }}",
        "{{ $s := \"x\" }}{{ range until 60 }}{{ $s = replace \"x\" \"xx\" $s }}{{ end }}{{ len $s }}",
        "{{ regexMatch \"((a{100}){100}){100}\" \"a\" | fail }}",
        "{{ indent 1000000000 \"a\\nb\" }}",
    ];
    for template in endless {
        let values = r#"{"t": "{{ tpl .Values.t . }}"}"#.to_owned();
        let templates = [("a.yaml".to_owned(), template.to_owned())].into();
        assert!(rendered(&Case { templates, values, files: BTreeMap::new() }).is_err(), "{template}");
    }
    let deep = "{{ $l := list }}{{ range until 100000 }}{{ $l = list $l }}{{ end }}made";
    let case = Case { templates: [("a.yaml".into(), deep.into())].into(), values: "{}".into(), files: BTreeMap::new() };
    assert_eq!(rendered(&case).unwrap().0["app/templates/a.yaml"], "made");
    for text in [
        "{{",
        "{{ (",
        "{{ \"",
        "{{/*",
        "{{ if",
        "{{ .a.",
        "{{ $",
        "{{ | }}",
        "{{ define }}",
        "{{ (((((",
        "{{ 'a",
        "é{{é",
    ] {
        assert!(Template::parse("a", text).is_err(), "{text}");
    }
    assert!(Template::parse("a", "{{ ( ".repeat(5000)).is_err());
    assert!(Template::parse("a", "{{ if 1 }}".repeat(5000)).is_err());
}
