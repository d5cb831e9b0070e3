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
fn what_a_round_of_a_loop_sets_is_not_read_behind_it() {
    for template in [
        "{% set found = false %}\n{% for x in l %}{% if x == 1 %}{% set found = true %}{% endif %}{% endfor %}\na: {{ found }}",
        "{% for x in l %}{% set n = x %}{% endfor %}\na: {{ n }}",
        "{% set s %}a{% endset %}{% for x in l %}{% set s %}b{% endset %}{% endfor %}\na: {{ s }}",
        "{% set i = 0 %}\na:\n{% for x in l %}\n{% set i = i + 1 %}\n- {{ i }}\n{% endfor %}",
        "{% set all = [] %}{% for x in l %}{% set all = all + [x] %}{% endfor %}\na: {{ all }}",
    ] {
        let told = findings(template, "l: [1, 2]\nn: 1\n");
        assert!(told.contains("template/not-allowed") && told.contains("namespace("), "{template}: {told}");
        assert_eq!(told.matches("error[").count(), 1, "{told}");
    }
    for (template, expected) in [
        (
            "{% set n = 0 %}\na:\n{% for x in l %}\n{% set n = x + 1 %}\n- {{ n }}\n{% endfor %}\nb: {{ n }}",
            "{a: [2, 3], b: 0}",
        ),
        ("{% for x in l %}{% set n = x %}{% endfor %}\n{% set n = 5 %}\na: {{ n }}", "a: 5"),
        ("{% for x in l %}{% set n = x %}{% endfor %}\na:\n{% for n in l %}\n- {{ n }}\n{% endfor %}", "a: [1, 2]"),
        ("{% set ns = namespace(n=0) %}\n{% for x in l %}{% set ns.n = ns.n + x %}{% endfor %}\na: {{ ns.n }}", "a: 3"),
        ("{% if l %}{% set n = 7 %}{% endif %}\na: {{ n }}", "a: 7"),
    ] {
        assert_eq!(value(template, "l: [1, 2]\nn: 1\n"), yaml(expected), "{template}");
    }
}

#[test]
fn what_makes_nothing_is_no_value() {
    let made = "{% macro m(on) %}\n{% if on %}\nk: 1\n{% endif %}\n{% endmacro %}\n{% set s %}{% if false %}x{% endif %}{% endset %}\n{% set t %}\n \n{% endset %}\n";
    for template in [
        "a: {{ m(false) }}\n",
        "a:\n  - {{ m(false) }}\n  - 1\n",
        "a:\n  {{ m(false) }}\nb: 1\n",
        "a: {{ s }}\n",
        "a: {{ t }}\n",
        "{% macro n() %}\na: {{ m(false) }}\n{% endmacro %}\nx: {{ n() }}\n",
        "a: {{ m(true) }}\n---\nb: {{ s }}\n",
    ] {
        let told = findings(&format!("{made}{template}"), "x: 1\n");
        assert!(told.contains("template/no-value") && told.contains("makes nothing"), "{template}: {told}");
        assert_eq!(told.matches("error[").count(), 1, "{template}: {told}");
    }
    for (template, expected) in [
        ("a: {{ m(true) }}\n", "a: {k: 1}"),
        ("a: \"{{ s }}\"\nb: x{{ s }}\n", "{a: '', b: x}"),
        ("{{ m(false) }}\na: 1\n{{ s }}\nb:\n", "{a: 1, b: null}"),
        ("a:\n{{ m(false) }}\nb: 1\n", "{a: null, b: 1}"),
    ] {
        assert_eq!(value(&format!("{made}{template}"), "x: 1\n"), yaml(expected), "{template}");
    }
}

#[test]
fn a_part_that_makes_nothing_is_no_value() {
    for template in ["a: {% include '_no.j2' %}\n", "a:\n  {% include '_no.j2' %}\nb: 1\n"] {
        let outcome = render_all(&[("_no.j2", "{# c #}\n"), ("test.yaml.j2", template)], "x: 1\n");
        assert!(outcome.text().contains("template/no-value"), "{template}: {}", outcome.text());
    }
    let outcome =
        render_all(&[("_no.j2", "{# c #}\n"), ("test.yaml.j2", "a:\n{% include '_no.j2' %}\nb: 1\n")], "x: 1\n");
    assert!(outcome.findings.is_empty(), "{}", outcome.text());
}

#[test]
fn json_is_not_filled_up() {
    for (template, words) in [
        (r#"{"a": 1, "b"}"#, "no value"),
        (r#"{"a": 1, "b": }"#, "no value"),
        ("{ {% for x in l %}\"{{ x }}\",{% endfor %} }", "no value"),
        (r#"["x", "y": 1]"#, "without `{` and `}`"),
        ("[1 2]", "several words"),
        ("[{% for x in l %}{{ x }} {% endfor %}]", "several words"),
        (r#"{"a": foo bar}"#, "several words"),
    ] {
        let outcome = render_all(&[("test.json.j2", template)], "l: [1, 2]\n");
        let told = outcome.text();
        assert!(
            outcome.artifacts.is_empty() && told.contains("yaml/syntax") && told.contains(words),
            "{template}: {told}"
        );
    }
    for template in [r#"{"a": null, "b": [], "c": {{ l }}}"#, "a: 1\nb: two words\n", "[{\"a\": 1}, {{ l[0] }}]"] {
        let outcome = render_all(&[("test.json.j2", template)], "l: [1, 2]\n");
        assert!(outcome.findings.is_empty(), "{template}: {}", outcome.text());
    }
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

#[test]
fn a_parameter_of_an_application_set_is_told_wherever_it_is_filled_in() {
    let environment = "name: prod\nenv: prd\nflag: true\nvalues: {a: 1}\nmetadata: {labels: {e: f}}\ngenerator: {input: {parameters: {q: 5}}}\n";
    let of = |spec: &str| format!("kind: ApplicationSet\nspec: {{{spec}, template: {{a: '{{{{ name ~ name }}}}'}}}}\n");
    for (spec, taken) in [
        ("generators: [{list: {elements: [{env: a}], template: {a: '{{ env }}-app'}}}]", "env"),
        ("generators: [{clusters: {template: {a: '{{ name }}-app'}}}]", "name"),
        (
            "generators: [{matrix: {generators: [{list: {elements: [{env: a}]}}, {git: {files: ['{{ env }}/x']}}]}}]",
            "env",
        ),
        ("generators: [{matrix: {generators: [{clusters: {}}, {clusters: {selector: {a: '{{name}}'}}}]}}]", "name"),
        (
            "generators: [{merge: {generators: [{matrix: {generators: [{clusters: {}}, {list: {elements: [{a: '{{name}}'}]}}]}}]}}]",
            "name",
        ),
        ("generators: [{clusters: {values: {a: '{{ metadata.labels.e }}'}}}]", "metadata"),
        ("generators: [{clusters: {}}], templatePatch: '{{ metadata[\"labels\"].e }}'", "metadata"),
        ("generators: [{plugin: {values: {a: b}}}], templatePatch: '{{ values.a }}'", "values"),
        (
            "generators: [{plugin: {}}], templatePatch: '{{ generator.input.parameters.q }}'",
            "generator.input.parameters",
        ),
    ] {
        let told = findings(&of(spec), environment);
        assert!(told.contains(&format!("supplies `{taken}`")) && told.matches("error[").count() == 1, "{spec}: {told}");
    }
    for spec in [
        "goTemplate: {{ flag }}, generators: [{clusters: {}}], templatePatch: '{{ name }}-g'",
        "generators: [{list: {elements: [{env: '{{ env }}'}]}}, {list: {elements: [{env: '{{ env }}'}]}}]",
        "generators: [{merge: {generators: [{clusters: {}}, {clusters: {selector: {a: '{{ name }}'}}}]}}]",
        "generators: [{git: {repoURL: '{{ name }}', pathParamPrefix: own}}], templatePatch: '{{ env }}'",
    ] {
        let made = render_all(&[("test.yaml.j2", &of(spec))], environment);
        assert!(made.findings.is_empty(), "{spec}: {}", made.text());
    }
    // What front matter merges counts, and a list of objects is looked into.
    let merged = "{#- platc merge: more -#}\nkind: ApplicationSet\nspec: {template: {a: '{{ env }}'}}\n";
    let told = findings(merged, "env: prd\nmore: {spec: {generators: [{list: {elements: [{env: a}]}}]}}\n");
    assert!(told.contains("supplies `env`"), "{told}");
    let list = "kind: List\nitems:\n  - kind: ApplicationSet\n    spec: {generators: [{clusters: {}}], template: {a: '{{name}}'}}\n";
    assert!(findings(list, environment).contains("supplies `name`"));
}

#[test]
fn what_argo_and_kyverno_supply_is_told_in_their_own_objects() {
    let environment = "workflow: {name: w, image: i}\ninputs: {parameters: {x: 1}}\nsteps: {a: {outputs: {result: 1}}, count: 2}\nitem: it\nstatus: s\nimage: nginx\nelement: {name: e}\nrequest: {object: {a: 1}, cpu: 1}\nargs: {service: 1, other: 2}\n";
    let object = |api: &str, kind: &str, spec: &str, text: &str| {
        format!("apiVersion: {api}\nkind: {kind}\nspec: {{{spec}, a: '{{{{ {text} }}}}'}}\n")
    };
    let (argo, kyverno) = ("argoproj.io/v1alpha1", "kyverno.io/v1");
    for (api, kind, spec, text, taken) in [
        (argo, "Workflow", "b: 1", "workflow.name", "Argo Workflows supplies `workflow.name`"),
        (argo, "WorkflowTemplate", "b: 1", "inputs.parameters.x", "Argo Workflows supplies `inputs.parameters`"),
        (argo, "CronWorkflow", "b: 1", "inputs['parameters'].x", "Argo Workflows supplies"),
        (argo, "ClusterWorkflowTemplate", "b: 1", "steps.a.outputs.result", "supplies `steps.a.outputs`"),
        (argo, "Workflow", "withItems: [a]", "item", "Argo Workflows supplies `item`"),
        (argo, "AnalysisTemplate", "args: [{name: service}]", "args.service", "Argo Rollouts supplies `args.service`"),
        (kyverno, "ClusterPolicy", "context: [{name: image}]", "image", "Kyverno supplies `image`"),
        (kyverno, "ClusterPolicy", "foreach: []", "element.name", "Kyverno supplies `element`"),
        (kyverno, "Policy", "b: 1", "request.object.a", "Kyverno supplies `request.object`"),
    ] {
        let template = object(api, kind, spec, text);
        let told = findings(&template, environment);
        assert!(told.contains(taken) && told.matches("error[").count() == 1, "{template}: {told}");
        let other = object("example.com/v1", kind, spec, text);
        assert!(matches!(value(&other, environment), crate::value::Value::Map(_)), "{other}");
        let named =
            object(api, kind, spec, "own").replace("apiVersion", &format!("{{% set own = {text} %}}\napiVersion"));
        assert!(matches!(value(&named, environment), crate::value::Value::Map(_)), "{named}");
    }
    for (api, kind, spec, text) in [
        (argo, "Workflow", "b: 1", "workflow.image"),
        (argo, "Workflow", "b: 1", "item"),
        (argo, "Workflow", "b: 1", "steps.count"),
        (argo, "Workflow", "b: 1", "status"),
        (argo, "AnalysisTemplate", "args: [{name: service}]", "args.other"),
        (kyverno, "ClusterPolicy", "b: 1", "image"),
        (kyverno, "ClusterPolicy", "b: 1", "request.cpu"),
    ] {
        let fine = object(api, kind, spec, text);
        assert!(matches!(value(&fine, environment), crate::value::Value::Map(_)), "{fine}");
    }
    let within = format!(
        "kind: Sensor\nspec: {{a: {{{}}}}}\n",
        "apiVersion: argoproj.io/v1alpha1, kind: Workflow, b: '{{workflow.name}}'"
    );
    assert!(findings(&within, environment).contains("Argo Workflows supplies"));
    // An expression of Argo's own says what to do.
    assert!(findings("a: '{{=asInt(1)}}'\n", environment).contains("raw"));
}

#[test]
fn pieces_of_a_list_or_a_map_are_never_folded_into_one_text() {
    let parts = [
        ("_item.j2", "- {{ i }}\n"),
        ("_pair.j2", "{{ i }}: 1\n"),
        ("_a.j2", "a: 1\n"),
        ("_l.j2", "- z\n"),
        (
            "_m.j2",
            "{% macro kv(x) %}{{ x }}: 1{% endmacro %}\n{% macro word(x) %}{{ x }}{% endmacro %}\n{% macro out(x) %}{{ kv(x) }}{% endmacro %}\n",
        ),
    ];
    let import = "{% from '_m.j2' import kv, word, out %}\n";
    let told = |template: &str| {
        let template = format!("{import}{template}");
        let all: Vec<_> = parts.iter().copied().chain([("t.yaml.j2", &*template)]).collect();
        render_all(&all, "list: [p, q]\n").text()
    };
    for template in [
        "k:\n  {% for i in list %}\n  {% include '_item.j2' %}\n  {% endfor %}\n",
        "k:\n  {% for i in list %}\n  {% include '_pair.j2' %}\n  {% endfor %}\n",
        "k:\n  {% include '_a.j2' %}\n  {% include '_a.j2' %}\n",
        "k:\n  {% for i in list %}\n  {{ kv(i) }}\n  {% endfor %}\n",
        "{% for i in list %}\n{{ kv(i) }}\n{% endfor %}\n",
        "k:\n  {% include '_l.j2' %}\n  - y2\n",
        "k: {% include '_a.j2' %}{% include '_a.j2' %}\n",
        "k: {{ kv('b') }}{{ kv('c') }}\n",
        "k: {{ out('b') }}{{ out('c') }}\n",
        "k: see {{ kv('b') }}\n",
        "{{ kv('b') }}: 1\n",
    ] {
        let told = told(template);
        assert!(told.contains("a list or a map stands among text"), "{template}: {told}");
    }
    for template in [
        "k: {{ word('a') }} {{ word('b') }}\n",
        "k: \"{{ kv('b') }} {{ kv('c') }}\"\n",
        "k: |\n  {{ kv('b') }}\n  {{ kv('c') }}\n",
        "k: see {% include '_l.j2' %}\n",
        "{{ word('a') }}-x: 1\n",
        "k: {{ kv('b') }}\n",
    ] {
        let told = told(template);
        assert!(!told.contains("error["), "{template}: {told}");
    }
}

#[test]
fn functions_of_the_engine_are_as_strict_as_ours() {
    let environment = "pools: [{name: a, n: 1}, {name: b, n: 2}]\ntext: '1'\n";
    for (expression, says) in [
        ("pools | unique(attribute='nmae')", "`pools[0].nmae` is not defined"),
        ("pools | sum(attribute='nmae')", "`pools[0].nmae` is not defined"),
        ("pools | sort(attribute='n,nmae')", "`pools[0].nmae` is not defined"),
        ("pools | map(attribute='nmae')", "`pools[0].nmae` is not defined"),
        ("pools | groupby('nmae')", "`pools[0].nmae` is not defined"),
        ("pools | selectattr('nmae')", "`selectattr`: no item has `nmae`"),
        ("pools | rejectattr('nmae')", "`rejectattr`: no item has `nmae`"),
        ("[{'a': 1}] | sum(attribute='b')", "`sum`: item 1 has no `b`"),
        ("[{'a': 1}] | selectattr('b')", "`selectattr`: no item has `b`"),
        ("pools | selectattr('n', 'gt', text)", "`gt` cannot compare a number with a string"),
        ("1 is lt('2')", "`lt` cannot compare"),
        ("none is lt(1)", "`lt` cannot compare"),
        ("[1, 'a'] | sort", "`sort` cannot compare"),
        ("[none, 1] | max", "`max` cannot compare"),
    ] {
        let told = findings(&format!("v: {{{{ {expression} }}}}\n"), environment);
        assert!(told.contains(says) && told.matches("error[").count() == 1, "{expression}: {told}");
    }
    for (expression, expected) in [
        ("['a', 'A'] | unique", "[a, A]"),
        ("['a', 'A'] | unique(case_sensitive=false)", "[a]"),
        ("[{'n': 'a'}, {'n': 'A'}] | groupby('n') | map('first') | list", "[A, a]"),
        ("[{'n': 'a'}, {}] | groupby('n', default='z') | length", "2"),
        ("[{}, {'on': true}] | selectattr('on', 'defined') | length", "1"),
        ("pools | selectattr('n', 'gt', 1) | map(attribute='name') | list", "[b]"),
        ("[{}, {'on': true}] | map(attribute='on', default=false) | list", "[false, true]"),
        ("['b', 'A'] | sort", "[A, b]"),
        ("[1.5, 1] | sort", "[1, 1.5]"),
        ("[[2, 'b'], [1, 'a']] | sort", "[[1, a], [2, b]]"),
        ("[] | selectattr('on') | list", "[]"),
    ] {
        assert_eq!(
            value(&format!("v: {{{{ {expression} }}}}\n"), environment),
            yaml(&format!("v: {expected}")),
            "{expression}"
        );
    }
}

#[test]
fn lines_never_leave_the_comment_that_their_tag_stands_in() {
    let environment = "motto: \"l1\\nl2\\n\"\none: \"l1\\n\"\n";
    let parts = [("_t.j2", "l1\nl2\n")];
    let made = |path: &str, template: &str| {
        let all: Vec<_> = parts.iter().copied().chain([(path, template)]).collect();
        render_all(&all, environment)
    };
    for (path, template) in [
        ("t.sh.j2", "# {{ motto }}\nb=1\n"),
        ("t.sh.j2", "  # a {{ text('_t.j2') }}\n"),
        ("t.sh.j2", "{% set x %}{% include '_t.j2' %}{% endset %}\n// {{ x }}\n"),
        ("t.ini.j2", "; {% include '_t.j2' %}\n"),
        ("t.sql.j2", "-- {{ motto }}\n"),
        ("t.bat.j2", "rem {{ motto }}\n"),
        ("t.yaml.j2", "k: |\n  # {{ motto }}\n"),
        ("t.yaml.j2", "k: {{ text('_u.j2') }}\n"),
    ] {
        let outcome = if template.contains("_u") {
            render_all(&[("_u.j2", "# {{ motto }}\n"), (path, template)], environment)
        } else {
            made(path, template)
        };
        let told = outcome.text();
        assert!(told.contains("only the first of several lines"), "{template}: {told}");
    }
    for (path, template) in [
        ("t.sh.j2", "# {{ one }}\nb=1\n"),
        ("t.sh.j2", "# {{ motto | trim | replace('\\n', '\\n# ') }}\nb=1\n"),
        ("t.sh.j2", "{{ motto }}\n--{{ motto }}\n"),
        ("t.yaml.j2", "k: |\n  a {{ motto }}\n"),
    ] {
        let told = made(path, template).text();
        assert!(!told.contains("error["), "{template}: {told}");
    }
}

#[test]
fn several_lines_in_a_folded_block_are_an_error() {
    let parts = [("_p.j2", "l1\nl2\n"), ("_one.j2", "l1\n")];
    let made = |template: &str| {
        let all: Vec<_> = parts.iter().copied().chain([("t.yaml.j2", template)]).collect();
        render_all(&all, "v: \"a\\nb\"\n")
    };
    for template in [
        "k: >-\n  a\n  {% include '_p.j2' %}\n  z\n",
        "k: >\n  {% include '_p.j2' %}\n  z\n",
        "k: >-\n  a {% include '_p.j2' %} b\n",
        "k: >-\n  a\n  {% filter upper %}\n  b\n  c\n  {% endfilter %}\n  z\n",
        "{% set x %}{% include '_p.j2' %}{% endset %}\nk: >-\n  a\n  {{ x }}\n  z\n",
    ] {
        let told = made(template).text();
        assert!(told.contains("lines that YAML folds"), "{template}: {told}");
    }
    for template in [
        "k: >-\n  a\n  {% include '_one.j2' %}\n  z\n",
        "k: >-\n  {% include '_p.j2' %}\n",
        "k: >-\n  a\n  {{ v }}\n  z\n",
    ] {
        let told = made(template).text();
        assert!(!told.contains("error["), "{template}: {told}");
    }
}

#[test]
fn what_would_be_another_text_than_was_meant_is_an_error() {
    let outcome = render_all(
        &[
            ("conf.yaml.j2", "{#- platc\nmerge: over\n-#}\nlevel: info\n"),
            ("t.yaml.j2", "sum: {{ sha256(text('conf.yaml.j2')) }}\n"),
        ],
        "over: {level: debug}\n",
    );
    assert!(
        outcome.text().contains("`conf.yaml.j2` makes another file than its text says: it has `merge`"),
        "{}",
        outcome.text()
    );
    let outcome = render_all(
        &[
            ("conf.yaml.j2", "{#- platc\noutput: c.yaml\n-#}\nlevel: info\n"),
            ("t.yaml.j2", "t: {{ text('conf.yaml.j2') }}\n"),
        ],
        "",
    );
    assert!(!outcome.text().contains("error["), "{}", outcome.text());
    let outcome = render_all(&[("_c.j2", "x\n"), ("t.txt.j2", "{% include '_c.j2' without context %}\n")], "");
    assert!(outcome.text().contains("`without context` has no effect"), "{}", outcome.text());
    let outcome = render_all(&[("_c.j2", "x\n"), ("t.txt.j2", "{% include '_c.j2' with context %}\n")], "");
    assert!(!outcome.text().contains("error["), "{}", outcome.text());
}

#[test]
fn a_colon_with_nothing_behind_it_is_no_text() {
    for template in ["k:{{ name }}\n", "# c\nk:v\n", "k: {a:{{ name }}}\n", "k: {a:80}\n", "k: {a:80, b: 1}\n"] {
        let told = findings(template, "name: prod\n");
        assert!(told.contains("a colon with nothing behind it"), "{template}: {told}");
    }
    for template in [
        "k: a:80\n",
        "k: {a: 80}\n",
        "'k:v'\n",
        "{{ name }}\n",
        "k: {{ name }}:80\n",
        "a:b: 1\n",
        "k: [a:80]\n",
        "k: {'a:80'}\n",
    ] {
        let made = render_all(&[("test.yaml.j2", template)], "name: prod\n");
        assert!(!made.text().contains("error["), "{template}: {}", made.text());
    }
}

#[test]
fn a_macro_that_stands_twice_is_an_error() {
    let told = findings("{% macro m() %}1{% endmacro %}\n{% macro m() %}2{% endmacro %}\nv: {{ m() }}\n", "");
    assert!(told.contains("the macro `m` stands twice") && told.contains("test.yaml.j2:2"), "{told}");
    let either =
        "{% if x %}\n{% macro m() %}1{% endmacro %}\n{% else %}\n{% macro m() %}2{% endmacro %}\n{% endif %}\nv: 1\n";
    let made = render_all(&[("test.yaml.j2", either)], "x: true\n");
    assert!(!made.text().contains("error["), "{}", made.text());
}
