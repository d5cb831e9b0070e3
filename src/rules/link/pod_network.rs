//! Addresses of pods and Services, and those of the VPC that they share.

use ipnet::Ipv4Net;

use crate::check::{Node, Report, View, rule};

rule! {
    POD_NETWORK = Error "link/pod-network";
    summary: "Cilium's native routing is for other addresses than the VPC's";
    explanation: "In ENI mode pods have addresses of the VPC, and `ipv4NativeRoutingCIDR` says which addresses they reach as themselves. Where the VPC is not in it, all traffic between pods carries a node's address: network policies by identity no longer hold, and security groups and flow logs see nodes. Judged where the tree makes the VPC.";
    wrong: "
        --- # network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
        --- # cilium/values.yaml
        eni: {enabled: true}
        ipv4NativeRoutingCIDR: 172.20.0.0/16
    ";
    right: "
        --- # network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
        --- # cilium/values.yaml
        eni: {enabled: true}
        ipv4NativeRoutingCIDR: 10.0.0.0/16
    ";
}

rule! {
    SERVICE_ROUTE = Warning "link/service-route";
    summary: "a route leads to addresses that are those of the cluster's Services";
    explanation: "What a pod sends to an address of the Service network never leaves the node: it goes to a Service, or nowhere. Hosts of another network with such addresses, behind a transit gateway or a peering, are never reached from pods. The Service network of a cluster can never be changed.";
    wrong: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}, KubernetesNetworkConfig: {ServiceIpv4Cidr: 172.20.0.0/16}}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: rtb-0123456789abcdef0, DestinationCidrBlock: 172.16.0.0/12, TransitGatewayId: tgw-0123456789abcdef0}}
    ";
    right: "
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {RoleArn: 'arn:aws:iam::012345678901:role/r', ResourcesVpcConfig: {SubnetIds: [a]}, KubernetesNetworkConfig: {ServiceIpv4Cidr: 172.20.0.0/16}}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: rtb-0123456789abcdef0, DestinationCidrBlock: 192.168.0.0/16, TransitGatewayId: tgw-0123456789abcdef0}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    native(view, report);
    let clusters: Vec<_> = view.resources_of("AWS::EKS::Cluster").collect();
    let [cluster] = &clusters[..] else { return };
    let Some(services) = cluster.property("KubernetesNetworkConfig").and_then(|it| it.get("ServiceIpv4Cidr")) else {
        return;
    };
    let Some(own) = network(&services) else { return };
    for route in view.resources_of("AWS::EC2::Route") {
        let leads_on = ["TransitGatewayId", "VpcPeeringConnectionId"].iter().any(|key| route.property(key).is_some());
        let Some(node) = route.property("DestinationCidrBlock").filter(|_| leads_on) else { continue };
        let Some(there) = network(&node).filter(|there| there.prefix_len() > 0) else { continue };
        if there.contains(&own) || own.contains(&there) {
            report
                .at(&SERVICE_ROUTE, &node, format!("pods reach nothing of `{there}` that has an address of a Service"))
                .label("addresses of Services are among these")
                .also(&services, "the addresses of Services")
                .help("route to networks beside it; for a new cluster, choose other addresses for Services");
            return;
        }
    }
}

fn native(view: &View<'_>, report: &mut Report) {
    let vpcs: Vec<_> = view.resources_of("AWS::EC2::VPC").filter_map(|vpc| vpc.property("CidrBlock")).collect();
    let Some(networks) = vpcs.iter().map(network).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty()) else {
        return;
    };
    for values in view.values_of_chart("cilium") {
        let is_eni = values.get("eni.enabled").and_then(|it| it.boolean()) == Some(true);
        let Some(node) = values.get("ipv4NativeRoutingCIDR").filter(|_| is_eni) else { continue };
        let Some(own) = network(&node) else { continue };
        if networks.iter().any(|vpc| own.contains(vpc) || vpc.contains(&own)) {
            continue;
        }
        report
            .at(&POD_NETWORK, &node, format!("no address of a pod is in `{own}`"))
            .label("all traffic between pods carries a node's address")
            .also(&vpcs[0], "pods have addresses of the VPC")
            .help(format!("write the VPC's network, `{}`", networks[0]));
    }
}

fn network(node: &Node<'_>) -> Option<Ipv4Net> {
    node.text()?.parse().ok()
}
