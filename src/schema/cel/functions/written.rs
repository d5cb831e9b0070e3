//! `format()`: values within a text, as `cel-go/ext` writes them.

use std::fmt::Write as _;

use super::text::{made, plain, quote};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::value::{Key, Value, double_text};

/// `'%s has %d'.format([name, count])`.
pub(super) fn format(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::String(pattern), Value::List(values)) = (&args[0], &args[1]) else { return Err(Fault::Unfit) };
    let mut values = values.iter();
    let mut rest = &**pattern;
    let mut made_text = String::new();
    while let Some((before, behind)) = rest.split_once('%') {
        made_text.push_str(before);
        if let Some(behind) = behind.strip_prefix('%') {
            made_text.push('%');
            rest = behind;
            continue;
        }
        let (precision, behind) = match behind.strip_prefix('.') {
            Some(behind) => {
                let digits = behind.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(behind.len());
                (behind[..digits].parse().ok().filter(|precision| *precision <= 100), &behind[digits..])
            }
            None => (None, behind),
        };
        let verb = behind.chars().next().ok_or_else(|| Fault::Refused("the format ends with `%`".to_owned()))?;
        let value = values.next().ok_or_else(|| Fault::Refused("the format has more places than values".to_owned()))?;
        let before = made_text.len();
        machine.burn(deep_weight(value, machine.fuel)?)?;
        write_value(&mut made_text, verb, precision, value)?;
        made(machine, made_text.len() - before)?;
        rest = &behind[verb.len_utf8()..];
    }
    if values.next().is_some() {
        return Err(Fault::Refused("the format has more values than places".to_owned()));
    }
    made(machine, rest.len())?;
    made_text.push_str(rest);
    Ok(Value::text(made_text))
}

/// What it costs to write all of a value.
fn deep_weight(value: &Value, limit: u64) -> Result<u64, Fault> {
    let mut weight = value.weight();
    let inner: Vec<&Value> = match value {
        Value::List(items) => items.iter().collect(),
        Value::Map(entries) => entries.values().collect(),
        _ => Vec::new(),
    };
    for item in inner {
        weight += deep_weight(item, limit)?;
        if weight > limit {
            return Err(Fault::Exhausted);
        }
    }
    Ok(weight)
}

fn write_value(out: &mut String, verb: char, precision: Option<usize>, value: &Value) -> Result<(), Fault> {
    let done = match (verb, value) {
        ('s', value) => {
            out.push_str(&text_of(value)?);
            Ok(())
        }
        ('d', Value::Int(value)) => write!(out, "{value}"),
        ('d', Value::Uint(value)) => write!(out, "{value}"),
        ('b', Value::Bool(value)) => write!(out, "{}", u8::from(*value)),
        ('b', Value::Int(value)) if *value < 0 => write!(out, "-{:b}", value.unsigned_abs()),
        ('b', Value::Int(value)) => write!(out, "{value:b}"),
        ('b', Value::Uint(value)) => write!(out, "{value:b}"),
        ('o', Value::Int(value)) if *value < 0 => write!(out, "-{:o}", value.unsigned_abs()),
        ('o', Value::Int(value)) => write!(out, "{value:o}"),
        ('o', Value::Uint(value)) => write!(out, "{value:o}"),
        ('x', Value::Int(value)) if *value < 0 => write!(out, "-{:x}", value.unsigned_abs()),
        ('x', Value::Int(value)) => write!(out, "{value:x}"),
        ('X', Value::Int(value)) if *value < 0 => write!(out, "-{:X}", value.unsigned_abs()),
        ('X', Value::Int(value)) => write!(out, "{value:X}"),
        ('x', Value::Uint(value)) => write!(out, "{value:x}"),
        ('X', Value::Uint(value)) => write!(out, "{value:X}"),
        ('x' | 'X', Value::String(_) | Value::Bytes(_)) => {
            let bytes = match value {
                Value::String(text) => text.as_bytes(),
                Value::Bytes(bytes) => bytes,
                _ => &[],
            };
            bytes
                .iter()
                .try_for_each(|byte| if verb == 'x' { write!(out, "{byte:02x}") } else { write!(out, "{byte:02X}") })
        }
        ('f', Value::Double(number)) => {
            out.push_str(&fixed(*number, precision.unwrap_or(6)));
            Ok(())
        }
        ('e', Value::Double(number)) => {
            out.push_str(&scientific(*number));
            Ok(())
        }
        (verb, value) => {
            return Err(Fault::Refused(format!("`%{verb}` does not take a {}", value.type_name())));
        }
    };
    // Writing to a string does not fail.
    done.map_err(|_| Fault::Unfit)
}

/// `1,234.50`: as `%f` writes it, with the digits grouped as in English.
fn fixed(number: f64, precision: usize) -> String {
    if !number.is_finite() {
        return unusual(number);
    }
    let text = format!("{:.precision$}", number.abs());
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::from(if number < 0.0 { "-" } else { "" });
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

/// `3.140000×10⁰⁰`: as `%e` writes it, whatever precision is asked for.
fn scientific(number: f64) -> String {
    if !number.is_finite() {
        return format!("     {}", unusual(number));
    }
    // Nothing is less than nothing.
    let number = if number == 0.0 { 0.0 } else { number };
    let text = format!("{number:.6e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let sign = if exponent < 0 { "⁻" } else { "" };
    let raised = format!("{:02}", exponent.abs());
    let raised = raised.chars().filter_map(|digit| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit.to_digit(10)? as usize));
    format!("{digits}×10{sign}{}", raised.collect::<String>())
}

fn unusual(number: f64) -> String {
    match (number.is_nan(), number > 0.0) {
        (true, _) => "NaN",
        (_, true) => "∞",
        _ => "-∞",
    }
    .to_owned()
}

/// A value as `%s` writes it.
fn text_of(value: &Value) -> Result<String, Fault> {
    Ok(match value {
        Value::Double(number) => double_text(*number),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(inner).collect::<Result<_, _>>()?;
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entry = |(key, value): (&Key, &Value)| Ok(format!("{}:{}", inner(&key.value())?, inner(value)?));
            let mut entries: Vec<_> = entries.iter().map(entry).collect::<Result<_, _>>()?;
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::String(_)
        | Value::Bytes(_)
        | Value::Duration(_)
        | Value::Timestamp(_)
        | Value::Type(_) => plain(value),
        other => return Err(Fault::Refused(format!("`%s` does not take a {}", other.type_name()))),
    })
}

/// A value within a list or a map, as CEL would have it written.
fn inner(value: &Value) -> Result<String, Fault> {
    Ok(match value {
        Value::Double(number) if number.is_finite() => format!("{number:.6}"),
        Value::Double(number) => quote(&double_text(*number)),
        Value::String(text) => quote(text),
        Value::Bytes(_) => format!("b{}", quote(&plain(value))),
        Value::Duration(_) => format!("duration({})", quote(&plain(value))),
        Value::Timestamp(_) => format!("timestamp({})", quote(&plain(value))),
        other => text_of(other)?,
    })
}
