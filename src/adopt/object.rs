//! [`Object`]s: what a tool has rendered for one environment, each by what it is called.

use std::fmt;
use std::sync::Arc;

use camino::Utf8Path;

use crate::source::Span;
use crate::value::Value;

/// What tells an object from all others of an environment. The version of its API is no part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// Of the API; empty for the core of Kubernetes.
    pub group: Arc<str>,
    /// Empty for what is no object of Kubernetes.
    pub kind: Arc<str>,
    /// Empty for what lies in none.
    pub namespace: Arc<str>,
    /// For what is no object of Kubernetes, the path of its file.
    pub name: Arc<str>,
}

#[derive(Clone, Debug)]
pub struct Object {
    pub id: Identity,
    /// Where it begins.
    pub span: Span,
    pub value: Value,
}

impl Identity {
    /// An object of Kubernetes by what it says of itself; anything else by its file, and the number of its document
    /// where there are several.
    pub(super) fn of(value: &Value, file: &Utf8Path, document: usize) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(Arc::<str>::from);
        let metadata = value.get("metadata");
        let parts =
            (text(value.get("apiVersion")), text(value.get("kind")), text(metadata.and_then(|it| it.get("name"))));
        if let (Some(version), Some(kind), Some(name)) = parts {
            let group = version.rsplit_once('/').map_or("", |(group, _)| group).into();
            let namespace = text(metadata.and_then(|it| it.get("namespace"))).unwrap_or_default();
            return Self { group, kind, namespace, name };
        }
        let name = if document == 0 { file.to_string() } else { format!("{file}#{}", document + 1) };
        Self { group: "".into(), kind: "".into(), namespace: "".into(), name: name.into() }
    }

    /// Whether it is a file, and no object of Kubernetes.
    pub(super) fn is_file(&self) -> bool {
        self.kind.is_empty()
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name, .. } = self;
        match (&**kind, &**namespace) {
            ("", _) => f.write_str(name),
            (kind, "") => write!(f, "{kind} {name}"),
            (kind, namespace) => write!(f, "{kind} {namespace}/{name}"),
        }
    }
}

/// Whether an object holds what nobody may see: the data of a secret.
pub(super) fn is_secret(value: &Value) -> bool {
    let is = |key: &str, wanted: &str| value.get(key).and_then(Value::as_str) == Some(wanted);
    let holds = |key: &str| matches!(value.get(key), Some(Value::Map(entries)) if !entries.is_empty());
    let is_one = is("kind", "Secret") && is("apiVersion", "v1") && (holds("data") || holds("stringData"));
    // One may be the template of another object, or an item of a list.
    is_one
        || is("kind", "SecretList")
        || match value {
            Value::Map(entries) => entries.iter().any(|(_, below)| is_secret(below)),
            Value::List(items) => items.iter().any(is_secret),
            _ => false,
        }
}
