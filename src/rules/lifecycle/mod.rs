//! Rules about what others still support and serve: judged by tables that have a date, never by the clock.

mod chart_api;
mod chart_kubernetes;
mod constraint;
mod end_of_life;
mod kubernetes_version;
mod removed_api;
mod tables;
mod version;
mod version_skew;

use crate::check::{Check, View};

pub(super) use chart_kubernetes::kube_version;
pub(super) use version::{Cluster, Minor};

pub(super) static CHECKS: &[Check] = &[
    Check::tree(
        &[&kubernetes_version::KUBERNETES_VERSION, &kubernetes_version::EXTENDED_SUPPORT],
        kubernetes_version::check,
    ),
    Check::tree(&[&end_of_life::END_OF_LIFE], end_of_life::check),
    Check::tree(&[&removed_api::REMOVED_API, &removed_api::DEPRECATED_API], removed_api::check),
    Check::tree(&[&chart_kubernetes::CHART_KUBERNETES], chart_kubernetes::check),
    Check::tree(&[&chart_api::CHART_API], chart_api::check),
    Check::tree(&[&version_skew::VERSION_SKEW], version_skew::check),
];

/// The day to judge by: the one that was given, or else the one that the tables are of.
fn day<'v>(view: &'v View<'_>) -> &'v str {
    view.day().unwrap_or(tables::MADE)
}
