//! A rule that stands in no schema: an expression over any value.

use std::sync::Arc;

use serde_json::Value as Json;

use super::convert::untyped;
use super::eval::Machine;
use super::rule::{Rule, RuleSource, place};
use super::syntax::Problem;
use super::value::Value;
use crate::account::{Account, Cost, Work};
use crate::finding::Findings;
use crate::schema::work;
use crate::source::{Sources, Span};

/// Steps of making a value that rules can read, a node of it: from the artifact to JSON, and on.
const NODE: u64 = 10;

/// A compiled rule and what it says when it is broken.
#[derive(Debug)]
pub struct Program(Rule);

/// What became of a rule.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Holds,
    /// With the text of `messageExpression` or `message`.
    Broken(Option<String>),
    /// It could not be evaluated: why, and where in the expression.
    Failed(String, Span),
}

impl Program {
    /// Compiles `rule`, `message`, `messageExpression` and `fieldPath`, given as words with their texts and places.
    /// `None`, with findings, if one of them is wrong.
    pub fn compile(words: &[(&str, Arc<str>, Span)], sources: &Sources, findings: &mut Findings) -> Option<Self> {
        let mut source = RuleSource::default();
        for (word, text, span) in words {
            source.set(word, Arc::clone(text), *span);
        }
        source.compile(sources, findings).map(Self)
    }

    /// Where the expression stands.
    pub fn span(&self) -> Span {
        self.0.span()
    }

    /// The keys from `self` to the field that the rule is about.
    pub fn field_path(&self) -> &[Arc<str>] {
        &self.0.field_path
    }

    /// Evaluates the rule with `self` bound.
    pub fn judge(&self, this: &Json, sources: &Sources, account: &Account) -> Verdict {
        let cost = Cost::steps(work::weight(this).saturating_mul(NODE));
        let this = untyped(this);
        let mut machine = Machine::default();
        let verdict = self.evaluate(&mut machine, &this, sources);
        account.charge(cost.plus(machine.take_cost()), Work::Rule, self.span());
        verdict
    }

    fn evaluate(&self, machine: &mut Machine, this: &Value, sources: &Sources) -> Verdict {
        let failed =
            |problem: &Problem| Verdict::Failed(problem.message.clone(), place(&self.0.text, problem, sources));
        match machine.run(&self.0.expr, this) {
            Ok(Value::Bool(true)) => Verdict::Holds,
            Ok(Value::Bool(false)) => {
                let said = self.0.message_expression.as_ref().and_then(|(expr, _)| match machine.run(expr, this) {
                    Ok(Value::String(text)) if !text.trim().is_empty() && !text.contains('\n') => Some(text),
                    _ => None,
                });
                Verdict::Broken(said.or_else(|| self.0.message.clone()).map(|text| text.trim().to_owned()))
            }
            Ok(other) => failed(&Problem {
                start: self.0.expr.start as usize,
                end: self.0.expr.end as usize,
                message: format!("a rule must give true or false, this gives a {}", other.type_name()),
                help: None,
            }),
            Err(problem) => failed(&problem),
        }
    }
}
