//! What counts as true, and what as empty.

use crate::chart::value::{Data, Value};

/// Whether a value is neither empty, zero nor nil.
pub(in crate::chart) fn is_true(value: &Value) -> bool {
    match &value.data {
        Data::Absent | Data::Nil => false,
        Data::Bool(it) => *it,
        Data::Int(number, _) | Data::Duration(number) => *number != 0,
        Data::Float(number) => *number != 0.0,
        Data::Text(text) => !text.is_empty(),
        Data::Bytes(bytes) => !bytes.is_empty(),
        Data::List(list) => !list.items().is_empty(),
        Data::Map(map) => !map.is_empty(),
        Data::Struct(_) | Data::Time(_) | Data::Error(_) | Data::Function(_) => true,
    }
}
