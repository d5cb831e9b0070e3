//! How Kubernetes spells a property's name as a field of CEL: `foo-bar` is `self.foo__dash__bar`.

use std::sync::Arc;

/// Words that CEL keeps for itself; a field of such a name is written `__word__`.
pub(super) const RESERVED: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// The field of a property. Names that no expression can spell (`a b`) stay as they are and can be reached in
/// backquotes only.
pub(super) fn field(name: &str) -> Arc<str> {
    if RESERVED.contains(&name) {
        return format!("__{name}__").into();
    }
    if !has_signs(name) {
        return name.into();
    }
    let escaped = name.replace("__", "__underscores__").replace('.', "__dot__");
    escaped.replace('-', "__dash__").replace('/', "__slash__").into()
}

/// Whether a field of an expression is the property of this name. A word that CEL keeps for itself does behind a point
/// without being escaped: `self.namespace`.
pub(super) fn names(spelled: &str, property: &str) -> bool {
    if property == spelled {
        return !has_signs(property);
    }
    let is_escaped = || has_signs(property) || RESERVED.contains(&property);
    spelled.contains("__") && is_escaped() && *field(property) == *spelled
}

/// Whether a name holds what a field spells otherwise.
fn has_signs(name: &str) -> bool {
    name.bytes().any(|byte| matches!(byte, b'-' | b'.' | b'/')) || name.contains("__")
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, field, names};

    #[test]
    fn names_are_spelled_as_kubernetes_spells_them() {
        for (name, spelled) in [
            ("name", "name"),
            ("namespace", "__namespace__"),
            ("foo-bar", "foo__dash__bar"),
            ("a.b/c", "a__dot__b__slash__c"),
            ("my_field", "my_field"),
            ("x__y", "x__underscores__y"),
        ] {
            assert_eq!(&*field(name), spelled);
        }
    }

    #[test]
    fn a_field_names_what_is_spelled_so_and_words_behind_a_point() {
        let all = ["a", "in", "__in__", "a-b", "a__dash__b", "a__b", "a__underscores__b", "__a__", "a.b", "__", ""];
        for (spelled, property) in all.iter().flat_map(|spelled| all.map(|property| (*spelled, property))) {
            let is_so = *field(property) == *spelled || (property == spelled && RESERVED.contains(&property));
            assert_eq!(names(spelled, property), is_so, "{spelled} {property}");
        }
    }
}
