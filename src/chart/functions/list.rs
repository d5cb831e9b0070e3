//! Lists.

use crate::chart::failure::Failed;
use crate::chart::print::kind_name;
use crate::chart::text::{Text, TextBuilder};
use crate::chart::value::{Data, List, ListKind, Value};

use super::cast::to_int;
use super::default::is_empty;
use super::equal::deep_equal;
use super::strings::strval;
use super::{Context, Function, Kind, Made, because, int, items, keeping, plain, text};

const ANY: &[Kind] = &[Kind::Any];
const TWO: &[Kind] = &[Kind::Any, Kind::Any];

pub(super) const ALL: &[Function] = &[
    keeping("list", &[], Some(Kind::Any), |_, values| Ok(Value::list(values.to_vec()))).top(),
    keeping("tuple", &[], Some(Kind::Any), |_, values| Ok(Value::list(values.to_vec()))).top(),
    keeping("append", TWO, None, append).top(),
    keeping("push", TWO, None, append).top(),
    keeping("mustAppend", TWO, None, append).top(),
    keeping("mustPush", TWO, None, append).top(),
    keeping("prepend", TWO, None, prepend).top(),
    keeping("mustPrepend", TWO, None, prepend).top(),
    keeping("first", ANY, None, |_, values| Ok(of(&values[0])?.first().cloned().unwrap_or(Value::NIL))).top(),
    keeping("mustFirst", ANY, None, |_, values| Ok(of(&values[0])?.first().cloned().unwrap_or(Value::NIL))).top(),
    keeping("last", ANY, None, |_, values| Ok(of(&values[0])?.last().cloned().unwrap_or(Value::NIL))).top(),
    keeping("mustLast", ANY, None, |_, values| Ok(of(&values[0])?.last().cloned().unwrap_or(Value::NIL))).top(),
    keeping("rest", ANY, None, rest).top(),
    keeping("mustRest", ANY, None, rest).top(),
    keeping("initial", ANY, None, initial).top(),
    keeping("mustInitial", ANY, None, initial).top(),
    keeping("reverse", ANY, None, reverse).top(),
    keeping("mustReverse", ANY, None, reverse).top(),
    keeping("compact", ANY, None, compact),
    keeping("mustCompact", ANY, None, compact),
    keeping("uniq", ANY, None, uniq),
    keeping("mustUniq", ANY, None, uniq),
    keeping("without", ANY, Some(Kind::Any), without),
    keeping("mustWithout", ANY, Some(Kind::Any), without),
    plain("has", TWO, None, has),
    plain("mustHas", TWO, None, has),
    keeping("slice", ANY, Some(Kind::Any), slice).top(),
    keeping("mustSlice", ANY, Some(Kind::Any), slice).top(),
    keeping("concat", &[], Some(Kind::Any), concat).top(),
    keeping("chunk", &[Kind::Int, Kind::Any], None, chunk),
    keeping("mustChunk", &[Kind::Int, Kind::Any], None, chunk),
    keeping("sortAlpha", ANY, None, sort_alpha),
    keeping("toStrings", ANY, None, |context, values| Ok(Value::texts(texts(&values[0], context)?))),
    keeping("join", &[Kind::Text, Kind::Any], None, join),
];

/// The items of a list; what is none is an error.
fn of(value: &Value) -> Result<Vec<Value>, Failed> {
    match items(value) {
        Some(items) => Ok(items.into_iter().map(|item| item.with(&value.marks)).collect()),
        None if value.is_nil() => because("there is nothing here where a list is wanted"),
        None => because(format!("a {} is no list", kind_name(value))),
    }
}

fn made(context: &Context, items: Vec<Value>) -> Made {
    context.meter.bytes(items.len() * 32)?;
    Ok(Value::list(items))
}

/// The same of a part of a list: nothing of an empty one.
fn rest_of(context: &Context, items: Option<Vec<Value>>) -> Made {
    match items {
        Some(items) => made(context, items),
        None => Ok(Data::List(List::nil(ListKind::Any)).into()),
    }
}

fn append(context: &Context, values: &[Value]) -> Made {
    let mut items = of(&values[0])?;
    items.push(values[1].clone());
    made(context, items)
}

fn prepend(context: &Context, values: &[Value]) -> Made {
    let mut items = of(&values[0])?;
    items.insert(0, values[1].clone());
    made(context, items)
}

fn rest(context: &Context, values: &[Value]) -> Made {
    let items = of(&values[0])?;
    rest_of(context, (!items.is_empty()).then(|| items.into_iter().skip(1).collect()))
}

fn initial(context: &Context, values: &[Value]) -> Made {
    let mut items = of(&values[0])?;
    let any = items.pop().is_some();
    rest_of(context, any.then_some(items))
}

fn reverse(context: &Context, values: &[Value]) -> Made {
    let items = of(&values[0])?;
    made(context, items.into_iter().rev().collect())
}

fn compact(context: &Context, values: &[Value]) -> Made {
    let items = of(&values[0])?;
    made(context, items.into_iter().filter(|item| !is_empty(item)).collect())
}

fn is_in(items: &[Value], wanted: &Value, context: &Context) -> Result<bool, Failed> {
    for item in items {
        if deep_equal(wanted, item, context.meter, 0)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn uniq(context: &Context, values: &[Value]) -> Made {
    let mut kept = Vec::new();
    for item in of(&values[0])? {
        if !is_in(&kept, &item, context)? {
            kept.push(item);
        }
    }
    made(context, kept)
}

fn without(context: &Context, values: &[Value]) -> Made {
    let mut kept = Vec::new();
    for item in of(&values[0])? {
        if !is_in(&values[1..], &item, context)? {
            kept.push(item);
        }
    }
    made(context, kept)
}

fn has(context: &Context, values: &[Value]) -> Made {
    if values[1].is_nil() {
        return Ok(false.into());
    }
    Ok(is_in(&of(&values[1])?, &values[0], context)?.into())
}

fn slice(context: &Context, values: &[Value]) -> Made {
    let items = of(&values[0])?;
    if items.is_empty() {
        return Ok(Value::NIL);
    }
    let start = values.get(1).map_or(0, to_int);
    let end = values.get(2).map_or(items.len() as i64, to_int);
    let (Ok(first), Ok(last)) = (usize::try_from(start), usize::try_from(end)) else {
        return because("a slice can't begin or end before the list");
    };
    if first > last || last > items.len() {
        return because(format!("there is no slice {start}:{end} of {} items", items.len()));
    }
    context.meter.bytes((last - first) * 32)?;
    if let Data::Bytes(bytes) = &values[0].data {
        return Ok(Data::Bytes(bytes[first..last].into()).into());
    }
    let kind = match &values[0].data {
        Data::List(list) => list.kind,
        _ => ListKind::Any,
    };
    let part = items.into_iter().skip(first).take(last - first).collect();
    Ok(Data::List(List::new(kind, part)).into())
}

fn concat(context: &Context, values: &[Value]) -> Made {
    let mut all = Vec::new();
    for value in values {
        all.append(&mut of(value)?);
        context.meter.bytes(all.len() * 32)?;
    }
    rest_of(context, (!all.is_empty()).then_some(all))
}

fn chunk(context: &Context, values: &[Value]) -> Made {
    let size = int(&values[0]);
    let items = of(&values[1])?;
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        // So many chunks there are by Go's arithmetic, which is done with whatever number.
        let chunks = ((items.len() as f64 - 1.0) / size as f64).floor() + 1.0;
        return match items.len() {
            1 if size < -1 => Ok(Data::List(List::new(ListKind::Lists, vec![Value::list(items)])).into()),
            1.. if size < 0 && chunks == 0.0 => Ok(Data::List(List::new(ListKind::Lists, Vec::new())).into()),
            _ => because("a chunk has at least one item"),
        };
    };
    context.meter.bytes(items.len() * 32)?;
    let chunks = items.chunks(size).map(|chunk| Value::list(chunk.to_vec()));
    Ok(Data::List(List::new(ListKind::Lists, chunks.collect())).into())
}

/// The texts of a list, without what is nil; of anything else its own text.
fn texts(value: &Value, context: &Context) -> Result<Vec<Value>, Failed> {
    if value.is_nil() {
        return Ok(Vec::new());
    }
    let Some(items) = items(value) else { return Ok(vec![strval(value, context)?]) };
    let kept = items.into_iter().filter(|item| !item.is_nil());
    kept.map(|item| strval(&item.with(&value.marks), context)).collect()
}

fn sort_alpha(context: &Context, values: &[Value]) -> Made {
    let is_list = items(&values[0]).is_some();
    if !is_list {
        return Ok(Value::texts(vec![strval(&values[0], context)?]));
    }
    let mut all = texts(&values[0], context)?;
    context.meter.bytes(all.len() * 64)?;
    all.sort_by(|a, b| text(a).bytes().cmp(text(b).bytes()));
    Ok(Value::texts(all))
}

fn join(context: &Context, values: &[Value]) -> Made {
    let separator: &Text = text(&values[0]);
    let mut out = TextBuilder::default();
    for (number, part) in texts(&values[1], context)?.iter().enumerate() {
        if number > 0 {
            out.push(separator, &values[0].marks);
        }
        out.push(text(part), &part.marks);
        context.meter.bytes(text(part).len() + separator.len())?;
    }
    let marks = if out.is_empty() { values[1].all_marks() } else { values[1].marks.clone() };
    Ok(Value { data: Data::Text(out.finish()), marks })
}
