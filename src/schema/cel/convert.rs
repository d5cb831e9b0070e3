//! From JSON to values of CEL, the schema saying what a string or a number stands for.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value as Json;

use super::functions::time::{Duration, Timestamp};
use super::value::{Key, List, ListKind, Value, Zero};
use crate::schema::shape::{ListMerge, Shape};
use crate::yaml::Types;

/// A list's items with what the schema says of the list.
pub(super) fn list(items: Vec<Value>, shape: Shape<'_>) -> Value {
    let kind = match shape.list_merge() {
        ListMerge::Replace => ListKind::Plain,
        ListMerge::Set => ListKind::Set,
        ListMerge::ByKeys(keys) => ListKind::Keyed(keys.into()),
    };
    let item = shape.item();
    let zero = match item.types() {
        Types::NUMBER => Zero::Double,
        Types::STRING if format(item) == Some("duration") => Zero::Duration,
        _ => Zero::Int,
    };
    Value::List(List::of(items, kind, zero))
}

/// A map's entries as rules see them. A field that is null is not there, and one that is not there has its default, as
/// the API server has it before it evaluates rules. In a map of any keys null is a value.
pub(super) fn map(mut entries: BTreeMap<Key, Value>, shape: Shape<'_>) -> Value {
    for (key, default) in shape.defaults() {
        entries.entry(Key::String(Arc::clone(key))).or_insert_with(|| untyped(default));
    }
    for key in shape.known_keys() {
        let key = Key::String(Arc::clone(key));
        if matches!(entries.get(&key), Some(Value::Null)) {
            entries.remove(&key);
        }
    }
    Value::Map(Arc::new(entries))
}

/// A scalar, as the schema's type and format take it.
pub(super) fn scalar(json: &Json, shape: Shape<'_>) -> Value {
    match json {
        Json::Number(number) => {
            let types = shape.types();
            let is_double = types != Types::ANY && types.contains(Types::NUMBER);
            match number.as_f64().filter(|_| is_double) {
                Some(value) => Value::Double(value),
                None => number_value(number),
            }
        }
        Json::String(text) => {
            let special = match format(shape) {
                Some("duration") => Duration::parse(text).map(Value::Duration),
                Some("date-time") => Timestamp::parse(text).map(Value::Timestamp),
                Some("date") => Timestamp::parse(&format!("{text}T00:00:00Z")).map(Value::Timestamp),
                Some("byte") => BASE64.decode(text).ok().map(|bytes| Value::Bytes(bytes.into())),
                _ => None,
            };
            special.unwrap_or_else(|| Value::text(text.as_str()))
        }
        other => untyped(other),
    }
}

fn format(shape: Shape<'_>) -> Option<&str> {
    shape.nodes().find_map(|node| node.format.as_deref())
}

/// JSON as it stands.
pub(super) fn untyped(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => number_value(number),
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(untyped)),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| (Key::String(key.as_str().into()), untyped(value)));
            Value::Map(Arc::new(entries.collect()))
        }
    }
}

pub(super) fn number_value(number: &serde_json::Number) -> Value {
    match (number.as_i64(), number.as_u64()) {
        (Some(value), _) => Value::Int(value),
        (None, Some(value)) => Value::Uint(value),
        (None, None) => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
    }
}
