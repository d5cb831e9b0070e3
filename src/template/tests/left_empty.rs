//! A key or an item whose value conditions and loops leave out would be null.

use crate::template::testing::{findings, value, yaml};

#[test]
fn tags_below_a_key_that_make_nothing_leave_no_null() {
    for (template, place) in [
        ("a:\n  {% if no %}\n  b: 1\n  {% endif %}\n", ":2:3"),
        ("a:\n  {% if no %}\n  b: 1\n  {% elif no %}\n  c: 1\n  {% endif %}\nd: 1\n", ":2:3"),
        ("a: {% for x in [] %}{{ x }}{% endfor %}\nb: 1\n", ":1:4"),
        ("a:\n  - {% if no %}x{% endif %}\n  - 1\n", ":2:5"),
        ("a:\n{% for x in [] %}\n- {{ x }}\n{% endfor %}\nb: 1\n", ":2:1"),
        ("a:\n{% for x in [] %}\n  - {{ x }}\n{% endfor %}\n", ":2:1"),
        ("a:\n  - b:\n      {% if no %}\n      c: 1\n      {% endif %}\n    d: 1\n", ":3:7"),
        ("a:\n  {% for x in [1] %}\n  {% if no %}\n  b: 1\n  {% endif %}\n  {% endfor %}\n", ":2:3"),
        ("a:\n  {# b: {c: 1Gi} #}\nz: 1\n", ":2:3"),
        ("a:\n  # b:\n  #   c: 1Gi\nz: 1\n", ":2:3"),
        ("x:\n  a: # here\n    # - {{ no }}\nz: 1\n", ":3:5"),
        ("{% set m %}\na:\n  {#- b: 1 -#}\nc: 1\n{% endset %}\nx: {{ m }}\n", ":3:3"),
        ("{% macro m() %}\na:\n  {% if no %}\n  b: 1\n  {% endif %}\n{% endmacro %}\nx: {{ m() }}\n", ":3:3"),
    ] {
        let told = findings(template, "no: false\n");
        assert!(told.contains("template/no-value") && told.contains(&format!("j2{place}\n")), "{template}: {told}");
        assert_eq!(told.matches("error[").count(), 1, "{template}: {told}");
    }
}

#[test]
fn a_key_without_a_value_that_its_author_wrote_is_null() {
    for (template, expected) in [
        ("a:\nb: 1\n", "{a: null, b: 1}"),
        ("a:\n{% if no %}\nb: 1\n{% endif %}\nc: 1\n", "{a: null, c: 1}"),
        ("a:\n  # nothing yet\nc: 1\n", "{a: null, c: 1}"),
        ("a: # b\nc: 1\n", "{a: null, c: 1}"),
        ("a: {# a note #}\nc: 1\n", "{a: null, c: 1}"),
        ("a:\n{# b: 1 #}\nc: 1\n", "{a: null, c: 1}"),
        ("a:\n  {# b: 1 #}\n  c: 1\n", "{a: {c: 1}}"),
        ("{% if not no %}\na:\n{% endif %}\nc: 1\n", "{a: null, c: 1}"),
        ("x:\n  - a:\n    {% if no %}\n    b: 1\n    {% endif %}\n", "{x: [{a: null}]}"),
        ("x:\n  -\n  {% for y in [] %}\n  - 1\n  {% endfor %}\n", "{x: [null]}"),
        ("a:\n  {% if not no %}\n  b: 1\n  {% endif %}\n", "{a: {b: 1}}"),
        ("a: {% if no %}1{% else %}null{% endif %}\n", "a: null"),
    ] {
        assert_eq!(value(template, "no: false\n"), yaml(expected), "{template}");
    }
}

#[test]
fn lines_taken_in_at_the_margin_are_no_value_of_the_key_above() {
    use crate::template::testing::render_all;
    let told = |test: &str| {
        render_all(&[("_map.yaml.j2", "b: 1\n"), ("_list.yaml.j2", "- 1\n"), ("test.yaml.j2", test)], "{}").text()
    };
    let beside = told("a:\n{% include '_map.yaml.j2' %}\n");
    assert!(beside.contains("template/no-value") && beside.contains("test.yaml.j2:2:1"), "{beside}");
    for fine in [
        "a:\n{% include '_list.yaml.j2' %}\n",
        "a:\n  {% include '_map.yaml.j2' %}\n",
        "a: null\n{% include '_map.yaml.j2' %}\n",
    ] {
        assert!(!told(fine).contains("error["), "{fine}: {}", told(fine));
    }
}
