//! What a template compares: a value by its name, with what is written out.

use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, Expr};
use minijinja::value::ValueKind;

/// A comparison of a value that has a name with one that is written out, or with several of them.
#[derive(Clone, Debug)]
pub(in crate::template) struct Compared {
    /// The keys that lead to the value.
    pub(in crate::template) path: Vec<String>,
    pub(in crate::template) with: Vec<(Written, Range<usize>)>,
}

/// What is written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::template) enum Written {
    Text(String),
    Number,
    Bool,
}

/// The comparison that an operator makes, if it is one.
pub(super) fn of(op: BinOpKind, left: &Expr<'_>, right: &Expr<'_>) -> Option<Compared> {
    let (value, other) = match op {
        BinOpKind::Eq | BinOpKind::Ne => match written(right) {
            Some(with) => (left, vec![with]),
            None => (right, vec![written(left)?]),
        },
        BinOpKind::In => match right {
            Expr::List(list) => (left, list.items.iter().map(written).collect::<Option<_>>()?),
            _ => return None,
        },
        _ => return None,
    };
    Some(Compared { path: path(value)?, with: other })
}

fn written(expr: &Expr<'_>) -> Option<(Written, Range<usize>)> {
    let Expr::Const(constant) = expr else { return None };
    let written = match constant.value.kind() {
        ValueKind::String => Written::Text(constant.value.as_str()?.to_owned()),
        ValueKind::Number => Written::Number,
        ValueKind::Bool => Written::Bool,
        _ => return None,
    };
    let span = constant.span();
    Some((written, span.start_offset as usize..span.end_offset as usize))
}

/// `settings.LOG_LEVEL`, `settings["LOG_LEVEL"]`.
fn path(expr: &Expr<'_>) -> Option<Vec<String>> {
    let (before, key) = match expr {
        Expr::Var(var) => return Some(vec![var.id.to_owned()]),
        Expr::GetAttr(attr) => (&attr.expr, attr.name.to_owned()),
        Expr::GetItem(item) => match &item.subscript_expr {
            Expr::Const(constant) => (&item.expr, constant.value.as_str()?.to_owned()),
            _ => return None,
        },
        _ => return None,
    };
    let mut path = path(before)?;
    path.push(key);
    Some(path)
}
