//! From the values that a place has in several environments to one [`Plan`]: the smallest that a person would write.

mod list;
mod text;

use std::sync::Arc;

use super::plan::{Entry, Hole, Plan, Role, Step, When};
use crate::value::Value;

/// Values of so many nodes at most are set as a whole where not all environments have them.
const SMALL: usize = 8;

/// A value by environment; none where what is around it is not there.
type Values<'v> = [Option<&'v Value>];

/// Finds what the values of environments have in common.
pub(super) struct Unifier<'a> {
    pub(super) environments: &'a [Arc<str>],
}

impl Unifier<'_> {
    /// A whole object.
    pub(super) fn object(&self, values: &Values<'_>) -> Plan {
        self.plan(values, &mut Vec::new())
    }

    fn plan(&self, values: &Values<'_>, path: &mut Vec<Step>) -> Plan {
        let present: Vec<&Value> = values.iter().copied().flatten().collect();
        let Some(first) = present.first() else { return Plan::Literal(Value::Null) };
        if present.iter().all(|value| is_identical(first, value)) {
            return Plan::Literal((*first).clone());
        }
        let whole = whole(values, path);
        let structured = match first {
            Value::Map(_) => self.map(values, path),
            Value::List(_) => self.list(values, path),
            Value::String(_) => text::plan(values, self.environments, path),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        };
        match (structured, whole) {
            (Some(structured), Some(whole)) => {
                if !is_frame(first, path) && is_better(&whole, &structured) {
                    whole
                } else {
                    structured
                }
            }
            (Some(plan), None) | (None, Some(plan)) => plan,
            (None, None) => choice(values),
        }
    }

    fn map(&self, values: &Values<'_>, path: &mut Vec<Step>) -> Option<Plan> {
        let mut keys: Vec<&Arc<str>> = Vec::new();
        for value in values.iter().flatten() {
            let Value::Map(entries) = value else { return None };
            if entries.is_empty() {
                return None;
            }
            let mut at = 0;
            for (key, _) in entries {
                if let Some(known) = keys.iter().position(|known| *known == key) {
                    at = known + 1;
                } else {
                    keys.insert(at, key);
                    at += 1;
                }
            }
        }
        let mut entries = Vec::new();
        for key in keys {
            let below: Vec<Option<&Value>> =
                values.iter().map(|value| value.and_then(|value| value.get(key))).collect();
            path.push(Step::Key(Arc::clone(key)));
            let (when, plan) = self.there(values, &below, path);
            path.pop();
            entries.push(Entry { key: Some(Arc::clone(key)), when, plan });
        }
        // Where all of them may be missing, null would be left.
        let stands = |entry: &Entry| matches!(entry.when, When::Always) && !may_vanish(&entry.plan);
        entries.iter().any(stands).then_some(Plan::Map(entries))
    }

    /// What may be missing where the thing around it is there.
    fn there(&self, around: &Values<'_>, values: &Values<'_>, path: &mut Vec<Step>) -> (When, Plan) {
        let is_missing = around.iter().zip(values).any(|(around, value)| around.is_some() && value.is_none());
        if !is_missing {
            return (When::Always, self.plan(values, path));
        }
        let present: Vec<&Value> = values.iter().copied().flatten().collect();
        let is_small = present.len() == 1 || present.iter().all(|value| value.weight().0 <= SMALL);
        if is_small && let Some(whole) = whole(values, path) {
            return (When::Set, whole);
        }
        (When::Flag(flag(around, values, path)), self.plan(values, path))
    }
}

/// The value as one setting. In layers null deletes, so that no setting holds it.
fn whole(values: &Values<'_>, path: &[Step]) -> Option<Plan> {
    if values.iter().flatten().any(|value| has_null(value)) {
        return None;
    }
    let values = values.iter().map(|value| value.cloned()).collect();
    Some(Plan::Hole(Hole::new(values, path, Role::Whole)))
}

/// Whether something is there, as a setting.
pub(super) fn flag(around: &Values<'_>, values: &Values<'_>, path: &[Step]) -> Hole {
    let one = |(around, value): (Option<&Value>, Option<&Value>)| around.map(|_| Value::Bool(value.is_some()));
    Hole::new(around.iter().copied().zip(values.iter().copied()).map(one).collect(), path, Role::Flag)
}

/// A value is not what it is to be seen as.
struct Other;

/// What a value is seen as, where it is there.
fn of<'v, T: ?Sized>(
    value: Option<&'v Value>,
    see: impl Fn(&'v Value) -> Option<&'v T>,
) -> Result<Option<&'v T>, Other> {
    value.map(|value| see(value).ok_or(Other)).transpose()
}

/// Whether a plan is written as a condition of its own.
fn may_vanish(plan: &Plan) -> bool {
    matches!(plan, Plan::Choice(_))
}

/// What holds an object together stays in the template, however much in it differs.
fn is_frame(value: &Value, path: &[Step]) -> bool {
    let is_named = matches!(path.last(), Some(Step::Key(key)) if matches!(&**key, "metadata" | "template"));
    let holds = ["containers", "template", "image"].iter().any(|key| value.get(key).is_some());
    let is_list_of_these = matches!(value, Value::List(items) if items.iter().any(|item| item.get("image").is_some()));
    path.is_empty() || is_named || holds || is_list_of_these
}

/// Whether one setting says it better than several in a frame.
fn is_better(whole: &Plan, structured: &Plan) -> bool {
    if matches!(structured, Plan::Text(_)) {
        return false;
    }
    let (holes, literals) = structured.count();
    // Items with names are found by these.
    if matches!(structured, Plan::List(_)) {
        return holes > literals || whole.cost() * 2 < structured.cost();
    }
    (holes > 1 && holes * 3 > literals) || whole.cost() < structured.cost()
}

/// Written out for each environment.
fn choice(values: &Values<'_>) -> Plan {
    let mut choices: Vec<(Vec<usize>, Option<Value>)> = Vec::new();
    for (at, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        let same =
            |(_, known): &&mut (Vec<usize>, Option<Value>)| known.as_ref().is_some_and(|it| is_identical(it, value));
        match choices.iter_mut().find(same) {
            Some((environments, _)) => environments.push(at),
            None => choices.push((vec![at], Some((*value).clone()))),
        }
    }
    Plan::Choice(choices)
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::List(items) => items.iter().any(has_null),
        Value::Map(entries) => entries.iter().any(|(_, value)| has_null(value)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The same to every reader.
pub(super) fn is_identical(a: &Value, b: &Value) -> bool {
    a.is_same(b)
}
