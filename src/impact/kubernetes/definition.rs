//! Custom resource definitions: versions that go.

use super::super::differs::Difference;
use super::Changed;
use crate::check::k8s::Object;
use crate::check::{Change, Consequence, Node, Report};

/// Says what a change of a definition comes to; whether it is one.
pub(super) fn changed(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    if !it.new.is("apiextensions.k8s.io", "CustomResourceDefinition") || it.below("spec").is_none() {
        return false;
    }
    let what = it.name();
    let (old, new) = (versions(it.old), versions(it.new));
    for (version, node) in &old {
        let now = new.iter().find(|(name, _)| name == version).map(|(_, node)| *node);
        let at = Difference { old: Some(*node), new: now };
        let was_stored = node.get("storage").and_then(|it| it.boolean()) == Some(true);
        match now {
            None if was_stored => {
                let message = format!("{what} cannot lose its version `{version}`: objects are stored in it");
                it.tell(change, Consequence::Blocks, &at, message, report).help(
                    "store another version first, and take this one out of `status.storedVersions` once all objects were written again",
                );
                return true;
            }
            None => {
                let message = format!("{what} serves its version `{version}` no more");
                it.tell(change, Consequence::Blocks, &at, message, report);
                return true;
            }
            Some(now) if is_served(node) && !is_served(&now) => {
                let message = format!("{what} serves its version `{version}` no more: who asks for it is refused");
                it.tell(change, Consequence::Blocks, &at, message, report);
                return true;
            }
            Some(_) => {}
        }
    }
    let Some(at) = it.below("spec") else { return false };
    it.tell(change, Consequence::InPlace, at, format!("{what} is updated: its objects stay as they are"), report);
    true
}

fn is_served(version: &Node<'_>) -> bool {
    version.get("served").and_then(|it| it.boolean()) != Some(false)
}

fn versions<'a>(object: &Object<'a>) -> Vec<(&'a str, Node<'a>)> {
    let all = object.root().list(["spec", "versions"]);
    all.into_iter().filter_map(|it| Some((it.text_at(["name"])?, it))).collect()
}
