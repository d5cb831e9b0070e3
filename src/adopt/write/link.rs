//! The one line of the project's schema that names the schema of an application.

use std::sync::Arc;

use camino::Utf8Path;

use crate::yaml::edit::{Draft, Editor, Refusal, spliced};
use crate::yaml::path::Step;
use crate::yaml::Node;

/// What is there already.
pub(in crate::adopt) enum Linked {
    /// The text with the line in it.
    Put(String),
    /// It is there.
    Is,
    /// The key means something else, where it is written.
    Taken,
}

/// Puts the reference of `key` to a schema file into the project's schema.
pub(in crate::adopt) fn link(text: &str, root: &Node, key: &str, reference: &str) -> Result<Linked, Refusal> {
    let step = |name: &str| Step::Key(name.into());
    let word = |text: &str| Draft::Text { text: text.into(), plain: true };
    let draft = Draft::Map(vec![(Arc::<str>::from("$ref"), word(reference))]);
    let editor = Editor::new(text, root);
    let splices = match root.get("properties") {
        Some(properties) => {
            if let Some(there) = properties.entry(key) {
                let named = there.value.get("$ref").and_then(Node::scalar);
                return Ok(if named.is_some_and(|it| **it == *reference) { Linked::Is } else { Linked::Taken });
            }
            editor.insert_entry(&[step("properties")], None, key, &draft)?
        }
        None => {
            let properties = Draft::Map(vec![(key.into(), draft)]);
            editor.insert_entry(&[], None, "properties", &properties)?
        }
    };
    Ok(Linked::Put(spliced(text, &splices)))
}

/// The way from one file's folder to another file.
pub(in crate::adopt) fn reference(from: &Utf8Path, to: &Utf8Path) -> String {
    let folder = from.parent().unwrap_or(Utf8Path::new(""));
    to.strip_prefix(folder).unwrap_or(to).to_string()
}
