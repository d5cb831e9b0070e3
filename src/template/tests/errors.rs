//! What people read when a template is wrong: template and findings together, one snapshot a case.

use crate::template::testing::{findings, render_all};

const ENVIRONMENT: &str = "\
name: prod
size: 3
empty: [null]
labels:
  app: web
karpenter:
  nodePools:
    - name: general
      cpu: 4
";

/// Templates by name, in one text: `--- name` begins each.
#[track_caller]
fn case(name: &str, templates: &str) {
    let parts: Vec<(&str, &str)> = templates
        .split("--- ")
        .skip(1)
        .map(|part| part.split_once('\n').expect("a name on a line of its own"))
        .collect();
    let outcome = render_all(&parts, ENVIRONMENT);
    assert!(!outcome.findings.is_empty(), "{name}: no finding, but {:?}", outcome.artifacts);
    insta::assert_snapshot!(name, format!("{templates}\n----- findings -----\n{}", outcome.text()));
}

#[test]
fn names() {
    case("undefined-root", "--- a.yaml.j2\na: {{ nmae }}\n");
    case("undefined-key", "--- a.yaml.j2\na: {{ karpenter.nodePool }}\n");
    case("undefined-deep", "--- a.yaml.j2\na: x-{{ karpenter.nodePools[0].memory.limit }}\n");
    case("undefined-operand", "--- a.yaml.j2\n{% if size > 2 and labels.teir == 'x' %}\na: 1\n{% endif %}\n");
    case(
        "unknown-filter",
        "--- a.yaml.j2\na: {{ name | uper }}\nb: {{ nam | sha257 }}\nc: {% if name is defind %}x{% endif %}\nd: {{ cidr_subnets2('x') }}\n",
    );
    case("unknown-method", "--- a.yaml.j2\na: {{ name.upper() }}\n");
}

#[test]
fn habits_of_other_languages() {
    case(
        "habits-of-helm",
        "--- a.yaml.j2\n{{- /* labels */ -}}\na: {{ toYaml .Values.labels | nindent 4 }}\nb: {{ .Values.name | quote }}\n{{ range .Values.list }}\n- {{ . }}\n{{ end }}\n\
         --- b.yaml.j2\n{{- if .Values.on }}\na: 1\n{{- end }}\n\
         --- c.yaml.j2\na: {{ include \"web.labels\" . | nindent 4 }}\nb: {{ default \"x\" .Values.y }}\nc: {{ eq name \"x\" }}\n\
         --- d.yaml.j2\na: {{ Values.name }}\n--- e.yaml.j2\na: {{ end }}\n",
    );
    case(
        "habits-of-others",
        "--- a.yaml.j2\na: {{ name && !size || labels }}\nb: {{ size ? name : 'x' }}\n{% if size %}\n{% else if name %}\n{% endif %}\n\
         --- b.yaml.j2\na: {{ labels | to_yaml }}\nb: {{ labels | tojsn }}\nc: {{ name | b64enc }}\nd: {{ name | quote }}\ne: {{ env('HOME') }}\n\
         --- c.yaml.j2\n{% if size %}\n{% elseif name %}\n{% endif %}\n{% unless size %}\n{% end %}\n",
    );
    // Another tool's braces are kept for it.
    case(
        "habits-kept",
        "--- a.yaml.j2\na: {{ $labels.instance }}\n--- b.yaml.j2\n{{ range .Alerts }}x{{ .Labels }}{{ end }}\n",
    );
}

#[test]
fn names_of_other_languages_and_of_functions() {
    for (template, wanted) in [
        ("a: {{ namespace }}", "`namespace` is not defined"),
        ("a: {{ range }}", "`range` is not defined"),
        ("a: {{ null }}", "here it is called `none`"),
        ("a: {{ name is exists }}", "here it is called `defined`"),
        ("a: {{ Values.labels.tier }}", "write `{{ labels.tier }}`"),
        ("a: {{ Release.Name }}", "there is no `.Release` here"),
        ("a: {{ name.startswith('a') }}", "write `x is startingwith \"a\"`"),
        ("a: {{ required('no tier', labels.tier) }}", "write `required(labels.tier, 'no tier')`, the value first"),
        ("a: {{ 'no tier' | required(labels.tier) }}", "write `required(labels.tier, 'no tier')`, the value first"),
        ("a: {{ max(1, 2) }}", "write `[a, b] | max`"),
        ("a: {{ pool.size-max }}", "`-` is minus here: write `pool[\"size-max\"]`"),
        ("a: {{ extra-labels.a }}", "`-` is minus here: give `extra-labels` a name without it"),
        ("a: {{ .LOG_LEVEL }}", "settings are called by their names, without a point: `LOG_LEVEL`"),
        ("{% name %}", "write `{{ name }}`"),
        ("{# platc: when: false #}\na: 1", "begin with `{#- platc`"),
    ] {
        let environment = "name: prod\npool: {size-max: 3}\nextra-labels: {a: b}\nlabels: {app: web}\n";
        let told = render_all(&[("a.yaml.j2", template)], environment).text();
        assert!(told.contains(wanted), "{template}: {told}");
    }
}

#[test]
fn operations() {
    case("operator", "--- a.yaml.j2\na: {{ name + size }}\n");
    case("compare", "--- a.yaml.j2\na: {{ name < size }}\n");
    case("function-argument", "--- a.yaml.j2\na: {{ cidr_subnet(name, 20, 1) }}\n");
    case("function-name", "--- a.yaml.j2\na: {{ 'x' | replace('a', 'b', nwe='c') }}\n");
    case("engine-function", "--- a.yaml.j2\na: {{ labels | sort(reverse=3, x=1) }}\n");
    case("loop-over-text", "--- a.yaml.j2\n{% for x in name %}\n- {{ x }}\n{% endfor %}\n");
    case("unpack", "--- a.yaml.j2\n{% for k, v in labels %}\n{{ k }}: {{ v }}\n{% endfor %}\n");
    case("required", "--- a.yaml.j2\na: {{ required(labels.owner, 'every platform has an owner') }}\n");
    case("fail", "--- a.yaml.j2\n{% if size == 3 %}{{ fail('three is not allowed') }}{% endif %}\n");
    case("division", "--- a.yaml.j2\na: {{ size / 0 }}\n");
}

#[test]
fn values_that_do_not_fit() {
    case("map-in-text", "--- a.yaml.j2\na: {{ size }}\nlabels: \"{{ labels }}\"\n");
    case("list-in-key", "--- a.yaml.j2\nx-{{ karpenter.nodePools }}: 1\n");
    case("null-in-text", "--- a.yaml.j2\na: x-{{ empty[0] }}\n");
    case("map-in-variable", "--- a.yaml.j2\n{% set x = labels %}\na: 1\nb: 2\nc: >\n  text {{ x }}\n");
    case("duplicate-key", "--- a.yaml.j2\nprod: 1\n{{ name }}: 2\n");
    case("get-att", "--- a.yaml.j2\na: !GetAtt {{ name }}\n");
    case("function-printed", "--- a.yaml.j2\n{% macro m() %}x{% endmacro %}\na: {{ m }}\n");
}

#[test]
fn yaml() {
    case("indentation", "--- a.yaml.j2\nspec:\n  a: {{ name }}\n b: {{ size }}\n");
    case("ambiguous", "--- a.yaml.j2\n# {{ name }}\na: {{ name }}\nb: yes\n");
    case(
        "loop-indentation",
        "--- a.yaml.j2\na:\n{% for x in karpenter.nodePools %}\n  - {{ x.name }}\n   bad: {{ x.cpu }}\n{% endfor %}\n",
    );
    case("tag", "--- a.yaml.j2\na: !Reff {{ name }}\n");
    case("slot-in-anchor", "--- a.yaml.j2\na: &{{ name }} x\n");
    case("macro-not-yaml", "--- a.yaml.j2\n{% macro m(x) %}\n a: {{ x }}\nb: 1\n{% endmacro %}\nx: {{ m(name) }}\n");
    case(
        "slot-in-words",
        "--- a.yaml.j2\n{% macro m(x) %}\nk: {{ x }}\n{% endmacro %}\nx: {{ m(name) }}\na: b {{ size }}: c\n",
    );
    case("macro-on-a-line", "--- a.yaml.j2\n{% macro m() %}\nb: 1\n{% endmacro %}\na: 1\n{{ m() }}\nc: 2\n");
}

#[test]
fn macros_and_includes() {
    case(
        "in-a-macro",
        "--- a.yaml.j2\n{% macro m(x) %}\na: {{ x.nmae }}\n{% endmacro %}\n{% macro outer(y) %}{{ m(y) }}{% endmacro %}\nx: {{ outer(labels) }}\n",
    );
    case(
        "in-an-import",
        "--- _m.j2\n{% macro m(x) %}\na: \"{{ x }}\"\n{% endmacro %}\n--- a.yaml.j2\n{% from '_m.j2' import m %}\nx: {{ m(labels) }}\n",
    );
    case("in-an-include", "--- _part.j2\nb: {{ nmae }}\n--- a.yaml.j2\na: 1\n{% include '_part.j2' %}\n");
    case(
        "circle",
        "--- _a.j2\n{% include '_b.j2' %}\n--- _b.j2\n{% include '_a.j2' %}\n--- c.yaml.j2\n{% include '_b.j2' %}\n",
    );
    case("missing-include", "--- _part.j2\na: 1\n--- a.yaml.j2\n{% include '_prat.j2' %}\n");
    case(
        "captured",
        "--- a.yaml.j2\n{% macro m() %}{{ name }}{% endmacro %}\n{% if m() == 'prod' %}\na: 1\n{% endif %}\n",
    );
    case("macro-argument", "--- a.yaml.j2\n{% macro m(a) %}{{ a }}{% endmacro %}\nx: {{ m(1, 2) }}\ny: {{ m(b=1) }}\n");
    case("recursion", "--- a.yaml.j2\n{% macro m(x) %}{{ m(x) }}{% endmacro %}\nx: {{ m(1) }}\n");
}

#[test]
fn front_matter() {
    case("front-key", "--- a.yaml.j2\n{#- platc\nouput: x.yaml\nfor_eahc: a in b\n-#}\na: 1\n");
    case("front-when", "--- a.yaml.j2\n{#- platc\nwhen: size\n-#}\na: 1\n");
    case("front-undefined", "--- a.yaml.j2\n{#- platc\noutput: x.yaml\nwhen: features.karpenter\n-#}\na: 1\n");
    case("front-for-each", "--- a.yaml.j2\n{#- platc\nfor_each: x in labels\n-#}\na: 1\n");
    case("front-path", "--- a.yaml.j2\n{#- platc\noutput: ../{{ name }}.yaml\n-#}\na: 1\n");
    case("front-target", "--- a.yaml.j2\n{#- platc\ntarget: cloudformaton\n-#}\na: 1\n");
    case("front-map-in-path", "--- a.yaml.j2\n{#- platc\noutput: x/{{ labels }}.yaml\n-#}\na: 1\n");
    case(
        "front-in-round",
        "--- a.yaml.j2\n{#- platc\noutput: x/{{ pool.name }}.yaml\nfor_each: pool in karpenter.nodePools\n-#}\na: '{{ pool }}'\n",
    );
}

#[test]
fn syntax() {
    case("unclosed", "--- a.yaml.j2\na: {{ name\nb: 1\n");
    case("unclosed-block", "--- a.yaml.j2\n{% if size %}\na: 1\n");
    case("unknown-statement", "--- a.yaml.j2\n{% fro x in y %}\n{% endfor %}\n");
    case("wrong-end", "--- a.yaml.j2\n{% if size %}\n{% endfor %}\n");
    case(
        "not-allowed",
        "--- a.yaml.j2\n{% extends 'x' %}\n{% autoescape false %}{% endautoescape %}\n{{ loop.cycle() }}{{ a < b < c }}\n{% include name %}\n",
    );
    case("empty-expression", "--- a.yaml.j2\na: {{ }}\n");
}

#[test]
fn front_matter_that_is_not_read_is_told() {
    let comment = "{#- platc\nwhen: false\n-#}\n";
    let templates = [
        format!("\n{comment}a: 1"),
        format!("{{# why #}}\n{comment}a: 1"),
        format!("---\n{comment}a: 1"),
        format!("a: 1\n{comment}"),
        format!("{comment}{comment}a: 1"),
        "{# Platc\nwhen: false #}\na: 1".to_owned(),
        "{#\tplatc\nwhen: false #}\na: 1".to_owned(),
        "{# platc: when: false #}\na: 1".to_owned(),
    ];
    for template in templates {
        let told = findings(&template, "x: 1");
        assert!(told.contains("template/front-matter"), "{template}: {told}");
    }
    for fine in [
        "a: 1\n{# platc fills this #}",
        "# {# c #}\na: 1 {# platc is fine #}",
        "a: |-\n  {% raw %}{#- platc\n  when: false #}{% endraw %}",
    ] {
        let made = render_all(&[("test.yaml.j2", fine)], "x: 1");
        assert!(made.findings.is_empty() && made.artifacts.len() == 1, "{fine}: {}", made.text());
    }
}

#[test]
fn numbers_that_lose_digits_are_told() {
    for wrong in ["012345678901", "1.30", "1e3", "-1.50", "007"] {
        let told = findings(&format!("a: {{{{ x | default({wrong}) }}}}"), "x: 1");
        assert!(told.contains("is printed as"), "{wrong}: {told}");
    }
    for fine in ["1", "1.5", "0", "-3", "1.0", "'1.30'", "1_000", "0x1f"] {
        let made = render_all(&[("test.yaml.j2", &format!("a: {{{{ x | default({fine}) }}}}"))], "x: 1");
        assert!(made.findings.is_empty(), "{fine}: {}", made.text());
    }
}

#[test]
fn a_comment_directly_behind_text_is_told() {
    for wrong in ["a: echo '{#' b '#}' c", "a: ({# c #})", "a: b{# c #}", "a: \"x {{ x }}'{#\" #}"] {
        let told = findings(wrong, "x: 1");
        assert!(told.contains("`{#` begins a comment") && told.contains("raw"), "{wrong}: {told}");
    }
    for fine in ["a: {{ x }}{# c #}", "{% if true %}{# c #}{# d #}a: 1{% endif %}", "a: 1 {# c #}", "{# c #}\na: 1"] {
        let made = render_all(&[("test.yaml.j2", fine)], "x: 1");
        assert!(made.findings.is_empty(), "{fine}: {}", made.text());
    }
}

#[test]
fn an_application_set_with_go_templates_leaves_plain_names_to_us() {
    let template = |go: &str| {
        format!(
            "kind: ApplicationSet\nspec:\n  {go}\n  generators:\n    - clusters: {{}}\n  template:\n    metadata:\n      name: '{{{{ name }}}}'\n"
        )
    };
    assert!(findings(&template("goTemplate: false"), "name: x").contains("template/foreign-braces"));
    let made = render_all(&[("test.yaml.j2", &template("goTemplate: true # Go"))], "name: x");
    assert!(made.findings.is_empty(), "{}", made.text());
}
