//! What numbers look like in any YAML: digits, other bases, sixties, and dates beside them.

/// The parts of `[+-]digits[.digits][e[+-]digits]` with a digit before or behind the point.
pub(super) struct Digits<'a> {
    pub(super) negative: bool,
    pub(super) whole: &'a str,
    /// What stands behind a point.
    pub(super) fraction: Option<&'a str>,
    /// With its sign, if it has one.
    pub(super) exponent: Option<&'a str>,
}

impl<'a> Digits<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let some = |text: &str| !text.is_empty() && digits(text);
        let mantissa_fits =
            digits(whole) && fraction.is_none_or(digits) && mantissa.len() > usize::from(fraction.is_some());
        let exponent_fits = exponent.is_none_or(|text| some(text.strip_prefix(['+', '-']).unwrap_or(text)));
        (mantissa_fits && exponent_fits).then(|| Self { negative: text.starts_with('-'), whole, fraction, exponent })
    }

    /// The number as platc writes it: the author's digits, with one on each side of the point, no sign or zero in front
    /// that says nothing, and the exponent's sign.
    pub(super) fn written(&self) -> String {
        let whole = match self.whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        let sign = if self.negative { "-" } else { "" };
        let fraction = match self.fraction {
            None if self.exponent.is_none() => return format!("{sign}{whole}"),
            None | Some("") => "0",
            Some(fraction) => fraction,
        };
        match self.exponent {
            None => format!("{sign}{whole}.{fraction}"),
            Some(exponent) if exponent.starts_with(['+', '-']) => format!("{sign}{whole}.{fraction}e{exponent}"),
            Some(exponent) => format!("{sign}{whole}.{fraction}e+{exponent}"),
        }
    }
}

/// `0o14`, `0x1F`, `0b101`; Go allows a sign behind the letter too.
pub(super) fn is_based(text: &str) -> bool {
    split_base(text).is_some_and(|(base, digits)| {
        let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
        !digits.is_empty() && digits.chars().all(|char| char.is_digit(base))
    })
}

/// `0o644`.
pub(super) fn is_octal(text: &str) -> bool {
    is_based(text) && split_base(text).is_some_and(|(base, _)| base == 8)
}

/// The value of such a number, if it is not enormous.
pub(super) fn based(text: &str) -> Option<i128> {
    let (base, digits) = split_base(text.strip_prefix(['+', '-']).unwrap_or(text))?;
    let value = i128::from_str_radix(digits, base).ok()?;
    Some(if text.starts_with('-') { -value } else { value })
}

fn split_base(text: &str) -> Option<(u32, &str)> {
    let mut letters = text.strip_prefix('0')?.chars();
    let base = match letters.next()? {
        'x' | 'X' => 16,
        'o' | 'O' => 8,
        'b' | 'B' => 2,
        _ => return None,
    };
    Some((base, letters.as_str()))
}

/// `2024-01-01`, alone or before a time.
pub(super) fn is_date(text: &[u8]) -> bool {
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
pub(super) fn is_sexagesimal(text: &[u8]) -> bool {
    let whole = text.split(|&byte| byte == b'.').next().unwrap_or_default();
    let fraction = text.get(whole.len() + 1..).unwrap_or_default();
    let number = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let sixtieth = |text: &[u8]| match text {
        [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
        [ones] => ones.is_ascii_digit(),
        _ => false,
    };
    let mut parts = whole.split(|&byte| byte == b':');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    number(first) && rest.peek().is_some() && rest.all(sixtieth) && (fraction.is_empty() || number(fraction))
}

/// What `12:30:45` counts; the largest unit stands first.
pub(super) fn sixties(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sum = unsigned.split(':').try_fold(0_i64, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?))?;
    Some(if text.starts_with('-') { -sum } else { sum })
}
