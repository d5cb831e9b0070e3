//! What guards and functions have to say when they refuse, carried through the engine's errors in our own words.

use std::fmt;

use minijinja::{Error, ErrorKind};

use crate::finding::{Rule, codes};

/// A reason in our words; the place is the engine's to know.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) rule: &'static Rule,
    /// Empty if only the place can tell: what is undefined.
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Refusal {
    pub(super) fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self { rule, message: message.into(), help: None }
    }

    /// The most common one: an operator or a function that cannot work with what it is given.
    pub(super) fn operation(message: impl Into<String>) -> Self {
        Self::new(&codes::template::OPERATION, message)
    }

    pub(super) fn undefined() -> Self {
        Self::new(&codes::template::UNDEFINED, "")
    }

    /// A captured text with slots, about to be looked into.
    pub(super) fn captured() -> Self {
        Self::new(&codes::template::CAPTURED, "the text of a macro or of a `set` block can only be printed")
            .help("its values are put in after it is parsed: work on them before, or make a map in place of the macro, `{% set labels = {…} %}`, which functions and filters can take")
    }

    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Self::new(&codes::template::TOO_LARGE, message)
    }

    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The refusal that an error of the engine carries.
    pub(super) fn of(error: &Error) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(ErrorKind::InvalidOperation, refusal.message.clone()).with_source(refusal)
    }
}
