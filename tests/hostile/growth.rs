//! Statements that multiply: loops, captures, macros, includes, and filters over what the environment holds.

use crate::case::{Case, lines, nested};

/// What a step makes of `ns.x`, and what it begins with.
const STEPS: [(&str, &str, &str); 12] = [
    ("a text by ~", "'x'", "ns.x ~ ns.x"),
    ("a text by plus", "'x'", "ns.x + ns.x"),
    ("a list by plus", "[1]", "ns.x + ns.x"),
    ("a list of itself", "[1]", "[ns.x, ns.x]"),
    ("a map of itself", "{}", "{'a': ns.x, 'b': ns.x}"),
    ("a merged map", "{'a': 1}", "merge({'x': ns.x}, {'y': ns.x})"),
    ("a joined text", "'xy'", "[ns.x, ns.x, ns.x] | join(ns.x)"),
    ("a replaced text", "'xx'", "ns.x | replace('x', 'xx')"),
    ("a JSON text", "'\"'", "tojson(ns.x) | string"),
    ("a number", "3", "ns.x * ns.x"),
    ("base64", "'x'", "ns.x | b64encode"),
    ("a list of pairs", "{'a': 1}", "{'a': ns.x | items}"),
];

/// Over a list of 20,000 maps with a name, a size and a group.
const FILTERS: [(&str, &str); 22] = [
    ("sort", "l | sort(attribute='name') | first"),
    ("sort back", "l | sort(attribute='size', reverse=true) | first"),
    ("unique", "l | unique(attribute='name') | length"),
    ("groupby", "l | groupby('group') | length"),
    ("groupby of names", "l | groupby('name') | length"),
    ("map", "l | map(attribute='name') | list | length"),
    ("map by a filter", "l | map(attribute='name') | map('upper') | list | length"),
    ("select", "l | selectattr('size', 'gt', 5) | list | length"),
    ("reject", "l | rejectattr('name', 'eq', 'x') | list | length"),
    ("join", "l | join(',', attribute='name') | length"),
    ("sum", "l | sum(attribute='size')"),
    ("reverse", "l | reverse | first"),
    ("tojson", "l | tojson | string | length"),
    ("a digest", "sha256(l | tojson | string)"),
    ("the last one", "l | last"),
    ("is in", "l[0] is in(l)"),
    ("in itself", "{'name': 'no'} in l"),
    ("compared", "l == l"),
    ("added", "(l + l) | length"),
    ("a cut", "l[1:] | length"),
    ("a batch", "l | batch(2) | list | length"),
    ("merged", "merge({'l': l}, {'m': l}) | length"),
];

pub fn cases() -> Vec<Case> {
    [doublings(), loops(), filters(), macros(), includes()].into_iter().flatten().collect()
}

fn doublings() -> Vec<Case> {
    let mut cases = Vec::new();
    for (what, first, step) in STEPS {
        for rounds in [16, 60, 100_000] {
            let template = format!(
                "{{% set ns = namespace(x={first}) %}}{{% for i in range({rounds}) %}}{{% set ns.x = {step} %}}{{% endfor %}}\na: {{{{ ns.x }}}}\n"
            );
            cases.push(Case::new(format!("doubled: {what}, {rounds} times")).template(template));
        }
    }
    cases
}

fn loops() -> Vec<Case> {
    let mut cases = Vec::new();
    for depth in [2, 3, 6, 20] {
        for length in [10, 1_000, 90_000] {
            let open = format!("{{% for i in range({length}) %}}");
            for (what, inner) in [
                ("nothing", ""),
                ("a capture", "{% set y %}x{% endset %}"),
                ("a value", "- {{ map }}\n"),
                ("text", "- x\n"),
            ] {
                let template = nested(&open, inner, "{% endfor %}", depth) + "\n";
                cases.push(
                    Case::new(format!("loops: {depth} within each other of {length} around {what}")).template(template),
                );
            }
        }
    }
    cases
}

fn filters() -> Vec<Case> {
    let environment =
        format!("l:\n{}", lines(20_000, |at| format!("- {{name: n{at}, size: {at}, group: g{}}}", at % 7)));
    let mut cases = Vec::new();
    for (what, expression) in FILTERS {
        for rounds in [1, 50, 5_000] {
            let template =
                format!("{{% for i in range({rounds}) %}}{{% set y = {expression} %}}{{% endfor %}}\na: 1\n");
            let name = format!("filter: {what} over 20,000 maps, {rounds} times");
            cases.push(Case::new(name).environment(&environment).template(template));
        }
    }
    cases
}

fn macros() -> Vec<Case> {
    let mut cases = Vec::new();
    for ways in [1, 2, 5] {
        for depth in [5, 30, 200] {
            let call = |at: usize| format!("{{{{ m{at}() }}}}").repeat(ways);
            let chain: String =
                (0..depth).map(|at| format!("{{% macro m{}() %}}{}{{% endmacro %}}", at + 1, call(at))).collect();
            let template = format!("{{% macro m0() %}}x{{% endmacro %}}{chain}\na: \"{{{{ m{depth}() }}}}\"\n");
            cases.push(Case::new(format!("macros: {depth} that call {ways} times")).template(template));
            let chain: String = (0..depth)
                .map(|at| format!("{{% set x{} %}}{}{{% endset %}}", at + 1, format!("{{{{ x{at} }}}}").repeat(ways)))
                .collect();
            let template = format!("{{% set x0 %}}x{{% endset %}}{chain}\na: \"{{{{ x{depth} }}}}\"\n");
            cases.push(Case::new(format!("captures: {depth} that take {ways} times")).template(template));
            let chain: String = (0..depth)
                .map(|at| {
                    let call = format!("{{% call m{at}() %}}{{{{ caller() }}}}{{% endcall %}}").repeat(ways);
                    format!("{{% macro m{}() %}}{call}{{% endmacro %}}", at + 1)
                })
                .collect();
            let template = format!(
                "{{% macro m0() %}}{{{{ caller() }}}}{{% endmacro %}}{chain}\na: \"{{% call m{depth}() %}}x{{% endcall %}}\"\n"
            );
            cases.push(Case::new(format!("callers: {depth} that call {ways} times")).template(template));
        }
    }
    cases
}

fn includes() -> Vec<Case> {
    type Way = (&'static str, fn(&str) -> String);
    let ways: [Way; 4] = [
        ("include", |path| format!("{{% include '{path}' %}}\n")),
        ("import", |path| format!("{{% import '{path}' as b %}}\n")),
        ("text", |path| format!("a: {{{{ text('{path}') }}}}\n")),
        ("file", |path| format!("a: {{{{ file('{path}') }}}}\n")),
    ];
    let mut cases = Vec::new();
    for (way, write) in ways {
        for (count, depth) in [(2, 4), (2, 60), (100, 3), (1_000, 3), (1, 200)] {
            let mut case =
                Case::new(format!("taken in: by {way}, {count} times, {depth} deep")).file("templates/_0.j2", "x\n");
            for at in 1..=depth {
                case = case.file(format!("templates/_{at}.j2"), write(&format!("_{}.j2", at - 1)).repeat(count));
            }
            cases.push(case.template(write(&format!("_{depth}.j2"))));
        }
        for length in [1, 2, 50] {
            let mut case = Case::new(format!("taken in: by {way}, a circle of {length}")).refused();
            for at in 0..length {
                case = case.file(format!("templates/_{at}.j2"), write(&format!("_{}.j2", (at + 1) % length)));
            }
            cases.push(case.template(write("_0.j2")));
        }
    }
    cases
}
