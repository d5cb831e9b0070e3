//! The fields a rule names against those the schema declares: a misspelt one is found when the schema is loaded, as the
//! API server does.

use super::escape;
use super::rule::Rule;
use super::syntax::{Expr, Kind, Problem};
use crate::finding::codes::schema as rules;
use crate::finding::suggest::did_you_mean;
use crate::finding::{Finding, Findings};
use crate::schema::Shape;
use crate::source::Sources;
use crate::yaml::Types;

pub(in crate::schema) fn check(rule: &Rule, shape: Shape<'_>, sources: &Sources, findings: &mut Findings) {
    let mut check = Check { variables: vec![Some(shape), Some(shape)], problems: Vec::new() };
    check.shape(&rule.expr);
    for problem in check.problems {
        let span = super::rule::place(&rule.text, &problem, sources);
        let mut finding = Finding::new(&rules::BAD_RULE, span, problem.message);
        finding.help = problem.help;
        findings.push(finding);
    }
}

struct Check<'a> {
    /// What is known about the value of each variable.
    variables: Vec<Option<Shape<'a>>>,
    problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    /// What the schema says about an expression's value, if anything.
    fn shape(&mut self, expr: &Expr) -> Option<Shape<'a>> {
        match &expr.kind {
            Kind::Variable(slot) => self.variables.get(*slot).copied().flatten(),
            Kind::Select { operand, field, .. } => {
                let shape = self.shape(operand)?;
                self.field(expr, shape, field)
            }
            Kind::Index { operand, index, .. } => {
                let operand = self.shape(operand);
                self.shape(index);
                let operand = operand?;
                (operand.types() == Types::LIST).then(|| operand.item())
            }
            Kind::Loop(own) => {
                let range = self.shape(&own.range);
                let item = range.filter(|range| range.types() == Types::LIST).map(Shape::item);
                self.variables.truncate(own.slot);
                self.variables.resize(own.slot, None);
                if own.two {
                    self.variables.push(None);
                }
                self.variables.push(item);
                if let Some(filter) = &own.filter {
                    self.shape(filter);
                }
                self.shape(&own.body);
                self.variables.truncate(own.slot);
                (own.kind == super::syntax::LoopKind::Filter).then_some(range).flatten()
            }
            _ => {
                for part in super::rule::children(expr) {
                    self.shape(part);
                }
                None
            }
        }
    }

    fn field(&mut self, expr: &Expr, shape: Shape<'a>, field: &str) -> Option<Shape<'a>> {
        let named = shape.known_keys().find(|key| escape::names(field, key));
        if let Some(name) = named {
            return Some(shape.property(name));
        }
        // A map that takes any key, or about whose keys nothing is said.
        if shape.takes_others() || shape.known_keys().next().is_none() {
            return None;
        }
        let names: Vec<_> = shape.known_keys().map(|key| escape::field(key)).collect();
        let problem = Problem {
            start: expr.start as usize,
            end: expr.end as usize,
            message: format!("the schema declares no field `{field}` here"),
            help: did_you_mean(field, names.iter().map(|name| &**name)),
        };
        self.problems.push(problem);
        None
    }
}
