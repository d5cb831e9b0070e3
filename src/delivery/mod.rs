//! What Argo CD and Flux hand to Helm: of each release of a tree the chart, the values in their order, the name, the namespace
//! and what they say of the cluster.

mod argo;
mod cluster;
mod find;
mod flux;
mod lay;
mod objects;
mod order;
mod trace;

use crate::chart::sets::Taken;
use crate::check::{Node, Release, View};

pub use cluster::{apis, apis_of, kube_version};
pub use lay::{Unlaid, giver, laid, place, traced};
pub use objects::{File, Scopes, files};
pub use order::{Cluster, order};
pub use trace::{Asked, Traced};

/// A release as it is ordered.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// As Helm names it.
    pub name: String,
    pub namespace: Option<&'a str>,
    /// Without the folders of its registry.
    pub chart: &'a str,
    pub version: Option<&'a str>,
    pub engine: Engine,
    /// What is said of the cluster, where it is not asked itself.
    pub kube_version: Option<&'a str>,
    pub apis: Vec<&'a str>,
    /// The definitions in `crds/` are left out.
    pub skips_definitions: bool,
    /// The lowest first.
    pub layers: Vec<Layer<'a>>,
    /// What is not known of it, in words that go on after "because": nothing can be made of it then.
    pub unknown: Option<String>,
    /// The object that orders it.
    pub by: Node<'a>,
    /// Where it names the chart.
    pub node: Node<'a>,
}

impl Wanted<'_> {
    /// The cluster that it goes to, as it is called; none if that is the one that the delivering engine itself runs in.
    pub fn cluster(&self) -> Option<&str> {
        let text = |keys: [&str; 3]| self.by.text_at(keys);
        let server = text(["spec", "destination", "server"]);
        let name = text(["spec", "destination", "name"])
            .or_else(|| self.by.text_at(["spec", "kubeConfig", "secretRef", "name"]));
        let is_own = |it: &&str| it.starts_with("https://kubernetes.default.svc") || *it == "in-cluster";
        server.or(name).filter(|it| !is_own(it))
    }
}

/// Who installs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    ArgoCd,
    Flux,
}

/// Some of the values.
#[derive(Clone, Debug)]
pub enum Layer<'a> {
    /// A map of the tree: a file of values, or what stands in the object.
    Map(Node<'a>),
    /// A text that is YAML.
    Text { node: Node<'a>, text: String },
    /// A file of the chart itself, or a pattern of its files; it may be left out if the chart has none.
    OfChart { node: Node<'a>, path: &'a str, may_miss: bool },
    /// One value, as `--set` takes it.
    Set { node: Node<'a>, path: &'a str, value: String, taken: Taken },
}

/// All releases of charts from registries that a tree orders.
pub fn wanted<'a>(view: &View<'a>) -> Vec<Wanted<'a>> {
    let one = |release: &Release<'a>| match release.by.text_at(["kind"]) {
        Some("HelmRelease") => Some(flux::wanted(release, view)),
        Some(_) => Some(argo::wanted(release, view)),
        None => None,
    };
    view.releases().iter().filter_map(one).collect()
}
