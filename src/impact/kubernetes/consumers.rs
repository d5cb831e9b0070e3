//! `ConfigMap`s and `Secret`s: which pods read them, and when they see the change.

use super::{Changed, name};
use crate::check::k8s::Object;
use crate::check::{Change, Consequence, Report};

/// Says what a change of configuration comes to; whether it is one.
pub(super) fn changed(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    if !it.new.group.is_empty() || !matches!(it.new.kind, "ConfigMap" | "Secret") {
        return false;
    }
    let data = ["data", "stringData", "binaryData"].into_iter().find_map(|key| it.below(key));
    let Some(at) = data else { return false };
    let view = change.new_tree();
    let readers = view.objects().iter().filter(|object| view.are_near(object, it.new));
    let readers: Vec<(&Object<'_>, How)> =
        readers.filter_map(|object| Some((object, reads(object, it.new)?))).collect();
    let what = it.name();
    let of = |wanted: How| {
        let found: Vec<String> = readers.iter().filter(|(_, how)| *how == wanted).map(|(it, _)| name(it)).collect();
        (!found.is_empty()).then(|| joined(&found))
    };
    if let Some(who) = of(How::Reloaded) {
        it.tell(change, Consequence::Restarts, at, format!("{what} changes: {who} is restarted for it"), report);
    } else if let Some(who) = of(How::AtStart) {
        let message = format!("{what} changes: {who} reads it when its pods start, and they are not restarted");
        it.tell(change, Consequence::InPlace, at, message, report)
            .help("a checksum of it among the annotations of the pod template restarts them with it");
    } else if let Some(who) = of(How::AsFile) {
        it.tell(
            change,
            Consequence::InPlace,
            at,
            format!("{what} changes: {who} sees it as a file within minutes"),
            report,
        );
    } else {
        it.tell(
            change,
            Consequence::InPlace,
            at,
            format!("{what} is updated: nothing of the tree that runs reads it"),
            report,
        );
    }
    true
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// A controller restarts the pods.
    Reloaded,
    AtStart,
    AsFile,
}

fn joined(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [one, rest @ ..] => format!("{one} and {} others, each,", rest.len()),
        [] => String::new(),
    }
}

/// How a workload reads it, if it does.
fn reads(workload: &Object<'_>, own: &Object<'_>) -> Option<How> {
    let pod = workload.pod_template()?;
    let (list, key) = if own.kind == "ConfigMap" { ("configMap", "name") } else { ("secret", "secretName") };
    let (from, of_key) = match own.kind {
        "ConfigMap" => ("configMapRef", "configMapKeyRef"),
        _ => ("secretRef", "secretKeyRef"),
    };
    let names = |word: &str, key: &str| pod.under(word).any(|it| it.text_at([key]) == own.name && own.name.is_some());
    let in_environment = names(from, "name") || names(of_key, "name");
    let in_volume = names(list, key) || names(list, "name");
    if !in_environment && !in_volume {
        return None;
    }
    let annotation = |name: &str| workload.root().at(["metadata", "annotations"])?.get(name)?.text();
    let listed = match own.kind {
        "ConfigMap" => annotation("configmap.reloader.stakater.com/reload"),
        _ => annotation("secret.reloader.stakater.com/reload"),
    };
    let is_reloaded = annotation("reloader.stakater.com/auto") == Some("true")
        || listed.is_some_and(|names| names.split(',').any(|it| Some(it.trim()) == own.name));
    Some(match (is_reloaded, in_environment) {
        (true, _) => How::Reloaded,
        (false, true) => How::AtStart,
        (false, false) => How::AsFile,
    })
}
