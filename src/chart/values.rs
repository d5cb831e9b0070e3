//! How Helm lays values over each other: a chart's own below those of who installs it, and those of charts within at their
//! names. A null takes a default away; where one has a map and the other has none, the map of who installs it stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::installed::Installed;
use super::marks::Marks;
use super::tree::{Bounds, Node, Tree, read};
use super::value::{Data, List, Map, MapKind, Value};

pub const GLOBAL: &str = "global";

/// Values of a chart within that are no map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoMap {
    pub chart: Arc<str>,
}

/// A value as templates see it. `mark` says what a place of the text is known as.
pub fn value(tree: &Tree, mark: &mut dyn FnMut(u32) -> Marks) -> Value {
    let data = match &tree.node {
        Node::Null => Data::Nil,
        Node::Bool(it) => Data::Bool(*it),
        Node::Number(number) => Data::Float(number.float()),
        Node::Text(text) => return Value::text(Arc::clone(text)).with(&mark(tree.at)),
        Node::List(items) => {
            return Value::list(items.iter().map(|item| value(item, mark)).collect()).with(&mark(tree.at));
        }
        Node::Map(entries) => {
            let entries: Vec<_> =
                entries.iter().map(|entry| (Arc::clone(&entry.key), value(&entry.value, mark))).collect();
            return Value::map(entries).with(&mark(tree.at));
        }
    };
    Value::from(data).with(&mark(tree.at))
}

/// A map that nobody else holds, down to the last one in it.
pub fn copied(map: &Map) -> Map {
    Map::new(MapKind::Any, map.entries().into_iter().map(|(key, value)| (key, copy(&value))))
}

fn copy(value: &Value) -> Value {
    match &value.data {
        Data::Map(map) => Value::from(copied(map)).with(&value.marks),
        Data::List(list) => {
            let items = list.items().iter().map(copy).collect();
            Value::from(Data::List(List::new(list.kind, items))).with(&value.marks)
        }
        _ => value.clone(),
    }
}

/// The map that a value is, as Helm's own tables are.
pub fn table(value: &Value) -> Option<&Map> {
    match &value.data {
        Data::Map(map) => Some(map),
        _ => None,
    }
}

/// The map at a path of keys.
pub fn table_at(map: &Map, path: &str) -> Option<Map> {
    path.split('.').try_fold(map.clone(), |map, key| map.get(key).as_ref().and_then(table).cloned())
}

/// What a chart gets: the values of who installs it over its own. Nulls are gone.
pub fn coalesced(chart: &Installed<'_>, values: &Map) -> Result<Map, NoMap> {
    let values = copied(values);
    coalesce(chart, &values, false)?;
    Ok(values)
}

/// The same with nulls.
pub fn merged(chart: &Installed<'_>, values: &Map) -> Result<Map, NoMap> {
    let values = copied(values);
    coalesce(chart, &values, true)?;
    Ok(values)
}

fn coalesce(chart: &Installed<'_>, values: &Map, keeps_nulls: bool) -> Result<(), NoMap> {
    defaults(chart, values, keeps_nulls);
    for below in &chart.below {
        let own = match values.get(&below.name) {
            None => {
                let own = Map::empty();
                values.set(Arc::clone(&below.name), own.clone().into());
                own
            }
            Some(value) => table(&value).cloned().ok_or_else(|| NoMap { chart: Arc::clone(&below.name) })?,
        };
        hand_down(values, &own);
        coalesce(below, &own, keeps_nulls)?;
    }
    Ok(())
}

/// Lays values over the chart's own.
fn defaults(chart: &Installed<'_>, values: &Map, keeps_nulls: bool) {
    for (key, default) in copied(&chart.values).entries() {
        match values.get(&key) {
            None => values.set(key, default),
            Some(value) if value.is_nil() && !keeps_nulls => values.remove(&key),
            Some(value) => {
                if let (Some(own), Some(default)) = (table(&value), table(&default)) {
                    let keeps_nulls = keeps_nulls || chart.below.iter().any(|below| below.name == key);
                    over(own, default, keeps_nulls);
                }
            }
        }
    }
}

/// Lays a map over defaults, which change, too.
pub fn over(own: &Map, defaults: &Map, keeps_nulls: bool) {
    let said: BTreeSet<Arc<str>> =
        defaults.entries().into_iter().filter(|(_, default)| !default.is_nil()).map(|(key, _)| key).collect();
    for (key, value) in own.entries() {
        if value.is_nil() {
            defaults.set(key, Value::NIL);
        }
    }
    for (key, default) in defaults.entries() {
        match own.get(&key) {
            Some(value) if !keeps_nulls && value.is_nil() && said.contains(&key) => own.remove(&key),
            None => own.set(key, default),
            Some(value) => {
                if let (Some(own), Some(default)) = (table(&value), table(&default)) {
                    over(own, default, keeps_nulls);
                }
            }
        }
    }
}

/// Hands `global` on to a chart within; what is said above wins.
fn hand_down(above: &Map, below: &Map) {
    let global = |map: &Map| match map.get(GLOBAL) {
        None => Some(Map::empty()),
        Some(value) => table(&value).cloned(),
    };
    let Some(own) = global(below) else { return };
    let Some(given) = global(above) else { return };
    for (key, value) in given.entries() {
        let standing = own.get(&key);
        let Some(map) = table(&value) else {
            if standing.as_ref().and_then(table).is_none() {
                own.set(key, value);
            }
            continue;
        };
        let map = Map::new(MapKind::Any, map.entries());
        match standing.as_ref().map(table) {
            None => {}
            Some(Some(standing)) => over(&map, standing, true),
            Some(None) => continue,
        }
        own.set(key, Value::from(map).with(&value.marks));
    }
    below.set(GLOBAL.into(), own.into());
}

/// Lays the values of a text over those of earlier ones. All of it is known by the same marks.
pub fn lay_text(below: &Map, text: &str, marks: &Marks) -> Result<(), &'static str> {
    let tree = read(text, Bounds::default()).map_err(|problem| problem.why)?.tree;
    if tree.is_null() {
        return Ok(());
    }
    lay(below, table(&value(&tree, &mut |_| marks.clone())).ok_or("values are a map")?);
    Ok(())
}

/// Lays the values of a later file over those of earlier ones.
pub fn lay(below: &Map, above: &Map) {
    for (key, value) in above.entries() {
        let standing = below.get(&key);
        match (standing.as_ref().and_then(table), table(&value)) {
            (Some(standing), Some(map)) => lay(standing, map),
            _ => below.set(key, copy(&value)),
        }
    }
}
