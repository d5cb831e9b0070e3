//! Kubernetes objects against the schemas of their kinds: fields, types, and the rules of custom resources.

use std::cell::OnceCell;

use camino::Utf8PathBuf;

use super::rules::{OBJECT_RULE, OBJECT_SCHEMA, UNKNOWN_FIELD};
use super::{Schemas, below, built_in};
use crate::check::k8s::Object;
use crate::check::{Broken, Report, View};
use crate::finding::Findings;
use crate::finding::codes::schema as codes;
use crate::rules::kubernetes::fields::say_unchanged;
use crate::rules::kubernetes::served;
use crate::rules::lifecycle::Cluster;
use crate::schema::import::{self, NOT_SERVED};
use crate::schema::{Schema, json};
use crate::value::Value;

/// The groups of Kubernetes' own kinds.
const BUILT_IN: [&str; 20] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

pub(super) fn judge(schemas: &Schemas<'_>, view: &View<'_>, report: &mut Report, findings: &mut Findings) {
    let mut overlays = None;
    let cluster = OnceCell::new();
    let cluster = || *cluster.get_or_init(|| Cluster::of(view).map(|cluster| cluster.minor));
    for object in view.objects() {
        let Some(schema) = schemas.get(&path(object), findings) else {
            not_served(schemas, object, report, findings);
            let mut found = Report::default();
            built_in::judge(object, cluster(), &mut found);
            say_unchanged(view, object, found, &mut overlays, report);
            continue;
        };
        let root = object.root();
        // Nulls are absent to the API server, which decodes these kinds into types of its own; CRDs refuse them.
        let trimmed = BUILT_IN.contains(&object.group).then(|| without_nulls(root.value)).flatten();
        for wrong in schema.judge(trimmed.as_ref().unwrap_or(root.value), schemas.sources(), view.account()) {
            let rule = match wrong.rule {
                rule if rule == &codes::UNKNOWN_KEY => &UNKNOWN_FIELD,
                rule if rule == &codes::RULE || rule == &codes::RULE_ERROR => &OBJECT_RULE,
                rule if rule == &codes::DEPRECATED || rule == &codes::RENAMED => continue,
                _ => &OBJECT_SCHEMA,
            };
            let of_root = rule == &UNKNOWN_FIELD && wrong.path.steps().len() == 1;
            let message =
                if of_root { format!("a `{}` has no field `{}`", object.kind, wrong.path) } else { wrong.message };
            let draft = report.at(rule, below(&root, &wrong.path), message);
            draft.label(wrong.label);
            if rule == &UNKNOWN_FIELD {
                draft.about_key();
            }
            if let Some(help) = wrong.help {
                draft.help(help);
            }
        }
    }
}

impl Schemas<'_> {
    /// Rules of a definition that compare an object with what it was, and that its change breaks. Of what stands in the tree itself,
    /// or else of what was imported.
    pub fn transitions(&self, old: &Object<'_>, new: &Object<'_>, defined: Option<&Schema>) -> Vec<Broken> {
        let imported = || self.get(&path(new), &mut Findings::default());
        let broken = match defined {
            Some(schema) => schema.transitions(old.root().value, new.root().value),
            None => imported().map_or_else(Vec::new, |it| it.transitions(old.root().value, new.root().value)),
        };
        broken.into_iter().map(|(path, message)| Broken { path, message }).collect()
    }

    /// What a definition in a tree says of a version of its kind.
    pub fn defined(&self, definition: &Object<'_>, version: &str) -> Option<Schema> {
        import::served(&json(definition.root().value), version, self.limits())
    }
}

fn folder(object: &Object<'_>) -> Utf8PathBuf {
    let group = if object.group.is_empty() { "core" } else { object.group };
    Utf8PathBuf::from("kubernetes").join(group)
}

/// The schema of an object's kind, without its ending.
pub(super) fn path(object: &Object<'_>) -> Utf8PathBuf {
    folder(object).join(format!("{}_{}", object.kind, object.version))
}

/// Says so if the definition of the object's kind, imported for another version, does not serve its own.
fn not_served(schemas: &Schemas<'_>, object: &Object<'_>, report: &mut Report, findings: &mut Findings) {
    let folder = folder(object);
    let kind = format!("{}_", object.kind);
    for file in schemas.names(&folder, findings).iter().filter(|file| file.starts_with(&kind)) {
        let Some((name, _)) = file.rsplit_once('.') else { continue };
        let Some(schema) = schemas.get(&folder.join(name), findings) else { continue };
        let unserved = schema.bundled()[NOT_SERVED].as_array();
        if unserved.is_some_and(|versions| versions.iter().any(|version| version == object.version)) {
            served::tell(object, &[&name[kind.len()..]], None, report);
            return;
        }
    }
}

/// A value without the keys that hold null, if there are any.
fn without_nulls(value: &Value) -> Option<Value> {
    fn has_null(value: &Value) -> bool {
        match value {
            Value::Map(entries) => entries.iter().any(|(_, below)| matches!(below, Value::Null) || has_null(below)),
            Value::List(items) => items.iter().any(has_null),
            _ => false,
        }
    }
    fn trim(value: &mut Value) {
        match value {
            Value::Map(entries) => {
                entries.retain(|(_, below)| !matches!(below, Value::Null));
                for (_, below) in entries.iter_mut() {
                    trim(below);
                }
            }
            Value::List(items) => items.iter_mut().for_each(trim),
            _ => {}
        }
    }
    has_null(value).then(|| {
        let mut trimmed = value.clone();
        trim(&mut trimmed);
        trimmed
    })
}
