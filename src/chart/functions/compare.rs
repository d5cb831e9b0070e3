//! The language's own functions: truth, comparisons, `index`, `len`, printing and escaping.

use crate::chart::failure::Failed;
use crate::chart::print::{print_each, printed, printf, type_name};
use crate::chart::text::{Text, TextBuilder};
use crate::chart::value::{Data, MapKind, Value};

use super::{Context, Function, Kind, Made, because, byte_value, is_true, keeping, plain, text};

pub(super) const ALL: &[Function] = &[
    plain("not", &[Kind::Raw], None, |_, values| Ok((!is_true(&values[0])).into())).top(),
    plain("eq", &[Kind::Raw], Some(Kind::Raw), eq).top(),
    plain("ne", &[Kind::Raw, Kind::Raw], None, |context, values| match eq(context, values)?.data {
        Data::Bool(equal) => Ok((!equal).into()),
        _ => Ok(false.into()),
    })
    .top(),
    plain("lt", &[Kind::Raw, Kind::Raw], None, |_, values| Ok(less(&values[0], &values[1])?.into())).top(),
    plain("le", &[Kind::Raw, Kind::Raw], None, |_, values| Ok(less_or_equal(&values[0], &values[1])?.into())).top(),
    plain("gt", &[Kind::Raw, Kind::Raw], None, |_, values| Ok((!less_or_equal(&values[0], &values[1])?).into())).top(),
    plain("ge", &[Kind::Raw, Kind::Raw], None, |_, values| Ok((!less(&values[0], &values[1])?).into())).top(),
    plain("len", &[Kind::Raw], None, len).top(),
    keeping("index", &[Kind::Raw], Some(Kind::Raw), index).top(),
    keeping("print", &[], Some(Kind::Any), print),
    keeping("println", &[], Some(Kind::Any), println),
    keeping("printf", &[Kind::Text], Some(Kind::Any), |context, values| {
        let made = printf(text(&values[0]), &values[0].marks, &values[1..], context.meter)?;
        context.meter.bytes(made.len())?;
        Ok(made.finish().into())
    }),
    keeping("html", &[], Some(Kind::Any), |context, values| escaped(context, values, html)),
    keeping("js", &[], Some(Kind::Any), |context, values| escaped(context, values, js)),
    keeping("urlquery", &[], Some(Kind::Any), |context, values| escaped(context, values, query)),
];

/// What Go compares by.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Basic {
    Bool,
    Int,
    Uint,
    Float,
    Text,
    None,
}

fn basic(value: &Value) -> Basic {
    match &value.data {
        Data::Bool(_) => Basic::Bool,
        Data::Int(_, kind) if kind.is_unsigned() => Basic::Uint,
        Data::Int(..) | Data::Duration(_) => Basic::Int,
        Data::Float(_) => Basic::Float,
        Data::Text(_) => Basic::Text,
        _ => Basic::None,
    }
}

fn number(value: &Value) -> i128 {
    match &value.data {
        Data::Int(number, kind) if kind.is_unsigned() => (*number as u64).into(),
        Data::Int(number, _) | Data::Duration(number) => (*number).into(),
        _ => 0,
    }
}

fn float(value: &Value) -> f64 {
    match value.data {
        Data::Float(number) => number,
        _ => 0.0,
    }
}

fn incompatible<T>(a: &Value, b: &Value) -> Result<T, Failed> {
    let message = format!("a {} and a {} can't be compared", type_name(a), type_name(b));
    let help = "make both the same kind: `int`, `float64` or `toString`".to_owned();
    Err(Failed::Because { message, help: Some(help) })
}

fn eq(_: &Context, values: &[Value]) -> Made {
    let (first, others) = (&values[0], &values[1..]);
    if others.is_empty() {
        return because("`eq` needs a second argument");
    }
    for other in others {
        if equal(first, other)? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

#[expect(clippy::float_cmp, reason = "Go compares exactly")]
fn equal(a: &Value, b: &Value) -> Result<bool, Failed> {
    let (left, right) = (basic(a), basic(b));
    Ok(match (left, right) {
        (Basic::Int | Basic::Uint, Basic::Int | Basic::Uint) => number(a) == number(b),
        (Basic::Bool, Basic::Bool) => is_true(a) == is_true(b),
        (Basic::Float, Basic::Float) => float(a) == float(b),
        (Basic::Text, Basic::Text) => text(a) == text(b),
        (Basic::None, Basic::None) => {
            if a.is_nil() || b.is_nil() {
                return Ok(a.is_nil() && b.is_nil());
            }
            match (&a.data, &b.data) {
                (Data::Time(a), Data::Time(b)) => a == b,
                _ => return incompatible(a, b),
            }
        }
        _ if a.is_nil() || b.is_nil() => false,
        _ => return incompatible(a, b),
    })
}

fn less(a: &Value, b: &Value) -> Result<bool, Failed> {
    Ok(match (basic(a), basic(b)) {
        (Basic::Int | Basic::Uint, Basic::Int | Basic::Uint) => number(a) < number(b),
        (Basic::Float, Basic::Float) => float(a) < float(b),
        (Basic::Text, Basic::Text) => text(a).bytes() < text(b).bytes(),
        _ => return incompatible(a, b),
    })
}

fn less_or_equal(a: &Value, b: &Value) -> Result<bool, Failed> {
    Ok(less(a, b)? || equal(a, b)?)
}

fn len(_: &Context, values: &[Value]) -> Made {
    let length = match &values[0].data {
        Data::Text(text) => text.len(),
        Data::Bytes(bytes) => bytes.len(),
        Data::List(list) => list.items().len(),
        Data::Map(map) => map.len(),
        Data::Absent | Data::Nil => return because("nothing has no length"),
        _ => return because(format!("a {} has no length", type_name(&values[0]))),
    };
    Ok(Value::int(length as i64))
}

fn index(_: &Context, values: &[Value]) -> Made {
    let mut item = values[0].clone();
    if item.is_nil() {
        return because("there is nothing to look into");
    }
    for step in &values[1..] {
        let place = |length: usize| match &step.data {
            Data::Int(number, _) => match usize::try_from(*number).ok().filter(|number| *number < length) {
                Some(number) => Ok(number),
                None => because(format!("there is no item {number}, of {length}")),
            },
            _ => because(format!("an item is named by an integer, not by a {}", type_name(step))),
        };
        let marks = item.marks.clone();
        let found = match &item.data {
            Data::Absent | Data::Nil => return because("there is nothing to look into"),
            Data::List(list) => list.items()[place(list.items().len())?].clone(),
            Data::Bytes(bytes) => byte_value(bytes[place(bytes.len())?]),
            Data::Text(text) => byte_value(text.bytes()[place(text.len())?]),
            Data::Map(map) => match &step.data {
                Data::Text(key) => map.get(&key.str()).unwrap_or_else(|| missing(map.kind)),
                Data::Absent | Data::Nil => return because("an entry is named by a text, not by nothing"),
                _ => return because(format!("an entry is named by a text, not by a {}", type_name(step))),
            },
            _ => return because(format!("a {} has no items", type_name(&item))),
        };
        let found = if found.marks.is_empty() { found.with(&marks) } else { found };
        item = found.with(&step.own_marks());
    }
    Ok(item)
}

/// What a map gives for a key that it doesn't have.
pub(in crate::chart) fn missing(kind: MapKind) -> Value {
    match kind {
        MapKind::Any | MapKind::Values => Value::NIL,
        MapKind::Text => Value::text(""),
        MapKind::Files => Data::Bytes([].into()).into(),
    }
}

fn print(context: &Context, values: &[Value]) -> Made {
    let mut out = TextBuilder::default();
    print_each(&mut out, values, context.meter)?;
    Ok(out.finish().into())
}

fn println(context: &Context, values: &[Value]) -> Made {
    let mut out = TextBuilder::default();
    for (number, value) in values.iter().enumerate() {
        if number > 0 {
            out.push_str(" ");
        }
        printed(&mut out, value, context.meter)?;
    }
    out.push_str("\n");
    Ok(out.finish().into())
}

/// The printed arguments, each letter as it is or by what stands for it.
fn escaped(context: &Context, values: &[Value], escape: fn(char) -> Option<String>) -> Made {
    let shown =
        |value: &Value| if value.is_nil() { Value::text("<no value>").with(&value.marks) } else { value.clone() };
    let made = print(context, &values.iter().map(shown).collect::<Vec<_>>())?;
    let Data::Text(whole) = &made.data else { return Ok(made) };
    let mut out = TextBuilder::default();
    each_escaped(&mut out, whole, escape);
    context.meter.bytes(out.len())?;
    Ok(Value { data: Data::Text(out.finish()), marks: made.marks })
}

/// Pushes a text with some letters replaced, which keep their origins.
pub(super) fn each_escaped(out: &mut TextBuilder, whole: &Text, escape: impl Fn(char) -> Option<String>) {
    let shown = whole.str();
    let mut start = 0;
    for (at, letter) in shown.char_indices() {
        let Some(instead) = escape(letter) else { continue };
        let end = at + letter.len_utf8();
        out.push_slice(whole, start..at.min(whole.len()), &crate::chart::marks::Marks::NONE);
        out.push_bytes(instead.as_bytes(), &whole.slice(at..end).marks());
        start = end;
    }
    if start < whole.len() {
        out.push_slice(whole, start..whole.len(), &crate::chart::marks::Marks::NONE);
    }
}

fn html(letter: char) -> Option<String> {
    let instead = match letter {
        '\0' => "\u{fffd}",
        '"' => "&#34;",
        '\'' => "&#39;",
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        _ => return None,
    };
    Some(instead.to_owned())
}

fn js(letter: char) -> Option<String> {
    Some(match letter {
        '\\' => "\\\\".to_owned(),
        '\'' => "\\'".to_owned(),
        '"' => "\\\"".to_owned(),
        '<' | '>' | '&' | '=' | '\0'..' ' => format!("\\u{:04X}", letter as u32),
        // What can't be printed: by `char`'s own debug form it would be escaped.
        _ if letter > '\u{7f}' && letter.escape_debug().len() > 1 => format!("\\u{:04X}", letter as u32),
        _ => return None,
    })
}

fn query(letter: char) -> Option<String> {
    match letter {
        ' ' => Some("+".to_owned()),
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '~' => None,
        _ => {
            let mut bytes = [0; 4];
            Some(letter.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")).collect())
        }
    }
}
