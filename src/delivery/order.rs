//! A release as it is handed to Helm's place: the chart, its values, its name, and what is known of the cluster.

use super::{Engine, Wanted};
use crate::chart::capabilities::Capabilities;
use crate::chart::engine::Options;
use crate::chart::load::Chart;
use crate::chart::release::Order;
use crate::chart::scope::Named;
use crate::chart::value::Map;

/// What a tree says of the cluster that charts are installed into.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    /// Of Kubernetes.
    pub version: Option<String>,
    /// The version is said; else it is the newest.
    pub is_known: bool,
    /// `cert-manager.io/v1` and `cert-manager.io/v1/Certificate`.
    pub apis: Vec<String>,
}

/// How a release is installed. `traced` notes for each piece of text where it comes from.
pub fn order<'c>(wanted: &Wanted<'_>, chart: &'c Chart, values: Map, cluster: &Cluster, traced: bool) -> Order<'c> {
    let own = wanted.apis.iter().map(|api| (*api).to_owned());
    let apis = cluster.apis.iter().cloned().chain(own).collect();
    let named = Named { release: wanted.name.as_str().into(), namespace: wanted.namespace.unwrap_or("default").into() };
    let capabilities = match wanted.kube_version.or(cluster.version.as_deref()) {
        Some(version) => Capabilities::of(version, apis).unwrap_or_default(),
        None => Capabilities::default().with(apis),
    };
    let options = Options { lookup_is_unknown: wanted.engine == Engine::Flux, traced };
    Order { chart, values, named, capabilities, options }
}
