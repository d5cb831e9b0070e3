//! Kubernetes objects: what they are, and the pods they make.

use super::{Document, Node};

/// An object with `apiVersion` and `kind`.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    pub document: Document<'a>,
    /// Empty for the core group.
    pub group: &'a str,
    pub version: &'a str,
    pub kind: &'a str,
    pub namespace: Option<&'a str>,
    /// None with `generateName`, and for files that only look like objects, such as a `kustomization.yaml`.
    pub name: Option<&'a str>,
}

impl<'a> Object<'a> {
    pub(super) fn new(document: Document<'a>) -> Option<Self> {
        let root = document.root();
        let api = root.text_at(["apiVersion"])?;
        let (group, version) = api.split_once('/').unwrap_or(("", api));
        Some(Self {
            document,
            group,
            version,
            kind: root.text_at(["kind"])?,
            namespace: root.text_at(["metadata", "namespace"]),
            name: root.text_at(["metadata", "name"]),
        })
    }

    pub fn is(&self, group: &str, kind: &str) -> bool {
        (self.group, self.kind) == (group, kind)
    }

    pub fn root(&self) -> Node<'a> {
        self.document.root()
    }

    /// Where it says its name, or the whole object.
    pub fn name_node(&self) -> Node<'a> {
        self.root().at(["metadata", "name"]).unwrap_or_else(|| self.root())
    }

    /// The pod that it is or makes, with `metadata` and `spec`.
    pub fn pod_template(&self) -> Option<Node<'a>> {
        let root = self.root();
        match (self.group, self.kind) {
            ("", "Pod") => Some(root),
            ("", "ReplicationController")
            | ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
            | ("batch", "Job") => root.at(["spec", "template"]),
            ("batch", "CronJob") => root.at(["spec", "jobTemplate", "spec", "template"]),
            ("", "PodTemplate") => root.get("template"),
            _ => None,
        }
    }

    /// `Kind/namespace/name`, or `Kind/name`.
    pub fn subject(&self) -> String {
        let name = self.name.unwrap_or(self.document.path.as_str());
        match self.namespace {
            Some(namespace) => format!("{}/{namespace}/{name}", self.kind),
            None => format!("{}/{name}", self.kind),
        }
    }
}
