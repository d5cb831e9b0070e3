//! Encoding and hashing.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::{Value, ValueKind};
use sha2::{Digest, Sha256};

use super::{Call, Function, Run, Section, Usage};
use crate::template::convert;
use crate::template::guard;
use crate::template::refusal::Refusal;
use crate::template::slot;
use crate::value::Value as Output;

/// Filters behind which a document of JSON can still be one.
pub(super) const KEEP_JSON: [&str; 5] = ["indent", "lower", "replace", "trim", "upper"];

/// What such a filter makes of a text that `tojson` made: JSON still, if it is.
pub(super) fn json_again(subject: &Value, made: Value) -> Value {
    let is_json = |value: &Value| {
        let text = value.as_str().map(str::trim_start).filter(|text| text.starts_with(['{', '[', '"']));
        text.is_some_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
    };
    if !made.is_safe() && subject.is_safe() && is_json(subject) && is_json(&made) {
        return Value::from_safe_string(made.as_str().unwrap_or_default().to_owned());
    }
    made
}

pub(super) static SECTION: Section = Section {
    title: "Encoding and hashing",
    functions: &[
        Function {
            name: "sha256",
            usage: Usage::Both,
            signature: "text",
            about: "The SHA-256 of a text, as 64 hexadecimal digits: for annotations that change when a configuration does. Takes the text of a macro or of a `set` block, too.",
            examples: &[("sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")],
            run: Run::Filled(|call| Ok(Value::from(hex(&call.text("text")?)))),
        },
        Function {
            name: "b64encode",
            usage: Usage::Both,
            signature: "text",
            about: "A text in base64, as the `data` of a Secret wants it.",
            examples: &[("b64encode('Grüße')", "R3LDvMOfZQ==")],
            run: Run::Filled(|call| {
                let text = call.text("text")?;
                call.makes(text.len() * 4 / 3 + 4)?;
                Ok(Value::from(STANDARD.encode(text.as_bytes())))
            }),
        },
        Function {
            name: "b64decode",
            usage: Usage::Both,
            signature: "text",
            about: "The text that a base64 holds.",
            examples: &[("b64decode('R3LDvMOfZQ==')", "Grüße")],
            run: Run::Own(|call| {
                let text = call.text("text")?;
                let decoded = STANDARD.decode(text.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                match decoded {
                    Some(decoded) if !slot::has_reserved(&decoded) => Ok(Value::from(decoded)),
                    _ => call.refuse("this is not the base64 of a text"),
                }
            }),
        },
        Function {
            name: "tojson",
            usage: Usage::Both,
            signature: "value, indent=none",
            about: "JSON: for a document within a document. Standing alone it is parsed again, so `{{ x | tojson }}` is `{{ x }}`, also behind `indent`, `trim` or `replace`.",
            examples: &[
                ("{'a': [1, 'b', none]} | tojson | string", "'{\"a\": [1, \"b\", null]}'"),
                ("tojson(1.5) | string", "'1.5'"),
                ("none | tojson | string", "'null'"),
            ],
            run: Run::Own(tojson),
        },
        Function {
            name: "dns_label",
            usage: Usage::Both,
            signature: "text, length=63",
            about: "A text as a DNS label: lower case, `-` for what is not a letter or a digit. What is too long is cut, and a hash of the whole keeps two of them apart.",
            examples: &[
                ("dns_label('Team A/web')", "team-a-web"),
                ("dns_label('a-very-long-name-indeed', 16)", "a-very-5aae9f07"),
            ],
            run: Run::Own(dns_label),
        },
    ],
};

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

const HASH_LENGTH: usize = 8;

fn dns_label(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let text = call.text("text")?;
    let length = call.optional_integer("length")?.unwrap_or(63);
    let Some(length) = usize::try_from(length).ok().filter(|length| (HASH_LENGTH + 2..=253).contains(length)) else {
        return call.refuse(format!("`length` is between {} and 253", HASH_LENGTH + 2));
    };
    let mut label = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_ascii_alphanumeric() {
            label.push(char.to_ascii_lowercase());
        } else if !label.is_empty() && !label.ends_with('-') {
            label.push('-');
        }
    }
    let label = label.trim_end_matches('-');
    if label.is_empty() {
        return call.refuse("the text has no letter and no digit");
    }
    if label.len() <= length {
        return Ok(Value::from(label));
    }
    let kept = label[..length - HASH_LENGTH - 1].trim_end_matches('-');
    Ok(Value::from(format!("{kept}-{}", &hex(&text)[..HASH_LENGTH])))
}

fn tojson(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let value = call.value_or_null("value")?;
    let indent = call.optional_integer("indent")?;
    let Some(indent) =
        indent.map_or(Some(None), |indent| usize::try_from(indent).ok().filter(|indent| *indent <= 8).map(Some))
    else {
        return call.refuse("`indent` is between 0 and 8");
    };
    let mut out = String::new();
    write_json(call, &value, indent, 0, &mut out)?;
    call.makes(out.len())?;
    Ok(Value::from_safe_string(out))
}

/// Depth is bounded: the value was checked on the way in, and the environment when it was read.
fn write_json(
    call: &mut Call<'_, '_, '_>,
    value: &Value,
    indent: Option<usize>,
    depth: usize,
    out: &mut String,
) -> Result<(), Refusal> {
    if out.len() > call.bounds.string {
        call.makes(out.len())?;
    }
    let line = |out: &mut String, depth: usize| {
        if let Some(indent) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent * depth));
        }
    };
    let comma = if indent.is_some() { "," } else { ", " };
    match value.kind() {
        ValueKind::Map => {
            let entries = call.entries(value)?;
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push_str(comma);
                }
                line(out, depth + 1);
                let key = call.as_text(key)?;
                quote(&key, out);
                out.push_str(": ");
                write_json(call, value, indent, depth + 1, out)?;
            }
            if !entries.is_empty() {
                line(out, depth);
            }
            out.push('}');
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let items = call.items(value)?;
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(comma);
                }
                line(out, depth + 1);
                write_json(call, item, indent, depth + 1, out)?;
            }
            if !items.is_empty() {
                line(out, depth);
            }
            out.push(']');
        }
        kind => match convert::scalar(value, &call.session()) {
            Ok(Output::Null) => out.push_str("null"),
            Ok(Output::String(text)) => quote(&text, out),
            Ok(Output::Bool(value)) => out.push_str(if value { "true" } else { "false" }),
            Ok(Output::Number(number)) => {
                let _ = write!(out, "{number}");
            }
            _ => return call.refuse(format!("{} has no JSON", guard::kind(kind))),
        },
    }
    Ok(())
}

/// A JSON string. Everything that is not plain text is escaped, the characters of slots among it.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if char.is_control()
                || matches!(
                    char,
                    '\u{2028}' | '\u{2029}' | '\u{E000}'..='\u{F8FF}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
                ) =>
            {
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}
