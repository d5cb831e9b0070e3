//! Private subnets whose way out needs a public address.

use super::referent;
use super::routes::{is_conditional, named};
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    PRIVATE_ROUTE = Error "cfn/private-route";
    summary: "nodes without public addresses, in a subnet that leaves by an internet gateway";
    explanation: "An internet gateway passes on only what has a public address. Nodes in a subnet that gives out none, `MapPublicIpOnLaunch` being false, reach nothing by it: no image is pulled, no node joins the cluster, and EKS refuses a managed node group there. Such a subnet leaves by a NAT gateway. Judged for subnets with the tag `kubernetes.io/role/internal-elb` that are not tagged for public load balancers as well, where another subnet with the tag of those leaves by a gateway, and for those of managed node groups without a launch template, by references and by exports of the tree.";
    wrong: "
        Resources:
          Subnet:
            Type: AWS::EC2::Subnet
            Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/24, Tags: [{Key: kubernetes.io/role/internal-elb, Value: '1'}]}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: igw-0123456789abcdef0}}
          Edge:
            Type: AWS::EC2::Subnet
            Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.1.0/24, MapPublicIpOnLaunch: true, Tags: [{Key: kubernetes.io/role/elb, Value: '1'}]}
          EdgeTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          EdgeOut: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref EdgeTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: igw-0123456789abcdef0}}
          EdgeRoutes: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Edge, RouteTableId: !Ref EdgeTable}}
          Routes: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}}
    ";
    right: "
        Resources:
          Subnet:
            Type: AWS::EC2::Subnet
            Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/24, Tags: [{Key: kubernetes.io/role/internal-elb, Value: '1'}]}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: nat-0123456789abcdef0}}
          Routes: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}}
    ";
}

const INTERNAL: &str = "kubernetes.io/role/internal-elb";
const PUBLIC: &str = "kubernetes.io/role/elb";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut exported = None;
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        for route in template.resources_of("AWS::EC2::Route").filter(|route| !is_conditional(route)) {
            let Some(gateway) = route.property("GatewayId").filter(leads_out) else { continue };
            let destination = route.property("DestinationCidrBlock").and_then(|node| node.text());
            if let (Some("0.0.0.0/0"), Some(table)) = (destination, named(route, "RouteTableId")) {
                let groups = exported.get_or_insert_with(|| of_groups(view));
                judge(template, table, &gateway, groups, report);
            }
        }
    }
}

/// Whether it is an internet gateway: virtual private gateways lead to other networks.
fn leads_out(gateway: &Node<'_>) -> bool {
    gateway.text().is_none_or(|id| id.starts_with("igw-"))
}

/// One finding a route: all subnets of its table have the same fault.
fn judge<'a>(
    template: &Template<'a>,
    table: &str,
    gateway: &Node<'a>,
    groups: &[(&'a str, &'a str, Node<'a>)],
    report: &mut Report,
) {
    // A virtual private gateway leads to other networks.
    let own = referent(gateway).and_then(|(id, _)| template.resource(id));
    if own.is_some_and(|own| !matches!(own.kind, "AWS::EC2::InternetGateway" | "AWS::EC2::VPCGatewayAttachment")) {
        return;
    }
    let joined = template.resources_of("AWS::EC2::SubnetRouteTableAssociation");
    let subnets = joined
        .filter(|association| named(association, "RouteTableId") == Some(table))
        .filter_map(|association| template.resource(named(association, "SubnetId")?))
        .filter(|subnet| subnet.kind == "AWS::EC2::Subnet" && gives_no_address(subnet));
    // What holds NAT gateways is public, whatever its tags say.
    let holds_nat = |subnet: &&Resource<'_>| {
        template.resources_of("AWS::EC2::NatGateway").any(|nat| named(nat, "SubnetId") == Some(subnet.id))
    };
    let mut subnets = subnets.filter(|subnet| !holds_nat(subnet));
    let found = subnets.find_map(|subnet| Some((subnet, why(template, subnet, groups)?)));
    let Some((subnet, (reason, place))) = found else { return };
    report
        .at(&PRIVATE_ROUTE, gateway, format!("nothing in `{}` reaches the internet by this gateway", subnet.id))
        .label("an internet gateway serves public addresses only")
        .also(&place, reason)
        .also(&subnet.node, "this subnet gives out no public addresses")
        .help("lead the route to a NAT gateway: `NatGatewayId: !Ref …`");
}

fn gives_no_address(subnet: &Resource<'_>) -> bool {
    subnet
        .property("MapPublicIpOnLaunch")
        .is_none_or(|it| *it.value == Value::Bool(false) || it.text() == Some("false"))
}

/// Why the subnet is for what has no public address.
fn why<'a>(
    template: &Template<'a>,
    subnet: &Resource<'a>,
    groups: &[(&'a str, &'a str, Node<'a>)],
) -> Option<(&'static str, Node<'a>)> {
    let tags = subnet.property("Tags").map(|tags| tags.items()).unwrap_or_default();
    let tag = |key: &str| tags.iter().find(|tag| tag.text_at(["Key"]) == Some(key)).copied();
    if let Some(tag) = tag(INTERNAL).filter(|_| tag(PUBLIC).is_none() && has_public(template)) {
        return Some(("it is meant for nodes and internal load balancers", tag));
    }
    let own = groups.iter().find(|(path, id, _)| *path == template.document.path.as_str() && *id == subnet.id);
    own.map(|(_, _, node)| ("a node group is in it", *node))
}

/// Whether a subnet with the tag of public ones is on the way to the internet: else the tags may be what is wrong.
fn has_public(template: &Template<'_>) -> bool {
    let leads_out = |table: &str| {
        let mut routes = template.resources_of("AWS::EC2::Route");
        routes.any(|route| named(route, "RouteTableId") == Some(table) && route.property("GatewayId").is_some())
    };
    let is_public = |subnet: &Resource<'_>| {
        let tags = subnet.property("Tags").map(|tags| tags.items()).unwrap_or_default();
        tags.iter().any(|tag| tag.text_at(["Key"]) == Some(PUBLIC))
    };
    template.resources_of("AWS::EC2::SubnetRouteTableAssociation").any(|association| {
        let subnet = named(association, "SubnetId").and_then(|id| template.resource(id));
        subnet.is_some_and(is_public) && named(association, "RouteTableId").is_some_and(leads_out)
    })
}

/// The subnets of managed node groups that bring no interface of their own: path, logical id, and where the group names it.
type Subnets<'a> = Vec<(&'a str, &'a str, Node<'a>)>;

fn of_groups<'a>(view: &View<'a>) -> Subnets<'a> {
    let mut found = Vec::new();
    for template in view.templates() {
        let groups =
            template.resources_of("AWS::EKS::Nodegroup").filter(|group| group.property("LaunchTemplate").is_none());
        for node in groups.filter_map(|group| group.property("Subnets")).flat_map(|list| list.items()) {
            if let Some((id, _)) = referent(&node) {
                found.push((template.document.path.as_str(), id, node));
            } else if let Some(name) = node.text_at(["Fn::ImportValue"]) {
                found.extend(exported(view, name).map(|(path, id)| (path, id, node)));
            }
        }
    }
    found
}

/// The resource that a stack exports under a name.
fn exported<'a>(view: &View<'a>, name: &str) -> Option<(&'a str, &'a str)> {
    view.templates().iter().find_map(|template| {
        let export = template.exports().iter().find(|export| export.name.text() == Some(name))?;
        let value = template.document.root().at(["Outputs", export.output, "Value"])?;
        Some((template.document.path.as_str(), referent(&value)?.0))
    })
}
