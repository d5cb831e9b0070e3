//! The syntax of Go's `text/template`: from a text to definitions, or to what is wrong with it.

mod constant;
mod lexer;
mod parser;
mod tree;

pub(super) use constant::{parse_float, parse_unsigned};
pub(super) use parser::{Unreadable, parse};
pub(super) use tree::{Command, Definition, Expr, ExprKind, Node, NodeKind, Number, Pipe, Span, Variable};
