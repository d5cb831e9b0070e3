//! What the engine's own functions would do in silence, and is refused here: a part that an item does not have counts as
//! nothing, values of different types have an order, and texts that differ in case are the same.

use minijinja::value::{DynObject, Kwargs, Value, ValueKind};

use crate::finding::codes;
use crate::template::guard;
use crate::template::refusal::Refusal;

/// Checks the arguments of one of the engine's functions, and says what it would not ask for itself.
pub(super) fn check(name: &str, args: &mut Vec<Value>) -> Result<(), Refusal> {
    match name {
        "lt" | "le" | "gt" | "ge" => match &args[..] {
            [left, right] => together(name, left, right),
            _ => Ok(()),
        },
        "sort" | "min" | "max" => ordered(name, args),
        "dictsort" if named(args, "by").as_ref().and_then(Value::as_str) == Some("value") => {
            let map = args.first().and_then(Value::as_object);
            let values: Vec<Value> =
                map.and_then(DynObject::try_iter_pairs).into_iter().flatten().map(|(_, value)| value).collect();
            values.windows(2).try_for_each(|pair| together(name, &pair[0], &pair[1]))
        }
        "unique" | "groupby" => {
            if named(args, "default").is_none() {
                parts(name, args)?;
            }
            by_case(args);
            Ok(())
        }
        "sum" => parts(name, args).map(drop),
        "map" if named(args, "default").is_none() => parts(name, args).map(drop),
        "selectattr" | "rejectattr" if args.len() == 2 => any_part(name, args),
        _ => Ok(()),
    }
}

/// Items of which all have the part that they are ordered by, and that can be compared with each other.
fn ordered(name: &str, args: &[Value]) -> Result<(), Refusal> {
    for keys in parts(name, args)? {
        keys.windows(2).try_for_each(|pair| together(name, &pair[0], &pair[1]))?;
    }
    Ok(())
}

fn together(name: &str, left: &Value, right: &Value) -> Result<(), Refusal> {
    let (a, b) = (left.kind(), right.kind());
    let is_list = |kind| matches!(kind, ValueKind::Seq | ValueKind::Iterable);
    let is_test = matches!(name, "lt" | "le" | "gt" | "ge");
    let has_order = |kind| matches!(kind, ValueKind::Number | ValueKind::String);
    if if is_test { a == b && has_order(a) } else { a == b && a != ValueKind::None || is_list(a) && is_list(b) } {
        return Ok(());
    }
    let refusal = Refusal::operation(format!("`{name}` cannot compare {} with {}", guard::kind(a), guard::kind(b)));
    Err(refusal.help("`map('int')` makes numbers of texts, `map('string')` texts of numbers"))
}

fn named(args: &[Value], name: &str) -> Option<Value> {
    let named = Kwargs::try_from(args.last().filter(|last| last.is_kwargs())?.clone()).ok()?;
    named.get::<Option<Value>>(name).ok().flatten()
}

/// The part of each item that is asked for, by name or as the second argument.
fn attribute(name: &str, args: &[Value]) -> Option<Value> {
    let takes_second = matches!(name, "sum" | "groupby" | "selectattr" | "rejectattr");
    let second = args.get(1).filter(|second| takes_second && !second.is_kwargs() && !second.is_none());
    second.cloned().or_else(|| named(args, "attribute"))
}

fn items(args: &[Value]) -> Vec<Value> {
    let Some(list) = args.first().filter(|list| matches!(list.kind(), ValueKind::Seq | ValueKind::Iterable)) else {
        return Vec::new();
    };
    list.as_object().and_then(DynObject::try_iter).into_iter().flatten().collect()
}

/// What each of the parts is that a function goes by, item by item; the items themselves if it names none.
fn parts(name: &str, args: &[Value]) -> Result<Vec<Vec<Value>>, Refusal> {
    let items = items(args);
    let Some(attribute) = attribute(name, args) else { return Ok(vec![items]) };
    let Some(attribute) = attribute.as_str() else { return Ok(Vec::new()) };
    let is_list = name == "sort";
    let names = attribute.split(',').map(str::trim).filter(|it| is_list && !it.is_empty());
    let mut names: Vec<&str> = names.collect();
    if names.is_empty() {
        names.push(attribute);
    }
    let mut all = Vec::new();
    for path in names {
        let mut found = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let part = part(item, path).ok_or_else(|| missing(name, path, &format!("item {}", at + 1)))?;
            found.push(part);
        }
        all.push(found);
    }
    Ok(all)
}

fn any_part(name: &str, args: &[Value]) -> Result<(), Refusal> {
    let items = items(args);
    let Some(attribute) = attribute(name, args) else { return Ok(()) };
    let Some(path) = attribute.as_str() else { return Ok(()) };
    if items.is_empty() || items.iter().any(|item| part(item, path).is_some()) {
        return Ok(());
    }
    let help = format!("where it may be missing, ask for it first: `{name}(\"{path}\", \"defined\")`");
    Err(missing(name, path, "no item").help(help))
}

fn missing(name: &str, path: &str, whose: &str) -> Refusal {
    let (whose, has) = if whose == "no item" { ("no item".to_owned(), "has") } else { (whose.to_owned(), "has no") };
    Refusal::new(&codes::template::UNDEFINED, format!("`{name}`: {whose} {has} `{path}`"))
}

fn part(item: &Value, path: &str) -> Option<Value> {
    path.split('.').try_fold(item.clone(), |value, step| {
        let part = match step.parse::<usize>() {
            Ok(index) => value.get_item_by_index(index),
            Err(_) => value.get_attr(step),
        };
        part.ok().filter(|part| !part.is_undefined())
    })
}

/// Says that case counts, unless the template says something else.
fn by_case(args: &mut Vec<Value>) {
    let given = args.pop_if(|last| last.is_kwargs()).and_then(|last| Kwargs::try_from(last).ok());
    let mut all: Vec<(String, Value)> = Vec::new();
    for name in given.iter().flat_map(Kwargs::args) {
        let value = given.as_ref().and_then(|given| given.get::<Value>(name).ok());
        all.extend(value.map(|value| (name.to_owned(), value)));
    }
    if !all.iter().any(|(name, _)| name == "case_sensitive") {
        all.push(("case_sensitive".to_owned(), Value::from(true)));
    }
    args.push(all.into_iter().collect::<Kwargs>().into());
}
