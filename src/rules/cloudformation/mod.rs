//! Rules about CloudFormation templates.

mod access_entry;
mod ami;
mod arn;
mod attachment;
mod bottlerocket_disk;
mod bucket;
mod bucket_lifecycle;
mod certificate_zone;
mod characters;
mod cycle;
mod duplicate_resource;
mod edge;
mod eks;
mod endpoint;
mod exports;
mod fixed;
mod groups;
mod health_check;
mod iam;
mod instance_metadata;
mod key_policy;
mod language;
mod limits;
mod log_retention;
mod managed_key;
mod names;
mod nested;
mod network;
mod null;
mod open_ingress;
mod policy;
mod policy_size;
mod priority;
mod private_route;
mod reference_form;
mod role_use;
mod route;
mod routes;
mod scaling;
mod service_network;
mod source_arn;
mod stateful_policy;
mod statement;
mod subnet_tags;
mod tags;
mod traffic;
mod unresolved_ref;
mod volume_key;
mod vpc_dns;
mod waf_action;
mod waf_log;

use ipnet::{Ipv4Net, Ipv6Net};

use crate::check::{Check, Node};

pub(super) use fixed::{CHECKS as FIXED, letters};
pub(super) use groups::{Ingress, ingress};
pub(super) use language::CHECKS as LANGUAGE;
pub(super) use policy::CHECKS as POLICIES;

pub(super) static CHECKS: &[Check] = &[
    Check::each(&[&unresolved_ref::UNRESOLVED_REF], unresolved_ref::check),
    Check::tree(&[&exports::IMPORT_WITHOUT_EXPORT, &exports::DUPLICATE_EXPORT], exports::check),
    Check::tree(&[&cycle::CYCLE], cycle::check),
    Check::each(&[&limits::LIMIT, &limits::LOGICAL_ID], limits::check),
    Check::tree(&[&limits::LIMIT, &limits::BODY_SIZE], limits::check_size),
    Check::tree(&[&names::NAME_LENGTH, &names::NAME_COLLISION], names::check),
    Check::each(&[&stateful_policy::STATEFUL_POLICY], stateful_policy::check),
    Check::each(&[&iam::ACTION, &iam::ADMIN, &iam::PRINCIPAL, &iam::TRUST], iam::check),
    Check::each(&[&statement::STATEMENT], statement::check),
    Check::each(
        &[&bucket::ENCRYPTION, &bucket::PUBLIC, &bucket::ACCESS_BLOCK, &bucket::TLS, &bucket::SHUT],
        bucket::check,
    ),
    Check::each(&[&network::SUBNET], network::check),
    Check::each(&[&route::ROUTE], route::check),
    Check::each(&[&ami::AMI], ami::check),
    Check::each(&[&eks::ENDPOINT, &eks::NO_ENDPOINT, &eks::ENDPOINT_NETWORK, &eks::NODE_GROUP], eks::check),
    Check::each(&[&key_policy::KEY_POLICY], key_policy::check),
    Check::each(&[&tags::TAGS], tags::check),
    Check::each(&[&arn::ARN], arn::check),
    Check::tree(&[&routes::NAT_ROUTE, &routes::NAT_SUBNET, &routes::SUBNET_ROUTES], routes::check),
    Check::tree(&[&subnet_tags::SUBNET_TAGS], subnet_tags::check),
    Check::each(&[&scaling::SCALING], scaling::check),
    Check::each(&[&access_entry::ACCESS_ENTRY], access_entry::check),
    Check::tree(&[&access_entry::ACCESS_ENTRY], access_entry::check_mode),
    Check::tree(&[&duplicate_resource::DUPLICATE_RESOURCE], duplicate_resource::check),
    Check::each(&[&bucket_lifecycle::BUCKET_LIFECYCLE], bucket_lifecycle::check),
    Check::each(&[&policy_size::POLICY_SIZE], policy_size::check),
    Check::tree(&[&edge::WAF_SCOPE, &edge::CERTIFICATE_REGION], edge::check),
    Check::tree(&[&service_network::SERVICE_NETWORK], service_network::check),
    Check::each(&[&vpc_dns::VPC_DNS], vpc_dns::check),
    Check::each(&[&open_ingress::OPEN_INGRESS], open_ingress::check),
    Check::each(&[&traffic::CIDR, &traffic::PORTS], traffic::check),
    Check::each(&[&attachment::GATEWAY, &attachment::GATEWAY_ORDER], attachment::check),
    Check::each(&[&waf_log::WAF_LOG], waf_log::check),
    Check::each(&[&log_retention::LOG_RETENTION], log_retention::check),
    Check::each(&[&null::NULL], null::check),
    Check::each(&[&characters::CHARACTERS], characters::check),
    Check::each(&[&reference_form::REFERENCE_FORM], reference_form::check),
    Check::each(&[&managed_key::MANAGED_KEY], managed_key::check),
    Check::each(&[&waf_action::WAF_ACTION], waf_action::check),
    Check::tree(&[&role_use::ROLE_USE], role_use::check),
    Check::tree(&[&nested::NESTED], nested::check),
    Check::tree(&[&private_route::PRIVATE_ROUTE], private_route::check),
    Check::tree(&[&endpoint::ENDPOINT_PORT, &endpoint::ENDPOINT_ROUTES], endpoint::check),
    Check::each(&[&source_arn::SOURCE_ARN], source_arn::check),
    Check::each(&[&priority::PRIORITY], priority::check),
    Check::each(&[&health_check::HEALTH_CHECK], health_check::check),
    Check::tree(&[&volume_key::VOLUME_KEY], volume_key::check),
    Check::tree(&[&certificate_zone::CERTIFICATE_ZONE], certificate_zone::check),
    Check::each(&[&instance_metadata::INSTANCE_METADATA], instance_metadata::check),
    Check::tree(&[&bottlerocket_disk::BOTTLEROCKET_DISK], bottlerocket_disk::check),
];

/// A whole number, also as text: CloudFormation turns one into the other.
fn number(node: &Node<'_>) -> Option<i64> {
    node.integer().or_else(|| node.text()?.trim().parse().ok())
}

/// A text as it is written, by itself or for `Fn::Sub`.
fn written<'a>(node: &Node<'a>) -> Option<Node<'a>> {
    let node = node.get("Fn::Sub").unwrap_or(*node);
    node.text().is_some().then_some(node)
}

/// What a value may be: itself, nothing, or what `Fn::If` chooses from. `None` where another function decides.
fn choices<'a>(node: Option<&Node<'a>>) -> Option<Vec<Option<Node<'a>>>> {
    let Some(node) = node else { return Some(vec![None]) };
    let [(function, argument)] = &node.entries()[..] else { return Some(vec![Some(*node)]) };
    match (*function, &argument.items()[..]) {
        ("Fn::If", [_, one, other]) => Some([choices(Some(one))?, choices(Some(other))?].concat()),
        ("Ref", _) if argument.text() == Some("AWS::NoValue") => Some(vec![None]),
        ("Ref", _) => None,
        (function, _) if function.starts_with("Fn::") => None,
        _ => Some(vec![Some(*node)]),
    }
}

/// The resource that a `Ref` or a `Fn::GetAtt` names, and the attribute.
pub(super) fn referent<'a>(node: &Node<'a>) -> Option<(&'a str, Option<&'a str>)> {
    if let Some(id) = node.text_at(["Ref"]) {
        return Some((id, None));
    }
    let argument = node.get("Fn::GetAtt")?;
    match (argument.text(), &argument.items()[..]) {
        (Some(text), _) => text.split_once('.').map(|(id, attribute)| (id, Some(attribute))),
        (None, [id, attribute]) => Some((id.text()?, attribute.text())),
        _ => None,
    }
}

/// Whether a network is the whole internet, or so large a part of it that it is nobody's own: the largest that were given
/// to anybody are a /8 of IPv4, and the internet of IPv6 is `2000::/3`.
fn is_everybody(network: &str) -> bool {
    if let Ok(four) = network.parse::<Ipv4Net>() {
        return four.prefix_len() < 8;
    }
    network.parse::<Ipv6Net>().is_ok_and(|six| six.prefix_len() <= 8 && six.addr().segments()[0] & 0xfe00 != 0xfc00)
}
