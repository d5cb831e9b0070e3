//! The value of a rendered artifact: what a YAML reader would see, with the author's digits and order of keys.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A value with its type. Strings are shared: most of them come from a skeleton that many environments fill.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    List(Vec<Value>),
    Map(Vec<(Arc<str>, Value)>),
}

/// A finite decimal number.
#[derive(Clone, Debug)]
pub enum Number {
    Int(i64),
    /// Integers past `i64::MAX`.
    UInt(u64),
    /// A float and the digits it is written with: always with a point, an exponent with sign (`1.0e+21`).
    Float(f64, Arc<str>),
}

/// The digits as they are written out.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(number) => number.fmt(f),
            Self::UInt(number) => number.fmt(f),
            Self::Float(_, digits) => f.write_str(digits),
        }
    }
}

impl PartialEq for Number {
    /// Equal in value; `1.50` equals `1.5`, but no integer equals a float.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::UInt(a), Self::UInt(b)) => a == b,
            (Self::Float(a, _), Self::Float(b, _)) => a == b,
            _ => false,
        }
    }
}

impl Number {
    /// A calculated float, with the digits that canonical output gives it; `None` for infinity and not-a-number.
    pub fn float(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        // Rust writes `1e21` where YAML 1.1 readers want `1.0e+21`.
        let plain = format!("{value:?}");
        let digits = match plain.split_once('e') {
            None => plain,
            Some((mantissa, exponent)) => {
                let point = if mantissa.contains('.') { "" } else { ".0" };
                let sign = if exponent.starts_with('-') { "" } else { "+" };
                format!("{mantissa}{point}e{sign}{exponent}")
            }
        };
        Some(Self::Float(value, digits.into()))
    }

    /// Whether both are written with the same characters.
    pub fn same_digits(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(_, a), Self::Float(_, b)) => a == b,
            _ => self == other,
        }
    }
}

impl Value {
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| &**name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Equal in all that a reader may rely on: the order of keys is not part of it.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Map(a), Self::Map(b)) => {
                // Most stand in the same order.
                if a.len() != b.len() || a.iter().zip(b).all(|((one, _), (other, _))| one == other) {
                    return a.len() == b.len() && a.iter().zip(b).all(|((_, a), (_, b))| a.is_same(b));
                }
                let others: BTreeMap<&str, &Self> = b.iter().map(|(key, b)| (&**key, b)).collect();
                others.len() == b.len() && a.iter().all(|(key, a)| others.get(&**key).is_some_and(|b| a.is_same(b)))
            }
            (Self::List(a), Self::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b)),
            _ => self == other,
        }
    }

    /// How many nodes it has, and how many bytes of keys and texts.
    pub fn weight(&self) -> (usize, usize) {
        let plus = |sum: (usize, usize), key: usize, value: &Self| {
            let (nodes, text) = value.weight();
            (sum.0 + nodes, sum.1 + text + key)
        };
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => (1, 0),
            Self::String(text) => (1, text.len()),
            Self::List(items) => items.iter().fold((1, 0), |sum, item| plus(sum, 0, item)),
            Self::Map(entries) => entries.iter().fold((1, 0), |sum, (key, value)| plus(sum, key.len(), value)),
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The type's name as messages say it: `a map`, `a list`, `a string` …
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(Number::Float(..)) => "a number",
            Self::Number(_) => "an integer",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}
