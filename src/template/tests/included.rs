//! Templates that are taken in where a text is made: the same bytes, whatever takes them.

use crate::template::testing::{render_all, value};
use crate::value::Value;

/// Parts of one line and of several, with a line break at their end and without; with values in them and without.
const PARTS: [(&str, &str); 6] = [
    ("_two.j2", "a\nb\n"),
    ("_open.j2", "a\nb"),
    ("_word.j2", "w\n"),
    ("_bare.j2", "w"),
    ("_values.j2", "a {{ name }}\n{{ lines }}\n"),
    ("_value.j2", "{{ name }}\n"),
];

const MACRO: &str = "{% macro m() %}{{ caller() }}{% endmacro %}\n";

#[track_caller]
fn made(template: &str) -> Value {
    let all: Vec<_> = PARTS.into_iter().chain([("test.yaml.j2", template)]).collect();
    let outcome = render_all(&all, "name: prod\nlines: \"one\\ntwo\"\n");
    let made = outcome.artifacts.first().map(|artifact| artifact.body.documents()[0].clone());
    made.unwrap_or_else(|| panic!("{template}\n{}", outcome.text()))
}

/// What a tag takes in within a text that is captured is what `text` gives of it, to the byte.
#[test]
fn a_captured_text_is_all_that_is_taken_in() {
    for (part, _) in PARTS {
        let include = format!("{{% include '{part}' %}}");
        for (before, captured) in [
            (String::new(), format!("{{% filter b64encode %}}{include}{{% endfilter %}}")),
            (format!("{{% set c %}}{include}{{% endset %}}\n"), "{{ b64encode(c) }}".to_owned()),
            (format!("{{% set c %}}\n{include}{{% endset %}}\n"), "{{ b64encode(c) }}".to_owned()),
            (format!("{{% macro o() %}}{include}{{% endmacro %}}\n"), "{{ b64encode(o()) }}".to_owned()),
            (format!("{{% macro o() %}}\n{include}{{% endmacro %}}\n"), "{{ b64encode(o()) }}".to_owned()),
        ] {
            let made = made(&format!("{before}a: {{{{ b64encode(text('{part}')) }}}}\nb: {captured}\n"));
            assert_eq!(made.get("a"), made.get("b"), "{part}: {before}{captured}");
        }
    }
}

/// In quotes and beside other text, several lines keep the line break at their end, and one line does not.
#[test]
fn a_text_keeps_the_line_break_of_what_is_taken_in() {
    let template = "{% set c %}{% include '_two.j2' %}{% endset %}
{% set d %}x{% include '_two.j2' %}{% endset %}
a: \"{% include '_two.j2' %}\"
b: \"{{ c }}\"
c: \"{% call m() %}{% include '_two.j2' %}{% endcall %}\"
d: \"x{% include '_two.j2' %}\"
e: x{% include '_two.j2' %}
f: \"{{ d }}\"
g: |-
  x{% include '_two.j2' %}
h: |
  x{% include '_two.j2' %}
i: \"{% include '_word.j2' %}\"
j: x{% include '_word.j2' %}
";
    let made = made(&format!("{MACRO}{template}"));
    let expected = r#"{a: "a\nb\n", b: "a\nb\n", c: "a\nb\n", d: "xa\nb\n", e: "xa\nb\n", f: "xa\nb\n", g: "xa\n b", h: "xa\n b\n", i: w, j: xw}"#;
    assert_eq!(made, value(expected, "{}"));
}

/// A value in a text that `text` gives is judged by who reads the text that it is put into, however it gets there.
#[test]
fn values_of_a_text_are_judged_where_it_is_read() {
    let told = |test: &str| {
        let parts = [("_p.j2", "a: {{ tag }}\n"), ("_q.j2", "b:\n  {{ text('_p.j2') }}\n"), ("test.yaml.j2", test)];
        render_all(&parts, "tag: \"1.30\"\n").text()
    };
    let before = "{% set t = text('_p.j2') %}\n{% macro m() %}{{ text('_p.j2') }}{% endmacro %}\n";
    for text in [
        "d:\n  values.yaml: {{ text('_p.j2') }}\n",
        "d:\n  values.yaml: \"{{ text('_p.j2') }}\"\n",
        "d:\n  values.yaml: |\n    {{ text('_p.j2') }}\n",
        "d:\n  values.yaml: |\n    x: 1\n    y:\n      {{ text('_p.j2') }}\n    z: 1\n",
        "d:\n  values.yaml: {{ text('_q.j2') }}\n",
        "d:\n  values.yaml: {{ t }}\n",
        "d:\n  values.yaml: {{ m() }}\n",
        "helm:\n  values: {{ text('_p.j2') }}\n",
        "patches:\n  - patch: {{ text('_p.j2') }}\n",
        "patchesStrategicMerge:\n  - {{ text('_p.j2') }}\n",
    ] {
        let told = told(&format!("{before}{text}"));
        let is_told = told.contains("template/embedded-value") && told.contains("templates/_p.j2:1:7");
        assert!(is_told && told.contains("`tag` is set here, to a string"), "{text}: {told}");
    }
    for text in [
        "d:\n  values.txt: {{ text('_p.j2') }}\n",
        "d:\n  values.yaml: {{ tag }}\n",
        // The same text, and not the one that was given.
        "d:\n  values.yaml: {{ 'a: ' ~ tag ~ '\\n' }}\n",
    ] {
        let told = told(&format!("{before}{text}"));
        assert!(!told.contains("template/embedded-value"), "{text}: {told}");
    }
}

/// The same of names that a tool supplies itself.
#[test]
fn names_that_another_tool_supplies_are_known_in_a_text() {
    let set = "kind: ApplicationSet\nspec:\n  generators:\n    - clusters: {}\n  template: {}\n  templatePatch: {{ text('_n.j2') }}\n";
    let outcome = render_all(&[("_n.j2", "metadata:\n  name: {{ name }}\n"), ("set.yaml.j2", set)], "name: prod\n");
    let told = outcome.text();
    assert!(told.contains("template/foreign-braces") && told.contains("templates/_n.j2:2:9"), "{told}");
}

/// JSON stays JSON behind filters that leave it so, where it stands alone; in quotes it is a text.
#[test]
fn json_behind_filters_is_parsed_as_well() {
    let environment = "l: [a, b]\nm: {a: 1}\ns: hello\n";
    for (template, expected) in [
        ("a: {{ m | tojson | indent(4) }}\n", "a: {a: 1}"),
        ("a: {{ m | tojson(indent=2) | indent(4) }}\n", "a: {a: 1}"),
        ("a: {{ l | tojson | trim }}\n", "a: [a, b]"),
        ("a: {{ l | tojson | replace('b', 'c') | upper }}\n", "a: [A, C]"),
        ("a: {{ s | tojson | indent(2) }}\n", "a: hello"),
        ("a: \"{{ m | tojson | trim }}\"\n", "a: '{\"a\": 1}'"),
        ("a: {{ m | tojson | replace('}', '') }}\n", "a: '{\"a\": 1'"),
        ("a: {{ m | tojson | string | trim }}\n", "a: '{\"a\": 1}'"),
        ("a: {{ '[1]' | trim }}\n", "a: '[1]'"),
    ] {
        assert_eq!(value(template, environment), value(expected, "{}"), "{template}");
    }
}
