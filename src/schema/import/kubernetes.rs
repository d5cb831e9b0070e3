//! Kinds of Kubernetes objects: from custom resource definitions, from their schemas alone, from the definitions of a
//! release of Kubernetes.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Draft, Kind};
use crate::account::{Account, Cost, Work};
use crate::source::Span;

/// Other versions of the same kind that its definition has, and that are not served.
pub(crate) const NOT_SERVED: &str = "x-platc-not-served";

/// What the API server knows of every object.
const OBJECT_META: &[(&str, &str)] = &[
    ("name", "string"),
    ("generateName", "string"),
    ("namespace", "string"),
    ("labels", "strings"),
    ("annotations", "strings"),
    ("finalizers", "list"),
    ("ownerReferences", "owners"),
    ("uid", "string"),
    ("resourceVersion", "string"),
    ("generation", "integer"),
    ("creationTimestamp", "time"),
    ("deletionTimestamp", "time"),
    ("deletionGracePeriodSeconds", "integer"),
    ("selfLink", "string"),
    ("managedFields", "open"),
];

/// The versions of a custom resource definition that the API server serves; `Err` says what is missing.
pub(super) fn custom_resource(document: &Json) -> Result<Vec<Draft>, String> {
    let spec = &document["spec"];
    let text = |value: &Json, what: &str| match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("the definition has no `{what}`")),
    };
    let group = text(&spec["group"], "spec.group")?;
    let kind = text(&spec["names"]["kind"], "spec.names.kind")?;
    let mut drafts = Vec::new();
    // apiextensions.k8s.io/v1beta1 has one schema for all versions.
    let common = &spec["validation"]["openAPIV3Schema"];
    let alone = [json!({ "name": spec["version"].clone() })];
    let versions = spec["versions"].as_array().map_or(&alone[..], Vec::as_slice);
    let unserved: Vec<&Json> =
        versions.iter().filter(|it| it["served"] == json!(false)).map(|it| &it["name"]).collect();
    for version in versions.iter().filter(|version| version["served"] != json!(false)) {
        let own = &version["schema"]["openAPIV3Schema"];
        let mut schema = if own.is_object() { own.clone() } else { common.clone() };
        if !schema.is_object() {
            continue;
        }
        prune(&mut schema, true);
        object(&mut schema);
        if let (Json::Object(words), false) = (&mut schema, unserved.is_empty()) {
            words.insert(NOT_SERVED.to_owned(), json!(unserved));
        }
        let name =
            Kind { group: group.clone(), version: text(&version["name"], "spec.versions[].name")?, name: kind.clone() };
        drafts.push(Draft::kind(&name, schema));
    }
    if drafts.is_empty() {
        return Err("the definition has no schema, `openAPIV3Schema`".to_owned());
    }
    Ok(drafts)
}

/// The schema of one kind alone, as catalogues publish it, in a file named `group_Kind_version.json`.
pub(super) fn alone(file: &str, mut schema: Json) -> Option<Draft> {
    let stem =
        file.strip_suffix(".json").or_else(|| file.strip_suffix(".yaml")).or_else(|| file.strip_suffix(".yml"))?;
    let mut words = stem.rsplitn(3, '_');
    let (version, kind, group) = (words.next()?, words.next()?, words.next()?);
    let is_kind = kind.starts_with(|letter: char| letter.is_ascii_uppercase()) && version.starts_with('v');
    if !is_kind || !schema["properties"]["apiVersion"].is_object() || !schema["properties"]["kind"].is_object() {
        return None;
    }
    prune(&mut schema, false);
    object(&mut schema);
    Some(Draft::kind(&Kind { group: group.into(), version: version.into(), name: kind.into() }, schema))
}

/// The kinds in the definitions of a release of Kubernetes, each with all that it refers to. `None` for another file.
pub(super) fn definitions(document: &Json, kinds: &[String], account: &Account, at: Span) -> Option<Vec<Draft>> {
    let swagger = document["definitions"].as_object();
    let all = swagger.or_else(|| document["components"]["schemas"].as_object())?;
    if !all.values().any(|definition| definition["x-kubernetes-group-version-kind"].is_array()) {
        return None;
    }
    let mut drafts = Vec::new();
    // Each kind has a copy of all that it refers to, so what is made can be the square of what is read.
    let sizes: BTreeMap<&str, u64> = all.iter().map(|(name, it)| (name.as_str(), size(it))).collect();
    for definition in all.values() {
        if account.is_over() {
            break;
        }
        let [name] = definition["x-kubernetes-group-version-kind"].as_array().map(Vec::as_slice).unwrap_or_default()
        else {
            continue;
        };
        let text = |key: &str| name[key].as_str().map(str::to_owned);
        let (Some(group), Some(version), Some(kind)) = (text("group"), text("version"), text("kind")) else { continue };
        // Lists of objects and what is only sent to subresources stand in no file.
        let is_object = ["apiVersion", "kind", "metadata"].iter().all(|key| definition["properties"][key].is_object());
        let is_list = kind.ends_with("List") && definition["properties"]["items"].is_object();
        let wanted = kinds.is_empty() || kinds.iter().any(|name| name.eq_ignore_ascii_case(&kind));
        if !is_object || is_list || !wanted {
            continue;
        }
        account.charge(copy(size(definition)), Work::Import, at);
        let mut schema = definition.clone();
        let mut defs = Map::new();
        let mut waiting = Vec::new();
        refer(&mut schema, &mut waiting);
        while let Some(name) = waiting.pop() {
            if let (false, Some(definition)) = (defs.contains_key(&name), all.get(&name)) {
                account.charge(copy(sizes.get(&*name).copied().unwrap_or_default()), Work::Import, at);
                if account.is_over() {
                    break;
                }
                let mut definition = definition.clone();
                refer(&mut definition, &mut waiting);
                prune(&mut definition, false);
                defs.insert(name, definition);
            }
        }
        defs.sort_keys();
        prune(&mut schema, false);
        if let Some(words) = schema.as_object_mut() {
            words.insert("$defs".to_owned(), Json::Object(defs));
        }
        drafts.push(Draft::kind(&Kind { group, version, name: kind }, schema));
    }
    Some(drafts)
}

/// The length of a schema as text.
fn size(schema: &Json) -> u64 {
    schema.to_string().len() as u64
}

/// What a copy of a schema of some length costs.
fn copy(size: u64) -> Cost {
    Cost { steps: size, bytes: size.saturating_mul(16) }
}

/// Lets references lead below `$defs`, and lists what they lead to.
fn refer(schema: &mut Json, names: &mut Vec<String>) {
    match schema {
        Json::Object(words) => {
            if let Some(Json::String(to)) = words.get_mut("$ref")
                && let Some(name) = to.rsplit('/').next().map(str::to_owned)
            {
                *to = format!("#/$defs/{name}");
                names.push(name);
            }
            words.values_mut().for_each(|value| refer(value, names));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| refer(item, names)),
        _ => {}
    }
}

/// Closes maps as the API server prunes them: what is not named is dropped in silence there, so it is an error here.
/// `structural`: a map that names nothing takes nothing, as in a definition; elsewhere it takes all.
fn prune(schema: &mut Json, structural: bool) {
    let Json::Object(words) = schema else { return };
    let embedded = words.get("x-kubernetes-embedded-resource") == Some(&Json::Bool(true));
    let keeps = words.get("x-kubernetes-preserve-unknown-fields") == Some(&Json::Bool(true));
    if embedded {
        embed(words);
    }
    let is_map = words.get("type").is_some_and(|kind| kind == "object");
    let names =
        words.get("properties").is_some_and(|properties| properties.as_object().is_some_and(|map| !map.is_empty()));
    if !keeps && !words.contains_key("additionalProperties") && (names || structural && is_map) {
        words.insert("additionalProperties".to_owned(), Json::Bool(false));
    }
    for (word, value) in words.iter_mut() {
        match (word.as_str(), value) {
            ("properties", Json::Object(map)) => map.values_mut().for_each(|schema| prune(schema, structural)),
            ("items" | "additionalProperties", schema @ Json::Object(_)) => prune(schema, structural),
            // The branches of `anyOf` and its like say more about what is declared beside them, so they stay open.
            _ => {}
        }
    }
}

/// An object within an object has what every object has.
fn embed(words: &mut Map<String, Json>) {
    let properties = words.entry("properties").or_insert_with(|| json!({}));
    if let Json::Object(properties) = properties {
        for name in ["apiVersion", "kind"] {
            properties.entry(name).or_insert_with(|| json!({ "type": "string" }));
        }
        properties.entry("metadata").or_insert_with(|| json!({ "type": "object", "additionalProperties": true }));
    }
}

/// What the root of every object has.
fn object(schema: &mut Json) {
    let Json::Object(words) = schema else { return };
    words.entry("type").or_insert_with(|| json!("object"));
    if let Json::Object(properties) = words.entry("properties").or_insert_with(|| json!({})) {
        for name in ["apiVersion", "kind"] {
            properties.entry(name).or_insert_with(|| json!({ "type": "string" }));
        }
        let own = properties.get("metadata").and_then(|metadata| metadata.get("properties")).cloned();
        let mut metadata = json!({ "$ref": "#/$defs/ObjectMeta" });
        if let (Some(own), Json::Object(words)) = (own, &mut metadata) {
            words.insert("properties".to_owned(), own);
        }
        properties.insert("metadata".to_owned(), metadata);
    }
    let mut known = Map::new();
    for (name, form) in OBJECT_META {
        known.insert(
            (*name).to_owned(),
            match *form {
                "strings" => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
                "list" => json!({ "type": "array", "items": { "type": "string" } }),
                "owners" => json!({ "type": "array", "items": { "type": "object" } }),
                "time" => json!({ "type": ["string", "null"] }),
                "open" => json!({ "type": "array" }),
                form => json!({ "type": form }),
            },
        );
    }
    let meta = json!({ "type": "object", "additionalProperties": false, "properties": known });
    if let Json::Object(defs) = words.entry("$defs").or_insert_with(|| json!({})) {
        defs.insert("ObjectMeta".to_owned(), meta);
    }
}
