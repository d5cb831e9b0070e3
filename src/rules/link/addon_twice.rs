//! Add-ons that both EKS and a chart install.

use std::collections::BTreeSet;

use super::only_cluster;
use crate::check::{Release, Report, View, rule};

rule! {
    ADDON_TWICE = Error "link/addon-twice";
    summary: "the same add-on is installed by EKS and by a chart";
    explanation: "Both run at once, or overwrite each other's objects: whichever is upgraded last wins, two drivers answer for one volume, and the second copy of what listens on a port of the node never starts. Let either EKS or the chart have it. Judged where the tree names one cluster and installs into one, for add-ons of which EKS and the project's chart install the same objects.";
    wrong: "
        --- # cluster/template.yaml
        Resources:
          Metrics: {Type: AWS::EKS::Addon, Properties: {ClusterName: prod, AddonName: metrics-server}}
        --- # apps/metrics-server.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: metrics-server}
        spec: {source: {repoURL: https://kubernetes-sigs.github.io/metrics-server, chart: metrics-server, targetRevision: 3.13.0}}
    ";
    right: "
        --- # cluster/template.yaml
        Resources:
          Metrics: {Type: AWS::EKS::Addon, Properties: {ClusterName: prod, AddonName: coredns}}
        --- # apps/metrics-server.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: metrics-server}
        spec: {source: {repoURL: https://kubernetes-sigs.github.io/metrics-server, chart: metrics-server, targetRevision: 3.13.0}}
    ";
}

/// Names of add-ons and of the charts that install the same.
/// <https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html>,
/// <https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html>
static SAME: [(&str, &str); 12] = [
    ("aws-ebs-csi-driver", "aws-ebs-csi-driver"),
    ("aws-efs-csi-driver", "aws-efs-csi-driver"),
    ("aws-fsx-csi-driver", "aws-fsx-csi-driver"),
    ("aws-mountpoint-s3-csi-driver", "aws-mountpoint-s3-csi-driver"),
    ("cert-manager", "cert-manager"),
    ("coredns", "coredns"),
    ("eks-node-monitoring-agent", "eks-node-monitoring-agent"),
    ("eks-pod-identity-agent", "eks-pod-identity-agent"),
    ("kube-state-metrics", "kube-state-metrics"),
    ("metrics-server", "metrics-server"),
    ("prometheus-node-exporter", "prometheus-node-exporter"),
    ("vpc-cni", "aws-vpc-cni"),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    if !only_cluster(view) || destinations(view).len() > 1 {
        return;
    }
    for addon in view.resources_of("AWS::EKS::Addon") {
        let Some(node) = addon.property("AddonName") else { continue };
        let Some(name) = node.text() else { continue };
        let Some((_, chart)) = SAME.iter().find(|(addon, _)| *addon == name) else { continue };
        let Some(release) = view.releases().iter().find(|release| release.chart_name() == *chart) else { continue };
        let message = match release.namespace {
            Some(namespace) => format!("EKS installs `{name}`, and a chart installs it into `{namespace}`"),
            None => format!("EKS installs `{name}`, and so does a chart"),
        };
        report
            .at(&ADDON_TWICE, &node, message)
            .label("installed by EKS")
            .also(&release.node, "installed by this chart as well")
            .help(format!("take out the add-on `{}`, or the chart", addon.id));
    }
}

/// The clusters that charts are installed into, as far as they are named.
fn destinations<'a>(view: &View<'a>) -> BTreeSet<Option<&'a str>> {
    let named = |release: &Release<'a>| {
        let spec = release.by.get("spec")?;
        let of_argo = ["server", "name"].into_iter().find_map(|key| spec.text_at(["destination", key]));
        of_argo.or_else(|| spec.text_at(["kubeConfig", "secretRef", "name"]))
    };
    view.releases().iter().map(named).collect()
}
