//! A property against its schema, as CloudFormation would judge it: intrinsic functions stand for any value, and
//! scalars are turned into each other.

use serde_json::{Map, Value as Json};

use super::rules::{CONFLICT, MISSING_PROPERTY, PROPERTY_ENUM, PROPERTY_TYPE, UNKNOWN_PROPERTY};
use crate::account::{Account, Cost};
use crate::check::{Node, Place};
use crate::finding::Rule;
use crate::finding::suggest::did_you_mean;
use crate::schema::Schema;
use crate::value::{Number, Value};
use crate::yaml::path::Path;

/// Schemas within each other; a value cannot be deeper than an artifact.
const DEPTH: usize = 100;
/// Keys and values that a message lists.
const LISTED: usize = 12;

pub(super) struct Walk<'a> {
    schema: &'a Schema,
    kind: &'a str,
    /// Steps of a path that lead to the properties.
    skipped: usize,
    pub(super) found: Vec<Problem>,
    account: &'a Account,
    /// What it has cost so far.
    pub(super) cost: Cost,
}

/// To look a schema up and at a value.
const VISIT: u64 = 10;
/// A problem with its path and its message.
const PROBLEM: Cost = Cost { steps: 200, bytes: 600 };

pub(super) struct Problem {
    pub(super) rule: &'static Rule,
    pub(super) place: Place,
    pub(super) message: String,
    pub(super) label: String,
    pub(super) help: Option<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(schema: &'a Schema, kind: &'a str, skipped: usize, account: &'a Account) -> Self {
        Self { schema, kind, skipped, found: Vec::new(), account, cost: Cost::NONE }
    }

    fn spend(&mut self, steps: usize) {
        self.cost = self.cost.plus(Cost::steps(steps as u64));
    }

    pub(super) fn value(&mut self, schema: &Json, node: &Node<'_>, depth: usize) {
        let Json::Object(words) = schema else { return };
        // Schemas that combine schemas double at each level; once it is over, that is told instead of all else. Nulls are
        // refused wherever they stand, which is said once.
        self.cost = self.cost.plus(Cost::steps(VISIT));
        if depth > DEPTH || matches!(node.value, Value::Null) || self.account.would_be_over(self.cost) {
            return;
        }
        if let Some((function, argument)) = intrinsic(node) {
            if function == "Fn::If" {
                argument.items().iter().skip(1).for_each(|branch| self.value(schema, branch, depth + 1));
            }
            return;
        }
        if let Some(target) = words.get("$ref").and_then(Json::as_str).and_then(|to| self.schema.target(to)) {
            self.value(target, node, depth + 1);
        }
        if !self.has_type(words, node) {
            return;
        }
        self.is_allowed(words, node);
        match node.value {
            Value::Map(_) => self.map(words, node, depth),
            Value::List(_) => {
                if let Some(items) = words.get("items") {
                    node.items().iter().for_each(|item| self.value(items, item, depth + 1));
                }
            }
            _ => {}
        }
        list(words.get("allOf")).for_each(|part| self.value(part, node, depth + 1));
        for word in ["anyOf", "oneOf"] {
            let branches: Vec<_> = list(words.get(word)).collect();
            if !branches.is_empty() {
                self.one_of(&branches, node, word == "oneOf", depth);
            }
        }
    }

    fn has_type(&mut self, words: &Map<String, Json>, node: &Node<'_>) -> bool {
        let types: Vec<&str> = match words.get("type") {
            Some(Json::String(name)) => vec![name],
            names => list(names).filter_map(Json::as_str).collect(),
        };
        if types.is_empty() || types.iter().any(|name| fits(name, node.value)) {
            return true;
        }
        let wanted: Vec<_> = types.iter().map(|name| called(name)).collect();
        let message = format!("{} must be {}", self.name(&node.path()), wanted.join(" or "));
        self.say(&PROPERTY_TYPE, node.place(), message, format!("this is {}", node.value.kind()), None);
        false
    }

    fn is_allowed(&mut self, words: &Map<String, Json>, node: &Node<'_>) {
        let only: Vec<Json> = words.get("const").cloned().into_iter().collect();
        let options = words.get("enum").and_then(Json::as_array).map_or(only.as_slice(), Vec::as_slice);
        let Some(text) = text(node.value).filter(|_| !options.is_empty()) else { return };
        self.spend(8 * options.len());
        if self.account.would_be_over(self.cost) {
            return;
        }
        let options: Vec<String> = options.iter().map(option).collect();
        if options.contains(&text) {
            return;
        }
        let mut listed: Vec<_> = options.iter().take(LISTED).map(|option| format!("`{option}`")).collect();
        if options.len() > LISTED {
            listed.push(format!("{} more", options.len() - LISTED));
        }
        let message = format!("{} must be one of {}", self.name(&node.path()), listed.join(", "));
        let help = did_you_mean(&text, options.iter().map(String::as_str));
        self.say(&PROPERTY_ENUM, node.place(), message, String::new(), help);
    }

    fn map(&mut self, words: &Map<String, Json>, node: &Node<'_>, depth: usize) {
        let entries = node.entries();
        // A function among the keys brings in others.
        if entries.iter().any(|(key, _)| key.starts_with("Fn::")) {
            return;
        }
        let has = |key: &str| entries.iter().any(|(name, value)| *name == key && is_set(value));
        let properties = words.get("properties").and_then(Json::as_object);
        let patterns = words.get("patternProperties").and_then(Json::as_object);
        let needed = words.get("required").and_then(Json::as_array).map_or(0, Vec::len);
        let dependent = |word: &str| words.get(word).and_then(Json::as_object).map_or(0, Map::len);
        let named = needed + dependent("dependentRequired") + dependent("dependentSchemas");
        self.spend(entries.len() * (2 + named));
        for (key, below) in &entries {
            if let Some(schema) = properties.and_then(|known| known.get(*key)) {
                self.value(schema, below, depth + 1);
                continue;
            }
            let mut steps = 0;
            let is_over = |steps: u64| self.account.would_be_over(self.cost.plus(Cost::steps(steps)));
            let mut is_about = |pattern: &str| {
                let about = self.schema.is_about(pattern, key, |more| {
                    steps += more;
                    !is_over(steps)
                });
                about || is_over(steps)
            };
            let matched = patterns.into_iter().flatten().find(|(pattern, _)| is_about(pattern));
            self.cost = self.cost.plus(Cost::steps(steps));
            if self.account.would_be_over(self.cost) {
                return;
            }
            if let Some((_, schema)) = matched {
                self.value(schema, below, depth + 1);
                continue;
            }
            match words.get("additionalProperties") {
                Some(Json::Bool(false)) => self.unknown(key, below, properties, &has),
                Some(schema) => self.value(schema, below, depth + 1),
                None => {}
            }
        }
        for name in list(words.get("required")).filter_map(Json::as_str).filter(|name| !has(name)) {
            self.missing(node, name, None);
        }
        for (key, needed) in words.get("dependentRequired").and_then(Json::as_object).into_iter().flatten() {
            for name in list(Some(needed)).filter_map(Json::as_str).filter(|name| has(key) && !has(name)) {
                self.missing(node, name, Some(key));
            }
        }
        for (key, schema) in words.get("dependentSchemas").and_then(Json::as_object).into_iter().flatten() {
            let excluded = schema["properties"].as_object().into_iter().flatten();
            for (name, _) in excluded.filter(|(_, schema)| **schema == Json::Bool(false)) {
                self.exclude(node, key, name);
            }
        }
    }

    fn unknown(&mut self, key: &str, below: &Node<'_>, known: Option<&Map<String, Json>>, has: &dyn Fn(&str) -> bool) {
        self.spend(known.map_or(0, Map::len) * 4);
        let names: Vec<&str> = known.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let unset = names.iter().copied().filter(|name| !has(name));
        let listed = || {
            let mut listed: Vec<_> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
            if names.len() > LISTED {
                listed.push(format!("{} more", names.len() - LISTED));
            }
            (!listed.is_empty()).then(|| format!("the known properties are {}", listed.join(", ")))
        };
        let mut steps = below.path();
        steps.pop();
        let message = format!("{} has no property `{key}`", self.owner(&steps));
        let help = did_you_mean(key, unset).or_else(listed);
        self.say(&UNKNOWN_PROPERTY, below.place(), message, "unknown property".to_owned(), help);
    }

    fn missing(&mut self, node: &Node<'_>, name: &str, with: Option<&str>) {
        // It was most likely misspelt, which is said already.
        let meant = format!("did you mean `{name}`?");
        self.spend(self.found.len());
        if self.found.iter().any(|problem| problem.rule == &UNKNOWN_PROPERTY && problem.help.as_ref() == Some(&meant)) {
            return;
        }
        let with = with.map(|key| format!(", which `{key}` needs")).unwrap_or_default();
        let message = format!("{} lacks `{name}`{with}", self.owner(&node.path()));
        self.say(&MISSING_PROPERTY, node.place(), message, String::new(), Some(format!("add `{name}`")));
    }

    fn exclude(&mut self, node: &Node<'_>, one: &str, other: &str) {
        let is_empty = |value: &Node<'_>| matches!(value.value, Value::List(items) if items.is_empty());
        let is_certain = |value: &Node<'_>| {
            is_set(value) && !is_empty(value) && intrinsic(value).is_none_or(|(name, _)| name != "Fn::If")
        };
        let certain = |key: &str| node.get(key).filter(is_certain);
        let (Some(_), Some(second)) = (certain(one), certain(other)) else { return };
        let (first, last) = if one < other { (one, other) } else { (other, one) };
        let message = format!("{} cannot have both `{first}` and `{last}`", self.owner(&node.path()));
        self.spend(self.found.len());
        if !self.found.iter().any(|problem| problem.message == message) {
            self.say(&CONFLICT, second.place(), message, String::new(), Some("remove one of them".to_owned()));
        }
    }

    /// Some branch must hold; of none, the nearest is explained.
    fn one_of(&mut self, branches: &[&Json], node: &Node<'_>, only_one: bool, depth: usize) {
        let required = |branch: &&Json| -> Option<Vec<String>> {
            let words = branch.as_object().filter(|words| words.len() == 1)?;
            Some(list(words.get("required")).filter_map(Json::as_str).map(str::to_owned).collect())
        };
        let needs: Option<Vec<Vec<String>>> = branches.iter().map(required).collect();
        if let Some(needs) = needs {
            return self.one_needed(&needs, node, only_one);
        }
        let before = std::mem::take(&mut self.found);
        let mut nearest: Option<Vec<Problem>> = None;
        for branch in branches {
            self.value(branch, node, depth + 1);
            let found = std::mem::take(&mut self.found);
            if nearest.as_ref().is_none_or(|nearest| found.len() < nearest.len()) {
                nearest = Some(found);
            }
        }
        self.found = before;
        self.found.extend(nearest.into_iter().flatten());
    }

    fn one_needed(&mut self, needs: &[Vec<String>], node: &Node<'_>, only_one: bool) {
        if !matches!(node.value, Value::Map(_)) || node.entries().iter().any(|(key, _)| key.starts_with("Fn::")) {
            return;
        }
        let names: Vec<_> = needs.iter().map(|names| format!("`{}`", names.join("` with `"))).collect();
        let present: Vec<&Vec<String>> = needs
            .iter()
            .filter(|names| names.iter().all(|name| node.get(name).is_some_and(|it| is_set(&it))))
            .collect();
        if present.is_empty() {
            let message = format!("{} needs one of {}", self.owner(&node.path()), names.join(", "));
            self.say(&MISSING_PROPERTY, node.place(), message, String::new(), Some("add one of them".to_owned()));
        } else if only_one && let [one, other, ..] = present.as_slice() {
            for (one, other) in one.iter().zip(other.iter()) {
                self.exclude(node, one, other);
            }
        }
    }

    fn say(&mut self, rule: &'static Rule, place: Place, message: String, label: String, help: Option<String>) {
        self.cost = self.cost.plus(PROBLEM);
        self.found.push(Problem { rule, place, message, label, help });
    }

    /// A property as the subject of a sentence.
    fn name(&self, path: &Path) -> String {
        format!("`{}` of `{}`", self.within(path), self.kind)
    }

    fn owner(&self, path: &Path) -> String {
        let within = self.within(path);
        if within.is_root() { format!("`{}`", self.kind) } else { format!("`{within}` of `{}`", self.kind) }
    }

    fn within(&self, path: &Path) -> Path {
        path.steps().iter().skip(self.skipped).cloned().collect()
    }
}

/// A function and its argument, if that is what a value is.
fn intrinsic<'n>(node: &Node<'n>) -> Option<(&'n str, Node<'n>)> {
    let Value::Map(entries) = node.value else { return None };
    if entries.len() != 1 {
        return None;
    }
    node.entries().pop().filter(|(name, _)| name.starts_with("Fn::") || matches!(*name, "Ref" | "Condition"))
}

/// Whether a property is set: with `AWS::NoValue` it is as if it were not there.
fn is_set(value: &Node<'_>) -> bool {
    intrinsic(value).is_none_or(|(name, of)| name != "Ref" || of.text() != Some("AWS::NoValue"))
}

fn list(json: Option<&Json>) -> impl Iterator<Item = &Json> {
    json.and_then(Json::as_array).into_iter().flatten()
}

/// Whether CloudFormation takes a value for one of a type.
fn fits(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => matches!(value, Value::Map(_)),
        "array" => matches!(value, Value::List(_)),
        "null" => matches!(value, Value::Null),
        "string" => matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)),
        "boolean" => {
            text(value).is_some_and(|text| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"))
        }
        "integer" => match value {
            Value::Number(number) => !matches!(number, Number::Float(..)),
            value => text(value).is_some_and(|text| text.parse::<i64>().is_ok()),
        },
        "number" => text(value).is_some_and(|text| text.parse::<f64>().is_ok()),
        _ => true,
    }
}

/// A type as a message says it.
fn called(kind: &str) -> &str {
    match kind {
        "object" => "a map",
        "array" => "a list",
        "string" => "a string",
        "boolean" => "a boolean",
        "integer" => "an integer",
        "number" => "a number",
        other => other,
    }
}

/// A scalar's text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn option(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}
