//! Texts that could not be made, and that no document speaks of: what is said of documents does not depend on them.

use camino::{Utf8Path, Utf8PathBuf};

use crate::artifact::{Artifact, Body};
use crate::source::Span;
use crate::value::Value;

/// What was made, with an empty text in the place of each that is missing. `None` where what it says could matter to others:
/// where a document names it, or in a Helm chart.
pub(super) fn with_texts(made: &[Artifact], missing: &[Utf8PathBuf], at: Span) -> Option<Vec<Artifact>> {
    let is_free = |path: &Utf8PathBuf| {
        let name = path.file_name().unwrap_or_default();
        let speaks = |artifact: &Artifact| {
            let chart = artifact.path.file_name() == Some("Chart.yaml");
            chart && artifact.path.parent().is_some_and(|folder| path.starts_with(folder))
                || artifact.body.documents().iter().any(|document| names(document, name))
        };
        !made.iter().any(speaks)
    };
    if !missing.iter().all(is_free) {
        return None;
    }
    let is_made = |path: &Utf8Path| made.iter().any(|artifact| artifact.path == path);
    let stand_in = |path: &Utf8PathBuf| Artifact {
        path: path.clone(),
        template: format!("{path}.j2").into(),
        place: at,
        target: None,
        body: Body::Text(String::new()),
    };
    let mut all = made.to_vec();
    all.extend(missing.iter().filter(|path| !is_made(path)).map(stand_in));
    all.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
    Some(all)
}

/// Whether a value holds a name, in a text or as a key.
fn names(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => text.contains(name),
        Value::List(items) => items.iter().any(|item| names(item, name)),
        Value::Map(entries) => entries.iter().any(|(key, value)| key.contains(name) || names(value, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
