//! What is judged: environments with their history, and output values. The judge sees JSON; findings need places.

use serde_json::{Map, Number as JsonNumber, Value as Json};

use crate::environment::{self, Origin, Tree};
use crate::source::{Sources, Span};
use crate::value::{Number, Value};
use crate::yaml::path::Step;

/// A value that a schema can judge.
pub trait Instance {
    fn to_json(&self) -> Json;

    /// Where the value at a path was set, and what it overrode, the nearest first. For a path that leads nowhere, the
    /// nearest place above.
    fn place(&self, path: &[Step]) -> Place<'_>;
}

/// Where a value of an instance was set.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub origin: Origin,
    pub overrode: &'a [Origin],
}

impl Place<'_> {
    /// The key; where there is none, the first line of the value. For findings about a value as a whole.
    pub fn head(&self, sources: &Sources) -> Span {
        self.origin.key.unwrap_or_else(|| {
            let mut span = self.origin.value;
            let source = sources.get(span.file);
            let text = source.text().get(span.range()).unwrap_or_default();
            let line = text.lines().next().unwrap_or_default().trim_end();
            span.end = span.start + line.len() as u32;
            span
        })
    }
}

impl Instance for Tree {
    fn to_json(&self) -> Json {
        match &self.content {
            environment::Content::Null => Json::Null,
            environment::Content::Bool(value) => Json::Bool(*value),
            environment::Content::Number(number) => number_json(number),
            environment::Content::String(text) => Json::String(text.to_string()),
            environment::Content::List(items) => Json::Array(items.iter().map(Instance::to_json).collect()),
            environment::Content::Map(entries) => {
                Json::Object(entries.iter().map(|(key, value)| (key.to_string(), value.to_json())).collect())
            }
        }
    }

    fn place(&self, path: &[Step]) -> Place<'_> {
        let mut tree = self;
        for step in path {
            let below = match (&tree.content, step) {
                (environment::Content::Map(entries), Step::Key(key)) => entries.get(key),
                (environment::Content::List(items), Step::Index(at)) => items.get(*at),
                _ => None,
            };
            match below {
                Some(below) => tree = below,
                None => break,
            }
        }
        Place { origin: tree.origin, overrode: &tree.overrode }
    }
}

impl<I: Instance + ?Sized> Instance for std::sync::Arc<I> {
    fn to_json(&self) -> Json {
        (**self).to_json()
    }

    fn place(&self, path: &[Step]) -> Place<'_> {
        (**self).place(path)
    }
}

/// An output value: all that is known is the template it came from.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    pub value: &'a Value,
    pub origin: Origin,
}

impl Instance for Output<'_> {
    fn to_json(&self) -> Json {
        json(self.value)
    }

    fn place(&self, _: &[Step]) -> Place<'_> {
        Place { origin: self.origin, overrode: &[] }
    }
}

/// A value as JSON. Floats lose the author's digits, which no schema can tell apart.
pub fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => number_json(number),
        Value::String(text) => Json::String(text.to_string()),
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.to_string(), json(value)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
    }
}

fn number_json(number: &Number) -> Json {
    match number {
        Number::Int(value) => Json::from(*value),
        Number::UInt(value) => Json::from(*value),
        // A float is finite, so this is always a number.
        Number::Float(value, _) => JsonNumber::from_f64(*value).map_or(Json::Null, Json::Number),
    }
}
