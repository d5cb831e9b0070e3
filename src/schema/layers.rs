//! The schema as it holds for one layer alone, for editors: what an editor is told must be no mistake that platc does not
//! see. Which values make an environment whole, or fit each other, is known only when layers are merged.

use serde_json::{Map, Value as Json, json};

use crate::project::outside::KINDS;

/// What is asked of a whole value, which a layer need not have.
const DEMANDS: [&str; 9] = [
    "required",
    "dependentRequired",
    "minProperties",
    "maxProperties",
    "contains",
    "minContains",
    "maxContains",
    "unevaluatedItems",
    "x-kubernetes-validations",
];

/// Keywords by which a schema speaks of maps, so that `$patch` may stand in one.
const OF_MAPS: [&str; 5] =
    ["properties", "additionalProperties", "patternProperties", "propertyNames", "unevaluatedProperties"];

/// Nothing is required, since another layer may have it; `extends`, `acknowledge`, `outside` and `$patch` are known; `null`, which
/// deletes, stands in for anything; where a string is wanted, what YAML takes for a number or a boolean is its text.
#[must_use]
pub(super) fn for_layers(mut schema: Json) -> Json {
    relax(&mut schema);
    let mut waiting = vec![String::new()];
    let mut seen = Vec::new();
    // Where the root is put together of several schemas, each that closes the map has to know the words.
    while let Some(pointer) = waiting.pop() {
        if seen.contains(&pointer) {
            continue;
        }
        if let Some(Json::Object(keywords)) = schema.pointer_mut(&pointer) {
            if pointer.is_empty() || keywords.contains_key("properties") || is_closed(keywords) {
                let properties = keywords.entry("properties").or_insert_with(|| json!({}));
                if let Some(properties) = properties.as_object_mut() {
                    properties.insert("extends".to_owned(), extends());
                    properties.insert("acknowledge".to_owned(), acknowledgements());
                    properties.insert("outside".to_owned(), outside());
                }
            }
            if let Some(target) = keywords.get("$ref").and_then(Json::as_str).and_then(|to| to.strip_prefix('#')) {
                waiting.push(target.to_owned());
            }
            for keyword in ["allOf", "anyOf"] {
                let count = keywords.get(keyword).and_then(Json::as_array).map_or(0, Vec::len);
                waiting.extend((0..count).map(|index| format!("{pointer}/{keyword}/{index}")));
            }
        }
        seen.push(pointer);
    }
    if let Some(root) = schema.as_object_mut() {
        root.shift_insert(0, "$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    }
    schema
}

fn is_closed(keywords: &Map<String, Json>) -> bool {
    ["additionalProperties", "unevaluatedProperties"].iter().any(|keyword| keywords.contains_key(*keyword))
}

fn extends() -> Json {
    json!({
        "description": "The layers below this one: folders or files, relative to this file.",
        "type": "array",
        "items": { "type": "string" },
    })
}

fn acknowledgements() -> Json {
    let text = || json!({ "type": ["string", "number", "boolean"] });
    json!({
        "description": "Findings that are as they should be.",
        "type": "array",
        "items": {
            "type": "object",
            "required": ["rule", "subject", "reason"],
            "properties": { "rule": text(), "subject": text(), "reason": text(), "until": { "type": "string", "format": "date" } },
            "additionalProperties": false,
        },
    })
}

fn outside() -> Json {
    json!({
        "description": "What other tools make, by kinds.",
        "type": "object",
        "propertyNames": { "enum": KINDS },
        "additionalProperties": { "type": "array", "items": { "type": ["string", "number", "boolean"] } },
    })
}

fn patch() -> Json {
    json!({
        "description": "`delete` takes away what a layer below has here, `replace` puts this in its place.",
        "enum": ["delete", "replace"],
    })
}

fn relax(schema: &mut Json) {
    let Json::Object(keywords) = schema else { return };
    for demand in DEMANDS {
        keywords.shift_remove(demand);
    }
    scalars(keywords);
    alternatives(keywords);
    lists(keywords);
    for (keyword, below) in keywords.iter_mut() {
        match keyword.as_str() {
            "$defs" | "definitions" | "patternProperties" | "properties" => {
                below.as_object_mut().into_iter().flat_map(|map| map.values_mut()).for_each(relax);
            }
            "allOf" | "anyOf" | "prefixItems" => below.as_array_mut().into_iter().flatten().for_each(relax),
            "items" => match below {
                Json::Array(items) => items.iter_mut().for_each(relax),
                item => relax(item),
            },
            "additionalItems" | "additionalProperties" | "unevaluatedProperties" => relax(below),
            _ => {}
        }
    }
    maps(keywords);
    merging(keywords);
}

/// Null deletes, and where a string may stand plain numbers and booleans are texts.
fn scalars(keywords: &mut Map<String, Json>) {
    let types = match keywords.get("type") {
        Some(Json::String(name)) => vec![name.as_str()],
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() {
        let texts: &[_] = if types.contains(&"string") { &["number", "boolean"] } else { &[] };
        let mut allowed = types.clone();
        allowed.extend(texts.iter().chain(&["null"]).filter(|name| !types.contains(name)));
        // An integer is a number.
        let allowed: Vec<_> =
            allowed.iter().filter(|name| **name != "integer" || !allowed.contains(&"number")).collect();
        let allowed = json!(allowed);
        keywords.insert("type".to_owned(), allowed);
    }
    if let Some(only) = keywords.shift_remove("const") {
        keywords.insert("enum".to_owned(), Json::Array(vec![only]));
    }
    // A map is put together of what layers say, so a layer may have a part of one that is named as a whole.
    let of_parts = |allowed: &Json| allowed.as_array().is_some_and(|allowed| allowed.iter().any(is_made_of_parts));
    if keywords.get("enum").is_some_and(of_parts) {
        keywords.shift_remove("enum");
    }
    if let Some(allowed) = keywords.get_mut("enum").and_then(Json::as_array_mut) {
        let as_read: Vec<_> = allowed.iter().filter_map(Json::as_str).filter_map(as_plain).collect();
        for value in as_read.into_iter().chain([Json::Null]) {
            if !allowed.contains(&value) {
                allowed.push(value);
            }
        }
    }
}

fn is_made_of_parts(value: &Json) -> bool {
    value.is_object() || value.is_array()
}

/// What a reader of YAML takes a text for that stands there without quotes, if not for a text.
fn as_plain(text: &str) -> Option<Json> {
    match text {
        "true" => Some(Json::Bool(true)),
        "false" => Some(Json::Bool(false)),
        _ => {
            let number = text.parse::<i64>().map(Json::from).ok();
            number.or_else(|| {
                let starts = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
                let number = text.parse::<f64>().ok().filter(|number| starts && number.is_finite())?;
                Some(Json::from(number))
            })
        }
    }
}

/// Which of several forms a value has may be settled by another layer: any that could hold is enough.
fn alternatives(keywords: &mut Map<String, Json>) {
    let mut either = Vec::new();
    if let Some(one) = keywords.shift_remove("oneOf") {
        either.push(json!({ "anyOf": one }));
    }
    let conditional: Vec<_> = ["if", "then", "else"].iter().filter_map(|word| keywords.shift_remove(*word)).collect();
    let dependent = ["dependentSchemas", "dependencies"].into_iter().filter_map(|word| keywords.shift_remove(word));
    let dependent: Vec<_> = dependent
        .filter_map(|map| match map {
            Json::Object(map) => Some(map.into_iter().map(|(_, below)| below).filter(|below| !below.is_array())),
            _ => None,
        })
        .flatten()
        .collect();
    // They hold under conditions, and for an editor they tell of further keys.
    for schemas in [conditional, dependent] {
        if !schemas.is_empty() {
            let any: Vec<Json> = schemas.into_iter().chain([Json::Bool(true)]).collect();
            either.push(json!({ "anyOf": any }));
        }
    }
    if !either.is_empty()
        && let Some(all) = keywords.entry("allOf").or_insert_with(|| json!([])).as_array_mut()
    {
        all.extend(either);
    }
    // What must not be is a demand turned round, but for plain values.
    let is_plain = |below: &Json| {
        let values = |words: &Map<String, Json>| match (words.get("enum"), words.get("const"), words.len()) {
            (Some(Json::Array(values)), None, 1) => values.clone(),
            (None, Some(value), 1) => vec![value.clone()],
            _ => vec![Json::Null],
        };
        below
            .as_object()
            .is_some_and(|words| !values(words).iter().any(|value| value.is_null() || is_made_of_parts(value)))
    };
    if keywords.get("not").is_some_and(|below| !is_plain(below)) {
        keywords.shift_remove("not");
    }
}

/// A list that merges is only a part of what it will be.
fn lists(keywords: &mut Map<String, Json>) {
    if matches!(merge_of(keywords), Some("set" | "map")) {
        for demand in ["minItems", "maxItems"] {
            keywords.shift_remove(demand);
        }
    }
}

fn merge_of(keywords: &Map<String, Json>) -> Option<&str> {
    keywords.get("x-kubernetes-list-type").and_then(Json::as_str)
}

fn maps(keywords: &mut Map<String, Json>) {
    if !OF_MAPS.iter().any(|word| keywords.contains_key(*word)) {
        return;
    }
    if let Some(properties) = keywords.entry("properties").or_insert_with(|| json!({})).as_object_mut() {
        properties.insert("$patch".to_owned(), patch());
    }
    if let Some(names) = keywords.get_mut("propertyNames") {
        let own = names.take();
        *names = json!({ "anyOf": [own, { "enum": ["$patch"] }] });
    }
}

/// In a set, too, an item can be a word about the list, or about an item below.
fn merging(keywords: &mut Map<String, Json>) {
    if merge_of(keywords) == Some("set")
        && let Some(items) = keywords.get_mut("items")
    {
        let own = items.take();
        let word = json!({
            "type": "object",
            "required": ["$patch"],
            "properties": { "$patch": patch(), "value": true },
            "additionalProperties": false,
        });
        *items = json!({ "anyOf": [own, word] });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    mod laws {
        use proptest::prelude::*;

        use super::*;

        /// Few names and values, so that schemas and instances often meet.
        fn name() -> BoxedStrategy<String> {
            prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned).boxed()
        }

        fn scalar() -> impl Strategy<Value = Json> {
            prop::sample::select(vec![json!(1), json!(2), json!("x"), json!("1"), json!(true)])
        }

        fn instance() -> impl Strategy<Value = Json> {
            scalar().prop_recursive(3, 12, 3, |below| {
                prop_oneof![
                    3 => prop::collection::btree_map(name(), below.clone(), 0..4)
                        .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
                    1 => prop::collection::vec(below, 0..3).prop_map(Json::from),
                ]
            })
        }

        /// A schema of a few keywords, each of which may ask something of the whole.
        fn schema() -> impl Strategy<Value = Json> {
            let leaf = prop_oneof![
                Just(json!({})),
                prop::sample::select(vec!["string", "integer", "boolean", "object"])
                    .prop_map(|kind| json!({ "type": kind })),
                prop::collection::vec(instance(), 1..3).prop_map(|values| json!({ "enum": values })),
                instance().prop_map(|value| json!({ "const": value })),
                name().prop_map(|name| json!({ "required": [name] })),
                (1..3).prop_map(|count| json!({ "minProperties": count })),
                (1..3).prop_map(|count| json!({ "minItems": count })),
            ];
            leaf.prop_recursive(3, 24, 3, |below| {
                let some = prop::collection::vec(below.clone(), 1..3);
                let named = prop::collection::btree_map(name(), below.clone(), 1..4);
                prop_oneof![
                    4 => (named.clone(), prop::option::of(below.clone())).prop_map(|(properties, more)| match more {
                        Some(more) => json!({ "properties": properties, "additionalProperties": more }),
                        None => json!({ "properties": properties, "additionalProperties": false }),
                    }),
                    1 => named.clone().prop_map(|schemas| json!({ "dependentSchemas": schemas })),
                    1 => (named.clone(), some.clone()).prop_map(|(properties, any)| {
                        json!({ "properties": properties, "anyOf": any, "unevaluatedProperties": false })
                    }),
                    1 => some.clone().prop_map(|schemas| json!({ "allOf": schemas })),
                    1 => some.prop_map(|schemas| json!({ "oneOf": schemas })),
                    1 => below.clone().prop_map(|schema| json!({ "not": schema })),
                    1 => below.clone().prop_map(|schema| json!({ "items": schema })),
                    1 => (below.clone(), below.clone(), below, named).prop_map(|(first, then, other, properties)| {
                        json!({ "if": first, "then": then, "else": other, "properties": properties })
                    }),
                ]
            })
        }

        /// A layer that says some of what the whole says: maps by parts, deletes, lists and scalars as they are.
        fn part(whole: &Json, coins: &mut impl Iterator<Item = u8>) -> Json {
            let Json::Object(entries) = whole else { return whole.clone() };
            let mut kept = Map::new();
            for (name, value) in entries {
                match coins.next() {
                    Some(0) => {}
                    Some(1) => {
                        kept.insert(name.clone(), Json::Null);
                    }
                    _ => {
                        kept.insert(name.clone(), part(value, coins));
                    }
                }
            }
            kept.into()
        }

        proptest! {
            #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

            /// What platc takes as a whole, an editor takes in parts.
            #[test]
            fn each_part_of_what_is_right_is_right(
                schema in schema(),
                wholes in prop::collection::vec(instance(), 8),
                coins in prop::collection::vec(0u8..4, 16),
            ) {
                let judge = jsonschema::validator_for(&schema).unwrap();
                let editor = jsonschema::validator_for(&for_layers(schema.clone())).unwrap();
                for whole in wholes.iter().filter(|whole| whole.is_object() && judge.is_valid(whole)) {
                    let layer = part(whole, &mut coins.iter().copied());
                    prop_assert!(editor.is_valid(&layer), "{layer} of {whole} by {schema}");
                }
            }
        }
    }

    /// Whether the layer is taken where `schema` holds for the whole.
    #[track_caller]
    fn takes(schema: &Json, layers: &[Json]) {
        let editor = jsonschema::validator_for(&for_layers(schema.clone())).unwrap();
        for layer in layers {
            let error = editor.iter_errors(layer).next().map(|error| error.to_string());
            assert_eq!(error, None, "{layer}");
        }
    }

    #[track_caller]
    fn refuses(schema: &Json, layers: &[Json]) {
        let editor = jsonschema::validator_for(&for_layers(schema.clone())).unwrap();
        for layer in layers {
            assert!(!editor.is_valid(layer), "{layer}");
        }
    }

    #[test]
    fn a_layer_alone_need_not_be_whole() {
        let schema = json!({
            "type": "object",
            "required": ["cluster"],
            "additionalProperties": false,
            "properties": {
                "cluster": {
                    "type": "object",
                    "required": ["name"],
                    "minProperties": 2,
                    "properties": { "name": { "enum": ["a", "b"] }, "required": { "type": "string" } },
                    "additionalProperties": false,
                },
                "pools": { "type": "array", "items": { "$ref": "#/$defs/pool" } },
            },
            "$defs": { "pool": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } } },
        });
        takes(
            &schema,
            &[
                json!({}),
                json!({ "extends": ["../base"], "cluster": { "required": "x" } }),
                json!({ "cluster": null, "pools": [{}] }),
                json!({ "cluster": { "$patch": "delete" } }),
                json!({ "acknowledge": [{ "rule": "a/b", "subject": "c", "reason": "d", "until": "2027-01-31" }] }),
            ],
        );
        refuses(
            &schema,
            &[
                json!({ "clutser": {} }),
                json!({ "cluster": { "name": "c" } }),
                json!({ "cluster": { "$patch": "remove" } }),
                json!({ "pools": {} }),
                json!({ "acknowledge": [{ "rule": "a/b" }] }),
                json!({ "extends": "../base" }),
            ],
        );
    }

    #[test]
    fn a_text_may_look_like_a_number() {
        let schema = json!({ "properties": {
            "version": { "type": "string", "minLength": 1 },
            "release": { "enum": ["1.30", "1.31", "on"] },
            "fixed": { "const": "2" },
            "count": { "type": "integer", "minimum": 1 },
            "ratio": { "type": ["integer", "string"] },
        } });
        takes(
            &schema,
            &[
                json!({ "version": 1.3, "release": 1.3, "fixed": 2, "count": 1, "ratio": 0.5 }),
                json!({ "version": true, "release": "on", "fixed": "2", "count": null, "ratio": "x" }),
            ],
        );
        refuses(
            &schema,
            &[
                json!({ "version": "" }),
                json!({ "release": 1.4 }),
                json!({ "fixed": 3 }),
                json!({ "count": "1" }),
                json!({ "count": 0 }),
                json!({ "ratio": [] }),
            ],
        );
    }

    #[test]
    fn lists_that_merge_are_parts() {
        let schema = json!({ "properties": {
            "zones": { "type": "array", "x-kubernetes-list-type": "set", "minItems": 2, "items": { "type": "string" } },
            "pools": {
                "type": "array",
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
                "minItems": 2,
                "items": {
                    "type": "object",
                    "required": ["name", "cpu"],
                    "additionalProperties": false,
                    "properties": { "name": { "type": "string" }, "cpu": { "type": "integer" } },
                },
            },
            "plain": { "type": "array", "minItems": 1, "items": { "type": "string" } },
        } });
        takes(
            &schema,
            &[
                json!({ "zones": ["c"], "pools": [{ "name": "a", "$patch": "delete" }, { "name": "b" }] }),
                json!({ "zones": [{ "$patch": "replace" }, "c"], "pools": [{ "$patch": "replace" }] }),
                json!({ "zones": [{ "$patch": "delete", "value": "c" }], "plain": ["x"] }),
            ],
        );
        refuses(
            &schema,
            &[
                json!({ "plain": [] }),
                json!({ "zones": [{ "name": "c" }] }),
                json!({ "pools": [{ "name": "a", "gpu": 1 }] }),
            ],
        );
    }

    #[test]
    fn what_depends_on_other_values_is_left_to_the_whole() {
        let schema = json!({
            "type": "object",
            "properties": {
                "kind": { "type": "string" },
                "port": { "oneOf": [{ "type": "integer" }, { "type": "string", "pattern": "^[a-z]+$" }] },
                "auth": { "oneOf": [{ "required": ["token"] }, { "required": ["user"] }], "not": { "required": ["a", "b"] } },
                "name": { "type": "string", "not": { "enum": ["default"] } },
            },
            "if": { "properties": { "kind": { "const": "disk" } } },
            "then": { "required": ["size"], "properties": { "size": { "type": "integer", "minimum": 10 } } },
            "else": { "properties": { "size": false } },
            "dependentSchemas": { "kind": { "required": ["port"], "properties": { "zone": { "const": "a" } } } },
            "unevaluatedProperties": false,
        });
        takes(
            &schema,
            &[
                json!({ "port": 80, "auth": { "a": 1, "b": 2 }, "name": null }),
                json!({ "kind": "disk" }),
                json!({ "size": 20 }),
                json!({ "kind": "disk", "zone": "a", "auth": {}, "extends": ["../base"] }),
            ],
        );
        refuses(&schema, &[json!({ "other": 1 }), json!({ "name": "default" }), json!({ "port": [80] })]);
    }

    #[test]
    fn the_root_may_be_made_of_several() {
        let schema = json!({
            "allOf": [{ "$ref": "#/$defs/a" }],
            "$defs": { "a": { "properties": { "a": { "$ref": "#/$defs/b" } }, "additionalProperties": false },
                       "b": { "additionalProperties": { "type": "string" }, "propertyNames": { "pattern": "^[A-Z]+$" } } },
        });
        takes(&schema, &[json!({ "extends": [], "acknowledge": [], "a": { "A": 1, "$patch": "replace" } })]);
        refuses(&schema, &[json!({ "b": 1 }), json!({ "a": { "a": "x" } }), json!({ "a": { "extends": {} } })]);
    }
}
