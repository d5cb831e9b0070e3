//! The agent that hands pods the credentials of their roles.

use super::only_cluster;
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    POD_IDENTITY_AGENT = Error "link/pod-identity-agent";
    summary: "pods get roles by EKS Pod Identity, and nothing installs its agent";
    explanation: "EKS makes the associations without a complaint, but the credentials come from the agent, `eks-pod-identity-agent`, on each node. Without it every call to AWS of these pods fails, or is made as the node. It is an add-on of EKS, or a chart; clusters in EKS Auto Mode have it built in. Judged in trees that make the cluster and its add-ons.";
    wrong: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Name: prod, RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
          Dns: {Type: AWS::EKS::Addon, Properties: {ClusterName: prod, AddonName: coredns}}
        --- # karpenter/template.yaml
        Resources:
          Identity:
            Type: AWS::EKS::PodIdentityAssociation
            Properties: {ClusterName: prod, Namespace: karpenter, ServiceAccount: karpenter, RoleArn: 'arn:aws:iam::012345678901:role/r'}
    ";
    right: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Name: prod, RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
          Agent: {Type: AWS::EKS::Addon, Properties: {ClusterName: prod, AddonName: eks-pod-identity-agent}}
        --- # karpenter/template.yaml
        Resources:
          Identity:
            Type: AWS::EKS::PodIdentityAssociation
            Properties: {ClusterName: prod, Namespace: karpenter, ServiceAccount: karpenter, RoleArn: 'arn:aws:iam::012345678901:role/r'}
    ";
}

const AGENT: &str = "eks-pod-identity-agent";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let all = |kind: &str| -> Vec<_> {
        let templates = view.templates().iter();
        templates.flat_map(|template| template.resources().iter().filter(|it| it.kind == kind)).collect()
    };
    let (clusters, addons) = (all("AWS::EKS::Cluster"), all("AWS::EKS::Addon"));
    let [cluster] = clusters.as_slice() else { return };
    if addons.is_empty() || !only_cluster(view) || may_be_automatic(cluster) || may_have_agent(view, &addons) {
        return;
    }
    let associations = all("AWS::EKS::PodIdentityAssociation");
    let Some(first) = associations.first() else { return };
    let label = match associations.len() - 1 {
        0 => "the pods of this association get no credentials".to_owned(),
        1 => "the pods of this association get no credentials, nor those of 1 more".to_owned(),
        more => format!("the pods of this association get no credentials, nor those of {more} more"),
    };
    report
        .at(
            &POD_IDENTITY_AGENT,
            cluster.property("Name").unwrap_or(cluster.node),
            "nothing installs the agent of EKS Pod Identity in this cluster",
        )
        .label("no add-on and no chart is the agent")
        .also(first.property("ServiceAccount").unwrap_or(first.node), label)
        .help(format!("add an `AWS::EKS::Addon` with `AddonName: {AGENT}`"));
}

/// Whether the cluster may be one of EKS Auto Mode.
fn may_be_automatic(cluster: &Resource<'_>) -> bool {
    let mode = cluster.property("ComputeConfig");
    mode.is_some_and(|mode| mode.get("Enabled").is_none_or(|enabled| *enabled.value != Value::Bool(false)))
}

/// Whether an add-on, a chart or an object is the agent, or might be.
fn may_have_agent(view: &View<'_>, addons: &[&Resource<'_>]) -> bool {
    let is_agent = |name: Option<Node<'_>>| name.is_none_or(|name| name.text().is_none_or(|text| text == AGENT));
    view.templates().iter().any(Template::is_transformed)
        || addons.iter().any(|addon| is_agent(addon.property("AddonName")))
        || view.releases().iter().any(|release| release.chart_name() == AGENT)
        || view.objects_of("apps", "DaemonSet").any(|object| object.name.is_some_and(|name| name.contains(AGENT)))
}
