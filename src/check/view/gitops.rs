//! What Argo CD and Flux install: Helm charts and the values they get.

use camino::Utf8Path;

use super::application::Application;
use super::kubernetes::Object;
use super::kustomize::Kustomization;
use super::{Document, Node, View};

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
    /// Whether these are all: none stands elsewhere, or in a text.
    pub complete: bool,
    /// What Argo CD tells Helm: texts of values and parameters stand in it.
    pub helm: Option<Node<'a>>,
    /// Where the object names the chart.
    pub node: Node<'a>,
    /// Where it names the version.
    pub version_node: Option<Node<'a>>,
    /// The object of Argo CD or Flux that installs it.
    pub by: Node<'a>,
}

/// A release, by its namespace and name.
pub type Installs = (Option<String>, String);

impl<'a> Release<'a> {
    /// The chart without the folders of its registry: `karpenter` of `karpenter/karpenter`.
    pub fn chart_name(&self) -> &'a str {
        self.chart.rsplit('/').next().unwrap_or(self.chart)
    }
}

impl<'a> View<'a> {
    /// The values file of the tree from which Kustomize generates what a part of `valuesFrom` names.
    pub fn generated(&self, from: &Node<'a>) -> Option<Node<'a>> {
        generated(from, &self.documents, &self.kustomizations)
    }
}

/// What an object installs.
pub(super) fn releases<'a>(
    object: &Object<'a>,
    documents: &[Document<'a>],
    kustomizations: &[Kustomization<'a>],
) -> Vec<Release<'a>> {
    if let Some(application) = Application::of(object) {
        return argo(&application, documents);
    }
    match (object.group, object.kind) {
        ("helm.toolkit.fluxcd.io", "HelmRelease") => flux(object, documents, kustomizations).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn argo<'a>(application: &Application<'_, 'a>, documents: &[Document<'a>]) -> Vec<Release<'a>> {
    let Application { object, spec } = *application;
    let release = |source: Node<'a>| {
        let node = source.get("chart")?;
        let helm = source.get("helm");
        let helm = helm.as_ref();
        let named = helm.map(|helm| helm.list(["valueFiles"])).unwrap_or_default();
        let files: Vec<_> = named.iter().filter_map(|file| values_file(file.text()?, documents)).collect();
        let in_text =
            ["values", "parameters", "fileParameters"].iter().any(|key| helm.is_some_and(|it| it.get(key).is_some()));
        let complete = files.len() == named.len() && !in_text;
        let inline = helm.and_then(|helm| helm.get("valuesObject"));
        Some(Release {
            name: helm.and_then(|helm| helm.text_at(["releaseName"])).or(object.name)?,
            chart: node.text()?,
            version: source.text_at(["targetRevision"]),
            repository: source.text_at(["repoURL"]),
            namespace: spec.text_at(["destination", "namespace"]),
            values: files.into_iter().map(Document::root).chain(inline).collect(),
            complete,
            helm: helm.copied(),
            node,
            version_node: source.get("targetRevision"),
            by: object.root(),
        })
    };
    application.sources().into_iter().filter_map(release).collect()
}

fn flux<'a>(
    object: &Object<'a>,
    documents: &[Document<'a>],
    kustomizations: &[Kustomization<'a>],
) -> Option<Release<'a>> {
    let spec = object.root().get("spec")?;
    let chart = flux_chart(&spec, documents)?;
    let named = spec.list(["valuesFrom"]);
    let from: Vec<_> = named.iter().filter_map(|from| generated(from, documents, kustomizations)).collect();
    let complete = from.len() == named.len();
    Some(Release {
        name: spec.text_at(["releaseName"]).or(object.name)?,
        chart: chart.name,
        version: chart.version.as_ref().and_then(Node::text),
        repository: chart.repository,
        namespace: spec.text_at(["targetNamespace"]).or(object.namespace),
        values: from.into_iter().chain(spec.get("values")).collect(),
        complete,
        helm: None,
        node: chart.node,
        version_node: chart.version,
        by: object.root(),
    })
}

/// A chart as an object names it.
struct Chart<'a> {
    name: &'a str,
    version: Option<Node<'a>>,
    repository: Option<&'a str>,
    node: Node<'a>,
}

/// The chart of a `HelmRelease`: in itself, or in the object that it refers to.
fn flux_chart<'a>(spec: &Node<'a>, documents: &[Document<'a>]) -> Option<Chart<'a>> {
    let named = |chart: &Node<'a>| {
        let node = chart.get("chart")?;
        let (version, repository) = (chart.get("version"), chart.text_at(["sourceRef", "name"]));
        Some(Chart { name: node.text()?, version, repository, node })
    };
    if let Some(chart) = spec.at(["chart", "spec"]) {
        return named(&chart);
    }
    let (kind, name) = (spec.text_at(["chartRef", "kind"])?, spec.text_at(["chartRef", "name"])?);
    let is_it =
        |root: &Node<'_>| root.text_at(["kind"]) == Some(kind) && root.text_at(["metadata", "name"]) == Some(name);
    let source = documents.iter().map(Document::root).find(is_it)?.get("spec")?;
    if kind == "HelmChart" {
        return named(&source);
    }
    // A registry has one chart at an address; its last part is the chart's name.
    let node = source.get("url")?;
    let url = node.text()?;
    let version = source.at(["ref", "tag"]).or_else(|| source.at(["ref", "semver"]));
    Some(Chart { name: url.trim_end_matches('/').rsplit('/').next()?, version, repository: Some(url), node })
}

/// The values file of this tree from which Kustomize generates what `valuesFrom` names.
fn generated<'a>(
    from: &Node<'a>,
    documents: &[Document<'a>],
    kustomizations: &[Kustomization<'a>],
) -> Option<Node<'a>> {
    let (kind, name) = (from.text_at(["kind"])?, from.text_at(["name"])?);
    let key = from.text_at(["valuesKey"]).unwrap_or("values.yaml");
    kustomizations.iter().find_map(|kustomization| {
        let generators = kustomization.generators(kind);
        let own = generators.into_iter().find(|generator| generator.text_at(["name"]) == Some(name))?;
        let files = own.list(["files"]);
        let file = files.iter().filter_map(Node::text).find_map(|file| match file.split_once('=') {
            Some((own, path)) => (own == key).then_some(path),
            None => (Utf8Path::new(file).file_name() == Some(key)).then_some(file),
        })?;
        let path = kustomization.beside(file)?;
        Some(documents.iter().find(|document| document.path == path)?.root())
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
