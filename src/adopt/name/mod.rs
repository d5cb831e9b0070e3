//! What settings are called: a table of fields that people have names for, else the field's path below its component.

mod word;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::plan::{Hole, Role, Step};
use crate::value::Value;

pub(super) use word::{camel, is_identifier};

/// Steps of a path that say nothing to a person.
const NOISE: [&str; 19] = [
    "spec",
    "template",
    "metadata",
    "containers",
    "initContainers",
    "value",
    "data",
    "stringData",
    "Resources",
    "Properties",
    "jobTemplate",
    "http",
    "paths",
    "backend",
    "rules",
    "pathType",
    "securityContext",
    "valueFrom",
    "matchLabels",
];

/// Kinds that a component is, so that their fields are its own.
const WORKLOADS: [&str; 11] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Job",
    "Rollout",
    "Pod",
    "ConfigMap",
    "Namespace",
    "HelmRelease",
    "",
];

/// Kinds that have a shorter name.
const KINDS: [(&str, &str); 6] = [
    ("HorizontalPodAutoscaler", "autoscaling"),
    ("PodDisruptionBudget", "disruptionBudget"),
    ("PersistentVolumeClaim", "storage"),
    ("NetworkPolicy", "network"),
    ("ServiceMonitor", "monitor"),
    ("CustomResourceDefinition", "definition"),
];

/// Which object a hole stands in.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) kind: Arc<str>,
    /// Its component; empty for the application itself.
    pub(super) component: String,
    /// The object's own name, where a component has several of a kind.
    pub(super) name: Arc<str>,
}

/// All settings of an application.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<Vec<String>>,
    /// By field and values: two holes are one where both are the same.
    known: BTreeMap<(String, String), Vec<String>>,
}

impl Names {
    /// A name that stays free.
    pub(super) fn reserve(&mut self, name: &str) {
        self.taken.insert(vec![name.to_owned()]);
    }

    /// The flag of a whole component, if it is free.
    pub(super) fn component(&mut self, component: &str) -> Option<Vec<String>> {
        let name = vec![camel(component), "enabled".to_owned()];
        self.taken.insert(name.clone()).then_some(name)
    }

    /// Gives a hole its name.
    pub(super) fn name(&mut self, hole: &mut Hole, place: &Place) {
        let shared = shareable(hole).map(|values| (field(hole), values));
        if let Some(name) = shared.as_ref().and_then(|shared| self.known.get(shared)) {
            hole.name.clone_from(name);
            return;
        }
        let name = candidates(hole, place).into_iter().find(|name| self.is_free(name));
        let name = name.unwrap_or_else(|| self.numbered(hole, place));
        self.taken.insert(name.clone());
        if let Some(shared) = shared {
            self.known.insert(shared, name.clone());
        }
        hole.name = name;
    }

    /// No setting is above or below another one.
    fn is_free(&self, name: &[String]) -> bool {
        !name.is_empty()
            && !(1..=name.len()).any(|length| self.taken.contains(&name[..length]))
            && !self.taken.range(name.to_vec()..).next().is_some_and(|other| other.starts_with(name))
    }

    fn numbered(&self, hole: &Hole, place: &Place) -> Vec<String> {
        let mut name = candidates(hole, place).pop().unwrap_or_default();
        let last = name.pop().unwrap_or_else(|| "value".to_owned());
        for number in 2_u32.. {
            name.push(format!("{last}{number}"));
            if self.is_free(&name) {
                break;
            }
            name.pop();
        }
        name
    }
}

/// Names from the shortest to the longest.
fn candidates(hole: &Hole, place: &Place) -> Vec<Vec<String>> {
    let mut owner = Vec::new();
    if !place.component.is_empty() {
        owner.push(camel(&place.component));
    }
    let field = short(hole, place);
    let is_own = WORKLOADS.contains(&&*place.kind) || field == ["namespace"];
    let kind = KINDS
        .iter()
        .find(|(kind, _)| *kind == &*place.kind)
        .map_or_else(|| camel(&place.kind), |(_, name)| (*name).to_owned());
    let joined = |parts: &[&[String]]| -> Vec<String> { parts.concat() };
    let kind = [kind];
    let mut found = Vec::new();
    if is_own {
        found.push(joined(&[&owner, &field]));
    }
    if !place.kind.is_empty() {
        found.push(joined(&[&owner, &kind, &field]));
        found.push(joined(&[&owner, &kind, &long(hole)]));
    }
    found.push(joined(&[&owner, &long(hole)]));
    found.push(
        joined(&[&[camel(&place.name)], &kind, &long(hole)]).into_iter().filter(|part| !part.is_empty()).collect(),
    );
    found
}

/// The field as people call it.
fn short(hole: &Hole, place: &Place) -> Vec<String> {
    let mut words = Vec::new();
    for (at, step) in hole.path.iter().enumerate() {
        let above = at.checked_sub(1).and_then(|at| hole.path.get(at));
        let is_container =
            matches!(above, Some(Step::Key(key)) if &**key == "containers" || &**key == "initContainers");
        match step {
            Step::Key(key) if NOISE.contains(&&**key) => {}
            Step::Key(key) => words.push(word(key)),
            Step::Item(name) if is_container && is_main(name, place) => {}
            Step::Item(name) => words.push(word(name)),
            Step::Index(_) => {}
        }
    }
    if words.is_empty() {
        words = last_word(hole);
    }
    with_role(words, hole)
}

/// The field by its whole path.
fn long(hole: &Hole) -> Vec<String> {
    let one = |step: &Step| match step {
        Step::Key(key) => word(key),
        Step::Item(name) => word(name),
        Step::Index(at) => format!("item{}", at + 1),
    };
    let words: Vec<String> = hole.path.iter().map(one).collect();
    with_role(words, hole)
}

fn with_role(mut words: Vec<String>, hole: &Hole) -> Vec<String> {
    let part = match hole.role {
        Role::Whole | Role::Part => return words,
        Role::Repository => "repository",
        Role::Tag => "tag",
        Role::Digest => "digest",
        Role::Flag => "enabled",
    };
    words.push(part.to_owned());
    words
}

fn last_word(hole: &Hole) -> Vec<String> {
    let last = hole.path.iter().rev().find_map(|step| match step {
        Step::Key(key) | Step::Item(key) => Some(word(key)),
        Step::Index(_) => None,
    });
    // The thing itself: whether it is there says its flag.
    if hole.role == Role::Flag && hole.path.is_empty() {
        Vec::new()
    } else {
        vec![last.unwrap_or_else(|| "value".to_owned())]
    }
}

/// A key of an object as one of a setting: what a domain puts in front of it goes.
fn word(key: &str) -> String {
    let own = key.rsplit_once('/').map_or(key, |(_, own)| own);
    if is_identifier(own) { own.to_owned() } else { camel(own) }
}

/// Whether a container is what its component is named after.
fn is_main(name: &str, place: &Place) -> bool {
    let names = [&*place.component, &place.name];
    names.contains(&name) || place.name.ends_with(name) || ["app", "main", "server"].contains(&name)
}

/// What kind of field a hole is, for all objects alike.
fn field(hole: &Hole) -> String {
    let last = last_word(hole).concat();
    format!("{:?} {last}", hole.role)
}

/// Values that tell a setting from all others; numbers and short texts are the same by chance. A namespace is not.
fn shareable(hole: &Hole) -> Option<String> {
    let is_namespace = matches!(hole.path.last(), Some(Step::Key(key)) if &**key == "namespace");
    let least = if is_namespace { 1 } else { 4 };
    let mut told = String::new();
    for value in &hole.values {
        match value {
            Some(Value::String(text)) if text.chars().count() >= least => told.push_str(&format!("{text:?},")),
            Some(_) => return None,
            None => told.push_str("-,"),
        }
    }
    Some(told)
}
