//! The words a schema may use, and the form each one's value takes. The table serves three ends: a misspelt word is
//! found, a value of the wrong form is found where it stands, and the loader knows where schemas lie within schemas.

/// What a keyword's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A map, or `true` or `false`.
    Schema,
    /// A list of schemas, at least one.
    Schemas,
    /// A map from names to schemas.
    SchemaMap,
    /// A map from regular expressions to schemas.
    SchemaByPattern,
    /// Draft 2020-12: a schema. Draft-07 also: a list of schemas, one an item.
    Items,
    /// Draft-07's `dependencies`: a map from names to schemas or to lists of names.
    Dependencies,
    /// A type's name or a list of them.
    Types,
    /// A list of values, at least one.
    Values,
    Value,
    Text,
    /// A regular expression.
    Pattern,
    /// The name of a format that platc checks.
    Format,
    /// `true` or `false`.
    Flag,
    /// An integer from 0.
    Count,
    Number,
    /// A number above 0.
    Positive,
    /// A number; `OpenAPI` 3.0 and so CRDs also write `true` beside `minimum` or `maximum`.
    Bound,
    /// A list of different strings.
    Names,
    /// A map from names to lists of names.
    NamesByKey,
    Reference,
    /// `$schema`: a dialect that platc reads.
    Dialect,
    /// One of a few words.
    OneOf(&'static [&'static str]),
    Rules,
    /// Says nothing about values, so any value is fine.
    Remark,
}

/// Every keyword platc knows, by name.
pub(super) static KEYWORDS: &[(&str, Form)] = &[
    ("$anchor", Form::Text),
    ("$comment", Form::Text),
    ("$defs", Form::SchemaMap),
    ("$id", Form::Text),
    ("$ref", Form::Reference),
    ("$schema", Form::Dialect),
    ("additionalItems", Form::Schema),
    ("additionalProperties", Form::Schema),
    ("allOf", Form::Schemas),
    ("anyOf", Form::Schemas),
    ("const", Form::Value),
    ("contains", Form::Schema),
    ("contentEncoding", Form::Text),
    ("contentMediaType", Form::Text),
    ("contentSchema", Form::Remark),
    ("default", Form::Value),
    ("defaultSnippets", Form::Remark),
    ("definitions", Form::SchemaMap),
    ("dependencies", Form::Dependencies),
    ("dependentRequired", Form::NamesByKey),
    ("dependentSchemas", Form::SchemaMap),
    ("deprecated", Form::Flag),
    ("deprecationMessage", Form::Text),
    ("description", Form::Text),
    ("else", Form::Schema),
    ("enum", Form::Values),
    ("enumDescriptions", Form::Remark),
    ("example", Form::Remark),
    ("examples", Form::Remark),
    ("exclusiveMaximum", Form::Bound),
    ("exclusiveMinimum", Form::Bound),
    ("externalDocs", Form::Remark),
    ("format", Form::Format),
    ("if", Form::Schema),
    ("items", Form::Items),
    ("markdownDescription", Form::Text),
    ("maxContains", Form::Count),
    ("maxItems", Form::Count),
    ("maxLength", Form::Count),
    ("maxProperties", Form::Count),
    ("maximum", Form::Number),
    ("minContains", Form::Count),
    ("minItems", Form::Count),
    ("minLength", Form::Count),
    ("minProperties", Form::Count),
    ("minimum", Form::Number),
    ("multipleOf", Form::Positive),
    ("not", Form::Schema),
    ("nullable", Form::Flag),
    ("oneOf", Form::Schemas),
    ("pattern", Form::Pattern),
    ("patternProperties", Form::SchemaByPattern),
    ("prefixItems", Form::Schemas),
    ("properties", Form::SchemaMap),
    ("propertyNames", Form::Schema),
    ("readOnly", Form::Flag),
    ("required", Form::Names),
    ("then", Form::Schema),
    ("title", Form::Text),
    ("type", Form::Types),
    ("unevaluatedItems", Form::Schema),
    ("unevaluatedProperties", Form::Schema),
    ("uniqueItems", Form::Flag),
    ("writeOnly", Form::Flag),
    ("x-aws-create-only", Form::Names),
    ("x-aws-read-only", Form::Names),
    ("x-aws-type", Form::Text),
    ("x-helm-chart", Form::Text),
    ("x-helm-kube-version", Form::Text),
    ("x-helm-version", Form::Text),
    ("x-kubernetes-embedded-resource", Form::Flag),
    ("x-kubernetes-group-version-kind", Form::Remark),
    ("x-kubernetes-int-or-string", Form::Flag),
    ("x-kubernetes-list-map-keys", Form::Names),
    ("x-kubernetes-list-type", Form::OneOf(&["atomic", "set", "map"])),
    ("x-kubernetes-map-type", Form::OneOf(&["atomic", "granular"])),
    ("x-kubernetes-patch-merge-key", Form::Text),
    ("x-kubernetes-patch-strategy", Form::Text),
    ("x-kubernetes-preserve-unknown-fields", Form::Flag),
    ("x-kubernetes-unions", Form::Remark),
    ("x-kubernetes-validations", Form::Rules),
    ("x-platc-compare", Form::OneOf(&["must-match", "must-differ"])),
    ("x-platc-keep-null", Form::Flag),
    ("x-platc-not-served", Form::Names),
    ("x-platc-promote", Form::Flag),
    ("x-platc-renamed-to", Form::Text),
    ("x-platc-secret", Form::Flag),
];

/// What other tools call some of them.
pub(super) const ELSEWHERE: [(&str, &str); 16] = [
    ("choices", "`enum`"),
    ("desc", "`description`"),
    ("doc", "`description`"),
    ("help", "`description`"),
    ("keys", "`properties`"),
    ("fields", "`properties`"),
    ("max", "`maximum`, or `maxLength`, `maxItems`"),
    ("min", "`minimum`, or `minLength`, `minItems`"),
    ("mandatory", "`required`, a list of names beside `properties`"),
    ("optional", "to leave it out of `required`: what is not named there is optional"),
    ("options", "`enum`"),
    ("values", "`enum`"),
    ("regex", "`pattern`"),
    ("regexp", "`pattern`"),
    ("secret", "`x-platc-secret`"),
    ("sensitive", "`x-platc-secret`"),
];

pub(super) fn form(name: &str) -> Option<Form> {
    KEYWORDS.binary_search_by_key(&name, |(name, _)| name).ok().map(|at| KEYWORDS[at].1)
}

/// A word of another tool, which platc leaves alone: `x-` and neither Kubernetes' nor platc's own.
pub(super) fn is_foreign(name: &str) -> bool {
    name.starts_with("x-") && !name.starts_with("x-kubernetes-") && !name.starts_with("x-platc-")
}

/// A count as JSON Schema takes it: by value, so that `2.0` is 2.
pub(super) fn count(value: &serde_json::Value) -> Option<u64> {
    let exact = |number: &f64| number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(number);
    value.as_u64().or_else(|| value.as_f64().filter(exact).and_then(|number| format!("{number:.0}").parse().ok()))
}

/// The type names of JSON Schema.
pub(super) const TYPE_NAMES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// The dialects platc reads: draft 2020-12, and draft-07 whose words it turns into those of 2020-12.
pub(super) const DIALECTS: [&str; 4] = [
    "https://json-schema.org/draft/2020-12/schema",
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(KEYWORDS.is_sorted_by_key(|(name, _)| name));
        assert_eq!(form("properties"), Some(Form::SchemaMap));
        assert_eq!(form("propertees"), None);
    }
}
