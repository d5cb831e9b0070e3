//! The CEL of admission policies: `matchConditions`, `variables` and `validations`, as Kubernetes' own
//! `ValidatingAdmissionPolicy` and Kyverno's `ValidatingPolicy` have them.
//! <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::convert::untyped;
use super::eval::Machine;
use super::parser;
use super::rule::children;
use super::syntax::{Access, Expr, Kind, Operator};
use super::value::{Key, Value};
use crate::account::Cost;
use crate::finding::suggest::did_you_mean;
use crate::schema::work;

/// What expressions of a policy can speak of, in the order in which values are bound.
const NAMES: [&str; 5] = ["object", "oldObject", "request", "namespaceObject", "variables"];

/// A policy's expressions as they are written.
#[derive(Debug, Default)]
pub struct AdmissionSource<'a> {
    pub conditions: Vec<&'a str>,
    /// Names and expressions; each may use those before it.
    pub variables: Vec<(&'a str, &'a str)>,
    pub validations: Vec<Validation<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Validation<'a> {
    pub expression: &'a str,
    pub message: Option<&'a str>,
    pub message_expression: Option<&'a str>,
}

/// A policy that can be asked.
#[derive(Debug)]
pub struct Admission {
    conditions: Vec<Expr>,
    variables: Vec<(Arc<str>, Expr)>,
    validations: Vec<(Expr, Option<Arc<str>>, Option<Expr>)>,
}

/// What the API server asks about: an object that is to be created.
#[derive(Debug)]
pub struct AdmissionRequest<'a> {
    pub object: &'a Json,
    pub request: &'a Json,
    pub namespace: &'a Json,
}

/// What a policy says.
#[derive(Debug, PartialEq, Eq)]
pub enum Admitted {
    Yes,
    /// By the first of its validations that is false, with its message; its position among them.
    No(usize, Option<String>),
    /// Something in it asks what is only known in a cluster, or means nothing here.
    Unknown,
    /// It takes longer to ask than a policy may take.
    TooLong,
}

/// What an expression looks at. Texts that it compares with are not among the names; keys in texts are.
#[derive(Debug, Default)]
pub struct Reads {
    names: BTreeSet<Arc<str>>,
    /// Whether it asks if something is there.
    pub asks_whether: bool,
}

impl Reads {
    /// Nothing if the expression is not understood.
    pub fn of(expression: &str) -> Option<Self> {
        let mut reads = Self::default();
        reads.look(&parser::parse_with(expression, &NAMES).ok()?);
        Some(reads)
    }

    /// Fields, keys and variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    fn look(&mut self, expr: &Expr) {
        let text = |expr: &Expr| match &expr.kind {
            Kind::Literal(Value::String(text)) => Some(Arc::clone(text)),
            _ => None,
        };
        match &expr.kind {
            Kind::Variable(slot) => self.names.extend(NAMES.get(*slot).map(|name| Arc::from(*name))),
            Kind::Select { field, access, .. } => {
                self.names.insert(Arc::clone(field));
                self.asks_whether |= *access != Access::Must;
            }
            Kind::Index { index, optional, .. } => {
                self.names.extend(text(index));
                self.asks_whether |= *optional;
            }
            // `'key' in map` asks for a key, `x in ['a', 'b']` does not.
            Kind::Binary(Operator::In, sides) if !matches!(sides[1].kind, Kind::List(_)) => {
                self.names.extend(text(&sides[0]));
                self.asks_whether = true;
            }
            _ => {}
        }
        for part in children(expr) {
            self.look(part);
        }
    }
}

/// What the API server would say of an expression that may speak of these names, and what to do. Of `variables` those
/// that are declared before it are known. Functions that only the server has are let pass.
pub fn fault(expression: &str, names: &[&str], declared: &[&str]) -> Option<(String, Option<String>)> {
    let expr = match parser::parse_with(expression, names) {
        Ok(expr) => expr,
        Err(problem) if problem.message.contains("no function") => return None,
        Err(problem) => return Some((problem.message, problem.help.filter(|help| !help.contains("`self.")))),
    };
    let slot = names.iter().position(|name| *name == "variables")?;
    let unknown = undeclared(&expr, slot, declared)?;
    let help = did_you_mean(unknown, declared.iter().copied());
    Some((format!("no variable `{unknown}` is declared before"), help))
}

/// The first variable of a policy that it does not declare.
fn undeclared<'e>(expr: &'e Expr, slot: usize, declared: &[&str]) -> Option<&'e str> {
    if let Kind::Select { operand, field, .. } = &expr.kind
        && matches!(operand.kind, Kind::Variable(own) if own == slot)
        && !declared.contains(&&**field)
    {
        return Some(field);
    }
    children(expr).into_iter().find_map(|part| undeclared(part, slot, declared))
}

impl Admission {
    /// None if any expression of it is not understood: a function that only the policy's engine has, a parameter.
    pub fn compile(source: &AdmissionSource<'_>) -> Option<Self> {
        let parse = |text: &str| parser::parse_with(text, &NAMES).ok();
        let validation = |it: &Validation<'_>| {
            // A message that cannot be worked out is no reason to say nothing.
            let said = it.message_expression.and_then(parse);
            Some((parse(it.expression)?, it.message.map(Arc::from), said))
        };
        Some(Self {
            conditions: source.conditions.iter().map(|text| parse(text)).collect::<Option<_>>()?,
            variables: source
                .variables
                .iter()
                .map(|(name, text)| Some((Arc::from(*name), parse(text)?)))
                .collect::<Option<_>>()?,
            validations: source.validations.iter().map(validation).collect::<Option<_>>()?,
        })
    }

    /// The verdict, and what it costs.
    pub fn judge(&self, asked: &AdmissionRequest<'_>) -> (Admitted, Cost) {
        let mut machine = Machine::default();
        let admitted = match self.evaluate(&mut machine, asked) {
            Admitted::Yes | Admitted::Unknown if machine.exhausted => Admitted::TooLong,
            admitted => admitted,
        };
        let nodes = [asked.object, asked.request, asked.namespace].map(work::weight).iter().sum::<u64>();
        (admitted, machine.take_cost().plus(Cost::steps(nodes.saturating_mul(10))))
    }

    fn evaluate(&self, machine: &mut Machine, asked: &AdmissionRequest<'_>) -> Admitted {
        let mut values = [
            untyped(asked.object),
            Value::Null,
            untyped(asked.request),
            untyped(asked.namespace),
            Value::Map(Arc::default()),
        ];
        for condition in &self.conditions {
            match machine.run_with(condition, &values) {
                Ok(Value::Bool(true)) => {}
                Ok(Value::Bool(false)) => return Admitted::Yes,
                _ => return Admitted::Unknown,
            }
        }
        let mut variables = BTreeMap::new();
        for (name, expr) in &self.variables {
            // One that fails is missed only by who uses it.
            if let Ok(value) = machine.run_with(expr, &values) {
                variables.insert(Key::String(Arc::clone(name)), value);
                values[4] = Value::Map(Arc::new(variables.clone()));
            }
        }
        let mut is_known = true;
        for (at, (expr, message, said)) in self.validations.iter().enumerate() {
            match machine.run_with(expr, &values) {
                Ok(Value::Bool(true)) => {}
                Ok(Value::Bool(false)) => {
                    let said = said.as_ref().and_then(|expr| match machine.run_with(expr, &values) {
                        Ok(Value::String(text)) => Some(text),
                        _ => None,
                    });
                    return Admitted::No(at, said.or_else(|| message.clone()).map(|text| text.trim().to_owned()));
                }
                _ => is_known = false,
            }
        }
        if is_known { Admitted::Yes } else { Admitted::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(source: &AdmissionSource<'_>, object: &Json) -> Option<Admitted> {
        let request = json!({"operation": "CREATE", "namespace": "shop"});
        let namespace = json!({"metadata": {"name": "shop", "labels": {"tier": "gold"}}});
        let asked = AdmissionRequest { object, request: &request, namespace: &namespace };
        Some(Admission::compile(source)?.judge(&asked).0)
    }

    fn validation(expression: &'static str) -> Vec<Validation<'static>> {
        vec![Validation { expression, message: Some("no"), message_expression: Some("'not ' + variables.name") }]
    }

    #[test]
    fn a_text_is_no_field_but_a_key_is() {
        let names = |text: &str| Reads::of(text).map(|reads| reads.names().collect::<Vec<_>>().join(" "));
        let names = |text: &str| names(text).unwrap_or_default();
        assert_eq!(names("object.spec.type != 'status' && 'a' in ['nodeName']"), "object spec type");
        assert_eq!(names("object['status'].x == variables.nope"), "nope object status variables x");
        assert_eq!(names("'nodeName' in object.spec"), "nodeName object spec");
        assert_eq!(names("object.items.all(status, status == 'namespaceObject')"), "items object");
        let asks = |text: &str| Reads::of(text).is_some_and(|reads| reads.asks_whether);
        assert!(asks("has(object.spec)") && asks("object.?spec.hasValue()") && asks("'a' in object.spec"));
        assert!(!asks("object.kind in ['a', 'has(b)']") && !asks("object.kind == ' in '"));
    }

    #[test]
    fn a_policy_is_asked_as_the_api_server_asks() {
        let object = json!({"metadata": {"name": "api"}, "spec": {"replicas": 2}});
        let of = |condition: &'static str, expression: &'static str| {
            let source = AdmissionSource {
                conditions: vec![condition],
                variables: vec![
                    ("name", "object.metadata.name"),
                    ("gone", "object.spec.gone"),
                    ("twice", "variables.name + variables.name"),
                ],
                validations: validation(expression),
            };
            judged(&source, &object)
        };
        let refused = Some(Admitted::No(0, Some("not api".to_owned())));
        assert_eq!(of("true", "object.spec.replicas > 1 && variables.twice == 'apiapi'"), Some(Admitted::Yes));
        assert_eq!(of("oldObject == null", "object.spec.replicas > 2"), refused);
        assert_eq!(of("request.operation == 'CREATE'", "namespaceObject.metadata.labels.tier == 'silver'"), refused);
        assert_eq!(of("request.operation == 'UPDATE'", "false"), Some(Admitted::Yes));
        assert_eq!(of("true", "variables.gone == 1"), Some(Admitted::Unknown));
        assert_eq!(of("object.spec.gone", "false"), Some(Admitted::Unknown));
        assert_eq!(of("true", "globalContext.Get('x', '') == 1"), None);
    }
}
