//! Schemas that multiply, go in circles, or are larger than what they judge.

use crate::case::{Case, lines, nested, quoted};

/// Words that hold schemas: how they lead twice to the next, and an instance that they look at.
const BRANCHES: [(&str, &str, &str); 14] = [
    ("allOf", "allOf: [NEXT, NEXT]", "1"),
    ("anyOf", "anyOf: [NEXT, NEXT]", "1"),
    ("oneOf", "oneOf: [NEXT, NEXT]", "1"),
    ("not", "allOf: [{not: NEXT}, {not: NEXT}]", "1"),
    ("if", "if: NEXT\n    then: NEXT\n    else: NEXT", "1"),
    ("dependentSchemas", "dependentSchemas: {a: NEXT, b: NEXT}", "{a: 1, b: 1}"),
    ("contains", "allOf: [{contains: NEXT}, {contains: NEXT}]", "[1]"),
    ("prefixItems", "prefixItems: [NEXT, NEXT]", "[[[[[[1, 1], [1, 1]]]]]]"),
    ("patternProperties", "patternProperties: {a: NEXT, b: NEXT}", "{ab: {ab: {ab: {ab: 1}}}}"),
    ("propertyNames", "allOf: [{propertyNames: NEXT}, {propertyNames: NEXT}]", "{a: 1}"),
    ("additionalProperties", "additionalProperties: NEXT\n    properties: {a: NEXT}", "{a: {b: {a: {b: 1}}}}"),
    ("unevaluatedProperties", "allOf: [NEXT, NEXT]\n    unevaluatedProperties: NEXT", "{a: 1, b: {a: 1}}"),
    ("unevaluatedItems", "anyOf: [NEXT, NEXT]\n    unevaluatedItems: NEXT", "[1, [1]]"),
    ("items", "items: NEXT\n    prefixItems: [NEXT]", "[[[1, 1], [1, 1]]]"),
];

pub fn cases() -> Vec<Case> {
    [bombs(), circles(), chains(), large(), patterns(), crowds(), places(), errors()].into_iter().flatten().collect()
}

/// What a schema says of the keys of a map, at each step of a value.
fn places() -> Vec<Case> {
    let mut cases = Vec::new();
    let keys = lines(5_000, |at| format!("  k{at}: 1"));
    for count in [10, 700, 20_000] {
        let patterns = lines(count, |at| format!("      '^x{at}[a-z]*$': {{type: integer}}"));
        let schema = format!("properties:\n  a:\n    patternProperties:\n{patterns}");
        let case = Case::new(format!("schema: {count} patterns for each of many keys"));
        cases.push(case.schema(&schema).environment(format!("a:\n{keys}")));
        let named = lines(5_000, |at| format!("      k{at}: {{}}"));
        let case = Case::new(format!("schema: {count} patterns beside many names"));
        cases.push(
            case.schema(format!("allOf: [{{properties: {{a: {{properties: {{k1: {{}}}}}}}}}}]\n{schema}    allOf:\n    - properties:\n{named}"))
                .environment(format!("a:\n{keys}")),
        );
    }
    for (names, depth) in [(10, 24), (2_000, 11), (2_000, 24)] {
        let named = lines(names, |at| format!("      k{at}: {{$ref: '#/$defs/n'}}"));
        let doubled = lines(depth, |at| {
            format!("  d{at}: {{allOf: [{{$ref: '#/$defs/d{0}'}}, {{$ref: '#/$defs/d{0}'}}]}}", at + 1)
        });
        let schema = format!(
            "properties: {{a: {{$ref: '#/$defs/n'}}}}\n$defs:\n  n:\n    allOf: [{{$ref: '#/$defs/d0'}}]\n    properties:\n{named}{doubled}  d{depth}: true\n"
        );
        let value = (0..7).fold("{}".to_owned(), |value, _| format!("{{k0: {value}, k1: {value}}}"));
        let case = Case::new(format!("schema: {names} names at each step, doubled {depth} times"));
        cases.push(case.schema(schema).environment(format!("a: {value}\n")));
    }
    for repeats in [30, 300, 3_000] {
        let patterns = lines(200, |at| format!("  k{at}: {{pattern: 'k{at}(a{{{repeats}}}){{{repeats}}}'}}"));
        let case = Case::new(format!("schema: 200 patterns that repeat {repeats} times {repeats}"));
        cases.push(case.schema(format!("properties:\n{patterns}")).environment("k0: a\n"));
    }
    cases
}

/// What the judge says, often, and with what it holds.
fn errors() -> Vec<Case> {
    let mut cases = Vec::new();
    let key = "k".repeat(1_000);
    let many = lines(20_000, |at| format!("    - i{at}"));
    let large = format!("a:\n{}", lines(20_000, |at| format!("- i{at}")));
    for (what, schema, environment) in [
        (
            "below a long key",
            "additionalProperties: {items: {type: integer}}".to_owned(),
            format!("a:\n  {key}:\n{many}"),
        ),
        ("of alternatives of a large value", format!("anyOf: [{}]", "{type: string}, ".repeat(300)), large.clone()),
        ("of one of many of a large value", format!("oneOf: [{}]", "{type: string}, ".repeat(300)), large.clone()),
        (
            "of what is excluded",
            format!("items: {{not: {{enum: [{}]}}}}", lines(5_000, |at| format!("i{at},"))),
            large.clone(),
        ),
        (
            "of names",
            "propertyNames: {maxLength: 1, anyOf: [{const: x}, {const: z}]}".to_owned(),
            format!("a:\n{}", lines(20_000, |at| format!("  key{at}: 1"))),
        ),
        (
            "of what is missing",
            format!("items: {{type: object, required: [{}]}}", lines(500, |at| format!("r{at},"))),
            format!("a:\n{}", "- {}\n".repeat(5_000)),
        ),
        (
            "of closed maps",
            "items: {additionalProperties: false}".to_owned(),
            format!("a:\n{}", "- {b: 1, c: 2, d: 3}\n".repeat(10_000)),
        ),
        ("of patterns", format!("items: {{allOf: [{}]}}", "{pattern: '^(x{90}){90}$'}, ".repeat(50)), large.clone()),
        (
            "of alternatives within alternatives",
            format!("items: {}", nested("{anyOf: [{type: integer}, ", "{const: 1}", "]}", 20)),
            large.clone(),
        ),
        (
            "of equal constants",
            format!("items: {{enum: [{}]}}", format!("[{}1], ", "x, ".repeat(300)).repeat(300)),
            format!("a:\n{}", format!("- [{}2]\n", "x, ".repeat(300)).repeat(300)),
        ),
        (
            "of unknown words",
            "items: {unevaluatedItems: false, contains: {const: x}}".to_owned(),
            format!("a:\n{}", "- [a, b, c]\n".repeat(10_000)),
        ),
    ] {
        let case = Case::new(format!("schema: errors {what}"));
        cases.push(
            case.schema(format!("properties: {{a: {{{schema}}}}}\n").replace('\n', " ") + "\n")
                .environment(environment),
        );
    }
    cases
}

fn bombs() -> Vec<Case> {
    let mut cases = Vec::new();
    for (word, branch, instance) in BRANCHES {
        for depth in [5, 24, 60] {
            for (last, verdict) in [("true", "all is right"), ("false", "nothing is right")] {
                let branches = lines(depth, |at| {
                    let next = format!("{{$ref: '#/$defs/d{}'}}", at + 1);
                    format!("  d{at}:\n    {}", branch.replace("NEXT", &next))
                });
                let schema =
                    format!("properties: {{a: {{$ref: '#/$defs/d0'}}}}\n$defs:\n{branches}  d{depth}: {last}\n");
                let case = Case::new(format!("schema: `{word}` that doubles {depth} times, {verdict}"));
                cases.push(case.schema(schema).environment(format!("a: {instance}\n")));
            }
        }
    }
    cases
}

fn circles() -> Vec<Case> {
    let mut cases = Vec::new();
    for (word, branch, instance) in BRANCHES {
        for length in [1, 2, 40] {
            let branches = lines(length, |at| {
                let next = format!("{{$ref: '#/$defs/d{}'}}", (at + 1) % length);
                format!("  d{at}:\n    {}", branch.replace("NEXT", &next))
            });
            let schema = format!("properties: {{a: {{$ref: '#/$defs/d0'}}}}\n$defs:\n{branches}");
            let case = Case::new(format!("schema: a circle of {length} through `{word}`"));
            cases.push(case.schema(schema).environment(format!("a: {instance}\n")));
        }
    }
    cases
}

fn chains() -> Vec<Case> {
    let mut cases = Vec::new();
    for length in [1, 60, 1_000, 20_000] {
        let links = lines(length, |at| format!("  d{at}: {{$ref: '#/$defs/d{}'}}", at + 1));
        let schema = format!("$ref: '#/$defs/d0'\n$defs:\n{links}  d{length}: true\n");
        cases.push(Case::new(format!("schema: a chain of {length} references")).schema(schema));
    }
    for length in [2, 60, 600] {
        let mut case = Case::new(format!("schema: a chain of {length} files"));
        for at in 0..length {
            case = case.file(format!("schemas/f{at}.yaml"), format!("$ref: f{}.yaml\n", at + 1));
        }
        cases.push(case.file(format!("schemas/f{length}.yaml"), "true\n").schema("$ref: f0.yaml\n"));
    }
    for target in [
        "https://example.com/s.json",
        "file:///etc/passwd",
        "/etc/passwd",
        "../environments/test/environment.yaml",
        "../../outside/marker",
        "#/$defs/none",
        "#/~2",
        "#/%",
        "#anchor",
        "",
        "#",
        ".",
        "environment.schema.yaml#/properties",
        "a\0b",
    ] {
        let case = Case::new(format!("schema: a reference to {}", target.escape_debug()));
        cases.push(case.schema(format!("properties: {{name: {{$ref: {}}}}}\n", quoted(target))));
    }
    cases
}

fn large() -> Vec<Case> {
    let mut cases = Vec::new();
    for count in [10, 5_000, 50_000] {
        let words = (0..count).map(|at| format!("word{at}")).collect::<Vec<_>>().join(", ");
        let list = lines(5_000, |at| format!("- wird{at}"));
        let map = lines(5_000, |at| format!("  wird{at}: 1"));
        for (place, schema, environment) in [
            ("of a value", format!("properties: {{a: {{enum: [{words}]}}}}\n"), "a: wird\n".to_owned()),
            ("of items", format!("properties: {{a: {{items: {{enum: [{words}]}}}}}}\n"), format!("a:\n{list}")),
            ("of names", format!("properties: {{a: {{propertyNames: {{enum: [{words}]}}}}}}\n"), format!("a:\n{map}")),
            ("of what is required", format!("properties: {{a: {{required: [{words}]}}}}\n"), format!("a:\n{map}")),
            ("of types", format!("properties: {{a: {{type: [{words}]}}}}\n"), "a: 1\n".to_owned()),
            (
                "of a closed map",
                format!(
                    "properties: {{a: {{additionalProperties: false, properties: {{{}}}}}}}\n",
                    words.replace(',', ": {},") + ": {}"
                ),
                format!("a:\n{map}"),
            ),
        ] {
            cases.push(Case::new(format!("schema: {count} words {place}")).schema(schema).environment(environment));
        }
        let one = quoted(&"x".repeat(count * 5));
        let case = Case::new(format!("schema: a constant of {count} words"));
        cases.push(case.schema(format!("properties: {{name: {{const: {one}}}}}\n")).refused());
    }
    for depth in [60, 64, 1_000, 50_000] {
        for (word, open, close) in [
            ("properties", "{properties: {a: ", "}}"),
            ("items", "{items: ", "}"),
            ("allOf", "{allOf: [", "]}"),
            ("not", "{not: ", "}"),
            ("const", "{const: [", "]}"),
        ] {
            let case = Case::new(format!("schema: `{word}` {depth} deep"));
            cases.push(case.schema(nested(open, "{}", close, depth) + "\n"));
        }
    }
    cases
}

fn patterns() -> Vec<Case> {
    const PATTERNS: [(&str, &str); 14] = [
        ("nested repeats", "^(a+)+$"),
        ("equal branches", "^(a|a)*$"),
        ("three stars", "^(((a*)*)*)*$"),
        ("repeats of repeats", "((a{1000}){1000}){1000}"),
        ("a wide repeat", "a{0,100000}"),
        ("many optional", "(a?){500}a{500}"),
        ("every letter, often", "[\\p{L}\\p{N}]{0,5000}"),
        ("looking ahead", "(?=a)b"),
        ("looking behind", "(?<=a)b"),
        ("a back reference", "(a)\\1"),
        ("no end", "(a"),
        ("no class", "[z-a]"),
        ("a nul", "\\x00\\u0000"),
        ("only anchors", "^$^$\\b\\B"),
    ];
    let deep = ("deep brackets", nested("(", "a", ")", 5_000));
    let wide = ("many branches", "a|".repeat(100_000));
    let all = PATTERNS.iter().map(|&(name, text)| (name, text.to_owned())).chain([deep, wide]);
    let text = "a".repeat(50_000) + "!";
    let mut cases = Vec::new();
    for (what, pattern) in all {
        let pattern = quoted(&pattern);
        for (place, schema) in [
            ("of a value", format!("properties: {{a: {{pattern: {pattern}}}}}\n")),
            ("of a key", format!("properties: {{b: {{patternProperties: {{{pattern}: false}}}}}}\n")),
            ("of names", format!("properties: {{b: {{propertyNames: {{pattern: {pattern}}}}}}}\n")),
            (
                "in a rule",
                format!(
                    "properties: {{a: {{type: string, x-kubernetes-validations: [{{rule: {}}}]}}}}\n",
                    quoted(&format!("self.matches({pattern})"))
                ),
            ),
        ] {
            let key = "a".repeat(100);
            let case = Case::new(format!("schema: a pattern with {what}, {place}"));
            cases.push(case.schema(schema).environment(format!("a: {text}\nb: {{{key}: 1}}\n")));
        }
    }
    cases
}

/// Words that look at each pair, or at each item many times.
fn crowds() -> Vec<Case> {
    let mut cases = Vec::new();
    for count in [100, 10_000, 50_000] {
        for (what, item) in [("scalars", "- k"), ("maps", "- a: k"), ("lists", "- [k, [k]]")] {
            let environment = format!(
                "a:\n{}",
                lines(count, |at| format!("{}{at}", item.trim_end_matches(']'))
                    + if item.ends_with(']') { "]]" } else { "" })
            );
            for (word, schema) in [
                ("uniqueItems", "uniqueItems: true".to_owned()),
                ("contains", "contains: {const: none}, maxContains: 5".to_owned()),
                ("a set", "type: array, x-kubernetes-list-type: set, items: {type: string}".to_owned()),
                ("keyed items", "type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [a], items: {type: object, required: [a], properties: {a: {type: string}}}".to_owned()),
                ("many limits", format!("items: {{allOf: [{}]}}", "{minLength: 90}, ".repeat(300))),
                ("many branches", format!("items: {{anyOf: [{}]}}", "{const: 1}, ".repeat(300))),
            ] {
                let case = Case::new(format!("schema: {word} on {count} {what}"));
                cases.push(case.schema(format!("properties: {{a: {{{schema}}}}}\n")).environment(&environment));
            }
        }
    }
    cases
}
