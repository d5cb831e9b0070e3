//! Values of a document that `merge` turns into another kind: a map into a text, a list into a map.

use super::map::{Origins, Said};
use super::merge;
use crate::environment::patch::Kind;
use crate::finding::codes::merge::TYPE_CHANGE;
use crate::finding::{Finding, Rendered};
use crate::source::Span;
use crate::value::Value;
use crate::yaml::path::{Path, Step};

/// A value that is of another kind after the merge.
pub(super) struct Changed {
    path: Path,
    old: Kind,
    new: Kind,
}

/// All values of a document that are of another kind after the merge. One that is null, or an empty map or list, has
/// nothing that could be lost, and charts begin with such a value where they take several kinds. A function of
/// `CloudFormation` gives a value of any kind.
pub(super) fn changed(document: &Value, over: &Value) -> Vec<Changed> {
    let mut found = Vec::new();
    // Where one of the two is no map as a whole, that is told by itself.
    if let (Value::Map(_), Value::Map(_)) = (document, over) {
        walk(document, over, &mut Path::root(), &mut found);
    }
    found
}

fn walk(below: &Value, over: &Value, path: &mut Path, found: &mut Vec<Changed>) {
    let (Some(old), Some(new)) = (kind(below), kind(over)) else { return };
    if old != new {
        found.push(Changed { path: path.clone(), old, new });
    } else if let Value::Map(entries) = over {
        for (key, over) in entries {
            let Some(below) = below.get(key) else { continue };
            path.push(Step::Key(key.clone()));
            walk(below, over, path, found);
            path.pop();
        }
    }
}

fn kind(value: &Value) -> Option<Kind> {
    match value {
        Value::Null => None,
        Value::Map(entries) if merge::function(entries.iter().map(|(key, _)| &**key)).is_some() => None,
        Value::Map(entries) => (!entries.is_empty()).then_some(Kind::Map),
        Value::List(items) => (!items.is_empty()).then_some(Kind::List),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(Kind::Scalar),
    }
}

impl Changed {
    /// What to say of it, with what is known of the document before and after. `line` is where `merge` is said.
    pub(super) fn finding(&self, file: &str, line: Span, before: Option<&Origins>, after: Option<&Origins>) -> Finding {
        let Self { path, old, new } = self;
        let set = |said: &Said| match &said.source {
            Some(source) => source.tree.origin.mark(*new),
            None => said.template,
        };
        let primary = after.and_then(|origins| origins.at(path)).map_or(line, set);
        let message = format!("`merge` changes `{path}` of `{file}` from {old} to {new}");
        let mut finding = Finding::new(&TYPE_CHANGE, primary, message).label(format!("{new} here"));
        if let Some(said) = before.and_then(|origins| origins.at(path)) {
            finding = finding.also(said.key.unwrap_or(said.template), format!("{old} here"));
        }
        if primary != line {
            finding = finding.also(line, "merged here");
        }
        finding.subject = Some(format!("{file}: {path}"));
        finding.rendered = Some(Rendered { file: file.to_owned(), document: None, path: path.to_string() });
        finding.help("a merge can change a value, but not what kind of value it is; `null` removes the key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::testing::yaml;

    #[test]
    fn another_kind_is_told_where_there_was_something() {
        let cases = [
            ("{a: {b: 1}}", "{a: 3}", "a"),
            ("{a: {b: [1]}}", "{a: {b: x}}", "a.b"),
            ("{a: [1]}", "{a: {b: 1}}", "a"),
            ("{a: 1}", "{a: [1]}", "a"),
            (
                "{a: {}, b: [], c: null, d: 1, e: {f: 1}, g: [1]}",
                "{a: 1, b: {x: 1}, c: [1], d: x, e: null, g: [2]}",
                "",
            ),
            ("{a: {b: 1}}", "{a: {}, b: {c: 1}}", ""),
            ("{a: x, b: {Ref: P}, c: [1]}", "{a: {Ref: P}, b: text, c: {Fn::Split: [',', x]}}", ""),
            ("{a: x, b: 1}", "{a: {Ref: P, b: 1}, b: {Fn::Transform: {Name: x}}}", "a b"),
        ];
        for (document, over, told) in cases {
            let found = changed(&yaml(document), &yaml(over));
            let paths: Vec<_> = found.iter().map(|it| it.path.to_string()).collect();
            assert_eq!(paths.join(" "), told, "{over} over {document}");
        }
    }
}
