//! Whether a tree is all that there is in a namespace.

use camino::Utf8Path;

use super::application::Applier;
use super::kubernetes::Object;
use super::{Release, View};
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

impl View<'_> {
    /// Whether all that runs in a namespace stands in this tree as it is there: no chart, operator or other folder puts
    /// anything there, and nothing changes it on its way.
    pub fn holds_all_of(&self, namespace: Option<&str>) -> bool {
        let is_foreign = |release: &Release<'_>| namespace.is_none() || release.namespace == namespace;
        let makes_more = |object: &Object<'_>| {
            let known = MAKE_NOTHING.iter().find(|(group, _)| *group == object.group);
            let harmless = known.is_some_and(|(_, kinds)| kinds.is_empty() || kinds.contains(&object.kind))
                || object.group.ends_with(".toolkit.fluxcd.io");
            object.namespace == namespace && !harmless
        };
        // Every cluster has more in its own namespaces than a tree tells.
        let is_open =
            namespace.is_none() && self.gives_namespaces() || matches!(namespace, Some("kube-system" | "kube-public"));
        !is_open
            && !self.has_unread()
            // Somebody may apply by hand what a kustomization leaves out.
            && !self.left_out.iter().any(|object| object.namespace.is_none_or(|own| Some(own) == namespace))
            && !self.releases.iter().any(is_foreign)
            && !self.objects.iter().any(|object| {
                makes_more(object) || self.brings_more(object, namespace) || self.is_changed_into(object, namespace)
            })
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

    /// Whether an object of Argo CD or Flux applies a folder to a namespace that is not one of this tree.
    fn brings_more(&self, object: &Object<'_>, namespace: Option<&str>) -> bool {
        Applier::of(object).iter().any(|applier| {
            (namespace.is_none() || applier.namespace() == namespace)
                && applier.path.text().is_some_and(|path| !self.has_folder(path))
        })
    }

    /// Whether a folder of a repository is one of this tree, which lies somewhere within it, and no chart's.
    pub fn has_folder(&self, path: &str) -> bool {
        let path = Utf8Path::new(path.trim_end_matches('/'));
        let folders = self.meant().flat_map(|document| document.path.ancestors().skip(1));
        folders.into_iter().any(|folder| !folder.as_str().is_empty() && path.ends_with(folder))
    }
}
