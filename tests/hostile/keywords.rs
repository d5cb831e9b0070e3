//! Each word of a schema with values that it does not take.

use crate::case::{Case, nested, quoted};

const WORDS: [&str; 47] = [
    "$ref",
    "$id",
    "$schema",
    "$anchor",
    "$dynamicRef",
    "$defs",
    "type",
    "enum",
    "const",
    "default",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
    "items",
    "prefixItems",
    "contains",
    "minContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "exclusiveMaximum",
    "multipleOf",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "dependentSchemas",
    "dependentRequired",
    "unevaluatedProperties",
    "description",
    "deprecated",
    "x-kubernetes-validations",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-platc-keep-null",
    "x-platc-renamed-to",
    "x-platc-compare",
];

pub fn cases() -> Vec<Case> {
    let values = [
        ("nothing", "null".to_owned()),
        ("a negative number", "-1".to_owned()),
        ("a number of 400 digits", "9".repeat(400)),
        ("a tiny number", "0.000000000000000000000000000000000000000000000000000000000000001".to_owned()),
        ("a deep list", nested("[", "", "]", 60)),
        ("a long text", "x".repeat(200_000)),
        ("a text that a terminal obeys", quoted("\u{1b}[2J\u{202e}\0")),
        ("itself", "{$ref: '#'}".to_owned()),
    ];
    let mut cases = Vec::new();
    for word in WORDS {
        for (what, value) in &values {
            let schema = format!("properties:\n  list:\n    {word}: {value}\n  text:\n    {word}: {value}\n");
            cases.push(Case::new(format!("keyword: `{word}` is {what}")).schema(schema));
        }
    }
    cases
}
