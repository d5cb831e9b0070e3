//! The one line of the project's schema that names the schema of an application.

use std::sync::Arc;

use camino::Utf8Path;

use super::hand;
use crate::yaml::Node;
use crate::yaml::edit::{Draft, Editor, Refusal, spliced};
use crate::yaml::path::Step;

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
    let lines = format!("{}:\n  $ref: {}\n", hand::text(key), hand::text(reference));
    let editor = Editor::new(text, root);
    let splices = if let Some(properties) = root.get("properties") {
        if let Some(there) = properties.entry(key) {
            let named = there.value.get("$ref").and_then(Node::scalar);
            let is_ours = named.is_some_and(|it| **it == *reference);
            return Ok(if is_ours { Linked::Is } else { Linked::Taken });
        }
        let is_flow = text[properties.span.range()].starts_with('{');
        let draft = if is_flow { in_brackets(reference) } else { Draft::Lines(lines) };
        editor.insert_entry(&[step("properties")], None, key, &draft)?
    } else {
        let indented: String = lines.lines().map(|line| format!("  {line}\n")).collect();
        let draft = Draft::Lines(format!("properties:\n{indented}"));
        editor.insert_entry(&[], None, "properties", &draft)?
    };
    Ok(Linked::Put(spliced(text, &splices)))
}

/// The reference as it stands among others on a line.
fn in_brackets(reference: &str) -> Draft {
    Draft::Map(vec![(Arc::<str>::from("$ref"), Draft::Text { text: reference.into(), plain: true })])
}

/// The way from one file's folder to another file.
pub(in crate::adopt) fn reference(from: &Utf8Path, to: &Utf8Path) -> String {
    let folder = from.parent().unwrap_or(Utf8Path::new(""));
    to.strip_prefix(folder).unwrap_or(to).to_string()
}
