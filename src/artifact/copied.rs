//! [`Copied`]: a file of the project that is part of the tree as it lies there.

use std::sync::Arc;

use super::Bytes;
use crate::source::{FileId, Span};
use crate::value::Value;
use crate::yaml::path::Path;
use crate::yaml::{Content, Node};

/// Its bytes, and what they mean to those who read them. Environments share it.
#[derive(Debug)]
pub struct Copied {
    pub bytes: Bytes,
    /// The file, whose text has no byte order mark; of what is no text, an empty one.
    pub file: FileId,
    /// None if it is no text.
    pub text: Option<Arc<str>>,
    /// Its documents, if it is YAML or JSON of which it is known how it is read.
    pub values: Vec<Value>,
    /// What these were read from.
    pub nodes: Vec<Node>,
}

impl Copied {
    /// Where a value is written: its own text, if it is a scalar, or else its key; what is nearest to what is not there.
    pub fn span(&self, document: usize, path: &Path, key: bool) -> Option<Span> {
        let node = self.nodes.get(document)?;
        let (own, value) = node.along(path);
        let start = Span { end: value.span.start, ..value.span };
        Some(match (own, &value.content) {
            (Some(own), _) if key => own.span,
            (_, Content::Scalar { .. }) => value.span,
            (Some(own), _) => own.span,
            (None, _) => start,
        })
    }

    /// How many values it holds, and how many bytes.
    pub fn weight(&self) -> (usize, usize) {
        let nodes: usize = self.nodes.iter().map(Node::size).sum();
        (nodes.max(1), self.bytes.len())
    }
}
