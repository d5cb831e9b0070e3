//! Large schemas made small: a part that stands several times is written once, below `$defs`.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// Parts shorter than this as JSON are repeated.
const WORTH: usize = 600;

pub(super) fn share(schema: &mut Json) {
    let mut counts = BTreeMap::new();
    count(schema, &mut counts);
    counts.retain(|text, count| *count > 1 && text.len() >= WORTH);
    let mut sharing = Sharing { names: BTreeMap::new(), counts, defs: Map::new() };
    sharing.below(schema);
    if let (Json::Object(words), false) = (schema, sharing.defs.is_empty()) {
        match words.get_mut("$defs") {
            Some(Json::Object(defs)) => defs.extend(sharing.defs),
            _ => drop(words.insert("$defs".to_owned(), Json::Object(sharing.defs))),
        }
    }
}

struct Sharing {
    counts: BTreeMap<String, usize>,
    names: BTreeMap<String, String>,
    defs: Map<String, Json>,
}

fn count(schema: &Json, counts: &mut BTreeMap<String, usize>) {
    let text = schema.to_string();
    if text.len() < WORTH {
        return;
    }
    each(schema, &mut |_, part| {
        let text = part.to_string();
        let count = counts.entry(text).or_default();
        *count += 1;
        // Parts of what is shared already need not be looked at again.
        *count == 1
    });
}

/// Shows every schema below one, with the name it stands under; those below a part only if that is wanted.
fn each(schema: &Json, look: &mut impl FnMut(&str, &Json) -> bool) {
    let Json::Object(words) = schema else { return };
    for (name, part) in words.iter().flat_map(|(word, value)| parts(word, value)) {
        if look(name, part) {
            each(part, look);
        }
    }
}

fn parts<'a>(word: &'a str, value: &'a Json) -> Vec<(&'a str, &'a Json)> {
    match (word, value) {
        ("properties", Json::Object(map)) => map.iter().map(|(name, part)| (name.as_str(), part)).collect(),
        ("items" | "additionalProperties", part @ Json::Object(_)) => vec![(word, part)],
        _ => Vec::new(),
    }
}

impl Sharing {
    fn below(&mut self, schema: &mut Json) {
        let Json::Object(words) = schema else { return };
        for (word, value) in words.iter_mut() {
            match (word.as_str(), value) {
                ("properties", Json::Object(map)) => {
                    map.iter_mut().for_each(|(name, part)| self.part(name, part));
                }
                ("items" | "additionalProperties", part @ Json::Object(_)) => self.part(word, part),
                _ => {}
            }
        }
    }

    fn part(&mut self, name: &str, part: &mut Json) {
        let text = part.to_string();
        if !self.counts.contains_key(&text) {
            return self.below(part);
        }
        let shared = if let Some(shared) = self.names.get(&text) {
            shared.clone()
        } else {
            let shared = self.free(name);
            self.names.insert(text, shared.clone());
            // Taken before its parts are, so that none of them gets the same name.
            self.defs.insert(shared.clone(), Json::Null);
            let mut own = part.take();
            self.below(&mut own);
            self.defs.insert(shared.clone(), own);
            shared
        };
        *part = serde_json::json!({ "$ref": format!("#/$defs/{shared}") });
    }

    /// A name that no other part has.
    fn free(&self, name: &str) -> String {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let names = std::iter::once(plain.clone()).chain((2..).map(|number| format!("{plain}{number}")));
        names.into_iter().find(|name| !self.defs.contains_key(name)).unwrap_or(plain)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_part_that_stands_twice_is_written_once() {
        let part =
            json!({ "type": "object", "description": "x".repeat(700), "properties": { "a": { "type": "string" } } });
        let mut schema = json!({ "properties": { "one": part, "two": part, "three": { "items": part } } });
        share(&mut schema);
        let to = json!({ "$ref": "#/$defs/one" });
        assert_eq!(
            schema,
            json!({ "properties": { "one": to, "two": to, "three": { "items": to } }, "$defs": { "one": part } })
        );
    }
}
