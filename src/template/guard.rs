//! Guards: what makes every operation of a template bounded, and right or refused.
//!
//! The engine's own operators cannot be replaced, look into captured text as if it were the final text, and grow
//! strings and lists without limit. So each operand gets a guard before the template is compiled: `a + b` becomes
//! `((a)|__left) + ((b)|__right("+"))`, two filters that pass the value on or refuse it. Why that is enough:
//!
//! 1. A value reaches an operator, a condition, a loop, a subscript, a slice, or a new list or map only through an
//!    expression at that place, and [`super::check`] guards every such place; all other places pass the value on
//!    untouched (assignment, argument of a macro, branch of `a if b`, right side of `and` and `or`) or print it.
//! 2. Filters, tests and functions exist only in [`super::functions`], whose entry checks every argument likewise.
//! 3. Slots are written by the formatter only, into text that the engine captures as a *safe* string; no operator and no
//!    function takes a safe string with slots (1, 2), and no other makes one from it. So slots are only ever in safe
//!    strings, and those are only passed on or printed.
//! 4. Operands are bounded and counted, and an operator's result is at most as large as its operands together; the rest
//!    is bounded by fuel, by the size of the printed text and, for text that a capture takes up, by the [`Budget`].
//!
//! In a traced render the guards also take off what tells a value's node: see [`super::identity`].

use std::sync::Arc;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, State};

use super::context;
use super::convert;
use super::identity::{self, Identities};
use super::refusal::Refusal;
use super::slot;
use crate::environment::{Content, Tree};
use crate::finding::codes;
use crate::limits::Limits;

/// What is asked of the value of an expression, by the place where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// An item of a list, a value of a map, what is sliced.
    Value,
    /// What a namespace keeps: captured text is passed on.
    Stored,
    /// A condition.
    Truth,
    /// What a loop goes over.
    Each,
    /// What is indexed.
    Indexed,
    /// A key of a map, or an index.
    Key,
    /// An operand of `~`: becomes its text, as YAML spells it.
    Text,
    /// The operand of a minus sign.
    Number,
    /// The start or the end of a slice.
    Bound,
    /// The step of a slice.
    Step,
    Left,
    /// A left operand of `+`, which takes lists as they are.
    LeftOfPlus,
    Right(&'static str),
    /// A map with so many keys, some of them made: all of them are to be there.
    Entries(usize),
    /// What may be missing: becomes null.
    Optional,
}

impl Guard {
    /// The filter that asks it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Value => "__value",
            Self::Stored => "__stored",
            Self::Truth => "__truth",
            Self::Each => "__each",
            Self::Indexed => "__indexed",
            Self::Key => "__key",
            Self::Text => "__text",
            Self::Number => "__number",
            Self::Bound => "__bound",
            Self::Step => "__step",
            Self::Left => "__left",
            Self::LeftOfPlus => "__left_of_plus",
            Self::Right(_) => "__right",
            Self::Entries(_) => "__entries",
            Self::Optional => "__optional",
        }
    }
}

/// What one render may still use up, and the left operands of operators whose right one is being worked out.
pub(super) struct Budget {
    bytes: usize,
    nodes: usize,
    left: Vec<Operand>,
    session: Arc<context::Session>,
}

/// What is known of a left operand when the right one is checked.
#[derive(Clone, Copy)]
struct Operand {
    kind: ValueKind,
    /// Whether it is an integer, and one that a number with a point cannot hold.
    integer: Integer,
}

/// What a number is to an operator that makes a number with a point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Integer {
    None,
    Exact,
    Long,
}

impl Integer {
    fn of(value: &Value) -> Self {
        match value.is_integer().then(|| i128::try_from(value.clone()).ok()) {
            None => Self::None,
            Some(integer) if integer.is_some_and(is_exact) => Self::Exact,
            Some(_) => Self::Long,
        }
    }
}

/// Whether an integer is the same as a number with a point.
pub(super) fn is_exact(integer: i128) -> bool {
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "whether they lose anything is asked"
    )]
    let back = (integer as f64) as i128;
    back == integer
}

/// Bounds that guards and functions keep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Bytes of one string.
    pub(super) string: usize,
    /// Maps and lists within each other.
    pub(super) depth: usize,
    /// Bytes and nodes that one render may work on.
    pub(super) bytes: usize,
    pub(super) nodes: usize,
    /// Bytes of what one template prints, and its steps.
    pub(super) artifact: usize,
    pub(super) fuel: u64,
}

impl Bounds {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            string: limits.scalar_bytes,
            depth: limits.yaml_depth,
            bytes: limits.template_work_bytes,
            nodes: limits.template_work_nodes,
            artifact: limits.artifact_bytes,
            fuel: limits.template_fuel,
        }
    }

    fn budget<'a>(&self, state: &'a mut State) -> &'a mut Budget {
        if state.get_extension::<Budget>().is_none() {
            let session = context::session(state);
            state.get_or_insert_extension(Budget { bytes: self.bytes, nodes: self.nodes, left: Vec::new(), session });
        }
        state.get_extension_mut().expect("inserted just now")
    }

    fn spend(&self, state: &mut State, nodes: usize, bytes: usize) -> Result<(), Refusal> {
        let fuel = state.fuel_levels().map_or(0, |(used, _)| used);
        let budget = self.budget(state);
        if budget.session.spend(fuel, nodes, bytes) {
            return Err(Refusal::too_large("this template takes more work than its environment may take"));
        }
        let left = (budget.nodes.checked_sub(nodes), budget.bytes.checked_sub(bytes));
        (budget.nodes, budget.bytes) = (left.0.unwrap_or(0), left.1.unwrap_or(0));
        match left {
            (None, _) => Err(Refusal::too_large("this template works on more values than an artifact could ever need")),
            (_, None) => Err(Refusal::too_large("this template works on more text than an artifact could ever need")),
            _ => Ok(()),
        }
    }

    /// The bytes and nodes that a render has worked on.
    pub(super) fn spent(&self, state: &mut State) -> (usize, usize) {
        let budget = self.budget(state);
        (self.bytes - budget.bytes, self.nodes - budget.nodes)
    }

    /// Counts bytes that are worked on or made.
    pub(super) fn spend_bytes(&self, state: &mut State, bytes: usize) -> Result<(), Refusal> {
        self.spend(state, 0, bytes)
    }

    /// Counts items that are worked on or made.
    pub(super) fn spend_nodes(&self, state: &mut State, nodes: usize) -> Result<(), Refusal> {
        self.spend(state, nodes, 0)
    }

    /// Counts the items of a list or a map of the environment, for operations that go through them.
    pub(super) fn spend_items(&self, state: &mut State, value: &Value) -> Result<(), Refusal> {
        let items = context::tree(value).and(value.len()).unwrap_or(0);
        if items > 0 { self.spend_nodes(state, items) } else { Ok(()) }
    }

    /// Checks a value that an operation looks into, and counts it.
    pub(super) fn check(&self, state: &mut State, value: &Value) -> Result<(), Refusal> {
        match value.kind() {
            ValueKind::Undefined => Err(Refusal::undefined()),
            ValueKind::String | ValueKind::Bytes => self.check_string(state, value),
            ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => self.check_nodes(state, value, 0),
            ValueKind::Invalid => Err(Refusal::operation("a value holds one of the characters U+E000 to U+E003")),
            _ => Ok(()),
        }
    }

    fn check_string(&self, state: &mut State, value: &Value) -> Result<(), Refusal> {
        let text = value.as_str().unwrap_or_default();
        if value.is_safe() && text.chars().any(slot::is_slot) {
            return Err(Refusal::captured());
        }
        if text.len() > self.string {
            return Err(Refusal::too_large(format!("a text of more than {} bytes", self.string)));
        }
        self.spend_bytes(state, text.len())
    }

    fn check_nodes(&self, state: &mut State, value: &Value, depth: usize) -> Result<(), Refusal> {
        if depth > self.depth {
            return Err(Refusal::too_large(format!("maps and lists within each other, more than {} deep", self.depth)));
        }
        self.spend_nodes(state, 1)?;
        // What the environment holds was counted when it was read.
        if context::tree(value).is_some() {
            return Ok(());
        }
        let Some(object) = value.as_object() else { return Ok(()) };
        // A lazy list can be longer than it is large.
        if object.enumerator_len().is_some_and(|len| len > self.nodes) {
            return self.spend_nodes(state, self.nodes + 1);
        }
        let is_map = value.kind() == ValueKind::Map;
        for item in object.try_iter().into_iter().flatten() {
            let item = if is_map { object.get_value(&item).unwrap_or_default() } else { item };
            match item.kind() {
                ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => self.check_nodes(state, &item, depth + 1)?,
                ValueKind::String => {
                    self.spend_nodes(state, 1)?;
                    self.check_string(state, &item)?;
                }
                _ => self.spend_nodes(state, 1)?,
            }
        }
        Ok(())
    }

    /// Counts a map or a list of the environment in full, for operations that compare all of it.
    fn check_deep(&self, state: &mut State, value: &Value) -> Result<(), Refusal> {
        self.check(state, value)?;
        if let Some(tree) = context::tree(value) {
            return self.check_tree(state, tree);
        }
        if let Some(object) = value.as_object() {
            let is_map = value.kind() == ValueKind::Map;
            for item in object.try_iter().into_iter().flatten() {
                let item = if is_map { object.get_value(&item).unwrap_or_default() } else { item };
                if item.as_object().is_some() {
                    self.check_deep(state, &item)?;
                }
            }
        }
        Ok(())
    }

    fn check_tree(&self, state: &mut State, tree: &Tree) -> Result<(), Refusal> {
        match &tree.content {
            Content::List(items) => {
                self.spend_nodes(state, items.len())?;
                items.iter().try_for_each(|item| self.check_tree(state, item))
            }
            Content::Map(entries) => {
                self.spend_nodes(state, entries.len())?;
                entries.values().try_for_each(|value| self.check_tree(state, value))
            }
            Content::String(text) => self.spend_bytes(state, text.len()),
            _ => Ok(()),
        }
    }
}

/// A kind as messages say it.
pub(super) fn kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Undefined => "undefined",
        ValueKind::None => "null",
        ValueKind::Bool => "a boolean",
        ValueKind::Number => "a number",
        ValueKind::String => "a string",
        ValueKind::Bytes => "bytes",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "a map",
        _ => "a function or a macro",
    }
}

/// What a guard asks of a value; the value that it makes of it, if it makes another one.
type Ask = fn(&Bounds, &mut State, &Value) -> Result<Option<Value>, Refusal>;

/// Puts the guards' filters into an engine.
pub(super) fn install(environment: &mut Environment<'_>, limits: &Limits) {
    let bounds = Bounds::new(limits);
    asked(&mut |guard, check| {
        environment.add_filter(guard.name(), move |state: &mut State, value: &Value| -> Result<Value, Error> {
            let value = unmarked(value);
            let changed = check(&bounds, state, &value)?;
            Ok(changed.unwrap_or(value))
        });
    });
    environment.add_filter("__right", move |state: &mut State, value: &Value, sign: &str| -> Result<Value, Error> {
        let value = unmarked(value);
        right(&bounds, state, &value, sign)?;
        Ok(value)
    });
    environment.add_filter("__entries", |value: &Value, count: usize| -> Result<Value, Error> {
        match value.len() {
            Some(len) if len < count => Err(same_keys().into()),
            _ => Ok(value.clone()),
        }
    });
    environment.add_filter("__printed", move |state: &mut State, bytes: usize| -> Result<Value, Error> {
        bounds.spend_bytes(state, bytes)?;
        Ok(Value::from_safe_string(String::new()))
    });
}

/// Puts guards for values that know their nodes in the places of the others: see [`super::identity`].
pub(super) fn install_traced(environment: &mut Environment<'_>, limits: &Limits) {
    let bounds = Bounds::new(limits);
    asked(&mut |guard, check| {
        environment.add_filter(guard.name(), move |state: &mut State, value: &Value| -> Result<Value, Error> {
            let marked = unmarked(value);
            let session = Arc::clone(&slot::slots(state).session);
            let Some(identities) = session.identities() else { return Ok(marked) };
            let value = guard.operand(&marked, identities);
            match check(&bounds, state, &value) {
                Ok(changed) => {
                    session.went_on();
                    Ok(changed.unwrap_or(value))
                }
                Err(refusal) => {
                    identities.fail(identities.source(&marked));
                    Err(refusal.into())
                }
            }
        });
    });
    environment.add_filter("__right", move |state: &mut State, value: &Value, sign: &str| -> Result<Value, Error> {
        let marked = unmarked(value);
        let session = Arc::clone(&slot::slots(state).session);
        let Some(identities) = session.identities() else { return Ok(marked) };
        if sign == "+" {
            identities.look_at_joined(&marked);
        } else {
            identities.look(&marked);
        }
        let left = identities.take_left();
        let value = if sign == "+" { identity::joined(&marked) } else { identity::operand(&marked) };
        match right(&bounds, state, &value, sign) {
            Ok(()) => {
                session.went_on();
                Ok(value)
            }
            Err(refusal) => {
                identities.fail(left.into_iter().chain(identities.source(&marked)));
                Err(refusal.into())
            }
        }
    });
}

impl Guard {
    /// A value that knows its node, as what stands behind this guard has to have it.
    fn operand(self, value: &Value, identities: &Identities) -> Value {
        if matches!(self, Self::Left | Self::LeftOfPlus) {
            identities.left(value);
        }
        match self {
            // These only pass it on.
            Self::Stored | Self::Optional | Self::Value => value.clone(),
            Self::Each | Self::Indexed => identity::bare(value),
            Self::Truth => {
                identities.look_at_shape(value);
                identity::bare(value)
            }
            Self::LeftOfPlus => {
                identities.look_at_joined(value);
                identity::joined(value)
            }
            _ => {
                identities.look(value);
                identity::operand(value)
            }
        }
    }
}

/// All guards that are filters without arguments, and what they ask.
fn asked(add: &mut dyn FnMut(Guard, Ask)) {
    add(Guard::Value, |bounds, state, value| bounds.check(state, value).map(|()| None));
    add(Guard::Stored, |bounds, state, value| {
        if value.kind() == ValueKind::String || value.as_object().is_none() {
            return if value.is_undefined() { Err(Refusal::undefined()) } else { Ok(None) };
        }
        bounds.check(state, value).map(|()| None)
    });
    add(Guard::Truth, |_, _, value| match value.kind() {
        ValueKind::Undefined => Err(Refusal::undefined()),
        ValueKind::String if is_captured(value) => Err(Refusal::captured()),
        _ => Ok(None),
    });
    add(Guard::Indexed, |_, _, value| match value.kind() {
        ValueKind::Undefined => Err(Refusal::undefined()),
        ValueKind::String if is_captured(value) => Err(Refusal::captured()),
        _ => Ok(None),
    });
    add(Guard::Each, |bounds, state, value| match value.kind() {
        ValueKind::Undefined => Err(Refusal::undefined()),
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => {
            let len = value.len().unwrap_or_default();
            bounds.spend_nodes(state, len).map(|()| None)
        }
        other => {
            Err(Refusal::operation(format!("{} cannot be gone over", kind(other))).help("loops go over lists and maps"))
        }
    });
    add(Guard::Key, |bounds, state, value| match value.kind() {
        ValueKind::Undefined => Err(Refusal::undefined()),
        ValueKind::String => bounds.check_string(state, value).map(|()| None),
        ValueKind::Number => Ok(None),
        other => Err(Refusal::operation(format!("{} cannot be a key", kind(other)))),
    });
    add(Guard::Text, |bounds, state, value| text(bounds, state, value).map(|text| Some(Value::from(text))));
    add(Guard::Number, |_, _, value| match value.kind() {
        ValueKind::Number => Ok(None),
        ValueKind::Undefined => Err(Refusal::undefined()),
        other => Err(Refusal::operation(format!("`-` wants a number, this is {}", kind(other)))),
    });
    add(Guard::Bound, |_, _, value| match value.as_i64() {
        _ if value.is_none() => Ok(None),
        Some(bound) if bound.unsigned_abs() < 1 << 32 && value.is_integer() => Ok(None),
        _ if value.is_undefined() => Err(Refusal::undefined()),
        _ => Err(Refusal::operation("a slice begins and ends at an integer")),
    });
    add(Guard::Step, |_, _, value| match value.as_i64() {
        Some(1..=0xFFFF) if value.is_integer() => Ok(None),
        _ => Err(Refusal::operation("the step of a slice is a positive integer").help("use `reverse` to go backwards")),
    });
    for guard in [Guard::Left, Guard::LeftOfPlus] {
        add(guard, |bounds, state, value| {
            if value.is_undefined() {
                return Err(Refusal::undefined());
            }
            if is_captured(value) {
                return Err(Refusal::captured());
            }
            let operand = Operand { kind: value.kind(), integer: Integer::of(value) };
            bounds.check(state, value)?;
            bounds.budget(state).left.push(operand);
            Ok(None)
        });
    }
    add(Guard::Optional, |_, _, value| Ok(value.is_undefined().then(|| Value::from(()))));
}

/// The text of a scalar: what `~` joins.
pub(super) fn text(bounds: &Bounds, state: &mut State, value: &Value) -> Result<Arc<str>, Refusal> {
    bounds.check(state, value)?;
    let session = Arc::clone(&slot::slots(state).session);
    let scalar = match value.kind() {
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => None,
        _ => convert::scalar(value, &session).ok(),
    };
    let text = scalar.as_ref().and_then(convert::text);
    text.ok_or_else(|| {
        Refusal::operation(format!("{} has no text", kind(value.kind())))
            .help("print it where it stands alone, or turn it into JSON with `tojson`")
    })
}

pub(super) fn is_captured(value: &Value) -> bool {
    value.is_safe() && value.as_str().is_some_and(|text| text.chars().any(slot::is_slot))
}

/// A captured text without the marks of a traced render, which must compute what the plain one does.
pub(super) fn unmarked(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if value.is_safe() && text.contains(slot::MARK_OPEN) => {
            Value::from_safe_string(slot::without_marks(text))
        }
        _ => value.clone(),
    }
}

fn same_keys() -> Refusal {
    Refusal::new(&codes::template::DUPLICATE_KEY, "two keys of this map are the same")
        .help("leave one of the two out, or make the key of what tells them apart")
}

/// Checks the right operand, and that the operator can work with both.
fn right(bounds: &Bounds, state: &mut State, value: &Value, sign: &str) -> Result<(), Refusal> {
    let left = bounds.budget(state).left.pop();
    if value.is_undefined() {
        return Err(Refusal::undefined());
    }
    let Some(left) = left else { return bounds.check(state, value) };
    let (a, b) = (left.kind, value.kind());
    let is_list = |kind| matches!(kind, ValueKind::Seq | ValueKind::Iterable);
    let both = |wanted: ValueKind| a == wanted && b == wanted;
    let good = match sign {
        "==" | "!=" => {
            // Comparing two collections walks both; a scalar is never equal to one.
            if a == b && value.as_object().is_some() {
                bounds.check_deep(state, value)?;
            }
            !matches!(a, ValueKind::Plain) && !matches!(b, ValueKind::Plain)
        }
        "<" | "<=" | ">" | ">=" => both(ValueKind::Number) || both(ValueKind::String),
        "+" => both(ValueKind::Number) || both(ValueKind::String) || (is_list(a) && is_list(b)),
        "in" => {
            (a == ValueKind::String && b == ValueKind::String)
                || is_list(b)
                || (b == ValueKind::Map && a == ValueKind::String)
        }
        _ => both(ValueKind::Number),
    };
    if !good {
        let message = match sign {
            "in" => format!("`in` cannot look for {} in {}", kind(a), kind(b)),
            _ => format!("`{sign}` cannot work with {} and {}", kind(a), kind(b)),
        };
        let refusal = Refusal::operation(message);
        let is_text = a == ValueKind::String || b == ValueKind::String;
        return Err(match sign {
            "+" if is_text => refusal.help("`~` joins texts"),
            "%" if a == ValueKind::String => refusal.help("join texts with `~`, as in `\"web-\" ~ name`"),
            "in" | "==" | "!=" => refusal,
            "<" | "<=" | ">" | ">=" if is_text => {
                refusal.help("`| int` makes a number of a text; `semver_compare` compares versions")
            }
            "-" if is_text => {
                refusal.help("`| int` makes a number of a text; a key with a dash is written `map[\"a-b\"]`")
            }
            _ if is_text => refusal.help("`| int` makes a number of a text, `| float` one with a point"),
            _ => refusal,
        });
    }
    if sign == "in" {
        bounds.spend_items(state, value)?;
    }
    let integers = [left.integer, Integer::of(value)];
    let makes_float = sign == "/" || integers.contains(&Integer::None);
    let computes = matches!(sign, "/" | "+" | "-" | "*" | "//" | "%" | "**") && both(ValueKind::Number);
    if computes && makes_float && integers.contains(&Integer::Long) {
        let refusal = Refusal::operation(format!("`{sign}` would lose digits of a number"));
        let help = "beyond 9007199254740992, a number with a point does not keep all its digits; `//` divides integers";
        return Err(refusal.help(help));
    }
    let is_zero = b == ValueKind::Number && !value.is_true();
    if matches!(sign, "/" | "//" | "%") && is_zero {
        return Err(Refusal::operation("a division by zero"));
    }
    bounds.check(state, value)
}
