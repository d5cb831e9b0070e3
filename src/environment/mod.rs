//! Environments: layers read with the schema's types ([`layer`]), merged ([`merge`]), every value with its history
//! ([`provenance`]).

pub mod layer;
pub mod merge;
pub mod provenance;

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
}

#[derive(Clone, Debug)]
pub enum Content {
    /// Only inside lists; under a key, `null` deletes.
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
