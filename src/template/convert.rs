//! From the engine's values and the environment's trees to the values of an artifact.

use std::sync::Arc;

use minijinja::value::{Value as Engine, ValueKind};

use super::context::Session;
use super::refusal::Refusal;
#[cfg(test)]
use crate::environment::{Content, Tree};
use crate::value::{Number, Value};

/// A scalar; booleans and null by their type, never by the engine's spelling of them.
///
/// # Errors
/// When no artifact can hold the value: infinite, not a number, past 64 bits, a function, bytes.
pub(super) fn scalar(value: &Engine, session: &Session) -> Result<Value, Refusal> {
    let refuse = |why: &str| Err(Refusal::operation(why));
    match value.kind() {
        ValueKind::None => Ok(Value::Null),
        ValueKind::Bool => Ok(Value::Bool(value.is_true())),
        ValueKind::Number => match number(value, session) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(Refusal::operation("this number is too large for an output").help(
                "integers of 64 bits, to 18446744073709551615, and finite numbers are written; let it be a text, in quotes, if it is an identifier",
            )),
        },
        ValueKind::String => Ok(Value::String(value.to_str().unwrap_or_default())),
        ValueKind::Plain => Err(not_a_value()),
        _ => refuse("this is not a value that an output can hold"),
    }
}

/// Said of a function or a macro where a value is wanted.
pub(super) const FUNCTION: &str = "this is a function or a macro, not a value";

/// A function or a macro where a value is wanted.
pub(super) fn not_a_value() -> Refusal {
    Refusal::operation(FUNCTION).help("call it with `()`")
}

fn number(value: &Engine, session: &Session) -> Option<Number> {
    if value.is_integer() {
        return match i64::try_from(value.clone()) {
            Ok(int) => Some(Number::Int(int)),
            Err(_) => u64::try_from(value.clone()).ok().map(Number::UInt),
        };
    }
    let float = f64::try_from(value.clone()).ok()?;
    match session.digits(float) {
        Some(digits) => Some(Number::Float(float, digits)),
        None => Number::float(float),
    }
}

/// A scalar as it stands in a text. `None` for null, which has no text.
pub(super) fn text(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Null | Value::List(_) | Value::Map(_) => None,
        Value::Bool(true) => Some("true".into()),
        Value::Bool(false) => Some("false".into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::String(text) => Some(Arc::clone(text)),
    }
}

#[cfg(test)]
/// A node of the environment, whole.
pub(super) fn tree(tree: &Tree) -> Value {
    match &tree.content {
        Content::Null => Value::Null,
        Content::Bool(value) => Value::Bool(*value),
        Content::Number(number) => Value::Number(number.clone()),
        Content::String(text) => Value::String(Arc::clone(text)),
        Content::List(items) => Value::List(items.iter().map(|item| self::tree(item)).collect()),
        Content::Map(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (Arc::clone(key), self::tree(value))).collect())
        }
    }
}
