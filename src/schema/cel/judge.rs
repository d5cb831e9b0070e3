//! Evaluating the rules of a schema on a value: each on every place that its schema judges.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::blame::blame;
use super::convert;
use super::eval::Machine;
use super::rule::{Rule, place};
use super::syntax;
use super::value::{Key, Value};
use crate::account::{Cost, Work};
use crate::finding::Finding;
use crate::finding::codes::schema as rules;
use crate::schema::validate::{Validation, with_history};
use crate::schema::{Shape, wording, work};
use crate::yaml::path::{Path, Step};

/// Further places that a rule reads, shown beside the first; more would be noise.
const SHOWN: usize = 3;

/// Steps of making a value that rules can read, a node of it.
const NODE: u64 = 5;

impl Validation<'_> {
    /// Evaluates all rules. Where the value already has another form than the schema wants, its rules say nothing.
    pub(in crate::schema) fn evaluate_rules(&mut self) {
        let mut evaluation = Evaluation { machine: Machine::default(), path: Path::root() };
        let json = self.json;
        self.charge(Cost::steps(work::weight(json).saturating_mul(NODE)), Work::Schema);
        let shape = self.schema.shape();
        evaluation.walk(self, json, shape, false);
    }

    fn is_broken(&self, path: &Path) -> bool {
        self.found.iter().any(|found| found.path.steps().starts_with(path.steps()) && found.structural)
    }
}

struct Evaluation {
    machine: Machine,
    path: Path,
}

impl Evaluation {
    /// Goes down first: a rule's `self` is made of the values below it. `needed` if a rule above wants the value.
    fn walk(&mut self, validation: &mut Validation<'_>, json: &Json, shape: Shape<'_>, needed: bool) -> Option<Value> {
        let has_rules = shape.nodes().any(|node| !node.rules.is_empty());
        let wanted = needed || has_rules;
        let value = match json {
            Json::Array(items) => {
                let of_items = shape.item();
                let mut list = Vec::new();
                for (at, item) in items.iter().enumerate() {
                    self.path.push(Step::Index(at));
                    list.extend(self.walk(validation, item, of_items, wanted));
                    self.path.pop();
                }
                wanted.then(|| convert::list(list, shape))
            }
            Json::Object(entries) => {
                let mut map = BTreeMap::new();
                for (key, json) in entries {
                    let name: Arc<str> = key.as_str().into();
                    self.path.push(Step::Key(Arc::clone(&name)));
                    let value = self.walk(validation, json, shape.property(key), wanted);
                    self.path.pop();
                    if let Some(value) = value {
                        map.insert(Key::String(name), value);
                    }
                }
                wanted.then(|| convert::map(map, shape))
            }
            scalar => wanted.then(|| convert::scalar(scalar, shape)),
        };
        if has_rules
            && let Some(value) = &value
            && !matches!(value, Value::Null)
            && !validation.is_broken(&self.path)
        {
            for node in shape.nodes() {
                for rule in &node.rules {
                    self.evaluate(validation, rule, value);
                }
            }
        }
        value
    }

    fn evaluate(&mut self, validation: &mut Validation<'_>, rule: &Rule, this: &Value) {
        if rule.is_transition {
            return;
        }
        // What is over stays over: nothing will be said of it but that.
        if validation.account.is_over() {
            return;
        }
        match self.machine.run(&rule.expr, this) {
            Ok(Value::Bool(true)) => {}
            Ok(Value::Bool(false)) => self.broken(validation, rule, this),
            Ok(other) => {
                let problem = syntax::Problem {
                    start: rule.expr.start as usize,
                    end: rule.expr.end as usize,
                    message: format!("a rule must give true or false, this gives a {}", other.type_name()),
                    help: None,
                };
                self.failed(validation, rule, &problem);
            }
            Err(problem) => self.failed(validation, rule, &problem),
        }
        let told = Cost::steps(validation.found.len() as u64);
        validation.account.charge(self.machine.take_cost().plus(told), Work::SchemaRule, rule.span());
    }

    fn broken(&mut self, validation: &mut Validation<'_>, rule: &Rule, this: &Value) {
        if validation.is_full() {
            return;
        }
        let said = rule.message_expression.as_ref().and_then(|(expr, _)| match self.machine.run(expr, this) {
            // As in Kubernetes, an empty message or one that cannot be made falls back to `message`.
            Ok(Value::String(text)) if !text.trim().is_empty() && !text.contains('\n') => Some(text),
            _ => None,
        });
        let on = if self.path.is_root() { String::new() } else { format!("{}: ", wording::name(&self.path)) };
        let message = match said.or_else(|| rule.message.clone()) {
            Some(message) => format!("{on}{}", message.trim_end_matches('.').trim()),
            None => format!("{} breaks the rule `{}`", wording::name(&self.path), one_line(&rule.text.text)),
        };
        let mut path = self.path.clone();
        for step in &rule.field_path {
            path.push(Step::Key(Arc::clone(step)));
        }
        let mut guilty = blame(&mut self.machine, &rule.expr, this, &self.path, validation.json);
        if rule.field_path.is_empty() && !guilty.is_empty() {
            path = guilty.remove(first_to_change(&guilty, validation));
        }
        let sources = validation.sources;
        let span_of = |path: &Path| {
            let place = validation.instance.place(path.steps());
            match validation.json_at(path) {
                Some(Json::Array(_) | Json::Object(_)) | None => place.head(sources),
                Some(_) => place.origin.value,
            }
        };
        let place = validation.instance.place(path.steps());
        let mut finding =
            with_history(Finding::new(&rules::RULE, span_of(&path), message), &place, "it is also set here");
        for place in guilty.iter().take(SHOWN) {
            let span = span_of(place);
            let shown = finding.primary.span == span || finding.related.iter().any(|label| label.span == span);
            if !shown {
                finding = finding.also(span, format!("the rule reads {}", wording::name(place)));
            }
        }
        finding = finding.also(rule.text.span, "the rule");
        validation.push(path, u8::MAX, finding);
    }

    fn failed(&self, validation: &mut Validation<'_>, rule: &Rule, problem: &syntax::Problem) {
        if validation.is_full() {
            return;
        }
        let place_of = validation.instance.place(self.path.steps());
        let message = format!("a rule cannot be evaluated on {}: {}", wording::name(&self.path), problem.message);
        let finding = Finding::new(&rules::RULE_ERROR, place_of.head(validation.sources), message);
        let finding = finding.label("on this value").also(place(&rule.text, problem, validation.sources), "here");
        let finding = if problem.message.starts_with("there is no field `") {
            finding.help("a field that need not be set is asked for with `has(…)` first")
        } else {
            finding
        };
        validation.push(self.path.clone(), u8::MAX, finding);
    }
}

/// Of the places that make a rule false, the one to point at: what the environment itself says before what a layer says,
/// what was overridden before what was not, else the first that the rule names.
fn first_to_change(guilty: &[Path], validation: &Validation<'_>) -> usize {
    let own = validation.instance.place(&[]).origin.value.file;
    let places: Vec<_> = guilty.iter().map(|path| validation.instance.place(path.steps())).collect();
    let of_the_environment = places.iter().position(|place| place.origin.value.file == own);
    let overridden = || places.iter().position(|place| !place.overrode.is_empty());
    of_the_environment.or_else(overridden).unwrap_or(0)
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 100 { line } else { format!("{}…", line.chars().take(100).collect::<String>()) }
}
