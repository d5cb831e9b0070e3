//! What a template may say, decided before it runs: its size and nesting, the names it uses, the files it takes in.
//! The same walk finds where [guards](super::guard) have to stand.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, Call, CallArg, Expr, Spanned, Stmt, UnaryOpKind};
use minijinja::machinery::{self, Token};
use minijinja::value::ValueKind;

use super::engine;
use super::functions;
use super::guard::Guard;
use super::slot;
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, Findings, codes};
use crate::limits::Limits;
use crate::source::Span;

/// What is known of a template that may run.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// Operands that need a guard, in an order in which an operand follows the operands within it.
    pub(super) guards: Vec<(Range<usize>, Guard)>,
    /// Templates that it takes in, and where it says so.
    pub(super) takes_in: Vec<(String, Range<usize>)>,
    /// Names that it takes from another template, by that template's name.
    pub(super) imports: Vec<Import>,
    /// Every name that it gives to something: what others can take from it.
    pub(super) names: BTreeSet<String>,
    /// Operators with both operands, and the right operand of each.
    pub(super) operators: Vec<(Range<usize>, Range<usize>)>,
    /// `{{ … }}` whose value is printed into a slot.
    pub(super) printed: Vec<Range<usize>>,
    /// Calls of macros, and of what else is not a function of the library.
    pub(super) calls: Vec<Range<usize>>,
    /// Stretches of literal text, as they are printed.
    pub(super) raw: Vec<Raw>,
}

/// `{% from "template" import name %}`.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) template: String,
    pub(super) name: String,
    pub(super) range: Range<usize>,
}

/// A stretch of literal text.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) range: Range<usize>,
    /// Whether it is printed into a capture, where the engine counts nothing.
    pub(super) captured: bool,
}

/// Brackets and blocks within each other. The engine's parser recurses on both.
const DEEPEST: usize = 40;

/// Bytes of one line.
const LONGEST_LINE: usize = 16 << 10;

/// Attributes of `loop` that are only read.
const LOOP: [&str; 11] =
    ["index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0", "previtem", "nextitem"];

/// Checks a text of a file; `at` moves its offsets to where they stand in the file.
///
/// `None`, with findings, if it must not run.
pub(super) fn check(
    text: &str,
    at: &dyn Fn(Range<usize>) -> Span,
    limits: &Limits,
    findings: &mut Findings,
) -> Option<Checked> {
    if let Some((range, message)) = too_complex(text, limits) {
        findings.push(
            Finding::new(&codes::template::TOO_COMPLEX, at(range), message).help(
                "give parts of it a name with `{% set %}`, move them into a macro, or write them on several lines",
            ),
        );
        return None;
    }
    let root = match machinery::parse(text, "template", engine::syntax()) {
        Ok(root) => root,
        Err(error) => {
            findings.push(syntax(&error, text, at));
            return None;
        }
    };
    let mut own = Findings::default();
    let mut walk =
        Walk { text, at, findings: &mut own, checked: Checked::default(), names: BTreeSet::new(), captures: 0 };
    walk.collect_names(&root);
    walk.stmt(&root);
    let checked = Checked { names: walk.names, ..walk.checked };
    let broken = own.has_errors();
    findings.append(own);
    (!broken).then_some(checked)
}

/// What the parser or the compiler would recurse on too deeply.
fn too_complex(text: &str, limits: &Limits) -> Option<(Range<usize>, String)> {
    // The engine counts columns in 16 bits, and fails at the end of them.
    let mut start = 0;
    for line in text.split('\n') {
        if line.len() > LONGEST_LINE {
            return Some((start..start, format!("a line has more than {LONGEST_LINE} bytes")));
        }
        start += line.len() + 1;
    }
    let (mut operators, mut brackets) = (0, 0_usize);
    // One entry a block: how many levels of the parser it takes.
    let mut blocks: Vec<usize> = Vec::new();
    let mut statement = None;
    let mut is_assignment = false;
    let mut first = false;
    for token in machinery::tokenize(text, false, engine::syntax()) {
        // The parser will say what is wrong.
        let Ok((token, span)) = token else { return None };
        let range = span.start_offset as usize..span.end_offset as usize;
        match token {
            Token::VariableStart | Token::BlockStart => {
                (operators, brackets, statement, is_assignment) = (0, 0, None, false);
                first = matches!(token, Token::BlockStart);
                continue;
            }
            Token::BlockEnd => match statement {
                Some("for" | "if" | "with" | "autoescape" | "filter" | "block" | "macro" | "call") => blocks.push(1),
                Some("set") if !is_assignment => blocks.push(1),
                Some("elif") => {
                    if let Some(levels) = blocks.last_mut() {
                        *levels += 1;
                    }
                }
                Some(name) if name.starts_with("end") => drop(blocks.pop()),
                _ => {}
            },
            Token::Ident(name) if first => statement = Some(name),
            Token::Assign => is_assignment = true,
            Token::Ident("and" | "or" | "not" | "in" | "is" | "if" | "else")
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::FloorDiv
            | Token::Pow
            | Token::Mod
            | Token::Tilde
            | Token::Pipe
            | Token::Dot
            | Token::Eq
            | Token::Ne
            | Token::Gt
            | Token::Gte
            | Token::Lt
            | Token::Lte => operators += 1,
            Token::BracketOpen | Token::ParenOpen | Token::BraceOpen => {
                operators += 1;
                brackets += 1;
            }
            Token::BracketClose | Token::ParenClose | Token::BraceClose => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        first = false;
        if operators > limits.expression_operators {
            let most = limits.expression_operators;
            return Some((range, format!("an expression has more than {most} operators")));
        }
        if brackets > DEEPEST {
            return Some((range, format!("brackets are nested more than {DEEPEST} deep")));
        }
        if blocks.iter().sum::<usize>() > DEEPEST {
            return Some((range, format!("blocks are nested more than {DEEPEST} deep")));
        }
    }
    None
}

/// What the engine's parser says, in our words. Its own words name tokens, which helps, so what is expected is kept.
fn syntax(error: &minijinja::Error, text: &str, at: &dyn Fn(Range<usize>) -> Span) -> Finding {
    let range = error.range().unwrap_or(0..0);
    let range = range.start.min(text.len())..range.end.min(text.len());
    let before = text.get(..range.start).unwrap_or_default();
    let detail = error.detail().unwrap_or_default();
    let finding = |message: String| Finding::new(&codes::template::SYNTAX, at(range.clone()), message);
    if let Some(name) = detail.strip_prefix("unknown statement ") {
        let known = [
            "for",
            "endfor",
            "if",
            "elif",
            "else",
            "endif",
            "set",
            "endset",
            "macro",
            "endmacro",
            "call",
            "endcall",
            "include",
            "import",
            "from",
            "with",
            "endwith",
            "filter",
            "endfilter",
            "raw",
            "endraw",
            "break",
            "continue",
            "do",
        ];
        if name.starts_with("end") && known.contains(&name) {
            let finding = finding(format!("`{name}` does not belong here"));
            let tag = before.rfind("{%").unwrap_or_default();
            return match open(&before[..tag]) {
                Some((range, end)) => {
                    finding.also(at(range), "this is open").help(format!("write `{end}`, or close it before"))
                }
                None => finding.help("nothing is open here that it could end"),
            };
        }
        let finding = finding(format!("there is no statement `{name}`"));
        return match did_you_mean(name, known) {
            Some(help) => finding.help(help),
            None => finding,
        };
    }
    let tidy = |words: &str| {
        let pairs = [
            ("template-data", "text"),
            ("end of variable block", "`}}`"),
            ("start of variable block", "`{{`"),
            ("end of block", "`%}`"),
            ("start of block", "`{%`"),
            ("identifier", "a name"),
            ("expression", "a value"),
        ];
        pairs.iter().fold(words.to_owned(), |words, (theirs, ours)| words.replace(theirs, ours))
    };
    let Some(unexpected) = detail.strip_prefix("unexpected ") else {
        return finding(if detail.is_empty() { "this is not understood".to_owned() } else { tidy(detail) });
    };
    let (found, expected) = unexpected.split_once(", expected ").unwrap_or((unexpected, ""));
    let finding = match found {
        "end of input" => {
            let finding = finding("the template ends too early".to_owned());
            return match open(text) {
                Some((range, end)) => finding.also(at(range), "this is open").help(format!("close it with `{end}`")),
                None => finding.help("something that was opened with `{{`, `{%` or a block is not closed"),
            };
        }
        found => finding(format!("{} does not belong here", tidy(found))),
    };
    // A tag is most often closed on the line that opens it.
    let is_above = |tag: &Range<usize>| before.get(tag.end..).is_some_and(|between| between.contains('\n'));
    let finding = match open(before) {
        Some((tag, end)) if TAGS.contains(&end.as_str()) && is_above(&tag) => {
            finding.also(at(tag), format!("`{end}` is wanted for this"))
        }
        _ => finding,
    };
    if expected.is_empty() { finding } else { finding.label(format!("{} is expected", tidy(expected))) }
}

/// What is open at the end of a text, innermost: its place, and what would close it.
fn open(text: &str) -> Option<(Range<usize>, String)> {
    let mut blocks: Vec<(Range<usize>, &str)> = Vec::new();
    let mut tag: Option<(Range<usize>, &str)> = None;
    let mut statement: Option<(Range<usize>, &str)> = None;
    let mut is_assignment = false;
    for (token, span) in machinery::tokenize(text, false, engine::syntax()).map_while(Result::ok) {
        let range = span.start_offset as usize..span.end_offset as usize;
        match token {
            Token::VariableStart => tag = Some((range, TAGS[0])),
            Token::BlockStart => (tag, statement, is_assignment) = (Some((range, TAGS[1])), None, false),
            Token::VariableEnd => tag = None,
            Token::BlockEnd => {
                tag = None;
                match statement.take() {
                    Some((_, name)) if name.starts_with("end") => drop(blocks.pop()),
                    Some((range, name)) if BLOCKS.contains(&name) && !(name == "set" && is_assignment) => {
                        blocks.push((range, name));
                    }
                    _ => {}
                }
            }
            Token::Assign => is_assignment = true,
            Token::Ident(name) if statement.is_none() && matches!(tag, Some((_, end)) if end == TAGS[1]) => {
                statement = Some((range, name));
            }
            _ => {}
        }
    }
    let block = |(range, name): (Range<usize>, &str)| (range, format!("{{% end{name} %}}"));
    tag.map(|(range, end)| (range, end.to_owned())).or_else(|| blocks.pop().map(block))
}

/// What closes a tag.
const TAGS: [&str; 2] = ["}}", "%}"];

/// Statements that go on until their end is said.
const BLOCKS: [&str; 7] = ["for", "if", "with", "filter", "macro", "call", "set"];

struct Walk<'a> {
    text: &'a str,
    at: &'a dyn Fn(Range<usize>) -> Span,
    findings: &'a mut Findings,
    checked: Checked,
    /// Every name that the template gives to something, wherever it does.
    names: BTreeSet<String>,
    /// Captures around the place.
    captures: usize,
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

    fn refuse(&mut self, range: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        let span = (self.at)(range);
        self.findings.push(Finding::new(&codes::template::NOT_ALLOWED, span, message).help(help));
    }

    fn guard(&mut self, expr: &Expr<'_>, guard: Guard) {
        self.checked.guards.push((self.extent(expr), guard));
    }

    fn captured(&mut self, body: &[Stmt<'_>]) {
        self.captures += 1;
        self.body(body);
        self.captures -= 1;
    }

    fn body(&mut self, body: &[Stmt<'_>]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt<'_>) {
        match stmt {
            Stmt::Template(node) => self.body(&node.children),
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
                if !recurses {
                    self.checked.printed.push(self.extent(&node.expr));
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
            Stmt::Include(node) => self.takes_in(&node.name),
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

    fn inheritance(&mut self, range: Range<usize>) {
        self.refuse(
            range,
            "templates do not inherit from each other",
            "share parts with macros (`{% from \"_parts.j2\" import x %}`) and `{% include %}`",
        );
    }

    /// Names of files are written out, so that what a template depends on is known without running it.
    fn takes_in(&mut self, name: &Expr<'_>) {
        let place = self.extent(name);
        match name {
            Expr::Const(constant) if constant.value.kind() == ValueKind::String => {
                self.checked.takes_in.push((constant.value.as_str().unwrap_or_default().to_owned(), place));
            }
            _ => self.refuse(place, "the name of a template must be written out", "choose between two with `{% if %}`"),
        }
    }

    fn condition(&mut self, expr: &Expr<'_>) {
        self.expr(expr);
        if !is_boolean(expr) {
            self.guard(expr, Guard::Truth);
        }
    }

    fn expr(&mut self, expr: &Expr<'_>) {
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
                for key in &map.keys {
                    if !matches!(key, Expr::Const(constant) if constant.value.kind() == ValueKind::String) {
                        self.expr(key);
                        self.guard(key, Guard::Key);
                    }
                }
                self.items(&map.values);
            }
        }
    }

    fn items(&mut self, items: &[Expr<'_>]) {
        for item in items {
            self.expr(item);
            if !matches!(item, Expr::Const(_)) {
                self.guard(item, Guard::Value);
            }
        }
    }

    fn binary(&mut self, op: BinOpKind, left: &Expr<'_>, right: &Expr<'_>) {
        let sign = match op {
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
        };
        self.expr(left);
        self.guard(left, Guard::Left);
        self.expr(right);
        self.guard(right, Guard::Right(sign));
        let right = self.extent(right);
        self.checked.operators.push((start(left, self.text)..right.end, right));
    }

    fn args(&mut self, args: &[CallArg<'_>]) {
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
    fn call(&mut self, call: &Spanned<Call<'_>>, is_tag: bool) {
        self.args(&call.args);
        let place = self.extent_of_call(call);
        match &call.expr {
            Expr::Var(var) if var.id == "loop" => {
                if call.args.len() != 1 || !matches!(call.args[0], CallArg::Pos(_)) {
                    self.refuse(place, "`loop(…)` takes one list", "pass the list that the loop is to go over");
                }
            }
            Expr::Var(var) if var.id == "super" => self.inheritance(place),
            Expr::Var(var) if functions::is_function(var.id) => {}
            Expr::Var(var) if var.id == "caller" || self.names.contains(var.id) => self.called(place, is_tag),
            Expr::Var(var) => {
                let known: Vec<&str> =
                    functions::function_names().chain(self.names.iter().map(|name| &**name)).collect();
                let help = did_you_mean(var.id, known);
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

    fn called(&mut self, place: Range<usize>, is_tag: bool) {
        if !is_tag {
            self.checked.calls.push(place);
        }
    }

    fn unknown(&mut self, range: Range<usize>, what: &str, name: &str, help: Option<String>) {
        let span = (self.at)(range);
        let finding = Finding::new(&codes::template::UNKNOWN_NAME, span, format!("there is no {what} `{name}`"));
        let help = help.unwrap_or_else(|| "docs/templates.md lists all that there are".to_owned());
        self.findings.push(finding.help(help));
    }

    fn extent(&self, expr: &Expr<'_>) -> Range<usize> {
        start(expr, self.text)..expr.span().end_offset as usize
    }

    fn extent_of_call(&self, call: &Spanned<Call<'_>>) -> Range<usize> {
        start(&call.expr, self.text)..call.span().end_offset as usize
    }
}

fn range(span: machinery::Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

fn is_var(expr: &Expr<'_>, name: &str) -> bool {
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
fn suggested<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.collect();
    let elsewhere = functions::called_here(name).filter(|here| known.contains(here));
    elsewhere.map(|here| format!("here it is called `{here}`")).or_else(|| did_you_mean(name, known))
}

/// Where an expression begins, its opening brackets aside. The engine's own spans begin too early (comparisons, `a if
/// b`) or at the operator (filters, tests, `.name`); their ends are right.
fn start(expr: &Expr<'_>, text: &str) -> usize {
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
