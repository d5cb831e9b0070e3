//! Objects of known kinds where no schema of theirs is imported, by tables of kinds and fields: those of one release of
//! Kubernetes, those of what delivers them, and custom resources that many clusters have.

mod custom;
mod delivery;
mod habit;
mod table;
mod walk;

use self::table::{CUSTOM, DELIVERY, KUBERNETES, Table};
use self::walk::Words;
use super::rules::{NEWER, UNKNOWN_FIELD, UNKNOWN_KIND};
use crate::check::Report;
use crate::check::k8s::Object;
use crate::finding::suggest::{self, did_you_mean};
use crate::rules::kubernetes::fields;
use crate::rules::lifecycle::Minor;

pub(in crate::rules) use self::delivery::kustomization;
pub use self::table::{apis, newest};

/// Where to get what the table lacks.
const IMPORT: &str = "import the definitions of your Kubernetes with `platc schema import`, which then count instead";

/// `cluster`: the version that the object is for, as far as it is known.
pub(super) fn judge(object: &Object<'_>, cluster: Option<Minor>, report: &mut Report) {
    if delivery::has_group(object.group) {
        delivery::judge(object, report);
        return;
    }
    if CUSTOM.has_group(object.group) {
        custom::judge(object, report);
        return;
    }
    let is_newer = cluster.is_some_and(|minor| minor > Minor(table::MINOR));
    let Some(part) = KUBERNETES.kind(object.group, object.version, object.kind) else {
        unknown_kind(object, is_newer, report);
        return;
    };
    let rule = if is_newer { &NEWER } else { &UNKNOWN_FIELD };
    let words = Words {
        kind: object.kind,
        near: rule,
        far: rule,
        is_strict: false,
        reads_any_case: false,
        who: format!("Kubernetes {}", Minor(table::MINOR)),
        help: format!("if your cluster knows it, {IMPORT}"),
    };
    words.judge(part, &object.root(), report);
}

/// Whose table has an object's kind.
pub(super) fn knows(object: &Object<'_>) -> Option<&'static str> {
    let is_own = KUBERNETES.kind(object.group, object.version, object.kind).is_some();
    if is_own { Some("Kubernetes") } else { delivery::knows(object).or_else(|| custom::knows(object)) }
}

/// The first step of a path below an object of Kubernetes that is no field, and nearly is one: its position, and that field.
pub(in crate::rules) fn misspelt_step(object: &Object<'_>, steps: &[String]) -> Option<(usize, &'static str)> {
    let part = KUBERNETES.kind(object.group, object.version, object.kind)?;
    walk::misspelt_step(part, steps)
}

/// Whether a group is one of Kubernetes' own.
pub(super) fn has_group(group: &str) -> bool {
    KUBERNETES.has_group(group)
}

/// Whether a group has a kind, in any version.
pub(super) fn has_kind(group: &str, kind: &str) -> bool {
    KUBERNETES.kinds().any(|(own, _, name)| (own, name) == (group, kind))
}

/// All kinds of which a table says something, with their groups.
pub(in crate::rules::schemas) fn known_kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [&KUBERNETES, &DELIVERY, &CUSTOM].into_iter().flat_map(Table::kinds);
    all.map(|(group, _, kind)| (group, kind))
}

/// The `apiVersion` of a kind, if only one group has it.
pub(super) fn api_of(kind: &str) -> Option<String> {
    let is_stable = |version: &str| !version.contains("alpha") && !version.contains("beta");
    let mut found: Vec<_> =
        KUBERNETES.kinds().filter(|(_, version, name)| *name == kind && is_stable(version)).collect();
    found.sort_unstable();
    let (group, version, _) = found.last()?;
    found.iter().all(|(own, ..)| own == group).then(|| api(group, version))
}

/// A kind that was probably meant by a word that is none: with the same letters at both ends, so that those of others pass.
pub(in crate::rules) fn near_kind(word: &str) -> Option<&'static str> {
    if KUBERNETES.kinds().any(|(_, _, kind)| kind == word) || word == "List" {
        return None;
    }
    if let Some(kind) = of_resource(word) {
        return Some(kind);
    }
    let ends = |word: &str| {
        let lower = word.to_ascii_lowercase();
        lower.chars().next().zip(lower.chars().next_back())
    };
    let alike = |kind: &&str| ends(kind) == ends(word) && kind.len().abs_diff(word.len()) <= 1;
    suggest::nearest(word, KUBERNETES.kinds().map(|(_, _, kind)| kind).filter(alike))
}

/// The kind of a resource by the name that `kubectl` and roles have for it: `deployments`, `deploy`.
fn of_resource(word: &str) -> Option<&'static str> {
    const SHORT: [(&str, &str); 17] = [
        ("cj", "CronJob"),
        ("cm", "ConfigMap"),
        ("deploy", "Deployment"),
        ("ds", "DaemonSet"),
        ("hpa", "HorizontalPodAutoscaler"),
        ("ing", "Ingress"),
        ("netpol", "NetworkPolicy"),
        ("ns", "Namespace"),
        ("pdb", "PodDisruptionBudget"),
        ("po", "Pod"),
        ("pv", "PersistentVolume"),
        ("pvc", "PersistentVolumeClaim"),
        ("rs", "ReplicaSet"),
        ("sa", "ServiceAccount"),
        ("sc", "StorageClass"),
        ("sts", "StatefulSet"),
        ("svc", "Service"),
    ];
    let lower = word.to_ascii_lowercase();
    if let Some((_, kind)) = SHORT.iter().find(|(short, _)| *short == word) {
        return Some(kind);
    }
    let is_plural = |kind: &&str| {
        let rest = lower.strip_prefix(&*kind.to_ascii_lowercase());
        let of_y = || lower.strip_suffix("ies").is_some_and(|front| kind.to_ascii_lowercase() == format!("{front}y"));
        matches!(rest, Some("s" | "es")) || of_y()
    };
    KUBERNETES.kinds().map(|(_, _, kind)| kind).find(is_plural)
}

/// The `apiVersion` of a kind that the group of another one, which is Kubernetes' own, has in none of its versions.
pub(in crate::rules) fn of_other_group(api: &str, kind: &str) -> Option<String> {
    let group = api.rsplit_once('/').map_or("", |(group, _)| group);
    let is_other = KUBERNETES.has_group(group) && !has_kind(group, kind);
    is_other.then(|| api_of(kind)).flatten()
}

/// The kind of a version that a file is named after: `Service` in `v1` of `service.yaml`.
pub(super) fn kind_named(group: &str, version: &str, file: &str) -> Option<&'static str> {
    let letters = |word: &str| word.replace(['-', '_'], "").to_lowercase();
    let wanted = letters(file);
    let of_version = KUBERNETES.kinds().filter(|(own, own_version, _)| (*own, *own_version) == (group, version));
    of_version.map(|(_, _, kind)| kind).find(|kind| letters(kind) == wanted)
}

fn api(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}

fn unknown_kind(object: &Object<'_>, is_newer: bool, report: &mut Report) {
    let Object { group, version, kind, .. } = *object;
    // What is made of other objects, and no kind of its own.
    if (group, version, kind) == ("", "v1", "List") || !fields::is_written(kind) || !fields::is_written(version) {
        return;
    }
    let is_own = KUBERNETES.has_group(group);
    // A group with a point that the table does not hold is somebody else's.
    if !is_own && group.contains('.') {
        return;
    }
    let elsewhere = KUBERNETES.kinds().filter(|(_, _, own)| *own == kind).min_by_key(|(own, own_version, _)| {
        (*own != group, own_version.contains("alpha"), own_version.contains("beta"))
    });
    // Which version was served when is said by the rules of `lifecycle`. A group without a point is Kubernetes' own.
    let is_early = version.contains("alpha") || version.contains("beta");
    let knows_version = KUBERNETES.kinds().any(|(own, own_version, _)| (own, own_version) == (group, version));
    let is_wrong = match elsewhere {
        Some((own, _, _)) if is_early && own == group => false,
        _ if is_early && !knows_version => false,
        Some(_) => true,
        None => is_own,
    };
    // The settings of a program have an `apiVersion` and a `kind` as well, and no `metadata`: nobody applies them.
    if !is_wrong || (elsewhere.is_none() && object.root().get("metadata").is_none()) {
        return;
    }
    let api = api(group, version);
    let root = object.root();
    let place = root.get(if elsewhere.is_some() { "apiVersion" } else { "kind" }).unwrap_or(root);
    let draft = report.at(
        if is_newer { &NEWER } else { &UNKNOWN_KIND },
        &place,
        format!("Kubernetes has no kind `{kind}` in `{api}`"),
    );
    draft.label(format!("as of {}", Minor(table::MINOR)));
    let near = || {
        let of_version = KUBERNETES.kinds().filter(|(own, own_version, _)| (*own, *own_version) == (group, version));
        did_you_mean(kind, of_version.map(|(_, _, name)| name))
            .or_else(|| did_you_mean(kind, KUBERNETES.kinds().map(|(_, _, name)| name)))
    };
    draft.help(match elsewhere {
        Some((group, version, _)) => format!("write `apiVersion: {}`", self::api(group, version)),
        None => near().unwrap_or_else(|| format!("if your cluster has it, {IMPORT}")),
    });
}
