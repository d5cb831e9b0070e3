//! Strings: the standard functions, `cel-go/ext` strings and encoders, Kubernetes' regular expressions.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{Function, call, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::value::{Key, Value, double_text};
use crate::schema::pattern::Reach;

pub(crate) static FUNCTIONS: &[Function] = &[
    on("charAt", 1, 1, char_at),
    on("contains", 1, 1, |machine, args| test(machine, args, |text, part| text.contains(part))),
    on("endsWith", 1, 1, |machine, args| test(machine, args, |text, part| text.ends_with(part))),
    on("find", 1, 1, find),
    on("findAll", 1, 2, find_all),
    on("format", 1, 1, super::written::format),
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
pub(super) fn made(machine: &mut Machine, bytes: usize) -> Result<(), Fault> {
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
    usize::try_from(*at).ok().filter(|at| *at <= length).ok_or_else(|| outside(*at, length))
}

fn outside(at: i64, length: usize) -> Fault {
    Fault::Refused(format!("there is no character {at} in a string of {length}"))
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
    let bound = match args.get(2) {
        None => None,
        Some(Value::Int(at)) => Some(usize::try_from(*at).map_err(|_| outside(*at, text.chars().count()))?),
        Some(_) => return Err(Fault::Unfit),
    };
    // An empty part is wherever it is looked for.
    if part.is_empty() {
        let at = bound.unwrap_or(if from_end { text.chars().count() } else { 0 });
        return Ok(Value::Int(at as i64));
    }
    let start = match bound {
        // Nothing is found from behind the end on, in either direction.
        Some(at) => text.char_indices().nth(at).map(|(byte, _)| byte),
        None => Some(if from_end { text.len() } else { 0 }),
    };
    let found = start.and_then(|start| {
        if from_end {
            // The match begins at the bound or before it, and so ends at most its length behind that.
            let most = (start + part.len()).min(text.len());
            let end = (0..=most).rev().find(|end| text.is_char_boundary(*end))?;
            text[..end].rfind(&**part)
        } else {
            text[start..].find(&**part).map(|at| start + at)
        }
    });
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
    Ok(Value::text(machine.pattern(pattern)?.find(text).unwrap_or_default()))
}

fn find_all(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::String(text), Value::String(pattern)) = (&args[0], &args[1]) else { return Err(Fault::Unfit) };
    let limit = times(args, 2)?.unwrap_or(usize::MAX);
    // Each search may go through all that is left of the text, so each is paid for.
    let reach = Reach::of(pattern);
    machine.burn(reach.search(text.len()))?;
    let mut left = machine.fuel;
    let may_go_on = |at: usize| {
        let paid = left.checked_sub(reach.search(text.len() - at));
        left = paid.unwrap_or(0);
        paid.is_some()
    };
    let found = machine.pattern(pattern)?.find_all(text, limit, may_go_on);
    machine.fuel = machine.fuel.min(left);
    Ok(Value::list(found.ok_or(Fault::Exhausted)?.into_iter().map(Value::text)))
}

/// A search is linear in the text and in the pattern with its repetitions written out.
fn search_cost(text: &str, pattern: &str) -> u64 {
    Reach::of(pattern).search(text.len())
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

pub(super) fn quote(text: &str) -> String {
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

/// A value as messages show it.
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
