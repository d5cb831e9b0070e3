//! What Argo CD and Flux install: Helm charts and the values they get.

use super::{Document, Node};
use crate::check::view::kubernetes::Object;

/// A chart that is installed.
#[derive(Clone, Debug)]
pub struct Release<'a> {
    pub name: &'a str,
    pub chart: &'a str,
    pub version: Option<&'a str>,
    /// The chart repository's address; with Flux, the name of the source object.
    pub repository: Option<&'a str>,
    /// Where it is installed.
    pub namespace: Option<&'a str>,
    /// The chart's values in the order in which they apply: files of this tree, and what stands in the object itself.
    pub values: Vec<Node<'a>>,
    /// Where the object names the chart.
    pub node: Node<'a>,
}

/// What an object installs.
pub(super) fn releases<'a>(object: &Object<'a>, documents: &[Document<'a>]) -> Vec<Release<'a>> {
    match (object.group, object.kind) {
        ("argoproj.io", "Application") => argo(object, object.root().get("spec"), documents),
        ("argoproj.io", "ApplicationSet") => argo(object, object.root().at(["spec", "template", "spec"]), documents),
        ("helm.toolkit.fluxcd.io", "HelmRelease") => flux(object).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn argo<'a>(object: &Object<'a>, spec: Option<Node<'a>>, documents: &[Document<'a>]) -> Vec<Release<'a>> {
    let Some(spec) = spec else { return Vec::new() };
    let several = spec.get("sources").map(|sources| sources.items()).unwrap_or_default();
    let sources = spec.get("source").into_iter().chain(several);
    let release = |source: Node<'a>| {
        let node = source.get("chart")?;
        let helm = source.get("helm");
        let helm = helm.as_ref();
        let files = helm.and_then(|helm| helm.get("valueFiles"));
        let files = files.iter().flat_map(Node::items).filter_map(|file| values_file(file.text()?, documents));
        let inline = helm.and_then(|helm| helm.get("valuesObject"));
        Some(Release {
            name: helm.and_then(|helm| helm.text_at(["releaseName"])).or(object.name)?,
            chart: node.text()?,
            version: source.text_at(["targetRevision"]),
            repository: source.text_at(["repoURL"]),
            namespace: spec.text_at(["destination", "namespace"]),
            values: files.map(Document::root).chain(inline).collect(),
            node,
        })
    };
    sources.filter_map(release).collect()
}

fn flux<'a>(object: &Object<'a>) -> Option<Release<'a>> {
    let spec = object.root().get("spec")?;
    let chart = spec.at(["chart", "spec"])?;
    let node = chart.get("chart")?;
    Some(Release {
        name: spec.text_at(["releaseName"]).or(object.name)?,
        chart: node.text()?,
        version: chart.text_at(["version"]),
        repository: chart.text_at(["sourceRef", "name"]),
        namespace: spec.text_at(["targetNamespace"]).or(object.namespace),
        values: spec.get("values").into_iter().collect(),
        node,
    })
}

/// The document that a values file names, `$values/clusters/prod/network/values.yaml`: the tree lies somewhere in the
/// repository, so the document with the longest path that the name ends in.
fn values_file<'d, 'a>(name: &str, documents: &'d [Document<'a>]) -> Option<&'d Document<'a>> {
    let is_it = |document: &&Document<'_>| {
        name.strip_suffix(document.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    documents.iter().filter(is_it).max_by_key(|document| document.path.as_str().len())
}
