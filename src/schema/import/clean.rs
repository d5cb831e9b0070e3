//! A foreign schema in platc's words: what no judgement needs is dropped, what cannot be judged is dropped with a note.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::schema::format;
use crate::schema::keyword::{self, Form};
use crate::schema::pattern;

/// Schemas within each other; deeper ones are left open.
const DEPTH: usize = 60;

/// Where a schema stands: how deep, and whether it judges as one of several that need not hold.
#[derive(Clone, Copy, Default)]
struct Place {
    depth: usize,
    is_tried: bool,
}

/// Makes one schema readable, and remembers what that cost.
#[derive(Default)]
pub(super) struct Cleaner {
    /// What is not judged and why, each once, sorted.
    pub(super) notes: BTreeSet<String>,
}

impl Cleaner {
    pub(super) fn schema(&mut self, schema: &mut Json) {
        self.within(schema, Place::default());
    }

    fn within(&mut self, schema: &mut Json, place: Place) {
        match schema {
            Json::Bool(_) => {}
            Json::Object(words) if place.depth <= DEPTH => {
                if place.is_tried && words.remove("x-kubernetes-validations").is_some() {
                    self.notes.insert(
                        "rules below `anyOf`, `oneOf`, `not` or `if`, since nobody could say whether they apply"
                            .to_owned(),
                    );
                }
                // Draft-04 knew `true` beside a limit only, and draft-03 `required: true` in the property.
                let patterns = |words: &Map<String, Json>| words.get("patternProperties")?.as_object().map(Map::len);
                let before = patterns(words);
                words.retain(|word, value| self.keeps(word, value));
                // Keys that only a lost pattern takes must not be refused.
                if patterns(words) != before && words.get("additionalProperties") == Some(&Json::Bool(false)) {
                    words.remove("additionalProperties");
                }
                for (word, value) in words.iter_mut() {
                    self.below(word, value, place);
                }
                meanings(words);
            }
            Json::Object(_) => {
                self.notes.insert("schemas that nest too deep".to_owned());
                *schema = Json::Bool(true);
            }
            _ => {
                self.notes.insert("what stands in the place of a schema and is none".to_owned());
                *schema = Json::Bool(true);
            }
        }
    }

    fn below(&mut self, word: &str, value: &mut Json, place: Place) {
        let is_tried = place.is_tried || matches!(word, "anyOf" | "oneOf" | "not" | "if" | "then" | "else");
        let below = Place { depth: place.depth + 1, is_tried };
        match keyword::form(word) {
            Some(Form::Schema | Form::Items) if !value.is_array() => self.within(value, below),
            Some(Form::Schemas | Form::Items) => {
                value.as_array_mut().into_iter().flatten().for_each(|schema| self.within(schema, below));
            }
            Some(Form::SchemaMap | Form::SchemaByPattern | Form::Dependencies) => {
                let schemas = value.as_object_mut().into_iter().flat_map(Map::values_mut);
                schemas.filter(|schema| !schema.is_array()).for_each(|schema| self.within(schema, below));
            }
            _ => {}
        }
    }

    /// Whether a word stays: one that platc knows, with a value of its form.
    fn keeps(&mut self, word: &str, value: &mut Json) -> bool {
        let Some(form) = keyword::form(word) else {
            if !word.starts_with("x-") && !SILENT.contains(&word) {
                self.notes.insert(format!("`{word}`, which is no word of JSON Schema"));
            }
            return false;
        };
        let fits = match form {
            Form::Schema => value.is_object() || value.is_boolean(),
            Form::Items => value.is_object() || value.is_boolean() || has_items(value),
            Form::Schemas => has_items(value),
            Form::Values => has_items(value) && are_exact(value),
            Form::SchemaMap | Form::NamesByKey | Form::Dependencies => value.is_object(),
            Form::SchemaByPattern => {
                let Some(schemas) = value.as_object_mut() else { return false };
                schemas.retain(|pattern, _| self.can_match(pattern));
                !schemas.is_empty()
            }
            Form::Types => return types_fit(value),
            Form::Text => value.is_string() && !matches!(word, "$id" | "$anchor" | "$comment"),
            Form::Pattern => value.as_str().is_some_and(|pattern| self.can_match(pattern)),
            Form::Format => return value.as_str().is_some_and(format::is_known),
            Form::Flag => value.is_boolean(),
            Form::Count => {
                // JSON Schema counts by value: `2.0` is 2.
                if let Some(count) = keyword::count(value) {
                    *value = Json::from(count);
                }
                value.is_u64()
            }
            Form::Number => value.is_number(),
            Form::Positive => value.as_f64().is_some_and(|number| number > 0.0),
            Form::Bound => value.is_number() || value.is_boolean(),
            Form::Names => names_fit(value),
            Form::Reference => {
                let local = value.as_str().is_some_and(|to| to == "#" || to.starts_with("#/"));
                if !local {
                    self.notes.insert(format!("the reference {value}, since it leads to another file"));
                }
                return local;
            }
            Form::Dialect | Form::Remark => return false,
            Form::OneOf(words) => value.as_str().is_some_and(|value| words.contains(&value)),
            Form::Rules => value.is_array(),
            Form::Value => are_exact(value),
        };
        let noted = !matches!(form, Form::Text | Form::Pattern | Form::SchemaByPattern);
        if !fits && noted && !(form == Form::Names && value.as_array().is_some_and(Vec::is_empty)) {
            self.notes.insert(format!("a `{word}` whose value has another form than JSON Schema gives it"));
        }
        fits
    }

    fn can_match(&mut self, pattern: &str) -> bool {
        // Reading a pattern is quick; what it takes to compile it is bounded where the schema is used.
        let fits = regex_lite::Regex::new(pattern).is_ok()
            || regex_syntax::Parser::new().parse(pattern).is_ok() && pattern::compiling(pattern) < LARGEST;
        if !fits {
            self.notes.insert(format!("the pattern `{pattern}`, which no engine matches in linear time"));
        }
        fits
    }
}

/// Steps of a pattern that is no more than can be compiled.
const LARGEST: u64 = 1_000_000;

/// Words whose meaning differs from platc's.
fn meanings(words: &mut Map<String, Json>) {
    // Kubernetes and AWS take a network with bits behind its prefix, platc's format does not.
    if words.get("format").is_some_and(|format| format == "cidr") {
        words.remove("format");
        words.entry("pattern").or_insert_with(|| Json::from("^[0-9A-Fa-f:.]+/[0-9]{1,3}$"));
    }
    // Types of list that the rest of the schema does not bear out.
    let keyed = words.get("x-kubernetes-list-type").is_some_and(|kind| kind == "map");
    if keyed != words.contains_key("x-kubernetes-list-map-keys") {
        words.remove("x-kubernetes-list-type");
        words.remove("x-kubernetes-list-map-keys");
    }
}

/// Words that say nothing about values.
const SILENT: &[&str] =
    &["id", "insertionOrder", "arrayType", "relationshipRef", "$recursiveAnchor", "$vocabulary", "anchorTarget"];

fn has_items(value: &Json) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty())
}

/// Whether no number among values is past the 64 bits in which it could be compared.
fn are_exact(value: &Json) -> bool {
    match value {
        Json::Number(number) => {
            number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|it| it.abs() < EXACT)
        }
        Json::Array(items) => items.iter().all(are_exact),
        Json::Object(entries) => entries.values().all(are_exact),
        _ => true,
    }
}

/// 2^63: from there on a number without a fraction may have been one of more digits.
const EXACT: f64 = 9_223_372_036_854_775_808.0;

fn types_fit(value: &Json) -> bool {
    let known = |name: &Json| name.as_str().is_some_and(|name| keyword::TYPE_NAMES.contains(&name));
    match value {
        Json::Array(names) => !names.is_empty() && names.iter().all(known),
        name => known(name),
    }
}

fn names_fit(value: &Json) -> bool {
    let mut seen = BTreeSet::new();
    value.as_array().is_some_and(|names| {
        !names.is_empty() && names.iter().all(|name| name.as_str().is_some_and(|it| seen.insert(it)))
    })
}
