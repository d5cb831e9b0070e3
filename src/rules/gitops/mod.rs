//! Rules about what Argo CD, Flux and CloudFormation Git sync are told to deploy.

mod changes_nothing;
mod chart_version;
mod client_side_apply;
mod definitions;
mod depends_on;
mod empty_folder;
mod flux_order;
mod git_sync;
mod kustomization;
mod order;
mod path;
mod project;
mod prune;
mod source;
mod taken;
mod two_owners;
mod unlisted;
mod unread_part;
mod values_source;
mod wave;
mod wave_namespace;

pub(super) use self::definitions::{CHARTS, may_bring_any};
pub(super) use self::taken::Taken;
use crate::check::k8s::Object;
pub(super) use crate::check::view::applied;
use crate::check::view::repository::is_filled_in;
use crate::check::{Check, View};

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&path::PATH], path::check),
    Check::tree(&[&kustomization::KUSTOMIZATION], kustomization::check),
    Check::tree(&[&changes_nothing::CHANGES_NOTHING], changes_nothing::check),
    Check::tree(&[&git_sync::GIT_SYNC], git_sync::check),
    Check::tree(&[&unlisted::UNLISTED], unlisted::check),
    Check::tree(&[&unread_part::UNREAD_PART], unread_part::check),
    Check::tree(&[&project::PROJECT], project::check),
    Check::tree(&[&wave::WAVE], |view, report| {
        wave::check(view, report);
        wave_namespace::check(view, report);
    }),
    Check::tree(&[&flux_order::FLUX_ORDER], flux_order::check),
    Check::tree(&[&chart_version::CHART_VERSION], chart_version::check),
    Check::tree(&[&depends_on::DEPENDS_ON], depends_on::check),
    Check::tree(&[&source::SOURCE], source::check),
    Check::tree(&[&two_owners::TWO_OWNERS], two_owners::check),
    Check::tree(&[&client_side_apply::CLIENT_SIDE_APPLY], client_side_apply::check),
    Check::tree(&[&prune::PRUNE], prune::check),
    Check::each(&[&values_source::VALUES_SOURCE], values_source::check),
    Check::tree(&[&empty_folder::EMPTY_FOLDER], empty_folder::check),
];

/// The objects of Flux that install something.
fn flux<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = &'v Object<'a>> {
    let kustomizations = view.objects_of("kustomize.toolkit.fluxcd.io", "Kustomization");
    kustomizations.chain(view.objects_of("helm.toolkit.fluxcd.io", "HelmRelease"))
}
