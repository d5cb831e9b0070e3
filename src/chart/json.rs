//! JSON as Go's `encoding/json` writes and reads it.

use super::failure::Failed;
use super::marks::Marks;
use super::meter::Meter;
use super::print::float;
use super::text::{Text, TextBuilder};
use super::value::Value;
use super::yaml::{Node, NodeKind, node};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// On lines of their own, two spaces deeper each.
    pub pretty: bool,
    /// `<`, `>` and `&` as escapes.
    pub html: bool,
}

/// A value as JSON; nothing where it has none.
pub(super) fn to_json(value: &Value, look: Look, meter: &Meter) -> Result<Option<Text>, Failed> {
    let Some(node) = node(value, meter)? else { return Ok(None) };
    let mut out = TextBuilder::default();
    write(&mut out, &node, look, 0);
    meter.bytes(out.len())?;
    Ok(Some(out.finish()))
}

fn write(out: &mut TextBuilder, node: &Node, look: Look, depth: usize) {
    let marks = &node.marks;
    let mut push = |text: &str| out.push_bytes(text.as_bytes(), marks);
    match &node.kind {
        NodeKind::Null => push("null"),
        NodeKind::Bool(it) => push(if *it { "true" } else { "false" }),
        NodeKind::Int(it) => push(&it.to_string()),
        NodeKind::Unsigned(it) => push(&it.to_string()),
        NodeKind::Float(it) => push(&number(*it)),
        NodeKind::Text(text) => string(out, text, marks, look.html),
        NodeKind::List(items) if items.is_empty() => push("[]"),
        NodeKind::List(items) => {
            push("[");
            for (number, item) in items.iter().enumerate() {
                separate(out, number, look, depth + 1);
                write(out, item, look, depth + 1);
            }
            close(out, "]", look, depth, marks);
        }
        NodeKind::Map(entries) if entries.is_empty() => push("{}"),
        NodeKind::Map(entries) => {
            push("{");
            for (number, (key, value)) in entries.iter().enumerate() {
                separate(out, number, look, depth + 1);
                string(out, &Text::new(key.clone()), &value.marks, look.html);
                out.push_bytes(if look.pretty { b": " } else { b":" }, &value.marks);
                write(out, value, look, depth + 1);
            }
            close(out, "}", look, depth, marks);
        }
    }
}

fn separate(out: &mut TextBuilder, number: usize, look: Look, depth: usize) {
    if number > 0 {
        out.push_str(",");
    }
    if look.pretty {
        out.push_str("\n");
        out.push_str(&"  ".repeat(depth));
    }
}

fn close(out: &mut TextBuilder, bracket: &str, look: Look, depth: usize, marks: &Marks) {
    if look.pretty {
        out.push_str("\n");
        out.push_str(&"  ".repeat(depth));
    }
    out.push_bytes(bracket.as_bytes(), marks);
}

/// A float: with an exponent only if it is very small or very large.
pub(super) fn number(it: f64) -> String {
    let magnitude = it.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        // `e-09` is `e-9` here.
        let written = float(it, 'e', None);
        return match written.split_once("e-0") {
            Some((mantissa, digit)) => format!("{mantissa}e-{digit}"),
            None => written,
        };
    }
    float(it, 'f', None)
}

fn string(out: &mut TextBuilder, text: &Text, marks: &Marks, html: bool) {
    let shown = text.str();
    out.push_bytes(b"\"", marks);
    let mut start = 0;
    for (at, letter) in shown.char_indices() {
        let Some(instead) = escape(letter, html) else { continue };
        let end = at + letter.len_utf8();
        out.push_slice(text, start..at, marks);
        out.push_bytes(instead.as_bytes(), &text.slice(at..end).marks().and(marks));
        start = end;
    }
    out.push_slice(text, start..text.len(), marks);
    out.push_bytes(b"\"", marks);
}

fn escape(letter: char, html: bool) -> Option<String> {
    Some(match letter {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        '\u{8}' => "\\b".into(),
        '\u{c}' => "\\f".into(),
        '\0'..' ' | '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", letter as u32),
        '<' | '>' | '&' if html => format!("\\u{:04x}", letter as u32),
        _ => return None,
    })
}

/// What a text means as JSON, or why it is none.
pub(super) fn from_json(text: &Text, marks: &Marks, meter: &Meter) -> Result<Result<Value, String>, Failed> {
    meter.bytes(text.len().saturating_mul(4))?;
    // Each map is begun by a brace, wherever else one may stand.
    text.bytes().iter().filter(|byte| **byte == b'{').try_for_each(|_| meter.map(1))?;
    Ok(match serde_json::from_str::<serde_json::Value>(&text.str()) {
        Ok(read) => Ok(value(read, marks)),
        Err(error) => Err(format!("this is no JSON from line {}, column {} on", error.line(), error.column())),
    })
}

fn value(read: serde_json::Value, marks: &Marks) -> Value {
    let made: Value = match read {
        serde_json::Value::Null => Value::NIL,
        serde_json::Value::Bool(it) => it.into(),
        serde_json::Value::Number(it) => it.as_f64().unwrap_or_default().into(),
        serde_json::Value::String(it) => Value::text(it),
        serde_json::Value::Array(items) => Value::list(items.into_iter().map(|item| value(item, marks)).collect()),
        serde_json::Value::Object(entries) => {
            Value::map(entries.into_iter().map(|(key, item)| (key.into(), value(item, marks))))
        }
    };
    Value { data: made.data, marks: marks.clone() }
}
