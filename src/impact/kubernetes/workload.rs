//! What makes pods: which change stops and starts them, and which does not.

use super::super::differs::Difference;
use super::Changed;
use crate::check::{Change, Consequence, Report};

/// Says what becomes of the pods of a workload; whether it is one that changes.
pub(super) fn changed(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    let what = it.name();
    match (it.new.group, it.new.kind) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet") => rolling(change, it, report),
        ("apps", "ReplicaSet") | ("", "ReplicationController") => match it.below("spec.template") {
            Some(at) => {
                let message = format!("{what} is updated: its pods stay, and new ones are as it says now");
                it.tell(change, Consequence::InPlace, at, message, report);
                true
            }
            None => scaled(change, it, report),
        },
        ("batch", "CronJob") => {
            let Some(at) = it.below("spec") else { return false };
            let message = format!("{what} is updated, from its next run on: {}", it.listed());
            it.tell(change, Consequence::InPlace, at, message, report);
            true
        }
        ("", "Pod") => pod(change, it, report),
        _ => false,
    }
}

fn rolling(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    let what = it.name();
    let Some(at) = it.below("spec.template") else { return scaled(change, it, report) };
    let root = it.new.root();
    let key = if it.new.kind == "Deployment" { "strategy" } else { "updateStrategy" };
    let strategy = root.text_at(["spec", key, "type"]);
    let why = container(at)
        .map_or_else(|| "its pod template changes".to_owned(), |name| format!("the `{name}` of its pods changes"));
    if it.new.kind == "Deployment" && root.at(["spec", "paused"]).and_then(|it| it.boolean()) == Some(true) {
        let message = format!("{what} is updated: its pods stay until it is paused no more");
        it.tell(change, Consequence::InPlace, at, message, report);
        return true;
    }
    if strategy == Some("OnDelete") {
        let message = format!("{what} is updated: its pods stay until somebody deletes them");
        it.tell(change, Consequence::InPlace, at, message, report);
        return true;
    }
    let how = match strategy {
        Some("Recreate") => ", all at once",
        _ if it.new.kind == "Deployment" => "",
        _ => ", one after the other",
    };
    let message = format!("{what} restarts its pods{how}: {why}");
    it.tell(change, Consequence::Restarts, at, message, report);
    true
}

/// The key of a pod template at which a difference stands.
fn container<'a>(at: &Difference<'a>) -> Option<&'a str> {
    let node = at.node()?;
    node.nearest_key()
}

fn scaled(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    let Some(at) = it.below("spec.replicas") else { return false };
    let number = |of: &crate::check::k8s::Object<'_>| of.root().at(["spec", "replicas"]).and_then(|it| it.integer());
    let what = it.name();
    let (consequence, message) = match (number(it.old), number(it.new)) {
        (_, Some(0)) => (Consequence::Restarts, format!("{what} stops all its pods: it has 0 replicas now")),
        (Some(from), Some(to)) => (Consequence::InPlace, format!("{what} goes from {from} to {to} pods")),
        (None, Some(to)) => (
            Consequence::InPlace,
            format!("{what} has {to} pods from now on, however many something else had given it"),
        ),
        (_, None) => (
            Consequence::InPlace,
            format!("{what} says no number of pods any more: what scales it decides, or it is 1"),
        ),
    };
    it.tell(change, consequence, at, message, report);
    true
}

fn pod(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    let Some(at) = it.below("spec") else { return false };
    let what = it.name();
    let is_image = |it: &Difference<'_>| it.node().is_some_and(|node| node.key() == Some("image"));
    let spec = it
        .differences
        .iter()
        .filter(|it| it.node().is_some_and(|node| node.around().any(|up| up.key() == Some("spec"))));
    if spec.clone().all(is_image) {
        it.tell(change, Consequence::Restarts, at, format!("{what} restarts a container: its image changes"), report);
    } else {
        let message = format!("{what} cannot be updated: of a pod hardly more than its images can be changed");
        it.tell(change, Consequence::Blocks, at, message, report);
    }
    true
}
