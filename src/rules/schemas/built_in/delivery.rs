//! What Argo CD, Flux and Kustomize are told, by a table of their kinds and fields.

use super::table::DELIVERY;
use super::walk::Words;
use crate::check::k8s::Object;
use crate::check::{Node, Report};
use crate::finding::Rule;
use crate::finding::suggest::nearest;
use crate::rules::kubernetes::fields;
use crate::rules::schemas::rules::{NEWER, UNKNOWN_FIELD, UNKNOWN_KIND};

/// The groups, and whose they are.
const GROUPS: [(&str, &str, &str); 4] = [
    ("argoproj.io", "Argo CD", "3.4"),
    ("helm.toolkit.fluxcd.io", "Flux", "2.8"),
    ("kustomize.toolkit.fluxcd.io", "Flux", "2.8"),
    ("source.toolkit.fluxcd.io", "Flux", "2.8"),
];

pub(super) fn has_group(group: &str) -> bool {
    GROUPS.iter().any(|(own, ..)| *own == group)
}

/// Whose table has an object's kind.
pub(super) fn knows(object: &Object<'_>) -> Option<&'static str> {
    let whose = GROUPS.iter().find(|(own, ..)| *own == object.group)?.1;
    DELIVERY.kind(object.group, object.version, object.kind).map(|_| whose)
}

pub(super) fn judge(object: &Object<'_>, report: &mut Report) {
    let Some((_, whose, version)) = GROUPS.iter().find(|(own, ..)| *own == object.group) else { return };
    let who = format!("{whose} {version}");
    let Some(part) = DELIVERY.kind(object.group, object.version, object.kind) else {
        unknown_kind(object, &who, report);
        return;
    };
    let help = format!(
        "if your {whose} knows it, import its definitions with `platc schema import`, which then count instead"
    );
    let words = Words {
        kind: object.kind,
        near: &UNKNOWN_FIELD,
        far: &NEWER,
        reads_any_case: false,
        is_strict: false,
        who,
        help,
    };
    words.judge(part, &object.root(), report);
}

/// A kind that is nearly one of the table, or one of it in a version that there is not. Other kinds of these groups are
/// not known here, and early versions were served once.
fn unknown_kind(object: &Object<'_>, who: &str, report: &mut Report) {
    let Object { group, version, kind, .. } = *object;
    if !fields::is_written(kind) || !fields::is_written(version) {
        return;
    }
    let of_group = || DELIVERY.kinds().filter(|(own, ..)| *own == group);
    let root = object.root();
    if let Some((_, served, _)) = of_group().find(|(_, _, own)| *own == kind) {
        let is_early = version.contains("alpha") || version.contains("beta");
        if !is_early || group == "argoproj.io" {
            let place = root.get("apiVersion").unwrap_or(root);
            let draft = report.at(&UNKNOWN_KIND, place, format!("there is no `{kind}` in `{group}/{version}`"));
            draft.label(format!("as of {who}")).help(format!("write `apiVersion: {group}/{served}`"));
        }
        return;
    }
    let elsewhere = || DELIVERY.kinds().find(|(own, _, name)| *name == kind && has_group(own));
    let (key, help) = match (nearest(kind, of_group().map(|(_, _, own)| own)), elsewhere()) {
        (_, Some((group, version, _))) => ("apiVersion", format!("write `apiVersion: {group}/{version}`")),
        (Some(near), None) => ("kind", format!("did you mean `{near}`?")),
        (None, None) => return,
    };
    let place = root.get(key).unwrap_or(root);
    let draft = report.at(&UNKNOWN_KIND, place, format!("there is no kind `{kind}` in `{group}/{version}`"));
    draft.label(format!("as of {who}")).help(help);
}

/// What Kustomize refuses in a `kustomization.yaml`, which it reads strictly.
pub(in crate::rules) fn kustomization(root: &Node<'_>, rule: &'static Rule, report: &mut Report) {
    const KIND: (&str, &str, &str) = ("kustomize.config.k8s.io", "v1beta1", "Kustomization");
    let Some(part) = DELIVERY.kind(KIND.0, KIND.1, KIND.2) else { return };
    let help = "take it out, or write it as Kustomize calls it".to_owned();
    let words = Words {
        kind: KIND.2,
        near: rule,
        far: rule,
        reads_any_case: true,
        is_strict: false,
        who: "Kustomize".to_owned(),
        help,
    };
    words.judge(part, root, report);
}
