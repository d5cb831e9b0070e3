//! No value is read as a comma: one that is printed between items joins them.

use crate::template::testing::{findings, render_all, value, yaml};

const EACH: &str = r#"{% for x in l %}{{ x }}{{ "," if not loop.last else "" }}{% endfor %}"#;

#[test]
fn a_printed_comma_between_brackets_is_an_error() {
    for template in [
        format!("a: [{EACH}]\n"),
        format!("a: [{}]\n", EACH.replace("\",\"", "\", \"")),
        "a: [\n  {% for x in l %}\n  {{ x }}{{ ',' if not loop.last else '' }}\n  {% endfor %}\n  ]\n".to_owned(),
        "a: [{% for x in l %}{{ x ~ ',' }}{{ x }}{% endfor %}]\n".to_owned(),
        "a: [{{ l | join(', ') }}]\n".to_owned(),
        "a: [ {{ l|join(',') }} ]\n".to_owned(),
    ] {
        let told = findings(&template, "l: [p, q]\n");
        assert!(told.contains("template/not-text") && told.contains("{% if not loop.last %}"), "{template}: {told}");
        assert_eq!(told.matches("error[").count(), 1, "{template}: {told}");
    }
    for (template, expected) in [
        ("a: [{% for x in l %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}]", "a: [p, q]"),
        (
            "a: [{{ t }}, x-{{ t }}]\nb: [{{ t }}]\nc: {{ l | join(',') }}",
            "{a: ['1,2', 'x-1,2'], b: ['1,2'], c: 'p,q'}",
        ),
        (
            "a:\n  - {{ l | join(',') }}\nb: [\"{{ l | join(',') }}\"]\nc: [--x, {{ l | join(',') }}]",
            "{a: ['p,q'], b: ['p,q'], c: [--x, 'p,q']}",
        ),
        ("a: {{ t }}{{ ',' }}", "a: '1,2,'"),
    ] {
        assert_eq!(value(template, "l: [p, q]\nt: '1,2'\n"), yaml(expected), "{template}");
    }
}

#[test]
fn in_json_nothing_stands_beside_a_value_without_quotes() {
    for template in
        [format!("{{\"a\": [{EACH}]}}"), "{\"a\": x-{{ l[0] }}}".to_owned(), "{\"a\": {{ l[0] }}{{ l[1] }}}".to_owned()]
    {
        let outcome = render_all(&[("test.json.j2", &template)], "l: [p, q]\n");
        let told = outcome.text();
        assert!(outcome.artifacts.is_empty() && told.contains("yaml/syntax"), "{template}: {told}");
        assert!(told.contains("{% if not loop.last %}") && told.matches("error[").count() == 1, "{template}: {told}");
    }
    for template in ["{\"a\": \"x-{{ l[0] }}\", \"b\": [{{ l[0] }}, {{ l }}]}", "a: x-{{ l[0] }}\n"] {
        let outcome = render_all(&[("test.json.j2", template)], "l: [p, q]\n");
        assert!(outcome.findings.is_empty(), "{template}: {}", outcome.text());
    }
}
