//! Floats as Go's `strconv` writes them.

/// A float by one of the verbs `e`, `E`, `f`, `F`, `g` and `G`; without a precision by as few digits as tell it apart.
pub(in crate::chart) fn float(value: f64, verb: char, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    match verb {
        'e' | 'E' => with_exponent(value, precision, verb),
        'f' | 'F' => match precision {
            None => format!("{value}"),
            Some(digits) => format!("{value:.digits$}"),
        },
        _ => general(value, verb, precision),
    }
}

/// Digits and exponent: `123.4` is `1234`, with the point behind the first digit and exponent 2.
fn scientific(value: f64, precision: Option<usize>) -> (bool, String, i32) {
    let written = match precision {
        None => format!("{:e}", value.abs()),
        Some(digits) => format!("{:.digits$e}", value.abs()),
    };
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    (value.is_sign_negative(), digits.replace('.', ""), exponent.parse().unwrap_or(0))
}

fn with_exponent(value: f64, precision: Option<usize>, letter: char) -> String {
    let (negative, digits, exponent) = scientific(value, precision);
    join_exponent(negative, &digits, exponent, letter)
}

fn join_exponent(negative: bool, digits: &str, exponent: i32, letter: char) -> String {
    let sign = if negative { "-" } else { "" };
    let (first, rest) = digits.split_at(1.min(digits.len()));
    let point = if rest.is_empty() { "" } else { "." };
    let direction = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{first}{point}{rest}{letter}{direction}{:02}", exponent.abs())
}

fn general(value: f64, verb: char, precision: Option<usize>) -> String {
    let letter = if verb == 'G' { 'E' } else { 'e' };
    let significant = precision.map(|digits| digits.max(1));
    let (negative, mut digits, exponent) = scientific(value, significant.map(|digits| digits - 1));
    let mut limit = significant.unwrap_or(6) as i32;
    if significant.is_some() {
        let trimmed = digits.trim_end_matches('0').len().max(1);
        digits.truncate(trimmed);
        // A number of few digits is written out though its exponent is as large as the precision.
        if limit > digits.len() as i32 && digits.len() as i32 > exponent {
            limit = digits.len() as i32;
        }
    }
    if exponent < -4 || exponent >= limit {
        return join_exponent(negative, &digits, exponent, letter);
    }
    let sign = if negative { "-" } else { "" };
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat((-exponent - 1) as usize));
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        return format!("{sign}{digits}{}", "0".repeat(whole - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
}
