//! A rule, from its words in a schema file to an expression that can be evaluated.

use std::sync::Arc;

use super::parser::{self, OLD_SELF};
use super::syntax::{Expr, Kind, Problem};
use crate::finding::codes::schema as rules;
use crate::finding::{Finding, Findings};
use crate::source::{Sources, Span};

/// A rule as written.
#[derive(Clone, Debug, Default)]
pub(in crate::schema) struct RuleSource {
    pub(in crate::schema) rule: Option<Text>,
    message: Option<Text>,
    message_expression: Option<Text>,
    field_path: Option<Text>,
    optional_old_self: bool,
}

/// A text of a schema file and where it stands.
#[derive(Clone, Debug)]
pub(in crate::schema) struct Text {
    pub(in crate::schema) text: Arc<str>,
    pub(in crate::schema) span: Span,
}

/// A rule that is ready to be evaluated.
#[derive(Debug)]
pub(in crate::schema) struct Rule {
    pub(super) expr: Expr,
    pub(super) text: Text,
    pub(super) message: Option<Arc<str>>,
    pub(super) message_expression: Option<(Expr, Text)>,
    /// Keys from `self` to the field the rule is about.
    pub(super) field_path: Vec<Arc<str>>,
    /// It compares with an earlier state; there is none, as when Kubernetes creates an object.
    pub(super) is_transition: bool,
    /// It looks at an earlier state, if there is one.
    looks_back: bool,
}

impl Rule {
    /// The expression as it is written.
    pub(in crate::schema) fn text(&self) -> &str {
        &self.text.text
    }

    /// Whether it has something to say of an update that it does not say of the new value alone.
    pub(super) fn is_update(&self) -> bool {
        self.looks_back
    }

    /// The expression in its schema file.
    pub(in crate::schema) fn span(&self) -> Span {
        self.text.span
    }
}

impl RuleSource {
    pub(in crate::schema) const WORDS: [&'static str; 6] =
        ["rule", "message", "messageExpression", "fieldPath", "reason", "optionalOldSelf"];

    /// Takes one word of a rule; false if there is no such word.
    pub(in crate::schema) fn set(&mut self, word: &str, text: Arc<str>, span: Span) -> bool {
        let text = Text { text, span };
        match word {
            "rule" => self.rule = Some(text),
            "message" => self.message = Some(text),
            "messageExpression" => self.message_expression = Some(text),
            "fieldPath" => self.field_path = Some(text),
            "optionalOldSelf" => self.optional_old_self = &*text.text == "true",
            // For the API server's answer, which has no counterpart here.
            "reason" => {}
            _ => return false,
        }
        true
    }

    /// Compiles the rule; what is wrong in its expressions is a finding where it stands.
    pub(in crate::schema) fn compile(self, sources: &Sources, findings: &mut Findings) -> Option<Rule> {
        let text = self.rule?;
        let mut parse = |text: &Text| match parser::parse(&text.text) {
            Ok(expr) => Some(expr),
            Err(problem) => {
                findings.push(finding(text, &problem, sources));
                None
            }
        };
        let expr = parse(&text);
        let message_expression = match self.message_expression {
            Some(text) => Some((parse(&text)?, text)),
            None => None,
        };
        let expr = expr?;
        let looks_back = uses(&expr, OLD_SELF);
        let is_transition = looks_back && !self.optional_old_self;
        let field_path = self.field_path.map(|path| steps(&path.text)).unwrap_or_default();
        let message = self.message.map(|message| message.text);
        Some(Rule { expr, text, message, message_expression, field_path, is_transition, looks_back })
    }
}

fn finding(text: &Text, problem: &Problem, sources: &Sources) -> Finding {
    let span = place(text, problem, sources);
    let mut finding = Finding::new(&rules::BAD_RULE, span, problem.message.clone());
    finding.help.clone_from(&problem.help);
    finding
}

/// The place of a problem in the schema file. A text of several lines, quoted or folded, differs from its source in
/// blanks only, or else the whole text is shown.
pub(super) fn place(text: &Text, problem: &Problem, sources: &Sources) -> Span {
    let source = sources.slice(text.span);
    let written = source.strip_prefix(['"', '\'']).unwrap_or(&source);
    let skipped = source.len() - written.len();
    let find = |at: usize| align(written, &text.text, at).map(|at| text.span.start as usize + skipped + at);
    match (find(problem.start), find(problem.end.saturating_sub(1).max(problem.start))) {
        (Some(start), Some(last)) => {
            let length = text.text.get(problem.start..problem.end).map_or(0, |part| usize::from(!part.is_empty()));
            Span::new(text.span.file, start, (last + length).max(start))
        }
        _ => text.span,
    }
}

/// Where byte `at` of a text stands in its source.
fn align(source: &str, text: &str, at: usize) -> Option<usize> {
    let mut rest = source;
    for (offset, letter) in text.char_indices() {
        if letter.is_whitespace() {
            if offset >= at {
                return Some(source.len() - rest.len());
            }
            rest = rest.trim_start();
            continue;
        }
        rest = rest.trim_start();
        if offset >= at {
            return rest.starts_with(letter).then_some(source.len() - rest.len());
        }
        rest = rest.strip_prefix(letter)?;
    }
    Some(source.len() - rest.len())
}

/// Whether an expression reads a variable.
fn uses(expr: &Expr, slot: usize) -> bool {
    matches!(expr.kind, Kind::Variable(own) if own == slot) || children(expr).into_iter().any(|part| uses(part, slot))
}

/// The expressions directly within one.
pub(super) fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        Kind::Literal(_) | Kind::Variable(_) => Vec::new(),
        Kind::Select { operand, .. } | Kind::Not(operand) | Kind::Negate(operand) => vec![operand],
        Kind::Index { operand, index, .. } => vec![operand, index],
        Kind::Call { args, .. } | Kind::And(args) | Kind::Or(args) => args.iter().collect(),
        Kind::List(items) => items.iter().map(|(item, _)| item).collect(),
        Kind::Map(entries) => entries.iter().flat_map(|(key, value, _)| [key, value]).collect(),
        Kind::If(parts) => parts.iter().collect(),
        Kind::Binary(_, sides) => sides.iter().collect(),
        Kind::Loop(own) => [&own.range, &own.body].into_iter().chain(&own.filter).collect(),
    }
}

/// `.spec.limits['cpu']` as keys.
fn steps(path: &str) -> Vec<Arc<str>> {
    let parts = path.split(['.', '[', ']']).map(|part| part.trim_matches(['\'', '"']));
    parts.filter(|part| !part.is_empty()).map(Arc::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_found_again_in_folded_text() {
        let source = "self.a <=\n        self.bb &&\n        true\n";
        let text = "self.a <= self.bb && true";
        let at = text.find("bb").unwrap();
        assert_eq!(align(source, text, at), source.find("bb"));
        assert_eq!(align("a''b", "a'b", 2), None);
        assert_eq!(align("a", "a", 1), Some(1));
        assert_eq!(
            steps(".spec.limits['cpu']").iter().map(|step| &**step).collect::<Vec<_>>(),
            ["spec", "limits", "cpu"]
        );
    }
}
