//! What a template is after it was read. It is shared between threads, so values are made of it anew for each render.

use std::sync::Arc;

use crate::chart::functions::Function;
use crate::chart::text::Text;

/// Bytes of a template's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::chart) struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }
}

/// A named piece: the whole text under its own name, or what a `define` or `block` says.
#[derive(Debug)]
pub(in crate::chart) struct Definition {
    pub name: Arc<str>,
    pub body: Vec<Node>,
    pub span: Span,
}

impl Definition {
    /// Whether there is nothing but space in it: such a one doesn't replace another.
    pub(in crate::chart) fn is_blank(&self) -> bool {
        self.body.iter().all(|node| matches!(&node.kind, NodeKind::Text(text) if is_blank(text)))
    }
}

fn is_blank(text: &Text) -> bool {
    text.str().trim().is_empty()
}

#[derive(Debug)]
pub(in crate::chart) struct Node {
    pub kind: NodeKind,
    pub span: Span,
}

#[derive(Debug)]
pub(in crate::chart) enum NodeKind {
    Text(Text),
    Action(Pipe),
    If { condition: Pipe, then: Vec<Node>, otherwise: Vec<Node> },
    With { subject: Pipe, then: Vec<Node>, otherwise: Vec<Node> },
    Range { over: Pipe, body: Vec<Node>, otherwise: Vec<Node> },
    Template { name: Arc<str>, dot: Option<Pipe> },
    Break,
    Continue,
}

/// Commands, each of which gets what the one before gave as its last argument.
#[derive(Debug)]
pub(in crate::chart) struct Pipe {
    pub variables: Vec<Variable>,
    /// `=` instead of `:=`.
    pub assigns: bool,
    pub commands: Vec<Command>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(in crate::chart) struct Variable {
    /// With its `$`.
    pub name: Arc<str>,
}

#[derive(Debug)]
pub(in crate::chart) struct Command {
    pub first: Expr,
    pub arguments: Vec<Expr>,
    pub span: Span,
}

#[derive(Debug)]
pub(in crate::chart) struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Debug)]
pub(in crate::chart) enum ExprKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    Text(Text),
    /// `.a.b`.
    Field(Vec<Arc<str>>),
    /// `$x.a.b`.
    Variable(Variable, Vec<Arc<str>>),
    Function(&'static Function),
    /// `(…).a.b`.
    Chain(Box<Expr>, Vec<Arc<str>>),
    Pipe(Box<Pipe>),
}

/// A number may be several kinds of number; which one is said by where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::chart) struct Number {
    pub int: Option<i64>,
    pub unsigned: Option<u64>,
    pub float: Option<f64>,
    /// Where nothing else says it, it is a float.
    pub looks_like_float: bool,
}
