//! Kubernetes' list library, `cel-go/ext` lists and sets.

use std::cmp::Ordering;

use super::{Function, call, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::functions::time::Duration;
use crate::schema::cel::syntax::Operator;
use crate::schema::cel::value::{List, ListKind, Value, Zero};

pub(crate) static FUNCTIONS: &[Function] = &[
    on("distinct", 0, 0, distinct),
    on("first", 0, 0, |_, args| end(args, <[Value]>::first)),
    on("flatten", 0, 1, flatten),
    on("isSorted", 0, 0, is_sorted),
    on("last", 0, 0, |_, args| end(args, <[Value]>::last)),
    on("max", 0, 0, |machine, args| listed(args).and_then(|items| extreme(machine, items, Ordering::Greater))),
    on("min", 0, 0, |machine, args| listed(args).and_then(|items| extreme(machine, items, Ordering::Less))),
    on("slice", 2, 2, slice),
    on("sort", 0, 0, sort),
    on("sum", 0, 0, sum),
    call("lists.range", 1, 1, range),
    call("sets.contains", 2, 2, |machine, args| Ok(Value::Bool(contains_all(machine, &args[0], &args[1])?))),
    call("sets.equivalent", 2, 2, |machine, args| {
        let equal = contains_all(machine, &args[0], &args[1])? && contains_all(machine, &args[1], &args[0])?;
        Ok(Value::Bool(equal))
    }),
    call("sets.intersects", 2, 2, intersects),
];

/// Items of a list that a function makes at once.
const LONGEST: i64 = 100_000;

fn listed(args: &[Value]) -> Result<&[Value], Fault> {
    match &args[0] {
        Value::List(items) => Ok(items),
        _ => Err(Fault::Unfit),
    }
}

fn end(args: &[Value], pick: fn(&[Value]) -> Option<&Value>) -> Outcome {
    let item = pick(listed(args)?);
    Ok(Value::Optional(item.cloned().map(std::sync::Arc::new)))
}

pub(super) fn extreme(machine: &mut Machine, items: &[Value], wanted: Ordering) -> Outcome {
    machine.burn(items.len() as u64)?;
    let mut items = items.iter();
    let mut best = items.next().ok_or_else(|| Fault::Refused("the list is empty".to_owned()))?;
    for item in items {
        if machine.order(item, best)?.ok_or(Fault::Unfit)? == wanted {
            best = item;
        }
    }
    Ok(best.clone())
}

fn is_sorted(machine: &mut Machine, args: &[Value]) -> Outcome {
    let items = listed(args)?;
    machine.burn(items.len() as u64)?;
    for pair in items.windows(2) {
        if machine.order(&pair[0], &pair[1])?.ok_or(Fault::Unfit)? == Ordering::Greater {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn sum(machine: &mut Machine, args: &[Value]) -> Outcome {
    let Value::List(list) = &args[0] else { return Err(Fault::Unfit) };
    let mut items = list.iter();
    let Some(first) = items.next() else {
        return Ok(match list.zero {
            Zero::Int => Value::Int(0),
            Zero::Double => Value::Double(0.0),
            Zero::Duration => Value::Duration(Duration(0)),
        });
    };
    let summable = matches!(first, Value::Int(_) | Value::Uint(_) | Value::Double(_) | Value::Duration(_));
    if !summable {
        return Err(Fault::Unfit);
    }
    items.try_fold(first.clone(), |sum, item| {
        machine.burn(1)?;
        super::number::arithmetic(machine, Operator::Add, &sum, item)
    })
}

/// `a + b`: one behind the other, sets as their union, and of lists with keys an item of the second takes the place of
/// its namesake in the first.
pub(super) fn joined(machine: &mut Machine, a: &List, b: &List) -> Result<List, Fault> {
    let mut items = a.to_vec();
    if matches!(a.kind, ListKind::Plain) {
        items.extend_from_slice(b);
        return Ok(items.into());
    }
    for item in b.iter() {
        let mut twin = None;
        for (at, own) in items.iter().enumerate() {
            if a.same(own, item, &mut machine.fuel).ok_or(Fault::Exhausted)? {
                twin = Some(at);
                break;
            }
        }
        match twin {
            Some(at) => items[at] = item.clone(),
            None => items.push(item.clone()),
        }
    }
    Ok(List::of(items, a.kind.clone(), a.zero))
}

pub(super) fn position(machine: &mut Machine, items: &[Value], wanted: &Value, from_end: bool) -> Outcome {
    let mut order: Vec<usize> = (0..items.len()).collect();
    if from_end {
        order.reverse();
    }
    for at in order {
        if machine.equal(&items[at], wanted)? {
            return Ok(Value::Int(at as i64));
        }
    }
    Ok(Value::Int(-1))
}

fn distinct(machine: &mut Machine, args: &[Value]) -> Outcome {
    let mut kept: Vec<Value> = Vec::new();
    'items: for item in listed(args)? {
        for other in &kept {
            if machine.equal(item, other)? {
                continue 'items;
            }
        }
        kept.push(item.clone());
    }
    Ok(Value::List(kept.into()))
}

fn flatten(machine: &mut Machine, args: &[Value]) -> Outcome {
    let levels = match args.get(1) {
        None => 1,
        Some(Value::Int(levels @ 0..)) => *levels,
        Some(_) => return Err(Fault::Unfit),
    };
    let mut flat = listed(args)?.to_vec();
    for _ in 0..levels.min(64) {
        if !flat.iter().any(|item| matches!(item, Value::List(_))) {
            break;
        }
        let mut next = Vec::new();
        for item in flat {
            machine.burn(item.weight())?;
            match item {
                Value::List(items) => next.extend(items.iter().cloned()),
                other => next.push(other),
            }
        }
        flat = next;
    }
    Ok(Value::List(flat.into()))
}

pub(super) fn reverse(machine: &mut Machine, items: &[Value]) -> Outcome {
    machine.burn(items.len() as u64)?;
    Ok(Value::list(items.iter().rev().cloned()))
}

fn slice(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::List(items), Value::Int(from), Value::Int(to)) = (&args[0], &args[1], &args[2]) else {
        return Err(Fault::Unfit);
    };
    machine.burn(items.len() as u64)?;
    let bounds = usize::try_from(*from).ok().zip(usize::try_from(*to).ok());
    let part = bounds.and_then(|(from, to)| items.get(from..to));
    let part =
        part.ok_or_else(|| Fault::Refused(format!("there are no items {from} to {to} in a list of {}", items.len())))?;
    Ok(Value::list(part.iter().cloned()))
}

fn sort(machine: &mut Machine, args: &[Value]) -> Outcome {
    let pairs = listed(args)?.iter().map(|item| Value::list([item.clone(), item.clone()])).collect();
    sort_pairs(machine, pairs)
}

/// Sorts pairs of a key and an item by the key; the items.
pub(crate) fn sort_pairs(machine: &mut Machine, pairs: Vec<Value>) -> Outcome {
    let length = pairs.len() as u64;
    machine.burn(length * u64::from(length.max(1).ilog2() + 1))?;
    Ok(Value::list(sorted(machine, pairs)?.into_iter().filter_map(|pair| match pair {
        Value::List(pair) => pair.get(1).cloned(),
        _ => None,
    })))
}

/// Sorts by halves: the library's own sorting panics where numbers of several types are in no order.
fn sorted(machine: &mut Machine, mut pairs: Vec<Value>) -> Result<Vec<Value>, Fault> {
    if pairs.len() < 2 {
        return Ok(pairs);
    }
    let right = pairs.split_off(pairs.len() / 2);
    let mut all = Vec::with_capacity(pairs.len() + right.len());
    let mut left = sorted(machine, pairs)?.into_iter().peekable();
    let mut right = sorted(machine, right)?.into_iter().peekable();
    while let (Some(Value::List(a)), Some(Value::List(b))) = (left.peek(), right.peek()) {
        let unordered = || Fault::Refused("the items have no order".to_owned());
        let order = machine.order(&a[0], &b[0])?.ok_or_else(unordered)?;
        all.extend(if order == Ordering::Greater { right.next() } else { left.next() });
    }
    all.extend(left.chain(right));
    Ok(all)
}

fn range(machine: &mut Machine, args: &[Value]) -> Outcome {
    let Value::Int(count) = &args[0] else { return Err(Fault::Unfit) };
    let count = (*count).clamp(0, LONGEST + 1);
    if count > LONGEST {
        return Err(Fault::Exhausted);
    }
    machine.burn(count as u64)?;
    Ok(Value::list((0..count).map(Value::Int)))
}

fn contains_all(machine: &mut Machine, set: &Value, wanted: &Value) -> Result<bool, Fault> {
    let (Value::List(set), Value::List(wanted)) = (set, wanted) else { return Err(Fault::Unfit) };
    for item in wanted.iter() {
        if !matches!(position(machine, set, item, false)?, Value::Int(0..)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn intersects(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::List(a), Value::List(b)) = (&args[0], &args[1]) else { return Err(Fault::Unfit) };
    for item in a.iter() {
        if matches!(position(machine, b, item, false)?, Value::Int(0..)) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}
