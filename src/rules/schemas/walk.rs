//! A property against its schema, as CloudFormation would judge it: intrinsic functions stand for any value, and
//! scalars are turned into each other.

use serde_json::{Map, Value as Json};

use super::definitions::Definitions;
use super::rules::{CONFLICT, MISSING_PROPERTY, NEWER_PROPERTY, PROPERTY_ENUM, PROPERTY_TYPE, UNKNOWN_PROPERTY};
use super::scalar::{called, fits, intrinsic, is_open, is_set, list, option, text, word_of};
use crate::account::{Account, Cost};
use crate::check::cfn::{self, Template};
use crate::check::{Node, Place};
use crate::finding::Rule;
use crate::finding::suggest::{did_you_mean, nearest};
use crate::value::Value;
use crate::yaml::path::Path;

/// Schemas within each other; a value cannot be deeper than an artifact.
const DEPTH: usize = 100;
/// Keys and values that a message lists.
const LISTED: usize = 12;
/// docs.aws.amazon.com, the reference of `aws cloudformation package`.
const PACKAGED: [(&str, &str); 7] = [
    ("AWS::ApiGateway::RestApi", "BodyS3Location"),
    ("AWS::CodeCommit::Repository", "S3"),
    ("AWS::ElasticBeanstalk::ApplicationVersion", "SourceBundle"),
    ("AWS::Glue::Job", "ScriptLocation"),
    ("AWS::Lambda::Function", "Code"),
    ("AWS::Lambda::LayerVersion", "Content"),
    ("AWS::StepFunctions::StateMachine", "DefinitionS3Location"),
];
/// Of so few values, all of them words like these, AWS makes no more.
const CLOSED: usize = 3;
const CLOSED_WORDS: [&str; 20] = [
    "enabled", "disabled", "Enabled", "Disabled", "ENABLED", "DISABLED", "enable", "disable", "Enable", "Disable",
    "ENABLE", "DISABLE", "true", "false", "Allow", "Block", "allow", "deny", "on", "off",
];

pub(super) struct Walk<'a> {
    pub(super) schemas: &'a dyn Definitions,
    /// Of the built-in table, which may be older than what is judged.
    is_dated: bool,
    pub(super) template: &'a Template<'a>,
    kind: &'a str,
    /// Steps of a path that lead to the properties.
    skipped: usize,
    pub(super) found: Vec<Problem>,
    pub(super) account: &'a Account,
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
    /// Its key is what is wrong.
    pub(super) is_of_key: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        schemas: &'a dyn Definitions,
        is_dated: bool,
        template: &'a Template<'a>,
        resource: &cfn::Resource<'a>,
        account: &'a Account,
    ) -> Self {
        let skipped = resource.properties().map_or(0, |properties| properties.path().steps().len());
        let kind = resource.kind;
        Self { schemas, is_dated, template, kind, skipped, found: Vec::new(), account, cost: Cost::NONE }
    }

    pub(super) fn spend(&mut self, steps: usize) {
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
            } else if matches!(function, "Ref" | "Fn::GetAtt") {
                self.leads_to_kind(words, node, function, &argument);
            } else {
                self.gives(words, node, function);
            }
            return;
        }
        if let Some(target) = word_of(words, "$ref").and_then(Json::as_str).and_then(|to| self.schemas.target(to)) {
            self.value(target, node, depth + 1);
        }
        if !self.has_type(words, node) {
            return;
        }
        if is_open(node.value) {
            return;
        }
        self.is_allowed(words, node);
        self.is_within(words, node);
        match node.value {
            Value::Map(_) => self.map(words, node, depth),
            Value::List(_) => {
                if let Some(items) = word_of(words, "items") {
                    node.items().iter().for_each(|item| self.value(items, item, depth + 1));
                }
            }
            _ => {}
        }
        list(word_of(words, "allOf")).for_each(|part| self.value(part, node, depth + 1));
        self.conditional(words, node, depth);
        for word in ["anyOf", "oneOf"] {
            let branches: Vec<_> = list(word_of(words, word)).collect();
            if !branches.is_empty() {
                self.one_of(&branches, node, word == "oneOf", depth);
            }
        }
    }

    fn has_type(&mut self, words: &Map<String, Json>, node: &Node<'_>) -> bool {
        let types: Vec<&str> = match word_of(words, "type") {
            Some(Json::String(name)) => vec![name],
            names => list(names).filter_map(Json::as_str).collect(),
        };
        if types.is_empty() || types.iter().any(|name| fits(name, node.value)) {
            return true;
        }
        if node.value.as_str().is_some() && self.is_packaged(node) {
            return false;
        }
        let wanted: Vec<_> = types.iter().map(|name| called(name)).collect();
        let message = format!("{} must be {}", self.name(&node.path()), wanted.join(" or "));
        self.say(&PROPERTY_TYPE, node.place(), message, format!("this is {}", node.value.kind()), None);
        false
    }

    /// A path that `aws cloudformation package` uploads and replaces.
    fn is_packaged(&self, node: &Node<'_>) -> bool {
        let property = node.key().unwrap_or_default();
        PACKAGED.contains(&(self.kind, property))
    }

    /// A function that gives a list where a text is wanted, or a text where a list or a map is.
    fn gives(&mut self, words: &Map<String, Json>, node: &Node<'_>, function: &str) {
        let Some(Json::String(wanted)) = word_of(words, "type") else { return };
        let given = match function {
            "Fn::Cidr" | "Fn::GetAZs" | "Fn::Split" if wanted != "array" => "a list",
            "Fn::Base64" | "Fn::Join" | "Fn::Sub" if wanted == "array" => "a text",
            _ => return,
        };
        let message = format!("{} must be {}", self.name(&node.path()), called(wanted));
        let help = match given {
            "a list" => "choose one of the list: `!Select [0, …]`",
            _ => "write it as what it must be, and functions within",
        };
        let label = format!("`{function}` gives {given}");
        self.say(&PROPERTY_TYPE, node.place(), message, label, Some(help.to_owned()));
    }

    fn is_allowed(&mut self, words: &Map<String, Json>, node: &Node<'_>) {
        let listed = ["enum", "enumCaseInsensitive"].iter().find_map(|word| word_of(words, word)?.as_array());
        let only = word_of(words, "const").map(std::slice::from_ref);
        let Some(options) = listed.map(Vec::as_slice).or(only).filter(|options| !options.is_empty()) else { return };
        let Some(text) = text(node.value) else { return };
        self.spend(8 * options.len());
        if self.account.would_be_over(self.cost) {
            return;
        }
        let options: Vec<String> = options.iter().map(option).collect();
        let folds = word_of(words, "enumCaseInsensitive").is_some();
        if options.iter().any(|option| *option == text || folds && option.eq_ignore_ascii_case(&text)) {
            return;
        }
        let mut listed: Vec<_> = options.iter().take(LISTED).map(|option| format!("`{option}`")).collect();
        if options.len() > LISTED {
            listed.push(format!("{} more", options.len() - LISTED));
        }
        let message = format!("{} must be one of {}", self.name(&node.path()), listed.join(", "));
        let near = nearest(&text, options.iter().map(String::as_str));
        // What differs in a number alone is the next version of it.
        let is_new = |near: &str| {
            let without = |text: &str| text.replace(|letter: char| letter.is_ascii_digit(), "");
            near != text && without(near) == without(&text)
        };
        let is_closed = options.len() <= CLOSED && options.iter().all(|option| CLOSED_WORDS.contains(&option.as_str()));
        let rule = match near {
            _ if !self.is_dated || is_closed => &PROPERTY_ENUM,
            Some(near) if !is_new(near) => &PROPERTY_ENUM,
            _ => &NEWER_PROPERTY,
        };
        let help = near.map(|near| format!("did you mean `{near}`?"));
        self.say(rule, node.place(), message, String::new(), help);
    }

    fn map(&mut self, words: &Map<String, Json>, node: &Node<'_>, depth: usize) {
        let entries = node.entries();
        // A function among the keys brings in others.
        if entries.iter().any(|(key, _)| key.starts_with("Fn::")) {
            return;
        }
        let has = |key: &str| entries.iter().any(|(name, value)| *name == key && is_set(value));
        let properties = word_of(words, "properties").and_then(Json::as_object);
        let patterns = word_of(words, "patternProperties").and_then(Json::as_object);
        let needed = word_of(words, "required").and_then(Json::as_array).map_or(0, Vec::len);
        let dependent = |word: &str| word_of(words, word).and_then(Json::as_object).map_or(0, Map::len);
        let named = needed + dependent("dependentRequired") + dependent("dependentSchemas");
        self.spend(entries.len() * (2 + named));
        for (key, below) in &entries {
            match properties.and_then(|known| known.get(*key)) {
                Some(Json::Bool(false)) => {
                    self.unwanted(key, below);
                    continue;
                }
                Some(schema) => {
                    self.value(schema, below, depth + 1);
                    continue;
                }
                None => {}
            }
            let mut steps = 0;
            let is_over = |steps: u64| self.account.would_be_over(self.cost.plus(Cost::steps(steps)));
            let mut is_about = |pattern: &str| {
                let about = self.schemas.is_about(pattern, key, &mut |more| {
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
            match word_of(words, "additionalProperties") {
                Some(Json::Bool(false)) => self.unknown(key, below, properties, &has),
                Some(schema) => self.value(schema, below, depth + 1),
                None => {}
            }
        }
        for name in list(word_of(words, "required")).filter_map(Json::as_str).filter(|name| !has(name)) {
            self.missing(node, name, None);
        }
        for (key, needed) in word_of(words, "dependentRequired").and_then(Json::as_object).into_iter().flatten() {
            for name in list(Some(needed)).filter_map(Json::as_str).filter(|name| has(key) && !has(name)) {
                self.missing(node, name, Some(key));
            }
        }
        for (key, others) in word_of(words, "dependentExcluded").and_then(Json::as_object).into_iter().flatten() {
            list(Some(others)).filter_map(Json::as_str).for_each(|name| self.exclude(node, key, name));
        }
        for (key, schema) in word_of(words, "dependentSchemas").and_then(Json::as_object).into_iter().flatten() {
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
        let near = did_you_mean(key, unset).or_else(|| did_you_mean(key, names.iter().copied()));
        let rule = if near.is_none() && self.is_dated { &NEWER_PROPERTY } else { &UNKNOWN_PROPERTY };
        self.say(rule, below.place(), message, "unknown property".to_owned(), near.or_else(listed));
        self.found.last_mut().into_iter().for_each(|problem| problem.is_of_key = true);
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

    pub(super) fn exclude(&mut self, node: &Node<'_>, one: &str, other: &str) {
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

    /// Something else says that it may not be there.
    fn unwanted(&mut self, key: &str, below: &Node<'_>) {
        if !is_set(below) || intrinsic(below).is_some_and(|(name, _)| name == "Fn::If") {
            return;
        }
        let mut steps = below.path();
        steps.pop();
        let message = format!("{} cannot have `{key}` beside what else is set", self.owner(&steps));
        self.say(&CONFLICT, below.place(), message, String::new(), Some(format!("remove `{key}`")));
    }

    pub(super) fn say(
        &mut self,
        rule: &'static Rule,
        place: Place,
        message: String,
        label: String,
        help: Option<String>,
    ) {
        self.cost = self.cost.plus(PROBLEM);
        self.found.push(Problem { rule, place, message, label, help, is_of_key: false });
    }

    /// A property as the subject of a sentence.
    pub(super) fn name(&self, path: &Path) -> String {
        format!("`{}` of `{}`", self.within(path), self.kind)
    }

    pub(super) fn owner(&self, path: &Path) -> String {
        let within = self.within(path);
        if within.is_root() { format!("`{}`", self.kind) } else { format!("`{within}` of `{}`", self.kind) }
    }

    fn within(&self, path: &Path) -> Path {
        path.steps().iter().skip(self.skipped).cloned().collect()
    }
}
