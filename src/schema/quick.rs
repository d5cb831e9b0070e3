//! The common case, told quickly: a value that certainly fits.
//!
//! The judge is built in three milliseconds, most of a run, because it first judges the schema by JSON Schema's own and
//! compiles every pattern. A value without errors needs none of that. What this module cannot tell for certain it
//! leaves to the judge, so it need not know every keyword, but what it says must be what the judge would say; a test
//! holds the two against each other on all CRDs and on random schemas.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, RwLock};

use regex_lite::Regex;
use serde_json::{Map, Value as Json};

use super::format::{Check, FORMATS};
use super::pattern::Reach;

/// What is certain about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fits,
    Fails,
    Unsure,
}

use Verdict::{Fails, Fits, Unsure};

impl Verdict {
    fn of(fits: bool) -> Self {
        if fits { Fits } else { Fails }
    }

    /// Both must fit. A failure settles it, whatever the other is.
    pub(super) fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Fails => Fails,
            Fits => other(),
            Unsure => {
                if other() == Fails {
                    Fails
                } else {
                    Unsure
                }
            }
        }
    }
}

/// Patterns compiled so far, for all environments; nothing for those whose meaning is not certain.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    compiled: RwLock<BTreeMap<String, Arc<Compiled>>>,
    /// The texts of long lists of allowed values, by where the list lies in memory.
    allowed: RwLock<BTreeMap<usize, Arc<BTreeSet<String>>>>,
}

/// From so many allowed values on, a text is looked up instead of compared with each.
const LONG: usize = 64;

/// A pattern and what it costs to look for it.
#[derive(Debug)]
struct Compiled {
    regex: Option<Regex>,
    reach: Reach,
    /// What was looked for in short texts: environments share most of them.
    found: RwLock<BTreeMap<String, bool>>,
}

/// The longest text, and how many of them, for which it is remembered whether a pattern matches.
const REMEMBERED_BYTES: usize = 64;
const REMEMBERED: usize = 1_000;

impl Compiled {
    fn new(pattern: &str) -> Self {
        let regex = is_plain(pattern).then(|| Regex::new(pattern).ok()).flatten();
        Self { regex, reach: Reach::of(pattern), found: RwLock::default() }
    }

    fn is_match(&self, text: &str) -> Option<bool> {
        let regex = self.regex.as_ref()?;
        if text.len() > REMEMBERED_BYTES {
            return Some(regex.is_match(text));
        }
        let known = self.found.read().ok().and_then(|found| found.get(text).copied());
        Some(known.unwrap_or_else(|| {
            let is_match = regex.is_match(text);
            if let Ok(mut found) = self.found.write()
                && found.len() < REMEMBERED
            {
                found.insert(text.to_owned(), is_match);
            }
            is_match
        }))
    }
}

impl Patterns {
    fn compiled(&self, pattern: &str) -> Arc<Compiled> {
        let known = self.compiled.read().ok().and_then(|patterns| patterns.get(pattern).cloned());
        known.unwrap_or_else(|| {
            let compiled = Arc::new(Compiled::new(pattern));
            if let Ok(mut patterns) = self.compiled.write() {
                patterns.insert(pattern.to_owned(), Arc::clone(&compiled));
            }
            compiled
        })
    }

    /// Whether a text is among allowed values, all of which are looked through once.
    fn allows(&self, options: &[Json], text: &str) -> bool {
        let place = options.as_ptr().addr();
        let known = self.allowed.read().ok().and_then(|allowed| allowed.get(&place).cloned());
        let texts = known.unwrap_or_else(|| {
            let texts = Arc::new(options.iter().filter_map(Json::as_str).map(str::to_owned).collect());
            if let Ok(mut allowed) = self.allowed.write() {
                allowed.insert(place, Arc::clone(&texts));
            }
            texts
        });
        texts.contains(text)
    }

    /// Whether it surely matches. What it costs to look is paid before; where it cannot be, nothing is looked at.
    pub(super) fn is_match(&self, pattern: &str, text: &str, pay: impl FnOnce(u64) -> bool) -> Verdict {
        let compiled = self.compiled(pattern);
        if !pay(compiled.reach.search(text.len())) {
            return Unsure;
        }
        // What `\s` and `\w` take beyond ASCII is each engine's own.
        let classes = ["\\s", "\\S", "\\w", "\\W"];
        if !text.is_ascii() && classes.iter().any(|class| pattern.contains(class)) {
            return Unsure;
        }
        compiled.is_match(text).map_or(Unsure, Verdict::of)
    }
}

/// Whether every engine takes a pattern for the same: ASCII, no flags, no escapes but of signs and classes.
fn is_plain(pattern: &str) -> bool {
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        let escaped = letter == '\\'
            && !letters.next().is_some_and(|letter| letter.is_ascii_punctuation() || "dDsSwW".contains(letter));
        if escaped || !letter.is_ascii() {
            return false;
        }
    }
    // A group without a name is the only one that is spelled the same everywhere; sets of sets are Rust's own.
    pattern.replace("(?:", "").matches("(?").count() == 0
        && !["[[", "&&", "--", "~~"].iter().any(|sign| pattern.contains(sign))
}

/// A value being looked at.
pub(super) struct Quick<'a> {
    document: &'a Json,
    patterns: &'a Patterns,
    /// Steps left; a schema that multiplies itself goes to the judge.
    left: Cell<u64>,
    most: u64,
    /// Schemas within each other that judge what is being looked at.
    depth: Cell<u32>,
    too_deep: Cell<bool>,
    /// Where references lead, as far as they were followed.
    targets: RefCell<BTreeMap<String, Option<&'a Json>>>,
}

/// Schemas judging each other's parts, at most: what a thread's stack surely holds, here and in the judge.
const DEPTH: u32 = 300;

impl<'a> Quick<'a> {
    /// One that takes so many steps, at most. A large environment takes some ten thousand.
    pub(super) fn new(document: &'a Json, patterns: &'a Patterns, most: u64) -> Self {
        let (left, depth, too_deep, targets) = (Cell::new(most), Cell::new(0), Cell::new(false), RefCell::default());
        Self { document, patterns, left, most, depth, too_deep, targets }
    }

    pub(super) fn judge(&self, value: &Json) -> Verdict {
        self.fits(self.document, value)
    }

    /// Whether it gave up, because the schema multiplies itself or goes too deep: the judge has no such bounds.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// The steps that were taken, whether it came to an end or not.
    pub(super) fn spent(&self) -> u64 {
        self.most - self.left.get()
    }

    /// Whether a schema goes deeper than a thread's stack holds.
    pub(super) fn is_too_deep(&self) -> bool {
        self.too_deep.get()
    }

    /// Takes steps for what is gone through without judging each.
    fn burn(&self, steps: u64) {
        self.left.set(self.left.get().saturating_sub(steps));
    }

    fn is_match(&self, pattern: &str, text: &str) -> Verdict {
        if self.is_spent() {
            return Unsure;
        }
        self.patterns.is_match(pattern, text, |cost| {
            self.burn(cost);
            !self.is_spent()
        })
    }

    /// Whether a pattern of `patternProperties` is about a key.
    pub(super) fn key_matches(&self, pattern: &str, key: &str) -> Verdict {
        self.is_match(pattern, key)
    }

    /// Whether a schema names a key, itself or by a pattern: then `additionalProperties` is not about it.
    pub(super) fn is_named(&self, schema: &Map<String, Json>, key: &str) -> Verdict {
        let named = schema.get("properties").and_then(Json::as_object);
        if named.is_some_and(|named| named.contains_key(key)) {
            return Fits;
        }
        let patterns = schema.get("patternProperties").and_then(Json::as_object);
        let patterns = patterns.into_iter().flatten().take_while(|_| !self.is_spent());
        match any(patterns.map(|(pattern, _)| self.is_match(pattern, key))) {
            Fails if self.is_spent() => Unsure,
            verdict => verdict,
        }
    }

    /// Equality of JSON. Whether `1` is `1.0` is left to the judge.
    fn equal(&self, a: &Json, b: &Json) -> Verdict {
        match (a, b) {
            (Json::Number(a), Json::Number(b)) if a.is_f64() || b.is_f64() => Unsure,
            (Json::Array(a), Json::Array(b)) => {
                if a.len() != b.len() {
                    return Fails;
                }
                a.iter().zip(b).fold(Fits, |verdict, (a, b)| verdict.and(|| self.equal_part(a, b)))
            }
            (Json::Object(a), Json::Object(b)) => {
                if a.len() != b.len() {
                    return Fails;
                }
                a.iter()
                    .fold(Fits, |verdict, (key, a)| verdict.and(|| b.get(key).map_or(Fails, |b| self.equal_part(a, b))))
            }
            _ => Verdict::of(a == b),
        }
    }

    fn equal_part(&self, a: &Json, b: &Json) -> Verdict {
        self.burn(1);
        self.equal(a, b)
    }

    fn fits(&self, schema: &Json, value: &Json) -> Verdict {
        let left = self.left.get();
        if left == 0 || self.depth.get() == DEPTH {
            self.too_deep.set(self.too_deep.get() || left > 0);
            return Unsure;
        }
        self.left.set(left - 1);
        self.depth.set(self.depth.get() + 1);
        let verdict = self.schema(schema, value);
        self.depth.set(self.depth.get() - 1);
        verdict
    }

    fn schema(&self, schema: &Json, value: &Json) -> Verdict {
        match schema {
            Json::Bool(fits) => Verdict::of(*fits),
            Json::Object(schema) => {
                let mut verdict = Fits;
                for (word, rule) in schema {
                    verdict = verdict.and(|| self.keyword(schema, word, rule, value));
                    if verdict == Fails {
                        return Fails;
                    }
                }
                verdict
            }
            _ => Unsure,
        }
    }

    pub(super) fn keyword(&self, schema: &Map<String, Json>, word: &str, rule: &Json, value: &Json) -> Verdict {
        match word {
            // What most schemas have beside what they ask for.
            "description" | "title" | "default" | "examples" | "$comment" => Fits,
            "type" => match rule {
                Json::String(name) => is_type(name, value),
                Json::Array(names) => any(names.iter().map(|name| is_type(name.as_str().unwrap_or_default(), value))),
                _ => Unsure,
            },
            "const" => self.equal(rule, value),
            "enum" => rule.as_array().map_or(Unsure, |options| {
                if let (Json::String(text), LONG..) = (value, options.len()) {
                    // The same for whoever looks first.
                    self.burn(1);
                    return if self.is_spent() { Unsure } else { Verdict::of(self.patterns.allows(options, text)) };
                }
                // A text that is not equal is compared quickly, but it is looked for from the first on.
                self.burn(options.len() as u64 / 2);
                if self.is_spent() {
                    return Unsure;
                }
                any(options.iter().map(|option| self.equal(option, value)))
            }),
            "$ref" => match rule.as_str().and_then(|pointer| self.target(pointer)) {
                Some(target) => self.fits(target, value),
                None => Unsure,
            },
            "allOf" => each(rule).fold(Fits, |verdict, schema| verdict.and(|| self.fits(schema, value))),
            "anyOf" => any(each(rule).map(|schema| self.fits(schema, value))),
            "oneOf" => {
                let verdicts: Vec<_> = each(rule).map(|schema| self.fits(schema, value)).collect();
                let count = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
                match (count(Fits), count(Unsure)) {
                    (2.., _) | (0, 0) => Fails,
                    (1, 0) => Fits,
                    _ => Unsure,
                }
            }
            "not" => match self.fits(rule, value) {
                Fits => Fails,
                Fails => Fits,
                Unsure => Unsure,
            },
            "if" => {
                let branch = match self.fits(rule, value) {
                    Fits => schema.get("then"),
                    Fails => schema.get("else"),
                    Unsure => return Unsure,
                };
                branch.map_or(Fits, |branch| self.fits(branch, value))
            }
            _ => match value {
                Json::Object(entries) => self.map_keyword(schema, word, rule, entries),
                Json::Array(items) => self.list_keyword(schema, word, rule, items),
                Json::String(text) => self.text_keyword(word, rule, text),
                Json::Number(number) => number_keyword(word, rule, number),
                Json::Null | Json::Bool(_) => {
                    if is_known(word) {
                        Fits
                    } else {
                        Unsure
                    }
                }
            },
        }
    }

    pub(super) fn target(&self, pointer: &str) -> Option<&'a Json> {
        if let Some(known) = self.targets.borrow().get(pointer) {
            return *known;
        }
        let target = target(self.document, pointer);
        self.targets.borrow_mut().insert(pointer.to_owned(), target);
        target
    }

    fn map_keyword(&self, schema: &Map<String, Json>, word: &str, rule: &Json, entries: &Map<String, Json>) -> Verdict {
        match word {
            "properties" => {
                self.burn(size(rule) / 8);
                rule.as_object().into_iter().flatten().fold(Fits, |verdict, (key, schema)| {
                    verdict.and(|| entries.get(key).map_or(Fits, |value| self.fits(schema, value)))
                })
            }
            "required" => Verdict::of(each(rule).all(|key| key.as_str().is_some_and(|key| entries.contains_key(key)))),
            "patternProperties" => {
                let mut verdict = Fits;
                for (pattern, schema) in rule.as_object().into_iter().flatten() {
                    for (key, value) in entries {
                        if self.is_spent() {
                            return Unsure;
                        }
                        verdict = verdict.and(|| match self.key_matches(pattern, key) {
                            Fits => self.fits(schema, value),
                            Fails => Fits,
                            Unsure => Unsure,
                        });
                    }
                }
                verdict
            }
            "additionalProperties" => {
                let mut verdict = Fits;
                for (key, value) in entries {
                    if self.is_spent() {
                        return Unsure;
                    }
                    let named = self.is_named(schema, key);
                    verdict = verdict.and(|| match named {
                        Fits => Fits,
                        Fails => self.fits(rule, value),
                        Unsure => Unsure,
                    });
                }
                verdict
            }
            "propertyNames" => {
                entries.keys().fold(Fits, |verdict, key| verdict.and(|| self.fits(rule, &Json::String(key.clone()))))
            }
            "minProperties" => at_least(entries.len(), rule),
            "maxProperties" => at_most(entries.len(), rule),
            "dependentRequired" => {
                self.burn(size(rule) / 8);
                rule.as_object().into_iter().flatten().fold(Fits, |verdict, (key, needed)| {
                    let holds = !entries.contains_key(key)
                        || each(needed).all(|key| key.as_str().is_some_and(|key| entries.contains_key(key)));
                    verdict.and(|| Verdict::of(holds))
                })
            }
            "dependentSchemas" => Unsure,
            word if is_known(word) => Fits,
            _ => Unsure,
        }
    }

    fn list_keyword(&self, schema: &Map<String, Json>, word: &str, rule: &Json, items: &[Json]) -> Verdict {
        match word {
            "items" => {
                let first = schema.get("prefixItems").and_then(Json::as_array).map_or(0, Vec::len);
                items.iter().skip(first).fold(Fits, |verdict, item| verdict.and(|| self.fits(rule, item)))
            }
            "prefixItems" => {
                each(rule).zip(items).fold(Fits, |verdict, (schema, item)| verdict.and(|| self.fits(schema, item)))
            }
            "minItems" => at_least(items.len(), rule),
            "maxItems" => at_most(items.len(), rule),
            "uniqueItems" if rule == &Json::Bool(true) => {
                // Pairs grow with the square.
                if items.len() > 64 {
                    return Unsure;
                }
                let mut verdict = Fits;
                for (at, item) in items.iter().enumerate() {
                    for other in &items[..at] {
                        verdict = verdict.and(|| match self.equal(item, other) {
                            Fits => Fails,
                            Fails => Fits,
                            Unsure => Unsure,
                        });
                    }
                }
                verdict
            }
            "uniqueItems" => Fits,
            "contains" | "minContains" | "maxContains" => Unsure,
            word if is_known(word) => Fits,
            _ => Unsure,
        }
    }

    fn text_keyword(&self, word: &str, rule: &Json, text: &str) -> Verdict {
        match word {
            "pattern" => rule.as_str().map_or(Unsure, |pattern| self.is_match(pattern, text)),
            "minLength" | "maxLength" => {
                self.burn(text.len() as u64 / 64);
                let length = text.chars().count();
                if word == "minLength" { at_least(length, rule) } else { at_most(length, rule) }
            }
            "format" => {
                self.burn(1 + text.len() as u64 / 16);
                let name = rule.as_str().unwrap_or_default();
                match FORMATS.iter().find(|(format, _)| *format == name) {
                    Some((_, Check::Own(check))) => Verdict::of(check(text)),
                    Some((_, Check::Remark)) => Fits,
                    Some((_, Check::Standard)) if is_plainly(name, text) => Fits,
                    Some((_, Check::Standard)) | None => Unsure,
                }
            }
            "contentEncoding" | "contentMediaType" => Unsure,
            word if is_known(word) => Fits,
            _ => Unsure,
        }
    }
}

/// What a reference leads to.
pub(super) fn target<'a>(document: &'a Json, pointer: &str) -> Option<&'a Json> {
    let steps = pointer.strip_prefix('#')?;
    if steps.contains('%') { document.pointer(&super::percent::decode(steps)) } else { document.pointer(steps) }
}

/// Texts that are beyond doubt of a standard format; those that are not are left to the judge.
fn is_plainly(format: &str, text: &str) -> bool {
    let word = |text: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
    };
    let host = |text: &str| text.len() <= 253 && text.split('.').all(|part| word(part) && !part.contains("--"));
    match format {
        "date" => is_date(text),
        "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
        "hostname" => host(text) && text.contains(|letter: char| letter.is_ascii_alphabetic()),
        "email" => {
            text.split_once('@').is_some_and(|(name, domain)| word(name) && host(domain) && domain.contains('.'))
        }
        "uri" => text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).is_some_and(|rest| {
            let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
            host(name) && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte))
        }),
        _ => false,
    }
}

/// `2026-01-31`, with as many days as the month has.
fn is_date(text: &str) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return false };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let (year, month, day) = (number(&digits[..4]), number(&digits[4..6]), number(&digits[6..]));
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn number_keyword(word: &str, rule: &Json, number: &serde_json::Number) -> Verdict {
    let Some(limit) = rule.as_number().filter(|_| !is_silent(word)) else {
        return if is_known(word) { Fits } else { Unsure };
    };
    // Integers that a double holds exactly compare as doubles.
    let exact = |number: &serde_json::Number| number.as_f64().filter(|value| value.abs() < 9.0e15);
    let (Some(value), Some(bound)) = (exact(number), exact(limit)) else { return Unsure };
    match word {
        "minimum" => Verdict::of(value >= bound),
        "maximum" => Verdict::of(value <= bound),
        "exclusiveMinimum" => Verdict::of(value > bound),
        "exclusiveMaximum" => Verdict::of(value < bound),
        "multipleOf" if number.is_i64() && limit.is_i64() => Verdict::of(value % bound == 0.0),
        "multipleOf" => Unsure,
        word if is_known(word) => Fits,
        _ => Unsure,
    }
}

/// A keyword that says nothing about a value of the type at hand, or about any.
fn is_known(word: &str) -> bool {
    !matches!(word, "unevaluatedItems" | "unevaluatedProperties") && super::keyword::form(word).is_some()
}

/// A keyword whose value is a number but that says nothing about numbers.
fn is_silent(word: &str) -> bool {
    !matches!(word, "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf")
}

/// At least one fits.
fn any(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut sure = true;
    for verdict in verdicts {
        match verdict {
            Fits => return Fits,
            Fails => {}
            Unsure => sure = false,
        }
    }
    if sure { Fails } else { Unsure }
}

fn at_least(count: usize, rule: &Json) -> Verdict {
    rule.as_u64().map_or(Unsure, |limit| Verdict::of(count as u64 >= limit))
}

fn at_most(count: usize, rule: &Json) -> Verdict {
    rule.as_u64().map_or(Unsure, |limit| Verdict::of(count as u64 <= limit))
}

fn is_type(name: &str, value: &Json) -> Verdict {
    match (name, value) {
        ("null", Json::Null)
        | ("boolean", Json::Bool(_))
        | ("string", Json::String(_))
        | ("array", Json::Array(_))
        | ("object", Json::Object(_))
        | ("number", Json::Number(_)) => Fits,
        // `1.0` is an integer to JSON Schema.
        ("integer", Json::Number(number)) => {
            if number.is_f64() {
                Unsure
            } else {
                Fits
            }
        }
        _ => Fails,
    }
}

/// How many schemas or names a map holds.
fn size(rule: &Json) -> u64 {
    rule.as_object().map_or(0, |rule| rule.len() as u64)
}

/// The schemas or names of a list.
fn each(rule: &Json) -> impl Iterator<Item = &Json> {
    rule.as_array().into_iter().flatten()
}
