//! The settings of a schema as a page of Markdown: a section for each key of the root, a table row for each setting.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use crate::yaml::path::{Path, Step};

/// Rows of one page: a schema that multiplies itself by `$ref` ends here.
const ROWS: usize = 5000;
/// Settings within each other.
const DEPTH: usize = 64;

/// The page for a bundled schema.
pub(super) fn page(document: &Json) -> String {
    let mut writer = Writer { document, rows: 0, open: Vec::new() };
    let root = writer.view(document);
    let title = root.text("title").unwrap_or("Settings");
    let mut page = format!("<!-- Made from the schema by `platc schema docs`. -->\n\n# {}\n", prose(title));
    if let Some(description) = root.text("description") {
        let _ = write!(page, "\n{}\n", prose(description));
    }
    rules(&root, "", &mut page);
    for (key, schema) in root.properties() {
        writer.section(key, schema, root.requires(key), &mut page);
    }
    if let Some(schema) = root.others() {
        writer.section("<name>", schema, false, &mut page);
    }
    page
}

/// What a schema says of one setting.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub description: Option<String>,
    /// What may stand there, in a few words.
    pub form: String,
    pub default: Option<String>,
    pub is_required: bool,
    pub is_secret: bool,
    /// Rules that read it, on the settings around it or on itself.
    pub rules: Vec<Reading>,
}

/// A rule across settings, and the setting that it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub on: Path,
    pub says: String,
}

/// What the bundled schema says of the setting at a path.
pub(super) fn about(document: &Json, path: &Path) -> Option<About> {
    let writer = Writer { document, rows: 0, open: Vec::new() };
    let mut about = About::default();
    let mut schema = document;
    for (depth, step) in path.steps().iter().enumerate() {
        let view = writer.view(schema);
        let on: Path = path.steps()[..depth].iter().cloned().collect();
        let below = path.steps()[depth..].iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.to_string()),
            Step::Index(_) | Step::Item(_) => None,
        });
        about.rules.extend(reading(&view, below.collect()).map(|says| Reading { on: on.clone(), says }));
        about.is_required = matches!(step, Step::Key(key) if view.requires(key));
        schema = writer.below_step(&view, step, 0)?;
    }
    let view = writer.view(schema);
    about.rules.extend(rule_texts(&view).map(|says| Reading { on: path.clone(), says }));
    about.description = view.text("description").or_else(|| view.text("title")).map(str::to_owned);
    about.form = writer.form(&view).replace('`', "");
    about.default = view.get("default").map(ToString::to_string);
    about.is_secret = view.flag("x-platc-secret");
    Some(about)
}

/// The rules of a place that name all keys that lead from it to another one.
fn reading<'a>(view: &View<'a>, keys: Vec<String>) -> impl Iterator<Item = String> + use<'a> {
    let parts = view.parts.clone();
    let rules = parts.into_iter().flat_map(|part| list(part.get("x-kubernetes-validations")));
    let reads = move |rule: &&Json| {
        let expression = rule.get("rule").and_then(Json::as_str).unwrap_or_default();
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
        keys.iter().all(|key| expression.split(|letter| !is_part(letter)).any(|word| word == key))
    };
    rules.filter(reads).filter_map(|rule| match rule.get("message").and_then(Json::as_str) {
        Some(message) => Some(message.to_owned()),
        None => rule.get("rule").and_then(Json::as_str).map(str::to_owned),
    })
}

struct Writer<'a> {
    document: &'a Json,
    rows: usize,
    /// References that are being written, outermost first: one of them within itself is not written again.
    open: Vec<&'a str>,
}

/// All schemas that certainly judge one place: the schema itself, what it refers to, what `allOf` adds; nearest first.
#[derive(Default)]
struct View<'a> {
    parts: Vec<&'a Map<String, Json>>,
    references: Vec<&'a str>,
    /// A reference leads back to what is being written.
    recursive: bool,
}

impl<'a> View<'a> {
    fn get(&self, word: &str) -> Option<&'a Json> {
        self.parts.iter().find_map(|part| part.get(word))
    }

    fn text(&self, word: &str) -> Option<&'a str> {
        self.get(word).and_then(Json::as_str)
    }

    fn flag(&self, word: &str) -> bool {
        self.get(word) == Some(&Json::Bool(true))
    }

    fn properties(&self) -> Vec<(&'a str, &'a Json)> {
        let mut found: Vec<(&str, &Json)> = Vec::new();
        for (key, schema) in self.parts.iter().filter_map(|part| part.get("properties")?.as_object()).flatten() {
            if !found.iter().any(|(known, _)| known == key) {
                found.push((key, schema));
            }
        }
        found
    }

    fn patterns(&self) -> impl Iterator<Item = (&'a String, &'a Json)> {
        self.parts.iter().filter_map(|part| part.get("patternProperties")?.as_object()).flatten()
    }

    fn requires(&self, key: &str) -> bool {
        self.parts.iter().any(|part| list(part.get("required")).any(|name| name == key))
    }

    /// What keys hold that are not named.
    fn others(&self) -> Option<&'a Json> {
        self.get("additionalProperties").filter(|schema| schema.is_object())
    }

    fn alternatives(&self) -> Vec<&'a Json> {
        let groups = self.parts.iter().flat_map(|part| [part.get("oneOf"), part.get("anyOf")]);
        groups.flat_map(list).collect()
    }

    /// The names in `type`; for a schema that names none, what its other words are about.
    fn types(&self) -> Vec<&'a str> {
        match self.get("type") {
            Some(Json::String(name)) => vec![name],
            Some(names) => list(Some(names)).filter_map(Json::as_str).collect(),
            None if self.get("properties").is_some() || self.others().is_some() => vec!["object"],
            None if self.get("items").is_some() => vec!["array"],
            None => Vec::new(),
        }
    }
}

impl<'a> Writer<'a> {
    fn section(&mut self, key: &str, schema: &'a Json, required: bool, page: &mut String) {
        let view = self.view(schema);
        let path = word(key);
        let _ = write!(page, "\n## {}\n", code(&path));
        if let Some(description) = view.text("description") {
            let _ = write!(page, "\n{}\n", prose(description));
        }
        let own = format!("Type: {}, {}", self.form(&view), need(&view, required));
        let _ = write!(page, "\n{}\n", own.trim_end_matches(", "));
        let mut rows = String::new();
        self.below(&path, &view, 0, &mut rows);
        if !rows.is_empty() {
            let _ = write!(page, "\n| setting | type | default | description |\n|---|---|---|---|\n{rows}");
        }
        let mut said = String::new();
        self.rules_below(&path, &view, 0, &mut said);
        if !said.is_empty() {
            let _ = write!(page, "\nRules:\n\n{said}");
        }
    }

    /// The rows of all settings within one.
    fn below(&mut self, path: &str, view: &View<'a>, depth: usize, rows: &mut String) {
        self.each_below(path, view, depth, &mut |writer, path, below, required, depth| {
            let view = writer.view(below);
            if required != Need::Item {
                writer.row(path, &view, required == Need::Required, rows);
            }
            writer.below(path, &view, depth, rows);
        });
    }

    fn rules_below(&mut self, path: &str, view: &View<'a>, depth: usize, said: &mut String) {
        for rule in rule_texts(view) {
            let line = format!("- {}: {rule}\n", code(path));
            // Alternatives may share a rule.
            if !said.contains(&line) {
                said.push_str(&line);
            }
        }
        self.each_below(path, view, depth, &mut |writer, path, below, _, depth| {
            let view = writer.view(below);
            writer.rules_below(path, &view, depth, said);
        });
    }

    /// Visits each setting right below one: keys, items, and those that only some alternative has.
    fn each_below(
        &mut self,
        path: &str,
        view: &View<'a>,
        depth: usize,
        visit: &mut dyn FnMut(&mut Self, &str, &'a Json, Need, usize),
    ) {
        if view.recursive || depth == DEPTH || self.rows >= ROWS {
            return;
        }
        let open = self.open.len();
        self.open.extend(&view.references);
        for (key, schema) in view.properties() {
            let need = if view.requires(key) { Need::Required } else { Need::Optional };
            visit(self, &format!("{path}.{}", word(key)), schema, need, depth + 1);
        }
        for (pattern, schema) in view.patterns() {
            visit(self, &format!("{path}.<{pattern}>"), schema, Need::Optional, depth + 1);
        }
        if let Some(schema) = view.others() {
            // A map of plain values is told by its own row.
            let need = if self.is_plain(schema) { Need::Item } else { Need::Optional };
            visit(self, &format!("{path}.<name>"), schema, need, depth + 1);
        }
        if let Some(schema) = view.get("items") {
            visit(self, &format!("{path}[]"), schema, Need::Item, depth + 1);
        }
        for (at, schema) in list(view.get("prefixItems")).enumerate() {
            visit(self, &format!("{path}[{at}]"), schema, Need::Optional, depth + 1);
        }
        for schema in view.alternatives() {
            visit(self, path, schema, Need::Item, depth + 1);
        }
        self.open.truncate(open);
    }

    fn row(&mut self, path: &str, view: &View<'a>, required: bool, rows: &mut String) {
        self.rows += 1;
        if self.rows == ROWS {
            rows.push_str("| … | | | there are more settings than one page can show |\n");
        }
        if self.rows >= ROWS {
            return;
        }
        let row = format!(
            "| {} | {} | {} | {} |\n",
            cell(&code(path)),
            cell(&self.form(view)),
            cell(&need(view, required)),
            cell(&description(view))
        );
        // Alternatives may have the same key in common.
        if !rows.contains(&row) {
            rows.push_str(&row);
        }
    }

    fn is_plain(&self, schema: &'a Json) -> bool {
        let view = self.view(schema);
        !view.types().iter().any(|name| matches!(*name, "object" | "array")) && view.alternatives().is_empty()
    }

    fn view(&self, schema: &'a Json) -> View<'a> {
        let mut view = View::default();
        let mut waiting = vec![schema];
        while let Some(schema) = waiting.pop() {
            let Json::Object(part) = schema else { continue };
            view.parts.push(part);
            waiting.extend(list(part.get("allOf")).rev());
            let Some(reference) = part.get("$ref").and_then(Json::as_str) else { continue };
            if self.open.contains(&reference) || view.references.contains(&reference) {
                view.recursive = true;
            }
            if !view.references.contains(&reference) {
                view.references.push(reference);
                waiting.extend(self.target(reference));
            }
        }
        view
    }

    fn target(&self, reference: &str) -> Option<&'a Json> {
        self.document.pointer(&super::percent::decode(reference.strip_prefix('#')?))
    }

    /// The schema one step below; in alternatives, the first that knows it.
    fn below_step(&self, view: &View<'a>, step: &Step, depth: usize) -> Option<&'a Json> {
        let found = match step {
            Step::Key(key) => {
                let named = view.properties().into_iter().find(|(name, _)| *name == &**key).map(|(_, schema)| schema);
                let matches =
                    |pattern: &str| regex_lite::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(key));
                let patterned = || view.patterns().find(|(pattern, _)| matches(pattern)).map(|(_, schema)| schema);
                named.or_else(patterned).or_else(|| view.others())
            }
            Step::Index(_) | Step::Item(_) => view.get("items"),
        };
        let in_alternatives = || {
            let mut alternatives = view.alternatives().into_iter().filter(|_| depth < DEPTH);
            alternatives.find_map(|schema| self.below_step(&self.view(schema), step, depth + 1))
        };
        found.or_else(in_alternatives)
    }

    /// What may stand at a place, in a few words.
    fn form(&self, view: &View<'a>) -> String {
        self.form_within(view, 0)
    }

    fn form_within(&self, view: &View<'a>, depth: usize) -> String {
        if let Some(only) = view.get("const") {
            return value(only);
        }
        if let Some(options) = view.get("enum") {
            return list(Some(options)).map(value).collect::<Vec<_>>().join(", ");
        }
        let mut kinds = Vec::new();
        for name in view.types() {
            kinds.push(match name {
                "object" => self.map_of(view, depth),
                "array" => self.list_of(view, depth),
                name => name.to_owned(),
            });
        }
        if kinds.is_empty() && depth < 4 {
            for schema in view.alternatives() {
                let form = self.form_within(&self.view(schema), depth + 1);
                if !kinds.contains(&form) {
                    kinds.push(form);
                }
            }
        }
        let mut form = if kinds.is_empty() { "any".to_owned() } else { kinds.join(" or ") };
        for limit in limits(view) {
            let _ = write!(form, ", {limit}");
        }
        form
    }

    fn map_of(&self, view: &View<'a>, depth: usize) -> String {
        match view.others().filter(|_| view.properties().is_empty() && depth < 4) {
            Some(schema) => format!("map of {}", plural(&self.form_within(&self.view(schema), depth + 1))),
            None => "map".to_owned(),
        }
    }

    fn list_of(&self, view: &View<'a>, depth: usize) -> String {
        match view.get("items").filter(|items| items.is_object() && depth < 4) {
            Some(schema) => format!("list of {}", plural(&self.form_within(&self.view(schema), depth + 1))),
            None => "list".to_owned(),
        }
    }
}

/// Whether a setting must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    Optional,
    /// An item or an alternative, which has no row of its own.
    Item,
}

fn plural(form: &str) -> String {
    match form.split_once([',', ' ']) {
        None if form.chars().all(char::is_alphabetic) && form != "any" => format!("{form}s"),
        Some((kind @ ("string" | "integer" | "number" | "map" | "list"), _)) => {
            format!("{kind}s{}", &form[kind.len()..])
        }
        _ => form.to_owned(),
    }
}

fn limits(view: &View<'_>) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(format) = view.text("format") {
        said.push(code(format));
    }
    if let Some(pattern) = view.text("pattern") {
        said.push(format!("like {}", code(pattern)));
    }
    let bounds = [
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", "character"),
        ("minItems", "maxItems", "item"),
        ("minProperties", "maxProperties", "key"),
    ];
    for (low, high, thing) in bounds {
        let count = |limit: &Json| match thing {
            "" => limit.to_string(),
            thing if limit == 1 => format!("1 {thing}"),
            thing => format!("{limit} {thing}s"),
        };
        match (view.get(low), view.get(high)) {
            (Some(low), Some(high)) => said.push(format!("{low} to {}", count(high))),
            (Some(low), None) => said.push(format!("at least {}", count(low))),
            (None, Some(high)) => said.push(format!("at most {}", count(high))),
            (None, None) => {}
        }
    }
    for (word, text) in
        [("exclusiveMinimum", "more than"), ("exclusiveMaximum", "less than"), ("multipleOf", "a multiple of")]
    {
        if let Some(limit) = view.get(word) {
            said.push(format!("{text} {limit}"));
        }
    }
    if view.flag("uniqueItems") {
        said.push("none twice".to_owned());
    }
    match view.text("x-kubernetes-list-type") {
        Some("map") => {
            let keys: Vec<_> =
                list(view.get("x-kubernetes-list-map-keys")).filter_map(Json::as_str).map(code).collect();
            said.push(format!("merged by {}", keys.join(", ")));
        }
        Some("set") => said.push("layers are united".to_owned()),
        _ => {}
    }
    said
}

fn need(view: &View<'_>, required: bool) -> String {
    match view.get("default") {
        Some(default) => value(default),
        None if required => "required".to_owned(),
        None => String::new(),
    }
}

fn description(view: &View<'_>) -> String {
    let mut said: Vec<String> = Vec::new();
    said.extend(view.text("description").or_else(|| view.text("title")).map(prose));
    if let Some(new) = view.text("x-platc-renamed-to") {
        said.push(format!("**Renamed** to {}.", code(new)));
    }
    if view.flag("deprecated") || view.get("deprecationMessage").is_some() {
        let why = view.text("deprecationMessage").map(|why| format!(": {}", prose(why)));
        said.push(format!("**Deprecated**{}", why.unwrap_or_else(|| ".".to_owned())));
    }
    if view.flag("x-platc-secret") {
        said.push("**Secret**: a reference, never the value itself.".to_owned());
    }
    match view.get("x-platc-promote").and_then(Json::as_bool) {
        Some(true) => said.push("Promoted from one environment to the next.".to_owned()),
        Some(false) => said.push("Never promoted.".to_owned()),
        None => {}
    }
    match view.text("x-platc-compare") {
        Some("must-match") => said.push("The same in all environments.".to_owned()),
        Some("must-differ") => said.push("Different in each environment.".to_owned()),
        _ => {}
    }
    let examples: Vec<_> = list(view.get("examples")).map(value).collect();
    if !examples.is_empty() {
        said.push(format!("For example {}.", examples.join(", ")));
    }
    if view.recursive {
        said.push("Holds again what stands above.".to_owned());
    }
    said.join(" ")
}

fn rules(view: &View<'_>, path: &str, page: &mut String) {
    let said: Vec<_> = rule_texts(view).collect();
    if !said.is_empty() {
        page.push_str("\nRules:\n\n");
        for rule in said {
            let owner = if path.is_empty() { String::new() } else { format!("{}: ", code(path)) };
            let _ = writeln!(page, "- {owner}{rule}");
        }
    }
}

/// What rules say; one without a message of its own speaks as an expression.
fn rule_texts<'a>(view: &View<'a>) -> impl Iterator<Item = String> + use<'a> {
    let parts = view.parts.clone();
    let rules = parts.into_iter().flat_map(|part| list(part.get("x-kubernetes-validations")));
    rules.filter_map(|rule| match rule.get("message").and_then(Json::as_str) {
        Some(message) => Some(prose(message)),
        None => rule.get("rule").and_then(Json::as_str).map(code),
    })
}

fn list(json: Option<&Json>) -> impl DoubleEndedIterator<Item = &Json> {
    json.and_then(Json::as_array).into_iter().flatten()
}

/// A key as a step of a path, in quotes if it must be.
fn word(key: &str) -> String {
    Path::root().key(key).to_string()
}

fn value(json: &Json) -> String {
    match json {
        Json::String(text) if !text.is_empty() => code(text),
        other => code(&other.to_string()),
    }
}

/// Text in backticks, enough of them for those within.
fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !text.contains('`') {
        return format!("`{text}`");
    }
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}

/// One line of text, in which nothing outside backticks is taken for HTML.
fn prose(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts = line.split('`').enumerate();
    let parts = parts.map(|(at, part)| if at % 2 == 0 { part.replace('<', "&lt;") } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("`")
}

/// In a table a bar ends the cell, even within backticks.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::page;

    #[test]
    fn a_page_of_every_kind_of_setting() {
        let schema = json!({
            "title": "A <platform>",
            "type": "object",
            "required": ["pools"],
            "x-kubernetes-validations": [{ "rule": "self.a < self.b" }],
            "properties": {
                "pools": {
                    "description": "Pools of nodes.",
                    "type": "array",
                    "minItems": 1,
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    "items": { "$ref": "#/$defs/pool" },
                },
                "labels": { "type": "object", "additionalProperties": { "type": "string", "maxLength": 63 } },
                "tree": { "$ref": "#/$defs/tree" },
                "store": { "oneOf": [
                    { "type": "object", "required": ["bucket"], "properties": { "bucket": { "type": "string" } } },
                    { "type": "object", "properties": { "path": { "type": "string", "pattern": "^(a|b)$" } } },
                    { "type": "null" },
                ] },
            },
            "$defs": {
                "pool": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": { "type": "string", "format": "dns-label" },
                        "weight": { "type": "integer", "minimum": 1, "maximum": 100, "default": 10 },
                        "kinds": { "type": "array", "items": { "enum": ["spot", "on-demand"] }, "uniqueItems": true },
                        "token": { "type": "string", "x-platc-secret": true },
                        "size": { "type": "integer", "deprecated": true, "x-platc-renamed-to": "weight" },
                    },
                    "x-kubernetes-validations": [{ "rule": "true", "message": "weight must be odd" }],
                },
                "tree": { "type": "object", "properties": { "left": { "$ref": "#/$defs/tree" } } },
            },
        });
        insta::assert_snapshot!(page(&schema));
    }

    #[test]
    fn a_schema_that_multiplies_itself_ends_in_a_page() {
        let defs: serde_json::Map<_, _> = (0..40)
            .map(|at| {
                let next = json!({ "$ref": format!("#/$defs/d{}", at + 1) });
                (format!("d{at}"), json!({ "properties": { "a": next, "b": next } }))
            })
            .collect();
        let made = page(&json!({ "properties": { "x": { "$ref": "#/$defs/d0" } }, "$defs": defs }));
        assert!(made.lines().count() < super::ROWS + 100);
        assert!(made.contains("more settings than one page"));
    }
}
