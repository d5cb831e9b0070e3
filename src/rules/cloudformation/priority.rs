//! Numbers that decide the order of rules: no two may be the same.

use std::collections::BTreeMap;

use super::number;
use crate::check::cfn::{Resource, may_exclude};
use crate::check::{Node, Report, View, rule};

rule! {
    PRIORITY = Error "cfn/priority";
    summary: "two rules of one list have the same priority";
    explanation: "The priorities of a web ACL's rules, of the rules of one listener, and the numbers of a network ACL's entries in one direction decide which comes first. AWS refuses the second with the same number, and CloudFormation rolls the stack back.";
    wrong: "
        Resources:
          Acl:
            Type: AWS::EC2::NetworkAcl
            Properties: {VpcId: vpc-0123456789abcdef0}
          In: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: 6, RuleAction: allow, CidrBlock: 10.0.0.0/16, PortRange: {From: 443, To: 443}}}
          Out: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: 6, RuleAction: deny, CidrBlock: 10.1.0.0/16, PortRange: {From: 443, To: 443}}}
    ";
    right: "
        Resources:
          Acl:
            Type: AWS::EC2::NetworkAcl
            Properties: {VpcId: vpc-0123456789abcdef0}
          In: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: 6, RuleAction: allow, CidrBlock: 10.0.0.0/16, PortRange: {From: 443, To: 443}}}
          Out: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Egress: true, Protocol: 6, RuleAction: allow, CidrBlock: 10.1.0.0/16, PortRange: {From: 443, To: 443}}}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for kind in ["AWS::WAFv2::WebACL", "AWS::WAFv2::RuleGroup"] {
        for rules in view.resources_of(kind).filter_map(|it| it.property("Rules")) {
            let mut taken = BTreeMap::new();
            for node in rules.items().iter().filter_map(|rule| rule.get("Priority")) {
                judge(&mut taken, node, "this web ACL", report);
            }
        }
    }
    for template in view.templates() {
        entries(
            template.resources_of("AWS::ElasticLoadBalancingV2::ListenerRule"),
            ["ListenerArn", "", "Priority"],
            "this listener",
            report,
        );
        let of_acl = ["NetworkAclId", "Egress", "RuleNumber"];
        entries(template.resources_of("AWS::EC2::NetworkAclEntry"), of_acl, "this network ACL", report);
    }
}

/// Resources that each are one rule of something else, which a property names.
fn entries<'r, 'a: 'r>(
    resources: impl Iterator<Item = &'r Resource<'a>>,
    [of, direction, number]: [&str; 3],
    what: &str,
    report: &mut Report,
) {
    let mut lists: BTreeMap<String, BTreeMap<i64, Node<'a>>> = BTreeMap::new();
    let mut conditions: BTreeMap<String, Vec<Option<&str>>> = BTreeMap::new();
    for resource in resources {
        let (Some(owner), Some(node)) = (resource.property(of), resource.property(number)) else { continue };
        let way =
            resource.property(direction).is_some_and(|it| it.boolean() == Some(true) || it.text() == Some("true"));
        let list = format!("{:?} {way}", owner.value);
        let before = conditions.entry(list.clone()).or_default();
        let excluded = before.iter().any(|one| may_exclude(*one, resource.condition()));
        before.push(resource.condition());
        if !excluded {
            judge(lists.entry(list).or_default(), node, what, report);
        }
    }
}

fn judge<'a>(taken: &mut BTreeMap<i64, Node<'a>>, node: Node<'a>, what: &str, report: &mut Report) {
    let Some(number) = number(&node) else { return };
    let Some(first) = taken.get(&number) else {
        taken.insert(number, node);
        return;
    };
    report
        .at(&PRIORITY, &node, format!("{what} has two rules with the number {number}"))
        .label("this is taken")
        .also(first, "by this rule")
        .help("give each rule a number of its own");
}
