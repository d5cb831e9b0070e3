//! What a kustomization changes, where nothing of that name comes in.

use super::kustomization::KUSTOMIZATION;
use super::taken::{Taken, plain};
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest::did_you_mean;

rule! {
    CHANGES_NOTHING = Warning "gitops/changes-nothing";
    summary: "a kustomization changes an image or an object that it does not take in";
    explanation: "Kustomize passes over an image or the target of a patch that matches nothing, in silence: the old tag is deployed. Replicas for a name that nothing has are refused, which is a matter of `gitops/kustomization`. Judged where all that a kustomization takes in is in the tree: nothing from elsewhere, no charts, no generators and transformers of one's own, and not for components, which change what others take in. Names that are patterns are not judged.";
    wrong: "
        --- # web/kustomization.yaml
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [pod.yaml]
        images: [{name: example.com/wbe, newTag: '2'}]
        --- # web/pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {containers: [{name: web, image: 'example.com/web:1'}]}
    ";
    right: "
        --- # web/kustomization.yaml
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [pod.yaml]
        images: [{name: example.com/web, newTag: '2'}]
        --- # web/pod.yaml
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {containers: [{name: web, image: 'example.com/web:1'}]}
    ";
}

/// What to do where nothing is near.
const WITHOUT: &str = "name what is there, or take this out";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for own in view.kustomizations() {
        let targets = own.root.list(["patches"]).into_iter().chain(own.root.list(["patchesJson6902"]));
        let targets: Vec<_> = targets.filter_map(|patch| patch.get("target")).collect();
        let (images, replicas) = (own.root.list(["images"]), own.root.list(["replicas"]));
        if images.is_empty() && replicas.is_empty() && targets.is_empty() {
            continue;
        }
        let Some(taken) = Taken::of(view, own) else { continue };
        for image in &images {
            taken.image(image, report);
        }
        for replica in &replicas {
            taken.replicas(replica, report);
        }
        for target in &targets {
            taken.target(target, report);
        }
    }
}

impl<'a> Taken<'_, 'a> {
    fn image(&self, image: &Node<'a>, report: &mut Report) {
        let Some((node, name)) = plain(image, "name") else { return };
        let in_object = |root: Node<'_>| root.texts().any(|(it, text, _)| is_of_image(&it) && is_image(text, name));
        // A patch may be a text, and what another kustomization renames it to is one, too.
        let in_text = |root: Node<'_>| root.texts().any(|(it, text, _)| !it.is_at(&node) && stands_in(text, name));
        let mut roots = self.objects.iter().map(|it| it.root()).chain(self.patches.iter().map(|it| it.root()));
        let mut patched = self.through.iter().flat_map(|own| PATCHING.iter().filter_map(|key| own.root.get(key)));
        if roots.any(in_object) || patched.any(in_text) {
            return;
        }
        let images: Vec<&str> =
            self.objects.iter().flat_map(|it| it.containers()).filter_map(|it| it.text_at(["image"])).collect();
        let known = images.iter().map(|image| without_tag(image));
        let whole = known.clone().find(|known| known.strip_suffix(name).is_some_and(|front| front.ends_with('/')));
        let help = match whole {
            Some(whole) => Some(format!("write the whole name, `{whole}`")),
            None => did_you_mean(name, known),
        };
        tell(&node, format!("nothing that is taken in has the image `{name}`"), help, report);
    }

    fn replicas(&self, replica: &Node<'a>, report: &mut Report) {
        let Some((node, name)) = plain(replica, "name") else { return };
        let scaled = |kind: &str| ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"].contains(&kind);
        if self.names().any(|it| it == name) || self.renames() {
            return;
        }
        let known = self.objects.iter().filter(|it| scaled(it.kind)).filter_map(|it| it.name);
        let message = format!("nothing that is taken in is called `{name}`");
        let draft = report.at(&KUSTOMIZATION, node, message);
        draft.label("Kustomize refuses replicas of what is not there");
        draft.help(did_you_mean(name, known).unwrap_or_else(|| WITHOUT.to_owned()));
    }

    fn target(&self, target: &Node<'a>, report: &mut Report) {
        if self.renames() {
            return;
        }
        if let Some((node, kind)) = plain(target, "kind")
            && !self.kinds().any(|it| it == kind)
        {
            let help = did_you_mean(kind, self.kinds());
            tell(&node, format!("nothing that is taken in is a `{kind}`"), help, report);
        } else if let Some((node, name)) = plain(target, "name")
            && !self.names().any(|it| it == name)
        {
            let help = did_you_mean(name, self.names());
            tell(&node, format!("nothing that is taken in is called `{name}`"), help, report);
        }
    }
}

/// Where a kustomization says which images there will be.
const PATCHING: [&str; 4] = ["images", "patches", "patchesJson6902", "patchesStrategicMerge"];

/// Whether a text may be an image: what a field of that name holds, or the value of a JSON patch.
fn is_of_image(node: &Node<'_>) -> bool {
    node.nearest_key().is_some_and(|key| matches!(key, "image" | "reference" | "value"))
}

/// Whether an image has a name, which is all in front of its tag and its digest.
fn is_image(text: &str, name: &str) -> bool {
    text.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@']))
}

/// Whether a name stands in a text, and not as a part of a longer one.
fn stands_in(text: &str, name: &str) -> bool {
    let is_inner = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '.' | '-' | '_');
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + name.len()..).unwrap_or_default());
        !before.ends_with(is_inner) && !after.starts_with(is_inner)
    })
}

/// An image without its tag and digest.
fn without_tag(image: &str) -> &str {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    let folder = image.rfind('/').map_or(0, |at| at + 1);
    image[folder..].find(':').map_or(image, |at| &image[..folder + at])
}

fn tell(node: &Node<'_>, message: String, help: Option<String>, report: &mut Report) {
    let draft = report.at(&CHANGES_NOTHING, node, message);
    draft.label("it changes nothing");
    draft.help(help.unwrap_or_else(|| WITHOUT.to_owned()));
}
