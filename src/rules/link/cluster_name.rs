//! The name of the cluster: in the stacks around it, and in the charts that look for its parts.

use super::values;
use crate::check::cfn::Template;
use crate::check::{Node, Report, View, rule};

rule! {
    CLUSTER_NAME = Error "link/cluster-name";
    summary: "something is meant for a cluster of another name than the one that the tree makes";
    explanation: "Node groups, add-ons and associations of another stack name the cluster as text, and controllers look for its networks and endpoint by the same name. CloudFormation cannot check it, and a controller with a wrong name starts, and then fails at its work. Judged in trees that make one cluster whose name is written out.";
    wrong: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Name: prod, RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
        --- # nodes/template.yaml
        Resources:
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: production, NodeRole: r, Subnets: [subnet-0123456789abcdefa]}}
    ";
    right: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Name: prod, RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}}}
        --- # nodes/template.yaml
        Resources:
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: r, Subnets: [subnet-0123456789abcdefa]}}
    ";
}

/// Where charts want the name of the EKS cluster that they run in.
static KEYS: &[(&str, &[&str])] = &[
    ("aws-load-balancer-controller", &["clusterName"]),
    ("cluster-autoscaler", &["autoDiscovery", "clusterName"]),
    ("karpenter", &["settings", "clusterName"]),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let clusters: Vec<_> = view.resources_of("AWS::EKS::Cluster").collect();
    let [cluster] = clusters.as_slice() else { return };
    let Some(own) = cluster.property("Name") else { return };
    let Some(name) = own.text() else { return };
    let mut demand = |node: &Node<'_>| {
        let Some(wanted) = node.text().filter(|wanted| *wanted != name) else { return };
        report
            .at(&CLUSTER_NAME, node, format!("the cluster of this environment is `{name}`, not `{wanted}`"))
            .about(wanted, wanted)
            .also(&own, "the cluster gets its name here")
            .help(format!("name the cluster `{name}` here"));
    };
    for resource in view.templates().iter().flat_map(Template::resources) {
        if resource.kind.starts_with("AWS::EKS::")
            && let Some(wanted) = resource.property("ClusterName")
        {
            demand(&wanted);
        }
    }
    for (release, values) in values(view) {
        let Some(release) = release else { continue };
        for (_, path) in KEYS.iter().filter(|(chart, _)| *chart == release.chart_name()) {
            let found = path.iter().try_fold(values, |node, key| node.get(key));
            found.iter().for_each(&mut demand);
        }
    }
}
