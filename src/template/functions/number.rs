//! Working with numbers.

use minijinja::filters;
use minijinja::value::Value;

use super::{Function, Run, Section, Usage};
use crate::template::guard;
use crate::template::refusal::Refusal;

pub(super) static SECTION: Section = Section {
    title: "Numbers",
    functions: &[
        Function {
            name: "int",
            usage: Usage::Filter,
            signature: "",
            about: "A number or a text of digits as an integer; what follows the point is cut off.",
            examples: &[("'42' | int", "42"), ("3.9 | int", "3")],
            run: Run::Engine(|| Value::from_function(|value: Value| filters_int(&value))),
        },
        Function {
            name: "float",
            usage: Usage::Filter,
            signature: "",
            about: "A number or a text of digits as a number with a point.",
            examples: &[("'1.5' | float", "1.5"), ("2 | float", "2.0")],
            run: Run::Engine(|| Value::from_function(|value: Value| filters_float(&value))),
        },
        Function {
            name: "abs",
            usage: Usage::Filter,
            signature: "",
            about: "Without its sign.",
            examples: &[("-3 | abs", "3")],
            run: Run::Engine(|| Value::from_function(filters::abs)),
        },
        Function {
            name: "round",
            usage: Usage::Filter,
            signature: "precision=0",
            about: "Rounded to so many digits after the point.",
            examples: &[("2.6 | round", "3.0"), ("1.2345 | round(2)", "1.23")],
            run: Run::Engine(|| Value::from_function(filters::round)),
        },
    ],
};

fn refuse(what: &str) -> minijinja::Error {
    minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, what.to_owned())
}

/// The engine's own makes 0 of a text that is no number.
fn filters_int(value: &Value) -> Result<Value, minijinja::Error> {
    if let Some(text) = value.as_str() {
        return text.trim().parse::<i64>().map(Value::from).map_err(|_| refuse("not an integer"));
    }
    if value.is_integer() {
        return Ok(value.clone());
    }
    let float = f64::try_from(value.clone())?;
    #[allow(clippy::cast_precision_loss, reason = "a bound, not a value")]
    let fits = float.is_finite() && float.abs() < i64::MAX as f64;
    if fits && float.abs() > EXACT {
        return Err(inexact());
    }
    if fits && value.is_number() { Ok(Value::from(float as i64)) } else { Err(refuse("not a number")) }
}

/// Up to here, each integer is a number with a point as well: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn inexact() -> minijinja::Error {
    let refusal = Refusal::operation("digits of this number would be lost");
    refusal.help("beyond 9007199254740992, a number with a point does not keep all its digits").into()
}

fn filters_float(value: &Value) -> Result<Value, minijinja::Error> {
    let is_digits = |text: &str| text.trim().trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit());
    let integer = match value.as_str() {
        Some(text) if is_digits(text) => text.trim().parse::<i128>().ok(),
        None if value.is_integer() => i128::try_from(value.clone()).ok(),
        _ => None,
    };
    if integer.is_some_and(|integer| !guard::is_exact(integer)) {
        return Err(inexact());
    }
    let float = match value.as_str() {
        Some(text) => text.trim().parse::<f64>().map_err(|_| refuse("not a number"))?,
        None if value.is_number() => f64::try_from(value.clone())?,
        None => return Err(refuse("not a number")),
    };
    if float.is_finite() { Ok(Value::from(float)) } else { Err(refuse("not finite")) }
}
