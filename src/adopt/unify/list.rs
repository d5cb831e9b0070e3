//! Lists: by the names of their items where these have some, by place where they are as long, else as one value.

use std::sync::Arc;

use super::{Unifier, Values, flag, has_null, of};
use crate::adopt::plan::{Entry, Hole, Plan, Role, Step, When};
use crate::value::Value;

/// What tells the items of a list apart.
const NAMES: [&str; 3] = ["name", "mountPath", "key"];

impl Unifier<'_> {
    pub(super) fn list(&self, values: &Values<'_>, path: &mut Vec<Step>) -> Option<Plan> {
        let lists: Vec<Option<&[Value]>> =
            values.iter().map(|value| of(*value, items)).collect::<Result<_, _>>().ok()?;
        let all_maps = lists.iter().flatten().all(|list| !list.is_empty() && list.iter().all(is_map));
        if !all_maps {
            return None;
        }
        let name = NAMES.into_iter().find(|name| lists.iter().flatten().all(|list| are_named(list, name)));
        match name {
            Some(name) => self.by_name(&lists, name, path),
            None => self.by_place(&lists, path),
        }
    }

    fn by_name(&self, lists: &[Option<&[Value]>], name: &str, path: &mut Vec<Step>) -> Option<Plan> {
        let order = common_order(lists, name)?;
        let count = order.len();
        let around: Vec<Option<&Value>> = lists.iter().map(|list| list.and_then(<[Value]>::first)).collect();
        let mut entries = Vec::new();
        for own in order {
            let item = |list: Option<&[Value]>| -> Option<usize> {
                list.and_then(|list| list.iter().position(|item| named(item, name) == Some(&own)))
            };
            let below: Vec<Option<&Value>> =
                lists.iter().map(|list| item(*list).and_then(|at| list.map(|list| &list[at]))).collect();
            // A pod's only container is the pod.
            let is_only = count == 1 && matches!(path.last(), Some(Step::Key(key)) if &**key == "containers");
            path.push(if is_only { Step::Index(0) } else { Step::Item(Arc::clone(&own)) });
            let is_missing = around.iter().zip(&below).any(|(around, value)| around.is_some() && value.is_none());
            let (when, plan) = if is_missing {
                match pair(&below, name, path) {
                    Some(plan) => (When::Set, plan),
                    None => (When::Flag(flag(&around, &below, path)), self.plan(&below, path)),
                }
            } else {
                (When::Always, self.plan(&below, path))
            };
            path.pop();
            entries.push(Entry { key: None, when, plan });
        }
        entries.iter().any(|entry| matches!(entry.when, When::Always)).then_some(Plan::List(entries))
    }

    fn by_place(&self, lists: &[Option<&[Value]>], path: &mut Vec<Step>) -> Option<Plan> {
        let length = lists.iter().flatten().next()?.len();
        if lists.iter().flatten().any(|list| list.len() != length) {
            return None;
        }
        let mut entries = Vec::new();
        for at in 0..length {
            let below: Vec<Option<&Value>> = lists.iter().map(|list| list.map(|list| &list[at])).collect();
            path.push(Step::Index(at));
            entries.push(Entry { key: None, when: When::Always, plan: self.plan(&below, path) });
            path.pop();
        }
        Some(Plan::List(entries))
    }
}

/// A name and a value, as variables of a container have them, where only some environments have it.
fn pair(items: &Values<'_>, name: &str, path: &[Step]) -> Option<Plan> {
    let mut values = Vec::new();
    for item in items {
        let Some(item) = item else {
            values.push(None);
            continue;
        };
        let Value::Map(entries) = item else { return None };
        let value = item.get("value").filter(|value| entries.len() == 2 && !has_null(value))?;
        values.push(Some(value.clone()));
    }
    let own = items.iter().flatten().find_map(|item| item.get(name))?.clone();
    let mut path = path.to_vec();
    path.push(Step::Key("value".into()));
    let entry = |key: &str, plan| Entry { key: Some(key.into()), when: When::Always, plan };
    let hole = Plan::Hole(Hole::new(values, &path, Role::Whole));
    Some(Plan::Map(vec![entry(name, Plan::Literal(own)), entry("value", hole)]))
}

fn items(value: &Value) -> Option<&[Value]> {
    if let Value::List(items) = value { Some(items) } else { None }
}

fn is_map(value: &Value) -> bool {
    matches!(value, Value::Map(_))
}

fn named<'v>(item: &'v Value, name: &str) -> Option<&'v Arc<str>> {
    if let Some(Value::String(text)) = item.get(name) { Some(text) } else { None }
}

fn are_named(list: &[Value], name: &str) -> bool {
    let mut names: Vec<_> = list.iter().filter_map(|item| named(item, name)).collect();
    names.sort_unstable();
    names.dedup();
    names.len() == list.len()
}

/// All names in an order that every list keeps.
fn common_order(lists: &[Option<&[Value]>], name: &str) -> Option<Vec<Arc<str>>> {
    let mut order: Vec<Arc<str>> = Vec::new();
    for list in lists.iter().flatten() {
        let mut at = 0;
        for own in list.iter().filter_map(|item| named(item, name)) {
            if let Some(known) = order.iter().position(|known| known == own) {
                at = known + 1;
            } else {
                order.insert(at, Arc::clone(own));
                at += 1;
            }
        }
    }
    let keeps = |list: &&[Value]| {
        let mut rest = order.iter();
        list.iter().filter_map(|item| named(item, name)).all(|own| rest.any(|known| known == own))
    };
    lists.iter().flatten().all(keeps).then_some(order)
}
