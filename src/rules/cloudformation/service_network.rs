//! The addresses of Kubernetes Services beside those of the VPC.

use ipnet::Ipv4Net;

use crate::check::{Node, Report, View, rule};

rule! {
    SERVICE_NETWORK = Error "cfn/service-network";
    summary: "the addresses of Services are those of the VPC, or none that EKS takes";
    explanation: "EKS takes a network of a /12 to a /24 within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 for Services, and it must not overlap the VPC. It can never be changed: the cluster has to be made anew. Judged by the VPCs of the tree, if the cluster's own is among them.";
    wrong: "
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Cluster: {Type: AWS::EKS::Cluster, Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', KubernetesNetworkConfig: {ServiceIpv4Cidr: 10.0.128.0/20}, ResourcesVpcConfig: {SubnetIds: [a]}}}
    ";
    right: "
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Cluster: {Type: AWS::EKS::Cluster, Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', KubernetesNetworkConfig: {ServiceIpv4Cidr: 172.20.0.0/16}, ResourcesVpcConfig: {SubnetIds: [a]}}}
    ";
}

/// docs.aws.amazon.com, API reference of EKS, `KubernetesNetworkConfigRequest`.
const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let vpcs: Vec<_> = view.resources_of("AWS::EC2::VPC").collect();
    let more = view.resources_of("AWS::EC2::VPCCidrBlock");
    // With several nobody can say which the cluster is in.
    let all = vpcs.iter().copied().chain(more).filter(|_| vpcs.len() == 1);
    let taken: Vec<(Ipv4Net, Node<'_>)> = all.filter_map(|it| network(it.property("CidrBlock")?)).collect();
    for cluster in view.resources_of("AWS::EKS::Cluster") {
        let own = cluster.property("KubernetesNetworkConfig").and_then(|it| it.get("ServiceIpv4Cidr"));
        let Some((services, node)) = own.and_then(network) else { continue };
        let is_private = PRIVATE.iter().filter_map(|it| it.parse::<Ipv4Net>().ok()).any(|it| it.contains(&services));
        if !(12..=24).contains(&services.prefix_len()) {
            report
                .at(&SERVICE_NETWORK, &node, format!("`{services}` is neither a /12 nor a /24 nor between them"))
                .help("give Services a /16: each of them takes one address");
        } else if !is_private {
            report
                .at(
                    &SERVICE_NETWORK,
                    &node,
                    format!("`{services}` lies in none of the private networks that EKS takes"),
                )
                .help(format!("choose one within {}", PRIVATE.join(", ")));
        }
        if let Some((vpc, other)) = taken.iter().find(|(vpc, _)| vpc.contains(&services) || services.contains(vpc)) {
            report
                .at(&SERVICE_NETWORK, &node, format!("the Services of `{}` have addresses of the VPC", cluster.id))
                .also(other, format!("the VPC has `{vpc}`"))
                .help("give Services a network of their own; it exists in the cluster only");
        }
    }
}

fn network(node: Node<'_>) -> Option<(Ipv4Net, Node<'_>)> {
    Some((node.text()?.parse().ok()?, node))
}
