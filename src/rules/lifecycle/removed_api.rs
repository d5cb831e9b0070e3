//! Objects in a version of their API that Kubernetes no longer serves.

use std::cell::OnceCell;

use super::day;
use super::tables::{EKS, REMOVED, Removed};
use super::version::Cluster;
use crate::check::k8s::Object;
use crate::check::view::overlays::Overlays;
use crate::check::{Report, View, rule};

rule! {
    REMOVED_API = Error "lifecycle/removed-api";
    summary: "an object of an API version that the cluster's Kubernetes does not serve";
    explanation: "The API server answers that there is no such kind, and the sync fails, for this object and mostly for all that come with it. What Kustomize moves to another version on its way, by a patch of `/apiVersion`, is not judged. Judged by the version of the EKS cluster that the tree makes; without one, only what no supported version serves is told. From Kubernetes' Deprecated API Migration Guide.";
    wrong: "
        --- # budget.yaml
        apiVersion: policy/v1beta1
        kind: PodDisruptionBudget
        metadata: {name: web, namespace: shop}
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
    ";
    right: "
        --- # budget.yaml
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web, namespace: shop}
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
    ";
}

rule! {
    DEPRECATED_API = Warning "lifecycle/deprecated-api";
    summary: "an object of an API version that the next Kubernetes does not serve";
    explanation: "It still works, and keeps the cluster from its next upgrade. Move to the version that stays before you upgrade; the objects in the cluster are the same ones in both. Judged by the version of the EKS cluster that the tree makes.";
    wrong: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.33', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
        --- # policy.yaml
        apiVersion: admissionregistration.k8s.io/v1beta1
        kind: ValidatingAdmissionPolicy
        metadata: {name: replicas}
        spec: {}
    ";
    right: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.33', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
        --- # policy.yaml
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: replicas}
        spec: {}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let cluster = Cluster::of(view);
    let oldest = EKS.iter().find(|support| support.extended > day(view)).map(|support| support.minor);
    let Some(minor) = cluster.as_ref().map(|cluster| cluster.minor).or(oldest) else { return };
    let overlays = OnceCell::new();
    for object in view.objects() {
        let Some(api) = object.root().get("apiVersion") else { continue };
        let Some(removed) = removal(object, api.text().unwrap_or_default()) else { continue };
        if overlays.get_or_init(|| Overlays::of(view)).may_move(object.document.path) {
            continue;
        }
        let Removed { since, now, .. } = removed;
        let kind = object.kind;
        let draft = if *since <= minor {
            let message = format!("Kubernetes does not serve `{kind}` in `{}` any more since `{since}`", removed.api);
            report.at(&REMOVED_API, &api, message).label("the API server knows no such kind")
        } else if cluster.is_some() && since.0 == minor.0 + 1 {
            let message = format!("Kubernetes `{since}` does not serve `{kind}` in `{}` any more", removed.api);
            report.at(&DEPRECATED_API, &api, message).label("this will be gone with the next upgrade")
        } else {
            continue;
        };
        if let Some(cluster) = &cluster {
            draft.also(&cluster.node, format!("the cluster has `{}`", cluster.minor));
        }
        draft.help(match now {
            Some(now) => format!("write it for `{now}`; the migration guide of Kubernetes says which fields differ"),
            None => "nothing took its place: use the labels of Pod Security Standards, or a policy engine".to_owned(),
        });
    }
}

fn removal(object: &Object<'_>, api: &str) -> Option<&'static Removed> {
    REMOVED.iter().find(|removed| removed.api == api && removed.kinds.contains(&object.kind))
}
