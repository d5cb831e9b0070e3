//! What a plain scalar means to `go-yaml` v2, which Helm reads and writes YAML with.

use crate::chart::print::float as go_float;
use crate::chart::syntax::parse_unsigned;
use crate::chart::time::{self, Time};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::chart) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Time(Time),
    Merge,
    Text,
}

/// The meaning of a scalar that has neither quotes nor a tag.
pub(in crate::chart) fn resolve(text: &str) -> Scalar {
    let Some(first) = text.bytes().next() else { return Scalar::Null };
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        "<<" => return Scalar::Merge,
        _ => {}
    }
    match first {
        b'.' => float(text).map_or(Scalar::Text, Scalar::Float),
        b'0'..=b'9' | b'+' | b'-' => number(text),
        _ => Scalar::Text,
    }
}

fn number(text: &str) -> Scalar {
    if let Some(time) = timestamp(text) {
        return Scalar::Time(time);
    }
    let plain = text.replace('_', "");
    let (negative, digits) = match plain.strip_prefix(['+', '-']) {
        Some(digits) => (plain.starts_with('-'), digits),
        None => (false, &*plain),
    };
    if let Some(magnitude) = parse_unsigned(digits) {
        let signed = if negative { -i128::from(magnitude) } else { magnitude.into() };
        if let Ok(int) = i64::try_from(signed) {
            return Scalar::Int(int);
        }
        if !plain.starts_with(['+', '-']) {
            return Scalar::Unsigned(magnitude);
        }
    }
    float(&plain).map_or(Scalar::Text, Scalar::Float)
}

/// A float in decimal digits.
fn float(text: &str) -> Option<f64> {
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || (whole.is_empty() && part.is_empty()) {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    let value: f64 = text.parse().ok()?;
    // Out of range is an error in Go; it stays a text.
    value.is_finite().then_some(value)
}

fn timestamp(text: &str) -> Option<Time> {
    const LAYOUTS: [&str; 4] =
        ["2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999", "2006-1-2"];
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits != 4 || text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    LAYOUTS.iter().find_map(|layout| time::parse(layout, text))
}

/// `1:30` and its like, which YAML 1.1 reads as a number to the base of 60: written with quotes for others.
pub(super) fn is_base_60(text: &str) -> bool {
    let Some((first, rest)) = text.strip_prefix(['+', '-']).unwrap_or(text).split_once(':') else { return false };
    let whole = first.starts_with(|it: char| it.is_ascii_digit())
        && first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let (steps, part) = rest.split_once('.').unwrap_or((rest, ""));
    let step = |step: &str| match step.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, digit] => (b'0'..=b'5').contains(tens) && digit.is_ascii_digit(),
        _ => false,
    };
    whole && steps.split(':').all(step) && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// A float as a key of JSON: in the digits of Go's `'g'` for 32 bits, as sigs.k8s.io/yaml writes it.
pub(in crate::chart) fn short_float(number: f64) -> String {
    let short = number as f32;
    if !short.is_finite() {
        return go_float(short.into(), 'g', None);
    }
    let written = format!("{short:e}");
    let exponent = written.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok()).unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return short.to_string();
    }
    let mantissa = written.split('e').next().unwrap_or_default();
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::short_float;

    #[test]
    fn floats_are_short() {
        for (number, expected) in [(1.1, "1.1"), (100_000.5, "100000.5"), (1e6, "1e+06"), (0.00001, "1e-05")] {
            assert_eq!(short_float(number), expected);
        }
    }
}
