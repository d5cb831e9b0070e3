//! What says where a secret is, instead of being one.

use crate::yaml::{Content, Node};

/// Keys of a map that refers to a secret instead of holding it.
pub const REFERENCES: [&str; 6] =
    ["secretRef", "secretKeyRef", "externalSecretRef", "secretsManagerRef", "ssmParameterRef", "valueFrom"];

/// Whether a text names a secret, instead of being one.
pub fn refers_to_secret(text: &str) -> bool {
    let named = |prefix: &str| text.strip_prefix(prefix).is_some_and(|name| !name.is_empty());
    let resolved = text.starts_with("{{resolve:secretsmanager:") || text.starts_with("{{resolve:ssm-secure:");
    let mut arn = text.split(':');
    let is_arn = arn.next() == Some("arn")
        && arn.next().is_some_and(|partition| partition.starts_with("aws"))
        && matches!(arn.next(), Some("secretsmanager" | "ssm"))
        && arn.count() >= 3;
    is_arn || named("secretsmanager:") || named("ssm:") || (resolved && text.ends_with("}}"))
}

/// Whether a node of a file says where a secret is.
pub(super) fn refers(node: &Node) -> bool {
    match &node.content {
        Content::Scalar { text, .. } => refers_to_secret(text),
        Content::Map(entries) => entries.iter().any(|entry| REFERENCES.contains(&&*entry.key.text)),
        Content::List(_) => false,
    }
}
