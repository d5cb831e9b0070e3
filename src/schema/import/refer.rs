//! References of a published schema that no judge can follow: to what is not there, and round in a circle on the same
//! value. What they judge is left open, with a note; a schema that refers to itself for what lies below it is fine.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use crate::schema::keyword::{self, Form};

/// Takes out the references that cannot be followed.
pub(super) fn open(schema: &mut Json, notes: &mut BTreeSet<String>) {
    let mut targets = BTreeSet::new();
    each(schema, &mut |words| targets.extend(reference(words).map(str::to_owned)));
    let dead: BTreeSet<String> = targets.iter().filter(|to| target(schema, to).is_none()).cloned().collect();
    let endless = endless(schema, &targets);
    if dead.is_empty() && endless.is_empty() {
        return;
    }
    notes.extend(dead.iter().map(|to| format!("the reference \"{to}\", since it leads nowhere")));
    notes.extend(endless.iter().map(|to| format!("the reference \"{to}\", since it leads back to itself")));
    drop_references(schema, &|to| dead.contains(to) || endless.contains(to));
}

/// The targets that judge a value by themselves again, whatever the value is.
fn endless(schema: &Json, targets: &BTreeSet<String>) -> BTreeSet<String> {
    let (mut on, mut back): (Ways<'_>, Ways<'_>) = Default::default();
    for from in targets {
        let mut led_to = Vec::new();
        if let Some(schema) = target(schema, from) {
            in_place(schema, &mut led_to);
        }
        for to in led_to {
            on.entry(from).or_default().push(to);
            back.entry(to).or_default().push(from);
        }
    }
    // What has no way on is in no circle, nor is what has no way to it.
    let mut left: BTreeSet<&str> = targets.iter().map(String::as_str).collect();
    for (ways, others) in [(&on, &back), (&back, &on)] {
        let mut count: BTreeMap<&str, usize> = ways.iter().map(|(from, all)| (*from, all.len())).collect();
        let mut ends: Vec<&str> = left.iter().copied().filter(|at| !count.contains_key(at)).collect();
        while let Some(end) = ends.pop() {
            left.remove(end);
            for before in others.get(end).into_iter().flatten() {
                if let Some(count) = count.get_mut(before) {
                    *count -= 1;
                    if *count == 0 {
                        ends.push(before);
                    }
                }
            }
        }
    }
    left.into_iter().map(str::to_owned).collect()
}

/// Where targets lead on the same value.
type Ways<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// The references that judge the same value as a schema.
fn in_place<'a>(schema: &'a Json, found: &mut Vec<&'a str>) {
    let Json::Object(words) = schema else { return };
    found.extend(reference(words));
    for (word, value) in words {
        match (word.as_str(), value) {
            ("allOf" | "anyOf" | "oneOf", Json::Array(schemas)) => schemas.iter().for_each(|it| in_place(it, found)),
            ("not" | "if" | "then" | "else", schema) => in_place(schema, found),
            ("dependentSchemas" | "dependencies", Json::Object(schemas)) => {
                for it in schemas.values() {
                    in_place(it, found);
                }
            }
            _ => {}
        }
    }
}

fn reference(words: &Map<String, Json>) -> Option<&str> {
    words.get("$ref").and_then(Json::as_str)
}

/// What a reference within the document leads to.
fn target<'a>(schema: &'a Json, to: &str) -> Option<&'a Json> {
    let pointer = crate::schema::percent::decode(to.strip_prefix('#')?);
    schema.pointer(&pointer)
}

/// Shows every schema within one, and itself.
fn each<'a>(schema: &'a Json, look: &mut impl FnMut(&'a Map<String, Json>)) {
    let Json::Object(words) = schema else { return };
    look(words);
    for (word, value) in words {
        match (keyword::form(word), value) {
            (Some(Form::Schema | Form::Items | Form::Schemas), Json::Array(schemas)) => {
                for it in schemas {
                    each(it, look);
                }
            }
            (Some(Form::Schema | Form::Items), schema) => each(schema, look),
            (Some(Form::SchemaMap | Form::SchemaByPattern | Form::Dependencies), Json::Object(schemas)) => {
                for it in schemas.values() {
                    each(it, look);
                }
            }
            _ => {}
        }
    }
}

fn drop_references(schema: &mut Json, is_lost: &impl Fn(&str) -> bool) {
    let Json::Object(words) = schema else { return };
    if reference(words).is_some_and(is_lost) {
        words.remove("$ref");
    }
    for (word, value) in words.iter_mut() {
        match (keyword::form(word), value) {
            (Some(Form::Schema | Form::Items | Form::Schemas), Json::Array(schemas)) => {
                for it in schemas {
                    drop_references(it, is_lost);
                }
            }
            (Some(Form::Schema | Form::Items), schema) => drop_references(schema, is_lost),
            (Some(Form::SchemaMap | Form::SchemaByPattern | Form::Dependencies), Json::Object(schemas)) => {
                for it in schemas.values_mut() {
                    drop_references(it, is_lost);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn circles_on_one_value_and_ways_to_nowhere_are_opened_and_trees_stay() {
        let mut schema = json!({
            "properties": {
                "tree": {"$ref": "#/definitions/Tree"},
                "self": {"$ref": "#/definitions/Self"},
                "pair": {"$ref": "#/definitions/One"},
                "lost": {"$ref": "#/definitions/Lost", "type": "string"},
                "all": {"$ref": "#"}
            },
            "definitions": {
                "Tree": {"properties": {"left": {"$ref": "#/definitions/Tree"}, "to": {"$ref": "#/definitions/One"}}},
                "Self": {"$ref": "#/definitions/Self"},
                "One": {"anyOf": [{"$ref": "#/definitions/Two"}, {"type": "string"}]},
                "Two": {"allOf": [{"$ref": "#/definitions/One"}]}
            }
        });
        let mut notes = BTreeSet::new();
        open(&mut schema, &mut notes);
        assert_eq!(
            schema,
            json!({
                "properties": {
                    "tree": {"$ref": "#/definitions/Tree"},
                    "self": {},
                    "pair": {},
                    "lost": {"type": "string"},
                    "all": {"$ref": "#"}
                },
                "definitions": {
                    "Tree": {"properties": {"left": {"$ref": "#/definitions/Tree"}, "to": {}}},
                    "Self": {},
                    "One": {"anyOf": [{}, {"type": "string"}]},
                    "Two": {"allOf": [{}]}
                }
            })
        );
        assert_eq!(notes.len(), 4);
    }
}
