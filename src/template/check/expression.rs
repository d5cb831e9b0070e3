//! The expressions of a template: the names they use, the operands that need a guard.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::machinery;
use minijinja::machinery::ast::{BinOpKind, Call, CallArg, Expr, Spanned, UnaryOpKind};
use minijinja::value::ValueKind;

use super::compared;
use super::walk::Walk;
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, codes};
use crate::template::guard::Guard;
use crate::template::{functions, slot};

/// Attributes of `loop` that are only read.
const LOOP: [&str; 11] =
    ["index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0", "previtem", "nextitem"];

impl Walk<'_> {
    pub(super) fn condition(&mut self, expr: &Expr<'_>) {
        self.expr(expr);
        if !is_boolean(expr) {
            self.guard(expr, Guard::Truth);
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(var) => match var.id {
                "loop" => self.refuse(
                    range(var.span()),
                    "`loop` is not a value",
                    "read one of its parts, such as `loop.index`",
                ),
                "self" => {
                    self.refuse(range(var.span()), "`self` has no meaning here", "blocks do not exist; use macros");
                }
                _ => {}
            },
            Expr::Const(constant) => {
                if constant.value.as_str().is_some_and(slot::has_reserved) {
                    self.refuse(
                        range(constant.span()),
                        "this text holds one of the characters U+E000 to U+E003",
                        "platc keeps them for itself; remove it",
                    );
                }
                let place = range(constant.span());
                if constant.value.kind() == ValueKind::Number
                    && let Some(written) = self.text.get(place.clone())
                    && let Some(printed) = changed_number(written, &constant.value.to_string())
                {
                    let message = format!("the number `{written}` is printed as `{printed}`");
                    self.refuse(
                        place,
                        message,
                        format!("write `'{written}'` for this text, or the number as it is printed"),
                    );
                }
            }
            Expr::Slice(slice) => {
                self.expr(&slice.expr);
                self.guard(&slice.expr, Guard::Value);
                for bound in [&slice.start, &slice.stop].into_iter().flatten() {
                    self.expr(bound);
                    self.guard(bound, Guard::Bound);
                }
                if let Some(step) = &slice.step {
                    self.expr(step);
                    self.guard(step, Guard::Step);
                }
            }
            Expr::UnaryOp(op) => match op.op {
                UnaryOpKind::Not => self.condition(&op.expr),
                UnaryOpKind::Neg => {
                    self.expr(&op.expr);
                    self.guard(&op.expr, Guard::Number);
                }
            },
            Expr::BinOp(op) => self.binary(op.op, &op.left, &op.right),
            Expr::Compare(compare) => {
                let help = "write `a < b and b < c`";
                self.refuse(self.extent(expr), "comparisons cannot be chained", help);
                self.expr(&compare.expr);
            }
            Expr::IfExpr(node) => {
                self.condition(&node.test_expr);
                self.expr(&node.true_expr);
                if let Some(otherwise) = &node.false_expr {
                    self.expr(otherwise);
                }
            }
            Expr::Filter(filter) => {
                if let Some(expr) = &filter.expr {
                    self.expr(expr);
                }
                self.args(&filter.args);
                if let (Some(value @ Expr::Const(_)), "required", [message]) =
                    (&filter.expr, filter.name, filter.args.as_slice())
                {
                    self.never_missing(value, message);
                }
                if !functions::is_filter(filter.name) {
                    let help = suggested(filter.name, functions::filter_names());
                    self.unknown(range(filter.span()), "filter", filter.name, help);
                }
            }
            Expr::Test(test) => {
                self.expr(&test.expr);
                self.args(&test.args);
                if !functions::is_test(test.name) {
                    let help = suggested(test.name, functions::test_names());
                    self.unknown(range(test.span()), "test", test.name, help);
                }
            }
            Expr::GetAttr(attr) => {
                if is_var(&attr.expr, "loop") {
                    if !LOOP.contains(&attr.name) {
                        let help =
                            did_you_mean(attr.name, LOOP).unwrap_or_else(|| format!("it has `{}`", LOOP.join("`, `")));
                        self.refuse(range(attr.span()), format!("`loop` has no part `{}`", attr.name), help);
                    }
                } else {
                    self.expr(&attr.expr);
                }
            }
            Expr::GetItem(item) => {
                self.expr(&item.expr);
                self.guard(&item.expr, Guard::Indexed);
                if !matches!(item.subscript_expr, Expr::Const(_)) {
                    self.expr(&item.subscript_expr);
                    self.guard(&item.subscript_expr, Guard::Key);
                }
            }
            Expr::Call(call) => self.call(call, false),
            Expr::List(list) => self.items(&list.items),
            Expr::Tuple(tuple) => self.items(&tuple.items),
            Expr::Map(map) => {
                self.distinct(&map.keys);
                for key in &map.keys {
                    if !matches!(key, Expr::Const(constant) if constant.value.kind() == ValueKind::String) {
                        self.expr(key);
                        self.guard(key, Guard::Key);
                    }
                }
                self.items(&map.values);
                if map.keys.iter().any(|key| !matches!(key, Expr::Const(_))) {
                    self.guard(expr, Guard::Entries(map.keys.len()));
                }
            }
        }
    }

    pub(super) fn items(&mut self, items: &[Expr<'_>]) {
        for item in items {
            self.expr(item);
            if !matches!(item, Expr::Const(_)) {
                self.guard(item, Guard::Value);
            }
        }
    }

    fn binary(&mut self, op: BinOpKind, left: &Expr<'_>, right: &Expr<'_>) {
        match op {
            BinOpKind::ScAnd | BinOpKind::ScOr => {
                self.condition(left);
                // The right side is passed on as it is.
                return self.expr(right);
            }
            BinOpKind::Concat => {
                self.expr(left);
                self.guard(left, Guard::Text);
                self.expr(right);
                return self.guard(right, Guard::Text);
            }
            _ => {}
        }
        let sign = sign(op);
        self.checked.compared.extend(compared::of(op, left, right));
        self.expr(left);
        self.guard(left, if sign == "+" { Guard::LeftOfPlus } else { Guard::Left });
        self.expr(right);
        self.guard(right, Guard::Right(sign));
        let right = self.extent(right);
        self.checked.operators.push((start(left, self.text)..right.end, right));
    }

    /// Keys that are written out, no two of them the same.
    fn distinct(&mut self, keys: &[Expr<'_>]) {
        let mut seen = BTreeSet::new();
        for key in keys {
            if let Expr::Const(constant) = key
                && !seen.insert(constant.value.to_string())
            {
                self.twice(range(constant.span()), &format!("the key `{}`", constant.value));
            }
        }
    }

    fn twice(&mut self, range: Range<usize>, what: &str) {
        let finding = Finding::new(&codes::template::DUPLICATE_KEY, (self.at)(range), format!("{what} stands twice"));
        self.findings.push(finding.help("leave one of the two out"));
    }

    pub(super) fn args(&mut self, args: &[CallArg<'_>]) {
        let mut seen = BTreeSet::new();
        for arg in args {
            if let CallArg::Kwarg(name, expr) = arg
                && !seen.insert(*name)
            {
                self.twice(self.extent(expr), &format!("the argument `{name}`"));
            }
        }
        for arg in args {
            match arg {
                CallArg::Pos(expr) | CallArg::Kwarg(_, expr) => self.expr(expr),
                CallArg::PosSplat(expr) | CallArg::KwargSplat(expr) => {
                    self.expr(expr);
                    self.guard(expr, Guard::Each);
                }
            }
        }
    }

    /// `is_tag` says that the call belongs to `{% call %}` or `{% do %}`, which want nothing put around it.
    pub(super) fn call(&mut self, call: &Spanned<Call<'_>>, is_tag: bool) {
        self.args(&call.args);
        let place = self.extent_of_call(call);
        match &call.expr {
            Expr::Var(var) if var.id == "loop" => {
                if call.args.len() != 1 || !matches!(call.args[0], CallArg::Pos(_)) {
                    self.refuse(place, "`loop(…)` takes one list", "pass the list that the loop is to go over");
                }
            }
            Expr::Var(var) if var.id == "super" => self.inheritance(place),
            Expr::Var(var) if matches!(var.id, "file" | "text") && !self.names.contains(var.id) => {
                self.takes_text(var.id, &call.args, place);
            }
            Expr::Var(var) if var.id == "required" && !self.names.contains(var.id) => self.required(&call.args),
            Expr::Var(var) if functions::is_function(var.id) => {}
            Expr::Var(var) if var.id == "caller" || self.names.contains(var.id) => self.called(place, is_tag),
            Expr::Var(var) => {
                let known: Vec<&str> =
                    functions::function_names().chain(self.names.iter().map(|name| &**name)).collect();
                let help = suggested(var.id, known.into_iter());
                self.unknown(range(var.span()), "function", var.id, help);
            }
            Expr::GetAttr(attr) if is_var(&attr.expr, "loop") => {
                let good = attr.name == "cycle"
                    && !call.args.is_empty()
                    && call.args.iter().all(|arg| matches!(arg, CallArg::Pos(_)));
                if !good {
                    self.refuse(
                        place,
                        "`loop` can only be asked for `loop.cycle(a, b)`",
                        "for what changed, compare with `loop.previtem`",
                    );
                }
            }
            callee => {
                self.expr(callee);
                self.called(place, is_tag);
            }
        }
    }

    /// `required("message", value)`, in the order of Helm.
    fn required(&mut self, args: &[CallArg<'_>]) {
        if let [CallArg::Pos(value @ Expr::Const(_)), message] = args {
            self.never_missing(value, message);
        }
    }

    /// What is written out is never missing: the two are in the wrong order, and the message would be printed.
    fn never_missing(&mut self, value: &Expr<'_>, message: &CallArg<'_>) {
        let CallArg::Pos(message) = message else { return };
        if matches!(message, Expr::Const(_)) {
            return;
        }
        let (value, wanted) = (self.extent(value), self.extent(message));
        let written = |place: &Range<usize>| self.text.get(place.clone()).unwrap_or_default();
        let help = format!("write `required({}, {})`, the value first", written(&wanted), written(&value));
        self.refuse(value, "what is written out is never missing", help);
    }

    pub(super) fn called(&mut self, place: Range<usize>, is_tag: bool) {
        if !is_tag {
            self.checked.calls.push(place);
        }
    }

    pub(super) fn unknown(&mut self, range: Range<usize>, what: &str, name: &str, help: Option<String>) {
        let span = (self.at)(range);
        let finding = Finding::new(&codes::template::UNKNOWN_NAME, span, format!("there is no {what} `{name}`"));
        let help = help.unwrap_or_else(|| {
            let kind = if what == "function" { "a macro has to be imported, or defined above, first; " } else { "" };
            format!("{kind}the page `templates.md` of the documentation lists all that there are")
        });
        self.findings.push(finding.help(help));
    }

    pub(super) fn extent(&self, expr: &Expr<'_>) -> Range<usize> {
        super::extent(expr, self.text)
    }

    pub(super) fn extent_of_call(&self, call: &Spanned<Call<'_>>) -> Range<usize> {
        super::extent_of_call(call, self.text)
    }
}

/// What a number is printed as, if that loses digits of what is written: `012` and `1.30` are no numbers to who wrote them.
fn changed_number<'a>(written: &str, printed: &'a str) -> Option<&'a str> {
    let is_decimal = written.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-_".contains(&byte));
    (is_decimal && written.replace('_', "") != printed).then_some(printed)
}

pub(super) fn range(span: machinery::Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

pub(super) fn is_var(expr: &Expr<'_>, name: &str) -> bool {
    matches!(expr, Expr::Var(var) if var.id == name)
}

/// Whether an expression is true or false and nothing else.
fn is_boolean(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Const(constant) => constant.value.kind() == ValueKind::Bool,
        Expr::Test(_) | Expr::Compare(_) => true,
        Expr::UnaryOp(op) => matches!(op.op, UnaryOpKind::Not),
        Expr::BinOp(op) => match op.op {
            BinOpKind::Eq
            | BinOpKind::Ne
            | BinOpKind::Lt
            | BinOpKind::Lte
            | BinOpKind::Gt
            | BinOpKind::Gte
            | BinOpKind::In => true,
            BinOpKind::ScAnd | BinOpKind::ScOr => is_boolean(&op.left) && is_boolean(&op.right),
            _ => false,
        },
        _ => false,
    }
}

/// The name that was meant: one that others use for the same, or one that is written almost so.
pub(super) fn suggested<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.collect();
    let elsewhere = functions::called_here(name).filter(|here| known.contains(here));
    let elsewhere = elsewhere.map(|here| format!("here it is called `{here}`"));
    elsewhere.or_else(|| functions::instead(name).map(str::to_owned)).or_else(|| did_you_mean(name, known))
}

/// Where an expression begins, its opening brackets aside. The engine's own spans begin too early (comparisons, `a if
/// b`) or at the operator (filters, tests, `.name`); their ends are right.
pub(super) fn start(expr: &Expr<'_>, text: &str) -> usize {
    let own = expr.span().start_offset as usize;
    match expr {
        Expr::Var(_) | Expr::Const(_) | Expr::List(_) | Expr::Map(_) => own,
        // Without brackets, the span of a tuple begins at its second item.
        Expr::Tuple(tuple) => tuple.items.first().map_or(own, |first| start(first, text).min(own)),
        Expr::Slice(slice) => start(&slice.expr, text),
        Expr::UnaryOp(op) => match op.op {
            UnaryOpKind::Neg => own,
            UnaryOpKind::Not if text[own..].starts_with("not") => own,
            UnaryOpKind::Not => start(&op.expr, text),
        },
        Expr::BinOp(op) => start(&op.left, text),
        Expr::Compare(compare) => start(&compare.expr, text),
        Expr::IfExpr(node) => start(&node.true_expr, text),
        Expr::Filter(filter) => filter.expr.as_ref().map_or(own, |expr| start(expr, text)),
        Expr::Test(test) => start(&test.expr, text),
        Expr::GetAttr(attr) => start(&attr.expr, text),
        Expr::GetItem(item) => start(&item.expr, text),
        Expr::Call(call) => start(&call.expr, text),
    }
}

/// How an operator is written.
pub(in crate::template) fn sign(op: BinOpKind) -> &'static str {
    match op {
        BinOpKind::ScAnd => "and",
        BinOpKind::ScOr => "or",
        BinOpKind::Concat => "~",
        BinOpKind::Eq => "==",
        BinOpKind::Ne => "!=",
        BinOpKind::Lt => "<",
        BinOpKind::Lte => "<=",
        BinOpKind::Gt => ">",
        BinOpKind::Gte => ">=",
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        BinOpKind::Pow => "**",
        BinOpKind::In => "in",
    }
}
