//! What other tools make, as an environment and its project say: which of it the tree names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Node, View};
use crate::account::{Cost, Work};
use crate::environment::load::Environment;
use crate::finding::codes::hygiene::UNUSED_OUTSIDE;
use crate::finding::{Finding, Findings};
use crate::glob;
use crate::project::outside::Outside;
use crate::source::{Sources, Span};
use crate::value::Value;

/// All that is said of one environment.
#[derive(Clone, Debug, Default)]
pub struct Declared(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    written: Outside,
    /// Only this environment says it; others share it otherwise.
    own: bool,
    used: bool,
}

/// What it costs to ask whether a text names one thing.
const LOOK: Cost = Cost { steps: 2, bytes: 0 };

impl Declared {
    /// What the project says of all environments, and the layers of this one.
    pub fn of(project: &[Outside], environment: &Environment) -> Self {
        let last = environment.layers.len().saturating_sub(1);
        let layers = environment.layers.iter().enumerate();
        let of_layers = layers.flat_map(|(at, layer)| layer.outside.iter().map(move |written| (written, at == last)));
        let all = project.iter().map(|written| (written, false)).chain(of_layers);
        Self(all.map(|(written, own)| Entry { written: written.clone(), own, used: false }).collect())
    }

    /// What is written.
    pub fn written(&self) -> Vec<&Outside> {
        self.0.iter().map(|entry| &entry.written).collect()
    }

    /// What is written, whether only this environment says it, and whether the tree names it.
    pub fn entries(&self) -> impl Iterator<Item = (&Outside, bool, bool)> {
        self.0.iter().map(|entry| (&entry.written, entry.own, entry.used))
    }

    /// What [`entries`](Self::entries) told.
    pub fn recalled(entries: impl Iterator<Item = (Outside, bool, bool)>) -> Self {
        Self(entries.map(|(written, own, used)| Entry { written, own, used }).collect())
    }

    /// Notes which entries the texts and keys of a tree name. Whether a rule has asked does not count: rules are turned
    /// off, and ask only where they could find fault.
    pub fn note(&mut self, view: &View<'_>) {
        if self.0.is_empty() {
            return;
        }
        let nodes = view.documents().iter().map(|document| document.root().all().count()).sum::<usize>();
        let at = self.0[0].written.span;
        view.account().charge(LOOK.times((nodes * self.0.len()) as u64), Work::Findings, at);
        if view.account().is_over() {
            return;
        }
        for document in view.documents() {
            for node in document.root().all() {
                for entry in self.0.iter_mut().filter(|it| !it.used) {
                    entry.used = match entry.written.own_pattern().split_once('=') {
                        Some((key, value)) => is_pair(&node, key, value),
                        None => node.key().into_iter().chain(node.text()).any(|text| is_named(&entry.written, text)),
                    };
                }
            }
        }
        for (_, text) in view.texts() {
            self.0.iter_mut().filter(|it| !it.used).for_each(|it| it.used = is_named(&it.written, text));
        }
    }
}

/// Whether a text has such a name in it: of an ARN, of an address, of a path. Of a pattern all that is written out has to be
/// there, in its order.
fn is_named(outside: &Outside, text: &str) -> bool {
    let mut parts = outside.own_pattern().split(['*', '?']);
    parts.try_fold(text, |rest, part| rest.find(part).and_then(|at| rest.get(at + part.len()..))).is_some()
}

/// Whether a value names a pair of a key and a value: as an entry of a map, as two entries of one, or in a text.
fn is_pair(node: &Node<'_>, key: &str, value: &str) -> bool {
    let has = |node: &Node<'_>| match node.value {
        Value::List(_) => node.items().iter().any(|item| is_value(item, value)),
        _ => is_value(node, value),
    };
    if node.key().is_some_and(|own| glob::matches(key, own)) && has(node) {
        return true;
    }
    let entry = |names: &[&str]| names.iter().find_map(|name| node.get(name));
    let is_of_key = || {
        let own = entry(&["key", "Key", "name", "Name"]);
        own.and_then(|own| own.text()).is_some_and(|own| glob::matches(key, own))
    };
    let is_entry = matches!(node.value, Value::Map(_)) && is_of_key();
    let values = ["value", "Value", "values", "Values"];
    is_entry && values.iter().filter_map(|name| node.get(name)).any(|it| has(&it))
        || node.text().is_some_and(|text| {
            let parts = format!("{key}={value}");
            let mut parts = parts.split(['*', '?']);
            parts.try_fold(text, |rest, part| rest.find(part).and_then(|at| rest.get(at + part.len()..))).is_some()
        })
}

/// A number or a flag is the text that it is written as.
fn is_value(node: &Node<'_>, pattern: &str) -> bool {
    match node.value {
        Value::String(text) => glob::matches(pattern, text),
        Value::Number(number) => glob::matches(pattern, &number.to_string()),
        Value::Bool(value) => glob::matches(pattern, &value.to_string()),
        // A function makes it: nobody knows what.
        Value::Map(_) => true,
        Value::Null | Value::List(_) => false,
    }
}

/// What no environment of a run names. `whole` if all environments of the project took part and none had errors: only
/// then is it known of what several of them share. What only one environment says names it.
pub fn unused<'a>(all: impl Iterator<Item = (&'a Arc<str>, &'a Declared)>, sources: &Sources, whole: bool) -> Findings {
    let mut entries: BTreeMap<_, (&Entry, bool, BTreeSet<&Arc<str>>)> = BTreeMap::new();
    for (name, entry) in all.flat_map(|(name, them)| them.0.iter().map(move |entry| (name, entry))) {
        // By its path: a file that was read twice has two ids.
        let Span { file, start, .. } = entry.written.span;
        let place = (sources.get(file).path().to_owned(), start);
        let (_, used, names) = entries.entry(place).or_insert((entry, false, BTreeSet::new()));
        *used |= entry.used;
        names.insert(name);
    }
    let mut findings = Findings::default();
    for (Entry { written, own, .. }, used, names) in entries.into_values() {
        if used || !(whole || *own) {
            continue;
        }
        let Outside { kind, pattern, span } = written;
        let mut finding = Finding::new(&UNUSED_OUTSIDE, *span, format!("nothing names `{pattern}` of `{kind}`"))
            .help("remove it; or write the name as the files do that name it");
        if *own && names.len() == 1 {
            finding.environments = names.into_iter().cloned().collect();
        }
        findings.push(finding);
    }
    findings
}
