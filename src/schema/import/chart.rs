//! Charts: what `Chart.yaml` says, and a schema of the values, those of the charts that it brings along in it.

use serde_json::{Map, Value as Json, json};

use super::Draft;
use super::helm;
use super::read::{self, Document};
use super::subchart::{self, Dependency};
use crate::account::{Account, Cost, Work};
use crate::source::{Sources, Span};
use crate::yaml::{Content, Node};

/// Bytes of values and schemas that the charts within one may have, each as often as it is asked for.
pub(super) const ROOM: usize = 4 << 20;

/// What is left to the charts within one, and what all of an import is charged to.
struct Room<'a> {
    bytes: usize,
    account: &'a Account,
    at: Span,
}

impl Room<'_> {
    /// Whether there is room for so many bytes more, made into a schema.
    fn takes(&mut self, bytes: usize) -> bool {
        let Some(left) = self.bytes.checked_sub(bytes) else { return false };
        let cost = Cost { steps: 5, bytes: 100 }.times(bytes as u64);
        self.account.charge(cost, Work::Import, self.at);
        self.bytes = left;
        !self.account.is_over()
    }
}

/// A chart, and the parts of it that could be read.
pub(super) struct Chart {
    pub(super) about: About,
    pub(super) values: Option<Document>,
    pub(super) schema: Option<Json>,
    /// The charts that it brings along, those that are at hand.
    pub(super) subcharts: Vec<Chart>,
}

pub(super) fn draft(chart: &Chart, sources: &Sources, account: &Account, at: Span) -> Draft {
    let About { name, version, kube_version, .. } = &chart.about;
    let mut words = Map::new();
    words.insert("x-helm-chart".to_owned(), json!(name));
    if let Some(version) = version {
        words.insert("x-helm-version".to_owned(), json!(version));
    }
    if let Some(wanted) = kube_version {
        words.insert("x-helm-kube-version".to_owned(), json!(wanted));
    }
    words.extend(schema(chart, sources, &mut Room { bytes: ROOM, account, at }));
    words.insert("type".to_owned(), json!("object"));
    let path = match version {
        Some(version) => format!("helm/{name}/{version}.yaml"),
        None => format!("helm/{name}.yaml"),
    };
    let what = version.as_ref().map_or_else(|| name.clone(), |version| format!("{name} {version}"));
    Draft { path, what, schema: Json::Object(words) }
}

/// The schema of a chart's values, those of the charts that it brings along in it as long as there is room.
fn schema(chart: &Chart, sources: &Sources, room: &mut Room<'_>) -> Map<String, Json> {
    let schema = helm::own(chart.values.as_ref(), chart.schema.as_ref(), sources);
    let mut words = Map::new();
    if let Json::Object(own) = schema {
        words.extend(own);
    }
    if let Json::Object(properties) = words.entry("properties").or_insert_with(|| json!({})) {
        // Helm gives every chart these.
        properties.entry("global").or_insert_with(|| json!({ "type": ["object", "null"] }));
        put(properties, chart, sources, room);
    }
    subchart::name_switches(&mut words, &chart.about.dependencies);
    words
}

/// Puts the schemas of the charts that a chart brings along where their values stand. One that is not at hand, or for
/// which there is no room, takes all.
fn put(properties: &mut Map<String, Json>, chart: &Chart, sources: &Sources, room: &mut Room<'_>) {
    if !chart.about.dependencies.is_empty() || !chart.subcharts.is_empty() {
        subchart::leave_global_open(properties);
    }
    for dependency in &chart.about.dependencies {
        let key = dependency.key();
        if at_hand(chart, &dependency.name).is_none() && !subchart::is_reference(properties.get(key)) {
            properties.insert(key.to_owned(), json!({ "type": ["object", "null"] }));
        }
    }
    for subchart in &chart.subcharts {
        let name = &subchart.about.name;
        if at_hand(chart, name).is_none() {
            continue;
        }
        let mut keys: Vec<&str> =
            chart.about.dependencies.iter().filter(|it| it.name == *name).map(Dependency::key).collect();
        // Helm takes what lies in `charts/` whether it is listed or not.
        if keys.is_empty() {
            keys.push(name);
        }
        let size = size(subchart, sources);
        for key in keys {
            if !room.takes(size) {
                properties.insert(key.to_owned(), json!({ "type": ["object", "null"] }));
                continue;
            }
            let mut words = schema(subchart, sources, room);
            if let Some(Json::Object(properties)) = words.get_mut("properties") {
                subchart::leave_global_open(properties);
            }
            words.insert("type".to_owned(), json!(["object", "null"]));
            let mut schema = Json::Object(words);
            subchart::move_references(
                &mut schema,
                &format!("#/properties/{}", key.replace('~', "~0").replace('/', "~1")),
            );
            let defaults = chart.values.as_ref().and_then(|values| values.node.get(key));
            if let Some(defaults) = defaults {
                subchart::also(&mut schema, defaults, key);
            }
            // What the chart itself publishes of them holds as well.
            let said = chart.schema.as_ref().and_then(|schema| schema["properties"].get(key)).cloned();
            if let (Json::Object(words), Some(mut said)) = (&mut schema, said) {
                helm::optional(&mut said);
                match words.get_mut("allOf") {
                    Some(Json::Array(all)) => all.push(said),
                    _ => drop(words.insert("allOf".to_owned(), json!([said]))),
                }
            }
            properties.insert(key.to_owned(), schema);
        }
    }
}

fn size(chart: &Chart, sources: &Sources) -> usize {
    let values = chart.values.as_ref().map_or(0, |values| sources.get(values.node.span.file).text().len());
    4096 + values + chart.schema.as_ref().map_or(0, |schema| schema.to_string().len())
}

/// The chart of a name, where just one is there.
fn at_hand<'a>(chart: &'a Chart, name: &str) -> Option<&'a Chart> {
    let mut named = chart.subcharts.iter().filter(|it| it.about.name == name);
    named.next().filter(|_| !name.is_empty() && named.next().is_none())
}

/// What `Chart.yaml` says.
#[derive(Default)]
pub(super) struct About {
    pub(super) name: String,
    pub(super) version: Option<String>,
    /// The versions of Kubernetes that it works with.
    pub(super) kube_version: Option<String>,
    pub(super) dependencies: Vec<Dependency>,
}

/// None if it does not even name the chart. The first version of charts has its dependencies in a file of their own.
pub(super) fn about(chart: &Document, requirements: Option<&Document>) -> Option<About> {
    let text = |node: Option<&Node>| match node.map(|node| &node.content) {
        Some(Content::Scalar { text, .. }) if !text.is_empty() => Some(text.to_string()),
        _ => None,
    };
    // `1.30` is a version, not a number.
    let text_of = |key: &str| text(chart.node.get(key));
    let listed = [Some(chart), requirements].into_iter().flatten();
    let dependencies = listed.flat_map(|document| subchart::dependencies(&read::json(&document.node))).collect();
    Some(About {
        name: text_of("name")?,
        version: text_of("version"),
        kube_version: text_of("kubeVersion"),
        dependencies,
    })
}
