//! Maps.

use std::sync::Arc;

use crate::chart::failure::Failed;
use crate::chart::meter::Meter;
use crate::chart::print::{MOST_DEPTH, kind_name};
use crate::chart::value::{Data, List, Map, MapKind, StructKind, Value};
use crate::chart::version;

use super::merge::{merge, plain_map};
use super::strings::strval;
use super::{Context, Function, Kind, Made, because, keeping, map, plain, text};

const MAP: &[Kind] = &[Kind::Map];
const KEY: &[Kind] = &[Kind::Map, Kind::Text];

pub(super) const ALL: &[Function] = &[
    keeping("dict", &[], Some(Kind::Any), dict).top(),
    keeping("get", KEY, None, |_, values| match found(&values[0], &values[1]) {
        Some(value) => Ok(value.with(&values[1].own_marks())),
        None => Ok(Value::text("").with(&values[0].marks)),
    })
    .top(),
    keeping("set", &[Kind::Map, Kind::Text, Kind::Any], None, set).top(),
    keeping("unset", KEY, None, |_, values| {
        if let Some(map) = map(&values[0]) {
            map.remove(&text(&values[1]).str());
        }
        Ok(plain_map(&values[0]))
    })
    .top(),
    plain("hasKey", KEY, None, |_, values| Ok(found(&values[0], &values[1]).is_some().into())).top(),
    keeping("pluck", &[Kind::Text], Some(Kind::Map), |_, values| {
        Ok(Value::list(values[1..].iter().filter_map(|from| found(from, &values[0])).collect()))
    })
    .top(),
    keeping("keys", &[], Some(Kind::Map), |context, values| {
        let mut all = Vec::new();
        for (map, marks) in values.iter().filter_map(|value| Some((map(value)?, &value.marks))) {
            context.meter.bytes(map.len() * 32)?;
            all.extend(map.keys().into_iter().map(|key| Value::text(key).with(marks)));
        }
        Ok(Value::texts(all))
    }),
    keeping("values", MAP, None, |context, values| {
        let entries = map(&values[0]).map(Map::entries).unwrap_or_default();
        context.meter.bytes(entries.len() * 32)?;
        Ok(Value::list(entries.into_iter().map(|(_, value)| value).collect()))
    }),
    keeping("pick", MAP, Some(Kind::Text), |context, values| some(context, values, true)),
    keeping("omit", MAP, Some(Kind::Text), |context, values| some(context, values, false)),
    keeping("dig", &[], Some(Kind::Any), dig).top(),
    keeping("merge", MAP, Some(Kind::Map), |context, values| merge(context, values, false)),
    keeping("mustMerge", MAP, Some(Kind::Map), |context, values| merge(context, values, false)),
    keeping("mergeOverwrite", MAP, Some(Kind::Map), |context, values| merge(context, values, true)),
    keeping("mustMergeOverwrite", MAP, Some(Kind::Map), |context, values| merge(context, values, true)),
    keeping("deepCopy", &[Kind::Any], None, copy),
    keeping("mustDeepCopy", &[Kind::Any], None, copy),
];

fn found(value: &Value, key: &Value) -> Option<Value> {
    let found = map(value)?.get(&text(key).str())?;
    Some(if found.marks.is_empty() { found.with(&value.marks) } else { found })
}

fn dict(context: &Context, values: &[Value]) -> Made {
    let made = Map::empty();
    context.meter.map(values.len() / 2)?;
    for pair in values.chunks(2) {
        let key = strval(&pair[0], context)?;
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::text(""));
        made.set(text(&key).shared(), value.with(&key.own_marks()));
    }
    Ok(made.into())
}

fn set(context: &Context, values: &[Value]) -> Made {
    let Some(map) = map(&values[0]) else { return because("there is no map here in which something could be set") };
    context.meter.bytes(64)?;
    map.set(text(&values[1]).shared(), values[2].clone().with(&values[1].own_marks()));
    Ok(plain_map(&values[0]))
}

fn some(context: &Context, values: &[Value], named: bool) -> Made {
    let names: Vec<Arc<str>> = values[1..].iter().map(|name| text(name).shared()).collect();
    let entries = map(&values[0]).map(Map::entries).unwrap_or_default();
    context.meter.bytes(entries.len() * (32 + names.len()))?;
    let kept = entries.into_iter().filter(|(key, _)| names.contains(key) == named);
    Ok(Value::map(kept).with(&values[0].marks))
}

fn dig(_: &Context, values: &[Value]) -> Made {
    let [path @ .., default, start] = values else { return because("`dig` takes at least three arguments") };
    if path.is_empty() {
        return because("`dig` takes at least three arguments");
    }
    let keys: Result<Vec<Arc<str>>, Failed> = path
        .iter()
        .map(|key| match &key.data {
            Data::Text(key) => Ok(key.shared()),
            _ => because(format!("a key is a text, not a {}", kind_name(key))),
        })
        .collect();
    let keys = keys?;
    let mut at = start.clone();
    for key in keys {
        let Data::Map(map) = &at.data else {
            return because(format!("there is no `{key}` in a {}", kind_name(&at)));
        };
        if map.kind != MapKind::Any {
            let message = "`dig` takes a plain map, which `.Values` itself isn't";
            let help = "name a map within it, or give `(dict \"Values\" .Values)` or `.Values.AsMap`".to_owned();
            return Err(Failed::Because { message: message.into(), help: Some(help) });
        }
        let Some(next) = map.get(&key) else { return Ok(default.clone().with(&at.marks)) };
        at = if next.marks.is_empty() { next.with(&at.marks) } else { next };
    }
    Ok(at)
}

fn copy(context: &Context, values: &[Value]) -> Made {
    if values[0].is_nil() {
        return because("there is nothing here to copy");
    }
    copied(&values[0], context.meter, 0)
}

/// A copy of which nothing is shared.
pub(super) fn copied(value: &Value, meter: &Meter, depth: usize) -> Made {
    if depth > MOST_DEPTH {
        return because("this value is nested too deeply to be copied");
    }
    let data = match &value.data {
        Data::Map(map) => {
            let entries = map.entries();
            meter.map(entries.len())?;
            let copies = entries.into_iter().map(|(key, value)| Ok((key, copied(&value, meter, depth + 1)?)));
            Data::Map(Map::new(map.kind, copies.collect::<Result<Vec<_>, Failed>>()?))
        }
        Data::List(list) => {
            meter.bytes(list.items().len() * 32)?;
            let copies = list.items().iter().map(|item| copied(item, meter, depth + 1));
            Data::List(List::new(list.kind, copies.collect::<Result<_, _>>()?))
        }
        // Go copies what is in its fields, and they can't be seen.
        Data::Struct(it) if it.kind == StructKind::Version => version::value("0.0.0").unwrap_or_default().data,
        other => other.clone(),
    };
    Ok(Value { data, marks: value.marks.clone() })
}
