//! platc's own words: keys that are on their way out, and values that must not be secrets in plain sight.

use serde_json::Value as Json;

use super::node::SchemaNode;
use super::validate::{Found, Validation, with_history};
use super::{Shape, wording};
use crate::environment::rename;
use crate::environment::secret::{REFERENCES, refers_to_secret};
use crate::finding::codes::schema as rules;
use crate::finding::{Finding, Rule};
use crate::yaml::path::{Path, Step};

/// How a secret is referred to.
const FORMS: &str = "refer to it by one of these forms: an ARN of Secrets Manager or Parameter Store, `secretsmanager:name`, \
                     `ssm:/name`, or a map with `secretRef`";

/// How values begin that another tool decrypts or fetches.
const OTHER_TOOLS: &[(&str, &str)] = &[
    ("ENC[", "SOPS"),
    ("ref+", "vals"),
    ("secretref+", "vals"),
    ("op://", "1Password"),
    ("vault:", "Vault"),
    ("<path:", "Argo CD's Vault plugin"),
    ("$ANSIBLE_VAULT", "Ansible Vault"),
];

/// The tool that a value is written for, if it tells.
fn other_tool(json: &Json) -> Option<&'static str> {
    let text = json.as_str()?;
    OTHER_TOOLS.iter().find(|(start, _)| text.starts_with(start)).map(|(_, tool)| *tool)
}

impl SchemaNode {
    pub(super) fn has_marks(&self) -> bool {
        self.deprecated.is_some() || self.renamed_to.is_some() || self.secret
    }
}

impl Validation<'_> {
    /// Goes through all that is set and looks for marked places.
    pub(super) fn check_marks(&mut self) {
        let json = self.json;
        let shape = self.schema.shape();
        self.marks(json, shape, &mut Path::root());
    }

    fn marks(&mut self, json: &Json, shape: Shape<'_>, path: &mut Path) {
        for node in shape.nodes() {
            if let Some(name) = &node.renamed_to {
                let message = format!("{} is now called `{name}`", wording::name(path));
                let help = match rename::new_place(path.steps(), name) {
                    Some(_) => format!("set `{name}` instead; `platc validate --fix` renames it in all layers"),
                    None => format!("set `{name}` instead"),
                };
                self.mark(path, &rules::RENAMED, message, "the value does not count under the new name", &help);
                // It is set under the old name: that is the cause.
                if let Some(new) = rename::new_place(path.steps(), name) {
                    let is_missing = |found: &Found| found.finding.rule == &rules::MISSING_KEY;
                    self.found.retain(|found| !(is_missing(found) && found.path.steps() == new));
                }
            } else if let Some(why) = &node.deprecated {
                let message = format!("{} is deprecated", wording::name(path));
                let help =
                    if why.is_empty() { "remove it, or ask the schema's owner for what replaces it" } else { why };
                self.mark(path, &rules::DEPRECATED, message, "this will stop working", help);
            }
            if node.secret && !is_reference(json) {
                let name = wording::name(path);
                let (message, label, help) = match other_tool(json) {
                    Some(tool) => (
                        format!("{name} is written for {tool}, which nothing resolves here"),
                        "this would be rendered as it stands",
                        FORMS.to_owned(),
                    ),
                    None => (
                        format!("{name} holds a secret in plain text"),
                        "whoever reads the repository reads the secret",
                        format!("{FORMS}; then change the secret, since git keeps this one"),
                    ),
                };
                self.mark(path, &rules::SECRET, message, label, &help);
            }
        }
        match json {
            Json::Object(entries) => {
                for (key, json) in entries {
                    path.push(Step::Key(key.as_str().into()));
                    self.marks(json, shape.property(key), path);
                    path.pop();
                }
            }
            Json::Array(items) => {
                for (at, json) in items.iter().enumerate() {
                    path.push(Step::Index(at));
                    self.marks(json, shape.item(), path);
                    path.pop();
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }

    /// A finding at the key: a secret's own text is no part of it.
    fn mark(&mut self, path: &Path, rule: &'static Rule, message: String, label: &str, help: &str) {
        let place = self.instance.place(path.steps());
        let finding = Finding::new(rule, place.head(self.sources), message).label(label).help(help);
        let finding = if rule == &rules::SECRET { finding.concealing() } else { finding };
        let finding = with_history(finding, &place, "it is also set here");
        self.push(path.clone(), u8::MAX, finding);
    }
}

/// Whether a value says where a secret is instead of what it is.
pub fn is_reference(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::String(text) => refers_to_secret(text),
        Json::Object(entries) => entries.keys().any(|key| REFERENCES.contains(&key.as_str())),
        Json::Array(items) => items.iter().all(is_reference),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_reference;

    #[test]
    fn references_are_told_from_secrets() {
        for good in [
            "arn:aws:secretsmanager:eu-central-1:012345678901:secret:db-AbCdEf",
            "arn:aws:ssm:eu-central-1:012345678901:parameter/db/password",
            "secretsmanager:db",
            "ssm:/db/password",
            "{{resolve:secretsmanager:db:SecretString:password}}",
        ] {
            assert!(is_reference(&good.into()), "{good}");
        }
        for bad in ["hunter2", "", "ssm:", "arn:aws:iam::012345678901:role/x", "{{resolve:ssm:plain}}"] {
            assert!(!is_reference(&bad.into()), "{bad}");
        }
        assert!(is_reference(&serde_json::json!({"secretRef": {"name": "x"}})));
        assert!(!is_reference(&serde_json::json!({"password": "x"})));
        assert!(!is_reference(&serde_json::json!(["ssm:/a", "b"])));
        assert!(!is_reference(&serde_json::json!(12345)));
    }
}
