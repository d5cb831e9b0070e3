//! What would be lost without a word is an error.

use crate::template::testing::{findings, render_all, value, yaml};

#[test]
fn keys_and_arguments_that_stand_twice_are_errors() {
    for (template, place) in [
        ("a: {{ {'a': 1, 'a': 2} }}", "test.yaml.j2:1:16"),
        ("a: {{ dict(a=1, a=2) }}", "test.yaml.j2:1:19"),
        ("a: {{ {x: 1, y: 2} }}", "template/duplicate-key"),
        ("a: {{ {'p': 1, x: 2} }}", "template/duplicate-key"),
        ("a: {{ {n: 1, '1': 2} }}", "two keys of this map are `1`"),
    ] {
        let told = findings(template, "x: p\ny: p\nn: 1\n");
        assert!(told.contains(place) && told.matches("error[").count() == 1, "{template}: {told}");
    }
    assert_eq!(value("a: {{ {x: 1, 'a': 2, y: {x: 3}} }}", "x: p\ny: q\n"), yaml("a: {p: 1, a: 2, q: {p: 3}}"));
}

#[test]
fn a_value_without_else_is_an_error_where_there_is_none() {
    for template in ["a: {{ x if false }}", "a: {{ missing if false }}", "a: 'x{{ x if false }}'"] {
        assert!(findings(template, "x: p\n").contains("template/undefined"), "{template}");
    }
    assert_eq!(value("a: {{ x if true }}", "x: p\n"), yaml("a: p"));
}

#[test]
fn digits_are_never_lost_in_silence() {
    let environment = "long: 9007199254740993\nshort: 9007199254740992\npoint: 123456789012345678.5\n";
    for template in [
        "a: {{ point | int }}",
        "a: {{ long / 1 }}",
        "a: {{ long * 1.0 }}",
        "a: {{ long | float }}",
        "a: {{ '9007199254740993' | float }}",
    ] {
        let told = findings(template, environment);
        assert!(told.contains("template/operation") && told.contains("digits"), "{template}: {told}");
    }
    assert_eq!(value("a: {{ long * 1 }}", environment), yaml("a: 9007199254740993"));
    assert_eq!(value("a: {{ long // 1 }}", environment), yaml("a: 9007199254740993"));
    assert_eq!(value("a: {{ short | float | int }}", environment), yaml("a: 9007199254740992"));
}

#[test]
fn raw_text_without_an_end_is_named_where_it_begins() {
    let told = findings("a: 1\nb: {% raw %}\n{{ x }} {% if %}\nc: 1\n", "x: p\n");
    assert!(told.contains("test.yaml.j2:2:4") && told.contains("endraw"), "{told}");
    let told = findings("a: {% raw %}x{% endraw %}\nb: {%- raw -%}\nc: 1\n", "x: p\n");
    assert!(told.contains("test.yaml.j2:2:4") && told.contains("endraw"), "{told}");
}

#[test]
fn what_a_generator_supplies_is_told_however_it_is_written() {
    let generators = [
        "- list: {elements: [{cluster: x}]}",
        "- \"list\": {\"elements\": [{\"cluster\": x}]}",
        "- list:\n          elements: {{ els }}",
        "- list:\n          elements:\n{% for e in els %}\n            - cluster: {{ e.cluster }}\n{% endfor %}",
        "- list:\n          elementsYaml: |\n            - cluster: x",
        "- matrix: {generators: [{git: {}}, {list: {elements: [{cluster: x}]}}]}",
    ];
    let environment = "cluster: prod\nels: [{cluster: a}]\nzone: z\n";
    let of = |kind: &str, generators: &str, spec: &str, name: &str| {
        format!(
            "kind: {kind}\nspec:\n  generators:\n      {generators}\n{spec}  template:\n    metadata: {{name: '{name}', x: '{{{{ zone }}}}'}}\n"
        )
    };
    for generators in generators {
        let told = findings(&of("{{ 'ApplicationSet' }}", generators, "", "a-{{ cluster }}"), environment);
        assert!(
            told.contains("template/foreign-braces") && told.contains("supplies `cluster`"),
            "{generators}: {told}"
        );
        assert!(told.matches("error[").count() == 1, "{told}");
        let go = of("{{ 'ApplicationSet' }}", generators, "  goTemplate: true\n", "{{ cluster }}-{{ '{{' }}.cluster}}");
        assert!(matches!(value(&go, environment), crate::value::Value::Map(_)), "{generators}");
        let other =
            of("{{ 'ApplicationSet' }}", generators, "", "{% set own = cluster %}{{ own }}-{{ '{{' }}cluster}}");
        assert!(matches!(value(&other, environment), crate::value::Value::Map(_)), "{generators}");
    }
    let other = of("Other", generators[0], "", "{{ cluster }}");
    assert!(matches!(value(&other, environment), crate::value::Value::Map(_)));
    let json = "{\"kind\": \"ApplicationSet\", \"spec\": {\"generators\": [{\"list\": {\"elements\": [{\"cluster\": \"x\"}]}}], \"template\": {\"a\": \"{{ cluster }}\"}}}\n";
    let outcome = render_all(&[("a.json.j2", json)], environment);
    assert!(outcome.text().contains("foreign-braces"), "{}", outcome.text());
    let parts = [
        ("_spec.j2", "generators: [{list: {elements: [{cluster: x}]}}]\ntemplate: {a: '{{ cluster }}'}\n"),
        ("a.yaml.j2", "kind: ApplicationSet\nspec:\n  {% include '_spec.j2' %}\n"),
    ];
    let outcome = render_all(&parts, environment);
    assert!(outcome.text().contains("_spec.j2:2:16"), "{}", outcome.text());
}
