//! Objects against the tables of their fields.

use super::form::{Form, Law, Part};
use super::{FIELDS, TYPE, VALUE};
use crate::check::{Node, Report};
use crate::finding::suggest::did_you_mean;
use crate::rules::kubernetes::words;
use crate::value::{Number, Value};

/// Not something that a tool fills in first: Argo CD, Flux, SOPS, plugins for secrets.
pub(in crate::rules) fn is_written(text: &str) -> bool {
    words::is_written(text) && !text.starts_with('<') && !text.starts_with("ENC[")
}

/// Null is absent to the API server, and so is an empty text.
fn get<'a>(node: &Node<'a>, key: &str) -> Option<Node<'a>> {
    node.get(key).filter(|value| !matches!(value.value, Value::Null) && value.text() != Some(""))
}

pub(super) fn part(part: &Part, node: &Node<'_>, report: &mut Report) {
    if !is_map(node, report) {
        return;
    }
    for (name, form) in part.fields {
        if let Some(value) = get(node, name) {
            field(form, &value, report);
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
            if let Some(text) = text(node, report).filter(|text| is_written(text) && !is_fit(text)) {
                let name = node.key().unwrap_or("value");
                report.at(&VALUE, node, format!("`{text}` cannot be a {name}")).label(format!("it is {form}"));
            }
        }
        Form::Port => port(node, report),
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
        Form::One(below) => part(below, node, report),
        Form::Many(below) => {
            for item in items(node, report) {
                part(below, &item, report);
            }
        }
    }
}

/// What to do about quotes that made a text: those of a template make one of any value.
fn unquoted(text: &str) -> String {
    format!("write `{text}` without quotes; in a template `{{{{ x }}}}`, not `\"{{{{ x }}}}\"`")
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
            (Value::Number(number), "a text") => draft.help(format!("quote it: `\"{number}\"`")),
            (Value::Bool(value), "a text") => draft.help(format!("quote it: `\"{value}\"`")),
            (Value::String(text), "a number") if text.parse::<i64>().is_ok() => draft.help(unquoted(text)),
            // `{ image.tag }` is a map of one key to YAML.
            (Value::Map(entries), wanted) if wanted != "a map" => match entries.iter().next() {
                Some((key, Value::Null)) if entries.len() == 1 && is_name(key) => {
                    draft.help(format!("did you mean `{{{{ {key} }}}}`?"))
                }
                _ => draft,
            },
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
    let listed: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    let listed = listed.join(", ");
    let message = match known {
        [_] => format!("{} must be {listed}", called(node)),
        _ => format!("{} must be one of {listed}", called(node)),
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

fn port(node: &Node<'_>, report: &mut Report) {
    match node.value {
        Value::Number(_) => within(node, 1, 65_535, report),
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
            if !matches!(number, Some(Ok(0..=100))) {
                let draft = report.at(&VALUE, node, format!("`{text}` is neither a number nor a share of a hundred"));
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

fn hold(law: &Law, node: &Node<'_>, report: &mut Report) {
    let word = |field: &str| get(node, field).and_then(|value| value.text());
    match law {
        Law::Needs(names) => names.iter().for_each(|name| need(node, name, None, report)),
        Law::OneOf(names) => {
            any_of(node, names, report);
            at_most_one(node, names, report);
        }
        Law::AtMostOne(names) => at_most_one(node, names, report),
        Law::AnyOf(names) => any_of(node, names, report),
        Law::Excludes(field, known, others) => {
            if word(field).is_some_and(|word| known.contains(&word)) {
                forbid(node, field, None, others, report);
            }
        }
        Law::Only(field, known, others) => {
            if word(field).is_none_or(|word| !known.contains(&word) && is_written(word)) {
                forbid(node, field, known.first().copied(), others, report);
            }
        }
        Law::Demands(field, known, others) => {
            if let Some(word) = word(field).filter(|word| known.contains(word)) {
                let why = format!("`{field}: {word}`");
                others.iter().for_each(|name| need(node, name, Some(&why), report));
            }
        }
        Law::Unique(list, key) => unique(node, list, key, report),
        Law::Other(check) => check(node, report),
    }
}

fn need(node: &Node<'_>, name: &str, why: Option<&str>, report: &mut Report) {
    let is_empty = |value: &Node<'_>| matches!(value.value, Value::List(items) if items.is_empty());
    if get(node, name).is_some_and(|value| !is_empty(&value)) {
        return;
    }
    let why = why.map(|why| format!(", which {why} needs")).unwrap_or_default();
    let place = node.place().key(name);
    report.at(&FIELDS, place, format!("{} lacks `{name}`{why}", called(node))).help(format!("add `{name}`"));
}

fn any_of(node: &Node<'_>, names: &[&str], report: &mut Report) {
    if names.iter().all(|name| get(node, name).is_none()) {
        let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("{} lacks one of {}", called(node), listed.join(", "));
        report.at(&FIELDS, node, message).help("add one of them");
    }
}

fn at_most_one(node: &Node<'_>, names: &[&str], report: &mut Report) {
    let mut set = node.entries().into_iter().filter(|(key, _)| names.contains(key) && get(node, key).is_some());
    if let (Some((one, first)), Some((other, second))) = (set.next(), set.next()) {
        exclude(&format!("`{one}`"), &first, &format!("`{other}`"), &second, report);
    }
}

/// Two things of which there may be one.
pub(super) fn exclude(one: &str, first: &Node<'_>, other: &str, second: &Node<'_>, report: &mut Report) {
    let draft = report.at(&FIELDS, second, format!("{one} and {other} exclude each other"));
    draft.about_key();
    draft.also(first, "the other one").help("keep one of them");
}

/// `only`: the word that the others go with.
fn forbid(node: &Node<'_>, field: &str, only: Option<&str>, others: &[&str], report: &mut Report) {
    for other in others {
        let Some(value) = get(node, other) else { continue };
        let word = get(node, field);
        let message = match (only, word.as_ref().and_then(Node::text)) {
            (None, Some(word)) => format!("`{other}` may not stand beside `{field}: {word}`"),
            (only, _) => format!("`{other}` goes only with `{field}: {}`", only.unwrap_or_default()),
        };
        let draft = report.at(&FIELDS, &value, message);
        draft.about_key();
        if let Some(word) = &word {
            draft.also(word, "excludes it");
        }
        draft.help(format!("leave `{other}` out"));
    }
}

fn unique(node: &Node<'_>, list: &str, key: &str, report: &mut Report) {
    let mut seen: Vec<(&str, Node<'_>)> = Vec::new();
    for again in node.list([list]).iter().filter_map(|item| item.get(key)) {
        let Some(text) = again.text().filter(|text| is_written(text)) else { continue };
        match seen.iter().find(|(known, _)| *known == text) {
            Some((_, first)) => {
                report
                    .at(&FIELDS, &again, format!("two items of `{list}` have the `{key}` `{text}`"))
                    .also(first, "the other one")
                    .help("give one of them another");
            }
            None => seen.push((text, again)),
        }
    }
}

/// A value as the subject of a sentence.
fn called(node: &Node<'_>) -> String {
    match (node.key(), node.nearest_key()) {
        (Some(key), _) => format!("`{key}`"),
        (None, Some(list)) => format!("an item of `{list}`"),
        (None, None) => "the object".to_owned(),
    }
}
