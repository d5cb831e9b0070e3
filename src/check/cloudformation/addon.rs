//! Add-ons that EKS installs: beside charts of the same thing, and the agent without which Pod Identity gives nothing.

use crate::check::cfn::Template;
use crate::check::{Report, View, rule};
use crate::value::Value;

rule! {
    ADDON_AND_CHART = Error "cfn/addon-and-chart";
    summary: "an add-on of EKS and a Helm chart install the same thing";
    explanation: "Both own the same objects: EKS refuses to make the add-on or overwrites the chart's fields, and Argo CD or Flux sets them back, for ever. Let one of them install it.";
    wrong: "
        --- # cluster/template.yaml
        Resources:
          Driver: {Type: AWS::EKS::Addon, Properties: {ClusterName: prod, AddonName: aws-ebs-csi-driver}}
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: storage}
        spec: {source: {repoURL: https://kubernetes-sigs.github.io/aws-ebs-csi-driver, chart: aws-ebs-csi-driver, targetRevision: 2.64.0}}
    ";
    right: "
        --- # cluster/template.yaml
        Resources:
          Dns: {Type: AWS::EKS::Addon, Properties: {ClusterName: prod, AddonName: coredns}}
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: storage}
        spec: {source: {repoURL: https://kubernetes-sigs.github.io/aws-ebs-csi-driver, chart: aws-ebs-csi-driver, targetRevision: 2.64.0}}
    ";
}

rule! {
    POD_IDENTITY_AGENT = Warning "cfn/pod-identity-agent";
    summary: "service accounts are associated with roles, and no agent hands the credentials out";
    explanation: "EKS Pod Identity gives a pod the credentials of its role through an agent on the node. Without the add-on `eks-pod-identity-agent` pods start, and then fail at the first request to AWS. Judged in trees that make the cluster and install add-ons; EKS Auto Mode brings the agent along.";
    wrong: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {RoleArn: r, ResourcesVpcConfig: {SubnetIds: [a]}}}
          Dns: {Type: AWS::EKS::Addon, Properties: {ClusterName: !Ref Cluster, AddonName: coredns}}
          Loki: {Type: AWS::EKS::PodIdentityAssociation, Properties: {ClusterName: !Ref Cluster, Namespace: logs, ServiceAccount: loki, RoleArn: r}}
    ";
    right: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {RoleArn: r, ResourcesVpcConfig: {SubnetIds: [a]}}}
          Agent: {Type: AWS::EKS::Addon, Properties: {ClusterName: !Ref Cluster, AddonName: eks-pod-identity-agent}}
          Loki: {Type: AWS::EKS::PodIdentityAssociation, Properties: {ClusterName: !Ref Cluster, Namespace: logs, ServiceAccount: loki, RoleArn: r}}
    ";
}

const AGENT: &str = "eks-pod-identity-agent";

/// The add-on whose chart has another name.
const VPC_CNI: (&str, &str) = ("vpc-cni", "aws-vpc-cni");

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    // With several clusters nobody can say what is installed in which.
    let clusters = view.templates().iter().flat_map(|template| template.resources_of("AWS::EKS::Cluster"));
    if clusters.count() > 1 {
        return;
    }
    let addons: Vec<_> = view
        .templates()
        .iter()
        .flat_map(|template| template.resources_of("AWS::EKS::Addon"))
        .filter_map(|addon| addon.property("AddonName"))
        .collect();
    for node in &addons {
        let Some(name) = node.text() else { continue };
        let chart = if name == VPC_CNI.0 { VPC_CNI.1 } else { name };
        let release = view.releases().iter().find(|release| release.chart.rsplit('/').next() == Some(chart));
        if let Some(release) = release {
            report
                .at(&ADDON_AND_CHART, node, format!("EKS installs `{name}`, and so does a chart"))
                .also(&release.node, format!("the release `{}`", release.name))
                .help("leave one of them out");
        }
    }
    let is_agent = |name: Option<&str>| name.is_none_or(|name| name == AGENT);
    let has_agent = addons.iter().any(|node| is_agent(node.text()))
        || view.releases().iter().any(|release| release.chart.rsplit('/').next() == Some(AGENT));
    if addons.is_empty() || has_agent || view.templates().iter().any(Template::is_transformed) {
        return;
    }
    agent(view, report);
}

fn agent(view: &View<'_>, report: &mut Report) {
    let resources_of = |kind| view.templates().iter().flat_map(move |template| template.resources_of(kind));
    let clusters: Vec<_> = resources_of("AWS::EKS::Cluster").collect();
    let is_auto = |mode: Value| mode != Value::Bool(false);
    let mode = |config: &crate::check::cfn::Resource<'_>| {
        config.property("ComputeConfig").and_then(|config| config.get("Enabled")).map(|it| it.value.clone())
    };
    if clusters.iter().any(|cluster| mode(cluster).is_some_and(is_auto)) {
        return;
    }
    let associations: Vec<_> = resources_of("AWS::EKS::PodIdentityAssociation").collect();
    if let (Some(cluster), Some(first)) = (clusters.first(), associations.first()) {
        let names: Vec<String> = associations.iter().take(3).map(|it| format!("`{}`", it.id)).collect();
        let more = if associations.len() > 3 { " and others" } else { "" };
        report
            .at(&POD_IDENTITY_AGENT, &first.node, format!("no pod gets the credentials of {}{more}", names.join(", ")))
            .label("an agent on the node would hand them out")
            .also(&cluster.node, "the cluster has no agent")
            .help(format!("install the add-on `{AGENT}`"));
    }
}
