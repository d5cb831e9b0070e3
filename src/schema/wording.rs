//! How findings about values name places and say limits.

use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use serde_json::Value as Json;

use crate::finding::suggest::nearest;
use crate::yaml::path::Path;

/// More values or keys than this are not listed.
const LISTED: usize = 12;
/// Longer texts are cut.
const SHOWN: usize = 60;

/// A place as the subject of a sentence.
pub(super) fn name(path: &Path) -> String {
    if path.is_root() { "the file".to_owned() } else { format!("`{path}`") }
}

/// A map as the owner of keys.
pub(super) fn owner(path: &Path) -> String {
    if path.is_root() { "the file".to_owned() } else { format!("`{path}`") }
}

/// A value as a user would write it.
pub(super) fn value(json: &Json) -> String {
    match json {
        Json::String(text) if text.is_empty() => "`\"\"`".to_owned(),
        Json::String(text) => format!("`{}`", cut(text)),
        Json::Array(_) | Json::Object(_) => format!("`{}`", cut(&json.to_string())),
        Json::Null | Json::Bool(_) | Json::Number(_) => format!("`{json}`"),
    }
}

pub(super) fn values(options: &[Json]) -> String {
    let mut listed: Vec<_> = options.iter().take(LISTED).map(value).collect();
    if options.len() > LISTED {
        listed.push(format!("{} more", options.len() - LISTED));
    }
    listed.join(", ")
}

/// What a value is, for the label that stands under it.
pub(super) fn this_is(json: &Json) -> String {
    match json {
        Json::Null => "this is empty".to_owned(),
        Json::Bool(value) => format!("this is the boolean `{value}`"),
        Json::Number(number) if number.is_f64() => format!("this is the number `{number}`"),
        Json::Number(number) => format!("this is the integer `{number}`"),
        Json::String(text) if text.is_empty() => "this is an empty string".to_owned(),
        Json::String(_) => "this is a string".to_owned(),
        Json::Array(items) if items.is_empty() => "this is an empty list".to_owned(),
        Json::Object(entries) if entries.is_empty() => "this is an empty map".to_owned(),
        Json::Array(items) => format!("this is a list of {}", count(items.len(), "item")),
        Json::Object(entries) => format!("this is a map of {}", count(entries.len(), "key")),
    }
}

/// What to write for a key that is none in YAML, or a word of another tool: `image.tag`, `zones+`, `patch: delete`.
pub(super) fn foreign_key(key: &str, value: Option<&Json>, known: &[&Arc<str>]) -> Option<String> {
    let is_known = |name: &str| known.iter().any(|known| &***known == name);
    if let Some((first, rest)) = key.split_once('.').filter(|(first, rest)| !rest.is_empty() && is_known(first)) {
        return Some(format!("write `{rest}` below `{first}:`; a point in a key leads nowhere"));
    }
    if let Some(name) = key.strip_suffix('+').or_else(|| key.strip_prefix('+')).filter(|name| is_known(name)) {
        return Some(format!("write `{name}`: how a list merges stands in the schema, `x-kubernetes-list-type`"));
    }
    let is_word = value.and_then(Json::as_str).is_some_and(|word| matches!(word, "delete" | "replace" | "merge"));
    (is_word && nearest(key, ["$patch"]).is_some()).then(|| "did you mean `$patch`?".to_owned())
}

/// A key that platc reads itself at the top of a layer, for a word that was probably meant as it.
pub(super) fn own_key(key: &str) -> Option<String> {
    const OWN: [&str; 3] = ["acknowledge", "extends", "outside"];
    let own = if key.starts_with("acknowledg") { Some(OWN[0]) } else { nearest(key, OWN) };
    own.map(|own| format!("did you mean `{own}`?"))
}

pub(super) fn known_keys(keys: &[&Arc<str>]) -> Option<String> {
    if keys.is_empty() {
        return None;
    }
    let mut listed: Vec<_> = keys.iter().take(LISTED).map(|key| format!("`{key}`")).collect();
    if keys.len() > LISTED {
        listed.push(format!("{} more", keys.len() - LISTED));
    }
    Some(format!("the known keys are {}", listed.join(", ")))
}

pub(super) fn either(names: &[String]) -> String {
    join(names, "or")
}

pub(super) fn all(names: &[String]) -> String {
    join(names, "and")
}

fn join(names: &[String], word: &str) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// What a limit demands of `name`.
pub(super) fn limit(name: &str, kind: &ValidationErrorKind, found: Option<&Json>) -> String {
    let has = |count: Option<usize>| count.map_or_else(String::new, |count| format!(", has {count}"));
    let characters = || has(found.and_then(Json::as_str).map(|text| text.chars().count()));
    let items = || has(found.and_then(Json::as_array).map(Vec::len));
    let keys = || has(found.and_then(Json::as_object).map(serde_json::Map::len));
    match kind {
        ValidationErrorKind::Minimum { limit } => format!("{name} must be at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("{name} must be at most {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("{name} must be more than {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("{name} must be less than {limit}"),
        ValidationErrorKind::MultipleOf { multiple_of } => format!("{name} must be a multiple of {multiple_of}"),
        ValidationErrorKind::MinLength { limit } => {
            format!("{name} must have at least {}{}", count_u64(*limit, "character"), characters())
        }
        ValidationErrorKind::MaxLength { limit } => {
            format!("{name} must have at most {}{}", count_u64(*limit, "character"), characters())
        }
        ValidationErrorKind::MinItems { limit } => {
            format!("{name} must have at least {}{}", count_u64(*limit, "item"), items())
        }
        ValidationErrorKind::MaxItems { limit } => {
            format!("{name} must have at most {}{}", count_u64(*limit, "item"), items())
        }
        ValidationErrorKind::AdditionalItems { limit } => {
            format!("{name} must have at most {}{}", count(*limit, "item"), items())
        }
        ValidationErrorKind::UnevaluatedItems { .. } => format!("{name} has items that the schema does not know"),
        ValidationErrorKind::MinProperties { limit } => {
            format!("{name} must have at least {}{}", count_u64(*limit, "key"), keys())
        }
        ValidationErrorKind::MaxProperties { limit } => {
            format!("{name} must have at most {}{}", count_u64(*limit, "key"), keys())
        }
        ValidationErrorKind::Pattern { pattern } => format!("{name} does not match the pattern `{pattern}`"),
        ValidationErrorKind::Contains => format!("{name} lacks an item that the schema demands"),
        kind => format!("{name} does not fit `{}` of the schema", kind.keyword()),
    }
}

fn count(number: usize, thing: &str) -> String {
    count_u64(number as u64, thing)
}

fn count_u64(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

fn cut(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.len() == text.len() && text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    format!("{}…", line.chars().take(SHOWN).collect::<String>())
}
