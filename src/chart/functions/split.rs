//! Texts taken apart: `split`, `splitn`, `splitList`.

use std::sync::Arc;

use crate::chart::failure::Failed;
use crate::chart::value::{Data, Map, MapKind, Value};

use super::{Context, Function, Kind, int, keeping, text};

pub(super) const ALL: &[Function] = &[
    keeping("splitList", &[Kind::Text, Kind::Text], None, |context, values| {
        Ok(Value::texts(parts(context, &values[0], &values[1], -1)?))
    }),
    keeping("split", &[Kind::Text, Kind::Text], None, |context, values| {
        Ok(numbered(parts(context, &values[0], &values[1], -1)?))
    }),
    keeping("splitn", &[Kind::Text, Kind::Int, Kind::Text], None, |context, values| {
        Ok(numbered(parts(context, &values[0], &values[2], int(&values[1]))?))
    }),
];

/// The parts of a text between separators, so many at most; each letter where there is no separator.
fn parts(context: &Context, by: &Value, value: &Value, most: i64) -> Result<Vec<Value>, Failed> {
    let (separator, whole) = (text(by).bytes(), text(value));
    let bytes = whole.bytes();
    let slice = |range| Value { data: Data::Text(whole.slice(range)), marks: value.marks.clone() };
    let most = match usize::try_from(most) {
        Ok(0) => return Ok(Vec::new()),
        Ok(most) => most,
        Err(_) => usize::MAX,
    };
    let mut all = Vec::new();
    let mut start = 0;
    let shown = whole.str();
    // Bytes that are no text are compared at each place.
    let plain = (whole.is_utf8() && text(by).is_utf8()).then(|| text(by).str());
    if plain.is_none() {
        context.meter.read((bytes.len() as u64).saturating_mul(separator.len() as u64))?;
    }
    while all.len() + 1 < most {
        let found = if separator.is_empty() {
            let length = shown.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            (start + length < bytes.len()).then_some(start + length)
        } else if let Some(separator) = plain.as_deref() {
            shown[start..].find(separator).map(|at| start + at)
        } else {
            bytes[start..].windows(separator.len()).position(|window| window == separator).map(|at| start + at)
        };
        let Some(found) = found else { break };
        all.push(slice(start..found));
        start = found + separator.len();
        context.meter.bytes(64)?;
    }
    if !(separator.is_empty() && bytes.is_empty()) {
        all.push(slice(start..bytes.len()));
    }
    Ok(all)
}

fn numbered(parts: Vec<Value>) -> Value {
    let entries = parts.into_iter().enumerate().map(|(number, part)| (Arc::from(format!("_{number}")), part));
    Data::Map(Map::new(MapKind::Text, entries)).into()
}
