//! Differences value by value: paths with what stood there and what stands there now. Items of lists are called by their names,
//! and what has another name and is otherwise the same was renamed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;

use camino::Utf8Path;
use serde::Serialize;

use crate::check::{Before, Document, Laid, Node, Standing, View};
use crate::diff::Files;
use crate::finding::render::safe;
use crate::impact::{Difference as Change, differences};
use crate::limits::Limits;
use crate::rules::{HIDDEN, masked, secret_places};
use crate::source::Sources;
use crate::value::Value;
use crate::yaml::path::Step;

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Changed {
    /// Within the file; empty for the whole.
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<String>,
    /// It has another name now, and is what it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed: Option<String>,
}

/// The values that differ, by files.
pub(super) type Structure = BTreeMap<String, Vec<Changed>>;

/// Compares two trees; of the texts that are known for secrets nothing is shown.
pub(super) fn compare(old: &Files<'_>, new: &Files<'_>, limits: &Limits, secrets: &[Arc<str>]) -> Structure {
    // What is read here is shown by values, and no line of it.
    let sources = Sources::default();
    let read = |files: &Files<'_>, other: &Files<'_>| {
        let differs = files.iter().filter(|(path, bytes)| other.get(*path) != Some(*bytes));
        let files = differs.map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
        Before::read(&Standing { label: String::new(), files }, &[], &sources, limits)
    };
    let (was, is) = (read(old, new), read(new, old));
    let artifacts = |tree: Option<&'_ Before>| tree.map(Before::artifacts).unwrap_or_default().to_vec();
    let (was, is) = (artifacts(was.as_ref()), artifacts(is.as_ref()));
    let (was, is) = (Laid::out(&was), Laid::out(&is));
    let (was, is) = (View::new("", &was), View::new("", &is));
    let (was, is) = (by_path(&was), by_path(&is));
    let mut found = Structure::new();
    for path in old.keys().chain(new.keys()).filter(|path| old.get(*path) != new.get(*path)) {
        let of = |tree: &BTreeMap<&Utf8Path, Vec<&Document<'_>>>| tree.get(*path).map_or(0, Vec::len);
        let changed = match (old.get(path), new.get(path)) {
            (None, _) => vec![whole(None, Some("added"))],
            (_, None) => vec![whole(Some("removed"), None)],
            _ if of(&was) == 0 || of(&is) == 0 => vec![whole(Some("other lines"), Some("other lines"))],
            _ => values(&was[*path], &is[*path], secrets),
        };
        found.insert(path.to_string(), changed);
    }
    found
}

fn by_path<'v, 'a>(view: &'v View<'a>) -> BTreeMap<&'a Utf8Path, Vec<&'v Document<'a>>> {
    let mut found: BTreeMap<&Utf8Path, Vec<&Document<'_>>> = BTreeMap::new();
    for document in view.documents() {
        found.entry(document.path).or_default().push(document);
    }
    found
}

fn whole(old: Option<&str>, new: Option<&str>) -> Changed {
    Changed { path: String::new(), old: old.map(str::to_owned), new: new.map(str::to_owned), renamed: None }
}

fn values(old: &[&Document<'_>], new: &[&Document<'_>], secrets: &[Arc<str>]) -> Vec<Changed> {
    let mut found = Vec::new();
    for number in 0..old.len().max(new.len()) {
        let (was, is) = (old.get(number).map(|it| it.root()), new.get(number).map(|it| it.root()));
        let changes = differences(was, is);
        if changes.is_empty() {
            continue;
        }
        let [before, after] = [was, is].map(hidden);
        let renamed = renames(&changes);
        let taken: BTreeSet<usize> = renamed.values().copied().collect();
        for (at, change) in changes.iter().enumerate().filter(|(at, _)| !taken.contains(at)) {
            let Some(node) = change.old.or(change.new) else { continue };
            let to = renamed.get(&at).and_then(|to| changes[*to].new);
            let shown = |node: Option<Node<'_>>, hidden| node.map(|node| show(&node, hidden, secrets));
            let changed = match to {
                Some(to) => Changed { path: path(&node), old: None, new: None, renamed: Some(path(&to)) },
                None => Changed {
                    path: path(&node),
                    old: shown(change.old, &before),
                    new: shown(change.new, &after),
                    renamed: None,
                },
            };
            found.push(changed);
        }
    }
    found
}

/// Values that went and came with the same content, below the same map: each with where it came.
fn renames(changes: &[Change<'_>]) -> BTreeMap<usize, usize> {
    let above = |node: &Node<'_>| node.parent().map(|it| it.path().to_string());
    let mut came: BTreeMap<(Option<String>, String), VecDeque<usize>> = BTreeMap::new();
    for (at, change) in changes.iter().enumerate() {
        if let (None, Some(new)) = (change.old, change.new) {
            came.entry((above(&new), said(new.value))).or_default().push_back(at);
        }
    }
    let mut found = BTreeMap::new();
    for (from, gone) in changes.iter().enumerate() {
        let (Some(old), None) = (gone.old, gone.new) else { continue };
        if !matches!(old.value, Value::Map(_) | Value::List(_)) {
            continue;
        }
        if let Some(to) = came.get_mut(&(above(&old), said(old.value))).and_then(VecDeque::pop_front) {
            found.insert(from, to);
        }
    }
    found
}

/// What is the same of two values that are the same: their keys in order.
fn said(value: &Value) -> String {
    let mut said = String::new();
    write_said(value, &mut said);
    said
}

fn write_said(value: &Value, out: &mut String) {
    match value {
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            out.push('{');
            for (key, below) in entries {
                let _ = write!(out, "{key:?}:");
                write_said(below, out);
            }
            out.push('}');
        }
        Value::List(items) => {
            out.push('[');
            for item in items {
                write_said(item, out);
            }
            out.push(']');
        }
        other => drop(write!(out, "{other:?},")),
    }
}

/// The way to a value, items of lists by their names.
fn path(node: &Node<'_>) -> String {
    let mut steps: Vec<String> = Vec::new();
    for node in std::iter::once(*node).chain(node.around()) {
        let name = ["name", "key", "Key"].into_iter().find_map(|key| node.text_at([key]));
        match (node.key(), node.parent(), name) {
            (Some(key), ..) if key.contains(['.', '/', ' ']) => steps.push(format!(".\"{key}\"")),
            (Some(key), ..) => steps.push(format!(".{key}")),
            (None, Some(_), Some(name)) => steps.push(format!("[{name}]")),
            (None, Some(_), None) => {
                let path = node.path();
                let at = path.steps().last().map_or(0, |step| if let Step::Index(at) = step { *at } else { 0 });
                steps.push(format!("[{at}]"));
            }
            (None, None, _) => {}
        }
    }
    let path: String = steps.into_iter().rev().collect();
    path.trim_start_matches('.').to_owned()
}

/// The places of a document that hold secrets.
fn hidden(document: Option<Node<'_>>) -> BTreeSet<String> {
    let places = document.map(|root| secret_places(root.value)).unwrap_or_default();
    places.into_iter().map(|(path, _)| path.to_string()).collect()
}

/// A value on one line, without what must not be shown of it.
fn show(node: &Node<'_>, hidden: &BTreeSet<String>, secrets: &[Arc<str>]) -> String {
    let text = match node.value {
        _ if !hidden.is_empty() && hidden.contains(&node.path().to_string()) => HIDDEN.to_owned(),
        Value::Map(entries) if entries.len() == 1 => "{1 key}".to_owned(),
        Value::Map(entries) => format!("{{{} keys}}", entries.len()),
        Value::List(items) if items.len() == 1 => "[1 item]".to_owned(),
        Value::List(items) => format!("[{} items]", items.len()),
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let first = text.lines().next().unwrap_or_default();
            let shown = masked(node.nearest_key(), first).unwrap_or_else(|| first.to_owned());
            let more = text.lines().count().saturating_sub(1);
            if more > 0 { format!("{shown} … and {more} more lines") } else { shown }
        }
    };
    secrets.iter().fold(text, |text, secret| text.replace(&**secret, HIDDEN))
}

/// As text, under the name of each file.
pub(super) fn draw(structure: &Structure) -> String {
    let mut drawn = String::new();
    for (file, changes) in structure {
        drawn.push_str(&safe::line(file));
        drawn.push('\n');
        for Changed { path, old, new, renamed } in changes {
            let line = match (old, new, renamed) {
                (_, _, Some(to)) => format!("{path} is called {to} now"),
                (None, Some(new), _) if path.is_empty() => new.clone(),
                (Some(old), _, _) if path.is_empty() => old.clone(),
                (Some(old), Some(new), _) => format!("{path}: {old} -> {new}"),
                (Some(old), None, _) => format!("{path}: {old} is gone"),
                (None, Some(new), _) => format!("{path}: {new} is new"),
                (None, None, None) => continue,
            };
            let _ = writeln!(drawn, "  {}", safe::line(&line));
        }
    }
    drawn
}
