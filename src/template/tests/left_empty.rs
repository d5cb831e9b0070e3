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
        ("{% if not no %}\na:\n{% endif %}\nc: 1\n", "{a: null, c: 1}"),
        ("x:\n  - a:\n    {% if no %}\n    b: 1\n    {% endif %}\n", "{x: [{a: null}]}"),
        ("x:\n  -\n  {% for y in [] %}\n  - 1\n  {% endfor %}\n", "{x: [null]}"),
        ("a:\n  {% if not no %}\n  b: 1\n  {% endif %}\n", "{a: {b: 1}}"),
        ("a: {% if no %}1{% else %}null{% endif %}\n", "a: null"),
    ] {
        assert_eq!(value(template, "no: false\n"), yaml(expected), "{template}");
    }
}
