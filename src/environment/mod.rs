//! Environments: layers read with the schema's types ([`layer`]), merged ([`merge`]), every value with its history
//! ([`provenance`]).

pub mod acknowledge;
pub mod doubt;
pub mod draft;
pub mod edit;
pub mod elsewhere;
pub mod layer;
pub mod load;
pub mod lost;
pub mod merge;
pub mod name;
pub mod patch;
pub mod place;
pub mod provenance;
pub mod reads;
pub mod redundant;
pub mod rename;
pub mod secret;
pub mod set;
pub mod shape;
pub mod stack;
pub mod unfilled;
mod unreadable;

mod foreign;
mod read;
mod wording;

#[cfg(test)]
mod tests;

pub use wording::ADDS_NOTHING;

use std::sync::Arc;

use indexmap::IndexMap;

use crate::source::Span;
use crate::value::Number;

/// A value of an environment and where it comes from. Subtrees are shared between environments: merging copies only
/// the path from the root to what an overlay sets.
#[derive(Clone, Debug)]
pub struct Tree {
    pub content: Content,
    pub origin: Origin,
    /// What this value overrode, the nearest layer first.
    pub overrode: Vec<Origin>,
    /// `$patch: replace` stands here, and no layer below has what it would replace.
    pub replaces_nothing: bool,
}

#[derive(Clone, Debug)]
pub enum Content {
    /// Inside lists, and where the schema keeps it; under a key, `null` deletes elsewhere.
    Null,
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    List(Vec<Arc<Tree>>),
    Map(IndexMap<Arc<str>, Arc<Tree>>),
}

/// Where a value was set: its key and the value itself. The root and the items of a list have no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub key: Option<Span>,
    pub value: Span,
}

impl Tree {
    /// A value that overrode nothing.
    pub fn new(content: Content, origin: Origin) -> Self {
        Self { content, origin, overrode: Vec::new(), replaces_nothing: false }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.content, Content::Null)
    }

    pub fn as_map(&self) -> Option<&IndexMap<Arc<str>, Arc<Tree>>> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Arc<Tree>]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value under a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Arc<Tree>> {
        self.as_map()?.get(key)
    }

    /// Equal in value, digits and order of lists included; maps may differ in the order of their keys.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (&self.content, &other.content) {
            (Content::Null, Content::Null) => true,
            (Content::Bool(a), Content::Bool(b)) => a == b,
            // The digits of a float are what is written out.
            (Content::Number(a), Content::Number(b)) => a == b && a.to_string() == b.to_string(),
            (Content::String(a), Content::String(b)) => a == b,
            (Content::List(a), Content::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b) || a.is_same_as(b))
            }
            (Content::Map(a), Content::Map(b)) => {
                let same = |(key, a): (&Arc<str>, &Arc<Tree>)| b.get(key).is_some_and(|b| a.is_same_as(b));
                a.len() == b.len() && a.iter().all(same)
            }
            _ => false,
        }
    }
}
