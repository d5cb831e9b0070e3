//! Exact decimal numbers, as `shopspring/decimal` counts.

/// Digits behind the point of a quotient.
const DIVISION_DIGITS: i32 = 16;

/// A whole number times a power of ten.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// The shortest decimal that is this float.
    pub(super) fn of(number: f64) -> Option<Self> {
        if !number.is_finite() {
            return None;
        }
        let written = format!("{number:e}");
        let (mantissa, exponent) = written.split_once('e')?;
        let behind = mantissa.split_once('.').map_or(0, |(_, part)| part.len() as i32);
        let digits = mantissa.replace('.', "").parse().ok()?;
        Some(Self { digits, exponent: exponent.parse::<i32>().ok()? - behind })
    }

    pub(super) fn to_float(self) -> f64 {
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(f64::INFINITY)
    }

    /// Both with one exponent.
    fn aligned(self, other: Self) -> Option<(i128, i128, i32)> {
        let exponent = if self.digits == 0 {
            other.exponent
        } else if other.digits == 0 {
            self.exponent
        } else {
            self.exponent.min(other.exponent)
        };
        Some((self.digits_at(exponent)?, other.digits_at(exponent)?, exponent))
    }

    fn digits_at(self, exponent: i32) -> Option<i128> {
        if self.digits == 0 {
            return Some(0);
        }
        self.digits.checked_mul(power(self.exponent - exponent)?)
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let (a, b, exponent) = self.aligned(other)?;
        Some(Self { digits: a.checked_add(b)?, exponent })
    }

    pub(super) fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { digits: -other.digits, ..other })
    }

    pub(super) fn times(self, other: Self) -> Option<Self> {
        let digits = self.digits.checked_mul(other.digits)?;
        Some(Self { digits, exponent: self.exponent + other.exponent }.shortened())
    }

    /// Rounded half away from zero behind the sixteenth digit.
    pub(super) fn over(self, other: Self) -> Option<Self> {
        if other.digits == 0 {
            return None;
        }
        let shift = self.exponent - other.exponent + DIVISION_DIGITS;
        let (a, b) = if shift >= 0 {
            (self.digits.checked_mul(power(shift)?)?, other.digits)
        } else {
            (self.digits, other.digits.checked_mul(power(-shift)?)?)
        };
        let (quotient, rest) = (a / b, a % b);
        let round = rest.checked_abs()?.checked_mul(2)? >= b.checked_abs()?;
        let away = if (a < 0) == (b < 0) { 1 } else { -1 };
        let digits = if round && rest != 0 { quotient + away } else { quotient };
        Some(Self { digits, exponent: -DIVISION_DIGITS }.shortened())
    }

    fn shortened(mut self) -> Self {
        while self.digits != 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.exponent += 1;
        }
        self
    }
}

fn power(exponent: i32) -> Option<i128> {
    10i128.checked_pow(u32::try_from(exponent).ok()?)
}
