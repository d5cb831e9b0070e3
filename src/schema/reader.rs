//! One schema file: from a spanned YAML tree to graph nodes and to JSON in the words of draft 2020-12.
//!
//! A schema file is checked here and nowhere else, so that the judge's meta-schema (two milliseconds a run) is never
//! needed: every word must be known, and every word's value must have its form.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::cel::{Rule, RuleSource};
use super::compare::Must;
use super::format;
use super::instance;
use super::keyword::{self, Form};
use super::load::Loading;
use super::modernise::modernise;
use super::node::{ListType, NodeId, Others, SchemaNode};
use super::types::{plain_type, type_names, type_of, types_named};
use crate::finding::Finding;
use crate::finding::codes::schema as rules;
use crate::finding::suggest::{self, did_you_mean};
use crate::source::Span;
use crate::yaml::{Content, Entry, Node, Style, Types, scalar};

pub(super) struct FileReader<'a, 'b> {
    pub(super) loading: &'a mut Loading<'b>,
    /// Which file of the loading this is.
    pub(super) file: usize,
    /// The property whose schema is being read.
    pub(super) property: Option<Arc<str>>,
}

impl FileReader<'_, '_> {
    pub(super) fn root(&mut self, node: &Node) -> Value {
        self.schema(node, 0).1
    }

    /// A schema: `true`, `false` or a map of keywords.
    fn schema(&mut self, node: &Node, depth: usize) -> (NodeId, Value) {
        let id = self.push(SchemaNode::empty(node.span));
        self.loading.by_place.insert((node.span.file, node.span.start), id);
        if depth > self.loading.limits.schema_depth {
            let message = format!("schemas nest deeper than {} levels", self.loading.limits.schema_depth);
            self.loading.findings.push(Finding::new(&rules::TOO_COMPLEX, node.span, message));
            return (id, Value::Bool(true));
        }
        match &node.content {
            Content::Map(entries) => {
                let json = self.keywords(id, entries, depth);
                (id, Value::Object(json))
            }
            Content::Scalar { text, style: Style::Plain } if matches!(&**text, "true" | "false") => {
                (id, Value::Bool(&**text == "true"))
            }
            Content::Scalar { .. } | Content::List(_) => {
                self.wrong(node.span, "a schema is a map of keywords, `true` or `false`");
                (id, Value::Bool(true))
            }
        }
    }

    fn push(&mut self, node: SchemaNode) -> NodeId {
        self.loading.nodes.push(node);
        NodeId(self.loading.nodes.len() as u32 - 1)
    }

    fn keywords(&mut self, id: NodeId, entries: &[Entry], depth: usize) -> Map<String, Value> {
        let mut json = Map::new();
        // The type first: it says how the scalars of `enum`, `const` and `default` are read.
        let mut said = SchemaNode::empty(self.loading.nodes[id.0 as usize].span);
        if let Some(entry) = entries.iter().find(|entry| &*entry.key.text == "type") {
            said.types = self.types(&entry.value);
        }
        let flag = |name: &str| {
            entries.iter().any(|entry| {
                &*entry.key.text == name
                    && matches!(&entry.value.content, Content::Scalar { text, .. } if &**text == "true")
            })
        };
        if flag("x-kubernetes-int-or-string") && said.types == Types::ANY {
            said.types = Types::INTEGER | Types::STRING;
        }
        if flag("nullable") && said.types != Types::ANY {
            said.types = said.types | Types::NULL;
        }
        for entry in entries {
            let name = &*entry.key.text;
            match keyword::form(name) {
                Some(form) => {
                    if let Some(value) = self.keyword(id, &mut said, form, entry, depth) {
                        json.insert(name.to_owned(), value);
                    }
                }
                None if keyword::is_foreign(name) => {}
                None => self.unknown(entry),
            }
        }
        if said.conditional.len() == 1 {
            let nothing_said = self.push(SchemaNode::empty(said.span));
            said.conditional.push(nothing_said);
        }
        if said.types != Types::ANY {
            json.insert("type".to_owned(), type_names(said.types));
        }
        self.check_list_words(entries, &said);
        self.check_bounds(entries);
        modernise(&mut json);
        self.loading.nodes[id.0 as usize] = said;
        json
    }

    /// A least that is more than the most: nothing could be right, and each value would be told.
    fn check_bounds(&mut self, entries: &[Entry]) {
        let find = |name: &str| {
            let entry = entries.iter().find(|entry| &*entry.key.text == name)?;
            Some((entry, Self::number(&entry.value)?.as_f64()?))
        };
        for what in ["imum", "Length", "Items", "Properties"] {
            let (Some((least, from)), Some((most, to))) = (find(&format!("min{what}")), find(&format!("max{what}")))
            else {
                continue;
            };
            if from > to {
                let message = format!("`{}` is less than `{}`, and nothing can be both", most.key.text, least.key.text);
                let finding =
                    Finding::new(&rules::BAD_KEYWORD, most.value.span, message).also(least.value.span, "the least");
                self.loading.findings.push(finding.help("correct one of the two"));
            }
        }
    }

    fn unknown(&mut self, entry: &Entry) {
        let name = &*entry.key.text;
        let message = format!("`{name}` is not a schema keyword");
        let finding = Finding::new(&rules::UNKNOWN_KEYWORD, entry.key.span, message);
        let known = keyword::KEYWORDS.iter().map(|(name, _)| *name);
        // What describes a value is a setting that stands too far to the left.
        let is_schema = matches!(&entry.value.content, Content::Map(below)
            if below.iter().any(|below| matches!(&*below.key.text, "type" | "$ref" | "properties" | "enum" | "items")));
        let known_as = keyword::ELSEWHERE.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(name));
        let near = known_as
            .map(|(_, ours)| format!("did you mean {ours}?"))
            .filter(|_| !is_schema)
            .or_else(|| did_you_mean(name, known))
            .filter(|_| !is_schema || suggest::nearest(name, ["properties"]).is_some());
        let help = near.unwrap_or_else(|| {
            if is_schema {
                format!("if `{name}` is a setting, indent it below `properties`")
            } else {
                "platc reads JSON Schema 2020-12; a remark of your own starts with `x-`, or stands in `$comment`"
                    .to_owned()
            }
        });
        self.loading.findings.push(finding.label("it would be ignored in silence").help(help));
    }

    fn wrong(&mut self, span: Span, message: impl Into<String>) {
        self.loading.findings.push(Finding::new(&rules::BAD_KEYWORD, span, message));
    }

    /// One keyword: its JSON, if it has any, and what it says to the graph.
    fn keyword(&mut self, id: NodeId, said: &mut SchemaNode, form: Form, entry: &Entry, depth: usize) -> Option<Value> {
        let name = &*entry.key.text;
        let value = &entry.value;
        match form {
            Form::Schema => {
                let (below, json) = self.schema(value, depth + 1);
                match name {
                    "additionalProperties" | "unevaluatedProperties" => {
                        said.others = if json == Value::Bool(false) { Others::Closed } else { Others::Schema(below) };
                    }
                    "not" | "if" => said.tests.push(below),
                    "then" | "else" => said.conditional.push(below),
                    "additionalItems" => said.items = Some(below),
                    _ => said.inner_tests.push(below),
                }
                Some(json)
            }
            Form::Schemas => {
                let (ids, json) = self.schemas(value, depth)?;
                match name {
                    "allOf" => said.all_of = ids,
                    "prefixItems" => said.prefix_items = ids,
                    _ => said.some_of.push(ids),
                }
                Some(json)
            }
            Form::Items if matches!(value.content, Content::List(_)) => {
                let (ids, json) = self.schemas(value, depth)?;
                said.prefix_items = ids;
                Some(json)
            }
            Form::Items => {
                let (below, json) = self.schema(value, depth + 1);
                said.items = Some(below);
                Some(json)
            }
            Form::SchemaMap | Form::SchemaByPattern | Form::Dependencies => {
                let mut json = Map::new();
                for entry in self.map(name, value)? {
                    if form == Form::Dependencies && matches!(entry.value.content, Content::List(_)) {
                        json.insert(entry.key.text.to_string(), self.names(&entry.key.text, &entry.value)?);
                        continue;
                    }
                    let outer = (name == "properties").then(|| self.property.replace(Arc::clone(&entry.key.text)));
                    let (below, schema) = self.schema(&entry.value, depth + 1);
                    self.property = outer.unwrap_or_else(|| self.property.take());
                    json.insert(entry.key.text.to_string(), schema);
                    match name {
                        "properties" => {
                            said.properties.insert(Arc::clone(&entry.key.text), below);
                        }
                        "patternProperties" => {
                            self.loading.patterns.push((entry.key.text.to_string(), entry.key.span));
                            said.pattern_properties.push((Arc::clone(&entry.key.text), below));
                        }
                        "dependentSchemas" | "dependencies" => {
                            let nothing_said = self.push(SchemaNode::empty(entry.value.span));
                            said.some_of.push(vec![below, nothing_said]);
                        }
                        _ => {}
                    }
                }
                Some(Value::Object(json))
            }
            // `type` was read before all others, and a remark says nothing about values.
            Form::Types | Form::Remark => None,
            Form::Values => {
                let Content::List(items) = &value.content else {
                    self.wrong(value.span, format!("`{name}` takes a list of values"));
                    return None;
                };
                if items.is_empty() {
                    self.wrong(value.span, format!("`{name}` needs at least one value"));
                    return None;
                }
                let values: Vec<_> = items.iter().map(|item| self.value(item, said.types)).collect();
                said.value_types = values.iter().fold(Types::NONE, |types, value| types | type_of(value));
                Some(Value::Array(values))
            }
            Form::Value => {
                let json = self.value(value, said.types);
                if name == "const" {
                    said.value_types = type_of(&json);
                } else {
                    said.default = Some(json.clone());
                }
                Some(json)
            }
            Form::Text => {
                let text = self.text(name, value)?;
                if name == "x-platc-renamed-to" {
                    said.renamed_to = Some(Arc::clone(&text));
                    said.renamed_at = value.span;
                }
                if name == "deprecationMessage" {
                    said.deprecated = Some(Arc::clone(&text));
                }
                // The judge would take these for addresses.
                let address = matches!(name, "$id" | "$anchor");
                (!address).then(|| Value::String(text.to_string()))
            }
            Form::Pattern => {
                let text = self.text(name, value)?;
                self.loading.patterns.push((text.to_string(), value.span));
                Some(Value::String(text.to_string()))
            }
            Form::Format => {
                let text = self.text(name, value)?;
                if !format::is_known(&text) {
                    let message = format!("`{text}` is not a format that platc checks");
                    let finding = Finding::new(&rules::UNKNOWN_FORMAT, value.span, message);
                    let help = did_you_mean(&text, format::names()).unwrap_or_else(|| {
                        "use `pattern`, or one of the formats that `docs/schemas.md` lists".to_owned()
                    });
                    self.loading.findings.push(finding.help(help));
                    return None;
                }
                said.format = Some(Arc::clone(&text));
                Some(Value::String(text.to_string()))
            }
            Form::Flag => {
                let flag = match &value.content {
                    Content::Scalar { text, style: Style::Plain } if &**text == "true" => true,
                    Content::Scalar { text, style: Style::Plain } if &**text == "false" => false,
                    _ => {
                        self.wrong(value.span, format!("`{name}` takes `true` or `false`"));
                        return None;
                    }
                };
                match name {
                    "deprecated" if flag && said.deprecated.is_none() => said.deprecated = Some(Arc::from("")),
                    "x-platc-keep-null" => said.keeps_null = flag,
                    "x-platc-promote" => said.promote = Some(flag),
                    "x-platc-secret" => said.secret = flag,
                    _ => {}
                }
                Some(Value::Bool(flag))
            }
            Form::Count => {
                let count = Self::number(value).and_then(|number| keyword::count(&Value::Number(number)));
                if count.is_none() {
                    self.wrong(value.span, format!("`{name}` takes an integer from 0"));
                }
                count.map(Value::from)
            }
            Form::Bound if matches!(&value.content, Content::Scalar { text, .. } if matches!(&**text, "true" | "false")) =>
            {
                let Content::Scalar { text, .. } = &value.content else { return None };
                Some(Value::Bool(&**text == "true"))
            }
            Form::Number | Form::Bound | Form::Positive => match Self::number(value) {
                Some(number) if form != Form::Positive || number.as_f64().is_some_and(|number| number > 0.0) => {
                    Some(Value::Number(number))
                }
                _ => {
                    let above = if form == Form::Positive { " above 0" } else { "" };
                    self.wrong(value.span, format!("`{name}` takes a number{above}"));
                    None
                }
            },
            Form::Names => {
                let json = self.names(name, value)?;
                if name == "x-kubernetes-list-map-keys" {
                    said.list_keys = json.as_array()?.iter().filter_map(Value::as_str).map(Arc::from).collect();
                }
                Some(json)
            }
            Form::NamesByKey => {
                let mut json = Map::new();
                for entry in self.map(name, value)? {
                    json.insert(entry.key.text.to_string(), self.names(&entry.key.text, &entry.value)?);
                }
                Some(Value::Object(json))
            }
            Form::Reference => {
                let text = self.text(name, value)?;
                self.loading.reference(id, self.file, &text, value.span)
            }
            Form::Dialect => {
                let text = self.text(name, value)?;
                if !keyword::DIALECTS.contains(&text.trim_end_matches('#')) {
                    let finding = Finding::new(
                        &rules::BAD_KEYWORD,
                        value.span,
                        format!("`$schema` names a dialect that platc does not read: `{text}`"),
                    );
                    self.loading.findings.push(finding.help(format!("write `{}`", keyword::DIALECTS[0])));
                }
                None
            }
            Form::OneOf(words) => {
                let text = self.text(name, value)?;
                if !words.contains(&&*text) {
                    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
                    self.wrong(value.span, format!("`{name}` takes one of {}", words.join(", ")));
                    return None;
                }
                if name == "x-platc-compare" {
                    said.compare = Some(if &*text == "must-match" { Must::Match } else { Must::Differ });
                }
                if name == "x-kubernetes-list-type" {
                    said.list_type = match &*text {
                        "set" => ListType::Set,
                        "map" => ListType::Map,
                        _ => ListType::Atomic,
                    };
                }
                Some(Value::String(text.to_string()))
            }
            Form::Rules => {
                said.rules = self.rules(name, value)?;
                Some(rule_texts(value))
            }
        }
    }

    fn schemas(&mut self, node: &Node, depth: usize) -> Option<(Vec<NodeId>, Value)> {
        match &node.content {
            Content::List(items) if !items.is_empty() => {
                let (ids, json) = items.iter().map(|item| self.schema(item, depth + 1)).unzip();
                Some((ids, Value::Array(json)))
            }
            Content::List(_) | Content::Map(_) | Content::Scalar { .. } => {
                self.wrong(node.span, "a list of schemas is wanted here, with at least one");
                None
            }
        }
    }

    fn types(&mut self, node: &Node) -> Types {
        let items = match &node.content {
            Content::Scalar { .. } => std::slice::from_ref(node),
            Content::List(items) if !items.is_empty() => items,
            Content::List(_) | Content::Map(_) => {
                self.wrong(node.span, "`type` takes a type's name or a list of them");
                return Types::ANY;
            }
        };
        let mut types = Types::NONE;
        for item in items {
            let Some(name) = self.text("type", item) else { return Types::ANY };
            let Some(named) = types_named(&name) else {
                let finding = Finding::new(&rules::BAD_KEYWORD, item.span, format!("there is no type `{name}`"));
                let help = plain_type(&name)
                    .map(|name| format!("JSON Schema calls it `{name}`"))
                    .or_else(|| did_you_mean(&name, keyword::TYPE_NAMES))
                    .unwrap_or_else(|| format!("the types are {}", keyword::TYPE_NAMES.join(", ")));
                self.loading.findings.push(finding.help(help));
                return Types::ANY;
            };
            types = types | named;
        }
        types
    }

    fn map<'n>(&mut self, name: &str, node: &'n Node) -> Option<&'n [Entry]> {
        match &node.content {
            Content::Map(entries) => Some(entries),
            Content::List(_) | Content::Scalar { .. } => {
                self.wrong(node.span, format!("`{name}` takes a map"));
                None
            }
        }
    }

    fn text(&mut self, name: &str, node: &Node) -> Option<Arc<str>> {
        match &node.content {
            Content::Scalar { text, .. } => Some(Arc::clone(text)),
            Content::Map(_) | Content::List(_) => {
                self.wrong(node.span, format!("`{name}` takes a string"));
                None
            }
        }
    }

    fn names(&mut self, name: &str, node: &Node) -> Option<Value> {
        let Content::List(items) = &node.content else {
            let message = format!("`{name}` takes a list of names");
            let finding = Finding::new(&rules::BAD_KEYWORD, node.span, message);
            let is_flag = matches!(&node.content, Content::Scalar { text, .. } if matches!(&**text, "true" | "false"));
            self.loading.findings.push(match &node.content {
                // As of OpenAPI 2 and Terraform.
                Content::Scalar { .. } if is_flag && name == "required" => {
                    let property = self.property.as_deref().unwrap_or("…");
                    finding.help(format!(
                        "name what is required one level up, beside `properties`: `required: [{property}]`; take this line out"
                    ))
                }
                Content::Scalar { text, .. } if !is_flag => finding.help(format!("write `{name}: [{text}]`")),
                _ => finding,
            });
            return None;
        };
        let (mut names, mut seen) = (Vec::new(), BTreeSet::new());
        for item in items {
            let text = self.text(name, item)?;
            let value = Value::String(text.to_string());
            if seen.insert(text) {
                names.push(value);
            } else {
                self.wrong(item.span, format!("`{name}` names {value} twice"));
            }
        }
        Some(Value::Array(names))
    }

    fn number(node: &Node) -> Option<serde_json::Number> {
        let Content::Scalar { text, style } = &node.content else { return None };
        // `multipleOf: 1e-8`: nothing but a number can stand here.
        let exponent = scalar::json_number(text).filter(|_| *style == Style::Plain);
        let value = match exponent {
            Some(number) => crate::value::Value::Number(number.ok()?),
            None => match scalar::resolve(text, *style, Types::NUMBER) {
                Ok(scalar) => scalar.into_value(text),
                // A limit past 64 bits is one that no integer reaches: the nearest float says the same.
                Err(_) if *style == Style::Plain && is_digits(text) => {
                    return serde_json::from_str(&format!("{text}.0")).ok();
                }
                Err(_) => return None,
            },
        };
        match instance::json(&value) {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    fn rules(&mut self, name: &str, node: &Node) -> Option<Vec<Rule>> {
        let Content::List(items) = &node.content else {
            self.wrong(node.span, format!("`{name}` takes a list of rules"));
            return None;
        };
        let mut found = Vec::new();
        for item in items {
            let Content::Map(entries) = &item.content else {
                self.wrong(item.span, "a rule is a map with `rule` and `message`");
                continue;
            };
            let mut source = RuleSource::default();
            for entry in entries {
                let Some(text) = self.text(&entry.key.text, &entry.value) else { continue };
                if !source.set(&entry.key.text, text, entry.value.span) {
                    let message = format!("`{}` is not a word of a rule", entry.key.text);
                    let finding = Finding::new(&rules::UNKNOWN_KEYWORD, entry.key.span, message);
                    let help = did_you_mean(&entry.key.text, RuleSource::WORDS)
                        .unwrap_or_else(|| format!("the words are `{}`", RuleSource::WORDS.join("`, `")));
                    self.loading.findings.push(finding.help(help));
                }
            }
            if source.rule.is_some() {
                found.extend(source.compile(self.loading.sources, self.loading.findings));
            } else {
                self.wrong(item.span, "a rule needs `rule`, an expression in CEL");
            }
        }
        Some(found)
    }

    /// A value within a schema, its scalars read as the types say.
    fn value(&mut self, node: &Node, types: Types) -> Value {
        match &node.content {
            Content::List(items) => Value::Array(items.iter().map(|item| self.value(item, Types::ANY)).collect()),
            Content::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.text.to_string(), self.value(&entry.value, Types::ANY)))
                    .collect(),
            ),
            Content::Scalar { text, style } => match scalar::resolve(text, *style, types) {
                Ok(scalar) => instance::json(&scalar.into_value(text)),
                Err(misread) => {
                    self.loading.findings.push(misread.finding(node.span));
                    Value::Null
                }
            },
        }
    }

    fn check_list_words(&mut self, entries: &[Entry], said: &SchemaNode) {
        let entry = |name: &str| entries.iter().find(|entry| &*entry.key.text == name);
        match (entry("x-kubernetes-list-type"), entry("x-kubernetes-list-map-keys")) {
            (Some(kind), None) if said.list_type == ListType::Map => {
                self.wrong(kind.key.span, "a list of type `map` needs `x-kubernetes-list-map-keys`");
            }
            (_, Some(keys)) if said.list_type != ListType::Map => {
                self.wrong(keys.key.span, "`x-kubernetes-list-map-keys` needs `x-kubernetes-list-type: map`");
            }
            (_, Some(keys)) if said.list_keys.is_empty() => {
                self.wrong(keys.value.span, "a list of type `map` needs at least one key");
            }
            _ => {}
        }
    }
}

/// Rules as they are written, for whoever reads the schema as one document.
/// An integer as JSON has it, however long.
fn is_digits(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|first: char| matches!(first, '1'..='9')) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn rule_texts(node: &Node) -> Value {
    match &node.content {
        Content::List(items) => Value::Array(items.iter().map(rule_texts).collect()),
        Content::Map(entries) => {
            let texts = entries.iter().map(|entry| match &entry.value.content {
                Content::Scalar { text, .. } if &*entry.key.text == "optionalOldSelf" => Value::Bool(&**text == "true"),
                _ => rule_texts(&entry.value),
            });
            Value::Object(entries.iter().map(|entry| entry.key.text.to_string()).zip(texts).collect())
        }
        Content::Scalar { text, .. } => Value::String(text.to_string()),
    }
}
