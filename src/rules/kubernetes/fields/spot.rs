//! What is at a place of an object, as the API server reads it, and how it is spoken of.

use crate::check::Node;
use crate::rules::kubernetes::words;
use crate::value::Value;

/// Not something that a tool fills in first: Argo CD, Flux, SOPS, plugins for secrets.
pub(in crate::rules) fn is_written(text: &str) -> bool {
    words::is_written(text) && !text.starts_with('<') && !text.starts_with("ENC[")
}

/// Null is absent to the API server.
pub(super) fn present<'a>(node: &Node<'a>, key: &str) -> Option<Node<'a>> {
    node.get(key).filter(|value| !matches!(value.value, Value::Null))
}

/// As [`present`], and for most fields an empty text is absent, too.
pub(super) fn get<'a>(node: &Node<'a>, key: &str) -> Option<Node<'a>> {
    present(node, key).filter(|value| value.text() != Some(""))
}

/// A value as the subject of a sentence.
pub(super) fn called(node: &Node<'_>) -> String {
    match (node.key(), node.nearest_key()) {
        (Some(key), _) => format!("`{key}`"),
        (None, Some(list)) => format!("an item of `{list}`"),
        (None, None) => "the object".to_owned(),
    }
}

pub(super) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
