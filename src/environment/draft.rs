//! [`Draft`]s of values: what was typed, or what another environment holds, as it is to be written into a layer.

use std::sync::Arc;

use super::shape::Shape;
use super::{Content, Tree};
use crate::yaml::edit::Draft;
use crate::yaml::path::Step;
use crate::yaml::scalar::{self, Scalar};
use crate::yaml::{self, Entry, Node, Style};

/// The step to an item by its keys; nothing if it lacks one.
pub(super) fn named<S: Shape>(item: &Draft, keys: &[Arc<str>], shape: S) -> Option<Step> {
    let Draft::Map(entries) = item else { return None };
    let mut found = Vec::new();
    for key in keys {
        let own = entries.iter().find(|(name, _)| name == key).map(|(_, value)| value);
        let word = match own {
            Some(Draft::Word(text) | Draft::Text { text, .. }) => Arc::clone(text),
            Some(_) => return None,
            None => shape.property(key).default_word()?,
        };
        found.push((Arc::clone(key), word));
    }
    Some(Step::Item(found))
}

/// A value with all that a path leads through around it, from a place of this shape on.
pub(super) fn around<S: Shape>(path: &[Step], draft: &Draft, shape: S) -> Draft {
    let Some((step, rest)) = path.split_first() else { return draft.clone() };
    match step {
        Step::Key(key) => Draft::Map(vec![(Arc::clone(key), around(rest, draft, shape.property(key)))]),
        Step::Index(_) => Draft::List(vec![around(rest, draft, shape.item())]),
        Step::Item(named) => match around(rest, draft, shape.item()) {
            Draft::Map(more) => {
                let own = |key: &Arc<str>| more.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
                let word = |(key, word): &(Arc<str>, Arc<str>)| {
                    let value = own(key).unwrap_or_else(|| key_draft(word, shape.item().property(key)));
                    (Arc::clone(key), value)
                };
                let mut entries: Vec<_> = named.iter().map(word).collect();
                entries.extend(more.iter().filter(|(key, _)| !named.iter().any(|(name, _)| name == key)).cloned());
                Draft::List(vec![Draft::Map(entries)])
            }
            other => Draft::List(vec![other]),
        },
    }
}

/// A key of an item, which paths have as a text, as it is to be written: `port: 80` where the schema wants a number.
fn key_draft<S: Shape>(word: &Arc<str>, shape: S) -> Draft {
    match scalar::resolve(word, Style::Plain, shape.types()) {
        Ok(Scalar::Bool(_) | Scalar::Number(_)) => Draft::Word(Arc::clone(word)),
        Ok(Scalar::String | Scalar::Null) | Err(_) => text_draft(word, shape),
    }
}

pub(super) fn is_word(draft: &Draft) -> bool {
    matches!(draft, Draft::Word(_) | Draft::Text { .. })
}

pub(super) fn has(items: &[Draft], node: &Node) -> bool {
    items.iter().any(|item| is_same(item, node))
}

/// Whether a value stands in a file as it would be written.
pub(super) fn is_same(draft: &Draft, node: &Node) -> bool {
    match (draft, &node.content) {
        (Draft::Word(word), yaml::Content::Scalar { text, style: Style::Plain }) => word == text,
        (Draft::Text { text, plain }, yaml::Content::Scalar { text: old, style }) => {
            text == old && (*plain || *style != Style::Plain)
        }
        (Draft::List(items), yaml::Content::List(old)) => {
            items.len() == old.len() && items.iter().zip(old).all(|(item, old)| is_same(item, old))
        }
        (Draft::Map(entries), yaml::Content::Map(old)) => {
            let same =
                |((key, value), old): (&(Arc<str>, Draft), &Entry)| *key == old.key.text && is_same(value, &old.value);
            entries.len() == old.len() && entries.iter().zip(old).all(same)
        }
        _ => false,
    }
}

/// What was typed, as it is to be written at a place.
pub fn draft_of<S: Shape>(node: &Node, shape: S) -> Draft {
    match &node.content {
        yaml::Content::Scalar { text, style } => match scalar::resolve(text, *style, shape.types()) {
            Ok(Scalar::String) | Err(_) => text_draft(text, shape),
            Ok(Scalar::Null | Scalar::Bool(_) | Scalar::Number(_)) => Draft::Word(Arc::clone(text)),
        },
        yaml::Content::List(items) => Draft::List(items.iter().map(|item| draft_of(item, shape.item())).collect()),
        yaml::Content::Map(entries) => {
            let entry = |entry: &Entry| {
                let key = &entry.key.text;
                (Arc::clone(key), draft_of(&entry.value, shape.property(key)))
            };
            Draft::Map(entries.iter().map(entry).collect())
        }
    }
}

/// A merged value, as it is to be written at a place.
pub fn draft_of_tree<S: Shape>(tree: &Tree, shape: S) -> Draft {
    match &tree.content {
        Content::Null => Draft::Word("null".into()),
        Content::Bool(value) => Draft::Word(if *value { "true" } else { "false" }.into()),
        Content::Number(number) => Draft::Word(number.to_string().into()),
        Content::String(text) => text_draft(text, shape),
        Content::List(items) => Draft::List(items.iter().map(|item| draft_of_tree(item, shape.item())).collect()),
        Content::Map(entries) => {
            let entry =
                |(key, value): (&Arc<str>, &Arc<Tree>)| (Arc::clone(key), draft_of_tree(value, shape.property(key)));
            Draft::Map(entries.iter().map(entry).collect())
        }
    }
}

fn text_draft<S: Shape>(text: &Arc<str>, shape: S) -> Draft {
    let plain = matches!(scalar::resolve(text, Style::Plain, shape.types()), Ok(Scalar::String));
    Draft::Text { text: Arc::clone(text), plain }
}
