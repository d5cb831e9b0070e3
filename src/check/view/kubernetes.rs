//! Kubernetes objects: what they are, and the pods they make.

use super::selector::{self, Label};
use super::{Document, Node, View};

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
    root: Node<'a>,
}

impl<'a> Object<'a> {
    fn new(document: Document<'a>, root: Node<'a>) -> Option<Self> {
        let api = root.text_at(["apiVersion"])?;
        let (group, version) = api.split_once('/').unwrap_or(("", api));
        Some(Self {
            document,
            group,
            version,
            kind: root.text_at(["kind"])?,
            namespace: root.text_at(["metadata", "namespace"]),
            name: root.text_at(["metadata", "name"]),
            root,
        })
    }

    /// The objects of a document: the one that it is, or those of a `List`, which are applied one by one.
    pub(super) fn all(document: Document<'a>) -> impl Iterator<Item = Self> {
        document.parts().into_iter().filter_map(move |root| Self::new(document, root))
    }

    pub fn is(&self, group: &str, kind: &str) -> bool {
        (self.group, self.kind) == (group, kind)
    }

    pub fn root(&self) -> Node<'a> {
        self.root
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

    /// The containers of its pods, those that run first among them.
    pub fn containers(&self) -> Vec<Node<'a>> {
        let spec = self.pod_template().and_then(|pod| pod.get("spec"));
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        let lists = spec.iter().flat_map(|spec| lists.into_iter().filter_map(|list| spec.get(list)));
        lists.flat_map(|list| list.items()).collect()
    }

    /// The labels of its pods.
    pub fn pod_labels(&self) -> Option<Node<'a>> {
        self.pod_template()?.at(["metadata", "labels"])
    }

    /// Whether it is of a kind that is known to have no namespace.
    pub fn is_cluster_wide(&self) -> bool {
        matches!(
            (self.group, self.kind),
            ("", "Namespace" | "PersistentVolume")
                | ("rbac.authorization.k8s.io", "ClusterRole" | "ClusterRoleBinding")
                | ("apiextensions.k8s.io", "CustomResourceDefinition")
                | ("storage.k8s.io", "StorageClass" | "CSIDriver")
                | ("scheduling.k8s.io", "PriorityClass")
                | ("networking.k8s.io", "IngressClass")
                | ("admissionregistration.k8s.io", _)
                | ("cert-manager.io", "ClusterIssuer")
                | ("external-secrets.io", "ClusterSecretStore")
                | ("karpenter.sh", "NodePool")
                | ("karpenter.k8s.aws", "EC2NodeClass")
                | ("kyverno.io", "ClusterPolicy")
        )
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

/// Labels that controllers give to their pods.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/>
pub fn is_given(key: &str) -> bool {
    let domains = ["batch.kubernetes.io/", "apps.kubernetes.io/", "statefulset.kubernetes.io/"];
    matches!(key, "job-name" | "controller-uid" | "controller-revision-hash" | "pod-template-hash")
        || domains.iter().any(|domain| key.starts_with(domain))
}

/// Whether labels hold all that are wanted, those aside that controllers give.
pub fn has_labels(wanted: &Node<'_>, labels: Option<&Node<'_>>) -> bool {
    let has = |(key, value): (&str, Node<'_>)| {
        is_given(key) || labels.and_then(|it| it.get(key)).is_some_and(|it| it.value == value.value)
    };
    wanted.entries().into_iter().all(has)
}

/// Whether a selector of `matchLabels` and `matchExpressions` selects what has these labels, those aside that controllers
/// give.
pub fn selects(selector: &Node<'_>, labels: Option<&Node<'_>>) -> bool {
    selector::selects(selector, |key| own_label(labels, key)) != Some(false)
}

/// What is known of a label: one that controllers give may be there, or not.
pub fn own_label<'a>(labels: Option<&Node<'a>>, key: &str) -> Label<'a> {
    if is_given(key) { Label::Unknown } else { Label::of(labels.and_then(|labels| labels.get(key))) }
}

impl View<'_> {
    /// Whether an autoscaler of the tree sets the number of a workload's pods.
    pub fn is_scaled(&self, workload: &Object<'_>) -> bool {
        let scalers = self.objects_of("autoscaling", "HorizontalPodAutoscaler");
        scalers.chain(self.objects_of("keda.sh", "ScaledObject")).any(|scaler| {
            let target = scaler.root().text_at(["spec", "scaleTargetRef", "name"]);
            target.is_some() && target == workload.name && self.are_near(scaler, workload)
        })
    }
}
