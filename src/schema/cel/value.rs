//! Values of CEL: those of JSON, and what Kubernetes' libraries add.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::functions::network::Url;
use super::functions::quantity::Quantity;
use super::functions::time::{Duration, Timestamp};

/// So many bytes of a text are read in one step.
pub(super) const BYTES_A_STEP: u64 = 64;

#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
    List(List),
    /// Sorted, so that walking a map gives the same order in every run.
    Map(Arc<BTreeMap<Key, Value>>),
    Duration(Duration),
    Timestamp(Timestamp),
    Quantity(Arc<Quantity>),
    Ip(IpAddr),
    Cidr(ipnet::IpNet),
    Url(Arc<Url>),
    Semver(Arc<semver::Version>),
    /// The name of one of Kubernetes' named formats.
    Format(&'static str),
    Optional(Option<Arc<Value>>),
    Type(&'static str),
}

/// A list, and what its schema says of the items.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    items: Arc<[Value]>,
    pub(super) kind: ListKind,
    /// What `sum()` gives for a list without items.
    pub(super) zero: Zero,
}

/// How a list compares and adds, from `x-kubernetes-list-type`.
#[derive(Clone, Debug, Default)]
pub(super) enum ListKind {
    #[default]
    Plain,
    Set,
    /// Items are told apart by what they hold under these keys.
    Keyed(Arc<[Arc<str>]>),
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Zero {
    #[default]
    Int,
    Double,
    Duration,
}

impl std::ops::Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        Self { items: items.into(), ..Self::default() }
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self { items: items.into_iter().collect(), ..Self::default() }
    }
}

impl List {
    pub(super) fn of(items: Vec<Value>, kind: ListKind, zero: Zero) -> Self {
        Self { items: items.into(), kind, zero }
    }

    /// Whether two items stand for each other: in a set if they are equal, by keys if those are.
    pub(super) fn same(&self, a: &Value, b: &Value, fuel: &mut u64) -> Option<bool> {
        let ListKind::Keyed(keys) = &self.kind else { return a.equals(b, fuel) };
        let (Value::Map(a), Value::Map(b)) = (a, b) else { return Some(false) };
        for key in keys.iter() {
            let key = Key::String(Arc::clone(key));
            let equal = match (a.get(&key), b.get(&key)) {
                (Some(a), Some(b)) => a.equals(b, fuel)?,
                (None, None) => true,
                _ => false,
            };
            if !equal {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Sets and lists with keys are equal in any order.
    fn equals(&self, other: &Self, fuel: &mut u64) -> Option<bool> {
        if self.len() != other.len() {
            return Some(false);
        }
        if matches!(self.kind, ListKind::Plain) {
            for (a, b) in self.iter().zip(other.iter()) {
                if !a.equals(b, fuel)? {
                    return Some(false);
                }
            }
            return Some(true);
        }
        for b in other.iter() {
            let mut twin = None;
            for a in self.iter() {
                if self.same(a, b, fuel)? {
                    twin = Some(a);
                    break;
                }
            }
            match twin {
                Some(a) if a.equals(b, fuel)? => {}
                _ => return Some(false),
            }
        }
        Some(true)
    }
}

/// A map's key. An unsigned integer that fits is an `Int`, since CEL takes both for the same key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Bool(bool),
    Int(i64),
    Uint(u64),
    String(Arc<str>),
}

impl Key {
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Self::Bool(*value)),
            Value::Int(value) => Some(Self::Int(*value)),
            Value::Uint(value) => Some(i64::try_from(*value).map_or(Self::Uint(*value), Self::Int)),
            Value::Double(value) => as_int(*value).map(Self::Int),
            Value::String(text) => Some(Self::String(Arc::clone(text))),
            _ => None,
        }
    }

    fn bytes(&self) -> u64 {
        if let Self::String(text) = self { text.len() as u64 } else { 0 }
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Uint(value) => Value::Uint(*value),
            Self::String(text) => Value::String(Arc::clone(text)),
        }
    }
}

/// A double without a fraction, as an integer.
pub(super) fn as_int(value: f64) -> Option<i64> {
    // 2^63 is the first double past the range; the cast is exact below it.
    let fits = value.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
    fits.then_some(value as i64)
}

impl Value {
    pub(super) fn text(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    pub(super) fn list(items: impl IntoIterator<Item = Value>) -> Self {
        Self::List(items.into_iter().collect())
    }

    pub(super) fn some(value: Value) -> Self {
        Self::Optional(Some(Arc::new(value)))
    }

    /// The type's name in CEL.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Quantity(_) => "kubernetes.Quantity",
            Self::Ip(_) => "net.IP",
            Self::Cidr(_) => "net.CIDR",
            Self::Url(_) => "kubernetes.URL",
            Self::Semver(_) => "kubernetes.Semver",
            Self::Format(_) => "kubernetes.NamedFormat",
            Self::Optional(_) => "optional_type",
            Self::Type(_) => "type",
        }
    }

    /// How many values it is made of: what it costs to look at all of it.
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::String(text) => 1 + text.len() as u64 / 16,
            Self::Bytes(bytes) => 1 + bytes.len() as u64 / 16,
            Self::List(items) => 1 + items.len() as u64,
            Self::Map(entries) => 1 + entries.len() as u64,
            _ => 1,
        }
    }

    /// Bytes of text that whoever looks at it reads, lists and maps aside.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = match self {
            Self::String(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Url(url) => url.text.len(),
            Self::Semver(version) => version.pre.len() + version.build.len(),
            _ => 0,
        };
        bytes as u64
    }

    /// Equality as CEL has it: numbers by value whatever their type, values of different types are not equal. Nothing
    /// if it costs more than `fuel`, which is used up.
    pub(super) fn equals(&self, other: &Self, fuel: &mut u64) -> Option<bool> {
        *fuel = fuel.checked_sub(self.weight())?;
        Some(match (self, other) {
            (Self::List(a), Self::List(b)) => a.equals(b, fuel)?,
            (Self::Map(a), Self::Map(b)) => {
                if a.len() != b.len() {
                    return Some(false);
                }
                for ((a_key, a), (b_key, b)) in a.iter().zip(b.iter()) {
                    *fuel = fuel.checked_sub(a_key.bytes() / BYTES_A_STEP)?;
                    if a_key != b_key || !a.equals(b, fuel)? {
                        return Some(false);
                    }
                }
                true
            }
            (Self::Optional(a), Self::Optional(b)) => match (a, b) {
                (Some(a), Some(b)) => a.equals(b, fuel)?,
                (None, None) => true,
                _ => false,
            },
            (Self::Null, Self::Null) => true,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Ip(a), Self::Ip(b)) => a == b,
            (Self::Cidr(a), Self::Cidr(b)) => a == b,
            (Self::Url(a), Self::Url(b)) => a == b,
            (Self::Format(a), Self::Format(b)) | (Self::Type(a), Self::Type(b)) => a == b,
            // Build metadata says nothing about precedence.
            (Self::Semver(a), Self::Semver(b)) => a.cmp_precedence(b) == Ordering::Equal,
            _ => self.compare(other) == Some(Ordering::Equal),
        })
    }

    /// The order of two values, if they have one. NaN has none. Against a double an integer counts as one, as in
    /// Kubernetes, and so loses digits past 2^53; among themselves integers lose none.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Uint(a), Self::Uint(b)) => a.cmp(b),
            (Self::Int(a), Self::Uint(b)) => i128::from(*a).cmp(&i128::from(*b)),
            (Self::Uint(a), Self::Int(b)) => i128::from(*a).cmp(&i128::from(*b)),
            (Self::Double(a), Self::Double(b)) => return a.partial_cmp(b),
            (Self::Int(a), Self::Double(b)) => return (*a as f64).partial_cmp(b),
            (Self::Uint(a), Self::Double(b)) => return (*a as f64).partial_cmp(b),
            (Self::Double(a), Self::Int(b)) => return a.partial_cmp(&(*b as f64)),
            (Self::Double(a), Self::Uint(b)) => return a.partial_cmp(&(*b as f64)),
            (Self::String(a), Self::String(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::Duration(a), Self::Duration(b)) => a.cmp(b),
            (Self::Timestamp(a), Self::Timestamp(b)) => a.cmp(b),
            (Self::Quantity(a), Self::Quantity(b)) => a.cmp(b),
            _ => return None,
        })
    }
}

/// A double as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes it, which is what Kubernetes shows.
pub(super) fn double_text(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        }
        .to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
