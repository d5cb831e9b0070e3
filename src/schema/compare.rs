//! Values that environments are compared by: `x-platc-compare`.

use super::{Instance, Schema, Shape};
use crate::environment::{Content, Tree};
use crate::source::Span;
use crate::yaml::path::{Path, Step};

/// What `x-platc-compare` asks of a value in all environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Must {
    Match,
    Differ,
}

/// A value that has to be the same in every environment, or another.
#[derive(Clone, Debug)]
pub struct Compared {
    pub path: Path,
    pub must: Must,
    /// As JSON: what is the same there is the same value.
    pub value: String,
    /// Where it is set.
    pub span: Span,
}

impl Shape<'_> {
    /// What is asked of a value in all environments.
    pub fn compares(self) -> Option<Must> {
        self.nodes().find_map(|node| node.compare)
    }
}

impl Schema {
    /// The values of an environment that its schema compares with those of others.
    pub fn compared(&self, root: &Tree) -> Vec<Compared> {
        let mut found = Vec::new();
        if self.compares {
            walk(root, self.shape(), &mut Path::root(), &mut found);
        }
        found
    }
}

fn walk(tree: &Tree, shape: Shape<'_>, path: &mut Path, found: &mut Vec<Compared>) {
    if let Some(must) = shape.compares() {
        let value = tree.to_json().to_string();
        found.push(Compared { path: path.clone(), must, value, span: tree.origin.value });
        return;
    }
    match &tree.content {
        Content::Map(entries) => {
            for (key, below) in entries {
                path.push(Step::Key(key.clone()));
                walk(below, shape.property(key), path, found);
                path.pop();
            }
        }
        Content::List(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(Step::Index(at));
                walk(item, shape.item(), path, found);
                path.pop();
            }
        }
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::String(_) => {}
    }
}
