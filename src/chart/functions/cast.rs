//! Numbers out of whatever is given, as `spf13/cast` makes them: zero where there is none.

use crate::chart::syntax::parse_unsigned;
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
    let decimal = lower.starts_with(|it: char| it == '.' || it.is_ascii_digit()) && !lower.starts_with("0x");
    if !decimal || lower.contains('_') {
        return None;
    }
    let number: f64 = lower.parse().ok()?;
    // Out of range is an error.
    number.is_finite().then_some(sign * number)
}
