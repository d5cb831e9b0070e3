//! Expressions that grow or nest, at each place where a template has an expression.

use crate::case::{Case, nested};

/// Each doubles, repeats, widens or nests something.
fn expressions() -> Vec<(&'static str, String)> {
    vec![
        ("a repeated text", "'x' * 1000000000".to_owned()),
        ("a repeated list", "[1] * 1000000000".to_owned()),
        ("a long range", "range(100000) | list".to_owned()),
        ("a range without end", "range(9223372036854775807)".to_owned()),
        ("a range of steps", "range(0, 1000000000, 1) | list".to_owned()),
        ("a join of a range", "range(90000) | join('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')".to_owned()),
        ("a join of a join", "range(1000) | join(range(1000) | join(range(1000) | join('x')))".to_owned()),
        ("replace, five times", format!("text{}", " | replace('e', text)".repeat(5))),
        ("replace, forty times", format!("text{}", " | replace('e', text)".repeat(40))),
        ("replace of nothing", "text | replace('', text) | replace('', text) | replace('', text)".to_owned()),
        ("a wide indent", "text | indent(2147483647)".to_owned()),
        ("a negative indent", "text | indent(-1)".to_owned()),
        ("a wide batch", "[1] | batch(1000000000, 'x')".to_owned()),
        ("a slice of many", "list | slice(1000000000)".to_owned()),
        ("a cut at no place", "text[9223372036854775807:-9223372036854775808:-9223372036854775808]".to_owned()),
        ("format", "'%0999999999d' | format(1)".to_owned()),
        ("a power of powers", "9 ** 9 ** 9 ** 9".to_owned()),
        ("a product that overflows", "9223372036854775807 * 9223372036854775807".to_owned()),
        ("a division by nothing", "1 // 0 + 1 % 0 + 1 / 0".to_owned()),
        ("the least number divided", "(-9223372036854775807 - 1) // -1".to_owned()),
        ("rounding to many digits", "1.5 | round(2147483647)".to_owned()),
        ("a JSON text of a JSON text", format!("text{}", " | tojson | string".repeat(30))),
        ("a digest of much", "sha256(range(90000) | join(text))".to_owned()),
        ("base64 of base64", format!("text{}", " | b64encode".repeat(60))),
        ("base64 that is none", "b64decode('////')".to_owned()),
        ("a merge of merges", format!("{}map{}", "merge(map, ".repeat(50), ")".repeat(50))),
        ("a map of maps", nested("{'a': ", "1", "}", 60)),
        ("a map deeper than allowed", nested("{'a': ", "1", "}", 500)),
        ("a list of lists", nested("[", "", "]", 60)),
        ("a list deeper than allowed", nested("[", "", "]", 500)),
        ("many operators", format!("1{}", " + 1".repeat(250))),
        ("too many operators", format!("1{}", " + 1".repeat(5_000))),
        ("many pieces", format!("text{}", " ~ text".repeat(250))),
        ("a long list", format!("[{}]", "1, ".repeat(50_000))),
        ("a long text", format!("'{}'", "x".repeat(200_000))),
        ("a long name", "n".repeat(200_000)),
        ("a split of everything", "range(50000) | join(',') | split(',') | join(',') | split(',')".to_owned()),
        ("sorted, and sorted again", format!("range(50000){}", " | sort(reverse=true)".repeat(50))),
        ("quantities of many digits", format!("quantity_mul('{}', '{}')", "9".repeat(5_000), "9".repeat(5_000))),
        ("a version of many digits", format!("semver('{}.0.0')", "9".repeat(5_000))),
        ("an address of no network", "cidr_subnets('::/0', 128)".to_owned()),
        ("a label of great length", "dns_label(text, 9223372036854775807)".to_owned()),
        ("itself by text", "text('a.yaml.j2')".to_owned()),
        ("a file out of the folder", "file('../environments/test/environment.yaml')".to_owned()),
        ("a file by a made name", "file(text ~ text)".to_owned()),
    ]
}

type Place = (&'static str, fn(&str) -> String);

const PLACES: [Place; 9] = [
    ("in a value", |x| format!("a: {{{{ {x} }}}}\n")),
    ("in quotes", |x| format!("a: \"b {{{{ {x} }}}} c\"\n")),
    ("in a key", |x| format!("{{{{ {x} }}}}: a\n")),
    ("in a block of text", |x| format!("a: |\n  {{{{ {x} }}}}\n  {{{{ {x} }}}}\n")),
    ("in a condition", |x| format!("{{% if {x} %}}\na: 1\n{{% endif %}}\nb: 1\n")),
    ("in a loop of 1,000", |x| format!("{{% for i in range(1000) %}}{{% set y = {x} %}}{{% endfor %}}\na: 1\n")),
    ("in a macro", |x| format!("{{% macro m(z) %}}{{{{ z }}}}{{% endmacro %}}\na: {{{{ m({x}) }}}}\n")),
    ("in `output`", |x| format!("{{#- platc\noutput: {{{{ {x} }}}}.yaml\n-#}}\na: 1\n")),
    ("in `merge`", |x| format!("{{#- platc\nmerge: {x}\n-#}}\na: 1\n")),
];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (what, expression) in expressions() {
        for (place, write) in PLACES {
            cases.push(Case::new(format!("expression: {what}, {place}")).template(write(&expression)));
        }
    }
    cases
}
