//! What properties are judged by, wherever it comes from: an imported schema, or the built-in table.

use serde_json::Value as Json;

use crate::schema::Schema;

/// Schemas that refer to each other.
pub(super) trait Definitions {
    /// What a reference leads to.
    fn target(&self, reference: &str) -> Option<&Json>;

    /// Whether a text has what a pattern looks for; nothing where that is not certain. The steps that it takes are paid
    /// before.
    fn is_match(&self, pattern: &str, text: &str, pay: &mut dyn FnMut(u64) -> bool) -> Option<bool>;

    /// Whether a pattern may be about a key.
    fn is_about(&self, pattern: &str, key: &str, pay: &mut dyn FnMut(u64) -> bool) -> bool {
        self.is_match(pattern, key, pay).unwrap_or(true)
    }
}

impl Definitions for Schema {
    fn target(&self, reference: &str) -> Option<&Json> {
        Self::target(self, reference)
    }

    fn is_match(&self, pattern: &str, text: &str, pay: &mut dyn FnMut(u64) -> bool) -> Option<bool> {
        self.matches(pattern, text, pay)
    }

    fn is_about(&self, pattern: &str, key: &str, pay: &mut dyn FnMut(u64) -> bool) -> bool {
        Self::is_about(self, pattern, key, pay)
    }
}
