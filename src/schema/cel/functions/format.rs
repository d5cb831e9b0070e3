//! Kubernetes' named formats: `format.dns1123Label().validate(name)`.

use super::{Function, call, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::value::Value;
use crate::schema::format as check;

pub(crate) static FUNCTIONS: &[Function] = &[
    call("format.byte", 0, 0, |_, _| Ok(Value::Format("byte"))),
    call("format.date", 0, 0, |_, _| Ok(Value::Format("date"))),
    call("format.datetime", 0, 0, |_, _| Ok(Value::Format("datetime"))),
    call("format.dns1035Label", 0, 0, |_, _| Ok(Value::Format("dns1035Label"))),
    call("format.dns1035LabelPrefix", 0, 0, |_, _| Ok(Value::Format("dns1035LabelPrefix"))),
    call("format.dns1123Label", 0, 0, |_, _| Ok(Value::Format("dns1123Label"))),
    call("format.dns1123LabelPrefix", 0, 0, |_, _| Ok(Value::Format("dns1123LabelPrefix"))),
    call("format.dns1123Subdomain", 0, 0, |_, _| Ok(Value::Format("dns1123Subdomain"))),
    call("format.dns1123SubdomainPrefix", 0, 0, |_, _| Ok(Value::Format("dns1123SubdomainPrefix"))),
    call("format.labelValue", 0, 0, |_, _| Ok(Value::Format("labelValue"))),
    call("format.named", 1, 1, named),
    call("format.qualifiedName", 0, 0, |_, _| Ok(Value::Format("qualifiedName"))),
    call("format.uri", 0, 0, |_, _| Ok(Value::Format("uri"))),
    call("format.uuid", 0, 0, |_, _| Ok(Value::Format("uuid"))),
    on("validate", 1, 1, validate),
];

fn named(_: &mut Machine, args: &[Value]) -> Outcome {
    let Value::String(name) = &args[0] else { return Err(Fault::Unfit) };
    let known = FUNCTIONS.iter().filter_map(|function| function.name.strip_prefix("format."));
    let known = known.filter(|known| *known != "named").find(|known| *known == &**name);
    Ok(known.map_or(Value::Optional(None), |name| Value::some(Value::Format(name))))
}

/// None if the text fits, else what is wrong with it.
fn validate(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::Format(name), Value::String(text)) = (&args[0], &args[1]) else { return Err(Fault::Unfit) };
    machine.burn(1 + text.len() as u64 / 4)?;
    if fits(name, text) {
        return Ok(Value::Optional(None));
    }
    Ok(Value::some(Value::list([Value::text(wanted(name))])))
}

fn fits(name: &str, text: &str) -> bool {
    // A prefix may end where the name that is made of it goes on.
    let prefix = |text: &str| text.strip_suffix('-').unwrap_or(text).to_owned();
    match name {
        "dns1123Label" => check::dns_label(text),
        "dns1123LabelPrefix" => check::dns_label(&prefix(text)),
        "dns1123Subdomain" => check::dns_name(text),
        "dns1123SubdomainPrefix" => check::dns_name(&prefix(text)),
        "dns1035Label" => check::dns_label(text) && text.starts_with(|letter: char| letter.is_ascii_lowercase()),
        "dns1035LabelPrefix" => fits("dns1035Label", &prefix(text)),
        "labelValue" => text.is_empty() || is_label_value(text),
        "qualifiedName" => match text.split_once('/') {
            Some((prefix, name)) => check::dns_name(prefix) && is_label_value(name),
            None => is_label_value(text),
        },
        "uuid" => {
            let groups: Vec<&str> = text.split('-').collect();
            groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
                && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
        }
        "uri" => super::network::is_url(text),
        "byte" => {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.decode(text).is_ok()
        }
        "date" => super::time::Timestamp::parse(&format!("{text}T00:00:00Z")).is_some() && text.len() == 10,
        "datetime" => super::time::Timestamp::parse(text).is_some(),
        _ => false,
    }
}

/// At most 63 letters, digits, `-`, `_` and `.`, the first and last a letter or digit.
fn is_label_value(text: &str) -> bool {
    let outer = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    bytes.len() <= 63 && outer(bytes.first()) && outer(bytes.last()) && bytes.iter().all(inner)
}

fn wanted(name: &str) -> &'static str {
    match name {
        "dns1123Label" | "dns1123LabelPrefix" => {
            "must be at most 63 of `a-z`, `0-9` and `-`, and begin and end with a letter or digit"
        }
        "dns1123Subdomain" | "dns1123SubdomainPrefix" => "must be DNS labels in lower case, joined by points",
        "dns1035Label" | "dns1035LabelPrefix" => {
            "must be at most 63 of `a-z`, `0-9` and `-`, begin with a letter and end with a letter or digit"
        }
        "labelValue" => "must be at most 63 letters, digits, `-`, `_` or `.`, the first and last a letter or digit",
        "qualifiedName" => "must be a name, or a DNS name and a name joined by `/`",
        "uuid" => "must be a UUID",
        "uri" => "must be an absolute URI",
        "byte" => "must be base64",
        "date" => "must be a date like `2026-01-31`",
        _ => "must be a time like `2026-01-31T12:00:00Z`",
    }
}
