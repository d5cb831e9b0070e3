//! Kubernetes objects against the schemas of their kinds: fields, types, and the rules of custom resources.

use camino::Utf8PathBuf;

use super::rules::{OBJECT_RULE, OBJECT_SCHEMA, UNKNOWN_FIELD};
use super::{Schemas, below};
use crate::check::{Report, View};
use crate::finding::Findings;
use crate::finding::codes::schema as codes;

pub(super) fn judge(schemas: &Schemas<'_>, view: &View<'_>, report: &mut Report, findings: &mut Findings) {
    for object in view.objects() {
        let group = if object.group.is_empty() { "core" } else { object.group };
        let path = Utf8PathBuf::from(format!("kubernetes/{group}/{}_{}", object.kind, object.version));
        let Some(schema) = schemas.get(&path, findings) else { continue };
        let root = object.root();
        for wrong in schema.judge(root.value, schemas.sources(), view.account()) {
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
