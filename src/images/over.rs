//! Values that objects of Argo CD lay over those of a chart in texts: `helm.values`, and parameters, which are `--set` to Helm.

use std::collections::BTreeMap;

use super::Part;
use crate::check::{Node, View};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::yaml::{self, read};

/// By the path of keys: `image.tag`. Parameters come last.
pub(super) fn of(helm: &Node<'_>, view: &View<'_>) -> BTreeMap<String, Part> {
    let mut over = BTreeMap::new();
    if let Some(node) = helm.get("values")
        && let Some(text) = node.text()
    {
        let file = view.artifact(&node.place()).place.file;
        let read = read::read_text(text, file, &Limits::default(), &mut Findings::default());
        if let Some(read) = read {
            add(&mut over, "", &read, &node, text);
        }
    }
    for parameter in helm.list(["parameters"]) {
        let name = parameter.text_at(["name"]);
        if let (Some(name), Some(part)) = (name, Part::at(parameter.get("value"))) {
            over.insert(name.to_owned(), part);
        }
    }
    over
}

/// Adds what stands in a text, at its place there.
fn add(over: &mut BTreeMap<String, Part>, path: &str, read: &yaml::Node, node: &Node<'_>, whole: &str) {
    match &read.content {
        yaml::Content::Map(entries) => {
            for entry in entries {
                // Helm's paths have keys with points in them otherwise.
                if entry.key.text.contains('.') {
                    continue;
                }
                let below =
                    if path.is_empty() { entry.key.text.to_string() } else { format!("{path}.{}", entry.key.text) };
                add(over, &below, &entry.value, node, whole);
            }
        }
        yaml::Content::Scalar { text, .. } if !text.is_empty() => {
            let range = read.span.range();
            let written = whole.get(range.clone()).unwrap_or_default();
            // Within its quotes.
            let start = written.find(&**text).map(|at| range.start + at);
            let range = start.map(|start| start..start + text.len());
            over.insert(path.to_owned(), Part::Set { text: text.to_string(), at: node.place(), range });
        }
        _ => {}
    }
}
