//! Long texts that are the same everywhere: files of their own, which templates take in.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;

use crate::adopt::plan::{Entry, Plan, When};
use crate::value::Value;

/// Lines from which on a text is a file.
const LINES: usize = 12;

/// Moves the long texts of a `ConfigMap` into files below `folder`, which is relative to the templates.
pub(in crate::adopt) fn extract(plan: &mut Plan, folder: &str, files: &mut BTreeMap<String, String>) {
    open(plan);
    let Plan::Map(entries) = plan else { return };
    let is_config = entries.iter().any(|entry| {
        entry.key.as_deref() == Some("kind")
            && matches!(&entry.plan, Plan::Literal(kind) if kind.as_str() == Some("ConfigMap"))
    });
    let Some(data) = entries.iter_mut().find(|entry| entry.key.as_deref() == Some("data")).filter(|_| is_config) else {
        return;
    };
    open(&mut data.plan);
    let Plan::Map(entries) = &mut data.plan else { return };
    for Entry { key, plan, .. } in entries {
        let (Some(key), Plan::Literal(Value::String(text))) = (key, &*plan) else { continue };
        let path = format!("{folder}/{key}");
        if text.lines().count() < LINES || !is_name(key) || files.get(&path).is_some_and(|other| **other != **text) {
            continue;
        }
        files.insert(path.clone(), text.to_string());
        *plan = Plan::File(path);
    }
}

/// A map that is the same everywhere, entry by entry.
fn open(plan: &mut Plan) {
    let Plan::Literal(Value::Map(entries)) = plan else { return };
    if entries.is_empty() {
        return;
    }
    let one = |(key, value): &(Arc<str>, Value)| Entry {
        key: Some(Arc::clone(key)),
        when: When::Always,
        plan: Plan::Literal(value.clone()),
    };
    *plan = Plan::Map(entries.iter().map(one).collect());
}

/// Whether a key can be the name of a file that nobody takes for a template or leaves out.
fn is_name(key: &str) -> bool {
    let begins = key.starts_with(|char: char| char.is_ascii_alphanumeric());
    begins
        && key.chars().all(|char| char.is_ascii_alphanumeric() || "._-".contains(char))
        && Utf8Path::new(key).extension() != Some("j2")
}
