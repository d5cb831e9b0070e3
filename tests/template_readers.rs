//! Notorious texts through every position of a template, written out, and read back by everybody else's readers.

#[path = "support/readers.rs"]
mod readers;
#[path = "support/values.rs"]
mod values;

use std::sync::Arc;

use camino::Utf8Path;
use platc::disk::Memory;
use platc::environment::{Content, Origin, Tree};
use platc::finding::Findings;
use platc::limits::Limits;
use platc::source::{Sources, Span};
use platc::template::{EnvironmentInput, Templates, has_reserved};
use platc::value::Value;
use platc::yaml::emit;

/// A name, and a template that prints `t`.
const POSITIONS: [(&str, &str); 12] = [
    ("plain", "x: {{ t }}"),
    ("double quotes", "x: \"{{ t }}\""),
    ("single quotes", "x: '{{ t }}'"),
    ("among text", "x: a {{ t }} b"),
    ("literal block", "x: |\n  a\n  {{ t }}\n"),
    ("folded block", "x: >-\n  a\n  {{ t }}"),
    ("key", "{{ t }}: v"),
    ("quoted key", "{\"{{ t }}\": v}"),
    ("flow", "{x: [{{ t }}, {y: {{ t }}}]}"),
    ("macro", "{% macro m(v) %}\nk: {{ v }}\nl: 'a{{ v }}'\n{% endmacro %}\nx: {{ m(t) }}"),
    ("set block", "{% set s %}[{{ t }}, \"{{ t }}\"]{% endset %}x: {{ s }}"),
    ("JSON", "x: {{ {'k': t} | tojson }}"),
];

/// What the artifact has to be, made without any template.
fn expected(position: &str, text: &str) -> Value {
    let string = |text: String| Value::String(text.into());
    let map = |key: &str, value: Value| Value::Map(vec![(Arc::from(key), value)]);
    let plain = || string(text.to_owned());
    match position {
        "among text" => map("x", string(format!("a {text} b"))),
        // A line break at the end of a text that stands alone is that of the line.
        "literal block" => map("x", string(format!("a\n{}\n", text.strip_suffix('\n').unwrap_or(text)))),
        "folded block" => map("x", string(format!("a {text}"))),
        "key" | "quoted key" => map(text, string("v".to_owned())),
        "flow" => map("x", Value::List(vec![plain(), map("y", plain())])),
        "macro" => map("x", Value::Map(vec![("k".into(), plain()), ("l".into(), string(format!("a{text}")))])),
        "set block" => map("x", Value::List(vec![plain(), plain()])),
        "JSON" => map("x", map("k", plain())),
        _ => map("x", plain()),
    }
}

#[test]
fn every_reader_takes_every_text_as_it_was() {
    let limits = Limits::default();
    let mut documents = Vec::new();
    for (position, template) in POSITIONS {
        let sources = Sources::default();
        let mut findings = Findings::default();
        let disk = Memory::default().file("templates/a.yaml.j2", template);
        let templates = Templates::load(&disk, Utf8Path::new("templates"), &sources, &limits, &mut findings);
        let templates = templates.unwrap_or_else(|| panic!("{position}: {findings:?}"));
        let place = Origin { key: None, value: Span::file_start(sources.add("environment.yaml", "")) };
        for text in values::NOTORIOUS.iter().filter(|text| !has_reserved(text)) {
            let leaf = Arc::new(Tree::new(Content::String((*text).into()), place));
            let root = Arc::new(Tree::new(Content::Map([(Arc::from("t"), leaf)].into_iter().collect()), place));
            let input = EnvironmentInput {
                name: "test",
                root: &root,
                reads: None,
                account: &platc::account::Account::unbounded(),
            };
            let made: Vec<_> =
                templates.iter().flat_map(|one| one.render(&input, &sources, &limits, &mut findings)).collect();
            let [artifact] = &made[..] else { panic!("{position}: {text:?}: {findings:?}") };
            let [value] = artifact.body.documents() else { panic!("{position}: not a document") };
            assert_eq!(*value, expected(position, text), "{position}: {text:?}");
            documents.push((emit::document("", value), value.clone()));
        }
    }
    readers::all_agree(&documents);
}
