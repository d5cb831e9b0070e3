//! Saying what must be.

use minijinja::value::Value;

use super::{Call, Function, Run, Section, Usage};
use crate::finding::codes;
use crate::template::refusal::Refusal;

pub(super) static SECTION: Section = Section {
    title: "Saying what must be",
    functions: &[
        Function {
            name: "required",
            usage: Usage::Both,
            signature: "value, message",
            about: "The value itself; a finding with your message if it is undefined, null or an empty text.",
            examples: &[("required('a', 'a name is needed')", "a"), ("'x' | required('x is needed')", "x")],
            run: Run::Unchecked(|| Value::from_function(required)),
        },
        Function {
            name: "fail",
            usage: Usage::Function,
            signature: "message",
            about: "Always a finding with your message: for a branch that must not be taken.",
            examples: &[],
            run: Run::Own(fail),
        },
        Function {
            name: "default",
            usage: Usage::Filter,
            signature: "fallback, boolean=false",
            about: "The value, or the fallback if it is undefined; with `true` also if it is null, empty, zero or false.",
            examples: &[("missing | default('x')", "x"), ("'' | default('x', true)", "x"), ("0 | default(1)", "0")],
            run: Run::Unchecked(|| Value::from_function(default)),
        },
    ],
};

fn is_missing(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || value.as_str().is_some_and(str::is_empty)
}

fn required(value: &Value, message: &str) -> Result<Value, minijinja::Error> {
    if is_missing(value) {
        return Err(Refusal::new(&codes::template::FAILED, message.to_owned()).into());
    }
    Ok(value.clone())
}

fn default(value: &Value, fallback: Option<Value>, boolean: Option<bool>) -> Value {
    let fallback = || fallback.unwrap_or_else(|| Value::from(""));
    let falsy = boolean == Some(true) && !value.is_true();
    if value.is_undefined() || falsy { fallback() } else { value.clone() }
}

fn fail(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let message = call.text("message")?;
    Err(Refusal::new(&codes::template::FAILED, message.to_string()))
}
