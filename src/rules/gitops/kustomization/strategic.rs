//! Patches that are a part of an object: they say which one.

use super::KUSTOMIZATION;
use super::patch::{Part, Patch};
use crate::check::Report;
use crate::check::k8s::Object;
use crate::finding::suggest::did_you_mean;
use crate::rules::gitops::taken::Taken;

pub(super) fn check(patch: &Patch<'_>, taken: Option<&Taken<'_, '_>>, report: &mut Report) {
    for part in patch.parts().iter().filter(|part| part.is_map()) {
        if part.get("op").is_some() && part.get("path").is_some() {
            let draft = part.tell(&KUSTOMIZATION, "an operation stands here, and no list of them".to_owned(), report);
            draft.label("Kustomize refuses this patch").help("write it as an item of a list: `- op: …`");
        } else if !is_whole(part) {
            let message = "this patch does not say of which object it is a part".to_owned();
            let draft = part.tell(&KUSTOMIZATION, message, report);
            draft.label("Kustomize refuses this patch");
            draft.help("add `apiVersion`, `kind` and `metadata.name`; they are needed beside a `target`, too");
        } else if patch.target.is_none()
            && let Some(taken) = taken
        {
            matches(part, taken, report);
        }
    }
}

/// Whether a patch names a kind and a name, if only one that is filled in later.
fn is_whole(part: &Part<'_, '_>) -> bool {
    part.get("kind").is_some() && part.get("metadata").is_some_and(|it| it.get("name").is_some() || !it.is_map())
}

/// Says if nothing that is taken in is the object that a patch names.
fn matches(part: &Part<'_, '_>, taken: &Taken<'_, '_>, report: &mut Report) {
    let (Some(kind), Some(name)) = (part.text_at(["kind"]), part.text_at(["metadata", "name"])) else { return };
    let Some(api) = part.text_at(["apiVersion"]) else { return };
    if taken.renames() || kind.ends_with("List") || taken.generated.contains(&(kind, name)) {
        return;
    }
    let of_name: Vec<_> = taken.objects.iter().filter(|it| it.kind == kind && it.name == Some(name)).collect();
    if of_name.is_empty() {
        let message = format!("nothing that is taken in is the `{kind}` `{name}`");
        let place = part.get("metadata").and_then(|it| it.get("name")).unwrap_or(*part);
        let same = taken.objects.iter().filter(|it| it.kind == kind).filter_map(|it| it.name);
        let near = did_you_mean(name, same).or_else(|| did_you_mean(kind, taken.kinds()));
        let draft = place.tell(&KUSTOMIZATION, message, report).label("Kustomize refuses a patch of what is not there");
        draft
            .help(near.unwrap_or_else(|| "name an object that `resources` takes in, or take the patch out".to_owned()));
        return;
    }
    let own_api = |it: &Object<'_>| it.root().text_at(["apiVersion"]).unwrap_or_default().to_owned();
    if of_name.iter().all(|it| own_api(it) != api) {
        let place = part.get("apiVersion").unwrap_or(*part);
        let message = format!("nothing that is taken in is the `{kind}` `{name}` of `{api}`");
        let draft = place.tell(&KUSTOMIZATION, message, report).label("Kustomize refuses a patch of what is not there");
        draft.help(format!("write `apiVersion: {}`, as the object has it", own_api(of_name[0])));
        return;
    }
    let Some(namespace) = namespace(part) else { return };
    // What is given here is given after all patches.
    let given: Vec<&str> = taken.through.iter().skip(1).filter_map(|own| own.namespace()).collect();
    let is_in =
        |it: &Object<'_>| it.is_cluster_wide() || plain(it.namespace) == namespace || given.contains(&namespace);
    if of_name.iter().any(|it| is_in(it)) {
        return;
    }
    let stands = plain(of_name[0].namespace);
    let place = part.get("metadata").map_or(*part, |it| it.get("namespace").unwrap_or(it));
    let message = format!("the `{kind}` `{name}` that is taken in is in the namespace `{stands}`, this patch is not");
    let draft = place.tell(&KUSTOMIZATION, message, report).label("Kustomize refuses a patch of what is not there");
    draft.also(of_name[0].name_node(), "the object");
    draft.help("give the patch the namespace of the object; or name the object by `target`, with its kind and name");
}

/// The namespace of a patch; none where it is filled in later.
fn namespace<'p, 'a: 'p>(part: &Part<'p, 'a>) -> Option<&'p str> {
    match part.get("metadata").and_then(|it| it.get("namespace")) {
        Some(node) => node.text(),
        None => Some("default"),
    }
}

/// To Kustomize no namespace is the one called `default`.
fn plain(namespace: Option<&str>) -> &str {
    namespace.filter(|it| !it.is_empty()).unwrap_or("default")
}
