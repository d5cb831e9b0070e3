//! [`Quick`] against the judge, on random schemas and random values: what it says for certain must be what the judge
//! says. And the loader on damaged schemas: a finding, never a panic.

use serde_json::{Map, Value as Json, json};

use super::quick::{Patterns, Quick, Verdict};
use super::tests::load;
use super::validate::Judge;

/// Marsaglia's xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick<'t, T: ?Sized>(&mut self, options: &[&'t T]) -> &'t T {
        options[self.below(options.len())]
    }

    fn value(&mut self, depth: usize) -> Json {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => Json::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(i64::from(self.below(12) as u32) - 2),
            3 => json!(f64::from(self.below(8) as u32) / 2.0),
            4 | 5 => json!(self.pick(&[
                "",
                "a",
                "b1",
                "abc",
                "10.0.0.0/8",
                "1Gi",
                "é",
                "x-y",
                "12",
                "2024-02-29",
                "2023-02-29"
            ])),
            6 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let entries = (0..self.below(4)).map(|_| (self.key(), self.value(depth - 1)));
                Json::Object(entries.collect::<Vec<_>>().into_iter().collect())
            }
        }
    }

    fn key(&mut self) -> String {
        self.pick(&["a", "b", "c1", "x-y"]).to_owned()
    }

    fn schema(&mut self, depth: usize) -> Json {
        if depth == 0 || self.below(12) == 0 {
            return match self.below(4) {
                0 => json!(self.below(3) > 0),
                1 => json!({"$ref": "#/$defs/d"}),
                _ => json!({"type": self.pick(&["string", "integer", "number", "object", "array", "boolean", "null"])}),
            };
        }
        let mut schema = Map::new();
        for _ in 0..=self.below(3) {
            let deeper = depth - 1;
            let count = json!(self.below(4));
            let (word, rule) = match self.below(30) {
                0 | 1 => {
                    ("type", json!([self.pick(&["string", "integer", "object"]), self.pick(&["array", "number"])]))
                }
                2 => ("enum", json!([self.value(1), self.value(1), self.value(0)])),
                3 => ("const", self.value(1)),
                4 | 5 => {
                    let entries: Vec<_> = (0..3).map(|_| (self.key(), self.schema(deeper))).collect();
                    ("properties", Json::Object(entries.into_iter().collect()))
                }
                6 => ("required", json!([self.key()])),
                7 | 8 => ("additionalProperties", self.schema(deeper)),
                9 => ("patternProperties", json!({self.pick(&["^[a-b]", "1$", "\\d", "x-"]): self.schema(deeper)})),
                10 => ("propertyNames", json!({"pattern": self.pick(&["^[a-z]$", "^x|1"])})),
                11 => ("minProperties", count),
                12 => ("maxProperties", count),
                13 => ("dependentRequired", json!({self.key(): [self.key()]})),
                14 | 15 => ("items", self.schema(deeper)),
                16 => ("prefixItems", json!([self.schema(deeper)])),
                17 => ("minItems", count),
                18 => ("uniqueItems", json!(true)),
                19 => ("minLength", count),
                20 => (
                    "pattern",
                    json!(
                        self.pick(&["^[a-z]+$", "\\d{2}", "^(?:a|b)", "^\\w+$", "\\s|-", "\\D", "é", "[^a]", "^$|x"])
                    ),
                ),
                21 => ("format", json!(self.pick(&["cidr", "k8s-quantity", "ipv4", "dns-label", "hostname", "date"]))),
                22 => ("minimum", count),
                23 => ("exclusiveMaximum", count),
                24 => ("multipleOf", json!(2)),
                25 => ("allOf", json!([self.schema(deeper), self.schema(deeper)])),
                26 => ("anyOf", json!([self.schema(deeper), self.schema(deeper)])),
                27 => ("oneOf", json!([self.schema(deeper), self.schema(deeper)])),
                28 => ("not", self.schema(deeper)),
                _ => {
                    schema.insert("then".to_owned(), self.schema(deeper));
                    schema.insert("else".to_owned(), self.schema(deeper));
                    ("if", self.schema(deeper))
                }
            };
            schema.insert(word.to_owned(), rule);
        }
        Json::Object(schema)
    }
}

fn rounds(few: usize, many: usize) -> usize {
    if option_env!("PLATC_TEST_FULL").is_some() { many } else { few }
}

#[test]
fn the_quick_answer_is_the_judges_answer() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut certain, mut fits, mut asked) = (0, 0, 0);
    for _ in 0..rounds(600, 100_000) {
        let mut schema = random.schema(3);
        if let Json::Object(schema) = &mut schema {
            schema.insert("$defs".to_owned(), json!({"d": {"type": ["string", "integer", "object"]}}));
        }
        let judge = Judge::new(&schema);
        let Some(judge) = judge.validator() else { continue };
        let patterns = Patterns::default();
        for _ in 0..8 {
            let value = random.value(3);
            let verdict = Quick::new(&schema, &patterns, u64::MAX).judge(&value);
            asked += 1;
            if verdict != Verdict::Unsure {
                certain += 1;
                fits += usize::from(verdict == Verdict::Fits);
                assert_eq!(verdict == Verdict::Fits, judge.is_valid(&value), "{schema} on {value}");
            }
        }
    }
    assert!(certain * 10 > asked * 7 && fits > asked / 20, "{certain} of {asked} certain, {fits} fit");
}

/// Every day of every month, those that there are not too, in years of each kind, and what only looks like a date.
#[test]
fn the_quick_answer_about_dates_is_the_judges_answer() {
    let schema = json!({"format": "date"});
    let judge = Judge::new(&schema);
    let judge = judge.validator().expect("a sound schema");
    let patterns = Patterns::default();
    let years = ["0000", "0004", "1900", "2000", "2023", "2024", "2100", "9999"];
    let months = (0..=13).flat_map(|month| (0..=32).map(move |day| format!("{month:02}-{day:02}")));
    let days = months.flat_map(|day| years.map(|year| format!("{year}-{day}")));
    let odd = ["", "2026-1-31", "2026-01-31 ", "+026-01-31", "2026-01-31Z", "2026_01_31", "٢٠٢٦-01-31", "20260131"];
    let quick = |value: &Json| Quick::new(&schema, &patterns, u64::MAX).judge(value);
    for day in days.map(|day| json!(day)) {
        let wanted = if judge.is_valid(&day) { Verdict::Fits } else { Verdict::Unsure };
        assert_eq!(quick(&day), wanted, "{day}");
    }
    for text in odd {
        assert_eq!(quick(&json!(text)), Verdict::Unsure, "{text}");
    }
}

#[test]
fn damaged_schemas_end_in_findings() {
    let sound = include_str!("../../tests/cases/schema/sound.schema.yaml");
    let pieces = [
        "",
        "{",
        "}",
        "[",
        "]",
        ":",
        "- ",
        "\n",
        "  ",
        "'",
        "$ref: '#'",
        "null",
        "0",
        "true",
        "type",
        "*a",
        "&a ",
        "rule: '(('",
        "é",
    ];
    let mut random = Random(42);
    for _ in 0..rounds(150, 20_000) {
        let mut text = sound.to_owned();
        for _ in 0..=random.below(3) {
            let boundary = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let from = boundary(random.below(text.len()));
            let to = boundary((from + random.below(12)).min(text.len()));
            text.replace_range(from..to, random.pick(&pieces));
        }
        let (schema, findings) = load(&[("schemas/a.yaml", &text)]);
        assert!(schema.is_some() || !findings.is_empty(), "refused without a word:\n{text}");
        if let Some(schema) = schema {
            let value = crate::value::Value::Map(vec![("pools".into(), crate::value::Value::List(Vec::new()))]);
            let sources = crate::source::Sources::default();
            let file = sources.add("x.yaml", "pools: []");
            let origin = crate::environment::Origin { key: None, value: crate::source::Span::file_start(file) };
            // Findings about the schema point into the sources it was loaded with, so none are drawn here.
            let mut found = crate::finding::Findings::default();
            schema.validate(
                &super::Output { value: &value, origin },
                &sources,
                &crate::account::Account::unbounded(),
                &mut found,
            );
        }
    }
}
