//! YAML as a person writes it: quotes only where some reader would take a text for something else.

use std::sync::Arc;

use crate::value::Value;
use crate::yaml::emit;
use crate::yaml::scalar::{self, Plain};

/// Characters that a list on one line may have.
const LINE: usize = 80;

/// A file with a comment at its head.
pub(in crate::adopt) fn document(head: &str, value: &Value) -> String {
    let mut out = String::new();
    if !head.is_empty() {
        out.push_str(&format!("# {head}\n"));
    }
    if let Value::Map(entries) = value {
        map(&mut out, entries, 0);
    }
    out
}

/// A text on one line, with quotes if it needs some.
pub(in crate::adopt) fn text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let written = emit::json(&Value::String(text.into()));
    written.trim_end_matches('\n').to_owned()
}

fn map(out: &mut String, entries: &[(Arc<str>, Value)], indent: usize) {
    for (key, value) in entries {
        blanks(out, indent);
        out.push_str(&text(key));
        out.push(':');
        below(out, value, indent);
    }
}

/// What stands behind a key, or below it.
fn below(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            map(out, entries, indent + 2);
        }
        Value::List(items) if !items.is_empty() => {
            if let Some(line) = on_one_line(items) {
                out.push_str(&format!(" {line}\n"));
                return;
            }
            out.push('\n');
            list(out, items, indent + 2);
        }
        _ => leaf(out, value, indent),
    }
}

fn list(out: &mut String, items: &[Value], indent: usize) {
    for item in items {
        blanks(out, indent);
        out.push('-');
        match item {
            Value::Map(entries) if !entries.is_empty() => {
                let start = out.len();
                map(out, entries, indent + 2);
                // The first key stands behind the dash.
                out.replace_range(start..start + indent + 2, " ");
            }
            Value::List(items) if !items.is_empty() => {
                if let Some(line) = on_one_line(items) {
                    out.push_str(&format!(" {line}\n"));
                } else {
                    out.push('\n');
                    list(out, items, indent + 2);
                }
            }
            _ => leaf(out, item, indent),
        }
    }
}

fn leaf(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::String(string) if emit::is_block(string) => {
            let body = string.trim_end_matches('\n');
            out.push_str([" |-\n", " |\n", " |+\n"][(string.len() - body.len()).min(2)]);
            for line in body.split('\n') {
                if !line.is_empty() {
                    blanks(out, indent + 2);
                    out.push_str(line);
                }
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('\n', (string.len() - body.len()).saturating_sub(1)));
        }
        Value::String(string) => out.push_str(&format!(" {}\n", text(string))),
        _ => out.push_str(&format!(" {}", emit::documents("", std::slice::from_ref(value)))),
    }
}

/// A short list of words and numbers.
fn on_one_line(items: &[Value]) -> Option<String> {
    let one = |item: &Value| match item {
        Value::String(string) if is_plain(string) && !string.contains([',', '[', ']']) => Some(string.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    };
    let words: Vec<String> = items.iter().map(one).collect::<Option<_>>()?;
    let line = format!("[{}]", words.join(", "));
    (line.len() <= LINE).then_some(line)
}

/// Whether every reader takes a text for itself without quotes.
pub(in crate::adopt) fn is_plain(text: &str) -> bool {
    let begins = text.starts_with(|char: char| char.is_ascii_alphanumeric() || "/._$^(".contains(char))
        || (text.starts_with('-') && text[1..].starts_with(|char: char| char.is_ascii_alphabetic()))
        || (text.starts_with("--") && text[2..].starts_with(|char: char| char.is_ascii_alphabetic()));
    begins
        && text.chars().all(|char| char.is_ascii_alphanumeric() || " `/._$^()[]|+=@%*?!~<>-:,;'&".contains(char))
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains("  ")
        && !text.ends_with([':', ' '])
        && text != "..."
        && matches!(scalar::plain(text), Plain::String)
}

fn blanks(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}
