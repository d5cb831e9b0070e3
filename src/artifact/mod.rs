//! What templates make: documents and texts, what they are for, and the bytes of their files.

mod bytes;
mod copied;
mod finish;
mod lines;
pub mod path;
mod target;
mod verify;

use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::source::Span;
use crate::value::Value;

pub use bytes::Bytes;
pub use copied::Copied;
pub use finish::{finish, order, order_document, says_made};
pub use lines::{Lines, Placed};
pub use target::Target;
pub use verify::verify;

/// What a template made, before it is written out.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Within the tree, with `/`.
    pub path: Utf8PathBuf,
    /// The template that made it, relative to the project.
    pub template: Arc<str>,
    /// Where the template says what it makes: its `output` line, or its first character. Collisions point there.
    pub place: Span,
    /// The target that the template names, if it names one.
    pub target: Option<Target>,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    /// `*.yaml`, `*.yml`, `*.json`: one document, or several of YAML in their order.
    Documents(Vec<Value>),
    /// Any other ending.
    Text(String),
    /// A file that is copied as it lies there.
    Copy(Arc<Copied>),
}

impl Body {
    /// What it holds for those who read YAML and JSON.
    pub fn documents(&self) -> &[Value] {
        match self {
            Self::Documents(documents) => documents,
            Self::Copy(copied) => &copied.values,
            Self::Text(_) => &[],
        }
    }
}

/// Whether a path is that of a file which is parsed and written in canonical form.
pub fn is_document(path: &str) -> bool {
    // Kustomize looks for its own file by this name, too.
    let is_kustomization = path.rsplit('/').next() == Some("Kustomization");
    is_kustomization || [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

/// One file of a tree, ready to be written.
#[derive(Clone, Debug)]
pub struct File {
    pub path: Utf8PathBuf,
    pub template: Arc<str>,
    pub place: Span,
    pub bytes: Bytes,
}
