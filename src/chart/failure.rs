//! Why a template can't be read or rendered, with the place.

use std::sync::Arc;

/// A failure of a render, at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: FailureKind,
    /// The places, the innermost first: where it fails, then which `include` led there.
    pub at: Vec<Place>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The text is no template.
    Syntax { message: String, help: Option<String> },
    /// It is one, but what it says can't be done.
    Execution { message: String, help: Option<String> },
    /// The chart itself refuses, by `fail` or `required`, in its own words.
    Refused(Arc<str>),
    /// More work or memory than is allowed.
    OverBudget,
}

/// A place in a template: which, and which bytes of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub template: Arc<str>,
    pub start: usize,
    pub end: usize,
    /// Counted from one; the column in characters.
    pub line: usize,
    pub column: usize,
}

/// A failure of a function, which does not know where it stands.
#[derive(Clone, Debug)]
pub(super) enum Failed {
    Because {
        message: String,
        help: Option<String>,
    },
    Refused(Arc<str>),
    OverBudget,
    /// Of a template within: it has its place already.
    Within(Box<Failure>),
}

impl Failed {
    pub(super) fn because(message: impl Into<String>) -> Self {
        Self::Because { message: message.into(), help: None }
    }
}
