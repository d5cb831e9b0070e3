//! `toYamlPretty`: what `go-yaml` v3 writes of a value itself, not of its JSON. Lists are indented, long texts aren't folded, and
//! numbers stay floats.

use crate::chart::failure::Failed;
use crate::chart::meter::Meter;
use crate::chart::value::{Data, Value};

use super::emit::{Emitter, finished};
use super::node::{Node, NodeKind, node};

pub(in crate::chart) fn to_yaml_pretty(value: &Value, meter: &Meter) -> Result<Value, Failed> {
    let unsupported = || Failed::because("`toYamlPretty` isn't supported for this kind of value");
    if matches!(value.data, Data::Struct(_) | Data::Time(_) | Data::Duration(_) | Data::Bytes(_) | Data::Error(_)) {
        return Err(unsupported());
    }
    let node = node(value, meter)?.ok_or_else(unsupported)?;
    if has_tab(&node) {
        return Err(unsupported());
    }
    let mut emitter = Emitter::new(true);
    emitter.document(&node);
    finished(emitter, meter)
}

/// Tabs in texts of several lines are written in another way by that version.
fn has_tab(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Text(text) => text.bytes().contains(&b'\t') && text.bytes().contains(&b'\n'),
        NodeKind::List(items) => items.iter().any(has_tab),
        NodeKind::Map(entries) => entries.iter().any(|(_, value)| has_tab(value)),
        _ => false,
    }
}
