//! Names that are set in a loop and meant to last: each round begins with what there was before the loop, and what it
//! sets is gone with it.

use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, Call, CallArg, Expr, Stmt};

use super::extent;
use crate::finding::{Finding, codes};
use crate::source::Span;

/// Names that are set in a round of a loop and lost with it, though something reads them behind the loop, or that are
/// counted up.
pub(super) fn lost(root: &Stmt<'_>, text: &str, at: &dyn Fn(Range<usize>) -> Span) -> Vec<Finding> {
    if !text.contains("for ") || !text.contains("set ") {
        return Vec::new();
    }
    let mut walk = Walk { text, seen: Vec::new(), loops: Vec::new(), begun: 0, macros: 0 };
    walk.stmt(root);
    walk.lost(at)
}

/// What happens to a name, in the order of the text.
#[derive(Debug)]
struct Seen<'t> {
    /// Nothing for what may read any name.
    name: Option<&'t str>,
    what: What,
    /// The loops around the place, and the macro.
    loops: Vec<usize>,
    within: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    Read,
    /// By a loop, a macro, an import.
    Bound,
    /// Where its name stands, and whether it is what it was, and more.
    Set(Range<usize>, bool),
}

struct Walk<'t> {
    text: &'t str,
    seen: Vec<Seen<'t>>,
    loops: Vec<usize>,
    begun: usize,
    macros: usize,
}

impl<'t> Walk<'t> {
    fn lost(&self, at: &dyn Fn(Range<usize>) -> Span) -> Vec<Finding> {
        let told = self.seen.iter().enumerate().filter_map(|(index, set)| {
            let What::Set(range, counts) = &set.what else { return None };
            let (name, innermost) = (set.name?, set.loops.last()?);
            let behind = self.seen[index + 1..].iter().filter(|it| it.within == set.within);
            let of_it = || behind.clone().filter(|it| it.name.is_none_or(|it| it == name));
            let in_loop = |it: &&Seen<'_>| it.loops.contains(innermost);
            let is_used = of_it().take_while(in_loop).any(|it| it.what == What::Read);
            let next = of_it().filter(|it| it.name.is_some()).find(|it| !in_loop(it));
            let is_read_behind = next.is_some_and(|it| it.what == What::Read);
            let message = if *counts {
                format!("`{name}` is not counted up: what a round of the loop sets is gone with it")
            } else if is_read_behind && !is_used {
                format!("`{name}` is set in a round of the loop and gone with it, and read behind the loop")
            } else {
                return None;
            };
            let finding = Finding::new(&codes::template::NOT_ALLOWED, at(range.clone()), message);
            Some(finding.help(format!(
                "keep it in a namespace: `{{% set ns = namespace({name}=…) %}}` before the loop, `{{% set ns.{name} = … %}}` in it"
            )))
        });
        told.collect()
    }

    fn see(&mut self, name: Option<&'t str>, what: What) {
        self.seen.push(Seen { name, what, loops: self.loops.clone(), within: self.macros });
    }

    fn body(&mut self, body: &[Stmt<'t>]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt<'t>) {
        match stmt {
            Stmt::Template(node) => self.body(&node.children),
            Stmt::EmitExpr(node) => self.expr(&node.expr),
            Stmt::ForLoop(node) => {
                self.expr(&node.iter);
                self.loops.push(self.begun);
                self.begun += 1;
                self.bind(&node.target);
                node.filter_expr.iter().for_each(|filter| self.expr(filter));
                self.body(&node.body);
                self.loops.pop();
                self.body(&node.else_body);
            }
            Stmt::IfCond(node) => {
                self.expr(&node.expr);
                self.body(&node.true_body);
                self.body(&node.false_body);
            }
            Stmt::WithBlock(node) => {
                for (target, expr) in &node.assignments {
                    self.expr(expr);
                    self.bind(target);
                }
                self.body(&node.body);
            }
            Stmt::Set(node) => {
                self.expr(&node.expr);
                if let Expr::Var(var) = &node.target {
                    let what = What::Set(extent(&node.target, self.text), counts(&node.expr, var.id));
                    self.see(Some(var.id), what);
                } else {
                    self.bind(&node.target);
                }
            }
            Stmt::SetBlock(node) => {
                self.body(&node.body);
                if let Expr::Var(var) = &node.target {
                    self.see(Some(var.id), What::Set(extent(&node.target, self.text), false));
                }
            }
            Stmt::FilterBlock(node) => self.body(&node.body),
            Stmt::Macro(node) => {
                let (outer, loops) = (self.macros, std::mem::take(&mut self.loops));
                self.begun += 1;
                self.macros = self.begun;
                node.args.iter().for_each(|arg| self.bind(arg));
                self.body(&node.body);
                (self.macros, self.loops) = (outer, loops);
                // It may be called with what is set around it.
                self.see(None, What::Read);
            }
            Stmt::CallBlock(node) => {
                self.call(&node.call);
                self.see(None, What::Read);
                self.body(&node.macro_decl.body);
            }
            Stmt::Do(node) => self.call(&node.call),
            Stmt::Include(_) => self.see(None, What::Read),
            Stmt::Import(node) => self.bind(&node.name),
            Stmt::FromImport(node) => {
                node.names.iter().for_each(|(name, alias)| self.bind(alias.as_ref().unwrap_or(name)));
            }
            _ => {}
        }
    }

    fn bind(&mut self, target: &Expr<'t>) {
        match target {
            Expr::Var(var) => self.see(Some(var.id), What::Bound),
            Expr::List(list) => list.items.iter().for_each(|item| self.bind(item)),
            _ => {}
        }
    }

    fn call(&mut self, call: &Call<'t>) {
        match &call.expr {
            // What it takes in sees all names that are there.
            Expr::Var(var) if var.id == "text" => self.see(None, What::Read),
            expr => self.expr(expr),
        }
        self.args(&call.args);
    }

    fn args(&mut self, args: &[CallArg<'t>]) {
        for arg in args {
            let (CallArg::Pos(expr) | CallArg::Kwarg(_, expr) | CallArg::PosSplat(expr) | CallArg::KwargSplat(expr)) =
                arg;
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &Expr<'t>) {
        match expr {
            Expr::Var(var) => self.see(Some(var.id), What::Read),
            Expr::Const(_) => {}
            Expr::Slice(slice) => {
                self.expr(&slice.expr);
                [&slice.start, &slice.stop, &slice.step].into_iter().flatten().for_each(|bound| self.expr(bound));
            }
            Expr::UnaryOp(op) => self.expr(&op.expr),
            Expr::BinOp(op) => {
                self.expr(&op.left);
                self.expr(&op.right);
            }
            Expr::Compare(_) => self.see(None, What::Read),
            Expr::IfExpr(node) => {
                self.expr(&node.test_expr);
                self.expr(&node.true_expr);
                node.false_expr.iter().for_each(|expr| self.expr(expr));
            }
            Expr::Filter(filter) => {
                filter.expr.iter().for_each(|expr| self.expr(expr));
                self.args(&filter.args);
            }
            Expr::Test(test) => {
                self.expr(&test.expr);
                self.args(&test.args);
            }
            Expr::GetAttr(attr) => self.expr(&attr.expr),
            Expr::GetItem(item) => {
                self.expr(&item.expr);
                self.expr(&item.subscript_expr);
            }
            Expr::Call(call) => self.call(call),
            Expr::List(list) => list.items.iter().for_each(|item| self.expr(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expr(item)),
            Expr::Map(map) => map.keys.iter().chain(&map.values).for_each(|expr| self.expr(expr)),
        }
    }
}

/// Whether a name is set to what it was and the same more in every round: `x + 1`, `x + [item]`.
fn counts(expr: &Expr<'_>, name: &str) -> bool {
    let Expr::BinOp(op) = expr else { return false };
    let is_it = |expr: &Expr<'_>| matches!(expr, Expr::Var(var) if var.id == name);
    let is_more = |expr: &Expr<'_>| matches!(expr, Expr::Const(_) | Expr::List(_));
    matches!(op.op, BinOpKind::Add | BinOpKind::Sub)
        && (is_it(&op.left) && is_more(&op.right) || is_it(&op.right) && is_more(&op.left))
}
