//! Tests: `x is name`.

use minijinja::tests;
use minijinja::value::{Value, ValueKind};

use super::{Function, Run, Section, Usage};

const fn test(
    name: &'static str,
    signature: &'static str,
    about: &'static str,
    examples: &'static [(&'static str, &'static str)],
    make: fn() -> Value,
) -> Function {
    Function { name, usage: Usage::Test, signature, about, examples, run: Run::Engine(make) }
}

const fn unchecked(
    name: &'static str,
    about: &'static str,
    examples: &'static [(&'static str, &'static str)],
    make: fn() -> Value,
) -> Function {
    Function { name, usage: Usage::Test, signature: "", about, examples, run: Run::Unchecked(make) }
}

pub(super) static SECTION: Section = Section {
    title: "Tests",
    functions: &[
        unchecked("defined", "There is such a value.", &[("missing is defined", "false")], || {
            Value::from_function(tests::is_defined)
        }),
        unchecked("undefined", "There is no such value.", &[("missing is undefined", "true")], || {
            Value::from_function(tests::is_undefined)
        }),
        unchecked("none", "Null.", &[("none is none", "true")], || Value::from_function(tests::is_none)),
        test("boolean", "", "True or false.", &[("false is boolean", "true")], || {
            Value::from_function(tests::is_boolean)
        }),
        test("number", "", "A number, with or without a point.", &[("1.5 is number", "true")], || {
            Value::from_function(tests::is_number)
        }),
        test("integer", "", "A number without a point.", &[("1.5 is integer", "false")], || {
            Value::from_function(tests::is_integer)
        }),
        test("float", "", "A number with a point.", &[("1.5 is float", "true")], || {
            Value::from_function(tests::is_float)
        }),
        test("string", "", "A text.", &[("'a' is string", "true")], || Value::from_function(tests::is_string)),
        test("mapping", "", "A map.", &[("{} is mapping", "true")], || Value::from_function(tests::is_mapping)),
        test("sequence", "", "A list.", &[("[] is sequence", "true"), ("{} is sequence", "false")], || {
            Value::from_function(|value: &Value| matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable))
        }),
        test("odd", "", "An odd number.", &[("3 is odd", "true")], || Value::from_function(tests::is_odd)),
        test("even", "", "An even number.", &[("3 is even", "false")], || Value::from_function(tests::is_even)),
        test(
            "divisibleby",
            "number",
            "A multiple of another number.",
            &[("6 is divisibleby(3)", "true"), ("6 is divisibleby(0)", "false")],
            || Value::from_function(|value: i64, other: i64| other != 0 && value.checked_rem(other) == Some(0)),
        ),
        test(
            "startingwith",
            "text",
            "A text that begins with another.",
            &[("'abc' is startingwith('ab')", "true")],
            || Value::from_function(tests::is_startingwith),
        ),
        test("endingwith", "text", "A text that ends with another.", &[("'abc' is endingwith('bc')", "true")], || {
            Value::from_function(tests::is_endingwith)
        }),
        test(
            "in",
            "list",
            "One of a list, a key of a map, or a part of a text.",
            &[("2 is in([1, 2])", "true")],
            || Value::from_function(tests::is_in),
        ),
        test("eq", "value", "Equal; for `select` and `selectattr`.", &[("1 is eq(1)", "true")], || {
            Value::from_function(tests::is_eq)
        }),
        test("ne", "value", "Not equal.", &[("1 is ne(1)", "false")], || Value::from_function(tests::is_ne)),
        test("lt", "value", "Less.", &[("1 is lt(2)", "true")], || Value::from_function(tests::is_lt)),
        test("le", "value", "Less or equal.", &[("2 is le(2)", "true")], || Value::from_function(tests::is_le)),
        test("gt", "value", "Greater.", &[("1 is gt(2)", "false")], || Value::from_function(tests::is_gt)),
        test("ge", "value", "Greater or equal.", &[("2 is ge(2)", "true")], || Value::from_function(tests::is_ge)),
        test("true", "", "True itself, not what counts as true.", &[("1 is true", "false")], || {
            Value::from_function(tests::is_true)
        }),
        test("false", "", "False itself.", &[("false is false", "true")], || Value::from_function(tests::is_false)),
    ],
};
