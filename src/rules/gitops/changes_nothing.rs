//! What a kustomization changes, where nothing of that name comes in.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::kustomization::KUSTOMIZATION;
use crate::check::k8s::Object;
use crate::check::view::repository::is_filled_in;
use crate::check::{Document, Kustomization, Node, Report, View, rule};
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

/// What makes, renames or finds things in ways that are not followed here.
const UNFOLLOWED: [&str; 8] = [
    "helmCharts",
    "helmChartInflationGenerator",
    "generators",
    "transformers",
    "configurations",
    "replacements",
    "namePrefix",
    "nameSuffix",
];

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

/// All that a kustomization takes in, where all of that is in the tree.
#[derive(Default)]
struct Taken<'v, 'a> {
    objects: Vec<&'v Object<'a>>,
    /// The kinds and names of what is generated.
    generated: Vec<(&'static str, &'a str)>,
    /// The kustomizations that it goes through.
    through: Vec<&'v Kustomization<'a>>,
    /// The files of their patches.
    patches: Vec<&'v Document<'a>>,
}

impl<'v, 'a> Taken<'v, 'a> {
    fn of(view: &'v View<'a>, own: &'v Kustomization<'a>) -> Option<Self> {
        let mut taken = Self::default();
        let mut seen: BTreeSet<&Utf8Path> = BTreeSet::new();
        let mut open = vec![own];
        while let Some(own) = open.pop() {
            if !seen.insert(own.document.path) {
                continue;
            }
            let is_followed = UNFOLLOWED.iter().all(|key| own.root.get(key).is_none());
            let is_component = own.root.text_at(["kind"]).is_some_and(|kind| kind != "Kustomization");
            let is_base = !taken.through.is_empty();
            if !is_followed || (is_component && !is_base) {
                return None;
            }
            for node in own.taken() {
                let path = node.text().and_then(|text| own.beside(text)).filter(|_| view.has(own, &node))?;
                if let Some(below) = view.kustomizations().iter().find(|it| it.folder() == path) {
                    open.push(below);
                    continue;
                }
                let before = taken.objects.len();
                taken.objects.extend(view.objects().iter().filter(|it| it.document.path == path));
                // A file that is no object: nobody knows what becomes of it.
                if taken.objects.len() == before {
                    return None;
                }
            }
            for kind in ["ConfigMap", "Secret"] {
                let names = own.generators(kind).into_iter().filter_map(|it| it.text_at(["name"]));
                taken.generated.extend(names.map(|name| (kind, name)));
            }
            for part in own.parts() {
                let path = part.text().and_then(|text| own.beside(text))?;
                taken.patches.push(view.documents().iter().find(|it| it.path == path)?);
            }
            taken.through.push(own);
        }
        // What takes in nothing is told by other rules.
        (!taken.objects.is_empty()).then_some(taken)
    }

    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.objects.iter().filter_map(|it| it.name).chain(self.generated.iter().map(|it| it.1))
    }

    fn kinds(&self) -> impl Iterator<Item = &'a str> {
        self.objects.iter().map(|it| it.kind).chain(self.generated.iter().map(|it| it.0))
    }

    fn image(&self, image: &Node<'a>, report: &mut Report) {
        let Some((node, name)) = plain(image, "name") else { return };
        let stands_in = |root: Node<'_>| root.texts().any(|(it, text, _)| !it.is_at(&node) && text.contains(name));
        let roots = self.objects.iter().map(|it| it.root()).chain(self.patches.iter().map(|it| it.root()));
        if roots.chain(self.through.iter().map(|own| own.root)).any(stands_in) {
            return;
        }
        let images: Vec<&str> =
            self.objects.iter().flat_map(|it| it.containers()).filter_map(|it| it.text_at(["image"])).collect();
        let known = images.iter().map(|image| without_tag(image));
        let help = did_you_mean(name, known);
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

    /// Whether a patch may give something another name.
    fn renames(&self) -> bool {
        let mut all = self.through.iter().flat_map(|own| own.root.all());
        all.any(|node| matches!(node.key(), Some("allowNameChange" | "allowKindChange")))
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

/// A text that is no pattern, and that nobody fills in.
fn plain<'a>(node: &Node<'a>, key: &str) -> Option<(Node<'a>, &'a str)> {
    let node = node.get(key)?;
    let is_plain = |text: &&str| {
        !text.is_empty() && !is_filled_in(text) && !text.contains(['*', '+', '?', '(', '[', '|', '\\', '^', '$'])
    };
    Some((node, node.text().filter(is_plain)?))
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
