//! Charts that do not work with the cluster's Kubernetes.

use semver::Version;

use super::constraint::Constraint;
use super::tables::KARPENTER;
use super::version::Cluster;
use crate::check::{Node, Release, Report, View, rule};

rule! {
    CHART_KUBERNETES = Error "lifecycle/chart-kubernetes";
    summary: "a chart that does not work with the Kubernetes version of the cluster";
    explanation: "A chart's `kubeVersion` says with which versions it works, and Helm refuses to install it with others; it is kept by `platc schema import`. Karpenter says it in a matrix of its documentation instead: a version that is older than what the cluster needs starts, and then makes no nodes, or none that join. Judged by the version of the EKS cluster that the tree makes.";
    wrong: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.35', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: karpenter}
        spec: {source: {repoURL: public.ecr.aws/karpenter, chart: karpenter, targetRevision: 1.8.2}}
    ";
    right: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Version: '1.35', RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: karpenter}
        spec: {source: {repoURL: public.ecr.aws/karpenter, chart: karpenter, targetRevision: 1.9.0}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let Some(cluster) = Cluster::of(view) else { return };
    let Some((_, (major, minor, patch))) = KARPENTER.iter().find(|(known, _)| *known == cluster.minor) else { return };
    let wanted = Version::new(*major, *minor, *patch);
    for release in view.releases().iter().filter(|release| release.chart_name() == "karpenter") {
        let Some(text) = release.version else { continue };
        let Ok(version) = Version::parse(text.strip_prefix('v').unwrap_or(text)) else { continue };
        if version < wanted {
            let message = format!("Karpenter {text} does not work with Kubernetes `{}`", cluster.minor);
            report
                .at(&CHART_KUBERNETES, place(release), message)
                .also(&cluster.node, "the cluster")
                .help(format!("install Karpenter {wanted} or a later version before the cluster is upgraded"));
        }
    }
}

/// Judges a release by what its chart's own `kubeVersion` says.
pub(in crate::rules) fn kube_version(release: &Release<'_>, wanted: &str, view: &View<'_>, report: &mut Report) {
    let (Some(cluster), Some(constraint)) = (Cluster::of(view), Constraint::parse(wanted)) else { return };
    if constraint.allows(cluster.minor) {
        return;
    }
    let chart = match release.version {
        Some(version) => format!("`{}` {version}", release.chart),
        None => format!("`{}`", release.chart),
    };
    let message = format!("the chart {chart} does not work with Kubernetes `{}`", cluster.minor);
    report
        .at(&CHART_KUBERNETES, place(release), message)
        .label(format!("wants Kubernetes {wanted}"))
        .also(&cluster.node, "the cluster")
        .help("install a version of the chart whose `kubeVersion` has the cluster's");
}

/// Where the version is named, or else the chart.
fn place<'r, 'a>(release: &'r Release<'a>) -> &'r Node<'a> {
    release.version_node.as_ref().unwrap_or(&release.node)
}
