//! What Kubernetes' own engine answered, asked again of ours: `tests/kubernetes-cel/README.md`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::eval::Machine;
use super::value::{Key, Value};
use super::{convert, parser};
use crate::schema::Shape;
use crate::schema::tests::load;

/// A value as rules see it, the schema saying what its parts stand for.
pub(super) fn typed(json: &Json, shape: Shape<'_>) -> Value {
    match json {
        Json::Array(items) => convert::list(items.iter().map(|item| typed(item, shape.item())).collect(), shape),
        Json::Object(entries) => {
            let entry =
                |(key, value): (&String, &Json)| (Key::String(key.as_str().into()), typed(value, shape.property(key)));
            convert::map(entries.iter().map(entry).collect::<BTreeMap<_, _>>(), shape)
        }
        scalar => convert::scalar(scalar, shape),
    }
}

/// The answer to an expression as it is recorded.
pub(super) fn answer(text: &str, this: &Value) -> String {
    match parser::parse(text) {
        Err(_) => "refused".to_owned(),
        Ok(expr) => Machine::default().run(&expr, this).map_or_else(|_| "error".to_owned(), |value| show(&value)),
    }
}

fn show(value: &Value) -> String {
    let listed = |items: Vec<String>| items.join(", ");
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => format!("{value}u"),
        Value::Double(value) => double(*value),
        Value::String(text) => Json::from(&**text).to_string(),
        Value::Bytes(bytes) => {
            format!("bytes({})", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        }
        Value::List(items) => format!("[{}]", listed(items.iter().map(show).collect())),
        Value::Map(entries) => {
            let entry = |(key, value): (&Key, &Value)| format!("{}: {}", show(&key.value()), show(value));
            let mut entries: Vec<_> = entries.iter().map(entry).collect();
            entries.sort();
            format!("{{{}}}", listed(entries))
        }
        Value::Duration(duration) => format!("duration({})", duration.0),
        Value::Timestamp(time) => format!("timestamp({})", time.in_utc()),
        Value::Quantity(_) => "quantity".to_owned(),
        Value::Ip(address) => format!("ip({address})"),
        Value::Cidr(network) => format!("cidr({network})"),
        Value::Url(_) => "url".to_owned(),
        Value::Semver(version) => format!("semver({version})"),
        Value::Format(_) => "a kubernetes.NamedFormat".to_owned(),
        Value::Optional(None) => "none".to_owned(),
        Value::Optional(Some(value)) => format!("some({})", show(value)),
        Value::Type(name) => format!("type({name})"),
    }
}

/// As Go writes it with `%e` and all its digits.
fn double(value: f64) -> String {
    if !value.is_finite() {
        return super::value::double_text(value);
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

#[test]
fn our_engine_answers_as_that_of_kubernetes() {
    let mut lines = include_str!("../../../tests/kubernetes-cel/answers.jsonl").lines();
    let read = |line: &str| serde_json::from_str::<Json>(line).unwrap();
    let object = read(lines.next().unwrap());
    let schema = load(&[("schemas/a.yaml", &object["schema"].to_string())]).0.unwrap();
    let this = typed(&object["self"], schema.shape());
    let mut differ = Vec::new();
    for line in lines.map(read) {
        let (asked, wanted) = (line[0].as_str().unwrap(), line[1].as_str().unwrap());
        let answered = answer(asked, &this);
        // An expression that can only fail is refused by us when it is parsed.
        if answered != wanted && !(wanted == "error" && answered == "refused") {
            differ.push(format!("{asked}\n  Kubernetes: {wanted}\n  platc: {answered}"));
        }
    }
    assert!(differ.is_empty(), "{} answers differ:\n{}", differ.len(), differ.join("\n"));
}
