//! What it takes the judge to tell what is wrong, at most. The judge has no meter, and it makes all errors before it
//! hands on the first: schemas that combine schemas, on values that repeat, would keep it busy without end and fill the
//! memory. So its work is gone through before, schema by value, without doing it.

use serde_json::{Map, Value as Json};

use super::quick::{Patterns, Quick, Verdict};
use crate::account::Cost;

/// Schemas within each other, and values within each other: what a thread's stack surely holds.
const DEPTH: u32 = 300;
/// What an error takes beside what it holds, and to make it.
const ERROR: u64 = 400;
const TOLD: u64 = 5;
/// What a value takes beside its text, and what it takes to remember a count.
const VALUE: u64 = 72;
const REMEMBERED: u64 = 200;

/// What the judge would do with a value, or `None` if that is more than `most`.
pub(super) fn bound(document: &Json, patterns: &Patterns, value: &Json, most: Cost) -> Option<Cost> {
    let mut count = Count {
        quick: Quick::new(document, patterns, most.steps),
        known: Known::default(),
        masses: Masses::default(),
        names: usize::MAX,
        pairs: 0,
        most,
        over: false,
        depth: 0,
    };
    let visits = count.schema(document, value, Spot::of(value, 0));
    let steps = visits.tells.saturating_add(count.pairs).saturating_add(count.quick.spent());
    let bytes = visits.bytes.saturating_add(count.known.len() as u64 * REMEMBERED);
    let fits = !count.over && !count.quick.is_spent() && steps <= most.steps && bytes <= most.bytes;
    fits.then_some(Cost { steps, bytes })
}

#[allow(clippy::disallowed_types, reason = "only ever looked up, so that its order cannot show")]
type Known = std::collections::HashMap<(usize, usize), Visits>;

#[allow(clippy::disallowed_types, reason = "only ever looked up, so that its order cannot show")]
type Masses = std::collections::HashMap<usize, u64>;

/// One schema on one value: keywords applied, and bytes of the errors.
#[derive(Clone, Copy)]
struct Visits {
    /// To know whether the value fits.
    asks: u64,
    /// To tell what is wrong.
    tells: u64,
    /// To know which keys and items some schema has judged.
    marks: u64,
    bytes: u64,
    /// Bytes of the same errors as parts of another one, which hold the value itself.
    owned: u64,
    verdict: Verdict,
}

impl Visits {
    const ONE: Self = Self { asks: 1, tells: 1, marks: 1, bytes: 0, owned: 0, verdict: Verdict::Fits };
    const ENDLESS: Self = Self {
        asks: u64::MAX,
        tells: u64::MAX,
        marks: u64::MAX,
        bytes: u64::MAX,
        owned: u64::MAX,
        verdict: Verdict::Unsure,
    };

    /// Another schema that must hold, too.
    fn and(&mut self, other: Self) {
        self.asks = self.asks.saturating_add(other.asks);
        self.tells = self.tells.saturating_add(other.tells);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.owned = self.owned.saturating_add(other.owned);
        self.verdict = self.verdict.and(|| other.verdict);
    }

    /// The same, and what it has judged is asked for later.
    fn and_marked(&mut self, other: Self) {
        self.and(other);
        self.marks = self.marks.saturating_add(other.asks).saturating_add(other.marks);
    }

    /// What is only asked, not told.
    fn ask(&mut self, steps: u64) {
        self.asks = self.asks.saturating_add(steps);
        self.tells = self.tells.saturating_add(steps);
    }

    /// An error, unless it surely fits.
    fn fails(&mut self, verdict: Verdict, bytes: u64, owned: u64) {
        self.verdict = self.verdict.and(|| verdict);
        if verdict != Verdict::Fits {
            self.tells = self.tells.saturating_add(TOLD);
            self.bytes = self.bytes.saturating_add(bytes);
            self.owned = self.owned.saturating_add(owned);
        }
    }
}

/// A value's place: what tells it from others, and how long the way to it is written.
#[derive(Clone, Copy)]
struct Spot {
    id: usize,
    path: u64,
}

impl Spot {
    fn of(value: &Json, path: u64) -> Self {
        Self { id: std::ptr::from_ref(value).addr(), path }
    }

    fn key(self, key: &str, value: &Json) -> Self {
        Self::of(value, self.path + key.len() as u64 + 1)
    }

    fn item(self, value: &Json) -> Self {
        Self::of(value, self.path + 7)
    }

    fn error(self) -> u64 {
        ERROR + self.path
    }
}

struct Count<'a> {
    /// Says whether a single keyword holds.
    quick: Quick<'a>,
    /// What references lead to, by the addresses of schema and value: nothing else is reached twice.
    known: Known,
    masses: Masses,
    /// Numbers for keys that are judged as values, which have no address that stays.
    names: usize,
    pairs: u64,
    most: Cost,
    over: bool,
    depth: u32,
}

impl<'a> Count<'a> {
    fn schema(&mut self, schema: &'a Json, value: &Json, spot: Spot) -> Visits {
        let words = match schema {
            Json::Object(words) => words,
            Json::Bool(false) => {
                let mut visits = Visits::ONE;
                visits.fails(Verdict::Fails, spot.error(), self.owned(value, spot));
                return visits;
            }
            _ => return Visits::ONE,
        };
        self.pairs += 1;
        let kept = (self.known.len() + self.masses.len()) as u64 * REMEMBERED;
        self.over |= self.pairs > self.most.steps || kept > self.most.bytes || self.depth == DEPTH;
        if self.over {
            return Visits::ENDLESS;
        }
        self.depth += 1;
        let visits = self.words(words, value, spot);
        self.depth -= 1;
        visits
    }

    fn words(&mut self, words: &'a Map<String, Json>, value: &Json, spot: Spot) -> Visits {
        let mut visits = Visits::ONE;
        for (word, rule) in words {
            self.keyword(words, word, rule, value, spot, &mut visits);
        }
        for (word, rule) in words {
            self.unevaluated(word, rule, value, spot, &mut visits);
        }
        visits
    }

    fn keyword(
        &mut self,
        words: &'a Map<String, Json>,
        word: &str,
        rule: &'a Json,
        value: &Json,
        spot: Spot,
        visits: &mut Visits,
    ) {
        match word {
            "$ref" => visits.and_marked(self.reference(rule, value, spot)),
            "allOf" => each(rule).for_each(|schema| visits.and_marked(self.schema(schema, value, spot))),
            "anyOf" | "oneOf" => self.alternatives(word, rule, value, spot, visits),
            "dependentSchemas" => {
                let held = |key: &String| value.as_object().is_some_and(|entries| entries.contains_key(key));
                for (_, schema) in entries(rule).filter(|(key, _)| held(key)) {
                    visits.and_marked(self.schema(schema, value, spot));
                }
            }
            "not" => {
                let inner = self.schema(rule, value, spot);
                visits.ask(inner.asks);
                let verdict = match inner.verdict {
                    Verdict::Fits => Verdict::Fails,
                    Verdict::Fails => Verdict::Fits,
                    Verdict::Unsure => Verdict::Unsure,
                };
                // Such an error holds the schema.
                let held = if verdict == Verdict::Fits { 0 } else { self.mass(rule) };
                visits.ask(held / VALUE);
                let owned = self.owned(value, spot) + held;
                visits.fails(verdict, spot.error() + held, owned);
            }
            "if" => {
                let asked = self.schema(rule, value, spot);
                visits.ask(asked.asks);
                visits.marks = visits.marks.saturating_add(asked.asks).saturating_add(asked.marks);
                let branches = [("then", Verdict::Fails), ("else", Verdict::Fits)];
                let open = branches.into_iter().filter(|(_, never)| asked.verdict != *never);
                for schema in open.filter_map(|(word, _)| words.get(word)) {
                    let mut branch = self.schema(schema, value, spot);
                    if asked.verdict == Verdict::Unsure && branch.verdict == Verdict::Fails {
                        branch.verdict = Verdict::Unsure;
                    }
                    visits.and_marked(branch);
                }
            }
            "then" | "else" | "unevaluatedProperties" | "unevaluatedItems" => {}
            _ => match value {
                Json::Object(held) => self.map_keyword(words, word, rule, (value, held), spot, visits),
                Json::Array(items) => self.list_keyword(words, word, rule, (value, items), spot, visits),
                _ => self.own_keyword(words, word, rule, value, spot, visits),
            },
        }
    }

    fn alternatives(&mut self, word: &str, rule: &'a Json, value: &Json, spot: Spot, visits: &mut Visits) {
        let (mut all, mut fitting, mut unsure) = (Visits::ONE, 0, 0);
        for schema in each(rule) {
            let one = self.schema(schema, value, spot);
            all.and_marked(one);
            fitting += u32::from(one.verdict == Verdict::Fits);
            unsure += u32::from(one.verdict == Verdict::Unsure);
        }
        let verdict = match (word, fitting, unsure) {
            ("anyOf", 1.., _) | ("oneOf", 1, 0) => Verdict::Fits,
            (_, 0, 0) | ("oneOf", 2.., _) => Verdict::Fails,
            _ => Verdict::Unsure,
        };
        visits.ask(all.asks);
        visits.marks = visits.marks.saturating_add(all.marks);
        if verdict != Verdict::Fits {
            visits.tells = visits.tells.saturating_add(all.tells);
        }
        let owned = self.owned(value, spot).saturating_add(all.owned);
        visits.fails(verdict, spot.error().saturating_add(all.owned), owned);
    }

    fn map_keyword(
        &mut self,
        words: &'a Map<String, Json>,
        word: &str,
        rule: &'a Json,
        (value, held): (&Json, &Map<String, Json>),
        spot: Spot,
        visits: &mut Visits,
    ) {
        match word {
            "properties" => {
                for (key, schema) in entries(rule) {
                    visits.ask(1);
                    if let Some(value) = held.get(key) {
                        visits.and_marked(self.schema(schema, value, spot.key(key, value)));
                    }
                }
            }
            "patternProperties" => {
                for (pattern, schema) in entries(rule) {
                    for (key, value) in held {
                        if self.quick.is_spent() {
                            self.over = true;
                            return;
                        }
                        let before = self.quick.spent();
                        let matches = self.quick.key_matches(pattern, key);
                        visits.ask(self.quick.spent() - before);
                        if matches != Verdict::Fails {
                            visits.and_marked(self.schema(schema, value, spot.key(key, value)));
                        }
                    }
                }
            }
            "additionalProperties" => {
                for (key, value) in held {
                    if self.quick.is_spent() {
                        self.over = true;
                        return;
                    }
                    let before = self.quick.spent();
                    let named = self.quick.is_named(words, key);
                    visits.ask(1 + self.quick.spent() - before);
                    if named != Verdict::Fits {
                        let mut one = self.schema(rule, value, spot.key(key, value));
                        if rule == &Json::Bool(false) {
                            // One error names all keys.
                            let named = 64 + key.len() as u64;
                            (one.bytes, one.owned) = (named, named);
                        }
                        visits.and_marked(one);
                    }
                }
                if rule == &Json::Bool(false) && visits.verdict != Verdict::Fits {
                    visits.fails(Verdict::Unsure, spot.error(), self.owned(value, spot));
                }
            }
            "propertyNames" => {
                for key in held.keys() {
                    self.names -= 1;
                    let name = Json::String(key.clone());
                    let inner = self.schema(rule, &name, Spot { id: self.names, path: spot.path });
                    visits.ask(inner.asks);
                    visits.tells = visits.tells.saturating_add(inner.tells);
                    let bytes = spot.error().saturating_add(inner.owned);
                    visits.fails(inner.verdict, bytes, bytes);
                }
            }
            "required" => {
                let missing = each(rule).filter_map(Json::as_str).filter(|key| !held.contains_key(*key));
                let (mut count, mut text) = (0, 0);
                for key in missing {
                    (count, text) = (count + 1, text + 100 + key.len() as u64);
                }
                visits.ask(each(rule).count() as u64);
                if count > 0 {
                    let owned = self.owned(value, spot).saturating_mul(count).saturating_add(text);
                    visits.ask(TOLD * count);
                    visits.fails(Verdict::Fails, spot.error() * count + text, owned);
                }
            }
            _ => self.own_keyword(words, word, rule, value, spot, visits),
        }
    }

    fn list_keyword(
        &mut self,
        words: &'a Map<String, Json>,
        word: &str,
        rule: &'a Json,
        (value, items): (&Json, &[Json]),
        spot: Spot,
        visits: &mut Visits,
    ) {
        match word {
            "items" => {
                let first = words.get("prefixItems").and_then(Json::as_array).map_or(0, Vec::len);
                for item in items.iter().skip(first) {
                    visits.and(self.schema(rule, item, spot.item(item)));
                }
            }
            "prefixItems" => {
                for (schema, item) in each(rule).zip(items) {
                    visits.and(self.schema(schema, item, spot.item(item)));
                }
            }
            "contains" => {
                for item in items {
                    let asked = self.schema(rule, item, spot.item(item)).asks;
                    visits.ask(asked);
                    visits.marks = visits.marks.saturating_add(asked);
                }
                visits.fails(Verdict::Unsure, spot.error(), self.owned(value, spot));
            }
            "uniqueItems" => {
                visits.ask(weight(value).saturating_mul(16));
                self.own_keyword(words, word, rule, value, spot, visits);
            }
            _ => self.own_keyword(words, word, rule, value, spot, visits),
        }
    }

    /// A keyword about nothing but the value itself.
    fn own_keyword(
        &mut self,
        words: &'a Map<String, Json>,
        word: &str,
        rule: &'a Json,
        value: &Json,
        spot: Spot,
        visits: &mut Visits,
    ) {
        let before = self.quick.spent();
        let verdict = self.quick.keyword(words, word, rule, value);
        visits.ask(1 + self.quick.spent() - before);
        if word == "enum" && value.is_string() {
            // What is looked up there, the judge compares with each.
            visits.ask(rule.as_array().map_or(0, Vec::len) as u64 / 2);
        }
        if verdict != Verdict::Fits {
            // A number or a text that the error shows.
            let shown = rule.as_str().map_or(0, str::len) as u64;
            let owned = self.owned(value, spot) + shown;
            visits.fails(verdict, spot.error() + shown, owned);
        }
    }

    /// What judges all that no other schema has: it asks each of them again, and then for what is left.
    fn unevaluated(&mut self, word: &str, rule: &'a Json, value: &Json, spot: Spot, visits: &mut Visits) {
        let mut inner = Visits::ONE;
        let mut named = 0;
        match (word, value) {
            ("unevaluatedProperties", Json::Object(held)) => {
                for (key, value) in held {
                    inner.and(self.schema(rule, value, spot.key(key, value)));
                    named += 64 + key.len() as u64;
                }
            }
            ("unevaluatedItems", Json::Array(items)) => {
                for item in items {
                    inner.and(self.schema(rule, item, spot.item(item)));
                    named += 64;
                }
            }
            _ => return,
        }
        let asks = visits.marks.saturating_add(inner.asks);
        visits.ask(asks);
        visits.marks = visits.marks.saturating_add(inner.asks);
        let owned = self.owned(value, spot).saturating_add(named);
        visits.fails(Verdict::Unsure, spot.error().saturating_add(named), owned);
    }

    fn reference(&mut self, rule: &Json, value: &Json, spot: Spot) -> Visits {
        let Some(target) = rule.as_str().and_then(|pointer| self.quick.target(pointer)) else { return Visits::ONE };
        let pair = (std::ptr::from_ref(target).addr(), spot.id);
        if let Some(&known) = self.known.get(&pair) {
            return known;
        }
        let visits = self.schema(target, value, spot);
        self.known.insert(pair, visits);
        visits
    }

    /// Bytes of an error that holds its value.
    fn owned(&mut self, value: &Json, spot: Spot) -> u64 {
        spot.error().saturating_add(self.mass(value))
    }

    /// Bytes of a value. That of what stays is remembered.
    fn mass(&mut self, value: &Json) -> u64 {
        let id = std::ptr::from_ref(value).addr();
        let known = matches!(value, Json::Array(_) | Json::Object(_)).then(|| self.masses.get(&id)).flatten();
        if let Some(&known) = known {
            return known;
        }
        let mass = match value {
            Json::Array(items) => items.iter().fold(VALUE, |sum, item| sum.saturating_add(self.mass(item))),
            Json::Object(entries) => entries.iter().fold(VALUE, |sum, (key, value)| {
                sum.saturating_add(self.mass(value)).saturating_add(key.len() as u64 + 40)
            }),
            Json::String(text) => return VALUE + text.len() as u64,
            _ => return VALUE,
        };
        self.masses.insert(id, mass);
        mass
    }
}

/// What it takes to build the judge, at most: each schema once, but those around `unevaluatedItems` and
/// `unevaluatedProperties` as often as references lead to them.
pub(super) fn building(document: &Json) -> Cost {
    let mut build = Build { document, spread: Masses::default(), schemas: 0, copies: 0 };
    build.schema(document);
    let steps = build.schemas.saturating_mul(20).saturating_add(build.copies.saturating_mul(10));
    let bytes = build.schemas.saturating_mul(600).saturating_add(build.copies.saturating_mul(400));
    Cost { steps, bytes }
}

struct Build<'a> {
    document: &'a Json,
    /// Schemas that judge the same value as one does, by its address; none while that is counted.
    spread: Masses,
    schemas: u64,
    copies: u64,
}

impl<'a> Build<'a> {
    fn schema(&mut self, value: &'a Json) {
        match value {
            Json::Object(words) => {
                self.schemas += 1;
                if words.contains_key("unevaluatedItems") || words.contains_key("unevaluatedProperties") {
                    self.copies = self.copies.saturating_add(self.spread(words, value, 0));
                }
                words.values().for_each(|value| self.schema(value));
            }
            Json::Array(items) => items.iter().for_each(|value| self.schema(value)),
            _ => {}
        }
    }

    fn spread(&mut self, words: &'a Map<String, Json>, schema: &'a Json, depth: u32) -> u64 {
        let id = std::ptr::from_ref(schema).addr();
        if let Some(&known) = self.spread.get(&id) {
            return known;
        }
        if depth == DEPTH {
            return u64::MAX;
        }
        self.spread.insert(id, 0);
        let mut copies = words.len() as u64;
        for (word, rule) in words {
            let inner: Vec<&'a Json> = match word.as_str() {
                "$ref" => {
                    let target = rule.as_str().and_then(|pointer| super::quick::target(self.document, pointer));
                    target.into_iter().collect()
                }
                "allOf" | "anyOf" | "oneOf" => each(rule).collect(),
                "if" | "then" | "else" => vec![rule],
                "dependentSchemas" | "properties" | "patternProperties" => {
                    copies += rule.as_object().map_or(0, |rule| rule.len() as u64);
                    if word == "dependentSchemas" { entries(rule).map(|(_, schema)| schema).collect() } else { vec![] }
                }
                _ => continue,
            };
            for schema in inner {
                if let Json::Object(words) = schema {
                    copies = copies.saturating_add(self.spread(words, schema, depth + 1));
                }
            }
        }
        self.spread.insert(id, copies);
        copies
    }
}

fn each(rule: &Json) -> impl Iterator<Item = &Json> {
    rule.as_array().into_iter().flatten()
}

fn entries(rule: &Json) -> impl Iterator<Item = (&String, &Json)> {
    rule.as_object().into_iter().flatten()
}

/// How many values there are in one, itself included.
pub(super) fn weight(value: &Json) -> u64 {
    let sum = |parts: &mut dyn Iterator<Item = &Json>| parts.fold(1, |sum: u64, part| sum.saturating_add(weight(part)));
    match value {
        Json::Object(entries) => sum(&mut entries.values()),
        Json::Array(items) => sum(&mut items.iter()),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn all(document: &Json, value: &Json) -> Option<Cost> {
        bound(document, &Patterns::default(), value, Cost { steps: 1 << 40, bytes: 1 << 40 })
    }

    fn doubled(inner: &Json, last: Json) -> Json {
        let mut defs = Map::new();
        for at in 0..60 {
            let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
            let branch = inner.to_string().replace("\"NEXT\"", &next.to_string());
            defs.insert(format!("d{at}"), serde_json::from_str(&branch).unwrap());
        }
        defs.insert("d60".to_owned(), last);
        json!({"$defs": defs, "$ref": "#/$defs/d0"})
    }

    #[test]
    fn what_doubles_is_counted_without_doing_it() {
        let schema = doubled(&json!({"allOf": ["NEXT", "NEXT"]}), json!({"type": "integer"}));
        assert_eq!(all(&schema, &json!(1)), None);
        let names = json!({"propertyNames": schema["$ref"].clone(), "$defs": schema["$defs"].clone()});
        let names = json!({"propertyNames": {"$ref": names["propertyNames"].clone()}, "$defs": names["$defs"].clone()});
        assert_eq!(all(&names, &json!({"a": 1})), None);
    }

    #[test]
    fn a_plain_schema_costs_what_the_value_is_large() {
        let schema = json!({"items": {"properties": {"a": {"type": "string"}}}});
        let cost = |items: usize| all(&schema, &json!(vec![json!({"a": "x"}); items])).unwrap();
        assert!(cost(1_000).steps < 20 * 1_000, "{:?}", cost(1_000));
        assert!(cost(2_000).steps <= 2 * cost(1_000).steps);
        assert_eq!(cost(1_000).bytes, 0);
    }

    #[test]
    fn each_alternative_makes_an_error_that_holds_the_value() {
        let schema = |count: usize| json!({"items": {"anyOf": vec![json!({"const": 1}); count]}});
        let bytes = |count: usize, items: usize| all(&schema(count), &json!(vec!["x"; items])).unwrap().bytes;
        assert!(bytes(300, 100) > 100 * 300 * ERROR);
        assert!(bytes(2, 100) < 100 * 4 * (ERROR + VALUE + 20));
        let large = json!(vec![json!(vec![1; 100]); 10]);
        let wrong = json!({"anyOf": vec![json!({"type": "string"}); 10]});
        assert!(all(&wrong, &large).unwrap().bytes > 10 * 1_000 * VALUE);
    }

    #[test]
    fn one_alternative_that_fits_makes_no_error() {
        let schema = json!({"items": {"oneOf": [{"type": "string"}, {"type": "integer"}]}});
        assert_eq!(all(&schema, &json!([1, "a", 2])).unwrap().bytes, 0);
    }

    #[test]
    fn what_is_built_for_each_reference_is_counted() {
        let schema = |word: &str| doubled(&json!({"allOf": ["NEXT", "NEXT"], word: false}), json!(true));
        assert!(building(&schema("unevaluatedItems")).steps > 1 << 40);
        assert!(building(&schema("title")).steps < 10_000);
    }
}
