//! From JSON to values of CEL, the schema saying what a string or a number stands for.

use std::sync::Arc;

use serde_json::Value as Json;

use super::value::{Key, Value};

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
