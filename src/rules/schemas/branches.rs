//! Schemas of which one must hold, and those that hold where another one does.

use serde_json::{Map, Value as Json};

use super::rules::MISSING_PROPERTY;
use super::scalar::{fits, intrinsic, is_open, is_set, list, text, word_of};
use super::walk::{Problem, Walk};
use crate::account::Cost;
use crate::check::Node;
use crate::value::Value;

/// Conditions within each other.
const DEPTH: usize = 20;

impl Walk<'_> {
    /// Some branch must hold; of none, the nearest is explained.
    pub(super) fn one_of(&mut self, branches: &[&Json], node: &Node<'_>, only_one: bool, depth: usize) {
        let required = |branch: &&Json| -> Option<Vec<String>> {
            let words = branch.as_object().filter(|words| words.len() == 1)?;
            Some(list(word_of(words, "required")).filter_map(Json::as_str).map(str::to_owned).collect())
        };
        let needs: Option<Vec<Vec<String>>> = branches.iter().map(required).collect();
        if let Some(needs) = needs {
            return self.one_needed(&needs, node, only_one);
        }
        let before = std::mem::take(&mut self.found);
        let mut nearest: Option<Vec<Problem>> = None;
        for branch in branches {
            self.value(branch, node, depth + 1);
            let found = std::mem::take(&mut self.found);
            if nearest.as_ref().is_none_or(|nearest| found.len() < nearest.len()) {
                nearest = Some(found);
            }
        }
        self.found = before;
        self.found.extend(nearest.into_iter().flatten());
    }

    fn one_needed(&mut self, needs: &[Vec<String>], node: &Node<'_>, only_one: bool) {
        if !matches!(node.value, Value::Map(_)) || node.entries().iter().any(|(key, _)| key.starts_with("Fn::")) {
            return;
        }
        let names: Vec<_> = needs.iter().map(|names| format!("`{}`", names.join("` with `"))).collect();
        let present: Vec<&Vec<String>> = needs
            .iter()
            .filter(|names| names.iter().all(|name| node.get(name).is_some_and(|it| is_set(&it))))
            .collect();
        if present.is_empty() {
            let message = format!("{} needs one of {}", self.owner(&node.path()), names.join(", "));
            self.say(&MISSING_PROPERTY, node.place(), message, String::new(), Some("add one of them".to_owned()));
        } else if only_one && let [one, other, ..] = present.as_slice() {
            for (one, other) in one.iter().zip(other.iter()) {
                self.exclude(node, one, other);
            }
        }
    }

    /// `if`, `then` and `else`; neither where it is not certain whether the first holds.
    pub(super) fn conditional(&mut self, words: &Map<String, Json>, node: &Node<'_>, depth: usize) {
        let Some(condition) = word_of(words, "if") else { return };
        let branch = match self.holds(condition, node, 0) {
            Some(true) => word_of(words, "then"),
            Some(false) => word_of(words, "else"),
            None => None,
        };
        if let Some(branch) = branch {
            self.value(branch, node, depth + 1);
        }
    }

    /// Whether a value surely is what a schema says, or surely is not. It knows the words that conditions are made of.
    fn holds(&mut self, schema: &Json, node: &Node<'_>, depth: usize) -> Option<bool> {
        let words = match schema {
            Json::Bool(answer) => return Some(*answer),
            Json::Object(words) => words,
            _ => return None,
        };
        self.spend(10);
        if depth > DEPTH || self.account.would_be_over(self.cost) {
            return None;
        }
        if intrinsic(node).is_some() || is_open(node.value) || words.contains_key("$ref") {
            return if words.is_empty() { Some(true) } else { None };
        }
        let mut all = Some(true);
        let mut and = |one: Option<bool>| {
            all = match (all, one) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        };
        for (word, says) in words {
            and(match word.as_str() {
                "type" => Some(match says {
                    Json::String(name) => fits(name, node.value),
                    names => list(Some(names)).filter_map(Json::as_str).any(|name| fits(name, node.value)),
                }),
                "additionalProperties" if says == &Json::Bool(true) => Some(true),
                "const" => Some(is_one_of(std::slice::from_ref(says), node.value)),
                "enum" => says.as_array().map(|options| is_one_of(options, node.value)),
                "required" => has_all(says, node),
                "minItems" => match node.value {
                    Value::List(items) => Some(items.len() as u64 >= says.as_u64()?),
                    _ => Some(true),
                },
                "maximum" => match text(node.value).and_then(|text| text.parse::<f64>().ok()) {
                    Some(number) => Some(number <= says.as_f64()?),
                    None => Some(true),
                },
                "pattern" => match text(node.value) {
                    Some(text) => self.matches(says.as_str()?, &text),
                    None => Some(true),
                },
                "not" => self.holds(says, node, depth + 1).map(|answer| !answer),
                "anyOf" => {
                    let answers: Vec<_> = list(Some(says)).map(|one| self.holds(one, node, depth + 1)).collect();
                    if answers.contains(&Some(true)) {
                        Some(true)
                    } else {
                        answers.iter().all(|answer| *answer == Some(false)).then_some(false)
                    }
                }
                "properties" => {
                    let mut all = Some(true);
                    for (name, below) in says.as_object()? {
                        let Some(value) = node.get(name) else { continue };
                        let one = if is_set(&value) { self.holds(below, &value, depth + 1) } else { Some(true) };
                        match one {
                            Some(true) => {}
                            Some(false) => {
                                all = Some(false);
                                break;
                            }
                            None => all = None,
                        }
                    }
                    all
                }
                _ => None,
            });
        }
        all
    }

    /// Whether a text has what a pattern looks for; nothing where nobody can say or pay.
    pub(super) fn matches(&mut self, pattern: &str, text: &str) -> Option<bool> {
        let mut steps = 0;
        let answer = self.schemas.is_match(pattern, text, &mut |more| {
            steps += more;
            !self.account.would_be_over(self.cost.plus(Cost::steps(steps)))
        });
        self.cost = self.cost.plus(Cost::steps(steps));
        answer
    }
}

/// Whether a map has all these keys. One that is set on a condition may be there or not.
fn has_all(names: &Json, node: &Node<'_>) -> Option<bool> {
    let mut all = Some(true);
    for name in list(Some(names)).filter_map(Json::as_str) {
        match node.get(name) {
            Some(value) if !is_set(&value) => return Some(false),
            Some(value) if intrinsic(&value).is_some_and(|(name, _)| name == "Fn::If") => all = None,
            Some(_) => {}
            None => return Some(false),
        }
    }
    all
}

fn is_one_of(options: &[Json], value: &Value) -> bool {
    let Some(text) = text(value) else { return false };
    options.iter().any(|option| match option.as_str() {
        Some(word) => word == text,
        // A number or a boolean, as it is written.
        None => matches!(option, Json::Number(_) | Json::Bool(_)) && text == option.to_string().as_str(),
    })
}
