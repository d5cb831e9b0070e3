//! How values and decisions flow through a template, as its syntax tree tells it: which expressions make or choose a value,
//! which tags decide what stands below them, which names are set where it depends. A marked render joins it with what it
//! reads: see [`super::lineage`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use minijinja::machinery;
use minijinja::machinery::ast::{BinOpKind, Call, CallArg, Expr, Spanned, Stmt, UnaryOpKind};

use super::check::{extent, extent_of_call, sign};
use super::layout::{self, Kind};
use super::{engine, whitespace};

/// What a marked render has to watch in one template.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// In an order in which an expression follows those within it.
    pub(super) watched: Vec<(Range<usize>, Watch)>,
    pub(super) decisions: Vec<Decision>,
    /// What `{% filter %}` does with the text below it.
    pub(super) filters: Vec<Range<usize>>,
}

/// What is asked of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// It makes a value by an operator, or gets one from a function, which names itself.
    Made(&'static str),
    /// A name that is set where it depends on something: the decisions are in its value.
    Named(String),
    /// It is looked at, and passed on.
    Looked,
    /// It chooses between values.
    Chooses,
    /// It decides whether what is below it stands; for `elif`, together with the `if` at this place.
    If(usize),
    /// A loop goes over it.
    For(usize),
    /// It decides which items a loop takes, or what a loop goes over within itself.
    OfLoop(usize),
}

/// An `if` or a `for`, with its branches.
#[derive(Debug, Default)]
pub(super) struct Decision {
    /// Where its tag stands.
    pub(super) tag: Range<usize>,
    /// Where each of its branches begins.
    pub(super) begins: Vec<usize>,
    /// What follows its end.
    pub(super) ends: Option<usize>,
    /// The names that are set within it.
    pub(super) sets: BTreeSet<String>,
    /// The loop that it can leave.
    pub(super) leaves: Option<usize>,
}

/// Reads it out of a template, which is sound.
pub(super) fn of(name: &str, text: &str) -> Flow {
    let (stretches, _) = layout::stretches(text, &mut ());
    let Ok(root) = machinery::parse(text, "template", engine::syntax()) else { return Flow::default() };
    let taken = whitespace::control(text, &stretches, whitespace::has_margins(name)).taken;
    let mut walk = Walk { text, flow: Flow::default(), tags: Vec::new(), within: Vec::new(), loops: Vec::new() };
    walk.branches(&stretches, &taken);
    walk.depends(&root);
    walk.stmt(&root);
    walk.flow
}

struct Walk<'a> {
    text: &'a str,
    flow: Flow,
    /// Tags that decide, and the decision that each belongs to.
    tags: Vec<(Range<usize>, usize)>,
    /// Decisions around the place.
    within: Vec<usize>,
    loops: Vec<usize>,
}

impl Walk<'_> {
    /// Finds where the branches of each decision begin and end.
    fn branches(&mut self, stretches: &[layout::Stretch<'_>], taken: &[Range<usize>]) {
        let behind = |tag: &Range<usize>| {
            let end = taken.iter().find(|taken| taken.start == tag.end).map_or(tag.end, |taken| taken.end);
            // Blanks that the tag takes away must not be kept by what is put before them.
            let blanks = if self.text[..tag.end].ends_with("-%}") {
                self.text[end..].len() - self.text[end..].trim_start().len()
            } else {
                0
            };
            end + blanks
        };
        let mut open: Vec<usize> = Vec::new();
        for stretch in stretches {
            let Kind::Tag { name, .. } = stretch.kind else { continue };
            let tag = &stretch.range;
            match name {
                "if" | "for" => {
                    open.push(self.flow.decisions.len());
                    self.tags.push((tag.clone(), self.flow.decisions.len()));
                    let begins = vec![behind(tag)];
                    self.flow.decisions.push(Decision { tag: tag.clone(), begins, ..Decision::default() });
                }
                "elif" | "else" => {
                    if let Some(decision) = open.last() {
                        self.tags.push((tag.clone(), *decision));
                        self.flow.decisions[*decision].begins.push(behind(tag));
                    }
                }
                "filter" => self.flow.filters.extend(filters(self.text, tag)),
                "endif" | "endfor" => {
                    if let Some(decision) = open.pop() {
                        self.flow.decisions[decision].ends = Some(behind(tag));
                    }
                }
                _ => {}
            }
        }
    }

    /// The decision whose tag a place is in.
    fn decision(&self, place: usize) -> Option<usize> {
        self.tags.iter().find(|(tag, _)| tag.contains(&place)).map(|(_, decision)| *decision)
    }

    fn start(&self, expr: &Expr<'_>) -> usize {
        extent(expr, self.text).start
    }

    /// Which names are set within which decisions, and which decisions leave a loop.
    fn depends(&mut self, stmt: &Stmt<'_>) {
        match stmt {
            Stmt::Template(node) => self.all_depend(&node.children),
            Stmt::IfCond(node) => {
                let decision = self.decision(self.start(&node.expr));
                self.within.extend(decision);
                self.all_depend(&node.true_body);
                self.all_depend(&node.false_body);
                self.within.truncate(self.within.len() - usize::from(decision.is_some()));
            }
            Stmt::ForLoop(node) => {
                let decision = self.decision(self.start(&node.iter));
                self.within.extend(decision);
                self.loops.extend(decision);
                self.all_depend(&node.body);
                self.loops.truncate(self.loops.len() - usize::from(decision.is_some()));
                self.all_depend(&node.else_body);
                self.within.truncate(self.within.len() - usize::from(decision.is_some()));
            }
            Stmt::WithBlock(node) => self.all_depend(&node.body),
            Stmt::Set(node) => self.sets(&node.target),
            Stmt::SetBlock(node) => {
                self.sets(&node.target);
                self.all_depend(&node.body);
            }
            Stmt::FilterBlock(node) => self.all_depend(&node.body),
            Stmt::Macro(node) => {
                let outer = (std::mem::take(&mut self.within), std::mem::take(&mut self.loops));
                self.all_depend(&node.body);
                (self.within, self.loops) = outer;
            }
            Stmt::CallBlock(node) => self.all_depend(&node.macro_decl.body),
            Stmt::Continue(_) | Stmt::Break(_) => {
                let Some(leaves) = self.loops.last().copied() else { return };
                let inner = self.within.iter().rev().take_while(|decision| **decision != leaves);
                for decision in inner.copied().collect::<Vec<_>>() {
                    self.flow.decisions[decision].leaves = Some(leaves);
                }
            }
            _ => {}
        }
    }

    fn all_depend(&mut self, body: &[Stmt<'_>]) {
        for stmt in body {
            self.depends(stmt);
        }
    }

    fn sets(&mut self, target: &Expr<'_>) {
        let names: Vec<String> = match target {
            Expr::List(list) => return list.items.iter().for_each(|item| self.sets(item)),
            target => name(target).into_iter().collect(),
        };
        for decision in &self.within {
            self.flow.decisions[*decision].sets.extend(names.iter().cloned());
        }
    }

    fn watch(&mut self, expr: &Expr<'_>, watch: Watch) {
        self.flow.watched.push((extent(expr, self.text), watch));
    }

    fn body(&mut self, body: &[Stmt<'_>]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt<'_>) {
        match stmt {
            Stmt::Template(node) => self.body(&node.children),
            Stmt::EmitExpr(node) => self.expr(&node.expr),
            Stmt::ForLoop(node) => {
                self.expr(&node.iter);
                let decision = self.decision(self.start(&node.iter));
                if let Some(decision) = decision {
                    self.watch(&node.iter, Watch::For(decision));
                }
                if let Some(filter) = &node.filter_expr {
                    self.expr(filter);
                    if let Some(decision) = decision {
                        self.watch(filter, Watch::OfLoop(decision));
                    }
                }
                self.loops.extend(decision);
                self.body(&node.body);
                self.loops.truncate(self.loops.len() - usize::from(decision.is_some()));
                self.body(&node.else_body);
            }
            Stmt::IfCond(node) => {
                self.expr(&node.expr);
                if let Some(decision) = self.decision(self.start(&node.expr)) {
                    self.watch(&node.expr, Watch::If(decision));
                }
                self.body(&node.true_body);
                self.body(&node.false_body);
            }
            Stmt::WithBlock(node) => {
                node.assignments.iter().for_each(|(_, expr)| self.expr(expr));
                self.body(&node.body);
            }
            Stmt::Set(node) => self.expr(&node.expr),
            Stmt::SetBlock(node) => self.body(&node.body),
            Stmt::FilterBlock(node) => {
                self.body(&node.body);
                self.arguments(&node.filter);
            }
            Stmt::Macro(node) => {
                node.defaults.iter().for_each(|expr| self.expr(expr));
                let loops = std::mem::take(&mut self.loops);
                self.body(&node.body);
                self.loops = loops;
            }
            Stmt::CallBlock(node) => {
                self.args(&node.call.args);
                node.macro_decl.defaults.iter().for_each(|expr| self.expr(expr));
                self.body(&node.macro_decl.body);
            }
            Stmt::Do(node) => self.args(&node.call.args),
            _ => {}
        }
    }

    fn expr(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(_) | Expr::Const(_) => self.named(expr),
            Expr::Slice(slice) => {
                self.expr(&slice.expr);
                self.watch(&slice.expr, Watch::Looked);
                for bound in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.expr(bound);
                }
                self.watch(expr, Watch::Made("[:]"));
            }
            Expr::UnaryOp(op) => {
                // `a not in b` is the same text with and without its `not`.
                match &op.expr {
                    Expr::BinOp(inner) if matches!((&op.op, &inner.op), (UnaryOpKind::Not, BinOpKind::In)) => {
                        self.expr(&inner.left);
                        self.expr(&inner.right);
                    }
                    Expr::Test(inner) if matches!(op.op, UnaryOpKind::Not) => {
                        self.expr(&inner.expr);
                        self.args(&inner.args);
                    }
                    inner => {
                        self.expr(inner);
                        self.watch(inner, Watch::Looked);
                    }
                }
                self.watch(expr, Watch::Made(if matches!(op.op, UnaryOpKind::Not) { "not" } else { "-" }));
            }
            Expr::BinOp(op) => {
                self.expr(&op.left);
                match op.op {
                    BinOpKind::ScAnd | BinOpKind::ScOr => {
                        self.watch(&op.left, Watch::Looked);
                        self.expr(&op.right);
                    }
                    _ => self.expr(&op.right),
                }
                self.watch(expr, Watch::Made(sign(op.op)));
            }
            Expr::Compare(_) => {}
            Expr::IfExpr(node) => {
                self.expr(&node.test_expr);
                self.watch(&node.test_expr, Watch::Chooses);
                self.expr(&node.true_expr);
                node.false_expr.iter().for_each(|otherwise| self.expr(otherwise));
                self.watch(expr, Watch::Made(""));
            }
            Expr::Filter(filter) => {
                filter.expr.iter().for_each(|expr| self.expr(expr));
                self.args(&filter.args);
                if filter.expr.is_some() {
                    self.watch(expr, Watch::Made(""));
                }
            }
            Expr::Test(test) => {
                self.expr(&test.expr);
                self.args(&test.args);
                self.watch(expr, Watch::Made(""));
            }
            Expr::GetAttr(attr) => {
                if name(expr).is_none_or(|name| !self.is_dependent(&name)) {
                    self.expr(&attr.expr);
                }
                self.named(expr);
            }
            Expr::GetItem(item) => {
                self.expr(&item.expr);
                if !matches!(item.subscript_expr, Expr::Const(_)) {
                    self.expr(&item.subscript_expr);
                    self.watch(expr, Watch::Made(""));
                }
            }
            Expr::Call(call) => self.call(call, expr),
            Expr::List(list) => list.items.iter().for_each(|item| self.expr(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expr(item)),
            Expr::Map(map) => {
                let keys = map.keys.iter().filter(|key| !matches!(key, Expr::Const(_)));
                keys.for_each(|key| self.expr(key));
                map.values.iter().for_each(|value| self.expr(value));
            }
        }
    }

    fn call(&mut self, call: &Spanned<Call<'_>>, expr: &Expr<'_>) {
        self.args(&call.args);
        match (&call.expr, &call.args[..]) {
            (Expr::Var(var), [CallArg::Pos(list)]) if var.id == "loop" => {
                if let Some(innermost) = self.loops.last().copied() {
                    self.watch(list, Watch::OfLoop(innermost));
                }
            }
            (Expr::GetAttr(attr), _) if !matches!(&attr.expr, Expr::Var(var) if var.id == "loop") => {
                self.expr(&attr.expr);
            }
            _ => {}
        }
        debug_assert_eq!(extent_of_call(call, self.text), extent(expr, self.text));
        let is_loop = matches!(&call.expr, Expr::Var(var) if matches!(var.id, "loop" | "namespace"));
        if !is_loop {
            self.watch(expr, Watch::Made(""));
        }
    }

    /// Those of filters one behind another, below which there is no expression.
    fn arguments(&mut self, filters: &Expr<'_>) {
        if let Expr::Filter(filter) = filters {
            filter.expr.iter().for_each(|inner| self.arguments(inner));
            self.args(&filter.args);
        }
    }

    fn args(&mut self, args: &[CallArg<'_>]) {
        for arg in args {
            let (CallArg::Pos(expr) | CallArg::Kwarg(_, expr) | CallArg::PosSplat(expr) | CallArg::KwargSplat(expr)) =
                arg;
            self.expr(expr);
        }
    }

    fn is_dependent(&self, name: &str) -> bool {
        self.flow.decisions.iter().any(|decision| decision.sets.contains(name))
    }

    fn named(&mut self, expr: &Expr<'_>) {
        if let Some(name) = name(expr).filter(|name| self.is_dependent(name)) {
            self.watch(expr, Watch::Named(name));
        }
    }
}

impl Flow {
    /// What decides whether a name is set, by its place among the decisions.
    pub(super) fn sets(&self) -> BTreeMap<usize, String> {
        let names = |decision: &Decision| decision.sets.iter().cloned().collect::<Vec<_>>().join(",");
        self.decisions.iter().map(names).enumerate().collect()
    }
}

/// Where the filters stand in the tag of a `{% filter %}`.
fn filters(text: &str, tag: &Range<usize>) -> Option<Range<usize>> {
    let trim = |letter: char| letter.is_whitespace() || letter == '-' || letter == '+';
    let within = text.get(tag.clone())?.strip_prefix("{%")?.strip_suffix("%}")?;
    let filters = within.trim_start_matches(trim).strip_prefix("filter")?.trim_start();
    let start = tag.end - "%}".len() - filters.len();
    let length = filters.trim_end_matches(trim).len();
    (length > 0).then(|| start..start + length)
}

/// What can be set: a name, or a part of a namespace.
fn name(target: &Expr<'_>) -> Option<String> {
    match target {
        Expr::Var(var) => Some(var.id.to_owned()),
        Expr::GetAttr(attr) => match &attr.expr {
            Expr::Var(var) => Some(format!("{}.{}", var.id, attr.name)),
            _ => None,
        },
        _ => None,
    }
}
