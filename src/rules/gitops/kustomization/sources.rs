//! What replacements and `vars` read from, where nothing of that name comes in.

use super::KUSTOMIZATION;
use crate::check::{Kustomization, Node, Report};
use crate::finding::suggest::did_you_mean;
use crate::rules::gitops::taken::{Taken, plain};

pub(super) fn check(own: &Kustomization<'_>, taken: &Taken<'_, '_>, report: &mut Report) {
    if taken.renames() {
        return;
    }
    for replacement in own.root.list(["replacements"]) {
        if let Some(source) = replacement.get("source") {
            judge(&source, taken, report);
        }
    }
    for var in own.root.list(["vars"]) {
        if let Some(object) = var.get("objref") {
            judge(&object, taken, report);
        }
    }
}

fn judge(source: &Node<'_>, taken: &Taken<'_, '_>, report: &mut Report) {
    let (kind, name) = (plain(source, "kind"), plain(source, "name"));
    let is_told = |key| source.get(key).is_none() || plain(source, key).is_some();
    if !is_told("kind") || !is_told("name") {
        return;
    }
    let fits = |own_kind: &str, own: &str| {
        kind.is_none_or(|(_, wanted)| wanted == own_kind) && name.is_none_or(|(_, wanted)| wanted == own)
    };
    let is_there = taken.objects.iter().any(|it| fits(it.kind, it.name.unwrap_or_default()))
        || taken.generated.iter().any(|(kind, name)| fits(kind, name));
    if is_there {
        return;
    }
    let (node, what, near) = match (kind, name) {
        (Some((_, kind)), Some((node, name))) if taken.kinds().any(|it| it == kind) => {
            let same = taken.objects.iter().filter(|it| it.kind == kind).filter_map(|it| it.name);
            let made = taken.generated.iter().filter(|it| it.0 == kind).map(|it| it.1);
            (node, format!("the `{kind}` `{name}`"), did_you_mean(name, same.chain(made)))
        }
        (Some((node, kind)), _) => (node, format!("a `{kind}`"), did_you_mean(kind, taken.kinds())),
        (None, Some((node, name))) => (node, format!("called `{name}`"), did_you_mean(name, taken.names())),
        (None, None) => return,
    };
    let draft = report.at(&KUSTOMIZATION, node, format!("nothing that is taken in is {what}"));
    draft.label("Kustomize refuses a value that comes from nowhere");
    draft.help(near.unwrap_or_else(|| "name an object that `resources` takes in, or take this out".to_owned()));
}
