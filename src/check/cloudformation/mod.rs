//! Rules about CloudFormation templates.

mod ami;
mod arn;
mod bucket;
mod cycle;
mod eks;
mod exports;
mod iam;
mod key_policy;
mod limits;
mod names;
mod network;
mod route;
mod stateful_policy;
mod tags;
mod unresolved_ref;

use super::Check;

pub(super) use stateful_policy::is_stateful;

pub(super) static CHECKS: &[Check] = &[
    Check::tree(&[&unresolved_ref::UNRESOLVED_REF], unresolved_ref::check),
    Check::tree(&[&exports::IMPORT_WITHOUT_EXPORT, &exports::DUPLICATE_EXPORT], exports::check),
    Check::tree(&[&cycle::CYCLE], cycle::check),
    Check::tree(&[&limits::LIMIT, &limits::LOGICAL_ID], limits::check),
    Check::tree(&[&names::NAME_LENGTH, &names::NAME_COLLISION], names::check),
    Check::tree(&[&stateful_policy::STATEFUL_POLICY], stateful_policy::check),
    Check::tree(&[&iam::ACTION, &iam::ADMIN, &iam::PRINCIPAL, &iam::TRUST], iam::check),
    Check::tree(&[&bucket::ENCRYPTION, &bucket::PUBLIC, &bucket::TLS], bucket::check),
    Check::tree(&[&network::SUBNET], network::check),
    Check::tree(&[&route::ROUTE], route::check),
    Check::tree(&[&eks::ENDPOINT, &eks::NODE_GROUP], eks::check),
    Check::tree(&[&ami::AMI], ami::check),
    Check::tree(&[&key_policy::KEY_POLICY], key_policy::check),
    Check::tree(&[&tags::TAGS], tags::check),
    Check::tree(&[&arn::ARN], arn::check),
];
