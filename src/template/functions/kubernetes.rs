//! Calculating with quantities of Kubernetes: `500m`, `1.5Gi`, `2e3`.

use minijinja::value::{Value, ValueKind};

use super::{Call, Function, Run, Section, Usage};
use crate::template::refusal::Refusal;
use crate::template::{convert, guard};

pub(super) static SECTION: Section = Section {
    title: "Quantities of Kubernetes",
    functions: &[
        Function {
            name: "quantity",
            usage: Usage::Both,
            signature: "quantity",
            about: "A quantity as a number: bytes for memory, cores for CPU.",
            examples: &[("quantity('512Mi')", "536870912"), ("quantity('250m')", "0.25"), ("quantity(2)", "2")],
            run: Run::Own(|call| {
                let quantity = quantity(call, "quantity")?;
                Ok(quantity.number())
            }),
        },
        Function {
            name: "quantity_add",
            usage: Usage::Both,
            signature: "quantity, other",
            about: "The sum of two quantities, written like the first.",
            examples: &[("quantity_add('1Gi', '512Mi')", "1536Mi"), ("quantity_add('1', '250m')", "1250m")],
            run: Run::Own(|call| {
                let (a, b) = (quantity(call, "quantity")?, quantity(call, "other")?);
                result(call, a.nano.checked_add(b.nano), a.is_binary)
            }),
        },
        Function {
            name: "quantity_sub",
            usage: Usage::Both,
            signature: "quantity, other",
            about: "The difference of two quantities, written like the first.",
            examples: &[("quantity_sub('4Gi', '512Mi')", "3584Mi")],
            run: Run::Own(|call| {
                let (a, b) = (quantity(call, "quantity")?, quantity(call, "other")?);
                result(call, a.nano.checked_sub(b.nano), a.is_binary)
            }),
        },
        Function {
            name: "quantity_mul",
            usage: Usage::Both,
            signature: "quantity, factor",
            about: "A quantity times a number, written like the quantity; rounded up where it has no exact form.",
            examples: &[
                ("quantity_mul('512Mi', 3)", "1536Mi"),
                ("quantity_mul('100m', 1.5)", "150m"),
                ("quantity_mul('1Gi', '0.75')", "768Mi"),
            ],
            run: Run::Own(|call| {
                let (a, b) = (quantity(call, "quantity")?, quantity(call, "factor")?);
                let product = a.nano.checked_mul(b.nano);
                let product =
                    product.map(|product| product.div_euclid(NANO) + i128::from(product.rem_euclid(NANO) != 0));
                result(call, product, a.is_binary)
            }),
        },
        Function {
            name: "quantity_compare",
            usage: Usage::Both,
            signature: "quantity, other",
            about: "-1, 0 or 1: whether a quantity is less than, the same as or more than another.",
            examples: &[("quantity_compare('1Gi', '1000Mi')", "1"), ("quantity_compare('1', '1000m')", "0")],
            run: Run::Own(|call| {
                let (a, b) = (quantity(call, "quantity")?, quantity(call, "other")?);
                Ok(Value::from(a.nano.cmp(&b.nano) as i8))
            }),
        },
    ],
};

/// Kubernetes keeps nothing finer than this.
const NANO: i128 = 1_000_000_000;

/// Suffixes of k8s.io/apimachinery/pkg/api/resource/suffix.go.
const BINARY: [(&str, u32); 6] = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
const DECIMAL: [(&str, i128); 10] = [
    ("E", NANO * 1_000_000_000_000_000_000),
    ("P", NANO * 1_000_000_000_000_000),
    ("T", NANO * 1_000_000_000_000),
    ("G", NANO * 1_000_000_000),
    ("M", NANO * 1_000_000),
    ("k", NANO * 1_000),
    ("", NANO),
    ("m", 1_000_000),
    ("u", 1_000),
    ("n", 1),
];

/// A quantity in billionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Quantity {
    nano: i128,
    is_binary: bool,
}

impl Quantity {
    /// Digits, at most one point, then a suffix or an exponent. What is finer than a billionth is rounded up, as
    /// Kubernetes does.
    fn parse(text: &str) -> Option<Self> {
        let (is_negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let end = unsigned.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(unsigned.len());
        let (digits, suffix) = unsigned.split_at(end);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let has_digits = !whole.is_empty() || !fraction.is_empty();
        if !has_digits || fraction.contains('.') || whole.len() + fraction.len() > 27 {
            return None;
        }
        let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
        let is_binary = BINARY.iter().any(|(name, _)| *name == suffix);
        let factor = match BINARY.iter().find(|(name, _)| *name == suffix) {
            Some((_, bits)) => NANO << bits,
            None => match DECIMAL.iter().find(|(name, _)| *name == suffix) {
                Some((_, factor)) => *factor,
                None => exponent(suffix)?,
            },
        };
        let scale = 10_i128.checked_pow(fraction.len() as u32)?;
        let scaled = mantissa.checked_mul(factor)?;
        let nano = scaled / scale + i128::from(scaled % scale != 0);
        Some(Self { nano: if is_negative { -nano } else { nano }, is_binary })
    }

    fn number(self) -> Value {
        if self.nano % NANO == 0
            && let Ok(whole) = i64::try_from(self.nano / NANO)
        {
            return Value::from(whole);
        }
        #[allow(clippy::cast_precision_loss, reason = "a number with a point has no more")]
        Value::from(self.nano as f64 / NANO as f64)
    }

    /// With the largest suffix of its family that leaves an integer.
    fn text(self) -> String {
        let Self { nano, is_binary } = self;
        if nano == 0 {
            return "0".to_owned();
        }
        if is_binary && let Some((suffix, bits)) = BINARY.iter().find(|(_, bits)| nano % (NANO << bits) == 0) {
            return format!("{}{suffix}", nano / (NANO << bits));
        }
        let (suffix, factor) = DECIMAL.iter().find(|(_, factor)| nano % factor == 0).unwrap_or(&("n", 1));
        format!("{}{suffix}", nano / factor)
    }
}

/// `e3`, `E-3`.
fn exponent(suffix: &str) -> Option<i128> {
    let power: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    let power = u32::try_from(power + 9).ok()?;
    10_i128.checked_pow(power)
}

/// A text, or a number, which YAML makes of `cpu: 2`.
fn quantity(call: &mut Call<'_, '_, '_>, name: &str) -> Result<Quantity, Refusal> {
    let value = call.value(name)?;
    if !matches!(value.kind(), ValueKind::String | ValueKind::Number) {
        return call.refuse(format!("`{name}` is a quantity, not {}", guard::kind(value.kind())));
    }
    let session = call.session();
    let scalar = convert::scalar(&value, &session).ok();
    let text = scalar.as_ref().and_then(convert::text).unwrap_or_default();
    Quantity::parse(&text)
        .map_or_else(|| call.refuse(format!("`{text}` is not a quantity such as `500m` or `2Gi`")), Ok)
}

fn result(call: &Call<'_, '_, '_>, nano: Option<i128>, is_binary: bool) -> Result<Value, Refusal> {
    match nano {
        Some(nano) => Ok(Value::from(Quantity { nano, is_binary }.text())),
        None => call.refuse("the result is too large"),
    }
}
