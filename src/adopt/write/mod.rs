//! From plans to the files of a project.

pub(super) mod hand;
pub(super) mod layer;
pub(super) mod layout;
pub(super) mod link;
mod quote;
pub(super) mod schema;
pub(super) mod template;
pub(super) mod texts;
