//! The functions of templates: Go's own, Sprig's and Helm's, each with the types it takes.

mod cast;
mod compare;
mod convert;
mod date;
mod decimal;
mod default;
mod dict;
mod encoding;
mod equal;
mod letters;
mod list;
mod merge;
mod number;
mod paths;
mod reading;
mod regular;
mod sha1;
mod split;
mod strings;
mod truth;
mod unsure;
mod urls;
mod words;

pub(in crate::chart) use compare::missing;
pub(in crate::chart) use reading::{Reads, charge};
pub(in crate::chart) use truth::is_true;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::failure::Failed;
use super::marks::Marks;
use super::meter::Meter;
use super::text::Text;
use super::value::{Data, Map, Value};

/// A function, as a template may name it.
#[derive(Debug)]
pub(in crate::chart) struct Function {
    pub name: &'static str,
    pub parameters: &'static [Kind],
    /// Any number of these may follow.
    pub rest: Option<Kind>,
    /// Its result says itself where its pieces come from; else it comes from all arguments.
    pub keeps: bool,
    pub reads: Reads,
    pub body: Body,
}

#[derive(Debug)]
pub(in crate::chart) enum Body {
    Plain(fn(&Context, &[Value]) -> Made),
    /// They stop at the first argument that decides.
    And,
    Or,
    Call,
    Include,
    Tpl,
}

pub(in crate::chart) type Made = Result<Value, Failed>;

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chart) enum Kind {
    /// `interface{}`.
    Any,
    /// What the language's own functions take: a value, or nothing at all.
    Raw,
    Text,
    Bool,
    Int,
    Uint32,
    Float,
    /// `map[string]interface{}`.
    Map,
    /// `[]interface{}`.
    List,
    Time,
    /// `*semver.Version`.
    Version,
    /// What makes certificates.
    Certificate,
}

impl Kind {
    pub(in crate::chart) fn name(self) -> &'static str {
        match self {
            Self::Any | Self::Raw => "any value",
            Self::Text => "a text",
            Self::Bool => "true or false",
            Self::Int | Self::Uint32 => "an integer",
            Self::Float => "a float",
            Self::Map => "a map",
            Self::List => "a list",
            Self::Time => "a time",
            Self::Version => "a version",
            Self::Certificate => "a certificate",
        }
    }
}

/// What functions need beside their arguments.
pub(in crate::chart) struct Context<'a> {
    pub meter: &'a Meter,
    pub lookup_is_unknown: bool,
    /// Regular expressions that were compiled before.
    pub regexes: &'a RefCell<BTreeMap<Arc<str>, regex::bytes::Regex>>,
    /// Notes that a call gives a stand-in for what isn't deterministic.
    pub unsure: &'a dyn Fn(&'static str) -> Marks,
}

impl Function {
    /// One that doesn't look at all that is in maps and lists.
    const fn top(self) -> Self {
        Self { reads: Reads::Top, ..self }
    }
}

/// One that keeps origins itself.
const fn keeping(
    name: &'static str,
    parameters: &'static [Kind],
    rest: Option<Kind>,
    body: fn(&Context, &[Value]) -> Made,
) -> Function {
    Function { name, parameters, rest, keeps: true, reads: Reads::All, body: Body::Plain(body) }
}

/// One whose result comes from all of its arguments.
const fn plain(
    name: &'static str,
    parameters: &'static [Kind],
    rest: Option<Kind>,
    body: fn(&Context, &[Value]) -> Made,
) -> Function {
    Function { name, parameters, rest, keeps: false, reads: Reads::All, body: Body::Plain(body) }
}

const fn special(name: &'static str, parameters: &'static [Kind], rest: Option<Kind>, body: Body) -> Function {
    Function { name, parameters, rest, keeps: true, reads: Reads::Top, body }
}

static OWN: &[Function] = &[
    special("and", &[Kind::Raw], Some(Kind::Raw), Body::And),
    special("or", &[Kind::Raw], Some(Kind::Raw), Body::Or),
    special("call", &[Kind::Raw], Some(Kind::Raw), Body::Call),
    special("include", &[Kind::Text, Kind::Any], None, Body::Include),
    special("tpl", &[Kind::Text, Kind::Any], None, Body::Tpl),
];

static ALL: LazyLock<BTreeMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let families = [
        OWN,
        compare::ALL,
        convert::ALL,
        date::ALL,
        default::ALL,
        dict::ALL,
        encoding::ALL,
        letters::ALL,
        list::ALL,
        number::ALL,
        paths::ALL,
        regular::ALL,
        split::ALL,
        strings::ALL,
        unsure::ALL,
        urls::ALL,
    ];
    families.into_iter().flatten().map(|function| (function.name, function)).collect()
});

/// The function of that name.
pub(in crate::chart) fn find(name: &str) -> Option<&'static Function> {
    ALL.get(name).copied()
}

/// Names of all functions, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.keys().copied()
}

/// The text that an argument is.
fn text(value: &Value) -> &Text {
    static EMPTY: LazyLock<Text> = LazyLock::new(|| Text::new(""));
    match &value.data {
        Data::Text(text) => text,
        _ => &EMPTY,
    }
}

fn int(value: &Value) -> i64 {
    match value.data {
        Data::Int(number, _) => number,
        _ => 0,
    }
}

/// The map that an argument is; nothing for nil, which is an empty map that can't be changed.
fn map(value: &Value) -> Option<&Map> {
    match &value.data {
        Data::Map(map) => Some(map),
        _ => None,
    }
}

/// The items of whatever kind of list.
fn items(value: &Value) -> Option<Vec<Value>> {
    match &value.data {
        Data::List(list) => Some(list.items().to_vec()),
        Data::Bytes(bytes) => Some(bytes.iter().map(|byte| byte_value(*byte)).collect()),
        _ => None,
    }
}

pub(in crate::chart) fn byte_value(byte: u8) -> Value {
    Data::Int(byte.into(), super::value::Int::Uint8).into()
}

fn because<T>(message: impl Into<String>) -> Result<T, Failed> {
    Err(Failed::because(message))
}
