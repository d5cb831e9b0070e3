//! Internet gateways that no VPC has.

use std::collections::BTreeSet;

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

rule! {
    GATEWAY_ORDER = Warning "cfn/gateway-order";
    summary: "a route to an internet gateway that does not wait until a VPC has it";
    explanation: "CloudFormation makes side by side what does not refer to each other. A route names the gateway and not the `AWS::EC2::VPCGatewayAttachment` that joins it to the VPC, so it can come first, and EC2 refuses it: \"route table and network gateway belong to different networks\". Whether it does is chance: the next stack of the same template fails (docs.aws.amazon.com, \"DependsOn attribute\").";
    wrong: "
        Resources:
          Gateway: {Type: AWS::EC2::InternetGateway}
          Attachment: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: vpc-0a1b2c3d4e5f60718, InternetGatewayId: !Ref Gateway}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-0a1b2c3d4e5f60718}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
    ";
    right: "
        Resources:
          Gateway: {Type: AWS::EC2::InternetGateway}
          Attachment: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: vpc-0a1b2c3d4e5f60718, InternetGatewayId: !Ref Gateway}}
          Table: {Type: AWS::EC2::RouteTable, DependsOn: Attachment, Properties: {VpcId: vpc-0a1b2c3d4e5f60718}}
          Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        order(template, report);
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

fn order(template: &Template<'_>, report: &mut Report) {
    for attachment in template.resources_of("AWS::EC2::VPCGatewayAttachment") {
        let Some(gateway) = attachment.property("InternetGatewayId").and_then(|it| it.text_at(["Ref"])) else {
            continue;
        };
        for route in template.resources_of("AWS::EC2::Route") {
            let Some(node) = route.property("GatewayId").filter(|it| it.text_at(["Ref"]) == Some(gateway)) else {
                continue;
            };
            if waits(template, route.id).contains(attachment.id) {
                continue;
            }
            report
                .at(&GATEWAY_ORDER, &node, format!("`{}` may be made before a VPC has `{gateway}`", route.id))
                .label("EC2 refuses the route then")
                .also(&attachment.node, "joins the gateway to the VPC")
                .help(format!("add `DependsOn: {}` to the route", attachment.id));
        }
    }
}

/// All that is made before a resource, by its references and by those of what it refers to.
fn waits<'a>(template: &Template<'a>, id: &'a str) -> BTreeSet<&'a str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![id]);
    while let Some(next) = open.pop() {
        let of_it = template.references().iter().filter(|it| it.within == Some(next));
        open.extend(of_it.map(|it| it.to).filter(|to| found.insert(*to)));
    }
    found
}

fn is_of_route(template: &Template<'_>, id: Option<&str>) -> bool {
    id.and_then(|id| template.resource(id)).is_some_and(|resource| resource.kind == "AWS::EC2::Route")
}
