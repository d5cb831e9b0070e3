//! What a chart may ask about the cluster: its version, and which APIs it has.

use std::rc::Rc;

use super::value::{Data, Field, List, ListKind, Struct, StructKind, Value};
use super::version::Version;

/// What Helm 3.22 knows by itself, in its order: the groups of client-go 0.35 and the two versions of definitions.
const OF_HELM: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// The version that Helm takes where nobody says one.
pub const DEFAULT_VERSION: &str = "v1.20.0";
const HELM: (&str, &str) = ("v3.22", "go1.26.8");

#[derive(Clone, Debug)]
pub struct Capabilities {
    /// `v1.34.2`.
    pub version: String,
    major: String,
    minor: String,
    /// APIs beside those that Helm knows, `monitoring.coreos.com/v1` or `monitoring.coreos.com/v1/ServiceMonitor`.
    pub apis: Vec<String>,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self { version: DEFAULT_VERSION.to_owned(), major: "1".to_owned(), minor: "20".to_owned(), apis: Vec::new() }
    }
}

impl Capabilities {
    /// Those of a cluster of some version, `1.34` or `v1.34.2-eks-1`; none if it cannot be read.
    pub fn of(version: &str, apis: Vec<String>) -> Option<Self> {
        let read = Version::parse(version.trim())?;
        let (major, minor, patch) = (read.major, read.minor, read.patch);
        let version = format!("v{major}.{minor}.{patch}");
        Some(Self { version, major: major.to_string(), minor: minor.to_string(), apis })
    }

    /// With more APIs.
    #[must_use]
    pub fn with(self, apis: Vec<String>) -> Self {
        Self { apis, ..self }
    }

    /// As templates see them.
    pub fn value(&self) -> Value {
        let text =
            |name: &'static str, text: &str| Field { name, json: name, omit_empty: false, value: Value::text(text) };
        let versions = OF_HELM.iter().copied().chain(self.apis.iter().map(String::as_str));
        let versions = List::new(ListKind::Versions, versions.map(Value::text).collect());
        let kube = vec![text("Version", &self.version), text("Major", &self.major), text("Minor", &self.minor)];
        let build = |name, json, omit_empty, value| Field { name, json, omit_empty, value: Value::text(value) };
        let helm = vec![
            build("Version", "version", false, HELM.0),
            build("GitCommit", "git_commit", true, ""),
            build("GitTreeState", "git_tree_state", true, ""),
            build("GoVersion", "go_version", false, HELM.1),
        ];
        let whole = |name: &'static str, value| Field { name, json: name, omit_empty: false, value };
        let fields = vec![
            whole("KubeVersion", structure(StructKind::KubeVersion, kube)),
            whole("APIVersions", Data::List(versions).into()),
            whole("HelmVersion", structure(StructKind::HelmVersion, helm)),
        ];
        structure(StructKind::Capabilities, fields)
    }
}

pub(super) fn structure(kind: StructKind, fields: Vec<Field>) -> Value {
    Data::Struct(Rc::new(Struct { kind, fields })).into()
}
