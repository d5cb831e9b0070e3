//! Texts that are captured, taken in or read: a structure where one is wanted, else a text with its line breaks.

use crate::artifact::{Artifact, Body};
use crate::template::testing::{render_all, yaml};
use crate::value::Value;

const ENVIRONMENT: &str = "name: prod\nlines: \"one\\ntwo\"\nlabels: {a: 1}\nnothing: [null]\n";
const SCRIPT: &str = "#!/bin/sh\nset -e\necho {{ name }}\n";
const MAP: &str = "a: 1\nb: {{ name }}\n";

/// Parts that the templates of these tests take in.
const PARTS: [(&str, &str); 8] = [
    ("_run.sh.j2", SCRIPT),
    ("_map.yaml.j2", MAP),
    ("_word.j2", "word\n"),
    ("_no_end.j2", "x: 1"),
    ("_item.j2", "a {{ name }}\n  b\n"),
    ("_zone.j2", "{{ z }},"),
    ("_own.j2", "{{ z }}: 1\n"),
    ("conf/_nginx.conf", "server {\n  {{ not ours }}\n}\n"),
];

fn render(template: &str) -> (Option<Body>, String) {
    let mut templates = PARTS.to_vec();
    templates.push(("test.yaml.j2", template));
    let outcome = render_all(&templates, ENVIRONMENT);
    let unused = |id: &str| matches!(id, "hygiene/unused-template" | "hygiene/ignored-file");
    let all = outcome.text();
    let findings = outcome.findings.iter().any(|finding| !unused(finding.rule.id));
    (outcome.artifacts.into_iter().next().map(|artifact| artifact.body), if findings { all } else { String::new() })
}

#[track_caller]
fn made(template: &str) -> Value {
    match render(template) {
        (Some(Body::Documents(mut values)), findings) if findings.is_empty() => values.remove(0),
        (body, findings) => panic!("{template}\n{body:?}\n{findings}"),
    }
}

#[track_caller]
fn check(template: &str, expected: &str) {
    assert_eq!(made(template), yaml(expected), "{template}");
}

#[track_caller]
fn refused(template: &str, words: &[&str]) {
    let (body, findings) = render(template);
    assert!(body.is_none() && words.iter().all(|word| findings.contains(word)), "{template}\n{body:?}\n{findings}");
}

const VALUES: &str = "tag: {{ tag }}\nmotto: {{ motto }}\non: {{ on }}\nno_more: null # c\n";
const PLAIN: &str = "tag: \"1.30\"\nmotto: \"a: b\"\n\"on\": \"yes\"\nno_more: null\n";

/// What `test.yaml.j2` makes beside `values.yaml.j2`, a template that makes a document.
fn beside_values(template: &str, others: &[(&str, &str)]) -> (Option<Value>, String) {
    let mut templates = vec![("values.yaml.j2", VALUES), ("test.yaml.j2", template)];
    templates.extend_from_slice(others);
    let outcome = render_all(&templates, "tag: \"1.30\"\nmotto: \"a: b\"\n\"on\": \"yes\"\n");
    let told = outcome.text();
    let test = outcome.artifacts.into_iter().find(|artifact| artifact.path == "test.yaml");
    (test.map(|artifact| artifact.body.documents()[0].clone()), told)
}

#[test]
fn the_text_of_a_document_is_its_file() {
    let expected = Value::Map(vec![("a".into(), Value::String(PLAIN.into()))]);
    let (made, told) = beside_values("a: {{ text('values.yaml.j2') }}\n", &[]);
    assert_eq!(made.as_ref(), Some(&expected), "{told}");
    let (made, told) = beside_values("a: |\n  {{ text('values.yaml.j2') }}\n", &[]);
    assert_eq!(made.as_ref(), Some(&expected), "{told}");
    // JSON, several documents, and the usual order of an object's keys.
    let others = [
        ("x.json.j2", "{\"a\": {{ tag }}}"),
        ("y.yaml.j2", "a: {{ tag }}\n---\nkind: A\napiVersion: b\n"),
        ("z.j2", "{#- platc\noutput: z/z.yaml\n-#}\na: {{ tag }}\n"),
    ];
    let template = "x: {{ text('x.json.j2') }}\ny: {{ text('y.yaml.j2') }}\nz: {{ text('z.j2') }}\n";
    let (made, told) = beside_values(template, &others);
    let expected = "{x: \"{\\n  \\\"a\\\": \\\"1.30\\\"\\n}\\n\", y: \"a: \\\"1.30\\\"\\n---\\napiVersion: b\\nkind: A\\n\", z: \"a: \\\"1.30\\\"\\n\"}";
    assert_eq!(made, Some(yaml(expected)), "{told}");
    // A part is a text.
    let (made, told) = beside_values("a: {{ text('_v.yaml.j2') }}\n", &[("_v.yaml.j2", "tag: {{ tag }}\n")]);
    assert_eq!(made, Some(yaml("a: \"tag: 1.30\\n\"")), "{told}");
}

#[test]
fn a_document_is_taken_into_no_text() {
    for (template, others) in [
        ("a: |\n  {% include 'values.yaml.j2' %}\n", &[][..]),
        ("a: \"{% include 'values.yaml.j2' %}\"\n", &[]),
        ("{% set c %}{% include 'values.yaml.j2' %}{% endset %}\na: |\n  {{ c }}\n", &[]),
        ("{% set c %}\nx: 1\n{% include 'values.yaml.j2' %}\n{% endset %}\na: \"{{ c }}\"\n", &[]),
        ("a: {{ text('_v.j2') }}\n", &[("_v.j2", "# c\n{% include 'values.yaml.j2' %}\n")]),
        ("a: 1\n", &[("x.sh.j2", "cat <<E\n{% include 'values.yaml.j2' %}\nE\n")]),
    ] {
        let (_, told) = beside_values(template, others);
        assert!(told.contains("template/not-text") && told.contains("text(\"values.yaml.j2\")"), "{template}: {told}");
        assert_eq!(told.matches("error[").count(), 1, "{told}");
    }
    let taken = yaml("tag: \"1.30\"\nmotto: \"a: b\"\n\"on\": \"yes\"\nno_more: null\n");
    for template in
        ["{% include 'values.yaml.j2' %}\n", "{% set c %}{% include 'values.yaml.j2' %}{% endset %}\n{{ c }}\n"]
    {
        let (made, told) = beside_values(template, &[]);
        assert_eq!(made.as_ref(), Some(&taken), "{template}: {told}");
    }
}

/// However a macro is written, its one line is that line beside other text, as it is where it stands alone.
#[test]
fn one_line_beside_text_has_no_indentation() {
    let made_by = "{% macro m(on) %}\n  {% if on %}\n  x-{{ name }}\n  {% endif %}\n{% endmacro %}\n";
    let tests = "a: {{ m(true) }}\nb: p/{{ m(true) }}:1\nc: \"{{ m(true) }}\"\n{{ m(true) }}-k: 1\n";
    let Value::Map(made) = made(&format!("{made_by}{tests}")) else { panic!() };
    let texts: Vec<_> = made.iter().map(|(key, value)| (&**key, value.as_str().unwrap_or_default())).collect();
    assert_eq!(texts[..3], [("a", "x-prod"), ("b", "p/x-prod:1"), ("c", "x-prod")]);
    assert_eq!(texts[3].0, "x-prod-k");
    // The blanks of a value are the value's, and those within a line are as they are written.
    check("{% set s %}\n{{ '  x' }}\n{% endset %}\na: \"{{ s }}\"\n", "a: '  x'");
    check("{% set s %}  x{% endset %}\na: \"-{{ s }}\"\n", "a: '-  x'");
}

#[test]
fn a_template_with_front_matter_is_not_taken_in_without_it() {
    for tag in ["{% include 'w.yaml.j2' %}", "x: {{ text('w.yaml.j2') }}"] {
        for line in ["when: false", "for_each: x in [1]", "merge: tag"] {
            let front = format!("{{#- platc\n{line}\n-#}}\na: 1\n");
            let (_, told) = beside_values(tag, &[("w.yaml.j2", &front)]);
            assert!(told.contains("template/include") && told.contains("another file"), "{tag} {line}: {told}");
        }
    }
    let (_, told) = beside_values("x: {{ text('w.j2') }}", &[("w.j2", "{#- platc\noutput: '{{ tag }}'\n-#}\na: 1\n")]);
    assert!(told.contains("template/include") && told.contains("ends in a value"), "{told}");
}

const EXACT: &str = r##""#!/bin/sh\nset -e\necho prod\n""##;

#[test]
fn a_captured_text_keeps_its_lines() {
    let set = "{% set c %}{% include \"_run.sh.j2\" %}{% endset %}\n";
    check(&format!("{set}run.sh: {{{{ c }}}}\n"), &format!("run.sh: {EXACT}"));
    check(&format!("{set}run.sh: \"{{{{ c }}}}\"\n"), &format!("run.sh: {EXACT}"));
    check("{% set c %}\none\ntwo {{ name }}\n{% endset %}\na: {{ c }}\n", r#"a: "one\ntwo prod\n""#);
    check("{% set c %}\n{{ lines }}\nthree\n{% endset %}\na: {{ c }}\n", r#"a: "one\ntwo\nthree\n""#);
    // One line is a value of YAML, as it is in a template.
    check("{% macro m() %}3{% endmacro %}\na: {{ m() }}\n", "a: 3");
    check("{% macro m() %}\n|\n  x\n  y\n{% endmacro %}\na: {{ m() }}\n", r#"a: "x\ny\n""#);
}

#[test]
fn a_captured_text_is_a_structure_where_it_is_one() {
    check("{% set c %}{% include \"_map.yaml.j2\" %}{% endset %}\na: {{ c }}\n", "a: {a: 1, b: prod}");
    check("x: {% include \"_map.yaml.j2\" %}\ny: 1\n", "{x: {a: 1, b: prod}, y: 1}");
    check("x:\n  {% include \"_map.yaml.j2\" %}\ny: 1\n", "{x: {a: 1, b: prod}, y: 1}");
    check("x:\n  - {% include \"_map.yaml.j2\" %}\n  - 2\n", "x: [{a: 1, b: prod}, 2]");
    check("x: {% include \"_word.j2\" %}\ny: \"{% include \"_word.j2\" %}-z\"\n", "{x: word, y: word-z}");
}

#[test]
fn a_text_that_could_be_both_is_an_error() {
    refused("{% set c %}\n# note\none\n{% endset %}\na: {{ c }}\n", &["captured-text", "could be a value or a text"]);
    refused(
        "{% set c %}\n\"one\n  two\"\n{% endset %}\na: {{ c }}\n",
        &["captured-text", "could be a value or a text"],
    );
    refused("{% set c %}\na: 1\nb\n{% endset %}\n{{ c }}: 1\n", &["not-text", "part of a key"]);
}

#[test]
fn lines_at_the_margin_go_into_the_text_around_them() {
    check("x: 1\n{% include \"_map.yaml.j2\" %}\ny: 1\n", "{x: 1, a: 1, b: prod, y: 1}");
    check("{% include \"_no_end.j2\" %}\ny: 1\n", "{x: 1, y: 1}");
    check("{% if name %}{% include \"_no_end.j2\" %}{% endif %}\ny: 1\n", "{x: 1, y: 1}");
    refused("x:\n  y: 1\n  {% include \"_map.yaml.j2\" %}\n", &["error["]);
    refused("x: 1\n  {% include \"_map.yaml.j2\" %}\n", &["error["]);
}

#[test]
fn a_block_keeps_what_stands_in_it() {
    check(
        "data:\n  app.yaml: |\n    {% include \"_map.yaml.j2\" %}\n  y: 1\n",
        r#"{data: {app.yaml: "a: 1\nb: prod\n", y: 1}}"#,
    );
    check(
        "data:\n  app.yaml: |\n    top:\n      {% include \"_map.yaml.j2\" %}\n    end: 1\n",
        r#"{data: {app.yaml: "top:\n  a: 1\n  b: prod\nend: 1\n"}}"#,
    );
    check("run: |\n  {% filter upper %}\n  echo\n  {% endfilter %}\n  next\n", r#"run: "ECHO\nnext\n""#);
    check(
        "{% macro m() %}\n<{{ caller() }}>\n{% endmacro %}\nx:\n  y: |\n    {% call m() %}\n    a\n    {% endcall %}\n    b\n",
        r#"x: {y: "<a>\nb\n"}"#,
    );
    check(
        "{% macro m() %}\na: {{ caller() }}\n{% endmacro %}\nx:\n  {% call m() %}\n  b: 1\n  {% endcall %}\ny: 1\n",
        "{x: {a: {b: 1}}, y: 1}",
    );
}

#[test]
fn lines_within_a_block_stand_where_its_tag_stands() {
    check("d: |\n  {% filter upper %}\n  a: b\n    c\n  {% endfilter %}\n  z\n", r#"d: "A: B\n  C\nz\n""#);
    check(
        "d: |\n  x\n    {% filter upper %}\n    a: b\n\n      c\n    {% endfilter %}\n  z\n",
        r#"d: "x\n  A: B\n\n    C\nz\n""#,
    );
    check(
        "{% macro m() %}{{ caller() }}{% endmacro %}\nd: |\n  x\n    {% call m() %}\n    a\n      {% call m() %}\n      b\n       c\n      {% endcall %}\n    d\n    {% endcall %}\n  z\n",
        r#"d: "x\n  a\n    b\n     c\n  d\nz\n""#,
    );
    check("d: |\n  {% filter b64encode %}\n  a\n   b\n  {%- endfilter %}\n  z\n", r#"d: "YQogYg==\nz\n""#);
    check(
        "{% macro m() %}{{ caller() }}{% endmacro %}\nd:\n  e: |\n    {% call m() %}\n    a: {{ name }}\n      {{ lines }}\n    {% endcall %}\n    z\n",
        r#"d: {e: "a: prod\n  one\n  two\nz\n"}"#,
    );
    check(
        "d:\n  {% filter upper %}\n  a: b\n  c:\n    - d\n  {% endfilter %}\ne: 1\n",
        r#"{d: "A: B\nC:\n  - D\n", e: 1}"#,
    );
    let (body, findings) = render(
        "{% macro m() %}{{ caller() }}{% endmacro %}\nd: |\n  {% call m() %}\n  a\n  b {{ nothing[0] }}\n  {% endcall %}\n",
    );
    assert!(body.is_none() && findings.contains("test.yaml.j2:5:8"), "{findings}");
}

#[test]
fn lines_that_stand_alone_in_a_block_are_moved_whatever_prints_them() {
    let set =
        "{% set c %}{% include '_map.yaml.j2' %}{% endset %}\n{% macro m() %}\na: 1\nb: {{ name }}\n{% endmacro %}\n";
    for print in
        ["{{ c }}", "{{ m() }}", "{{ text('_map.yaml.j2') }}", "{{ 'a: 1\\nb: prod\\n' }}", "{{ 'a: 1\\nb: prod' }}"]
    {
        let block = format!("{set}d:\n  e: |\n    top:\n      {print}\n    end: 1\n");
        check(&block, r#"d: {e: "top:\n  a: 1\n  b: prod\nend: 1\n"}"#);
        let last = format!("{set}d:\n  e: |\n    top:\n      {print}\n");
        check(&last, r#"d: {e: "top:\n  a: 1\n  b: prod\n"}"#);
        let captured = format!(
            "{set}{{% set d %}}\ntop:\n  {print}\nend: 1\n{{% endset %}}\ne: \"{{{{ d }}}}\"\nf: |\n  x:\n    {{{{ d }}}}\n"
        );
        check(
            &captured,
            r#"{e: "top:\n  a: 1\n  b: prod\nend: 1\n", f: "x:\n  top:\n    a: 1\n    b: prod\n  end: 1\n"}"#,
        );
        let sums = format!("{set}{{% set d %}}\ntop:\n  {print}\nend: 1\n{{% endset %}}\ne: {{{{ d | b64encode }}}}\n");
        check(&sums, "e: dG9wOgogIGE6IDEKICBiOiBwcm9kCmVuZDogMQo=");
    }
    check("z: |\n  {{ file('conf/_nginx.conf') }}\n", r#"z: "server {\n  {{ not ours }}\n}\n""#);
    check("z: |\n  {{ 'a\\n\\n\\n' }}\n", r#"z: "a\n\n\n""#);
    check("z: |\n  a\n    {{ 'b\\n\\n  c\\n' }}\n  d\n", r#"z: "a\n  b\n\n    c\nd\n""#);
    // The first line of a captured text is moved once.
    check(
        "{% macro m() %}\n{{ lines }}\nthree\n{% endmacro %}\nz: |\n  a\n    {{ m() }}\n",
        r#"z: "a\n  one\n  two\n  three\n""#,
    );
}

#[test]
fn lines_that_are_moved_already_are_not_moved_by_a_filter() {
    refused("z: |\n  a\n    {{ lines | indent(4) }}\n", &["template/not-allowed", "test.yaml.j2:3:5", "twice"]);
    check("z: |\n  a: {{ lines | indent(3) }}\n", r#"z: "a: one\n   two\n""#);
    check("z: |\n  a\n  {{ lines | indent(width=2, first=true) }}\n", r#"z: "a\n  one\n  two\n""#);
}

#[test]
fn a_captured_text_of_one_line_is_one_line_beside_others() {
    let macros = "{% macro m(n) %}\nhub/{{ n }}\n{% endmacro %}\n{% set c %}\nweb\n{% endset %}\n";
    for (template, expected) in [
        ("a: {{ m('x') }}:1.0\n", "a: 'hub/x:1.0'"),
        ("a: \"{{ m('x') }}\"\n", "a: hub/x"),
        ("a: x-{{ c }}-{{ c }}\n", "a: x-web-web"),
        ("a: |\n  b {{ c }} d\n", r#"a: "b web d\n""#),
        ("x-{{ c }}: 1\n", "x-web: 1"),
    ] {
        check(&format!("{macros}{template}"), expected);
    }
    check("{% set c %}\none\ntwo\n{% endset %}\na: \"{{ c }}\"\n", r#"a: "one\ntwo\n""#);
}

#[test]
fn lines_of_a_value_leave_no_comment_behind_other_text() {
    refused("z: |\n  a # {{ lines }}\n", &["template/not-text", "comment"]);
    refused("z: |\n  a // {{ lines }}\n", &["template/not-text", "comment"]);
    check("z: |\n  a://{{ lines }}\n", r#"z: "a://one\ntwo\n""#);
}

#[test]
fn lines_beside_others_go_on_at_the_margin() {
    check("z: |\n  a\n    b: {{ lines }}\n", r#"z: "a\n  b: one\ntwo\n""#);
    check("z: |\n  a\n    {{ lines }},\n", r#"z: "a\n  one\ntwo,\n""#);
    check("z: |\n  a\n    {{ lines }}{{ name }}\n", r#"z: "a\n  one\ntwoprod\n""#);
}

#[test]
fn lines_taken_in_behind_text_stand_below_each_other() {
    check("l: |\n  - {% include \"_item.j2\" %}\n  - z\n", r#"l: "- a prod\n    b\n- z\n""#);
    check("l: \"- {% include '_item.j2' %}\"\n", r#"l: "- a prod\n  b\n""#);
    refused("l: |\n  # {% include \"_item.j2\" %}\n", &["template/not-text", "test.yaml.j2:2:5", "comment"]);
    refused("l: |\n  x # {% include \"_item.j2\" %}\n", &["template/not-text", "comment"]);
    check("l: |\n  # {% include \"_word.j2\" %}\n  z\n", r##"l: "# word\nz\n""##);
}

#[test]
fn texts_taken_in_on_one_line_get_no_line_break_that_nobody_wrote() {
    let all = "{% for z in ['a', 'b'] %}{% include '_zone.j2' %}{% endfor %}";
    check(&format!("l: |\n  {all}\n  z\n"), r#"l: "a,b,\nz\n""#);
    check(&format!("l: \"{all}\"\n"), r#"l: "a,b,""#);
    check("l: |\n  {% include '_word.j2' %}{% include '_word.j2' %}\n  z\n", r#"l: "word\nword\nz\n""#);
    check("l: |\n  {% include '_no_end.j2' %}{% include '_no_end.j2' %}\n  z\n", r#"l: "x: 1x: 1\nz\n""#);
    check("l: |\n  {% for z in [] %}{% include '_zone.j2' %}{% endfor %}\n  z\n", r#"l: "z\n""#);
    check("{% for z in ['x', 'y'] %}{% include '_own.j2' %}{% endfor %}\nz: 1\n", "{x: 1, y: 1, z: 1}");
    check("{% include '_map.yaml.j2' %}{% include '_no_end.j2' %}\ny: 1\n", "{a: 1, b: prod, x: 1, y: 1}");
    check(
        "{% if name %}{% include '_no_end.j2' %}{% else %}{% include '_word.j2' %}{% endif %}\ny: 1\n",
        "{x: 1, y: 1}",
    );
    refused("{% include '_no_end.j2' %}{% include '_map.yaml.j2' %}\n", &["template/operation", "test.yaml.j2:1:27"]);
}

#[test]
fn lines_taken_in_beside_another_tag_keep_their_line_breaks() {
    let parts = [("_two.j2", "a\nb\n"), ("_one.j2", "a\n"), ("_none.j2", "{# none #}\n"), ("_empty.j2", "{{ e }}")];
    let made = |path: &str, template: &str| {
        let all: Vec<_> = parts.iter().copied().chain([(path, template)]).collect();
        render_all(&all, "s: v\ne: ''\nyes: true\nno: false\nl: [1, 2]\n")
    };
    for (template, expected) in [
        ("{% include '_two.j2' %}{{ s }}\nk\n", "a\nb\nv\nk\n"),
        ("{% include '_one.j2' %}{{ s }}\nk\n", "av\nk\n"),
        ("{% include '_two.j2' %}{% include '_one.j2' %}{{ s }}\nk\n", "a\nb\nav\nk\n"),
        ("{% include '_two.j2' %}{% if yes %}v{% endif %}\nk\n", "a\nb\nv\nk\n"),
        ("{% include '_two.j2' %}{% if no %}v{% endif %}\nk\n", "a\nb\nk\n"),
        ("x{% include '_two.j2' %}v\nk\n", "xa\n b\nv\nk\n"),
        ("x{% include '_two.j2' %}\nk\n", "xa\n b\nk\n"),
        ("{% for i in l %}{% include '_two.j2' %}{{ i }}{% endfor %}\nk\n", "a\nb\n1a\n b\n2\nk\n"),
        ("{% macro w(p) %}{% include '_one.j2' %}{{ p }}{% endmacro %}\nz {{ w('P') }}\nk\n", "z aP\nk\n"),
        ("{% macro w(p) %}{% include '_two.j2' %}{{ p }}{% endmacro %}\nz {{ w('P') }}\nk\n", "z a\n  b\nP\nk\n"),
        ("{% set w %}{% include '_two.j2' %}{% endset %}\n{{ w }}\nk\n", "a\nb\nk\n"),
        ("top\n{% filter upper %}\n{% if no %}\nx\n{% endif %}\n{% endfilter %}\nk\n", "top\nk\n"),
        ("top\n  {% filter upper %}\n  {% endfilter %}\nk\n", "top\nk\n"),
        ("top\n  {% filter upper %}{% if no %}\nx\n{% endif %}\n  {% endfilter %}\nk\n", "top\nk\n"),
        (
            "{% macro w() %}{{ caller() }}{% endmacro %}\ntop\n{% call w() %}\n{% if no %}\nx\n{% endif %}\n{% endcall %}\nk\n",
            "top\nk\n",
        ),
        ("top\n{% include '_none.j2' %}\n  {% include '_none.j2' %}\nk\n", "top\nk\n"),
        ("top\n{% include '_empty.j2' %}\n  {% include '_empty.j2' %}\nk\n", "top\nk\n"),
    ] {
        let outcome = made("a.txt.j2", template);
        let [Artifact { body: Body::Text(text), .. }] = &outcome.artifacts[..] else {
            panic!("{template}: {}", outcome.text())
        };
        assert_eq!(text, expected, "{template}");
        let definitions =
            template.lines().take_while(|line| line.starts_with("{% macro") || line.starts_with("{% set"));
        let definitions: String = definitions.map(|line| format!("{line}\n")).collect();
        let lines = template[definitions.len()..].lines().map(|line| format!("  {line}\n")).collect::<String>();
        let outcome = made("a.yaml.j2", &format!("{definitions}k: |\n{lines}"));
        let document = outcome.artifacts.first().and_then(|artifact| artifact.body.documents().first());
        let block = document.and_then(|document| document.get("k")).and_then(Value::as_str);
        assert_eq!(block, Some(expected), "{template}: {}", outcome.text());
    }
    let value = made("a.yaml.j2", "k: {% include '_two.j2' %}{{ s }}\nl: \"{% include '_two.j2' %}{{ s }}\"\n");
    let [document] = value.artifacts[0].body.documents() else { panic!("{}", value.text()) };
    assert_eq!(document.get("k").and_then(Value::as_str), Some("a\nb\nv"));
    assert_eq!(document.get("l").and_then(Value::as_str), Some("a\nb\nv"));
}

#[test]
fn an_include_takes_no_signs() {
    for tag in ["{% include '_word.j2' -%}", "{%- include '_word.j2' %}", "{%- include '_word.j2' -%}"] {
        refused(&format!("k: |\n  p\n  {tag}\n  q\n"), &["template/not-allowed", "test.yaml.j2:3:3", "without `-`"]);
    }
    check("k: |\n  p\n  {%+ include '_word.j2' %}\n  q\n", r#"k: "p\nword\nq\n""#);
}

#[test]
fn a_comment_in_a_captured_text_of_one_line_is_an_error() {
    for text in
        ["#alerts-{{ name }}", "#{{ name }}", "{{ name }} # {{ name }}", "[{{ name }}] # {{ name }}", "# x", "a # b"]
    {
        refused(
            &format!("{{% set c %}}{text}{{% endset %}}\na: {{{{ c }}}}\n"),
            &["template/captured-text", "in quotes"],
        );
        refused(
            &format!("{{% macro c() %}}{text}{{% endmacro %}}\na: {{{{ c() }}}}\n"),
            &["template/captured-text", "could be a value or a text"],
        );
        let quoted = format!("{{% set c %}}{text}{{% endset %}}\na: \"{{{{ c }}}}\"\n");
        assert!(
            matches!(made(&quoted), Value::Map(entries) if entries[0].1.as_str().is_some_and(|text| text.contains('#')))
        );
    }
    check("{% set c %}a#{{ name }}{% endset %}\na: {{ c }}\n", "a: a#prod");
    check("{% set c %}'#{{ name }}'{% endset %}\na: {{ c }}\n", "a: '#prod'");
    check("{% set c %}{a: '#{{ name }}', b: {{ name }}}{% endset %}\na: {{ c }}\n", "a: {a: '#prod', b: prod}");
}

#[test]
fn a_loop_that_calls_itself_nests() {
    let template = "{% set tree = [{'n': 1, 'c': [{'n': 2, 'c': [{'n': 3, 'c': []}]}, {'n': 4, 'c': []}]}] %}\nx:\n  {% for t in tree recursive %}\n  - n: {{ t.n }}\n    {% if t.c %}\n    c:\n      {{ loop(t.c) }}\n    {% endif %}\n  {% endfor %}\n";
    check(template, "x: [{n: 1, c: [{n: 2, c: [{n: 3}]}, {n: 4}]}]");
}

#[test]
fn functions_give_exact_texts() {
    check("run.sh: {{ text(\"_run.sh.j2\") }}\n", &format!("run.sh: {EXACT}"));
    check("x: {{ file(\"conf/_nginx.conf\") }}\n", r#"x: "server {\n  {{ not ours }}\n}\n""#);
    check(
        "{% for name in ['a', 'b'] %}\n{{ name }}: {{ text(\"_run.sh.j2\") | lines | last }}\n{% endfor %}\n",
        "{a: echo a, b: echo b}",
    );
    let same = "a: {{ sha256(text(\"_run.sh.j2\")) }}\nb: {% set c %}{% include \"_run.sh.j2\" %}{% endset %}{{ c | sha256 }}\nc: {{ sha256(\"#!/bin/sh\\nset -e\\necho prod\\n\") }}\n";
    let Value::Map(entries) = made(same) else { panic!("a map") };
    assert!(entries.iter().all(|(_, value)| *value == entries[2].1), "{entries:?}");
}

#[test]
fn what_functions_cannot_find_is_said_where_they_ask() {
    refused(
        "x: {{ file(\"conf/_ngins.conf\") }}\n",
        &["template/include", "test.yaml.j2:1:12", "did you mean `_nginx.conf`"],
    );
    refused("x: {{ file(\"../environments/prod.yaml\") }}\n", &["template/include", "not a path below"]);
    refused("x: {{ file(\"_run.sh.j2\") }}\n", &["template/include", "text(\"_run.sh.j2\")"]);
    refused("x: {{ text(\"_ran.sh.j2\") }}\n", &["template/include", "did you mean `_run.sh.j2`"]);
    refused("x: {{ file(name) }}\n", &["template/not-allowed", "written out"]);
    refused("x: {{ text(\"test.yaml.j2\") }}\n", &["template/include", "takes itself in"]);
    refused("{% set c %}{{ nothing[0] }}{% endset %}\nx: {{ sha256(c) }}\n", &["template/operation", "null"]);
}

#[test]
fn what_is_taken_in_is_counted() {
    let line = format!("{{% include '_0.j2' %}}\n{}\n", "x".repeat(100));
    let (one, two) = (line.repeat(900), "{% include '_1.j2' %}\n".repeat(900));
    for last in [
        "  {% include '_2.j2' %}\n",
        "{% set c %}{% include '_2.j2' %}{% endset %}\n",
        "a: {{ text('_2.j2') | length }}\n",
    ] {
        let zero = "y".repeat(1000);
        let templates = [("_0.j2", &*zero), ("_1.j2", &*one), ("_2.j2", &*two), ("a.yaml.j2", last)];
        let outcome = render_all(&templates, ENVIRONMENT);
        assert!(outcome.artifacts.is_empty() && outcome.text().contains("template/too-large"), "{}", outcome.text());
    }
    let asks = "{% for i in range(90000) %}{{ text('_0.j2') | length }}{% endfor %}\n";
    let zero = "{% for i in range(1000) %}{{ i }}{% endfor %}";
    let outcome = render_all(&[("_0.j2", zero), ("a.yaml.j2", asks)], ENVIRONMENT);
    assert!(outcome.artifacts.is_empty() && outcome.text().contains("template/too-large"), "{}", outcome.text());
}

#[test]
fn no_blanks_stand_on_an_empty_line_of_a_moved_text() {
    let environment = "t: \"\\nx\\n\\ny\"\nu: \"\\n\"\n";
    let part = ("_part.j2", "\nx\n\ny\n");
    for (template, expected) in [
        ("a\n    {{ t }}\nb\n", "a\n\n    x\n\n    y\nb\n"),
        ("a\n    {% set c %}{{ t }}{% endset %}\n    {{ c }}\nb\n", "a\n\n    x\n\n    y\nb\n"),
        ("a\n    {% include '_part.j2' %}\nb\n", "a\n\n    x\n\n    y\nb\n"),
        ("a\n    {{ text('_part.j2') }}\nb\n", "a\n\n    x\n\n    y\nb\n"),
        ("a\n\t{{ u }}\nb\n", "a\n\nb\n"),
        ("a\n  - {{ t }}\n", "a\n  - \nx\n\ny\n"),
    ] {
        let outcome = render_all(&[part, ("a.txt.j2", template)], environment);
        let [Artifact { body: Body::Text(text), .. }] = &outcome.artifacts[..] else {
            panic!("{template}: {}", outcome.text())
        };
        assert_eq!(text, expected, "{template}");
    }
}
