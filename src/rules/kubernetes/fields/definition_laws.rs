//! What has to hold among the fields of definitions of kinds, and takes more than a row.

use super::laws::exclude;
use super::spot::{get, is_written};
use super::{FIELDS, VALUE};
use crate::check::{Node, Report};
use crate::rules::kubernetes::words::is_subdomain;
use crate::schema::fault;

/// A definition is called after what it defines.
pub(super) fn names_itself(definition: &Node<'_>, report: &mut Report) {
    let Some(name) = definition.at(["metadata", "name"]) else { return };
    let plural = definition.text_at(["spec", "names", "plural"]);
    let group = definition.text_at(["spec", "group"]);
    let (Some(plural), Some(group), Some(text)) = (plural, group, name.text()) else { return };
    if [plural, group, text].into_iter().all(is_written) && text != format!("{plural}.{group}") {
        report
            .at(&FIELDS, &name, format!("the definition of `{plural}` in `{group}` has another name"))
            .help(format!("call it `{plural}.{group}`, or change `plural` or `group`"));
    }
}

/// Objects are kept in one version.
pub(super) fn stored_once(spec: &Node<'_>, report: &mut Report) {
    let Some(versions) = get(spec, "versions") else { return };
    let items = versions.items();
    let mut stored = items.iter().filter_map(|it| it.get("storage")).filter(|it| it.boolean() == Some(true));
    match (stored.next(), stored.next()) {
        (None, _) if !items.is_empty() => {
            report
                .at(&FIELDS, &versions, "no version is the one that objects are kept in")
                .help("set `storage: true` in one of them");
        }
        (Some(first), Some(second)) => {
            exclude("`storage: true`", &first, "another version's", &second, report);
        }
        _ => {}
    }
}

/// A list is told from what it lists.
pub(super) fn kinds_differ(names: &Node<'_>, report: &mut Report) {
    if let (Some(kind), Some(list)) = (get(names, "kind"), get(names, "listKind"))
        && kind.text().is_some()
        && kind.text() == list.text()
    {
        report
            .at(&FIELDS, &list, "`kind` and `listKind` are the same")
            .also(&kind, "the kind")
            .help(format!("write `{}List`", kind.text().unwrap_or_default()));
    }
}

pub(super) fn review_versions(webhook: &Node<'_>, report: &mut Report) {
    let Some(versions) = get(webhook, "conversionReviewVersions").filter(|it| !it.items().is_empty()) else { return };
    if versions.items().iter().all(|it| it.text().is_some_and(|text| !matches!(text, "v1" | "v1beta1"))) {
        report.at(&FIELDS, &versions, "the API server can ask in none of these versions").help("add `v1`");
    }
}

pub(super) fn root_is_object(schema: &Node<'_>, report: &mut Report) {
    let kind = get(schema, "type");
    let is_open = get(schema, "x-kubernetes-preserve-unknown-fields").and_then(|it| it.boolean()) == Some(true);
    if is_open && kind.is_none() {
        return;
    }
    if kind.as_ref().is_none_or(|kind| kind.text().is_some_and(|text| text != "object" && is_written(text))) {
        let place = kind.unwrap_or(*schema);
        report.at(&FIELDS, &place, "the schema of a kind is of `type: object`").help("write `type: object`");
    }
    if let Some(others) = get(schema, "additionalProperties") {
        report.at(&FIELDS, &others, "the schema of a kind names its fields").about_key().help("use `properties`");
    }
}

/// Each field says its type.
pub(super) fn has_type(schema: &Node<'_>, report: &mut Report) {
    let is = |key: &str| get(schema, key).and_then(|it| it.boolean()) == Some(true);
    if get(schema, "type").is_none() && !is("x-kubernetes-int-or-string") && !is("x-kubernetes-preserve-unknown-fields")
    {
        let name = schema.key().map_or_else(|| "a field".to_owned(), |key| format!("`{key}`"));
        report.at(&FIELDS, schema, format!("{name} lacks `type`")).help("add `type`");
    }
}

/// A list says what it is a list of.
pub(super) fn array_has_items(schema: &Node<'_>, report: &mut Report) {
    if let (Some(kind), None) = (schema.get("type").filter(|it| it.text() == Some("array")), get(schema, "items")) {
        report.at(&FIELDS, &kind, "an `array` needs `items`").help("add `items` with the type of an item");
    }
    if let (Some(own), Some(others)) =
        (get(schema, "properties").filter(|it| !it.entries().is_empty()), get(schema, "additionalProperties"))
        && others.boolean() != Some(true)
    {
        exclude("`properties`", &own, "`additionalProperties`", &others, report);
    }
    if let Some(unique) = get(schema, "uniqueItems").filter(|it| it.boolean() == Some(true)) {
        report
            .at(&FIELDS, &unique, "`uniqueItems` may not be `true`: it would take too long to find out")
            .help("set `x-kubernetes-list-type: set`");
    }
}

/// What Kubernetes adds to schemas is for lists or for maps.
pub(super) fn extends(schema: &Node<'_>, report: &mut Report) {
    let kind = schema.text_at(["type"]).unwrap_or_default();
    for (key, wanted) in [
        ("x-kubernetes-list-type", "array"),
        ("x-kubernetes-map-type", "object"),
        ("x-kubernetes-embedded-resource", "object"),
    ] {
        let Some(own) = get(schema, key).filter(|it| it.boolean() != Some(false)) else { continue };
        if kind != wanted && is_written(kind) {
            report
                .at(&FIELDS, &own, format!("`{key}` goes only with `type: {wanted}`"))
                .about_key()
                .help(format!("leave `{key}` out, or set `type: {wanted}`"));
        }
    }
    let list = schema.text_at(["x-kubernetes-list-type"]);
    match (list, get(schema, "x-kubernetes-list-map-keys")) {
        (Some("map"), None) => {
            let place = schema.get("x-kubernetes-list-type").unwrap_or(*schema);
            report
                .at(&FIELDS, &place, "a list that is a map needs `x-kubernetes-list-map-keys`")
                .help("name the fields that tell items apart");
        }
        (Some("set" | "atomic"), Some(keys)) => {
            report
                .at(&FIELDS, &keys, "`x-kubernetes-list-map-keys` goes only with `x-kubernetes-list-type: map`")
                .about_key()
                .help("leave it out");
        }
        (Some("map"), Some(keys)) => keys_of_map(schema, &keys, report),
        _ => {}
    }
    if let Some(open) = get(schema, "x-kubernetes-preserve-unknown-fields").filter(|it| it.boolean() == Some(false)) {
        report.at(&FIELDS, &open, "`x-kubernetes-preserve-unknown-fields` is `true` or not there").help("leave it out");
    }
}

fn keys_of_map(schema: &Node<'_>, keys: &Node<'_>, report: &mut Report) {
    let Some(items) = get(schema, "items") else { return };
    for key in keys.items() {
        let Some(text) = key.text() else { continue };
        let is_there = items.at(["properties"]).is_some_and(|it| it.get(text).is_some());
        let is_filled = is_there && {
            let required = items.list(["required"]);
            let field = items.at(["properties"]).and_then(|it| it.get(text));
            required.iter().any(|it| it.text() == Some(text)) || field.is_some_and(|it| it.get("default").is_some())
        };
        if !is_there {
            report
                .at(&FIELDS, &key, format!("the items have no field `{text}`"))
                .also(&items, "what an item is")
                .help("name a field of the items");
        } else if !is_filled {
            report
                .at(&FIELDS, &key, format!("`{text}` has to be in each item, to tell them apart"))
                .also(&items, "what an item is")
                .help("make it `required`, or give it a `default`");
        }
    }
}

/// A rule can be read.
pub(super) fn rule(rule: &Node<'_>, report: &mut Report) {
    let Some(node) = get(rule, "rule") else { return };
    let Some(text) = node.text().filter(|text| is_written(text) && !text.trim().is_empty()) else { return };
    if let Some((message, help)) = fault(text, &["self", "oldSelf"], &[]) {
        let draft = report.at(&VALUE, &node, format!("the rule cannot be compiled: {message}"));
        if let Some(help) = help {
            draft.help(help);
        }
    }
}

/// A domain of two parts or more.
pub(super) fn is_two_parts(group: &str) -> bool {
    is_subdomain(group) && group.contains('.')
}

pub(super) fn is_column_path(path: &str) -> bool {
    path.starts_with('.') || path.starts_with('[')
}

pub(super) fn is_spec_path(path: &str) -> bool {
    path.starts_with(".spec.")
}

pub(super) fn is_status_path(path: &str) -> bool {
    path.starts_with(".status.")
}
