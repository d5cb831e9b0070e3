//! What Kustomize makes of images by the `images` of a `kustomization.yaml`
//! (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/>).

use std::collections::BTreeMap;

use super::name::Name;
use super::{Image, Part};
use crate::check::k8s::Object;
use crate::check::{Kustomization, Node, View};

/// The ways of the tree's files through kustomizations.
pub(super) struct Kustomized<'v, 'a> {
    /// By file, the kustomizations that take it in, the innermost first; one list for each way.
    ways: BTreeMap<String, Vec<Vec<&'v Kustomization<'a>>>>,
    /// Argo CD or Flux changes images of what it applies.
    pub(super) is_overlaid: bool,
}

/// How many kustomizations a file may pass.
const DEEPEST: usize = 32;

impl<'v, 'a> Kustomized<'v, 'a> {
    pub(super) fn of(view: &'v View<'a>) -> Self {
        let all = view.kustomizations();
        let mut kustomized = Self { ways: BTreeMap::new(), is_overlaid: false };
        kustomized.is_overlaid =
            view.appliers().any(|it| it.overlay().is_some_and(|overlay| overlay.get("images").is_some()));
        if all.iter().any(|own| own.root.get("images").is_some()) {
            let is_taken = |own: &Kustomization<'_>| all.iter().any(|other| takes(other, own));
            for own in all.iter().filter(|own| !is_taken(own)) {
                kustomized.follow(own, all, &mut Vec::new());
            }
        }
        kustomized
    }

    fn follow(
        &mut self,
        own: &'v Kustomization<'a>,
        all: &'v [Kustomization<'a>],
        way: &mut Vec<&'v Kustomization<'a>>,
    ) {
        if way.len() > DEEPEST {
            return;
        }
        let outer = way.len();
        let find = |node: &Node<'a>| {
            let path = own.beside(node.text()?)?;
            all.iter().find(|other| other.folder() == path)
        };
        // Components change what is taken in before it is changed itself.
        way.push(own);
        way.extend(own.components().iter().rev().filter_map(find));
        for node in own.taken() {
            match (find(&node), node.text().and_then(|text| own.beside(text))) {
                (Some(next), _) => self.follow(next, all, way),
                (None, Some(path)) => {
                    let inner = way.iter().rev().copied().collect();
                    self.ways.entry(path.into_string()).or_default().push(inner);
                }
                (None, None) => {}
            }
        }
        way.truncate(outer);
    }

    /// The images that become of one of an object.
    pub(super) fn left(&self, object: &Object<'_>, image: Image) -> Vec<Image> {
        let Some(ways) = self.ways.get(object.document.path.as_str()) else { return vec![image] };
        let mut left: Vec<Image> = Vec::new();
        for way in ways {
            let through = way.iter().fold(image.clone(), |image, own| changed(image, &own.root));
            if !left.iter().any(|it| it.parts() == through.parts()) {
                left.push(through);
            }
        }
        left
    }
}

fn takes(other: &Kustomization<'_>, own: &Kustomization<'_>) -> bool {
    other.taken().any(|node| node.text().and_then(|text| other.beside(text)).is_some_and(|path| path == own.folder()))
}

/// What one `kustomization.yaml` makes of an image.
fn changed(mut image: Image, kustomization: &Node<'_>) -> Image {
    for entry in kustomization.list(["images"]) {
        let Some(name) = entry.text_at(["name"]).filter(|name| image.bare().as_deref() == Some(*name)) else {
            continue;
        };
        if let Some((node, text)) = entry.get("newName").and_then(|node| Some((node, node.text()?)))
            && text != name
        {
            let renamed = Image::named(&node, text);
            (image.registry, image.repository) = (renamed.registry, renamed.repository);
        }
        let (tag, digest) = (Part::at(entry.get("newTag")), Part::at(entry.get("digest")));
        if tag.is_some() || digest.is_some() {
            (image.tag, image.digest) = (tag.unwrap_or_default(), digest.unwrap_or_default());
        } else if let Some(suffix) = entry.get("tagSuffix").filter(|suffix| suffix.text().is_some()) {
            let text = format!("{}{}", image.tag.text().unwrap_or_default(), suffix.text().unwrap_or_default());
            (image.tag, image.digest) = (Part::Set { text, at: suffix.place(), range: None }, Part::None);
        }
    }
    image
}

impl Image {
    /// The name without tag and digest, as Kustomize compares it. None of what is no name.
    fn bare(&self) -> Option<String> {
        let repository = self.repository.text().filter(|text| Name::read(text).is_some())?;
        let registry = self.registry.text();
        Some(registry.map_or_else(|| repository.to_owned(), |registry| format!("{registry}/{repository}")))
    }
}
