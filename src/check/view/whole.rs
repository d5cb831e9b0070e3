//! Whether a tree is all that there is in a namespace.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::application::{Application, Applier};
use super::kubernetes::Object;
use super::repository::{is_filled_in, plain};
use super::{Document, Kustomization, Node, View};
use crate::artifact::Body;

/// Groups whose objects make no pods, services or accounts; of some, only these kinds.
const MAKE_NOTHING: [(&str, &[&str]); 20] = [
    ("", &[]),
    ("apps", &[]),
    ("batch", &[]),
    ("policy", &[]),
    ("autoscaling", &[]),
    ("autoscaling.k8s.io", &[]),
    ("keda.sh", &["ScaledObject", "TriggerAuthentication", "ClusterTriggerAuthentication"]),
    ("networking.k8s.io", &[]),
    ("rbac.authorization.k8s.io", &[]),
    ("cert-manager.io", &[]),
    ("external-secrets.io", &[]),
    ("bitnami.com", &["SealedSecret"]),
    ("secrets-store.csi.x-k8s.io", &[]),
    ("cilium.io", &[]),
    ("kyverno.io", &[]),
    ("policies.kyverno.io", &[]),
    ("elbv2.k8s.aws", &[]),
    ("gateway.networking.k8s.io", &["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "ReferenceGrant"]),
    ("monitoring.coreos.com", &["ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "ScrapeConfig"]),
    ("argoproj.io", &["Application", "ApplicationSet", "AppProject"]),
];

/// Groups of objects without a namespace that bring nothing into any.
const OF_CLUSTER: [&str; 12] = [
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "certificates.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "karpenter.k8s.aws",
    "karpenter.sh",
    "kustomize.config.k8s.io",
    "node.k8s.io",
    "scheduling.k8s.io",
    "snapshot.storage.k8s.io",
    "storage.k8s.io",
];

/// The namespaces that may hold more than what stands in the tree, or other than what stands there: something installs
/// charts, runs an operator, or applies what lies elsewhere.
#[derive(Debug, Default)]
pub(super) struct Open<'a> {
    /// Any may.
    all: bool,
    namespaces: BTreeSet<&'a str>,
}

impl<'a> Open<'a> {
    fn of(view: &View<'a>) -> Self {
        let mut open = Self { all: view.has_unread(), namespaces: BTreeSet::new() };
        for object in view.left_out() {
            // Somebody may apply by hand what a kustomization leaves out.
            open.add(object.namespace);
        }
        for own in view.kustomizations().iter().filter(|own| view.takes_unseen(own)) {
            open.kustomization(view, own);
        }
        for object in view.objects() {
            open.object(view, object);
        }
        view.meant().for_each(|document| open.other(document));
        open
    }

    /// None, and what a tool fills in, may be any.
    fn add(&mut self, namespace: Option<&'a str>) {
        match namespace {
            Some(namespace) if !is_filled_in(namespace) => {
                self.namespaces.insert(namespace);
            }
            _ => self.all = true,
        }
    }

    fn add_all(&mut self, namespaces: Option<&BTreeSet<&'a str>>) {
        match namespaces {
            Some(namespaces) => self.namespaces.extend(namespaces),
            None => self.all = true,
        }
    }

    /// What a kustomization takes from elsewhere goes where it, or one above it, says.
    fn kustomization(&mut self, view: &View<'a>, own: &Kustomization<'a>) {
        let given = view.given(own.document.path);
        self.add_all((!given.is_empty()).then_some(&given));
    }

    fn object(&mut self, view: &View<'a>, object: &Object<'a>) {
        for applier in Applier::of(object).iter().filter(|it| view.is_elsewhere(it)) {
            // What applies a folder into its own namespace may as well bring more that installs.
            self.add(applier.namespace().filter(|namespace| object.namespace != Some(namespace)));
        }
        if let Some(application) = Application::of(object) {
            // One with neither is there for its files of values only.
            let is_chart = |source: &Node<'a>| source.get("path").is_none() && source.get("ref").is_none();
            if application.sources().is_empty() || application.sources().iter().any(is_chart) {
                self.add(application.spec.text_at(["destination", "namespace"]));
            }
        } else if object.is("helm.toolkit.fluxcd.io", "HelmRelease") {
            match object.root().text_at(["spec", "targetNamespace"]) {
                Some(target) => self.add(Some(target)),
                None => self.add_all(view.homes(object).as_ref()),
            }
        } else if may_make_more(object) {
            self.add_all(view.homes(object).as_ref());
            // What has a field for a namespace puts something there.
            let fields = object.root().texts().filter(|(node, ..)| node.nearest_key().is_some_and(is_of_namespaces));
            fields.for_each(|(_, text, _)| self.add(Some(text)));
        } else if view.is_changed(object) {
            self.add_all(view.homes(object).as_ref());
        }
    }

    /// What is no object, and installs charts: lists of releases for helmfile, and the `fleet.yaml` of Rancher.
    fn other(&mut self, document: &Document<'a>) {
        let root = document.root();
        if is_helmfile(document) {
            for release in root.list(["releases"]) {
                self.add(release.text_at(["namespace"]));
            }
        } else if document.path.file_name() == Some("fleet.yaml") && root.get("kind").is_none() {
            self.add(root.text_at(["namespace"]).or_else(|| root.text_at(["defaultNamespace"])));
        }
    }
}

/// Whether a file lists releases for helmfile.
pub fn is_helmfile(document: &Document<'_>) -> bool {
    let root = document.root();
    let releases = root.list(["releases"]);
    root.get("kind").is_none() && !releases.is_empty() && releases.iter().all(|it| it.get("name").is_some())
}

/// Whether an object is one of an operator, which makes others of it.
fn may_make_more(object: &Object<'_>) -> bool {
    let known = MAKE_NOTHING.iter().find(|(group, _)| *group == object.group);
    let is_harmless = known.is_some_and(|(_, kinds)| kinds.is_empty() || kinds.contains(&object.kind))
        || object.group.ends_with(".toolkit.fluxcd.io");
    let is_of_cluster = || object.is_cluster_wide() || OF_CLUSTER.contains(&object.group);
    !is_harmless && (object.namespace.is_some() || !is_of_cluster())
}

fn is_of_namespaces(key: &str) -> bool {
    key.ends_with("amespace") || key.ends_with("amespaces")
}

impl<'a> View<'a> {
    /// Whether all that runs in a namespace stands in this tree as it is there: no chart, operator or other folder puts
    /// anything there, and nothing changes it on its way. Every rule about what is not there asks here.
    pub fn holds_all_of(&self, namespace: Option<&str>) -> bool {
        let open = self.open.get_or_init(|| Open::of(self));
        let is_closed = match namespace {
            // Every cluster has more in its own namespaces than a tree tells.
            Some(name) => {
                let is_system = matches!(name, "kube-system" | "kube-public") || name.starts_with("openshift-");
                !is_system && !is_filled_in(name) && !open.namespaces.contains(name)
            }
            None => !self.gives_namespaces() && open.namespaces.is_empty(),
        };
        is_closed && !open.all
    }

    /// Whether a file that is copied may hold objects, and cannot be read: another tool fills it in.
    fn has_unread(&self) -> bool {
        let is_yaml = |path: &Utf8Path| matches!(path.extension(), Some("yaml" | "yml"));
        self.artifacts.iter().enumerate().any(|(at, it)| match &it.body {
            Body::Copy(copied) if copied.values.is_empty() && is_yaml(&it.path) => {
                !self.material.contains(&at) && copied.text.as_deref().is_some_and(|text| text.contains("kind:"))
            }
            _ => false,
        })
    }

    /// Whether a kustomization brings objects of which the tree does not tell: of charts, by a plugin, or from elsewhere.
    pub fn takes_unseen(&self, own: &Kustomization<'a>) -> bool {
        (own.makes_unseen() && !self.makes_secrets_only(own))
            || own.taken().any(|path| !self.has(own, &path) && !is_of_definitions(&path))
    }

    /// Whether all that is made unseen are secrets, which SOPS deciphers.
    fn makes_secrets_only(&self, own: &Kustomization<'a>) -> bool {
        let generators = self.generators(own);
        let is_sops = |root: &Node<'_>| root.text_at(["kind"]) == Some("ksops");
        !generators.is_empty()
            && generators.len() == own.root.list(["generators"]).len()
            && generators.iter().all(is_sops)
            && !own.makes_charts()
    }

    /// The generators of a kustomization that stand in files of the tree.
    pub fn generators(&self, own: &Kustomization<'a>) -> Vec<Node<'a>> {
        let files = own.root.list(["generators"]).into_iter().filter_map(|node| own.beside(node.text()?));
        files.filter_map(|file| self.documents.iter().find(|it| it.path == file)).map(Document::root).collect()
    }

    /// Whether an object of Argo CD or Flux applies a folder that is none of this tree.
    fn is_elsewhere(&self, applier: &Applier<'_, 'a>) -> bool {
        let is_root =
            |path: &str| applier.namespace().is_none() && Utf8Path::new(path).file_name() == Some(self.environment);
        applier.path.text().is_some_and(|path| !self.has_folder(path) && !self.is_whole(path) && !is_root(path))
    }

    /// Whether a folder of a repository is one of this tree, which lies somewhere within it, and no chart's.
    pub fn has_folder(&self, path: &str) -> bool {
        let path = Utf8Path::new(path.trim_end_matches('/'));
        let folders = self.meant().flat_map(|document| document.path.ancestors().skip(1));
        folders.into_iter().any(|folder| !folder.as_str().is_empty() && path.ends_with(folder))
    }

    /// Whether a folder of a repository is the tree itself, or one around it.
    fn is_whole(&self, path: &str) -> bool {
        let path = plain(path);
        let is_above = |tree: &str| tree == path || tree.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        matches!(path, "" | ".") || self.repository().folder.is_some_and(is_above)
    }
}

/// Whether an address is, by its name, one of definitions, which are in no namespace.
fn is_of_definitions(path: &Node<'_>) -> bool {
    path.text().is_some_and(|path| path.contains("://") && path.contains("crd"))
}
