//! Values as CloudFormation takes them: functions, what is known at deployment only, and scalars that are turned into each
//! other.

use serde_json::{Map, Value as Json};

use crate::check::Node;
use crate::value::{Number, Value};

/// Schemas of so many words are looked through: that is faster than a hash.
const FEW: usize = 8;

/// What a schema says under a word.
pub(super) fn word_of<'s>(words: &'s Map<String, Json>, word: &str) -> Option<&'s Json> {
    if words.len() > FEW {
        return words.get(word);
    }
    words.iter().find_map(|(name, says)| (name == word).then_some(says))
}

/// A function and its argument, if that is what a value is. Rain has some that are gone before anything is deployed.
pub(super) fn intrinsic<'n>(node: &Node<'n>) -> Option<(&'n str, Node<'n>)> {
    let Value::Map(entries) = node.value else { return None };
    if entries.len() != 1 {
        return None;
    }
    node.entries().pop().filter(|(name, _)| {
        name.starts_with("Fn::") || name.starts_with("Rain::") || matches!(*name, "Ref" | "Condition")
    })
}

/// Whether a text is put in place when the stack is deployed: `{{resolve:ssm:…}}`.
pub(super) fn is_open(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains('{') && text.contains("{{resolve:"))
}

/// Whether a property is set: with `AWS::NoValue` it is as if it were not there.
pub(super) fn is_set(value: &Node<'_>) -> bool {
    intrinsic(value).is_none_or(|(name, of)| name != "Ref" || of.text() != Some("AWS::NoValue"))
}

pub(super) fn list(json: Option<&Json>) -> impl Iterator<Item = &Json> {
    json.and_then(Json::as_array).into_iter().flatten()
}

/// Whether CloudFormation takes a value for one of a type.
pub(super) fn fits(kind: &str, value: &Value) -> bool {
    if is_open(value) {
        return !matches!(kind, "object" | "array" | "null");
    }
    match kind {
        "object" => matches!(value, Value::Map(_)),
        "array" => matches!(value, Value::List(_)),
        "null" => matches!(value, Value::Null),
        "string" => matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)),
        "boolean" => {
            text(value).is_some_and(|text| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"))
        }
        "integer" => match value {
            Value::Number(number) => !matches!(number, Number::Float(..)),
            value => text(value).is_some_and(|text| text.parse::<i64>().is_ok()),
        },
        "number" => text(value).is_some_and(|text| text.parse::<f64>().is_ok()),
        _ => true,
    }
}

/// A type as a message says it.
pub(super) fn called(kind: &str) -> &str {
    match kind {
        "object" => "a map",
        "array" => "a list",
        "string" => "a string",
        "boolean" => "a boolean",
        "integer" => "an integer",
        "number" => "a number",
        other => other,
    }
}

/// A scalar's text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

pub(super) fn option(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}
