//! Working with lists and maps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::{Value, ValueKind};
use minijinja::{filters, functions};

use super::{Call, Function, Run, Section, Usage};
use crate::template::refusal::Refusal;
use crate::template::{context, guard, identity};
use crate::yaml::path::{Path, Step};

const fn engine(
    name: &'static str,
    signature: &'static str,
    about: &'static str,
    examples: &'static [(&'static str, &'static str)],
    make: fn() -> Value,
) -> Function {
    Function { name, usage: Usage::Filter, signature, about, examples, run: Run::Engine(make) }
}

const fn own(
    name: &'static str,
    usage: Usage,
    signature: &'static str,
    about: &'static str,
    examples: &'static [(&'static str, &'static str)],
    run: fn(&mut Call<'_, '_, '_>) -> Result<Value, Refusal>,
) -> Function {
    Function { name, usage, signature, about, examples, run: Run::Own(run) }
}

pub(super) static SECTION: Section = Section {
    title: "Lists and maps",
    functions: &[
        engine(
            "length",
            "",
            "How many items, entries or characters.",
            &[("[1, 2] | length", "2"), ("'äb' | length", "2")],
            || Value::from_function(filters::length),
        ),
        engine("count", "", "The same as `length`.", &[("{'a': 1} | count", "1")], || {
            Value::from_function(filters::length)
        }),
        own(
            "keys",
            Usage::Both,
            "map",
            "The keys of a map, as a list.",
            &[("keys({'a': 1, 'b': 2})", "[a, b]")],
            |call| Ok(list(call.map("map")?.into_iter().map(|(key, _)| key))),
        ),
        own(
            "values",
            Usage::Both,
            "map",
            "The values of a map, as a list.",
            &[("values({'a': 1, 'b': 2})", "[1, 2]")],
            |call| Ok(list(call.map("map")?.into_iter().map(|(_, value)| value))),
        ),
        own(
            "items",
            Usage::Filter,
            "",
            "The entries of a map as pairs: `{% for key, value in map | items %}`.",
            &[("{'a': 1} | items", "[[a, 1]]")],
            |call| Ok(list(call.map("map")?.into_iter().map(|(key, value)| list([key, value])))),
        ),
        engine(
            "dictsort",
            "",
            "The entries of a map as pairs, sorted by key.",
            &[("{'b': 1, 'a': 2} | dictsort", "[[a, 2], [b, 1]]")],
            || Value::from_function(filters::dictsort),
        ),
        own(
            "first",
            Usage::Filter,
            "",
            "The first item; a finding if there is none.",
            &[("[1, 2] | first", "1")],
            |call| {
                let items = call.list("list")?;
                items.first().cloned().map_or_else(|| call.refuse("the list is empty"), Ok)
            },
        ),
        own(
            "last",
            Usage::Filter,
            "",
            "The last item; a finding if there is none.",
            &[("[1, 2] | last", "2")],
            |call| {
                let items = call.list("list")?;
                items.last().cloned().map_or_else(|| call.refuse("the list is empty"), Ok)
            },
        ),
        own(
            "list",
            Usage::Filter,
            "",
            "The items of a list, or the keys of a map, as a list.",
            &[("{'a': 1} | list", "[a]")],
            |call| {
                let value = call.value("list")?;
                match value.kind() {
                    ValueKind::Map => Ok(list(call.entries(&value)?.into_iter().map(|(key, _)| key))),
                    ValueKind::Seq | ValueKind::Iterable => Ok(list(call.items(&value)?)),
                    kind => call.refuse(format!("{} is no list", guard::kind(kind))),
                }
            },
        ),
        engine(
            "sort",
            "reverse=false, attribute=none",
            "Sorted, texts without regard to case; with `attribute`, by that part of each item.",
            &[
                ("[3, 1, 2] | sort", "[1, 2, 3]"),
                ("['a', 'b'] | sort(reverse=true)", "[b, a]"),
                ("[{'n': 2}, {'n': 1}] | sort(attribute='n')", "[{n: 1}, {n: 2}]"),
            ],
            || Value::from_function(filters::sort),
        ),
        engine(
            "unique",
            "attribute=none",
            "Without what stood before.",
            &[("[1, 2, 1] | unique", "[1, 2]"), ("['a', 'A'] | unique", "[a, A]")],
            || Value::from_function(filters::unique),
        ),
        own(
            "reverse",
            Usage::Filter,
            "",
            "A list from its end to its start.",
            &[("[1, 2] | reverse", "[2, 1]")],
            |call| Ok(list(call.list("list")?.into_iter().rev())),
        ),
        engine("min", "", "The least item.", &[("[2, 1] | min", "1")], || Value::from_function(filters::min)),
        engine("max", "", "The greatest item.", &[("[1, 2] | max", "2")], || Value::from_function(filters::max)),
        engine(
            "sum",
            "attribute=none",
            "The sum of the items.",
            &[("[1, 2] | sum", "3"), ("[{'n': 2}, {'n': 3}] | sum(attribute='n')", "5")],
            || Value::from_function(filters::sum),
        ),
        engine(
            "map",
            "attribute | filter",
            "A part of each item, or each item through a filter.",
            &[("[{'n': 'a'}, {'n': 'b'}] | map(attribute='n')", "[a, b]"), ("['a'] | map('upper')", "[A]")],
            || Value::from_function(filters::map),
        ),
        engine(
            "select",
            "test",
            "The items that pass a test, or are true.",
            &[("[1, 2, 3] | select('odd')", "[1, 3]"), ("['a', ''] | select", "[a]")],
            || Value::from_function(filters::select),
        ),
        engine("reject", "test", "The items that do not pass a test.", &[("[1, 2, 3] | reject('odd')", "[2]")], || {
            Value::from_function(filters::reject)
        }),
        engine(
            "selectattr",
            "attribute, test, value",
            "The items whose part passes a test, or is true.",
            &[
                ("[{'n': 1}, {'n': 2}] | selectattr('n', 'eq', 2)", "[{n: 2}]"),
                ("[{'on': true}, {'on': false}] | selectattr('on')", "[{on: true}]"),
            ],
            || Value::from_function(filters::selectattr),
        ),
        engine(
            "rejectattr",
            "attribute, test, value",
            "The items whose part does not pass a test.",
            &[("[{'n': 1}, {'n': 2}] | rejectattr('n', 'eq', 2)", "[{n: 1}]")],
            || Value::from_function(filters::rejectattr),
        ),
        engine(
            "groupby",
            "attribute",
            "Pairs of a value and the items that have it at that part.",
            &[("[{'z': 'a', 'n': 1}, {'z': 'a', 'n': 2}] | groupby('z')", "[[a, [{z: a, n: 1}, {z: a, n: 2}]]]")],
            || Value::from_function(filters::groupby),
        ),
        own(
            "batch",
            Usage::Filter,
            "size",
            "A list in lists of so many items.",
            &[("[1, 2, 3] | batch(2)", "[[1, 2], [3]]")],
            |call| {
                let items = call.list("list")?;
                match usize::try_from(call.integer("size")?) {
                    Ok(size) if size > 0 => Ok(list(items.chunks(size).map(|chunk| list(chunk.to_vec())))),
                    _ => call.refuse("`size` is at least 1"),
                }
            },
        ),
        own(
            "zip",
            Usage::Both,
            "list, other",
            "Pairs of the items of two lists of the same length.",
            &[("zip(['a', 'b'], [1, 2])", "[[a, 1], [b, 2]]")],
            |call| {
                let (left, right) = (call.list("list")?, call.list("other")?);
                if left.len() != right.len() {
                    return call.refuse(format!("the lists have {} and {} items", left.len(), right.len()));
                }
                Ok(list(left.into_iter().zip(right).map(|(left, right)| list([left, right]))))
            },
        ),
        own(
            "flatten",
            Usage::Both,
            "list",
            "The items of the lists in a list.",
            &[("flatten([[1], [2, 3], []])", "[1, 2, 3]")],
            |call| {
                let mut flat = Vec::new();
                for item in call.list("list")? {
                    match item.kind() {
                        ValueKind::Seq | ValueKind::Iterable => flat.extend(call.items(&item)?),
                        _ => flat.push(item),
                    }
                }
                Ok(list(flat))
            },
        ),
        own(
            "merge",
            Usage::Both,
            "map, other, …",
            "Maps merged as environments are: maps within maps merge, anything else is replaced by the later one, null removes.",
            &[
                ("merge({'a': 1, 'b': {'c': 1}}, {'b': {'d': 2}})", "{a: 1, b: {c: 1, d: 2}}"),
                ("merge({'a': 1, 'b': 2}, {'a': none})", "{b: 2}"),
            ],
            merge,
        ),
        own(
            "omit",
            Usage::Both,
            "map, keys",
            "A map without some of its keys.",
            &[("omit({'a': 1, 'b': 2}, ['a'])", "{b: 2}")],
            |call| choose(call, false),
        ),
        own(
            "pick",
            Usage::Both,
            "map, keys",
            "Only some of the keys of a map.",
            &[("pick({'a': 1, 'b': 2}, ['a'])", "{a: 1}")],
            |call| choose(call, true),
        ),
        own(
            "dict",
            Usage::Function,
            "key=value, …",
            "A map of what is given by name.",
            &[("dict(a=1, b='x')", "{a: 1, b: x}")],
            |call| {
                let named = call.named.take();
                let entries = named.iter().flat_map(|named| {
                    named.args().map(|key| (key.to_owned(), named.get::<Value>(key).unwrap_or_default()))
                });
                Ok(Value::from_pairs(entries.collect::<Vec<_>>()))
            },
        ),
        own(
            "range",
            Usage::Function,
            "start=0, stop, step=1",
            "The integers from one up to, and without, another; at most 100,000.",
            &[("range(3)", "[0, 1, 2]"), ("range(2, 8, 3)", "[2, 5]"), ("range(3, 0, -1)", "[3, 2, 1]")],
            range,
        ),
        Function {
            name: "namespace",
            usage: Usage::Function,
            signature: "key=value, …",
            about: "What can be set from within a loop: `{% set ns.found = true %}`.",
            examples: &[("namespace(a=1).a", "1")],
            run: Run::Engine(|| Value::from_function(functions::namespace)),
        },
    ],
};

fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::from(items.into_iter().collect::<Vec<Value>>())
}

fn merge(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let mut merged = call.map("map")?;
    merged.retain(|(_, value)| !is_null(value));
    let mut value = Value::from_pairs(merged);
    while call.taken < call.positional.len() {
        let other = call.value("other")?;
        if other.kind() != ValueKind::Map {
            return call.refuse(format!("it merges maps, not {}", guard::kind(other.kind())));
        }
        value = merge_two(call, &value, &other, &mut Path::root())?;
    }
    Ok(value)
}

/// Also where the value knows which node it is.
fn is_null(value: &Value) -> bool {
    identity::bare(value).is_none()
}

/// Depth is bounded: both were checked on the way in.
fn merge_two(call: &mut Call<'_, '_, '_>, under: &Value, over: &Value, path: &mut Path) -> Result<Value, Refusal> {
    let mut merged: Vec<Option<(Value, Value)>> = call.entries(under)?.into_iter().map(Some).collect();
    let key = |(at, entry): (usize, &Option<(Value, Value)>)| Some((entry.as_ref()?.0.clone(), at));
    let places: BTreeMap<Value, usize> = merged.iter().enumerate().filter_map(key).collect();
    for (key, value) in call.entries(over)? {
        let place = places.get(&key).copied();
        let value = match place.and_then(|at| merged[at].as_ref()) {
            Some((_, below)) if below.kind() == ValueKind::Map && value.kind() == ValueKind::Map => {
                let below = below.clone();
                path.push(Step::Key(key.to_str().unwrap_or_default()));
                let merged = merge_two(call, &below, &value, path)?;
                path.pop();
                merged
            }
            Some((_, below)) => {
                if let (Some(below), Some(over)) = (context::tree(below), context::tree(&value)) {
                    let (below, over) = (Arc::clone(below), Arc::clone(over));
                    call.session().replaces(path.key(&key.to_str().unwrap_or_default()), below, over);
                }
                value
            }
            None => value,
        };
        match place {
            Some(at) if is_null(&value) => merged[at] = None,
            Some(at) => merged[at] = Some((key, value)),
            None if is_null(&value) => {}
            None => merged.push(Some((key, value))),
        }
    }
    Ok(Value::from_pairs(merged.into_iter().flatten()))
}

fn choose(call: &mut Call<'_, '_, '_>, wanted: bool) -> Result<Value, Refusal> {
    let entries = call.map("map")?;
    let keys: BTreeSet<Value> = call.list("keys")?.into_iter().collect();
    Ok(Value::from_pairs(entries.into_iter().filter(|(key, _)| keys.contains(key) == wanted).collect::<Vec<_>>()))
}

const LONGEST_RANGE: usize = 100_000;

fn range(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let first = call.integer("stop")?;
    let (start, stop) = match call.optional_integer("stop")? {
        Some(stop) => (first, stop),
        None => (0, first),
    };
    let step = call.optional_integer("step")?.unwrap_or(1);
    if step == 0 {
        return call.refuse("`step` is not 0");
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while (step > 0 && next < stop) || (step < 0 && next > stop) {
        if numbers.len() == LONGEST_RANGE {
            return Err(Refusal::too_large(format!("`range` makes at most {LONGEST_RANGE} numbers")));
        }
        numbers.push(Value::from(next));
        let Some(after) = next.checked_add(step) else { break };
        next = after;
    }
    call.bounds.spend_nodes(call.state, numbers.len())?;
    Ok(list(numbers))
}
