//! `merge` and `mergeOverwrite`, as `mergo` merges: the first map takes in what the others have.

use crate::chart::failure::Failed;
use crate::chart::meter::Meter;
use crate::chart::print::MOST_DEPTH;
use crate::chart::value::{Data, List, Map, MapKind, StructKind, Value};

use super::{Context, Made, is_true, map};

pub(super) fn merge(context: &Context, values: &[Value], overwrites: bool) -> Made {
    let target = plain_map(&values[0]);
    if let Data::Map(into) = &target.data {
        for from in values[1..].iter().filter_map(map) {
            merge_into(into, from, overwrites, context.meter, 0)?;
        }
    }
    Ok(target)
}

fn merge_into(into: &Map, from: &Map, overwrites: bool, meter: &Meter, depth: usize) -> Result<(), Failed> {
    if depth > MOST_DEPTH {
        return Err(Failed::because("these maps are nested too deeply, or within themselves"));
    }
    if into.is(from) {
        // Each entry is there; only lists and scalars would be set to what they are.
        return Ok(());
    }
    for (key, new) in from.entries() {
        meter.bytes(64)?;
        let old = into.get(&key);
        if new.is_nil() {
            if overwrites {
                into.set(key, Value::NIL.with(&new.marks));
            }
            continue;
        }
        let is_missing = old.as_ref().is_none_or(Value::is_nil);
        match (&new.data, old.as_ref().map(|old| &old.data)) {
            (Data::Map(new), Some(Data::Map(old))) => merge_into(old, new, overwrites, meter, depth + 1)?,
            (Data::List(_) | Data::Bytes(_), _) => {
                if overwrites || into.is_empty() {
                    into.set(key.clone(), new.clone());
                } else if is_missing {
                    into.set(key.clone(), empty_like(&new));
                }
            }
            _ => {}
        }
        if old.as_ref().is_some_and(|old| !is_empty(old)) {
            let is_list = matches!(new.data, Data::List(_) | Data::Bytes(_));
            let both_maps =
                matches!((&new.data, old.as_ref().map(|old| &old.data)), (Data::Map(_), Some(Data::Map(_))));
            if is_list || both_maps {
                continue;
            }
        }
        if overwrites || old.as_ref().is_none_or(is_empty) {
            into.set(key, new);
        }
    }
    Ok(())
}

fn empty_like(value: &Value) -> Value {
    match &value.data {
        Data::List(list) => Data::List(List::new(list.kind, Vec::new())).into(),
        _ => value.clone(),
    }
}

/// What may be replaced: nothing, zero, and what has nothing in it.
fn is_empty(value: &Value) -> bool {
    match &value.data {
        Data::Struct(it) => it.kind == StructKind::Version && it.fields.is_empty(),
        Data::Map(map) if map.kind == MapKind::Files => map.is_empty(),
        _ => !is_true(value),
    }
}

/// What a function gives that takes a map is a plain one, the same under another name.
pub(super) fn plain_map(value: &Value) -> Value {
    match &value.data {
        Data::Map(map) => Value { data: Data::Map(map.named(MapKind::Any)), marks: value.marks.clone() },
        _ => Value::from(Map::empty()),
    }
}
