//! Images in the values of charts, where the convention of charts says that a value is one: `image: {registry, repository,
//! tag, digest}`, or a name in one text.

use std::collections::{BTreeMap, BTreeSet};

use super::name::{Name, is_component, is_host};
use super::{Image, Part, over};
use crate::check::{Node, Place, Release, View};
use crate::yaml::path::Path;

/// The values of one release, in the order in which they apply.
struct Values<'a> {
    layers: Vec<Node<'a>>,
    subject: String,
    /// None is set elsewhere.
    is_complete: bool,
    /// The chart may take the registry of all images from here.
    registry: Option<Node<'a>>,
    /// What is laid over all layers, by paths of keys.
    over: BTreeMap<String, Part>,
}

pub(super) fn of(view: &View<'_>) -> Vec<Image> {
    all(view).iter().flat_map(Values::images).collect()
}

/// What releases get, and the files of values that none names.
fn all<'a>(view: &View<'a>) -> Vec<Values<'a>> {
    let of_release = |release: &Release<'a>| {
        let subject = format!("chart {}, release {}", release.chart_name(), release.name);
        let values = Values::new(release.values.clone(), subject, release.complete);
        match &release.helm {
            Some(helm) => values.with_texts(helm, view),
            None => values,
        }
    };
    let mut all: Vec<Values<'a>> = view.releases().iter().map(of_release).collect();
    all.extend(of_unnamed(view));
    let taken: BTreeSet<_> = all.iter().flat_map(|values| &values.layers).map(Node::number).collect();
    let others = view.values_files().filter(|file| !taken.contains(&file.root().number()));
    all.extend(others.map(|file| Values::new(vec![file.root()], format!("values {}", file.path), true)));
    all
}

/// Values of charts that lie in a repository, and of those that only an object outside of the tree names.
fn of_unnamed<'a>(view: &View<'a>) -> Vec<Values<'a>> {
    let mut all = Vec::new();
    for application in view.applications() {
        let name = application.object.name.unwrap_or_default();
        for source in application.sources().iter().filter(|source| source.get("chart").is_none()) {
            let Some(helm) = source.get("helm") else { continue };
            let named = helm.text_at(["releaseName"]).unwrap_or(name);
            let inline = helm.get("valuesObject").into_iter().collect();
            all.push(Values::new(inline, format!("release {named}"), true).with_texts(&helm, view));
        }
    }
    let is_known = |root: &Node<'_>| view.releases().iter().any(|release| release.by.is_at(root));
    for object in view.objects_of("helm.toolkit.fluxcd.io", "HelmRelease").filter(|it| !is_known(&it.root())) {
        let Some(values) = object.root().along("spec.values") else { continue };
        let whole = object.root().along("spec.valuesFrom").is_none();
        let name = object.root().text_at(["spec", "releaseName"]).or(object.name).unwrap_or_default();
        all.push(Values::new(vec![values], format!("release {name}"), whole));
    }
    all
}

impl<'a> Values<'a> {
    fn new(layers: Vec<Node<'a>>, subject: String, is_complete: bool) -> Self {
        let mut values = Self { layers, subject, is_complete, registry: None, over: BTreeMap::new() };
        let global = ["global.imageRegistry", "global.image.registry"].into_iter().find_map(|path| values.last(path));
        values.registry = global.filter(|node| node.text().is_some_and(|text| !text.is_empty()));
        values
    }

    /// With what Argo CD lays over them.
    fn with_texts(self, helm: &Node<'a>, view: &View<'a>) -> Self {
        let files = self.layers.len() - usize::from(helm.get("valuesObject").is_some());
        let is_complete = helm.list(["valueFiles"]).len() == files && helm.list(["fileParameters"]).is_empty();
        Self { over: over::of(helm, view), is_complete, ..self }
    }

    /// Images of which a part is laid over the layers, by their paths.
    fn laid_over(&self) -> BTreeMap<Path, Option<Image>> {
        let mut found = BTreeMap::new();
        for (name, part) in &self.over {
            let (around, key) = name.rsplit_once('.').unwrap_or(("", name));
            let is_whole = is_image(key) && !is_image(around.rsplit('.').next().unwrap_or_default());
            let whole = if is_whole { name.as_str() } else { around };
            if !is_image(whole.rsplit('.').next().unwrap_or_default()) {
                continue;
            }
            let path = whole.split('.').fold(Path::root(), |path, key| path.key(key));
            let Part::Set { text, at, range } = part else { continue };
            let image = if is_whole {
                in_text(text, at, range.as_ref().map_or(0, |range| range.start))
            } else {
                self.in_parts(at.clone(), &path)
            };
            found.insert(path, image);
        }
        found
    }

    fn images(&self) -> Vec<Image> {
        let over = self.laid_over();
        let mut seen: BTreeSet<Path> = over.keys().cloned().collect();
        let mut images: Vec<Image> = over.into_values().flatten().collect();
        for layer in self.layers.iter().rev() {
            let above = layer.path().steps().len();
            for node in layer.all() {
                let Some(key) = node.key() else { continue };
                if is_image(key) {
                    // Within the values, which may lie deep in an object.
                    let path: Path = node.path().steps().iter().skip(above).cloned().collect();
                    if !seen.contains(&path) {
                        images.extend(self.image(&node, &path));
                        seen.insert(path);
                    }
                } else if key == "repository" {
                    images.extend(node.parent().and_then(|map| of_operator(&map)));
                }
            }
        }
        let finish = |image: Image| Image { subject: self.subject.clone(), may_change: !self.is_complete, ..image };
        images.into_iter().map(finish).collect()
    }

    /// What stands under a key for an image.
    fn image(&self, node: &Node<'a>, path: &Path) -> Option<Image> {
        match node.text() {
            Some(text) => Self::in_one(node, text),
            None => self.in_parts(node.place(), path),
        }
    }

    /// `image: quay.io/a/b:1`, also with the tag beside it.
    fn in_one(node: &Node<'a>, text: &str) -> Option<Image> {
        let name = Name::read(text)?;
        let around = node.parent()?;
        let mut image = Image::named(node, text);
        if around.key().is_none() && around.parent().is_some() && around.get("name").is_some() {
            // A container, as a pod has them.
            return Some(image.pulled());
        }
        let is_part = around.key().is_some_and(is_image)
            || (around.get("repository").is_some() && around.get("version").is_some());
        if is_part {
            return None;
        }
        if name.tag.is_none() && name.digest.is_none() {
            image.tag =
                ["imageTag", "tag"].into_iter().find_map(|key| Part::at(around.get(key))).unwrap_or(Part::OfChart);
        }
        if image.registry == Part::None {
            image.registry = Part::OfChart;
        }
        Some(image)
    }

    /// `image: {registry, repository, tag, digest}`: what is not said there the chart completes.
    fn in_parts(&self, place: Place, path: &Path) -> Option<Image> {
        let own = |key: &str| self.over.get(&path.key(key).to_string()).cloned();
        let part =
            |keys: &[&str]| keys.iter().find_map(|key| own(key).or_else(|| Part::at(self.last_below(path, key))));
        let (registry, repository) = (part(&["registry"]), part(&["repository", "image", "name"]));
        let (tag, digest) = (part(&["tag"]), part(&["digest", "sha"]));
        let is_address = repository.as_ref().and_then(Part::text).is_some_and(|text| text.contains("://"));
        if is_address || [&registry, &repository, &tag, &digest].into_iter().all(Option::is_none) {
            return None;
        }
        let mut image = Image {
            registry: Part::None,
            repository: Part::None,
            tag: Part::None,
            digest: Part::None,
            place,
            subject: String::new(),
            may_change: false,
        };
        image.tag = tag.unwrap_or(if digest.is_some() { Part::None } else { Part::OfChart });
        image.digest = digest.unwrap_or_default();
        image.repository = repository.unwrap_or(Part::OfChart);
        let own = registry.or_else(|| host_of(&mut image.repository));
        let is_other = |text: &str| self.registry.is_some_and(|global| global.text() != Some(text));
        image.registry = own.filter(|own| !own.text().is_some_and(is_other)).unwrap_or(Part::OfChart);
        Some(image)
    }

    /// The last value at a path of keys.
    fn last(&self, path: &str) -> Option<Node<'a>> {
        self.layers.iter().rev().find_map(|layer| layer.along(path))
    }

    /// The last value of a key below a path.
    fn last_below(&self, path: &Path, key: &str) -> Option<Node<'a>> {
        let find = |layer: &Node<'a>| {
            let at = path.steps().iter().try_fold(*layer, |node, step| match step {
                crate::yaml::path::Step::Key(key) => node.get(key),
                crate::yaml::path::Step::Index(index) => node.items().get(*index).copied(),
                crate::yaml::path::Step::Item(_) => None,
            });
            at?.get(key)
        };
        self.layers.iter().rev().find_map(find)
    }
}

/// A name that is laid over, which begins at a byte of the text that it stands in.
fn in_text(text: &str, at: &Place, start: usize) -> Option<Image> {
    let name = Name::read(text)?;
    let part = |range: std::ops::Range<usize>| Part::Set {
        text: text[range.clone()].to_owned(),
        at: at.clone(),
        range: Some(range.start + start..range.end + start),
    };
    let (tag, digest) = (name.tag.map(part), name.digest.map(part));
    Some(Image {
        registry: name.registry.map_or(Part::OfChart, part),
        repository: part(name.repository),
        tag: tag.unwrap_or(if digest.is_some() { Part::None } else { Part::OfChart }),
        digest: digest.unwrap_or_default(),
        place: at.clone(),
        subject: String::new(),
        may_change: false,
    })
}

/// Whether charts have an image under such a key.
fn is_image(key: &str) -> bool {
    key == "image" || key.ends_with("Image")
}

/// Takes the registry out of a repository that begins with one.
fn host_of(repository: &mut Part) -> Option<Part> {
    let Part::Set { text, at, range } = repository else { return None };
    let (host, rest) = text.split_once('/').filter(|(host, _)| is_host(host))?;
    let start = range.as_ref().map_or(0, |range| range.start);
    let registry = Part::Set { text: host.to_owned(), at: at.clone(), range: Some(start..start + host.len()) };
    let range = Some(start + host.len() + 1..start + text.len());
    *repository = Part::Set { text: rest.to_owned(), at: at.clone(), range };
    Some(registry)
}

/// `{repository: nvcr.io/nvidia, image: driver, version: 1.0}`, as NVIDIA's charts have it.
fn of_operator(map: &Node<'_>) -> Option<Image> {
    let (folder, name, version) = (map.get("repository")?, map.get("image")?, map.get("version")?);
    let (registry, repository) = folder.text()?.split_once('/').filter(|(host, _)| is_host(host))?;
    let last = name.text().filter(|name| is_component(name))?;
    let mut image = Image::named(map, "");
    image.registry = Part::Set { text: registry.to_owned(), at: folder.place(), range: Some(0..registry.len()) };
    image.repository = Part::Set { text: format!("{repository}/{last}"), at: name.place(), range: None };
    image.tag = Part::at(Some(version)).unwrap_or(Part::OfChart);
    Some(image)
}
