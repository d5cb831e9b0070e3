//! How often the judge would apply a keyword, at most. The judge has no meter: schemas that combine schemas, on values
//! that repeat, would keep it busy without end. So this is counted before it is asked, schema by value, each pair once.

use serde_json::{Map, Value as Json};

/// Schemas within each other, and values within each other: what a thread's stack surely holds.
const DEPTH: u32 = 300;
/// To tell what is wrong, the judge asks first whether anything is, at each level.
const ASKED: u64 = 4;

/// The visits of a value, or `None` if they are more than `most`.
pub(super) fn visits(document: &Json, value: &Json, most: u64) -> Option<u64> {
    let mut count = Count { document, known: Known::default(), pairs: 0, most, depth: 0 };
    let visits = count.schema(document, value).saturating_mul(ASKED);
    (visits <= most && count.pairs <= most).then_some(visits)
}

#[allow(clippy::disallowed_types, reason = "only ever looked up, so that its order cannot show")]
type Known = std::collections::HashMap<(usize, usize), u64>;

struct Count<'a> {
    document: &'a Json,
    /// By the addresses of a schema and a value.
    known: Known,
    pairs: u64,
    most: u64,
    depth: u32,
}

impl<'a> Count<'a> {
    fn schema(&mut self, schema: &'a Json, value: &Json) -> u64 {
        let Json::Object(words) = schema else { return 1 };
        let pair = (std::ptr::from_ref(schema).addr(), std::ptr::from_ref(value).addr());
        if let Some(&known) = self.known.get(&pair) {
            return known;
        }
        self.pairs += 1;
        if self.pairs > self.most || self.depth == DEPTH {
            return u64::MAX;
        }
        self.depth += 1;
        let visits = self.words(words, value);
        self.depth -= 1;
        self.known.insert(pair, visits);
        visits
    }

    fn words(&mut self, words: &'a Map<String, Json>, value: &Json) -> u64 {
        let mut visits = 1;
        // What judges the same value: asked again for each key and item that nothing has judged yet.
        let mut again = 1;
        for (word, rule) in words {
            let own = match word.as_str() {
                "$ref" => self.target(rule).map_or(1, |target| self.schema(target, value)),
                "allOf" | "anyOf" | "oneOf" => sum(each(rule).map(|schema| self.schema(schema, value))),
                "not" | "if" | "then" | "else" => self.schema(rule, value),
                "dependentSchemas" => {
                    sum(rule.as_object().into_iter().flatten().map(|(_, schema)| self.schema(schema, value)))
                }
                _ => {
                    visits = plus(visits, self.below(words, word, rule, value));
                    continue;
                }
            };
            again = plus(again, own);
        }
        let unevaluated = words.contains_key("unevaluatedProperties") || words.contains_key("unevaluatedItems");
        let times = if unevaluated { 1 + size(value) } else { 1 };
        plus(visits, again.saturating_mul(times))
    }

    /// A keyword about the value itself, or about what is within it.
    fn below(&mut self, words: &'a Map<String, Json>, word: &str, rule: &'a Json, value: &Json) -> u64 {
        match (word, value) {
            ("properties", Json::Object(entries)) => sum(rule
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, schema)| entries.get(key).map_or(0, |value| self.schema(schema, value)))),
            ("patternProperties", Json::Object(entries)) => sum(rule
                .as_object()
                .into_iter()
                .flatten()
                .map(|(_, schema)| sum(entries.values().map(|value| plus(4, self.schema(schema, value)))))),
            ("additionalProperties" | "unevaluatedProperties", Json::Object(entries)) => {
                let named = words.get("properties").and_then(Json::as_object);
                let others = entries.iter().filter(|(key, _)| named.is_none_or(|named| !named.contains_key(*key)));
                sum(others.map(|(_, value)| self.schema(rule, value)))
            }
            // The key is judged as a value of its own, which has no address to remember it by.
            ("propertyNames", Json::Object(entries)) => size(rule).saturating_mul(entries.len() as u64),
            ("items" | "contains" | "unevaluatedItems", Json::Array(items)) => {
                sum(items.iter().map(|item| self.schema(rule, item)))
            }
            ("prefixItems", Json::Array(items)) => {
                sum(each(rule).zip(items).map(|(schema, item)| self.schema(schema, item)))
            }
            ("uniqueItems", Json::Array(_)) => weight(value).saturating_mul(16),
            ("enum", _) => each(rule).count() as u64 / 8,
            ("required", _) => each(rule).count() as u64,
            ("pattern" | "format", Json::String(text)) => 4 + text.len() as u64 / 4,
            _ => 1,
        }
    }

    fn target(&self, reference: &Json) -> Option<&'a Json> {
        let steps = reference.as_str()?.strip_prefix('#')?;
        self.document.pointer(&super::percent::decode(steps))
    }
}

fn plus(a: u64, b: u64) -> u64 {
    a.saturating_add(b)
}

fn sum(parts: impl Iterator<Item = u64>) -> u64 {
    parts.fold(0, plus)
}

fn each(rule: &Json) -> impl Iterator<Item = &Json> {
    rule.as_array().into_iter().flatten()
}

/// How many values lie directly within one.
fn size(value: &Json) -> u64 {
    match value {
        Json::Object(entries) => entries.len() as u64,
        Json::Array(items) => items.len() as u64,
        _ => 1,
    }
}

/// How many values there are in one, itself included.
pub(super) fn weight(value: &Json) -> u64 {
    match value {
        Json::Object(entries) => plus(1, sum(entries.values().map(weight))),
        Json::Array(items) => plus(1, sum(items.iter().map(weight))),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_doubles_is_counted_without_doing_it() {
        let mut defs = Map::new();
        for at in 0..60 {
            let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
            defs.insert(format!("d{at}"), json!({"allOf": [next, next]}));
        }
        defs.insert("d60".to_owned(), json!({"type": "integer"}));
        let schema = json!({"$defs": defs, "$ref": "#/$defs/d0"});
        assert_eq!(visits(&schema, &json!(1), 1 << 40), None);
    }

    #[test]
    fn a_plain_schema_costs_what_the_value_is_large() {
        let schema = json!({"items": {"properties": {"a": {"type": "string"}}}});
        let visits = |items: usize| visits(&schema, &json!(vec![json!({"a": "x"}); items]), u64::MAX).unwrap();
        assert!(visits(1_000) < 20 * ASKED * 1_000, "{}", visits(1_000));
        assert!(visits(2_000) <= 2 * visits(1_000));
    }
}
