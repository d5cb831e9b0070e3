//! Addresses and ports of security groups and routes.

use ipnet::{Ipv4Net, Ipv6Net};

use super::number;
use crate::check::cfn::{Resource, Template};
use crate::check::{Node, Report, View, rule};

rule! {
    CIDR = Error "cfn/cidr";
    summary: "addresses of a rule or a route that are no network";
    explanation: "EC2 refuses what is no network, with a stack half made. Where bits of a host are set it takes the network around them without a word: `10.0.0.5/8` for `10.0.0.5/32` opens a port to sixteen million addresses.";
    wrong: "
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: web
              SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/33}]
    ";
    right: "
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: web
              SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/16}]
    ";
}

rule! {
    PORTS = Error "cfn/port-range";
    summary: "a rule of a security group whose last port comes before its first";
    explanation: "`FromPort` is the first port of a range and `ToPort` the last; EC2 refuses the other way round, and numbers above 65535. Rules of ICMP have a type and a code there, and are not judged.";
    wrong: "
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: web
              SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 8443, ToPort: 443, CidrIp: 10.0.0.0/16}]
    ";
    right: "
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: web
              SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 8443, CidrIp: 10.0.0.0/16}]
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for resource in view.templates().iter().flat_map(Template::resources) {
        for rule in rules(resource) {
            addresses(&rule, "CidrIp", "CidrIpv6", report);
            ports(&rule, report);
        }
        if resource.kind == "AWS::EC2::Route"
            && let Some(route) = resource.properties()
        {
            addresses(&route, "DestinationCidrBlock", "DestinationIpv6CidrBlock", report);
        }
    }
}

fn rules<'a>(resource: &Resource<'a>) -> Vec<Node<'a>> {
    match resource.kind {
        "AWS::EC2::SecurityGroup" => {
            let lists = ["SecurityGroupIngress", "SecurityGroupEgress"].into_iter();
            lists.filter_map(|list| resource.property(list)).flat_map(|list| list.one_or_more()).collect()
        }
        "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => {
            resource.properties().into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn addresses(node: &Node<'_>, four: &str, six: &str, report: &mut Report) {
    for (key, is_six) in [(four, false), (six, true)] {
        let Some(node) = node.get(key) else { continue };
        // What CloudFormation fills in first is judged then.
        let Some(text) = node.text().filter(|text| !text.contains("{{") && !text.contains("${")) else { continue };
        let (whole, version) = if is_six {
            (text.parse::<Ipv6Net>().map(|net| net.trunc().to_string() != net.to_string()), 6)
        } else {
            (text.parse::<Ipv4Net>().map(|net| net.trunc() != net), 4)
        };
        match whole {
            Err(_) => {
                let draft = report.at(&CIDR, &node, format!("`{text}` is no IPv{version} network"));
                let other = if is_six { text.parse::<Ipv4Net>().is_ok() } else { text.parse::<Ipv6Net>().is_ok() };
                if other {
                    draft.help(format!("set it as `{}`", if is_six { four } else { six }));
                } else if !text.contains('/') {
                    draft.help(format!("one address is `/{}`", if is_six { 128 } else { 32 }));
                }
            }
            Ok(true) => {
                let draft = report.at(&CIDR, &node, format!("`{text}` has bits of a host set"));
                if let Ok(net) = text.parse::<Ipv4Net>() {
                    draft.help(format!("the network is `{}`, and the one address `{}/32`", net.trunc(), net.addr()));
                }
            }
            Ok(false) => {}
        }
    }
}

fn ports(rule: &Node<'_>, report: &mut Report) {
    let Some(protocol) = rule.get("IpProtocol") else { return };
    let is_judged =
        matches!(protocol.text(), Some("tcp" | "udp" | "6" | "17")) || matches!(number(&protocol), Some(6 | 17));
    let (Some(first), Some(last)) = (rule.get("FromPort"), rule.get("ToPort")) else { return };
    let (Some(from), Some(to)) = (number(&first), number(&last)) else { return };
    if !is_judged || from < 0 || to < 0 {
        return;
    }
    if from > to {
        report
            .at(&PORTS, &first, format!("the ports {from} to {to} are none"))
            .also(&last, "the last port")
            .help("`FromPort` is the lower one");
    } else if to > 65535 {
        report.at(&PORTS, &last, format!("there is no port {to}")).label("at most 65535");
    }
}
