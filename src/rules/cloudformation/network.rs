//! Addresses of VPCs and subnets.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::check::cfn::{Resource, Template, may_exclude};
use crate::check::{Node, Report, View, rule};

rule! {
    SUBNET = Error "cfn/subnet";
    summary: "a subnet or a VPC that cannot be made: outside of its VPC, overlapping, or of a wrong size";
    explanation: "A subnet's addresses lie within its VPC and overlap no other subnet of it; those of a VPC and of a subnet are a /16 to a /28 without host bits. AWS refuses any other, when half of the stack is there already.";
    wrong: "
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/20}}
          B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.8.0/21}}
    ";
    right: "
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/20}}
          B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.16.0/20}}
    ";
}

struct Network<'t, 'a> {
    resource: &'t Resource<'a>,
    node: Node<'a>,
    addresses: Ipv4Net,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        let vpcs = networks(template, "AWS::EC2::VPC", report);
        let subnets = networks(template, "AWS::EC2::Subnet", report);
        let secondary = template.resources_of("AWS::EC2::VPCCidrBlock").next().is_some();
        // Those before one, by the VPC that they name.
        let mut before: BTreeMap<String, Vec<&Network<'_, '_>>> = BTreeMap::new();
        for subnet in &subnets {
            let Network { resource, node, addresses } = subnet;
            let vpc = resource.property("VpcId").and_then(|id| id.text_at(["Ref"]));
            if let Some(vpc) = vpcs.iter().find(|known| Some(known.resource.id) == vpc && !secondary)
                && !vpc.addresses.contains(addresses)
            {
                report
                    .at(&SUBNET, node, format!("the subnet `{}` lies outside of its VPC", resource.id))
                    .also(&vpc.node, "the addresses of the VPC");
            }
            let overlaps =
                |other: &Network<'_, '_>| other.addresses.contains(addresses) || addresses.contains(&other.addresses);
            let together = |other: &Network<'_, '_>| !may_exclude(other.resource.condition(), resource.condition());
            let same_vpc = before.entry(format!("{:?}", resource.property("VpcId").map(|id| id.value))).or_default();
            let taken = same_vpc.iter().find(|other| overlaps(other) && together(other)).copied();
            same_vpc.push(subnet);
            if let Some(other) = taken {
                let (a, b) = (other.resource.id, resource.id);
                report
                    .at(&SUBNET, node, format!("the subnets `{a}` and `{b}` share addresses"))
                    .label("these addresses are taken already")
                    .also(&other.node, format!("by `{a}`"))
                    .help("give each subnet a network of its own");
            }
        }
    }
}

/// Resources of a type with the addresses that they claim; what is no network is told.
fn networks<'t, 'a>(template: &'t Template<'a>, kind: &'t str, report: &mut Report) -> Vec<Network<'t, 'a>> {
    let mut found = Vec::new();
    let what = if kind == "AWS::EC2::VPC" { "VPC" } else { "subnet" };
    for resource in template.resources_of(kind) {
        let Some(node) = resource.property("CidrBlock") else { continue };
        let Some(text) = node.text() else { continue };
        let Ok(addresses) = text.parse::<Ipv4Net>() else {
            report.at(&SUBNET, &node, format!("`{text}` is no IPv4 network"));
            continue;
        };
        if addresses.trunc() != addresses {
            let trunc = addresses.trunc();
            report
                .at(&SUBNET, &node, format!("`{text}` has bits of a host set"))
                .help(format!("the network is `{trunc}`"));
        } else if !(16..=28).contains(&addresses.prefix_len()) {
            report
                .at(&SUBNET, &node, format!("`{text}` is no size for a {what}"))
                .label("neither a /16 nor a /28 nor between them");
        }
        found.push(Network { resource, node, addresses });
    }
    found
}
