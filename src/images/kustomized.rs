//! What Kustomize makes of images by the `images` of a `kustomization.yaml`
//! (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/>).

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::name::Name;
use super::{Image, Part};
use crate::check::k8s::Object;
use crate::check::{Kustomization, Node, View};

/// The ways of the tree's files through kustomizations.
#[derive(Debug)]
pub(super) struct Kustomized<'v, 'a> {
    /// By file, the kustomizations that take it in, the innermost first; one list for each way.
    ways: BTreeMap<String, Vec<Vec<&'v Kustomization<'a>>>>,
    /// The kustomizations by their folders.
    folders: BTreeMap<&'a str, &'v Kustomization<'a>>,
    /// What each of them makes of images, by its folder.
    changes: BTreeMap<&'a str, Changes<'a>>,
    /// Argo CD or Flux changes images of what it applies.
    pub(super) is_overlaid: bool,
    /// How many more ways are followed.
    left: usize,
}

/// How many kustomizations a file may pass.
const DEEPEST: usize = 32;

/// Ways that are followed, and kustomizations on them: of more it is not known what becomes of an image.
const STEPS: usize = 100_000;

/// Changes of one image by one kustomization: of more it is not known what becomes of it.
const CHANGES: usize = 50;

impl<'v, 'a> Kustomized<'v, 'a> {
    pub(super) fn of(view: &'v View<'a>) -> Self {
        let all = view.kustomizations();
        let is_overlaid = view.appliers().any(|it| it.overlay().is_some_and(|overlay| overlay.get("images").is_some()));
        let (ways, folders, changes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut kustomized = Self { ways, folders, changes, is_overlaid, left: STEPS };
        let changes = |own: &Kustomization<'_>| ["images", "imageTags"].iter().any(|key| own.root.get(key).is_some());
        if all.iter().any(changes) {
            kustomized.folders = all.iter().rev().map(|own| (own.folder(), own)).collect();
            kustomized.changes = all.iter().map(|own| (own.folder(), Changes::of(&own.root))).collect();
            let paths =
                |own: &Kustomization<'a>| own.taken().filter_map(|it| own.beside(it.text()?)).collect::<Vec<_>>();
            let taken: BTreeSet<Utf8PathBuf> = all.iter().flat_map(paths).collect();
            for own in all.iter().filter(|own| !taken.contains(Utf8Path::new(own.folder()))) {
                kustomized.follow(own, &mut Vec::new());
            }
        }
        kustomized
    }

    fn find(&self, own: &Kustomization<'a>, node: &Node<'a>) -> Option<&'v Kustomization<'a>> {
        self.folders.get(own.beside(node.text()?)?.as_str()).copied()
    }

    fn follow(&mut self, own: &'v Kustomization<'a>, way: &mut Vec<&'v Kustomization<'a>>) {
        if way.len() > DEEPEST {
            return;
        }
        let outer = way.len();
        // Components change what is taken in before it is changed itself.
        way.push(own);
        let components: Vec<_> = own.components().iter().rev().filter_map(|it| self.find(own, it)).collect();
        way.extend(components);
        for node in own.taken() {
            let Some(left) = self.left.checked_sub(way.len()) else {
                self.is_overlaid = true;
                break;
            };
            self.left = left;
            match (self.find(own, &node), node.text().and_then(|text| own.beside(text))) {
                (Some(next), _) => self.follow(next, way),
                (None, Some(path)) => {
                    let inner = way.iter().rev().copied().collect();
                    self.ways.entry(path.into_string()).or_default().push(inner);
                }
                (None, None) => {}
            }
        }
        way.truncate(outer);
    }

    /// The ways of an object's file.
    pub(super) fn ways(&self, object: &Object<'_>) -> &[Vec<&'v Kustomization<'a>>] {
        self.ways.get(object.document.path.as_str()).map_or(&[], Vec::as_slice)
    }

    /// What becomes of an image on one of them.
    pub(super) fn through(&self, way: &[&'v Kustomization<'a>], image: Image) -> Image {
        let changes = way.iter().filter_map(|own| self.changes.get(own.folder()));
        changes.fold(image, |image, changes| changes.applied(image))
    }

    /// The images that become of one of an object.
    pub(super) fn left(&self, object: &Object<'_>, image: Image) -> Vec<Image> {
        let ways = self.ways(object);
        if ways.is_empty() {
            return vec![image];
        }
        let mut left: Vec<Image> = Vec::new();
        for way in ways {
            let through = self.through(way, image.clone());
            if !left.iter().any(|it| it.parts() == through.parts()) {
                left.push(through);
            }
        }
        left
    }
}

/// The `images` of one `kustomization.yaml`, which are gone through in their order.
#[derive(Debug)]
struct Changes<'a> {
    entries: Vec<Node<'a>>,
    /// Positions of entries, by the names that they are about, with a tag or without.
    by_name: BTreeMap<&'a str, Vec<usize>>,
    /// A name is a pattern, which Kustomize reads as a regular expression, or another field says more: any image may be meant.
    has_patterns: bool,
}

impl<'a> Changes<'a> {
    fn of(kustomization: &Node<'a>) -> Self {
        let entries = kustomization.list(["images"]);
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        // The old word for them is still read.
        let mut has_patterns = kustomization.get("imageTags").is_some();
        for (at, entry) in entries.iter().enumerate() {
            match entry.text_at(["name"]) {
                Some(name) if name.contains(['*', '+', '?', '(', ')', '[', ']', '{', '}', '|', '^', '$', '\\']) => {
                    has_patterns = true;
                }
                Some(name) => by_name.entry(name).or_default().push(at),
                None => {}
            }
        }
        Self { entries, by_name, has_patterns }
    }

    /// What they make of an image.
    fn applied(&self, mut image: Image) -> Image {
        image.may_change |= self.has_patterns;
        let mut from = 0;
        for _ in 0..CHANGES {
            let Some(at) = self.next(&image, from) else { return image };
            image = changed(image, &self.entries[at]);
            from = at + 1;
        }
        image.may_change |= self.next(&image, from).is_some();
        image
    }

    /// The next entry that is about an image.
    fn next(&self, image: &Image, from: usize) -> Option<usize> {
        if self.by_name.is_empty() {
            return None;
        }
        let bare = image.bare()?;
        let after = |name: &str| {
            let all = self.by_name.get(name)?;
            all.get(all.partition_point(|at| *at < from)).copied()
        };
        let tagged = image.tag.text().and_then(|tag| after(&format!("{bare}:{tag}")));
        after(&bare).into_iter().chain(tagged).min()
    }
}

/// What one entry makes of an image that it is about. An empty text is none.
fn changed(mut image: Image, entry: &Node<'_>) -> Image {
    let get = |key: &str| entry.get(key).filter(|node| node.text() != Some(""));
    if let Some((node, text)) = get("newName").and_then(|node| Some((node, node.text()?)))
        && entry.text_at(["name"]) != Some(text)
    {
        let renamed = Image::named(&node, text);
        (image.registry, image.repository) = (renamed.registry, renamed.repository);
    }
    let (tag, digest) = (Part::at(get("newTag")), Part::at(get("digest")));
    if tag.is_some() || digest.is_some() {
        (image.tag, image.digest) = (tag.unwrap_or_default(), digest.unwrap_or_default());
    } else if let Some(suffix) = get("tagSuffix").filter(|suffix| suffix.text().is_some()) {
        let text = format!("{}{}", image.tag.text().unwrap_or_default(), suffix.text().unwrap_or_default());
        (image.tag, image.digest) = (Part::Set { text, at: suffix.place(), range: None }, Part::None);
        // It is put behind a tag twice by some versions.
        image.may_change = true;
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
