//! Rules about what Argo CD, Flux and CloudFormation Git sync are told to deploy.

pub(super) mod applied;
mod chart_version;
mod client_side_apply;
mod depends_on;
mod flux_order;
mod order;
mod path;
mod project;
mod prune;
mod source;
mod tree;
mod two_owners;
mod wave;
mod wave_namespace;

use crate::check::k8s::Object;
use crate::check::{Check, Node, View};

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&path::PATH], path::check),
    Check::tree(&[&project::PROJECT], project::check),
    Check::tree(&[&wave::WAVE], wave::check),
    Check::tree(&[&flux_order::FLUX_ORDER], flux_order::check),
    Check::tree(&[&chart_version::CHART_VERSION], chart_version::check),
    Check::tree(&[&depends_on::DEPENDS_ON], depends_on::check),
    Check::tree(&[&source::SOURCE], source::check),
    Check::tree(&[&two_owners::TWO_OWNERS], two_owners::check),
    Check::tree(&[&client_side_apply::CLIENT_SIDE_APPLY], client_side_apply::check),
    Check::tree(&[&prune::PRUNE], prune::check),
];

/// An application of Argo CD, or the one that an `ApplicationSet` makes many of.
struct Application<'v, 'a> {
    object: &'v Object<'a>,
    spec: Node<'a>,
}

impl<'a> Application<'_, 'a> {
    fn sources(&self) -> Vec<Node<'a>> {
        let several = self.spec.get("sources").map(|sources| sources.items()).unwrap_or_default();
        self.spec.get("source").into_iter().chain(several).collect()
    }

    fn options(&self) -> Vec<&'a str> {
        options(&self.spec)
    }

    /// The cluster, as far as it is named.
    fn cluster(&self) -> Option<&'a str> {
        ["server", "name"].into_iter().find_map(|key| self.spec.text_at(["destination", key]))
    }
}

/// The sync options of an application.
fn options<'a>(spec: &Node<'a>) -> Vec<&'a str> {
    let options = spec.at(["syncPolicy", "syncOptions"]).map(|options| options.items()).unwrap_or_default();
    options.iter().filter_map(Node::text).collect()
}

fn applications<'v, 'a>(view: &'v View<'a>) -> Vec<Application<'v, 'a>> {
    let spec = |object: &Object<'a>| match object.kind {
        "Application" => object.root().get("spec"),
        _ => object.root().at(["spec", "template", "spec"]),
    };
    let objects = view.objects_of("argoproj.io", "Application").chain(view.objects_of("argoproj.io", "ApplicationSet"));
    objects.filter_map(|object| Some(Application { object, spec: spec(object)? })).collect()
}

/// The objects of Flux that install something.
fn flux<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = &'v Object<'a>> {
    let kustomizations = view.objects_of("kustomize.toolkit.fluxcd.io", "Kustomization");
    kustomizations.chain(view.objects_of("helm.toolkit.fluxcd.io", "HelmRelease"))
}

/// A text that a generator, or Flux, fills in later.
fn is_filled_in(text: &str) -> bool {
    text.contains("{{") || text.contains("${")
}
