//! Values judged by a schema of somebody else's that is no part of the project: a chart's `values.schema.json`.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, Retrieve, Uri, ValidationError};
use serde_json::{Value as Json, json};

use super::quick::Patterns;
use super::work;
use crate::account::Cost;

/// Errors that are told.
const TOLD: usize = 20;

/// What a schema says of a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Fit {
    Fits,
    /// Each with the way to it, `/image/tag`.
    Wrong(Vec<Wrong>),
    /// It cannot be compiled, or would take more than is allowed.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub pointer: String,
    /// What stands there does this.
    pub what: String,
}

/// What lies elsewhere is not fetched, and takes everything.
struct Nothing;

impl Retrieve for Nothing {
    fn retrieve(&self, _: &Uri<String>) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        Ok(json!(true))
    }
}

/// Judges a value, if that takes no more than `most`.
pub fn judge_foreign(document: &Json, value: &Json, most: Cost) -> Fit {
    if work::bound(document, &Patterns::default(), value, most).is_none() {
        return Fit::Unknown;
    }
    let options = jsonschema::options().with_pattern_options(PatternOptions::regex()).with_retriever(Nothing);
    let Ok(validator) = options.build(document) else { return Fit::Unknown };
    let wrong: Vec<Wrong> = validator.iter_errors(value).take(TOLD).map(|error| told(&error)).collect();
    if wrong.is_empty() { Fit::Fits } else { Fit::Wrong(wrong) }
}

fn told(error: &ValidationError<'_>) -> Wrong {
    let quoted = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let what = match error.kind() {
        ValidationErrorKind::Type { kind } => {
            let wanted = format!("{kind:?}").to_lowercase();
            let wanted: String = wanted.chars().map(|it| if it.is_ascii_alphabetic() { it } else { ' ' }).collect();
            let wanted: Vec<&str> = wanted
                .split_whitespace()
                .filter(|word| ["array", "boolean", "integer", "null", "number", "object", "string"].contains(word))
                .collect();
            format!("is none of the kinds that the chart takes there: {}", wanted.join(", "))
        }
        ValidationErrorKind::Required { property } => format!("lacks {property}").replace('"', "`"),
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            format!("has {}, which the chart does not take", quoted(unexpected))
        }
        ValidationErrorKind::Enum { options } => format!("is none of {options}").replace('"', "`"),
        ValidationErrorKind::Constant { expected_value } => format!("is not {expected_value}").replace('"', "`"),
        ValidationErrorKind::Pattern { pattern } => format!("does not match `{pattern}`"),
        ValidationErrorKind::Minimum { limit } => format!("is less than {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("is more than {limit}"),
        ValidationErrorKind::MinLength { limit } => format!("is shorter than {limit}"),
        ValidationErrorKind::MaxLength { limit } => format!("is longer than {limit}"),
        _ => {
            let path = error.schema_path().to_string();
            let word = path.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or("schema").to_owned();
            format!("breaks the `{word}` of the chart's schema")
        }
    };
    Wrong { pointer: error.instance_path().to_string(), what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_the_way_to_it() {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": {
                "image": {"type": "object", "required": ["tag"], "additionalProperties": false, "properties": {"tag": {"type": "string"}}},
                "mode": {"enum": ["one", "two"]},
                "far": {"$ref": "https://example.org/other.json"},
            },
        });
        let most = Cost { steps: 1_000_000, bytes: 1 << 26 };
        let said = |value: Json| match judge_foreign(&schema, &value, most) {
            Fit::Wrong(wrong) => wrong.into_iter().map(|it| format!("{} {}", it.pointer, it.what)).collect(),
            Fit::Fits => Vec::new(),
            Fit::Unknown => vec!["unknown".to_owned()],
        };
        assert_eq!(said(json!({"image": {"tag": "1"}, "mode": "one", "far": 3})), [""; 0]);
        assert_eq!(
            said(json!({"image": {"tag": 1}})),
            ["/image/tag is none of the kinds that the chart takes there: string"]
        );
        assert_eq!(
            said(json!({"image": {"tga": "1"}})),
            ["/image has `tga`, which the chart does not take", "/image lacks `tag`"]
        );
        assert_eq!(judge_foreign(&schema, &json!({}), Cost::NONE), Fit::Unknown);
    }
}
