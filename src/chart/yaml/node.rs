//! What is left of a value on its way through JSON, which `toYaml` takes.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::chart::failure::Failed;
use crate::chart::marks::Marks;
use crate::chart::meter::Meter;
use crate::chart::print::MOST_DEPTH;
use crate::chart::text::Text;
use crate::chart::value::{Data, StructKind, Value};

/// A value as JSON has it, with origins.
#[derive(Clone, Debug)]
pub(in crate::chart) struct Node {
    pub kind: NodeKind,
    pub marks: Marks,
}

#[derive(Clone, Debug)]
pub(in crate::chart) enum NodeKind {
    Null,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Text(Text),
    List(Vec<Node>),
    /// By keys, in the order of a map or of the fields of a structure.
    Map(Vec<(Arc<str>, Node)>),
}

/// The JSON of a value; nothing where there is none: infinite numbers, functions, a value within itself.
pub(in crate::chart) fn node(value: &Value, meter: &Meter) -> Result<Option<Node>, Failed> {
    match made(value, meter, 0) {
        Ok(node) => Ok(Some(node)),
        Err(Unmade::NoJson) => Ok(None),
        Err(Unmade::Failed(failed)) => Err(failed),
    }
}

enum Unmade {
    NoJson,
    Failed(Failed),
}

fn made(value: &Value, meter: &Meter, depth: usize) -> Result<Node, Unmade> {
    if depth > MOST_DEPTH {
        let message = "this value is nested too deeply, or within itself";
        return Err(Unmade::Failed(Failed::because(message)));
    }
    meter.bytes(32).map_err(Unmade::Failed)?;
    let text = |text: String| NodeKind::Text(text.into());
    let kind = match &value.data {
        Data::Absent | Data::Nil => NodeKind::Null,
        Data::Bool(it) => NodeKind::Bool(*it),
        Data::Int(it, kind) if kind.is_unsigned() => NodeKind::Unsigned(*it as u64),
        Data::Int(it, _) | Data::Duration(it) => NodeKind::Int(*it),
        Data::Float(it) if !it.is_finite() => return Err(Unmade::NoJson),
        Data::Float(it) => NodeKind::Float(*it),
        Data::Text(it) if it.is_utf8() => NodeKind::Text(it.clone()),
        Data::Text(it) => NodeKind::Text(Text::new(it.shared())),
        Data::Bytes(bytes) => text(STANDARD.encode(bytes)),
        Data::List(list) if list.is_nil => NodeKind::Null,
        Data::List(list) => {
            let items = list.items().iter().map(|item| made(item, meter, depth + 1));
            NodeKind::List(items.collect::<Result<_, _>>()?)
        }
        Data::Map(map) => {
            let entries = map.entries().into_iter();
            let entries = entries.map(|(key, value)| Ok((key, made(&value, meter, depth + 1)?)));
            NodeKind::Map(entries.collect::<Result<_, Unmade>>()?)
        }
        Data::Struct(it) if it.kind == StructKind::Version => match it.field("text").map(|text| &text.data) {
            Some(Data::Text(text)) => NodeKind::Text(text.clone()),
            _ => NodeKind::Null,
        },
        Data::Struct(it) => {
            let shown = it.fields.iter().filter(|field| !field.omit_empty || !is_empty(&field.value));
            let entries = shown.map(|field| Ok((Arc::from(field.json), made(&field.value, meter, depth + 1)?)));
            NodeKind::Map(entries.collect::<Result<_, Unmade>>()?)
        }
        Data::Time(time) => text(time.format("2006-01-02T15:04:05.999999999Z07:00")),
        Data::Error(_) => NodeKind::Map(Vec::new()),
        Data::Function(_) => return Err(Unmade::NoJson),
    };
    Ok(Node { kind, marks: value.marks.clone() })
}

/// Whether a field is left out that is only written when it is set.
fn is_empty(value: &Value) -> bool {
    match &value.data {
        Data::Absent | Data::Nil => true,
        Data::Bool(it) => !it,
        Data::Int(it, _) | Data::Duration(it) => *it == 0,
        Data::Float(it) => *it == 0.0,
        Data::Text(text) => text.is_empty(),
        Data::Bytes(bytes) => bytes.is_empty(),
        Data::List(list) => list.items().is_empty(),
        Data::Map(map) => map.is_empty(),
        Data::Struct(_) | Data::Time(_) | Data::Error(_) | Data::Function(_) => false,
    }
}
