//! The value of a rendered artifact: what a YAML reader would see, with the author's digits and order of keys.

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

impl Value {
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| &**name == key).map(|(_, value)| value),
            _ => None,
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
