//! Kubernetes' named formats: `format.dns1123Label().validate(name)`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::time::Timestamp;
use super::{Function, call, network, on};
use crate::schema::cel::eval::{Fault, Machine, Outcome};
use crate::schema::cel::value::Value;

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

/// None if the text fits, else what is wrong with it, in Kubernetes' words: rules compare them.
fn validate(machine: &mut Machine, args: &[Value]) -> Outcome {
    let (Value::Format(name), Value::String(text)) = (&args[0], &args[1]) else { return Err(Fault::Unfit) };
    machine.burn(1 + text.len() as u64 / 4)?;
    let wrong = problems(name, text);
    if wrong.is_empty() {
        return Ok(Value::Optional(None));
    }
    Ok(Value::some(Value::list(wrong.into_iter().map(Value::text))))
}

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
                     start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for \
                     validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
                         and must start and end with an alphanumeric character (e.g. 'example.com', regex used for \
                         validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LETTER_FIRST: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
                            alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or \
                            'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const NAME: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
                    alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
                    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', \
                           and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or \
                           '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

fn problems(name: &str, text: &str) -> Vec<String> {
    // A prefix may end where the name that is made of it goes on.
    let masked = || match text.strip_suffix('-') {
        Some(begin) if !begin.is_empty() => format!("{begin}a"),
        _ => text.to_owned(),
    };
    let held = |most: usize, fits: bool, said: &str| {
        let too_long = (text.len() > most).then(|| format!("must be no more than {most} characters"));
        too_long.into_iter().chain((!fits).then(|| said.to_owned())).collect::<Vec<_>>()
    };
    let unless = |fits: bool, said: &str| held(usize::MAX, fits, said);
    match name {
        "dns1123Label" => held(63, is_label(text), if is_subdomain(text) { "must not contain dots" } else { LABEL }),
        "dns1123LabelPrefix" => problems("dns1123Label", &masked()),
        "dns1123Subdomain" => held(253, is_subdomain(text), SUBDOMAIN),
        "dns1123SubdomainPrefix" => problems("dns1123Subdomain", &masked()),
        "dns1035Label" => {
            let fits = is_label(text) && text.starts_with(|letter: char| letter.is_ascii_lowercase());
            held(63, fits, LETTER_FIRST)
        }
        "dns1035LabelPrefix" => problems("dns1035Label", &masked()),
        "labelValue" => held(63, text.is_empty() || is_name(text), LABEL_VALUE),
        "qualifiedName" => qualified(text),
        "uuid" => unless(is_uuid(text), "does not match the UUID format"),
        "uri" => unless(network::is_request_uri(text), &format!("parse {text:?}: invalid URI for request")),
        "byte" => unless(BASE64.decode(text).is_ok(), "invalid base64"),
        "date" => {
            let fits = Timestamp::parse(&format!("{text}T00:00:00Z")).is_some() && text.len() == 10;
            unless(fits, "invalid date")
        }
        _ => unless(Timestamp::parse(text).is_some(), "invalid datetime"),
    }
}

/// `prefix/name` or `name`.
fn qualified(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let name = match text.split_once('/') {
        Some((_, name)) if name.contains('/') => {
            return vec![format!(
                "a valid label key {NAME} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
        Some(("", name)) => {
            wrong.push("prefix part must be non-empty".to_owned());
            name
        }
        Some((prefix, name)) => {
            wrong.extend(problems("dns1123Subdomain", prefix).into_iter().map(|said| format!("prefix part {said}")));
            name
        }
        None => text,
    };
    if name.is_empty() {
        wrong.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        wrong.push("name part must be no more than 63 characters".to_owned());
    }
    if !is_name(name) {
        wrong.push(format!("name part {NAME}"));
    }
    wrong
}

/// `a-z`, `0-9` and `-`, the first and last no `-`; of any length.
fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// Letters, digits, `-`, `_` and `.`, the first and last a letter or digit; of any length.
fn is_name(text: &str) -> bool {
    let outer = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    outer(bytes.first()) && outer(bytes.last()) && bytes.iter().all(inner)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
