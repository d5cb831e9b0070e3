//! Objects against the tables of their fields.

use std::cmp::Ordering;

use super::form::{Form, Part};
use super::laws::hold;
use super::spot::{called, is_written, listed, present};
use super::{TYPE, VALUE};
use crate::check::{Node, Report};
use crate::finding::suggest::did_you_mean;
use crate::rules::kubernetes::words;
use crate::schema::Quantity;
use crate::value::{Number, Value};

pub(super) fn part(part: &Part, node: &Node<'_>, report: &mut Report) {
    if !is_map(node, report) {
        return;
    }
    for (name, form) in part.fields {
        let Some(value) = present(node, name) else { continue };
        match form {
            Form::Told(form) if value.text() == Some("") => empty(form, &value, report),
            _ if value.text() == Some("") => {}
            form => field(form, &value, report),
        }
    }
    for law in part.laws {
        hold(law, node, report);
    }
}

fn field(form: &Form, node: &Node<'_>, report: &mut Report) {
    match form {
        Form::Text => is_text(node, report),
        Form::Bool => is_bool(node, report),
        Form::Number(least, most) => {
            if is(node, "a number", |value| matches!(value, Value::Number(_)), report) {
                within(node, *least, *most, report);
            }
        }
        Form::Word(known) => {
            if let Some(text) = text(node, report).filter(|text| !text.is_empty() && is_written(text)) {
                one_of(text, known, node, report);
            }
        }
        Form::Named(is_fit, form) => {
            // What a template makes of nothing is told elsewhere.
            let is_told = |text: &str| text == "None" || !is_written(text);
            if let Some(text) = text(node, report).filter(|text| !is_told(text) && !is_fit(text)) {
                named(text, form, node, report);
            }
        }
        Form::Address => address(node, report),
        Form::Network => network(node, report),
        Form::Quantity => _ = quantity(node, report),
        Form::Amount => amount(false, node, report),
        Form::SomeAmount => amount(true, node, report),
        Form::Told(form) => field(form, node, report),
        Form::List(form) => items(node, report).iter().for_each(|item| field(form, item, report)),
        Form::MapOf(form) => {
            if is_map(node, report) {
                node.entries().iter().for_each(|(_, value)| field(form, value, report));
            }
        }
        Form::OrBool(form) => {
            if node.boolean().is_none() {
                field(form, node, report);
            }
        }
        Form::Port(least) => port(*least, node, report),
        Form::Share => share(node, report),
        Form::Texts => items(node, report).iter().for_each(|item| _ = text(item, report)),
        Form::Words(known) => {
            for item in items(node, report) {
                if let Some(text) = text(&item, report).filter(|text| is_written(text)) {
                    one_of(text, known, &item, report);
                }
            }
        }
        Form::TextMap => {
            if is_map(node, report) {
                node.entries().iter().for_each(|(_, value)| _ = text(value, report));
            }
        }
        Form::Labels => labels(node, report),
        Form::One(below) => part(below, node, report),
        Form::Many(below) => {
            for item in items(node, report) {
                part(below, &item, report);
            }
        }
    }
}

fn labels(node: &Node<'_>, report: &mut Report) {
    for (key, value) in node.entries() {
        if is_written(key) && !words::is_qualified(key) {
            let draft = report.at(&VALUE, &value, format!("`{key}` cannot be the key of a label"));
            draft.about_key().label("it is a name such as `team` or `example.com/team`");
        }
        if let Some(text) = text(&value, report).filter(|text| is_written(text) && !words::is_label_value(text)) {
            let draft = report.at(&VALUE, &value, format!("`{text}` cannot be the value of a label"));
            draft.label(format!("only {}", words::NAME_CHARACTERS));
        }
    }
}

/// A text that is there and says nothing, where it has to.
fn empty(form: &Form, node: &Node<'_>, report: &mut Report) {
    let draft = report.at(&VALUE, node, format!("{} is empty", called(node)));
    match form {
        Form::Word(known) => draft.help(format!("one of {}, or leave it out", listed(known))),
        _ => draft.help("fill it in, or leave it out"),
    };
}

fn named(text: &str, form: &str, node: &Node<'_>, report: &mut Report) {
    let message = match (node.key(), node.nearest_key()) {
        (Some(name), _) => format!("`{text}` cannot be {} `{name}`", words::article(name)),
        (None, list) => format!("`{text}` cannot stand among `{}`", list.unwrap_or("items")),
    };
    report.at(&VALUE, node, message).label(format!("it is {form}"));
}

fn address(node: &Node<'_>, report: &mut Report) {
    if let Some(text) = text(node, report).filter(|text| is_written(text) && words::address(text).is_none()) {
        named(text, "an address such as `10.0.0.1`, without port and network", node, report);
    }
}

fn network(node: &Node<'_>, report: &mut Report) {
    let trimmed = text(node, report).map(str::trim);
    if let Some(text) = trimmed.filter(|text| is_written(text) && words::network(text).is_none()) {
        named(text, "a network such as `10.0.0.0/8`", node, report);
    }
}

fn quantity(node: &Node<'_>, report: &mut Report) -> Option<Quantity> {
    let text = match node.value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if is_written(text) => text.to_string(),
        Value::String(_) => return None,
        _ => {
            is(node, "a quantity", |_| false, report);
            return None;
        }
    };
    let quantity = Quantity::parse(&text);
    if quantity.is_none() {
        named(&text, "a quantity such as `500m`, `2` or `512Mi`", node, report);
    }
    quantity
}

fn amount(is_some: bool, node: &Node<'_>, report: &mut Report) {
    let Some(quantity) = quantity(node, report) else { return };
    let wanted = match (is_some, quantity.cmp(&Quantity::default())) {
        (true, Ordering::Less | Ordering::Equal) => "more than none",
        (false, Ordering::Less) => "none or more",
        _ => return,
    };
    report.at(&VALUE, node, format!("{} must be {wanted}", called(node))).label(format!("this is {quantity}"));
}

/// What to do about quotes that made a text: those of a template make one of any value.
fn unquoted(text: &str) -> String {
    format!("write `{text}` without quotes; in a template `{{{{ x }}}}`, not `\"{{{{ x }}}}\"`")
}

/// A text where a list is wanted, as that list: a command is one of words.
fn as_list(key: Option<&str>, text: &str) -> String {
    let is_plain =
        |text: &str| text.len() < 60 && !text.contains(['"', '\'', '\\', '\n', '$', '|', '&', ';', '<', '>']);
    match key {
        Some("command" | "args") if is_plain(text) => {
            let words: Vec<String> = text.split_whitespace().map(|word| format!("\"{word}\"")).collect();
            format!("write each word by itself: `[{}]`", words.join(", "))
        }
        Some("command" | "args") => {
            "write each word by itself, or `[\"sh\", \"-c\", \"…\"]` for a line of a shell".to_owned()
        }
        _ if is_plain(text) && !text.contains(": ") => format!("write `[{text}]`, or `- {text}` on a line below"),
        _ => "write each item behind a `- `, on lines below".to_owned(),
    }
}

/// A setting may have to be the number that it is: then the template makes a text of it.
fn quoted(written: &str) -> String {
    format!("write it in quotes where the template writes it: `\"{written}\"`, or `\"{{{{ x }}}}\"` for a setting `x`")
}

/// Whether a key could be what a template asks for: `image.tag`.
fn is_name(key: &str) -> bool {
    key.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}

/// Whether a value is of a type; a text that a tool fills in may be of any.
fn is(node: &Node<'_>, wanted: &str, fits: impl Fn(&Value) -> bool, report: &mut Report) -> bool {
    if fits(node.value) {
        return true;
    }
    let is_open = matches!(node.value, Value::Null) || node.text().is_some_and(|text| !is_written(text));
    if !is_open {
        let draft = report.at(&TYPE, node, format!("{} must be {wanted}", called(node)));
        draft.label(format!("this is {}", node.value.kind()));
        match (node.value, wanted) {
            (Value::Number(number), "a text") => draft.help(quoted(&number.to_string())),
            (Value::Bool(value), "a text") => draft.help(quoted(&value.to_string())),
            (Value::String(text), "a number") if text.parse::<i64>().is_ok() => draft.help(unquoted(text)),
            // `{ image.tag }` is a map of one key to YAML.
            (Value::Map(entries), wanted) if wanted != "a map" => match entries.iter().next() {
                Some((key, Value::Null)) if entries.len() == 1 && is_name(key) => {
                    draft.help(format!("did you mean `{{{{ {key} }}}}`?"))
                }
                _ if wanted == "a text" && node.key() == Some("patch") => {
                    draft.help("write it as a text: `patch: |-`, and the patch indented below it")
                }
                _ => draft,
            },
            (Value::String(text), "a list") => draft.help(as_list(node.key(), text)),
            (Value::String(text), "a map") if text.contains(": ") => {
                draft.help("in a template write `{{ x }}`, not `\"{{ x }}\"`: quotes make a text of a map")
            }
            (Value::String(text), "`true` or `false`") if matches!(&**text, "true" | "false") => {
                draft.help(unquoted(text))
            }
            _ => draft,
        };
    }
    false
}

pub(in crate::rules) fn is_map(node: &Node<'_>, report: &mut Report) -> bool {
    is(node, "a map", |value| matches!(value, Value::Map(_)), report)
}

pub(in crate::rules) fn is_text(node: &Node<'_>, report: &mut Report) {
    text(node, report);
}

pub(in crate::rules) fn is_number(node: &Node<'_>, report: &mut Report) {
    is(node, "a number", |value| matches!(value, Value::Number(_)), report);
}

pub(in crate::rules) fn is_bool(node: &Node<'_>, report: &mut Report) {
    is(node, "`true` or `false`", |value| matches!(value, Value::Bool(_)), report);
}

/// A number or a text.
pub(in crate::rules) fn is_scalar(node: &Node<'_>, report: &mut Report) {
    is(node, "a number or a text", |value| !matches!(value, Value::Map(_) | Value::List(_)), report);
}

fn text<'a>(node: &Node<'a>, report: &mut Report) -> Option<&'a str> {
    is(node, "a text", |value| matches!(value, Value::String(_)), report);
    node.text()
}

pub(in crate::rules) fn items<'a>(node: &Node<'a>, report: &mut Report) -> Vec<Node<'a>> {
    is(node, "a list", |value| matches!(value, Value::List(_)), report);
    node.items()
}

fn one_of(text: &str, known: &[&str], node: &Node<'_>, report: &mut Report) {
    if known.contains(&text) {
        return;
    }
    let message = match known {
        [_] => format!("{} must be {}", called(node), listed(known)),
        _ => format!("{} must be one of {}", called(node), listed(known)),
    };
    let draft = report.at(&VALUE, node, message);
    draft.label(format!("`{text}` is none of them"));
    let same = known.iter().find(|word| word.eq_ignore_ascii_case(text)).map(|word| format!("did you mean `{word}`?"));
    if let Some(help) = same.or_else(|| did_you_mean(text, known.iter().copied())) {
        draft.help(help);
    }
}

fn within(node: &Node<'_>, least: i64, most: i64, report: &mut Report) {
    let Value::Number(Number::Int(number)) = node.value else { return };
    if (least..=most).contains(number) {
        return;
    }
    let wanted = match (least, most) {
        (least, most) if number < &least && most >= i64::from(i32::MAX) => format!("at least {least}"),
        (least, most) if least == most => format!("{least}"),
        (least, most) => format!("between {least} and {most}"),
    };
    report.at(&VALUE, node, format!("{} must be {wanted}", called(node))).label(format!("this is {number}"));
}

fn port(least: i64, node: &Node<'_>, report: &mut Report) {
    match node.value {
        Value::Number(_) => within(node, least, 65_535, report),
        Value::String(text) if text.parse::<u16>().is_ok() => {
            report
                .at(&VALUE, node, format!("the name of a port has a letter, and `\"{text}\"` has none"))
                .label("in quotes it is a name")
                .help(format!("write the number, `{text}`"));
        }
        Value::String(text) if is_written(text) && !words::is_port_name(text) => {
            report
                .at(&VALUE, node, format!("`{text}` cannot be the name of a port"))
                .label("only lower-case letters, digits and single `-`, at most 15, and a letter among them");
        }
        Value::String(_) => {}
        _ => _ = is(node, "the number or the name of a port", |_| false, report),
    }
}

fn share(node: &Node<'_>, report: &mut Report) {
    match node.value {
        Value::Number(_) => within(node, 0, i64::from(i32::MAX), report),
        Value::String(text) if is_written(text) => {
            let number = text.strip_suffix('%').map(str::parse::<u32>);
            if !matches!(number, Some(Ok(_))) {
                let draft = report.at(&VALUE, node, format!("`{text}` is neither a number nor a share such as `25%`"));
                draft.help(match text.parse::<u32>() {
                    Ok(_) => format!("write the number without quotes, or `{text}%`"),
                    Err(_) => "such as `1` or `25%`".to_owned(),
                });
            }
        }
        Value::String(_) => {}
        _ => _ = is(node, "a number or a share, such as `25%`", |_| false, report),
    }
}
