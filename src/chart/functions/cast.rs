//! Numbers out of whatever is given, as `spf13/cast` makes them: zero where there is none.

use crate::chart::syntax::{parse_float as parse_go_float, parse_unsigned};
use crate::chart::value::{Data, Value};

pub(super) fn to_int(value: &Value) -> i64 {
    match &value.data {
        Data::Int(number, _) => *number,
        Data::Float(number) => float_to_int(*number),
        Data::Bool(it) => i64::from(*it),
        Data::Text(text) => parse_int(without_zero_decimal(&text.str())).unwrap_or(0),
        _ => 0,
    }
}

pub(super) fn to_float(value: &Value) -> f64 {
    match &value.data {
        Data::Int(number, kind) if kind.is_unsigned() => *number as u64 as f64,
        Data::Int(number, _) => *number as f64,
        Data::Float(number) => *number,
        Data::Bool(it) => f64::from(u8::from(*it)),
        Data::Text(text) => parse_float(&text.str()).unwrap_or(0.0),
        _ => 0.0,
    }
}

/// What processors give for what is out of range.
pub(super) fn float_to_int(number: f64) -> i64 {
    if number.is_nan() || !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        return i64::MIN;
    }
    number as i64
}

/// An integer with a prefix of its base, or none.
fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let magnitude = i128::from(parse_unsigned(digits)?);
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

fn without_zero_decimal(text: &str) -> &str {
    match text.trim_end_matches('0').strip_suffix('.') {
        Some(whole) if text.ends_with('0') => whole,
        _ => text,
    }
}

/// A float as Go's `ParseFloat` reads it, with hexadecimal ones and words.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match &*lower {
        "inf" | "infinity" => return Some(sign * f64::INFINITY),
        "nan" => return Some(f64::NAN),
        _ => {}
    }
    let float = parse_go_float(text)?;
    // Out of range is an error.
    float.is_finite().then_some(float)
}

/// A decimal integer; zero where there is none, and the nearest there is where it is out of range, as Go gives it beside its
/// error. That is noticed before what follows is looked at.
pub(super) fn clamped(text: &str) -> i64 {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let limit = if negative { i64::MIN } else { i64::MAX };
    let mut magnitude: u64 = 0;
    for letter in digits.chars() {
        let Some(digit) = letter.to_digit(10) else { return 0 };
        let Some(next) = magnitude.checked_mul(10).and_then(|it| it.checked_add(digit.into())) else { return limit };
        magnitude = next;
    }
    let signed = if negative { -i128::from(magnitude) } else { magnitude.into() };
    i64::try_from(signed).unwrap_or(limit)
}
