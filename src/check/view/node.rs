//! [`Node`]: a value of an artifact that knows where it stands.

use std::sync::Arc;

use crate::value::{Number, Value};
use crate::yaml::path::{Path, Step};

/// A place in an artifact of the environment that is looked at. It borrows nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub(in crate::check) artifact: usize,
    pub path: Path,
}

impl Place {
    /// The place of a key below this one, whether there is such a key or not.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self { artifact: self.artifact, path: self.path.key(key) }
    }
}

impl From<&Node<'_>> for Place {
    fn from(node: &Node<'_>) -> Self {
        node.place()
    }
}

impl From<Node<'_>> for Place {
    fn from(node: Node<'_>) -> Self {
        node.place()
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    artifact: usize,
    path: Path,
    pub value: &'a Value,
}

impl<'a> Node<'a> {
    pub(in crate::check) fn new(artifact: usize, value: &'a Value) -> Self {
        Self { artifact, path: Path::root(), value }
    }

    pub fn place(&self) -> Place {
        Place { artifact: self.artifact, path: self.path.clone() }
    }

    /// Within the document.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The value under a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        let Value::Map(entries) = self.value else { return None };
        let (key, value) = entries.iter().find(|(name, _)| &**name == key)?;
        Some(self.below(Step::Key(Arc::clone(key)), value))
    }

    /// The value at the end of some keys: `node.at(["spec", "template", "spec"])`.
    pub fn at<const N: usize>(&self, keys: [&str; N]) -> Option<Node<'a>> {
        keys.into_iter().try_fold(self.clone(), |node, key| node.get(key))
    }

    /// The value at the end of keys joined by points: `node.along("spec.template.spec")`.
    pub fn along(&self, keys: &str) -> Option<Node<'a>> {
        keys.split('.').try_fold(self.clone(), |node, key| node.get(key))
    }

    /// The text at the end of some keys.
    pub fn text_at<const N: usize>(&self, keys: [&str; N]) -> Option<&'a str> {
        self.at(keys)?.value.as_str()
    }

    /// The text, if this is one.
    pub fn text(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// The whole number, if this is one.
    pub fn integer(&self) -> Option<i64> {
        match self.value {
            Value::Number(Number::Int(number)) => Some(*number),
            _ => None,
        }
    }

    /// Whether this is `true`, or `false`.
    pub fn boolean(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of a list; nothing of anything else.
    pub fn items(&self) -> Vec<Node<'a>> {
        let Value::List(items) = self.value else { return Vec::new() };
        items.iter().enumerate().map(|(at, item)| self.below(Step::Index(at), item)).collect()
    }

    /// The entries of a map; nothing of anything else.
    pub fn entries(&self) -> Vec<(&'a str, Node<'a>)> {
        let Value::Map(entries) = self.value else { return Vec::new() };
        entries.iter().map(|(key, value)| (&**key, self.below(Step::Key(Arc::clone(key)), value))).collect()
    }

    /// The items of a list, or the one value that may stand instead of it.
    pub fn one_or_more(&self) -> Vec<Node<'a>> {
        if matches!(self.value, Value::List(_)) { self.items() } else { vec![self.clone()] }
    }

    /// Shows this value and all below it, in the order of the document.
    pub fn walk(&self, look: &mut impl FnMut(&Node<'a>)) {
        walk(&mut self.clone(), look);
    }

    fn below(&self, step: Step, value: &'a Value) -> Node<'a> {
        Node { artifact: self.artifact, path: self.path.join(step), value }
    }
}

/// One path serves the whole walk.
fn walk<'a>(node: &mut Node<'a>, look: &mut impl FnMut(&Node<'a>)) {
    look(node);
    let value = node.value;
    let mut visit = |step, below: &'a Value| {
        node.path.push(step);
        node.value = below;
        walk(node, look);
        node.path.pop();
    };
    match value {
        Value::List(items) => items.iter().enumerate().for_each(|(at, item)| visit(Step::Index(at), item)),
        Value::Map(entries) => entries.iter().for_each(|(key, below)| visit(Step::Key(Arc::clone(key)), below)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    node.value = value;
}
