//! Optional values.

use std::sync::Arc;

use super::{Function, call, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::value::Value;

pub(crate) static FUNCTIONS: &[Function] = &[
    call("optional.none", 0, 0, |_, _| Ok(Value::Optional(None))),
    call("optional.of", 1, 1, |_, args| Ok(Value::some(args[0].clone()))),
    call("optional.ofNonZeroValue", 1, 1, of_non_zero),
    call("optional.unwrap", 1, 1, unwrap),
    on("hasValue", 0, 0, has_value),
    on("or", 1, 1, or),
    on("orValue", 1, 1, or_value),
    on("unwrapOpt", 0, 0, unwrap),
    on("value", 0, 0, value),
];

#[allow(clippy::unnecessary_wraps, reason = "all functions have one signature")]
fn of_non_zero(_: &mut Machine, args: &[Value]) -> Outcome {
    let zero = match &args[0] {
        Value::Null | Value::Bool(false) | Value::Int(0) | Value::Uint(0) => true,
        Value::Double(value) => *value == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Duration(duration) => duration.0 == 0,
        Value::Timestamp(time) => time.is_zero(),
        _ => false,
    };
    Ok(Value::Optional((!zero).then(|| Arc::new(args[0].clone()))))
}

fn has_value(_: &mut Machine, args: &[Value]) -> Outcome {
    match &args[0] {
        Value::Optional(value) => Ok(Value::Bool(value.is_some())),
        _ => Err(Fault::Unfit),
    }
}

fn value(_: &mut Machine, args: &[Value]) -> Outcome {
    match &args[0] {
        Value::Optional(Some(value)) => Ok((**value).clone()),
        Value::Optional(None) => Err(Fault::Refused("the optional value is not there".to_owned())),
        _ => Err(Fault::Unfit),
    }
}

fn or(_: &mut Machine, args: &[Value]) -> Outcome {
    match (&args[0], &args[1]) {
        (Value::Optional(None), other @ Value::Optional(_)) => Ok(other.clone()),
        (own @ Value::Optional(Some(_)), Value::Optional(_)) => Ok(own.clone()),
        _ => Err(Fault::Unfit),
    }
}

fn or_value(_: &mut Machine, args: &[Value]) -> Outcome {
    match &args[0] {
        Value::Optional(Some(value)) => Ok((**value).clone()),
        Value::Optional(None) => Ok(args[1].clone()),
        _ => Err(Fault::Unfit),
    }
}

/// The values of a list of optional values that are there.
fn unwrap(machine: &mut Machine, args: &[Value]) -> Outcome {
    let Value::List(items) = &args[0] else { return Err(Fault::Unfit) };
    machine.burn(items.len() as u64)?;
    let mut there = Vec::new();
    for item in items.iter() {
        match item {
            Value::Optional(value) => there.extend(value.as_deref().cloned()),
            _ => return Err(Fault::Unfit),
        }
    }
    Ok(Value::List(there.into()))
}
