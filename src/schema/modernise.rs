//! Words of older dialects in those of 2020-12.

use serde_json::{Map, Value};

/// Draft-07's and `OpenAPI`'s words in those of 2020-12, so that the judge knows only one dialect.
pub(super) fn modernise(json: &mut Map<String, Value>) {
    // Most schemas have none of these, and a look at each key costs less than to ask for each word.
    let is_old = |(word, value): (&String, &Value)| match word.as_str() {
        "additionalItems" | "dependencies" | "nullable" | "format" => true,
        "items" => value.is_array(),
        "exclusiveMinimum" | "exclusiveMaximum" => value.is_boolean(),
        _ => false,
    };
    if !json.iter().any(is_old) {
        return;
    }
    if json.get("items").is_some_and(Value::is_array) {
        let items = json.remove("items").unwrap_or_default();
        json.insert("prefixItems".to_owned(), items);
        if let Some(rest) = json.remove("additionalItems") {
            json.insert("items".to_owned(), rest);
        }
    } else {
        json.remove("additionalItems");
    }
    if let Some(Value::Object(dependencies)) = json.remove("dependencies") {
        for (name, dependency) in dependencies {
            let word = if dependency.is_array() { "dependentRequired" } else { "dependentSchemas" };
            if let Value::Object(of) = json.entry(word).or_insert_with(|| Value::Object(Map::new())) {
                of.insert(name, dependency);
            }
        }
    }
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if let Some(Value::Bool(exclusive)) = json.get(flag) {
            let exclusive = *exclusive;
            json.remove(flag);
            if exclusive && let Some(limit) = json.remove(bound) {
                json.insert(flag.to_owned(), limit);
            }
        }
    }
    if json.get("nullable") == Some(&Value::Bool(true))
        && let Some(Value::Array(values)) = json.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    if json.get("format").and_then(Value::as_str) == Some("int32") {
        json.entry("minimum").or_insert(Value::from(i32::MIN));
        json.entry("maximum").or_insert(Value::from(i32::MAX));
    }
}
