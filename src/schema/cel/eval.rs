//! Evaluating an expression, with a budget: every step and every byte made costs fuel, so that no rule takes more time
//! or memory than the budget allows.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::escape;
use super::pattern::Pattern;
use super::syntax::{Access, Expr, Kind, Loop, LoopKind, Operator, Problem};
use super::value::{BYTES_A_STEP, Key, Value, as_int};
use crate::account::Cost;

/// Steps of one rule on one value: some tens of milliseconds at most.
const FUEL: u64 = 400_000;

/// Steps of evaluating anything.
const EVALUATION: u64 = 20;

/// State of evaluating rules. Patterns stay compiled from one rule to the next.
#[derive(Default)]
pub(super) struct Machine {
    pub(super) fuel: u64,
    /// What was burnt before the tank was filled again.
    spent: u64,
    filled: bool,
    /// Whether an evaluation came to no end.
    pub(super) exhausted: bool,
    variables: Vec<Value>,
    patterns: BTreeMap<Arc<str>, Pattern>,
}

/// Why there is no value.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// Can be absorbed by `&&`, `||` and their like.
    Error(Box<Problem>),
    /// The function does not take arguments of these types; who called it says which.
    Unfit,
    /// What a function has to say about its arguments.
    Refused(String),
    /// The budget is used up: nothing absorbs this.
    Exhausted,
}

pub(super) type Outcome = Result<Value, Fault>;

impl Machine {
    /// Evaluates a rule with `self` bound.
    pub(super) fn run(&mut self, expr: &Expr, this: &Value) -> Result<Value, Problem> {
        self.start(this);
        self.finish(expr)
    }

    /// Evaluates an expression with all its variables bound.
    pub(super) fn run_with(&mut self, expr: &Expr, variables: &[Value]) -> Result<Value, Problem> {
        self.fill();
        self.variables.clear();
        self.variables.extend_from_slice(variables);
        self.finish(expr)
    }

    fn finish(&mut self, expr: &Expr) -> Result<Value, Problem> {
        let result = self.eval(expr);
        self.exhausted |= matches!(result, Err(Fault::Exhausted));
        result.map_err(|fault| match fault {
            Fault::Error(problem) => *problem,
            Fault::Refused(message) => at(expr, message),
            Fault::Unfit => at(expr, "the value has the wrong type"),
            Fault::Exhausted => at(expr, "evaluating this takes too long"),
        })
    }

    fn fill(&mut self) {
        if self.filled {
            self.spent += FUEL - self.fuel;
        }
        self.filled = true;
        self.fuel = FUEL;
    }

    /// What all evaluations since the last time cost.
    pub(super) fn take_cost(&mut self) -> Cost {
        let last = if self.filled { FUEL - self.fuel } else { 0 };
        self.filled = false;
        Cost::steps(std::mem::take(&mut self.spent).saturating_add(last).saturating_add(EVALUATION))
    }

    /// Pays for the texts that a function is about to read.
    fn read(&mut self, args: &[Value]) -> Result<(), Fault> {
        self.burn(args.iter().map(Value::bytes).sum::<u64>() / BYTES_A_STEP)
    }

    /// The order of two values, paid for by the shorter one.
    pub(super) fn order(&mut self, a: &Value, b: &Value) -> Result<Option<Ordering>, Fault> {
        self.burn(a.bytes().min(b.bytes()) / BYTES_A_STEP)?;
        Ok(a.compare(b))
    }

    /// Binds `self` and fills the tank.
    pub(super) fn start(&mut self, this: &Value) {
        self.fill();
        self.variables.clear();
        // Nothing was there before, as when Kubernetes creates an object.
        self.variables.extend([this.clone(), Value::Optional(None)]);
    }

    /// Opens one round of a loop; [`unbind`](Self::unbind) with what this returns closes it.
    pub(super) fn bind_at(&mut self, own: &Loop, first: Value, second: Value) -> usize {
        let depth = self.variables.len();
        self.variables.resize(own.slot, Value::Null);
        self.bind(own, first, second);
        depth
    }

    pub(super) fn unbind(&mut self, depth: usize) {
        self.variables.truncate(depth);
    }

    pub(super) fn burn(&mut self, fuel: u64) -> Result<(), Fault> {
        self.fuel = self.fuel.checked_sub(fuel).ok_or(Fault::Exhausted)?;
        Ok(())
    }

    /// A pattern, compiled once.
    pub(super) fn pattern(&mut self, text: &Arc<str>) -> Result<&Pattern, Fault> {
        if !self.patterns.contains_key(text) {
            let pattern = Pattern::compile(text, |steps| self.burn(steps))?;
            let pattern = pattern.ok_or_else(|| Fault::Refused(format!("`{text}` is not a regular expression")))?;
            self.patterns.insert(Arc::clone(text), pattern);
        }
        Ok(&self.patterns[text])
    }

    pub(super) fn equal(&mut self, a: &Value, b: &Value) -> Result<bool, Fault> {
        let mut fuel = self.fuel;
        let equal = a.equals(b, &mut fuel);
        self.fuel = fuel;
        equal.ok_or(Fault::Exhausted)
    }

    pub(super) fn eval(&mut self, expr: &Expr) -> Outcome {
        self.burn(1)?;
        match &expr.kind {
            Kind::Literal(value) => Ok(value.clone()),
            Kind::Variable(slot) => Ok(self.variables.get(*slot).cloned().unwrap_or(Value::Null)),
            Kind::Select { operand, field, access } => {
                let operand = self.eval(operand)?;
                select(&operand, field, *access).map_err(|fault| located(expr, fault))
            }
            Kind::Index { operand, index, optional } => {
                let operand = self.eval(operand)?;
                let index = self.eval(index)?;
                self.read(std::slice::from_ref(&index))?;
                element(&operand, &index, *optional).map_err(|fault| located(expr, fault))
            }
            Kind::Call { function, args } => {
                if let ("or" | "orValue", [held, _]) = (function.name, &**args) {
                    // What stands in for a value is not looked at where there is one.
                    match (function.name, self.eval(held)?) {
                        ("or", value @ Value::Optional(Some(_))) => return Ok(value),
                        (_, Value::Optional(Some(value))) => return Ok((*value).clone()),
                        _ => {}
                    }
                }
                let args = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
                self.read(&args)?;
                let result = (function.run)(self, &args);
                result.map_err(|fault| match fault {
                    Fault::Unfit => {
                        let types: Vec<_> = args.iter().map(Value::type_name).collect();
                        let message = format!("`{}` does not take ({})", function.name, types.join(", "));
                        Fault::Error(Box::new(at(expr, message)))
                    }
                    other => located(expr, other),
                })
            }
            Kind::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (item, optional) in items {
                    let value = self.eval(item)?;
                    list.extend(present(value, *optional).map_err(|fault| located(item, fault))?);
                }
                Ok(Value::List(list.into()))
            }
            Kind::Map(entries) => {
                let mut map = BTreeMap::new();
                for (key, value, optional) in entries {
                    let name = self.eval(key)?;
                    let name =
                        Key::of(&name).ok_or_else(|| error(key, format!("a {} cannot be a key", name.type_name())))?;
                    let value = self.eval(value)?;
                    // Of a key that is there twice the last counts.
                    if let Some(value) = present(value, *optional).map_err(|fault| located(key, fault))? {
                        map.insert(name, value);
                    }
                }
                Ok(Value::Map(Arc::new(map)))
            }
            Kind::And(parts) => self.decide(parts.iter(), false),
            Kind::Or(parts) => self.decide(parts.iter(), true),
            Kind::Not(operand) => {
                let value = self.eval(operand)?;
                Ok(Value::Bool(!truth(operand, &value)?))
            }
            Kind::Negate(operand) => match self.eval(operand)? {
                Value::Int(value) => {
                    value.checked_neg().map(Value::Int).ok_or_else(|| error(expr, "the integer overflows"))
                }
                Value::Double(value) => Ok(Value::Double(-value)),
                other => Err(error(expr, format!("`-` does not take a {}", other.type_name()))),
            },
            Kind::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let value = self.eval(condition)?;
                self.eval(if truth(condition, &value)? { then } else { otherwise })
            }
            Kind::Binary(operator, sides) => {
                let left = self.eval(&sides[0])?;
                let right = self.eval(&sides[1])?;
                self.operate(*operator, &left, &right).map_err(|fault| match fault {
                    Fault::Unfit => {
                        let (a, b) = (left.type_name(), right.type_name());
                        error(expr, format!("`{}` does not take {a} and {b}", sign(*operator)))
                    }
                    other => located(expr, other),
                })
            }
            Kind::Loop(own) => self.iterate(expr, own),
        }
    }

    /// `&&` and `||`: the first part that decides wins, even if an earlier one is an error.
    fn decide<'e>(&mut self, parts: impl Iterator<Item = &'e Expr>, decisive: bool) -> Outcome {
        let mut fault = None;
        for part in parts {
            match self.eval(part).and_then(|value| truth(part, &value)) {
                Ok(value) if value == decisive => return Ok(Value::Bool(decisive)),
                Ok(_) => {}
                Err(Fault::Exhausted) => return Err(Fault::Exhausted),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        fault.map_or(Ok(Value::Bool(!decisive)), Err)
    }

    fn operate(&mut self, operator: Operator, left: &Value, right: &Value) -> Outcome {
        let mut order = |accept: fn(Ordering) -> bool| {
            let nan = |value: &Value| matches!(value, Value::Double(value) if value.is_nan());
            match self.order(left, right)? {
                Some(order) => Ok(Value::Bool(accept(order))),
                None if nan(left) || nan(right) => Ok(Value::Bool(false)),
                None => Err(Fault::Unfit),
            }
        };
        match operator {
            Operator::Equal => self.equal(left, right).map(Value::Bool),
            Operator::NotEqual => self.equal(left, right).map(|equal| Value::Bool(!equal)),
            Operator::Less => order(Ordering::is_lt),
            Operator::LessEqual => order(Ordering::is_le),
            Operator::Greater => order(Ordering::is_gt),
            Operator::GreaterEqual => order(Ordering::is_ge),
            Operator::In => match right {
                Value::List(items) => {
                    for item in items.iter() {
                        if self.equal(left, item)? {
                            return Ok(Value::Bool(true));
                        }
                    }
                    Ok(Value::Bool(false))
                }
                Value::Map(entries) => {
                    self.read(std::slice::from_ref(left))?;
                    let key = Key::of(left);
                    Ok(Value::Bool(key.is_some_and(|key| entries.contains_key(&key))))
                }
                _ => Err(Fault::Unfit),
            },
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => {
                super::functions::number::arithmetic(self, operator, left, right)
            }
        }
    }

    fn iterate(&mut self, expr: &Expr, own: &Loop) -> Outcome {
        let range = self.eval(&own.range)?;
        if matches!(own.kind, LoopKind::OptMap | LoopKind::OptFlatMap) {
            return self.optional(expr, own, range);
        }
        let rounds: Vec<(Value, Value)> = match &range {
            Value::List(items) => {
                self.burn(range.weight())?;
                items.iter().enumerate().map(|(at, item)| (Value::Int(at as i64), item.clone())).collect()
            }
            Value::Map(entries) => {
                self.burn(range.weight())?;
                entries.iter().map(|(key, value)| (key.value(), value.clone())).collect()
            }
            other => return Err(error(&own.range, format!("a {} has no items to go through", other.type_name()))),
        };
        let keys_alone = matches!(range, Value::Map(_));
        let depth = self.variables.len();
        // Slots of enclosing loops that are not open (in a range or an argument) stay unused.
        self.variables.resize(own.slot, Value::Null);
        let outcome = self.rounds(own, &rounds, keys_alone);
        self.variables.truncate(depth);
        outcome
    }

    fn bind(&mut self, own: &Loop, first: Value, second: Value) {
        self.variables.truncate(own.slot);
        self.variables.push(first);
        if own.two {
            self.variables.push(second);
        }
    }

    fn rounds(&mut self, own: &Loop, rounds: &[(Value, Value)], keys_alone: bool) -> Outcome {
        let mut fault = None;
        let mut count = 0_usize;
        let mut list = Vec::new();
        let mut map = BTreeMap::new();
        for (key, item) in rounds {
            let single = if keys_alone { key } else { item };
            if own.two {
                self.bind(own, key.clone(), item.clone());
            } else {
                self.bind(own, single.clone(), Value::Null);
            }
            if let Some(filter) = &own.filter {
                let keep = self.eval(filter)?;
                if !truth(filter, &keep)? {
                    continue;
                }
            }
            let body = self.eval(&own.body);
            match own.kind {
                LoopKind::All | LoopKind::Exists => {
                    let decisive = own.kind == LoopKind::Exists;
                    match body.and_then(|value| truth(&own.body, &value)) {
                        Ok(value) if value == decisive => return Ok(Value::Bool(decisive)),
                        Ok(_) => {}
                        Err(Fault::Exhausted) => return Err(Fault::Exhausted),
                        Err(error) => fault = fault.or(Some(error)),
                    }
                }
                LoopKind::ExistsOne => count += usize::from(truth(&own.body, &body?)?),
                LoopKind::Filter => {
                    if truth(&own.body, &body?)? {
                        list.push(single.clone());
                    }
                }
                LoopKind::Map => list.push(body?),
                LoopKind::SortBy => list.push(Value::list([body?, item.clone()])),
                LoopKind::TransformMap => {
                    if let Some(key) = Key::of(key) {
                        map.insert(key, body?);
                    }
                }
                LoopKind::TransformMapEntry => match body? {
                    Value::Map(entries) => {
                        self.burn(entries.len() as u64)?;
                        for (key, value) in entries.iter() {
                            if map.insert(key.clone(), value.clone()).is_some() {
                                return Err(error(&own.body, "the new map has a key twice"));
                            }
                        }
                    }
                    other => return Err(error(&own.body, format!("this must be a map, not a {}", other.type_name()))),
                },
                LoopKind::OptMap | LoopKind::OptFlatMap => {}
            }
        }
        match own.kind {
            LoopKind::All | LoopKind::Exists => match fault {
                Some(fault) => Err(fault),
                None => Ok(Value::Bool(own.kind == LoopKind::All)),
            },
            LoopKind::ExistsOne => Ok(Value::Bool(count == 1)),
            LoopKind::TransformMap | LoopKind::TransformMapEntry => Ok(Value::Map(Arc::new(map))),
            LoopKind::SortBy => {
                super::functions::list::sort_pairs(self, list).map_err(|fault| located(&own.body, fault))
            }
            LoopKind::Map | LoopKind::Filter | LoopKind::OptMap | LoopKind::OptFlatMap => Ok(Value::List(list.into())),
        }
    }

    fn optional(&mut self, expr: &Expr, own: &Loop, value: Value) -> Outcome {
        let Value::Optional(value) = value else {
            return Err(error(expr, format!("this is a {}, not an optional value", value.type_name())));
        };
        let Some(value) = value else { return Ok(Value::Optional(None)) };
        let depth = self.variables.len();
        self.variables.resize(own.slot, Value::Null);
        self.bind(own, (*value).clone(), Value::Null);
        let result = self.eval(&own.body);
        self.variables.truncate(depth);
        match (own.kind, result?) {
            (LoopKind::OptFlatMap, optional @ Value::Optional(_)) => Ok(optional),
            (LoopKind::OptFlatMap, other) => {
                Err(error(&own.body, format!("this must be optional, not a {}", other.type_name())))
            }
            (_, value) => Ok(Value::some(value)),
        }
    }
}

fn select(operand: &Value, field: &Arc<str>, access: Access) -> Outcome {
    let is_it = |key: &Key| matches!(key, Key::String(name) if escape::names(field, name));
    let entry = |entries: &BTreeMap<Key, Value>| match entries.get(&Key::String(Arc::clone(field))) {
        // Keys are as they are written, which is what going through a map gives; only a field is spelled otherwise.
        None if field.contains("__") => entries.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value.clone()),
        found => found.cloned(),
    };
    match (operand, access) {
        (Value::Map(entries), Access::Has) => Ok(Value::Bool(entry(entries).is_some())),
        (Value::Map(entries), Access::Optional) => Ok(Value::Optional(entry(entries).map(Arc::new))),
        (Value::Map(entries), Access::Must) => {
            entry(entries).ok_or_else(|| Fault::Refused(format!("there is no field `{field}`")))
        }
        (Value::Optional(Some(inner)), Access::Has) => select(inner, field, Access::Has),
        (Value::Optional(None), Access::Has) => Ok(Value::Bool(false)),
        (Value::Optional(Some(inner)), _) => select(inner, field, Access::Optional),
        (Value::Optional(None), _) => Ok(Value::Optional(None)),
        (other, _) => Err(Fault::Refused(format!("a {} has no field `{field}`", other.type_name()))),
    }
}

fn element(operand: &Value, index: &Value, optional: bool) -> Outcome {
    let found = match operand {
        Value::List(items) => {
            let at = match index {
                Value::Int(at) => usize::try_from(*at).ok(),
                Value::Uint(at) => usize::try_from(*at).ok(),
                Value::Double(at) => as_int(*at).and_then(|at| usize::try_from(at).ok()),
                other => return Err(Fault::Refused(format!("a list has no item at a {}", other.type_name()))),
            };
            at.and_then(|at| items.get(at)).cloned()
        }
        Value::Map(entries) => match Key::of(index) {
            Some(key) => entries.get(&key).cloned(),
            None => return Err(Fault::Refused(format!("a {} cannot be a key", index.type_name()))),
        },
        Value::Optional(Some(inner)) => return element(inner, index, true),
        Value::Optional(None) => return Ok(Value::Optional(None)),
        other => return Err(Fault::Refused(format!("a {} has no items", other.type_name()))),
    };
    if optional {
        return Ok(Value::Optional(found.map(Arc::new)));
    }
    found.ok_or_else(|| {
        let index = super::functions::text::plain(index);
        Fault::Refused(match operand {
            Value::List(items) => format!("there is no item {index} in a list of {}", items.len()),
            _ => format!("there is no key `{index}`"),
        })
    })
}

/// An item of a literal: an optional one is there only if it has a value.
fn present(value: Value, optional: bool) -> Result<Option<Value>, Fault> {
    match (optional, value) {
        (false, value) => Ok(Some(value)),
        (true, Value::Optional(value)) => Ok(value.map(|value| (*value).clone())),
        (true, other) => Err(Fault::Refused(format!("`?` wants an optional value, not a {}", other.type_name()))),
    }
}

fn truth(expr: &Expr, value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(value) => Ok(*value),
        other => Err(error(expr, format!("this must be true or false, it is a {}", other.type_name()))),
    }
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterEqual => ">=",
        Operator::In => "in",
    }
}

fn at(expr: &Expr, message: impl Into<String>) -> Problem {
    Problem { start: expr.start as usize, end: expr.end as usize, message: message.into(), help: None }
}

fn error(expr: &Expr, message: impl Into<String>) -> Fault {
    Fault::Error(Box::new(at(expr, message)))
}

/// Gives what a function said its place.
fn located(expr: &Expr, fault: Fault) -> Fault {
    match fault {
        Fault::Refused(message) => error(expr, message),
        other => other,
    }
}
