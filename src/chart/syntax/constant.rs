//! Constants, as Go writes them: quoted texts, characters and numbers.

use super::tree::Number;
use crate::chart::text::Text;

/// What a text in double quotes means. Escapes may name bytes that are no UTF-8.
pub(super) fn unquote(quoted: &str) -> Option<Text> {
    let inner = quoted.get(1..quoted.len().checked_sub(1)?)?;
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        let (unit, after) = unescape(rest, '"')?;
        match unit {
            Unit::Byte(byte) => bytes.push(byte),
            Unit::Char(letter) => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = after;
    }
    Some(Text::from_bytes(bytes))
}

/// The number of a character in single quotes.
pub(super) fn character(quoted: &str) -> Option<Number> {
    let (unit, rest) = unescape(quoted.strip_prefix('\'')?, '\'')?;
    let code = match unit {
        Unit::Byte(byte) => u32::from(byte),
        Unit::Char(letter) => letter as u32,
    };
    let number = Number {
        int: Some(code.into()),
        unsigned: Some(code.into()),
        float: Some(code.into()),
        looks_like_float: false,
    };
    (rest == "'").then_some(number)
}

enum Unit {
    Byte(u8),
    Char(char),
}

fn unescape(text: &str, quote: char) -> Option<(Unit, &str)> {
    let first = text.chars().next()?;
    if first == quote || first == '\n' {
        return None;
    }
    let rest = &text[first.len_utf8()..];
    if first != '\\' {
        return Some((Unit::Char(first), rest));
    }
    let kind = rest.chars().next()?;
    let rest = &rest[kind.len_utf8()..];
    let digits = |count: usize, radix: u32| {
        let digits = rest.get(..count).filter(|digits| digits.chars().all(|digit| digit.is_digit(radix)))?;
        Some((u32::from_str_radix(digits, radix).ok()?, &rest[count..]))
    };
    let letter = |letter: char| Some((Unit::Char(letter), rest));
    match kind {
        'a' => letter('\u{7}'),
        'b' => letter('\u{8}'),
        'f' => letter('\u{c}'),
        'n' => letter('\n'),
        'r' => letter('\r'),
        't' => letter('\t'),
        'v' => letter('\u{b}'),
        '\\' => letter('\\'),
        '\'' | '"' if kind == quote => letter(quote),
        'x' => digits(2, 16).map(|(code, rest)| (Unit::Byte(code as u8), rest)),
        'u' => digits(4, 16).and_then(|(code, rest)| Some((Unit::Char(char::from_u32(code)?), rest))),
        'U' => digits(8, 16).and_then(|(code, rest)| Some((Unit::Char(char::from_u32(code)?), rest))),
        '0'..='7' => {
            let more = rest.get(..2).filter(|digits| digits.chars().all(|digit| digit.is_digit(8)))?;
            let code = u32::from_str_radix(&format!("{kind}{more}"), 8).ok().filter(|code| *code < 256)?;
            Some((Unit::Byte(code as u8), &rest[2..]))
        }
        _ => None,
    }
}

/// All kinds of number that a text can be.
pub(super) fn number(text: &str) -> Option<Number> {
    let looks_hex = text.starts_with("0x") || text.starts_with("0X");
    let has_float_mark = text.contains(['.', 'e', 'E', 'p', 'P']);
    let looks_like_float = has_float_mark && (!looks_hex || text.contains(['p', 'P']));
    let unsigned = parse_unsigned(text);
    let int = parse_signed(text);
    if let Some(int) = int {
        let unsigned = if int == 0 { Some(0) } else { unsigned };
        return Some(Number { int: Some(int), unsigned, float: Some(int as f64), looks_like_float });
    }
    if let Some(unsigned) = unsigned {
        return Some(Number { int: None, unsigned: Some(unsigned), float: Some(unsigned as f64), looks_like_float });
    }
    if !has_float_mark {
        return None;
    }
    let float = parse_float(text)?;
    let int = (float.fract() == 0.0 && float.abs() < 9.2e18).then_some(float as i64);
    let unsigned = (float.fract() == 0.0 && (0.0..1.8e19).contains(&float)).then_some(float as u64);
    Some(Number { int, unsigned, float: Some(float), looks_like_float })
}

fn parse_signed(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let magnitude = i128::from(parse_unsigned(digits)?);
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// Digits with a prefix of their base: `0x`, `0o` or `0`, `0b`; underscores stand between digits.
pub(in crate::chart) fn parse_unsigned(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (radix, digits, prefixed) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..], true),
        Some("0o") => (8, &lower[2..], true),
        Some("0b") => (2, &lower[2..], true),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..], true),
        _ => (10, &*lower, false),
    };
    let sound = underscores_are_sound(digits, prefixed);
    let plain = digits.replace('_', "");
    let all_digits = !plain.is_empty() && plain.chars().all(|digit| digit.is_digit(radix));
    if sound && all_digits { u64::from_str_radix(&plain, radix).ok() } else { None }
}

fn underscores_are_sound(digits: &str, prefixed: bool) -> bool {
    !digits.contains('_') || (!digits.ends_with('_') && !digits.contains("__") && prefixed | !digits.starts_with('_'))
}

/// A float in decimal or hexadecimal digits, with underscores between digits.
pub(in crate::chart) fn parse_float(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    if !underscores_are_between_digits(unsigned) {
        return None;
    }
    let plain = unsigned.replace('_', "");
    let sign = if lower.starts_with('-') { -1.0 } else { 1.0 };
    if let Some(hex) = plain.strip_prefix("0x") {
        let (mantissa, exponent) = hex.split_once('p')?;
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = u64::from_str_radix(&format!("{whole}{part}"), 16).ok()?;
        let shift = exponent.parse::<i32>().ok()?.checked_sub(4 * part.len() as i32)?;
        return Some(sign * digits as f64 * 2f64.powi(shift));
    }
    let is_decimal = plain.bytes().all(|byte| byte.is_ascii_digit() || b".e+-".contains(&byte));
    if !is_decimal || !plain.starts_with(|first: char| first == '.' || first.is_ascii_digit()) {
        return None;
    }
    plain.parse().ok().filter(|float: &f64| float.is_finite()).map(|float: f64| sign * float)
}

/// Go takes them between digits, and behind the prefix of a base.
fn underscores_are_between_digits(text: &str) -> bool {
    let (digits, mut before) = match text.strip_prefix("0x") {
        Some(digits) => (digits, '0'),
        None => (text, '^'),
    };
    let is_digit = |letter: char| letter.is_ascii_hexdigit();
    for letter in digits.chars() {
        let fits = match (before, letter) {
            (before, '_') => is_digit(before),
            ('_', letter) => is_digit(letter),
            _ => true,
        };
        if !fits {
            return false;
        }
        before = letter;
    }
    before != '_'
}
