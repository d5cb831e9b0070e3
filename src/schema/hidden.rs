//! What a schema calls secret among the values of an environment: hidden from then on, in lines and in sentences.

use std::sync::Arc;

use super::{Schema, Shape, refers_to_secret};
use crate::environment::{Content, Tree};
use crate::source::Sources;

impl Schema {
    /// Hides the secrets of an environment that was read by another schema, such as that of before.
    pub fn hide_secrets(&self, root: &Arc<Tree>, sources: &Sources) {
        hide(root, self.shape(), false, sources);
    }
}

fn hide(tree: &Tree, shape: Shape<'_>, is_secret: bool, sources: &Sources) {
    let is_secret = is_secret || shape.is_secret();
    match &tree.content {
        Content::Map(entries) => {
            entries.iter().for_each(|(key, below)| hide(below, shape.property(key), is_secret, sources));
        }
        Content::List(items) => items.iter().for_each(|item| hide(item, shape.item(), is_secret, sources)),
        Content::String(text) if is_secret && !refers_to_secret(text) => sources.hide(tree.origin.value, text),
        Content::Number(_) | Content::Bool(_) if is_secret => {
            let span = tree.origin.value;
            sources.get(span.file).hide(span.range());
        }
        Content::Null | Content::String(_) | Content::Number(_) | Content::Bool(_) => {}
    }
}
