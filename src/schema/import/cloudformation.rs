//! Resource types: from the schemas of CloudFormation's registry.

use serde_json::{Map, Value as Json, json};

use super::Draft;

/// A resource type's schema; `None` for another file, `Err` says what is wrong with it.
pub(super) fn resource_type(document: &Json) -> Option<Result<Draft, String>> {
    let name = document["typeName"].as_str()?;
    document["properties"].as_object()?;
    let words: Vec<&str> = name.split("::").collect();
    let is_word = |word: &&str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphanumeric());
    if words.len() < 3 || !words.iter().all(is_word) {
        return Some(Err(format!("`{name}` is not the name of a resource type, `AWS::Service::Type`")));
    }
    let mut schema = Map::new();
    schema.insert("x-aws-type".to_owned(), json!(name));
    for (word, own) in [("readOnlyProperties", "x-aws-read-only"), ("createOnlyProperties", "x-aws-create-only")] {
        let mut names: Vec<String> = paths(&document[word]).collect();
        names.sort();
        names.dedup();
        if !names.is_empty() {
            schema.insert(own.to_owned(), json!(names));
        }
    }
    for word in ["type", "additionalProperties", "properties", "patternProperties", "required", "dependentRequired"] {
        if let Some(value) = document.get(word) {
            schema.insert(word.to_owned(), value.clone());
        }
    }
    schema.entry("type").or_insert_with(|| json!("object"));
    let mut all: Vec<Json> = Vec::new();
    for word in ["anyOf", "oneOf", "allOf"] {
        if let Some(schemas) = document[word].as_array().filter(|schemas| !schemas.is_empty()) {
            all.push(json!({ word: schemas }));
        }
    }
    let one_each = |word: &str| -> Vec<Json> {
        let names = document[word].as_array().into_iter().flatten().filter(|name| name.is_string());
        names.map(|name| json!({ "required": [name] })).collect()
    };
    for (own, word) in [("requiredOr", "anyOf"), ("requiredXor", "oneOf")] {
        let branches = one_each(own);
        if !branches.is_empty() {
            all.push(json!({ word: branches }));
        }
    }
    if !all.is_empty() {
        schema.insert("allOf".to_owned(), Json::Array(all));
    }
    let excluded = document["dependentExcluded"].as_object().into_iter().flatten().map(|(name, others)| {
        let others = others.as_array().into_iter().flatten().filter_map(Json::as_str);
        let none: Map<String, Json> = others.map(|other| (other.to_owned(), Json::Bool(false))).collect();
        (name.clone(), json!({ "properties": none }))
    });
    let excluded: Map<String, Json> = excluded.collect();
    if !excluded.is_empty() {
        schema.insert("dependentSchemas".to_owned(), Json::Object(excluded));
    }
    if let Some(definitions) = document["definitions"].as_object() {
        schema.insert("definitions".to_owned(), Json::Object(definitions.clone()));
    }
    let path = format!("cloudformation/{}.yaml", words.join("-"));
    Some(Ok(Draft { path, what: name.to_owned(), schema: Json::Object(schema) }))
}

/// `/properties/Endpoint/Address` as `Endpoint.Address`. A path through the items of a list names no one value.
fn paths(list: &Json) -> impl Iterator<Item = String> {
    let names = list.as_array().into_iter().flatten().filter_map(Json::as_str);
    names.filter_map(|path| {
        let path = path.strip_prefix("/properties/")?.replace("/properties/", "/");
        (!path.contains('*') && !path.is_empty()).then(|| path.replace('/', "."))
    })
}
