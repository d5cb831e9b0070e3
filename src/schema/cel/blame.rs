//! Which values make a rule false: the way from the whole rule down to the comparison that does not hold, for the very
//! item of a list for which it does not.

use std::sync::Arc;

use serde_json::Value as Json;

use super::escape;
use super::eval::Machine;
use super::rule::children;
use super::syntax::{Access, Expr, Kind, Loop, LoopKind};
use super::value::{Key, Value};
use crate::yaml::path::{Path, Step};

/// Places that the failing part of a rule reads, those that most likely have to change first. Empty where nothing is
/// known better than the value that the rule is on.
pub(super) fn blame(machine: &mut Machine, rule: &Expr, this: &Value, at: &Path, json: &Json) -> Vec<Path> {
    machine.start(this);
    let mut blame = Blame { machine, json, variables: vec![Some(at.clone()), None] };
    let mut places = blame.of(rule, true);
    let mut seen = std::collections::BTreeSet::new();
    places.retain(|place| place != at && seen.insert(place.clone()));
    places
}

struct Blame<'m> {
    machine: &'m mut Machine,
    /// What all paths lead into.
    json: &'m Json,
    /// Where the value of each variable stands, for those that stand somewhere.
    variables: Vec<Option<Path>>,
}

impl Blame<'_> {
    fn is(&mut self, expr: &Expr) -> Option<bool> {
        match self.machine.eval(expr) {
            Ok(Value::Bool(value)) => Some(value),
            _ => None,
        }
    }

    /// Why an expression is not what it should be.
    fn of(&mut self, expr: &Expr, wanted: bool) -> Vec<Path> {
        match &expr.kind {
            Kind::Not(operand) => self.of(operand, !wanted),
            Kind::And(parts) | Kind::Or(parts) => {
                let all_count = matches!(expr.kind, Kind::And(_)) == wanted;
                if all_count {
                    // One part alone is to blame: the first that is not as it should be.
                    let guilty = parts.iter().find(|part| self.is(part) == Some(!wanted));
                    return guilty.map(|part| self.of(part, wanted)).unwrap_or_default();
                }
                // Any part would do. Guards such as `!has(x)` stand first, what they guard last.
                parts.iter().rev().flat_map(|part| self.of(part, wanted)).collect()
            }
            Kind::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let taken = if self.is(condition) == Some(true) { then } else { otherwise };
                let mut places = self.of(taken, wanted);
                places.extend(self.reads(condition));
                places
            }
            Kind::Loop(own) if matches!(own.kind, LoopKind::All | LoopKind::Exists) => self.of_loop(own, wanted),
            _ => self.reads(expr),
        }
    }

    fn of_loop(&mut self, own: &Loop, wanted: bool) -> Vec<Path> {
        // Every item counts in an `all` that should hold, and in an `exists` that should not.
        let one_is_guilty = (own.kind == LoopKind::All) == wanted;
        if !one_is_guilty {
            // No item is as it should be: what they are measured by, then where they stand.
            let mut places = self.within(own, None, |blame| blame.reads(&own.body));
            places.extend(self.reads(&own.range));
            return places;
        }
        let range = self.path(&own.range);
        let Ok(value) = self.machine.eval(&own.range) else { return self.reads(&own.range) };
        let rounds: Vec<(Value, Value, Step)> = match &value {
            Value::List(items) => {
                let round = |(at, item): (usize, &Value)| (Value::Int(at as i64), item.clone(), Step::Index(at));
                items.iter().enumerate().map(round).collect()
            }
            Value::Map(entries) => {
                let name = |key: &Key| super::functions::text::plain(&key.value());
                let round = |(key, item): (&Key, &Value)| (key.value(), item.clone(), Step::Key(name(key).into()));
                entries.iter().map(round).collect()
            }
            _ => Vec::new(),
        };
        let by_key = matches!(value, Value::Map(_));
        for (number, (key, item, step)) in rounds.into_iter().enumerate() {
            // `[self.a, self.b].all(…)`: the items stand where the list takes them from.
            let listed = match &own.range.kind {
                Kind::List(items) => items.get(number).and_then(|(item, _)| self.path(item)),
                _ => None,
            };
            let place = listed.or_else(|| self.below(range.as_ref()?, step));
            let single = if by_key && !own.two { key.clone() } else { item.clone() };
            let (first, second) = if own.two { (key, item) } else { (single, Value::Null) };
            let depth = self.machine.bind_at(own, first, second);
            let guilty = self.is(&own.body) == Some(!wanted);
            let places = if guilty { self.within(own, place, |blame| blame.of(&own.body, wanted)) } else { Vec::new() };
            self.machine.unbind(depth);
            if guilty {
                return if places.is_empty() { self.reads(&own.range) } else { places };
            }
        }
        self.reads(&own.range)
    }

    /// Works within a loop whose variable stands at a place.
    fn within<T>(&mut self, own: &Loop, place: Option<Path>, work: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.variables.len();
        self.variables.resize(own.slot, None);
        // Of two variables the first is the key, whose place is the item's as well.
        self.variables.push(place.clone());
        self.variables.push(place.filter(|_| own.two));
        let result = work(self);
        self.variables.truncate(depth);
        result
    }

    /// Every place that an expression reads, in the order in which it names them.
    fn reads(&mut self, expr: &Expr) -> Vec<Path> {
        if let Some(path) = self.path(expr) {
            return vec![path];
        }
        if let Kind::Loop(own) = &expr.kind {
            let mut places = self.reads(&own.range);
            places.extend(self.within(own, None, |blame| blame.reads(&own.body)));
            return places;
        }
        children(expr).into_iter().flat_map(|part| self.reads(part)).collect()
    }

    /// Where the value of an expression stands, if it is a value of the instance and not made of some.
    fn path(&mut self, expr: &Expr) -> Option<Path> {
        match &expr.kind {
            Kind::Variable(slot) => self.variables.get(*slot)?.clone(),
            Kind::Select { operand, field, access } => {
                let operand = self.path(operand)?;
                let json = at(self.json, &operand)?;
                let key = json.as_object()?.keys().find(|key| ***key == **field || escape::names(field, key));
                match key {
                    Some(key) => Some(operand.key(key)),
                    // What is missing is told where it should stand.
                    None => (*access != Access::Must).then_some(operand),
                }
            }
            Kind::Index { operand, index, .. } => {
                let place = self.path(operand)?;
                let step = match self.machine.eval(index).ok()? {
                    Value::Int(at) => Step::Index(usize::try_from(at).ok()?),
                    Value::String(key) => Step::Key(Arc::clone(&key)),
                    _ => return None,
                };
                self.below(&place, step)
            }
            _ => None,
        }
    }

    /// A place one step down, if there is one. Keys of a map with declared properties are spelled as fields.
    fn below(&self, place: &Path, step: Step) -> Option<Path> {
        let json = at(self.json, place)?;
        let step = match step {
            Step::Key(name) => {
                let keys = json.as_object()?.keys();
                let key = keys.into_iter().find(|key| ***key == *name || *escape::field(key) == *name)?;
                Step::Key(key.as_str().into())
            }
            other => other,
        };
        let path = place.join(step);
        at(self.json, &path).map(|_| path)
    }
}

fn at<'j>(json: &'j Json, path: &Path) -> Option<&'j Json> {
    path.steps().iter().try_fold(json, |json, step| match step {
        Step::Key(key) => json.get(&**key),
        Step::Index(at) => json.get(at),
        Step::Item(_) => None,
    })
}
