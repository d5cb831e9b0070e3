//! Kinds whose changes are known to come to no more than an update, and single fields that come to more.

use super::Changed;
use crate::check::k8s::Object;
use crate::check::{Change, Consequence, Report};

/// Groups whose objects are updated as they run; of some, only these kinds.
const IN_PLACE: [(&str, &[&str]); 27] = [
    ("", &[]),
    ("admissionregistration.k8s.io", &[]),
    ("apiextensions.k8s.io", &[]),
    ("apiregistration.k8s.io", &[]),
    ("apps", &[]),
    ("argoproj.io", &["AppProject"]),
    ("autoscaling", &[]),
    ("autoscaling.k8s.io", &[]),
    ("batch", &[]),
    ("cert-manager.io", &["Certificate", "ClusterIssuer", "Issuer"]),
    ("cilium.io", &["CiliumClusterwideNetworkPolicy", "CiliumNetworkPolicy"]),
    ("coordination.k8s.io", &[]),
    ("discovery.k8s.io", &[]),
    ("external-secrets.io", &["ClusterExternalSecret", "ClusterSecretStore", "ExternalSecret", "SecretStore"]),
    ("flowcontrol.apiserver.k8s.io", &[]),
    ("gateway.networking.k8s.io", &["GRPCRoute", "HTTPRoute", "ReferenceGrant", "TCPRoute", "TLSRoute"]),
    ("keda.sh", &["ScaledJob", "ScaledObject"]),
    ("kyverno.io", &[]),
    ("monitoring.coreos.com", &["PodMonitor", "Probe", "PrometheusRule", "ScrapeConfig", "ServiceMonitor"]),
    ("networking.k8s.io", &[]),
    ("node.k8s.io", &[]),
    ("policies.kyverno.io", &[]),
    ("policy", &[]),
    ("rbac.authorization.k8s.io", &[]),
    ("scheduling.k8s.io", &[]),
    ("storage.k8s.io", &[]),
    ("velero.io", &["BackupStorageLocation", "Schedule", "VolumeSnapshotLocation"]),
];

pub(super) fn is_updated_in_place(object: &Object<'_>) -> bool {
    let known = IN_PLACE.iter().find(|(group, _)| *group == object.group);
    known.is_some_and(|(_, kinds)| kinds.is_empty() || kinds.contains(&object.kind))
}

/// Says what a field comes to that does more than its kind lets expect.
pub(super) fn changed(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    let what = it.name();
    match (it.new.group, it.new.kind) {
        ("", "Namespace") => security(change, it, report),
        ("", "PersistentVolumeClaim") => {
            let Some(at) = it.below("spec.resources.requests.storage") else { return false };
            it.tell(change, Consequence::InPlace, at, format!("{what} grows, if its class lets volumes grow"), report);
            true
        }
        ("autoscaling.k8s.io", "VerticalPodAutoscaler") => {
            let Some(at) = it.below("spec.updatePolicy.updateMode") else { return false };
            let mode = it.new.root().text_at(["spec", "updatePolicy", "updateMode"]);
            if mode.is_some_and(|mode| matches!(mode, "Off" | "Initial")) {
                return false;
            }
            let message = format!("{what} evicts pods from now on, to give them what it recommends");
            it.tell(change, Consequence::Restarts, at, message, report);
            true
        }
        _ => false,
    }
}

/// The level of pod security that a namespace enforces.
fn security(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    const LABEL: &str = "pod-security.kubernetes.io/enforce";
    let level = |object: &Object<'_>| {
        let labels = object.root().at(["metadata", "labels"]);
        let word = labels.and_then(|it| it.get(LABEL)).and_then(|it| it.text()).unwrap_or("privileged");
        ["privileged", "baseline", "restricted"].iter().position(|it| *it == word)
    };
    let at = it.differences.iter().find(|at| at.node().is_some_and(|node| node.key() == Some(LABEL)));
    let (Some(at), Some(before), Some(now)) = (at, level(it.old), level(it.new)) else { return false };
    if now <= before {
        return false;
    }
    let message = format!("{} refuses pods from now on that it let in before: what runs goes on running", it.name());
    it.tell(change, Consequence::Blocks, at, message, report);
    true
}
