//! Where a value comes from: the place that set it, and every place it overrode.

use std::sync::Arc;

use super::patch::Kind;
use super::shape::Shape;
use super::{Origin, Tree};
use crate::source::{Sources, Span};
use crate::yaml::path::{Path, Step};

impl Tree {
    /// The places that had a say in this value: the one that set it, then those it overrode, the nearest layer first.
    pub fn history(&self) -> impl Iterator<Item = Origin> {
        std::iter::once(self.origin).chain(self.overrode.iter().copied())
    }

    /// The value at a path, if it leads to one.
    pub fn at(&self, path: &Path) -> Option<&Self> {
        path.steps().iter().try_fold(self, |tree, step| match step {
            Step::Key(key) => tree.get(key).map(|value| &**value),
            Step::Index(index) => tree.as_list()?.get(*index).map(|item| &**item),
            Step::Item(keys) => {
                let is_meant = |item: &&Arc<Self>| {
                    keys.iter().all(|(key, word)| item.get(key).is_some_and(|value| value.to_word() == *word))
                };
                tree.as_list()?.iter().find(is_meant).map(|item| &**item)
            }
        })
    }

    /// The same by what the schema says: an item that does not set one of its keys has its default.
    pub fn at_in<S: Shape>(&self, path: &Path, shape: S) -> Option<&Self> {
        let found = path.steps().iter().try_fold((self, shape), |(tree, shape), step| match step {
            Step::Key(key) => tree.get(key).map(|value| (&**value, shape.property(key))),
            Step::Index(index) => tree.as_list()?.get(*index).map(|item| (&**item, shape.item())),
            Step::Item(keys) => {
                let word = |item: &Self, key: &Arc<str>| match item.get(key) {
                    Some(value) => Some(value.to_word()),
                    None => shape.item().property(key).default_word(),
                };
                let is_meant = |item: &&Arc<Self>| keys.iter().all(|(key, own)| word(item, key).as_ref() == Some(own));
                tree.as_list()?.iter().find(is_meant).map(|item| (&**item, shape.item()))
            }
        });
        found.map(|(tree, _)| tree)
    }

    pub fn kind(&self) -> Kind {
        Kind::of(&self.content)
    }

    /// The place that set this value before any other layer did.
    pub fn first_set(&self) -> Origin {
        self.overrode.last().copied().unwrap_or(self.origin)
    }

    /// Lines for a message, one a place: `environments/prod/environment.yaml:4:12 sets it`, then what it overrides.
    pub fn describe(&self, sources: &Sources) -> Vec<String> {
        let last = self.overrode.len();
        let words = |index| match index {
            0 => "sets it",
            index if index == last => "set it first",
            _ => "set it before",
        };
        let lines = self.history().enumerate();
        lines.map(|(index, origin)| format!("{} {}", sources.locate(origin.value), words(index))).collect()
    }
}

impl Origin {
    /// What to underline: a single value itself; of a map or a list, which runs over many lines, its key.
    pub fn mark(self, kind: Kind) -> Span {
        match kind {
            Kind::Scalar => self.value,
            Kind::Map | Kind::List => self.key.unwrap_or(self.value),
        }
    }
}
