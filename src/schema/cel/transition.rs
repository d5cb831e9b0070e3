//! Rules that compare a value with what it was: `oldSelf`. The API server asks them when an object is updated.
//! <https://kubernetes.io/docs/reference/using-api/cel/#transition-rules>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::convert;
use super::eval::Machine;
use super::rule::Rule;
use super::value::{Key, Value};
use crate::schema::Shape;
use crate::schema::shape::ListMerge;
use crate::yaml::path::{Path, Step};

/// Rules that an update breaks, each with the place in the new value. A rule that cannot be evaluated says nothing.
pub(in crate::schema) fn broken(shape: Shape<'_>, old: &Json, new: &Json) -> Vec<(Path, String)> {
    let mut update = Update { machine: Machine::default(), path: Path::root(), broken: Vec::new() };
    update.walk(shape, old, new);
    update.broken
}

struct Update {
    machine: Machine,
    path: Path,
    broken: Vec<(Path, String)>,
}

impl Update {
    /// Goes through what both have. Items of lists are known again by their keys alone.
    fn walk(&mut self, shape: Shape<'_>, old: &Json, new: &Json) {
        let rules: Vec<&Rule> = shape.nodes().flat_map(|node| &node.rules).filter(|rule| rule.is_update()).collect();
        if !rules.is_empty() {
            let (this, before) = (value(new, shape), value(old, shape));
            for rule in rules {
                self.ask(rule, &this, &before);
            }
        }
        match (old, new) {
            (Json::Object(before), Json::Object(now)) => {
                for (key, new) in now {
                    if let Some(old) = before.get(key) {
                        self.step(Step::Key(key.as_str().into()), shape.property(key), old, new);
                    }
                }
            }
            (Json::Array(before), Json::Array(now)) => {
                let ListMerge::ByKeys(keys) = shape.list_merge() else { return };
                let keys = keys.to_vec();
                let same = |a: &Json, b: &Json| keys.iter().all(|key| a[&**key] == b[&**key]);
                for (at, new) in now.iter().enumerate() {
                    if let Some(old) = before.iter().find(|old| same(old, new)) {
                        self.step(Step::Index(at), shape.item(), old, new);
                    }
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, step: Step, shape: Shape<'_>, old: &Json, new: &Json) {
        self.path.push(step);
        self.walk(shape, old, new);
        self.path.pop();
    }

    fn ask(&mut self, rule: &Rule, this: &Value, before: &Value) {
        let before = if rule.is_transition { before.clone() } else { Value::Optional(Some(Arc::new(before.clone()))) };
        let variables = [this.clone(), before];
        if let Ok(Value::Bool(false)) = self.machine.run_with(&rule.expr, &variables) {
            let said =
                rule.message_expression.as_ref().and_then(|(expr, _)| match self.machine.run_with(expr, &variables) {
                    Ok(Value::String(text)) if !text.trim().is_empty() && !text.contains('\n') => Some(text),
                    _ => None,
                });
            let message = said.or_else(|| rule.message.clone());
            let message =
                message.map_or_else(|| format!("`{}` is false", rule.text().trim()), |it| it.trim().to_owned());
            let mut path = self.path.clone();
            for key in &rule.field_path {
                path.push(Step::Key(Arc::clone(key)));
            }
            self.broken.push((path, message));
        }
    }
}

fn value(json: &Json, shape: Shape<'_>) -> Value {
    match json {
        Json::Array(items) => {
            let item = shape.item();
            convert::list(items.iter().map(|it| value(it, item)).collect(), shape)
        }
        Json::Object(entries) => {
            let entry =
                |(key, it): (&String, &Json)| (Key::String(key.as_str().into()), value(it, shape.property(key)));
            convert::map(entries.iter().map(entry).collect::<BTreeMap<_, _>>(), shape)
        }
        scalar => convert::scalar(scalar, shape),
    }
}
