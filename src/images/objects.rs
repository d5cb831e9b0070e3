//! Images of Kubernetes objects: those of their pods, as Kustomize leaves them, and those of other fields.

use super::Image;
use super::fields::{FIELDS, is_about_others};
use super::kustomized::Kustomized;
use super::name::Name;
use crate::check::k8s::Object;
use crate::check::{Node, View};

/// Lists of containers, wherever an object has a pod in it.
const CONTAINERS: [&str; 4] = ["initContainers", "containers", "ephemeralContainers", "sidecars"];

pub(super) fn of(view: &View<'_>) -> Vec<Image> {
    let kustomized = Kustomized::of(view);
    let is_patched = view.is_patched();
    let mut images = Vec::new();
    for object in view.objects().iter().filter(|object| !is_about_others(object.group)) {
        let may_change = view.is_transformed(object) && (is_patched || kustomized.is_overlaid);
        let finish = |image: Image| {
            let may_change = may_change || image.may_change;
            Image { subject: object.subject(), may_change, ..image }
        };
        for node in of_pods(object) {
            let named = Image::named(&node, node.text().unwrap_or_default());
            images.extend(kustomized.left(object, named).into_iter().map(Image::pulled).map(finish));
        }
        for node in of_fields(object) {
            images.push(finish(Image::named(&node, node.text().unwrap_or_default()).pulled()));
        }
    }
    images
}

/// The images of its containers and of volumes that are images.
pub(super) fn of_pods<'a>(object: &Object<'a>) -> Vec<Node<'a>> {
    let is_text = |node: &Node<'a>| node.text().is_some_and(|text| !text.is_empty());
    if let Some(pod) = object.pod_template() {
        let volumes = pod.at(["spec", "volumes"]).map(|volumes| volumes.items()).unwrap_or_default();
        let of_volumes = volumes.into_iter().filter_map(|volume| volume.at(["image", "reference"]));
        let of_containers = object.containers().into_iter().filter_map(|container| container.get("image"));
        return of_containers.chain(of_volumes).filter(is_text).collect();
    }
    // A pod within another object is known by its containers: they have names, and images that are names.
    let lists = CONTAINERS.into_iter().flat_map(|list| object.root().under(list).collect::<Vec<_>>());
    let containers = lists.flat_map(|list| list.items()).filter(|it| it.text_at(["name"]).is_some());
    let images = containers.filter_map(|container| container.get("image"));
    images.filter(|image| image.text().is_some_and(|text| Name::read(text).is_some())).collect()
}

/// The images in fields that are known for it.
fn of_fields<'a>(object: &Object<'a>) -> Vec<Node<'a>> {
    let known = FIELDS.iter().find(|(group, kind, _)| object.is(group, kind));
    let paths = known.map(|(_, _, paths)| *paths).unwrap_or_default();
    let nodes = paths.iter().flat_map(|path| along(object.root(), path));
    nodes.filter(|node| node.text().is_some_and(|text| !text.is_empty())).collect()
}

/// The nodes at a path in which `*` is every item or entry.
fn along<'a>(root: Node<'a>, path: &str) -> Vec<Node<'a>> {
    path.split('.').fold(vec![root], |nodes, key| {
        let next = |node: Node<'a>| match key {
            "*" if node.items().is_empty() => node.entries().into_iter().map(|(_, below)| below).collect(),
            "*" => node.items(),
            key => node.get(key).into_iter().collect(),
        };
        nodes.into_iter().flat_map(next).collect()
    })
}
