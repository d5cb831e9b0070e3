//! Reads YAML as Helm does: the first document, scalars as `go-yaml` v2 takes them, then through JSON, in which all numbers
//! are floats and all keys texts.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle};

use crate::chart::failure::Failed;
use crate::chart::marks::Marks;
use crate::chart::meter::Meter;
use crate::chart::text::Text;
use crate::chart::value::{Data, Value};

use super::scalar::{Scalar, resolve, short_float};

const MOST_DEPTH: usize = 100;

/// Why a text is no value.
pub(in crate::chart) enum Unread {
    /// It is no YAML, or holds what JSON doesn't know.
    Because(String),
    Failed(Failed),
}

fn because<T>(message: impl Into<String>) -> Result<T, Unread> {
    Err(Unread::Because(message.into()))
}

/// The value of the first document of a text.
pub(in crate::chart) fn from_yaml(text: &Text, marks: &Marks, meter: &Meter) -> Result<Value, Unread> {
    meter.bytes(text.len() * 4).map_err(Unread::Failed)?;
    let whole = text.str();
    let mut reader = Reader { text, marks, meter, open: Vec::new(), anchors: BTreeMap::new(), done: None };
    for event in Parser::new_from_str(&whole) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => return because(format!("error converting YAML to JSON: yaml: {error}")),
        };
        let range = span.byte_range().unwrap_or_default();
        reader.event(event, range)?;
        if let Some(done) = reader.done.take() {
            return Ok(done);
        }
    }
    if whole.trim_start().starts_with("...") {
        return because("error converting YAML to JSON: yaml: did not find expected <document start>");
    }
    Ok(Value::NIL)
}

/// A list or map that is being read.
enum Open {
    List { items: Vec<Value>, anchor: usize },
    Map { entries: BTreeMap<Arc<str>, Value>, key: Option<Key>, anchor: usize },
}

enum Key {
    Text(Arc<str>),
    Merge,
}

struct Reader<'a> {
    text: &'a Text,
    marks: &'a Marks,
    meter: &'a Meter,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Value>,
    done: Option<Value>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, at: Range<usize>) -> Result<(), Unread> {
        self.meter.step().map_err(Unread::Failed)?;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| tag.to_string());
                let plain = style == ScalarStyle::Plain;
                // The parser spells the empty value `~`.
                let absent = plain && at.is_empty();
                let text = if absent { "" } else { &*text };
                // Where the text ends without a line break, a block has none to keep.
                let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let text = if is_block && self.ends_at(&at) { text.strip_suffix('\n').unwrap_or(text) } else { text };
                let scalar = if plain || tag.is_some() { resolved(text, plain, tag.as_deref())? } else { Scalar::Text };
                if self.wants_key() {
                    let key = key(text, scalar)?;
                    if anchor > 0 {
                        let value = self.value(text, scalar, at)?;
                        self.anchors.insert(anchor, value);
                    }
                    if let Some(Open::Map { key: slot, .. }) = self.open.last_mut() {
                        *slot = Some(key);
                    }
                    return Ok(());
                }
                let value = self.value(text, scalar, at)?;
                self.add(value, anchor)
            }
            Event::SequenceStart(_, anchor, _) => self.opened(Open::List { items: Vec::new(), anchor }),
            Event::MappingStart(_, anchor, _) => self.opened(Open::Map { entries: BTreeMap::new(), key: None, anchor }),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List { items, anchor }) => self.add(Value::list(items).with(self.marks), anchor),
                Some(Open::Map { entries, anchor, .. }) => self.add(Value::map(entries).with(self.marks), anchor),
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                let Some(value) = self.anchors.get(&anchor).cloned() else {
                    return because("error converting YAML to JSON: yaml: unknown anchor referenced");
                };
                if self.wants_key() {
                    let Data::Text(text) = &value.data else { return because("an alias as a key must be a text") };
                    if let Some(Open::Map { key, .. }) = self.open.last_mut() {
                        *key = Some(Key::Text(text.shared()));
                    }
                    return Ok(());
                }
                // Each alias is a value of its own, as after JSON.
                let value = copied(&value, self.meter, 0)?;
                self.add(value, 0)
            }
            Event::UnresolvedAlias(name) => {
                because(format!("error converting YAML to JSON: yaml: unknown anchor '{name}' referenced"))
            }
            Event::DocumentEnd | Event::StreamEnd if self.open.is_empty() && self.done.is_none() => Ok(()),
            _ => Ok(()),
        }
    }

    /// Whether a block is the last of the text, and its last line has no end.
    fn ends_at(&self, at: &Range<usize>) -> bool {
        let whole = self.text.bytes();
        let end = whole[..at.end.min(whole.len())].trim_ascii_end().len();
        !whole[end..].contains(&b'\n')
    }

    fn opened(&mut self, open: Open) -> Result<(), Unread> {
        if self.wants_key() {
            return because("error converting YAML to JSON: a map or list can't be a key");
        }
        if self.open.len() > MOST_DEPTH {
            return because("this is nested too deeply");
        }
        if matches!(open, Open::Map { .. }) {
            self.meter.map(0).map_err(Unread::Failed)?;
        }
        self.open.push(open);
        Ok(())
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Map { key: None, .. }))
    }

    fn add(&mut self, value: Value, anchor: usize) -> Result<(), Unread> {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some(Open::List { items, .. }) => items.push(value),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                Some(Key::Text(key)) => {
                    entries.insert(key, value);
                }
                Some(Key::Merge) => merge(entries, &value)?,
                None => {}
            },
        }
        Ok(())
    }

    fn value(&self, text: &str, scalar: Scalar, at: Range<usize>) -> Result<Value, Unread> {
        let data = match scalar {
            Scalar::Null => Data::Nil,
            Scalar::Bool(it) => Data::Bool(it),
            Scalar::Int(it) => Data::Float(it as f64),
            Scalar::Unsigned(it) => Data::Float(it as f64),
            Scalar::Float(it) if !it.is_finite() => {
                return because("error converting YAML to JSON: json: unsupported value");
            }
            Scalar::Float(it) => Data::Float(it),
            Scalar::Time(_) | Scalar::Merge | Scalar::Text => Data::Text(Text::new(text)),
        };
        let pieces = self.text.pieces();
        let mut marks = self.marks.clone();
        if !pieces.is_empty() {
            let first = pieces.partition_point(|piece| piece.end <= at.start);
            let last = pieces.partition_point(|piece| piece.end < at.end);
            pieces[first.min(last)..].iter().take(last - first.min(last) + 1).for_each(|piece| marks.add(&piece.marks));
        }
        Ok(Value { data, marks })
    }
}

/// A scalar with a tag, or without.
fn resolved(text: &str, plain: bool, tag: Option<&str>) -> Result<Scalar, Unread> {
    let Some(tag) = tag else { return Ok(resolve(text)) };
    let name = tag.strip_prefix("!!").or_else(|| tag.strip_prefix("tag:yaml.org,2002:")).unwrap_or(tag);
    let wrong = || because(format!("error converting YAML to JSON: yaml: cannot decode `{text}` as a !!{name}"));
    let scalar = resolve(text);
    match (name, scalar) {
        ("float", Scalar::Int(it)) => Ok(Scalar::Float(it as f64)),
        ("float", Scalar::Float(_))
        | ("int", Scalar::Int(_) | Scalar::Unsigned(_))
        | ("bool", Scalar::Bool(_))
        | ("null", Scalar::Null)
        | ("timestamp", Scalar::Time(_)) => Ok(scalar),
        ("float" | "int" | "bool" | "null" | "timestamp", _) => wrong(),
        _ if plain || name == "str" => Ok(Scalar::Text),
        _ => Ok(Scalar::Text),
    }
}

fn key(text: &str, scalar: Scalar) -> Result<Key, Unread> {
    Ok(Key::Text(match scalar {
        Scalar::Merge => return Ok(Key::Merge),
        Scalar::Text | Scalar::Time(_) => text.into(),
        Scalar::Bool(it) => if it { "true" } else { "false" }.into(),
        Scalar::Int(it) => it.to_string().into(),
        Scalar::Float(it) => short_float(it).into(),
        Scalar::Null | Scalar::Unsigned(_) => {
            return because("error converting YAML to JSON: unsupported map key");
        }
    }))
}

/// A merge key: what it says takes the place of what stands before it; of several maps, the first that has a key wins.
fn merge(entries: &mut BTreeMap<Arc<str>, Value>, value: &Value) -> Result<(), Unread> {
    match &value.data {
        Data::Map(map) => {
            for (key, value) in map.entries() {
                entries.insert(key, value);
            }
            Ok(())
        }
        Data::List(list) => list.items().iter().rev().try_for_each(|item| match &item.data {
            Data::Map(_) => merge(entries, item),
            _ => {
                because("error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value")
            }
        }),
        _ => because("error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value"),
    }
}

fn copied(value: &Value, meter: &Meter, depth: usize) -> Result<Value, Unread> {
    meter.bytes(64).map_err(Unread::Failed)?;
    if depth > MOST_DEPTH {
        return because("this is nested too deeply");
    }
    let copy = match &value.data {
        Data::Map(map) => {
            meter.map(map.len()).map_err(Unread::Failed)?;
            let entries = map.entries().into_iter();
            let entries = entries.map(|(key, value)| Ok((key, copied(&value, meter, depth + 1)?)));
            Value::map(entries.collect::<Result<Vec<_>, Unread>>()?)
        }
        Data::List(list) => {
            let items = list.items().iter().map(|item| copied(item, meter, depth + 1));
            Value::list(items.collect::<Result<_, _>>()?)
        }
        _ => return Ok(value.clone()),
    };
    Ok(copy.with(&value.marks))
}
