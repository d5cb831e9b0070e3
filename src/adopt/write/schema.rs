//! The schema of an application's settings: their types, which of them there must be, and what they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::adopt::plan::{Hole, Role, Step};
use crate::value::{Number, Value};

/// A setting, as the schema says it.
pub(in crate::adopt) struct Setting<'a> {
    pub(in crate::adopt) hole: &'a Hole,
    /// The object that it stands in.
    pub(in crate::adopt) object: &'a str,
    /// All environments have it.
    pub(in crate::adopt) required: bool,
}

type Entries = Vec<(Arc<str>, Value)>;

/// What people call fields.
const WORDS: [(&str, &str); 16] = [
    ("replicas", "How many pods run."),
    ("minReplicas", "How many pods run at least."),
    ("maxReplicas", "How many pods run at most."),
    ("tag", "The version of the image."),
    ("repository", "Where the image is pulled from."),
    ("digest", "The digest of the image."),
    ("image", "The image that runs."),
    ("resources", "What a container asks for, and what it may use at most."),
    ("requests", "What a container asks for."),
    ("limits", "What a container may use at most."),
    ("namespace", "The namespace that the objects stand in."),
    ("host", "The name under which it is reached."),
    ("hosts", "The names under which it is reached."),
    ("nodeSelector", "Labels of the nodes that pods may run on."),
    ("tolerations", "Taints of nodes that pods tolerate."),
    ("schedule", "When it runs, as cron writes it."),
];

/// The whole file's value.
pub(in crate::adopt) fn schema(app: &str, settings: &[Setting<'_>]) -> Value {
    let mut head = vec![
        entry("$schema", text("https://json-schema.org/draft/2020-12/schema")),
        entry("title", text(app)),
        entry("description", text(&format!("What differs between the environments of {app}."))),
    ];
    let Value::Map(body) = object(settings, 0) else { return Value::Null };
    head.extend(body);
    Value::Map(head)
}

/// The settings that share so many names.
fn object(settings: &[Setting<'_>], depth: usize) -> Value {
    let mut names: Vec<&String> = Vec::new();
    for name in settings.iter().filter_map(|setting| setting.hole.name.get(depth)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let (mut properties, mut required) = (Entries::new(), Vec::new());
    for name in names {
        let below: Vec<Setting<'_>> = settings
            .iter()
            .filter(|setting| setting.hole.name.get(depth) == Some(name))
            .map(|Setting { hole, object, required }| Setting { hole, object, required: *required })
            .collect();
        if below.iter().any(|setting| setting.required) {
            required.push(text(name));
        }
        let leaf = below.iter().find(|setting| setting.hole.name.len() == depth + 1);
        let value = match leaf {
            Some(setting) => self::leaf(setting),
            None => object(&below, depth + 1),
        };
        properties.push((name.as_str().into(), value));
    }
    let mut entries = vec![entry("type", text("object")), entry("additionalProperties", Value::Bool(false))];
    if !required.is_empty() {
        entries.push(entry("required", Value::List(required)));
    }
    entries.push(entry("properties", Value::Map(properties)));
    Value::Map(entries)
}

fn leaf(setting: &Setting<'_>) -> Value {
    let values: Vec<&Value> = setting.hole.values.iter().flatten().collect();
    let mut entries = vec![entry("description", text(&description(setting)))];
    entries.extend(shape(&values));
    Value::Map(entries)
}

fn description(setting: &Setting<'_>) -> String {
    let Setting { hole, object, .. } = setting;
    let last = hole.name.last().map_or("", String::as_str);
    let known = WORDS.iter().find(|(word, _)| *word == last).map(|(_, said)| *said);
    match (known, hole.role) {
        (Some(said), _) => said.to_owned(),
        (None, Role::Flag) if hole.path.is_empty() => format!("Whether there is {object}."),
        (None, Role::Flag) => format!("Whether `{}` of {object} is there.", path(&hole.path)),
        (None, Role::Part) => format!("A part of `{}` of {object}.", path(&hole.path)),
        (None, _) => format!("The field `{}` of {object}.", path(&hole.path)),
    }
}

fn path(steps: &[Step]) -> String {
    let mut said = String::new();
    for step in steps {
        match step {
            Step::Key(key) if said.is_empty() => said.push_str(key),
            Step::Key(key) => said.push_str(&format!(".{key}")),
            Step::Item(name) => said.push_str(&format!("[{name}]")),
            Step::Index(at) => said.push_str(&format!("[{at}]")),
        }
    }
    said
}

/// The types of values, and of what is in them.
fn shape(values: &[&Value]) -> Entries {
    let types: BTreeSet<&str> = values.iter().map(|value| type_of(value)).collect();
    let mut types: Vec<&str> = types.into_iter().collect();
    if types.contains(&"number") {
        types.retain(|name| *name != "integer");
    }
    let mut entries = match &types[..] {
        [] => return Entries::new(),
        [only] => vec![entry("type", text(only))],
        several => vec![entry("type", Value::List(several.iter().map(|name| text(name)).collect()))],
    };
    let items: Vec<&Value> =
        values.iter().flat_map(|value| if let Value::List(items) = value { &items[..] } else { &[] }).collect();
    if !items.is_empty() {
        entries.push(entry("items", Value::Map(shape(&items))));
    }
    let fields: Vec<&Value> = values
        .iter()
        .flat_map(|value| if let Value::Map(entries) = value { &entries[..] } else { &[] })
        .map(|(_, value)| value)
        .collect();
    if types.contains(&"object") {
        let below = shape(&fields);
        let open = if below.is_empty() { Value::Bool(true) } else { Value::Map(below) };
        entries.push(entry("additionalProperties", open));
    }
    entries
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(Number::Float(..)) => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

fn entry(key: &str, value: Value) -> (Arc<str>, Value) {
    (key.into(), value)
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}
