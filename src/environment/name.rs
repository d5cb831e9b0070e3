//! Names of the files that make up a layer.

use camino::Utf8Path;

/// Files with this ending belong to a layer.
pub fn is_yaml(name: &str) -> bool {
    matches!(Utf8Path::new(name).extension(), Some("yaml" | "yml"))
}

/// Whether a file in the folder of a layer is a part of it. One whose name begins with `_` or `.` is let alone: it can
/// be a layer of its own, where `extends` names it.
pub fn is_part(name: &str) -> bool {
    is_yaml(name) && !name.starts_with(['.', '_'])
}
