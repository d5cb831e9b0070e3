//! What a plain scalar means to Go's reader of YAML 1.1.

use super::{Node, Number};

/// The meaning of a plain scalar, by its text.
pub(super) fn plain(text: &str) -> Node {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Node::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Node::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Node::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Node::Number(Number::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Node::Number(Number::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return Node::Number(Number::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    let number = match text.as_bytes().first() {
        Some(b'.') => float(text),
        Some(b'0'..=b'9' | b'+' | b'-') if !is_date(text) => number(&text.replace('_', "")),
        _ => None,
    };
    number.map_or_else(|| Node::Text(text.into()), Node::Number)
}

fn number(text: &str) -> Option<Number> {
    integer(text).or_else(|| if is_float(text) { float(text) } else { None })
}

/// An integer in one of Go's ways to write it: `0x1f`, `0o17`, `017`, `0b11`.
fn integer(text: &str) -> Option<Number> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let prefix = digits.get(..2).unwrap_or_default();
    let (radix, digits) = match prefix {
        "0x" | "0X" => (16, &digits[2..]),
        "0o" | "0O" => (8, &digits[2..]),
        "0b" | "0B" => (2, &digits[2..]),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.starts_with(|digit: char| digit.is_digit(radix)) {
        return None;
    }
    if let Ok(number) = i128::from_str_radix(digits, radix) {
        let number = number * sign;
        let small = i64::try_from(number).map(Number::Int).ok();
        // A sign stands only before what fits.
        let large = || u64::try_from(number).map(Number::UInt).ok().filter(|_| !text.starts_with(['+', '-']));
        return small.or_else(large);
    }
    None
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    is_mantissa && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}

fn float(text: &str) -> Option<Number> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    let number = text.parse::<f64>().ok().filter(|number| is_number && number.is_finite())?;
    Some(Number::Float(number))
}

/// Whether it begins as a date does: what is one stays a text, and what is none isn't a number either.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 4 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-'
}

/// A float in the digits of Go's `'g'` for 32 bits.
pub fn short_float(number: f64) -> String {
    let short = number as f32;
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
    use super::*;

    #[test]
    fn words_and_numbers_are_those_of_yaml_1_1() {
        let int = |number| Node::Number(Number::Int(number));
        let float = |number| Node::Number(Number::Float(number));
        for (text, expected) in [
            ("yes", Node::Bool(true)),
            ("off", Node::Bool(false)),
            ("y", Node::Bool(true)),
            ("~", Node::Null),
            ("0755", int(493)),
            ("0o17", int(15)),
            ("0x1F", int(31)),
            ("0b11", int(3)),
            ("1_000", int(1000)),
            ("-5", int(-5)),
            ("+5", int(5)),
            ("08", float(8.0)),
            ("1.30", float(1.3)),
            ("1e3", float(1000.0)),
            (".5", float(0.5)),
            ("5.", float(5.0)),
            ("18446744073709551615", Node::Number(Number::UInt(u64::MAX))),
            ("2024-01-02", Node::Text("2024-01-02".into())),
            ("1:30", Node::Text("1:30".into())),
            ("1.2.3", Node::Text("1.2.3".into())),
            ("0x", Node::Text("0x".into())),
            ("--", Node::Text("--".into())),
            ("100m", Node::Text("100m".into())),
            (".", Node::Text(".".into())),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    #[test]
    fn floats_are_short() {
        for (number, expected) in [(1.1, "1.1"), (100_000.5, "100000.5"), (1e6, "1e+06"), (0.00001, "1e-05")] {
            assert_eq!(short_float(number), expected);
        }
    }
}
