//! YAML and JSON of other people, read as `kubectl` and Helm read it: YAML 1.1's words and numbers, merge keys, the last of two
//! equal keys, every number a float. What a key or value is of is known by its place in the text.

mod plain;
mod read;

use std::sync::Arc;

pub use read::{Bounds, Problem, Read, read, read_all};

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Where it begins in the text.
    pub at: u32,
    pub node: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Null,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    List(Vec<Tree>),
    /// In the order in which keys stand there first.
    Map(Vec<Entry>),
}

/// A number, and the digits by which programs write it that keep integers apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    Int(i64),
    UInt(u64),
    Float(f64),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: Arc<str>,
    /// Where the key begins.
    pub at: u32,
    pub value: Tree,
}

impl Number {
    /// What is left of it once it has been JSON.
    #[allow(clippy::cast_precision_loss, reason = "Go loses the same digits")]
    pub fn float(&self) -> f64 {
        match self {
            Self::Int(number) => *number as f64,
            Self::UInt(number) => *number as f64,
            Self::Float(number) => *number,
        }
    }
}

impl Tree {
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.node {
            Node::Map(entries) => entries.iter().find(|entry| &*entry.key == key),
            _ => None,
        }
    }

    /// A value below some keys.
    pub fn along<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Option<&Tree> {
        keys.into_iter().try_fold(self, |tree, key| tree.get(key))
    }

    pub fn text(&self) -> Option<&str> {
        match &self.node {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Tree] {
        match &self.node {
            Node::List(items) => items,
            _ => &[],
        }
    }

    pub fn entries(&self) -> &[Entry] {
        match &self.node {
            Node::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.node, Node::Null)
    }

    /// How many values there are.
    pub fn size(&self) -> usize {
        1 + match &self.node {
            Node::List(items) => items.iter().map(Self::size).sum(),
            Node::Map(entries) => entries.iter().map(|entry| entry.value.size()).sum(),
            _ => 0,
        }
    }
}
