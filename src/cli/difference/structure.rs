//! Differences value by value: paths with what stood there and what stands there now. Items of lists are called by their names,
//! and what has another name and is otherwise the same was renamed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use camino::Utf8Path;
use serde::Serialize;

use crate::check::{Before, Document, Laid, Node, Standing, View};
use crate::diff::Files;
use crate::finding::render::safe;
use crate::impact::{Difference as Change, differences};
use crate::limits::Limits;
use crate::rules::{HIDDEN, is_secret_place, masked};
use crate::source::Sources;
use crate::value::Value;

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
        let renamed = renames(&changes);
        for (at, change) in changes.iter().enumerate() {
            if renamed.iter().any(|(_, to)| *to == at) {
                continue;
            }
            let Some(node) = change.old.or(change.new) else { continue };
            let to = renamed.iter().find(|(from, _)| *from == at).and_then(|(_, to)| changes[*to].new);
            let shown = |node: Option<Node<'_>>| node.map(|node| show(&node, secrets));
            let changed = match to {
                Some(to) => Changed { path: path(&node), old: None, new: None, renamed: Some(path(&to)) },
                None => Changed { path: path(&node), old: shown(change.old), new: shown(change.new), renamed: None },
            };
            found.push(changed);
        }
    }
    found
}

/// Values that went and came with the same content, below the same map.
fn renames(changes: &[Change<'_>]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (from, gone) in changes.iter().enumerate() {
        let (Some(old), None) = (gone.old, gone.new) else { continue };
        if !matches!(old.value, Value::Map(_) | Value::List(_)) {
            continue;
        }
        let is_it = |(to, come): &(usize, &Change<'_>)| {
            let above = |node: Node<'_>| node.parent().map(|it| it.path());
            come.old.is_none()
                && !found.iter().any(|(_, taken)| taken == to)
                && come.new.is_some_and(|new| new.value.is_same(old.value) && above(new) == above(old))
        };
        if let Some((to, _)) = changes.iter().enumerate().find(is_it) {
            found.push((from, to));
        }
    }
    found
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
            (None, Some(list), None) => {
                let at = list.items().iter().position(|it| it.is_at(&node)).unwrap_or_default();
                steps.push(format!("[{at}]"));
            }
            (None, None, _) => {}
        }
    }
    let path: String = steps.into_iter().rev().collect();
    path.trim_start_matches('.').to_owned()
}

/// A value on one line, without what must not be shown of it.
fn show(node: &Node<'_>, secrets: &[Arc<str>]) -> String {
    let root = std::iter::once(*node).chain(node.around()).last().unwrap_or(*node);
    let text = match node.value {
        _ if is_secret_place(root.value, &node.path()) => HIDDEN.to_owned(),
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
