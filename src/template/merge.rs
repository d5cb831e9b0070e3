//! `merge` in front matter: a map of the environment laid over the finished document, and what the schema says of the
//! path that names it.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::machinery::ast::Expr;
use minijinja::value::{Value as Engine, ValueKind};

use super::front_matter::Line;
use super::slot::Slot;
use super::{Template, Templates, context};
use crate::environment::Tree;
use crate::environment::patch::Kind;
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, Findings, codes};
use crate::schema::Shape;
use crate::value::Value;

/// Lays a value over another: maps merge, keys that are new stand behind the old ones, anything else replaces, and so does a
/// function of `CloudFormation` that meets another one. A null deletes the key that it meets; where it meets none it stays,
/// since a later reader may merge again, as Helm does.
pub(super) fn merged(base: Value, over: Value) -> Value {
    let (base, over) = match (base, over) {
        (Value::Map(base), Value::Map(over)) if !are_functions(names(&base), names(&over)) => (base, over),
        (_, over) => return over,
    };
    let mut over: IndexMap<Arc<str>, Option<Value>> = over.into_iter().map(|(key, value)| (key, Some(value))).collect();
    let mut entries = Vec::with_capacity(base.len() + over.len());
    for (key, below) in base {
        match over.get_mut(&key).and_then(Option::take) {
            None => entries.push((key, below)),
            Some(Value::Null) => {}
            Some(value) => entries.push((key, merged(below, value))),
        }
    }
    entries.extend(over.into_iter().filter_map(|(key, value)| Some((key, value?))));
    Value::Map(entries)
}

fn names(entries: &[(Arc<str>, Value)]) -> impl Iterator<Item = &str> {
    entries.iter().map(|(key, _)| &**key)
}

/// Whether maps with these keys are two functions, `Ref` and `Fn::ImportValue`, each a value as a whole.
pub(super) fn are_functions<'a>(below: impl Iterator<Item = &'a str>, over: impl Iterator<Item = &'a str>) -> bool {
    let (below, over) = (function(below), function(over));
    below.is_some() && over.is_some() && below != over
}

/// The name of the function that a map with these keys is. A transform may stand beside others.
pub(super) fn function<'a>(mut keys: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let key = keys.next().filter(|_| keys.next().is_none())?;
    (key == "Ref" || key.starts_with("Fn::") && key != "Fn::Transform" && !key.starts_with("Fn::ForEach"))
        .then_some(key)
}

/// Maps of the environment that say `$patch: replace`, and would merge with one of the document all the same.
pub(super) fn swallowed(document: &Value, over: &Slot) -> Vec<Finding> {
    let mut found = Vec::new();
    match over {
        Slot::Tree(tree) => swallowed_in_tree(document, tree, &mut found),
        Slot::Made(value) => swallowed_in_made(document, value, &mut found),
        Slot::Scalar(_) | Slot::Captured(_) => {}
    }
    found
}

fn swallowed_in_tree(below: &Value, over: &Tree, found: &mut Vec<Finding>) {
    let (Value::Map(_), Some(entries)) = (below, over.as_map()) else { return };
    if over.replaces_nothing {
        let message = "`$patch: replace` is for layers, and no layer below sets this map";
        found.push(
            Finding::new(&codes::merge::BAD_PATCH, over.origin.mark(Kind::Map), message)
                .label("`merge` in front matter lays this over a map of the template, key by key")
                .help(
                    "remove `$patch`, and set each key that is to go to null (`x-platc-keep-null: true` in the schema)",
                ),
        );
        return;
    }
    let below = by_key(below);
    for (key, over) in entries {
        if let Some(below) = below.get(&**key) {
            swallowed_in_tree(below, over, found);
        }
    }
}

/// The same of a map that an expression makes.
fn swallowed_in_made(below: &Value, over: &Engine, found: &mut Vec<Finding>) {
    if let Some(tree) = context::tree(over) {
        return swallowed_in_tree(below, tree, found);
    }
    let Some(object) = over.as_object().filter(|_| over.kind() == ValueKind::Map) else { return };
    let below = by_key(below);
    for (key, over) in object.try_iter_pairs().into_iter().flatten() {
        if let Some(below) = key.as_str().and_then(|key| below.get(key)) {
            swallowed_in_made(below, &over, found);
        }
    }
}

/// The entries of a map. Looking each up in it would take as long as both maps together are large, squared.
fn by_key(map: &Value) -> BTreeMap<&str, &Value> {
    let Value::Map(entries) = map else { return BTreeMap::new() };
    entries.iter().map(|(key, value)| (&**key, value)).collect()
}

impl Templates {
    /// Finds each `merge` that names a key which the schema refuses. The last key of its path may be missing in an
    /// environment, so that a misspelt one would never be seen when it is rendered.
    pub fn check_merges(&self, schema: Shape<'_>, findings: &mut Findings) {
        for template in self {
            template.check_merge(schema, findings);
        }
    }
}

impl Template {
    fn check_merge(&self, schema: Shape<'_>, findings: &mut Findings) {
        let Some(line) = &self.front.merge else { return };
        let loops = self.front.for_each.as_ref().and_then(|for_each| {
            let list = path(&for_each.expression.text)?;
            let over = list.iter().try_fold(schema, |shape, key| step(shape, key))?;
            // Which key of a map it is, is not known: what the schema says of all keys holds.
            let each = if for_each.names.len() == 1 { over.item() } else { over.property("") };
            Some((for_each.names.last()?, each))
        });
        let Some(keys) = path(&line.text) else { return };
        let (mut shape, mut rest, mut before) = (schema, &keys[..], String::new());
        if let Some(first) = keys.first()
            && self.front.for_each.iter().any(|for_each| for_each.names.contains(first))
        {
            let Some((_, each)) = loops.filter(|(name, _)| *name == first) else { return };
            (shape, rest, before) = (each, &keys[1..], first.to_string());
        }
        for key in rest {
            let Some(below) = step(shape, key) else {
                findings.push(unknown(line, shape, &before, key));
                return;
            };
            before = if before.is_empty() { key.to_string() } else { format!("{before}.{key}") };
            shape = below;
        }
    }
}

fn step<'a>(shape: Shape<'a>, key: &str) -> Option<Shape<'a>> {
    (!shape.refuses(key)).then(|| shape.property(key))
}

fn unknown(line: &Line, shape: Shape<'_>, before: &str, key: &str) -> Finding {
    let message = match before {
        "" => format!("the schema allows no key `{key}`"),
        _ => format!("the schema allows no key `{key}` in `{before}`"),
    };
    let finding = Finding::new(&codes::template::UNDEFINED, line.span, message);
    let known = did_you_mean(key, shape.known_keys().map(|key| &**key));
    finding.help(known.unwrap_or_else(|| "no environment can set what `merge` names here".to_owned()))
}

/// The keys of an expression that is a plain path, `a.b["c"]`.
fn path(expression: &str) -> Option<Vec<Arc<str>>> {
    fn walk(expr: &Expr<'_>, keys: &mut Vec<Arc<str>>) -> Option<()> {
        match expr {
            Expr::Var(var) => keys.push(var.id.into()),
            Expr::GetAttr(attr) => {
                walk(&attr.expr, keys)?;
                keys.push(attr.name.into());
            }
            Expr::GetItem(item) => {
                walk(&item.expr, keys)?;
                let Expr::Const(key) = &item.subscript_expr else { return None };
                keys.push(key.value.as_str().filter(|_| key.value.kind() == ValueKind::String)?.into());
            }
            _ => return None,
        }
        Some(())
    }
    let expr = minijinja::machinery::parse_expr(expression).ok()?;
    let mut keys = Vec::new();
    walk(&expr, &mut keys)?;
    Some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Content;
    use crate::source::Sources;
    use crate::template::testing::{tree, yaml};

    #[test]
    fn maps_merge_and_anything_else_replaces() {
        let cases = [
            ("{a: 1, b: {c: 1, d: 2}}", "{b: {d: 3, e: 4}, f: 5}", "{a: 1, b: {c: 1, d: 3, e: 4}, f: 5}"),
            ("{a: [1, 2], b: {c: 1}}", "{a: [3], b: x}", "{a: [3], b: x}"),
            ("{a: x}", "{a: {b: 1}}", "{a: {b: 1}}"),
            ("{}", "{a: 1}", "{a: 1}"),
            ("{a: {Ref: P}}", "{a: {Fn::ImportValue: x}}", "{a: {Fn::ImportValue: x}}"),
            ("{a: {Ref: P}}", "{a: {Ref: Q}}", "{a: {Ref: Q}}"),
            ("{a: {Ref: P, b: 1}}", "{a: {Fn::Sub: x}}", "{a: {Ref: P, b: 1, Fn::Sub: x}}"),
            ("{a: {Fn::Transform: {Name: x}}}", "{a: {Ref: P}}", "{a: {Fn::Transform: {Name: x}, Ref: P}}"),
        ];
        for (base, over, wanted) in cases {
            assert_eq!(merged(yaml(base), yaml(over)), yaml(wanted), "{over} over {base}");
        }
    }

    #[test]
    fn null_deletes_what_it_meets_and_stays_where_it_meets_nothing() {
        assert_eq!(merged(yaml("{a: 1, b: {c: 1, d: 1}}"), yaml("{a: null, b: {c: null}}")), yaml("{b: {d: 1}}"));
        assert_eq!(merged(yaml("{a: 1}"), yaml("{b: null, c: {d: null}}")), yaml("{a: 1, b: null, c: {d: null}}"));
    }

    #[test]
    fn paths_are_read_from_expressions() {
        let keys = |text| path(text).map(|keys| keys.join("/"));
        assert_eq!(keys("a.b['c-d']").as_deref(), Some("a/b/c-d"));
        assert_eq!(keys("a.b[0]"), None);
        assert_eq!(keys("merge(a, b)"), None);
    }

    #[test]
    fn a_map_that_says_replace_and_would_merge_is_told() {
        let sources = Sources::default();
        let mut over = tree(&sources, "b: {c: {d: 1}}\n");
        let told = |over: &Arc<Tree>| {
            let documents = ["{b: {c: {e: 1}}}", "{b: {c: 1}}", "{a: 1}"];
            documents.map(|document| swallowed(&yaml(document), &Slot::Tree(Arc::clone(over))).len())
        };
        assert_eq!(told(&over), [0, 0, 0]);
        let Content::Map(entries) = &mut Arc::make_mut(&mut over).content else { panic!() };
        let Content::Map(entries) = &mut Arc::make_mut(&mut entries["b"]).content else { panic!() };
        Arc::make_mut(&mut entries["c"]).replaces_nothing = true;
        assert_eq!(told(&over), [1, 0, 0]);
    }
}
