//! Charts within a chart: their values stand below a key of its own, and Helm judges them by their own schema there.

use serde_json::{Map, Value as Json, json};

use super::helm;
use crate::yaml::{Content, Node};

/// A chart that another one asks for.
pub(super) struct Dependency {
    pub(super) name: String,
    /// The key of its values, where that is not its name.
    pub(super) alias: Option<String>,
    /// Paths of values that switch it on, first that is set first.
    pub(super) conditions: Vec<String>,
    pub(super) has_tags: bool,
}

impl Dependency {
    pub(super) fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

/// What `Chart.yaml` or `requirements.yaml` lists.
pub(super) fn dependencies(document: &Json) -> Vec<Dependency> {
    let text = |value: &Json| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let listed = document["dependencies"].as_array().into_iter().flatten();
    let read = |it: &Json| {
        let conditions = it["condition"].as_str().into_iter().flat_map(|all| all.split(','));
        Some(Dependency {
            name: text(&it["name"])?,
            alias: text(&it["alias"]),
            conditions: conditions.map(|path| path.trim().to_owned()).filter(|path| !path.is_empty()).collect(),
            has_tags: it["tags"].is_array(),
        })
    };
    listed.filter_map(read).collect()
}

/// Charts read values of `global` that others name.
pub(super) fn leave_global_open(properties: &mut Map<String, Json>) {
    if let Some(Json::Object(global)) = properties.get_mut("global")
        && global.get("additionalProperties") == Some(&Json::Bool(false))
    {
        global.remove("additionalProperties");
    }
}

pub(super) fn is_reference(schema: Option<&Json>) -> bool {
    schema.is_some_and(|known| known.get("$ref").is_some())
}

/// Lets references within a schema lead to where it stands now.
pub(super) fn move_references(schema: &mut Json, to: &str) {
    match schema {
        Json::Object(words) => {
            if let Some(Json::String(reference)) = words.get_mut("$ref")
                && let Some(rest) = reference.strip_prefix('#')
            {
                *reference = format!("{to}{rest}");
            }
            words.values_mut().for_each(|value| move_references(value, to));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| move_references(item, to)),
        _ => {}
    }
}

/// Lets a schema take the defaults that the chart above sets. What it leaves open stays open.
pub(super) fn also(schema: &mut Json, default: &Node, key: &str) {
    let Json::Object(words) = schema else { return };
    let own = helm::kind(default, key);
    let types = |kind: &Json| match kind {
        Json::Array(names) => names.clone(),
        name => vec![name.clone()],
    };
    if let (Some(known), Some(own)) = (words.get("type"), own)
        && let known = types(known)
        && !types(&own).iter().all(|kind| known.contains(kind))
    {
        words.remove("type");
    }
    let Content::Map(entries) = &default.content else { return };
    let is_closed = words.get("additionalProperties") == Some(&Json::Bool(false));
    let properties = match words.get_mut("properties") {
        Some(Json::Object(properties)) => properties,
        _ if !is_closed => return,
        _ => match words.entry("properties").or_insert_with(|| json!({})) {
            Json::Object(properties) => properties,
            _ => return,
        },
    };
    for entry in entries {
        let name = &*entry.key.text;
        match properties.get_mut(name) {
            Some(below) => also(below, &entry.value, name),
            None if is_closed => drop(properties.insert(name.to_owned(), json!({}))),
            None => {}
        }
    }
}

/// Lets a schema take the values that switch charts on and off, which their own values need not name.
pub(super) fn name_switches(words: &mut Map<String, Json>, dependencies: &[Dependency]) {
    if dependencies.iter().any(|it| it.has_tags)
        && let Some(Json::Object(properties)) = words.get_mut("properties")
    {
        properties.entry("tags").or_insert_with(|| json!({ "type": ["object", "null"] }));
    }
    for path in dependencies.iter().flat_map(|it| &it.conditions) {
        let mut words = &mut *words;
        for name in path.split('.') {
            let is_closed = words.get("additionalProperties") == Some(&Json::Bool(false));
            let Some(Json::Object(properties)) = words.get_mut("properties") else { break };
            if is_closed {
                properties.entry(name).or_insert_with(|| json!({}));
            }
            let Some(Json::Object(below)) = properties.get_mut(name) else { break };
            words = below;
        }
    }
}
