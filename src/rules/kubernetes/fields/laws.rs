//! Parts of objects against the laws of their tables.

use super::FIELDS;
use super::form::Law;
use super::spot::{called, get, is_written, listed};
use crate::check::{Node, Report};
use crate::value::Value;

pub(super) fn hold(law: &Law, node: &Node<'_>, report: &mut Report) {
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
        Law::With(field, others) => {
            if get(node, field).is_some() {
                let why = format!("`{field}`");
                others.iter().for_each(|name| need(node, name, Some(&why), report));
            }
        }
        Law::Unique(list, key) => unique(node, list, key, report),
        Law::Once(list) => once(node, list, report),
        Law::AtMost(list, most) => {
            if let Some(items) = get(node, list).filter(|items| items.items().len() > *most) {
                let count = items.items().len();
                report
                    .at(&FIELDS, &items, format!("`{list}` has {count} items, and at most {most} are taken"))
                    .help("take some of them out");
            }
        }
        Law::Filled(list) => {
            if let Some(items) =
                get(node, list).filter(|items| matches!(items.value, Value::List(list) if list.is_empty()))
            {
                report
                    .at(&FIELDS, &items, format!("`{list}` is empty"))
                    .about_key()
                    .help(format!("add an item, or leave `{list}` out"));
            }
        }
        Law::Ordered(one, other) => {
            if let (Some(least), Some(most)) = (get(node, one), get(node, other))
                && let (Some(from), Some(to)) = (least.integer(), most.integer())
                && from > to
            {
                report
                    .at(&FIELDS, &least, format!("`{one}` is more than `{other}`"))
                    .label(format!("this is {from}"))
                    .also(&most, format!("and this {to}"));
            }
        }
        Law::Never(field, why) => {
            if let Some(value) = get(node, field) {
                let draft = report.at(&FIELDS, &value, format!("`{field}` may not stand here: {why}"));
                draft.about_key().help(format!("leave `{field}` out"));
            }
        }
        Law::All(laws) => laws.iter().for_each(|law| hold(law, node, report)),
        Law::Other(check) => check(node, report),
    }
}

fn need(node: &Node<'_>, name: &str, why: Option<&str>, report: &mut Report) {
    // A variable in another tool's form is told as the field that it is not.
    if is_compose(node) {
        return;
    }
    let is_empty = |value: &Node<'_>| matches!(value.value, Value::List(items) if items.is_empty());
    if get(node, name).is_some_and(|value| !is_empty(&value)) {
        return;
    }
    let why = why.map(|why| format!(", which {why} needs")).unwrap_or_default();
    let place = node.place().key(name);
    report.at(&FIELDS, place, format!("{} lacks `{name}`{why}", called(node))).help(format!("add `{name}`"));
}

fn any_of(node: &Node<'_>, names: &[&str], report: &mut Report) {
    // So is where an Ingress leads in the form of older versions.
    let is_older = node.key().is_some_and(|key| matches!(key, "backend" | "defaultBackend"))
        && ["serviceName", "servicePort"].iter().any(|name| node.get(name).is_some());
    if !is_older && names.iter().all(|name| get(node, name).is_none()) {
        let message = format!("{} lacks one of {}", called(node), listed(names));
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

fn once(node: &Node<'_>, list: &str, report: &mut Report) {
    let mut seen: Vec<Node<'_>> = Vec::new();
    for again in node.list([list]) {
        if let Some(first) = seen.iter().find(|first| first.value == again.value) {
            let what = again.text().map_or_else(|| "an item".to_owned(), |text| format!("`{text}`"));
            report
                .at(&FIELDS, &again, format!("`{list}` has {what} twice"))
                .also(first, "the other one")
                .help("keep one of them");
        } else {
            seen.push(again);
        }
    }
}

/// Whether an item of `env` is a variable as docker-compose writes it.
pub(in crate::rules) fn is_compose(item: &Node<'_>) -> bool {
    item.nearest_key() == Some("env")
        && item.key().is_none()
        && matches!(item.entries()[..], [(name, _)] if !matches!(name, "name" | "value" | "valueFrom"))
}
