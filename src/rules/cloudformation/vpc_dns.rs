//! Names within a VPC, which its endpoints and the private endpoint of a cluster need.

use super::routes::{is_conditional, named};
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};
use crate::value::Value;

rule! {
    VPC_DNS = Error "cfn/vpc-dns";
    summary: "a VPC endpoint has a private name in a VPC without names";
    explanation: "`PrivateDnsEnabled` makes the name of an AWS service lead to the endpoint. It needs both `EnableDnsSupport`, which is on unless it is turned off, and `EnableDnsHostnames`, which is off unless it is turned on; without them the endpoint is refused.";
    wrong: "
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Sts: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, VpcEndpointType: Interface, ServiceName: com.amazonaws.eu-central-1.sts, PrivateDnsEnabled: true}}
    ";
    right: "
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
          Sts: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, VpcEndpointType: Interface, ServiceName: com.amazonaws.eu-central-1.sts, PrivateDnsEnabled: true}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        for vpc in template.resources_of("AWS::EC2::VPC") {
            judge(vpc, template, report);
        }
    }
}

fn judge(vpc: &Resource<'_>, template: &Template<'_>, report: &mut Report) {
    let wants = |endpoint: &&Resource<'_>| {
        named(endpoint, "VpcId") == Some(vpc.id)
            && !is_conditional(endpoint)
            && endpoint.property("PrivateDnsEnabled").is_some_and(|node| is(&node, true))
    };
    let Some(endpoint) = template.resources_of("AWS::EC2::VPCEndpoint").find(wants) else { return };
    for (property, by_default) in [("EnableDnsSupport", true), ("EnableDnsHostnames", false)] {
        let own = vpc.property(property);
        let is_off = own.as_ref().map_or(!by_default, |node| is(node, false));
        if is_off {
            let place = own.unwrap_or(vpc.node);
            report
                .at(&VPC_DNS, &place, format!("`{}` has no names for its endpoints", vpc.id))
                .label(format!("`{property}` is off"))
                .also(&endpoint.node, format!("`{}` has a private name", endpoint.id))
                .help(format!("set `{property}` to true"));
        }
    }
}

fn is(node: &Node<'_>, wanted: bool) -> bool {
    matches!(node.value, Value::Bool(value) if *value == wanted)
        || node.text() == Some(if wanted { "true" } else { "false" })
}
