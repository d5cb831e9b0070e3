//! Charts: from `values.yaml`, which names the keys and shows their types, and `values.schema.json`, which says more.

use std::ops::Range;

use serde_json::{Map, Value as Json, json};

use super::read::Document;
use crate::source::{Sources, Span};
use crate::yaml::scalar::{self, Plain};
use crate::yaml::{Content, Entry, Node, Style};

/// Keys below which a map is Kubernetes' or the user's own, though the chart has defaults in it.
const OPEN_ENDINGS: &[&str] = &[
    "affinity",
    "annotations",
    "args",
    "env",
    "labels",
    "limits",
    "livenessprobe",
    "nodeselector",
    "probe",
    "readinessprobe",
    "requests",
    "resources",
    "securitycontext",
    "selector",
    "startupprobe",
    "strategy",
    "data",
];
const OPEN_BEGINNINGS: &[&str] = &["extra", "additional"];
/// Words, without blanks, by which a comment says that a map takes any keys.
const FREE: &[&str] = &[
    "additionalproperties:true",
    "patternproperties",
    "freeform",
    "free-form",
    "arbitrary",
    "anykey",
    "key-valuepairs",
    "keyvaluepairs",
    "key/valuepairs",
];
/// Numbers that may also be percentages or names.
const NUMBER_OR_TEXT: &[&str] = &["maxunavailable", "minavailable", "maxsurge", "port", "nodeport", "targetport"];

/// The schema of a chart's values, without those of the charts that it brings along.
pub(super) fn own(values: Option<&Document>, published: Option<&Json>, sources: &Sources) -> Json {
    let mut schema = published.cloned().unwrap_or_else(|| json!({}));
    if let Some(values) = values {
        let source = sources.get(values.node.span.file);
        add(&mut schema, &values.node, "", 0..u32::MAX, false, &Comments { values, text: source.text() });
    }
    optional(&mut schema);
    schema
}

/// The texts beside the values.
struct Comments<'a> {
    values: &'a Document,
    /// The whole file.
    text: &'a str,
}

/// Adds to a schema what a default says: its type, if nothing is said, and the keys of a map. `range` is where the
/// default stands in its document, with the comments around it. `is_free` is what its comment says about its keys.
fn add(schema: &mut Json, default: &Node, key: &str, range: Range<u32>, is_free: bool, comments: &Comments<'_>) {
    let Json::Object(words) = schema else { return };
    // What a reference leads to may serve other places, too.
    if words.contains_key("$ref") {
        return;
    }
    let said = ["type", "enum", "const", "anyOf", "oneOf", "allOf", "if"].iter().any(|word| words.contains_key(*word));
    if !said && let Some(kind) = kind(default, key) {
        words.insert("type".to_owned(), kind);
    }
    let Content::Map(entries) = &default.content else { return };
    // Where the chart's schema says what other keys hold, a default is no more than an example. `true` is what generators
    // of schemas write everywhere, and says nothing.
    let is_free = is_free || words.get("additionalProperties").is_some_and(|others| !others.is_boolean());
    let takes_maps = words
        .get("type")
        .is_none_or(|kind| *kind == "object" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("object"))));
    if entries.is_empty() || is_free || !takes_maps {
        return;
    }
    let Json::Object(properties) = words.entry("properties").or_insert_with(|| json!({})) else { return };
    let is_given_on = is_given_on(key);
    for (at, entry) in entries.iter().enumerate() {
        let name = &*entry.key.text;
        let below = properties.entry(name).or_insert_with(|| json!({}));
        let end = entries.get(at + 1).map_or(range.end, |next| next.key.span.start);
        let is_free = is_given_on || comments.say_free(entry);
        add(below, &entry.value, name, entry.key.span.end..end, is_free, comments);
        if let (Json::Object(words), Some(text)) = (below, comments.above(entry)) {
            words.entry("description").or_insert_with(|| json!(text));
        }
    }
    let examples = comments.examples(&entries[0], range);
    let is_open = is_open(key, entries.iter().map(|entry| &*entry.key.text).chain(examples.iter().copied()));
    for name in examples {
        properties.entry(name).or_insert_with(|| json!({}));
    }
    if !is_open && !names_keys_elsewhere(words) {
        words.insert("additionalProperties".to_owned(), Json::Bool(false));
    }
}

/// Whether a schema may take keys that do not stand in its `properties`: those of a pattern, or of schemas that it
/// combines.
fn names_keys_elsewhere(words: &Map<String, Json>) -> bool {
    let says = |schema: &Json| {
        let words = ["properties", "additionalProperties", "patternProperties", "$ref"];
        words.iter().any(|word| schema.get(word).is_some()) || schema.as_object().is_some_and(names_keys_elsewhere)
    };
    words.contains_key("patternProperties")
        || words.contains_key("unevaluatedProperties")
        || ["allOf", "anyOf", "oneOf"]
            .iter()
            .any(|word| words.get(*word).and_then(Json::as_array).is_some_and(|schemas| schemas.iter().any(says)))
        || ["then", "else"].iter().any(|word| words.get(*word).is_some_and(says))
        || words.get("dependentSchemas").is_some()
}

/// A map that the chart hands on as it is: its keys, and all below them, are Kubernetes' or the user's own.
fn is_given_on(key: &str) -> bool {
    let key = key.to_lowercase();
    OPEN_ENDINGS.iter().any(|ending| key.ends_with(ending))
        || OPEN_BEGINNINGS.iter().any(|beginning| key.starts_with(beginning))
}

/// A map whose keys are not the chart's to name: settings of a program, `server.insecure`, and labels among them.
fn is_open<'a>(key: &str, mut known: impl Iterator<Item = &'a str>) -> bool {
    is_given_on(key) || known.any(|known| known.contains(['.', '/', ' ']))
}

/// The types that a value may have instead of a default. `null` takes a default away.
pub(super) fn kind(default: &Node, key: &str) -> Option<Json> {
    let number_or_text = NUMBER_OR_TEXT.iter().any(|ending| key.to_lowercase().ends_with(ending));
    Some(match &default.content {
        Content::Map(_) => json!(["object", "null"]),
        Content::List(_) => json!(["array", "null"]),
        Content::Scalar { text, style } => match (style, scalar::plain(text)) {
            // Unset: whatever the chart makes of it.
            (Style::Plain, Plain::Null | Plain::Ambiguous(_)) => return None,
            (Style::Plain, Plain::Bool(_)) => json!(["boolean", "null"]),
            (Style::Plain, Plain::Number(_)) if number_or_text => json!(["integer", "string", "null"]),
            (Style::Plain, Plain::Number(crate::value::Number::Float(..))) => json!(["number", "null"]),
            (Style::Plain, Plain::Number(_)) => json!(["integer", "null"]),
            // A float stays out: `tag: 1.20` is what readers take for 1.2.
            _ if text.is_empty() || number_or_text => json!(["string", "integer", "boolean", "null"]),
            _ => json!(["string", "null"]),
        },
    })
}

/// What a chart's schema demands holds for the values merged with its defaults, which are not at hand; so do its
/// conditions.
pub(super) fn optional(schema: &mut Json) {
    let Json::Object(words) = schema else { return };
    for word in [
        "required",
        "minProperties",
        "if",
        "then",
        "else",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "not",
    ] {
        words.remove(word);
    }
    for (word, value) in words.iter_mut() {
        match (word.as_str(), value) {
            ("properties" | "definitions" | "$defs" | "patternProperties", Json::Object(map)) => {
                map.values_mut().for_each(optional);
            }
            ("additionalProperties", schema) => optional(schema),
            ("allOf", Json::Array(schemas)) => schemas.iter_mut().for_each(optional),
            _ => {}
        }
    }
}

impl Comments<'_> {
    /// Keys that a chart shows in comments only, `# priorityClassName: ""`, in the column of a map's own keys.
    fn examples(&self, first: &Entry, range: Range<u32>) -> Vec<&str> {
        let span: Span = self.values.span(first.key.span);
        let text = self.text;
        let column = |at: usize| at - text[..at].rfind('\n').map_or(0, |line| line + 1);
        let own = column(span.start as usize);
        let end = (range.end as usize).saturating_add(self.values.offset as usize).min(text.len());
        let start = (range.start + self.values.offset) as usize;
        let lines = text.get(start..end).into_iter().flat_map(|part| part.lines().skip(usize::from(start > 0)));
        let key = |line: &'_ str| -> Option<(usize, usize)> {
            let shown = line.get(own..)?.trim_start_matches('#');
            let shown = shown.strip_prefix(' ').unwrap_or(shown);
            let (key, rest) = shown.split_once(':')?;
            let is_word = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
            // `e.g.: …` is prose, and a label with its domain belongs to the map above.
            let is_key = key.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && !key.ends_with('.')
                && key.chars().all(is_word);
            let at = line.len() - shown.len();
            (is_key && (rest.is_empty() || rest.starts_with(' '))).then_some((at, at + key.len()))
        };
        let comments =
            lines.filter(|line| line.len() - line.trim_start().len() == own && line.trim_start().starts_with('#'));
        comments.filter_map(|line| key(line).map(|(from, to)| &line[from..to])).collect()
    }

    /// Whether the comment above a key, or behind it, says that its map takes any keys.
    fn say_free(&self, entry: &Entry) -> bool {
        let start = self.values.span(entry.key.span).start as usize;
        let Some(before) = self.text.get(..start) else { return false };
        let own = self.text.get(start..).and_then(|rest| rest.lines().next()).and_then(|line| line.split_once(" #"));
        let above = before.rsplit('\n').skip(1).map(str::trim).take(40).map_while(|line| line.strip_prefix('#'));
        above.chain(own.map(|(_, comment)| comment)).any(|line| {
            let line: String = line.to_lowercase().split_whitespace().collect();
            FREE.iter().any(|word| line.contains(word))
        })
    }

    /// The comment above a key from its line `# --` on, as helm-docs reads it.
    fn above(&self, entry: &Entry) -> Option<String> {
        let span: Span = self.values.span(entry.key.span);
        let before = self.text.get(..span.start as usize)?;
        let lines = before.rsplit('\n').skip(1).map(str::trim);
        let mut said: Vec<&str> = Vec::new();
        for line in lines.take(40).map_while(|line| line.strip_prefix('#')) {
            let line = line.trim();
            if let Some(first) = line.strip_prefix("--") {
                said.push(first.trim());
                said.reverse();
                return Some(said.join(" ").trim().to_owned()).filter(|text| !text.is_empty());
            }
            if !line.starts_with('@') {
                said.push(line);
            }
        }
        None
    }
}
