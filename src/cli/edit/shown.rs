//! What an edit shows: the difference of the files, and values in words. No secret is shown.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::cli::session::Session;
use crate::diff::draw::{self, Sides};
use crate::diff::{self, FileDiff, Files};
use crate::environment::edit::{File, shape_at};
use crate::environment::{Content as Held, Tree};
use crate::finding::Findings;
use crate::rules::{HIDDEN, masked};
use crate::schema::{Instance, Shape, is_reference, refers_to_secret};
use crate::source::Sources;
use crate::yaml::edit::{Splice, spliced};
use crate::yaml::path::{Path, Step};
use crate::yaml::{Content, Node, read};

/// What stands for a secret.
const MASK: &str = "********";

/// Unchanged lines around each change.
const CONTEXT: usize = 3;

pub(super) struct Drawing<'a> {
    pub(super) session: &'a Session,
    pub(super) shape: Shape<'a>,
}

impl Drawing<'_> {
    pub(super) fn diffs(&self, files: &[&File]) -> Vec<FileDiff> {
        let texts: Vec<_> = files.iter().map(|file| (file.path.as_path(), self.sides(file))).collect();
        let old: Files<'_> = texts.iter().map(|(path, (old, _))| (*path, old.as_bytes())).collect();
        let new: Files<'_> = texts.iter().map(|(path, (_, new))| (*path, new.as_bytes())).collect();
        diff::compare(&old, &new, CONTEXT)
    }

    /// Both texts of a file without the secrets in them.
    fn sides(&self, file: &File) -> (String, String) {
        let Session { sources, limits, .. } = self.session;
        let old = sources.get(file.before).text().to_string();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        if let Some(root) = read::read(sources, file.before, limits, &mut Findings::default()) {
            secrets(&root, self.shape, false, &mut before);
        }
        secrets(&file.root, self.shape, false, &mut after);
        let known: BTreeSet<&str> = before.iter().filter_map(|range| old.get(range.clone())).collect();
        let mask = |text: &str, ranges: &[Range<usize>], new: bool| {
            let hide = |range: &Range<usize>| {
                let is_new = new && !known.contains(text.get(range.clone()).unwrap_or_default());
                Splice { range: range.clone(), text: format!("{MASK}{}", if is_new { " (new)" } else { "" }) }
            };
            spliced(text, &ranges.iter().map(hide).collect::<Vec<_>>())
        };
        (mask(&old, &before, false), mask(&file.text, &after, true))
    }
}

/// The difference as a text.
pub(super) fn text(diffs: &[FileDiff], colour: bool) -> String {
    draw::unified(diffs, &Sides { old: "a".to_owned(), new: "b".to_owned() }, colour)
}

/// The places of secrets in a file; what says where a secret is, is none.
fn secrets(node: &Node, shape: Shape<'_>, within: bool, found: &mut Vec<Range<usize>>) {
    let within = within || shape.is_secret();
    match &node.content {
        Content::Scalar { text, .. } => {
            if within && !text.is_empty() && !is_reference(&Json::String(text.to_string())) {
                found.push(node.span.range());
            }
        }
        Content::List(items) => items.iter().for_each(|item| secrets(item, shape.item(), within, found)),
        Content::Map(entries) => {
            let keys = entries.iter().map(|entry| (entry.key.text.to_string(), Json::Null)).collect();
            let refers = is_reference(&Json::Object(keys));
            for entry in entries {
                secrets(&entry.value, shape.property(&entry.key.text), within && !refers, found);
            }
        }
    }
}

/// The value at a path in words, short. `secret` if it is one, whatever it holds.
pub(super) fn word(root: &Tree, path: &Path, shape: Shape<'_>, secret: bool) -> String {
    const MOST: usize = 60;
    let Some(tree) = root.at_in(path, shape) else { return "not set".to_owned() };
    if secret {
        return "a secret".to_owned();
    }
    let key = path.steps().iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(&**key),
        Step::Index(_) | Step::Item(_) => None,
    });
    let json = without_secrets(tree, shape_at(shape, path.steps()), key, false);
    let text = match &json {
        Json::String(text) => text.clone(),
        Json::Object(map) if map.len() > 3 => return format!("a map of {} keys", map.len()),
        Json::Array(items) if items.len() > 6 => return format!("a list of {} items", items.len()),
        other => other.to_string(),
    };
    let cut: String = text.chars().take(MOST).collect();
    if cut.len() < text.len() { format!("`{cut}…`") } else { format!("`{text}`") }
}

/// A value with nothing of the secrets in it.
fn without_secrets(tree: &Tree, shape: Shape<'_>, key: Option<&str>, within: bool) -> Json {
    let within = within || shape.is_secret();
    match &tree.content {
        Held::Map(entries) => {
            let entries = entries.iter();
            let shown = |(key, value): (&Arc<str>, &Arc<Tree>)| {
                (key.to_string(), without_secrets(value, shape.property(key), Some(key), within))
            };
            Json::Object(entries.map(shown).collect())
        }
        Held::List(items) => {
            Json::Array(items.iter().map(|item| without_secrets(item, shape.item(), key, within)).collect())
        }
        Held::String(text) if within && refers_to_secret(text) => Json::String(text.to_string()),
        Held::Null => Json::Null,
        _ if within => Json::String(HIDDEN.to_owned()),
        Held::String(text) => Json::String(masked(key, text).unwrap_or_else(|| text.to_string())),
        Held::Number(number) if masked(key, &number.to_string()).is_some() => Json::String(HIDDEN.to_owned()),
        Held::Number(_) | Held::Bool(_) => tree.to_json(),
    }
}

/// The file and line that set a value.
pub(super) fn origin(tree: &Tree, sources: &Sources) -> String {
    let span = tree.origin.key.unwrap_or(tree.origin.value);
    let source = sources.get(span.file);
    format!("{}:{}", source.path(), source.position(span.start).line)
}
