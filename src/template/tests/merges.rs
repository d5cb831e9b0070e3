//! `merge` in front matter.

use crate::artifact::Body;
use crate::limits::Limits;
use crate::source::Sources;
use crate::template::EnvironmentInput;
use crate::template::testing::{findings, load, render_all, tree, value, yaml};
use crate::value::Value;

fn document(body: Body) -> Value {
    match body {
        Body::Documents(mut values) => values.remove(0),
        other => panic!("{other:?} is no document"),
    }
}

#[test]
fn a_map_is_laid_over_the_document() {
    let template = "{#- platc\nmerge: over\n-#}\na: {{ n }}\nb: {c: 1, d: [1]}\n";
    let over = "n: 1\nover: {b: {c: x, d: [2], e: {f: 1}}}\n";
    assert_eq!(value(template, over), yaml("{a: 1, b: {c: x, d: [2], e: {f: 1}}}"));
}

#[test]
fn nothing_is_merged_where_nothing_is_set() {
    let template = "{#- platc\nmerge: addons.values\n-#}\na: 1\n";
    for environment in ["addons: {}", "addons: {values: {}}", "addons: {values: null}"] {
        assert_eq!(value(template, environment), yaml("{a: 1}"), "{environment}");
    }
}

#[test]
fn a_template_without_text_makes_what_is_merged() {
    for text in ["", "\n", "{}", "{# nothing #}\n"] {
        let template = format!("{{#- platc\nmerge: over\n-#}}\n{text}");
        assert_eq!(value(&template, "over: {a: {b: 1}}"), yaml("{a: {b: 1}}"), "{text:?}");
        assert_eq!(value(&template, "x: 1"), yaml("{}"), "{text:?}");
    }
}

#[test]
fn expressions_and_loop_variables_can_be_merged() {
    let template = "{#- platc\noutput: '{{ name }}.yaml'\nfor_each: name, pool in pools\nmerge: merge(all, pool.over)\n-#}\na: 1\n";
    let environment = "all: {b: 1}\npools: {x: {over: {c: 1}}, y: {over: {b: 2}}}\n";
    let made = render_all(&[("test.yaml.j2", template)], environment);
    let documents: Vec<_> = made.artifacts.into_iter().map(|artifact| document(artifact.body)).collect();
    assert_eq!(documents, [yaml("{a: 1, b: 1, c: 1}"), yaml("{a: 1, b: 2}")]);
}

#[test]
fn the_author_s_digits_are_kept() {
    let template = "{#- platc\nmerge: over\n-#}\na: 1\n";
    let made = render_all(&[("test.yaml.j2", template)], "over: {v: 1.50}");
    let document = document(made.artifacts.into_iter().next().unwrap().body);
    let Some(Value::Number(number)) = document.get("v") else { panic!("{document:?}") };
    assert_eq!(number.to_string(), "1.50");
}

#[test]
fn what_cannot_be_merged_is_told_with_its_place() {
    let template = |line: &str, text: &str| format!("{{#- platc\n{line}\n-#}}\n{text}\n");
    let shown = [
        findings(&template("merge: over", "a: 1"), "over: [1, 2]"),
        findings(&template("merge: over", "- 1"), "over: {a: 1}"),
        findings(&template("merge: addns.values", "a: 1"), "addons: {values: {a: 1}}"),
        findings(&template("output: x.txt\nmerge: over", "a: 1"), "over: {a: 1}"),
        findings(&template("merge: over ++", "a: 1"), "over: {a: 1}"),
    ];
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn a_merged_value_comes_from_the_environment() {
    let sources = Sources::default();
    let root = tree(&sources, "name: prod\naddons:\n  values:\n    b:\n      c: 2\n    new: [1, {x: why}]\n");
    let template = "{#- platc\nmerge: addons.values\n-#}\na: {{ name }}\nb:\n  c: 1\n  d: 1\nz: 1\n";
    let (templates, own) = load(&[("a.yaml.j2", template)]);
    let input =
        EnvironmentInput { name: "test", root: &root, reads: None, account: &crate::account::Account::unbounded() };
    let origins =
        templates.iter().next().unwrap().origins(&input, "a.yaml".into(), &Limits::default()).unwrap().remove(0);
    let said = |path: &str| {
        let said = origins.at(&path.parse().unwrap()).unwrap();
        let named = said.source.iter().chain(&said.inputs);
        let values = named.map(|source| format!("{}={}", source.path, sources.slice(source.span())));
        (own.slice(said.template), values.collect::<Vec<_>>().join(" "))
    };
    let is = |template: &str, values: &str| (template.to_owned(), values.to_owned());
    assert_eq!(said("a"), is("name", "name=prod"));
    assert_eq!(said("b.c"), is("addons.values", "addons.values.b.c=2"));
    assert_eq!(said("b.d"), is("1", ""));
    assert_eq!(said("new[1].x"), is("addons.values", "addons.values.new[1].x=why"));
    assert_eq!(said("z"), is("1", ""));
}

#[test]
fn a_computed_map_still_knows_the_environment_s_values() {
    let sources = Sources::default();
    let root = tree(&sources, "one: {b: {c: 2}}\ntwo: {d: {e: 3}}\n");
    let (templates, _) = load(&[("a.yaml.j2", "{#- platc\nmerge: merge(one, two)\n-#}\na: 1\n")]);
    let input =
        EnvironmentInput { name: "test", root: &root, reads: None, account: &crate::account::Account::unbounded() };
    let origins =
        templates.iter().next().unwrap().origins(&input, "a.yaml".into(), &Limits::default()).unwrap().remove(0);
    let said = origins.at(&"d.e".parse().unwrap()).unwrap();
    let lines: Vec<_> = said.source.iter().chain(&said.inputs).map(|source| sources.slice(source.span())).collect();
    assert_eq!(lines, ["3"]);
}
