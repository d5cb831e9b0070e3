//! Endpoints of a VPC that nothing reaches, or that serve nobody.

use super::groups::ingress;
use super::routes::{is_conditional, named};
use super::{referent, written};
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    ENDPOINT_PORT = Error "cfn/endpoint-port";
    summary: "the security groups of an interface endpoint let no HTTPS in";
    explanation: "An interface endpoint speaks HTTPS, on port 443, and with private DNS every call to the service goes there: without a rule for the port all of them run into a timeout, those of nodes that start among them. Judged where the groups and all their rules stand in the tree. Services that speak something else, such as SMTP or Kafka, are not judged.";
    wrong: "
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: endpoints
              SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 10.0.0.0/16}]
          Secrets:
            Type: AWS::EC2::VPCEndpoint
            Properties: {VpcEndpointType: Interface, ServiceName: com.amazonaws.eu-central-1.secretsmanager, VpcId: vpc-0123456789abcdef0, SecurityGroupIds: [!GetAtt Group.GroupId]}
    ";
    right: "
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: endpoints
              SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/16}]
          Secrets:
            Type: AWS::EC2::VPCEndpoint
            Properties: {VpcEndpointType: Interface, ServiceName: com.amazonaws.eu-central-1.secretsmanager, VpcId: vpc-0123456789abcdef0, SecurityGroupIds: [!GetAtt Group.GroupId]}
    ";
}

rule! {
    ENDPOINT_ROUTES = Warning "cfn/endpoint-routes";
    summary: "a gateway endpoint is on none of the route tables that leave by a NAT gateway";
    explanation: "The endpoint of S3 or DynamoDB is there for what has no public address: on the route tables of private subnets it takes the traffic that a NAT gateway would charge by the gigabyte. On others it serves nobody that needs it. Judged where the template has routes to NAT gateways and names all tables of the endpoint by `Ref`.";
    wrong: "
        Resources:
          Public: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Private: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Private, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: nat-0123456789abcdef0}}
          S3:
            Type: AWS::EC2::VPCEndpoint
            Properties: {VpcEndpointType: Gateway, ServiceName: com.amazonaws.eu-central-1.s3, VpcId: vpc-0123456789abcdef0, RouteTableIds: [!Ref Public]}
    ";
    right: "
        Resources:
          Public: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Private: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0123456789abcdef0}}
          Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Private, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: nat-0123456789abcdef0}}
          S3:
            Type: AWS::EC2::VPCEndpoint
            Properties: {VpcEndpointType: Gateway, ServiceName: com.amazonaws.eu-central-1.s3, VpcId: vpc-0123456789abcdef0, RouteTableIds: [!Ref Private]}
    ";
}

/// Services whose endpoints speak something else than HTTPS, or more than that, by the first part of their names.
const OTHERS: [&str; 16] = [
    "airflow",
    "appstream",
    "cassandra",
    "dax",
    "email-smtp",
    "iot",
    "iotwireless",
    "kafka",
    "mrap",
    "neptune",
    "redshift",
    "s3-global",
    "storagegateway",
    "transfer",
    "vpce",
    "workspaces",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        let mut told = Vec::new();
        for endpoint in template.resources_of("AWS::EC2::VPCEndpoint") {
            match endpoint.property("VpcEndpointType").and_then(|kind| kind.text()) {
                Some("Interface") => port(view, template, endpoint, &mut told, report),
                Some("Gateway") | None => routes(template, endpoint, report),
                Some(_) => {}
            }
        }
    }
}

/// The part of a service's name behind the region: `ecr.api`.
pub(super) fn service<'a>(endpoint: &Resource<'a>) -> Option<(Node<'a>, &'a str)> {
    let node = written(&endpoint.property("ServiceName")?)?;
    let rest = node.text()?.strip_prefix("com.amazonaws.")?;
    let name = match rest.strip_prefix("${") {
        Some(rest) => rest.split_once('}')?.1.strip_prefix('.')?,
        None => rest.split_once('.')?.1,
    };
    (!name.contains(['$', '{'])).then_some((node, name))
}

/// Says each group once, for the first endpoint that has it.
fn port<'a>(
    view: &View<'a>,
    template: &Template<'a>,
    endpoint: &Resource<'a>,
    told: &mut Vec<&'a str>,
    report: &mut Report,
) {
    let Some((_, name)) = service(endpoint) else { return };
    if OTHERS.contains(&name.split(['.', '-']).next().unwrap_or_default()) || OTHERS.contains(&name) {
        return;
    }
    let Some(groups) = endpoint.property("SecurityGroupIds").filter(|it| matches!(it.value, Value::List(_))) else {
        return;
    };
    let mut rules = Vec::new();
    let mut found: Option<&Resource<'_>> = None;
    for group in groups.items() {
        let Some(group) = referent(&group).and_then(|(id, _)| template.resource(id)) else { return };
        if group.kind != "AWS::EC2::SecurityGroup" {
            return;
        }
        let Some(own) = ingress(view, template, group) else { return };
        rules.extend(own);
        found.get_or_insert(group);
    }
    let Some(group) = found.filter(|group| !told.contains(&group.id)) else { return };
    if rules.iter().any(|rule| rule.admits(443)) {
        return;
    }
    told.push(group.id);
    let place = rules.first().map_or(group.node, |own| own.rule.get("FromPort").unwrap_or(own.rule));
    report
        .at(&ENDPOINT_PORT, place, format!("`{}` lets no HTTPS in to the endpoint `{}`", group.id, endpoint.id))
        .label("the endpoint listens on port 443")
        .also(&groups, "the endpoint has these groups")
        .help("let TCP port 443 in from the addresses of the VPC");
}

fn routes(template: &Template<'_>, endpoint: &Resource<'_>, report: &mut Report) {
    let Some(tables) = endpoint.property("RouteTableIds").filter(|it| matches!(it.value, Value::List(_))) else {
        return;
    };
    let items = tables.items();
    let Some(own) = items.iter().map(|table| table.text_at(["Ref"])).collect::<Option<Vec<_>>>() else { return };
    let Some((_, name)) = service(endpoint) else { return };
    if own.iter().any(|id| template.resource(id).is_none_or(|it| it.kind != "AWS::EC2::RouteTable")) {
        return;
    }
    let Some(vpc) = endpoint.property("VpcId") else { return };
    let is_near = |table: &str| {
        let own = template.resource(table).and_then(|it| it.property("VpcId"));
        own.is_some_and(|own| own.value.is_same(vpc.value))
    };
    let private = template
        .resources_of("AWS::EC2::Route")
        .filter(|route| route.property("NatGatewayId").is_some() && named(route, "RouteTableId").is_some_and(is_near));
    let private: Vec<_> = private.collect();
    let Some(first) = private.first().filter(|_| !private.iter().any(|route| is_conditional(route))) else { return };
    if private.iter().filter_map(|route| named(route, "RouteTableId")).any(|table| own.contains(&table)) {
        return;
    }
    report
        .at(
            &ENDPOINT_ROUTES,
            &tables,
            format!("the endpoint of `{name}` serves no subnet that leaves by a NAT gateway"),
        )
        .label("none of these tables has a route to one")
        .also(&first.node, "a private subnet leaves here")
        .help("name the route tables of the private subnets");
}
