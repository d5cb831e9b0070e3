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
    on("add", 1, 1, |_, args| combine(args, i128::checked_add)),
    on("asApproximateFloat", 0, 0, |_, args| Ok(Value::Double(of(args)?.nano as f64 / NANO as f64))),
    on("asInteger", 0, 0, as_integer),
    on("compareTo", 1, 1, |_, args| Ok(Value::Int(order(args)? as i64))),
    on("isGreaterThan", 1, 1, |_, args| Ok(Value::Bool(order(args)?.is_gt()))),
    on("isInteger", 0, 0, |_, args| Ok(Value::Bool(of(args)?.integer().is_some()))),
    on("isLessThan", 1, 1, |_, args| Ok(Value::Bool(order(args)?.is_lt()))),
    on("sign", 0, 0, |_, args| Ok(Value::Int(of(args)?.nano.signum() as i64))),
    on("sub", 1, 1, |_, args| combine(args, i128::checked_sub)),
];

const NANO: i128 = 1_000_000_000;

/// A number of billionths, which is as fine as Kubernetes counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity {
    nano: i128,
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
        let fraction = fraction.trim_end_matches('0');
        let mantissa = format!("{whole}{fraction}");
        let mantissa: i128 = if mantissa.is_empty() { 0 } else { mantissa.parse().ok()? };
        let (binary, decimal) = scale(suffix)?;
        let value = mantissa.checked_mul(1_i128.checked_shl(binary)?)?.checked_mul(NANO)?;
        let shift = decimal - i32::try_from(fraction.len()).ok()?;
        let power = 10_i128.checked_pow(shift.unsigned_abs())?;
        let nano = if shift >= 0 {
            value.checked_mul(power)?
        } else {
            // Finer than a billionth rounds away from zero, as Kubernetes does.
            value.checked_add(power - 1)? / power
        };
        Some(Self { nano: if negative { -nano } else { nano } })
    }

    pub(crate) fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self { nano: self.nano.checked_add(other.nano)? })
    }

    pub(crate) fn times(&self, count: i64) -> Option<Self> {
        Some(Self { nano: self.nano.checked_mul(count.into())? })
    }

    /// With the largest unit of bytes that leaves a whole number: `1536Mi`.
    pub(crate) fn in_bytes(&self) -> String {
        let units = [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
        let fits = |(_, shift): &(&str, u32)| self.nano != 0 && self.nano % (NANO << shift) == 0;
        match units.into_iter().find(fits) {
            Some((unit, shift)) => format!("{}{unit}", self.nano / (NANO << shift)),
            None => self.to_string(),
        }
    }

    fn integer(&self) -> Option<i64> {
        (self.nano % NANO == 0).then(|| i64::try_from(self.nano / NANO).ok()).flatten()
    }
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
        let (whole, fraction) = (self.nano.unsigned_abs() / NANO as u128, self.nano.unsigned_abs() % NANO as u128);
        let sign = if self.nano < 0 { "-" } else { "" };
        let fraction = format!("{fraction:09}");
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

fn combine(args: &[Value], combine: fn(i128, i128) -> Option<i128>) -> Outcome {
    let other = match &args[1] {
        Value::Quantity(quantity) => quantity.nano,
        Value::Int(value) => i128::from(*value) * NANO,
        _ => return Err(Fault::Unfit),
    };
    let nano = combine(of(args)?.nano, other).ok_or_else(|| Fault::Refused("the quantity overflows".to_owned()))?;
    Ok(Value::Quantity(Arc::new(Quantity { nano })))
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
        assert_eq!(text("8Ei").as_deref(), Some("9223372036854775808"));
        assert_eq!(text("1e300"), None);
        assert_eq!(text("1Gb"), None);
        assert_eq!(text(&"9".repeat(60)), None);
        assert_eq!(Quantity::parse("200M"), Quantity::parse("0.2G"));
        let sum = Quantity::parse("512Mi").and_then(|one| one.times(3)?.plus(&one));
        assert_eq!(sum.map(|sum| sum.in_bytes()).as_deref(), Some("2Gi"));
    }
}
