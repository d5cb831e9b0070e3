//! `anyOf`, `oneOf` and `not`: which alternative was meant, and what to say when none or too many fit.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value as Json;

use super::validate::{Validation, types};
use super::wording;
use crate::finding::Finding;
use crate::finding::codes::schema as rules;
use crate::yaml::Types;
use crate::yaml::path::{Path, Step};

type Branch = Vec<ValidationError<'static>>;

/// How near an alternative came; the greatest is the one that was meant.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Nearness {
    /// The value has the type the alternative wants.
    type_fits: bool,
    /// No `const` or `enum` just below the value says that another alternative was meant.
    chosen: bool,
    /// The deeper the first error, the more of the alternative fits.
    depth: usize,
    fewer_errors: std::cmp::Reverse<usize>,
}

impl Validation<'_> {
    pub(super) fn no_alternative(&mut self, path: Path, branches: &[Branch]) {
        let at = pointer_depth(&path);
        let here = |error: &ValidationError| depth(error) == at;
        // All alternatives differ in the type alone, in the allowed values alone, or in the key they need.
        let mut wanted = Types::NONE;
        let mut allowed: Vec<Json> = Vec::new();
        let mut needed: Vec<String> = Vec::new();
        for branch in branches {
            let [error] = branch.as_slice() else { continue };
            match error.kind() {
                ValidationErrorKind::Type { kind } if here(error) => wanted = wanted | types(kind),
                ValidationErrorKind::Enum { options } if here(error) => {
                    allowed.extend(options.as_array().into_iter().flatten().cloned());
                }
                ValidationErrorKind::Constant { expected_value } if here(error) => {
                    allowed.push((**expected_value).clone());
                }
                ValidationErrorKind::Required { property } if here(error) => {
                    needed.push(property.as_str().unwrap_or_default().to_owned());
                }
                _ => {}
            }
        }
        let alone = |count: usize| count == branches.len() && branches.iter().all(|branch| branch.len() == 1);
        let only_types = branches.iter().all(|branch| {
            matches!(branch.as_slice(), [error] if here(error) && matches!(error.kind(), ValidationErrorKind::Type { .. }))
        });
        if only_types && !branches.is_empty() {
            return self.wrong_type(path, wanted);
        }
        if !allowed.is_empty()
            && branches.iter().all(|branch| branch.len() == 1 && here(&branch[0]) && is_choice(&branch[0]))
        {
            return self.not_allowed(path, &allowed);
        }
        if alone(needed.len()) && !needed.is_empty() {
            return self.needs_one(path, &needed);
        }
        if self.discriminated(&path, branches) {
            return;
        }
        let nearest = branches.iter().max_by_key(|branch| nearness(branch, at));
        let Some(nearest) = nearest.filter(|branch| !branch.is_empty()) else { return };
        let before = self.found.len();
        for error in nearest {
            self.explain(error);
        }
        if branches.len() > 1 {
            let note = format!("of the {} forms that are allowed here, this is the nearest", branches.len());
            for found in &mut self.found[before..] {
                found.finding.help.get_or_insert_with(|| note.clone());
            }
        }
    }

    /// Every alternative asks another value of one key: that key decides, and its value is unknown.
    fn discriminated(&mut self, path: &Path, branches: &[Branch]) -> bool {
        let at = pointer_depth(path) + 1;
        let choice_of = |branch: &Branch| -> Option<(String, Vec<Json>)> {
            let error = branch.iter().find(|error| depth(error) == at && is_choice(error))?;
            let options = match error.kind() {
                ValidationErrorKind::Enum { options } => options.as_array()?.clone(),
                ValidationErrorKind::Constant { expected_value } => vec![(**expected_value).clone()],
                _ => return None,
            };
            Some((error.instance_path().as_str().to_owned(), options))
        };
        let mut choices = branches.iter().map(choice_of);
        let Some(Some((pointer, mut allowed))) = choices.next() else { return false };
        for choice in choices {
            match choice {
                Some((other, options)) if other == pointer => allowed.extend(options),
                _ => return false,
            }
        }
        allowed.dedup();
        let path = self.path(&pointer);
        self.not_allowed(path, &allowed);
        true
    }

    fn needs_one(&mut self, path: Path, keys: &[String]) {
        let place = self.instance.place(path.steps());
        let names: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
        let message = format!("{} needs {}", wording::owner(&path), wording::either(&names));
        let finding = Finding::new(&rules::MISSING_KEY, place.head(self.sources), message);
        let finding = finding.label("none of them is set").help(format!("add {}", wording::either(&names)));
        self.push(path, 1, finding);
    }

    pub(super) fn many_alternatives(&mut self, path: Path, branches: &[Branch], schema_path: &str) {
        let options = self.schema.bundled().pointer(schema_path).and_then(Json::as_array);
        let fitting = branches.iter().zip(options.into_iter().flatten()).filter(|(branch, _)| branch.is_empty());
        let keys: Vec<String> = fitting.filter_map(|(_, option)| required_alone(option)).flatten().collect();
        let message = if keys.len() > 1 {
            let names: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
            format!("{} may have only one of {}", wording::owner(&path), names.join(", "))
        } else {
            format!("{} fits more than one of the forms of which exactly one is allowed", wording::name(&path))
        };
        self.together(path, message, &keys);
    }

    pub(super) fn excluded(&mut self, path: Path, schema: &Json) {
        let keys = required_alone(schema).unwrap_or_default();
        match keys.as_slice() {
            [] => {
                let message = format!("{} has a form that the schema excludes", wording::name(&path));
                self.at_value(path, 2, &rules::NOT_ALLOWED, message, None);
            }
            [key] => {
                let message = format!("{} must not have `{key}`", wording::owner(&path));
                self.at_key(path.key(key), &rules::NOT_ALLOWED, message, "the schema excludes it here");
            }
            keys => {
                let names: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
                let message = format!("{} must not have {} together", wording::owner(&path), wording::all(&names));
                self.together(path, message, keys);
            }
        }
    }

    /// A finding about keys that exclude each other: one is shown as the culprit, the others beside it.
    fn together(&mut self, path: Path, message: String, keys: &[String]) {
        let spans: Vec<_> = keys
            .iter()
            .map(|key| self.instance.place(path.join(Step::Key(key.as_str().into())).steps()).head(self.sources))
            .collect();
        let finding = match spans.split_last() {
            Some((last, others)) if !others.is_empty() => {
                let finding = Finding::new(&rules::NOT_ALLOWED, *last, message).label("this one");
                others
                    .iter()
                    .fold(finding, |finding, span| finding.also(*span, "and this one"))
                    .help("keep one of them")
            }
            _ => {
                let place = self.instance.place(path.steps());
                Finding::new(&rules::NOT_ALLOWED, place.head(self.sources), message)
            }
        };
        self.push(path, 2, finding);
    }
}

/// The keys of a schema that says nothing but `required`.
fn required_alone(schema: &Json) -> Option<Vec<String>> {
    let map = schema.as_object().filter(|map| map.len() == 1 || (map.len() == 2 && map.contains_key("type")))?;
    let names = map.get("required")?.as_array()?;
    Some(names.iter().filter_map(Json::as_str).map(str::to_owned).collect())
}

fn nearness(branch: &Branch, at: usize) -> Nearness {
    let is_type = |error: &ValidationError| matches!(error.kind(), ValidationErrorKind::Type { .. });
    Nearness {
        type_fits: !branch.iter().any(|error| depth(error) == at && is_type(error)),
        chosen: !branch.iter().any(|error| depth(error) <= at + 1 && is_choice(error)),
        depth: branch.iter().map(depth).max().unwrap_or_default(),
        fewer_errors: std::cmp::Reverse(branch.len()),
    }
}

fn is_choice(error: &ValidationError) -> bool {
    matches!(error.kind(), ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. })
}

fn depth(error: &ValidationError) -> usize {
    error.instance_path().as_str().matches('/').count()
}

fn pointer_depth(path: &Path) -> usize {
    path.steps().len()
}
