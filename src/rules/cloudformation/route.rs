//! Routes that lead away what is the VPC's own.

use ipnet::Ipv4Net;

use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    ROUTE = Error "cfn/route";
    summary: "a route leads addresses of its own VPC elsewhere";
    explanation: "Whatever lies within the addresses of a VPC stays in it: AWS refuses a route for them to a transit gateway or a peering connection, with half of the stack made. It is told apart from a wider route, such as 10.0.0.0/8, of which the VPC is only a part: that one is fine. A network beyond that has the VPC's own addresses cannot be reached at all.";
    wrong: "
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
          Route:
            Type: AWS::EC2::Route
            Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 10.0.128.0/20, TransitGatewayId: tgw-0a1b2c3d4e5f60718}
    ";
    right: "
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
          Route:
            Type: AWS::EC2::Route
            Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 10.1.0.0/16, TransitGatewayId: tgw-0a1b2c3d4e5f60718}
    ";
}

/// Of other targets, network interfaces and gateways of load balancers, a route may be narrower than the VPC.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html>
const TARGETS: [&str; 3] = ["CarrierGatewayId", "TransitGatewayId", "VpcPeeringConnectionId"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        for route in template.resources_of("AWS::EC2::Route") {
            let leads_away = TARGETS.iter().any(|target| route.property(target).is_some());
            let (Some(node), Some(table)) =
                (route.property("DestinationCidrBlock"), referred(template, route, "RouteTableId"))
            else {
                continue;
            };
            let Some(vpc) = referred(template, table, "VpcId") else { continue };
            let Some(own) = vpc.property("CidrBlock") else { continue };
            let (Some(destination), Some(addresses)) = (network(&node), network(&own)) else { continue };
            if leads_away && addresses.contains(&destination) {
                report
                    .at(
                        &ROUTE,
                        &node,
                        format!("`{destination}` lies within the VPC itself, and `{}` leads it away", route.id),
                    )
                    .label("stays in the VPC")
                    .also(&own, format!("the VPC has `{addresses}`"))
                    .help("route to a network with other addresses");
            }
        }
    }
}

/// The resource of the template that a property refers to.
fn referred<'t, 'a>(template: &'t Template<'a>, resource: &Resource<'a>, property: &str) -> Option<&'t Resource<'a>> {
    template.resource(resource.property(property)?.text_at(["Ref"])?)
}

fn network(node: &Node<'_>) -> Option<Ipv4Net> {
    node.text()?.parse().ok()
}
