//! The functions of CEL and of Kubernetes' libraries (k8s.io/apiserver/pkg/cel/library and cel-go/ext), a file a
//! library. One function serves all types that share its name.

pub(super) mod convert;
pub(super) mod format;
pub(super) mod list;
pub(super) mod network;
pub(super) mod number;
pub(super) mod optional;
pub(super) mod quantity;
pub(super) mod semver;
pub(super) mod text;
pub(super) mod time;
mod written;

use super::eval::{Machine, Outcome};
use super::lexer::problem;
use super::pattern::Pattern;
use super::syntax::{Expr, Kind, Problem};
use super::value::Value;

/// A function by name.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// Called on a value, which is the first argument.
    pub(super) is_method: bool,
    /// The least and the most arguments, the value it is called on included.
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) run: fn(&mut Machine, &[Value]) -> Outcome,
}

/// A function called on a value; `args` counts those in brackets.
const fn on(name: &'static str, min: usize, max: usize, run: fn(&mut Machine, &[Value]) -> Outcome) -> Function {
    Function { name, is_method: true, min: min + 1, max: max + 1, run }
}

const fn call(name: &'static str, min: usize, max: usize, run: fn(&mut Machine, &[Value]) -> Outcome) -> Function {
    Function { name, is_method: false, min, max, run }
}

static LIBRARIES: [&[Function]; 10] = [
    convert::FUNCTIONS,
    format::FUNCTIONS,
    list::FUNCTIONS,
    network::FUNCTIONS,
    number::FUNCTIONS,
    optional::FUNCTIONS,
    quantity::FUNCTIONS,
    semver::FUNCTIONS,
    text::FUNCTIONS,
    time::FUNCTIONS,
];

fn all() -> impl Iterator<Item = &'static Function> {
    LIBRARIES.iter().flat_map(|library| library.iter())
}

pub(super) fn method(name: &str) -> Option<&'static Function> {
    all().find(|function| function.is_method && function.name == name)
}

pub(super) fn global(name: &str) -> Option<&'static Function> {
    all().find(|function| !function.is_method && function.name == name)
}

pub(super) fn methods() -> impl Iterator<Item = &'static str> {
    all().filter(|function| function.is_method).map(|function| function.name)
}

pub(super) fn globals() -> impl Iterator<Item = &'static str> {
    all().filter(|function| !function.is_method).map(|function| function.name)
}

/// Names of all functions, whether each is called on a value, and how many arguments it takes at least.
#[cfg(test)]
pub(super) fn signatures() -> impl Iterator<Item = (&'static str, bool, usize)> {
    all().map(|function| (function.name, function.is_method, function.min))
}

/// Whether a name stands before the point of a function's name, as in `math.greatest`.
pub(super) fn is_namespace(word: &str) -> bool {
    globals().any(|name| name.split_once('.').is_some_and(|(namespace, _)| namespace == word))
}

/// Finds arguments that can never do, before any value is there: a pattern that is none, a network that is none.
pub(super) fn check_literals(function: &Function, args: &[Expr]) -> Result<(), Problem> {
    let text = |at: usize| match args.get(at).map(|arg| &arg.kind) {
        Some(Kind::Literal(Value::String(text))) => Some(&**text),
        _ => None,
    };
    let wrong = |at: usize, message: String| {
        let expr = &args[at];
        Err(problem(expr.start as usize, expr.end as usize, message))
    };
    match (function.name, text(0), text(1)) {
        ("matches" | "find" | "findAll", _, Some(pattern)) if !Pattern::is_one(pattern) => {
            wrong(1, format!("`{pattern}` is not a regular expression"))
        }
        ("cidr", Some(text), _) if network::cidr_of(text).is_none() => {
            wrong(0, format!("`{text}` is not an IP network"))
        }
        ("ip", Some(text), _) if network::ip_of(text).is_none() => wrong(0, format!("`{text}` is not an IP address")),
        ("quantity", Some(text), _) if quantity::Quantity::parse(text).is_none() => {
            wrong(0, format!("`{text}` is not a quantity"))
        }
        ("duration", Some(text), _) if time::Duration::parse(text).is_none() => {
            wrong(0, format!("`{text}` is not a duration"))
        }
        ("timestamp", Some(text), _) if time::Timestamp::parse(text).is_none() => {
            wrong(0, format!("`{text}` is not a time"))
        }
        _ => Ok(()),
    }
}
