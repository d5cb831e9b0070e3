//! How subnets get out of their VPC: route tables, NAT gateways, internet gateways.

use std::collections::BTreeMap;

use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    NAT_ROUTE = Warning "cfn/nat-route";
    summary: "a subnet leaves by the NAT gateway of another zone, though its own zone has one";
    explanation: "Traffic between zones costs by the gigabyte, and when the other zone fails this one is cut off with it: what the NAT gateway of its own was meant to prevent. Judged in one template, by references; resources with a condition are left out.";
    wrong: "
        Resources:
          PublicA: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, AvailabilityZone: eu-central-1a, CidrBlock: 10.0.0.0/24}}
          PublicB: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, AvailabilityZone: eu-central-1b, CidrBlock: 10.0.1.0/24}}
          NatA: {Type: AWS::EC2::NatGateway, Properties: {AllocationId: a, SubnetId: !Ref PublicA}}
          NatB: {Type: AWS::EC2::NatGateway, Properties: {AllocationId: b, SubnetId: !Ref PublicB}}
          PrivateB: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, AvailabilityZone: eu-central-1b, CidrBlock: 10.0.2.0/24}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref NatA}}
          Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref PrivateB, RouteTableId: !Ref Table}}
    ";
    right: "
        Resources:
          PublicA: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, AvailabilityZone: eu-central-1a, CidrBlock: 10.0.0.0/24}}
          PublicB: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, AvailabilityZone: eu-central-1b, CidrBlock: 10.0.1.0/24}}
          NatA: {Type: AWS::EC2::NatGateway, Properties: {AllocationId: a, SubnetId: !Ref PublicA}}
          NatB: {Type: AWS::EC2::NatGateway, Properties: {AllocationId: b, SubnetId: !Ref PublicB}}
          PrivateB: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, AvailabilityZone: eu-central-1b, CidrBlock: 10.0.2.0/24}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref NatB}}
          Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref PrivateB, RouteTableId: !Ref Table}}
    ";
}

rule! {
    NAT_SUBNET = Error "cfn/nat-subnet";
    summary: "a NAT gateway stands in a subnet that has no way to the internet";
    explanation: "A public NAT gateway sends what it gets to the internet by the routes of its own subnet. In a subnet whose route table leads to a NAT gateway, or nowhere, it is made without complaint, and everything that leaves by it is lost.";
    wrong: "
        Resources:
          Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/24}}
          Nat: {Type: AWS::EC2::NatGateway, Properties: {AllocationId: a, SubnetId: !Ref Private}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}}
          Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Private, RouteTableId: !Ref Table}}
    ";
    right: "
        Resources:
          Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/24}}
          Nat: {Type: AWS::EC2::NatGateway, Properties: {AllocationId: a, SubnetId: !Ref Public}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Internet}}
          Internet: {Type: AWS::EC2::InternetGateway}
          Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Public, RouteTableId: !Ref Table}}
    ";
}

rule! {
    SUBNET_ROUTES = Warning "cfn/subnet-routes";
    summary: "a subnet has no route table, while others of its VPC have";
    explanation: "It takes the VPC's main route table, which leads nowhere but to the VPC itself: nodes in it cannot pull an image or reach the cluster's API. Mostly a zone was added and its association forgotten. A subnet that is meant to be cut off says so by a route table without routes.";
    wrong: "
        Resources:
          A: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/24}}
          B: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.1.0/24}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref A, RouteTableId: !Ref Table}}
    ";
    right: "
        Resources:
          A: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.0.0/24}}
          B: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-0123456789abcdef0, CidrBlock: 10.0.1.0/24}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          AssociationA: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref A, RouteTableId: !Ref Table}}
          AssociationB: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref B, RouteTableId: !Ref Table}}
    ";
}

/// Which route table each subnet of a template has.
pub(super) struct Routes<'t, 'a> {
    template: &'t Template<'a>,
    /// By the subnet's id: the table's id, and where the two are joined.
    tables: BTreeMap<&'a str, (&'a str, Node<'a>)>,
}

/// Where the traffic goes that is for nobody in the VPC.
pub(super) enum Way<'a> {
    Gateway,
    /// A NAT gateway of the template, and where the route names it.
    Nat(&'a str, Node<'a>),
    Other,
}

impl<'t, 'a> Routes<'t, 'a> {
    pub(super) fn of(template: &'t Template<'a>) -> Self {
        let joined = template.resources_of("AWS::EC2::SubnetRouteTableAssociation").filter_map(|association| {
            let (subnet, table) = (named(association, "SubnetId")?, named(association, "RouteTableId")?);
            Some((subnet, (table, association.property("RouteTableId")?)))
        });
        Self { template, tables: joined.collect() }
    }

    /// The ways out of a subnet. None if it has no route table here, or routes that depend on a condition.
    pub(super) fn out_of(&self, subnet: &str) -> Option<Vec<Way<'a>>> {
        let (table, _) = self.tables.get(subnet)?;
        let mut ways = Vec::new();
        for route in self.template.resources_of("AWS::EC2::Route") {
            if named(route, "RouteTableId") != Some(table) {
                continue;
            }
            if is_conditional(route) {
                return None;
            }
            if route.property("DestinationCidrBlock")?.text() == Some("0.0.0.0/0") {
                ways.push(way(route));
            }
        }
        Some(ways)
    }
}

fn way<'a>(route: &Resource<'a>) -> Way<'a> {
    let nat = route.property("NatGatewayId").and_then(|node| Some((node.text_at(["Ref"])?, node)));
    match nat {
        Some((id, node)) => Way::Nat(id, node),
        None if route.property("GatewayId").is_some() => Way::Gateway,
        None => Way::Other,
    }
}

/// The resource that a property refers to.
pub(super) fn named<'a>(resource: &Resource<'a>, property: &str) -> Option<&'a str> {
    resource.property(property)?.text_at(["Ref"])
}

pub(super) fn is_conditional(resource: &Resource<'_>) -> bool {
    resource.node.get("Condition").is_some()
}

/// The zone of a subnet, however it is written.
pub(super) fn zone<'a>(subnet: &Resource<'a>) -> Option<(&'static str, &'a Value)> {
    ["AvailabilityZone", "AvailabilityZoneId"].into_iter().find_map(|name| Some((name, subnet.property(name)?.value)))
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    // A subnet of one template can get its route table in another.
    let is_foreign = |association: &Resource<'_>| named(association, "SubnetId").is_none();
    let associations = view.resources_of("AWS::EC2::SubnetRouteTableAssociation");
    let all_here = !associations.into_iter().any(is_foreign);
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        let routes = Routes::of(template);
        other_zones(&routes, report);
        lost(&routes, report);
        if all_here {
            without_table(&routes, report);
        }
    }
}

fn other_zones(routes: &Routes<'_, '_>, report: &mut Report) {
    let template = routes.template;
    let gateways = || template.resources_of("AWS::EC2::NatGateway").filter(|nat| !is_conditional(nat));
    let home = |nat: &Resource<'_>| template.resource(named(nat, "SubnetId")?);
    let mut told = Vec::new();
    for subnet in template.resources_of("AWS::EC2::Subnet") {
        let (Some(own), Some(ways)) = (zone(subnet), routes.out_of(subnet.id)) else { continue };
        let [Way::Nat(id, node)] = ways.as_slice() else { continue };
        let Some(used) = gateways().find(|nat| nat.id == *id).and_then(|nat| zone(home(nat)?)) else { continue };
        if used == own || used.0 != own.0 || told.contains(&node.place()) {
            continue;
        }
        let vpc = subnet.property("VpcId").map(|vpc| vpc.value);
        let is_near = |nat: &&Resource<'_>| {
            let home = home(nat);
            home.and_then(|home| zone(home)) == Some(own)
                && home.and_then(|home| home.property("VpcId")).map(|it| it.value) == vpc
        };
        if let Some(near) = gateways().find(is_near) {
            told.push(node.place());
            report
                .at(&NAT_ROUTE, node, format!("`{}` leaves by the NAT gateway of another zone", subnet.id))
                .label(format!("`{id}` stands in another zone"))
                .also(&near.node, format!("`{}` stands in that of the subnet", near.id))
                .help(format!("route to `{}`", near.id));
        }
    }
}

fn lost(routes: &Routes<'_, '_>, report: &mut Report) {
    let template = routes.template;
    // Another stack can add the route to a table that it gets to know.
    let outputs = template.document.root().get("Outputs").map(|node| node.place());
    let is_told =
        |table: &str| outputs.is_some() && template.references().iter().any(|it| it.to == table && is_output(&it.node));
    for nat in template.resources_of("AWS::EC2::NatGateway") {
        if is_conditional(nat) || nat.property("ConnectivityType").is_some_and(|it| it.text() != Some("public")) {
            continue;
        }
        let (Some(node), Some(subnet)) = (nat.property("SubnetId"), named(nat, "SubnetId")) else { continue };
        let (Some(ways), Some((table, joined))) = (routes.out_of(subnet), routes.tables.get(subnet)) else { continue };
        let leads = |way: &Way<'_>| matches!(way, Way::Gateway | Way::Other);
        if ways.iter().any(leads) || ways.is_empty() && is_told(table) {
            continue;
        }
        let where_to = if ways.is_empty() { "this leads nowhere" } else { "this leads to a NAT gateway" };
        report
            .at(&NAT_SUBNET, &node, format!("the NAT gateway `{}` cannot reach the internet from `{subnet}`", nat.id))
            .label("no route from here to an internet gateway")
            .also(joined, where_to)
            .help("put the NAT gateway into a public subnet");
    }
}

fn is_output(node: &Node<'_>) -> bool {
    node.around().any(|it| it.key() == Some("Outputs") && it.around().count() == 1)
}

fn without_table(routes: &Routes<'_, '_>, report: &mut Report) {
    let template = routes.template;
    // The first of each VPC that has one.
    let mut with_table: BTreeMap<String, &Resource<'_>> = BTreeMap::new();
    let vpc = |subnet: &Resource<'_>| format!("{:?}", subnet.property("VpcId").map(|node| node.value));
    if routes.tables.is_empty() {
        return;
    }
    for subnet in template.resources_of("AWS::EC2::Subnet").filter(|it| routes.tables.contains_key(it.id)) {
        with_table.entry(vpc(subnet)).or_insert(subnet);
    }
    for subnet in template.resources_of("AWS::EC2::Subnet") {
        if routes.tables.contains_key(subnet.id) || is_conditional(subnet) {
            continue;
        }
        let other = with_table.get(&vpc(subnet));
        let Some((other, (table, joined))) = other.and_then(|other| Some((other, routes.tables.get(other.id)?))) else {
            continue;
        };
        report
            .at(&SUBNET_ROUTES, &subnet.node, format!("`{}` has no route table", subnet.id))
            .label("it takes the main one of the VPC, which leads nowhere")
            .also(joined, format!("`{}` has `{table}`", other.id))
            .help("add a `SubnetRouteTableAssociation` for it");
    }
}
