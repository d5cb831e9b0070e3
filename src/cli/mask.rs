//! What must not be shown: values that the schema calls secret, what the rules know for a secret, data of Secret objects.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::environment::load::Environment;
use crate::environment::{Content, Tree};
use crate::finding::Known;
use crate::rules::{HIDDEN, masked};
use crate::schema::{Schema, Shape, refers_to_secret};
use crate::template::Source;
use crate::value::Value;

/// The secrets of one environment.
#[derive(Debug, Default)]
pub(super) struct Mask {
    /// Where leaves lie in memory that must not be shown; the environment lives as long.
    nodes: BTreeSet<usize>,
    /// Their texts, for where they stand within others.
    known: Known,
}

impl Mask {
    pub(super) fn of(environment: &Environment, schema: &Schema) -> Self {
        let (mut mask, mut texts) = (Self::default(), BTreeSet::new());
        mask.walk(&environment.root, schema.shape(), None, false, &mut texts);
        mask.known = Known::of(&texts.into_iter().collect::<Vec<_>>());
        mask
    }

    fn walk(
        &mut self,
        tree: &Arc<Tree>,
        shape: Shape<'_>,
        key: Option<&str>,
        is_secret: bool,
        texts: &mut BTreeSet<Arc<str>>,
    ) {
        let is_secret = is_secret || shape.is_secret();
        match &tree.content {
            Content::Map(entries) => {
                let entries = entries.iter();
                entries.for_each(|(key, value)| self.walk(value, shape.property(key), Some(key), is_secret, texts));
            }
            Content::List(items) => items.iter().for_each(|item| self.walk(item, shape.item(), key, is_secret, texts)),
            Content::String(text) => {
                let known = masked(key, text);
                if (is_secret && !refers_to_secret(text)) || known.as_deref() == Some(HIDDEN) {
                    self.nodes.insert(Arc::as_ptr(tree).addr());
                    if text.len() >= SHORTEST {
                        texts.insert(Arc::clone(text));
                    }
                } else if known.is_some() {
                    self.nodes.insert(Arc::as_ptr(tree).addr());
                }
            }
            Content::Number(number) if is_secret || masked(key, &number.to_string()).is_some() => {
                self.nodes.insert(Arc::as_ptr(tree).addr());
            }
            Content::Bool(_) if is_secret => {
                self.nodes.insert(Arc::as_ptr(tree).addr());
            }
            Content::Null | Content::Number(_) | Content::Bool(_) => {}
        }
    }

    /// Whether a value of the environment must not be shown.
    pub(super) fn hides(&self, tree: &Arc<Tree>) -> bool {
        self.nodes.contains(&Arc::as_ptr(tree).addr())
    }

    /// A value without what must not be shown.
    pub(super) fn value(&self, tree: &Arc<Tree>) -> Value {
        if self.hides(tree) {
            let Content::String(text) = &tree.content else { return Value::String(HIDDEN.into()) };
            let shown = self.text(text);
            return Value::String(if *shown == **text { HIDDEN.into() } else { shown.into() });
        }
        match &tree.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(number) => Value::Number(number.clone()),
            // A secret may stand in another text, too.
            Content::String(text) => match self.text(text) {
                Cow::Borrowed(_) => Value::String(Arc::clone(text)),
                Cow::Owned(shown) => Value::String(shown.into()),
            },
            Content::List(items) => Value::List(items.iter().map(|item| self.value(item)).collect()),
            Content::Map(entries) => {
                Value::Map(entries.iter().map(|(key, below)| (Arc::clone(key), self.value(below))).collect())
            }
        }
    }

    /// Whether one of the values that something was made of must not be shown.
    pub(super) fn hides_any<'s>(&self, mut sources: impl Iterator<Item = &'s Source>) -> bool {
        sources.any(|source| self.holds(&source.tree))
    }

    /// Whether anything of a value must not be shown.
    pub(super) fn holds(&self, tree: &Arc<Tree>) -> bool {
        match &tree.content {
            _ if self.nodes.is_empty() => false,
            Content::Map(entries) => entries.values().any(|value| self.holds(value)),
            Content::List(items) => items.iter().any(|item| self.holds(item)),
            _ => self.hides(tree),
        }
    }

    /// A line or a text without the secrets in it.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut shown = masked(None, text).map_or(Cow::Borrowed(text), Cow::Owned);
        let places = self.known.places_in(&shown);
        if !places.is_empty() {
            let text = shown.to_mut();
            places.into_iter().rev().for_each(|place| text.replace_range(place, HIDDEN));
        }
        shown
    }
}

/// What is shorter is not looked for within other texts.
const SHORTEST: usize = 6;
