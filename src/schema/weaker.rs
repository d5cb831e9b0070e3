//! What a schema refused before and does not any more, told by its words alone: a value need not be there.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::Schema;

/// Pairs of schemas that are compared, and what is told of them: more is not read by anybody.
const PAIRS: usize = 300_000;
/// Schemas within each other: references can lead on and on.
const DEPTH: usize = 200;
const TOLD: usize = 50;
/// References that lead to references.
const REFERENCES: usize = 16;
/// How many are named in a sentence.
const SHOWN: usize = 4;

/// Words under which the schema of some part stands.
const PARTS: [&str; 8] = [
    "items",
    "additionalProperties",
    "propertyNames",
    "contains",
    "then",
    "else",
    "unevaluatedProperties",
    "unevaluatedItems",
];
/// Words under which schemas stand by name.
const NAMED: [&str; 3] = ["properties", "patternProperties", "dependentSchemas"];
/// Words under which lists of schemas stand.
const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Words that refuse nothing.
const NOTES: [&str; 4] = ["description", "title", "default", "examples"];
const AT_MOST: [&str; 6] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"];
const AT_LEAST: [&str; 6] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"];
/// Words that refuse something as they are: another one may refuse less.
const AS_THEY_ARE: [&str; 10] = [
    "const",
    "if",
    "pattern",
    "format",
    "multipleOf",
    "uniqueItems",
    "not",
    "dependentRequired",
    "x-platc-secret",
    "x-platc-compare",
];

impl Schema {
    /// Words of `before` that refuse less here, or nothing, each with what it is said of.
    pub fn weaker_than(&self, before: &Self) -> Vec<String> {
        let mut walk = Walk { before, now: self, seen: BTreeSet::new(), depth: 0, found: Vec::new() };
        if before.bundled() != self.bundled() {
            walk.schema(before.bundled(), self.bundled(), "");
        }
        walk.found
    }
}

/// The first of them, in words; none if there is none.
pub fn some_of(all: &[String]) -> Option<String> {
    let (some, more) = all.split_at(all.len().min(SHOWN));
    match more.len() {
        _ if some.is_empty() => None,
        0 => Some(some.join(", ")),
        more => Some(format!("{} and {more} more", some.join(", "))),
    }
}

struct Walk<'a> {
    before: &'a Schema,
    now: &'a Schema,
    /// Pairs that were compared.
    seen: BTreeSet<(usize, usize)>,
    depth: usize,
    found: Vec<String>,
}

impl<'a> Walk<'a> {
    fn schema(&mut self, before: &'a Json, now: &'a Json, path: &str) {
        // Equal words may refer to what is not equal.
        let pair = (std::ptr::from_ref(before).addr(), std::ptr::from_ref(now).addr());
        if self.found.len() >= TOLD || !self.seen.insert(pair) {
            return;
        }
        if self.seen.len() > PAIRS || self.depth == DEPTH {
            // Whoever makes a schema that large could hide something in it.
            let told = "parts that are too many, or too deep, to compare".to_owned();
            if !self.found.contains(&told) {
                self.found.push(told);
            }
            return;
        }
        self.depth += 1;
        match (before, now) {
            (Json::Bool(false), now) if *now != Json::Bool(false) => self.tell("false", path),
            (Json::Object(_), Json::Object(_)) => {
                let (before, now) = (whole(self.before, before), whole(self.now, now));
                self.words(&before, &now, path);
            }
            (Json::Object(before), Json::Bool(true)) => {
                before.keys().filter(|word| !NOTES.contains(&word.as_str())).for_each(|word| self.tell(word, path));
            }
            _ => {}
        }
        self.depth -= 1;
    }

    fn words(&mut self, before: &[&'a Map<String, Json>], now: &[&'a Map<String, Json>], path: &str) {
        let find = |word: &str| now.iter().find_map(|words| words.get(word));
        for (word, old) in before.iter().copied().flatten() {
            let new = find(word);
            if is_weaker(word, old, new) {
                self.tell(word, path);
            }
            let word = word.as_str();
            if PARTS.contains(&word) {
                let below = match word {
                    "items" => format!("{path}[]"),
                    "additionalProperties" | "unevaluatedProperties" => joined(path, "*"),
                    _ => path.to_owned(),
                };
                match new {
                    Some(new) if old.is_object() => self.schema(old, new, &below),
                    None if old.is_object() && refuses(old) => self.tell(word, path),
                    _ => {}
                }
            } else if NAMED.contains(&word) {
                let is_closed = find("additionalProperties") == Some(&Json::Bool(false));
                self.named(word, old, new, is_closed, path);
            } else if LISTS.contains(&word) {
                self.list(word, old, new, path);
            }
        }
        self.keys_let_go(before, now, path);
        self.items_let_go(before, now, path);
    }

    /// Compares what is said of single keys, or of those of a pattern, with what was said of all others: it is not
    /// judged by that any more.
    fn keys_let_go(&mut self, before: &[&'a Map<String, Json>], now: &[&'a Map<String, Json>], path: &str) {
        for rest in ["additionalProperties", "unevaluatedProperties"] {
            let Some(old) = word(before, rest).filter(|old| refuses(old)) else { continue };
            let covered: Vec<&str> = by_name(before, "patternProperties").map(|(pattern, _)| pattern).collect();
            for (pattern, new) in by_name(now, "patternProperties").filter(|(pattern, _)| !covered.contains(pattern)) {
                self.freed(old, new, "patternProperties", &joined(path, pattern));
            }
            let known: BTreeSet<&str> = by_name(before, "properties").map(|(name, _)| name).collect();
            for (name, new) in by_name(now, "properties") {
                // A schema that takes no other keys grows by the names of new ones.
                if old.is_object()
                    && !known.contains(name)
                    && !covered.iter().any(|pattern| self.before.is_about(pattern, name, |_| true))
                {
                    self.schema(old, new, &joined(path, name));
                }
            }
            let others = word(now, "additionalProperties").filter(|_| rest == "unevaluatedProperties");
            if let Some(new) = others.filter(|_| word(before, "additionalProperties").is_none()) {
                self.freed(old, new, rest, &joined(path, "*"));
            }
        }
    }

    /// The same of items: the first ones are judged by themselves.
    fn items_let_go(&mut self, before: &[&'a Map<String, Json>], now: &[&'a Map<String, Json>], path: &str) {
        let first = |words: &[&'a Map<String, Json>]| -> &'a [Json] {
            word(words, "prefixItems").and_then(Json::as_array).map_or(&[][..], Vec::as_slice)
        };
        for rest in ["items", "unevaluatedItems"] {
            let Some(old) = word(before, rest).filter(|old| old.is_object() && refuses(old)) else { continue };
            for (at, new) in first(now).iter().enumerate().skip(first(before).len()) {
                self.schema(old, new, &format!("{path}[{at}]"));
            }
            let others = word(now, "items").filter(|_| rest == "unevaluatedItems");
            if let Some(new) = others.filter(|_| word(before, "items").is_none()) {
                self.freed(old, new, rest, &format!("{path}[]"));
            }
        }
    }

    /// What `old` judged is judged by `new`, which a word has now.
    fn freed(&mut self, old: &'a Json, new: &'a Json, by: &str, path: &str) {
        match old {
            Json::Bool(false) if *new != Json::Bool(false) => self.tell(by, path),
            _ => self.schema(old, new, path),
        }
    }

    fn named(&mut self, word: &str, old: &'a Json, new: Option<&'a Json>, is_closed: bool, path: &str) {
        for (name, old) in old.as_object().into_iter().flatten() {
            match new.and_then(|new| new.get(name)) {
                Some(new) => self.schema(old, new, &joined(path, name)),
                // A key that is not there any more is refused.
                None if (word == "properties" && is_closed) || !refuses(old) => {}
                None => self.tell(word, &joined(path, name)),
            }
        }
    }

    fn list(&mut self, word: &str, old: &'a Json, new: Option<&'a Json>, path: &str) {
        let (Some(old), new) = (old.as_array(), new.and_then(Json::as_array).map_or(&[][..], Vec::as_slice)) else {
            return;
        };
        let is_any = matches!(word, "anyOf" | "oneOf");
        if new.len() != old.len() && (new.is_empty() || (is_any == (new.len() > old.len()))) {
            self.tell(word, path);
        } else if new.len() == old.len() || word == "prefixItems" {
            old.iter().zip(new).for_each(|(old, new)| self.schema(old, new, path));
        } else {
            // Those that stand there as they are belong together; what they refer to may have changed.
            let (mut olds, mut news) = (Vec::new(), new.iter().collect::<Vec<_>>());
            for old in old {
                match news.iter().position(|new| *new == old) {
                    Some(at) => self.schema(old, news.remove(at), path),
                    None => olds.push(old),
                }
            }
            olds.into_iter().zip(news).for_each(|(old, new)| self.schema(old, new, path));
        }
    }

    fn tell(&mut self, word: &str, path: &str) {
        let told = if path.is_empty() { format!("`{word}`") } else { format!("`{word}` of `{path}`") };
        if !self.found.contains(&told) {
            self.found.push(told);
        }
    }
}

/// What a word says, wherever it stands.
fn word<'a>(all: &[&'a Map<String, Json>], word: &str) -> Option<&'a Json> {
    all.iter().find_map(|words| words.get(word))
}

/// The schemas that stand by name under a word.
fn by_name<'a, 'w>(all: &'w [&'a Map<String, Json>], word: &'w str) -> impl Iterator<Item = (&'a str, &'a Json)> + 'w {
    let maps = all.iter().filter_map(move |words| words.get(word)?.as_object());
    maps.flatten().map(|(name, schema)| (name.as_str(), schema))
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The words of a schema, and those of what it refers to.
fn whole<'a>(schema: &'a Schema, at: &'a Json) -> Vec<&'a Map<String, Json>> {
    let mut all: Vec<&Map<String, Json>> = Vec::new();
    let mut next = at.as_object();
    while let Some(words) = next {
        all.push(words);
        let reference = words.get("$ref").and_then(Json::as_str).filter(|_| all.len() < REFERENCES);
        next = reference.and_then(|reference| schema.target(reference)).and_then(Json::as_object);
    }
    all
}

/// Whether a schema could refuse anything: notes alone do not.
fn refuses(schema: &Json) -> bool {
    match schema {
        Json::Bool(takes) => !takes,
        Json::Object(words) => words.keys().any(|word| !NOTES.contains(&word.as_str())),
        _ => false,
    }
}

/// Whether a word that stands by itself refuses less than it did.
fn is_weaker(word: &str, old: &Json, new: Option<&Json>) -> bool {
    let all_in = |few: &Json, many: &Json| {
        let list = |value: &Json| value.as_array().map_or_else(|| vec![value.clone()], Clone::clone);
        let many: BTreeSet<String> = list(many).iter().map(Json::to_string).collect();
        list(few).iter().all(|value| many.contains(&value.to_string()))
    };
    let is_more = |other: &Json| match (other.as_f64(), old.as_f64()) {
        (Some(other), Some(old)) => Some(other > old),
        _ => None,
    };
    match (word, new) {
        ("enum", Some(new)) => !all_in(new, old),
        ("type", Some(new)) => !all_in(new, &with_integers(old)),
        ("required", Some(new)) => !all_in(old, new),
        ("x-kubernetes-validations", new) => {
            let rules = |value: &Json| -> BTreeSet<String> {
                value.as_array().into_iter().flatten().map(|rule| rule["rule"].to_string()).collect()
            };
            !rules(old).is_subset(&new.map(rules).unwrap_or_default())
        }
        ("enum" | "type" | "required", None) => old.as_array().is_none_or(|list| !list.is_empty()),
        ("x-kubernetes-preserve-unknown-fields", _) => false,
        (word, new) if AT_MOST.contains(&word) => new.and_then(is_more) != Some(false),
        (word, new) if AT_LEAST.contains(&word) => new.is_none_or(|new| new != old && is_more(new) != Some(true)),
        ("additionalProperties" | "unevaluatedProperties" | "x-platc-promote", new) => {
            *old == Json::Bool(false) && new != Some(old)
        }
        (word, new) if AS_THEY_ARE.contains(&word) => *old != Json::Bool(false) && new != Some(old),
        _ => false,
    }
}

/// A number may be a whole one.
fn with_integers(types: &Json) -> Json {
    let mut all = types.as_array().map_or_else(|| vec![types.clone()], Clone::clone);
    if all.iter().any(|one| one == "number") {
        all.push("integer".into());
    }
    Json::Array(all)
}

#[cfg(test)]
mod tests {
    use super::super::Schema;
    use crate::disk::Memory;
    use crate::finding::Findings;
    use crate::limits::Limits;
    use crate::source::Sources;

    fn weaker(before: &str, now: &str) -> Vec<String> {
        let load = |text: &str| {
            let disk = Memory::default().file("schemas/s.yaml", text);
            let mut findings = Findings::default();
            let (sources, limits) = (Sources::default(), Limits::default());
            Schema::load(&disk, "schemas/s.yaml".into(), &sources, &limits, &mut findings).expect(text)
        };
        load(now).weaker_than(&load(before))
    }

    #[test]
    fn what_is_taken_out_or_loosened_is_told() {
        for (before, now, told) in [
            ("enum: [a, b]", "enum: [b, a, c]", "`enum`"),
            ("{properties: {n: {maximum: 5}}}", "{properties: {n: {maximum: 9}}}", "`maximum` of `n`"),
            ("{properties: {n: {minimum: 5}}}", "{properties: {n: {}}}", "`minimum` of `n`"),
            ("{properties: {n: {minLength: 5}}}", "{}", "`properties` of `n`"),
            ("{properties: {n: {pattern: a}}}", "{properties: {n: {pattern: '.*'}}}", "`pattern` of `n`"),
            ("required: [a, b]", "required: [b]", "`required`"),
            ("type: string", "type: [string, integer]", "`type`"),
            ("additionalProperties: false", "additionalProperties: true", "`additionalProperties`"),
            ("additionalProperties: {type: string}", "{}", "`additionalProperties`"),
            ("items: {type: object, required: [a]}", "items: {type: object}", "`required` of `[]`"),
            (
                "x-kubernetes-validations: [{rule: 'self.a < 5'}]",
                "x-kubernetes-validations: [{rule: 'true'}]",
                "`x-kubernetes-validations`",
            ),
            ("allOf: [{required: [a]}, {required: [b]}]", "allOf: [{required: [a]}]", "`allOf`"),
            ("anyOf: [{required: [a]}]", "anyOf: [{required: [a]}, {}]", "`anyOf`"),
            (
                "{$defs: {x: {const: 1}}, properties: {a: {$ref: '#/$defs/x'}}}",
                "{properties: {a: {}}}",
                "`const` of `a`",
            ),
            (
                "{$defs: {x: {const: 1}}, properties: {a: {$ref: '#/$defs/x', description: a}}}",
                "{$defs: {x: {}}, properties: {a: {$ref: '#/$defs/x', description: a}}}",
                "`const` of `a`",
            ),
            ("properties: {a: {x-platc-promote: false}}", "properties: {a: {}}", "`x-platc-promote` of `a`"),
            ("x-platc-promote: false", "x-platc-promote: true", "`x-platc-promote`"),
        ] {
            assert_eq!(weaker(before, now), [told], "{before} → {now}");
        }
    }

    /// The words stand there as they did, and no longer apply.
    #[test]
    fn keys_and_items_that_are_moved_out_from_under_a_word_are_told() {
        let free = "additionalProperties: {type: string, pattern: '^a'}";
        let secret = "additionalProperties: {type: string, x-platc-secret: true}";
        for (before, more, told) in [
            (free, "patternProperties: {'.*': {}}", &["`pattern` of `.*`", "`type` of `.*`"][..]),
            (free, "properties: {z: {type: string}}", &["`pattern` of `z`"]),
            (free, "properties: {z: true}", &["`pattern` of `z`", "`type` of `z`"]),
            (secret, "properties: {t: {type: string}}", &["`x-platc-secret` of `t`"]),
            (secret, "patternProperties: {'^t$': {type: string}}", &["`x-platc-secret` of `^t$`"]),
            ("additionalProperties: false", "patternProperties: {'': {}}", &["`patternProperties`"]),
            (
                "additionalProperties: false",
                "patternProperties: {'^z': {type: string}}",
                &["`patternProperties` of `^z`"],
            ),
            ("unevaluatedProperties: false", "patternProperties: {'^z': {}}", &["`patternProperties` of `^z`"]),
            ("unevaluatedProperties: false", "additionalProperties: true", &["`unevaluatedProperties` of `*`"]),
            ("items: {type: string}", "prefixItems: [{}]", &["`type` of `[0]`"]),
            ("unevaluatedItems: {type: string}", "items: {}", &["`type` of `[]`"]),
        ] {
            assert_eq!(weaker(before, &format!("{before}\n{more}")), told, "{before} + {more}");
        }
        for (before, now, told) in [
            ("allOf: [{required: [a]}]", "allOf: [{}, {required: [b]}]", "`required`"),
            ("anyOf: [{required: [a]}, {required: [b]}]", "anyOf: [{}]", "`required`"),
            ("prefixItems: [{const: 1}]", "prefixItems: [{}, {}]", "`const`"),
        ] {
            assert_eq!(weaker(before, now), [told], "{before} → {now}");
        }
    }

    #[test]
    fn keys_and_items_that_are_judged_as_before_are_no_news() {
        for (before, more) in [
            ("additionalProperties: false", "properties: {z: {type: string}}"),
            ("additionalProperties: {type: string}", "properties: {z: {type: string, maxLength: 4}}"),
            ("additionalProperties: {type: string}", "patternProperties: {'^z': {type: string}}"),
            ("additionalProperties: {description: x}", "properties: {z: {type: string}}"),
            (
                "{patternProperties: {'^z': {type: integer}}, additionalProperties: {type: string}}",
                "properties: {z1: {}}",
            ),
            ("items: {type: string}", "prefixItems: [{type: string, maxLength: 4}]"),
        ] {
            let now = match before.strip_suffix('}').filter(|_| before.starts_with('{')) {
                Some(open) => format!("{open}, {more}}}"),
                None => format!("{before}\n{more}"),
            };
            assert_eq!(weaker(before, &now), [""; 0], "{now}");
        }
        for (before, now) in [
            ("allOf: [{required: [a]}]", "allOf: [{required: [b]}, {required: [a]}]"),
            ("anyOf: [{required: [a]}, {required: [b]}]", "anyOf: [{required: [b]}]"),
        ] {
            assert_eq!(weaker(before, now), [""; 0], "{before} → {now}");
        }
    }

    /// A recursive schema beside one that leads on and on: the stack holds, and it is told that not all was compared.
    #[test]
    fn a_chain_of_references_comes_to_an_end() {
        let chain: String = (0..2000)
            .map(|at| format!("  d{at}: {{properties: {{a: {{$ref: '#/$defs/d{}'}}}}}}\n", (at + 1).min(1999)))
            .collect();
        let now = format!("$ref: '#/$defs/d0'\n$defs:\n{chain}");
        let told = weaker("$ref: '#/$defs/x'\n$defs: {x: {properties: {a: {$ref: '#/$defs/x'}}}}\n", &now);
        assert_eq!(told, ["parts that are too many, or too deep, to compare"]);
    }

    #[test]
    fn what_is_as_strict_or_stricter_is_no_news() {
        for (before, now) in [
            ("enum: [a, b]", "enum: [b]"),
            ("{properties: {n: {maximum: 5}}}", "{properties: {n: {maximum: 5, description: x}}}"),
            ("{properties: {n: {minimum: 5}}}", "{properties: {n: {minimum: 6}}}"),
            ("{properties: {n: {minimum: 5}}, additionalProperties: false}", "additionalProperties: false"),
            ("{properties: {a: {type: string}}}", "{properties: {a: {type: string}, b: {type: string}}}"),
            ("type: number", "type: integer"),
            ("required: [a]", "required: [b, a]"),
            ("{properties: {n: {description: x}}}", "{}"),
            ("additionalProperties: true", "additionalProperties: false"),
            ("{properties: {a: {const: 1}}}", "{$defs: {x: {const: 1}}, properties: {a: {$ref: '#/$defs/x'}}}"),
            ("anyOf: [{required: [a]}, {}]", "anyOf: [{required: [a]}]"),
            // One that is in itself.
            ("{properties: {a: {$ref: '#'}}, maximum: 4}", "{properties: {a: {$ref: '#'}}, maximum: 3}"),
        ] {
            assert_eq!(weaker(before, now), [""; 0], "{before} → {now}");
        }
    }
}
