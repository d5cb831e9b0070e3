//! What a scalar means. A plain one has no type of its own: YAML 1.1 and 1.2 and the readers of both differ on words
//! and numbers. [`plain`] knows the readings, [`resolve`] lets the wanted type choose, and refuses to guess.

use std::sync::Arc;

use super::Style;
pub use super::ambiguous::Ambiguity;
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
    /// What to tell the author of the scalar at `span`.
    pub fn finding(&self, span: Span) -> Finding {
        let (text, wanted) = (&self.text, self.wanted);
        let message = if self.why == Ambiguity::FloatForInteger {
            format!("`{text}` is not written as an integer")
        } else {
            format!("`{text}` does not mean the same to every reader")
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

/// What a plain scalar means to readers of YAML 1.1 and 1.2, when nothing is known about the wanted type.
pub fn plain(text: &str) -> Plain {
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
        return text.parse().map_or(Plain::String, |value| Plain::Number(Number::Int(value)));
    }
    match text.parse() {
        Ok(value) => Plain::Number(Number::Float(value, digits.written().into())),
        Err(_) => Plain::String,
    }
}
