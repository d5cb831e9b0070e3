//! Conversions between types, and `size`.

use super::{Function, call, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::value::{Value, as_int, double_text};

pub(crate) static FUNCTIONS: &[Function] = &[
    call("bool", 1, 1, bool),
    call("bytes", 1, 1, bytes),
    call("double", 1, 1, double),
    call("dyn", 1, 1, |_, args| Ok(args[0].clone())),
    call("int", 1, 1, int),
    call("string", 1, 1, string),
    on("string", 0, 0, string),
    call("type", 1, 1, |_, args| Ok(Value::Type(args[0].type_name()))),
    call("uint", 1, 1, uint),
    call("size", 1, 1, size),
    on("size", 0, 0, size),
];

fn refuse(value: &Value, kind: &str) -> Fault {
    Fault::Refused(format!("`{}` cannot be turned into {kind}", super::text::plain(value)))
}

fn bool(_: &mut Machine, args: &[Value]) -> Outcome {
    match &args[0] {
        Value::Bool(value) => Ok(Value::Bool(*value)),
        Value::String(text) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => Err(refuse(&args[0], "a boolean")),
        },
        _ => Err(Fault::Unfit),
    }
}

fn bytes(_: &mut Machine, args: &[Value]) -> Outcome {
    match &args[0] {
        Value::Bytes(bytes) => Ok(Value::Bytes(bytes.clone())),
        Value::String(text) => Ok(Value::Bytes(text.as_bytes().into())),
        _ => Err(Fault::Unfit),
    }
}

fn double(_: &mut Machine, args: &[Value]) -> Outcome {
    match &args[0] {
        Value::Double(value) => Ok(Value::Double(*value)),
        Value::Int(value) => Ok(Value::Double(*value as f64)),
        Value::Uint(value) => Ok(Value::Double(*value as f64)),
        Value::String(text) => {
            let value = text
                .parse()
                .ok()
                .filter(|value: &f64| value.is_finite() || !text.contains(|l: char| l.is_ascii_digit()));
            value.map(Value::Double).ok_or_else(|| refuse(&args[0], "a double"))
        }
        _ => Err(Fault::Unfit),
    }
}

fn int(_: &mut Machine, args: &[Value]) -> Outcome {
    let value = match &args[0] {
        Value::Int(value) => Some(*value),
        Value::Uint(value) => i64::try_from(*value).ok(),
        Value::Double(value) => as_int(value.trunc()),
        Value::String(text) => text.parse().ok(),
        Value::Timestamp(time) => Some(time.seconds()),
        Value::Duration(duration) => Some(duration.0),
        _ => return Err(Fault::Unfit),
    };
    value.map(Value::Int).ok_or_else(|| refuse(&args[0], "an integer"))
}

fn uint(_: &mut Machine, args: &[Value]) -> Outcome {
    let value = match &args[0] {
        Value::Uint(value) => Some(*value),
        Value::Int(value) => u64::try_from(*value).ok(),
        Value::Double(value) => {
            let whole = value.trunc();
            (0.0..18_446_744_073_709_551_616.0).contains(&whole).then_some(whole as u64)
        }
        Value::String(text) => text.parse().ok().filter(|_| !text.starts_with('+')),
        _ => return Err(Fault::Unfit),
    };
    value.map(Value::Uint).ok_or_else(|| refuse(&args[0], "an unsigned integer"))
}

fn string(_: &mut Machine, args: &[Value]) -> Outcome {
    let text = match &args[0] {
        Value::String(text) => return Ok(Value::String(text.clone())),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Double(value) => double_text(*value),
        Value::Bytes(bytes) => {
            std::str::from_utf8(bytes).map_err(|_| Fault::Refused("the bytes are not UTF-8".to_owned()))?.to_owned()
        }
        Value::Timestamp(time) => time.to_string(),
        Value::Duration(duration) => duration.to_string(),
        Value::Ip(address) => address.to_string(),
        Value::Cidr(network) => network.to_string(),
        _ => return Err(Fault::Unfit),
    };
    Ok(Value::text(text))
}

fn size(_: &mut Machine, args: &[Value]) -> Outcome {
    let size = match &args[0] {
        // Characters, not bytes.
        Value::String(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        _ => return Err(Fault::Unfit),
    };
    Ok(Value::Int(size as i64))
}
