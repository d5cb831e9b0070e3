//! Layers: the values of holes, what most environments have in the layer that they share, what differs on top of it.

use std::sync::Arc;

use crate::adopt::plan::Hole;
use crate::value::Value;

/// Settings by layer: of the one that all share, if there is one, and of each environment.
#[derive(Clone, Debug, Default)]
pub(in crate::adopt) struct Layers {
    pub(in crate::adopt) base: Vec<(Arc<str>, Value)>,
    pub(in crate::adopt) own: Vec<Vec<(Arc<str>, Value)>>,
}

impl Layers {
    pub(in crate::adopt) fn new(environments: usize) -> Self {
        Self { base: Vec::new(), own: vec![Vec::new(); environments] }
    }

    /// Puts the values of a hole where they belong. `shares` says that there is a layer below all.
    pub(in crate::adopt) fn put(&mut self, hole: &Hole, shares: bool) {
        let below = hole.common().filter(|_| shares && goes_below(hole)).and_then(|at| hole.values[at].as_ref());
        if let Some(value) = below {
            insert(&mut self.base, &hole.name, value.clone());
        }
        for (own, value) in self.own.iter_mut().zip(&hole.values) {
            let Some(value) = value else { continue };
            match below {
                Some(below) => {
                    if let Some(over) = over(below, value) {
                        insert(own, &hole.name, over);
                    }
                }
                None => insert(own, &hole.name, value.clone()),
            }
        }
    }
}

impl Layers {
    /// Makes the maps around a setting that some environments do not have, so that templates can ask for it.
    pub(in crate::adopt) fn surround(&mut self, hole: &Hole, shares: bool) {
        let Some((_, around)) = hole.name.split_last() else { return };
        let layers = if shares { std::slice::from_mut(&mut self.base) } else { &mut self.own[..] };
        for layer in layers {
            make(layer, around);
        }
    }
}

/// Makes a map at a path of keys, if there is none.
fn make(entries: &mut Vec<(Arc<str>, Value)>, path: &[String]) {
    let Some((first, rest)) = path.split_first() else { return };
    let at = entries.iter().position(|(key, _)| **key == **first).unwrap_or_else(|| {
        entries.push((first.as_str().into(), Value::Map(Vec::new())));
        entries.len() - 1
    });
    if let Value::Map(below) = &mut entries[at].1 {
        make(below, rest);
    }
}

/// Whether a layer below can hold the value of most: all environments have one, and of the same form.
pub(in crate::adopt) fn goes_below(hole: &Hole) -> bool {
    let Some(common) = hole.common().and_then(|at| hole.values[at].as_ref()) else { return false };
    hole.values.iter().all(|value| value.as_ref().is_some_and(|value| fits(common, value)))
}

/// Whether one can stand over the other: a map is no scalar.
fn fits(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Map(a), Value::Map(_)) => a.iter().all(|(key, a)| b.get(key).is_none_or(|b| fits(a, b))),
        (Value::Map(_), _) | (_, Value::Map(_)) => false,
        _ => true,
    }
}

/// What makes the one of the other; nothing if they are the same. In layers maps merge, and null deletes.
fn over(below: &Value, value: &Value) -> Option<Value> {
    if below.is_same(value) {
        return None;
    }
    let (Value::Map(old), Value::Map(new)) = (below, value) else { return Some(value.clone()) };
    let gone = old.iter().filter(|(key, _)| value.get(key).is_none()).map(|(key, _)| (Arc::clone(key), Value::Null));
    let other = new.iter().filter_map(|(key, new)| {
        let new = match below.get(key) {
            Some(old) => over(old, new)?,
            None => new.clone(),
        };
        Some((Arc::clone(key), new))
    });
    Some(Value::Map(other.chain(gone).collect()))
}

/// Sets a value at a path of keys.
fn insert(entries: &mut Vec<(Arc<str>, Value)>, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    let at = entries.iter().position(|(key, _)| **key == **first).unwrap_or_else(|| {
        entries.push((first.as_str().into(), Value::Map(Vec::new())));
        entries.len() - 1
    });
    let slot = &mut entries[at].1;
    if rest.is_empty() {
        *slot = value;
    } else if let Value::Map(below) = slot {
        insert(below, rest, value);
    }
}
