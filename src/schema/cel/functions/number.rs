//! Arithmetic, and the `math` library.

use super::{Function, call};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::syntax::Operator;
use crate::schema::cel::value::Value;

pub(crate) static FUNCTIONS: &[Function] = &[
    call("math.abs", 1, 1, abs),
    call("math.ceil", 1, 1, |_, args| rounded(args, f64::ceil)),
    call("math.floor", 1, 1, |_, args| rounded(args, f64::floor)),
    call("math.greatest", 1, 64, |machine, args| extreme(machine, args, std::cmp::Ordering::Greater)),
    call("math.isFinite", 1, 1, |_, args| test(args, f64::is_finite)),
    call("math.isInf", 1, 1, |_, args| test(args, f64::is_infinite)),
    call("math.isNaN", 1, 1, |_, args| test(args, f64::is_nan)),
    call("math.least", 1, 64, |machine, args| extreme(machine, args, std::cmp::Ordering::Less)),
    call("math.round", 1, 1, |_, args| rounded(args, f64::round)),
    call("math.sign", 1, 1, sign),
    call("math.trunc", 1, 1, |_, args| rounded(args, f64::trunc)),
];

fn overflow() -> Fault {
    Fault::Refused("the number overflows".to_owned())
}

/// `+ - * / %` on all types that have them.
pub(crate) fn arithmetic(machine: &mut Machine, operator: Operator, left: &Value, right: &Value) -> Outcome {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => integer(operator, *a, *b).map(Value::Int),
        (Value::Uint(a), Value::Uint(b)) => unsigned(operator, *a, *b).map(Value::Uint),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            _ => return Err(Fault::Unfit),
        })),
        (Value::String(a), Value::String(b)) if operator == Operator::Add => {
            machine.burn((a.len() + b.len()) as u64 / 8)?;
            Ok(Value::text(format!("{a}{b}")))
        }
        (Value::Bytes(a), Value::Bytes(b)) if operator == Operator::Add => {
            machine.burn((a.len() + b.len()) as u64 / 8)?;
            Ok(Value::Bytes([&**a, &**b].concat().into()))
        }
        (Value::List(a), Value::List(b)) if operator == Operator::Add => {
            machine.burn((a.len() + b.len()) as u64)?;
            super::list::joined(machine, a, b).map(Value::List)
        }
        _ => super::time::arithmetic(operator, left, right),
    }
}

fn integer(operator: Operator, a: i64, b: i64) -> Result<i64, Fault> {
    match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide | Operator::Remainder if b == 0 => {
            return Err(Fault::Refused("this divides by zero".to_owned()));
        }
        Operator::Divide => a.checked_div(b),
        Operator::Remainder => a.checked_rem(b),
        _ => return Err(Fault::Unfit),
    }
    .ok_or_else(overflow)
}

fn unsigned(operator: Operator, a: u64, b: u64) -> Result<u64, Fault> {
    match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide | Operator::Remainder if b == 0 => {
            return Err(Fault::Refused("this divides by zero".to_owned()));
        }
        Operator::Divide => a.checked_div(b),
        Operator::Remainder => a.checked_rem(b),
        _ => return Err(Fault::Unfit),
    }
    .ok_or_else(overflow)
}

fn abs(_: &mut Machine, args: &[Value]) -> Outcome {
    match &args[0] {
        Value::Int(value) => value.checked_abs().map(Value::Int).ok_or_else(overflow),
        Value::Uint(value) => Ok(Value::Uint(*value)),
        Value::Double(value) => Ok(Value::Double(value.abs())),
        _ => Err(Fault::Unfit),
    }
}

fn sign(_: &mut Machine, args: &[Value]) -> Outcome {
    match &args[0] {
        Value::Int(value) => Ok(Value::Int(value.signum())),
        Value::Uint(value) => Ok(Value::Uint(u64::from(*value > 0))),
        Value::Double(value) if *value == 0.0 || value.is_nan() => Ok(Value::Double(*value)),
        Value::Double(value) => Ok(Value::Double(value.signum())),
        _ => Err(Fault::Unfit),
    }
}

fn rounded(args: &[Value], round: fn(f64) -> f64) -> Outcome {
    match &args[0] {
        Value::Double(value) => Ok(Value::Double(round(*value))),
        _ => Err(Fault::Unfit),
    }
}

fn test(args: &[Value], test: fn(f64) -> bool) -> Outcome {
    match &args[0] {
        Value::Double(value) => Ok(Value::Bool(test(*value))),
        _ => Err(Fault::Unfit),
    }
}

/// The greatest or least of the arguments, or of the only one if that is a list.
fn extreme(machine: &mut Machine, args: &[Value], wanted: std::cmp::Ordering) -> Outcome {
    let items = match args {
        [Value::List(items)] => items,
        _ => args,
    };
    let is_number = |value: &Value| matches!(value, Value::Int(_) | Value::Uint(_) | Value::Double(_));
    if !items.iter().all(is_number) {
        return Err(Fault::Unfit);
    }
    super::list::extreme(machine, items, wanted)
}
