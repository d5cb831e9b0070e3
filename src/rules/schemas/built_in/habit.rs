//! Fields that were right in an older version of a kind, or are right in files of another tool: what to write for them here.

use crate::check::Node;
use crate::rules::kubernetes::fields::is_compose;
use crate::value::Value;

/// What to say of a field that a kind does not have.
pub(super) enum Habit {
    Write(String),
    /// What is said of the field beside it says this, too.
    Told,
}

/// `path`: the keys that lead to the field, joined by points; `node`: its value.
pub(super) fn of(kind: &str, path: &str, node: &Node<'_>) -> Option<Habit> {
    let (_, key) = path.rsplit_once('.')?;
    let around = node.parent()?;
    if kind == "Ingress" && path.to_ascii_lowercase().ends_with(&format!("backend.{}", key.to_ascii_lowercase())) {
        return backend(key, &around);
    }
    // `- DEBUG: "true"` of docker-compose.
    if path.ends_with(&format!(".env.{key}")) && is_compose(&around) {
        let value = match node.value {
            Value::String(text) => format!("\"{text}\""),
            Value::Number(number) => format!("\"{number}\""),
            Value::Bool(value) => format!("\"{value}\""),
            _ => "…".to_owned(),
        };
        return Some(Habit::Write(format!("write `- name: {key}`, and `value: {value}` on a line below it")));
    }
    None
}

/// Where an Ingress leads, as it was written before `networking.k8s.io/v1`.
fn backend(key: &str, around: &Node<'_>) -> Option<Habit> {
    let name = around.get("serviceName");
    match key {
        "servicePort" if name.is_some() => Some(Habit::Told),
        "serviceName" | "servicePort" => {
            let port = around.get("servicePort");
            let port = match port.as_ref().map(|port| port.value) {
                Some(Value::String(name)) => format!("name: {name}"),
                Some(Value::Number(number)) => format!("number: {number}"),
                _ => "number: 80".to_owned(),
            };
            let name = name.and_then(|name| name.text()).unwrap_or("web");
            Some(Habit::Write(format!(
                "since `networking.k8s.io/v1` it is written `service: {{name: {name}, port: {{{port}}}}}`"
            )))
        }
        _ => None,
    }
}
