//! Plain scalars on which readers disagree: what each takes them for, and how to write what is meant.

use super::types::Types;

/// Why a plain scalar has no one meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ambiguity {
    /// `yes`, `on`, `n` …: booleans in YAML 1.1, strings in 1.2; `tRue`: to some readers.
    Bool(bool),
    /// `nULL`.
    Null,
    /// `0755`: octal in YAML 1.1, decimal in 1.2; `0899`: a string in 1.1.
    LeadingZero,
    /// `0o14`, `0x1F`, `0b101`.
    Base,
    /// `1_000`.
    Underscore,
    /// `12:30:45` counts in sixties in YAML 1.1.
    Sexagesimal,
    /// `2024-01-01`.
    Date,
    /// `1e3`: a number only where a point or a sign may be missing.
    Exponent,
    /// `.inf`, `.nan`.
    NotFinite,
    /// Beyond 2^53: readers that count in floats change the last digits.
    Large,
    /// `+1`, `1.`, `.5`: numbers to most readers.
    Unusual,
    /// `=`
    Value,
    /// `<<`
    Merge,
    /// `1.0` where an integer is wanted.
    FloatForInteger,
}

impl Ambiguity {
    /// The types it can be read as, besides a string.
    pub fn types(self) -> Types {
        match self {
            Self::Bool(_) => Types::BOOL,
            Self::Null => Types::NULL,
            Self::LeadingZero
            | Self::Base
            | Self::Underscore
            | Self::Sexagesimal
            | Self::Exponent
            | Self::NotFinite
            | Self::Large
            | Self::Unusual
            | Self::FloatForInteger => Types::NUMBER,
            Self::Date | Self::Value | Self::Merge => Types::NONE,
        }
    }

    /// Judges a text that begins with a digit, a sign or a point.
    pub(super) fn of_number(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let bytes = unsigned.as_bytes();
        if is_date(bytes) {
            return Some(Self::Date);
        }
        let lower = unsigned.to_ascii_lowercase();
        if lower == ".inf" || lower == ".nan" {
            return Some(Self::NotFinite);
        }
        if let Some(digits) = ["0o", "0x", "0b"].iter().find_map(|base| lower.strip_prefix(base)) {
            let digit = |byte: u8| byte.is_ascii_hexdigit() || byte == b'_';
            return (!digits.is_empty() && digits.bytes().all(digit)).then_some(Self::Base);
        }
        if is_sexagesimal(bytes) {
            return Some(Self::Sexagesimal);
        }
        let Shape { whole, point, fraction, exponent } = shape(bytes)?;
        let underscore = unsigned.contains('_');
        let starts_with_zero = whole > 1 && bytes[0] == b'0';
        if underscore {
            return Some(Self::Underscore);
        }
        if starts_with_zero {
            return Some(Self::LeadingZero);
        }
        if whole + fraction == 0 {
            return None;
        }
        if exponent.is_some_and(|signed| !signed || !point) {
            return Some(Self::Exponent);
        }
        let value = text.parse::<f64>().unwrap_or(f64::INFINITY);
        let large = !value.is_finite() || (!point && unsigned.parse::<u64>().is_ok_and(|value| value > 1 << 53));
        if large || (!point && unsigned.parse::<u64>().is_err()) {
            return Some(Self::Large);
        }
        (text.starts_with('+') || whole == 0 || (point && fraction == 0)).then_some(Self::Unusual)
    }

    /// What the readers take the text for.
    pub fn readings(self, text: &str) -> String {
        match self {
            Self::Bool(value) => format!("YAML 1.1 readers take this for `{value}`, YAML 1.2 readers for text"),
            Self::Null => "some readers take this for null, others for text".to_owned(),
            Self::LeadingZero => {
                let decimal = text.trim_start_matches(['+', '-']).trim_start_matches('0');
                match i64::from_str_radix(text, 8) {
                    Ok(octal) => {
                        format!("YAML 1.1 readers take this for the octal number {octal}, others for {decimal}")
                    }
                    Err(_) => format!("some readers take this for text, others for the number {decimal}"),
                }
            }
            Self::Base => "some readers take this for a number, others for text".to_owned(),
            Self::Underscore => "YAML 1.1 readers take this for a number, YAML 1.2 readers for text".to_owned(),
            Self::Sexagesimal => match sixties(text) {
                Some(number) => {
                    format!("YAML 1.1 readers take this for the number {number}, YAML 1.2 readers for text")
                }
                None => "YAML 1.1 readers take this for a number, YAML 1.2 readers for text".to_owned(),
            },
            Self::Date => "YAML 1.1 readers take this for a date, YAML 1.2 readers for text".to_owned(),
            Self::Exponent => "some readers take this for a number, others for text".to_owned(),
            Self::NotFinite => "no number in JSON can hold this".to_owned(),
            Self::Large => "readers that count in floating point change its last digits".to_owned(),
            Self::Unusual => "some readers take this for a number, others for text".to_owned(),
            Self::Value | Self::Merge => "YAML 1.1 gives this a meaning of its own".to_owned(),
            Self::FloatForInteger => "this is a number with a point; an integer is wanted".to_owned(),
        }
    }

    /// How to write what is meant.
    pub(super) fn remedy(self, text: &str, wanted: Types) -> Option<String> {
        let quoted = wanted.contains(Types::STRING).then(|| format!("`\"{text}\"` for text"));
        let value = match self {
            Self::Bool(value) => wanted.contains(Types::BOOL).then(|| format!("`{value}` for the boolean")),
            Self::Null => wanted.contains(Types::NULL).then(|| "`null` for no value".to_owned()),
            _ => None,
        };
        let ways: Vec<String> = quoted.into_iter().chain(value).collect();
        (!ways.is_empty()).then(|| format!("write {}", ways.join(", ")))
    }
}

/// The parts of `digits[.digits][e[sign]digits]`, underscores counted as digits.
struct Shape {
    whole: usize,
    point: bool,
    fraction: usize,
    /// Whether the exponent has a sign.
    exponent: Option<bool>,
}

fn shape(text: &[u8]) -> Option<Shape> {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'_').count();
    let whole = digits(0);
    let point = text.get(whole) == Some(&b'.');
    let mut at = whole + usize::from(point);
    let fraction = if point { digits(at) } else { 0 };
    at += fraction;
    let exponent = match text.get(at) {
        None => None,
        Some(b'e' | b'E') => {
            at += 1;
            let signed = matches!(text.get(at), Some(b'+' | b'-'));
            at += usize::from(signed);
            let digits = digits(at);
            at += digits;
            (digits > 0).then_some(signed)
        }
        Some(_) => return None,
    };
    (at == text.len()).then_some(Shape { whole, point, fraction, exponent })
}

/// `2024-01-01`, alone or before a time.
fn is_date(text: &[u8]) -> bool {
    let mut parts = text.splitn(3, |&byte| byte == b'-');
    let mut part = || parts.next().unwrap_or_default();
    let (year, month, rest) = (part(), part(), part());
    let day = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    year.len() == 4
        && digits(year)
        && (1..=2).contains(&month.len())
        && digits(month)
        && (1..=2).contains(&day)
        && matches!(rest.get(day), None | Some(b'T' | b't' | b' ' | b'\t'))
}

/// `12:30:45`, `1:30.5`.
fn is_sexagesimal(text: &[u8]) -> bool {
    let whole = text.split(|&byte| byte == b'.').next().unwrap_or_default();
    let fraction = text.get(whole.len() + 1..).unwrap_or_default();
    let mut parts = whole.split(|&byte| byte == b':');
    let first = parts.next().unwrap_or_default();
    let number = |text: &[u8]| !text.is_empty() && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'_');
    let sixtieth = |text: &[u8]| match text {
        [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
        [ones] => ones.is_ascii_digit(),
        _ => false,
    };
    let mut rest = parts.peekable();
    number(first) && rest.peek().is_some() && rest.all(sixtieth) && (fraction.is_empty() || number(fraction))
}

fn sixties(text: &str) -> Option<i64> {
    text.split(':').try_fold(0_i64, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?))
}
