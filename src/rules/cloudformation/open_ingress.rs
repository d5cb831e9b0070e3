//! Security groups that let the whole internet in where only administrators go.

use super::number;
use crate::check::{Node, Report, View, rule};

rule! {
    OPEN_INGRESS = Warning "cfn/open-ingress";
    summary: "a security group lets the whole internet in to everything, or to where administrators go";
    explanation: "SSH, remote desktop, etcd, a kubelet and the API of Kubernetes are searched for all day by strangers. Name the networks or the security groups that may come; Session Manager needs no port at all. Ports that are meant for everybody, 80 and 443 for instance, are not judged.";
    wrong: "
        Resources:
          Nodes:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: nodes, VpcId: vpc-0123456789abcdef0, SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]}
    ";
    right: "
        Resources:
          Nodes:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: nodes, VpcId: vpc-0123456789abcdef0, SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 203.0.113.0/24}]}
    ";
}

/// Ports that nobody but administrators and machines has business with.
const GUARDED: [(i64, &str); 6] = [
    (22, "SSH"),
    (2379, "etcd"),
    (2380, "etcd"),
    (3389, "remote desktop"),
    (6443, "the API of Kubernetes"),
    (10250, "the kubelet"),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        for group in template.resources_of("AWS::EC2::SecurityGroup") {
            let rules = group.property("SecurityGroupIngress");
            rules.iter().flat_map(Node::one_or_more).for_each(|rule| judge(&rule, group.id, report));
        }
        for rule in template.resources_of("AWS::EC2::SecurityGroupIngress") {
            if let Some(properties) = rule.properties() {
                judge(&properties, rule.id, report);
            }
        }
    }
}

fn judge(rule: &Node<'_>, id: &str, report: &mut Report) {
    let everybody = |node: &Node<'_>| node.text().is_some_and(super::is_everybody);
    let Some(from) = ["CidrIp", "CidrIpv6"].into_iter().filter_map(|key| rule.get(key)).find(everybody) else { return };
    let Some(protocol) = rule.get("IpProtocol") else { return };
    let port = |key: &str| rule.get(key).as_ref().and_then(number);
    let what = if protocol.text() == Some("-1") || number(&protocol) == Some(-1) {
        "everything"
    } else {
        let (Some(first), Some(last)) = (port("FromPort"), port("ToPort")) else { return };
        let is_tcp = matches!(protocol.text(), Some("tcp" | "6")) || number(&protocol) == Some(6);
        let guarded = GUARDED.iter().find(|(port, _)| is_tcp && (first..=last).contains(port));
        let Some((_, what)) = guarded else { return };
        what
    };
    report
        .at(&OPEN_INGRESS, &from, format!("`{id}` lets the whole internet in to {what}"))
        .help("name the networks or the security groups that may come");
}
