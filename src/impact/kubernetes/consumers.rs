//! `ConfigMap`s and `Secret`s: which pods read them, and when they see the change.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::{Changed, name};
use crate::check::k8s::Object;
use crate::check::{Change, Consequence, Node, Report, View};

/// Where a pod names one: of which kind, below which word, under which key, and whether it goes into the environment.
const PLACES: [(&str, &str, &str, bool); 7] = [
    ("ConfigMap", "configMapRef", "name", true),
    ("ConfigMap", "configMapKeyRef", "name", true),
    ("ConfigMap", "configMap", "name", false),
    ("Secret", "secretRef", "name", true),
    ("Secret", "secretKeyRef", "name", true),
    ("Secret", "secret", "secretName", false),
    ("Secret", "secret", "name", false),
];

/// Which objects read one, by their positions, and whether they do so when they start.
type Positions = BTreeMap<usize, bool>;

/// The readers by kind and name of what they read. Made once it is asked.
#[derive(Default)]
pub(super) struct Readers<'a>(OnceCell<BTreeMap<(&'static str, &'a str), Positions>>);

impl<'a> Readers<'a> {
    fn of(&self, view: &View<'a>, kind: &'static str, name: &str) -> Vec<(usize, bool)> {
        let all = self.0.get_or_init(|| {
            let mut all: BTreeMap<(&'static str, &'a str), Positions> = BTreeMap::new();
            for (at, object) in view.objects().iter().enumerate() {
                let Some(pod) = object.pod_template() else { continue };
                for (kind, word, key, in_environment) in PLACES {
                    for node in pod.under(word) {
                        let Some(name) = node.text_at([key]) else { continue };
                        // A file that is mounted by itself stays as it was when the pod started.
                        let at_start = in_environment || is_mounted_alone(&pod, &node);
                        *all.entry((kind, name)).or_default().entry(at).or_default() |= at_start;
                    }
                }
            }
            all
        });
        let known = all.get(&(kind, name));
        known.map(|readers| readers.iter().map(|(at, at_start)| (*at, *at_start)).collect()).unwrap_or_default()
    }
}

/// Whether a container mounts a file of the volume that something stands in, and not the whole: that is never renewed.
fn is_mounted_alone(pod: &Node<'_>, within: &Node<'_>) -> bool {
    let volumes = pod.at(["spec", "volumes"]).map(|it| it.items()).unwrap_or_default();
    let Some(name) = volumes.iter().find(|it| within.is_within(it)).and_then(|it| it.text_at(["name"])) else {
        return false;
    };
    let mounts = pod.under("volumeMounts").flat_map(|it| it.items());
    let mut own = mounts.filter(|it| it.text_at(["name"]) == Some(name));
    own.any(|it| it.get("subPath").is_some() || it.get("subPathExpr").is_some())
}

/// Says what a change of configuration comes to; whether it is one.
pub(super) fn changed<'a>(
    change: &Change<'a>,
    it: &Changed<'_, '_>,
    readers: &Readers<'a>,
    report: &mut Report,
) -> bool {
    if !it.new.group.is_empty() || !matches!(it.new.kind, "ConfigMap" | "Secret") {
        return false;
    }
    let data = ["data", "stringData", "binaryData"].into_iter().find_map(|key| it.below(key));
    let Some(at) = data else { return false };
    let view = change.new_tree();
    let kind = if it.new.kind == "ConfigMap" { "ConfigMap" } else { "Secret" };
    let readers = it.new.name.map(|name| readers.of(view, kind, name)).unwrap_or_default();
    let readers =
        readers.into_iter().filter_map(|(at, in_environment)| Some((view.objects().get(at)?, in_environment)));
    let readers: Vec<(&Object<'_>, How)> = readers
        .filter(|(object, _)| view.are_near(object, it.new))
        .map(|(object, in_environment)| (object, reads(object, in_environment, it.new)))
        .collect();
    let what = it.name();
    // Pods that are made anew in the same change have it from then on.
    let is_renewed = |object: &Object<'_>| {
        let mut before = change.old().objects_of(object.group, object.kind);
        let before = before.find(|it| it.name == object.name && it.namespace == object.namespace);
        before.is_some_and(|it| it.pod_template().map(|it| it.value) != object.pod_template().map(|it| it.value))
    };
    let readers: Vec<(&Object<'_>, How)> = readers
        .into_iter()
        .map(|(object, how)| (object, if how == How::AtStart && is_renewed(object) { How::Renewed } else { how }))
        .collect();
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
    } else if let Some(who) = of(How::Renewed) {
        let message =
            format!("{what} changes: {who} reads it when its pods are made anew, as they are with this change");
        it.tell(change, Consequence::InPlace, at, message, report);
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
    /// The same, and the pods start anew with this change.
    Renewed,
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

/// How a workload reads it.
fn reads(workload: &Object<'_>, in_environment: bool, own: &Object<'_>) -> How {
    let annotation = |name: &str| workload.root().at(["metadata", "annotations"])?.get(name)?.text();
    let listed = match own.kind {
        "ConfigMap" => annotation("configmap.reloader.stakater.com/reload"),
        _ => annotation("secret.reloader.stakater.com/reload"),
    };
    let is_reloaded = annotation("reloader.stakater.com/auto") == Some("true")
        || listed.is_some_and(|names| names.split(',').any(|it| Some(it.trim()) == own.name));
    match (is_reloaded, in_environment) {
        (true, _) => How::Reloaded,
        (false, true) => How::AtStart,
        (false, false) => How::AsFile,
    }
}
