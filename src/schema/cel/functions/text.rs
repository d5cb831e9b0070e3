//! Strings: the standard functions, `cel-go/ext` strings and encoders, Kubernetes' regular expressions.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{Function, call, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::value::{Key, Value, double_text};

pub(crate) static FUNCTIONS: &[Function] = &[
    on("charAt", 1, 1, char_at),
    on("contains", 1, 1, |machine, args| test(machine, args, |text, part| text.contains(part))),
    on("endsWith", 1, 1, |machine, args| test(machine, args, |text, part| text.ends_with(part))),
    on("find", 1, 1, find),
    on("findAll", 1, 2, find_all),
    on("format", 1, 1, format),
    on("indexOf", 1, 2, |machine, args| index_of(machine, args, false)),
    on("join", 0, 1, join),
    on("lastIndexOf", 1, 2, |machine, args| index_of(machine, args, true)),
    on("lowerAscii", 0, 0, |machine, args| change(machine, args, str::to_ascii_lowercase)),
    on("matches", 1, 1, matches),
    call("matches", 2, 2, matches),
    on("replace", 2, 3, replace),
    on("reverse", 0, 0, reverse),
    on("split", 1, 2, split),
    on("startsWith", 1, 1, |machine, args| test(machine, args, |text, part| text.starts_with(part))),
    on("substring", 1, 2, substring),
    on("trim", 0, 0, |machine, args| change(machine, args, |text| text.trim().to_owned())),
    on("upperAscii", 0, 0, |machine, args| change(machine, args, str::to_ascii_uppercase)),
    call("base64.decode", 1, 1, decode),
    call("base64.encode", 1, 1, encode),
    call("jsonpatch.escapeKey", 1, 1, |machine, args| {
        change(machine, args, |text| text.replace('~', "~0").replace('/', "~1"))
    }),
    call("strings.quote", 1, 1, |machine, args| change(machine, args, quote)),
];

/// Pays for a text that is about to be made.
fn made(machine: &mut Machine, bytes: usize) -> Result<(), Fault> {
    machine.burn(bytes as u64 / 8)
}

fn change(machine: &mut Machine, args: &[Value], change: fn(&str) -> String) -> Outcome {
    let Value::String(text) = &args[0] else { return Err(Fault::Unfit) };
    made(machine, text.len())?;
    Ok(Value::text(change(text)))
}

fn test(machine: &mut Machine, args: &[Value], test: fn(&str, &str) -> bool) -> Outcome {
    let (Value::String(text), Value::String(part)) = (&args[0], &args[1]) else { return Err(Fault::Unfit) };
    made(machine, text.len())?;
    Ok(Value::Bool(test(text, part)))
}

/// An index into a text of `length` characters, its end included.
fn index(value: &Value, length: usize) -> Result<usize, Fault> {
    let Value::Int(at) = value else { return Err(Fault::Unfit) };
    usize::try_from(*at)
        .ok()
        .filter(|at| *at <= length)
        .ok_or_else(|| Fault::Refused(format!("there is no character {at} in a string of {length}")))
}

fn char_at(machine: &mut Machine, args: &[Value]) -> Outcome {
    let Value::String(text) = &args[0] else { return Err(Fault::Unfit) };
    made(machine, text.len())?;
    let at = index(&args[1], text.chars().count())?;
    Ok(Value::text(text.chars().nth(at).map(String::from).unwrap_or_default()))
}

fn index_of(machine: &mut Machine, args: &[Value], from_end: bool) -> Outcome {
    let (text, part) = match (&args[0], &args[1]) {
        (Value::List(items), wanted) if args.len() == 2 => {
            return super::list::position(machine, items, wanted, from_end);
        }
        (Value::String(text), Value::String(part)) => (text, part),
        _ => return Err(Fault::Unfit),
    };
    made(machine, text.len() + part.len())?;
    let length = text.chars().count();
    let bound = args.get(2).map(|bound| index(bound, length)).transpose()?;
    let byte = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
    let found = if from_end {
        // The match begins at the bound or before it.
        let end = bound.map_or(text.len(), |bound| (byte(bound) + part.len()).min(text.len()));
        let end = (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
        text[..end].rfind(&**part)
    } else {
        let start = byte(bound.unwrap_or(0));
        text[start..].find(&**part).map(|at| start + at)
    };
    Ok(Value::Int(found.map_or(-1, |byte| text[..byte].chars().count() as i64)))
}

fn substring(machine: &mut Machine, args: &[Value]) -> Outcome {
    let Value::String(text) = &args[0] else { return Err(Fault::Unfit) };
    made(machine, text.len())?;
    let length = text.chars().count();
    let from = index(&args[1], length)?;
    let to = args.get(2).map_or(Ok(length), |to| index(to, length))?;
    if from > to {
        return Err(Fault::Refused(format!("a substring cannot begin at {from} and end at {to}")));
    }
    Ok(Value::text(text.chars().skip(from).take(to - from).collect::<String>()))
}

fn reverse(machine: &mut Machine, args: &[Value]) -> Outcome {
    match &args[0] {
        Value::List(items) => super::list::reverse(machine, items),
        Value::String(text) => {
            made(machine, text.len())?;
            Ok(Value::text(text.chars().rev().collect::<String>()))
        }
        _ => Err(Fault::Unfit),
    }
}

/// How often, from an optional argument: less than zero means always.
fn times(args: &[Value], at: usize) -> Result<Option<usize>, Fault> {
    match args.get(at) {
        None => Ok(None),
        Some(Value::Int(count)) => Ok(usize::try_from(*count).ok()),
        Some(_) => Err(Fault::Unfit),
    }
}

fn replace(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::String(text), Value::String(old), Value::String(new)) = (&args[0], &args[1], &args[2]) else {
        return Err(Fault::Unfit);
    };
    let limit = times(args, 3)?;
    // Paid for before it is made: an empty `old` fits between all characters.
    let most = if old.is_empty() { text.len() + 1 } else { text.len() / old.len() };
    let most = limit.map_or(most, |limit| most.min(limit));
    made(machine, text.len() + most.saturating_mul(new.len()))?;
    Ok(Value::text(match limit {
        Some(limit) => text.replacen(&**old, new, limit),
        None => text.replace(&**old, new),
    }))
}

fn split(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::String(text), Value::String(separator)) = (&args[0], &args[1]) else { return Err(Fault::Unfit) };
    made(machine, text.len() * 16)?;
    let limit = times(args, 2)?.unwrap_or(usize::MAX);
    if limit == 0 {
        return Ok(Value::list([]));
    }
    if separator.is_empty() {
        // Into characters, the last of which takes what is left.
        let mut parts: Vec<Value> = Vec::new();
        let mut rest = &**text;
        while let Some(letter) = rest.chars().next().filter(|_| parts.len() + 1 < limit) {
            parts.push(Value::text(letter.to_string()));
            rest = &rest[letter.len_utf8()..];
        }
        if !rest.is_empty() {
            parts.push(Value::text(rest));
        }
        return Ok(Value::List(parts.into()));
    }
    Ok(Value::list(text.splitn(limit, &**separator).map(Value::text)))
}

fn join(machine: &mut Machine, args: &[Value]) -> Outcome {
    let Value::List(items) = &args[0] else { return Err(Fault::Unfit) };
    let separator = match args.get(1) {
        None => "",
        Some(Value::String(separator)) => &**separator,
        Some(_) => return Err(Fault::Unfit),
    };
    let mut joined = String::new();
    for (at, item) in items.iter().enumerate() {
        let Value::String(item) = item else { return Err(Fault::Unfit) };
        machine.burn(1)?;
        made(machine, item.len() + separator.len())?;
        joined.push_str(if at == 0 { "" } else { separator });
        joined.push_str(item);
    }
    Ok(Value::text(joined))
}

fn matches(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::String(text), Value::String(pattern)) = (&args[0], &args[1]) else { return Err(Fault::Unfit) };
    machine.burn(search_cost(text, pattern))?;
    Ok(Value::Bool(machine.pattern(pattern)?.is_match(text)))
}

fn find(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::String(text), Value::String(pattern)) = (&args[0], &args[1]) else { return Err(Fault::Unfit) };
    machine.burn(search_cost(text, pattern))?;
    let found = machine.pattern(pattern)?.find(text).map_or("", |found| found.as_str());
    Ok(Value::text(found))
}

fn find_all(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::String(text), Value::String(pattern)) = (&args[0], &args[1]) else { return Err(Fault::Unfit) };
    let limit = times(args, 2)?.unwrap_or(usize::MAX);
    machine.burn(search_cost(text, pattern) + text.len() as u64)?;
    let found = machine.pattern(pattern)?.find_iter(text).take(limit);
    Ok(Value::list(found.map(|found| Value::text(found.as_str()))))
}

/// A search is linear in the text and in the pattern.
fn search_cost(text: &str, pattern: &str) -> u64 {
    1 + text.len() as u64 * (pattern.len() as u64 / 8 + 1) / 2
}

fn encode(machine: &mut Machine, args: &[Value]) -> Outcome {
    let Value::Bytes(bytes) = &args[0] else { return Err(Fault::Unfit) };
    made(machine, bytes.len() * 2)?;
    Ok(Value::text(BASE64.encode(bytes)))
}

fn decode(machine: &mut Machine, args: &[Value]) -> Outcome {
    let Value::String(text) = &args[0] else { return Err(Fault::Unfit) };
    made(machine, text.len())?;
    // Kubernetes takes it without padding, too.
    let bare = text.trim_end_matches('=');
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(bare);
    bytes.map(|bytes| Value::Bytes(bytes.into())).map_err(|_| Fault::Refused("this is not base64".to_owned()))
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '\x07' => quoted.push_str("\\a"),
            '\x08' => quoted.push_str("\\b"),
            '\x0c' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\x0b' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// `'%s has %d'.format([name, count])`.
fn format(machine: &mut Machine, args: &[Value]) -> Outcome {
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
    let number = match value {
        Value::Double(value) => Some(*value),
        Value::Int(value) => Some(*value as f64),
        Value::Uint(value) => Some(*value as f64),
        _ => None,
    };
    let done = match (verb, value) {
        ('s', value) => {
            out.push_str(&plain(value));
            Ok(())
        }
        ('d', Value::Int(value)) => write!(out, "{value}"),
        ('d', Value::Uint(value)) => write!(out, "{value}"),
        ('d', Value::Double(_)) => write!(out, "{}", plain(value)),
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
        ('f', _) if number.is_some() => {
            let number = number.unwrap_or_default();
            if number.is_finite() {
                write!(out, "{number:.0$}", precision.unwrap_or(6))
            } else {
                write!(out, "{}", plain(&Value::Double(number)))
            }
        }
        ('e', _) if number.is_some() => {
            let text = format!("{:.1$e}", number.unwrap_or_default(), precision.unwrap_or(6));
            let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let exponent: i32 = exponent.parse().unwrap_or_default();
            let sign = if exponent < 0 { '-' } else { '+' };
            write!(out, "{digits}e{sign}{:02}", exponent.abs())
        }
        (verb, value) => {
            return Err(Fault::Refused(format!("`%{verb}` does not take a {}", value.type_name())));
        }
    };
    // Writing to a string does not fail.
    done.map_err(|_| Fault::Unfit)
}

/// A value as `%s` writes it.
pub(crate) fn plain(value: &Value) -> String {
    let listed = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(", ");
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Double(value) if value.is_infinite() => if *value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        Value::Double(value) => double_text(*value),
        Value::String(text) => text.to_string(),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::List(items) => format!("[{}]", listed(&mut items.iter().map(plain))),
        Value::Map(entries) => {
            let mut entries = entries.iter().map(|(key, value)| format!("{}: {}", key_text(key), plain(value)));
            format!("{{{}}}", listed(&mut entries))
        }
        Value::Duration(duration) => duration.to_string(),
        Value::Timestamp(time) => time.to_string(),
        Value::Quantity(quantity) => quantity.to_string(),
        Value::Ip(address) => address.to_string(),
        Value::Cidr(network) => network.to_string(),
        Value::Url(url) => url.text.clone(),
        Value::Semver(version) => version.to_string(),
        Value::Format(name) | Value::Type(name) => (*name).to_owned(),
        Value::Optional(None) => "optional.none()".to_owned(),
        Value::Optional(Some(value)) => plain(value),
    }
}

fn key_text(key: &Key) -> Arc<str> {
    match key {
        Key::String(text) => Arc::clone(text),
        other => plain(&other.value()).into(),
    }
}
