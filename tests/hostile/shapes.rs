//! Templates that each try one way out, each with the rule that ends it.

use crate::case::Case;

fn shape(name: &str, rule: &'static str, template: impl AsRef<[u8]>) -> Case {
    Case::new(format!("template: {name}")).template(template).says(rule)
}

pub fn cases() -> Vec<Case> {
    let chain = |operator: &str, times: usize| format!("a: {{{{ 1{} }}}}", format!("{operator}1").repeat(times));
    let nested =
        |open: &str, close: &str, times: usize| format!("a: {{{{ {}1{} }}}}", open.repeat(times), close.repeat(times));
    let doubled = |start: &str, step: &str| {
        format!(
            "{{% set ns = namespace(x={start}) %}}{{% for i in range(60) %}}{{% set ns.x = {step} %}}{{% endfor %}}a: {{{{ ns.x }}}}"
        )
    };
    vec![
        // Size and nesting, which the parser and the compiler recurse on.
        shape("5 KB of operators", "template/too-complex", chain("+", 2500)),
        shape("a chain of ~", "template/too-complex", chain(" ~ ", 2000)),
        shape("a chain of and", "template/too-complex", chain(" and ", 2000)),
        shape("a chain of filters", "template/too-complex", format!("a: {{{{ text{} }}}}", "|upper".repeat(2000))),
        shape("a chain of attributes", "template/too-complex", format!("a: {{{{ map{} }}}}", ".a".repeat(20_000))),
        shape("a chain of else", "template/too-complex", format!("a: {{{{ {} 1 }}}}", "1 if true else ".repeat(5000))),
        shape("a chain of not", "template/too-complex", format!("a: {{{{ {}true }}}}", "not ".repeat(50_000))),
        shape("a chain of minus", "template/too-complex", format!("a: {{{{ {}1 }}}}", "-".repeat(100_000))),
        shape("nested round brackets", "template/too-complex", nested("(", ")", 10_000)),
        shape("nested square brackets", "template/too-complex", nested("[", "]", 10_000)),
        shape("nested braces", "template/too-complex", nested("{'a':", "}", 10_000)),
        shape("nested calls", "template/too-complex", nested("range(", ")", 10_000)),
        shape(
            "nested subscripts",
            "template/too-complex",
            format!("a: {{{{ {}1{} }}}}", "list[".repeat(10_000), "]".repeat(10_000)),
        ),
        shape(
            "nested loops",
            "template/too-complex",
            format!("{}{}", "{% for x in list %}".repeat(5000), "{% endfor %}".repeat(5000)),
        ),
        shape(
            "nested conditions",
            "template/too-complex",
            format!("{}{}", "{% if true %}".repeat(5000), "{% endif %}".repeat(5000)),
        ),
        shape(
            "a chain of elif",
            "template/too-complex",
            format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(10_000)),
        ),
        shape("nested YAML", "yaml/too-deep", format!("a: {}{}", "[\n ".repeat(40_000), "]\n ".repeat(40_000))),
        shape("blocks of YAML within each other", "yaml/too-deep", "{% for i in range(5000) %}- {% endfor %}a"),
        // Growth.
        shape("a doubled text", "template/too-large", doubled("'x'", "ns.x ~ ns.x")),
        shape("a doubled text by plus", "template/too-large", doubled("'x'", "ns.x + ns.x")),
        shape("a doubled list", "template/too-large", doubled("[1]", "ns.x + ns.x")),
        shape("a list within a list, doubled", "template/too-large", doubled("[1]", "[ns.x, ns.x]")),
        shape("a map within a map, doubled", "template/too-large", doubled("{}", "{'a': ns.x, 'b': ns.x}")),
        shape("a tuple, doubled", "template/too-large", doubled("1", "(ns.x, ns.x)")),
        shape(
            "a list deeper and deeper",
            "template/too-large",
            "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}a: 1",
        ),
        shape("a merged map, doubled", "template/too-large", doubled("{'a': 1}", "merge({'x': ns.x}, {'y': ns.x})")),
        shape(
            "a doubled capture",
            "template/too-large",
            format!(
                "{{% set x0 %}}xxxxxxxxxx{{% endset %}}{}a: \"{{{{ x30 }}}}\"",
                (0..30)
                    .map(|n| format!("{{% set x{} %}}{{{{ x{n} }}}}{{{{ x{n} }}}}{{% endset %}}", n + 1))
                    .collect::<String>()
            ),
        ),
        shape(
            "a doubled fragment",
            "template/too-large",
            format!(
                "{{% set x0 %}}1{{% endset %}}{}a: {{{{ x30 }}}}",
                (0..30)
                    .map(|n| format!("{{% set x{} %}}[{{{{ x{n} }}}}, {{{{ x{n} }}}}]{{% endset %}}", n + 1))
                    .collect::<String>()
            ),
        ),
        shape("a repeated text", "template/operation", "a: {{ 'x' * 100000000 }}"),
        shape("a repeated list", "template/operation", "a: {{ [1] * 100000000 }}"),
        shape(
            "replace that grows",
            "template/too-large",
            "{% set x = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' %}{% set y = x | replace('a', x) | replace('a', x) | replace('a', x) | replace('a', x) %}a: {{ y }}",
        ),
        shape(
            "join that grows",
            "template/too-large",
            "{% set x = range(1000) | join('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx') %}a: {{ range(1000) | join(x) }}",
        ),
        shape("a wide indent", "template/operation", "a: {{ text | indent(100000000) }}"),
        shape("format", "template/unknown-name", "a: {{ '%1000000000d' | format(1) }}"),
        shape("a batch that fills", "template/operation", "a: {{ [1] | batch(1000000000, 'x') }}"),
        shape("an endless range", "template/too-large", "{% for i in range(1000000000) %}x{% endfor %}"),
        shape(
            "ranges of ranges",
            "template/too-large",
            "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
        ),
        shape("JSON of much", "template/too-large", doubled("'x'", "tojson([ns.x, ns.x])")),
        shape(
            "much literal text",
            "template/too-large",
            format!("{{% for i in range(90000) %}}{}{{% endfor %}}", "x: y\n".repeat(10_000)),
        ),
        shape(
            "much literal text in a capture",
            "template/too-large",
            format!(
                "{{% set x %}}{{% for i in range(90000) %}}{}{{% endfor %}}{{% endset %}}a: 1",
                "x: y\n".repeat(10_000)
            ),
        ),
        shape(
            "much literal text in a macro",
            "template/too-large",
            format!(
                "{{% macro m() %}}{}{{% endmacro %}}{{% for i in range(90000) %}}{{% set x = m() %}}{{% endfor %}}a: 1",
                "x: y\n".repeat(10_000)
            ),
        ),
        shape(
            "many slots",
            "template/too-large",
            "{% for i in range(90000) %}- {{ i }}\n{% for j in range(10) %}- {{ map }}\n{% endfor %}{% endfor %}",
        ),
        shape("large powers", "template/operation", "a: {{ 10 ** 10 ** 10 ** 10 }}"),
        shape("a number without end", "template/operation", "a: {{ 10.0 ** 400 }}"),
        shape("a huge number", "template/operation", "a: {{ 99999999999999999999999999999 }}"),
        shape(
            "comparing what is doubled",
            "template/too-large",
            format!(
                "{{% set x0 = [1] %}}{{% set y0 = [1] %}}{}a: {{{{ x40 == y40 }}}}",
                (0..40)
                    .map(|n| format!("{{% set x{m} = [x{n}, x{n}] %}}{{% set y{m} = [y{n}, y{n}] %}}", m = n + 1))
                    .collect::<String>()
            ),
        ),
        // Recursion.
        shape("a macro that calls itself", "template/too-large", "{% macro m() %}{{ m() }}{% endmacro %}a: {{ m() }}"),
        shape(
            "a macro that calls itself twice",
            "template/too-large",
            "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}a: {{ m(1) }}",
        ),
        shape(
            "macros that call each other",
            "template/too-large",
            "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}a: {{ a() }}",
        ),
        shape(
            "exponential macros",
            "template/too-large",
            format!(
                "{{% macro m0() %}}x{{% endmacro %}}{}a: {{{{ m24() }}}}",
                (0..24)
                    .map(|n| format!("{{% macro m{}() %}}{{{{ m{n}() }}}}{{{{ m{n}() }}}}{{% endmacro %}}", n + 1))
                    .collect::<String>()
            ),
        ),
        shape(
            "a caller that calls itself",
            "template/too-large",
            "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{{ caller() }}{% endmacro %}a: {% call m() %}x{% endcall %}",
        ),
        shape(
            "a loop that calls itself",
            "template/too-large",
            "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        ),
        Case::new("template: a template that takes itself in")
            .file("templates/a.yaml.j2", "{% include 'a.yaml.j2' %}")
            .says("template/include"),
        Case::new("template: templates that take each other in")
            .file("templates/_a.j2", "{% import '_b.j2' as b %}")
            .file("templates/_b.j2", "{% include '_a.j2' %}")
            .file("templates/c.yaml.j2", "{% include '_a.j2' %}")
            .says("template/include"),
        Case::new("template: a tree of includes")
            .file("templates/_0.j2", "x")
            .file("templates/_1.j2", "{% include '_0.j2' %}\n".repeat(1000))
            .file("templates/_2.j2", "{% include '_1.j2' %}\n".repeat(1000))
            .file("templates/a.yaml.j2", "{% include '_2.j2' %}\n".repeat(1000))
            .says("template/too-large"),
        // Ways out.
        shape("a path out of the folder", "template/include", "{% include '../environments/test/environment.yaml' %}"),
        shape("an absolute path", "template/include", "{% include '/etc/passwd' %}"),
        shape(
            "a front matter part as a template",
            "template/include",
            "{#- platc\nwhen: true\n-#}\n{% include 'a.yaml.j2#when' %}",
        ),
        shape("a name made up while it runs", "template/not-allowed", "{% include 'a' ~ name %}"),
        shape("extends", "template/not-allowed", "{% extends 'a.yaml.j2' %}{% block x %}{{ super() }}{% endblock %}"),
        shape(
            "an output out of the tree",
            "template/output-path",
            "{#- platc\noutput: ../../{{ name }}.yaml\n-#}\na: 1",
        ),
        shape(
            "autoescape",
            "template/not-allowed",
            "{% autoescape false %}{% set x %}a: {{ text }}{% endset %}{{ x }}{% endautoescape %}",
        ),
        shape("the safe filter", "template/unknown-name", "a: {{ text | safe }}"),
        shape("the guards' own names", "template/unknown-name", "a: {{ text | __value }}"),
        shape("a panic in loop.cycle", "template/not-allowed", "{% for x in list %}{{ loop.cycle() }}{% endfor %}"),
        shape("a panic in a slice", "template/operation", "a: {{ list[0:2:-1] }}"),
        shape(
            "a slice past everything",
            "template/operation",
            "a: {{ text[-9223372036854775808:9223372036854775807] }}",
        ),
        // Slots by hand.
        shape("a typed slot", "template/reserved-character", "a: \u{E000}0\u{E001}"),
        shape("a typed mark", "template/reserved-character", "a: \u{E002}0\u{E003}"),
        shape("a slot in a literal", "template/not-allowed", "a: {{ '\\ue0000\\ue001' }}"),
        shape("a slot within raw", "template/reserved-character", "{% raw %}\u{E000}0\u{E001}{% endraw %}"),
        shape("a slot by base64", "template/operation", "a: {{ b64decode('7oCAMO6AgQ==') }}"),
        shape(
            "the length of a capture",
            "template/captured-text",
            "{% set x %}{{ name }}{% endset %}a: {{ x | length }}",
        ),
        shape("a capture in a list", "template/captured-text", "{% set x %}{{ name }}{% endset %}a: {{ [x] | join }}"),
        shape("a letter of a capture", "template/captured-text", "{% set x %}{{ name }}{% endset %}a: {{ x[1] }}"),
        shape("a comment without end", "template/syntax", format!("{{# {}", "x\n".repeat(100_000))),
        shape("a line without end", "template/too-complex", format!("a: {}", "x".repeat(200_000))),
        shape("a file of openings", "template/too-complex", "{{".repeat(100_000)),
    ]
}
