//! What a scalar means. A plain one has no type of its own: YAML 1.1 and 1.2 and the readers of both differ on words
//! and numbers. [`plain`] knows the readings, [`resolve`] lets the wanted type choose, and refuses to guess.

use std::sync::Arc;

use super::Style;
pub use super::ambiguous::Ambiguity;
use super::ambiguous::shorten;
use super::number::Digits;
use super::types::Types;
use crate::finding::{Finding, codes};
use crate::source::Span;
use crate::value::{Number, Value};

/// What readers take a plain scalar for.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    Null,
    Bool(bool),
    Number(Number),
    String,
    /// Readers disagree.
    Ambiguous(Ambiguity),
}

/// A scalar's value, once its type is settled.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    Null,
    Bool(bool),
    Number(Number),
    /// The scalar's text itself.
    String,
}

impl Scalar {
    /// The value of a scalar with this text.
    pub fn into_value(self, text: &Arc<str>) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(number) => Value::Number(number),
            Self::String => Value::String(Arc::clone(text)),
        }
    }
}

/// A plain scalar that could mean two things where only one may be meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Misread {
    pub text: String,
    pub why: Ambiguity,
    pub wanted: Types,
}

impl Misread {
    /// What the readers that Go programs use take the text for, Kubernetes' among them; `None` for a string.
    pub fn of_go(&self) -> Option<Scalar> {
        let text = &self.text;
        match self.why {
            Ambiguity::Bool(value) => {
                let rest = text.get(1..).unwrap_or_default();
                let is_word = rest == rest.to_ascii_lowercase() || *text == text.to_ascii_uppercase();
                is_word.then_some(Scalar::Bool(value))
            }
            Ambiguity::LeadingZero | Ambiguity::Base | Ambiguity::Underscore | Ambiguity::Exponent => {
                let number = self.why.numbers(text).into_iter().next()?;
                let whole = number.parse().ok().map(Number::Int);
                whole.or_else(|| Number::float(number.parse().ok()?)).map(Scalar::Number)
            }
            _ => None,
        }
    }

    /// What to tell the author of the scalar at `span`.
    pub fn finding(&self, span: Span) -> Finding {
        let (text, wanted) = (&self.text, self.wanted);
        let shown = shorten(text);
        let message = match self.why {
            Ambiguity::FloatForInteger => format!("`{shown}` is not written as an integer"),
            Ambiguity::Large => format!("`{shown}` is past the numbers that readers have"),
            _ => format!("`{shown}` does not mean the same to every reader"),
        };
        Finding::new(&codes::yaml::AMBIGUOUS, span, message)
            .label(self.why.readings(text))
            .help(self.why.remedy(text, wanted))
    }
}

/// Reads a scalar as one of the `wanted` types; [`Types::ANY`] where nothing is known.
///
/// Where only a string is wanted, the text is the value, as it was written: `1.30`, `012345678901`, `on`. A value of an
/// unwanted type is returned as what it is: to refuse it is the schema's part. Null is null whatever is wanted, since it
/// deletes in layers.
///
/// # Errors
/// When readers disagree on the meaning, and the wanted types do not settle it.
pub fn resolve(text: &str, style: Style, wanted: Types) -> Result<Scalar, Misread> {
    if style != Style::Plain {
        return Ok(Scalar::String);
    }
    let (scalar, types) = match plain(text) {
        Plain::Null => return Ok(Scalar::Null),
        Plain::String => return Ok(Scalar::String),
        Plain::Bool(value) => (Scalar::Bool(value), Types::BOOL),
        Plain::Number(number @ Number::Float(..)) => (Scalar::Number(number), Types::FLOAT),
        Plain::Number(number) => (Scalar::Number(number), Types::INTEGER),
        Plain::Ambiguous(why) => {
            let settled = wanted != Types::ANY && !wanted.intersects(why.types());
            let misread = || Misread { text: text.to_owned(), why, wanted };
            return if settled { Ok(Scalar::String) } else { Err(misread()) };
        }
    };
    // `1.0` is an integer to JSON Schema, but not to those who read the output.
    if types == Types::FLOAT && wanted.contains(Types::INTEGER) && !wanted.contains(Types::FLOAT) {
        let why = Ambiguity::FloatForInteger;
        return if wanted.contains(Types::STRING) {
            Ok(Scalar::String)
        } else {
            Err(Misread { text: text.to_owned(), why, wanted })
        };
    }
    let unwanted = !wanted.contains(types) && wanted.contains(Types::STRING);
    Ok(if unwanted { Scalar::String } else { scalar })
}

/// The same of any value in a document of JSON: no text stands there without quotes.
pub fn json_comment(text: &str) -> Option<Misread> {
    let (_, comment) = text.split_once(" //")?;
    Some(Misread { text: format!("//{comment}"), why: Ambiguity::Comment, wanted: Types::ANY })
}

/// A number as only JSON has it, which every reader of JSON takes for one: with the author's digits, `1e-9`. `None` for
/// what is none, and for what readers of YAML take the same way.
///
/// # Errors
/// When no reader has room for the number.
pub fn json_number(text: &str) -> Option<Result<Number, Misread>> {
    let digits = Digits::read(text)?;
    let is_json = digits.exponent.is_some()
        && !text.starts_with('+')
        && !digits.whole.is_empty()
        && (digits.whole == "0" || !digits.whole.starts_with('0'))
        && digits.fraction.is_none_or(|fraction| !fraction.is_empty());
    let value: f64 = text.parse().ok().filter(|_| is_json)?;
    let large = || Misread { text: text.to_owned(), why: Ambiguity::Large, wanted: Types::ANY };
    Some(if value.is_finite() { Ok(Number::Float(value, text.into())) } else { Err(large()) })
}

/// What a plain scalar means to readers of YAML 1.1 and 1.2, when nothing is known about the wanted type.
pub fn plain(text: &str) -> Plain {
    let read = word_or_number(text);
    // The value and what was meant for a comment are one text, which nobody would write without quotes.
    if read == Plain::String
        && let Some((value, _)) = text.split_once(" //")
        && word_or_number(value.trim_end()) != Plain::String
    {
        return Plain::Ambiguous(Ambiguity::Comment);
    }
    read
}

fn word_or_number(text: &str) -> Plain {
    let Some(&first) = text.as_bytes().first() else { return Plain::Null };
    if let Some(why) = Ambiguity::of_characters(text) {
        return Plain::Ambiguous(why);
    }
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        b'~' if text.len() == 1 => Plain::Null,
        b'=' if text.len() == 1 => Plain::Ambiguous(Ambiguity::Value),
        b'<' if text == "<<" => Plain::Ambiguous(Ambiguity::Merge),
        _ if text.len() <= 5 => word(text),
        _ => Plain::String,
    }
}

fn word(text: &str) -> Plain {
    match text {
        "null" | "Null" | "NULL" => return Plain::Null,
        "true" | "True" | "TRUE" => return Plain::Bool(true),
        "false" | "False" | "FALSE" => return Plain::Bool(false),
        _ => {}
    }
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["y", "yes", "on", "true"]) {
        Plain::Ambiguous(Ambiguity::Bool(true))
    } else if is(&["n", "no", "off", "false"]) {
        Plain::Ambiguous(Ambiguity::Bool(false))
    } else if is(&["null"]) {
        Plain::Ambiguous(Ambiguity::Null)
    } else {
        Plain::String
    }
}

/// A scalar that begins like a number.
fn number(text: &str) -> Plain {
    if let Some(why) = Ambiguity::of_number(text) {
        return Plain::Ambiguous(why);
    }
    let Some(digits) = Digits::read(text) else { return Plain::String };
    if digits.fraction.is_none() {
        let large = || text.parse().ok().map(Number::UInt);
        return text.parse().ok().map(Number::Int).or_else(large).map_or(Plain::String, Plain::Number);
    }
    match text.parse() {
        Ok(value) => Plain::Number(Number::Float(value, digits.written().into())),
        Err(_) => Plain::String,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::finding::Findings;
    use crate::source::Sources;

    #[expect(clippy::unnecessary_wraps, reason = "compared with what `resolve` returns")]
    fn int(value: i64) -> Result<Scalar, Misread> {
        Ok(Scalar::Number(Number::Int(value)))
    }

    #[expect(clippy::unnecessary_wraps, reason = "compared with what `resolve` returns")]
    fn float(value: f64, digits: &str) -> Result<Scalar, Misread> {
        Ok(Scalar::Number(Number::Float(value, digits.into())))
    }

    #[test]
    fn where_a_string_is_wanted_the_text_is_the_value() {
        let texts = [
            "1.30",
            "012345678901",
            "on",
            "yes",
            "true",
            "0755",
            "12:30:45",
            "2024-01-01",
            "1e3",
            "1_000",
            ".inf",
            "9007199254740993",
            "42",
            "=",
            "<<",
            "a b",
        ];
        for text in texts {
            assert_eq!(resolve(text, Style::Plain, Types::STRING), Ok(Scalar::String), "{text}");
        }
        assert_eq!(resolve("", Style::Plain, Types::STRING), Ok(Scalar::Null));
        assert_eq!(resolve("null", Style::Plain, Types::STRING), Ok(Scalar::Null));
    }

    #[test]
    fn quotes_and_blocks_make_strings_whatever_is_wanted() {
        for style in [Style::Quoted, Style::Block] {
            for wanted in [Types::ANY, Types::INTEGER, Types::BOOL, Types::NONE] {
                assert_eq!(resolve("42", style, wanted), Ok(Scalar::String));
                assert_eq!(resolve("", style, wanted), Ok(Scalar::String));
            }
        }
    }

    #[test]
    fn one_reading_needs_no_schema() {
        for wanted in [Types::ANY, Types::NUMBER | Types::BOOL | Types::NULL] {
            assert_eq!(resolve("42", Style::Plain, wanted), int(42));
            assert_eq!(resolve("-0", Style::Plain, wanted), int(0));
            assert_eq!(resolve("+7", Style::Plain, wanted), int(7));
            assert_eq!(resolve("9007199254740992", Style::Plain, wanted), int(1 << 53));
            assert_eq!(resolve("true", Style::Plain, wanted), Ok(Scalar::Bool(true)));
            assert_eq!(resolve("False", Style::Plain, wanted), Ok(Scalar::Bool(false)));
            assert_eq!(resolve("~", Style::Plain, wanted), Ok(Scalar::Null));
            assert_eq!(resolve("NULL", Style::Plain, wanted), Ok(Scalar::Null));
        }
        for text in
            ["none", "v1.2", "1.2.3", "10Gi", "10.0.0.0/16", "a: b", "e2", ".", "..", "2024-01", "0.1.2", "1,000"]
        {
            assert_eq!(resolve(text, Style::Plain, Types::ANY), Ok(Scalar::String), "{text}");
        }
    }

    #[test]
    fn floats_keep_the_digits_of_their_author() {
        assert_eq!(plain("1.50"), Plain::Number(Number::Float(1.5, "1.50".into())));
        let digits = |text: &str| match plain(text) {
            Plain::Number(Number::Float(_, digits)) => digits.to_string(),
            other => panic!("{text} is {other:?}"),
        };
        for (text, written) in [
            ("1.50", "1.50"),
            ("-0.0", "-0.0"),
            ("1.0E+21", "1.0e+21"),
            ("5.", "5.0"),
            (".5", "0.5"),
            ("+1.5", "1.5"),
            ("007.5", "7.5"),
            ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ] {
            assert_eq!(digits(text), written);
        }
        assert_eq!(resolve("1.30", Style::Plain, Types::FLOAT), float(1.3, "1.30"));
    }

    #[test]
    fn the_wanted_types_settle_what_they_can() {
        let wants = |text, wanted| resolve(text, Style::Plain, wanted);
        // A port may be a number or a name.
        assert_eq!(wants("80", Types::INTEGER | Types::STRING), int(80));
        assert_eq!(wants("http", Types::INTEGER | Types::STRING), Ok(Scalar::String));
        assert_eq!(wants("1.30", Types::INTEGER | Types::STRING), Ok(Scalar::String));
        assert_eq!(wants("on", Types::INTEGER | Types::STRING), Ok(Scalar::String));
        assert_eq!(wants("2024-01-01", Types::INTEGER | Types::STRING), Ok(Scalar::String));
        assert!(wants("0755", Types::INTEGER | Types::STRING).is_err());
        assert!(wants("on", Types::BOOL | Types::STRING).is_err());
        assert!(wants("2024-01-01", Types::ANY).is_err());
        // Not what is wanted, but no doubt about what it is: the schema tells.
        assert_eq!(wants("42", Types::BOOL), int(42));
        assert_eq!(wants("yes", Types::INTEGER), Ok(Scalar::String));
        assert_eq!(wants("abc", Types::INTEGER), Ok(Scalar::String));
        assert_eq!(wants("abc", Types::MAP), Ok(Scalar::String));
        assert_eq!(wants("1.5", Types::BOOL | Types::STRING), Ok(Scalar::String));
    }

    #[test]
    fn what_two_readings_are_and_how_to_write_each() {
        let any = [
            "yes",
            "OFF",
            "nULL",
            "0755",
            "-0755",
            "012345678901",
            "0o14",
            "0x1F",
            "-0b101",
            "1_000",
            "0x_ff",
            "1_000.50",
            "12:30:45",
            "1:30.5",
            "2024-01-01",
            "1e3",
            "1.5E3",
            "1e999",
            "-.5",
            ".inf",
            "18446744073709551616",
            "123456789012345678901234567890",
            "=",
            "<<",
            "a\tb",
            "a\u{2028}b",
        ];
        let integers = ["0755", "0899", "0o14", "1_000", "1e3", "1.0", "1.50", "18446744073709551616", "12:30"];
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let file = sources.add("a.yaml", "");
        let cases = any.map(|text| (text, Types::ANY)).into_iter().chain(integers.map(|text| (text, Types::INTEGER)));
        let cases = cases.chain([
            ("on", Types::BOOL),
            ("on", Types::BOOL | Types::STRING),
            ("0755", Types::INTEGER | Types::STRING),
        ]);
        let mut told = String::new();
        for (text, wanted) in cases {
            let misread = resolve(text, Style::Plain, wanted).expect_err(text);
            let finding = misread.finding(Span::file_start(file));
            let help = finding.help.clone().unwrap_or_default();
            let (message, label) = (&finding.message, &finding.primary.text);
            writeln!(told, "{message}\n    {label}\n    {help}").unwrap();
            findings.push(finding);
        }
        insta::assert_snapshot!(told);
    }
}
