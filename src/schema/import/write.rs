//! An imported schema as a file. Its head holds a digest of the rest, so that an edit by hand can be told.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::value::{Number, Value};
use crate::yaml::emit;

const MARK: &str = "# sha256 of what follows: ";

/// What stands where a schema is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// What an import wrote, as it wrote it.
    Untouched,
    /// An import wrote it, somebody changed it.
    Edited,
    /// No import wrote it.
    Foreign,
}

/// What a file that is to be replaced is.
pub fn state(text: &str) -> State {
    let Some((_, rest)) = text.split_once(MARK) else { return State::Foreign };
    let Some((digest, body)) = rest.split_once('\n') else { return State::Edited };
    if digest.trim_end() == hex(body) { State::Untouched } else { State::Edited }
}

pub(super) fn text(schema: &Json, what: &str, from: &str, notes: &BTreeSet<String>) -> String {
    let mut about = String::new();
    for note in notes {
        about.push_str(&format!("Not judged: {note}\n"));
    }
    let body = emit::document(&about, &value(schema));
    let head = format!("{what}, from {from}. Made by `platc schema import`: import again instead of editing.");
    let mut text = String::with_capacity(body.len() + 256);
    text.push_str("# ");
    text.extend(head.chars().map(|char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char }));
    text.push('\n');
    text.push_str(MARK);
    text.push_str(&hex(&body));
    text.push('\n');
    text.push_str(&body);
    text
}

fn hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Number(match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Number::Int(number),
            (None, Some(number)) => Number::UInt(number),
            // JSON has neither infinity nor not-a-number.
            (None, None) => number.as_f64().and_then(Number::float).unwrap_or(Number::Int(0)),
        }),
        Json::String(text) => Value::String(text.as_str().into()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(entries) => {
            Value::Map(entries.iter().map(|(key, below)| (Arc::from(key.as_str()), value(below))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_told_from_an_import() {
        let made =
            text(&serde_json::json!({ "type": "object" }), "v1 Pod", "a.json", &BTreeSet::from(["x".to_owned()]));
        assert_eq!(state(&made), State::Untouched);
        assert_eq!(state(&made.replace("object", "string")), State::Edited);
        assert_eq!(state("type: object\n"), State::Foreign);
    }
}
