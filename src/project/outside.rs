//! What other tools make: `outside:` in `platc.yaml`, or in a layer. What is named there counts as made.

use std::sync::Arc;

use crate::finding::{Finding, Findings, codes, suggest};
use crate::glob;
use crate::source::Span;
use crate::yaml::{Content, Entry, Node, Style, scalar};

/// The key.
pub const OUTSIDE: &str = "outside";

/// The kinds of things that can be named, in the order of the documentation.
pub const KINDS: [&str; 26] = [
    "buckets",
    "exports",
    "functions",
    "hosted-zones",
    "key-aliases",
    "log-groups",
    "parameters",
    "queues",
    "roles",
    "security-groups",
    "stored-secrets",
    "subnets",
    "tables",
    "topics",
    "config-maps",
    "ingress-classes",
    "issuers",
    "namespaces",
    "node-classes",
    "node-labels",
    "priority-classes",
    "secret-stores",
    "secrets",
    "service-accounts",
    "services",
    "storage-classes",
];

/// The kinds whose things lie in a namespace: a pattern may name it, as in `web/database`.
const IN_NAMESPACES: [&str; 5] = ["config-maps", "issuers", "secrets", "service-accounts", "services"];

/// The kinds whose things are named by a key and its value.
const IN_PAIRS: [&str; 3] = ["node-labels", "security-groups", "subnets"];

const HELP: &str = "write `queues: [shared-*]`, kinds with lists of names or patterns";

/// Things of one kind that another tool makes, by their name or a pattern of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// One of [`KINDS`].
    pub kind: &'static str,
    pub pattern: Arc<str>,
    pub span: Span,
}

impl Outside {
    /// Whether it names a thing. A namespace counts where the pattern names one.
    pub fn names(&self, kind: &str, namespace: Option<&str>, name: &str) -> bool {
        if self.kind != kind {
            return false;
        }
        match self.pattern.split_once('/') {
            Some((of, pattern)) if self.is_in_namespace() => {
                glob::matches(pattern, name) && namespace.is_none_or(|namespace| glob::matches(of, namespace))
            }
            _ => glob::matches(&self.pattern, name),
        }
    }

    /// The name, if it is no pattern of several.
    pub fn name(&self) -> Option<&str> {
        let name = self.own_pattern();
        (!name.contains(['*', '?'])).then_some(name)
    }

    /// The pattern of the name itself, without a namespace.
    pub fn own_pattern(&self) -> &str {
        match self.pattern.split_once('/') {
            Some((_, pattern)) if self.is_in_namespace() => pattern,
            _ => &self.pattern,
        }
    }

    fn is_in_namespace(&self) -> bool {
        IN_NAMESPACES.contains(&self.kind)
    }
}

/// The kind of a word, if it is one.
pub fn kind(word: &str) -> Option<&'static str> {
    KINDS.into_iter().find(|kind| *kind == word)
}

/// Reads all entries. Those that are wrong are findings and name nothing.
pub fn read(entry: &Entry, findings: &mut Findings) -> Vec<Outside> {
    let Content::Map(kinds) = &entry.value.content else {
        findings.push(bad(entry.value.span, "`outside` must be a map of lists").help(HELP));
        return Vec::new();
    };
    let mut all = Vec::new();
    for Entry { key, value } in kinds {
        let Some(kind) = kind(&key.text) else {
            let help = suggest::did_you_mean(&key.text, KINDS)
                .unwrap_or_else(|| format!("the kinds are `{}`", KINDS.join("`, `")));
            findings.push(bad(key.span, format!("`{}` is no kind of thing that `outside` knows", key.text)).help(help));
            continue;
        };
        let Content::List(items) = &value.content else {
            findings.push(bad(value.span, format!("`{kind}` must be a list of names")).help(HELP));
            continue;
        };
        all.extend(items.iter().filter_map(|item| one(kind, item, findings)));
    }
    all
}

fn one(kind: &'static str, item: &Node, findings: &mut Findings) -> Option<Outside> {
    let text = match &item.content {
        Content::Scalar { text, style: Style::Plain } if scalar::plain(text) == scalar::Plain::Null => None,
        Content::Scalar { text, .. } => Some(text).filter(|text| !text.trim().is_empty()),
        Content::List(_) | Content::Map(_) => None,
    };
    let Some(text) = text else {
        findings.push(bad(item.span, format!("an item of `{kind}` must be a name")).help(HELP));
        return None;
    };
    if takes_all(kind, text) {
        let message = format!("`{text}` names everything, so that no misspelt name would be found any more");
        findings.push(bad(item.span, message).help("name what there is, or what its names begin with"));
        return None;
    }
    Some(Outside { kind, pattern: Arc::clone(text), span: item.span })
}

/// Whether a pattern takes every name of its kind, by the signs that all such names have as well.
fn takes_all(kind: &str, text: &str) -> bool {
    let own = if kind == "key-aliases" { text.strip_prefix("alias/").unwrap_or(text) } else { text };
    let is_wild = |part: &str| {
        let is_of_all = |byte| matches!(byte, b'*' | b'?' | b'/') || kind == "hosted-zones" && byte == b'.';
        part.bytes().all(is_of_all) && (part.contains('*') || !part.contains('?'))
    };
    match own.split_once('=').filter(|_| IN_PAIRS.contains(&kind)) {
        Some((key, value)) => key.contains('*') && value.contains('*') && is_wild(key) && is_wild(value),
        None => is_wild(own),
    }
}

fn bad(span: Span, message: impl Into<String>) -> Finding {
    Finding::new(&codes::project::BAD_OUTSIDE, span, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn outside(kind: &'static str, pattern: &str) -> Outside {
        let span = Span::file_start(Sources::default().add("a", ""));
        Outside { kind, pattern: pattern.into(), span }
    }

    #[test]
    fn a_pattern_names_things_of_its_kind_only() {
        let queues = outside("queues", "shared-*");
        assert!(queues.names("queues", None, "shared-events") && !queues.names("topics", None, "shared-events"));
        assert!(!queues.names("queues", None, "share-events"));
        let parameters = outside("parameters", "/team/**");
        assert!(parameters.names("parameters", None, "/team/web/url") && parameters.name().is_none());
    }

    #[test]
    fn a_pattern_that_takes_every_name_of_its_kind_is_told_from_one_that_does_not() {
        for (kind, pattern) in [
            ("queues", "*"),
            ("queues", "?*"),
            ("secrets", "**/***"),
            ("parameters", "/**"),
            ("node-labels", "*=*"),
            ("node-labels", "**=**"),
            ("subnets", "*/*=*"),
            ("security-groups", "*=**"),
            ("key-aliases", "alias/*"),
            ("hosted-zones", "*.*."),
        ] {
            assert!(takes_all(kind, pattern), "{kind} {pattern}");
        }
        for (kind, pattern) in [
            ("queues", "??"),
            ("secrets", "web/*"),
            ("node-labels", "role=*"),
            ("node-labels", "*=batch"),
            ("node-labels", "*="),
            ("key-aliases", "alias/team-*"),
            ("hosted-zones", "*.example.com"),
        ] {
            assert!(!takes_all(kind, pattern), "{kind} {pattern}");
        }
    }

    #[test]
    fn a_namespace_counts_where_one_is_named() {
        let secret = outside("secrets", "web/database");
        assert!(secret.names("secrets", Some("web"), "database") && secret.name() == Some("database"));
        assert!(!secret.names("secrets", Some("shop"), "database"));
        assert!(outside("secrets", "database").names("secrets", Some("shop"), "database"));
    }
}
