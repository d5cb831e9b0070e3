//! What a slot becomes, by where it stands.

use crate::artifact::Body;
use crate::template::testing::{findings, render_all, value, yaml};
use crate::value::Value;

const ENVIRONMENT: &str = r#"
name: prod
size: 3
on: true
ratio: 1.50
account: "012345678901"
nothing: [null]
nasty: "x: y\n- #z {{ no }}"
labels: {app: web, tier: "1"}
zones: [a, b]
nested: {list: [{deep: {deeper: 1}}]}
pools: [{name: general, cpu: 4}, {name: gpu, cpu: 8}]
"#;

#[track_caller]
fn check(template: &str, expected: &str) {
    assert_eq!(value(template, ENVIRONMENT), yaml(expected), "{template}");
}

#[test]
fn alone_and_plain_keeps_its_type() {
    check("a: {{ name }}", "a: prod");
    check("a: {{ size }}", "a: 3");
    check("a: {{ on }}", "a: true");
    check("a: {{ nothing[0] }}", "a:");
    check("a: {{ account }}", "a: '012345678901'");
    check("{{ name }}", "prod");
    check("- {{ size }}\n- {{ name }}", "[3, prod]");
    check("[{{ size }}, {x: {{ name }}}]", "[3, {x: prod}]");
}

#[test]
fn the_authors_digits_are_kept() {
    for template in ["a: {{ ratio }}", "a: {{ {'x': ratio}.x }}", "{% set r = ratio %}a: {{ r }}"] {
        let value = value(template, ENVIRONMENT);
        assert_eq!(crate::yaml::emit::document("", &value), "a: 1.50\n");
    }
    check("a: v{{ ratio }}", "a: v1.50");
    check("a: {{ [ratio] }}", "a: [1.50]");
}

#[test]
fn maps_and_lists_nest_where_they_stand() {
    check("a:\n  b: {{ labels }}", "a: {b: {app: web, tier: '1'}}");
    check("- {{ zones }}\n- {{ nested }}", "[[a, b], {list: [{deep: {deeper: 1}}]}]");
    check("{a: {{ labels }}, b: [{{ zones }}]}", "{a: {app: web, tier: '1'}, b: [[a, b]]}");
    check("{{ labels }}", "{app: web, tier: '1'}");
    check("a: {{ [labels, {'x': zones}] }}", "a: [{app: web, tier: '1'}, {x: [a, b]}]");
}

#[test]
fn alone_in_quotes_is_a_string() {
    check("a: \"{{ size }}\"\nb: '{{ on }}'\nc: '{{ name }}'", "{a: '3', b: 'true', c: prod}");
    check("a: \"{{ ratio }}\"", "a: '1.50'");
}

#[test]
fn among_text_is_concatenation() {
    check("a: x-{{ name }}-{{ size }}", "a: x-prod-3");
    check("a: '{{ name }}/{{ on }}'", "a: prod/true");
    check("a: {{ name }}{{ size }}", "a: prod3");
    check("a: {{ size }}{{ size }}", "a: '33'");
    check("a: arn:aws:iam::{{ account }}:role/x", "a: 'arn:aws:iam::012345678901:role/x'");
    check("a: one\n  {{ name }}\n  two", "a: one prod two");
}

#[test]
fn block_scalars_keep_text() {
    check("a: |\n  x {{ name }}\n    y\n", "a: \"x prod\\n  y\\n\"");
    check("a: |-\n  {{ size }}", "a: '3'");
    check("a: >-\n  {{ name }}\n  {{ size }}", "a: prod 3");
    check("a: |\n  {{ nasty }}\n", "a: \"x: y\\n- #z {{ no }}\\n\"");
}

#[test]
fn keys_are_strings() {
    check("{{ name }}: 1\n{{ size }}: 2\nx-{{ name }}: 3", "{prod: 1, '3': 2, x-prod: 3}");
    check("{ \"{{ nasty }}\": 1 }", "\"x: y\\n- #z {{ no }}\": 1");
}

#[test]
fn values_cannot_change_what_is_around_them() {
    check("a: {{ nasty }}\nb: 1", "{a: \"x: y\\n- #z {{ no }}\", b: 1}");
    check("a: 'q {{ nasty }}'\nb: 1", "{a: \"q x: y\\n- #z {{ no }}\", b: 1}");
    check("# {{ nasty }}\nb: 1 # {{ nasty }}", "b: 1");
}

#[test]
fn macros_set_blocks_and_json_stand_alone_as_yaml() {
    check(
        "{% macro m(x) %}\napp: {{ x }}\nzones: {{ zones }}\n{% endmacro %}\na: {{ m(nasty) }}",
        "{a: {app: \"x: y\\n- #z {{ no }}\", zones: [a, b]}}",
    );
    check(
        "{% macro m() %}{{ name }}-x{% endmacro %}a: {{ m() }}\nb: \"{{ m() }}\"\nc: y{{ m() }}\n{{ m() }}: d",
        "{a: prod-x, b: prod-x, c: yprod-x, prod-x: d}",
    );
    check("{% set b %}[{{ size }}, {{ name }}]{% endset %}a: {{ b }}\nb: '{{ b }}'", "{a: [3, prod], b: '[3, prod]'}");
    check(
        "a: {{ labels | tojson }}\nb: |-\n  {{ labels | tojson }}",
        "{a: {app: web, tier: '1'}, b: '{\"app\": \"web\", \"tier\": \"1\"}'}",
    );
    check(
        "{% macro in(x) %}{{ x }}{% endmacro %}{% macro out(x) %}k: {{ in(x) }}{% endmacro %}a: {{ out(labels) }}",
        "{a: {k: {app: web, tier: '1'}}}",
    );
    check("{% macro w() %}[{{ caller() }}]{% endmacro %}a: {% call w() %}{{ size }}{% endcall %}", "a: [3]");
    check("{% macro nothing() %}{% endmacro %}{{ nothing() }}\na: 1", "a: 1");
}

#[test]
fn tags_on_lines_of_their_own_leave_no_trace() {
    check("a: |\n  {% for z in zones %}\n  - {{ z }}\n  {% endfor %}\n  end\n", "a: \"- a\\n- b\\nend\\n\"");
}

#[test]
fn short_tags_become_long_functions() {
    check("a: !Ref {{ name }}", "a: {Ref: prod}");
    check("a: !GetAtt {{ name }}.Arn", "a: {'Fn::GetAtt': [prod, Arn]}");
    check("a: !Join [',', [!Ref Vpc, '{{ size }}']]", "a: {'Fn::Join': [',', [{Ref: Vpc}, '3']]}");
    check(
        "a: !If [X, {{ labels }}, !Ref 'AWS::NoValue']",
        "a: {'Fn::If': [X, {app: web, tier: '1'}, {Ref: 'AWS::NoValue'}]}",
    );
    check("a: !Sub '${X}-{{ name }}'", "a: {'Fn::Sub': '${X}-prod'}");
}

#[test]
fn for_each_makes_one_artifact_a_round() {
    let template = "{#- platc\noutput: karpenter/{{ pool.name }}.yaml\nfor_each: pool in pools\nwhen: on\ntarget: kubernetes\n-#}\ncpu: {{ pool.cpu }}\n";
    let outcome = render_all(&[("pool.yaml.j2", template)], ENVIRONMENT);
    assert!(outcome.findings.is_empty(), "{}", outcome.text());
    let made: Vec<_> = outcome.artifacts.iter().map(|artifact| (artifact.path.as_str(), &artifact.body)).collect();
    assert!(matches!(made[0], ("karpenter/general.yaml", Body::Documents(values)) if values[..] == [yaml("cpu: 4")]));
    assert!(matches!(made[1], ("karpenter/gpu.yaml", Body::Documents(values)) if values[..] == [yaml("cpu: 8")]));
    let over_map = "{#- platc\noutput: '{{ key }}.txt'\nfor_each: key, value in labels\n-#}\n{{ key }}={{ value }}\n";
    let outcome = render_all(&[("labels.j2", over_map)], ENVIRONMENT);
    assert!(outcome.findings.is_empty(), "{}", outcome.text());
    assert!(matches!(&outcome.artifacts[0].body, Body::Text(text) if text == "app=web\n"));
    let off = "{#- platc\nwhen: size > 5\n-#}\na: 1\n";
    assert!(render_all(&[("off.yaml.j2", off)], ENVIRONMENT).artifacts.is_empty());
}

#[test]
fn when_is_asked_in_each_round_if_it_reads_what_for_each_binds() {
    let paths = |front: &str| {
        let template = format!("{{#- platc\n{front}\n-#}}\na: 1\n");
        let outcome = render_all(&[("a.yaml.j2", &template)], ENVIRONMENT);
        assert!(outcome.findings.is_empty(), "{}", outcome.text());
        outcome.artifacts.iter().map(|artifact| artifact.path.to_string()).collect::<Vec<_>>()
    };
    let each = "output: '{{ pool.name }}.yaml'\nfor_each: pool in pools\n";
    assert_eq!(paths(&format!("{each}when: pool.cpu > 4")), ["gpu.yaml"]);
    assert_eq!(paths(&format!("{each}when: pool.cpu > 9")), [""; 0]);
    // Not about a round: what the loop goes over need not even be there.
    assert_eq!(paths("output: '{{ x }}.yaml'\nfor_each: x in missing\nwhen: size > 9"), [""; 0]);
    let made = "output: '{{ key }}.yaml'\nfor_each: key, value in labels | merge(labels)\nwhen: key != 'app'";
    assert_eq!(paths(made), ["tier.yaml"]);
}

#[test]
fn what_is_not_text_is_refused_among_text() {
    for template in
        ["a: x{{ labels }}", "a: '{{ zones }}'", "'{{ labels }}': 1", "a: |\n  {{ zones }}\n", "a: x{{ nothing[0] }}"]
    {
        assert!(findings(template, ENVIRONMENT).contains("[template/not-text]"), "{template}");
    }
}

#[test]
fn slots_in_tags_anchors_and_aliases_are_refused() {
    for template in ["a: !{{ name }} x", "a: &{{ name }} x", "a: &x y\nb: *{{ name }}", "%{{ name }}\n---\na: 1"] {
        let found = findings(template, ENVIRONMENT);
        assert!(found.contains("[template/slot-place]") || found.contains("[yaml/"), "{template}: {found}");
    }
}

#[test]
fn an_escape_cannot_forge_a_slot() {
    let templates = [
        r#"a: "x \ue000 y""#,
        r#"a: "\ue0000\ue001""#,
        r#"a: "\ue0000000\ue001 {{ x }}""#,
        r#"a: "\U0000E0009\U0000E001""#,
        r#""\ue0000000\ue001": {{ x }}"#,
        r#"a: ["\ue002"]"#,
        r#"{% macro m() %}a: "\ue0000000\ue001"{% endmacro %}b: {{ m() }}"#,
        "{#- platc\noutput: \"\\ue0000000\\ue001.yaml\"\n-#}\na: {{ x }}",
    ];
    for template in templates {
        let told = findings(template, "x: secret");
        assert!(told.contains("template/reserved-character"), "{template}: {told}");
    }
    let told = findings("a: 1\nb: \"{{ x }} \\ue000\"\n", "x: long-value");
    assert!(told.contains("test.yaml.j2:2:13"), "{told}");
    for fine in ["'\\ue000{{ x }}'", "\"\\\\ue000{{ x }}\"", "\\ue000{{ x }}", "|-\n  \\ue000{{ x }}"] {
        let wanted = Value::Map(vec![("a".into(), Value::String("\\ue000z".into()))]);
        assert_eq!(value(&format!("a: {fine}"), "x: z"), wanted, "{fine}");
    }
}

#[test]
fn what_a_short_tag_takes_as_text_is_text_as_written() {
    let cases = [
        ("!Base64 1.50", "{'Fn::Base64': '1.50'}"),
        ("!Sub true", "{'Fn::Sub': 'true'}"),
        ("!Sub 1.10", "{'Fn::Sub': '1.10'}"),
        ("!Ref 012", "{Ref: '012'}"),
        ("!Condition yes", "{Condition: 'yes'}"),
        ("!ImportValue {{ ratio }}", "{'Fn::ImportValue': '1.50'}"),
        ("!Sub ['${A}', {A: 1}]", "{'Fn::Sub': ['${A}', {A: 1}]}"),
        ("!Base64 {'Fn::Sub': x}", "{'Fn::Base64': {'Fn::Sub': x}}"),
        ("!Select [0, !GetAZs '']", "{'Fn::Select': [0, {'Fn::GetAZs': ''}]}"),
    ];
    for (written, long) in cases {
        assert_eq!(value(&format!("a: {written}"), ENVIRONMENT), yaml(&format!("a: {long}")), "{written}");
    }
    for wrong in [
        "!Ref [B]",
        "!Ref {a: A}",
        "!Sub []",
        "!If [X, a]",
        "!Join []",
        "!Join x",
        "!GetAtt |\n  B.Arn\n",
        "!Ref |\n  B\n",
    ] {
        let told = findings(&format!("a: {wrong}"), ENVIRONMENT);
        assert!(told.contains("template/intrinsic"), "{wrong}: {told}");
    }
}
