//! The samples of the project's rules.

use serde_json::{Value as Json, json};

use super::{OwnRules, Scope};
use crate::account::Account;
use crate::finding::codes::rules::{NO_SAMPLES, SAMPLE};
use crate::finding::{Finding, Findings};
use crate::schema::{self, Verdict};
use crate::source::Sources;
use crate::value::Value;

impl OwnRules {
    /// Judges all samples, and says how many there are.
    pub fn test(&self, sources: &Sources, findings: &mut Findings) -> usize {
        let (mut count, account) = (0, Account::default());
        account.read(sources.bytes());
        for own in self {
            for sample in &own.samples {
                count += 1;
                if account.is_over() {
                    findings.push(account.finding("judging the samples", sample.span, sources));
                    return count;
                }
                let this = match own.scope {
                    Scope::Each => schema::json(&sample.value),
                    Scope::All => all(&sample.value),
                };
                let wrong = match (own.program.judge(&this, sources, &account), sample.good) {
                    (Verdict::Holds, true) | (Verdict::Broken(_), false) => continue,
                    (Verdict::Holds, false) => "this sample should break the rule, and keeps it".to_owned(),
                    (Verdict::Broken(said), true) => match said {
                        Some(said) => format!("this sample should keep the rule, and breaks it: {said}"),
                        None => "this sample should keep the rule, and breaks it".to_owned(),
                    },
                    (Verdict::Failed(why, _), _) => format!("the rule cannot be evaluated on this sample: {why}"),
                };
                let finding = Finding::new(&SAMPLE, sample.span, format!("`{}`: {wrong}", own.rule.id));
                findings.push(finding.also(own.program.span(), "the rule"));
            }
            for (good, word) in [(true, "good"), (false, "bad")] {
                if !own.samples.iter().any(|sample| sample.good == good) {
                    let message = format!("`{}` has no {word} sample", own.rule.id);
                    let help = format!("write one under `samples.{word}`");
                    findings.push(Finding::new(&NO_SAMPLES, own.id, message).help(help));
                }
            }
        }
        count
    }
}

/// A sample of a rule over all artifacts is a list of them. A document stands for itself, or has a `path` beside it.
fn all(sample: &Value) -> Json {
    let items = match sample {
        Value::List(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    let entry = |item: &Value| match (item.get("path"), item.get("document")) {
        (Some(_), Some(_)) => schema::json(item),
        _ => json!({"path": "sample.yaml", "document": schema::json(item)}),
    };
    Json::Array(items.iter().map(entry).collect())
}
