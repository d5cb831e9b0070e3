//! The statements of a template: what they bind, take in and print. Expressions are in [`super::expression`].

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::machinery::ast::{CallArg, Expr, Stmt};
use minijinja::value::ValueKind;

use super::expression::{is_var, range};
use super::{Checked, Import, Raw};
use crate::finding::{Finding, Findings, codes};
use crate::source::Span;
use crate::template::functions;
use crate::template::guard::Guard;

pub(super) struct Walk<'a> {
    pub(super) text: &'a str,
    pub(super) at: &'a dyn Fn(Range<usize>) -> Span,
    pub(super) findings: &'a mut Findings,
    pub(super) checked: Checked,
    /// Every name that the template gives to something, wherever it does.
    pub(super) names: BTreeSet<String>,
    /// Captures around the place.
    pub(super) captures: usize,
}

/// Looks at a whole template.
pub(super) fn walk(root: &Stmt<'_>, text: &str, at: &dyn Fn(Range<usize>) -> Span, findings: &mut Findings) -> Checked {
    let mut walk = Walk { text, at, findings, checked: Checked::default(), names: BTreeSet::new(), captures: 0 };
    walk.collect_names(root);
    walk.stmt(root);
    Checked { names: walk.names, ..walk.checked }
}

impl Walk<'_> {
    /// Every name that is bound anywhere in the template: what could be a macro.
    fn collect_names(&mut self, stmt: &Stmt<'_>) {
        let mut bodies: Vec<&[Stmt<'_>]> = Vec::new();
        match stmt {
            Stmt::Template(node) => bodies.push(&node.children),
            Stmt::ForLoop(node) => {
                self.bind(&node.target);
                bodies.extend([&node.body[..], &node.else_body[..]]);
            }
            Stmt::IfCond(node) => bodies.extend([&node.true_body[..], &node.false_body[..]]),
            Stmt::WithBlock(node) => {
                for (target, _) in &node.assignments {
                    self.bind(target);
                }
                bodies.push(&node.body);
            }
            Stmt::Set(node) => self.bind(&node.target),
            Stmt::SetBlock(node) => {
                self.bind(&node.target);
                bodies.push(&node.body);
            }
            Stmt::FilterBlock(node) => bodies.push(&node.body),
            Stmt::Macro(node) => {
                self.names.insert(node.name.to_owned());
                for arg in &node.args {
                    self.bind(arg);
                }
                bodies.push(&node.body);
            }
            Stmt::CallBlock(node) => {
                for arg in &node.macro_decl.args {
                    self.bind(arg);
                }
                bodies.push(&node.macro_decl.body);
            }
            Stmt::Import(node) => self.bind(&node.name),
            Stmt::FromImport(node) => {
                for (name, alias) in &node.names {
                    self.bind(alias.as_ref().unwrap_or(name));
                }
            }
            _ => {}
        }
        for stmt in bodies.into_iter().flatten() {
            self.collect_names(stmt);
        }
    }

    fn bind(&mut self, target: &Expr<'_>) {
        match target {
            Expr::Var(var) => drop(self.names.insert(var.id.to_owned())),
            Expr::List(list) => {
                for item in &list.items {
                    self.bind(item);
                }
            }
            _ => {}
        }
    }

    pub(super) fn refuse(&mut self, range: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        let span = (self.at)(range);
        self.findings.push(Finding::new(&codes::template::NOT_ALLOWED, span, message).help(help));
    }

    pub(super) fn guard(&mut self, expr: &Expr<'_>, guard: Guard) {
        self.checked.guards.push((self.extent(expr), guard));
    }

    pub(super) fn captured(&mut self, body: &[Stmt<'_>]) {
        self.captures += 1;
        self.body(body);
        self.captures -= 1;
    }

    pub(super) fn body(&mut self, body: &[Stmt<'_>]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    pub(super) fn stmt(&mut self, stmt: &Stmt<'_>) {
        match stmt {
            Stmt::Template(node) => {
                self.refuse_twice(&node.children);
                self.body(&node.children);
            }
            Stmt::EmitRaw(node) => {
                // The text is a part of the source: its address tells where it begins, blanks trimmed.
                let start = node.raw.as_ptr() as usize - self.text.as_ptr() as usize;
                let range = start..start + node.raw.len();
                self.checked.raw.push(Raw { range, captured: self.captures > 0 });
            }
            Stmt::EmitExpr(node) => {
                self.expr(&node.expr);
                // `{{ loop(…) }}` prints no slot: it runs the body of the loop again.
                let recurses = matches!(&node.expr, Expr::Call(call) if is_var(&call.expr, "loop"));
                let is_at_margin = |start: usize| {
                    self.text[..start]
                        .trim_end_matches([' ', '-', '+'])
                        .strip_suffix("{{")
                        .is_some_and(|before| before.is_empty() || before.ends_with('\n'))
                };
                let extent = self.extent(&node.expr);
                if !recurses {
                    self.checked.printed.push(extent);
                } else if !is_at_margin(extent.start) {
                    // As the operand of a filter, what the loop prints is a text, and nests where it stands.
                    self.guard(&node.expr, Guard::Stored);
                    self.checked.printed.push(extent);
                }
            }
            Stmt::ForLoop(node) => {
                self.expr(&node.iter);
                self.guard(&node.iter, Guard::Each);
                if let Some(filter) = &node.filter_expr {
                    self.condition(filter);
                }
                // A recursive loop can be called as an expression, which captures what its body prints.
                if node.recursive {
                    self.captured(&node.body);
                } else {
                    self.body(&node.body);
                }
                self.body(&node.else_body);
            }
            Stmt::IfCond(node) => {
                self.condition(&node.expr);
                self.body(&node.true_body);
                self.body(&node.false_body);
            }
            Stmt::WithBlock(node) => {
                for (_, expr) in &node.assignments {
                    self.expr(expr);
                }
                self.body(&node.body);
            }
            Stmt::Set(node) => {
                self.expr(&node.expr);
                if matches!(node.target, Expr::GetAttr(_)) {
                    self.guard(&node.expr, Guard::Stored);
                }
            }
            Stmt::SetBlock(node) => {
                if let Some(filter) = &node.filter {
                    self.expr(filter);
                }
                self.captured(&node.body);
            }
            Stmt::FilterBlock(node) => {
                self.expr(&node.filter);
                self.captured(&node.body);
            }
            Stmt::Macro(node) => {
                for expr in &node.defaults {
                    self.expr(expr);
                }
                if functions::is_function(node.name) {
                    let help = "give the macro another name";
                    self.refuse(range(node.span()), format!("the macro `{}` would hide a function", node.name), help);
                }
                self.captured(&node.body);
            }
            Stmt::CallBlock(node) => {
                self.call(&node.call, true);
                for expr in &node.macro_decl.defaults {
                    self.expr(expr);
                }
                self.captured(&node.macro_decl.body);
            }
            Stmt::Do(node) => self.call(&node.call, true),
            Stmt::Include(node) => {
                self.takes_in(&node.name);
                let known = self.checked.takes_in.last().filter(|_| matches!(node.name, Expr::Const(_))).cloned();
                self.checked.included.extend(known);
            }
            Stmt::Import(node) => self.takes_in(&node.expr),
            Stmt::FromImport(node) => {
                self.takes_in(&node.expr);
                let Expr::Const(template) = &node.expr else { return };
                for (name, _) in &node.names {
                    if let (Expr::Var(var), Some(template)) = (name, template.value.as_str()) {
                        let (template, name) = (template.to_owned(), var.id.to_owned());
                        self.checked.imports.push(Import { template, name, range: range(var.span()) });
                    }
                }
            }
            Stmt::Continue(_) | Stmt::Break(_) => {}
            Stmt::AutoEscape(node) => {
                self.refuse(
                    range(node.span()),
                    "`autoescape` has no meaning here",
                    "remove it: values are never escaped, they are put into the parsed document",
                );
            }
            Stmt::Block(node) => self.inheritance(range(node.span())),
            Stmt::Extends(node) => self.inheritance(range(node.span())),
        }
    }

    /// The second of two macros of one name would take the place of the first, also where that one is called above.
    fn refuse_twice(&mut self, body: &[Stmt<'_>]) {
        let mut seen = BTreeSet::new();
        for stmt in body {
            if let Stmt::Macro(node) = stmt
                && !seen.insert(node.name)
            {
                let help = "leave one of the two out, or give it another name";
                self.refuse(range(node.span()), format!("the macro `{}` stands twice", node.name), help);
            }
        }
    }

    pub(super) fn inheritance(&mut self, range: Range<usize>) {
        self.refuse(
            range,
            "templates do not inherit from each other",
            "share parts with macros (`{% from \"_parts.j2\" import x %}`) and `{% include %}`",
        );
    }

    /// `file("nginx.conf")` and `text("_run.sh.j2")`.
    pub(super) fn takes_text(&mut self, function: &str, args: &[CallArg<'_>], place: Range<usize>) {
        let [CallArg::Pos(name @ Expr::Const(constant))] = args else {
            let what = if function == "file" { "a file" } else { "a template" };
            let help = "choose between two with `a if x else b`, around the whole calls";
            return self.refuse(place, format!("`{function}` takes the name of {what}, written out"), help);
        };
        match constant.value.as_str() {
            Some(file) if function == "file" => self.checked.files.push((file.to_owned(), self.extent(name))),
            Some(template) => {
                self.checked.texts.insert(template.to_owned());
                self.takes_in(name);
            }
            None => self.takes_in(name),
        }
    }

    /// Names of files are written out, so that what a template depends on is known without running it.
    fn takes_in(&mut self, name: &Expr<'_>) {
        let place = self.extent(name);
        match name {
            Expr::Const(constant) if constant.value.kind() == ValueKind::String => {
                self.checked.takes_in.push((constant.value.as_str().unwrap_or_default().to_owned(), place));
            }
            name => {
                let written = self.text.get(place.clone()).unwrap_or_default();
                // `_part.yaml.j2` without quotes is a path of names to the engine.
                let is_file = matches!(name, Expr::GetAttr(_))
                    && written.rsplit_once('.').is_some_and(|(_, ending)| ending == "j2");
                let help = if is_file {
                    format!("put it in quotes: `\"{written}\"`")
                } else {
                    "choose between two with `{% if %}`".to_owned()
                };
                self.refuse(place, "the name of a template must be written out", &help);
            }
        }
    }
}
