//! The standard library of templates: every filter, function and test there is, in one table from which
//! `docs/templates.md` is made. Nothing here reads a clock, a random number or the
//! network; the only files are those that templates name and that were read with them.

mod assert;
mod aws;
mod collection;
mod embed;
mod encode;
mod kubernetes;
mod network;
mod number;
mod reference;
mod strict;
mod test;
mod text;
mod trace;
mod version;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Kwargs, Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State};

use super::guard::{self, Bounds};
use super::refusal::Refusal;
use super::slot;
use crate::limits::Limits;

pub use reference::reference;

/// One entry of the library.
pub(super) struct Function {
    name: &'static str,
    /// How it is used: `x | name`, `name(x)`, both, or `x is name`.
    usage: Usage,
    /// Its arguments, as the documentation shows them; for a filter without the first.
    signature: &'static str,
    about: &'static str,
    /// Expressions and what they make, as YAML; each is a test.
    examples: &'static [(&'static str, &'static str)],
    run: Run,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Usage {
    Filter,
    Function,
    Both,
    Test,
}

/// What runs it, once the arguments are checked.
#[derive(Clone, Copy)]
enum Run {
    Own(fn(&mut Call<'_, '_, '_>) -> Result<Value, Refusal>),
    /// Ours, on a text with its values in it where that of a macro or of a `set` block is given.
    Filled(fn(&mut Call<'_, '_, '_>) -> Result<Value, Refusal>),
    /// Ours, running another template: its errors are those of the engine.
    Render(fn(&mut Call<'_, '_, '_>) -> Result<Value, Error>),
    /// The engine's own, harmless on bounded arguments.
    Engine(fn() -> Value),
    /// The engine's own, on arguments that may be undefined or captured.
    Unchecked(fn() -> Value),
}

/// A part of the library, with its title in the documentation.
struct Section {
    title: &'static str,
    functions: &'static [Function],
}

static SECTIONS: &[&Section] = &[
    &assert::SECTION,
    &text::SECTION,
    &number::SECTION,
    &collection::SECTION,
    &network::SECTION,
    &encode::SECTION,
    &embed::SECTION,
    &kubernetes::SECTION,
    &version::SECTION,
    &aws::SECTION,
    &test::SECTION,
];

fn all() -> impl Iterator<Item = &'static Function> {
    SECTIONS.iter().flat_map(|section| section.functions)
}

fn table(
    usages: [Usage; 2],
    cell: &'static OnceLock<BTreeMap<&'static str, &'static Function>>,
) -> &'static BTreeMap<&'static str, &'static Function> {
    cell.get_or_init(|| {
        all().filter(|function| usages.contains(&function.usage)).map(|function| (function.name, function)).collect()
    })
}

fn filters() -> &'static BTreeMap<&'static str, &'static Function> {
    static TABLE: OnceLock<BTreeMap<&'static str, &'static Function>> = OnceLock::new();
    table([Usage::Filter, Usage::Both], &TABLE)
}

fn functions() -> &'static BTreeMap<&'static str, &'static Function> {
    static TABLE: OnceLock<BTreeMap<&'static str, &'static Function>> = OnceLock::new();
    table([Usage::Function, Usage::Both], &TABLE)
}

fn tests() -> &'static BTreeMap<&'static str, &'static Function> {
    static TABLE: OnceLock<BTreeMap<&'static str, &'static Function>> = OnceLock::new();
    table([Usage::Test, Usage::Test], &TABLE)
}

pub(super) fn is_filter(name: &str) -> bool {
    filters().contains_key(name)
}

pub(super) fn is_function(name: &str) -> bool {
    functions().contains_key(name)
}

pub(super) fn is_test(name: &str) -> bool {
    tests().contains_key(name)
}

pub(super) fn filter_names() -> impl Iterator<Item = &'static str> {
    filters().keys().copied()
}

pub(super) fn function_names<'a>() -> impl Iterator<Item = &'a str> {
    functions().keys().copied()
}

pub(super) fn test_names() -> impl Iterator<Item = &'static str> {
    tests().keys().copied()
}

/// What a name of Jinja's, Ansible's or Helm's is called here.
pub(super) fn called_here(name: &str) -> Option<&'static str> {
    Some(match name {
        "equalto" | "==" | "sameas" => "eq",
        "!=" => "ne",
        "greaterthan" | ">" => "gt",
        ">=" => "ge",
        "lessthan" | "<" => "lt",
        "<=" => "le",
        "subset" | "contains" => "in",
        "toJson" | "to_json" | "mustToJson" => "tojson",
        "b64enc" => "b64encode",
        "b64dec" => "b64decode",
        "sha256sum" | "hash" => "sha256",
        "d" => "default",
        "startswith" | "hasPrefix" => "startingwith",
        "endswith" | "hasSuffix" => "endingwith",
        "null" | "nil" => "none",
        "exists" | "exist" => "defined",
        "len" | "size" => "length",
        "str" => "string",
        "combine" | "mergeOverwrite" => "merge",
        "dict2items" => "items",
        "union" => "unique",
        _ => return None,
    })
}

/// What to do without a function of Jinja's, Ansible's or Helm's that there is no need for here.
pub(super) fn instead(name: &str) -> Option<&'static str> {
    Some(match name {
        "regex_replace" | "regexReplaceAll" | "regexReplaceAllLiteral" => {
            "there are no patterns here: `replace(\"a\", \"b\")` replaces a text as it stands; set what differs in the environment"
        }
        "toYaml" | "to_yaml" | "to_nice_yaml" | "toyaml" | "yaml" | "dump" => {
            "leave it out: a map or a list is put in with its structure, at any indentation"
        }
        "nindent" | "indent" => "leave it out: what is put in is indented as its place wants it",
        "quote" | "squote" | "quoted" => {
            "leave it out: a text is quoted where YAML needs it; in `\"{{ x }}\"` a number becomes a text"
        }
        "trimSuffix" | "trimPrefix" | "removesuffix" | "removeprefix" => {
            "nothing takes off what a text ends or begins with: `x | replace(\"-\", \"\")` takes it out everywhere, `x[:63]` cuts"
        }
        "trunc" | "substr" => "write `x[:63]`, or `x | dns_label` for a name of Kubernetes",
        "semverCompare" => "write `semver_compare(version, \"1.2.0\") >= 0`",
        "regexMatch" | "regex_match" | "regex_search" | "regexFind" => {
            "there are no patterns here: `x is startingwith \"a\"`, `x is endingwith \"a\"` and `\"a\" in x` ask what a text holds"
        }
        "ternary" | "iif" => "write `a if condition else b`",
        "format" | "printf" => "join texts with `~`, as in `\"web-\" ~ name`",
        "include" | "tpl" | "template" => "take a file in with `{% include '_part.j2' %}`, or call a macro",
        "hasKey" => "write `key in map`",
        "len" | "size" => "write `x | length`",
        "str" => "write `x | string`",
        "max" | "min" => "write `[a, b] | max` or `[a, b] | min`",
        "startswith" | "endswith" => "write `x is startingwith \"a\"` or `x is endingwith \"a\"`",
        "update" => "write `map | merge(other)`",
        "iteritems" | "iterkeys" => "write `for key, value in map | items`",
        "empty" | "bool" | "toBool" => "write `x` or `not x` where a condition stands",
        "coalesce" | "dig" | "get" => "write `a.b | default(c)`",
        "mandatory" => "write `required(x, 'why it is needed')`",
        "kindIs" | "typeOf" => "write `x is mapping`, `x is string` and the like",
        "env" | "getenv" | "lookup" | "now" | "date" | "randAlphaNum" | "uuidv4" | "genCA" | "strftime" => {
            "nothing is known here but the environment, so that the same input gives the same output: set it there"
        }
        _ => return None,
    })
}

/// Puts the library, and nothing else, into an engine without any.
pub(super) fn install(environment: &mut Environment<'_>, limits: &Limits) {
    let bounds = Bounds::new(limits);
    all().for_each(|function| add(environment, function, entry(function, bounds)));
}

/// Puts the library into an engine whose values know their nodes, in place of the one that is there.
pub(super) fn install_traced(environment: &mut Environment<'_>, limits: &Limits) {
    let bounds = Bounds::new(limits);
    all().for_each(|function| add(environment, function, trace::entry(function, entry(function, bounds))));
}

fn add<F>(environment: &mut Environment<'_>, function: &'static Function, entry: F)
where
    F: Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error> + Clone + Send + Sync + 'static,
{
    match function.usage {
        Usage::Test => environment.add_test(function.name, entry),
        Usage::Filter => environment.add_filter(function.name, entry),
        Usage::Function => environment.add_function(function.name, entry),
        Usage::Both => {
            environment.add_filter(function.name, entry.clone());
            environment.add_function(function.name, entry);
        }
    }
}

/// The one way into a function: arguments are checked and counted before it sees them.
fn entry(
    function: &'static Function,
    bounds: Bounds,
) -> impl Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error> + Clone + Send + Sync + 'static {
    let keeps_json = encode::KEEP_JSON.contains(&function.name);
    let engine = match function.run {
        Run::Engine(make) | Run::Unchecked(make) => Some(make()),
        Run::Own(_) | Run::Filled(_) | Run::Render(_) => None,
    };
    move |state, args| {
        let mut args: Vec<Value> = args.into_values().iter().map(guard::unmarked).collect();
        if matches!(function.run, Run::Filled(_)) {
            for arg in args.iter_mut().filter(|arg| guard::is_captured(arg)) {
                *arg = Value::from(slot::resolved(state, &bounds, &arg.to_str().unwrap_or_default())?);
            }
        }
        if !matches!(function.run, Run::Unchecked(_)) {
            // A file may be longer than other texts, and what it holds is all that such a function wants of it.
            let longest = if matches!(function.run, Run::Filled(_)) { bounds.artifact } else { bounds.string };
            let of_argument = Bounds { string: longest, ..bounds };
            for arg in &args {
                of_argument.check(state, arg)?;
                bounds.spend_items(state, arg)?;
            }
        }
        bounds.spend_nodes(state, 1)?;
        match function.run {
            Run::Render(run) => {
                let mut call = Call::new(function, state, bounds, args);
                let value = run(&mut call)?;
                call.finish()?;
                Ok(value)
            }
            Run::Own(run) | Run::Filled(run) => {
                let subject = args.first().filter(|_| keeps_json).cloned();
                let mut call = Call::new(function, state, bounds, args);
                let value = run(&mut call)?;
                call.finish()?;
                Ok(if let Some(subject) = subject { encode::json_again(&subject, value) } else { value })
            }
            Run::Engine(_) | Run::Unchecked(_) => {
                if matches!(function.name, "sort" | "unique") {
                    bounds.spend_nodes(state, comparisons(&args))?;
                }
                if let Some(list) = args.first().and_then(Value::len) {
                    bounds.spend_nodes(state, if function.usage == Usage::Filter { list } else { 0 })?;
                }
                strict::check(function.name, &mut args)?;
                let inner = engine.as_ref().ok_or_else(|| Refusal::operation("this is not a function"))?;
                inner.call(state, &args).map_err(|error| own_words(function, &args, error))
            }
        }
    }
}

/// What it takes to compare the items of a list as sorting does, in nodes: lists and maps are compared part by part.
fn comparisons(args: &[Value]) -> usize {
    let Some(list) = args.first() else { return 0 };
    let count = list.len().unwrap_or(0);
    let is_large = |item: Value| matches!(item.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable);
    let by_attribute = args.len() > 1;
    let weight = if !by_attribute && list.get_item_by_index(0).is_ok_and(is_large) { COMPARED } else { 1 };
    count.saturating_mul(count.max(1).ilog2() as usize).saturating_mul(weight)
}

/// To compare two lists or maps.
const COMPARED: usize = 16;

/// What the engine's own functions say, in our words.
fn own_words(function: &Function, args: &[Value], error: Error) -> Error {
    if Refusal::of(&error).is_some() {
        return error;
    }
    let name = function.name;
    let refusal = match error.kind() {
        ErrorKind::TooManyArguments => Refusal::operation(format!("`{name}` has too many arguments")),
        ErrorKind::MissingArgument => Refusal::operation(format!("`{name}` lacks an argument")),
        ErrorKind::UndefinedError => Refusal::undefined(),
        ErrorKind::UnknownFilter => Refusal::operation(format!("`{name}` names a filter that does not exist")),
        ErrorKind::UnknownTest => Refusal::operation(format!("`{name}` names a test that does not exist")),
        _ => {
            let what = args.first().map_or("nothing", |arg| guard::kind(arg.kind()));
            Refusal::operation(format!("`{name}` cannot work with {what}"))
        }
    };
    refusal.help(format!("it is used as `{}`", function.usage())).into()
}

impl Function {
    /// How it is written: `x | replace(old, new)`.
    fn usage(&self) -> String {
        let Self { name, signature, .. } = self;
        match self.usage {
            Usage::Filter if signature.is_empty() => format!("x | {name}"),
            Usage::Filter => format!("x | {name}({signature})"),
            Usage::Function | Usage::Both => format!("{name}({signature})"),
            Usage::Test if signature.is_empty() => format!("x is {name}"),
            Usage::Test => format!("x is {name}({signature})"),
        }
    }
}

/// One call of a function of ours: its arguments, by position or by name.
struct Call<'c, 't, 'e> {
    function: &'static Function,
    state: &'c mut State<'t, 'e>,
    bounds: Bounds,
    positional: Vec<Value>,
    named: Option<Kwargs>,
    taken: usize,
}

impl<'c, 't, 'e> Call<'c, 't, 'e> {
    fn new(function: &'static Function, state: &'c mut State<'t, 'e>, bounds: Bounds, mut args: Vec<Value>) -> Self {
        let named = args.pop_if(|last| last.is_kwargs()).and_then(|last| Kwargs::try_from(last).ok());
        Self { function, state, bounds, positional: args, named, taken: 0 }
    }

    fn refuse<T>(&self, message: impl AsRef<str>) -> Result<T, Refusal> {
        let refusal = Refusal::operation(format!("`{}`: {}", self.function.name, message.as_ref()));
        Err(refusal.help(format!("it is used as `{}`", self.function.usage())))
    }

    /// The next argument, if it is given; null counts as not given.
    fn optional(&mut self, name: &str) -> Option<Value> {
        let index = self.taken;
        self.taken += 1;
        let value = match self.positional.get(index) {
            Some(value) => Some(value.clone()),
            None => self.named.as_ref().and_then(|named| named.get::<Option<Value>>(name).ok().flatten()),
        };
        value.filter(|value| !value.is_none())
    }

    /// The next argument.
    fn value(&mut self, name: &str) -> Result<Value, Refusal> {
        let given = self.taken < self.positional.len();
        match self.optional(name) {
            Some(value) => Ok(value),
            None if given => self.refuse(format!("`{name}` is null")),
            None => self.refuse(format!("`{name}` is not given")),
        }
    }

    /// The next argument, which may be null.
    fn value_or_null(&mut self, name: &str) -> Result<Value, Refusal> {
        match self.positional.get(self.taken).filter(|value| value.is_none()) {
            Some(null) => {
                self.taken += 1;
                Ok(null.clone())
            }
            None => self.value(name),
        }
    }

    fn text(&mut self, name: &str) -> Result<Arc<str>, Refusal> {
        let value = self.value(name)?;
        match value.kind() {
            ValueKind::String => Ok(value.to_str().unwrap_or_default()),
            kind => self.refuse(format!("`{name}` is a text, not {}", guard::kind(kind))),
        }
    }

    fn optional_text(&mut self, name: &str) -> Result<Option<Arc<str>>, Refusal> {
        match self.optional(name) {
            Some(value) if value.kind() == ValueKind::String => Ok(value.to_str()),
            Some(value) => self.refuse(format!("`{name}` is a text, not {}", guard::kind(value.kind()))),
            None => Ok(None),
        }
    }

    fn integer(&mut self, name: &str) -> Result<i64, Refusal> {
        let value = self.value(name)?;
        match value.as_i64() {
            Some(integer) if value.is_integer() => Ok(integer),
            _ => self.refuse(format!("`{name}` is an integer, not {}", guard::kind(value.kind()))),
        }
    }

    fn optional_integer(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.optional(name) {
            Some(value) => match value.as_i64() {
                Some(integer) if value.is_integer() => Ok(Some(integer)),
                _ => self.refuse(format!("`{name}` is an integer, not {}", guard::kind(value.kind()))),
            },
            None => Ok(None),
        }
    }

    /// A list's items.
    fn list(&mut self, name: &str) -> Result<Vec<Value>, Refusal> {
        let value = self.value(name)?;
        match value.kind() {
            ValueKind::Seq | ValueKind::Iterable => self.items(&value),
            kind => self.refuse(format!("`{name}` is a list, not {}", guard::kind(kind))),
        }
    }

    fn items(&mut self, value: &Value) -> Result<Vec<Value>, Refusal> {
        let items: Vec<Value> =
            value.as_object().and_then(minijinja::value::DynObject::try_iter).into_iter().flatten().collect();
        self.bounds.spend_nodes(self.state, items.len())?;
        Ok(items)
    }

    /// A map's entries.
    fn map(&mut self, name: &str) -> Result<Vec<(Value, Value)>, Refusal> {
        let value = self.value(name)?;
        match value.kind() {
            ValueKind::Map => self.entries(&value),
            kind => self.refuse(format!("`{name}` is a map, not {}", guard::kind(kind))),
        }
    }

    fn entries(&mut self, value: &Value) -> Result<Vec<(Value, Value)>, Refusal> {
        let entries: Vec<_> =
            value.as_object().and_then(minijinja::value::DynObject::try_iter_pairs).into_iter().flatten().collect();
        self.bounds.spend_nodes(self.state, entries.len())?;
        Ok(entries)
    }

    /// A scalar as its text.
    fn as_text(&mut self, value: &Value) -> Result<Arc<str>, Refusal> {
        guard::text(&self.bounds, self.state, value)
    }

    /// Counts a text before it is made.
    fn makes(&mut self, bytes: usize) -> Result<(), Refusal> {
        if bytes > self.bounds.string {
            return Err(Refusal::too_large(format!(
                "`{}` would make a text of more than {} bytes",
                self.function.name, self.bounds.string
            )));
        }
        self.bounds.spend_bytes(self.state, bytes)
    }

    fn session(&mut self) -> Arc<super::context::Session> {
        Arc::clone(&slot::slots(self.state).session)
    }

    /// No argument may be left over: a misspelt name would change nothing in silence.
    fn finish(&self) -> Result<(), Refusal> {
        if self.positional.len() > self.taken {
            return self.refuse("there are too many arguments");
        }
        match self.named.as_ref().map(Kwargs::assert_all_used) {
            Some(Err(_)) => self.refuse("an argument has a name that it does not know"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod examples;
