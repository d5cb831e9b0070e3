//! What Argo CD and Flux are told to deploy: an [`Application`] with its sources, and an [`Applier`] of a folder. Every rule
//! that has to do with delivery asks here.

use super::Node;
use super::kubernetes::Object;

const ARGO: &str = "argoproj.io";
const FLUX: &str = "kustomize.toolkit.fluxcd.io";

/// How a source of Argo CD makes something else of its folder than the objects that stand there.
const OF_ARGO: [&str; 3] = ["helm", "kustomize", "plugin"];

/// What a Kustomization of Flux changes by, but for its namespace.
const OF_FLUX: [&str; 8] = [
    "namePrefix",
    "nameSuffix",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "images",
    "components",
    "commonMetadata",
];

/// An application of Argo CD, or the one that an `ApplicationSet` makes many of.
#[derive(Clone, Copy, Debug)]
pub struct Application<'v, 'a> {
    pub object: &'v Object<'a>,
    pub spec: Node<'a>,
}

impl<'v, 'a> Application<'v, 'a> {
    /// None if the object is something else.
    pub fn of(object: &'v Object<'a>) -> Option<Self> {
        let root = object.root();
        let spec = match (object.group, object.kind) {
            (ARGO, "Application") => root.get("spec")?,
            (ARGO, "ApplicationSet") => root.at(["spec", "template", "spec"])?,
            _ => return None,
        };
        Some(Self { object, spec })
    }

    /// Whether it is one itself, and not what others are made of.
    pub fn is_one(&self) -> bool {
        self.object.kind == "Application"
    }

    pub fn sources(&self) -> Vec<Node<'a>> {
        self.spec.get("source").into_iter().chain(self.spec.list(["sources"])).collect()
    }

    /// The sync options.
    pub fn options(&self) -> Vec<&'a str> {
        options(&self.spec)
    }

    /// The cluster, as far as it is named.
    pub fn cluster(&self) -> Option<&'a str> {
        ["server", "name"].into_iter().find_map(|key| self.spec.text_at(["destination", key]))
    }
}

/// A folder of a repository that is applied to a cluster: by a source of an application, or by a Kustomization of Flux.
#[derive(Clone, Copy, Debug)]
pub struct Applier<'v, 'a> {
    /// The application, or the Kustomization.
    pub object: &'v Object<'a>,
    /// Its `spec`, or that of each that it makes.
    pub spec: Node<'a>,
    /// What names the folder: the source, or the Kustomization's `spec`.
    pub source: Node<'a>,
    /// Where it names it.
    pub path: Node<'a>,
}

impl<'v, 'a> Applier<'v, 'a> {
    /// The folders that an object applies.
    pub fn of(object: &'v Object<'a>) -> Vec<Self> {
        let (spec, sources) = match Application::of(object) {
            Some(application) => (Some(application.spec), application.sources()),
            None if (object.group, object.kind) == (FLUX, "Kustomization") => {
                let spec = object.root().get("spec");
                (spec, spec.into_iter().collect())
            }
            None => return Vec::new(),
        };
        let applier = |source: Node<'a>| {
            // What has a chart takes it from a registry, and no folder.
            let path = source.get("path").filter(|_| source.get("chart").is_none())?;
            Some(Self { object, spec: spec?, source, path })
        };
        sources.into_iter().filter_map(applier).collect()
    }

    pub fn is_of_flux(&self) -> bool {
        self.object.group == FLUX
    }

    /// The cluster, as far as it is named.
    pub fn cluster(&self) -> Option<&'a str> {
        let spec = &self.spec;
        let of_argo = ["server", "name"].into_iter().find_map(|key| spec.text_at(["destination", key]));
        of_argo.or_else(|| spec.text_at(["kubeConfig", "secretRef", "name"]))
    }

    /// The namespace of objects that name none.
    pub fn namespace(&self) -> Option<&'a str> {
        self.spec.text_at(["destination", "namespace"]).or_else(|| self.new_namespace())
    }

    /// The namespace that all objects are given, whatever they name.
    pub fn new_namespace(&self) -> Option<&'a str> {
        self.spec.text_at(["targetNamespace"])
    }

    /// The address that the folder comes from, or the source object.
    pub fn repository(&self) -> Option<&'a str> {
        self.source.text_at(["repoURL"]).or_else(|| self.spec.text_at(["sourceRef", "name"]))
    }

    /// The sync options of an application.
    pub fn options(&self) -> Vec<&'a str> {
        options(&self.spec)
    }

    /// Whether it makes something else of the objects in the folder, a namespace aside.
    pub fn alters(&self) -> bool {
        let keys: &[&str] = if self.is_of_flux() { &OF_FLUX } else { &OF_ARGO };
        keys.iter().any(|key| self.source.get(key).is_some())
    }

    /// What it changes the folder by, with the keys of a kustomization.
    pub fn overlay(&self) -> Option<Node<'a>> {
        if self.is_of_flux() { Some(self.spec) } else { self.source.get("kustomize") }
    }
}

fn options<'a>(spec: &Node<'a>) -> Vec<&'a str> {
    spec.list(["syncPolicy", "syncOptions"]).iter().filter_map(Node::text).collect()
}
