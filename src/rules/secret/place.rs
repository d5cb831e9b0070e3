//! Values that are secrets by the place that they stand at: what a Secret holds, and passwords under keys that say so.

use std::sync::Arc;

use super::lines;
use super::within::{self, may_be};
use super::words::is_written_out;
use crate::value::{Number, Value};
use crate::yaml::path::{Path, Step};

/// What a Secret has that is no secret.
const OF_ALL: [&str; 5] = ["apiVersion", "kind", "metadata", "type", "immutable"];

/// What is known of a place from what stands around it.
#[derive(Clone, Copy, Default)]
struct Around<'v> {
    /// What the value is called.
    name: Option<&'v str>,
    /// Whether it is in the data of a Secret.
    is_data: bool,
    /// Whether it is one of a list of Secrets, which don't say that they are.
    is_listed: bool,
    /// Whether it is what a kustomization makes Secrets of.
    is_generated: bool,
    /// Whether it is the default of a parameter that nobody may see.
    is_unseen: bool,
}

impl<'v> Around<'v> {
    /// Of the value under a key of a map at this place.
    fn below(self, map: &'v Value, key: &'v str) -> Self {
        let text = |key| map.get(key).and_then(Value::as_str);
        let name = match key {
            "Fn::Sub" => self.name,
            "value" => text("name").or(Some(key)),
            "Value" => text("Name").or(Some(key)),
            _ => Some(key),
        };
        // Whatever it is that makes a Secret, nothing else has such a key. Of one itself, what is misspelt is data, too.
        let is_core = || text("apiVersion").is_none_or(|it| it.eq_ignore_ascii_case("v1"));
        let is_one = text("kind") == Some("Secret");
        let is_data = (key == "data" && (is_one || self.is_listed))
            || key == "stringData"
            || (is_one && is_core() && !OF_ALL.contains(&key));
        let is_listed = key == "items" && text("kind") == Some("SecretList");
        let no_echo =
            || map.get("NoEcho").is_some_and(|it| matches!(it, Value::Bool(true)) || it.as_str() == Some("true"));
        // A kustomization's literals are the data of a Secret.
        let is_generated = self.is_generated || key == "secretGenerator";
        let is_data = self.is_data || is_data || (is_generated && key == "literals");
        Self { name, is_data, is_listed, is_generated, is_unseen: key == "Default" && no_echo() }
    }

    /// Of an item of a list, which may be the value of an option before it.
    fn item(self, items: &'v [Value], index: usize) -> Self {
        let before = index.checked_sub(1).and_then(|before| items.get(before)?.as_str());
        Self { name: within::of_option(before).or(self.name), ..self }
    }

    /// The secrets in a text at this place, and what may be one.
    fn secrets(self, text: &str) -> Vec<&str> {
        if self.is_data || self.name.is_some_and(|name| may_be(name, text)) || (self.is_unseen && is_written_out(text))
        {
            return vec![text];
        }
        let named = within::named(text).into_iter().map(|(_, part)| part);
        named.chain(lines::in_lines(text).into_iter().filter_map(|range| text.get(range))).collect()
    }

    /// Whether a number at this place isn't shown.
    fn hides(self, number: &Number) -> bool {
        self.is_data || self.name.is_some_and(|name| may_be(name, &number.to_string()))
    }
}

/// Whether what stands at a place of a document is a secret, or has one in it: of a text of several lines, on the line that
/// is meant.
pub fn is_secret_place(document: &Value, path: &Path, line: Option<usize>) -> bool {
    let (mut around, mut value) = (Around::default(), document);
    for step in path.steps() {
        let below = match (value, step) {
            (Value::Map(_), Step::Key(key)) => {
                around = around.below(value, key);
                value.get(key)
            }
            (Value::List(items), Step::Index(index)) => {
                around = around.item(items, *index);
                items.get(*index)
            }
            _ => None,
        };
        let Some(below) = below else { return around.is_data };
        value = below;
    }
    match value {
        Value::String(text) => around.secrets(text).iter().any(|part| {
            let start = part.as_ptr().addr() - text.as_ptr().addr();
            let before = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count();
            line.is_none_or(|line| (before(start)..=before(start + part.len())).contains(&line))
        }),
        Value::Number(number) => around.hides(number),
        Value::Bool(_) => around.is_data,
        Value::Null | Value::List(_) | Value::Map(_) => false,
    }
}

/// All such places of a document, each with what is secret of it, or nothing if all of it is.
pub fn secret_places(document: &Value) -> Vec<(Path, Option<Arc<str>>)> {
    let mut found = Vec::new();
    walk(document, Around::default(), &mut Path::root(), &mut found);
    found
}

/// The secrets of a document themselves.
pub fn secret_texts(document: &Value) -> Vec<Arc<str>> {
    let at = |path: &Path| {
        path.steps().iter().try_fold(document, |value, step| match (value, step) {
            (Value::Map(_), Step::Key(key)) => value.get(key),
            (Value::List(items), Step::Index(index)) => items.get(*index),
            _ => None,
        })
    };
    let text = |(path, part): (Path, Option<Arc<str>>)| {
        part.or_else(|| match at(&path)? {
            Value::String(text) => Some(Arc::clone(text)),
            Value::Number(number) => Some(number.to_string().into()),
            _ => None,
        })
    };
    secret_places(document).into_iter().filter_map(text).collect()
}

fn walk(value: &Value, around: Around<'_>, path: &mut Path, found: &mut Vec<(Path, Option<Arc<str>>)>) {
    match value {
        Value::Map(entries) => {
            for (key, below) in entries {
                path.push(Step::Key(Arc::clone(key)));
                walk(below, around.below(value, key), path, found);
                path.pop();
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                walk(item, around.item(items, index), path, found);
                path.pop();
            }
        }
        Value::String(text) => {
            for part in around.secrets(text) {
                found.push((path.clone(), (part.len() < text.len()).then(|| part.into())));
            }
        }
        Value::Number(number) if around.hides(number) => found.push((path.clone(), None)),
        Value::Bool(_) if around.is_data => found.push((path.clone(), None)),
        Value::Null | Value::Number(_) | Value::Bool(_) => {}
    }
}
