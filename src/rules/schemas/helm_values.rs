//! Values of a chart by its schema, wherever they stand.

use std::sync::Arc;

use super::Schemas;
use super::rules::{UNKNOWN_KEY, VALUE_SCHEMA, VALUE_TYPE};
use crate::account::Account;
use crate::finding::Rule;
use crate::finding::codes::schema as codes;
use crate::schema::Schema;
use crate::value::Value;
use crate::yaml::path::Path;

/// What is wrong with values.
pub(super) struct Judged {
    pub(super) rule: &'static Rule,
    pub(super) path: Path,
    pub(super) message: String,
    pub(super) label: String,
    pub(super) help: Option<String>,
}

/// Judges values by the schema of their chart.
pub(super) fn judged(
    schema: &Schema,
    chart: &str,
    values: &Value,
    (schemas, account): (&Schemas<'_>, &Account),
) -> Vec<Judged> {
    // Null takes a default away; what is left is a key that is not set.
    let set = without_null(values);
    let judged = schema.judge(&set, schemas.sources(), account).into_iter().filter_map(|wrong| {
        let rule: &'static Rule = match wrong.rule {
            rule if rule == &codes::UNKNOWN_KEY => &UNKNOWN_KEY,
            rule if rule == &codes::TYPE => &VALUE_TYPE,
            rule if rule == &codes::DEPRECATED || rule == &codes::RENAMED => return None,
            _ => &VALUE_SCHEMA,
        };
        let message = match wrong.path.steps().split_last() {
            Some((key, above)) if rule == &UNKNOWN_KEY => {
                let above: Path = above.iter().cloned().collect();
                let owner = if above.is_root() { String::new() } else { format!("`{above}` of ") };
                format!("{owner}the chart `{chart}` has no key `{key}`")
            }
            _ => format!("{} in the chart `{chart}`", wrong.message),
        };
        Some(Judged { rule, path: wrong.path, message, label: wrong.label, help: wrong.help })
    });
    judged.collect()
}

/// The words at the place.
pub(super) fn label(wrong: &Judged) -> String {
    if wrong.rule == &UNKNOWN_KEY { "Helm ignores it in silence".to_owned() } else { wrong.label.clone() }
}

fn without_null(value: &Value) -> Value {
    match value {
        Value::Map(entries) => {
            let set = entries.iter().filter(|(_, value)| *value != Value::Null);
            Value::Map(set.map(|(key, value)| (Arc::clone(key), without_null(value))).collect())
        }
        value => value.clone(),
    }
}
