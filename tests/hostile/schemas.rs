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
    [bombs(), circles(), chains(), large(), patterns(), crowds()].into_iter().flatten().collect()
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
