//! Networks that share addresses and are joined.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::check::cfn::{Resource, Template};
use crate::check::{Facts, FleetReport, Known, Node, View, rule};

rule! {
    CIDR_OVERLAP = Error "fleet/cidr-overlap";
    summary: "two environments share addresses, and one transit gateway joins their networks";
    explanation: "A VPC sends what is meant for its own addresses to itself, so the other environment is never reached by them, and answers go astray. The transit gateway takes both attachments without a complaint: with route propagation, the second network's routes are just not there. Addresses of a VPC cannot be changed later. Environments that are not joined may share addresses.";
    wrong: "
        --- # staging/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Attachment:
            Type: AWS::EC2::TransitGatewayAttachment
            Properties: {TransitGatewayId: tgw-0a1b2c3d4e5f60718, VpcId: !Ref Vpc, SubnetIds: [a]}
        --- # prod/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Attachment:
            Type: AWS::EC2::TransitGatewayAttachment
            Properties: {TransitGatewayId: tgw-0a1b2c3d4e5f60718, VpcId: !Ref Vpc, SubnetIds: [a]}
    ";
    right: "
        --- # staging/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
          Attachment:
            Type: AWS::EC2::TransitGatewayAttachment
            Properties: {TransitGatewayId: tgw-0a1b2c3d4e5f60718, VpcId: !Ref Vpc, SubnetIds: [a]}
        --- # prod/network/template.yaml
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
          Attachment:
            Type: AWS::EC2::TransitGatewayAttachment
            Properties: {TransitGatewayId: tgw-0a1b2c3d4e5f60718, VpcId: !Ref Vpc, SubnetIds: [a]}
    ";
}

const ATTACHMENTS: [&str; 2] = ["AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"];

pub(super) fn collect(view: &View<'_>, facts: &mut Facts) {
    for template in view.templates() {
        for attachment in template.resources().iter().filter(|it| ATTACHMENTS.contains(&it.kind)) {
            let Some(gateway) = attachment.property("TransitGatewayId").and_then(|id| id.text()) else { continue };
            for addresses in addresses(view, template, attachment) {
                if let Some(text) = addresses.text() {
                    facts.add(&addresses, [gateway, text]);
                }
            }
        }
    }
}

/// The addresses of the VPC that is attached: that of the template, or the only one that the environment makes.
fn addresses<'a>(view: &View<'a>, template: &Template<'a>, attachment: &Resource<'a>) -> Vec<Node<'a>> {
    let Some(id) = attachment.property("VpcId") else { return Vec::new() };
    let own = id.text_at(["Ref"]).and_then(|id| template.resource(id).map(|vpc| (template, vpc)));
    let all = || {
        let mut all = view.templates().iter().flat_map(|it| it.resources_of("AWS::EC2::VPC").map(move |vpc| (it, vpc)));
        all.next().filter(|_| all.next().is_none() && id.get("Fn::ImportValue").is_some())
    };
    let Some((template, vpc)) = own.or_else(all) else { return Vec::new() };
    let more = template.resources_of("AWS::EC2::VPCCidrBlock");
    let more = more.filter(|it| it.property("VpcId").is_some_and(|id| id.text_at(["Ref"]) == Some(vpc.id)));
    std::iter::once(vpc).chain(more).filter_map(|it| it.property("CidrBlock")).collect()
}

pub(super) fn judge(known: &[Known<'_>], report: &mut FleetReport) {
    let mut joined: BTreeMap<&str, BTreeMap<Ipv4Net, Vec<&Known<'_>>>> = BTreeMap::new();
    for one in known {
        if let Ok(addresses) = one.word(1).parse::<Ipv4Net>() {
            joined.entry(one.word(0)).or_default().entry(addresses.trunc()).or_default().push(one);
        }
    }
    for (gateway, networks) in &joined {
        for (addresses, all) in networks {
            same(gateway, *addresses, all, report);
            for (wider, others) in (0..addresses.prefix_len()).filter_map(|length| wider(networks, *addresses, length))
            {
                part(gateway, (wider, others), (*addresses, all), report);
            }
        }
    }
}

/// The network of a shorter prefix that holds some addresses, if anybody has it. There are few to look up, while
/// comparing each network with each would take for ever.
fn wider<T>(networks: &BTreeMap<Ipv4Net, T>, addresses: Ipv4Net, length: u8) -> Option<(Ipv4Net, &T)> {
    let wider = Ipv4Net::new(addresses.network(), length).ok()?.trunc();
    Some((wider, networks.get(&wider)?))
}

/// More environments than these in one finding are noise.
const SHOWN: usize = 4;

/// Environments with the same addresses.
fn same(gateway: &str, addresses: Ipv4Net, all: &[&Known<'_>], report: &mut FleetReport) {
    let mut environments: Vec<&Known<'_>> = all.to_vec();
    environments.dedup_by_key(|known| known.environment);
    let [rest @ .., last] = environments.as_slice() else { return };
    if rest.is_empty() {
        return;
    }
    let names: Vec<String> = environments.iter().take(SHOWN).map(|it| format!("`{}`", it.environment)).collect();
    let names = match (environments.len().saturating_sub(SHOWN), names.split_last()) {
        (0, Some((last, rest))) => format!("{} and {last}", rest.join(", ")),
        (more, _) => format!("{} and {more} more environments", names.join(", ")),
    };
    let draft =
        report.at(&CIDR_OVERLAP, last, format!("{names} have the same addresses, `{addresses}`, and are joined"));
    draft.label(format!("`{}` has `{addresses}`", last.environment)).help(help(gateway));
    for other in rest.iter().take(SHOWN) {
        draft.also_in(other, format!("so has `{}`", other.environment));
    }
}

/// Environments of which one has a part of the addresses.
fn part(gateway: &str, wider: (Ipv4Net, &[&Known<'_>]), inner: (Ipv4Net, &[&Known<'_>]), report: &mut FleetReport) {
    let Some((one, other)) = pair(inner.1, wider.1) else { return };
    let (a, b) = (other.environment, one.environment);
    report
        .at(&CIDR_OVERLAP, one, format!("`{b}` has a part of the addresses of `{a}`, and they are joined"))
        .label(format!("`{b}` has `{}`", inner.0))
        .also_in(other, format!("`{a}` has `{}`", wider.0))
        .help(help(gateway));
}

/// The first two of different environments: if none goes with the first one, all others are of one environment.
fn pair<'k, 'a>(inner: &[&'k Known<'a>], wider: &[&'k Known<'a>]) -> Option<(&'k Known<'a>, &'k Known<'a>)> {
    let (first, widest) = (inner.first()?, wider.first()?);
    let other = wider.iter().find(|it| it.environment != first.environment).map(|it| (*first, *it));
    other.or_else(|| Some((*inner.iter().find(|it| it.environment != widest.environment)?, *widest)))
}

fn help(gateway: &str) -> String {
    format!("give each environment on `{gateway}` addresses of its own, before its VPC is made")
}
