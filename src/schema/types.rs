//! The words for types, and the types of values.

use serde_json::Value;

use super::keyword;
use crate::yaml::Types;

/// What a word means; nothing if it is none of JSON Schema's.
pub(super) fn types_named(name: &str) -> Option<Types> {
    Some(match name {
        "array" => Types::LIST,
        "boolean" => Types::BOOL,
        "integer" => Types::INTEGER,
        "null" => Types::NULL,
        "number" => Types::NUMBER,
        "object" => Types::MAP,
        "string" => Types::STRING,
        _ => return None,
    })
}

/// What other languages call a type.
pub(super) fn plain_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "map" | "dict" | "hash" | "mapping" | "struct" => "object",
        "list" | "sequence" | "tuple" | "set" => "array",
        "int" | "int32" | "int64" | "long" | "uint" => "integer",
        "bool" => "boolean",
        "str" | "text" => "string",
        "float" | "double" | "decimal" => "number",
        "nil" | "none" => "null",
        _ => return None,
    })
}

pub(super) fn type_names(types: Types) -> Value {
    let mut names: Vec<Value> = Vec::new();
    for name in keyword::TYPE_NAMES {
        let redundant = name == "integer" && types.contains(Types::NUMBER);
        if !redundant && types_named(name).is_some_and(|named| types.contains(named)) {
            names.push(Value::from(name));
        }
    }
    if names.len() == 1 { names.remove(0) } else { Value::Array(names) }
}

pub(super) fn type_of(value: &Value) -> Types {
    match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOL,
        Value::Number(number) if number.is_f64() => Types::FLOAT,
        Value::Number(_) => Types::INTEGER,
        Value::String(_) => Types::STRING,
        Value::Array(_) => Types::LIST,
        Value::Object(_) => Types::MAP,
    }
}
