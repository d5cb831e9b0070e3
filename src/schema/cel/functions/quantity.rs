//! Kubernetes quantities: exact decimals with a unit.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::{Function, call, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::value::Value;

pub(crate) static FUNCTIONS: &[Function] = &[
    call("isQuantity", 1, 1, |_, args| match &args[0] {
        Value::String(text) => Ok(Value::Bool(Quantity::parse(text).is_some())),
        _ => Err(Fault::Unfit),
    }),
    call("quantity", 1, 1, |_, args| match &args[0] {
        Value::String(text) => Quantity::parse(text)
            .map(|quantity| Value::Quantity(Arc::new(quantity)))
            .ok_or_else(|| Fault::Refused(format!("`{text}` is not a quantity"))),
        _ => Err(Fault::Unfit),
    }),
    on("add", 1, 1, |_, args| combine(args, false)),
    on("asApproximateFloat", 0, 0, |_, args| Ok(Value::Double(of(args)?.float()))),
    on("asInteger", 0, 0, as_integer),
    on("compareTo", 1, 1, |_, args| Ok(Value::Int(order(args)? as i64))),
    on("isGreaterThan", 1, 1, |_, args| Ok(Value::Bool(order(args)?.is_gt()))),
    on("isInteger", 0, 0, |_, args| Ok(Value::Bool(of(args)?.integer().is_some()))),
    on("isLessThan", 1, 1, |_, args| Ok(Value::Bool(order(args)?.is_lt()))),
    on("sign", 0, 0, |_, args| Ok(Value::Int(of(args)?.cmp(&Quantity::default()) as i64))),
    on("sub", 1, 1, |_, args| combine(args, true)),
];

const NANO: i128 = 1_000_000_000;

/// A decimal number, exact to the billionth, which is as fine as Kubernetes counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quantity {
    whole: i128,
    /// Billionths above `whole`, never less than none.
    nano: i128,
    /// To Kubernetes an integer is only what it holds as one of 64 bits and a power of ten: few digits, and none behind
    /// the point. `1000m`, `1.5Gi` and `100000Gi` are no integers.
    is_decimal: bool,
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.whole, self.nano).cmp(&(other.whole, other.nano))
    }
}

impl Quantity {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !crate::schema::format::is_quantity(text) {
            return None;
        }
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let end = unsigned.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(unsigned.len());
        let (digits, suffix) = unsigned.split_at(end);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = whole.trim_start_matches('0');
        let (binary, decimal) = scale(suffix)?;
        let is_decimal = is_decimal(whole.len().max(1), fraction.len(), binary, decimal);
        let fraction = fraction.trim_end_matches('0');
        let shift = decimal.saturating_sub(i32::try_from(fraction.len()).ok()?);
        let absolute = exact(&format!("{whole}{fraction}"), binary, shift).unwrap_or(Self {
            whole: i128::MAX,
            nano: 0,
            is_decimal: true,
        });
        // Kubernetes caps what it counts in powers of two.
        let most = Self { whole: i64::MAX.into(), ..Self::default() };
        let absolute = if binary > 0 && absolute > most { most } else { absolute };
        let value = Self { is_decimal, ..absolute };
        Some(if negative { value.negated() } else { value })
    }

    pub(crate) fn plus(&self, other: &Self) -> Option<Self> {
        let nano = self.nano + other.nano;
        let whole = self.whole.checked_add(other.whole)?.checked_add(nano / NANO)?;
        Some(Self { whole, nano: nano % NANO, is_decimal: self.is_decimal || other.is_decimal })
    }

    pub(crate) fn times(&self, count: i64) -> Option<Self> {
        let nano = self.nano * i128::from(count);
        let whole = self.whole.checked_mul(count.into())?.checked_add(nano.div_euclid(NANO))?;
        Some(Self { whole, nano: nano.rem_euclid(NANO), is_decimal: self.is_decimal })
    }

    fn negated(&self) -> Self {
        match self.nano {
            0 => Self { whole: self.whole.saturating_neg(), ..*self },
            // Which is `-whole - 1`.
            nano => Self { whole: !self.whole, nano: NANO - nano, ..*self },
        }
    }

    fn float(&self) -> f64 {
        let below_zero = self.whole < 0;
        let Self { whole, nano, .. } = if below_zero { self.negated() } else { self.clone() };
        // In one division, as a decimal's digits are meant: `0.1` is 0.1.
        let value = match whole.checked_mul(NANO).and_then(|nanos| nanos.checked_add(nano)) {
            Some(nanos) => nanos as f64 / NANO as f64,
            None => whole as f64,
        };
        if below_zero { -value } else { value }
    }

    /// With the largest unit of bytes that leaves a whole number: `1536Mi`.
    pub(crate) fn in_bytes(&self) -> String {
        let units = [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
        let fits = |(_, shift): &(&str, u32)| self.whole != 0 && self.nano == 0 && self.whole % (1 << shift) == 0;
        match units.into_iter().find(fits) {
            Some((unit, shift)) => format!("{}{unit}", self.whole >> shift),
            None => self.to_string(),
        }
    }

    /// Whether it counts things that cannot be parted.
    pub(crate) fn is_whole(&self) -> bool {
        self.nano == 0
    }

    fn integer(&self) -> Option<i64> {
        (self.nano == 0 && !self.is_decimal).then(|| i64::try_from(self.whole).ok()).flatten()
    }
}

/// Whether a number with so many digits before and behind the point is more than an integer and a power of ten.
fn is_decimal(whole: usize, fraction: usize, binary: u32, decimal: i32) -> bool {
    let digits = i64::try_from(whole + fraction).unwrap_or(i64::MAX);
    if binary > 0 {
        return fraction > 0 || 15 - digits - i64::from(binary) * 3 / 10 - 1 < 0;
    }
    digits > 18 || i64::from(decimal) < i64::try_from(fraction).unwrap_or(i64::MAX)
}

/// `digits` times powers of two and ten; nothing if that is beyond all bounds.
fn exact(digits: &str, binary: u32, shift: i32) -> Option<Quantity> {
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(Quantity::default());
    }
    let value = digits.parse::<i128>().ok()?.checked_mul(1_i128.checked_shl(binary)?)?;
    if shift >= 0 {
        let whole = value.checked_mul(10_i128.checked_pow(shift.unsigned_abs())?)?;
        return Some(Quantity { whole, ..Quantity::default() });
    }
    // Finer than a billionth rounds away from zero, as Kubernetes does.
    let Some(power) = 10_i128.checked_pow(shift.unsigned_abs()) else {
        return Some(Quantity { nano: 1, ..Quantity::default() });
    };
    let (whole, rest) = (value / power, value % power);
    let nano = match power / NANO {
        0 => rest * (NANO / power),
        step => rest / step + i128::from(rest % step != 0),
    };
    Some(Quantity { whole: whole + nano / NANO, nano: nano % NANO, is_decimal: false })
}

/// A suffix as powers of two and of ten.
fn scale(suffix: &str) -> Option<(u32, i32)> {
    Some(match suffix {
        "" => (0, 0),
        "n" => (0, -9),
        "u" => (0, -6),
        "m" => (0, -3),
        "k" => (0, 3),
        "M" => (0, 6),
        "G" => (0, 9),
        "T" => (0, 12),
        "P" => (0, 15),
        "E" => (0, 18),
        "Ki" => (10, 0),
        "Mi" => (20, 0),
        "Gi" => (30, 0),
        "Ti" => (40, 0),
        "Pi" => (50, 0),
        "Ei" => (60, 0),
        _ => (0, suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    })
}

/// Without a unit: `1500m` is `1.5`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.whole < 0 { "-" } else { "" };
        let Self { whole, nano, .. } = if self.whole < 0 { self.negated() } else { self.clone() };
        let fraction = format!("{nano:09}");
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

fn of(args: &[Value]) -> Result<&Quantity, Fault> {
    match &args[0] {
        Value::Quantity(quantity) => Ok(quantity),
        _ => Err(Fault::Unfit),
    }
}

fn combine(args: &[Value], subtract: bool) -> Outcome {
    let other = match &args[1] {
        Value::Quantity(quantity) => (**quantity).clone(),
        Value::Int(value) => Quantity { whole: (*value).into(), ..Quantity::default() },
        _ => return Err(Fault::Unfit),
    };
    let other = if subtract { other.negated() } else { other };
    let sum = of(args)?.plus(&other).ok_or_else(|| Fault::Refused("the quantity overflows".to_owned()))?;
    Ok(Value::Quantity(Arc::new(sum)))
}

fn as_integer(_: &mut Machine, args: &[Value]) -> Outcome {
    let quantity = of(args)?;
    quantity.integer().map(Value::Int).ok_or_else(|| Fault::Refused(format!("`{quantity}` is not an integer")))
}

/// The order of two quantities or of two versions.
fn order(args: &[Value]) -> Result<Ordering, Fault> {
    match (&args[0], &args[1]) {
        (Value::Semver(a), Value::Semver(b)) => Ok(a.cmp_precedence(b)),
        (Value::Quantity(a), Value::Quantity(b)) => Ok(a.cmp(b)),
        _ => Err(Fault::Unfit),
    }
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn quantities_are_exact() {
        let text = |text: &str| Quantity::parse(text).map(|quantity| quantity.to_string());
        assert_eq!(text("1500m").as_deref(), Some("1.5"));
        assert_eq!(text("1.5Gi").as_deref(), Some("1610612736"));
        assert_eq!(text("-2k").as_deref(), Some("-2000"));
        assert_eq!(text("1e3").as_deref(), Some("1000"));
        assert_eq!(text("0.1n").as_deref(), Some("0.000000001"));
        assert_eq!(text("8Ei").as_deref(), Some("9223372036854775807"));
        assert_eq!(text("-1500m").as_deref(), Some("-1.5"));
        assert_eq!(text("1e30").as_deref(), Some("1000000000000000000000000000000"));
        assert!(
            Quantity::parse("1e300") > Quantity::parse("1e30") && Quantity::parse("-1e300") < Quantity::parse("-1e30")
        );
        assert_eq!(text("1Gb"), None);
        assert_eq!(Quantity::parse("200M"), Quantity::parse("0.2G"));
        let sum = Quantity::parse("512Mi").and_then(|one| one.times(3)?.plus(&one));
        assert_eq!(sum.map(|sum| sum.in_bytes()).as_deref(), Some("2Gi"));
    }
}
