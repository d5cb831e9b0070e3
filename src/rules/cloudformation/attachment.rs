//! Internet gateways that no VPC has.

use crate::check::cfn::Template;
use crate::check::{Report, View, rule};

rule! {
    GATEWAY = Error "cfn/gateway-attachment";
    summary: "a route to an internet gateway that is attached to no VPC";
    explanation: "An internet gateway serves the VPC that an `AWS::EC2::VPCGatewayAttachment` gives it to; EC2 refuses a route to one that has none. The rule reports a gateway of the template that nothing but routes refers to.";
    wrong: "
        Resources:
          Gateway: {Type: AWS::EC2::InternetGateway}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0a1b2c3d4e5f60718}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
    ";
    right: "
        Resources:
          Gateway: {Type: AWS::EC2::InternetGateway}
          Attachment: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: vpc-0a1b2c3d4e5f60718, InternetGatewayId: !Ref Gateway}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0a1b2c3d4e5f60718}}
          Route: {Type: AWS::EC2::Route, DependsOn: Attachment, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        for gateway in template.resources_of("AWS::EC2::InternetGateway") {
            let uses = || template.references().iter().filter(|reference| reference.to == gateway.id);
            if uses().any(|reference| !is_of_route(template, reference.within)) {
                continue;
            }
            let Some(route) = template
                .resources_of("AWS::EC2::Route")
                .find_map(|route| route.property("GatewayId").filter(|node| node.text_at(["Ref"]) == Some(gateway.id)))
            else {
                continue;
            };
            report
                .at(&GATEWAY, &route, format!("the internet gateway `{}` is attached to no VPC", gateway.id))
                .also(&gateway.node, "the gateway")
                .help("add an `AWS::EC2::VPCGatewayAttachment`, and let the route depend on it");
        }
    }
}

fn is_of_route(template: &Template<'_>, id: Option<&str>) -> bool {
    id.and_then(|id| template.resource(id)).is_some_and(|resource| resource.kind == "AWS::EC2::Route")
}
