//! Custom resource definitions: versions that go.

use super::super::differs::Difference;
use super::Changed;
use crate::check::k8s::Object;
use crate::check::{Change, Consequence, Node, Report};
use crate::value::Value;

/// Says what a change of a definition comes to; whether it is one.
pub(super) fn changed<'a>(change: &Change<'_>, it: &Changed<'_, 'a>, report: &mut Report) -> bool {
    if !it.new.is("apiextensions.k8s.io", "CustomResourceDefinition") || it.below("spec").is_none() {
        return false;
    }
    let what = it.name();
    let (old, new) = (versions(it.old), versions(it.new));
    for (version, node) in &old {
        let now = new.iter().find(|(name, _)| name == version).map(|(_, node)| *node);
        let at = Difference { old: Some(*node), new: now };
        let was_stored = node.get("storage").and_then(|it| it.boolean()) == Some(true);
        match now {
            None if was_stored => {
                let message = format!("{what} cannot lose its version `{version}`: objects are stored in it");
                it.tell(change, Consequence::Blocks, &at, message, report).help(
                    "store another version first, and take this one out of `status.storedVersions` once all objects were written again",
                );
                return true;
            }
            None => {
                let message = format!("{what} serves its version `{version}` no more");
                it.tell(change, Consequence::Blocks, &at, message, report);
                return true;
            }
            Some(now) if is_served(node) && !is_served(&now) => {
                let message = format!("{what} serves its version `{version}` no more: who asks for it is refused");
                it.tell(change, Consequence::Blocks, &at, message, report);
                return true;
            }
            Some(_) => {}
        }
    }
    for (version, old) in &old {
        let now = new.iter().find(|(name, _)| name == version).map(|(_, node)| *node);
        let schema = |node: &Node<'a>| node.at(["schema", "openAPIV3Schema"]);
        let Some((old, now)) = schema(old).zip(now.as_ref().and_then(schema)) else { continue };
        if narrower(change, it, version, [old, now], report) {
            return true;
        }
    }
    let Some(at) = it.below("spec") else { return false };
    it.tell(change, Consequence::InPlace, at, format!("{what} is updated: its objects stay as they are"), report);
    true
}

/// Says so if a version takes less than it did: a field that is gone, or one that is needed now.
fn narrower<'a>(
    change: &Change<'_>,
    it: &Changed<'_, 'a>,
    version: &str,
    [old, new]: [Node<'a>; 2],
    report: &mut Report,
) -> bool {
    let what = it.name();
    if let Some((field, node)) = lost([old, new], "") {
        let at = Difference { old: Some(node), new: None };
        let message = format!(
            "{what} has no field `{field}` in its version `{version}` any more: an object loses what it holds there when it is \
             written next"
        );
        it.tell(change, Consequence::Unknown, &at, message, report);
        return true;
    }
    if let Some((field, node)) = needed([old, new], "") {
        let at = Difference { old: None, new: Some(node) };
        let message = format!(
            "{what} needs `{field}` in its version `{version}` from now on: an object without it cannot be written"
        );
        it.tell(change, Consequence::Blocks, &at, message, report);
        return true;
    }
    if let Some((field, node)) = tighter([old, new], "") {
        let at = Difference { old: None, new: Some(node) };
        let message = format!(
            "{what} takes less of `{field}` in its version `{version}` from now on: an object that holds something else \
             there may be refused when it is written next"
        );
        it.tell(change, Consequence::Unknown, &at, message, report);
        return true;
    }
    false
}

/// The first field whose values are asked for more than they were.
fn tighter<'a>([old, new]: [Node<'a>; 2], path: &str) -> Option<(String, Node<'a>)> {
    let is_more = |(key, now): &(&'a str, Node<'a>)| {
        let was = old.get(key);
        let number = |it: Node<'_>| match it.value {
            Value::Number(number) => number.to_string().parse::<f64>().ok(),
            _ => None,
        };
        let is_other = was.is_none_or(|was| !was.value.is_same(now.value));
        match *key {
            "type" if now.text() == Some("number") => is_other && was.and_then(|it| it.text()) != Some("integer"),
            "enum" => {
                let values = was.map(|it| it.items());
                let is_kept = |it: &Node<'_>| now.items().iter().any(|other| other.value.is_same(it.value));
                values.is_none_or(|all| !all.iter().all(is_kept))
            }
            "maximum" | "maxLength" | "maxItems" | "maxProperties" => {
                is_other && was.and_then(number).zip(number(*now)).is_none_or(|(was, now)| now < was)
            }
            "minimum" => is_other && was.and_then(number).zip(number(*now)).is_none_or(|(was, now)| now > was),
            "minLength" | "minItems" | "minProperties" => {
                number(*now).is_none_or(|now| now > was.and_then(number).unwrap_or_default())
            }
            "uniqueItems" | "exclusiveMaximum" | "exclusiveMinimum" => now.boolean() == Some(true) && is_other,
            "type"
            | "pattern"
            | "format"
            | "multipleOf"
            | "allOf"
            | "anyOf"
            | "oneOf"
            | "not"
            | "x-kubernetes-validations" => is_other,
            _ => false,
        }
    };
    let loses_null = |it: &Node<'_>| it.get("nullable").and_then(|it| it.boolean()) == Some(true);
    if loses_null(&old) && !loses_null(&new) {
        return Some((path.to_owned(), new));
    }
    let found = new.entries().into_iter().find(is_more).map(|(_, node)| (path.to_owned(), node));
    found.or_else(|| within([old, new], path, tighter))
}

/// The first field of a schema that another one has not, and would not keep.
fn lost<'a>([old, new]: [Node<'a>; 2], path: &str) -> Option<(String, Node<'a>)> {
    // Beside these, what is not among the fields is dropped.
    let keeps = |key: &str| new.get(key).is_some_and(|it| it.boolean() != Some(false));
    if keeps("x-kubernetes-preserve-unknown-fields") || keeps("additionalProperties") || new.get("properties").is_none()
    {
        return within([old, new], path, lost);
    }
    let gone = old.get("properties")?.entries().into_iter().find(|(name, _)| new.at(["properties", *name]).is_none());
    let gone = gone.map(|(name, node)| (joined(path, name), node));
    gone.or_else(|| within([old, new], path, lost))
}

/// The first field that must be there now and could be left out.
fn needed<'a>([old, new]: [Node<'a>; 2], path: &str) -> Option<(String, Node<'a>)> {
    let was: Vec<&str> = old.list(["required"]).iter().filter_map(Node::text).collect();
    let is_new = |it: &Node<'a>| {
        let has_default = |name: &str| new.at(["properties", name, "default"]).is_some();
        it.text().is_some_and(|name| !was.contains(&name) && !has_default(name))
    };
    let found = new.list(["required"]).into_iter().find(is_new);
    let found = found.and_then(|node| Some((joined(path, node.text()?), node)));
    found.or_else(|| within([old, new], path, needed))
}

/// Looks through a schema before and after for a field, by its path.
type Find<'a> = fn([Node<'a>; 2], &str) -> Option<(String, Node<'a>)>;

/// The same below the fields and items that both have.
fn within<'a>([old, new]: [Node<'a>; 2], path: &str, find: Find<'a>) -> Option<(String, Node<'a>)> {
    let fields = old.get("properties").map(|it| it.entries()).unwrap_or_default();
    let fields =
        fields.into_iter().filter_map(|(name, old)| Some((joined(path, name), [old, new.at(["properties", name])?])));
    let all = ["items", "additionalProperties"].into_iter().filter_map(|key| {
        let what = if key == "items" { "[]" } else { ".*" };
        Some((format!("{path}{what}"), [old.get(key)?, new.get(key)?]))
    });
    fields.chain(all).find_map(|(path, pair)| find(pair, &path))
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn is_served(version: &Node<'_>) -> bool {
    version.get("served").and_then(|it| it.boolean()) != Some(false)
}

fn versions<'a>(object: &Object<'a>) -> Vec<(&'a str, Node<'a>)> {
    let all = object.root().list(["spec", "versions"]);
    all.into_iter().filter_map(|it| Some((it.text_at(["name"])?, it))).collect()
}
